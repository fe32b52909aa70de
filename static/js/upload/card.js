/** One file on the upload page: its picture, how far it is, and what was found in it. */

import { element, icon } from "../lib/dom.js";
import { cropAround } from "../lib/picture.js";
import { gettext, ngettext } from "../lib/words.js";

const SVG = "http://www.w3.org/2000/svg";
/** Width by height of a tile's picture, as content.css has it. */
const TILE_SHAPE = 4 / 3;
/** What a photo lacks when a stage failed that it can do without. @type {Record<string, string>} */
const GAPS = { emotions: gettext("emotions not read"), portrait: gettext("no portrait") };
const UNITS = ["B", "kB", "MB", "GB"];

/**
 * @param {number} bytes
 * @returns {string} as "3.4 MB"
 */
export function readableSize(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1000 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/**
 * What is known of the faces, in words.
 *
 * @param {{name: string}[]} faces
 * @returns {string}
 */
export function namesInWords(faces) {
  if (!faces.length) return gettext("No faces");
  const names = faces.map((face) => face.name).filter(Boolean);
  const unknown = faces.length - names.length;
  const others = unknown === 0 ? [] : [names.length ? gettext("%(unknown)s more", { unknown }) : ngettext("%(count)s face", "%(count)s faces", unknown)];
  return [...names, ...others].join(", ");
}

/** A tile of the list. It only shows; `UploadQueue` and the server's events decide. */
export class UploadCard {
  /** @type {{id: number, box: number[], name: string, emotion?: string}[]} */ #faces = [];
  /** @type {string|null} */ #preview;
  /** Pixels of the photo. */
  #size = { width: 1, height: 1 };
  /** @type {Set<string>} */ #gaps = new Set();
  #isReady = false;

  /**
   * @param {import("./queue.js").Item} item
   * @param {{photos: string, onCancel: () => void, onRetry: () => void}} options `photos` is the address of all photos
   */
  constructor(item, { photos, onCancel, onRetry }) {
    this.item = item;
    this.photos = photos;
    this.#preview = URL.createObjectURL(item.file);
    this.picture = /** @type {HTMLImageElement} */ (element("img", { alt: "", width: 4, height: 3, loading: "lazy", decoding: "async", src: this.#preview }));
    this.picture.addEventListener("error", () => this.#showPreview());
    this.picture.addEventListener("load", () => this.#pictureCame());
    this.boxes = document.createElementNS(SVG, "svg");
    this.boxes.setAttribute("class", "upload-boxes");
    this.boxes.setAttribute("aria-hidden", "true");
    this.badge = element("span", { class: "badge" });
    this.title = element("span", { class: "tile-title" }, item.file.name);
    this.note = element("span", { class: "tile-note upload-note" }, readableSize(item.file.size));
    this.progress = /** @type {HTMLProgressElement} */ (element("progress", { max: item.file.size, value: 0, "aria-label": gettext("Upload of %(name)s", { name: item.file.name }) }));
    this.button = element("button", { type: "button", class: "btn btn-icon btn-small tile-lift" });
    this.button.addEventListener("click", () => (this.item.isSettled ? onRetry() : onCancel()));
    this.root = this.#assemble();
    this.update();
  }

  #assemble() {
    const picture = element("div", { class: "tile-picture" }, element("span", { class: "tile-empty" }, icon("photo")), this.picture, this.boxes, element("div", { class: "tile-badges" }, this.badge));
    const words = element("div", { class: "upload-words" }, this.title, this.note);
    const caption = element("div", { class: "tile-caption" }, element("div", { class: "upload-line" }, words, this.button), this.progress);
    return element("li", { class: "tile upload-card" }, picture, caption);
  }

  /** Show the state of the item. */
  update() {
    const { state, sent, reason, file } = this.item;
    this.root.dataset.state = state;
    if (this.item.result) this.root.dataset.photo = this.item.result;
    this.progress.hidden = state !== "sending" && state !== "waiting";
    this.progress.value = sent;
    this.#showButton();
    if (state === "waiting") this.#say(gettext("Waiting"), readableSize(file.size));
    if (state === "sending") this.#say(`${Math.floor((100 * sent) / Math.max(1, file.size))} %`, readableSize(file.size));
    if (state === "cancelled") this.#say(gettext("Cancelled"), "");
    if (state === "failed") this.#say(gettext("Not uploaded"), reason);
    if (state === "done" && !this.#isReady) this.#say(gettext("Being read"), gettext("Uploaded"));
    if (state === "duplicate") this.#showDuplicate();
  }

  /** @param {{width: number, height: number}} ready */
  photoReady({ width, height }) {
    this.#isReady = true;
    this.#showThumb();
    this.#size = { width, height };
    this.#say(gettext("Looking for faces"), this.item.state === "duplicate" ? gettext("Already here") : gettext("Uploaded"));
  }

  /** @param {{faces: {id: number, box: number[], name: string, label?: string}[]}} found */
  facesFound({ faces }) {
    const known = new Map(this.#faces.map((face) => [face.id, face.emotion]));
    this.#faces = faces.map((face) => ({ ...face, emotion: face.label || known.get(face.id) }));
    const { width, height } = this.#size;
    const boxes = faces.map(({ box: [left, top, right, bottom] }) => [left * width, top * height, right * width, bottom * height]);
    this.#frame(boxes);
    this.root.dataset.state = this.item.state;
    this.boxes.replaceChildren(...faces.map((face, index) => this.#box(face, boxes[index])));
    this.#showFaces();
  }

  /** @param {{faces: {id: number, label: string}[]}} found */
  emotionsFound({ faces }) {
    const labels = new Map(faces.map((face) => [face.id, face.label]));
    for (const face of this.#faces) face.emotion = labels.get(face.id);
    this.#showFaces();
  }

  /** @param {{stage: string, reason: string}} failure */
  jobFailed({ stage, reason }) {
    if (stage in GAPS) {
      this.#gaps.add(GAPS[stage]);
      this.root.title = reason;
      if (this.root.classList.contains("is-analysed")) this.#showFaces();
      return;
    }
    this.#say(stage === "ingest" ? gettext("Not readable") : gettext("Search failed"), reason);
    this.root.dataset.state = "failed";
  }

  /** Let go of what the browser keeps for the preview. */
  release() {
    if (this.#preview) URL.revokeObjectURL(this.#preview);
    this.#preview = null;
  }

  /**
   * @param {string} badge
   * @param {string} note
   */
  #say(badge, note) {
    this.badge.textContent = badge;
    this.note.textContent = note;
  }

  #showButton() {
    const { state, file } = this.item;
    const isRetry = state === "failed" || state === "cancelled";
    this.button.hidden = state === "done" || state === "duplicate";
    this.button.setAttribute("aria-label", isRetry ? gettext("Retry %(name)s", { name: file.name }) : gettext("Cancel %(name)s", { name: file.name }));
    this.button.replaceChildren(icon(isRetry ? "retry" : "close"));
  }

  #showDuplicate() {
    this.#gaps.add(gettext("already here"));
    this.#showThumb();
    if (this.item.hasReturned) this.#say(gettext("Back again"), gettext("It was in the bin and is in your library again."));
    else this.#say(gettext("Already here"), this.item.hasJoined ? gettext("Added to the concert.") : gettext("You have uploaded this photo before."));
  }

  #showThumb() {
    const link = element("a", { class: "tile-title", href: `${this.photos}${this.item.result}/` }, this.item.file.name);
    this.title.replaceWith(link);
    this.title = link;
    this.picture.hidden = false; // What is hidden is not loaded.
    this.picture.src = this.#thumb;
  }

  get #thumb() {
    return `${this.photos}${this.item.result}/media/thumb/`;
  }

  /** A photo that was chosen twice may be here without being read yet; until then the file itself is shown, if it can be. */
  #showPreview() {
    const isThumb = this.picture.getAttribute("src") !== this.#preview;
    if (isThumb && this.#preview) this.picture.src = this.#preview;
    else this.picture.hidden = true;
  }

  #pictureCame() {
    this.picture.hidden = false;
    if (this.picture.getAttribute("src") === this.#thumb) this.release();
  }

  #showFaces() {
    const emotions = new Set(this.#faces.map((face) => face.emotion).filter(Boolean));
    this.badge.replaceChildren(icon("face"), String(this.#faces.length));
    this.note.textContent = [namesInWords(this.#faces), ...emotions, ...this.#gaps].join(" · ");
    this.root.classList.add("is-analysed");
  }

  /**
   * Shift the picture in its frame so that all faces are seen, or show it whole; the boxes move with it.
   *
   * @param {number[][]} boxes
   */
  #frame(boxes) {
    const { width, height } = this.#size;
    const crop = cropAround(this.#size, TILE_SHAPE, boxes);
    const share = (/** @type {number} */ start, /** @type {number} */ rest) => (rest > 0 ? (100 * start) / rest : 50);
    this.picture.style.objectFit = crop ? "cover" : "contain";
    this.picture.style.objectPosition = crop ? `${share(crop.left, width - crop.width)}% ${share(crop.top, height - crop.height)}%` : "50% 50%";
    const shown = crop ?? { left: 0, top: 0, width, height };
    this.boxes.setAttribute("viewBox", `${shown.left} ${shown.top} ${shown.width} ${shown.height}`);
  }

  /**
   * @param {{name: string}} face
   * @param {number[]} box
   */
  #box({ name }, [left, top, right, bottom]) {
    const rect = document.createElementNS(SVG, "rect");
    const place = { x: left, y: top, width: right - left, height: bottom - top };
    for (const [key, value] of Object.entries(place)) rect.setAttribute(key, String(value));
    rect.setAttribute("class", name ? "upload-box is-named" : "upload-box");
    return rect;
  }
}
