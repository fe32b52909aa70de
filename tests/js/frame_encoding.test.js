/** Pictures on their way: encoded beside the page, and sent with progress; and how the way is waited for. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { send, wait } from "../../static/js/lib/tus_transport.js";
import { FrameEncoder } from "../../static/js/live/encoder.js";
import { setGlobal, showDocument } from "./fake_browser.js";
import { settled, transfers } from "./fake_net.js";

const SIZE = { width: 320, height: 180, quality: 0.7 };

/** A picture that knows whether it was let go. */
const picture = () => ({ isClosed: false, close() { this.isClosed = true; } });

/** A worker that answers when the test says. */
class FakeWorker extends EventTarget {
  asked = [];
  isEnded = false;
  postMessage = (message, moved) => this.asked.push({ ...message, moved });
  terminate = () => (this.isEnded = true);

  says(data) {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }
}

let worker;

function encoderWithWorker() {
  setGlobal("OffscreenCanvas", class {});
  setGlobal("Worker", class {});
  return new FrameEncoder("/encoder_worker.js", () => (worker = new FakeWorker()));
}

beforeEach(() => {
  showDocument('<meta name="csrf-token" content="the-token">', "https://encore.test/live/");
  mock.timers.enable({ apis: ["setTimeout"] });
});

afterEach(() => {
  delete globalThis.OffscreenCanvas;
  delete globalThis.Worker;
  mock.timers.reset();
});

test("pictures are handed to the worker, and answers find the picture they belong to", async () => {
  const encoder = encoderWithWorker();
  const [one, other] = [picture(), picture()];
  const answers = [encoder.encode(one, SIZE), encoder.encode(other, SIZE)];
  assert.deepEqual(worker.asked.map(({ width, height, quality, moved }) => [width, height, quality, moved.length]), [[320, 180, 0.7, 1], [320, 180, 0.7, 1]]);
  assert.deepEqual(worker.asked.map((asked) => asked.picture), [one, other]);
  worker.says({ id: worker.asked[1].id, bytes: "second" });
  worker.says({ id: worker.asked[0].id, bytes: "first" });
  assert.deepEqual(await Promise.all(answers), ["first", "second"]);
});

test("a picture that the worker cannot encode fails alone", async () => {
  const encoder = encoderWithWorker();
  const answers = [encoder.encode(picture(), SIZE), encoder.encode(picture(), SIZE)];
  worker.says({ id: worker.asked[0].id, error: "out of memory" });
  worker.says({ id: worker.asked[1].id, bytes: "good" });
  worker.says({ id: 99, bytes: "nobody asked" });
  await assert.rejects(answers[0], /out of memory/);
  assert.equal(await answers[1], "good");
});

test("when the worker breaks, what waits fails and the next pictures are encoded here", async () => {
  const encoder = encoderWithWorker();
  const asked = encoder.encode(picture(), SIZE);
  worker.dispatchEvent(new Event("error"));
  await assert.rejects(asked, /broke/);
  assert.equal(worker.isEnded, true);
  const next = picture();
  assert.equal((await encoder.encode(next, SIZE)).byteLength, "picture".length);
  assert.equal(next.isClosed, true);
});

test("an encoder that is closed leaves nobody waiting", async () => {
  const encoder = encoderWithWorker();
  const asked = encoder.encode(picture(), SIZE);
  encoder.close();
  await assert.rejects(asked, /closed/);
  assert.equal(worker.isEnded, true);
});

test("a browser without workers encodes here, or says that it cannot", async () => {
  const encoder = new FrameEncoder("/encoder_worker.js");
  const made = document.createElement.bind(document);
  let canvas;
  document.createElement = (tag) => (canvas = made(tag));
  assert.equal((await encoder.encode(picture(), SIZE)).byteLength, "picture".length);
  assert.deepEqual([canvas.width, canvas.height, canvas.getContext("2d").pictures.length], [320, 180, 1]);
  document.createElement = (tag) => Object.assign(made(tag), { toBlob: (done) => done(null) });
  await assert.rejects(encoder.encode(picture(), SIZE), /cannot encode/);
});

/** The script of the worker itself, in a browser that has canvases beside the page. */
async function startWorker({ convertToBlob = async () => new Blob(["jpeg"]) } = {}) {
  const made = [];
  const answers = [];
  let hear;
  setGlobal("OffscreenCanvas", class {
    constructor(width, height) {
      Object.assign(this, { width, height, drawn: [], convertToBlob });
      made.push(this);
    }
    getContext = () => ({ drawImage: (...drawn) => this.drawn.push(drawn) });
  });
  setGlobal("addEventListener", (_kind, listen) => (hear = listen));
  setGlobal("postMessage", (answer, options) => answers.push({ ...answer, moved: options?.transfer?.length ?? 0 }));
  startWorker.count = (startWorker.count ?? 0) + 1;
  await import(`../../static/js/live/encoder_worker.js?${startWorker.count}`);
  return { made, answers, asks: (message) => hear({ data: message }) };
}

