/**
 * The arithmetic of a portrait in small: masks of people, and a background blurred with the people taken out.
 *
 * The same idea as on the server (`inference/portrait/compositing.py`): a plain blur would smear a star's colours into a
 * halo around her.
 *
 * @typedef {{width: number, height: number, rows: Uint8Array[]}} Masks opacities, the first of everybody, then of each person
 */

/** How far out of focus full strength is, as a share of the diagonal. */
export const FULL_STRENGTH = 0.016;
/** Below this a mask does not count as hit. */
const HIT = 100;

/**
 * Tell masks apart that lie one below the other in one picture.
 *
 * @param {Uint8ClampedArray} rgba the grey picture
 * @param {number} width
 * @param {number} count how many masks there are, that of everybody among them
 * @returns {Masks}
 */
export function splitMasks(rgba, width, count) {
  const height = Math.floor(rgba.length / 4 / width / count);
  const rows = Array.from({ length: count }, (_, index) => {
    const mask = new Uint8Array(width * height);
    const start = 4 * index * mask.length;
    for (let at = 0; at < mask.length; at += 1) mask[at] = rgba[start + 4 * at];
    return mask;
  });
  return { width, height, rows };
}

/**
 * Return what is opaque in any of some masks.
 *
 * @param {Masks} masks
 * @param {number[]} chosen their places
 * @returns {Uint8Array}
 */
export function union({ width, height, rows }, chosen) {
  const whole = new Uint8Array(width * height);
  for (const row of chosen) {
    const mask = rows[row];
    for (let at = 0; at < whole.length; at += 1) if (mask[at] > whole[at]) whole[at] = mask[at];
  }
  return whole;
}

/**
 * Find whose mask a place of the picture lies in.
 *
 * @param {Masks} masks
 * @param {number} x 0 to 1, as `y`
 * @param {number} y
 * @returns {number} the place of the mask; 0 where nobody is
 */
export function personAt({ width, height, rows }, x, y) {
  const at = Math.min(height - 1, Math.floor(y * height)) * width + Math.min(width - 1, Math.floor(x * width));
  let best = 0;
  for (let row = 1; row < rows.length; row += 1) if (rows[row][at] >= HIT && (best === 0 || rows[row][at] > rows[best][at])) best = row;
  return best;
}

/**
 * Blur a picture with the people taken out.
 *
 * @param {Uint8ClampedArray} rgba
 * @param {Uint8Array} people opacities of those who stay sharp, of the same size
 * @param {number} width
 * @param {number} sigma in pixels; above 0
 * @returns {Uint8ClampedArray} RGBA, opaque
 */
export function blurredBackground(rgba, people, width, sigma) {
  const count = people.length;
  const weighted = new Float32Array(4 * count);
  for (let at = 0; at < count; at += 1) {
    // Never nothing at all: where people are all around, their colour has to do.
    const weight = Math.max(255 - people[at], 0.01);
    for (let channel = 0; channel < 3; channel += 1) weighted[4 * at + channel] = rgba[4 * at + channel] * weight;
    weighted[4 * at + 3] = weight;
  }
  const kernel = gaussian(sigma);
  const height = count / width;
  const across = convolved(weighted, kernel, { lines: height, length: width, step: 4, stride: 4 * width });
  const both = convolved(across, kernel, { lines: width, length: height, step: 4 * width, stride: 4 });
  const blurred = new Uint8ClampedArray(4 * count);
  for (let at = 0; at < count; at += 1) {
    for (let channel = 0; channel < 3; channel += 1) blurred[4 * at + channel] = both[4 * at + channel] / both[4 * at + 3];
    blurred[4 * at + 3] = 255;
  }
  return blurred;
}

/** @param {number} sigma @returns {Float32Array} one half of the kernel, its middle first */
function gaussian(sigma) {
  const half = Float32Array.from({ length: Math.ceil(3 * sigma) + 1 }, (_, offset) => Math.exp(-0.5 * (offset / sigma) ** 2));
  const sum = half.reduce((total, value) => total + 2 * value, -half[0]);
  return half.map((value) => value / sum);
}

/**
 * @param {Float32Array} values four channels
 * @param {Float32Array} half
 * @param {{lines: number, length: number, step: number, stride: number}} along how lines lie in `values`
 */
function convolved(values, half, { lines, length, step, stride }) {
  const result = new Float32Array(values.length);
  for (let line = 0; line < lines; line += 1) {
    const start = line * stride;
    for (let place = 0; place < length; place += 1) {
      const target = start + place * step;
      const first = Math.max(0, place - half.length + 1);
      const last = Math.min(length - 1, place + half.length - 1);
      for (let other = first; other <= last; other += 1) {
        const weight = half[Math.abs(other - place)];
        const source = start + other * step;
        result[target] += weight * values[source];
        result[target + 1] += weight * values[source + 1];
        result[target + 2] += weight * values[source + 2];
        result[target + 3] += weight * values[source + 3];
      }
    }
  }
  return result;
}
