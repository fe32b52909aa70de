import { RequestError } from "./csrf.js";
import { fetchPage } from "./fetch_page.js";
import { toast } from "./toasts.js";
import { gettext } from "./words.js";

/** Fetches this page again as the server renders it now. Calls while one is under way become one more. */
export class Refetch {
  #signal;
  #take;
  #isRunning = false;
  #isStale = false;

  /**
   * @param {AbortSignal} signal after which nothing is taken any more
   * @param {(page: Document) => void} take gets the page as it is now
   */
  constructor(signal, take) {
    this.#signal = signal;
    this.#take = take;
  }

  /** @returns {Promise<void>} settled when the page is up to date, or cannot be brought there */
  async run() {
    if (this.#isRunning) {
      this.#isStale = true;
      return;
    }
    this.#isRunning = true;
    try {
      const response = await fetchPage(location.href, { signal: this.#signal });
      const text = response.ok ? await response.text() : "";
      if (text && !this.#signal.aborted) this.#take(new DOMParser().parseFromString(text, "text/html"));
    } catch (error) {
      const said = error instanceof RequestError ? error.message : gettext("The page could not be brought up to date; reload it.");
      if (!(error instanceof DOMException)) toast(said, { tone: "bad" });
    }
    this.#isRunning = false;
    if (this.#isStale && !this.#signal.aborted) {
      this.#isStale = false;
      await this.run();
    }
  }
}
