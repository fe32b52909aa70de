/**
 * Boxes, names and emotions over a live picture, drawn on a canvas.
 *
 * @typedef {import("./live_messages.js").LiveFace} LiveFace
 * @typedef {{left: number, top: number, width: number, height: number}} Rect
 * @typedef {{left: number, top: number, span: number}} Part a piece of the frame of the same shape, in shares of its width and height
 */

import { emotionWord } from "./emotions.js";

/** @type {Part} */
export const WHOLE = { left: 0, top: 0, span: 1 };

const UNKNOWN = "rgb(255 255 255 / 85%)";
const SHADE = "rgb(8 8 12 / 84%)";
const TEXT = "#f5f2ea";
const ON_LIGHT = "#14100a";
const QUIET_TEXT = "rgb(245 242 234 / 72%)";

/**
 * Where a face lies on the screen.
 *
 * @param {LiveFace["box"]} box pixels of the frame
 * @param {{width: number, height: number}} frame
 * @param {Rect} picture where the frame is on the screen
 * @param {boolean} isMirrored
 * @returns {Rect}
 */
export function faceRect([x1, y1, x2, y2], frame, picture, isMirrored) {
  const across = picture.width / frame.width;
  const down = picture.height / frame.height;
  const left = isMirrored ? frame.width - x2 : x1;
  return {
    left: picture.left + left * across,
    top: picture.top + y1 * down,
    width: (x2 - x1) * across,
    height: (y2 - y1) * down,
  };
}

/**
 * The sure emotion of a face and its share.
 *
 * @param {LiveFace} face
 * @returns {{label: string, share: number}|null}
 */
export function emotionOf(face) {
  if (!face.emotion) return null;
  return { label: face.emotion, share: face.emotions?.[face.emotion] ?? 1 };
}

/** A second emotion is named beside the first where it is at least this share of it. */
const SECOND_SHARE = 0.5;

/**
 * An expression in one or two words: "happy", or "happy, surprised" where it is mixed.
 *
 * @param {LiveFace} face
 * @returns {string} empty where nothing is sure
 */
export function emotionWords(face) {
  if (!face.emotion) return "";
  const others = Object.entries(face.emotions ?? {}).filter(([label]) => label !== face.emotion);
  const [second, share] = others.sort((one, other) => other[1] - one[1])[0] ?? ["", 0];
  const first = face.emotions?.[face.emotion] ?? 1;
  return second && share >= SECOND_SHARE * first ? `${emotionWord(face.emotion)}, ${emotionWord(second)}` : emotionWord(face.emotion);
}

/**
 * The name of a face, as a question while it is not sure.
 *
 * @param {LiveFace} face
 * @returns {string} empty for somebody unknown
 */
export function nameOf(face) {
  if (!face.name) return "";
  return isQuestion(face) ? `${face.name}?` : face.name;
}

/** @param {LiveFace} face */
export function isQuestion(face) {
  return Boolean(face.name) && face.is_sure === false;
}

/**
 * @param {CSSStyleDeclaration} style of the canvas, which lies on a picture: its colours are the same in both themes
 * @returns {(label: string) => string} the colour of an emotion
 */
function emotionColours(style) {
  return (label) => style.getPropertyValue(`--emotion-${label}`).trim() || TEXT;
}

/**
 * Where the whole frame lies on the canvas when only a part of it is shown.
 *
 * @param {{width: number, height: number}} size of the canvas
 * @param {{width: number, height: number}} frame
 * @param {Part} part
 * @returns {Rect}
 */
function framePlace(size, frame, { left, top, span }) {
  const scale = Math.min(size.width / frame.width, size.height / frame.height) / span;
  const width = frame.width * scale;
  const height = frame.height * scale;
  return { left: (size.width - width * span) / 2 - left * width, top: (size.height - height * span) / 2 - top * height, width, height };
}

/** Draws on one canvas; sizes are in CSS pixels, so that text is sharp and readable on every screen. */
export class LiveOverlay {
  /** Id of the star who is marked; empty for nobody. */
  followed = "";
  /** Which part of the frame is shown. @type {Part} */
  part = WHOLE;

