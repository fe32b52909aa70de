/**
 * When the next frame may be sent, so that frames that are on the way are evenly apart.
 *
 * With two frames unanswered and a slow line, credits come back in pairs: two frames at once and then nothing for the
 * whole way there and back. Spread evenly they see twice as much of what happens.
 */

/** Of an even distance: a line that gets quicker is noticed, and no credit lies idle. */
const SHARE = 0.95;
/** Of the newest round trip in their running mean. */
const WEIGHT = 0.3;

export class Pace {
  /** @type {Map<number, number>} */ #sent = new Map();
  #last = -Infinity;
  #roundTrip = 0;

  /**
   * @param {number} now milliseconds
   * @param {number} credits frames that may be unanswered
   * @returns {boolean} whether the next frame is far enough from the one before
   */
  isDue(now, credits) {
    return now - this.#last >= (SHARE * this.#roundTrip) / credits;
  }

  /**
   * @param {number} frame
   * @param {number} now
   */
  sent(frame, now) {
    this.#sent.set(frame, now);
    this.#last = now;
  }

  /**
   * @param {number} frame
   * @param {number} now
   */
  answered(frame, now) {
    const began = this.#sent.get(frame);
    if (began === undefined) return;
    this.#sent.delete(frame);
    const before = this.#roundTrip || now - began;
    this.#roundTrip = before + WEIGHT * (now - began - before);
  }

  /** Nothing of before will be answered. */
  clear() {
    this.#sent.clear();
  }
}
