import { element } from "../lib/dom.js";
import { boxInPercent, labelSides, place } from "../lib/picture.js";
import { gettext } from "../lib/words.js";

/**
 * @typedef {{id: string, box: [number, number, number, number], person: string, name: string, group: string, emotion: string,
 *   item: HTMLElement}} ListedFace a face in the list of a photo
 * @typedef {{name: string, group: string, crop: string, address: string}} NamedHere a face to name: its picture, and where its
 *   name goes
 */

/**
 * Read the faces from the list that the server rendered.
 *
 * @param {ParentNode} root
 * @returns {ListedFace[]}
 */
export function listedFaces(root) {
  return [...root.querySelectorAll("li[data-face]")].map((node) => {
    const item = /** @type {HTMLElement} */ (node);
    const box = /** @type {[number, number, number, number]} */ ((item.dataset.box ?? "").split(" ").map(Number));
    const { face = "", person = "", name = "", group = "", emotion = "" } = item.dataset;
    return { id: face, box, person, name, group, emotion, item };
  });
}

/**
 * Let the crops of faces that did not change go on from one rendering to the next, so that they are not fetched again.
 *
 * @param {Element} old
 * @param {Element} fresh of the same document: a picture that changes its document is fetched again, too
 */
export function keepCrops(old, fresh) {
  for (const { id, box, item } of listedFaces(old)) {
    const crop = item.querySelector("img");
    const successor = listedFaces(fresh).find((face) => face.id === id && String(face.box) === String(box))?.item.querySelector("img");
    const isBroken = crop?.complete && crop.naturalWidth === 0;
    if (crop && successor && !isBroken && crop.getAttribute("src") === successor.getAttribute("src")) successor.replaceWith(crop);
  }
}

/** A button over every face; a face and its row in the list light up together. */
export class FaceLayer {
  #root;
  #size;
  #choose;

  /**
   * @param {HTMLElement} root
   * @param {{width: number, height: number}} size pixels of the photo
   * @param {(face: ListedFace) => void} choose called when a face is clicked
   */
  constructor(root, size, choose) {
    this.#root = root;
    this.#size = size;
    this.#choose = choose;
  }

  /** @param {boolean} isShown */
  show(isShown) {
    this.#root.hidden = !isShown;
    if (isShown) this.arrange();
  }

  /** @param {ListedFace[]} faces */
  draw(faces) {
    this.#root.replaceChildren(...faces.map((face, index) => this.#button(face, index)));
    this.arrange();
  }

  /** Write the names so that they cover each other as little as possible; again after a change of size. */
  arrange() {
    const named = /** @type {HTMLElement[]} */ ([...this.#root.querySelectorAll(".is-named")]);
    const labels = named.map((box) => /** @type {HTMLElement} */ (box.firstElementChild));
    const sides = labelSides(
      named.map((box) => ({ left: box.offsetLeft, top: box.offsetTop, width: box.offsetWidth, height: box.offsetHeight })),
      labels.map((label) => ({ width: label.offsetWidth, height: label.offsetHeight })),
      this.#root.offsetHeight,
    );
    named.forEach((box, index) => box.classList.toggle("is-label-above", sides[index] === "above"));
  }

  /**
   * @param {ListedFace} face
   * @param {number} index
   */
  #button(face, index) {
    const said = face.name ? gettext("%(name)s; change the name", { name: face.name }) : gettext("Unknown face %(number)s; give it a name", { number: index + 1 });
    const label = element("span", { class: "face-label", "aria-hidden": "true" }, face.name || gettext("Who is this?"));
    const button = element("button", { type: "button", class: "face-box", "aria-label": said, "data-box-of": face.id }, label);
    place(button, boxInPercent(face.box, this.#size));
    button.classList.toggle("is-named", Boolean(face.name));
    button.addEventListener("click", () => this.#choose(face));
    for (const [one, other] of [[button, face.item], [face.item, button]]) {
      one.addEventListener("pointerenter", () => other.classList.add("is-lit"));
      one.addEventListener("pointerleave", () => other.classList.remove("is-lit"));
    }
    return button;
  }
}
