import { isTyping } from "../photo/turner.js";

/**
 * Which card an arrow key leads to. Up and down lead to the card of the next row that is nearest, as rows need not hold
 * equally many.
 *
 * @param {string} key
 * @param {number} index of the card that has the focus; -1 for none
 * @param {{offsetTop: number, offsetLeft: number, offsetWidth: number}[]} cards
 * @returns {number} index of the card; the same one at an edge, -1 for another key or no card
 */
export function cardAfter(key, index, cards) {
  const beside = new Map([["ArrowLeft", -1], ["ArrowRight", 1]]).get(key);
  const way = new Map([["ArrowUp", -1], ["ArrowDown", 1]]).get(key);
  if ((beside === undefined && way === undefined) || cards.length === 0) return -1;
  if (index < 0) return 0;
  if (beside !== undefined) return Math.min(Math.max(index + beside, 0), cards.length - 1);
  return nearestInRow(index, way ?? 0, cards);
}

/**
 * @param {number} index
 * @param {number} way 1 for the row below, -1 for the one above
 * @param {{offsetTop: number, offsetLeft: number, offsetWidth: number}[]} cards
 */
function nearestInRow(index, way, cards) {
  const middle = (/** @type {number} */ at) => cards[at].offsetLeft + cards[at].offsetWidth / 2;
  let place = index;
  while (cards[place]?.offsetTop === cards[index].offsetTop) place += way;
  if (!cards[place]) return index;
  const top = cards[place].offsetTop;
  let nearest = place;
  for (; cards[place]?.offsetTop === top; place += way) {
    if (Math.abs(middle(place) - middle(index)) < Math.abs(middle(nearest) - middle(index))) nearest = place;
  }
  return nearest;
}

/** Walks the grid with the arrow keys; on moments L likes and D discards the card that has the focus. */
export class GridKeys {
  #grid;
  #mark;

  /**
   * @param {HTMLElement} grid
   * @param {AbortSignal} signal
   * @param {string} mark the attribute by which a card is known
   */
  constructor(grid, signal, mark) {
    this.#grid = grid;
    this.#mark = mark;
    addEventListener("keydown", (event) => this.#key(event), { signal });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isTyping(event) || event.shiftKey || event.ctrlKey || event.metaKey) return;
    const cards = /** @type {HTMLElement[]} */ ([...this.#grid.querySelectorAll(`[${this.#mark}]:not(.is-leaving)`)]);
    const index = cards.findIndex((card) => card.contains(document.activeElement));
    const way = new Map([["l", "like"], ["d", "discard"]]).get(event.key.toLowerCase());
    if (way) {
      /** @type {HTMLElement|null} */ (cards[index]?.querySelector(`[data-judge="${way}"]`))?.click();
      return;
    }
    const next = cardAfter(event.key, index, cards);
    if (next < 0) return;
    event.preventDefault();
    cards[next].querySelector("a")?.focus();
    cards[next].scrollIntoView({ block: "nearest" });
  }
}
