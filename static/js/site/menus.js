/**
 * Close open menus (`<details class="menu">`) when the user goes elsewhere or presses Escape.
 *
 * @param {Document} root
 * @param {AbortSignal} signal
 */
export function wireMenus(root, signal) {
  /** @param {Element|null} except */
  const closeAll = (except) => {
    for (const menu of root.querySelectorAll("details.menu[open]")) {
      if (menu !== except) menu.removeAttribute("open");
    }
  };
  root.addEventListener("click", (event) => {
    closeAll(event.target instanceof Element ? event.target.closest("details.menu") : null);
  }, { signal });
  root.addEventListener("keydown", (event) => {
    const open = root.querySelector("details.menu[open]");
    if (event.key !== "Escape" || !open) return;
    closeAll(null);
    open.querySelector("summary")?.focus();
  }, { signal });
}
