import { isTyping } from "../photo/turner.js";

/**
 * Which card an arrow key leads to.
 *
 * @param {string} key
 * @param {number} index of the card that has the focus; -1 for none
 * @param {number} count of the cards
 * @param {number} across how many stand in a row
 * @returns {number} index of the card; the same one at an edge, -1 for another key or no card
 */
export function cardAfter(key, index, count, across) {
  const steps = new Map([["ArrowLeft", -1], ["ArrowRight", 1], ["ArrowUp", -across], ["ArrowDown", across]]);
  const step = steps.get(key);
  if (step === undefined || count === 0) return -1;
  if (index < 0) return 0;
  const wanted = index + step;
  return wanted < 0 || wanted >= count ? index : wanted;
}

/** Walks the grid with the arrow keys; L likes and D discards the card that has the focus. */
export class GridKeys {
  #grid;

  /**
   * @param {HTMLElement} grid
   * @param {AbortSignal} signal
   */
  constructor(grid, signal) {
    this.#grid = grid;
    addEventListener("keydown", (event) => this.#key(event), { signal });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isTyping(event)) return;
    const cards = /** @type {HTMLElement[]} */ ([...this.#grid.querySelectorAll("[data-moment]:not(.is-leaving)")]);
    const index = cards.findIndex((card) => card.contains(document.activeElement));
    const way = new Map([["l", "like"], ["d", "discard"]]).get(event.key.toLowerCase());
    if (way) {
      /** @type {HTMLElement|null} */ (cards[index]?.querySelector(`[data-judge="${way}"]`))?.click();
      return;
    }
    const next = cardAfter(event.key, index, cards.length, across(cards));
    if (next < 0) return;
    event.preventDefault();
    cards[next].querySelector("a")?.focus();
    cards[next].scrollIntoView({ block: "nearest" });
  }
}

/** @param {HTMLElement[]} cards */
function across(cards) {
  const row = cards.findIndex((card) => card.offsetTop !== cards[0].offsetTop);
  return row < 0 ? cards.length : row;
}
