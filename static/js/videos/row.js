/** How far the analysis of one video is, kept true by the server's events. */

import { gettext, ngettext } from "../lib/words.js";

/**
 * @typedef {{video: string, seconds: number, duration: number, moments: number}} Progress
 */

/**
 * @param {number} seconds
 * @returns {string} as "1:05" or "1:02:05"
 */
export function clock(seconds) {
  const whole = Math.round(seconds);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/**
 * @param {number} count
 * @returns {string} as "3 moments"
 */
export function momentsInWords(count) {
  return ngettext("%(count)s moment", "%(count)s moments", count);
}

/** The state of a video on a page (`templates/moments/_video_state.html`). */
export class VideoRow {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.words = /** @type {HTMLElement} */ (root.querySelector("[data-video-words]"));
    this.moments = /** @type {HTMLElement} */ (root.querySelector("[data-video-moments]"));
    this.bar = /** @type {HTMLProgressElement} */ (root.querySelector("[data-video-progress]"));
    this.failure = /** @type {HTMLElement} */ (root.querySelector("[data-video-failure]"));
  }

  /** @param {Progress} progress */
  advance({ seconds, duration, moments }) {
    this.root.dataset.state = "analysing";
    this.words.textContent = gettext("%(done)s of %(all)s analysed", { done: clock(seconds), all: clock(duration) });
    this.moments.textContent = moments ? ` · ${gettext("%(moments)s so far", { moments: momentsInWords(moments) })}` : "";
    this.bar.hidden = false;
    this.bar.max = Math.max(1, duration);
    this.bar.value = Math.min(seconds, duration);
  }

  /** @param {Progress} progress */
  finish({ duration, moments }) {
    this.root.dataset.state = "ready";
    this.words.textContent = clock(duration);
    this.moments.textContent = ` · ${momentsInWords(moments)}`;
    this.bar.hidden = true;
  }

  /** @param {{reason: string}} failure */
  fail({ reason }) {
    this.root.dataset.state = "failed";
    this.words.textContent = gettext("Could not be analysed");
    this.moments.textContent = "";
    this.bar.hidden = true;
    this.failure.textContent = reason;
    this.failure.hidden = false;
  }
}
