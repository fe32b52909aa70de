import { post, RequestError } from "../lib/csrf.js";
import { toast } from "../lib/toasts.js";

/** Whether a click on a face keeps or blurs it; stays the same from photo to photo. */
const clicks = { areOn: false };

/**
 * The list of who stays sharp in the portrait.
 *
 * Every change is sent at once and can be undone; the picture is drawn on the server and comes by itself.
 */
export class SubjectChooser {
  #form;
  #changed;
  /** @type {Record<string, string>} what the server was last told, to which an undo goes back */ #sent;

  /**
   * @param {HTMLFormElement} form
   * @param {() => void} changed called when the picture has to show other marks
   */
  constructor(form, changed) {
    this.#form = form;
    this.#changed = changed;
    this.#sent = this.#wish(form.dataset.subject ?? "auto");
    const byClick = /** @type {HTMLInputElement} */ (form.querySelector("[data-subject-clicks]"));
    byClick.checked = clicks.areOn;
    form.addEventListener("change", (event) => {
      if (event.target === byClick) clicks.areOn = byClick.checked;
      else this.#send(this.#wish("chosen"));
      this.#changed();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = /** @type {HTMLButtonElement|null} */ (/** @type {SubmitEvent} */ (event).submitter);
      if (button) this.#send({ subject: button.value });
    });
  }

  /**
   * Bring the list of a page to life, once however often this is called.
   *
   * @param {HTMLElement} main
   * @param {() => void} changed
   */
  static mount(main, changed) {
    const form = /** @type {HTMLFormElement|null} */ (main.querySelector("[data-subject-form]"));
    if (!form || form.dataset.isMounted) return;
    form.dataset.isMounted = "true";
    new SubjectChooser(form, changed);
  }

  /**
   * Keep or blur a face that was clicked in the picture.
   *
   * @param {HTMLElement} main
   * @param {string} face
   * @returns {boolean} whether clicks mean that now
   */
  static clicked(main, face) {
    const box = SubjectChooser.#boxOf(main, face);
    if (!clicks.areOn || !box) return false;
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  /**
   * Mark the boxes over the picture of those who are blurred, while clicks mean that.
   *
   * @param {HTMLElement} main
   */
  static mark(main) {
    for (const node of main.querySelectorAll("[data-box-of]")) {
      const face = /** @type {HTMLElement} */ (node).dataset.boxOf ?? "";
      node.classList.toggle("is-blurred", clicks.areOn && SubjectChooser.#boxOf(main, face)?.checked === false);
    }
  }

  /**
   * @param {HTMLElement} main
   * @param {string} face
   */
  static #boxOf(main, face) {
    return /** @type {HTMLInputElement|null} */ (main.querySelector(`[data-subject-form] input[name="face"][value="${face}"]`));
  }

  /**
   * @param {string} subject
   * @returns {Record<string, string>} the choice as it stands in the form
   */
  #wish(subject) {
    if (subject !== "chosen") return { subject };
    const ticked = /** @type {HTMLInputElement[]} */ ([...this.#form.querySelectorAll('input[name="face"]')]).filter((box) => box.checked);
    return { subject, face: ticked.map((box) => box.value).join(",") };
  }

  /**
   * @param {Record<string, string>} wish
   * @param {{isUndo?: boolean}} [options]
   */
  async #send(wish, { isUndo = false } = {}) {
    const before = this.#sent;
    const words = this.#form.querySelector("[data-subject-words]");
    try {
      await post(this.#form.getAttribute("action") ?? "", wish);
      this.#sent = wish;
      if (words) words.textContent = "Being rendered";
      const action = { label: "Undo", run: () => this.#send(before, { isUndo: true }) };
      if (!isUndo) toast("The portrait is drawn anew.", { action });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      toast(error.message, { tone: "bad" });
    }
  }
}
