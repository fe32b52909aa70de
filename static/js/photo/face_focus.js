/** What the focus can be on; the first of a face's controls that is left stands in for one that is gone. */
const OF_FACE = ["[data-name-face]", "[data-unname-face]", "[data-name-as]", "summary", "a"];
const OF_PAGE = ["[data-boxes]", "[data-compare-switch]", 'a[rel="prev"]', 'a[rel="next"]', "[data-opens]"];

/**
 * @typedef {{control: string, face: string, place: number, isBox: boolean}} Held what had the focus: a control of a face,
 *   in its row or as the box on the picture; with `face` empty a control of the page. `place` counts from 0
 */

/**
 * Keeps the focus where it was when the server's new rendering takes the place of the old.
 *
 * A browser drops the focus of an element that is replaced, and a keyboard user would begin from the top of the page
 * after each name.
 */
export class FaceFocus {
  #main;
  /** @type {Held|null} */ #held = null;

  /**
   * @param {HTMLElement} main
   * @param {AbortSignal} signal
   */
  constructor(main, signal) {
    this.#main = main;
    main.addEventListener("focusin", (event) => this.#remember(event), { signal });
    main.querySelector("#name-dialog")?.addEventListener("close", () => this.#giveBack(), { signal });
  }

  /**
   * Replace parts of the page, and give the focus to what came in place of what had it.
   *
   * @param {() => void} replace
   */
  keep(replace) {
    const holder = document.activeElement;
    replace();
    if (holder && !holder.isConnected) this.#giveBack();
  }

  /** @param {Event} event */
  #remember(event) {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("dialog")) return;
    const owner = /** @type {HTMLElement|null} */ (target.closest("li[data-face], [data-box-of]"));
    const control = controlOf(target, owner ? OF_FACE : OF_PAGE);
    const face = owner?.dataset.face ?? owner?.dataset.boxOf ?? "";
    const isBox = owner?.dataset.boxOf !== undefined;
    const place = this.#rows(isBox).findIndex((row) => row === owner);
    this.#held = owner || control ? { control, face, place, isBox } : null;
  }

  /** Focus the successor of what had the focus last, unless the focus is somewhere by now. */
  #giveBack() {
    const holder = document.activeElement;
    const isElsewhere = holder && holder !== document.body && holder.closest("dialog")?.open !== false;
    if (!isElsewhere) this.#successor()?.focus({ preventScroll: true });
  }

  /** @returns {HTMLElement|null} */
  #successor() {
    if (!this.#held) return null;
    const { control, face, isBox, place } = this.#held;
    if (!face) return this.#main.querySelector(control);
    const rows = this.#rows(isBox);
    // Faces that were searched for anew have other ids; the one in the same place is meant then.
    const row = rows.find((one) => (one.dataset.face ?? one.dataset.boxOf) === face) ?? rows[Math.min(place, rows.length - 1)];
    if (!row || isBox) return row ?? null;
    const controls = [control || OF_FACE[0], ...OF_FACE].map((selector) => row.querySelector(selector));
    return /** @type {HTMLElement|null} */ (controls.find((found) => found !== null) ?? null);
  }

  /** @param {boolean} isBox @returns {HTMLElement[]} */
  #rows(isBox) {
    return [...this.#main.querySelectorAll(isBox ? "[data-box-of]" : "li[data-face]")].map((row) => /** @type {HTMLElement} */ (row));
  }
}

/**
 * By which selector a control is found again; a guess at a name by that name, as another one would name somebody else.
 *
 * @param {Element} target
 * @param {string[]} selectors
 * @returns {string} empty when none of the selectors fits
 */
function controlOf(target, selectors) {
  const guess = target.getAttribute("data-name-as");
  if (guess !== null) return `[data-name-as="${CSS.escape(guess)}"]`;
  return selectors.find((selector) => target.matches(selector)) ?? "";
}
