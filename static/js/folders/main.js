/** The owner's page of watched folders: brought up to date while one of them is watched. */

import { keepFresh } from "../lib/fresh_part.js";

keepFresh("[data-folders]", 5000);
