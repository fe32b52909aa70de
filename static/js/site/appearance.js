import { chooseTheme } from "../lib/theme.js";

/**
 * Let the choices at the foot of the page take effect at once; another language needs another page.
 *
 * @param {Document} root
 * @param {AbortSignal} signal
 */
export function wireAppearance(root, signal) {
  const form = root.querySelector("[data-appearance]");
  form?.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLSelectElement)) return;
    if (target.name === "theme") chooseTheme(root, target.value);
    else target.form?.submit();
  }, { signal });
}
