/**
 * The before-and-after slider over the picture.
 *
 * The portrait is fetched only when it is asked for, and shown once it is decoded, so switching never flashes.
 */
export class Compare {
  #frame;
  #panel;
  #range;
  #portrait;
  #isOn = false;

  /**
   * @param {HTMLElement} root `[data-picture]`
   * @param {import("./frame.js").PictureFrame} frame
   */
  constructor(root, frame) {
    this.#frame = frame;
    this.#panel = /** @type {HTMLElement} */ (root.querySelector("[data-compare]"));
    this.#portrait = /** @type {HTMLImageElement|null} */ (root.querySelector("[data-portrait]"));
    this.#range = /** @type {HTMLInputElement} */ (this.#panel.querySelector("input"));
    this.#range.addEventListener("input", () => frame.splitAt(Number(this.#range.value)));
  }

  /** @returns {boolean} */
  get isOn() {
    return this.#isOn;
  }

  /** @param {boolean} isOn */
  async show(isOn) {
    this.#isOn = isOn && this.#portrait !== null;
    if (this.#isOn && this.#portrait) await this.#load(this.#portrait.dataset.source ?? "");
    this.#panel.hidden = !this.#isOn;
    if (this.#portrait) this.#portrait.hidden = !this.#isOn;
    this.#frame.splitAt(Number(this.#range.value));
  }

  /**
   * Show another rendering without leaving the slider.
   *
   * @param {string} source
   */
  async replace(source) {
    if (!this.#portrait) return;
    this.#portrait.dataset.source = source;
    if (this.#isOn) await this.#load(source);
  }

  /** @param {string} source */
  async #load(source) {
    const portrait = /** @type {HTMLImageElement} */ (this.#portrait);
    if (portrait.getAttribute("src") === source) return;
    const fresh = new Image();
    fresh.src = source;
    await fresh.decode().catch(() => undefined);
    portrait.src = source;
  }
}
