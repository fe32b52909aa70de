/**
 * Let this browser install Encore: a page for when there is no server, and photos shared by other apps.
 *
 * Only for those who are signed in; whoever follows a link to one moment gets nothing installed. Browsers offer it over
 * HTTPS and on the machine itself.
 *
 * @param {Document} page
 * @param {Pick<Navigator, "serviceWorker">|{serviceWorker?: undefined}} browser
 */
export async function wireInstalling(page, browser) {
  if (page.body.dataset.signedIn !== "true" || !browser.serviceWorker) return;
  // A browser that forbids it, as a private window may, loses nothing else.
  await browser.serviceWorker.register("/service-worker.js").catch(() => null);
}
