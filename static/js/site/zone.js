/** Tells the server where this browser is, so that times are shown and read as people there do. */

const YEAR_SECONDS = 365 * 24 * 3600;

/**
 * The cookie that names the browser's time zone; empty where it tells none.
 *
 * @param {string} zone IANA name
 * @returns {string}
 */
export function zoneCookie(zone) {
  return /^[\w+/-]{1,64}$/.test(zone ?? "") ? `encore-zone=${zone}; path=/; max-age=${YEAR_SECONDS}; samesite=lax` : "";
}

/** @param {Document} page */
export function tellZone(page) {
  const cookie = zoneCookie(Intl.DateTimeFormat().resolvedOptions().timeZone);
  if (cookie) page.cookie = cookie;
}
