/** The list of faces to sort. */

import { pageSignal } from "../lib/page.js";
import { SortGroup } from "./group.js";

const signal = pageSignal();
for (const form of document.querySelectorAll("form[data-sort-group]")) {
  new SortGroup(/** @type {HTMLFormElement} */ (form), signal);
}
