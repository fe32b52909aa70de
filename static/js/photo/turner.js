import { toast } from "../lib/toasts.js";
import { gettext } from "../lib/words.js";

/**
 * @typedef {{url: string, title: string, main: HTMLElement, picture: string}} Prepared
 */

const PHOTO_ENDS = { prev: gettext("This is the first photo."), next: gettext("This is the last photo.") };
const MOMENT_ENDS = { prev: gettext("This is the first moment."), next: gettext("This is the last moment.") };

/**
 * Turns from one photo to its neighbours without waiting.
 *
 * Private pictures must not be kept by the browser's cache, so the neighbours are held here: the page and the picture,
 * as a blob, as long as they are neighbours. A turn then only swaps the page's main part.
 */
export class PageTurner {
  /** @type {Map<string, Promise<Prepared>>} */ #prepared = new Map();
  #shown;
  #ends;
  #url = withoutHash(location.href);

  /**
   * @param {AbortSignal} signal
   * @param {() => void} shown called when another photo stands in the page
   * @param {string} [noun] what one page shows
   */
  constructor(signal, shown, noun = "photo") {
    this.#shown = shown;
    this.#ends = noun === "moment" ? MOMENT_ENDS : PHOTO_ENDS;
    addEventListener("popstate", () => this.#comeBack(), { signal });
    addEventListener("keydown", (event) => this.#key(event), { signal });
    signal.addEventListener("abort", () => this.#keepOnly(new Set()), { once: true });
  }

  /** Fetch the neighbours of the photo that is shown, and let go of all others. */
  prepareNeighbours() {
    const links = [this.#link("next"), this.#link("prev")].filter((link) => link !== null);
    this.#keepOnly(new Set(links.map((link) => link.href)));
    for (const { href } of links) {
      if (this.#prepared.has(href)) continue;
      const preparing = this.#prepare(href);
      preparing.catch(() => this.#prepared.delete(href));
      this.#prepared.set(href, preparing);
    }
  }

  /**
   * Let go of what was fetched of these photos before something about them changed.
   *
   * @param {string[]} photos
   */
  forget(photos) {
    const isChanged = (/** @type {string} */ url) => photos.some((photo) => photo && url.includes(photo));
    this.#keepOnly(new Set([...this.#prepared.keys()].filter((url) => !isChanged(url))));
  }

  /** @param {"next"|"prev"} direction */
  turn(direction) {
    const link = this.#link(direction);
    if (link) this.#turnTo(link.href, true);
  }

  /** Show the page of another photo. @param {string} url */
  open(url) {
    return this.#turnTo(url, true);
  }

  /**
   * @param {string} url
   * @param {boolean} isNew whether the history gets an entry
   */
  async #turnTo(url, isNew) {
    try {
      const page = await (this.#prepared.get(url) ?? this.#prepare(url));
      this.#prepared.delete(url);
      document.querySelector("main")?.replaceWith(page.main);
      document.title = page.title;
      if (isNew) history.pushState(null, "", url);
      this.#url = withoutHash(url);
      scrollTo(0, 0);
      this.#shown();
      document.querySelector("[data-image]")?.addEventListener("load", () => URL.revokeObjectURL(page.picture), { once: true });
    } catch {
      location.assign(url);
    }
  }

  /** Follow the history to another photo; a jump within the page is none. */
  #comeBack() {
    const url = withoutHash(location.href);
    if (url !== this.#url) this.#turnTo(url, false);
  }

  /**
   * @param {string} url
   * @returns {Promise<Prepared>}
   */
  async #prepare(url) {
    const response = await fetch(url, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) throw new Error(`${url}: ${response.status}`);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const main = /** @type {HTMLElement} */ (document.adoptNode(/** @type {Node} */ (page.querySelector("main"))));
    const image = main.querySelector("[data-image]");
    const picture = image ? await this.#pictureAsBlob(image.getAttribute("src") ?? "") : "";
    if (picture) image?.setAttribute("src", picture);
    return { url, title: page.title, main, picture };
  }

  /**
   * @param {string} source
   * @returns {Promise<string>} a `blob:` address, or nothing when the picture cannot be had
   */
  async #pictureAsBlob(source) {
    const response = await fetch(source);
    return response.ok ? URL.createObjectURL(await response.blob()) : "";
  }

  /** @param {Set<string>} urls */
  #keepOnly(urls) {
    for (const [url, preparing] of this.#prepared) {
      if (urls.has(url)) continue;
      this.#prepared.delete(url);
      preparing.then((page) => URL.revokeObjectURL(page.picture)).catch(() => undefined);
    }
  }

  /**
   * @param {"next"|"prev"} direction
   * @returns {HTMLAnchorElement|null}
   */
  #link(direction) {
    return document.querySelector(`a[rel="${direction}"]`);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const directions = new Map([["ArrowLeft", "prev"], ["ArrowRight", "next"]]);
    const direction = /** @type {"next"|"prev"|undefined} */ (directions.get(event.key));
    if (!direction || isTyping(event)) return;
    event.preventDefault();
    if (this.#link(direction)) this.turn(direction);
    else toast(this.#ends[direction]);
  }
}

/** @param {string} url */
function withoutHash(url) {
  return url.split("#", 1)[0];
}

/**
 * Whether a key belongs to a field, a menu or a dialog and not to the page.
 *
 * @param {KeyboardEvent} event
 */
export function isTyping(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  const target = event.target;
  if (!(target instanceof Element)) return false;
  const isField = target.matches("input:not([type=checkbox]), textarea, select");
  return isField || target.closest("dialog[open]") !== null;
}
