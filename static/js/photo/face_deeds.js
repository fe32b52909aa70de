import { post, RequestError } from "../lib/csrf.js";
import { toast } from "../lib/toasts.js";
import { gettext } from "../lib/words.js";
import { listedFaces } from "./face_layer.js";
import { NameDialog } from "./naming.js";
import { showReasons } from "./reasons.js";

/**
 * @typedef {import("./face_layer.js").ListedFace} ListedFace
 * @typedef {{undo: number, face?: number}} Answer the decision that can be taken back, and the face that came
 */

/** What a user does to the faces of a list: name, take a name away, put away; each can be undone. */
export class FaceDeeds {
  #main;
  #refresh;
  #dialog;

  /**
   * @param {HTMLElement} main with the list and the name dialog
   * @param {AbortSignal} signal
   * @param {() => Promise<unknown>} refresh takes over what the server shows then
   */
  constructor(main, signal, refresh) {
    this.#main = main;
    this.#refresh = refresh;
    const dialog = /** @type {HTMLDialogElement|null} */ (main.querySelector("#name-dialog"));
    // Who may only look has none.
    this.#dialog = dialog && new NameDialog(dialog, (name, answer) => this.#named(name, answer.note ?? ""));
    main.addEventListener("click", (event) => this.#click(event), { signal });
    main.addEventListener("toggle", (event) => showReasons(event.target, signal), { signal, capture: true });
  }

  /** Ask who a face is. @param {ListedFace} face */
  open(face) {
    this.#dialog?.open(named(face));
  }

  /**
   * Ask the server for a change; what it refuses is said.
   *
   * @param {string} url
   * @param {Record<string, string>} fields
   * @returns {Promise<Answer|null>} its answer, `null` where it refused
   */
  async ask(url, fields) {
    try {
      return /** @type {Answer} */ (await post(url, fields));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      toast(error.message, { tone: "bad" });
      return null;
    }
  }

  /**
   * @param {string} name
   * @param {string} note
   */
  #named(name, note) {
    toast(note || gettext("Named %(name)s. Your other photos are looked through for this face.", { name }), { tone: "good" });
    this.#refresh();
  }

  /** @param {Event} event */
  #click(event) {
    const target = event.target instanceof Element ? event.target : null;
    const item = target?.closest("li[data-face]");
    const face = listedFaces(this.#main).find((listed) => listed.item === item);
    if (!face || !target) return;
    const guess = /** @type {HTMLElement|null} */ (target.closest("[data-name-as]"));
    if (guess) this.#dialog?.name(named(face), guess.dataset.nameAs ?? "", guess.dataset.nameGroup ?? "");
    else if (target.closest("[data-name-face]")) this.#dialog?.open(named(face));
    else if (target.closest("[data-unname-face]")) this.#unname(face);
    const dismissal = /** @type {HTMLElement|null} */ (target.closest("[data-dismiss-face]"));
    if (dismissal) this.#dismiss(face, dismissal.dataset.dismissFace ?? "");
  }

  /**
   * @param {ListedFace} face
   * @param {string} reason
   */
  async #dismiss(face, reason) {
    const answer = await this.ask(`/faces/${face.id}/dismiss/`, { as: reason });
    if (!answer) return;
    const said = reason === "no-face" ? gettext("This is no face, and does not count any more.") : gettext("This is nobody, and does not count any more.");
    toast(said, { action: { label: gettext("Undo"), run: () => this.#undo(answer.undo) } });
    await this.#refresh();
  }

  /** @param {ListedFace} face */
  async #unname(face) {
    const answer = await this.ask(`/faces/${face.id}/reject/`, { person: face.person });
    if (!answer) return;
    toast(gettext("Understood: not %(name)s.", { name: face.name }), { action: { label: gettext("Undo"), run: () => this.#undo(answer.undo) } });
    await this.#refresh();
  }

  /** @param {number} decision */
  async #undo(decision) {
    if (await this.ask(`/decisions/${decision}/undo/`, {})) await this.#refresh();
  }
}

/**
 * What the dialog wants to know of a face in the list.
 *
 * @param {ListedFace} face
 * @returns {import("./face_layer.js").NamedHere}
 */
function named({ id, name, group, item }) {
  return { name, group, crop: item.querySelector("img")?.src ?? "", address: `/faces/${id}/name/` };
}
