/** The pages of videos: uploads with their progress, and the analysis as it goes on. */

import { wireDialogs } from "../lib/dialogs.js";
import { EventStream } from "../lib/events.js";
import { lastEvent, pageData, pageSignal } from "../lib/page.js";
import { Refetch } from "../lib/refetch.js";
import { toast } from "../lib/toasts.js";
import { TusUpload } from "../lib/tus.js";
import { send, wait } from "../lib/tus_transport.js";
import { readableSize } from "../upload/card.js";
import { ConcertPicker } from "../upload/concerts.js";
import { Doors, chosenFiles, droppedFiles, mayBeVideo } from "../upload/files.js";
import { UploadQueue } from "../upload/queue.js";
import { takeOver } from "./parts.js";
import { VideoRow } from "./row.js";
import { UploadRow } from "./upload_row.js";

const signal = pageSignal();
const settings = pageData("video-settings");
const find = (/** @type {string} */ name) => /** @type {any} */ (document.querySelector(`[data-videos="${name}"]`));

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
  .on("photo_ready", ({ payload }) => document.querySelector("[data-video-found] .skeleton") && payload.photo && page.run());
wireDialogs(document, signal);
if (settings) offerUpload();

/** Take videos in any way a person offers them. */
function offerUpload() {
  const picker = new ConcertPicker(find("concert"), find("concert-dialog"), settings.newConcert, signal);
  /** @type {Map<import("../upload/queue.js").Item, UploadRow>} */
  const rows = new Map();
  const queue = new UploadQueue(
    (item, onProgress) => new TusUpload(item.file, { endpoint: settings.endpoint, kind: "video", concert: item.concert, send, wait, memory: localStorage, onProgress }),
    (item) => {
      rows.get(item)?.update();
      if (item.state === "done") void page.run();
    },
    1,
  );
  const doors = new Doors(settings.doors);
  const take = (/** @type {import("../upload/files.js").Chosen[]} */ chosen) => {
    for (const { file, path } of chosen) {
      if (doors.machineMade(path)) toast(`${file.name} was made by the system, not by you.`);
      else if (!mayBeVideo(file)) toast(`${file.name} is not an MP4, MOV or WebM file.`);
      else if (file.size > settings.maxBytes) toast(`${file.name} is larger than ${readableSize(settings.maxBytes)}.`, { tone: "bad" });
      else add(file);
    }
  };
  const add = (/** @type {File} */ file) => {
    const item = queue.add(file, picker.value);
    const row = new UploadRow(item, { videos: settings.videos, onCancel: () => queue.cancel(item), onRetry: () => queue.retry(item) });
    rows.set(item, row);
    find("uploads").append(row.root);
  };
  const [input, drop] = [find("files"), find("drop")];
  input.addEventListener("change", () => (take(chosenFiles(input.files)), (input.value = "")), { signal });
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => (event.preventDefault(), drop.classList.add("is-over")), { signal });
  }
  document.addEventListener("dragleave", (event) => event.relatedTarget === null && drop.classList.remove("is-over"), { signal });
  document.addEventListener(
    "drop",
    async (event) => {
      event.preventDefault();
      drop.classList.remove("is-over");
      if (!event.dataTransfer) return;
      const { chosen, unreadable } = await droppedFiles(event.dataTransfer);
      for (const { path } of unreadable) toast(`${path} could not be read.`, { tone: "bad" });
      take(chosen);
    },
    { signal },
  );
  addEventListener("beforeunload", (event) => queue.totals.settled < queue.totals.files && event.preventDefault(), { signal });
}
