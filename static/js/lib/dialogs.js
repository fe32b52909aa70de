/** Native dialogs: opened by buttons that name them, closed by Escape, their own buttons or a click beside them. */

/**
 * Wire `data-opens="<dialog id>"` buttons and `data-closes` buttons below a root.
 *
 * @param {ParentNode} root
 * @param {AbortSignal} signal
 */
export function wireDialogs(root, signal) {
  root.addEventListener(
    "click",
    (event) => {
      const target = event.target instanceof Element ? event.target : null;
      const opener = target?.closest("[data-opens]");
      if (opener) openDialog(document.getElementById(opener.getAttribute("data-opens") ?? ""));
      if (target?.closest("[data-closes]")) target.closest("dialog")?.close();
      if (target instanceof HTMLDialogElement && isBeside(target, /** @type {MouseEvent} */ (event))) target.close();
    },
    { signal },
  );
}

/** @param {Element|null} dialog */
export function openDialog(dialog) {
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

/**
 * Whether a click on a dialog element fell on its backdrop.
 *
 * @param {HTMLDialogElement} dialog
 * @param {MouseEvent} event
 */
function isBeside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  const isInside =
    event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  return !isInside && event.detail > 0;
}
