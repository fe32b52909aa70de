import { chooseTheme } from "../lib/theme.js";

/**
 * Let the choice of colours at the foot of the page take effect at once.
 *
 * @param {Document} root
 * @param {AbortSignal} signal
 */
export function wireAppearance(root, signal) {
  const form = root.querySelector("[data-appearance]");
  form?.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLSelectElement && target.name === "theme") chooseTheme(root, target.value);
  }, { signal });
}
