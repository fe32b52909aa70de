import { element } from "../lib/dom.js";

const PAUSE_MS = 150;

/**
 * @typedef {{id: string, name: string, group: string, label?: string}} Suggestion what is taken is `name`, what is shown `label` if there is one
 */

/**
 * A text field that suggests people while one types (the ARIA combobox pattern).
 *
 * Arrow keys walk through the suggestions, Enter takes one, Escape closes the list and only then the dialog. An answer
 * that comes after a newer question is thrown away.
 */
export class Combobox {
  #input;
  #list;
  #ask;
  #taken;
  #answered;
  /** @type {Suggestion[]} */ #suggestions = [];
  #active = -1;
  #question = 0;
  /** @type {number|undefined} */ #timer;

  /**
   * @param {HTMLInputElement} input
   * @param {HTMLElement} list
   * @param {(text: string) => Promise<Suggestion[]>} ask
   * @param {(suggestion: Suggestion) => void} taken
   * @param {(suggestions: Suggestion[]) => void} [answered] called with what is suggested for the text as it stands
   */
  constructor(input, list, ask, taken, answered = () => {}) {
    this.#input = input;
    this.#list = list;
    this.#ask = ask;
    this.#taken = taken;
    this.#answered = answered;
    input.addEventListener("input", () => this.#askSoon());
    input.addEventListener("focus", () => this.#askSoon());
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("blur", () => this.close());
    list.addEventListener("pointerdown", (event) => this.#point(event));
  }

  close() {
    clearTimeout(this.#timer);
    this.#question += 1;
    this.#show([]);
  }

  #askSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#askNow(), PAUSE_MS);
  }

  async #askNow() {
    this.#question += 1;
    const question = this.#question;
    const suggestions = await this.#ask(this.#input.value.trim()).catch(() => []);
    if (question !== this.#question) return;
    this.#show(suggestions);
    this.#answered(suggestions);
  }

  /** @param {Suggestion[]} suggestions */
  #show(suggestions) {
    this.#suggestions = suggestions;
    this.#active = -1;
    this.#list.replaceChildren(...suggestions.map((suggestion, index) => this.#option(suggestion, index)));
    this.#list.hidden = suggestions.length === 0;
    this.#input.setAttribute("aria-expanded", String(suggestions.length > 0));
    this.#input.removeAttribute("aria-activedescendant");
  }

  /**
   * @param {Suggestion} suggestion
   * @param {number} index
   */
  #option(suggestion, index) {
    const attributes = { class: "combobox-option", role: "option", id: `${this.#list.id}-${index}`, "aria-selected": "false" };
    return element("li", attributes, element("span", { class: "truncate" }, suggestion.label ?? suggestion.name), element("span", { class: "faint truncate" }, suggestion.group));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (this.#list.hidden) return;
    const step = new Map([["ArrowDown", 1], ["ArrowUp", -1]]).get(event.key);
    // While none is chosen, upwards begins at the last one.
    if (step) this.#activate(step < 0 ? Math.max(this.#active, 0) - 1 : this.#active + 1);
    else if (event.key === "Enter" && this.#active >= 0) this.#take(this.#active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} index one past an end comes back at the other */
  #activate(index) {
    const count = this.#suggestions.length;
    this.#active = (index + count) % count;
    [...this.#list.children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === this.#active));
      if (place === this.#active) option.scrollIntoView({ block: "nearest" });
    });
    this.#input.setAttribute("aria-activedescendant", `${this.#list.id}-${this.#active}`);
  }

  /** @param {PointerEvent} event */
  #point(event) {
    event.preventDefault();
    const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
    if (option) this.#take([...this.#list.children].indexOf(option));
  }

  /** @param {number} index */
  #take(index) {
    const suggestion = this.#suggestions[index];
    this.#input.value = suggestion.name;
    this.close();
    this.#taken(suggestion);
  }
}
