/**
 * What Encore does between the browser and the server: a page for when there is no server, a hand for shared photos, and
 * messages that the server sends while no page is open.
 *
 * Nothing of a user is stored here. The cache holds one page without any content and its style sheets; photos that
 * another app shares stay in memory until the upload page takes them.
 *
 * @typedef {Event & {waitUntil: (work: Promise<unknown>) => void}} LifeEvent
 * @typedef {LifeEvent & {request: Request, preloadResponse: Promise<Response|undefined>, respondWith: (answer: Promise<Response>) => void}} AskedEvent
 * @typedef {{title: string, body: string, page: string, tag: string}} Message as `webapp/push/sending.py` writes it
 * @typedef {LifeEvent & {data: {json: () => Message}|null}} ToldEvent
 * @typedef {LifeEvent & {notification: {data: {page: string}|null, close: () => void}}} PressedEvent
 * @typedef {{url: string, focus: () => Promise<unknown>}} Tab
 * @typedef {object} Clients
 * @property {() => Promise<void>} claim
 * @property {(which: {type: string}) => Promise<Tab[]>} matchAll
 * @property {(address: string) => Promise<unknown>} openWindow
 * @typedef {object} Registration
 * @property {{enable: () => Promise<void>}} [navigationPreload]
 * @property {(title: string, options: object) => Promise<void>} showNotification
 * @typedef {{registration: Registration, skipWaiting: () => Promise<void>, clients: Clients}} Worker
 */

const CACHE = "encore-offline-1";
const OFFLINE = "/offline/";
const SHARED = "/upload/shared/";
const UPLOAD = "/upload/?shared=1";
const APP = "Encore";
const ICON = "/static/img/icon-192.png";
const PATIENCE_MS = 5 * 60_000;

const worker = /** @type {Worker} */ (/** @type {unknown} */ (self));
/** Photos that were shared and not yet taken. @type {File[]} */
let shared = [];
let taken = () => {};

/** Keep the page for when there is no server, and the style sheets that it names. */
async function keepOfflinePage() {
  const cache = await caches.open(CACHE);
  const offline = await fetch(OFFLINE, { cache: "reload" });
  const sheets = [...(await offline.clone().text()).matchAll(/href="([^"]+\.css)"/g)].map(([, address]) => address);
  await cache.put(OFFLINE, offline);
  await cache.addAll(sheets);
  await worker.skipWaiting();
}

/** Take over open pages, and forget what an older worker kept. */
async function begin() {
  const old = (await caches.keys()).filter((name) => name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.registration.navigationPreload?.enable();
  await worker.clients.claim();
}

/** @param {AskedEvent} event */
async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(OFFLINE)) ?? Response.error();
  }
}

/**
 * Hold shared photos and lead to the upload page, which asks for them.
 *
 * @param {AskedEvent} event
 */
async function hold(event) {
  const form = await event.request.formData();
  shared = form.getAll("photos").filter((part) => part instanceof File);
  event.waitUntil(new Promise((resolve) => {
    const timer = setTimeout(() => ((shared = []), resolve(null)), PATIENCE_MS);
    taken = () => (clearTimeout(timer), resolve(null));
  }));
  return Response.redirect(UPLOAD, 303);
}

/**
 * Show a message of the server. One that cannot be read is shown as a plain word: browsers take the permission back from
 * who shows nothing.
 *
 * @param {ToldEvent} event
 */
async function show(event) {
  let message = { title: APP, body: "", page: "/", tag: "" };
  try {
    message = { ...message, ...event.data?.json() };
  } catch {
    // Not ours.
  }
  const { title, body, tag, page: leadsTo } = message;
  await worker.registration.showNotification(title, { body, tag, icon: ICON, data: { page: leadsTo } });
}

/**
 * Lead to what a message is about: to the tab that shows it, or else to a new one; never to another site.
 *
 * @param {PressedEvent} event
 */
async function follow({ notification }) {
  notification.close();
  const wanted = new URL(notification.data?.page ?? "/", location.origin);
  const { href } = wanted.origin === location.origin ? wanted : new URL("/", location.origin);
  const tabs = await worker.clients.matchAll({ type: "window" });
  const shown = tabs.find(({ url }) => url === href);
  await (shown ? shown.focus() : worker.clients.openWindow(href));
}

self.addEventListener("push", (event) => /** @type {LifeEvent} */ (event).waitUntil(show(/** @type {ToldEvent} */ (event))));
self.addEventListener("notificationclick", (event) => {
  /** @type {LifeEvent} */ (event).waitUntil(follow(/** @type {PressedEvent} */ (event)));
});
self.addEventListener("install", (event) => /** @type {LifeEvent} */ (event).waitUntil(keepOfflinePage()));
self.addEventListener("activate", (event) => /** @type {LifeEvent} */ (event).waitUntil(begin()));
self.addEventListener("fetch", (plain) => {
  const event = /** @type {AskedEvent} */ (plain);
  const { method, mode, url } = event.request;
  if (mode !== "navigate") return;
  if (method === "POST" && new URL(url).pathname === SHARED) event.respondWith(hold(event));
  else if (method === "GET") event.respondWith(page(event));
});
self.addEventListener("message", (plain) => {
  const { data, ports } = plain;
  if (data !== "give-shared-photos") return;
  ports[0]?.postMessage(shared);
  shared = [];
  taken();
});
