/** Brings the server's events to the cards of the photos they speak of. */

/**
 * @typedef {import("./card.js").UploadCard} UploadCard
 * @typedef {import("../lib/events.js").ServerEvent} ServerEvent
 */

/** @type {Record<string, (card: UploadCard, payload: any) => void>} */
const TELL = {
  photo_ready: (card, payload) => card.photoReady(payload),
  faces_found: (card, payload) => card.facesFound(payload),
  emotions_found: (card, payload) => card.emotionsFound(payload),
  job_failed: (card, payload) => card.jobFailed(payload),
  job_quarantined: (card, payload) => card.jobFailed(payload),
};
const MOST_KEPT = 2000;
const MOST_ASKED = 100;
const PAUSE_MS = 400;

/**
 * Events and cards find each other by the photo's id. A fast server tells of a photo before the answer to its upload has
 * arrived, so events that nobody waits for yet are kept for a while.
 */
export class LiveCards {
  /** @type {Map<string, UploadCard>} */ #cards = new Map();
  /** @type {Map<string, ServerEvent[]>} */ #early = new Map();

  /** @type {Set<string>} */ #stale = new Set();
  /** @type {any} */ #timer = null;
  #fetchFaces;

  /** @param {(photos: string[]) => Promise<any[]>} fetchFaces asks how the faces of photos are now, as `faces_found` tells it */
  constructor(fetchFaces = async () => []) {
    this.#fetchFaces = fetchFaces;
  }

  /** @param {ServerEvent} event */
  tell(event) {
    if (event.kind === "names_changed") return this.#rename(event.payload.photos ?? []);
    const photo = event.payload?.photo;
    const speak = TELL[event.kind];
    if (!photo || !speak) return;
    const card = this.#cards.get(photo);
    if (card) return speak(card, event.payload);
    this.#early.set(photo, [...(this.#early.get(photo) ?? []), event]);
    if (this.#early.size > MOST_KEPT) this.#early.delete(/** @type {string} */ (this.#early.keys().next().value));
  }

  /**
   * @param {string} photo
   * @param {UploadCard} card
   */
  connect(photo, card) {
    if (this.#cards.get(photo) === card) return;
    this.#cards.set(photo, card);
    const events = this.#early.get(photo) ?? [];
    this.#early.delete(photo);
    for (const event of events) this.tell(event);
  }

  /** Stop asking. */
  release() {
    clearTimeout(this.#timer);
  }

  /** @param {string[]} photos */
  #rename(photos) {
    for (const photo of photos) if (this.#cards.has(photo)) this.#stale.add(photo);
    if (this.#stale.size && this.#timer === null) this.#timer = setTimeout(() => this.#renameStale(), PAUSE_MS);
  }

  async #renameStale() {
    const photos = [...this.#stale].slice(0, MOST_ASKED);
    for (const photo of photos) this.#stale.delete(photo);
    const found = await this.#fetchFaces(photos).catch(() => []);
    for (const faces of found) this.#cards.get(faces.photo)?.facesFound(faces);
    this.#timer = null;
    this.#rename([]);
  }
}
