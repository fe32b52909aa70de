/**
 * What becomes of moments on this page: the server asks for frames, they are taken out of the ring and brought to it.
 *
 * A frame is held from the moment it is asked for, so the ring may turn while the connection is slow or gone.
 *
 * @typedef {import("../lib/live_messages.js").Capture} Capture
 * @typedef {import("../lib/live_messages.js").FromCamera} FromCamera
 * @typedef {{moment: string, people: string[], reason: string, kind: string, picture: Blob}} Caught
 */

/** Alternates of a moment by hand: how long before the shutter, as a hand is late. */
const BEFORE_SHUTTER_MS = [300, 600, 900, 1300];
/** A frame further than this from an instant that was asked for is of no use. */
const NEAR_MS = 150;
const MOST_UNSENT = 20;

export class Captures {
  /** @type {Map<number, import("./moment_ring.js").RingFrame>} chosen by hand, until the server asks for them */ #held = new Map();
  /** @type {Set<string>} */ #asked = new Set();
  /** @type {FromCamera[]} */ #unsent = [];

  /**
   * @param {object} parts
   * @param {import("./moment_ring.js").MomentRing} parts.ring
   * @param {import("./upload_line.js").UploadLine} parts.line
   * @param {(message: FromCamera) => boolean} parts.tell sends to the server; `false` when there is no connection
   * @param {(picture: Blob, about: Record<string, string>) => {start: () => Promise<unknown>}} parts.upload
   * @param {(caught: Caught) => void} [parts.caught] a moment's best frame is safe on this page
   * @param {(capture: Capture) => void} [parts.asked] hears of each moment that is asked for
   */
  constructor({ ring, line, tell, upload, caught = () => {}, asked = () => {} }) {
    this.ring = ring;
    this.line = line;
    this.tell = tell;
    this.upload = upload;
    this.caught = caught;
    this.asked = asked;
  }

  /** After a reconnection: say again what was not heard, and ask for what was missed. */
  resume() {
    this.#say({ type: "resume" });
    for (const message of this.#unsent.splice(0)) this.#say(message);
  }

  /**
   * Keep what is seen now, and a little of what was seen just before.
   *
   * @returns {boolean} whether there was a picture
   */
  press() {
    const { newest } = this.ring;
    if (!newest) return false;
    const taken = new Map([[newest.frame, newest]]);
    for (const before of BEFORE_SHUTTER_MS) {
      const other = this.ring.nearest(newest.capturedAt - before, new Set(taken.keys()));
      if (other && Math.abs(other.capturedAt - newest.capturedAt + before) <= NEAR_MS) taken.set(other.frame, other);
    }
    for (const kept of taken.values()) this.#held.set(kept.frame, kept);
    while (this.#held.size > MOST_UNSENT * 5) this.#held.delete([...this.#held.keys()][0]);
    const [first, ...others] = [...taken.values()].map(({ frame, capturedAt }) => ({ frame, captured_at: capturedAt }));
    this.#say({ type: "shutter", ...first, others });
    return true;
  }

  /**
   * Take the frames that the server asks for and bring them to it.
   *
   * @param {Capture} capture
   */
  async take(capture) {
    this.asked(capture);
    const { moment, frames, near, is_repeated: isRepeated } = capture;
    const wanted = frames.map((asked) => this.#find(asked));
    const taken = new Set(frames.map(({ frame }) => frame));
    const between = (/** @type {number} */ at, /** @type {Set<number>} */ but) => {
      const kept = this.ring.nearest(at, but);
      if (!kept || taken.has(kept.frame) || Math.abs(kept.capturedAt - at) > NEAR_MS) return null;
      taken.add(kept.frame);
      return kept;
    };
    const [peakAt, ...others] = near;
    const peak = peakAt === undefined ? null : between(peakAt, new Set());
    const beside = others.map((at) => between(at, taken));
    const [top] = await this.#pictures([peak]);
    const seen = await this.#pictures(wanted);
    if (top) this.#bring(moment, top, { is_peak: "true" });
    for (const item of [...seen, ...(await this.#pictures(beside))]) this.#bring(moment, item);
    const missed = frames.filter(({ frame }) => !seen.some(({ kept }) => kept.frame === frame)).map(({ frame }) => frame);
    if (missed.length && !isRepeated) this.#say({ type: "missed", moment, frames: missed });
    const picture = (top ?? seen[0])?.picture;
    if (picture && !isRepeated) this.caught({ ...capture, picture });
  }

  /**
   * @param {{frame: number, captured_at: number}} asked
   * @returns {import("./moment_ring.js").RingFrame|null}
   */
  #find(asked) {
    const held = this.#held.get(asked.frame);
    return held && held.capturedAt === asked.captured_at ? held : this.ring.find(asked);
  }

  /**
   * The frames whose pictures could be encoded, in the same order.
   *
   * @param {(import("./moment_ring.js").RingFrame|null)[]} wanted
   * @returns {Promise<{kept: import("./moment_ring.js").RingFrame, picture: Blob}[]>}
   */
  async #pictures(wanted) {
    const found = [];
    for (const kept of wanted) {
      const picture = await kept?.picture;
      if (kept && picture) found.push({ kept, picture });
    }
    return found;
  }

  /**
   * @param {string} moment
   * @param {{kept: import("./moment_ring.js").RingFrame, picture: Blob}} item
   * @param {Record<string, string>} [more] said with it
   */
  #bring(moment, { kept: { frame, capturedAt }, picture }, more = {}) {
    const name = `${moment}:${frame}`;
    if (this.#asked.has(name)) return;
    this.#asked.add(name);
    this.#held.delete(frame);
    const about = { moment, frame: String(frame), captured_at: String(capturedAt), ...more };
    this.line.add({ name, moment, start: () => this.upload(picture, about).start() });
  }

  /** @param {FromCamera} message */
  #say(message) {
    if (!this.tell(message) && this.#unsent.length < MOST_UNSENT) this.#unsent.push(message);
  }
}
