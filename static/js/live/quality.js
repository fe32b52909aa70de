/**
 * How large and how good the sent frames are, so that the answer comes back soon.
 *
 * A slow network or server first costs sharpness, then size. A busy server takes as long for a small picture as for a
 * large one, so size is only worth something where it is the way that is slow; and a face of which few pixels are left
 * cannot be named. Where names are wanted, the width therefore stays at `LEAST_NAMED_WIDTH` and frames become fewer,
 * until even two a second cannot be held. Steps down are quick and steps up are slow; a step up that had to be taken
 * back is not tried again for a while.
 */

import { LastValues } from "../lib/meter.js";

/** Pixels below which a picture is only sent as a last resort where names are wanted. */
export const LEAST_NAMED_WIDTH = 480;

/** From the smallest to the largest; widths in pixels, quality as for JPEG. */
export const STEPS = [
  { width: 320, quality: 0.6 },
  { width: 400, quality: 0.65 },
  { width: LEAST_NAMED_WIDTH, quality: 0.7 },
  { width: 640, quality: 0.7 },
  { width: 640, quality: 0.8 },
  { width: 960, quality: 0.8 },
];
const FIRST_STEP = 3;
const SLOW_MS = 230;
const QUICK_MS = 90;
/** With two frames on the way, an answer that takes longer means fewer than two frames a second. */
const LAST_RESORT_MS = 1000;
/** Half of that: a picture of the least width for names has twice the pixels of the smallest. */
const RECOVERED_MS = 500;
const LOOK_EVERY = 8;
const CALM_ANSWERS = 45;
const LONGEST_CAUTION = 16;

export class QualityControl {
  #step = FIRST_STEP;
  #latencies = new LastValues(LOOK_EVERY);
  #sinceChange = 0;
  #caution = 1;
  #wentUpLast = false;

  /** Whether faces are to be named. */
  wantsNames = true;

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
    if (usual > this.#slowMs) this.lower();
    else if (usual < this.#quickMs && this.#step < STEPS.length - 1 && this.#sinceChange >= CALM_ANSWERS * this.#caution) this.#move(1);
  }

  /** @returns {number} slower answers cost a step */
  get #slowMs() {
    const next = STEPS[Math.max(0, this.#step - 1)].width;
    return this.wantsNames && next < LEAST_NAMED_WIDTH ? LAST_RESORT_MS : SLOW_MS;
  }

  /** @returns {number} quicker answers earn a step */
  get #quickMs() {
    return this.wantsNames && this.step.width < LEAST_NAMED_WIDTH ? RECOVERED_MS : QUICK_MS;
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
