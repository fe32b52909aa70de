const PLACE = /^\d{1,3}% \d{1,3}%$/;

/**
 * Show of every picture below a root the part that the server chose (`webapp/vision/framing.py`): a style attribute is not
 * allowed by our policy, so `data-focus` holds the value of `object-position`.
 *
 * @param {ParentNode} root
 */
export function focusPictures(root) {
  for (const image of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("img[data-focus]"))) {
    const place = image.dataset.focus ?? "";
    if (PLACE.test(place)) image.style.setProperty("--focus", place);
  }
}

/**
 * Do it now and for every picture that comes later.
 *
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function keepFocus(root, signal) {
  focusPictures(root);
  const observer = new MutationObserver((changes) => {
    if (changes.some(({ addedNodes }) => addedNodes.length)) focusPictures(root);
  });
  observer.observe(root, { childList: true, subtree: true });
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}
