/**
 * The last seconds in full resolution, as encoded pictures, so that a moment can be kept although it is over.
 *
 * A moment is chosen 1.5 s after its peak, its alternates may lie 1.5 s before it, and word of it travels twice through
 * the network: six seconds hold all of that with three to spare. Bytes are bounded as well; the oldest go first.
 *
 * @typedef {{frame: number, capturedAt: number, picture: Promise<Blob|null>, size: number}} RingFrame `picture` is `null` when
 *   it could not be encoded
 */

export const RING_MS = 6000;
export const RING_BYTES = 60_000_000;
/** A frame's number may come again on another page; its time does not. */
const SAME_MS = 1;

export class MomentRing {
  /** @type {Map<number, RingFrame>} oldest first */ #frames = new Map();
  #bytes = 0;

  /** @param {{milliseconds?: number, bytes?: number}} [limits] */
  constructor({ milliseconds = RING_MS, bytes = RING_BYTES } = {}) {
    this.milliseconds = milliseconds;
    this.limit = bytes;
  }

  /** @returns {number} of the pictures that are held */
  get bytes() {
    return this.#bytes;
  }

  /** @returns {number} */
  get length() {
    return this.#frames.size;
  }

  /** @returns {RingFrame|null} */
  get newest() {
    return [...this.#frames.values()].at(-1) ?? null;
  }

  /**
   * Hold the newest frame.
   *
   * @param {number} frame
   * @param {number} capturedAt milliseconds
   * @param {Promise<Blob|null>} picture
   */
  add(frame, capturedAt, picture) {
    const kept = { frame, capturedAt, picture, size: 0 };
    this.#frames.set(frame, kept);
    for (const [number, { capturedAt: at }] of this.#frames) {
      if (at >= capturedAt - this.milliseconds) break;
      this.#drop(number);
    }
    void picture.then((blob) => this.#weigh(kept, blob));
  }

  /**
   * @param {{frame: number, captured_at: number}} asked
   * @returns {RingFrame|null}
   */
  find({ frame, captured_at: capturedAt }) {
    const kept = this.#frames.get(frame);
    return kept && Math.abs(kept.capturedAt - capturedAt) <= SAME_MS ? kept : null;
  }

  /**
   * The frame nearest to an instant.
   *
   * @param {number} at milliseconds
   * @param {Set<number>} [but] frames that are not meant
   * @returns {RingFrame|null}
   */
  nearest(at, but = new Set()) {
    let best = null;
    for (const kept of this.#frames.values()) {
      if (but.has(kept.frame)) continue;
      if (!best || Math.abs(kept.capturedAt - at) < Math.abs(best.capturedAt - at)) best = kept;
    }
    return best;
  }

  /** Let go of all. */
  clear() {
    this.#frames.clear();
    this.#bytes = 0;
  }

  /**
   * @param {RingFrame} kept
   * @param {Blob|null} blob
   */
  #weigh(kept, blob) {
    if (this.#frames.get(kept.frame) !== kept) return;
    if (!blob) return this.#drop(kept.frame);
    kept.size = blob.size;
    this.#bytes += blob.size;
    for (const number of this.#frames.keys()) {
      if (this.#bytes <= this.limit) break;
      this.#drop(number);
    }
  }

  /** @param {number} number */
  #drop(number) {
    this.#bytes -= this.#frames.get(number)?.size ?? 0;
    this.#frames.delete(number);
  }
}
