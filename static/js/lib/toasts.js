/** Short messages at the edge of the page, read out by screen readers. */

import { element, icon } from "./dom.js";
import { gettext } from "./words.js";

const SHOWN_MS = 6000;

/**
 * Show a message. A bad one stays until it is dismissed.
 *
 * @param {string} text shown as text, whatever it contains
 * @param {{tone?: "good"|"bad"|"", action?: {label: string, run: () => void}, link?: {label: string, href: string}}} [options]
 */
export function toast(text, { tone = "", action, link } = {}) {
  const region = document.querySelector(".toasts");
  if (!region) return;
  const box = element("div", { class: `toast ${tone && `toast-${tone}`}` }, element("span", { class: "toast-text" }, text));
  if (action) {
    const button = element("button", { type: "button", class: "btn btn-small" }, action.label);
    button.addEventListener("click", () => {
      box.remove();
      action.run();
    });
    box.append(button);
  }
  if (link) box.append(element("a", { class: "btn btn-small", href: link.href }, link.label));
  makeDismissible(box, tone !== "bad" && !action && !link);
  region.append(box);
}

/**
 * Give a toast its close button and, if it may, let it go by itself; not while it is pointed at or has the focus.
 *
 * @param {Element} box
 * @param {boolean} goesAlone
 */
export function makeDismissible(box, goesAlone) {
  const close = element("button", { type: "button", class: "btn btn-quiet btn-icon btn-small", "aria-label": gettext("Dismiss") }, icon("close"));
  close.addEventListener("click", () => box.remove());
  box.append(close);
  if (!goesAlone) return;
  const leave = () => (box.matches(":hover, :focus-within") ? setTimeout(leave, 1000) : box.remove());
  setTimeout(leave, SHOWN_MS);
}
