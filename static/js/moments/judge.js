import { post, RequestError } from "../lib/csrf.js";
import { toast } from "../lib/toasts.js";

const LEAVING_MS = 260;

/**
 * Likes and discards moments from their cards, without leaving the grid.
 *
 * A discarded card leaves at once and can be called back from the message.
 */
export class Judge {
  #grid;
  #refresh;

  /**
   * @param {HTMLElement} grid
   * @param {AbortSignal} signal
   * @param {() => Promise<unknown>} refresh brings the cards up to date
   */
  constructor(grid, signal, refresh) {
    this.#grid = grid;
    this.#refresh = refresh;
    grid.addEventListener("submit", (event) => this.#submit(event), { signal });
  }

  /** @param {Event} event */
  #submit(event) {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.dataset.judge) return;
    event.preventDefault();
    const card = /** @type {HTMLElement} */ (form.closest("[data-moment]"));
    if (form.dataset.judge === "like") this.#like(form, card);
    else this.#discard(form, card);
  }

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} card
   */
  async #like(form, card) {
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("liked"));
    const answer = await send(form.action, { liked: field.value });
    if (!answer) return;
    field.value = answer.liked ? "0" : "1";
    form.querySelector("button")?.setAttribute("aria-pressed", String(answer.liked));
    card.classList.toggle("is-liked", answer.liked);
  }

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} card
   */
  async #discard(form, card) {
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("discarded"));
    const url = form.action;
    const answer = await send(url, { discarded: field.value });
    if (!answer) return;
    this.#focusBeside(card);
    card.classList.add("is-leaving");
    setTimeout(() => card.remove(), LEAVING_MS);
    const back = { discarded: answer.discarded ? "0" : "1" };
    const undo = () => send(url, back).then(() => this.#refresh());
    toast(answer.discarded ? "Discarded." : "Brought back.", { action: { label: "Undo", run: undo } });
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
 * @returns {Promise<any>} the answer; `null` when it was refused, and then the user was told
 */
export async function send(url, fields) {
  try {
    return await post(url, fields);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    toast(error.message, { tone: "bad" });
    return null;
  }
}
