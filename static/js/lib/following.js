/**
 * The star who is followed: where she is, in words.
 *
 * @typedef {import("./live_overlay.js").LiveFace} LiveFace
 * @typedef {"left"|"centre"|"right"|"only"|"gone"} Place
 */

import { gettext } from "./words.js";

/** So far beyond a third of the picture she has to be before the words change: they would flicker at its edge. */
const MARGIN = 0.04;
/** A face is hidden by a hand or a turn for a moment without its star being gone. */
export const GONE_MS = 1500;

/**
 * The face of the star, the surest if several seem to be hers.
 *
 * @param {LiveFace[]} faces
 * @param {string} person
 * @returns {LiveFace|undefined}
 */
export function faceOf(faces, person) {
  if (!person) return undefined;
  const hers = faces.filter((face) => face.person === person);
  return hers.sort((one, other) => (other.similarity ?? 0) - (one.similarity ?? 0))[0];
}

/** Says where the star is while others are in the picture too, and when she is not. */
export class Guide {
  /** @type {Place} */ #place = "gone";
  #seenAt = -Infinity;
  #root;
  #name = "";

  person = "";

  /** @param {HTMLElement|null} root where the words stand; `null` on a page without */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {string} person id; empty for nobody
   * @param {string} name
   */
  follow(person, name) {
    if (person !== this.person) this.#place = "gone";
    [this.person, this.#name] = [person, name];
    this.hide();
  }

  /** Say nothing: nobody is followed, or nobody looks at the picture. */
  hide() {
    this.#say("");
  }

  /**
   * @param {LiveFace[]} faces
   * @param {number} width of the frame
   * @param {boolean} isMirrored
   * @param {number} now milliseconds
   */
  show(faces, width, isMirrored, now) {
    if (!this.person) return;
    const face = faceOf(faces, this.person);
    if (face) {
      this.#seenAt = now;
      this.#place = faces.length > 1 ? this.#placeOf(face, width, isMirrored) : "only";
    } else if (now - this.#seenAt > GONE_MS) {
      this.#place = "gone";
    }
    this.#say(this.#words());
  }

  /**
   * @param {LiveFace} face
   * @param {number} width
   * @param {boolean} isMirrored
   * @returns {Place}
   */
  #placeOf({ box: [x1, , x2] }, width, isMirrored) {
    const share = (x1 + x2) / 2 / width;
    const at = isMirrored ? 1 - share : share;
    const stays = (/** @type {Place} */ place) => (this.#place === place ? MARGIN : this.#place === "centre" ? -MARGIN : 0);
    if (at < 1 / 3 + stays("left")) return "left";
    if (1 - at < 1 / 3 + stays("right")) return "right";
    return "centre";
  }

  #words() {
    const name = { name: this.#name };
    return {
      left: gettext("◀ %(name)s is on the left", name),
      centre: gettext("%(name)s is in the centre", name),
      right: gettext("%(name)s is on the right ▶", name),
      only: "",
      gone: gettext("%(name)s is not in the picture", name),
    }[this.#place];
  }

  /** @param {string} words */
  #say(words) {
    if (!this.#root || this.#root.textContent === words) return;
    this.#root.textContent = words;
    this.#root.hidden = !words;
  }
}
