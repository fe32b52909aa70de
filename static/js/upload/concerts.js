/** The concert picker, with a dialog that makes a new one on the spot. */

import { RequestError, fieldsOf, post } from "../lib/csrf.js";
import { openDialog } from "../lib/dialogs.js";
import { element } from "../lib/dom.js";

const NEW = "new";

/** The select of concerts; "New concert" opens a dialog instead of being chosen. */
export class ConcertPicker {
  /**
   * @param {HTMLSelectElement} select
   * @param {HTMLDialogElement} dialog
   * @param {string} url where a concert is made
   * @param {AbortSignal} signal
   */
  constructor(select, dialog, url, signal) {
    this.select = select;
    this.dialog = dialog;
    this.url = url;
    this.last = select.value;
    select.addEventListener("change", () => this.#changed(), { signal });
    this.form.addEventListener("submit", (event) => this.#submitted(event), { signal });
  }

  /** @returns {string} id of the chosen concert, empty for none */
  get value() {
    return this.select.value === NEW ? this.last : this.select.value;
  }

  get form() {
    return /** @type {HTMLFormElement} */ (this.dialog.querySelector("form"));
  }

  #changed() {
    if (this.select.value !== NEW) {
      this.last = this.select.value;
      return;
    }
    this.select.value = this.last;
    openDialog(this.dialog);
  }

  /** @param {SubmitEvent} event */
  async #submitted(event) {
    event.preventDefault();
    const problem = /** @type {HTMLElement} */ (this.dialog.querySelector("[data-problem]"));
    try {
      const { id, name } = /** @type {{id: string, name: string}} */ (await post(this.url, fieldsOf(this.form)));
      this.select.querySelector(`option[value="${NEW}"]`)?.before(element("option", { value: id }, name));
      this.select.value = this.last = id;
      this.form.reset();
      this.dialog.close();
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      problem.textContent = error.message;
      problem.hidden = false;
    }
  }
}
