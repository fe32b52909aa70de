import { parseFragment } from "../lib/dom.js";
import { gettext } from "../lib/words.js";

/**
 * Fetch why a face has its name, when the user wants to see it.
 *
 * @param {EventTarget|null} details one that was opened or closed
 * @param {AbortSignal} signal
 */
export async function showReasons(details, signal) {
  if (!(details instanceof HTMLDetailsElement) || !details.open || !details.dataset.why) return;
  const place = details.querySelector("[data-why-here]");
  if (!place || place.hasChildNodes()) return;
  const response = await fetch(details.dataset.why, { signal }).catch(() => null);
  if (response?.ok) place.replaceChildren(parseFragment(await response.text()));
  else place.textContent = gettext("The references cannot be fetched now.");
}
