/** Requests that change something: the token they carry and the words of their failures. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { post, reasonFor, RequestError } from "../../static/js/lib/csrf.js";

beforeEach(() => {
  globalThis.document = { querySelector: () => ({ getAttribute: () => "the-token" }) };
});
afterEach(() => {
  delete globalThis.document;
  mock.restoreAll();
});

/** @param {Response|Error} answer */
function serverAnswers(answer) {
  return mock.method(globalThis, "fetch", async () => {
    if (answer instanceof Error) throw answer;
    return answer;
  });
}

test("the token of the page and the fields are sent", async () => {
  const sent = serverAnswers(Response.json({ note: "Thank you" }));
  assert.deepEqual(await post("/faces/7/name/", { name: "Momo & <Sana>" }), { note: "Thank you" });
  const [url, { method, headers, body }] = sent.mock.calls[0].arguments;
  assert.equal(url, "/faces/7/name/");
  assert.equal(method, "POST");
  assert.equal(headers["X-CSRFToken"], "the-token");
  assert.equal(body.get("name"), "Momo & <Sana>");
});

test("the server's own sentence is what the user reads", async () => {
  serverAnswers(Response.json({ error: "A name may have 80 characters." }, { status: 400 }));
  await assert.rejects(post("/x/", {}), new RequestError("A name may have 80 characters.", 400));
});

test("a page that is signed out is told so, and not that it worked", async () => {
  serverAnswers(Response.json({ error: "You are signed out. Sign in again to go on." }, { status: 401 }));
  await assert.rejects(post("/faces/7/name/", {}), new RequestError("You are signed out. Sign in again to go on.", 401));
});

test("a server that cannot be reached is said so", async () => {
  serverAnswers(new TypeError("Failed to fetch"));
  await assert.rejects(post("/x/", {}), (error) => error.status === 0 && /cannot be reached/.test(error.message));
});

test("a request that was called off stays an abort", async () => {
  serverAnswers(new DOMException("stopped", "AbortError"));
  await assert.rejects(post("/x/", {}), { name: "AbortError" });
});

test("an answer without JSON is no answer", async () => {
  serverAnswers(new Response("<html>", { headers: { "Content-Type": "text/html" } }));
  assert.equal(await post("/x/", {}), null);
});

for (const [status, words] of [[401, /signed out/], [403, /Reload/], [404, /gone/], [413, /too large/], [507, /disk/], [500, /error 500/]]) {
  test(`status ${status} is explained`, () => {
    assert.match(reasonFor(status, "text/html", "<h1>no</h1>"), words);
  });
}

test("broken JSON does not hide the status", () => {
  assert.match(reasonFor(503, "application/json", "{"), /busy/);
});
