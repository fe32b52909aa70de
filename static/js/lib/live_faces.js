/** Who is in the live picture, as a list beside it: readable for everybody and for screen readers. */

import { element } from "./dom.js";
import { emotionOf, emotionWords, isQuestion, nameOf } from "./live_overlay.js";
import { gettext } from "./words.js";

const REFRESH_MS = 250;
/** Slower than the picture: words that change twelve times a second cannot be read. */

/**
 * One line per face: the named first, by name; then the unknown, by their track.
 *
 * @param {import("./live_overlay.js").LiveFace[]} faces
 * @returns {{key: string, name: string, isKnown: boolean, isQuestion: boolean, emotion: string, words: string, share: number}[]}
 */
export function faceLines(faces) {
  const lines = faces.map((face) => {
    const emotion = emotionOf(face);
    return {
      key: `${face.track}`,
      name: nameOf(face) || gettext("Unknown face"),
      isKnown: Boolean(face.name),
      isQuestion: isQuestion(face),
      emotion: emotion?.label ?? "",
      words: emotionWords(face),
      share: emotion?.share ?? 0,
    };
  });
  return lines.sort((one, other) => Number(other.isKnown) - Number(one.isKnown) || one.name.localeCompare(other.name) || Number(one.key) - Number(other.key));
}

/** Keeps the list in step with the picture. */
export class FaceList {
  #root;
  #last = -Infinity;
  /** @type {number|undefined} */ #later;

  /** @param {HTMLElement} root an `<ul>` */
  constructor(root) {
    this.#root = root;
  }

  /**
   * Show who is there now. What comes too soon after the last is shown a little later, unless something newer comes before:
   * a list that only passed it over would keep the "Unknown face" of the first picture when a slow line brings no other.
   *
   * @param {import("./live_overlay.js").LiveFace[]} faces
   * @param {number} now milliseconds
   */
  show(faces, now) {
    clearTimeout(this.#later);
    const wait = this.#last + REFRESH_MS - now;
    if (wait > 0) {
      this.#later = setTimeout(() => this.show(faces, now + wait), wait);
      return;
    }
    this.#last = now;
    const lines = faceLines(faces);
    this.#root.replaceChildren(...(lines.length ? lines.map(row) : [element("li", { class: "soft" }, gettext("Nobody is in the picture."))]));
  }

  /** Empty the list. */
  clear() {
    clearTimeout(this.#later);
    this.#last = -Infinity;
    this.#root.replaceChildren();
  }
}

/** @param {ReturnType<typeof faceLines>[number]} line */
function row(line) {
  const item = element("li", { class: "live-face", "data-face": line.key });
  const style = line.isQuestion ? " soft" : line.isKnown ? "" : " faint";
  item.append(element("span", { class: `live-face-name${style}` }, line.name));
  if (line.emotion) {
    const label = gettext("%(emotion)s, %(share)s of 100", { emotion: line.words, share: Math.round(100 * line.share) });
    item.append(
      element("span", { class: `chip chip-emotion-${line.emotion}` }, line.words),
      element("meter", { class: `bar bar-emotion-${line.emotion}`, min: 0, max: 1, value: line.share.toFixed(2), "aria-label": label }),
    );
  }
  return item;
}
