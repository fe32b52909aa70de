/** The grid of moments. */

import { CardRefresher } from "../gallery/card_refresher.js";
import { EndlessGrid } from "../gallery/endless.js";
import { GridKeys } from "../gallery/grid_keys.js";
import { cardsPage } from "../gallery/page.js";
import { EventStream } from "../lib/events.js";
import { lastEvent, pageSignal } from "../lib/page.js";
import { wireSelection } from "../select/main.js";
import { GridWalk } from "../viewer/items.js";
import { wireViewer } from "../viewer/main.js";
import { Judge } from "./judge.js";

const MOMENT = { mark: "data-moment", noun: "moment" };

const signal = pageSignal();
const { grid: found, say, fetchCards } = cardsPage(document, signal);
const grid = /** @type {HTMLElement} */ (found); // Also a page without moments has it, to be filled.

new MutationObserver(() => {
  if (grid.children.length) document.querySelector("[data-nothing]")?.remove();
}).observe(grid, { childList: true });

const endless = new EndlessGrid(grid, signal, say, MOMENT);
const refresher = new CardRefresher(grid, fetchCards, signal, MOMENT);
const form = /** @type {HTMLFormElement} */ (document.getElementById("judge"));
new Judge(form, signal, () => refresher.refresh());
wireSelection(grid, signal, { mark: "data-moment", refresh: () => refresher.refresh() });
new GridKeys(grid, signal, "data-moment");
wireViewer(grid, signal, new GridWalk(grid, () => endless.more()));
new EventStream({ since: lastEvent(), signal })
  .on("moment_ready", () => refresher.refreshSoon())
  .on("photo_ready", () => refresher.refreshSoon());
