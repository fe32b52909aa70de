/** Brings the server's events to the cards of the photos they speak of. */

/**
 * @typedef {import("./card.js").UploadCard} UploadCard
 * @typedef {import("../lib/events.js").ServerEvent} ServerEvent
 */

/** Tell a card what concerns its photo. @param {UploadCard} card @param {ServerEvent} event */
function speak(card, event) {
  if (event.kind === "photo_ready") card.photoReady(event.payload);
  if (event.kind === "faces_found") card.facesFound(event.payload);
  if (event.kind === "emotions_found") card.emotionsFound(event.payload);
  if (event.kind === "job_failed" || event.kind === "job_quarantined") card.jobFailed(event.payload);
}

const TOLD = new Set(["photo_ready", "faces_found", "emotions_found", "job_failed", "job_quarantined"]);
const MOST_KEPT = 2000;
const MOST_ASKED = 100;
const PAUSE_MS = 400;

/**
 * Events and cards find each other by the photo's id. A fast server tells of a photo before the answer to its upload has
 * arrived, and a file that was chosen twice has two cards of one photo; so events are kept for a while, and every card hears
 * all of them.
 */
export class LiveCards {
  /** @type {Map<string, Set<UploadCard>>} */ #cards = new Map();
  /** @type {Map<string, ServerEvent[]>} */ #heard = new Map();

  /** @type {Set<string>} */ #stale = new Set();
  /** @type {number|undefined} */ #timer;
  #fetchFaces;

  /** @param {(photos: string[]) => Promise<import("../lib/events.js").FacesFound[]>} fetchFaces asks how the faces of photos are now, as `faces_found` tells it */
  constructor(fetchFaces = async () => []) {
    this.#fetchFaces = fetchFaces;
  }

  /** @param {ServerEvent} event */
  tell(event) {
    if (event.kind === "names_changed") return this.#rename(event.payload.photos);
    const { photo } = /** @type {{photo?: string}} */ (event.payload);
    if (!photo || !TOLD.has(event.kind)) return;
    for (const card of this.#cards.get(photo) ?? []) speak(card, event);
    this.#heard.set(photo, [...(this.#heard.get(photo) ?? []), event]);
    if (this.#heard.size > MOST_KEPT) this.#heard.delete(/** @type {string} */ (this.#heard.keys().next().value));
  }

  /**
   * @param {string} photo
   * @param {UploadCard} card
   */
  connect(photo, card) {
    const cards = this.#cards.get(photo) ?? new Set();
    if (cards.has(card)) return;
    this.#cards.set(photo, cards.add(card));
    for (const event of this.#heard.get(photo) ?? []) speak(card, event);
  }

  /** Stop asking. */
  release() {
    clearTimeout(this.#timer);
  }

  /** @param {string[]} photos */
  #rename(photos) {
    for (const photo of photos) if (this.#cards.has(photo)) this.#stale.add(photo);
    if (this.#stale.size && this.#timer === undefined) this.#timer = setTimeout(() => this.#renameStale(), PAUSE_MS);
  }

  async #renameStale() {
    const photos = [...this.#stale].slice(0, MOST_ASKED);
    for (const photo of photos) this.#stale.delete(photo);
    const found = await this.#fetchFaces(photos).catch(() => []);
    for (const faces of found) for (const card of this.#cards.get(faces.photo) ?? []) card.facesFound(faces);
    this.#timer = undefined;
    this.#rename([]);
  }
}
