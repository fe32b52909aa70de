/**
 * Fills the ring: has each picture of the video encoded in full size, beside the page.
 *
 * It has a worker of its own, so the frames that are sent never wait for it. When that worker falls behind, frames
 * between those that are sent are left out first. The quality follows the bytes: three seconds take 30 MB at most.
 */

const BYTES_PER_SECOND = 10_000_000;
const BEST_QUALITY = 0.92;
const LEAST_QUALITY = 0.7;
const MOST_WAITING = { sent: 4, between: 2 };

/**
 * @typedef {VideoFrame|ImageBitmap} Picture a whole picture of the video; who encodes it closes it
 * @typedef {{encode: (picture: Picture, options: {width: number, height: number, quality: number}) => Promise<ArrayBuffer>}} Encoder
 */

export class FrameKeeper {
  #waiting = 0;
  #last = NaN;
  quality = BEST_QUALITY;
  left = 0;

  /**
   * @param {import("./moment_ring.js").MomentRing} ring
   * @param {Encoder} encoder
   * @param {(video: HTMLVideoElement) => Promise<Picture>} [grab]
   */
  constructor(ring, encoder, grab = grabWhole) {
    this.ring = ring;
    this.encoder = encoder;
    this.grab = grab;
  }

  /**
   * Whether another picture can be kept; counts those that cannot.
   *
   * @param {boolean} isSent whether it is sent as well; only such a one can be chosen
   * @returns {boolean}
   */
  hasRoom(isSent) {
    const hasRoom = this.#waiting < (isSent ? MOST_WAITING.sent : MOST_WAITING.between);
    if (!hasRoom) this.left += 1;
    return hasRoom;
  }

  /**
   * Keep a picture.
   *
   * @param {number} frame
   * @param {number} capturedAt milliseconds
   * @param {{width: number, height: number}} size
   * @param {Promise<Picture>} picture what `grab` gave; closed when it is encoded
   */
  keep(frame, capturedAt, size, picture) {
    this.#waiting += 1;
    this.ring.add(frame, capturedAt, this.#encode(picture, size, capturedAt));
  }

  /**
   * @param {Promise<Picture>} grabbed
   * @param {{width: number, height: number}} size
   * @param {number} capturedAt
   * @returns {Promise<Blob|null>}
   */
  async #encode(grabbed, size, capturedAt) {
    try {
      const bytes = await this.encoder.encode(await grabbed, { ...size, quality: this.quality });
      this.#judge(bytes.byteLength, capturedAt);
      return new Blob([bytes], { type: "image/jpeg" });
    } catch (error) {
      console.info("a full picture could not be kept", error);
      return null;
    } finally {
      this.#waiting -= 1;
    }
  }

  /**
   * Lower the quality as soon as the pictures are too many bytes per second; raise it slowly.
   *
   * @param {number} bytes
   * @param {number} capturedAt
   */
  #judge(bytes, capturedAt) {
    const seconds = Math.max(0.03, (capturedAt - this.#last) / 1000);
    this.#last = capturedAt;
    if (Number.isNaN(seconds)) return;
    const step = bytes / seconds > BYTES_PER_SECOND ? -0.04 : 0.005;
    this.quality = Math.min(BEST_QUALITY, Math.max(LEAST_QUALITY, this.quality + step));
  }
}

/**
 * Take the present picture whole; without a copy where the browser can.
 *
 * @param {HTMLVideoElement} video
 * @returns {Promise<Picture>}
 */
function grabWhole(video) {
  if (!("VideoFrame" in globalThis)) return createImageBitmap(video);
  try {
    return Promise.resolve(new VideoFrame(video));
  } catch {
    return createImageBitmap(video);
  }
}
