import { fetchPage } from "../lib/fetch_page.js";

/**
 * @typedef {[number, number, number, number, number]} Box milliseconds, then `x1 y1 x2 y2` in ten-thousandths of the frame
 * @typedef {{id: number, name: string, group: string, boxes: Box[]}} Track one face over time; its boxes rise in time and are never none
 * @typedef {{id: number, name: string, group: string, box: [number, number, number, number]}} Shown a face at one time
 */

const WINDOW_SECONDS = 60;
const GAP_MS = 700;

/**
 * Where faces are at a time, between the frames that were looked at as well.
 *
 * @param {Track[]} tracks
 * @param {number} ms
 * @returns {Shown[]} without those that were lost at that time
 */
export function facesAt(tracks, ms) {
  return tracks.flatMap(({ id, name, group, boxes }) => {
    const box = boxAt(boxes, ms);
    return box ? [{ id, name, group, box }] : [];
  });
}

/**
 * @param {Box[]} boxes
 * @param {number} ms
 * @returns {[number, number, number, number]|null} `null` before the first box, after the last, and in a gap
 */
function boxAt(boxes, ms) {
  let [low, high] = [0, boxes.length - 1];
  if (ms < boxes[low][0] || ms > boxes[high][0] + GAP_MS / 4) return null;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (boxes[middle][0] <= ms) low = middle;
    else high = middle;
  }
  const [before, after] = ms >= boxes[high][0] ? [boxes[high], boxes[high]] : [boxes[low], boxes[high]];
  const length = after[0] - before[0];
  if (length > GAP_MS) return null;
  const share = length ? (ms - before[0]) / length : 0;
  const between = (/** @type {number} */ edge) => before[edge] + (after[edge] - before[edge]) * share;
  return [between(1), between(2), between(3), between(4)];
}

/** The tracks of a film, a minute at a time, as it plays. */
export class TrackBook {
  #address;
  /** @type {Map<number, Track[]>} by the second that a window begins with */ #windows = new Map();

  /** @type {() => void} */ #came = () => {};

  /** @param {string} address */
  constructor(address) {
    this.#address = address;
  }

  /** @param {() => void} came called when more is known; a film that stands still shows no new frame by itself */
  onMore(came) {
    this.#came = came;
  }

  /** Forget what is known, as names have changed; what is needed is fetched again. */
  forget() {
    this.#windows.clear();
    this.#came();
  }

  /**
   * @param {number} seconds
   * @returns {Track[]} what is known by now; the rest is fetched
   */
  at(seconds) {
    const start = Math.floor(seconds / WINDOW_SECONDS) * WINDOW_SECONDS;
    if (seconds - start > WINDOW_SECONDS - 10) this.#fetch(start + WINDOW_SECONDS);
    this.#fetch(start);
    return this.#windows.get(start) ?? [];
  }

  /** @param {number} start */
  async #fetch(start) {
    if (this.#windows.has(start)) return;
    this.#windows.set(start, []);
    try {
      const response = await fetchPage(`${this.#address}?second=${start}`);
      if (!response.ok) throw new Error(`status ${response.status}`);
      this.#windows.set(start, (await response.json()).tracks);
      this.#came();
    } catch {
      setTimeout(() => this.#windows.delete(start), 3000);
    }
  }
}
