import { containedRect } from "../lib/picture.js";

/**
 * The frame of the picture: keeps a layer exactly over the part that the picture covers.
 *
 * Boxes and the compare slider live in that layer, so they need not know about black bars.
 */
export class PictureFrame {
  #root;
  #layer;

  /**
   * @param {HTMLElement} root `[data-picture]`
   * @param {AbortSignal} signal
   * @param {() => void} fitted called after every change of size
   */
  constructor(root, signal, fitted = () => {}) {
    this.#root = root;
    this.#layer = /** @type {HTMLElement} */ (root.querySelector("[data-layer]"));
    this.size = { width: Number(root.dataset.width), height: Number(root.dataset.height) };
    const observer = new ResizeObserver(() => {
      this.#fit();
      fitted();
    });
    observer.observe(root);
    signal.addEventListener("abort", () => observer.disconnect(), { once: true });
    this.#fit();
  }

  /**
   * Show the portrait to the right of a share of the picture.
   *
   * @param {number} percent 0 to 100
   */
  splitAt(percent) {
    const frame = this.#root.getBoundingClientRect();
    const rect = containedRect(frame, this.size);
    const inFrame = frame.width ? ((rect.left + (rect.width * percent) / 100) / frame.width) * 100 : percent;
    this.#root.style.setProperty("--split", `${percent}%`);
    this.#root.style.setProperty("--split-in-frame", `${inFrame}%`);
  }

  #fit() {
    const rect = containedRect(this.#root.getBoundingClientRect(), this.size);
    for (const [side, pixels] of Object.entries(rect)) this.#layer?.style.setProperty(`--layer-${side}`, `${pixels}px`);
    this.splitAt(Number.parseFloat(this.#root.style.getPropertyValue("--split")) || 50);
  }
}
