import { fieldsOf, post, RequestError } from "../lib/csrf.js";
import { toast } from "../lib/toasts.js";
import { gettext, picturesInWords } from "../lib/words.js";

/**
 * The bar that says how much is selected and what can be done with it.
 *
 * Every action is a form whose address takes the ids; `data-then` says what becomes of the cards: `drop` where they leave
 * the grid, `refresh` where they look different. `data-undo` is the address that takes it back. A form marked
 * `data-download` is sent by the browser itself, which stores the answer as a file.
 */
export class SelectionBar {
  #bar;
  #select;
  #refresh;
  #field;
  #noun;

  /**
   * @param {HTMLElement} bar
   * @param {import("./grid_select.js").GridSelect} select
   * @param {AbortSignal} signal
   * @param {() => Promise<unknown>} refresh brings the cards up to date
   */
  constructor(bar, select, signal, refresh) {
    this.#bar = bar;
    this.#select = select;
    this.#refresh = refresh;
    this.#field = bar.dataset.field ?? "";
    this.#noun = bar.dataset.noun ?? "";
    bar.querySelector("[data-clear]")?.addEventListener("click", () => select.selection.clear(), { signal });
    bar.querySelector("[data-all]")?.addEventListener("click", () => select.selectAll(), { signal });
    document.addEventListener("submit", (event) => this.#submit(event), { signal });
  }

  /** Show what is selected. */
  show() {
    const { size } = this.#select.selection;
    this.#bar.hidden = size === 0;
    document.body.classList.toggle("has-selection", size > 0);
    const words = picturesInWords(this.#noun, size);
    for (const place of document.querySelectorAll("[data-selected-count]")) place.textContent = words;
    for (const form of document.querySelectorAll("[data-selected-one]")) /** @type {HTMLElement} */ (form).hidden = size !== 1;
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-selected]")) return;
    const { ids } = this.#select.selection;
    if ("download" in form.dataset) {
      /** @type {HTMLInputElement} */ (form.elements.namedItem(this.#field)).value = ids.join(",");
      form.closest("dialog")?.close();
      return;
    }
    event.preventDefault();
    await this.#send(form, { ...fieldsOf(form, event.submitter), [this.#field]: ids.join(",") }, ids);
  }

  /**
   * @param {HTMLFormElement} form
   * @param {Record<string, string>} fields
   * @param {string[]} ids
   */
  async #send(form, fields, ids) {
    try {
      const answer = /** @type {{message?: string}|null} */ (await post(form.action, fields));
      form.closest("dialog")?.close();
      const action = form.dataset.undo ? { label: gettext("Undo"), run: () => this.#undo(form.dataset.undo ?? "", ids) } : undefined;
      toast(answer?.message ?? gettext("Done."), { action });
      await this.#settle(form.dataset.then ?? "", ids);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      toast(error.message, { tone: "bad" });
    }
  }

  /**
   * @param {string} then
   * @param {string[]} ids
   */
  async #settle(then, ids) {
    if (then === "drop") this.#select.drop(ids);
    if (then === "refresh") {
      this.#select.selection.clear();
      await this.#refresh();
    }
  }

  /**
   * @param {string} url
   * @param {string[]} ids
   */
  async #undo(url, ids) {
    try {
      await post(url, { [this.#field]: ids.join(",") });
      location.reload();
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      toast(error.message, { tone: "bad" });
    }
  }
}
