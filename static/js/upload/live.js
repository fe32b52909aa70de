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

/**
 * Events and cards find each other by the photo's id. A fast server tells of a photo before the answer to its upload has
 * arrived, so events that nobody waits for yet are kept for a while.
 */
export class LiveCards {
  /** @type {Map<string, UploadCard>} */ #cards = new Map();
  /** @type {Map<string, ServerEvent[]>} */ #early = new Map();

  /** @param {ServerEvent} event */
  tell(event) {
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
}
