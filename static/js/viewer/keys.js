import { element } from "../lib/dom.js";

/** Keys without a button of their own, as `event.key` in small letters. */
const MORE = new Map([["arrowleft", "prev"], ["arrowright", "next"], ["escape", "close"], ["+", "larger"], ["=", "larger"], ["-", "smaller"], ["delete", "delete"], ["backspace", "delete"]]);
const WRITTEN = new Map([["delete", "Del"], ["arrowleft", "←"], ["arrowright", "→"], ["escape", "Esc"]]);

/**
 * Keys of the viewer: each button names its own in `data-key`, so a key and its button cannot part.
 *
 * The page below hears none of them.
 */
export class KeyBoard {
  #root;
  #act;

  /**
   * @param {HTMLElement} root
   * @param {AbortSignal} signal
   * @param {(act: string) => void} act
   */
  constructor(root, signal, act) {
    this.#root = root;
    this.#act = act;
    addEventListener("keydown", (event) => this.#key(event), { signal, capture: true });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!["Tab", "Enter", " "].includes(event.key)) event.stopImmediatePropagation();
    const key = event.key.toLowerCase();
    const act = this.#root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.getAttribute("data-act") ?? MORE.get(key);
    if (!act) return;
    event.preventDefault();
    this.#act(act);
  }
}

/**
 * Write what each key does.
 *
 * @param {ParentNode} root with the buttons
 * @param {HTMLElement} list
 */
export function describeKeys(root, list) {
  const buttons = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-key]")]);
  list.replaceChildren(
    ...buttons.flatMap((button) => {
      const key = button.dataset.key ?? "";
      const written = WRITTEN.get(key) ?? key.toUpperCase();
      return [element("dt", {}, element("kbd", {}, written)), element("dd", {}, button.getAttribute("aria-label") ?? "")];
    }),
  );
}
