import { post, RequestError } from "../lib/csrf.js";
import { openDialog } from "../lib/dialogs.js";
import { gettext } from "../lib/words.js";
import { Combobox } from "./combobox.js";

/**
 * Ask the server whom the user may mean.
 *
 * @param {string} text
 * @param {string} [photo] of which a face is named; its owner knows the people
 * @returns {Promise<import("./combobox.js").Suggestion[]>}
 */
export async function suggestPeople(text, photo) {
  const response = await fetch(`/people/suggest/?${new URLSearchParams(photo ? { q: text, photo } : { q: text })}`, { headers: { Accept: "application/json" } });
  if (!response.ok) return [];
  const { people = [] } = /** @type {{people?: import("./combobox.js").Suggestion[]}} */ (await response.json());
  return people.map(({ id, name, group }) => ({ id, name, group: group ?? "" }));
}

/**
 * The dialog in which a face gets its name.
 *
 * @typedef {{note?: string, undo?: number}} Answer why it is no reference, and the decision that can be taken back
 *
 * A group that the page filled in belongs to the name it came with. It goes when another name is typed, or the server
 * would make a new person of that name in the old group; a group that the user wrote stays.
 */
export class NameDialog {
  #dialog;
  #name;
  #group;
  #error;
  #named;
  #isGroupFilled = false;
  /** @type {import("./face_layer.js").NamedHere|null} */ #face = null;

  /**
   * @param {HTMLDialogElement} dialog
   * @param {(name: string, answer: Answer) => void} named called after the server took the name, with what it has to say
   */
  constructor(dialog, named) {
    this.#dialog = dialog;
    this.#named = named;
    this.#name = /** @type {HTMLInputElement} */ (dialog.querySelector("#name-input"));
    this.#group = /** @type {HTMLInputElement} */ (dialog.querySelector("#name-group"));
    this.#error = /** @type {HTMLElement} */ (dialog.querySelector("[data-name-error]"));
    const list = /** @type {HTMLElement} */ (dialog.querySelector("#name-options"));
    const taken = (/** @type {import("./combobox.js").Suggestion} */ person) => this.#fillGroup(person.group);
    const ask = (/** @type {string} */ text) => suggestPeople(text, document.querySelector("main [data-photo]")?.getAttribute("data-photo") ?? "");
    new Combobox(this.#name, list, ask, taken, (people) => this.#fillFrom(people));
    this.#name.addEventListener("input", () => this.#typed());
    this.#group.addEventListener("input", () => (this.#isGroupFilled = false));
    dialog.querySelector("[data-name-form]")?.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#face) this.name(this.#face, this.#name.value.trim(), this.#group.value.trim());
    });
  }

  /** @param {import("./face_layer.js").NamedHere} face */
  open(face) {
    this.#face = face;
    this.#name.value = face.name;
    this.#fillGroup(face.group);
    this.#complain("");
    const crop = /** @type {HTMLImageElement} */ (this.#dialog.querySelector("[data-name-crop]"));
    crop.src = face.crop;
    openDialog(this.#dialog);
    this.#name.focus();
    this.#name.select();
  }

  /**
   * Give a face its name; a refusal is said in the dialog.
   *
   * @param {import("./face_layer.js").NamedHere} face
   * @param {string} name
   * @param {string} group
   */
  async name(face, name, group) {
    if (!name) return this.#complain(gettext("Write a name first."));
    let answer;
    try {
      answer = /** @type {Answer|null} */ (await post(face.address, { name, group }));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (!this.#dialog.open) this.open(face);
      return this.#complain(error.message);
    }
    this.#dialog.close();
    this.#named(name, answer ?? {});
  }

  /** @returns {boolean} whether the field says what the face is called already */
  get #isNameKept() {
    return isSameName(this.#name.value, this.#face?.name ?? "");
  }

  #typed() {
    if (this.#isGroupFilled) this.#fillGroup(this.#isNameKept ? (this.#face?.group ?? "") : "");
  }

  /** @param {string} group */
  #fillGroup(group) {
    this.#group.value = group;
    this.#isGroupFilled = true;
  }

  /**
   * Fill in the group of the one person whose name was typed in full.
   *
   * @param {import("./combobox.js").Suggestion[]} people
   */
  #fillFrom(people) {
    const called = people.filter((person) => isSameName(person.name, this.#name.value));
    if (called.length === 1 && this.#isGroupFilled && !this.#isNameKept) this.#fillGroup(called[0].group);
  }

  /** @param {string} text */
  #complain(text) {
    this.#error.textContent = text;
    this.#error.hidden = text === "";
  }
}

/**
 * Whether two spellings are one name, as the server has it: whatever their case, width and normal form.
 *
 * @param {string} one
 * @param {string} other
 */
export function isSameName(one, other) {
  return folded(one) === folded(other);
}

/** @param {string} name */
function folded(name) {
  // Upper case first: only so a sharp s and "SS" meet, as they do when the server folds.
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC").replace(/\s+/g, " ").trim();
}
