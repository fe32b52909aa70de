import { post, RequestError } from "../lib/csrf.js";
import { gettext } from "../lib/words.js";
import { blurredBackground, FULL_STRENGTH, personAt, splitMasks, union } from "./blend.js";

/** Longest side of the picture in which the background is blurred; a blur holds no detail. */
const BLUR_SIDE = 256;
/** Longest side of what is shown; the full picture comes from the server. */
const SHOWN_SIDE = 1400;

/**
 * @typedef {{state: "ready", url: string, rows: Record<string, number>, count: number}} ReadyMasks `rows` says which of the
 *   masks after that of everybody is whose, by face
 * @typedef {ReadyMasks|{state: "pending"}} Answer
 */

/**
 * A choice of people over the picture, shown at once and drawn by this browser.
 *
 * The masks come from the server, made once for each photo; what is saved is drawn there at full size.
 */
export class PortraitPreview {
  #url;
  #picture;
  #canvas;
  /** @type {import("./blend.js").Masks|null} */ #masks = null;
  /** @type {Map<string, number>} place of a face's mask */ #rows = new Map();
  #isAsking = false;

  /**
   * @param {string} url where the masks are asked for
   * @param {HTMLElement} layer lies exactly over the picture
   * @param {HTMLImageElement} picture
   */
  constructor(url, layer, picture) {
    this.#url = url;
    this.#picture = picture;
    const old = /** @type {HTMLCanvasElement|null} */ (layer.querySelector("[data-preview]"));
    this.#canvas = old ?? document.createElement("canvas");
    if (!old) {
      this.#canvas.dataset.preview = "";
      this.#canvas.className = "portrait-preview";
      this.#canvas.hidden = true;
      this.#canvas.setAttribute("role", "img");
      this.#canvas.setAttribute("aria-label", gettext("Preview of the portrait"));
      layer.prepend(this.#canvas);
    }
  }

  /** @returns {boolean} whether a choice can be shown */
  get isReady() {
    return this.#masks !== null;
  }

  /**
   * Fetch the masks; where they have to be made first, call it again when the server says that they are.
   *
   * @returns {Promise<boolean>} whether they are here
   */
  async load() {
    if (this.#masks || this.#isAsking) return this.isReady;
    this.#isAsking = true;
    try {
      const answer = /** @type {Answer|null} */ (await post(this.#url, {}));
      if (answer?.state === "ready") await this.#take(answer);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      // A choice works without its preview, too.
    } finally {
      this.#isAsking = false;
    }
    return this.isReady;
  }

  /**
   * Show some people sharp.
   *
   * @param {string[]|null} faces `null` for everybody
   * @param {number} strength 0 to 1
   */
  show(faces, strength) {
    const masks = this.#masks;
    if (!masks || !this.#picture.naturalWidth) return;
    const rows = faces?.map((face) => this.#rows.get(face) ?? 0).filter((row) => row > 0) ?? [0];
    draw(this.#canvas, this.#picture, masks, union(masks, rows), strength);
    this.#canvas.hidden = false;
  }

  /** Show the picture as it is. */
  hide() {
    this.#canvas.hidden = true;
  }

  /**
   * Tell whose body lies under a pointer.
   *
   * @param {{clientX: number, clientY: number}} pointer
   * @returns {string|null} the face
   */
  faceAt({ clientX, clientY }) {
    const masks = this.#masks;
    const area = /** @type {HTMLElement} */ (this.#canvas.parentElement).getBoundingClientRect();
    const [x, y] = [(clientX - area.left) / area.width, (clientY - area.top) / area.height];
    if (!masks || x < 0 || y < 0 || x >= 1 || y >= 1) return null;
    const hit = personAt(masks, x, y);
    return [...this.#rows].find(([, row]) => row === hit)?.[0] ?? null;
  }

  /** @param {ReadyMasks} answer */
  async #take({ url, rows, count }) {
    const image = new Image();
    image.src = url;
    await image.decode().catch(() => undefined);
    if (!image.naturalWidth) return;
    const sheet = sheetOf(image.naturalWidth, image.naturalHeight);
    const brush = brushOf(sheet);
    brush.drawImage(image, 0, 0);
    const { data } = brush.getImageData(0, 0, sheet.width, sheet.height);
    this.#masks = splitMasks(data, sheet.width, count + 1);
    this.#rows = new Map(Object.entries(rows).map(([face, row]) => [face, row + 1]));
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLImageElement} picture
 * @param {import("./blend.js").Masks} masks
 * @param {Uint8Array} people
 * @param {number} strength
 */
function draw(canvas, picture, masks, people, strength) {
  const [width, height] = fitted(picture, SHOWN_SIDE);
  const sharp = sheetOf(width, height);
  const cut = brushOf(sharp);
  cut.drawImage(maskSheet(masks, people), 0, 0, width, height);
  cut.globalCompositeOperation = "source-in";
  cut.drawImage(picture, 0, 0, width, height);
  canvas.width = width;
  canvas.height = height;
  const paint = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  paint.imageSmoothingQuality = "high";
  paint.drawImage(background(picture, masks, people, strength), 0, 0, width, height);
  paint.drawImage(sharp, 0, 0);
}

/**
 * @param {HTMLImageElement} picture
 * @param {import("./blend.js").Masks} masks
 * @param {Uint8Array} people
 * @param {number} strength
 */
function background(picture, masks, people, strength) {
  const [width, height] = fitted(picture, BLUR_SIDE);
  const small = sheetOf(width, height);
  const brush = brushOf(small);
  brush.drawImage(picture, 0, 0, width, height);
  const sigma = FULL_STRENGTH * strength * Math.hypot(width, height);
  if (sigma <= 0) return small;
  const pixels = brush.getImageData(0, 0, width, height);
  const mask = sheetOf(width, height);
  const maskBrush = brushOf(mask);
  maskBrush.drawImage(maskSheet(masks, people), 0, 0, width, height);
  const opacities = maskBrush.getImageData(0, 0, width, height).data.filter((_, at) => at % 4 === 3);
  pixels.data.set(blurredBackground(pixels.data, Uint8Array.from(opacities), width, sigma));
  brush.putImageData(pixels, 0, 0);
  return small;
}

/**
 * @param {import("./blend.js").Masks} masks
 * @param {Uint8Array} people
 */
function maskSheet({ width, height }, people) {
  const sheet = sheetOf(width, height);
  const pixels = new ImageData(width, height);
  for (let at = 0; at < people.length; at += 1) pixels.data[4 * at + 3] = people[at];
  brushOf(sheet).putImageData(pixels, 0, 0);
  return sheet;
}

/**
 * @param {HTMLImageElement} picture
 * @param {number} side
 * @returns {[number, number]} its width and height in a square of this side
 */
function fitted({ naturalWidth, naturalHeight }, side) {
  const scale = Math.min(1, side / Math.max(naturalWidth, naturalHeight));
  return [Math.max(1, Math.round(naturalWidth * scale)), Math.max(1, Math.round(naturalHeight * scale))];
}

/**
 * @param {number} width
 * @param {number} height
 */
function sheetOf(width, height) {
  const sheet = document.createElement("canvas");
  sheet.width = width;
  sheet.height = height;
  return sheet;
}

/** @param {HTMLCanvasElement} sheet @returns {CanvasRenderingContext2D} */
function brushOf(sheet) {
  const context = /** @type {CanvasRenderingContext2D} */ (sheet.getContext("2d", { willReadFrequently: true }));
  context.imageSmoothingQuality = "high";
  return context;
}
