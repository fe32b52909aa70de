import { fieldsOf } from "../lib/csrf.js";
import { gettext } from "../lib/words.js";
import { send } from "../moments/judge.js";
import { Compare } from "../photo/compare.js";
import { FaceDeeds } from "../photo/face_deeds.js";
import { FaceFocus } from "../photo/face_focus.js";
import { FaceLayer, keepCrops, listedFaces } from "../photo/face_layer.js";
import { PictureFrame } from "../photo/frame.js";
import { StrengthSlider } from "../photo/strength.js";
import { SubjectChooser } from "../photo/subject.js";
import { Refetch } from "../lib/refetch.js";
import { toast } from "../lib/toasts.js";

/** What the user prefers to see stays the same from moment to moment. */
const shown = { boxes: true, portrait: false };

/**
 * One moment in the page: picture, portrait, filmstrip, what the user thinks of it.
 *
 * What changes on the server is fetched again as the server renders it, part by part.
 */
export class MomentView {
  #main;
  #signal;
  #next;
  /** @type {Compare|null} */ #compare = null;
  /** @type {FaceLayer|null} */ #layer = null;
  #refetch;
  #focus;
  #deeds;
  #subject;

  /**
   * @param {HTMLElement} main
   * @param {AbortSignal} signal aborted when another moment takes the place
   * @param {() => void} next goes on to the next moment
   */
  constructor(main, signal, next) {
    this.#main = main;
    this.#signal = signal;
    this.#focus = new FaceFocus(main, signal);
    this.#deeds = new FaceDeeds(main, signal, () => this.refresh());
    this.#refetch = new Refetch(signal, (page) => this.#focus.keep(() => this.#take(page)));
    this.#next = next;
    this.#subject = new SubjectChooser(main, signal, () => this.#subject.mark());
    main.addEventListener("submit", (event) => this.#submit(event), { signal });
    this.#mountStage();
    this.#mountPortrait();
  }

  /**
   * Whether an event is about this moment or one of the photos in sight.
   *
   * @param {{photos: string[], moment: string}} about ids; empty where it is about none
   */
  isAbout({ photos, moment }) {
    const article = /** @type {HTMLElement} */ (this.#main.querySelector("[data-moment]"));
    return article.dataset.moment === moment || photos.some((id) => id !== "" && this.#main.innerHTML.includes(id));
  }

  /** Switch between the picture and the comparison with its portrait. */
  togglePortrait() {
    shown.portrait = !shown.portrait;
    this.#applyShown();
  }

  /** Switch the boxes on or off. */
  toggleBoxes() {
    shown.boxes = !shown.boxes;
    this.#applyShown();
  }

  /** @param {"like"|"discard"} way what the button of that name does */
  judge(way) {
    /** @type {HTMLFormElement|null} */ (this.#main.querySelector(`[data-judge="${way}"]`))?.requestSubmit();
  }

  /** The masks of this picture's people can be fetched. */
  masksReady() {
    return this.#subject.masksReady();
  }

  /** Fetch the parts again that the server may have changed. */
  refresh() {
    return this.#refetch.run();
  }

  /** @param {Document} page */
  #take(page) {
    // A slider that is being moved stays; taking it away would lose the user's hold on it.
    const isHeld = this.#main.querySelector("[data-strength]")?.matches(":active, :focus") ?? false;
    const fresh = /** @type {HTMLElement|null} */ (page.querySelector("[data-portrait]"));
    if (fresh && this.#main.querySelector("[data-portrait]")) this.#compare?.replace(fresh.dataset.source ?? "");
    else this.#takeStage(page);
    const state = this.#main.querySelector("[data-strength-state]");
    if (state) state.textContent = page.querySelector("[data-strength-state]")?.textContent ?? "";
    for (const part of page.querySelectorAll("[data-part]")) {
      const name = part.getAttribute("data-part");
      const old = this.#main.querySelector(`[data-part="${name}"]`);
      const isUsed = (name === "portrait" && isHeld) || (["clip", "keepsakes"].includes(name ?? "") && old?.matches(":focus-within"));
      if (!old || isUsed) continue;
      document.adoptNode(part);
      keepCrops(old, part);
      old.replaceWith(part);
    }
    this.#layer?.draw(listedFaces(this.#main));
    this.#mountPortrait();
    this.#subject.mark();
  }

  #mountPortrait() {
    StrengthSlider.mount(this.#main, this.#signal);
    this.#subject.mount();
  }

  /** @param {Document} page */
  #takeStage(page) {
    const stage = page.querySelector(".photo-stage");
    if (stage) this.#main.querySelector(".photo-stage")?.replaceWith(document.adoptNode(stage));
    this.#mountStage();
  }

  #mountStage() {
    const picture = /** @type {HTMLElement|null} */ (this.#main.querySelector("[data-picture]"));
    if (!picture?.querySelector("[data-layer]")) return;
    const frame = new PictureFrame(picture, this.#signal, () => this.#layer?.arrange());
    this.#compare = new Compare(picture, frame);
    const layer = /** @type {HTMLElement} */ (picture.querySelector("[data-faces-layer]"));
    this.#layer = new FaceLayer(layer, frame.size, (face) => {
      if (!this.#subject.clicked(face.id)) this.#deeds.open(face);
    });
    this.#layer.draw(listedFaces(this.#main));
    this.#applyShown();
    this.#main.querySelector("[data-boxes]")?.addEventListener("change", () => this.toggleBoxes());
    this.#main.querySelector("[data-compare-switch]")?.addEventListener("change", () => this.togglePortrait());
  }

  #applyShown() {
    const box = /** @type {HTMLInputElement|null} */ (this.#main.querySelector("[data-compare-switch]"));
    const isComparing = shown.portrait && box !== null && !box.disabled;
    if (box) box.checked = isComparing;
    const boxes = /** @type {HTMLInputElement|null} */ (this.#main.querySelector("[data-boxes]"));
    if (boxes) boxes.checked = shown.boxes && !isComparing;
    this.#layer?.show(shown.boxes && !isComparing);
    if (isComparing) this.#subject.hide();
    this.#compare?.show(isComparing);
  }

  /** @param {Event} event */
  #submit(event) {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.dataset.judge) return;
    event.preventDefault();
    this.#judge(form);
  }

  /** @param {HTMLFormElement} form */
  async #judge(form) {
    const answer = await send(form.action, fieldsOf(form));
    if (!answer) return;
    if (!answer.discarded) {
      await this.refresh();
      return;
    }
    const undo = () => send(form.action, { discarded: "0" }).then(() => this.refresh());
    toast(gettext("Discarded."), { action: { label: gettext("Undo"), run: undo } });
    if (this.#main.querySelector('a[rel="next"]')) this.#next();
    else await this.refresh();
  }
}
