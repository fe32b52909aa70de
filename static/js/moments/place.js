const LEAVING_MS = 260;

/**
 * Take a card out of its grid and remember where it stood.
 *
 * A comment keeps the place, so that cards may come and go around it meanwhile.
 *
 * @param {HTMLElement} card
 * @param {string} mark the attribute by which a card is known
 * @returns {() => HTMLElement} puts the card back, or the newer one that the server has sent meanwhile; returns the one that stands there
 */
export function takeOut(card, mark) {
  const grid = card.parentElement;
  const place = document.createComment("");
  card.classList.add("is-leaving");
  const timer = setTimeout(() => card.replaceWith(place), LEAVING_MS);
  return () => {
    clearTimeout(timer);
    card.classList.remove("is-leaving");
    const newer = /** @type {HTMLElement|null|undefined} */ (grid?.querySelector(`[${mark}="${card.getAttribute(mark)}"]`));
    if (place.isConnected) place.replaceWith(newer ?? card);
    return newer ?? card;
  };
}
