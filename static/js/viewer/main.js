/** The viewer on a page that carries its template. */

import { isTyping } from "../photo/turner.js";
import { itemOf } from "./items.js";
import { Viewer } from "./viewer.js";

/**
 * Open the viewer over the page.
 *
 * @param {import("./items.js").Walk} walk
 * @param {import("./items.js").Item} first
 * @returns {Viewer|null} `null` where the page has no template, or a viewer is open already
 */
export function openViewer(walk, first) {
  const template = /** @type {HTMLTemplateElement|null} */ (document.getElementById("viewer-template"));
  const root = /** @type {HTMLElement|null} */ (template?.content.firstElementChild?.cloneNode(true) ?? null);
  if (!root || document.querySelector("[data-viewer-root]")) return null;
  return new Viewer(root, walk, first);
}

/**
 * Open the viewer from the cards of a grid: by their button, and by V on the card that has the focus.
 *
 * @param {HTMLElement} grid
 * @param {AbortSignal} signal
 * @param {import("./items.js").Walk} walk
 */
export function wireViewer(grid, signal, walk) {
  const open = (/** @type {Element|null|undefined} */ card) => {
    const item = card && itemOf(card);
    if (item) openViewer(walk, item);
  };
  grid.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-view]") : null;
    if (button) open(button.closest("[data-moment], [data-photo]"));
  }, { signal });
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "v" || isTyping(event)) return;
    const focused = document.activeElement;
    const isInGrid = focused && grid.contains(focused);
    const card = isInGrid ? focused.closest("[data-moment], [data-photo]") : grid.querySelector("[data-moment], [data-photo]");
    if (!card) return;
    event.preventDefault();
    open(card);
  }, { signal });
}
