import { element } from "../lib/dom.js";
import { gettext } from "../lib/words.js";
import { address } from "./slide.js";

/** @typedef {import("./items.js").Item} Item */

/** The row of small pictures below the large one. */
export class Strip {
  #root;
  /** @type {Map<string, HTMLElement>} */ #buttons = new Map();

  /**
   * @param {HTMLElement} root
   * @param {AbortSignal} signal
   * @param {(id: string) => void} choose
   */
  constructor(root, signal, choose) {
    this.#root = root;
    root.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      if (button?.dataset.item) choose(button.dataset.item);
    }, { signal });
  }

  /**
   * @param {Item[]} items
   * @param {Item} current
   */
  show(items, current) {
    const buttons = items.map((item) => this.#buttons.get(item.id) ?? thumb(item));
    this.#buttons = new Map(items.map((item, place) => [item.id, buttons[place]]));
    const isSame = buttons.length === this.#root.children.length && buttons.every((one, place) => this.#root.children[place] === one);
    if (!isSame) this.#root.replaceChildren(...buttons);
    for (const [id, one] of this.#buttons) {
      if (id === current.id) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    }
    const shown = this.#buttons.get(current.id);
    if (shown) this.#root.scrollLeft = shown.offsetLeft - (this.#root.clientWidth - shown.offsetWidth) / 2;
  }
}

/** @param {Item} item */
function thumb(item) {
  const image = element("img", { src: address(item, "thumb"), alt: "", loading: "lazy", decoding: "async", width: 72, height: 54 });
  return element("button", { type: "button", class: "viewer-thumb", "data-item": item.id, "aria-label": item.title || gettext("Picture"), tabindex: "-1" }, image);
}
