/**
 * Make names comparable: no case, no accents, no gaps.
 *
 * @param {string} text
 */
function plain(text) {
  return text.normalize("NFKD").replace(/[\p{M}\s]/gu, "").toLocaleLowerCase();
}

/**
 * Whether somebody is meant by what was typed.
 *
 * @param {string} typed empty means everybody
 * @param {string} name
 * @param {string} group
 * @param {string} also other names, parted by something that no name is searched by
 */
export function isMeant(typed, name, group, also = "") {
  const wanted = plain(typed);
  return [name, group, also].some((text) => plain(text).includes(wanted));
}

/**
 * Show only the people that are meant, and only the groups that have some.
 *
 * @param {ParentNode} root
 * @param {string} typed
 * @returns {number} how many are shown
 */
export function showMeant(root, typed) {
  let shown = 0;
  for (const section of root.querySelectorAll("[data-people-group]")) {
    const group = section.getAttribute("data-people-group") ?? "";
    let here = 0;
    for (const card of section.querySelectorAll(".person-card")) {
      const name = card.querySelector(".person-name")?.textContent ?? "";
      const isShown = isMeant(typed, name, group, card.getAttribute("data-also") ?? "");
      /** @type {HTMLElement} */ (card).hidden = !isShown;
      here += Number(isShown);
    }
    /** @type {HTMLElement} */ (section).hidden = here === 0;
    shown += here;
  }
  return shown;
}
