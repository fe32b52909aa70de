const KEY = "encore-filming";

/**
 * Remembers in this tab in which session it films, so that a reload goes on filming.
 *
 * A tab that is closed forgets it, and so does a stop: nothing films that nobody asked for in this visit.
 */
export class Resuming {
  /**
   * @param {string} session
   * @param {Storage} [storage]
   */
  constructor(session, storage = sessionStorage) {
    this.session = session;
    this.storage = storage;
  }

  /** @returns {boolean} whether this tab filmed in this session when it was left */
  get wasFilming() {
    return this.storage.getItem(KEY) === this.session;
  }

  /** @param {boolean} isFilming */
  note(isFilming) {
    if (isFilming) this.storage.setItem(KEY, this.session);
    else this.storage.removeItem(KEY);
  }
}
