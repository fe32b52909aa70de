/** Rates and delays of the last moments, for the figures on the screen. */

/** How often something happened per second, over the last seconds. */
export class RateMeter {
  /** @type {number[]} */ #times = [];

  /** @param {number} [windowMs] */
  constructor(windowMs = 3000) {
    this.windowMs = windowMs;
  }

  /** @param {number} now milliseconds */
  note(now) {
    this.#times.push(now);
  }

  /**
   * @param {number} now milliseconds
   * @returns {number} per second
   */
  perSecond(now) {
    this.#times = this.#times.filter((at) => at > now - this.windowMs);
    if (this.#times.length < 2) return 0;
    // Of n times only n - 1 distances are known.
    return (1000 * (this.#times.length - 1)) / Math.max(now - this.#times[0], 1);
  }
}

/** The last values of something, and what share of them was below which value. */
export class LastValues {
  /** @type {number[]} */ #values = [];

  /** @param {number} [count] how many are kept */
  constructor(count = 60) {
    this.count = count;
  }

  /** @param {number} value */
  note(value) {
    this.#values.push(value);
    if (this.#values.length > this.count) this.#values.shift();
  }

  /** Forget everything. */
  clear() {
    this.#values = [];
  }

  /** @returns {number} how many values there are */
  get length() {
    return this.#values.length;
  }

  /**
   * @param {number} share 0 to 1
   * @returns {number} `NaN` when there are none
   */
  quantile(share) {
    const sorted = [...this.#values].sort((one, other) => one - other);
    return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] : Number.NaN;
  }
}
