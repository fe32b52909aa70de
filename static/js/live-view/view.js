/**
 * Shows one session: each picture with the faces that belong to it, the newest one only.
 *
 * `shown` goes back for each picture, and only then the server sends the next but one: a slow connection gets fewer
 * pictures and never old ones.
 */

import { LiveOverlay, WHOLE } from "../lib/live_overlay.js";
import { LiveSocket } from "../lib/live_socket.js";
import { pictureType, unpack } from "../lib/live_wire.js";
import { LastValues, RateMeter } from "../lib/meter.js";
import { gettext } from "../lib/words.js";
import { FollowZoom } from "./follow_zoom.js";

const QUIET_MS = 3000;
const QUIET = gettext("No new picture comes from the camera.");
const UNLABELLED = gettext("The recogniser does not answer. Names come back by themselves.");

/**
 * @typedef {import("../lib/live_messages.js").ViewHeader} ViewHeader
 * @typedef {object} ViewHandlers
 * @property {(faces: import("../lib/live_overlay.js").LiveFace[]|null, width: number) => void} [faces] who is in the picture, and
 *   how wide it is; `null` when there is none, or nobody has looked at it
 * @property {(following: import("../lib/live_messages.js").Following) => void} [following] whom the camera follows
 * @property {(words: string) => void} [say]
 */

export class LiveView {
  #rate = new RateMeter();
  #ages = new LastValues(30);
  #lastNews = -Infinity;
  #hasPicture = false;
  #isOnAir = false;
  #words = "";
  #zoom = new FollowZoom();
  #isZoomed = false;

  /**
   * @param {HTMLElement} root `[data-live-view]`
   * @param {AbortSignal} signal
   * @param {ViewHandlers} [handlers]
   */
  constructor(root, signal, { faces = () => {}, following = () => {}, say = () => {} } = {}) {
    this.root = root;
    this.faces = faces;
    this.following = following;
    this.say = say;
    this.overlay = new LiveOverlay(/** @type {HTMLCanvasElement} */ (root.querySelector("canvas")));
    this.socket = new LiveSocket(root.dataset.socket ?? "", {
      opened: () => this.#tell(""),
      told: (message) => {
        if (message.type === "on_air") this.#hearOnAir(message);
        else if (message.type === "following") this.#follow(message);
      },
      shown: (message) => void this.#show(message),
      lost: (words) => {
        this.#setOnAir(false);
        this.#tell(words);
      },
    });
    signal.addEventListener("abort", () => this.socket.close(), { once: true });
  }

  /** @returns {{perSecond: number, ageMs: number, isQuiet: boolean}} `isQuiet` when there is nothing to count */
  get figures() {
    const isQuiet = !this.#hasPicture || this.#isQuiet;
    return { perSecond: this.#rate.perSecond(performance.now()), ageMs: this.#ages.quantile(0.5), isQuiet };
  }

  /** Whether the picture follows the star, nearer than the camera shows her. @param {boolean} isZoomed */
  set isZoomed(isZoomed) {
    this.#isZoomed = isZoomed;
    if (isZoomed) this.#zoom.reset();
  }

  /** Say how it is; the clock asks for it too, as a picture that does not come calls nothing. */
  notice() {
    this.say(this.#isOnAir && this.#isQuiet ? QUIET : this.#words);
  }

  /** @returns {boolean} whether it is long since anything new was seen */
  get #isQuiet() {
    return performance.now() - this.#lastNews > QUIET_MS;
  }

  /** @param {string} words how it is apart from pictures that do not come */
  #tell(words) {
    this.#words = words;
    this.notice();
  }

  /** @param {ArrayBuffer} message */
  async #show(message) {
    const { header: said, picture } = unpack(message);
    const header = /** @type {ViewHeader} */ (said);
    try {
      const image = await createImageBitmap(new Blob([picture], { type: pictureType(picture) }));
      if (this.#isOnAir) this.#draw(image, header);
      image.close();
    } catch (error) {
      console.info("a picture could not be shown", error);
    } finally {
      this.socket.send(JSON.stringify({ type: "shown", frame: header.frame }));
    }
  }

  /**
   * @param {ImageBitmap} image
   * @param {ViewHeader} header
   */
  #draw(image, header) {
    const frame = header.is_labelled ? header : { width: image.width, height: image.height };
    this.#fit(frame);
    const isNear = this.#isZoomed && Boolean(this.overlay.followed);
    const part = isNear ? this.#zoom.next(header.faces, this.overlay.followed, frame, performance.now()) : WHOLE;
    this.overlay.part = part;
    this.root.dataset.span = part.span.toFixed(2);
    this.overlay.draw(image, header.faces, frame);
    this.#note(header);
  }

  /** @param {ViewHeader} header */
  #note(header) {
    const now = performance.now();
    // Nobody knows how long the first one has lain on the server; each later one is news by itself.
    this.#lastNews = this.#hasPicture ? now : now - header.age_ms;
    this.#hasPicture = true;
    this.#rate.note(now);
    this.#ages.note(header.age_ms);
    this.root.dataset.faceCount = String(header.faces.length);
    this.faces(header.is_labelled ? header.faces : null, header.width);
    this.#tell(header.is_labelled ? "" : UNLABELLED);
  }

  /** @param {{width: number, height: number}} frame */
  #fit({ width, height }) {
    const shape = `${width} / ${height}`;
    const stage = /** @type {HTMLElement} */ (this.root.querySelector("[data-stage]"));
    if (stage.dataset.shape === shape) return;
    stage.dataset.shape = shape;
    stage.style.aspectRatio = shape;
  }

  /** @param {import("../lib/live_messages.js").OnAir} said */
  #hearOnAir(said) {
    this.#setOnAir(said.is_on_air);
    this.#tell(said.message ?? "");
  }

  /** @param {boolean} isOnAir */
  #setOnAir(isOnAir) {
    this.#isOnAir = isOnAir;
    this.#hasPicture = false;
    if (isOnAir) this.#lastNews = performance.now();
    this.root.dataset.state = isOnAir ? "on-air" : "off";
    for (const idle of this.root.querySelectorAll("[data-idle]")) /** @type {HTMLElement} */ (idle).hidden = isOnAir;
    for (const badge of this.root.querySelectorAll("[data-recording]")) /** @type {HTMLElement} */ (badge).hidden = !isOnAir;
    if (isOnAir) return;
    this.overlay.clear();
    this.#zoom.reset();
    this.faces(null, 0);
  }

  /** @param {import("../lib/live_messages.js").Following} following */
  #follow(following) {
    if (following.person !== this.overlay.followed) this.#zoom.reset();
    this.overlay.followed = following.person;
    this.following(following);
  }
}
