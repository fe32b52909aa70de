const PAUSE_MS = 400;

/**
 * Brings cards up to date that the server says have changed.
 *
 * Many events in a short time cost one request. Cards stay where they are; only what the server renders differently is
 * exchanged, so nothing flickers. A new card follows the one that the server puts before it.
 */
export class CardRefresher {
  #grid;
  #fetchCards;
  #mark;
  /** What the server last rendered for a card; a shown card also carries the mark of being new. */
  /** @type {Map<string, string>} */ #rendered = new Map();
  /** @type {number|undefined} */ #timer;

  /**
   * @param {HTMLElement} grid
   * @param {() => Promise<ParentNode>} fetchCards the first page of this grid, as it is now
   * @param {AbortSignal} signal
   * @param {{mark: string}} [kind] the attribute by which a card is known
   */
  constructor(grid, fetchCards, signal, { mark } = { mark: "data-photo" }) {
    this.#grid = grid;
    this.#mark = mark;
    this.#fetchCards = fetchCards;
    signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  /** Ask for fresh cards soon. */
  refreshSoon() {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.refresh();
    }, PAUSE_MS);
  }

  /** @returns {Promise<number>} how many cards changed */
  async refresh() {
    const fresh = await this.#fetchCards().catch(() => null);
    const cards = [...(fresh?.querySelectorAll(`[${this.#mark}]`) ?? [])];
    let changed = 0;
    /** @type {Element|null} */
    let before = null;
    for (const card of cards.slice(0, this.#reach(cards))) {
      const old = this.#shown(card);
      if (this.#take(card, old, before)) changed += 1;
      before = this.#shown(card);
    }
    return changed;
  }

  /** Take cards away that the grid no longer shows. @param {string[]} ids */
  drop(ids) {
    for (const id of ids) {
      this.#rendered.delete(id);
      this.#grid.querySelector(`[${this.#mark}="${id}"]`)?.remove();
    }
  }

  /**
   * How many of the fresh cards concern the part of the grid that is shown.
   *
   * When cards were taken away, the first page reaches further back than the grid; the link to the next page brings
   * those beyond the last shown card, in their place.
   *
   * @param {Element[]} cards
   */
  #reach(cards) {
    const last = cards.findLastIndex((card) => this.#shown(card));
    return last >= 0 && this.#grid.querySelector("[data-more]") ? last + 1 : cards.length;
  }

  /**
   * @param {Element} card
   * @param {Element|null} before
   * @param {Element|null} heading that it begins, where it is the first of its day
   */
  #insert(card, before, heading) {
    const first = this.#grid.firstElementChild;
    const isFirstDay = first?.matches("[data-heading]") && first.getAttribute("data-heading") === heading?.getAttribute("data-heading");
    if (!before && isFirstDay) return first?.after(card);
    const added = heading && !isFirstDay ? [heading, card] : [card];
    if (before) before.after(...added);
    else this.#grid.prepend(...added);
  }

  /** @param {Element} card @returns {Element|null} the card of this id in the grid */
  #shown(card) {
    return this.#grid.querySelector(`[${this.#mark}="${card.getAttribute(this.#mark)}"]`);
  }

  /**
   * @param {Element} card
   * @param {Element|null} old the one that stands there
   * @param {Element|null} before the one it follows; `null` for the first
   * @returns {boolean} whether it differs from the old one
   */
  #take(card, old, before) {
    const heading = card.previousElementSibling?.matches("[data-heading]") ? card.previousElementSibling : null;
    const id = card.getAttribute(this.#mark) ?? "";
    const html = card.outerHTML;
    if (old && html === (this.#rendered.get(id) ?? old.outerHTML)) return false;
    this.#rendered.set(id, html);
    card.classList.add("is-new");
    if (old) old.replaceWith(card);
    else this.#insert(card, before, heading);
    return true;
  }
}
