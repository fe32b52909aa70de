/**
 * How large and where a picture is shown in its frame.
 *
 * @typedef {{width: number, height: number}} Size
 * @typedef {{x: number, y: number}} Point CSS pixels from the middle of the frame
 * @typedef {{scale: number, x: number, y: number}} View `scale` is 1 where the whole picture fits; `x` and `y` are the way from
 *   the middle of the frame to the middle of the picture, in CSS pixels
 */

/** @type {View} */
export const WHOLE = { scale: 1, x: 0, y: 0 };
const LEAST_MOST = 4;
const LEAST_CLOSE = 2;

/**
 * How far a picture can be enlarged: until each of its pixels covers two of the screen's, and at least four times.
 *
 * @param {Size} photo pixels of the photo
 * @param {Size} fitted CSS pixels it covers at scale 1
 */
export function mostScale(photo, fitted) {
  return Math.max(LEAST_MOST, fitted.width ? (2 * photo.width) / fitted.width : 0);
}

/**
 * Where a double click leads: each pixel of the photo on one of the screen's, and at least twice as large as before.
 *
 * @param {Size} photo
 * @param {Size} fitted
 * @param {number} density pixels of the screen to a CSS pixel
 */
export function closeScale(photo, fitted, density) {
  return Math.max(LEAST_CLOSE, fitted.width ? photo.width / (fitted.width * density) : 0);
}

/**
 * The nearest view in which no edge of the picture leaves a gap that need not be.
 *
 * @param {View} view
 * @param {Size} fitted
 * @param {Size} frame CSS pixels
 * @param {number} most
 * @returns {View}
 */
export function within(view, fitted, frame, most) {
  const scale = Math.min(Math.max(view.scale, 1), most);
  const hold = (/** @type {number} */ way, /** @type {number} */ shown, /** @type {number} */ room) => {
    const reach = Math.max(0, (shown * scale - room) / 2);
    return Math.min(Math.max(way, -reach), reach);
  };
  return { scale, x: hold(view.x, fitted.width, frame.width), y: hold(view.y, fitted.height, frame.height) };
}

/**
 * Enlarge by a factor so that what lies under a point stays under it.
 *
 * @param {View} view
 * @param {number} factor
 * @param {Point} point
 * @param {number} most
 * @returns {View} not yet held within the frame
 */
export function zoomedAt(view, factor, point, most) {
  const scale = Math.min(Math.max(view.scale * factor, 1), most);
  const grown = scale / view.scale;
  return { scale, x: point.x - (point.x - view.x) * grown, y: point.y - (point.y - view.y) * grown };
}

/**
 * Whether a picture of limited size is shown larger than its own pixels.
 *
 * @param {Size} photo pixels of the photo
 * @param {number} shown CSS pixels that its width covers
 * @param {number} density
 * @param {number} side longest side of what is loaded, in pixels
 */
export function wantsOriginal(photo, shown, density, side) {
  const longest = Math.max(photo.width, photo.height);
  if (longest <= side) return false;
  return shown * density > photo.width * (side / longest);
}
