import { element } from "../lib/dom.js";
import { fetchPage } from "../lib/fetch_page.js";
import { gettext } from "../lib/words.js";

/**
 * @typedef {{box: [number, number, number, number], name: string}} Face `box` in shares of the photo
 * @typedef {{id: string, width: number, height: number, faces: Face[], has_portrait: boolean,
 *   facts: [string, string][]}} Facts what the server knows of a photo; `facts` are heading and text
 */

const AT_ONCE = 60;

/** What is known of photos, asked for once each. */
export class FactBook {
  /** @type {Map<string, Promise<Facts|null>>} */ #known = new Map();
  #ask;

  /** @param {(photos: string[]) => Promise<Facts[]>} [ask] */
  constructor(ask = askServer) {
    this.#ask = ask;
  }

  /**
   * @param {string} photo
   * @param {string[]} [soon] photos that will be wanted next, asked for along with it
   * @returns {Promise<Facts|null>} `null` where there is no such photo, or nobody answers
   */
  of(photo, soon = []) {
    const held = this.#known.get(photo);
    if (held) return held;
    const wanted = [photo, ...soon.filter((one) => !this.#known.has(one))].slice(0, AT_ONCE);
    const answer = this.#ask(wanted);
    for (const one of wanted) {
      const facts = answer.then((all) => all.find(({ id }) => id === one) ?? null, () => null);
      this.#known.set(one, facts);
      answer.catch(() => this.#known.delete(one));
    }
    return /** @type {Promise<Facts|null>} */ (this.#known.get(photo));
  }
}

/** @param {string[]} photos @returns {Promise<Facts[]>} */
async function askServer(photos) {
  const response = await fetchPage(`/photos/viewed/?photos=${photos.join(",")}`);
  if (!response.ok) throw new Error(`status ${response.status}`);
  return (await response.json()).photos;
}

/**
 * Write what is known of a photo as a list.
 *
 * @param {HTMLElement} list
 * @param {Facts|null} facts
 */
export function writeFacts(list, facts) {
  const lines = facts?.facts ?? [[gettext("Photo"), gettext("This is gone; it may have been deleted meanwhile.")]];
  list.replaceChildren(...lines.flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)]));
}
