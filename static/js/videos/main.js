/** The pages of videos: uploads with their progress, and the analysis as it goes on. */

import { wireDialogs } from "../lib/dialogs.js";
import { EventStream } from "../lib/events.js";
import { lastEvent, pageData, pageSignal } from "../lib/page.js";
import { Refetch } from "../lib/refetch.js";
import { toast } from "../lib/toasts.js";
import { TusUpload } from "../lib/tus.js";
import { send, wait } from "../lib/tus_transport.js";
import { gettext } from "../lib/words.js";
import { readableSize } from "../upload/card.js";
import { ConcertPicker } from "../upload/concerts.js";
import { Doors, mayBeVideo } from "../upload/files.js";
import { takeOffers } from "../upload/offers.js";
import { UploadQueue } from "../upload/queue.js";
import { GridWalk } from "../viewer/items.js";
import { wireViewer } from "../viewer/main.js";
import { takeOver } from "./parts.js";
import { VideoRow } from "./row.js";
import { UploadRow } from "./upload_row.js";

const signal = pageSignal();
/**
 * @typedef {object} Settings
 * @property {string} endpoint where files are uploaded
 * @property {string} newConcert
 * @property {string} videos
 * @property {number} maxBytes
 * @property {import("../upload/files.js").Known} doors
 */
const settings = /** @type {Settings|null} */ (pageData("video-settings"));
const find = (/** @type {string} */ name) => /** @type {HTMLElement} */ (document.querySelector(`[data-videos="${name}"]`));

const page = new Refetch(signal, (fresh) => takeOver(document, fresh));

const rowOf = (/** @type {string} */ video) => {
  const root = document.querySelector(`[data-video="${CSS.escape(video)}"]`);
  return root instanceof HTMLElement ? new VideoRow(root) : null;
};
/** Show at once what the event says, then what else the server says by now. */
const hear = (/** @type {{video: string}} */ { video }, /** @type {(row: VideoRow) => void} */ show) => {
  const row = rowOf(video);
  if (!row) return;
  show(row);
  void page.run();
};

new EventStream({ since: lastEvent(), signal })
  .on("video_progress", ({ payload }) => hear(payload, (row) => row.advance(payload)))
  .on("video_ready", ({ payload }) => hear(payload, (row) => row.finish(payload)))
  .on("video_failed", ({ payload }) => hear(payload, (row) => row.fail(payload)))
  .on("names_changed", () => document.querySelector("[data-video-found] [data-moment]") && page.run())
  .on("photo_ready", ({ payload }) => document.querySelector("[data-video-found] .skeleton") && payload.photo && page.run());
wireDialogs(document, signal);
const main = /** @type {HTMLElement} */ (document.querySelector("main"));
wireViewer(main, signal, new GridWalk(main));
if (settings) offerUpload(settings);

/** Take videos in any way a person offers them. @param {Settings} settings */
function offerUpload({ endpoint, newConcert, videos, maxBytes, doors: known }) {
  const dialog = /** @type {HTMLDialogElement} */ (find("concert-dialog"));
  const picker = new ConcertPicker(/** @type {HTMLSelectElement} */ (find("concert")), dialog, newConcert, signal);
  /** @type {Map<import("../upload/queue.js").Item, UploadRow>} */
  const rows = new Map();
  const queue = new UploadQueue(
    (item, onProgress) => new TusUpload(item.file, { endpoint, kind: "video", concert: item.concert, send, wait, memory: localStorage, onProgress }),
    (item) => {
      rows.get(item)?.update();
      if (item.state === "done") void page.run();
    },
    1,
  );
  const doors = new Doors(known);
  const take = (/** @type {import("../upload/files.js").Chosen[]} */ chosen, /** @type {import("../upload/files.js").PassedOver[]} */ unreadable) => {
    for (const { path } of unreadable) toast(gettext("%(name)s could not be read.", { name: path }), { tone: "bad" });
    for (const { file, path } of chosen) {
      if (doors.machineMade(path)) toast(gettext("%(name)s was made by the system, not by you.", { name: file.name }));
      else if (!mayBeVideo(file)) toast(gettext("%(name)s is not an MP4, MOV or WebM file.", { name: file.name }));
      else if (file.size > maxBytes) toast(gettext("%(name)s is larger than %(bytes)s.", { name: file.name, bytes: readableSize(maxBytes) }), { tone: "bad" });
      else add(file);
    }
  };
  const add = (/** @type {File} */ file) => {
    const item = queue.add(file, picker.value);
    const row = new UploadRow(item, { videos, onCancel: () => queue.cancel(item), onRetry: () => queue.retry(item) });
    rows.set(item, row);
    find("uploads").append(row.root);
  };
  takeOffers({ inputs: [/** @type {HTMLInputElement} */ (find("files"))], drop: find("drop") }, take, signal);
  addEventListener("beforeunload", (event) => queue.totals.settled < queue.totals.files && event.preventDefault(), { signal });
}
