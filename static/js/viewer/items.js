import { fetchPage } from "../lib/fetch_page.js";
import { takeOut } from "../moments/place.js";

/**
 * @typedef {object} Item one picture of a walk
 * @property {"photo"|"moment"} kind
 * @property {string} id of the photo or the moment
 * @property {string} photo whose picture is shown
 * @property {number} width pixels of the photo; 0 while nobody knows
 * @property {number} height
 * @property {string} title
 * @property {string} href of its page
 *
 * @typedef {object} Walk pictures in an order, some of them perhaps not known yet
 * @property {() => Item[]} items
 * @property {(item: Item) => Promise<unknown>} extend asks for more around one near the end
 * @property {(item: Item) => () => void} drop takes one away; the answer puts it back
 * @property {(item: Item|null) => void} leave shows where the user was when they stop looking; `null` when nothing is left
 */

const THUMB = /\/photos\/([0-9a-f-]{36})\/media\/thumb\//;
const KINDS = /** @type {const} */ ([["data-moment", "moment"], ["data-photo", "photo"]]);

/**
 * @param {Element} card
 * @returns {Item|null} `null` for a card without a picture
 */
export function itemOf(card) {
  const image = card.querySelector(".tile-picture img");
  const link = card.querySelector("a.tile-title");
  const photo = THUMB.exec(image?.getAttribute("src") ?? "")?.[1];
  const [mark, kind] = KINDS.find(([name]) => card.getAttribute(name) !== null) ?? KINDS[1];
  if (!photo) return null;
  return {
    kind,
    id: card.getAttribute(mark) ?? "",
    photo,
    width: Number(image?.getAttribute("width")) || 0,
    height: Number(image?.getAttribute("height")) || 0,
    title: link?.textContent?.trim() ?? "",
    href: link?.getAttribute("href") ?? "",
  };
}

/** The cards of a grid, in their order. @implements {Walk} */
export class GridWalk {
  #grid;
  #more;

  /**
   * @param {HTMLElement} grid
   * @param {() => Promise<unknown>} [more] loads the next page of cards
   */
  constructor(grid, more = async () => undefined) {
    this.#grid = grid;
    this.#more = more;
  }

  items() {
    const cards = [...this.#grid.querySelectorAll("[data-moment]:not(.is-leaving), [data-photo]:not(.is-leaving)")];
    return /** @type {Item[]} */ (cards.map(itemOf).filter((item) => item !== null));
  }

  extend() {
    return this.#more();
  }

  /** @param {Item} item */
  drop(item) {
    const card = this.#card(item);
    return card ? takeOut(card, `data-${item.kind}`) : () => undefined;
  }

  /** @param {Item|null} item */
  leave(item) {
    const link = item && /** @type {HTMLElement|null|undefined} */ (this.#card(item)?.querySelector("a"));
    link?.scrollIntoView({ block: "center" });
    link?.focus({ preventScroll: true });
  }

  /** @param {Item} item @returns {HTMLElement|null} */
  #card(item) {
    return this.#grid.querySelector(`[data-${item.kind}="${item.id}"]`);
  }
}

/** The photos beside the one whose page is open, in the order of the grid it was opened from. @implements {Walk} */
export class PageWalk {
  /** @type {Item[]} */ #items;
  /** @type {Set<string>} photos around which was asked already */ #asked = new Set();
  #query;
  #leave;

  /**
   * @param {Item} first
   * @param {string} query of the page's address, which says which grid is meant
   * @param {(item: Item|null) => void} leave
   */
  constructor(first, query, leave) {
    this.#items = [first];
    this.#query = query;
    this.#leave = leave;
  }

  items() {
    return this.#items;
  }

  /** @param {Item} item */
  async extend(item) {
    if (this.#asked.has(item.id)) return;
    this.#asked.add(item.id);
    const response = await fetchPage(`/photos/${item.id}/around/${this.#query}`);
    if (!response.ok) return;
    /** @type {Item[]} */
    const around = (await response.json()).photos;
    const ids = around.map(({ id }) => id);
    const isKnown = new Set(this.#items.map(({ id }) => id));
    const place = ids.indexOf(item.id);
    const fresh = (/** @type {Item[]} */ some) => some.filter(({ id }) => !isKnown.has(id));
    this.#items = [...fresh(around.slice(0, place)), ...this.#items, ...fresh(around.slice(place + 1))];
  }

  /** @param {Item} item */
  drop(item) {
    const place = this.#items.findIndex(({ id }) => id === item.id);
    this.#items = this.#items.filter(({ id }) => id !== item.id);
    return () => {
      this.#items = [...this.#items.slice(0, place), item, ...this.#items.slice(place)];
    };
  }

  /** @param {Item|null} item */
  leave(item) {
    this.#leave(item);
  }
}
