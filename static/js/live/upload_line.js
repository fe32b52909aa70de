/**
 * Brings pictures to the server one at a time, however long the connection is gone.
 *
 * The upload itself tries again for a minute or so; what still fails for a passing reason waits here and is tried again,
 * as long as the page is open. So does a picture for which there is no room, until some is made. What the server refuses for good is given
 * up, and the page says why.
 */

import { gettext } from "../lib/words.js";

const PAUSE_MS = 15_000;
/** Answers that say the server has no use for the picture: the moment was deleted, lost, or the picture is none or too large. */
const REFUSED = new Set([400, 403, 404, 410, 413, 415, 422]);

/**
 * @typedef {{name: string, moment: string, isClip?: boolean, start: () => Promise<unknown>}} Errand a picture or the clip of this moment; what fails tells its
 *   `status`, if the server answered
 */

/** @param {Error} error */
function isRefusal(error) {
  return "status" in error && REFUSED.has(Number(error.status));
}

export class UploadLine {
  /** @type {Errand[]} */ #errands = [];
  #isBusy = false;
  #isClosed = false;
  /** Whether what was said last is why a picture waits; what was given up stays said. */
  #isHeldUp = false;

  /**
   * @param {object} [options]
   * @param {(milliseconds: number) => Promise<void>} [options.pause]
   * @param {(errand: Errand, error: Error|null) => void} [options.ended] an errand is done, or refused for good
   * @param {(words: string) => void} [options.say] why it does not go on, or what was given up; empty when it goes on again
   */
  constructor({ pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)), ended = () => {}, say = () => {} } = {}) {
    this.pause = pause;
    this.ended = ended;
    this.say = say;
  }

  /** @returns {number} pictures that are not on the server yet */
  get pending() {
    return this.#errands.length;
  }

  /** @param {Errand} errand */
  add(errand) {
    this.#errands.push(errand);
    void this.#run();
  }

  /** Forget what is left; the page goes. */
  close() {
    this.#isClosed = true;
    this.#errands = [];
  }

  async #run() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#errands.length && !this.#isClosed) {
      const [errand] = this.#errands;
      const error = await this.#attempt(errand);
      if (error && !isRefusal(error)) {
        this.#say(waits(errand, error), true);
        await this.pause(PAUSE_MS);
        continue;
      }
      if (error) this.#say(wasRefused(errand, error));
      else if (this.#isHeldUp) this.#say("");
      this.#errands.shift();
      this.ended(errand, error);
    }
    this.#isBusy = false;
  }

  /**
   * @param {string} words
   * @param {boolean} [isHeldUp]
   */
  #say(words, isHeldUp = false) {
    this.#isHeldUp = isHeldUp;
    this.say(words);
  }

  /**
   * @param {Errand} errand
   * @returns {Promise<Error|null>}
   */
  async #attempt(errand) {
    try {
      await errand.start();
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** @param {Errand} errand @param {Error} error */
function waits({ isClip }, { message: why }) {
  return isClip ? gettext("A clip waits: %(why)s", { why }) : gettext("A captured picture waits: %(why)s", { why });
}

/** @param {Errand} errand @param {Error} error */
function wasRefused({ isClip }, { message: why }) {
  return isClip ? gettext("A clip was not kept: %(why)s", { why }) : gettext("A captured picture was not kept: %(why)s", { why });
}
