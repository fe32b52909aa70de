/** Turns pictures into JPEG off the main thread; where the browser has no way to do so, on it. */
export class FrameEncoder {
  /** @type {Worker|null} */ #worker = null;
  /** @type {Map<number, {resolve: (bytes: ArrayBuffer) => void, reject: (error: Error) => void}>} */ #waiting = new Map();
  #next = 0;

  /**
   * @param {string} workerUrl address of encoder_worker.js
   * @param {(url: string) => Worker} [start]
   */
  constructor(workerUrl, start = (url) => new Worker(url, { type: "module" })) {
    if (typeof OffscreenCanvas === "undefined" || typeof Worker === "undefined") return;
    this.#worker = start(workerUrl);
    this.#worker.addEventListener("message", ({ data }) => this.#answer(data));
    this.#worker.addEventListener("error", () => this.#giveUp());
  }

  /**
   * @param {import("./frame_keeper.js").Picture} picture closed when it is encoded
   * @param {{width: number, height: number, quality: number}} options size of the encoded picture
   * @returns {Promise<ArrayBuffer>}
   */
  encode(picture, { width, height, quality }) {
    if (!this.#worker) return encodeHere(picture, { width, height, quality });
    this.#next += 1;
    const id = this.#next;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker?.postMessage({ id, picture, width, height, quality }, [picture]);
    });
  }

  /** End the worker. */
  close() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#rejectAll(new Error("the encoder was closed"));
  }

  /** @param {{id: number, bytes?: ArrayBuffer, error?: string}} answer */
  #answer({ id, bytes, error }) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (bytes) waiting?.resolve(bytes);
    else waiting?.reject(new Error(error));
  }

  /** The worker broke: go on without it. */
  #giveUp() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#rejectAll(new Error("the encoder broke"));
  }

  /** @param {Error} reason */
  #rejectAll(reason) {
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}

/**
 * @param {import("./frame_keeper.js").Picture} picture
 * @param {{width: number, height: number, quality: number}} options
 * @returns {Promise<ArrayBuffer>}
 */
async function encodeHere(picture, { width, height, quality }) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.drawImage(picture, 0, 0, width, height);
  picture.close();
  const blob = await /** @type {Promise<Blob|null>} */ (new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality)));
  if (!blob) throw new Error("this browser cannot encode the picture");
  return blob.arrayBuffer();
}
