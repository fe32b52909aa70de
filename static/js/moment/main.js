/** The page of one moment. */

import { EventStream } from "../lib/events.js";
import { lastEvent, pageSignal } from "../lib/page.js";
import { watchSwipes } from "../photo/swipe.js";
import { isTyping, PageTurner } from "../photo/turner.js";
import { MomentView } from "./view.js";

const page = pageSignal();
const turner = new PageTurner(page, mount, "moment");
let current = new AbortController();
/** @type {MomentView} */
let view;

/** Wire the moment that now stands in the page. */
function mount() {
  current.abort();
  current = new AbortController();
  const main = /** @type {HTMLElement} */ (document.querySelector("main"));
  view = new MomentView(main, current.signal, () => turner.turn("next"));
  watchSwipes(main, current.signal, (way) => turner.turn(way));
  turner.prepareNeighbours();
}

mount();
page.addEventListener("abort", () => current.abort(), { once: true });
addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  const acts = new Map([["f", () => view.toggleBoxes()], ["p", () => view.togglePortrait()], ["l", () => view.judge("like")], ["d", () => view.judge("discard")]]);
  acts.get(event.key.toLowerCase())?.();
}, { signal: page });

new EventStream({ since: lastEvent(), signal: page }).on("*", ({ kind, payload }) => {
  const { photo = "", photos = [photo], moment = "" } = /** @type {{photo?: string, photos?: string[], moment?: string}} */ (payload);
  if (kind === "masks_ready") {
    if (view.isAbout({ photos, moment })) view.masksReady();
    return;
  }
  turner.forget([...photos, moment]);
  if (view.isAbout({ photos, moment }) || kind === "reel_ready") view.refresh();
});
