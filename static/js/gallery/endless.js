import { RequestError } from "../lib/csrf.js";
import { parseFragment } from "../lib/dom.js";
import { fetchPage } from "../lib/fetch_page.js";
import { gettext, picturesInWords } from "../lib/words.js";

/**
 * A grid that grows before its end comes into sight.
 *
 * The link to the next page is part of the grid and works without scripts; here it is followed by itself, one page at
 * a time. A page that fails leaves the link in place, to be pressed by hand.
 */
export class EndlessGrid {
  #grid;
  #say;
  #signal;
  #observer;
  #kind;
  #isLoading = false;

  /**
   * @param {HTMLElement} grid
   * @param {AbortSignal} signal
   * @param {(text: string) => void} say announces to screen readers
   * @param {{mark: string, noun: string}} [kind] the attribute by which a card is known, and what it shows
   */
  constructor(grid, signal, say, kind = { mark: "data-photo", noun: "photo" }) {
    this.#grid = grid;
    this.#kind = kind;
    this.#signal = signal;
    this.#say = say;
    this.#observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.more(), {
      rootMargin: "1200px",
    });
    signal.addEventListener("abort", () => this.#observer.disconnect(), { once: true });
    grid.addEventListener("click", (event) => this.#click(event), { signal });
    this.#watch();
  }

  /** Append the next page. */
  async more() {
    const last = this.#grid.querySelector("[data-more]");
    const link = last?.querySelector("a");
    if (!last || !link || this.#isLoading) return;
    this.#isLoading = true;
    try {
      const response = await fetchPage(link.href, { signal: this.#signal, isFragment: true });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const cards = parseFragment(await response.text());
      this.#leaveOutShown(cards);
      this.#say(gettext("%(pictures)s more", { pictures: picturesInWords(this.#kind.noun, cards.querySelectorAll(`[${this.#kind.mark}]`).length) }));
      last.replaceWith(cards);
    } catch (error) {
      const said = error instanceof RequestError ? error.message : gettext("Could not load more; try again");
      if (!this.#signal.aborted) link.textContent = said;
      return;
    } finally {
      this.#isLoading = false;
    }
    this.#watch();
  }

  /** @param {DocumentFragment} cards loses those that stand in the grid already */
  #leaveOutShown(cards) {
    const { mark } = this.#kind;
    for (const card of cards.querySelectorAll(`[${mark}]`)) {
      if (this.#grid.querySelector(`[${mark}="${card.getAttribute(mark)}"]`)) card.remove();
    }
    // A page that goes on with the same day says it again.
    const last = [...this.#grid.querySelectorAll("[data-heading]")].pop();
    const first = cards.querySelector("[data-heading]");
    if (last && first?.getAttribute("data-heading") === last.getAttribute("data-heading")) first.remove();
  }

  #watch() {
    this.#observer.disconnect();
    const last = this.#grid.querySelector("[data-more]");
    if (last) this.#observer.observe(last);
  }

  /** @param {Event} event */
  #click(event) {
    if (!(event.target instanceof Element) || !event.target.closest("[data-more] a")) return;
    event.preventDefault();
    this.more();
  }
}
