/** The colours of the page: by the system's preference, or as chosen in this browser. */

const YEAR_SECONDS = 365 * 24 * 3600;
const CHANGED = "encore-theme-changed";
const LIGHT = "(prefers-color-scheme: light)";
/** When the sheet with the light colours applies; everything else means "as the system". */
const LIGHT_MEDIA = new Map([["light", "all"], ["dark", "not all"]]);

/**
 * The cookie that remembers a choice; the server reads it (webapp/core/web/appearance.py).
 *
 * @param {string} theme "light", "dark" or "system"
 */
export function themeCookie(theme) {
  return `encore-theme=${LIGHT_MEDIA.has(theme) ? theme : "system"}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
}

/**
 * Show the page in a theme at once, and remember it.
 *
 * @param {Document} page
 * @param {string} theme "light", "dark" or "system"
 */
export function chooseTheme(page, theme) {
  const media = LIGHT_MEDIA.get(theme);
  page.cookie = themeCookie(theme);
  page.documentElement.dataset.theme = media ? theme : "";
  page.querySelector("link[data-light-theme]")?.setAttribute("media", media ?? LIGHT);
  page.querySelector('meta[name="color-scheme"]')?.setAttribute("content", media ? theme : "dark light");
  page.dispatchEvent(new Event(CHANGED));
}

/**
 * Call something whenever the page gets other colours; what is drawn by scripts has to be drawn anew.
 *
 * @param {() => void} callback
 * @param {AbortSignal} signal
 */
export function onThemeChange(callback, signal) {
  document.addEventListener(CHANGED, callback, { signal });
  matchMedia(LIGHT).addEventListener("change", callback, { signal });
}
