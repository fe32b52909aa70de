import { Refetch } from "../lib/refetch.js";
import { Compare } from "./compare.js";
import { FaceDrawing } from "./drawing.js";
import { FaceDeeds } from "./face_deeds.js";
import { FaceFocus } from "./face_focus.js";
import { FaceLayer, keepCrops, listedFaces } from "./face_layer.js";
import { PictureFrame } from "./frame.js";
import { StrengthSlider } from "./strength.js";
import { SubjectChooser } from "./subject.js";

/** What the user prefers to see stays the same from photo to photo. */
const shown = { boxes: true, portrait: false };

/**
 * One photo in the page: picture, boxes, portrait, names.
 *
 * What changes on the server is fetched again as the server renders it, part by part, so a name or an emotion has one
 * template and no second life in the browser.
 */
export class PhotoView {
  #main;
  #signal;
  /** @type {FaceLayer|null} */ #layer = null;
  /** @type {Compare|null} */ #compare = null;
  /** @type {FaceDrawing|null} */ #drawing = null;
  #deeds;
  #refetch;
  #focus;
  #subject;

  /**
   * @param {HTMLElement} main
   * @param {AbortSignal} signal aborted when another photo takes the place
   */
  constructor(main, signal) {
    this.#main = main;
    this.#signal = signal;
    this.#focus = new FaceFocus(main, signal);
    this.#subject = new SubjectChooser(main, signal, () => this.#subject.mark());
    this.#refetch = new Refetch(signal, (page) => this.#focus.keep(() => this.#take(page)));
    this.id = /** @type {HTMLElement} */ (main.querySelector("[data-photo]")).dataset.photo ?? "";
    this.#deeds = new FaceDeeds(main, signal, () => this.refresh());
    main.addEventListener("click", (event) => this.#click(event), { signal });
    this.#mountStage();
    this.#mountPortrait();
  }

  /** Switch the boxes on or off. */
  toggleBoxes() {
    shown.boxes = !shown.boxes;
    this.#applyShown();
  }

  /** Switch between the photo and the comparison with its portrait. */
  togglePortrait() {
    shown.portrait = !shown.portrait;
    this.#applyShown();
  }

  /** Let the user draw a face that was missed, or stop it. */
  toggleDrawing() {
    if (!this.#main.querySelector("[data-draw-face]")) return;
    shown.boxes = true;
    shown.portrait = false;
    this.#applyShown();
    this.#drawing?.toggle();
  }

  /** The masks of this photo's people can be fetched. */
  masksReady() {
    return this.#subject.masksReady();
  }

  /** Fetch the parts again that the server may have changed. */
  refresh() {
    return this.#refetch.run();
  }

  /** @param {Document} page */
  #take(page) {
    this.#takeState(page);
    this.#takeStage(page);
    // A slider that is being moved stays; taking it away would lose the user's hold on it.
    const isHeld = this.#main.querySelector("[data-strength]")?.matches(":active, :focus") ?? false;
    this.#takePart("faces", page);
    if (!isHeld) this.#takePart("portrait", page);
    if (!this.#main.querySelector('[data-part="keepsakes"]')?.matches(":focus-within")) this.#takePart("keepsakes", page);
    this.#mountPortrait();
    this.#drawFaces();
  }

  #mountPortrait() {
    StrengthSlider.mount(this.#main, this.#signal);
    this.#subject.mount();
  }

  /**
   * @param {string} name
   * @param {Document} page
   */
  #takePart(name, page) {
    const fresh = page.querySelector(`[data-part="${name}"]`);
    const old = this.#main.querySelector(`[data-part="${name}"]`);
    if (!fresh || !old) return;
    document.adoptNode(fresh);
    this.#keepOpen(fresh);
    keepCrops(old, fresh);
    old.replaceWith(fresh);
  }

  /** @param {Document} page */
  #takeState(page) {
    const state = this.#main.querySelector("[data-strength-state]");
    if (state) state.textContent = page.querySelector("[data-strength-state]")?.textContent ?? "";
  }

  /** @param {Element} fresh its opened details stay open */
  #keepOpen(fresh) {
    for (const open of this.#main.querySelectorAll("li[data-face] details[open]:not(.menu)")) {
      const id = /** @type {HTMLElement} */ (open.closest("li")).dataset.face;
      fresh.querySelector(`li[data-face="${id}"] details.${open.classList[0]}`)?.setAttribute("open", "");
    }
  }

  /** @param {Document} page */
  #takeStage(page) {
    const fresh = /** @type {HTMLElement|null} */ (page.querySelector("[data-portrait]"));
    const current = this.#main.querySelector("[data-portrait]");
    const hasPicture = this.#main.querySelector("[data-image]") !== null;
    if (fresh && current) {
      this.#compare?.replace(fresh.dataset.source ?? "");
    } else if (fresh || !hasPicture) {
      const stage = page.querySelector(".photo-stage");
      if (stage) this.#main.querySelector(".photo-stage")?.replaceWith(document.adoptNode(stage));
      this.#mountStage();
    }
  }

  #mountStage() {
    const picture = /** @type {HTMLElement|null} */ (this.#main.querySelector("[data-picture]"));
    const layer = /** @type {HTMLElement|null} */ (this.#main.querySelector("[data-faces-layer]"));
    if (!picture || !layer) return;
    const frame = new PictureFrame(picture, this.#signal, () => this.#layer?.arrange());
    this.#layer = new FaceLayer(layer, frame.size, (face) => {
      if (!this.#subject.clicked(face.id)) this.#deeds.open(face);
    });
    this.#compare = new Compare(picture, frame);
    this.#drawing = new FaceDrawing(/** @type {HTMLElement} */ (layer.parentElement), this.#signal, (box) => this.#draw(box));
    this.#drawFaces();
    this.#applyShown();
    this.#main.querySelector("[data-boxes]")?.addEventListener("change", () => this.toggleBoxes());
    this.#main.querySelector("[data-compare-switch]")?.addEventListener("change", () => this.togglePortrait());
  }

  #drawFaces() {
    this.#layer?.draw(listedFaces(this.#main));
    this.#subject.mark();
  }

  #applyShown() {
    const boxes = /** @type {HTMLInputElement|null} */ (this.#main.querySelector("[data-boxes]"));
    const portrait = /** @type {HTMLInputElement|null} */ (this.#main.querySelector("[data-compare-switch]"));
    const isComparing = shown.portrait && portrait !== null && !portrait.disabled;
    if (boxes) {
      boxes.checked = shown.boxes && !isComparing;
      boxes.disabled = isComparing;
    }
    if (portrait) portrait.checked = isComparing;
    if (isComparing) this.#subject.hide();
    this.#layer?.show(shown.boxes && !isComparing);
    this.#compare?.show(isComparing);
  }

  /** @param {Event} event */
  #click(event) {
    if (event.target instanceof Element && event.target.closest("[data-draw-face]")) this.toggleDrawing();
  }

  /** @param {number[]} box edges as shares of the picture */
  async #draw(box) {
    const answer = await this.#deeds.ask(`/photos/${this.id}/faces/`, { box: box.map((edge) => edge.toFixed(5)).join(" ") });
    if (!answer) return false;
    await this.refresh();
    const face = listedFaces(this.#main).find((listed) => listed.id === String(answer.face));
    if (face) this.#deeds.open(face);
    return true;
  }
}
