/** The service worker: a page without a server, and photos that other apps share. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const listeners = {};
const stored = new Map();
let network;
const cache = {
  put: async (address, page) => stored.set(address, page),
  addAll: async (addresses) => addresses.forEach((address) => stored.set(address, "sheet")),
};
Object.assign(globalThis, {
  location: { origin: "https://encore.test" },
  self: { addEventListener: (kind, listen) => (listeners[kind] = listen), skipWaiting: async () => {}, registration: {}, clients: { claim: async () => {} } },
  caches: { open: async () => cache, match: async (address) => stored.get(address), keys: async () => ["encore-offline-0", "encore-offline-1"], delete: async (name) => stored.delete(name) },
  fetch: async (request) => network(request),
});
await import("../../static/js/service_worker.js");

/** Tell the worker of something and wait for all that it begins. */
async function tell(kind, about = {}) {
  const works = [];
  const event = { ...about, waitUntil: (work) => works.push(work), respondWith: (answer) => (event.answer = answer) };
  listeners[kind](event);
  return { event, answer: await event.answer, works };
}

beforeEach(() => {
  stored.clear();
  network = async () => new Response('<link href="/static/css/base.css">');
});

test("only the page without content and its sheets are kept, and the worker begins at once", async (context) => {
  const begins = context.mock.method(globalThis.self, "skipWaiting");
  const { works } = await tell("install");
  await Promise.all(works);
  assert.equal(begins.mock.callCount(), 1);
  assert.deepEqual([...stored.keys()], ["/offline/", "/static/css/base.css"]);
});

test("a page without a server is the kept one, and with a server nothing is kept", async () => {
  await Promise.all((await tell("install")).works);
  const request = { method: "GET", mode: "navigate", url: "https://encore.test/photos/" };
  network = async () => new Response("private");
  assert.equal(await (await tell("fetch", { request })).answer.text(), "private");
  assert.equal(stored.size, 2);
  network = async () => Promise.reject(new TypeError("no network"));
  assert.match(await (await tell("fetch", { request })).answer.text(), /base\.css/);
});

test("pictures, scripts and forms pass by", async () => {
  for (const request of [
    { method: "GET", mode: "no-cors", url: "https://encore.test/media/1/thumb/" },
    { method: "POST", mode: "navigate", url: "https://encore.test/login/" },
    { method: "POST", mode: "cors", url: "https://encore.test/upload/shared/" },
  ]) assert.equal((await tell("fetch", { request })).answer, undefined);
});

test("shared photos stay in memory until the upload page takes them, once", async () => {
  const form = new FormData();
  form.append("photos", new File(["a"], "stage.jpg"));
  form.append("photos", "a word");
  const redirect = Response.redirect;
  Response.redirect = (address, status) => ({ address, status });
  const request = { method: "POST", mode: "navigate", url: "https://encore.test/upload/shared/", formData: async () => form };
  const { answer, works } = await tell("fetch", { request });
  Response.redirect = redirect;
  assert.deepEqual(answer, { address: "/upload/?shared=1", status: 303 });
  assert.equal(stored.size, 0);

  const given = [];
  const ports = [{ postMessage: (photos) => given.push(photos.map(({ name }) => name)) }];
  await tell("message", { data: "something else", ports });
  await tell("message", { data: "give-shared-photos", ports });
  await tell("message", { data: "give-shared-photos", ports });
  await Promise.all(works);
  assert.deepEqual(given, [["stage.jpg"], []]);
});

test("a new worker forgets what the one before it kept, and lets pages load ahead of it", async () => {
  const done = [];
  globalThis.self.registration.navigationPreload = { enable: async () => done.push("ahead") };
  globalThis.self.clients.claim = async () => done.push("claimed");
  const forgotten = [];
  globalThis.caches.delete = async (name) => forgotten.push(name);
  await Promise.all((await tell("activate")).works);
  assert.deepEqual([forgotten, done], [["encore-offline-0"], ["ahead", "claimed"]]);
});

test("a page that was loaded ahead is taken, and not asked for twice", async () => {
  network = async () => assert.fail("it is here already");
  const request = { method: "GET", mode: "navigate", url: "https://encore.test/photos/" };
  const { answer } = await tell("fetch", { request, preloadResponse: Promise.resolve(new Response("ahead")) });
  assert.equal(await answer.text(), "ahead");
});

test("without a server and without a kept page the browser's own page is shown", async () => {
  network = async () => Promise.reject(new TypeError("no network"));
  const { answer } = await tell("fetch", { request: { method: "GET", mode: "navigate", url: "https://encore.test/" } });
  assert.equal(answer.type, "error");
});

test("photos that nobody takes are forgotten after a few minutes", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const form = new FormData();
  form.append("photos", new File(["a"], "stage.jpg"));
  context.mock.method(Response, "redirect", () => "elsewhere");
  const { works } = await tell("fetch", { request: { method: "POST", mode: "navigate", url: "https://encore.test/upload/shared/", formData: async () => form } });
  context.mock.timers.tick(5 * 60_000);
  await Promise.all(works);
  const given = [];
  await tell("message", { data: "give-shared-photos", ports: [{ postMessage: (photos) => given.push(photos.length) }] });
  assert.deepEqual(given, [0]);
});

/** What was shown, after the push service has brought this. */
async function shows(data) {
  const shown = [];
  globalThis.self.registration.showNotification = async (title, options) => shown.push({ title, ...options });
  await Promise.all((await tell("push", { data })).works);
  return shown;
}

test("a message of the server is shown, and a later one about the same takes its place", async () => {
  const message = { title: "Encore", body: "A film: 3 moments of 1 star.", page: "/moments/nights/7/", tag: "v1" };
  assert.deepEqual(await shows({ json: () => message }), [
    { title: "Encore", body: message.body, tag: "v1", icon: "/static/img/icon-192.png", data: { page: "/moments/nights/7/" } },
  ]);
});

test("what cannot be read is shown as a plain word, as browsers want to see something", async () => {
  for (const data of [null, { json: () => JSON.parse("{") }]) {
    const [shown, ...more] = await shows(data);
    assert.deepEqual([shown.title, shown.body, shown.data.page, more], ["Encore", "", "/", []]);
  }
});

/** Where a click on a message leads, with these tabs open. */
async function leadsTo(page, tabs = []) {
  const ways = [];
  globalThis.self.clients.matchAll = async () => tabs.map((url) => ({ url, focus: async () => ways.push(`to the tab ${url}`) }));
  globalThis.self.clients.openWindow = async (url) => ways.push(url);
  const notification = { data: page === undefined ? null : { page }, close: () => ways.push("closed") };
  await Promise.all((await tell("notificationclick", { notification })).works);
  return ways;
}

test("a click leads to the night, in the tab that shows it if there is one", async () => {
  const night = "https://encore.test/moments/nights/7/";
  assert.deepEqual(await leadsTo("/moments/nights/7/", ["https://encore.test/"]), ["closed", night]);
  assert.deepEqual(await leadsTo("/moments/nights/7/", ["https://encore.test/", night]), ["closed", `to the tab ${night}`]);
});

test("a click never leads to another site", async () => {
  for (const page of ["https://evil.example/", "//evil.example/", undefined]) {
    assert.deepEqual(await leadsTo(page), ["closed", "https://encore.test/"]);
  }
});
