/** Filming without a camera: how it ends, pauses, and what the page shows when answers stay away. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { LINGER_MS, LiveSession, SILENT_MS } from "../../static/js/live/session.js";
import { unpack } from "../../static/js/lib/live_wire.js";

/** @type {FakeWebSocket[]} */ let sockets;
/** @type {(now: number) => void} the screen's next picture */ let paint;
let now;

class FakeWebSocket extends EventTarget {
  readyState = 0;
  bufferedAmount = 0;
  sent = [];

  constructor() {
    super();
    sockets.push(this);
  }

  send(message) {
    this.sent.push(typeof message === "string" ? JSON.parse(message) : unpack(message.buffer.slice(0)).header);
  }

  opens() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
    this.brings({ type: "hello", credits: 2 });
  }

  brings(message) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(message) }));
  }

  breaks(code) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  close() {
    this.readyState = 3;
  }

  get kinds() {
    return this.sent.map(({ type, frame }) => type ?? frame);
  }
}

const settled = async () => {
  for (let turn = 0; turn < 30; turn += 1) await null;
};
const result = (frame) => ({ type: "result", frame, captured_at: 0, width: 640, height: 360, faces: [], timing: {}, dropped: 0 });

/** A session that films; `next(at)` is the next picture of its camera. */
function film({ encode = async () => new Uint8Array([0xff]).buffer } = {}) {
  const page = { asked: [], beside: [], closed: 0, drawn: 0, failed: [], faces: [], pictures: [], said: [] };
  const video = { readyState: 4, videoWidth: 640, videoHeight: 360, requestVideoFrameCallback: (tick) => (video.tick = tick) };
  globalThis.createImageBitmap = async () => {
    page.pictures.push({ width: 640, height: 360, isClosed: false, close() { this.isClosed = true; } });
    return page.pictures.at(-1);
  };
  page.session = new LiveSession({
    video,
    overlay: { clear: () => {}, draw: () => (page.drawn += 1) },
    encoder: { encode },
    path: "/ws/",
    say: (words) => page.said.push(words),
    fail: (words) => page.failed.push(words),
    closed: () => (page.closed += 1),
    faces: (faces) => page.faces.push(faces?.length ?? null),
    company: (others) => page.beside.push(others),
    keeper: { hasRoom: () => false },
    captures: { resume: () => {}, take: (capture) => page.asked.push(capture.moment) },
    portrait: { isWanted: false, want: () => {}, learn: () => {}, noteDelay: () => {}, compose: () => null },
  });
  page.next = async (at) => {
    video.tick(at, {});
    await settled();
  };
  sockets[0].opens();
  return page;
}

