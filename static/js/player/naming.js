import { post, RequestError } from "../lib/csrf.js";
import { toast } from "../lib/toasts.js";
import { gettext } from "../lib/words.js";
import { NameDialog } from "../photo/naming.js";

const MARGIN = 0.4;
const SIDE = 224;

/** Names the faces over a film, as those on a photo; the picture in the dialog is cut from the frame that stands still. */
export class FilmNaming {
  #film;
  #address;
  #changed;
  #dialog;
  #crop = "";

  /**
   * @param {HTMLVideoElement} film
   * @param {HTMLDialogElement} dialog
   * @param {string} address of the tracks; each has its name below it
   * @param {() => void} changed called after names have changed
   */
  constructor(film, dialog, address, changed) {
    this.#film = film;
    this.#address = address;
    this.#changed = changed;
    this.#dialog = new NameDialog(dialog, (name, answer) => this.#named(name, answer));
    dialog.addEventListener("close", () => this.#letGo());
  }

  /** Ask who a face is. @param {import("./tracks.js").Shown} face */
  async open(face) {
    this.#letGo();
    this.#crop = await cutOut(this.#film, face.box);
    this.#dialog.open({ name: face.name, group: face.group, crop: this.#crop, address: `${this.#address}${face.id}/name/` });
  }

  /**
   * @param {string} name
   * @param {import("../photo/naming.js").Answer} answer
   */
  #named(name, { note, undo }) {
    const action = undo ? { label: gettext("Undo"), run: () => this.#undo(undo) } : undefined;
    toast(note || gettext("Named %(name)s. Moments with this face follow.", { name }), { tone: "good", action });
    this.#changed();
  }

  /** @param {number} decision */
  async #undo(decision) {
    try {
      await post(`/decisions/${decision}/undo/`, {});
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      toast(error.message, { tone: "bad" });
    }
    this.#changed();
  }

  #letGo() {
    if (this.#crop) URL.revokeObjectURL(this.#crop);
    this.#crop = "";
  }
}

/**
 * Cut a face out of the frame that a film shows.
 *
 * @param {HTMLVideoElement} film
 * @param {[number, number, number, number]} box in ten-thousandths of the frame
 * @returns {Promise<string>} address of the picture; empty where the browser gives none
 */
async function cutOut(film, [x1, y1, x2, y2]) {
  const { videoWidth, videoHeight } = film;
  const [left, top, right, bottom] = [x1 * videoWidth, y1 * videoHeight, x2 * videoWidth, y2 * videoHeight].map((edge) => edge / 10_000);
  const side = Math.max(right - left, bottom - top) * (1 + 2 * MARGIN);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  canvas.getContext("2d")?.drawImage(film, (left + right - side) / 2, (top + bottom - side) / 2, side, side, 0, 0, SIDE, SIDE);
  const blob = await new Promise((/** @type {(blob: Blob|null) => void} */ made) => canvas.toBlob(made, "image/jpeg", 0.9));
  return blob ? URL.createObjectURL(blob) : "";
}
