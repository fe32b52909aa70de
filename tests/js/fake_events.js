/** Events that are told on the way down and up, to the window at last, as a browser tells them. */

import { setMaxListeners } from "node:events";

const STAYS = new Set(["focus", "blur", "close", "load", "error", "toggle", "pointerenter", "pointerleave"]);

/** Something that can be listened to, with others around it. */
export class FakeTarget {
  #listeners = [];

  addEventListener(kind, listen, options = {}) {
    const { capture = false, once = false, signal } = typeof options === "boolean" ? { capture: options } : options;
    if (signal?.aborted) return;
    const entry = { kind, listen, capture, once };
    this.#listeners.push(entry);
    if (!signal) return;
    setMaxListeners(0, signal); // A page ties all its listeners to one.
    signal.addEventListener("abort", () => this.#forget(entry), { once: true });
  }

  removeEventListener(kind, listen) {
    for (const entry of this.#listeners.filter((one) => one.kind === kind && one.listen === listen)) this.#forget(entry);
  }

  #forget(entry) {
    this.#listeners = this.#listeners.filter((one) => one !== entry);
  }

  /** @returns {FakeTarget[]} who hears of what happens here, from the outermost on */
  get path() {
    return [this];
  }

  /** Tell this element and those around it. @param {Event} event */
  dispatchEvent(event) {
    const told = { isStopped: false, isOver: false };
    Object.defineProperty(event, "target", { value: this, configurable: true });
    const stop = { stopPropagation: () => (told.isStopped = true), stopImmediatePropagation: () => (told.isStopped = told.isOver = true) };
    for (const [name, value] of Object.entries(stop)) Object.defineProperty(event, name, { value, configurable: true });
    const { path } = this;
    for (const node of path) if (!told.isStopped) node.hear(event, told, true);
    const heard = STAYS.has(event.type) ? [this] : path.toReversed();
    for (const node of heard) if (!told.isStopped) node.hear(event, told, false);
    return !event.defaultPrevented;
  }

  hear(event, told, isCapturing) {
    for (const entry of this.#listeners.filter((one) => one.kind === event.type && one.capture === isCapturing)) {
      if (entry.once) this.#forget(entry);
      entry.listen.call(this, event);
      if (told.isOver) return;
    }
  }

  /** Do what a user or the browser does. @param {string} kind @param {object} [details] @returns {Event} */
  is(kind, details = {}) {
    const event = new Event(kind, { cancelable: true, bubbles: !STAYS.has(kind) });
    for (const [name, value] of Object.entries(details)) Object.defineProperty(event, name, { value, configurable: true });
    this.dispatchEvent(event);
    return event;
  }
}
