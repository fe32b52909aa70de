/** What camera and viewer pages share: messages, the socket that comes back, boxes, figures. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { FaceList, faceLines } from "../../static/js/lib/live_faces.js";
import { LiveOverlay, emotionOf, emotionWords, faceRect, nameOf } from "../../static/js/lib/live_overlay.js";
import { LiveSocket, socketUrl } from "../../static/js/lib/live_socket.js";
import { pack, pictureType, unpack } from "../../static/js/lib/live_wire.js";
import { LastValues, RateMeter } from "../../static/js/lib/meter.js";
import { FakeElement } from "./fake_page.js";

const PLACE = { protocol: "https:", host: "encore.test" };

class FakeSocket extends EventTarget {
  readyState = 0;
  bufferedAmount = 0;
  sent = [];
  isClosed = false;

  opens() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  brings(data) {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }

  breaks(code = 1006) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  send(message) {
    this.sent.push(message);
  }

  close() {
    this.isClosed = true;
  }
}

let sockets;
let heard;

function connect() {
  const handlers = {
    opened: () => heard.push("opened"),
    told: (message) => heard.push(message),
    shown: (message) => heard.push(message.byteLength),
    lost: (words, isFinal) => heard.push([isFinal, words]),
  };
  const open = () => {
    sockets.push(new FakeSocket());
    return sockets.at(-1);
  };
  return new LiveSocket("/ws/live/view/1/", handlers, { open, place: PLACE, chance: () => 0 });
}

beforeEach(() => {
  sockets = [];
  heard = [];
  mock.timers.enable({ apis: ["setTimeout"] });
});

afterEach(() => mock.timers.reset());

test("a message comes out as it went in, whatever its words", () => {
  const message = pack({ frame: 7, name: "하니 ☀" }, new Uint8Array([1, 2, 3]));
  const { header, picture } = unpack(message.buffer);
  assert.deepEqual(header, { frame: 7, name: "하니 ☀" });
  assert.deepEqual([...picture], [1, 2, 3]);
});

test("a message that ends in its header is refused", () => {
  const message = pack({ frame: 7 }, new Uint8Array());
  assert.throws(() => unpack(message.slice(0, 8).buffer), /before its header/);
});

test("pictures are known by their first bytes", () => {
  assert.equal(pictureType(new Uint8Array([0xff, 0xd8])), "image/jpeg");
  assert.equal(pictureType(new TextEncoder().encode("RIFF")), "image/webp");
});

test("a secure page opens a secure socket", () => {
  assert.equal(socketUrl(PLACE, "/ws/"), "wss://encore.test/ws/");
  assert.equal(socketUrl({ protocol: "http:", host: "localhost:8000" }, "/ws/"), "ws://localhost:8000/ws/");
});

test("texts and pictures reach their handlers, and nothing is sent before the socket is open", () => {
  const socket = connect();
  assert.equal(socket.send("early"), false);
  sockets[0].opens();
  assert.equal(socket.send("now"), true);
  sockets[0].brings('{"type": "on_air"}');
  sockets[0].brings(new ArrayBuffer(5));
  assert.deepEqual(heard, ["opened", { type: "on_air" }, 5]);
});

test("a broken connection comes back by itself within five seconds, however often it broke", () => {
  connect();
  for (let attempt = 0; attempt < 8; attempt += 1) {
    sockets.at(-1).breaks();
    mock.timers.tick(2000);
  }
  assert.equal(sockets.length, 9);
});

for (const code of [4401, 4404, 4409, 4410]) {
  test(`after ${code} it stays away and says why`, () => {
    connect();
    sockets[0].opens();
    sockets[0].breaks(code);
    mock.timers.tick(60_000);
    assert.equal(sockets.length, 1);
    const [isFinal, words] = heard.at(-1);
    assert.equal(isFinal, true);
    assert.ok(words.endsWith("."));
  });
}

test("a closed socket hears nothing and does not come back", () => {
  const socket = connect();
  sockets[0].opens();
  socket.close();
  sockets[0].brings('{"type": "late"}');
  sockets[0].breaks();
  mock.timers.tick(60_000);
  assert.deepEqual(heard, ["opened"]);
  assert.equal(sockets.length, 1);
});

test("a connection that fell silent makes room for another one, and its own end is no news", () => {
  const socket = connect();
  sockets[0].opens();
  socket.reopen();
  socket.reopen();
  assert.equal(sockets[0].isClosed, true);
  sockets[0].brings('{"type": "late"}');
  sockets[0].breaks(4409);
  mock.timers.tick(2000);
  assert.equal(sockets.length, 2);
  sockets[1].opens();
  assert.equal(socket.send("now"), true);
  assert.deepEqual(heard.map((one) => one[0]), ["o", false, "o"]);
});

test("a box lies where the picture shows the face, also in a mirror", () => {
  const frame = { width: 640, height: 360 };
  const picture = { left: 100, top: 0, width: 320, height: 180 };
  assert.deepEqual(faceRect([64, 36, 128, 108], frame, picture, false), { left: 132, top: 18, width: 32, height: 36 });
  assert.deepEqual(faceRect([64, 36, 128, 108], frame, picture, true), { left: 356, top: 18, width: 32, height: 36 });
});

test("an emotion is shown only where the server is sure of one", () => {
  assert.deepEqual(emotionOf({ emotion: "happy", emotions: { happy: 0.7 } }), { label: "happy", share: 0.7 });
  assert.equal(emotionOf({ emotion: null, emotions: { happy: 0.4 } }), null);
});

test("an expression has two words where the second is at least half as probable", () => {
  assert.equal(emotionWords({ emotion: "happy", emotions: { happy: 0.5, surprised: 0.25, sad: 0.1 } }), "happy, surprised");
  assert.equal(emotionWords({ emotion: "happy", emotions: { happy: 0.7, surprised: 0.25 } }), "happy");
  assert.equal(emotionWords({ emotion: null, emotions: { happy: 0.3, sad: 0.3 } }), "");
  const mixed = { track: 1, name: null, emotion: "happy", emotions: { happy: 0.5, surprised: 0.4 } };
  assert.deepEqual(faceLines([mixed]).map(({ emotion, words }) => [emotion, words]), [["happy", "happy, surprised"]]);
});

test("the list names the known first and keeps an order that does not jump", () => {
  const faces = [
    { track: 9, name: null, emotion: null },
    { track: 4, name: "Minji", emotion: "happy", emotions: { happy: 0.6 } },
    { track: 2, name: null, emotion: null },
    { track: 7, name: "Hanni", emotion: null },
  ];
  const lines = faceLines(faces);
  assert.deepEqual(lines.map(({ name }) => name), ["Hanni", "Minji", "Unknown face", "Unknown face"]);
  assert.deepEqual(lines.map(({ key }) => key), ["7", "4", "2", "9"]);
  assert.deepEqual([lines[1].emotion, lines[1].share], ["happy", 0.6]);
});

test("a name that is not sure is a question, on the picture and in the list", () => {
  const sure = { track: 1, name: "Lisa", is_sure: true, emotion: null };
  const asked = { track: 2, name: "Rosé", is_sure: false, emotion: null };
  const unknown = { track: 3, name: null, is_sure: false, emotion: null };
  assert.deepEqual([sure, asked, unknown].map(nameOf), ["Lisa", "Rosé?", ""]);
  const lines = faceLines([sure, asked, unknown]);
  assert.deepEqual(lines.map(({ name, isQuestion }) => [name, isQuestion]), [["Lisa", false], ["Rosé?", true], ["Unknown face", false]]);
});

test("the newest faces are shown in the end, also where nothing comes after them", () => {
  globalThis.document = { createElement: () => new FakeElement() };
  const root = new FakeElement();
  const list = new FaceList(root);
  list.show([{ track: 1, name: null, emotion: null }], 1000);
  list.show([{ track: 1, name: "Lisa", is_sure: true, emotion: null }], 1100);
  assert.match(root.words, /Unknown face/);
  mock.timers.tick(150);
  assert.match(root.words, /Lisa/);
  list.show([], 1300);
  list.clear();
  mock.timers.tick(1000);
  assert.equal(root.words, "", "what was cleared meanwhile stays empty");
});

/** What a canvas was told to draw, with the style that was set then. */
function drawn(face, changes = {}) {
  const calls = [];
  const style = {};
  const context = new Proxy(style, {
    get: (target, key) => target[key] ?? ((...words) => (calls.push({ key, words, ...target }), { width: 40 })),
  });
  const canvas = { clientWidth: 320, clientHeight: 180, getContext: () => context };
  globalThis.getComputedStyle = () => ({ getPropertyValue: (name) => (name === "--light" ? "gold" : "") });
  globalThis.document ??= { documentElement: {} };
  globalThis.devicePixelRatio ??= 1;
  Object.assign(new LiveOverlay(canvas), changes).draw(null, [{ box: [10, 10, 50, 60], emotion: null, ...face }], { width: 320, height: 180 });
  const words = calls.find(({ key }) => key === "fillText");
  const frame = calls.findLast(({ key }) => key === "strokeRect");
  return { words: words?.words[0], font: words?.font, colour: frame?.strokeStyle, width: frame?.lineWidth, at: frame?.words };
}

