/**
 * What happens on the server, as it happens.
 *
 * One websocket brings the user's events. A connection that breaks comes back by itself, first soon, then ever more
 * slowly and never at the same moment as everybody else's, and asks for what it missed by the id of the last event it
 * saw. An event that arrives twice is told once.
 *
 * @typedef {{id: number, box: number[], name: string, label: string}} FoundFace box as shares of the photo; `label` is the
 *   emotion, empty where none is sure
 * @typedef {{photo: string, count: number, faces: FoundFace[]}} FacesFound
 * @typedef {{photo?: string, video?: string, moment?: string, reel?: string, stage: string, reason: string}} JobLost the id of
 *   what the job was about, under its kind
 * @typedef {{video: string, seconds: number, duration: number, moments: number}} VideoProgress
 *
 * @typedef {object} Payloads what an event tells, by its kind; docs/architecture.md has them all
 * @property {{photo: string, width: number, height: number}} photo_ready
 * @property {FacesFound} faces_found
 * @property {{photo: string, faces: {id: number, label: string}[]}} emotions_found
 * @property {{photo: string, has_person: boolean}} portrait_ready
 * @property {{photo: string}} masks_ready
 * @property {{concert?: string, photos: string[]}} names_changed of photos in a shared concert by itself
 * @property {{photo: string, under: string[]}} photos_stacked
 * @property {{moment: string}} moment_wanted
 * @property {{moment: string, photo: string}} moment_ready
 * @property {{moment: string, photo: string}} moment_scored
 * @property {{moment: string}} moment_lost
 * @property {{reel: string, progress: number}} reel_progress
 * @property {{reel: string}} reel_ready
 * @property {VideoProgress} video_progress
 * @property {VideoProgress} video_ready
 * @property {{video: string, reason: string}} video_failed
 * @property {{video?: string, session?: string}} found a long video is looked through, or a live session over
 * @property {JobLost} job_failed
 * @property {JobLost} job_quarantined
 */

/**
 * @template {keyof Payloads} [K=keyof Payloads]
 * @typedef {{[Kind in K]: {id: number, kind: Kind, payload: Payloads[Kind], created_at: string}}[K]} ServerEvent
 */

import { SIGNED_OUT } from "./csrf.js";
import { toast } from "./toasts.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const PATH = "/ws/events/";
const SIGNED_OUT_CODE = 4401;
/** Close codes after which the server will not have us back: signed out, or not allowed. */
const FINAL_CODES = new Set([SIGNED_OUT_CODE, 4403]);

/**
 * How long to wait before the next attempt: doubling, at most half a minute, and the half of it left to chance.
 *
 * @param {number} attempt 0 for the first
 * @param {number} chance 0 to 1
 * @returns {number} milliseconds
 */
export function reconnectDelay(attempt, chance) {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 16));
  return longest / 2 + (longest / 2) * chance;
}

/**
 * @param {{protocol: string, host: string}} place
 * @param {number|null} since id of the last event seen; `null` to hear only what comes from now on
 * @returns {string}
 */
export function eventsUrl(place, since) {
  const scheme = place.protocol === "https:" ? "wss:" : "ws:";
  const query = since === null ? "" : `?since=${since}`;
  return `${scheme}//${place.host}${PATH}${query}`;
}

/** The newest stream of this page. @type {EventStream|undefined} */
let newest;

/** @returns {EventStream|undefined} the stream that the scripts of this page have opened, if they did */
export const openStream = () => newest;

/** Tells listeners of events by their kind; `*` hears all. Dispatches "connected" and "disconnected" to `onState`. */
export class EventStream {
  /** @type {WebSocket|null} */ #socket = null;
  /** @type {Map<string, Set<(event: ServerEvent) => void>>} */ #listeners = new Map();
  /** @type {number|null} */ #last;
  #attempt = 0;
  /** @type {number|undefined} */ #timer;
  #isClosed = false;

  /**
   * @param {object} [options]
   * @param {number|null} [options.since] id of the last event that the page already shows
   * @param {AbortSignal} [options.signal] closes the stream
   * @param {(isConnected: boolean) => void} [options.onState]
   * @param {(words: string) => void} [options.say] tells the user why nothing happens on this page any more
   * @param {(url: string) => WebSocket} [options.open] how to open a socket
   * @param {{protocol: string, host: string}} [options.place]
   * @param {() => number} [options.chance]
   */
  constructor({ since = null, signal, onState = () => {}, say = (words) => toast(words, { tone: "bad" }), open, place, chance } = {}) {
    this.#last = since;
    this.onState = onState;
    this.say = say;
    this.open = open ?? ((url) => new WebSocket(url));
    this.place = place ?? location;
    this.chance = chance ?? Math.random;
    signal?.addEventListener("abort", () => this.close(), { once: true });
    newest = this;
    this.#connect();
  }

  /** @returns {number|null} id of the last event told */
  get last() {
    return this.#last;
  }

  /**
   * Listen to one kind of event.
   *
   * @template {keyof Payloads|"*"} K
   * @param {K} kind or `*`
   * @param {(event: K extends keyof Payloads ? ServerEvent<K> : ServerEvent) => void} listener
   * @returns {this}
   */
  on(kind, listener) {
    const listeners = this.#listeners.get(kind) ?? new Set();
    listeners.add(/** @type {(event: ServerEvent) => void} */ (listener));
    this.#listeners.set(kind, listeners);
    return this;
  }

  /** Stop for good. */
  close() {
    this.#isClosed = true;
    if (newest === this) newest = undefined;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = null;
  }

  #connect() {
    if (this.#isClosed) return;
    const socket = this.open(eventsUrl(this.place, this.#last));
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#attempt = 0;
      this.onState(true);
    });
    socket.addEventListener("message", (message) => this.#receive(message.data));
    socket.addEventListener("close", (event) => this.#reconnect(event.code), { once: true });
  }

  /** @param {number} code */
  #reconnect(code) {
    if (this.#isClosed) return;
    this.onState(false);
    if (code === SIGNED_OUT_CODE) this.say(SIGNED_OUT);
    if (FINAL_CODES.has(code)) return this.close();
    const wait = reconnectDelay(this.#attempt, this.chance());
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  /** @param {string} text */
  #receive(text) {
    const event = JSON.parse(text);
    if (typeof event.id !== "number" || (this.#last !== null && event.id <= this.#last)) return;
    this.#last = event.id;
    for (const kind of [event.kind, "*"]) {
      for (const listener of this.#listeners.get(kind) ?? []) listener(event);
    }
  }
}
