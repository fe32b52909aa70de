/** The panel that says who is followed, and its switch that lets the picture follow her; the wall has none. */

import { gettext } from "../lib/words.js";

export class Nearer {
  #box;
  #words;

  /**
   * @param {HTMLElement} root
   * @param {AbortSignal} signal
   * @param {(isNear: boolean) => void} changed
   */
  constructor(root, signal, changed) {
    this.#box = /** @type {HTMLInputElement|null} */ (root.querySelector("[data-zoom]"));
    this.#words = /** @type {HTMLElement|null} */ (root.querySelector("[data-followed]"));
    const box = this.#box;
    box?.addEventListener("change", () => changed(box.checked), { signal });
    if (box?.checked) changed(true); // As the browser restores it after a reload.
  }

  /** @param {string} name empty for nobody */
  follow(name) {
    if (!this.#box || !this.#words) return;
    this.#box.disabled = !name;
    this.#words.textContent = name ? gettext("The camera follows %(name)s.", { name }) : gettext("Nobody is followed. Choose a star on the camera page.");
  }
}
