/** The grids of photos: all photos, one concert, one person. */

import { parseFragment } from "../lib/dom.js";
import { EventStream } from "../lib/events.js";
import { fetchPage } from "../lib/fetch_page.js";
import { lastEvent, pageSignal } from "../lib/page.js";
import { CardRefresher } from "./card_refresher.js";
import { wireSelection } from "../select/main.js";
import { tellAbout } from "./about.js";
import { EndlessGrid } from "./endless.js";
import { GridKeys } from "./grid_keys.js";
import { GridWalk } from "../viewer/items.js";
import { wireViewer } from "../viewer/main.js";
import { wireSizes } from "./sizes.js";

const signal = pageSignal();
const grid = /** @type {HTMLElement|null} */ (document.querySelector("[data-cards]"));
const filters = /** @type {HTMLFormElement|null} */ (document.querySelector("[data-filters]"));
const status = document.querySelector("[data-grid-status]");

if (filters) {
  filters.classList.add("is-live");
  filters.addEventListener("change", () => filters.requestSubmit(), { signal });
}

/** @returns {Promise<ParentNode>} */
async function fetchCards() {
  const response = await fetchPage(location.href, { signal, isFragment: true });
  return parseFragment(await response.text());
}

if (grid) {
  const endless = new EndlessGrid(grid, signal, (text) => status && (status.textContent = text));
  const refresher = new CardRefresher(grid, fetchCards, signal);
  wireSelection(grid, signal, { mark: "data-photo", refresh: () => refresher.refresh() });
  new GridKeys(grid, signal, "data-photo");
  wireViewer(grid, signal, new GridWalk(grid, () => endless.more()));
  wireSizes(document, grid, signal);
  tellAbout(document, signal);
  new EventStream({ since: lastEvent(), signal })
    .on("photos_stacked", ({ payload }) => refresher.drop(payload.under))
    .on("*", () => refresher.refreshSoon());
}
