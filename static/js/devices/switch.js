/**
 * Switches messages to this browser on and off.
 *
 * Nothing is asked of the user before a click: browsers show their question once, and who says no to a question out of the
 * blue is not asked again.
 */

import { post } from "../lib/csrf.js";
import { gettext } from "../lib/words.js";

/** Why this browser cannot be switched on; `message` can be shown as it is. */
class SwitchError extends Error {}

/**
 * @param {typeof globalThis} browser
 * @returns {string} why this browser cannot be told anything, empty where it can
 */
export function whyNot(browser) {
  const { navigator } = browser;
  if (!browser.isSecureContext) return gettext("Browsers allow messages over https only. Open Encore by an address that begins with https://.");
  if (!navigator.serviceWorker || !("PushManager" in browser) || !("Notification" in browser)) {
    const isApple = /iPhone|iPad/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
    return isApple
      ? gettext("On iPhone and iPad add Encore to the home screen first (Share, then Add to Home Screen) and open it from there.")
      : gettext("This browser cannot take messages.");
  }
  if (browser.Notification.permission === "denied") {
    return gettext("This browser shows no messages of this site, as somebody said no before. Allow notifications in its settings for this site.");
  }
  return "";
}

/** @returns {Promise<PushSubscription|null>} what this browser was switched on by, if it was */
export async function subscription() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/**
 * Ask for permission and have the server tell this browser.
 *
 * @param {string} address where the server takes it
 * @param {string} key the server's public key
 * @param {boolean} hasNames whether names are written into messages
 * @throws {SwitchError|import("../lib/csrf.js").RequestError}
 */
export async function turnOn(address, key, hasNames) {
  if ((await Notification.requestPermission()) !== "granted") throw new SwitchError(gettext("Nothing is sent, as you did not allow it."));
  const made = await subscribe(key);
  const { endpoint = "", keys = {} } = made.toJSON();
  try {
    await post(address, { endpoint, public_key: keys.p256dh ?? "", auth: keys.auth ?? "", ...(hasNames && { names: "on" }) });
  } catch (error) {
    await made.unsubscribe();
    throw error;
  }
}

/** Let the push service forget this browser; the server notices by itself if it has to. */
export async function turnOff() {
  await (await subscription().catch(() => null))?.unsubscribe().catch(() => false);
}

/**
 * @param {string} key
 * @returns {Promise<PushSubscription>}
 */
async function subscribe(key) {
  try {
    await navigator.serviceWorker.register("/service-worker.js");
    const { pushManager } = await navigator.serviceWorker.ready;
    // One that was made for another key of the server would only be refused.
    await (await pushManager.getSubscription())?.unsubscribe();
    return await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  } catch {
    throw new SwitchError(gettext("The push service of this browser cannot be reached, or is switched off. Try again later."));
  }
}
