/**
 * A live fancam: the part of the picture in which the followed star is, eased from picture to picture.
 *
 * All is in shares of the frame, so a camera that sends smaller pictures for a while moves nothing. The part has the shape of
 * the frame: its span is the share of both width and height.
 *
 * @typedef {import("../lib/live_overlay.js").LiveFace} LiveFace
 * @typedef {import("../lib/live_overlay.js").Part} Part
 * @typedef {{left: number, top: number, right: number, bottom: number}} Edges
 */

import { faceOf, GONE_MS } from "../lib/following.js";
import { WHOLE } from "../lib/live_overlay.js";

/** Beyond this enlargement the small live picture is only blur. */
const LEAST_SPAN = 1 / 3;
/** The part is so many faces high: head and shoulders with air around them. */
const FACES_HIGH = 4.5;
/** How far below the middle of the face the middle of the part lies, in faces. */
const BELOW_FACE = 0.6;
/** Hair and chin around the detected face, in faces. */
const HEAD = { above: 0.6, below: 0.3, beside: 0.35 };
/** After so long two thirds of the way are done. */
const EASE_MS = 450;
const OPEN_MS = 900;

export class FollowZoom {
  #seenAt = -Infinity;
  #at = -Infinity;
  /** @type {Part} */ #part = WHOLE;

  /**
   * The part to show of the next picture.
   *
   * @param {LiveFace[]} faces
   * @param {string} person who is followed
   * @param {{width: number, height: number}} frame
   * @param {number} now milliseconds
   * @returns {Part}
   */
  next(faces, person, frame, now) {
    const passed = Math.max(0, now - this.#at);
    const isFirst = !Number.isFinite(this.#at);
    this.#at = now;
    const face = faceOf(faces, person);
    if (face) this.#seenAt = now;
    if (!face && now - this.#seenAt <= GONE_MS) return this.#part;
    const eased = ease(this.#part, face ? partAround(face.box, frame) : WHOLE, isFirst ? 0 : passed / (face ? EASE_MS : OPEN_MS));
    this.#part = face ? holding(eased, headOf(face.box, frame)) : inFrame(eased);
    return this.#part;
  }

  /** Begin with the whole picture again. */
  reset() {
    this.#part = WHOLE;
    this.#seenAt = this.#at = -Infinity;
  }
}

/**
 * @param {LiveFace["box"]} box
 * @param {{width: number, height: number}} frame
 * @returns {Part} where the part would best be
 */
function partAround([x1, y1, x2, y2], { width, height }) {
  const tall = (y2 - y1) / height;
  const span = Math.min(1, Math.max(LEAST_SPAN, tall * FACES_HIGH));
  const [across, down] = [(x1 + x2) / 2 / width, (y1 + y2) / 2 / height + BELOW_FACE * tall];
  return inFrame({ left: across - span / 2, top: down - span / 2, span });
}

/**
 * @param {LiveFace["box"]} box
 * @param {{width: number, height: number}} frame
 * @returns {Edges} of the whole head, as far as it is in the frame
 */
function headOf([x1, y1, x2, y2], { width, height }) {
  const [wide, tall] = [x2 - x1, y2 - y1];
  return {
    left: Math.max(0, (x1 - HEAD.beside * wide) / width),
    top: Math.max(0, (y1 - HEAD.above * tall) / height),
    right: Math.min(1, (x2 + HEAD.beside * wide) / width),
    bottom: Math.min(1, (y2 + HEAD.below * tall) / height),
  };
}

/**
 * @param {Part} from
 * @param {Part} to
 * @param {number} times how many times the easing has passed
 * @returns {Part}
 */
function ease(from, to, times) {
  const share = 1 - Math.exp(-times);
  const between = (/** @type {number} */ one, /** @type {number} */ other) => one + (other - one) * share;
  const span = between(from.span, to.span);
  const across = between(from.left + from.span / 2, to.left + to.span / 2);
  const down = between(from.top + from.span / 2, to.top + to.span / 2);
  return { left: across - span / 2, top: down - span / 2, span };
}

/**
 * However quickly she moves, her head is never cut: the part follows at once as far as it must.
 *
 * @param {Part} part
 * @param {Edges} head
 * @returns {Part}
 */
function holding(part, head) {
  const span = Math.min(1, Math.max(part.span, head.right - head.left, head.bottom - head.top));
  const grown = (span - part.span) / 2;
  const held = (/** @type {number} */ from, /** @type {number} */ low, /** @type {number} */ high) => Math.max(high - span, Math.min(low, from - grown));
  return inFrame({ left: held(part.left, head.left, head.right), top: held(part.top, head.top, head.bottom), span });
}

/** @param {Part} part @returns {Part} moved into the frame */
function inFrame({ left, top, span }) {
  const within = (/** @type {number} */ from) => Math.max(0, Math.min(1 - span, from));
  return { left: within(left), top: within(top), span };
}
