import { later, pageSignal } from "./page.js";
import { Refetch } from "./refetch.js";

/**
 * Fetch a part of the page again and again, while something in it says `data-busy`.
 *
 * The button that had the focus has it again, and what was unfolded (`details` with an id) stays so.
 *
 * @param {string} selector of the part
 * @param {number} pauseMs between two requests
 */
export function keepFresh(selector, pauseMs) {
  const signal = pageSignal();
  const partOf = (/** @type {ParentNode} */ page) => /** @type {HTMLElement|null} */ (page.querySelector(selector));

  const refetch = new Refetch(signal, (page) => {
    const [shown, fresh] = [partOf(document), partOf(page)];
    if (!shown || !fresh) return;
    const focus = focusIn(shown);
    for (const { id } of shown.querySelectorAll("details[open][id]")) fresh.querySelector(`#${id}`)?.setAttribute("open", "");
    shown.replaceChildren(...fresh.childNodes);
    if (focus) /** @type {HTMLElement|null} */ (shown.querySelector(focus))?.focus();
  });

  function watch() {
    if (!partOf(document)?.querySelector("[data-busy]")) return;
    later(pauseMs, signal, async () => {
      await refetch.run();
      watch();
    });
  }

  watch();
}

/**
 * @param {HTMLElement} part
 * @returns {string} what finds the control again that has the focus, empty where none of the part has it
 */
function focusIn(part) {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !part.contains(focused)) return "";
  const action = focused.closest("form")?.getAttribute("action");
  if (action) return `form[action="${action}"] [type=submit]`;
  const id = focused.closest("details")?.id;
  return id ? `#${id} > summary` : "";
}
