/** The page of one photo. */

import { EventStream } from "../lib/events.js";
import { lastEvent, pageSignal } from "../lib/page.js";
import { PageWalk } from "../viewer/items.js";
import { openViewer } from "../viewer/main.js";
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

/** Look at this photo and those beside it over the whole window; the page follows to the last one. */
function lookAt() {
  const article = /** @type {HTMLElement} */ (document.querySelector("[data-photo]"));
  const picture = /** @type {HTMLElement|null} */ (article.querySelector("[data-picture]:has([data-image])"));
  if (!picture) return;
  const { photo = "", title = "", query = "" } = article.dataset;
  const { width, height } = picture.dataset;
  const item = { kind: /** @type {const} */ ("photo"), id: photo, photo, width: Number(width), height: Number(height), title, href: location.pathname + query };
  const walk = new PageWalk(item, query, (last) => {
    if (!last) location.assign("/photos/");
    else if (last.id !== photo) turner.open(last.href);
  });
  openViewer(walk, item);
}

mount();
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-view]")) lookAt();
}, { signal: page });
page.addEventListener("abort", () => current.abort(), { once: true });
addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  if (event.key === "f") view.toggleBoxes();
  if (event.key === "p") view.togglePortrait();
  if (event.key === "n") view.toggleDrawing();
  if (event.key === "v" || event.key === "z") lookAt();
}, { signal: page });

new EventStream({ since: lastEvent(), signal: page }).on("*", ({ kind, payload }) => {
  const { photo = "", photos = [photo] } = /** @type {{photo?: string, photos?: string[]}} */ (payload);
  if (kind === "masks_ready") {
    if (photos.includes(view.id)) view.masksReady();
    return;
  }
  turner.forget(photos);
  if (photos.includes(view.id)) view.refresh();
});
