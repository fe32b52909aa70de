import { post, RequestError } from "../lib/csrf.js";
import { toast } from "../lib/toasts.js";
import { gettext } from "../lib/words.js";

const PAUSE_MS = 350;

/**
 * The slider that says how much the background is blurred, and the switch for lamps as discs.
 *
 * The new picture is made on the server from the stored alpha; it is asked for once the slider rests.
 */
export class StrengthSlider {
  /** @type {number|undefined} */ #timer;
  #form;
  #state;
  #slider;
  #lights;

  /**
   * @param {HTMLFormElement} form
   * @param {AbortSignal} signal
   */
  constructor(form, signal) {
    this.#form = form;
    this.#state = form.querySelector("[data-strength-state]");
    const slider = /** @type {HTMLInputElement} */ (form.querySelector("[data-strength]"));
    const value = /** @type {HTMLOutputElement} */ (form.querySelector("[data-strength-value]"));
    slider.addEventListener("input", () => {
      const percent = Math.round(100 * Number(slider.value));
      value.value = `${percent} %`;
      slider.setAttribute("aria-valuetext", `${percent} %`);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#render(), PAUSE_MS);
    });
    this.#lights = /** @type {HTMLInputElement|null} */ (form.querySelector("[data-lights]"));
    this.#lights?.addEventListener("change", () => this.#render());
    this.#slider = slider;
    signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  /**
   * Bring the slider of a page to life, once however often this is called.
   *
   * @param {HTMLElement} main
   * @param {AbortSignal} signal
   */
  static mount(main, signal) {
    const form = /** @type {HTMLFormElement|null} */ (main.querySelector("[data-strength-form]"));
    if (!form || form.dataset.isMounted) return;
    form.dataset.isMounted = "true";
    new StrengthSlider(form, signal);
  }

  async #render() {
    if (this.#state) this.#state.textContent = gettext("Being rendered");
    try {
      await post(this.#form.action, { strength: this.#slider.value, lights: this.#lights?.checked ? "1" : "0" });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (this.#state) this.#state.textContent = "";
      toast(error.message, { tone: "bad" });
    }
  }
}
