/** The page of one photo. */

import { EventStream } from "../lib/events.js";
import { lastEvent, pageSignal } from "../lib/page.js";
import { watchSwipes } from "./swipe.js";
import { isTyping, PageTurner } from "./turner.js";
import { PhotoView } from "./view.js";

const page = pageSignal();
const turner = new PageTurner(page, mount);
let current = new AbortController();
/** @type {PhotoView} */
let view;

/** Wire the photo that now stands in the page. */
function mount() {
  current.abort();
  current = new AbortController();
  const main = /** @type {HTMLElement} */ (document.querySelector("main"));
  view = new PhotoView(main, current.signal);
  watchSwipes(main, current.signal, (way) => turner.turn(way));
  turner.prepareNeighbours();
}

mount();
page.addEventListener("abort", () => current.abort(), { once: true });
addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  if (event.key === "f") view.toggleBoxes();
  if (event.key === "p") view.togglePortrait();
  if (event.key === "n") view.toggleDrawing();
}, { signal: page });

new EventStream({ since: lastEvent(), signal: page }).on("*", ({ payload }) => {
  const { photo = "", photos = [photo] } = /** @type {{photo?: string, photos?: string[]}} */ (payload);
  turner.forget(photos);
  if (photos.includes(view.id)) view.refresh();
});
