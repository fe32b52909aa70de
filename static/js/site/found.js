/**
 * Say on every open page what was found when a long video or a live session is over.
 *
 * The event says only what is over; the sentence is asked for, so that it is in the language of the page and counts what
 * this user may see. A page whose own scripts hear events shares their stream; another opens one once it has been open
 * for a moment, so that whoever leafs through pages opens no socket on each.
 *
 * @typedef {{sentence: string, page: string, link: string}} Found
 */

import { EventStream, openStream } from "../lib/events.js";
import { lastEvent, later } from "../lib/page.js";
import { toast } from "../lib/toasts.js";

const SETTLED_MS = 4000;

/**
 * @param {Document} page
 * @param {AbortSignal} signal
 */
export function wireFound(page, signal) {
  if (page.body.dataset.signedIn !== "true") return;
  /** @param {EventStream} stream */
  const hear = (stream) => stream.on("found", ({ payload }) => say(payload, signal));
  // By then the page's own scripts have run.
  page.addEventListener("DOMContentLoaded", () => {
    const stream = openStream();
    if (stream) hear(stream);
    else later(SETTLED_MS, signal, () => hear(openStream() ?? new EventStream({ since: lastEvent(page.body), signal })));
  }, { once: true, signal });
}

/**
 * @param {{video?: string, session?: string}} about
 * @param {AbortSignal} signal
 */
async function say({ video, session }, signal) {
  const address = video ? `/moments/found/videos/${video}/` : `/moments/found/sessions/${session}/`;
  const answer = await fetch(address, { headers: { Accept: "application/json" }, signal }).catch(() => null);
  if (!answer?.ok) return; // Deleted meanwhile, or no server: there is nothing to tell any more.
  /** @type {Found} */
  const { sentence, page, link } = await answer.json();
  toast(sentence, { link: { label: link, href: page } });
}
