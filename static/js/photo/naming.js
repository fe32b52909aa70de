import { post, RequestError } from "../lib/csrf.js";
import { openDialog } from "../lib/dialogs.js";
import { Combobox } from "./combobox.js";

/**
 * Ask the server whom the user may mean.
 *
 * @param {string} text
 * @returns {Promise<import("./combobox.js").Suggestion[]>}
 */
export async function suggestPeople(text) {
  const response = await fetch(`/people/suggest/?${new URLSearchParams({ q: text })}`, { headers: { Accept: "application/json" } });
  if (!response.ok) return [];
  const answer = await response.json();
  return (answer.people ?? []).map((/** @type {any} */ person) => ({ id: person.id, name: person.name, group: person.group ?? "" }));
}

/** The dialog in which a face gets its name. */
export class NameDialog {
  #dialog;
  #name;
  #group;
  #error;
  #named;
  /** @type {import("./face_layer.js").ListedFace|null} */ #face = null;

  /**
   * @param {HTMLDialogElement} dialog
   * @param {(name: string, note: string) => void} named called after the server took the name, with what it has to say
   */
  constructor(dialog, named) {
    this.#dialog = dialog;
    this.#named = named;
    this.#name = /** @type {HTMLInputElement} */ (dialog.querySelector("#name-input"));
    this.#group = /** @type {HTMLInputElement} */ (dialog.querySelector("#name-group"));
    this.#error = /** @type {HTMLElement} */ (dialog.querySelector("[data-name-error]"));
    const list = /** @type {HTMLElement} */ (dialog.querySelector("#name-options"));
    new Combobox(this.#name, list, suggestPeople, (person) => (this.#group.value = person.group));
    dialog.querySelector("[data-name-form]")?.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#face) this.name(this.#face, this.#name.value.trim(), this.#group.value.trim());
    });
  }

  /** @param {import("./face_layer.js").ListedFace} face */
  open(face) {
    this.#face = face;
    this.#name.value = face.name;
    this.#group.value = face.group;
    this.#complain("");
    const crop = /** @type {HTMLImageElement} */ (this.#dialog.querySelector("[data-name-crop]"));
    crop.src = face.item.querySelector("img")?.src ?? "";
    openDialog(this.#dialog);
    this.#name.focus();
    this.#name.select();
  }

  /**
   * Give a face its name; a refusal is said in the dialog.
   *
   * @param {import("./face_layer.js").ListedFace} face
   * @param {string} name
   * @param {string} group
   */
  async name(face, name, group) {
    if (!name) return this.#complain("Write a name first.");
    let answer;
    try {
      answer = await post(`/faces/${face.id}/name/`, { name, group });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (!this.#dialog.open) this.open(face);
      return this.#complain(error.message);
    }
    this.#dialog.close();
    this.#named(name, answer?.note ?? "");
  }

  /** @param {string} text */
  #complain(text) {
    this.#error.textContent = text;
    this.#error.hidden = text === "";
  }
}
