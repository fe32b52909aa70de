import { element } from "../lib/dom.js";
import { containedRect, place } from "../lib/picture.js";
import { gettext } from "../lib/words.js";
import { facesAt } from "./tracks.js";

const CONTROLS_PX = 64;

/**
 * How much of a face lies above the controls of a film.
 *
 * @param {number} top share of the film's height
 * @param {number} bottom
 * @param {number} height of the film in pixels
 */
export function aboveControls(top, bottom, height) {
  const free = height ? 1 - CONTROLS_PX / height : 1;
  return Math.max(0, Math.min(1, (free - top) / Math.max(bottom - top, 1e-6)));
}

/**
 * Boxes and names over a film that plays.
 *
 * They are drawn when the browser says that a frame is shown, for the time of that very frame; so they are in sync however
 * slow the machine is.
 */
export class FilmOverlay {
  #film;
  #layer;
  #book;
  #isShown = true;
  /** @type {Map<number, HTMLElement>} track to its box */ #boxes = new Map();
  #choose;
  #signal;

  /**
   * @param {HTMLVideoElement} film
   * @param {HTMLElement} layer over it
   * @param {import("./tracks.js").TrackBook} book
   * @param {AbortSignal} signal
   * @param {(face: import("./tracks.js").Shown) => void} choose called when a face is clicked
   */
  constructor(film, layer, book, signal, choose) {
    this.#film = film;
    this.#layer = layer;
    this.#book = book;
    this.#signal = signal;
    this.#choose = choose;
    book.onMore(() => this.#draw(film.currentTime));
    const observer = new ResizeObserver(() => this.#fit());
    observer.observe(film);
    signal.addEventListener("abort", () => observer.disconnect(), { once: true });
    film.addEventListener("loadedmetadata", () => this.#fit(), { signal });
    // Old browsers do not say which frame they show; there boxes follow a few times a second.
    if (typeof film.requestVideoFrameCallback === "function") this.#onEachFrame();
    else this.#onEachUpdate();
  }

  /** @param {boolean} isShown */
  show(isShown) {
    this.#isShown = isShown;
    this.#draw(this.#film.currentTime);
  }

  #onEachFrame() {
    this.#film.requestVideoFrameCallback((_, { mediaTime }) => {
      if (this.#signal.aborted) return;
      this.#draw(mediaTime);
      this.#onEachFrame();
    });
  }

  #onEachUpdate() {
    this.#film.addEventListener("timeupdate", () => this.#draw(this.#film.currentTime), { signal: this.#signal });
  }

  #fit() {
    const { clientWidth: width, clientHeight: height, videoWidth, videoHeight } = this.#film;
    if (!videoWidth) return;
    const rect = containedRect({ width, height }, { width: videoWidth, height: videoHeight });
    for (const [side, pixels] of Object.entries(rect)) this.#layer.style.setProperty(`--layer-${side}`, `${pixels}px`);
  }

  /** @param {number} seconds */
  #draw(seconds) {
    const tracks = this.#isShown ? this.#book.at(seconds) : [];
    const faces = facesAt(tracks, 1000 * seconds);
    const present = new Set(faces.map(({ id }) => id));
    for (const [id, box] of this.#boxes) {
      if (present.has(id)) continue;
      box.remove();
      this.#boxes.delete(id);
    }
    for (const face of faces) {
      const [x1, y1, x2, y2] = face.box;
      const box = this.#box(face);
      box.style.setProperty("--above-controls", aboveControls(y1 / 10_000, y2 / 10_000, this.#film.clientHeight).toFixed(3));
      place(box, { left: x1 / 100, top: y1 / 100, width: (x2 - x1) / 100, height: (y2 - y1) / 100 });
    }
  }

  /** @param {import("./tracks.js").Shown} face */
  #box({ id, name }) {
    let box = this.#boxes.get(id);
    if (box?.dataset.name !== name) {
      box?.remove();
      box = this.#button(id, name);
      this.#boxes.set(id, box);
      this.#layer.append(box);
    }
    return box;
  }

  /**
   * @param {number} id
   * @param {string} name
   */
  #button(id, name) {
    const said = name ? gettext("%(name)s; change the name", { name }) : gettext("Unknown face; give it a name");
    const label = element("span", { class: "face-label", "aria-hidden": "true" }, name || gettext("Who is this?"));
    const box = element("button", { type: "button", class: `face-box${name ? " is-named" : ""}`, "data-track": id, "data-name": name, "aria-label": said }, label);
    box.addEventListener("click", () => this.#click(id), { signal: this.#signal });
    return box;
  }

  /** @param {number} id */
  #click(id) {
    this.#film.pause();
    const seconds = this.#film.currentTime;
    const face = facesAt(this.#book.at(seconds), 1000 * seconds).find((shown) => shown.id === id);
    if (face) this.#choose(face);
  }
}
