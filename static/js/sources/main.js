/** The owner's page of cameras that the server reads: brought up to date while one of them is on. */

import { keepFresh } from "../lib/fresh_part.js";

keepFresh("[data-sources]", 2000);
