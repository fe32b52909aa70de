/** The page that shows a new link once: a button copies it. */

import { pageSignal } from "../lib/page.js";
import { gettext } from "../lib/words.js";

const link = /** @type {HTMLInputElement|null} */ (document.querySelector("[data-link]"));
const said = document.querySelector("[data-copied]");

async function copy() {
  if (!link) return;
  link.select();
  try {
    await navigator.clipboard.writeText(link.value);
    if (said) said.textContent = gettext("Copied.");
  } catch {
    if (said) said.textContent = gettext("The browser does not allow it here. The link is selected: copy it by hand.");
  }
}

document.querySelector("[data-copy]")?.addEventListener("click", () => void copy(), { signal: pageSignal() });
