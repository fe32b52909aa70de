import { post, RequestError } from "../lib/csrf.js";
import { toast } from "../lib/toasts.js";
import { gettext } from "../lib/words.js";
import { PortraitPreview } from "../portrait/preview.js";

/** Whether a click on a person keeps or blurs them; stays the same from photo to photo. */
const clicks = { areOn: false };
/** So long a list is in sight before its masks are made; who leafs through photos does not want them. */
const REST_MS = 500;

/**
 * The list of who stays sharp in the portrait.
 *
 * A change shows over the picture at once, is sent at once, and can be undone; the picture itself is drawn on the server
 * and comes by itself.
 */
export class SubjectChooser {
  #main;
  #signal;
  #changed;
  /** @type {HTMLFormElement|null} */ #form = null;
  /** @type {PortraitPreview|null} */ #preview = null;
  /** @type {Element|null} the layer that the preview lies in */ #layer = null;
  #isWanted = false;
  /** @type {Record<string, string>} what the server was last told, to which an undo goes back */ #sent = {};
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #rest;

  /**
   * @param {HTMLElement} main
   * @param {AbortSignal} signal
   * @param {() => void} changed called when the picture has to show other marks
   */
  constructor(main, signal, changed) {
    this.#main = main;
    this.#signal = signal;
    this.#changed = changed;
    main.addEventListener("click", (event) => this.#click(event), { signal });
    main.addEventListener("input", (event) => this.#input(event), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.#rest), { once: true });
  }

  /** Bring the list that stands in the page to life; harmless to repeat. */
  mount() {
    const form = /** @type {HTMLFormElement|null} */ (this.#main.querySelector("[data-subject-form]"));
    if (!form || form === this.#form) return;
    this.#form = form;
    this.#sent = this.#wish(form.dataset.subject ?? "auto");
    this.#mountPreview(form);
    const byClick = /** @type {HTMLInputElement} */ (form.querySelector("[data-subject-clicks]"));
    byClick.checked = clicks.areOn;
    form.addEventListener("change", (event) => {
      if (event.target !== byClick) return void this.#choose("chosen");
      clicks.areOn = byClick.checked;
      this.#changed();
      this.#preview?.load();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = /** @type {HTMLButtonElement|null} */ (/** @type {SubmitEvent} */ (event).submitter);
      if (button) this.#choose(button.value);
    });
  }

  /** The server has made the masks. */
  async masksReady() {
    if ((await this.#preview?.load()) && this.#isWanted) this.#show();
  }

  /** Let the picture be seen as it is. */
  hide() {
    this.#isWanted = false;
    this.#preview?.hide();
  }

  /**
   * Keep or blur a face that was clicked in the picture.
   *
   * @param {string} face
   * @returns {boolean} whether clicks mean that now
   */
  clicked(face) {
    const box = this.#boxOf(face);
    if (!clicks.areOn || !box) return false;
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  /** Mark the boxes over the picture of those who are blurred, while clicks mean that. */
  mark() {
    for (const node of this.#main.querySelectorAll("[data-box-of]")) {
      const face = /** @type {HTMLElement} */ (node).dataset.boxOf ?? "";
      node.classList.toggle("is-blurred", clicks.areOn && this.#boxOf(face)?.checked === false);
    }
  }

  /** @param {HTMLFormElement} form */
  #mountPreview(form) {
    const layer = /** @type {HTMLElement|null} */ (this.#main.querySelector("[data-layer]"));
    const picture = /** @type {HTMLImageElement|null} */ (this.#main.querySelector("[data-image]"));
    if (!layer || !picture || !form.dataset.masks) return;
    if (layer !== this.#layer) {
      this.#layer = layer;
      this.#preview = new PortraitPreview(form.dataset.masks, layer, picture);
    }
    if (this.#preview?.isReady || this.#boxes().length < 2 || !globalThis.IntersectionObserver) return;
    const observer = new IntersectionObserver(([seen]) => {
      clearTimeout(this.#rest);
      if (seen.isIntersecting) this.#rest = setTimeout(() => this.#preview?.load(), REST_MS);
    });
    observer.observe(form);
    this.#signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  }

  /** @param {Event} event */
  #click(event) {
    const target = event.target instanceof Element ? event.target : null;
    if (!clicks.areOn || !target?.closest("[data-picture]") || target.closest("button, input, a, [data-box-of]")) return;
    const face = this.#preview?.faceAt(/** @type {MouseEvent} */ (event));
    if (face) this.clicked(face);
  }

  /** @param {Event} event the slider that says how much is blurred shows it, too */
  #input(event) {
    const isStrength = event.target instanceof Element && event.target.matches("[data-strength]");
    if (isStrength && this.#preview?.isReady) this.#show();
  }

  /** @returns {HTMLInputElement[]} */
  #boxes() {
    return /** @type {HTMLInputElement[]} */ ([...(this.#form?.querySelectorAll('input[name="face"]') ?? [])]);
  }

  /** @param {string} face */
  #boxOf(face) {
    return this.#boxes().find((box) => box.value === face);
  }

  /**
   * @param {string} subject
   * @returns {Record<string, string>} the choice as it stands in the form
   */
  #wish(subject) {
    if (subject !== "chosen") return { subject };
    return { subject, face: this.#boxes().filter((box) => box.checked).map((box) => box.value).join(",") };
  }

  /** @param {string} subject */
  #choose(subject) {
    this.#tick(this.#wish(subject));
    return this.#send(this.#wish(subject));
  }

  /** Let the boxes say what a wish means, before the server does. @param {Record<string, string>} wish */
  #tick({ subject, face = "" }) {
    const named = subject === "auto" ? this.#form?.dataset.rule : face;
    const chosen = new Set((named ?? "").split(","));
    performance.mark("portrait-choice");
    for (const box of this.#boxes()) {
      const isUnnamed = subject === "unnamed" && box.dataset.named === undefined;
      box.checked = subject === "all" || isUnnamed || (subject !== "unnamed" && chosen.has(box.value));
    }
    this.#show().then(() => performance.measure("portrait-preview", "portrait-choice"));
    this.#changed();
  }

  /** Show the choice over the picture, as soon as the masks are here. */
  async #show() {
    this.#isWanted = true;
    if (!(await this.#preview?.load())) return;
    const sharp = this.#boxes().filter((box) => box.checked);
    const strength = /** @type {HTMLInputElement|null} */ (this.#main.querySelector("[data-strength]"));
    const isEverybody = sharp.length === this.#boxes().length;
    if (sharp.length === 0) return;
    this.#preview?.show(isEverybody ? null : sharp.map((box) => box.value), Number(strength?.value ?? 0.5));
  }

  /**
   * @param {Record<string, string>} wish
   * @param {{isUndo?: boolean}} [options]
   */
  async #send(wish, { isUndo = false } = {}) {
    const before = this.#sent;
    const words = this.#form?.querySelector("[data-subject-words]");
    try {
      await post(this.#form?.getAttribute("action") ?? "", wish);
      this.#sent = wish;
      if (words) words.textContent = gettext("Being rendered");
      if (!isUndo) toast(gettext("The portrait is drawn anew."), { action: { label: gettext("Undo"), run: () => this.#undo(before) } });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.#tick(before);
      toast(error.message, { tone: "bad" });
    }
  }

  /** @param {Record<string, string>} before */
  #undo(before) {
    this.#tick(before);
    return this.#send(before, { isUndo: true });
  }
}
