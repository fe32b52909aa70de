/** The socket of a live page: comes back by itself, unless the server says that it must not. */

import { SIGNED_OUT } from "./csrf.js";
import { reconnectDelay } from "./events.js";
import { gettext } from "./words.js";

/** Why the server closed for good, in words for the user. */
const FINAL = new Map([
  [4401, SIGNED_OUT],
  [4403, gettext("This page does not belong to this server. Reload it.")],
  [4404, gettext("This session is gone. It may have been deleted.")],
  [4409, gettext("Another device films in this session now.")],
  [4410, gettext("This session has ended.")],
]);
const CROWDED = gettext("All places are taken, or too much came at once. Trying again.");
const CROWDED_CODE = 4429;
const BROKEN_CODE = 1006;
const LONGEST_WAIT_MS = 2000;
const OPEN = 1;

/**
 * @param {{protocol: string, host: string}} place
 * @param {string} path
 */
export function socketUrl(place, path) {
  return `${place.protocol === "https:" ? "wss:" : "ws:"}//${place.host}${path}`;
}

/**
 * @typedef {import("./live_messages.js").ToCamera} ToCamera
 * @typedef {import("./live_messages.js").ToViewer} ToViewer
 * @typedef {object} SocketHandlers
 * @property {() => void} [opened]
 * @property {(message: ToCamera|ToViewer) => void} [told] a text message, parsed
 * @property {(message: ArrayBuffer) => void} [shown] a binary message
 * @property {(words: string, isFinal: boolean) => void} [lost] the connection is gone
 */

/** Live pictures cannot be caught up on, so a reconnection asks for nothing: it begins with what is now. */
export class LiveSocket {
  /** @type {WebSocket|null} */ #socket = null;
  #attempt = 0;
  /** @type {number|undefined} */ #timer;
  #isClosed = false;

  /**
   * @param {string} path
   * @param {SocketHandlers} handlers
   * @param {{open?: (url: string) => WebSocket, place?: {protocol: string, host: string}, chance?: () => number}} [options]
   */
  constructor(path, handlers, { open, place, chance } = {}) {
    this.handlers = handlers;
    this.open = open ?? ((url) => new WebSocket(url));
    this.url = socketUrl(place ?? location, path);
    this.chance = chance ?? Math.random;
    this.#connect();
  }

  /** @returns {boolean} whether messages can be sent now */
  get isOpen() {
    return this.#socket?.readyState === OPEN;
  }

  /** @returns {number} bytes that the network has not taken yet */
  get waitingBytes() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /**
   * @param {string|Uint8Array<ArrayBuffer>} message
   * @returns {boolean} whether it left
   */
  send(message) {
    if (!this.isOpen) return false;
    this.#socket?.send(message);
    return true;
  }

  /** Give up a connection that has fallen silent, without waiting for its goodbye, and open another one. */
  reopen() {
    const silent = this.#socket;
    if (silent) this.#lose(BROKEN_CODE);
    silent?.close();
  }

  /** Stop for good. */
  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = null;
  }

  #connect() {
    if (this.#isClosed) return;
    const socket = this.open(this.url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    const ifPresent = (/** @type {() => void} */ act) => socket === this.#socket && act();
    socket.addEventListener("open", () => ifPresent(() => this.handlers.opened?.()));
    socket.addEventListener("message", ({ data }) => ifPresent(() => this.#hear(data)));
    socket.addEventListener("close", ({ code }) => ifPresent(() => this.#lose(code)));
  }

  /** @param {string|ArrayBuffer} data */
  #hear(data) {
    this.#attempt = 0;
    if (typeof data === "string") this.handlers.told?.(JSON.parse(data));
    else this.handlers.shown?.(data);
  }

  /** @param {number} code */
  #lose(code) {
    this.#socket = null;
    const words = FINAL.get(code);
    if (words) this.close();
    this.handlers.lost?.(words ?? (code === CROWDED_CODE ? CROWDED : gettext("The connection is lost. Trying again.")), Boolean(words));
    if (words) return;
    const wait = reconnectDelay(this.#attempt, this.chance());
    this.#attempt += 1;
    const longest = code === CROWDED_CODE ? Infinity : LONGEST_WAIT_MS;
    this.#timer = setTimeout(() => this.#connect(), Math.min(wait, longest));
  }
}
