import { element } from "../lib/dom.js";
import { toast } from "../lib/toasts.js";
import { gettext } from "../lib/words.js";

const STEP = 0.01;
const FIRST = /** @type {[number, number, number, number]} */ ([0.4, 0.35, 0.6, 0.65]);
const LEAST = 0.005;

/** What arrow keys do to a box: which edges they move, and by how many steps. */
const MOVES = new Map([
  ["ArrowLeft", { x: -1, y: 0 }],
  ["ArrowRight", { x: 1, y: 0 }],
  ["ArrowUp", { x: 0, y: -1 }],
  ["ArrowDown", { x: 0, y: 1 }],
]);

/**
 * Lets the user draw a face that was missed: by dragging a box, or with the keyboard, where arrow keys move the box,
 * with Shift change its size, Enter adds the face and Escape leaves it.
 */
export class FaceDrawing {
  #stage;
  #signal;
  #drawn;
  /** @type {HTMLElement|null} */ #layer = null;
  /** @type {HTMLElement|null} */ #box = null;
  /** @type {number[]} */ #edges = [...FIRST];
  /** @type {{x: number, y: number}|null} */ #start = null;
  #isSending = false;

  /**
   * @param {HTMLElement} stage lies exactly over the picture
   * @param {AbortSignal} signal
   * @param {(edges: number[]) => Promise<boolean>} drawn takes the edges as shares of the picture; whether a face came of it
   */
  constructor(stage, signal, drawn) {
    this.#stage = stage;
    this.#signal = signal;
    this.#drawn = drawn;
  }

  /** Begin to draw, or stop it. */
  toggle() {
    if (this.#layer) return this.#stop();
    const said = gettext("Box for a face: arrow keys move it, with Shift they change its size, Enter adds the face, Escape leaves it");
    this.#box = element("div", { class: "draw-box", role: "application", tabindex: "0", "aria-label": said });
    this.#layer = element("div", { class: "draw-layer", "data-draw-layer": true }, this.#box);
    this.#edges = [...FIRST];
    this.#place();
    this.#listen(this.#layer);
    this.#stage.append(this.#layer);
    this.#press(true);
    this.#box.focus({ preventScroll: true });
    toast(gettext("Drag a box around the face. With the keyboard: arrow keys, Shift and arrow keys, then Enter."));
  }

  #stop() {
    this.#layer?.remove();
    this.#layer = this.#box = null;
    this.#press(false);
  }

  /** @param {boolean} isPressed */
  #press(isPressed) {
    const button = /** @type {HTMLElement|null} */ (document.querySelector("[data-draw-face]"));
    button?.setAttribute("aria-pressed", String(isPressed));
    if (!isPressed) button?.focus({ preventScroll: true });
  }

  /** @param {HTMLElement} layer */
  #listen(layer) {
    const options = { signal: this.#signal };
    layer.addEventListener("pointerdown", (event) => this.#down(event), options);
    layer.addEventListener("pointermove", (event) => this.#move(event), options);
    layer.addEventListener("pointerup", () => this.#up(), options);
    layer.addEventListener("pointercancel", () => (this.#start = null), options);
    // A finger that draws does not turn to the next photo.
    for (const kind of ["touchstart", "touchend"]) layer.addEventListener(kind, (event) => event.stopPropagation(), { ...options, passive: true });
    layer.addEventListener("keydown", (event) => this.#key(event), options);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (!event.isPrimary || event.button !== 0 || this.#isSending) return;
    event.preventDefault();
    event.stopPropagation();
    this.#layer?.setPointerCapture(event.pointerId);
    this.#start = this.#at(event);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (!this.#start) return;
    this.#edges = edgesBetween(this.#start, this.#at(event));
    this.#place();
  }

  #up() {
    const isClick = !this.#start || this.#edges[2] - this.#edges[0] < LEAST || this.#edges[3] - this.#edges[1] < LEAST;
    this.#start = null;
    if (!isClick) this.#send();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const move = MOVES.get(event.key);
    if (move) {
      this.#edges = event.shiftKey ? resized(this.#edges, move) : moved(this.#edges, move);
      this.#place();
    } else if (event.key === "Enter") this.#send();
    else if (event.key === "Escape") this.#stop();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async #send() {
    if (this.#isSending) return;
    this.#isSending = true;
    const isAdded = await this.#drawn(this.#edges);
    this.#isSending = false;
    if (isAdded) this.#stop();
  }

  /** @param {PointerEvent} event */
  #at(event) {
    const frame = this.#stage.getBoundingClientRect();
    return { x: share(event.clientX - frame.left, frame.width), y: share(event.clientY - frame.top, frame.height) };
  }

  #place() {
    const [left, top, right, bottom] = this.#edges.map((edge) => 100 * edge);
    const style = /** @type {HTMLElement} */ (this.#box).style;
    style.left = `${left}%`;
    style.top = `${top}%`;
    style.width = `${right - left}%`;
    style.height = `${bottom - top}%`;
  }
}

/**
 * @param {number} pixels
 * @param {number} size
 */
function share(pixels, size) {
  return Math.min(1, Math.max(0, pixels / size));
}

/**
 * The box between two corners, whichever they are.
 *
 * @param {{x: number, y: number}} one
 * @param {{x: number, y: number}} other
 */
export function edgesBetween(one, other) {
  return [Math.min(one.x, other.x), Math.min(one.y, other.y), Math.max(one.x, other.x), Math.max(one.y, other.y)];
}

/**
 * A box moved by a step, as far as the picture goes.
 *
 * @param {number[]} edges
 * @param {{x: number, y: number}} move
 */
export function moved([left, top, right, bottom], move) {
  const x = Math.min(1 - right, Math.max(-left, STEP * move.x));
  const y = Math.min(1 - bottom, Math.max(-top, STEP * move.y));
  return [left + x, top + y, right + x, bottom + y];
}

/**
 * A box that is a step wider or higher, or less so; its left upper corner stays.
 *
 * @param {number[]} edges
 * @param {{x: number, y: number}} move
 */
export function resized([left, top, right, bottom], move) {
  const width = Math.min(1, Math.max(left + STEP, right + STEP * move.x));
  const height = Math.min(1, Math.max(top + STEP, bottom + STEP * move.y));
  return [left, top, width, height];
}
