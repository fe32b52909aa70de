/** The owner's page about the recogniser: brought up to date while something is under way. */

import { later, pageSignal } from "../lib/page.js";
import { Refetch } from "../lib/refetch.js";

const PAUSE_MS = 1000;
const signal = pageSignal();

/** @param {ParentNode} page */
const stateOf = (page) => /** @type {HTMLElement|null} */ (page.querySelector("[data-recogniser]"));

const refetch = new Refetch(signal, (page) => {
  const [shown, fresh] = [stateOf(document), stateOf(page)];
  if (!shown || !fresh) return;
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  const action = focused?.closest("form")?.getAttribute("action");
  shown.replaceChildren(...fresh.childNodes);
  // Whoever was about to press a button by keyboard still is.
  if (action) /** @type {HTMLElement|null} */ (shown.querySelector(`form[action="${action}"] [type=submit]`))?.focus();
});

function watch() {
  if (!stateOf(document)?.querySelector("[data-busy]")) return;
  later(PAUSE_MS, signal, async () => {
    await refetch.run();
    watch();
  });
}

watch();
