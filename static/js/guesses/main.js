/** The page that asks "Is this …?". */

import { pageSignal } from "../lib/page.js";
import { GuessDeck } from "./deck.js";
import { GuessView } from "./view.js";

const root = /** @type {HTMLElement} */ (document.querySelector("main"));
const view = new GuessView(root, new GuessDeck(), pageSignal());
view.start();
