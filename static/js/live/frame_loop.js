/** A picture that comes a little early still counts, or 15 of 30 would become 10. */
const EARLY_MS = 8;
/** Of the distance between two calls: so much may a late one be made up for by the next. */
const MADE_UP = 0.5;

/**
 * Calls something for every new picture of a video, at most so often per second.
 *
 * Calls keep to a timetable instead of a distance from the call before: a camera of 15 pictures a second that are now
 * late and now early loses none, and one of 24 is not halved.
 *
 * The browser tells of each new picture itself where it can (`requestVideoFrameCallback`); elsewhere the screen's own
 * rhythm has to do. The time of capture is the camera's where the browser knows it.
 */
export class FrameLoop {
  #isRunning = false;
  #due = -Infinity;

  /**
   * @param {HTMLVideoElement} video
   * @param {(capturedAt: number) => void} tick gets milliseconds on the clock of `performance.now()`
   * @param {{perSecond?: number, now?: () => number}} [options]
   */
  constructor(video, tick, { perSecond = 15, now = () => performance.now() } = {}) {
    this.video = video;
    this.tick = tick;
    this.perSecond = perSecond;
    this.now = now;
  }

  /** Begin; harmless when it runs already. */
  start() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#wait();
  }

  /** End. */
  stop() {
    this.#isRunning = false;
  }

  #wait() {
    if (!this.#isRunning) return;
    if ("requestVideoFrameCallback" in this.video) {
      this.video.requestVideoFrameCallback((now, metadata) => this.#step(metadata.captureTime ?? now));
    } else {
      requestAnimationFrame(() => this.#step(this.now()));
    }
  }

  /** @param {number} capturedAt */
  #step(capturedAt) {
    if (!this.#isRunning) return;
    const now = this.now();
    if (this.video.readyState >= 2 && now >= this.#due - EARLY_MS) {
      const distance = 1000 / this.perSecond;
      this.#due = Math.max(this.#due, now - MADE_UP * distance) + distance;
      this.tick(Math.min(capturedAt, now));
    }
    this.#wait();
  }
}
