/** The grids of photos: all photos, one concert, one person. */

import { EventStream } from "../lib/events.js";
import { lastEvent, pageSignal } from "../lib/page.js";
import { CardRefresher } from "./card_refresher.js";
import { wireSelection } from "../select/main.js";
import { tellAbout } from "./about.js";
import { EndlessGrid } from "./endless.js";
import { GridKeys } from "./grid_keys.js";
import { cardsPage } from "./page.js";
import { GridWalk } from "../viewer/items.js";
import { wireViewer } from "../viewer/main.js";
import { wireSizes } from "./sizes.js";

const signal = pageSignal();
const { grid, say, fetchCards } = cardsPage(document, signal);

if (grid) {
  const endless = new EndlessGrid(grid, signal, say);
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
