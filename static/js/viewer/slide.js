import { element } from "../lib/dom.js";
import { boxInPercent, containedRect, place } from "../lib/picture.js";
import { closeScale, mostScale, WHOLE, wantsOriginal, within, zoomedAt } from "./zoom.js";

const DISPLAY_SIDE = 2048;

/**
 * @typedef {import("./items.js").Item} Item
 * @typedef {import("./facts.js").Facts} Facts
 */

/**
 * One picture in the viewer with what lies on it.
 *
 * Pictures and boxes share one element that grows and moves, so boxes and portrait stay in place at every zoom. It is sized and
 * not scaled: lines and names keep their thickness. The original's pixels are fetched once the smaller picture no longer has
 * enough for the screen.
 */
export class Slide {
  #frame;
  #size;
  #view = WHOLE;
  #fitted = { width: 0, height: 0 };
  #picture = image("display");
  #original = image("full");
  #portrait = image("portrait");
  #boxes = element("div", { class: "face-layer viewer-boxes" });
  #isPortrait = false;
  #isGone = false;
  #middle = { x: 0, y: 0 };

  /**
   * @param {HTMLElement} frame in which it is shown
   * @param {Item} item
   */
  constructor(frame, item) {
    this.item = item;
    this.#frame = frame;
    this.#size = { width: item.width || 3, height: item.height || 2 };
    this.root = element("div", { class: "viewer-slide" }, this.#picture, this.#original, this.#portrait, this.#boxes);
    this.#picture.alt = item.title;
    this.#picture.hidden = false;
    this.#picture.src = address(item, "thumb");
    frame.append(this.root);
    this.fit();
  }

  get isZoomed() {
    return this.#view.scale > 1.001;
  }

  /** Take the picture for a screen in the place of the small one. @param {Promise<string>} source */
  async load(source) {
    const shown = await source.catch(() => "");
    if (!shown || this.#isGone) return false;
    await swap(this.#picture, shown);
    return true;
  }

  /** @param {Facts} facts */
  tell({ width, height, faces, has_portrait }) {
    if (width && height) this.#size = { width, height };
    this.hasPortrait = has_portrait;
    this.#boxes.replaceChildren(...faces.map((face) => faceBox(face, this.#size)));
    this.fit();
    this.showPortrait(this.#isPortrait);
    this.#middle = middleOf(faces);
  }

  /** Measure the frame anew. */
  fit() {
    this.#fitted = containedRect({ width: this.#frame.clientWidth, height: this.#frame.clientHeight }, this.#size);
    this.#take(this.#view);
  }

  /**
   * @param {number} factor
   * @param {import("./zoom.js").Point} [point]
   */
  zoom(factor, point = { x: 0, y: 0 }) {
    this.#take(zoomedAt(this.#view, factor, point, mostScale(this.#size, this.#fitted)));
  }

  /** Switch between the whole picture and its own pixels; without a point those of the faces. @param {import("./zoom.js").Point} [point] */
  toggleZoom(point = { x: this.#middle.x * this.#fitted.width, y: this.#middle.y * this.#fitted.height }) {
    const close = closeScale(this.#size, this.#fitted, devicePixelRatio);
    if (this.isZoomed) this.#take(WHOLE);
    else this.#take({ scale: close, x: -point.x * close, y: -point.y * close });
  }

  /** Move a picture that is larger than its frame. @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.#take({ ...this.#view, x: this.#view.x + dx, y: this.#view.y + dy });
  }

  /** Let it follow a finger that may be about to turn to the next one. @param {number} dx @param {number} dy */
  follow(dx, dy) {
    this.root.style.setProperty("--follow-x", `${dx}px`);
    this.root.style.setProperty("--follow-y", `${dy}px`);
  }

  /** @param {boolean} isShown */
  showBoxes(isShown) {
    this.#boxes.hidden = !isShown;
  }

  /** @param {boolean} isShown */
  showPortrait(isShown) {
    this.#isPortrait = isShown;
    const portrait = this.#portrait;
    if (!isShown || !this.hasPortrait) {
      portrait.hidden = true;
      return;
    }
    this.#loadPortrait();
  }

  remove() {
    this.#isGone = true;
    for (const one of [this.#original, this.#portrait]) one.removeAttribute("src");
    this.root.remove();
  }

  hasPortrait = false;

  /** @param {import("./zoom.js").View} view */
  #take(view) {
    const frame = { width: this.#frame.clientWidth, height: this.#frame.clientHeight };
    this.#view = within(view, this.#fitted, frame, mostScale(this.#size, this.#fitted));
    const { scale, x, y } = this.#view;
    const { style } = this.root;
    style.setProperty("--slide-width", `${(this.#fitted.width * scale).toFixed(2)}px`);
    style.setProperty("--slide-height", `${(this.#fitted.height * scale).toFixed(2)}px`);
    style.setProperty("--slide-x", `${x.toFixed(2)}px`);
    style.setProperty("--slide-y", `${y.toFixed(2)}px`);
    this.root.classList.toggle("is-zoomed", this.isZoomed);
    if (!this.#wantsOriginal()) return;
    if (!this.#original.src) swap(this.#original, address(this.item, "full"));
    if (this.#isPortrait) this.#loadPortrait();
  }

  #wantsOriginal() {
    return wantsOriginal(this.#size, this.#fitted.width * this.#view.scale, devicePixelRatio, DISPLAY_SIDE);
  }

  async #loadPortrait() {
    const variant = this.#wantsOriginal() ? "portrait" : "portrait-display";
    const wanted = address(this.item, variant);
    if (this.#portrait.getAttribute("src") !== wanted) await swap(this.#portrait, wanted);
    this.#portrait.hidden = !this.#isPortrait;
  }
}

/**
 * Where the faces are, as the way from the middle of the picture in shares of its size.
 *
 * @param {import("./facts.js").Face[]} faces
 */
function middleOf(faces) {
  const mean = (/** @type {(box: number[]) => number} */ of) => faces.reduce((sum, { box }) => sum + of(box), 0) / faces.length - 0.5;
  return faces.length ? { x: mean(([x1, , x2]) => (x1 + x2) / 2), y: mean(([, y1, , y2]) => (y1 + y2) / 2) } : { x: 0, y: 0 };
}

/**
 * @param {string} name
 * @returns {HTMLImageElement}
 */
function image(name) {
  const made = /** @type {HTMLImageElement} */ (element("img", { class: "viewer-picture", "data-viewer-image": name, alt: "", draggable: "false" }));
  made.hidden = true;
  return made;
}

/**
 * @param {Item} item
 * @param {string} variant
 */
export function address(item, variant) {
  return `/photos/${item.photo}/media/${variant}/`;
}

/**
 * Show another picture once it is decoded, so that nothing flashes.
 *
 * @param {HTMLImageElement} shown
 * @param {string} source
 */
async function swap(shown, source) {
  const fresh = new Image();
  fresh.src = source;
  const isThere = await fresh.decode().then(() => true, () => false);
  if (!isThere) return;
  shown.src = source;
  shown.hidden = false;
}

/**
 * @param {import("./facts.js").Face} face
 * @param {import("./zoom.js").Size} size
 */
function faceBox({ box: [x1, y1, x2, y2], name }, { width, height }) {
  const label = element("span", { class: "face-label" }, name);
  const made = element("span", { class: `face-box${name ? " is-named" : ""}` }, label);
  place(made, boxInPercent([x1 * width, y1 * height, x2 * width, y2 * height], { width, height }));
  return made;
}
