import { postForm, post, RequestError } from "../lib/csrf.js";
import { toast } from "../lib/toasts.js";
import { gettext } from "../lib/words.js";
import { Combobox } from "../photo/combobox.js";
import { suggestPeople } from "../photo/naming.js";

/**
 * One group of faces that look alike: a form that works alone, and here without another page.
 *
 * What was decided leaves the page at once; Undo brings it back.
 */
export class SortGroup {
  #form;
  #error;
  #isSending = false;

  /**
   * @param {HTMLFormElement} form
   * @param {AbortSignal} signal
   */
  constructor(form, signal) {
    this.#form = form;
    this.#error = /** @type {HTMLElement} */ (form.querySelector("[data-sort-error]"));
    const name = /** @type {HTMLInputElement} */ (form.querySelector("[name=name]"));
    const group = /** @type {HTMLInputElement} */ (form.querySelector("[name=group]"));
    const list = /** @type {HTMLElement} */ (form.querySelector("[role=listbox]"));
    new Combobox(name, list, suggestPeople, (person) => (group.value = person.group));
    form.addEventListener("submit", (event) => this.#submit(event), { signal });
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      const answer = await postForm(this.#form.action, new FormData(this.#form, event.submitter));
      this.#complain("");
      this.#leave(/** @type {{said: string, undo: number}} */ (answer));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.#complain(error.message);
    }
    this.#isSending = false;
  }

  /** @param {{said: string, undo: number}} answer */
  #leave(answer) {
    const gone = this.#form.hasAttribute("data-sort-loners") ? this.#chosen() : [this.#form];
    for (const node of gone) node.hidden = true;
    for (const box of this.#form.querySelectorAll("[hidden] input")) /** @type {HTMLInputElement} */ (box).disabled = true;
    this.#focusNext();
    toast(answer.said, { tone: "good", action: { label: gettext("Undo"), run: () => this.#undo(answer.undo, gone) } });
  }

  /**
   * @param {number} decision
   * @param {HTMLElement[]} gone
   */
  async #undo(decision, gone) {
    try {
      await post(`/decisions/${decision}/undo/`, {});
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      toast(error.message, { tone: "bad" });
      return;
    }
    for (const node of gone) {
      node.hidden = false;
      for (const box of node.querySelectorAll("input")) box.disabled = false;
    }
  }

  /** @returns {HTMLElement[]} the faces that are ticked */
  #chosen() {
    const ticked = [...this.#form.querySelectorAll("li:not([hidden]) input:checked")];
    return ticked.map((box) => /** @type {HTMLElement} */ (box.closest("li")));
  }

  /** Let the keyboard go on where the next name is to be written. */
  #focusNext() {
    const next = document.querySelector("form[data-sort-group]:not([hidden]) [name=name]");
    if (next instanceof HTMLInputElement) {
      next.focus();
      if (this.#form.hasAttribute("data-sort-loners")) next.value = "";
    }
  }

  /** @param {string} text */
  #complain(text) {
    this.#error.textContent = text;
    this.#error.hidden = text === "";
  }
}
