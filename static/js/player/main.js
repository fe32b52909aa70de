/** The player on the page of a video. */

import { pageSignal } from "../lib/page.js";
import { FilmOverlay } from "./overlay.js";
import { FilmNaming } from "./naming.js";
import { marksOf, writeMarks } from "./marks.js";
import { TrackBook } from "./tracks.js";

const LEAD_SECONDS = 1;

const signal = pageSignal();
const player = /** @type {HTMLElement} */ (document.querySelector("[data-player]"));
const find = (/** @type {string} */ name) => /** @type {HTMLElement} */ (player.querySelector(`[data-${name}]`));
const film = /** @type {HTMLVideoElement} */ (player.querySelector("video"));
const marks = find("marks");

const address = player.dataset.tracks ?? "";
const book = new TrackBook(address);
const dialog = /** @type {HTMLDialogElement|null} */ (document.querySelector("#name-dialog"));
// Who may only look has none.
const naming = dialog && new FilmNaming(film, dialog, address, () => book.forget());
const overlay = new FilmOverlay(film, find("layer"), book, signal, (face) => naming?.open(face));
const boxes = /** @type {HTMLInputElement} */ (find("boxes"));
boxes.addEventListener("change", () => overlay.show(boxes.checked), { signal });

const mark = () => writeMarks(marks, marksOf(document), film.duration);
film.addEventListener("loadedmetadata", mark, { signal });
if (film.readyState > 0) mark();
/** Moments come in while the video is analysed. */
const found = new MutationObserver(mark);
found.observe(/** @type {HTMLElement} */ (document.querySelector("main")), { childList: true, subtree: false });
signal.addEventListener("abort", () => found.disconnect(), { once: true });

marks.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (!button) return;
  film.currentTime = Math.max(0, Number(button.dataset.at) - LEAD_SECONDS);
  film.play().catch(() => undefined);
}, { signal });

film.addEventListener("error", () => {
  find("screen").hidden = true;
  find("unplayable").hidden = false;
}, { signal });

const screenButton = find("screen-button");
screenButton.hidden = !document.fullscreenEnabled;
screenButton.addEventListener("click", () => find("screen").requestFullscreen(), { signal });
