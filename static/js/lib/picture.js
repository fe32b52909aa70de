/**
 * Where a picture really is inside its frame, and where boxes go on it.
 *
 * @typedef {{left: number, top: number, width: number, height: number}} Rect
 */

/**
 * The part of a frame that a contained picture covers (`object-fit: contain`).
 *
 * @param {{width: number, height: number}} frame CSS pixels
 * @param {{width: number, height: number}} picture pixels of the photo
 * @returns {Rect} CSS pixels from the frame's corner; all 0 when one of them has no area
 */
export function containedRect(frame, picture) {
  const scale = Math.min(frame.width / picture.width, frame.height / picture.height);
  if (!Number.isFinite(scale) || scale <= 0) return { left: 0, top: 0, width: 0, height: 0 };
  const width = picture.width * scale;
  const height = picture.height * scale;
  return { left: (frame.width - width) / 2, top: (frame.height - height) / 2, width, height };
}

/**
 * The part of a picture to show in a frame of another shape, so that the faces stay in view.
 *
 * @param {{width: number, height: number}} picture pixels of the photo
 * @param {number} shape width of the frame by its height
 * @param {number[][]} boxes `x1 y1 x2 y2` in pixels of the photo; without any the middle is shown
 * @returns {Rect|null} pixels of the photo; `null` when only the whole picture shows them all
 */
export function cropAround(picture, shape, boxes) {
  const width = Math.min(picture.width, picture.height * shape);
  const height = Math.min(picture.height, picture.width / shape);
  const edge = (/** @type {number} */ side, /** @type {(...values: number[]) => number} */ pick) => pick(...boxes.map((box) => box[side]));
  const [left, top, right, bottom] = boxes.length
    ? [edge(0, Math.min), edge(1, Math.min), edge(2, Math.max), edge(3, Math.max)]
    : [0, 0, picture.width, picture.height];
  if (boxes.length && (right - left > width || bottom - top > height)) return null;
  const start = (/** @type {number} */ middle, /** @type {number} */ shown, /** @type {number} */ whole) =>
    Math.min(Math.max(middle - shown / 2, 0), whole - shown);
  return {
    left: start((left + right) / 2, width, picture.width),
    top: start((top + bottom) / 2, height, picture.height),
    width,
    height,
  };
}

/**
 * A box as percentages of its picture, cut at the picture's edge.
 *
 * @param {[number, number, number, number]} box `x1 y1 x2 y2` in pixels of the photo
 * @param {{width: number, height: number}} picture pixels of the photo
 * @returns {Rect} percent
 */
export function boxInPercent([x1, y1, x2, y2], picture) {
  const across = (/** @type {number} */ x) => (Math.min(Math.max(x, 0), picture.width) / picture.width) * 100;
  const down = (/** @type {number} */ y) => (Math.min(Math.max(y, 0), picture.height) / picture.height) * 100;
  return { left: across(x1), top: down(y1), width: across(x2) - across(x1), height: down(y2) - down(y1) };
}

/**
 * On which side of their faces names are written, so that as few as possible cover each other: below, else above.
 *
 * @param {Rect[]} boxes faces in CSS pixels
 * @param {{width: number, height: number}[]} labels size of each name in CSS pixels
 * @param {number} bottom height of the picture in CSS pixels
 * @returns {("below"|"above")[]}
 */
export function labelSides(boxes, labels, bottom) {
  /** @type {Rect[]} */
  const written = [];
  return boxes.map((box, index) => {
    const { width, height } = labels[index];
    const left = box.left + (box.width - width) / 2;
    const below = { left, top: box.top + box.height, width, height };
    const above = { left, top: box.top - height, width, height };
    const fits = (/** @type {Rect} */ label) => !written.some((other) => overlap(label, other));
    const isBelow = below.top + height <= bottom && (fits(below) || !fits(above) || above.top < 0);
    written.push(isBelow ? below : above);
    return isBelow ? "below" : "above";
  });
}

/**
 * @param {Rect} one
 * @param {Rect} other
 */
function overlap(one, other) {
  const isBeside = one.left + one.width <= other.left || other.left + other.width <= one.left;
  return !isBeside && one.top < other.top + other.height && other.top < one.top + one.height;
}

/**
 * Put an element at a rectangle given in percent of its parent.
 *
 * @param {HTMLElement} element
 * @param {Rect} rect percent
 */
export function place(element, rect) {
  for (const side of /** @type {const} */ (["left", "top", "width", "height"])) {
    element.style[side] = `${rect[side].toFixed(3)}%`;
  }
}