  #canvas;
  #context;
  #colours;
  #light;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const style = getComputedStyle(canvas);
    this.#colours = emotionColours(style);
    this.#light = style.getPropertyValue("--light").trim() || "#ffd27a";
  }

  /**
   * Draw a picture, if there is one, and faces on it.
   *
   * @param {ImageBitmap|HTMLCanvasElement|OffscreenCanvas|null} picture `null` leaves the canvas transparent under the faces
   * @param {LiveFace[]} faces
   * @param {{width: number, height: number}} frame the pixels in which the faces' boxes are
   * @param {boolean} [isMirrored]
   */
  draw(picture, faces, frame, isMirrored = false) {
    const size = this.#fit();
    const context = this.#context;
    context.clearRect(0, 0, size.width, size.height);
    const place = framePlace(size, frame, this.part);
    if (!Number.isFinite(place.width) || place.width <= 0) return;
    if (picture) this.#drawPicture(picture, place, isMirrored);
    for (const face of faces) {
      const rect = faceRect(face.box, frame, place, isMirrored);
      if (meets(rect, size)) this.#drawFace(face, rect, size);
    }
  }

  /** Take everything away. */
  clear() {
    const { width, height } = this.#fit();
    this.#context.clearRect(0, 0, width, height);
  }

  /** Give the canvas as many pixels as it covers on the screen. */
  #fit() {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const width = this.#canvas.clientWidth;
    const height = this.#canvas.clientHeight;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { width, height };
  }

  /**
   * @param {ImageBitmap|HTMLCanvasElement|OffscreenCanvas} picture
   * @param {Rect} place
   * @param {boolean} isMirrored
   */
  #drawPicture(picture, place, isMirrored) {
    const context = this.#context;
    context.save();
    if (isMirrored) {
      context.translate(2 * place.left + place.width, 0);
      context.scale(-1, 1);
    }
    context.drawImage(picture, place.left, place.top, place.width, place.height);
    context.restore();
  }

  /**
   * @param {LiveFace} face
   * @param {Rect} rect
   * @param {{width: number, height: number}} size
   */
  #drawFace(face, rect, size) {
    const context = this.#context;
    const line = this.#isFollowed(face) ? 4 : 2;
    context.setLineDash(face.is_seen === false ? [6, 5] : []);
    context.lineWidth = line + 2;
    context.strokeStyle = "rgb(0 0 0 / 45%)";
    context.strokeRect(rect.left, rect.top, rect.width, rect.height);
    context.lineWidth = line;
    context.strokeStyle = this.#isFollowed(face) || (face.name && !isQuestion(face) && !this.followed) ? this.#light : UNKNOWN;
    context.strokeRect(rect.left, rect.top, rect.width, rect.height);
    context.setLineDash([]);
    this.#drawLabel(face, rect, size);
  }

  /**
   * @param {LiveFace} face
   * @param {Rect} rect
   * @param {{width: number, height: number}} size
   */
  #drawLabel(face, rect, size) {
    const emotion = emotionOf(face);
    const isFollowed = this.#isFollowed(face);
    const name = isFollowed ? `★ ${nameOf(face)}` : nameOf(face);
    const words = [name, emotionWords(face)].filter(Boolean).join(" · ");
    if (!words) return;
    const context = this.#context;
    context.font = isQuestion(face) ? "italic 400 13px system-ui, sans-serif" : "600 13px system-ui, sans-serif";
    const width = Math.min(context.measureText(words).width + 14, size.width);
    const height = emotion ? 27 : 22;
    const left = Math.max(0, Math.min(rect.left + (rect.width - width) / 2, size.width - width));
    const below = rect.top + rect.height + 4;
    const top = below + height <= size.height ? below : Math.max(0, rect.top - height - 4);
    context.fillStyle = isFollowed ? this.#light : SHADE;
    context.beginPath();
    context.roundRect(left, top, width, height, 5);
    context.fill();
    context.fillStyle = isFollowed ? ON_LIGHT : isQuestion(face) ? QUIET_TEXT : TEXT;
    context.fillText(words, left + 7, top + 15, width - 14);
    if (!emotion) return;
    context.fillStyle = isFollowed ? "rgb(8 8 12 / 30%)" : "rgb(255 255 255 / 18%)";
    context.fillRect(left + 7, top + 20, width - 14, 3);
    context.fillStyle = isFollowed ? ON_LIGHT : this.#colours(emotion.label);
    context.fillRect(left + 7, top + 20, (width - 14) * Math.min(1, emotion.share), 3);
  }
  /** @param {LiveFace} face */
  #isFollowed(face) {
    return Boolean(this.followed) && face.person === this.followed;
  }
}

/**
 * @param {Rect} rect
 * @param {{width: number, height: number}} size
 */
function meets({ left, top, width, height }, size) {
  return left < size.width && top < size.height && left + width > 0 && top + height > 0;
}
