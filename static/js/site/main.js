/** What every page does: dialogs, menus and the messages that the server left. */

import { wireDialogs } from "../lib/dialogs.js";
import { pageSignal } from "../lib/page.js";
import { makeDismissible } from "../lib/toasts.js";
import { wireMenus } from "./menus.js";
import { tellZone } from "./zone.js";

const signal = pageSignal();
wireDialogs(document, signal);
wireMenus(document, signal);
tellZone(document);
for (const box of document.querySelectorAll(".toasts > .toast")) {
  makeDismissible(box, !box.classList.contains("toast-bad"));
}
