/**
 * Where faces are by now, seen from the last two answers: for boxes on the newest picture instead of the answered one.
 *
 * @typedef {import("../lib/live_overlay.js").LiveFace} LiveFace
 */

const FURTHEST_MS = 400;
/** Nobody moves evenly for longer; a box then waits for the next answer. */
const GONE_MS = 1000;

export class Motion {
  /** @type {{faces: LiveFace[], at: number}|null} */ #last = null;
  /** @type {Map<number, {velocity: number[]}>} */ #moves = new Map();

  /**
   * Learn an answer.
   *
   * @param {LiveFace[]} faces
   * @param {number} at when the frame was captured, in milliseconds
   */
  learn(faces, at) {
    const before = this.#last;
    const moves = new Map();
    for (const face of faces) {
      const old = before?.faces.find((other) => other.track === face.track);
      const elapsed = before ? at - before.at : 0;
      const velocity = old && elapsed > 0 ? face.box.map((edge, side) => (edge - old.box[side]) / elapsed) : [0, 0, 0, 0];
      moves.set(face.track, { velocity });
    }
    this.#moves = moves;
    this.#last = { faces, at };
  }

  /**
   * @param {number} at in milliseconds
   * @returns {LiveFace[]} the faces where they should be by then; none when the last answer is too old
   */
  facesAt(at) {
    if (!this.#last || at - this.#last.at > GONE_MS) return [];
    const ahead = Math.min(Math.max(at - this.#last.at, 0), FURTHEST_MS);
    return this.#last.faces.map((face) => {
      const velocity = this.#moves.get(face.track)?.velocity ?? [0, 0, 0, 0];
      const box = /** @type {LiveFace["box"]} */ (face.box.map((edge, side) => edge + velocity[side] * ahead));
      return { ...face, box };
    });
  }

  /** Forget everything. */
  clear() {
    this.#last = null;
    this.#moves.clear();
  }
}
