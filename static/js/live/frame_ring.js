/**
 * The last frames that were sent, so that boxes are drawn on exactly the frame they belong to.
 *
 * Pictures of a camera are large and the browser frees them late by itself; the ring closes each one that it lets go.
 *
 * @typedef {{frame: number, capturedAt: number, picture: ImageBitmap}} KeptFrame
 */
export class FrameRing {
  /** @type {Map<number, KeptFrame>} */ #frames = new Map();

  /** @param {number} [size] how many frames are kept */
  constructor(size = 8) {
    this.size = size;
  }

  /** @returns {number} how many frames there are */
  get length() {
    return this.#frames.size;
  }

  /** @param {KeptFrame} kept the newest frame */
  add(kept) {
    this.#frames.set(kept.frame, kept);
    for (const [frame, old] of this.#frames) {
      if (this.#frames.size <= this.size) break;
      old.picture.close();
      this.#frames.delete(frame);
    }
  }

  /**
   * Take a frame out, and let go of everything older: it will not be shown any more.
   *
   * @param {number} frame
   * @returns {KeptFrame|null} the caller closes its picture
   */
  take(frame) {
    const wanted = this.#frames.get(frame) ?? null;
    this.#frames.delete(frame);
    if (wanted) this.#forget((number) => number < frame);
    return wanted;
  }

  /** Let go of one frame, which will not be shown. @param {number} frame */
  drop(frame) {
    this.#forget((number) => number === frame);
  }

  /** Let go of all. */
  clear() {
    this.#forget(() => true);
  }

  /** @param {(frame: number) => boolean} isMeant */
  #forget(isMeant) {
    for (const [frame, kept] of this.#frames) {
      if (!isMeant(frame)) continue;
      kept.picture.close();
      this.#frames.delete(frame);
    }
  }
}
