/** What was chosen and not taken, with the reason; folded up under one line. */

import { element } from "../lib/dom.js";
import { toast } from "../lib/toasts.js";
import { gettext, ngettext } from "../lib/words.js";

const MOST_NAMED = 200;

/**
 * How many were passed over, in words.
 *
 * @param {number} count
 */
export function passedInWords(count) {
  return ngettext("%(count)s file or folder was skipped and stays where it is.", "%(count)s files and folders were skipped and stay where they are.", count);
}

/** The list on the upload page; it grows with each choice of this visit. */
export class PassedList {
  /** @type {import("./files.js").PassedOver[]} */ #passed = [];

  /** @param {HTMLDetailsElement} root with a summary and a list */
  constructor(root) {
    this.root = root;
    this.words = /** @type {HTMLElement} */ (root.querySelector("summary"));
    this.list = /** @type {HTMLElement} */ (root.querySelector("ul"));
  }

  /** @param {import("./files.js").PassedOver[]} passed */
  add(passed) {
    if (!passed.length) return;
    toast(passedInWords(passed.length));
    this.#passed.push(...passed);
    const named = this.#passed.slice(0, MOST_NAMED).map(({ path, reason }) => element("li", {}, element("code", {}, path), ` ${reason}`));
    const more = this.#passed.length - named.length;
    this.list.replaceChildren(...named, ...(more ? [element("li", {}, gettext("and %(more)s more", { more }))] : []));
    this.words.textContent = passedInWords(this.#passed.length);
    this.root.hidden = false;
  }
}
