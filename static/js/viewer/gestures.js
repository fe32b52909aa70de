const TAP_PX = 10;
const TWICE_MS = 300;
const WHEEL_STEP = 0.0022;

/**
 * @typedef {import("./zoom.js").Point} Point
 * @typedef {object} Handlers what a gesture does; ways and points in CSS pixels
 * @property {(dx: number, dy: number) => void} drag one finger or the mouse has moved since it was asked last
 * @property {(way: {dx: number, dy: number, milliseconds: number}) => void} dropped the whole way of one that was let go
 * @property {(factor: number, point: Point) => void} zoom by wheel or pinch, round a point
 * @property {(point: Point) => void} twice a double tap or double click
 * @property {() => void} tap a single tap of a finger
 */

/**
 * Fingers, mouse and wheel on one element, told as what they mean.
 *
 * The element wants `touch-action: none`, so that the browser leaves all of it to us.
 */
export class Gestures {
  #element;
  #handlers;
  /** @type {Map<number, {x: number, y: number}>} */ #pointers = new Map();
  #start = { x: 0, y: 0, time: 0, wasPinched: false };
  #lastTap = { x: 0, y: 0, time: -Infinity };
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #waiting;

  /**
   * @param {HTMLElement} element
   * @param {AbortSignal} signal
   * @param {Handlers} handlers
   */
  constructor(element, signal, handlers) {
    this.#element = element;
    this.#handlers = handlers;
    element.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    element.addEventListener("pointermove", (event) => this.#move(event), { signal });
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
      element.addEventListener(name, (event) => this.#up(event), { signal });
    }
    element.addEventListener("wheel", (event) => this.#wheel(event), { signal, passive: false });
    signal.addEventListener("abort", () => clearTimeout(this.#waiting), { once: true });
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.#element.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, at(event));
    if (this.#pointers.size === 1) this.#start = { ...at(event), time: event.timeStamp, wasPinched: false };
    else this.#start.wasPinched = true;
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = at(event);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    if (!other) {
      this.#handlers.drag(now.x - before.x, now.y - before.y);
      return;
    }
    const factor = distance(now, other) / Math.max(1, distance(before, other));
    // Round the point that was between the fingers; the drag then takes it to where it is now.
    this.#handlers.zoom(factor, this.#fromMiddle((before.x + other.x) / 2, (before.y + other.y) / 2));
    this.#handlers.drag((now.x - before.x) / 2, (now.y - before.y) / 2);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (!this.#pointers.delete(event.pointerId) || this.#pointers.size) return;
    const { x, y, time, wasPinched } = this.#start;
    const way = { dx: event.clientX - x, dy: event.clientY - y, milliseconds: event.timeStamp - time };
    if (event.type === "pointercancel" || wasPinched) return this.#handlers.dropped({ dx: 0, dy: 0, milliseconds: 0 });
    this.#handlers.dropped(way);
    if (Math.hypot(way.dx, way.dy) < TAP_PX) this.#tapped(event);
  }

  /** @param {PointerEvent} event */
  #tapped(event) {
    const last = this.#lastTap;
    clearTimeout(this.#waiting);
    if (event.timeStamp - last.time < TWICE_MS && distance(at(event), last) < 3 * TAP_PX) {
      this.#lastTap = { ...at(event), time: -Infinity };
      this.#handlers.twice(this.#fromMiddle(event.clientX, event.clientY));
      return;
    }
    this.#lastTap = { ...at(event), time: event.timeStamp };
    if (event.pointerType === "touch") this.#waiting = setTimeout(() => this.#handlers.tap(), TWICE_MS);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 * event.deltaY : event.deltaY;
    this.#handlers.zoom(Math.exp(-pixels * WHEEL_STEP), this.#fromMiddle(event.clientX, event.clientY));
  }

  /**
   * @param {number} x
   * @param {number} y
   * @returns {Point}
   */
  #fromMiddle(x, y) {
    const box = this.#element.getBoundingClientRect();
    return { x: x - box.left - box.width / 2, y: y - box.top - box.height / 2 };
  }
}

/** @param {PointerEvent} event */
function at(event) {
  return { x: event.clientX, y: event.clientY };
}

/**
 * @param {{x: number, y: number}} one
 * @param {{x: number, y: number}} other
 */
function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
