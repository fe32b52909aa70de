/** A picture that was let go may just be being decoded by one who turned on quickly. */
const GRACE_MS = 5000;

/**
 * Pictures held ready, as blobs.
 *
 * Private pictures must not be kept by the browser's cache, so those that will be wanted next are held here, and no others.
 */
export class Pictures {
  #fetch;
  /** @type {Map<string, Promise<string>>} address to `blob:` address */ #held = new Map();

  /** @param {(address: string) => Promise<Response>} [fetchPicture] */
  constructor(fetchPicture = (address) => fetch(address)) {
    this.#fetch = fetchPicture;
  }

  /**
   * @param {string} address
   * @returns {Promise<string>} a `blob:` address; rejects where the picture cannot be had, and the next call tries again
   */
  get(address) {
    let held = this.#held.get(address);
    if (!held) {
      held = this.#load(address);
      held.catch(() => this.#held.delete(address));
      this.#held.set(address, held);
    }
    return held;
  }

  /** Hold exactly these pictures, and let go of all others. @param {string[]} addresses */
  keep(addresses) {
    for (const [address, held] of this.#held) {
      if (addresses.includes(address)) continue;
      this.#held.delete(address);
      held.then((blob) => setTimeout(() => URL.revokeObjectURL(blob), GRACE_MS)).catch(() => undefined);
    }
    for (const address of addresses) this.get(address).catch(() => undefined);
  }

  /** @param {string} address */
  async #load(address) {
    const response = await this.#fetch(address);
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    return URL.createObjectURL(await response.blob());
  }
}
