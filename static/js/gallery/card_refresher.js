const PAUSE_MS = 400;

/**
 * Brings cards up to date that the server says have changed.
 *
 * Many events in a short time cost one request. Cards stay where they are; only what the server renders differently is
 * exchanged, so nothing flickers.
 */
export class CardRefresher {
  #grid;
  #fetchCards;
  #mark;
  /** What the server last rendered for a card; a shown card also carries the mark of being new. */
  /** @type {Map<string, string>} */ #rendered = new Map();
  /** @type {any} */ #timer = null;

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
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.refresh();
    }, PAUSE_MS);
  }

  /** @returns {Promise<number>} how many cards changed */
  async refresh() {
    const fresh = await this.#fetchCards().catch(() => null);
    const cards = [...(fresh?.querySelectorAll(`[${this.#mark}]`) ?? [])].reverse();
    return cards.filter((card) => this.#take(card)).length;
  }

  /** Take cards away that the grid no longer shows. @param {string[]} ids */
  drop(ids) {
    for (const id of ids) {
      this.#rendered.delete(id);
      this.#grid.querySelector(`[${this.#mark}="${id}"]`)?.remove();
    }
  }

  /**
   * @param {Element} card
   * @returns {boolean} whether it differs from the one that stood there
   */
  #take(card) {
    const id = card.getAttribute(this.#mark) ?? "";
    const old = this.#grid.querySelector(`[${this.#mark}="${id}"]`);
    const html = card.outerHTML;
    if (old && html === (this.#rendered.get(id) ?? old.outerHTML)) return false;
    this.#rendered.set(id, html);
    card.classList.add("is-new");
    if (old) old.replaceWith(card);
    else this.#grid.prepend(card);
    return true;
  }
}
