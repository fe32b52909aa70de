/** What every page does: dialogs, menus, the faces in its pictures, and the messages that the server left. */

import { wireDialogs } from "../lib/dialogs.js";
import { keepFocus } from "../lib/focus.js";
import { pageSignal } from "../lib/page.js";
import { makeDismissible } from "../lib/toasts.js";
import { wireAppearance } from "./appearance.js";
import { wireFound } from "./found.js";
import { wireInstalling } from "./installing.js";
import { wireMenus } from "./menus.js";
import { wireSearch } from "./search.js";
import { tellZone } from "./zone.js";

const signal = pageSignal();
wireDialogs(document, signal);
wireMenus(document, signal);
wireSearch(document, signal);
wireAppearance(document, signal);
tellZone(document);
wireInstalling(document, navigator);
wireFound(document, signal);
keepFocus(/** @type {HTMLElement} */ (document.querySelector("main")), signal);
for (const box of document.querySelectorAll(".toasts > .toast")) {
  makeDismissible(box, !box.classList.contains("toast-bad"));
}
