/**
 * Shows one session: each picture with the faces that belong to it, the newest one only.
 *
 * `shown` goes back for each picture, and only then the server sends the next but one: a slow connection gets fewer
 * pictures and never old ones.
 */

import { LiveOverlay } from "../lib/live_overlay.js";
import { LiveSocket } from "../lib/live_socket.js";
import { pictureType, unpack } from "../lib/live_wire.js";
import { LastValues, RateMeter } from "../lib/meter.js";

const QUIET_MS = 3000;

/**
 * @typedef {object} ViewHandlers
 * @property {(faces: import("../lib/live_overlay.js").LiveFace[]) => void} [faces]
 * @property {(words: string) => void} [say]
 */

export class LiveView {
  #rate = new RateMeter();
  #ages = new LastValues(30);
  #lastShown = -Infinity;
  #isOnAir = false;

  /**
   * @param {HTMLElement} root `[data-live-view]`
   * @param {AbortSignal} signal
   * @param {ViewHandlers} [handlers]
   */
  constructor(root, signal, { faces = () => {}, say = () => {} } = {}) {
    this.root = root;
    this.faces = faces;
    this.say = say;
    this.overlay = new LiveOverlay(/** @type {HTMLCanvasElement} */ (root.querySelector("canvas")));
    this.socket = new LiveSocket(root.dataset.socket ?? "", {
      opened: () => say(""),
      told: (message) => message.type === "on_air" && this.#setOnAir(message.is_on_air),
      shown: (message) => void this.#show(message),
      lost: (words) => {
        this.#setOnAir(false);
        say(words);
      },
    });
    signal.addEventListener("abort", () => this.socket.close(), { once: true });
  }

  /** @returns {{perSecond: number, ageMs: number, isQuiet: boolean}} */
  get figures() {
    const now = performance.now();
    return { perSecond: this.#rate.perSecond(now), ageMs: this.#ages.quantile(0.5), isQuiet: now - this.#lastShown > QUIET_MS };
  }

  /** @param {ArrayBuffer} message */
  async #show(message) {
    const { header, picture } = unpack(message);
    try {
      const image = await createImageBitmap(new Blob([picture], { type: pictureType(picture) }));
      const frame = header.is_labelled ? header : { width: image.width, height: image.height };
      this.#fit(frame);
      this.overlay.draw(image, header.faces, frame);
      image.close();
      this.#note(header);
    } catch (error) {
      console.info("a picture could not be shown", error);
    } finally {
      this.socket.send(JSON.stringify({ type: "shown", frame: header.frame }));
    }
  }

  /** @param {any} header */
  #note(header) {
    const now = performance.now();
    this.#lastShown = now;
    this.#rate.note(now);
    this.#ages.note(header.age_ms);
    this.root.dataset.faceCount = String(header.faces.length);
    this.faces(header.faces);
    this.say(header.is_labelled ? "" : "The recogniser is restarting. Names come back by themselves.");
  }

  /** @param {{width: number, height: number}} frame */
  #fit({ width, height }) {
    const shape = `${width} / ${height}`;
    const stage = /** @type {HTMLElement} */ (this.root.querySelector("[data-stage]"));
    if (stage.dataset.shape === shape) return;
    stage.dataset.shape = shape;
    stage.style.aspectRatio = shape;
  }

  /** @param {boolean} isOnAir */
  #setOnAir(isOnAir) {
    this.#isOnAir = isOnAir;
    this.root.dataset.state = isOnAir ? "on-air" : "off";
    for (const idle of this.root.querySelectorAll("[data-idle]")) /** @type {HTMLElement} */ (idle).hidden = isOnAir;
    for (const badge of this.root.querySelectorAll("[data-recording]")) /** @type {HTMLElement} */ (badge).hidden = !isOnAir;
    if (!this.#isOnAir) {
      this.overlay.clear();
      this.faces([]);
    }
  }
}
