/** The upload page: takes files in any way a person offers them and shows what becomes of each. */

import { wireDialogs } from "../lib/dialogs.js";
import { EventStream } from "../lib/events.js";
import { pageData, pageSignal } from "../lib/page.js";
import { toast } from "../lib/toasts.js";
import { TusUpload } from "../lib/tus.js";
import { send, wait } from "../lib/tus_transport.js";
import { UploadCard, readableSize } from "./card.js";
import { ConcertPicker } from "./concerts.js";
import { Doors, chosenFiles } from "./files.js";
import { LiveCards } from "./live.js";
import { takeOffers } from "./offers.js";
import { PassedList } from "./passed.js";
import { UploadQueue } from "./queue.js";
import { sharedPhotos } from "./shared.js";
import { gettext, ngettext } from "../lib/words.js";

const signal = pageSignal();
/**
 * @typedef {object} Settings
 * @property {string} endpoint where files are uploaded
 * @property {string} newConcert
 * @property {string} photos
 * @property {string} videos
 * @property {string} faces
 * @property {number} maxBytes
 * @property {number} since the newest event when the page was made
 * @property {import("./files.js").Known} doors
 */
const settings = /** @type {Settings} */ (pageData("upload-settings"));

/**
 * @param {string} name
 * @returns {HTMLElement}
 */
const find = (name) => /** @type {HTMLElement} */ (document.querySelector(`[data-upload="${name}"]`));
const input = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (find(name));
const [list, summary, words, cancelAll, retryAll, see] = ["list", "summary", "words", "cancel-all", "retry-all", "see"].map(find);
const total = /** @type {HTMLProgressElement} */ (find("total"));
const dialog = /** @type {HTMLDialogElement} */ (find("concert-dialog"));
const picker = new ConcertPicker(/** @type {HTMLSelectElement} */ (find("concert")), dialog, settings.newConcert, signal);
const live = new LiveCards(fetchFaces);
const doors = new Doors(settings.doors);
const passedList = new PassedList(/** @type {HTMLDetailsElement} */ (find("passed")));
/** @type {Map<import("./queue.js").Item, UploadCard>} */
const cards = new Map();

const queue = new UploadQueue(
  (item, onProgress) =>
    new TusUpload(item.file, { endpoint: settings.endpoint, concert: item.concert, send, wait, memory: localStorage, onProgress }),
  (item) => {
    const card = cards.get(item);
    card?.update();
    if (card && item.result) live.connect(item.result, card);
    showTotals();
  },
);

/** @param {string[]} photos */
async function fetchFaces(photos) {
  const response = await fetch(`${settings.faces}?photos=${photos.join(",")}`, { headers: { Accept: "application/json" }, signal });
  if (!response.ok) return [];
  const { photos: found } = /** @type {{photos: import("../lib/events.js").FacesFound[]}} */ (await response.json());
  return found;
}

/**
 * @param {import("./files.js").Chosen[]} chosen
 * @param {import("./files.js").PassedOver[]} [unreadable]
 */
async function take(chosen, unreadable = []) {
  const { photos, videos, passed } = await doors.sort(chosen);
  const fitting = photos.filter((file) => file.size <= settings.maxBytes);
  const tooLarge = photos.length - fitting.length;
  if (videos.length) toast(gettext("Videos are uploaded on their own page."), { action: { label: gettext("Go there"), run: () => location.assign(settings.videos) } });
  passedList.add([...passed, ...unreadable]);
  if (tooLarge) toast(ngettext("%(count)s photo is larger than %(size)s.", "%(count)s photos are larger than %(size)s.", tooLarge, { size: readableSize(settings.maxBytes) }), { tone: "bad" });
  for (const file of fitting) addCard(file);
  showTotals();
}

/** @param {File} file */
function addCard(file) {
  const item = queue.add(file, picker.value);
  const card = new UploadCard(item, {
    photos: settings.photos,
    onCancel: () => queue.cancel(item),
    onRetry: () => queue.retry(item),
  });
  cards.set(item, card);
  list.append(card.root);
}

function showTotals() {
  const { files, settled, done, duplicates, failed, bytes, sent } = queue.totals;
  summary.hidden = queue.items.length === 0;
  total.max = Math.max(1, bytes);
  total.value = sent;
  const parts = [gettext("%(done)s of %(files)s uploaded", { done: done + duplicates, files })];
  if (duplicates) parts.push(gettext("%(duplicates)s already here", { duplicates }));
  if (failed) parts.push(gettext("%(failed)s failed", { failed }));
  if (settled < files) parts.push(gettext("%(sent)s of %(bytes)s", { sent: readableSize(sent), bytes: readableSize(bytes) }));
  words.textContent = parts.join(" · ");
  cancelAll.hidden = settled === files;
  retryAll.hidden = failed === 0;
  see.hidden = settled < files || done + duplicates === 0;
}

takeOffers({ inputs: [input("files"), input("folder")], drop: find("drop") }, take, signal);
cancelAll.addEventListener("click", () => queue.items.forEach((item) => queue.cancel(item)), { signal });
retryAll.addEventListener("click", () => queue.items.filter((item) => item.state === "failed").forEach((item) => queue.retry(item)), { signal });
addEventListener("online", () => queue.resume(), { signal });
document.addEventListener("visibilitychange", () => document.hidden || queue.resume(), { signal });
addEventListener("beforeunload", (event) => queue.totals.settled < queue.totals.files && event.preventDefault(), { signal });
signal.addEventListener("abort", () => (live.release(), cards.forEach((card) => card.release())));
wireDialogs(document, signal);
sharedPhotos(location, navigator.serviceWorker).then((photos) => {
  if (!photos.length) return;
  history.replaceState(null, "", location.pathname);
  take(chosenFiles(photos));
});
new EventStream({ since: settings.since, signal }).on("*", (event) => live.tell(event));
