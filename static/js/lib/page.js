/**
 * The life of a page, as a signal: aborted when the user leaves it.
 *
 * Listeners, timers, sockets and observers are tied to this signal, so nothing outlives the page. A page that the
 * browser brings back from its memory is loaded anew, because everything on it was released.
 */

/** @returns {AbortSignal} aborted on `pagehide` */
export function pageSignal() {
  const controller = new AbortController();
  addEventListener("pagehide", () => controller.abort(), { once: true });
  addEventListener("pageshow", (event) => event.persisted && location.reload(), { once: false });
  return controller.signal;
}

/**
 * Call something later, unless the signal is aborted before.
 *
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @param {() => void} action
 */
export function later(milliseconds, signal, action) {
  const timer = setTimeout(action, milliseconds);
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
}

/**
 * The id of the newest event that the page already shows, as the server rendered it.
 *
 * @param {HTMLElement} [body]
 * @returns {number|null} `null` where the page does not say
 */
export function lastEvent(body = document.body) {
  const id = body.dataset.lastEvent;
  return id === undefined ? null : Number(id);
}

/**
 * Read what the server left in a `json_script` element.
 *
 * @param {string} id
 * @returns {unknown} `null` when there is no such element
 */
export function pageData(id) {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent) : null;
}
