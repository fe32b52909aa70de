/** Selecting on a page that has a grid and a selection bar. */

import { fetchPage } from "../lib/fetch_page.js";
import { SelectionBar } from "./bar.js";
import { GridSelect } from "./grid_select.js";

/**
 * Let cards of a grid be selected, where the page has a bar for that.
 *
 * @param {HTMLElement} grid
 * @param {AbortSignal} signal
 * @param {{mark: string, refresh: () => Promise<unknown>}} options
 * @returns {GridSelect|null} `null` on a page without a bar
 */
export function wireSelection(grid, signal, { mark, refresh }) {
  const bar = /** @type {HTMLElement|null} */ (document.querySelector("[data-selection]"));
  if (!bar) return null;
  const fetchAll = async () => {
    const url = new URL(location.href);
    url.searchParams.set("ids", "1");
    const response = await fetchPage(url.href, { signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { ids } = /** @type {{ids: [string, string][]}} */ (await response.json());
    return ids;
  };
  const select = new GridSelect(grid, { mark, signal, fetchAll, changed: () => selectionBar.show() });
  const selectionBar = new SelectionBar(bar, select, signal, refresh);
  return select;
}
