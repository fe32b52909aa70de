/** Requests that change something, with Django's token and with errors in words for the user. */

import { gettext } from "./words.js";

/** A request that the server or the network refused; `message` can be shown as it is. */
export class RequestError extends Error {
  /**
   * @param {string} message
   * @param {number} status 0 when the server could not be reached
   */
  constructor(message, status) {
    super(message);
    this.name = "RequestError";
    this.status = status;
  }
}

const TOKEN_FIELD = "csrfmiddlewaretoken";
export const SIGNED_OUT = gettext("You are signed out. Sign in again to go on.");

const SENTENCES = new Map([
  [0, gettext("The server cannot be reached. Check the connection and try again.")],
  [401, SIGNED_OUT],
  [403, gettext("This page is too old to be trusted. Reload it and try again.")],
  [404, gettext("This is gone; it may have been deleted meanwhile. Reload the page.")],
  [413, gettext("This is too large.")],
  [429, gettext("Too many requests. Wait a moment and try again.")],
  [503, gettext("The server is busy. Wait a moment and try again.")],
  [507, gettext("The disk of the server is full. Free some space and try again.")],
]);

/** @returns {string} the token of this page */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
}

/**
 * Say in words why a request failed.
 *
 * @param {number} status
 * @param {string} contentType
 * @param {string} body
 * @returns {string}
 */
export function reasonFor(status, contentType, body) {
  if (contentType.includes("json")) {
    try {
      const answer = JSON.parse(body);
      const said = answer.error ?? answer.message ?? answer.detail ?? answer.reason;
      if (typeof said === "string" && said) return said;
    } catch {
      // Not JSON after all: the status has to explain it.
    }
  }
  return SENTENCES.get(status) ?? gettext("The server could not do this (error %(status)s). Try again, or look at its health page.", { status });
}

/**
 * What a form holds, files and the token left out: the token travels as a header.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement|null} [submitter] the button that sends it
 * @returns {Record<string, string>}
 */
export function fieldsOf(form, submitter) {
  const fields = [...new FormData(form, submitter)].filter(([name, value]) => name !== TOKEN_FIELD && typeof value === "string");
  return Object.fromEntries(fields.map(([name, value]) => [name, String(value)]));
}

/**
 * Send a form by POST.
 *
 * @param {string} url
 * @param {Record<string, string>} fields
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<unknown>} the JSON answer, or `null` when the answer is something else
 * @throws {RequestError}
 */
export async function post(url, fields, { signal } = {}) {
  return send(url, new URLSearchParams(fields), signal);
}

/**
 * Send a form with all its fields, also several of one name.
 *
 * @param {string} url
 * @param {FormData} form without files
 * @returns {Promise<unknown>} as `post`
 * @throws {RequestError}
 */
export async function postForm(url, form) {
  const fields = [...form].map(([name, value]) => [name, String(value)]);
  return send(url, new URLSearchParams(fields));
}

/**
 * @param {string} url
 * @param {URLSearchParams} body
 * @param {AbortSignal} [signal]
 * @returns {Promise<unknown>}
 */
async function send(url, body, signal) {
  const headers = { "X-CSRFToken": csrfToken(), Accept: "application/json" };
  let response;
  try {
    response = await fetch(url, { method: "POST", headers, body, signal });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new RequestError(/** @type {string} */ (SENTENCES.get(0)), 0);
  }
  const type = response.headers.get("Content-Type") ?? "";
  const text = await response.text();
  if (!response.ok) throw new RequestError(reasonFor(response.status, type, text), response.status);
  return type.includes("json") && text ? JSON.parse(text) : null;
}
