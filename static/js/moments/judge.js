import { post, RequestError } from "../lib/csrf.js";
import { toast } from "../lib/toasts.js";
import { gettext } from "../lib/words.js";
import { takeOut } from "./place.js";

/** @typedef {{liked: boolean, discarded: boolean}} Verdict how a moment stands after the change */

/**
 * Likes and discards moments from their cards, without leaving the grid.
 *
 * A discarded card leaves at once and can be called back from the message, to the place where it stood: the server is
 * asked only for the first page, and the card may stand on a later one.
 */
export class Judge {
  #refresh;

  /**
   * @param {HTMLFormElement} form that the buttons of all cards belong to
   * @param {AbortSignal} signal
   * @param {() => Promise<unknown>} refresh brings the cards up to date
   */
  constructor(form, signal, refresh) {
    this.#refresh = refresh;
    form.addEventListener("submit", (event) => this.#submit(event), { signal });
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (event.submitter);
    const card = /** @type {HTMLElement} */ (button.closest("[data-moment]"));
    if (button.dataset.judge === "like") this.#like(button, card);
    else this.#discard(button, card);
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {HTMLElement} card
   */
  async #like(button, card) {
    const answer = await send(button.formAction, { liked: button.value });
    if (!answer) return;
    button.value = answer.liked ? "0" : "1";
    button.setAttribute("aria-pressed", String(answer.liked));
    card.classList.toggle("is-liked", answer.liked);
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {HTMLElement} card
   */
  async #discard(button, card) {
    const url = button.formAction;
    const answer = await send(url, { discarded: button.value });
    if (!answer) return;
    this.#focusBeside(card);
    const putBack = takeOut(card, "data-moment");
    const back = { discarded: answer.discarded ? "0" : "1" };
    const undo = async () => {
      if (!(await send(url, back))) return;
      putBack().querySelector("a")?.focus({ preventScroll: true });
      await this.#refresh();
    };
    toast(answer.discarded ? gettext("Discarded.") : gettext("Brought back."), { action: { label: gettext("Undo"), run: undo } });
  }

  /** @param {HTMLElement} card whose focus, if it has it, goes to a neighbour */
  #focusBeside(card) {
    if (!card.contains(document.activeElement)) return;
    const beside = card.nextElementSibling ?? card.previousElementSibling;
    /** @type {HTMLElement|null|undefined} */ (beside?.querySelector("a"))?.focus();
  }
}

/**
 * @param {string} url
 * @param {Record<string, string>} fields
 * @returns {Promise<Verdict|null>} the answer; `null` when it was refused, and then the user was told
 */
export async function send(url, fields) {
  try {
    return /** @type {Verdict} */ (await post(url, fields));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    toast(error.message, { tone: "bad" });
    return null;
  }
}
