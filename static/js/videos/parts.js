/** Takes over what the server renders differently by now, and leaves the rest of the page where it is. */

/**
 * Bring a page of videos up to date. What is open or has the keyboard focus keeps it.
 *
 * @param {ParentNode} shown the page
 * @param {ParentNode} fresh the same page as the server renders it now
 */
export function takeOver(shown, fresh) {
  for (const selector of ["[data-video-actions]", "[data-video-dialogs]", '[data-videos="list"]']) {
    const [old, now] = [shown.querySelector(selector), fresh.querySelector(selector)];
    if (old && now) reconcile(old, now);
  }
  for (const selector of ["[data-video]", "[data-video-found]"]) {
    for (const old of shown.querySelectorAll(selector)) {
      const video = old.getAttribute("data-video");
      const now = fresh.querySelector(video ? `[data-video="${CSS.escape(video)}"]` : selector);
      if (now) exchange(old, now);
    }
  }
}

/**
 * Add the children that are new and remove those that are gone; the others are not touched, so that a button keeps the
 * focus, also the one that a dialog gives back when it closes. A dialog that is open stays.
 *
 * @param {Element} old
 * @param {Element} fresh
 */
export function reconcile(old, fresh) {
  const wanted = [...fresh.children];
  const there = [...old.children];
  const kept = wanted.map((child) => there.find((one) => isSame(one, child)));
  for (const child of there) {
    if (!kept.includes(child) && !("open" in child && child.open)) child.remove();
  }
  /** @type {Element|null} */
  let next = old.children[0] ?? null;
  for (const [index, child] of wanted.entries()) {
    const standing = kept[index];
    if (standing) next = standing.nextElementSibling;
    else old.insertBefore(child, next);
  }
}

/**
 * Whether two children mean the same thing; an id decides, as a form looks different each time by its token.
 *
 * @param {Element} one
 * @param {Element} other
 */
function isSame(one, other) {
  return one.id || other.id ? one.id === other.id : one.isEqualNode(other);
}

/**
 * Replace an element that has changed; the focus goes on to the link to the same place.
 *
 * @param {Element} old
 * @param {Element} fresh
 */
export function exchange(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  const focused = old.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
  old.replaceWith(fresh);
  if (!focused) return;
  const link = [...fresh.querySelectorAll("a")].find((one) => one.getAttribute("href") === focused);
  link?.focus({ preventScroll: true });
}
