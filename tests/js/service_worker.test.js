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

test("only the page without content and its sheets are kept", async () => {
  const { works } = await tell("install");
  await Promise.all(works);
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