beforeEach(() => {
  sockets = [];
  globalThis.location = { protocol: "https:", host: "encore.test" };
  globalThis.WebSocket = FakeWebSocket;
  globalThis.requestAnimationFrame = (next) => (paint = next);
  now = 0;
  mock.method(performance, "now", () => (now += 100));
  mock.timers.enable({ apis: ["setTimeout"] });
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

test("asked for the time it answers at once, on the clock of its frames", async () => {
  const page = film();
  await page.next(100);
  const before = performance.now();
  sockets[0].brings({ type: "clock", exchange: 7 });
  const told = sockets[0].sent.at(-1);
  assert.deepEqual([told.type, told.exchange], ["clock", 7]);
  assert.ok(told.received_at > before && told.received_at <= told.sent_at && told.sent_at < performance.now());
  page.session.close();
});

test("it passes on how many other cameras film the concert", () => {
  const page = film();
  for (const others of [0, 2, 1]) sockets[0].brings({ type: "company", others });
  assert.deepEqual(page.beside, [0, 2, 1]);
  page.session.close();
});

test("after a stop nothing is sent but the word that it is over, and nothing is drawn any more", async () => {
  const page = film();
  await page.next(100);
  page.session.stop();
  await page.next(300);
  sockets[0].brings(result(1));
  page.session.stop();
  assert.deepEqual(sockets[0].kinds, ["want", 1, "over"]);
  assert.equal(page.drawn, 0);
  assert.deepEqual(page.faces, []);
  assert.ok(page.pictures[0].isClosed, "what will not be shown is let go");
});

test("a picture that is being encoded still leaves, before the word that it is over", async () => {
  let finish;
  const page = film({ encode: () => new Promise((resolve) => (finish = resolve)) });
  await page.next(100);
  page.session.stop();
  assert.deepEqual(sockets[0].kinds, ["want"]);
  finish(new Uint8Array([0xff]).buffer);
  await settled();
  assert.deepEqual(sockets[0].kinds, ["want", 1, "over"]);
});

test("a moment of the last pictures is asked for within two seconds, then all is released", async () => {
  const page = film();
  await page.next(100);
  page.session.stop();
  mock.timers.tick(LINGER_MS - 1);
  sockets[0].brings({ type: "capture", moment: "last" });
  assert.deepEqual([page.asked, page.closed, sockets[0].readyState], [["last"], 0, 1]);
  mock.timers.tick(1);
  assert.deepEqual([page.closed, sockets[0].readyState], [1, 3]);
  sockets[0].brings({ type: "capture", moment: "late" });
  assert.deepEqual([page.asked, page.faces, LINGER_MS <= 2000], [["last"], [], true]);
});

test("filming again in that time goes on by the same connection, with new numbers", async () => {
  const page = film();
  await page.next(100);
  page.session.stop();
  mock.timers.tick(LINGER_MS / 2);
  page.session.goOn();
  mock.timers.tick(10 * LINGER_MS);
  sockets[0].brings(result(1));
  await page.next(5000);
  sockets[0].brings(result(2));
  assert.deepEqual(sockets[0].kinds, ["want", 1, "over", 2]);
  assert.deepEqual([page.closed, sockets.length], [0, 1]);
  assert.equal(page.drawn, 2);
});

test("who leaves the page says nothing more and is gone at once", async () => {
  const page = film();
  await page.next(100);
  page.session.close();
  page.session.stop();
  page.session.close();
  assert.deepEqual(sockets[0].kinds, ["want", 1]);
  assert.deepEqual([page.closed, sockets[0].readyState], [1, 3]);
  mock.timers.tick(10 * LINGER_MS);
  assert.equal(page.closed, 1);
});

test("troubles of the connection are none of a page whose camera is off", async () => {
  const page = film();
  page.session.stop();
  const before = page.said.length;
  sockets[0].brings({ type: "problem", code: "bad_frame", message: "A frame is broken.", frame: null });
  sockets[0].brings({ type: "engine", state: "away", message: "The recogniser is restarting." });
  sockets[0].breaks(1006);
  mock.timers.tick(1000);
  sockets[1].opens();
  assert.equal(page.said.length, before);
  assert.deepEqual(sockets[1].kinds, ["want", "over"], "a new connection hears that there is no picture");
  page.session.goOn();
  assert.equal(page.said.at(-1), "The recogniser is restarting.");
});

test("a hidden tab goes off air, once, and the next picture is sent when it is seen again", async () => {
  const page = film();
  await page.next(100);
  page.session.pause(true);
  page.session.pause(true);
  await page.next(300);
  assert.deepEqual(sockets[0].kinds, ["want", 1, "over"]);
  page.session.pause(false);
  await page.next(500);
  assert.deepEqual(sockets[0].kinds, ["want", 1, "over", 2]);
});

test("a connection that comes back behind a hidden tab is off air too", () => {
  const page = film();
  page.session.pause(true);
  sockets[0].breaks(1006);
  mock.timers.tick(2000);
  sockets[1].opens();
  assert.deepEqual(sockets[1].kinds, ["want", "over"]);
});

test("a tab that is hidden while the camera is off has nothing to say", () => {
  const page = film();
  page.session.stop();
  page.session.pause(true);
  assert.deepEqual(sockets[0].kinds, ["want", "over"]);
});

test("a connection that answers no frame for eight seconds is given up for another one, with smaller frames", async () => {
  const page = film();
  await page.next(100);
  const { width } = page.session.figures;
  now += SILENT_MS - 1000;
  paint(now);
  assert.equal(sockets.length, 1);
  now += 1000;
  paint(now);
  paint(now);
  mock.timers.tick(2000);
  assert.equal(sockets[0].readyState, 3);
  assert.equal(sockets.length, 2);
  assert.match(page.said.at(-1), /connection is lost/);
  assert.ok(page.session.figures.width < width);
  sockets[0].breaks(4409);
  assert.deepEqual(page.failed, [], "the dead connection's last words are none of the new one's");
  sockets[1].opens();
  await page.next(now);
  assert.deepEqual(sockets[1].kinds, ["want", 2]);
});

test("a slow connection is left alone as long as answers come", async () => {
  const page = film();
  await page.next(100);
  await page.next(200);
  assert.equal(page.session.sender.inFlight, 2);
  now += SILENT_MS - 1000;
  sockets[0].brings(result(1));
  now += SILENT_MS - 1000;
  paint(now);
  mock.timers.tick(2000);
  assert.equal(sockets.length, 1);
});

test("a camera that sends nothing waits for nothing", async () => {
  const page = film();
  await page.next(100);
  sockets[0].brings(result(1));
  now += 10 * SILENT_MS;
  paint(now);
  page.session.stop();
  mock.timers.tick(LINGER_MS - 1);
  assert.equal(sockets.length, 1);
});

for (const [name, happens] of [
  ["the answer is too old", () => paint(now + 1100)],
  ["the recogniser is away", () => sockets[0].brings({ type: "engine", state: "away", message: "The recogniser is restarting." })],
  ["the connection is lost", () => sockets[0].breaks(1006)],
]) {
  test(`who was in the picture is forgotten, and nobody is said to be absent, when ${name}`, async () => {
    const page = film();
    await page.next(100);
    sockets[0].brings(result(1));
    happens();
    paint(now + 1200);
    assert.deepEqual(page.faces, [0, null]);
  });
}
