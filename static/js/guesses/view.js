import { RequestError } from "../lib/csrf.js";
import { element } from "../lib/dom.js";
import { toast } from "../lib/toasts.js";
import { gettext } from "../lib/words.js";
import { isTyping } from "../photo/turner.js";

/** @typedef {import("./deck.js").Answer | "undo"} Act */

/** @type {Map<string, Act>} */
const KEYS = new Map([["y", "yes"], ["n", "no"], ["s", "skip"], ["u", "undo"]]);

/** Shows one question after another and takes the answers, by button or key. */
export class GuessView {
  #root;
  #deck;

  /**
   * @param {HTMLElement} root
   * @param {import("./deck.js").GuessDeck} deck
   * @param {AbortSignal} signal
   */
  constructor(root, deck, signal) {
    this.#root = root;
    this.#deck = deck;
    root.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("[data-guess-answer]") : null;
      if (button) this.#answer(/** @type {Act} */ (button.getAttribute("data-guess-answer")));
    }, { signal });
    addEventListener("keydown", (event) => {
      const answer = KEYS.get(event.key.toLowerCase());
      if (!answer || event.repeat || isTyping(event)) return;
      event.preventDefault();
      this.#answer(answer);
    }, { signal });
  }

  /** Ask the first question. */
  start() {
    return this.#goOn();
  }

  /** @param {Act} answer */
  async #answer(answer) {
    try {
      const done = answer === "undo" ? this.#deck.undo() : this.#deck.answer(answer);
      await Promise.all([this.#goOn(), done]);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      toast(error.message, { tone: "bad" });
    }
    this.#show();
  }

  async #goOn() {
    this.#show();
    await this.#deck.fill();
    this.#show();
  }

  #show() {
    const guess = this.#deck.current;
    const find = (/** @type {string} */ part) => /** @type {HTMLElement} */ (this.#root.querySelector(`[data-guess${part}]`));
    for (const button of this.#root.querySelectorAll("[data-guess-answer]")) {
      const isUndo = button.getAttribute("data-guess-answer") === "undo";
      /** @type {HTMLButtonElement} */ (button).disabled = isUndo ? !this.#deck.canUndo : guess === null;
    }
    find("").hidden = guess === null && !this.#deck.canUndo;
    find("-end").hidden = guess !== null;
    const face = /** @type {HTMLImageElement} */ (find("-face"));
    face.hidden = guess === null;
    if (!guess) {
      find("-question").textContent = gettext("That was the last one.");
      find("-references").replaceChildren();
      find("-about").replaceChildren();
      return;
    }
    find("-question").textContent = gettext("Is this %(name)s?", { name: guess.person.name });
    if (face.getAttribute("src") !== guess.crop) face.src = guess.crop;
    find("-references").replaceChildren(...guess.references.map((source) => picture(source, guess.person.name)));
    const number = element("span", { class: "numeric", title: gettext("Cosine similarity to the nearest reference; it is not a percentage") }, guess.similarity.toFixed(2));
    const photo = element("a", { href: guess.photo }, gettext("its photo"));
    find("-about").replaceChildren(`${guess.person.group && `${guess.person.group} · `}${guess.word} (`, number, ") · ", photo);
    for (const next of this.#deck.coming) for (const source of [next.crop, ...next.references]) new Image().src = source;
  }
}

/**
 * @param {string} source
 * @param {string} name
 */
function picture(source, name) {
  return element("li", {}, element("img", { src: source, alt: gettext("A reference of %(name)s", { name }), width: 112, height: 112 }));
}
