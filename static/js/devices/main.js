/** The page of devices: offers to switch this one on, or says why that is not possible. */

import { pageSignal } from "../lib/page.js";
import { gettext } from "../lib/words.js";
import { subscription, turnOff, turnOn, whyNot } from "./switch.js";

const signal = pageSignal();
const panel = /** @type {HTMLElement} */ (document.querySelector("[data-this-device]"));
const state = /** @type {HTMLElement} */ (panel.querySelector("[data-state]"));
const form = /** @type {HTMLFormElement} */ (panel.querySelector("[data-turn-on]"));
const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));

/** @param {string} words */
function say(words) {
  /** @type {HTMLElement} */ (state.querySelector("div")).textContent = words;
  state.hidden = !words;
}

/** Say how it stands, and offer what is possible. */
async function show() {
  const reason = whyNot(globalThis);
  const isOn = !reason && "isOn" in panel.dataset && Boolean(await subscription().catch(() => null));
  form.hidden = Boolean(reason) || isOn;
  say(reason || (isOn ? gettext("This device is told.") : ""));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  const names = /** @type {HTMLInputElement} */ (form.querySelector("[name=names]"));
  try {
    await turnOn(form.action, panel.dataset.key ?? "", names.checked);
    location.reload();
  } catch (error) {
    await show();
    say(/** @type {Error} */ (error).message);
    button.disabled = false;
  }
}, { signal });

document.querySelector("[data-turn-off]")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  await turnOff();
  /** @type {HTMLFormElement} */ (event.target).submit();
}, { signal });

show();
