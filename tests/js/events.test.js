/** The event stream: reconnecting, what it asks for, and what it tells once. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { EventStream, eventsUrl, reconnectDelay } from "../../static/js/lib/events.js";

const PLACE = { protocol: "http:", host: "encore.test:8000" };

/** A socket that does what the test says. */
class FakeSocket extends EventTarget {
  constructor(url) {
    super();
    this.url = url;
    this.isClosed = false;
  }

  opens() {
    this.dispatchEvent(new Event("open"));
  }

  brings(event) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(event) }));
  }

  breaks(code = 1006) {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  close() {
    this.isClosed = true;
  }
}

/** @type {FakeSocket[]} */
let sockets;

function streamWith(options = {}) {
  const open = (url) => {
    sockets.push(new FakeSocket(url));
    return sockets.at(-1);
  };
  return new EventStream({ open, place: PLACE, chance: () => 1, ...options });
}

beforeEach(() => {
  sockets = [];
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => mock.timers.reset());

test("a listener hears the events of its kind", () => {
  const heard = [];
  streamWith().on("faces_found", (event) => heard.push(event.payload.count));
  sockets[0].brings({ id: 1, kind: "faces_found", payload: { count: 3 } });
  sockets[0].brings({ id: 2, kind: "portrait_ready", payload: {} });
  assert.deepEqual(heard, [3]);
});

test("a star hears everything", () => {
  const heard = [];
  streamWith().on("*", (event) => heard.push(event.kind));
  sockets[0].brings({ id: 1, kind: "a", payload: {} });
  sockets[0].brings({ id: 2, kind: "b", payload: {} });
  assert.deepEqual(heard, ["a", "b"]);
});

test("an event that comes twice is told once", () => {
  const heard = [];
  streamWith().on("*", (event) => heard.push(event.id));
  for (const id of [4, 4, 5, 3]) sockets[0].brings({ id, kind: "a", payload: {} });
  assert.deepEqual(heard, [4, 5]);
});

test("a broken connection comes back and asks for what it missed", () => {
  streamWith();
  sockets[0].brings({ id: 41, kind: "a", payload: {} });
  sockets[0].breaks();
  mock.timers.tick(500);
  assert.equal(sockets.length, 2);
  assert.equal(sockets[1].url, "ws://encore.test:8000/ws/events/?since=41");
});

test("the page's own last event is where the stream begins", () => {
  streamWith({ since: 7 });
  assert.match(sockets[0].url, /\?since=7$/);
});

test("a connection that was good starts again with short waits", () => {
  streamWith();
  for (let times = 0; times < 4; times += 1) {
    sockets.at(-1).breaks();
    mock.timers.tick(30_000);
  }
  sockets.at(-1).opens();
  const before = sockets.length;
  sockets.at(-1).breaks();
  mock.timers.tick(500);
  assert.equal(sockets.length, before + 1);
});

test("the state is told as it changes", () => {
  const states = [];
  streamWith({ onState: (isConnected) => states.push(isConnected) });
  sockets[0].opens();
  sockets[0].breaks();
  assert.deepEqual(states, [true, false]);
});

test("a signed-out page says so and does not knock again", () => {
  const said = [];
  streamWith({ say: (words) => said.push(words) });
  sockets[0].breaks(1006);
  mock.timers.tick(500);
  assert.deepEqual(said, []);
  sockets[1].breaks(4401);
  mock.timers.tick(60_000);
  assert.equal(sockets.length, 2);
  assert.deepEqual(said, ["You are signed out. Sign in again to go on."]);
});

test("leaving the page closes the socket and stays closed", () => {
  const page = new AbortController();
  streamWith({ signal: page.signal });
  page.abort();
  assert.ok(sockets[0].isClosed);
  sockets[0].breaks();
  mock.timers.tick(60_000);
  assert.equal(sockets.length, 1);
});

test("waits double, end at half a minute, and half of each is chance", () => {
  assert.equal(reconnectDelay(0, 1), 500);
  assert.equal(reconnectDelay(0, 0), 250);
  assert.equal(reconnectDelay(3, 1), 4000);
  assert.equal(reconnectDelay(50, 1), 30_000);
  assert.equal(reconnectDelay(50, 0), 15_000);
});

test("a page over TLS uses a websocket over TLS", () => {
  assert.equal(eventsUrl({ protocol: "https:", host: "h" }, null), "wss://h/ws/events/");
});
