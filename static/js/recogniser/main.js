/** The owner's page about the recogniser: brought up to date while something is under way. */

import { keepFresh } from "../lib/fresh_part.js";

keepFresh("[data-recogniser]", 1000);
