/** Pages and parts of pages, fetched again by a script. */

import { reasonFor, RequestError } from "./csrf.js";

/**
 * Fetch a page as the server renders it now.
 *
 * The request says that a script sent it. One from a user who is signed out is then refused; otherwise the answer would
 * be the sign-in page.
 *
 * @param {string} url
 * @param {{signal?: AbortSignal, isFragment?: boolean}} [options] a fragment is the part of a grid that goes on from there
 * @returns {Promise<Response>}
 * @throws {RequestError} the user is signed out
 */
export async function fetchPage(url, { signal, isFragment = false } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "text/html", "X-Requested-With": "fetch", ...(isFragment && { "X-Fragment": "1" }) };
  const response = await fetch(url, { headers, signal });
  if (response.status === 401) throw new RequestError(reasonFor(401, "", ""), 401);
  return response;
}
