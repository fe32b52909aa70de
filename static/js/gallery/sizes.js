const KEY = "encore-tile-size";

/**
 * Let the user choose how large pictures are; the browser remembers it.
 *
 * @param {ParentNode} root with the buttons
 * @param {HTMLElement} grid
 * @param {AbortSignal} signal
 * @param {Storage} [memory]
 */
export function wireSizes(root, grid, signal, memory = localStorage) {
  const group = /** @type {HTMLElement|null} */ (root.querySelector("[data-sizes]"));
  if (!group) return;
  const buttons = /** @type {HTMLElement[]} */ ([...group.querySelectorAll("[data-size]")]);
  const show = (/** @type {string} */ size) => {
    grid.dataset.size = size;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.size === size));
  };
  const known = memory.getItem(KEY);
  if (buttons.some((button) => button.dataset.size === known)) show(known ?? "");
  group.hidden = false;
  for (const button of buttons) {
    button.addEventListener("click", () => {
      memory.setItem(KEY, button.dataset.size ?? "");
      show(button.dataset.size ?? "");
    }, { signal });
  }
}
