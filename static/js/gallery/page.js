/** What every page with a grid of cards needs: its parts, and how the cards are fetched anew. */

import { parseFragment } from "../lib/dom.js";
import { fetchPage } from "../lib/fetch_page.js";

/**
 * @typedef {object} CardsPage
 * @property {HTMLElement|null} grid The cards; none where a page has nothing to show.
 * @property {(text: string) => void} say Tells how the grid stands, for whoever cannot see it.
 * @property {() => Promise<ParentNode>} fetchCards Asks for the cards of this address as they are now.
 */

/**
 * Find the parts of a page with a grid, and send its filters as soon as one is changed.
 *
 * @param {Document} document
 * @param {AbortSignal} signal Of the page.
 * @returns {CardsPage}
 */
export function cardsPage(document, signal) {
  const filters = /** @type {HTMLFormElement|null} */ (document.querySelector("[data-filters]"));
  if (filters) {
    filters.classList.add("is-live");
    filters.addEventListener("change", () => filters.requestSubmit(), { signal });
  }
  const status = document.querySelector("[data-grid-status]");
  return {
    grid: document.querySelector("[data-cards]"),
    say: (text) => {
      if (status) status.textContent = text;
    },
    fetchCards: async () => {
      const response = await fetchPage(location.href, { signal, isFragment: true });
      return parseFragment(await response.text());
    },
  };
}
