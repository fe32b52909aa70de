import { cardAfter } from "../gallery/grid_keys.js";
import { isTyping } from "../photo/turner.js";
import { Selection } from "./selection.js";

const LONG_PRESS_MS = 450;

/**
 * Selecting in a grid: by its checks, with Shift, by a long press and dragging, a whole day, and by keyboard.
 *
 * While something is selected a click on a card chooses it instead of opening it.
 */
export class GridSelect {
  #grid;
  #mark;
  #fetchAll;
  #signal;
  /** @type {{id: string, isTouch: boolean}|null} from where a range is being dragged */ #drag = null;
  /** @type {number|undefined} */ #press;
  #wasDragged = false;

  /**
   * @param {HTMLElement} grid
   * @param {{mark: string, signal: AbortSignal, changed: (selection: Selection) => void, fetchAll: () => Promise<[string, string][]>}} options
   *   the attribute by which a card is known; `fetchAll` gives every id of the grid with the key of its heading, also of cards that are not loaded
   */
  constructor(grid, { mark, signal, changed, fetchAll }) {
    this.#grid = grid;
    this.#mark = mark;
    this.#signal = signal;
    this.#fetchAll = fetchAll;
    this.selection = new Selection(() => {
      this.#show();
      changed(this.selection);
    });
    grid.classList.add("is-selectable");
    grid.addEventListener("click", (event) => this.#click(event), { signal, capture: true });
    addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#wireDragging();
    new MutationObserver(() => this.#show()).observe(grid, { childList: true });
  }

  /** @returns {string[]} the ids of the cards that are loaded, in their order */
  get order() {
    return this.#cards().map((card) => this.#idOf(card));
  }

  /** @returns {Promise<void>} */
  async selectAll() {
    this.selection.set((await this.#all()).map(([id]) => id));
  }

  /** Take cards away, and what was selected of them. @param {string[]} ids */
  drop(ids) {
    const gone = new Set(ids);
    for (const card of this.#cards()) if (gone.has(this.#idOf(card))) card.remove();
    for (const heading of this.#grid.querySelectorAll("[data-heading]")) {
      if (!heading.nextElementSibling?.matches(`[${this.#mark}]`)) heading.remove();
    }
    this.selection.clear();
  }

  #cards() {
    return /** @type {HTMLElement[]} */ ([...this.#grid.querySelectorAll(`[${this.#mark}]`)]);
  }

  /** @param {Element} card */
  #idOf(card) {
    return card.getAttribute(this.#mark) ?? "";
  }

  /** @param {EventTarget|null} target @returns {HTMLElement|null} */
  #cardOf(target) {
    return target instanceof Element ? target.closest(`[${this.#mark}]`) : null;
  }

  /** @returns {Promise<[string, string][]>} */
  async #all() {
    return this.#fetchAll().catch(() => this.order.map((id) => /** @type {[string, string]} */ ([id, ""])));
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const target = /** @type {Element} */ (event.target);
    const heading = target.closest("[data-select-day]")?.closest("[data-heading]");
    if (heading) {
      this.#toggleDay(heading.getAttribute("data-heading") ?? "");
      return;
    }
    const card = this.#cardOf(target);
    if (!card) return;
    const isCheck = target.closest("[data-check]") !== null;
    const isOpening = target.closest("a") !== null || target === card;
    if (this.#wasDragged) {
      this.#wasDragged = false;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (!isCheck && !(isOpening && this.selection.size > 0)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.shiftKey) this.selection.reach(this.#idOf(card), this.order);
    else this.selection.toggle(this.#idOf(card));
  }

  /** @param {string} key of a heading; everything under it is chosen, loaded or not */
  async #toggleDay(key) {
    const ids = (await this.#all()).filter(([, of]) => of === key).map(([id]) => id);
    if (!this.#signal.aborted) this.selection.toggleAll(ids);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const isInField = event.target instanceof Element && event.target.matches("input, textarea, select");
    if (isInField || document.querySelector("dialog[open]")) return;
    if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.selectAll();
    } else if (isTyping(event)) {
      return;
    } else if (event.key === "Escape" && this.selection.size) {
      event.preventDefault();
      this.selection.clear();
    } else if (event.key === " ") {
      const card = this.#cardOf(document.activeElement);
      if (!card || document.activeElement?.tagName === "BUTTON") return;
      event.preventDefault();
      this.selection.toggle(this.#idOf(card));
    } else if (event.shiftKey) {
      this.#extend(event);
    }
  }

  /** Reach to the card beside the one that has the focus. @param {KeyboardEvent} event */
  #extend(event) {
    const cards = this.#cards();
    const index = cards.findIndex((card) => card.contains(document.activeElement));
    const next = cardAfter(event.key, index, cards);
    if (index < 0 || next < 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!this.selection.size) this.selection.toggle(this.#idOf(cards[index]));
    this.selection.reach(this.#idOf(cards[next]), this.order);
    cards[next].querySelector("a")?.focus();
    cards[next].scrollIntoView({ block: "nearest" });
  }

  #wireDragging() {
    const signal = this.#signal;
    const grid = this.#grid;
    grid.addEventListener("pointerdown", (event) => this.#pressed(event), { signal });
    grid.addEventListener("pointermove", (event) => !this.#drag?.isTouch && this.#moved(event.clientX, event.clientY), { signal });
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => this.#released(), { signal });
    // Not passive: while a range is dragged by touch the page must not scroll.
    grid.addEventListener("touchmove", (event) => {
      if (!this.#drag?.isTouch) return clearTimeout(this.#press);
      event.preventDefault();
      this.#moved(event.touches[0].clientX, event.touches[0].clientY);
    }, { signal, passive: false });
    addEventListener("touchend", () => this.#released(), { signal });
    grid.addEventListener("contextmenu", (event) => this.#drag?.isTouch && event.preventDefault(), { signal });
    grid.addEventListener("dragstart", (event) => this.#drag && event.preventDefault(), { signal });
  }

  /** @param {PointerEvent} event */
  #pressed(event) {
    const card = this.#cardOf(event.target);
    if (!card || event.button !== 0) return;
    const id = this.#idOf(card);
    this.#wasDragged = false;
    if (event.pointerType === "touch") {
      this.#press = setTimeout(() => {
        this.#drag = { id, isTouch: true };
        this.#wasDragged = true;
        if (!this.selection.has(id)) this.selection.toggle(id);
        navigator.vibrate?.(10);
      }, LONG_PRESS_MS);
    } else if (/** @type {Element} */ (event.target).closest("[data-check]")) {
      this.#drag = { id, isTouch: false };
    }
  }

  /** @param {number} x @param {number} y */
  #moved(x, y) {
    if (!this.#drag) return;
    const card = this.#cardOf(document.elementFromPoint(x, y));
    if (!card || (this.#idOf(card) === this.#drag.id && !this.#wasDragged)) return;
    if (!this.#wasDragged && !this.selection.has(this.#drag.id)) this.selection.toggle(this.#drag.id);
    this.#wasDragged = true;
    this.selection.reach(this.#idOf(card), this.order);
  }

  #released() {
    clearTimeout(this.#press);
    this.#drag = null;
  }

  #show() {
    this.#grid.classList.toggle("is-selecting", this.selection.size > 0);
    for (const card of this.#cards()) {
      const isSelected = this.selection.has(this.#idOf(card));
      card.classList.toggle("is-selected", isSelected);
      card.querySelector("[data-check]")?.setAttribute("aria-checked", String(isSelected));
    }
  }
}
