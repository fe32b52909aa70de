/** The moments of this camera as they arrive: picture, who and why, and whether the server has them. */

import { element, icon } from "../lib/dom.js";
import { gettext } from "../lib/words.js";

const MOST_CARDS = 12;
const SOMEBODY = gettext("Somebody");

/**
 * Who is meant, in words.
 *
 * @param {{people: string[], kind: string}} caught
 * @returns {string}
 */
export function whoInWords({ people, kind }) {
  if (people.length > 2) return `${people[0]} and ${people.length - 1} more`;
  return people.join(gettext(" and ")) || (kind === "manual" ? gettext("Your pick") : SOMEBODY);
}

export class CapturedStrip {
  /** @type {Map<string, {root: HTMLElement, state: HTMLElement, link: HTMLElement, url: string}>} */ #cards = new Map();

  /**
   * @param {HTMLElement} list
   * @param {{moments: string, show?: (blob: Blob) => string, forget?: (url: string) => void}} options `moments` is the address of
   *   all moments
   */
  constructor(list, { moments, show = (blob) => URL.createObjectURL(blob), forget = (url) => URL.revokeObjectURL(url) }) {
    this.list = list;
    this.moments = moments;
    this.show = show;
    this.forget = forget;
  }

  /** @param {import("./captures.js").Caught} caught */
  add(caught) {
    if (this.#cards.has(caught.moment)) return;
    const url = this.show(caught.picture);
    const state = element("span", { class: "captured-state" }, gettext("Saving…"));
    const link = element("a", { class: "captured-link" }, element("img", { src: url, alt: "", width: 16, height: 9 }), element("strong", { class: "truncate" }, whoInWords(caught)));
    const root = element("li", { class: "captured-card", "data-moment": caught.moment }, link, element("span", { class: "faint captured-reason" }, caught.reason), state);
    this.#cards.set(caught.moment, { root, state, link, url });
    this.list.prepend(root);
    this.list.hidden = false;
    while (this.#cards.size > MOST_CARDS) this.#remove([...this.#cards.keys()][0]);
  }

  /**
   * The server has a moment.
   *
   * @param {string} moment
   */
  ready(moment) {
    const card = this.#cards.get(moment);
    if (!card) return;
    card.root.classList.add("is-ready");
    card.state.replaceChildren(icon("check"), gettext("Saved"));
    card.link.setAttribute("href", `${this.moments}${moment}/`);
  }

  /** @param {string} moment */
  lost(moment) {
    const card = this.#cards.get(moment);
    if (!card) return;
    card.root.classList.add("is-lost");
    card.state.textContent = gettext("Lost");
  }

  /**
   * The server has refused a picture of a moment; another one may still save it.
   *
   * @param {string} moment
   * @param {string} why
   */
  refused(moment, why) {
    const card = this.#cards.get(moment);
    if (!card || card.root.classList.contains("is-ready")) return;
    card.state.textContent = gettext("Not saved: %(why)s", { why });
  }

  /** Free the pictures. */
  release() {
    for (const moment of [...this.#cards.keys()]) this.#remove(moment);
  }

  /** @param {string} moment */
  #remove(moment) {
    const card = this.#cards.get(moment);
    if (!card) return;
    card.root.remove();
    this.forget(card.url);
    this.#cards.delete(moment);
  }
}
