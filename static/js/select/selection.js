/**
 * What is selected in a grid: ids, whether their cards are loaded or not.
 *
 * A range reaches from the card that was chosen last (the anchor) to another one, in the order of the grid; while a range
 * is being drawn, what it leaves again is as it was before.
 */
export class Selection {
  /** @type {Set<string>} */ #ids = new Set();
  /** @type {Set<string>} what was selected before the range that is being drawn */ #before = new Set();
  /** @type {string|null} */ #anchor = null;
  #changed;

  /** @param {() => void} changed called after each change */
  constructor(changed) {
    this.#changed = changed;
  }

  get size() {
    return this.#ids.size;
  }

  /** @returns {string[]} */
  get ids() {
    return [...this.#ids];
  }

  /** @param {string} id */
  has(id) {
    return this.#ids.has(id);
  }

  /** Choose one card, or leave it; ranges begin there. @param {string} id */
  toggle(id) {
    if (!this.#ids.delete(id)) this.#ids.add(id);
    this.#anchor = id;
    this.#before = new Set(this.#ids);
    this.#changed();
  }

  /**
   * Choose everything from the anchor to a card; without an anchor that card alone.
   *
   * @param {string} id
   * @param {string[]} order the ids of the grid
   */
  reach(id, order) {
    const from = order.indexOf(this.#anchor ?? id);
    const to = order.indexOf(id);
    if (to < 0) return;
    const [first, last] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
    this.#ids = new Set([...this.#before, ...order.slice(first, last + 1)]);
    this.#anchor = from < 0 ? id : this.#anchor;
    this.#changed();
  }

  /** Choose all of these, or leave them where all are chosen already. @param {string[]} ids */
  toggleAll(ids) {
    const isAll = ids.every((id) => this.#ids.has(id));
    for (const id of ids) {
      if (isAll) this.#ids.delete(id);
      else this.#ids.add(id);
    }
    this.#before = new Set(this.#ids);
    this.#changed();
  }

  /** @param {string[]} ids choose exactly these */
  set(ids) {
    this.#ids = new Set(ids);
    this.#before = new Set(ids);
    this.#changed();
  }

  clear() {
    this.#anchor = null;
    this.set([]);
  }
}
