/**
 * How large and how good the sent frames are, so that the answer comes back soon.
 *
 * A slow network or server first costs sharpness, then size, and only then frames. Steps down are quick and steps up
 * are slow; a step up that had to be taken back is not tried again for a while.
 */

import { LastValues } from "../lib/meter.js";

/** From the smallest to the largest; widths in pixels, quality as for JPEG. */
export const STEPS = [
  { width: 320, quality: 0.6 },
  { width: 400, quality: 0.65 },
  { width: 512, quality: 0.7 },
  { width: 640, quality: 0.7 },
  { width: 640, quality: 0.8 },
  { width: 960, quality: 0.8 },
];
const FIRST_STEP = 3;
const SLOW_MS = 230;
const QUICK_MS = 90;
const LOOK_EVERY = 8;
const CALM_ANSWERS = 45;
const LONGEST_CAUTION = 16;

export class QualityControl {
  #step = FIRST_STEP;
  #latencies = new LastValues(LOOK_EVERY);
  #sinceChange = 0;
  #caution = 1;
  #wentUpLast = false;

  /** @returns {{width: number, quality: number}} for the next frame */
  get step() {
    return STEPS[this.#step];
  }

  /**
   * Learn from one answered frame.
   *
   * @param {number} latencyMs from capture to answer
   */
  note(latencyMs) {
    this.#latencies.note(latencyMs);
    this.#sinceChange += 1;
    if (this.#latencies.length < LOOK_EVERY) return;
    const usual = this.#latencies.quantile(0.5);
    if (usual > SLOW_MS) this.lower();
    else if (usual < QUICK_MS && this.#step < STEPS.length - 1 && this.#sinceChange >= CALM_ANSWERS * this.#caution) this.#move(1);
  }

  /** Take the next step down at once. */
  lower() {
    if (this.#step > 0) this.#move(-1);
  }

  /** @param {1|-1} way */
  #move(way) {
    if (way < 0 && this.#wentUpLast) this.#caution = Math.min(2 * this.#caution, LONGEST_CAUTION);
    this.#wentUpLast = way > 0;
    this.#step += way;
    this.#sinceChange = 0;
    this.#latencies.clear();
  }
}
