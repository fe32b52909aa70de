/** The list of reels: films appear when they are ready, and say how far they are. */

import { EventStream } from "../lib/events.js";
import { fetchPage } from "../lib/fetch_page.js";
import { lastEvent, pageSignal } from "../lib/page.js";

const signal = pageSignal();
const list = /** @type {HTMLElement} */ (document.querySelector("[data-reels]"));

/** Take the reels again as the server renders them now. One that plays is left alone. */
async function refresh() {
  const response = await fetchPage(location.href, { signal }).catch(() => null);
  if (!response?.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const fresh of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-reel]"))) {
    const old = /** @type {HTMLElement|null} */ (find(fresh.dataset.reel ?? ""));
    if (old && old.dataset.state !== fresh.dataset.state) old.replaceWith(document.adoptNode(fresh));
  }
}

/** @param {string} id */
function find(id) {
  return list.querySelector(`[data-reel="${CSS.escape(id)}"]`);
}

new EventStream({ since: lastEvent(), signal })
  .on("reel_progress", ({ payload }) => {
    const bar = find(payload.reel)?.querySelector("progress");
    if (bar) bar.value = payload.progress;
  })
  .on("reel_ready", refresh)
  .on("job_failed", ({ payload }) => find(payload.reel ?? "") && refresh())
  .on("job_quarantined", ({ payload }) => find(payload.reel ?? "") && refresh());
