const LEAST_PX = 60;
const LONGEST_MS = 700;

/**
 * Which way a finger moved: more across than down, far and quick enough.
 *
 * @param {{x: number, y: number, time: number}} from CSS pixels, milliseconds
 * @param {{x: number, y: number, time: number}} to
 * @returns {"next"|"prev"|null} `null` for anything that is not a swipe
 */
export function swipeDirection(from, to) {
  const across = to.x - from.x;
  const down = to.y - from.y;
  if (to.time - from.time > LONGEST_MS || Math.abs(across) < LEAST_PX) return null;
  if (Math.abs(across) < 2 * Math.abs(down)) return null;
  return across < 0 ? "next" : "prev";
}

/**
 * Tell of swipes over the picture with one finger; two fingers are for zooming, and a slider keeps its own.
 *
 * @param {HTMLElement} root around the picture, which may be replaced meanwhile
 * @param {AbortSignal} signal
 * @param {(direction: "next"|"prev") => void} swiped
 */
export function watchSwipes(root, signal, swiped) {
  /** @type {{x: number, y: number, time: number}|null} */
  let from = null;
  const at = (/** @type {Touch} */ touch) => ({ x: touch.clientX, y: touch.clientY, time: performance.now() });
  root.addEventListener("touchstart", (event) => {
    const { target } = event;
    const isMeant = target instanceof Element && target.closest("[data-picture]") !== null && !(target instanceof HTMLInputElement);
    from = event.touches.length === 1 && isMeant ? at(event.touches[0]) : null;
  }, { passive: true, signal });
  root.addEventListener("touchend", (event) => {
    const direction = from && swipeDirection(from, at(event.changedTouches[0]));
    from = null;
    if (direction) swiped(direction);
  }, { passive: true, signal });
}
