import { element } from "../lib/dom.js";
import { fetchPage } from "../lib/fetch_page.js";
import { language, ngettext } from "../lib/words.js";

const LEAST_MONTHS = 3;

/**
 * The months of a scrubber: each a link to the photos from there on back, a year where one begins.
 *
 * @param {string[]} months as "2026-05", newest first
 * @param {string} address of the grid
 * @returns {{month: string, href: string, label: string, year: string}[]} `year` is empty but for the first month of each
 */
export function monthLinks(months, address) {
  let before = "";
  return months.map((month) => {
    const url = new URL(address);
    for (const name of ["cursor", "ids", "about"]) url.searchParams.delete(name);
    url.searchParams.set("at", month);
    const [year, number] = month.split("-");
    const label = new Date(Number(year), Number(number) - 1, 1).toLocaleString(language(), { month: "long", year: "numeric" });
    const link = { month, href: url.href, label, year: year === before ? "" : year };
    before = year;
    return link;
  });
}

/**
 * @typedef {{total: number, months: string[], concerts: [string, string][]}} About months as "2024-05", newest first; concerts
 *   by id and name
 */

/**
 * Bring what a grid need not show at once: the number of its photos, its months, the concerts to move photos to.
 *
 * @param {ParentNode} root
 * @param {AbortSignal} signal
 */
export async function tellAbout(root, signal) {
  const url = new URL(location.href);
  url.searchParams.set("about", "1");
  const response = await fetchPage(url.href, { signal }).catch(() => null);
  if (!response?.ok || signal.aborted) return;
  const { total, months, concerts } = /** @type {About} */ (await response.json());
  const count = root.querySelector("[data-total]");
  count?.replaceChildren(total.toLocaleString(language()), element("span", { class: "visually-hidden" }, ` ${ngettext("photo", "photos", total)}`));
  for (const choice of root.querySelectorAll("[data-concerts]")) {
    choice.prepend(...concerts.map(([id, name]) => element("option", { value: id }, name)));
    if (choice instanceof HTMLSelectElement) choice.selectedIndex = 0;
  }
  showMonths(/** @type {HTMLElement|null} */ (root.querySelector("[data-scrubber]")), months);
}

/**
 * @param {HTMLElement|null} scrubber
 * @param {string[]} months
 */
function showMonths(scrubber, months) {
  if (!scrubber || months.length < LEAST_MONTHS) return;
  const current = new URL(location.href).searchParams.get("at") ?? months[0];
  for (const { month, href, label, year } of monthLinks(months, location.href)) {
    const isHere = month === current;
    scrubber.append(element("a", { href, title: label, "aria-label": label, "aria-current": isHere && "true", class: year ? "is-year" : "" }, year));
  }
}
