import { fetchPage } from "../lib/fetch_page.js";
import { Combobox } from "../photo/combobox.js";
import { isTyping } from "../photo/turner.js";

/**
 * The search box of every page: `/` leads to it, and it suggests how to go on.
 *
 * @param {Document} root
 * @param {AbortSignal} signal
 */
export function wireSearch(root, signal) {
  const form = /** @type {HTMLFormElement|null} */ (root.querySelector("[data-search]"));
  const input = form?.querySelector("input");
  const list = /** @type {HTMLElement|null|undefined} */ (form?.querySelector("[role=listbox]"));
  if (!form || !input || !list) return;
  const ask = async (/** @type {string} */ text) => {
    const response = await fetchPage(`${form.dataset.suggestions}?q=${encodeURIComponent(text)}`, { signal });
    if (!response.ok) return [];
    const { suggestions } = /** @type {{suggestions: import("../photo/combobox.js").Suggestion[]}} */ (await response.json());
    return suggestions;
  };
  new Combobox(input, list, ask, () => input.setSelectionRange(input.value.length, input.value.length));
  root.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || isTyping(event)) return;
    event.preventDefault();
    input.focus();
    input.select();
  }, { signal });
}
