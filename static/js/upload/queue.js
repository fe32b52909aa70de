/** The files of one visit: what waits, what is under way, and how it ended. */

import { UploadError } from "../lib/tus.js";

/**
 * @typedef {"waiting"|"sending"|"done"|"duplicate"|"failed"|"cancelled"} State
 * @typedef {{start: () => Promise<import("../lib/tus.js").Outcome>, abort: () => Promise<void>}} Transfer
 */

/** One file of the queue. */
export class Item {
  /** @type {State} */ state = "waiting";
  /** Bytes that have arrived. */
  sent = 0;
  /** Why it failed, for the user. */
  reason = "";
  /** Whether the server could not be reached, as while the phone slept; it goes on by itself then. */
  isUnreached = false;
  /** Id of the photo or video that it became. */
  result = "";
  /** Whether the photo was here before and joined the chosen concert now. */
  hasJoined = false;
  /** Whether the photo was in the bin and came back. */
  hasReturned = false;
  /** @type {Transfer|null} */ transfer = null;

  /**
   * @param {File} file
   * @param {string} concert
   */
  constructor(file, concert) {
    this.file = file;
    this.concert = concert;
  }

  /** @returns {boolean} whether nothing more will happen by itself */
  get isSettled() {
    return this.state !== "waiting" && this.state !== "sending";
  }
}

/** Sends files a few at a time, in the order in which they were chosen. */
export class UploadQueue {
  /** @type {Item[]} */ items = [];
  #active = 0;

  /**
   * @param {(item: Item, onProgress: (bytes: number) => void) => Transfer} makeTransfer
   * @param {(item: Item) => void} onChange
   * @param {number} [parallel]
   */
  constructor(makeTransfer, onChange, parallel = 4) {
    this.makeTransfer = makeTransfer;
    this.onChange = onChange;
    this.parallel = parallel;
  }

  /**
   * @param {File} file
   * @param {string} concert
   * @returns {Item}
   */
  add(file, concert) {
    const item = new Item(file, concert);
    this.items.push(item);
    queueMicrotask(() => this.#fill());
    return item;
  }

  /** @param {Item} item */
  retry(item) {
    if (item.state !== "failed" && item.state !== "cancelled") return;
    this.#change(item, { state: "waiting", reason: "", sent: 0 });
    this.#fill();
  }

  /** Go on with what failed because there was no way to the server; called when there may be one again. */
  resume() {
    for (const item of this.items) if (item.state === "failed" && item.isUnreached) this.retry(item);
  }

  /** @param {Item} item */
  cancel(item) {
    if (item.isSettled) return;
    const { transfer } = item;
    this.#change(item, { state: "cancelled", transfer: null });
    transfer?.abort();
  }

  /** @returns {{files: number, settled: number, done: number, duplicates: number, failed: number, bytes: number, sent: number}} */
  get totals() {
    const live = this.items.filter((item) => item.state !== "cancelled");
    const count = (/** @type {State} */ state) => live.filter((item) => item.state === state).length;
    const sum = (/** @type {(item: Item) => number} */ size) => live.reduce((total, item) => total + size(item), 0);
    return {
      files: live.length,
      settled: live.filter((item) => item.isSettled).length,
      done: count("done"),
      duplicates: count("duplicate"),
      failed: count("failed"),
      bytes: sum((item) => item.file.size),
      sent: sum((item) => (item.isSettled ? item.file.size : item.sent)),
    };
  }

  #fill() {
    for (const item of this.items) {
      if (this.#active >= this.parallel) return;
      if (item.state === "waiting") this.#send(item);
    }
  }

  /** @param {Item} item */
  async #send(item) {
    const transfer = this.makeTransfer(item, (bytes) => {
      if (item.transfer === transfer) this.#change(item, { sent: bytes });
    });
    this.#active += 1;
    this.#change(item, { state: "sending", transfer });
    try {
      const { id: result, isDuplicate, hasJoined, hasReturned } = await transfer.start();
      const state = isDuplicate ? "duplicate" : "done";
      if (item.transfer === transfer) this.#change(item, { state, result, hasJoined, hasReturned });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (item.transfer === transfer) this.#change(item, { state: "failed", reason, isUnreached: error instanceof UploadError && error.status === 0 });
    } finally {
      this.#active -= 1;
      this.#fill();
    }
  }

  /**
   * @param {Item} item
   * @param {Partial<Item>} change
   */
  #change(item, change) {
    Object.assign(item, change);
    this.onChange(item);
  }
}