test("the worker answers with the bytes, lets the picture go and keeps its canvas", async () => {
  const { made, answers, asks } = await startWorker();
  const [one, other] = [picture(), picture()];
  await asks({ id: 1, picture: one, ...SIZE });
  await asks({ id: 2, picture: other, ...SIZE });
  assert.deepEqual(answers.map(({ id, bytes, moved }) => [id, bytes.byteLength, moved]), [[1, 4, 1], [2, 4, 1]]);
  assert.deepEqual([one.isClosed, other.isClosed, made.length], [true, true, 1]);
  assert.deepEqual(made[0].drawn[1].slice(1), [0, 0, 320, 180]);
  await asks({ id: 3, picture: picture(), width: 640, height: 360, quality: 0.7 });
  assert.deepEqual([made.length, made[1].width], [2, 640], "another size needs another canvas");
});

test("a picture that fails in the worker is answered with the reason", async () => {
  const { answers, asks } = await startWorker({ convertToBlob: async () => Promise.reject(new Error("too large")) });
  await asks({ id: 7, picture: picture(), ...SIZE });
  assert.deepEqual(answers, [{ id: 7, error: "Error: too large", moved: 0 }]);
});

const about = (more) => ({ method: "PATCH", url: "/upload/tus/1/", headers: { "Upload-Offset": "0" }, body: new Blob(["abcd"]), signal: new AbortController().signal, ...more });

test("a piece travels with the page's token and tells how much has left", async () => {
  const sent = [];
  const answer = send(about({ onSent: (bytes) => sent.push(bytes) }));
  const [request] = transfers;
  assert.deepEqual(request.headers, { "Upload-Offset": "0", "X-CSRFToken": "the-token", Accept: "application/json" });
  request.hasSent(2);
  request.hasSent(4);
  await request.gets(204, { "Upload-Offset": "4" });
  const { status, header } = await answer;
  assert.deepEqual([status, header("Upload-Offset"), header("Location"), sent], [204, "4", null, [2, 4]]);
});

test("a lost connection and a silence are answers, without words", async () => {
  for (const end of ["error", "timeout"]) {
    const answer = send(about());
    transfers.at(-1).dispatchEvent(new Event(end));
    assert.deepEqual([(await answer).status, (await answer).text], [0, ""]);
  }
});

test("an answer of the sign-in page means that one is signed out", async () => {
  const answer = send(about());
  transfers[0].responseURL = "https://encore.test/login/?next=/upload/";
  await transfers[0].gets(200, {}, "<form>");
  assert.equal((await answer).status, 401);
  const other = send(about());
  transfers[1].responseURL = "https://encore.test/upload/tus/1/";
  await transfers[1].gets(204);
  assert.equal((await other).status, 204);
});

test("a piece that is called off stops at once", async () => {
  const off = new AbortController();
  const answer = send(about({ signal: off.signal }));
  off.abort();
  await assert.rejects(answer, { name: "AbortError" });
  assert.equal(transfers[0].isAborted, true);
});

/** Whether a wait of a minute has ended. */
function waiting() {
  const off = new AbortController();
  const state = { off, end: "" };
  wait(60_000, off.signal).then(() => (state.end = "over"), (error) => (state.end = error.name));
  return state;
}

test("a wait ends by itself, by the network that is back, by a look at the page, or by giving up", async () => {
  const [byLook, byEnd] = [waiting(), waiting()];
  byEnd.off.abort();
  await settled();
  assert.deepEqual([byLook, byEnd].map(({ end }) => end), ["", "AbortError"]);
  document.hidden = true;
  document.is("visibilitychange");
  await settled();
  assert.equal(byLook.end, "", "the screen went off");
  document.hidden = false;
  document.is("visibilitychange");
  await settled();
  assert.equal(byLook.end, "over");
  const byNetwork = waiting();
  window.is("online");
  await settled();
  assert.equal(byNetwork.end, "over");
  const last = waiting();
  mock.timers.tick(59_999);
  await settled();
  assert.equal(last.end, "");
  mock.timers.tick(1);
  await settled();
  assert.equal(last.end, "over");
});
