/**
 * Sends camera frames, at most two unanswered.
 *
 * Without a free credit a frame is not even encoded: a slow server lowers the frame rate instead of building a queue.
 * Every frame is answered exactly once (result, dropped or a problem), and so is its credit.
 */

import { pack } from "../lib/live_wire.js";
import { Pace } from "./pace.js";

const LARGEST_UNSENT_BYTES = 300_000;
/** The network itself holds a queue; above this the next frame waits until it has shrunk. */

/**
 * @typedef {object} SenderParts
 * @property {{isOpen: boolean, waitingBytes: number, send: (message: string|Uint8Array<ArrayBuffer>) => boolean}} socket
 * @property {{encode: (picture: ImageBitmap, options: {width: number, height: number, quality: number}) => Promise<ArrayBuffer>}} encoder
 * @property {import("./frame_ring.js").FrameRing} ring
 * @property {{step: {width: number, quality: number}}} quality
 * @property {(picture: ImageBitmap) => Promise<ImageBitmap>} [copy]
 * @property {() => number} [now] milliseconds
 */

export class FrameSender {
  /** @type {Map<number, number>} when each left, oldest first; `Infinity` while it is being prepared */ #unanswered = new Map();
  #lastAnswer = -Infinity;
  #next = 1;
  #isPreparing = false;
  #isEnding = false;
  #pace = new Pace();

  /** @param {SenderParts} parts */
  constructor({ socket, encoder, ring, quality, copy, now = () => performance.now() }) {
    this.socket = socket;
    this.encoder = encoder;
    this.ring = ring;
    this.quality = quality;
    this.copy = copy ?? ((picture) => createImageBitmap(picture));
    this.now = now;
    this.credits = 2;
    this.skipped = 0;
  }

  /** @returns {number} frames that are not answered yet */
  get inFlight() {
    return this.#unanswered.size;
  }

  /** @returns {number} milliseconds without any answer although frames wait for one; not positive when none waits */
  get waitedMs() {
    const [oldest = Infinity] = this.#unanswered.values();
    return this.now() - Math.max(oldest, this.#lastAnswer);
  }

  /** @returns {boolean} whether a frame would be sent now */
  get isReady() {
    const hasRoom = this.inFlight < this.credits && this.socket.waitingBytes < LARGEST_UNSENT_BYTES;
    return this.socket.isOpen && !this.#isPreparing && hasRoom && this.#pace.isDue(this.now(), this.credits);
  }

  /** @returns {number} for the next picture, whether it is sent or only kept */
  number() {
    this.#next += 1;
    return this.#next - 1;
  }

  /**
   * Send the present picture, if there is a credit.
   *
   * @param {() => Promise<ImageBitmap>} grab takes the picture; called only when it will be used
   * @param {number} capturedAt milliseconds
   * @param {number} [frame] its number
   * @returns {Promise<boolean>} whether it was sent
   */
  async offer(grab, capturedAt, frame = this.number()) {
    if (!this.isReady) {
      this.skipped += 1;
      return false;
    }
    this.#isPreparing = true;
    this.#unanswered.set(frame, Infinity);
    this.#pace.sent(frame, this.now());
    try {
      const picture = await grab();
      const { width, height } = picture;
      const copy = await this.copy(picture);
      this.ring.add({ frame, capturedAt, picture });
      const bytes = await this.encoder.encode(copy, { ...sentSize(width, height, this.quality.step.width), quality: this.quality.step.quality });
      if (this.#unanswered.has(frame) && this.socket.send(pack({ frame, captured_at: capturedAt }, bytes))) {
        this.#unanswered.set(frame, this.now());
        return true;
      }
    } catch (error) {
      console.info("a frame could not be prepared", error);
    } finally {
      this.#isPreparing = false;
      if (this.#isEnding) this.end();
    }
    this.answer(frame);
    this.ring.drop(frame);
    return false;
  }

  /** Say that no frame will follow, once the one that is being prepared has left. */
  end() {
    this.#isEnding = this.#isPreparing;
    if (!this.#isEnding) this.socket.send(JSON.stringify({ type: "over" }));
  }

  /** Give a credit back. @param {number|null} frame */
  answer(frame) {
    if (frame === null) return;
    if (this.#unanswered.delete(frame)) this.#lastAnswer = this.now();
    this.#pace.answered(frame, this.now());
  }

  /** After a reconnection nothing of before will be answered. */
  reset() {
    this.#unanswered.clear();
    this.#pace.clear();
    this.ring.clear();
  }
}

/**
 * The size in which a picture is sent: never enlarged, even numbers.
 *
 * @param {number} width
 * @param {number} height
 * @param {number} widest longest side in pixels
 */
export function sentSize(width, height, widest) {
  const scale = Math.min(1, widest / Math.max(width, height));
  const even = (/** @type {number} */ side) => Math.max(2, 2 * Math.floor((side * scale + 0.001) / 2));
  return { width: even(width), height: even(height) };
}