test("a question is drawn quieter than a name", () => {
  const [sure, asked] = [drawn({ name: "Lisa", is_sure: true }), drawn({ name: "Lisa", is_sure: false })];
  assert.deepEqual([sure.words, asked.words], ["Lisa", "Lisa?"]);
  assert.equal(sure.colour, "gold");
  assert.notEqual(asked.colour, "gold");
  assert.match(sure.font, /^600/);
  assert.doesNotMatch(asked.font, /600/);
});

test("who is followed has a star and a thicker box, and the others stand back", () => {
  const lisa = { name: "Lisa", person: "l", is_sure: true };
  const followed = { followed: "l" };
  assert.deepEqual([drawn(lisa, followed).words, drawn(lisa).words], ["★ Lisa", "Lisa"]);
  assert.ok(drawn(lisa, followed).width > drawn(lisa).width);
  const other = { name: "Rosé", person: "r", is_sure: true };
  assert.equal(drawn(other).colour, "gold");
  assert.notEqual(drawn(other, followed).colour, "gold");
  assert.equal(drawn({ ...lisa, is_sure: false }, followed).words, "★ Lisa?", "a question stays one");
});

test("of a part of the frame, faces are drawn where they are seen, and those outside not at all", () => {
  const near = drawn({ name: "Lisa" }, { part: { left: 0, top: 0, span: 0.5 } });
  assert.deepEqual(near.at, [20, 20, 80, 100]);
  assert.equal(drawn({ name: "Lisa" }, { part: { left: 0.5, top: 0.5, span: 0.5 } }).at, undefined);
});

test("a rate counts the last seconds only", () => {
  const meter = new RateMeter(1000);
  for (let at = 0; at <= 1000; at += 100) meter.note(at);
  assert.equal(meter.perSecond(1000), 10);
  assert.equal(meter.perSecond(5000), 0);
});

test("quantiles are of the last values", () => {
  const values = new LastValues(4);
  for (const value of [900, 1, 2, 3, 4]) values.note(value);
  assert.equal(values.quantile(0.5), 3);
  assert.equal(values.quantile(1), 4);
  assert.ok(Number.isNaN(new LastValues().quantile(0.5)));
});
