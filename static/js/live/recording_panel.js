/** The part of the camera page that records: says what is kept before it begins, how far it is, and where it is kept then. */

import { send, wait } from "../lib/tus_transport.js";
import { gettext } from "../lib/words.js";
import { Recorder } from "./recorder.js";

const LOOK_MS = 1000;
const MEGABYTE = 1_000_000;

export class RecordingPanel {
  #isFilming = false;

  /**
   * @param {HTMLElement} root `[data-recorder]`
   * @param {{session: string}} about
   * @param {AbortSignal} signal
   */
  constructor(root, { session }, signal) {
    this.root = root;
    const { endpoint = "", title = "", mostBytes = "" } = root.dataset;
    this.recorder = new Recorder({
      endpoint,
      session,
      title,
      mostBytes: Number(mostBytes),
      send,
      wait,
      memory: sessionStorage,
      say: (words) => this.#write("[data-record-words]", words),
      changed: () => this.#show(),
      kept: (id) => this.#keep(id),
    });
    this.#part("[data-record]").addEventListener("click", () => void this.recorder.start(this.#sound.checked), { signal });
    this.#part("[data-record-stop]").addEventListener("click", () => this.recorder.stop(), { signal });
    addEventListener("beforeunload", (event) => this.recorder.state.isBringing && event.preventDefault(), { signal });
    const timer = setInterval(() => this.#show(), LOOK_MS);
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      this.recorder.close();
    });
  }

  /** The camera films, or does not. @param {MediaStream|null} stream */
  film(stream) {
    this.#isFilming = stream !== null;
    this.recorder.film(stream);
    this.#show();
  }

  /** @param {boolean} isHidden */
  pause(isHidden) {
    this.recorder.pause(isHidden);
  }

  /** @returns {HTMLInputElement} */
  get #sound() {
    return /** @type {HTMLInputElement} */ (this.#part("[data-record-sound]"));
  }

  /** @param {string} selector @returns {HTMLElement} */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.root.querySelector(selector));
  }

  /**
   * @param {string} selector
   * @param {string} words
   */
  #write(selector, words) {
    const place = this.#part(selector);
    if (place.textContent !== words) place.textContent = words;
    place.hidden = !words;
  }

  #show() {
    const { isOn, isBringing, seconds, confirmedBytes, pendingBytes } = this.recorder.state;
    const start = /** @type {HTMLButtonElement} */ (this.#part("[data-record]"));
    const hadFocus = document.activeElement === start || document.activeElement === this.#part("[data-record-stop]");
    start.disabled = !this.#isFilming;
    start.hidden = isOn;
    this.#part("[data-record-stop]").hidden = !isOn;
    if (hadFocus) this.#part(isOn ? "[data-record-stop]" : "[data-record]").focus({ preventScroll: true });
    this.#sound.disabled = isOn;
    this.root.dataset.state = isOn ? "recording" : isBringing ? "bringing" : "off";
    const figures = { time: clock(seconds), there: megabytes(confirmedBytes), waiting: megabytes(pendingBytes) };
    if (isOn) this.#write("[data-record-state]", gettext("Recording: %(time)s. %(there)s MB are on the server, %(waiting)s MB wait.", figures));
    else if (isBringing) this.#write("[data-record-state]", gettext("%(waiting)s MB of the recording are still on their way. Leave this page open.", figures));
    else this.#write("[data-record-state]", "");
  }

  /** @param {string} id of the video */
  #keep(id) {
    const link = /** @type {HTMLAnchorElement} */ (this.#part("[data-record-kept] a"));
    link.href = `${this.root.dataset.videos}${id}/`;
    this.#part("[data-record-kept]").hidden = false;
  }
}

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / MEGABYTE).toFixed(1);
}

/** @param {number} seconds */
function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
