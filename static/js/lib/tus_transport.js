/** How upload requests travel: XMLHttpRequest, because only it tells how many bytes have left. */

import { csrfToken } from "./csrf.js";
import { gettext } from "./words.js";

/**
 * Send one request. A connection that fails answers with status 0.
 *
 * @param {import("./tus.js").Sending} sending
 * @returns {Promise<import("./tus.js").Answer>}
 * @throws {DOMException} `AbortError`
 */
export function send({ method, url, headers, body, signal, onSent }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const settle = (/** @type {number} */ status) => {
      signal.removeEventListener("abort", stop);
      resolve({ status, text: status ? request.responseText : "", header: (name) => request.getResponseHeader(name) });
    };
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    if (onSent && body) request.upload.addEventListener("progress", (event) => onSent(event.loaded));
    request.addEventListener("load", () => settle(isElsewhere(request.responseURL, url) ? 401 : request.status));
    request.addEventListener("error", () => settle(0));
    request.addEventListener("timeout", () => settle(0));
    request.addEventListener("abort", () => reject(new DOMException(gettext("The upload was cancelled."), "AbortError")));
    signal.addEventListener("abort", stop, { once: true });
    request.send(body ?? null);
  });
}

/**
 * Whether the answer came from another page, as from the login page after the session ended.
 *
 * @param {string} answered
 * @param {string} asked
 */
function isElsewhere(answered, asked) {
  return answered !== "" && new URL(answered).pathname !== new URL(asked, location.href).pathname;
}

/**
 * Wait before another attempt; the return of the network ends the wait, and so does the user who looks again: timers of a
 * page stand still while the screen is off.
 *
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 * @throws {DOMException} `AbortError`
 */
export function wait(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      document.removeEventListener("visibilitychange", look);
      signal.removeEventListener("abort", end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const look = () => {
      if (!document.hidden) end();
    };
    const timer = setTimeout(end, milliseconds);
    document.addEventListener("visibilitychange", look);
    addEventListener("online", end, { once: true });
    signal.addEventListener("abort", end, { once: true });
  });
}
