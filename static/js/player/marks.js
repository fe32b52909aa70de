import { element } from "../lib/dom.js";
import { gettext } from "../lib/words.js";

/**
 * @typedef {{second: number, words: string}} Mark
 *
 * @param {ParentNode} root with the cards of moments
 * @returns {Mark[]} in the order of time
 */
export function marksOf(root) {
  const cards = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-moment][data-second]")]);
  const marks = cards.map((card) => ({
    second: Number(card.dataset.second),
    words: `${card.dataset.clock}: ${card.querySelector("a")?.textContent?.trim() ?? ""}`,
  }));
  return marks.sort((one, other) => one.second - other.second);
}

/**
 * Write moments as marks on the bar of a film; a click jumps there.
 *
 * @param {HTMLElement} bar
 * @param {Mark[]} marks
 * @param {number} duration in seconds
 */
export function writeMarks(bar, marks, duration) {
  if (!(duration > 0)) return;
  bar.replaceChildren(
    ...marks.map(({ second, words }) => {
      const button = element("button", { type: "button", class: "player-mark", "data-at": second, "aria-label": gettext("Jump to %(words)s", { words }), title: words });
      const item = element("li", {}, button);
      item.style.setProperty("left", `${Math.min(100, (100 * second) / duration).toFixed(2)}%`);
      return item;
    }),
  );
}
