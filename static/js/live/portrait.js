/**
 * Portrait preview: the people of a frame sharp, everything else blurred.
 *
 * The server sends a small mask with some of the frames; a frame without one is drawn with the last, moved as the faces
 * have moved since. The blur is a small copy drawn large, which every browser does quickly. If answers become too slow
 * with it, it switches itself off.
 *
 * @typedef {import("../lib/live_overlay.js").LiveFace} LiveFace
 * @typedef {import("../lib/live_messages.js").PortraitMask} PortraitMask
 * @typedef {{width: number, height: number, faces: LiveFace[], portrait?: PortraitMask}} Answer
 * @typedef {HTMLCanvasElement|OffscreenCanvas} Sheet
 */

import { gettext } from "../lib/words.js";

const MASK_LASTS_MS = 1500;
/** With a whole moment of answers slower than this, the preview costs more than it gives. */
const SLOW_MS = 450;
const SLOW_ANSWERS = 45;
const BLUR_STEPS = [4, 16];

const WORDS = {
  loading: gettext("Portrait preview is being prepared; it takes a few seconds."),
  missing: gettext("Portrait preview is off: the portrait model is missing on this server."),
  slow: gettext("Portrait preview is off: it would hold up the picture. Try again when fewer cameras film."),
};

/**
 * The opacities of a mask.
 *
 * @param {string} runs base64 of pairs of bytes: opacity, and how many pixels in a row have it
 * @param {number} count pixels of the mask
 * @returns {Uint8ClampedArray<ArrayBuffer>} RGBA, black with the mask's opacity; what the runs leave out is transparent
 */
export function maskPixels(runs, count) {
  const pairs = atob(runs);
  const pixels = new Uint8ClampedArray(4 * count);
  let at = 3;
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const opacity = pairs.charCodeAt(index);
    for (let left = pairs.charCodeAt(index + 1); left > 0 && at < pixels.length; left -= 1, at += 4) pixels[at] = opacity;
  }
  return pixels;
}

/**
 * How far faces have moved on average, those of the same track compared.
 *
 * @param {Answer} before
 * @param {Answer} now may have another size: pictures are sent smaller when answers take long
 * @returns {[number, number]} to the right and down, in parts of the picture; nothing when no track is in both
 */
export function drift(before, now) {
  const middle = (/** @type {LiveFace} */ face, /** @type {Answer} */ { width, height }) => {
    const [x1, y1, x2, y2] = face.box;
    return [(x1 + x2) / 2 / width, (y1 + y2) / 2 / height];
  };
  const moves = now.faces.flatMap((face) => {
    const old = before.faces.find((other) => other.track === face.track);
    if (!old) return [];
    const [from, to] = [middle(old, before), middle(face, now)];
    return [[to[0] - from[0], to[1] - from[1]]];
  });
  const mean = (/** @type {number} */ axis) => moves.reduce((sum, move) => sum + move[axis], 0) / Math.max(moves.length, 1);
  return [mean(0), mean(1)];
}

/** Keeps the newest mask and lays it over pictures. */
export class PortraitPreview {
  #makeSheet;
  #say;
  /** @type {Sheet|null} */ #mask = null;
  #maskAt = -Infinity;
  /** @type {Answer} with which it came */ #answer = { width: 1, height: 1, faces: [] };
  #slowAnswers = 0;
  /** @type {Sheet[]} */ #sheets = [];

  isWanted = false;

  /**
   * @param {object} parts
   * @param {(words: string) => void} parts.say tells how the preview is; empty when all is well
   * @param {() => void} parts.giveUp called when it has switched itself off
   * @param {(width: number, height: number) => Sheet} [parts.makeSheet]
   */
  constructor({ say, giveUp, makeSheet }) {
    this.#say = say;
    this.giveUp = giveUp;
    this.#makeSheet = makeSheet ?? ((width, height) => new OffscreenCanvas(width, height));
  }

  /** @param {boolean} isWanted */
  want(isWanted) {
    if (isWanted === this.isWanted) return;
    this.isWanted = isWanted;
    this.#mask = null;
    this.#slowAnswers = 0;
    this.#say("");
  }

  /**
   * Take in what came with an answer.
   *
   * @param {Answer} answer
   * @param {number} now milliseconds
   */
  learn(answer, now) {
    const mask = answer.portrait;
    if (!mask || !this.isWanted) return;
    if (mask.state === "ready") {
      this.#mask = this.#sheet(0, mask.width, mask.height);
      const pixels = maskPixels(mask.runs, mask.width * mask.height);
      brush(this.#mask).putImageData(new ImageData(pixels, mask.width, mask.height), 0, 0);
      this.#maskAt = now;
      this.#answer = answer;
      this.#say("");
    } else if (mask.state === "loading") this.#say(WORDS.loading);
    else this.#switchOff(WORDS[mask.state] ?? WORDS.missing);
  }

  /** Note how long an answer took; many slow ones in a row end the preview. @param {number} milliseconds */
  noteDelay(milliseconds) {
    if (!this.isWanted || !this.#mask) return;
    this.#slowAnswers = milliseconds > SLOW_MS ? this.#slowAnswers + 1 : 0;
    if (this.#slowAnswers >= SLOW_ANSWERS) this.#switchOff(WORDS.slow);
  }

  /**
   * Lay the newest mask over a picture.
   *
   * @param {ImageBitmap} picture
   * @param {Answer} answer to this very picture
   * @param {number} now milliseconds
   * @returns {Sheet|null} the portrait, valid until the next call; `null` when there is no mask for now
   */
  compose(picture, answer, now) {
    if (!this.isWanted || !this.#mask || now - this.#maskAt > MASK_LASTS_MS) return null;
    const { width, height } = picture;
    const people = this.#sheet(1, width, height);
    const cut = brush(people);
    cut.globalCompositeOperation = "copy";
    const [right, down] = drift(this.#answer, answer);
    cut.drawImage(this.#mask, right * width, down * height, width, height);
    cut.globalCompositeOperation = "source-in";
    cut.drawImage(picture, 0, 0, width, height);
    const whole = this.#sheet(2, width, height);
    const paint = brush(whole);
    paint.globalCompositeOperation = "copy";
    paint.drawImage(this.#blurred(picture), 0, 0, width, height);
    paint.globalCompositeOperation = "source-over";
    paint.drawImage(people, 0, 0);
    return whole;
  }

  /** @param {ImageBitmap} picture */
  #blurred(picture) {
    /** @type {ImageBitmap|Sheet} */ let smaller = picture;
    BLUR_STEPS.forEach((step, index) => {
      const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side / step)));
      const sheet = this.#sheet(3 + index, width, height);
      const context = brush(sheet);
      context.globalCompositeOperation = "copy";
      context.drawImage(smaller, 0, 0, width, height);
      smaller = sheet;
    });
    return smaller;
  }

  /**
   * @param {number} index which of the sheets, all of which are used again
   * @param {number} width
   * @param {number} height
   */
  #sheet(index, width, height) {
    const old = this.#sheets[index];
    if (old?.width === width && old.height === height) return old;
    this.#sheets[index] = this.#makeSheet(width, height);
    return this.#sheets[index];
  }

  /** @param {string} words */
  #switchOff(words) {
    this.want(false);
    this.#say(words);
    this.giveUp();
  }
}

/** @param {Sheet} sheet @returns {CanvasRenderingContext2D} */
function brush(sheet) {
  const context = /** @type {CanvasRenderingContext2D} */ (sheet.getContext("2d"));
  context.imageSmoothingQuality = "high";
  return context;
}
