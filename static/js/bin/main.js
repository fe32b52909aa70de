/** The bin: what is in it can be selected, restored and deleted for ever. */

import { GridKeys } from "../gallery/grid_keys.js";
import { pageSignal } from "../lib/page.js";
import { SelectionBar } from "../select/bar.js";
import { GridSelect } from "../select/grid_select.js";

const signal = pageSignal();
const grid = /** @type {HTMLElement|null} */ (document.querySelector("[data-cards]"));
const bar = /** @type {HTMLElement|null} */ (document.querySelector("[data-selection]"));

if (grid && bar) {
  const mark = grid.dataset.mark ?? "data-photo";
  /** @returns {Promise<[string, string][]>} what this page shows: the bin's pages are turned one by one */
  const fetchAll = async () => select.order.map((id) => [id, ""]);
  const select = new GridSelect(grid, { mark, signal, fetchAll, changed: () => selectionBar.show() });
  const selectionBar = new SelectionBar(bar, select, signal, async () => location.reload());
  new GridKeys(grid, signal, mark);
}
