/**
 * Why there is no camera, and what the user can do.
 *
 * @typedef {{title: string, text: string, canRetry: boolean}} Refusal
 */

import { gettext } from "../lib/words.js";

/**
 * What is wrong before the camera is even asked for.
 *
 * @param {{isSecureContext: boolean, mediaDevices?: object}} place usually `window` and its `navigator.mediaDevices`
 * @returns {Refusal|null} `null` when the camera may be asked for
 */
export function refusalOfPlace({ isSecureContext, mediaDevices }) {
  if (!isSecureContext) {
    return {
      title: gettext("The browser keeps the camera off here"),
      text:
        gettext("Cameras work only over https or on the machine itself. Open Encore as http://localhost on the computer it runs on, or set up https for your network: docs/operations.md in the Encore folder shows how."),
      canRetry: false,
    };
  }
  if (!mediaDevices) {
    return { title: gettext("This browser has no camera support"), text: gettext("Use a current Chrome, Edge, Firefox or Safari."), canRetry: false };
  }
  return null;
}

/** @type {Map<string, Omit<Refusal, "canRetry">>} */
const BY_NAME = new Map([
  ["NotAllowedError", {
    title: gettext("The camera is not allowed"),
    text: gettext("Click the camera or lock sign beside the address, allow the camera for this page, and start again. On a phone, also check that the browser itself may use the camera."),
  }],
  ["NotFoundError", { title: gettext("No camera was found"), text: gettext("Connect a camera and start again.") }],
  ["NotReadableError", {
    title: gettext("The camera is in use"),
    text: gettext("Another program holds the camera. Close it there and start again."),
  }],
  ["OverconstrainedError", {
    title: gettext("The camera cannot do that"),
    text: gettext("It does not have this resolution any more. Choose another one and start again."),
  }],
]);

/**
 * What a failed `getUserMedia` means.
 *
 * @param {{name?: string}} error
 * @returns {Refusal}
 */
export function refusalOf(error) {
  const known = BY_NAME.get(error?.name === "SecurityError" ? "NotAllowedError" : (error?.name ?? ""));
  const other = { title: gettext("The camera did not start"), text: gettext("Unplug it, plug it in again, and start again.") };
  return { ...(known ?? other), canRetry: true };
}
