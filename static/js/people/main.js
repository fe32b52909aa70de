/** The list of people. */

import { pageSignal } from "../lib/page.js";
import { showMeant } from "./search.js";

const signal = pageSignal();
const field = /** @type {HTMLInputElement|null} */ (document.querySelector("[data-people-search]"));
const nobody = /** @type {HTMLElement|null} */ (document.querySelector("[data-nobody]"));

field?.addEventListener("input", () => {
  const shown = showMeant(document, field.value);
  if (nobody) nobody.hidden = shown > 0;
}, { signal });
