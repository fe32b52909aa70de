const EACH_MS = 4000;

/** Goes on by itself: the next picture some seconds after the one before is there. */
export class Slideshow {
  #advance;
  #changed;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  #isOn = false;

  /**
   * @param {() => Promise<boolean>} advance shows the next picture; answers `false` at the end
   * @param {(isOn: boolean) => void} changed
   */
  constructor(advance, changed) {
    this.#advance = advance;
    this.#changed = changed;
  }

  get isOn() {
    return this.#isOn;
  }

  toggle() {
    if (this.#isOn) this.stop();
    else this.#start();
  }

  stop() {
    clearTimeout(this.#timer);
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#changed(false);
  }

  #start() {
    this.#isOn = true;
    this.#changed(true);
    this.#wait();
  }

  #wait() {
    this.#timer = setTimeout(async () => {
      const goesOn = await this.#advance();
      if (!this.#isOn) return;
      if (goesOn) this.#wait();
      else this.stop();
    }, EACH_MS);
  }
}
