import { post } from "../lib/csrf.js";

const LOW = 6;

/**
 * @typedef {{face: number, crop: string, photo: string, person: {id: string, name: string, group: string},
 *   references: string[], word: string, similarity: number}} Guess
 * @typedef {"yes"|"no"|"skip"} Answer
 */

/**
 * Fetch some questions.
 *
 * @param {string} after
 * @returns {Promise<{guesses: Guess[], after: string}>}
 */
async function fetchGuesses(after) {
  const response = await fetch(`/people/guesses/next/?${new URLSearchParams({ after })}`, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`guesses: ${response.status}`);
  return /** @type {Promise<{guesses: Guess[], after: string}>} */ (response.json());
}

/**
 * The questions that are still to come, and the answers that were given.
 *
 * An answer is on its way while the next question is shown already; Undo waits for it first.
 */
export class GuessDeck {
  /** @type {Guess[]} */ #waiting = [];
  /** @type {{guess: Guess, answer: Answer, sent: Promise<unknown>}[]} */ #given = [];
  #after = "";
  #isEnd = false;
  #fetch;
  #post;
  /** @type {Promise<void>|null} */ #filling = null;

  /**
   * @param {(after: string) => Promise<{guesses: Guess[], after: string}>} [fetch]
   * @param {(url: string, fields: Record<string, string>) => Promise<unknown>} [send]
   */
  constructor(fetch = fetchGuesses, send = post) {
    this.#fetch = fetch;
    this.#post = send;
  }

  /** @returns {Guess|null} the question to be answered now */
  get current() {
    return this.#waiting[0] ?? null;
  }

  /** @returns {Guess[]} the next few, whose pictures can be loaded meanwhile */
  get coming() {
    return this.#waiting.slice(1, LOW);
  }

  /** @returns {boolean} */
  get canUndo() {
    return this.#given.length > 0;
  }

  /** Have enough questions at hand. */
  async fill() {
    if (this.#isEnd || this.#waiting.length >= LOW) return;
    this.#filling ??= this.#fetchMore().finally(() => (this.#filling = null));
    await this.#filling;
  }

  async #fetchMore() {
    const { guesses, after } = await this.#fetch(this.#after);
    const known = new Set([...this.#waiting, ...this.#given.map(({ guess }) => guess)].map((guess) => guess.face));
    this.#waiting.push(...guesses.filter((guess) => !known.has(guess.face)));
    this.#after = after;
    this.#isEnd = after === "";
  }

  /**
   * Answer the present question; the next one is there at once.
   *
   * @param {Answer} answer
   * @returns {Promise<unknown>} settled when the server has it
   */
  answer(answer) {
    const guess = this.#waiting.shift();
    if (!guess) return Promise.resolve();
    const before = this.#given.at(-1)?.sent.catch(() => undefined) ?? Promise.resolve();
    const sent = before.then(() => this.#send(guess, answer));
    const entry = { guess, answer, sent };
    this.#given.push(entry);
    return sent.catch((error) => {
      this.#given = this.#given.filter((one) => one !== entry);
      this.#waiting.unshift(guess);
      throw error;
    });
  }

  /**
   * @param {Guess} guess
   * @param {Answer} answer
   */
  #send({ face, person }, answer) {
    if (answer === "yes") return this.#post(`/faces/${face}/name/`, { name: person.name, group: person.group });
    if (answer === "no") return this.#post(`/faces/${face}/reject/`, { person: person.id });
    return Promise.resolve(null);
  }

  /** Take the last answer back; its question is asked again. */
  async undo() {
    const last = this.#given.pop();
    if (!last) return;
    this.#waiting.unshift(last.guess);
    const done = /** @type {{undo?: number}|null} */ (await last.sent.catch(() => null));
    if (done?.undo !== undefined) await this.#post(`/decisions/${done.undo}/undo/`, {});
  }
}
