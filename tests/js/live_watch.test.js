/** The viewer page as a whole: what it says about a picture that stands still, and about who is in it. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { pack } from "../../static/js/lib/live_wire.js";
import { settled, sockets } from "./fake_net.js";
import { showPage } from "./fake_page.js";

const QUIET = "No new picture comes from the camera.";
const FACE = { track: 1, box: [0, 0, 9, 9], name: "Minji", emotion: null };
const LOOK_MS = 500;

let now;
let root;
let pages = 0;

const said = () => root.querySelector("[data-words]").querySelector("[data-words-text]").textContent;
const rate = () => root.querySelector('[data-figure="rate"]').textContent;
const inPicture = () => root.querySelector("[data-faces]").words;

/** The server sends a picture. */
async function shows({ faces = [FACE], ...more } = {}) {
  const header = { type: "view", frame: 1, width: 640, height: 360, faces, is_labelled: true, age_ms: 40, ...more };
  sockets.at(-1).brings(pack(header, new Uint8Array([0xff])).buffer);
  await settled();
}

/** Time passes, and the page looks at the clock. @param {number} milliseconds */
function passes(milliseconds) {
  now += milliseconds;
  mock.timers.tick(LOOK_MS);
}

beforeEach(async () => {
  now = 0;
  mock.method(performance, "now", () => now);
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  root = showPage("[data-live-view]");
  pages += 1;
  await import(`../../static/js/live-view/main.js?${pages}`);
  sockets[0].opens();
  sockets[0].brings({ type: "on_air", is_on_air: true });
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

test("a picture that stands still is said to, until the next one comes", async () => {
  await shows();
  passes(2900);
  assert.equal(said(), "");
  passes(200);
  assert.equal(said(), QUIET);
  assert.equal(root.querySelector("[data-words]").hidden, false);
  await shows();
  assert.equal(said(), "");
  assert.equal(root.querySelector("[data-words]").hidden, true);
});

test("a camera that has just begun is given time for its first picture", () => {
  passes(2900);
  assert.deepEqual([said(), rate()], ["", "–"]);
  passes(200);
  assert.equal(said(), QUIET);
});

test("who comes late to a picture that stands still hears it at once", async () => {
  await shows({ age_ms: 20_000 });
  assert.equal(said(), QUIET);
  await shows({ age_ms: 5500 });
  assert.equal(said(), "", "a second picture is news, however long the recogniser kept it");
});

test("a camera that is off owes no picture", async () => {
  await shows();
  passes(4000);
  sockets[0].brings({ type: "on_air", is_on_air: false });
  passes(4000);
  assert.deepEqual([said(), root.dataset.state], ["", "off"]);
});

test("a lost connection is not taken for a quiet camera", async () => {
  await shows();
  sockets[0].breaks(1006);
  now += 4000;
  mock.timers.tick(LOOK_MS / 4);
  passes(0);
  assert.match(said(), /connection is lost/);
});

test("a picture that is ready only after the camera went is not shown", async () => {
  const late = shows();
  sockets[0].brings({ type: "on_air", is_on_air: false });
  await late;
  assert.equal(inPicture(), "");
});

test("of a picture that nobody looked at nobody is said to be absent", async () => {
  await shows();
  assert.equal(inPicture(), "Minji");
  await shows({ faces: [], is_labelled: false });
  assert.equal(inPicture(), "");
  assert.match(said(), /recogniser/);
  now += LOOK_MS;
  await shows({ faces: [] });
  assert.equal(inPicture(), "Nobody is in the picture.");
  assert.equal(said(), "");
});

test("each picture is told to be shown, also one that cannot be decoded, so that the next one comes", async () => {
  await shows({ frame: 7 });
  globalThis.createImageBitmap = async () => Promise.reject(new DOMException("broken", "InvalidStateError"));
  await shows({ frame: 8 });
  assert.deepEqual(sockets[0].messages, [{ type: "shown", frame: 7 }, { type: "shown", frame: 8 }]);
});

test("the stage has the shape of what the camera sends, also when that is turned", async () => {
  const shape = () => root.querySelector("[data-stage]").style.aspectRatio;
  await shows();
  assert.equal(shape(), "640 / 360");
  await shows({ width: 360, height: 640 });
  assert.equal(shape(), "360 / 640");
});

test("how many pictures come and how old they are is told, and nothing while none comes", async () => {
  for (let second = 0; second < 4; second += 1) {
    now += 500;
    await shows({ age_ms: 120 });
  }
  passes(0);
  assert.deepEqual([rate(), root.querySelector('[data-figure="age"]').textContent], ["2.0", "120 ms"]);
  passes(4000);
  assert.deepEqual([rate(), root.querySelector('[data-figure="age"]').textContent], ["–", "–"]);
});

/** The picture follows the star, or shows all of it again. */
function nearer(isNear) {
  const box = root.querySelector("[data-zoom]");
  box.checked = isNear;
  box.is("change");
}

const STAR = { ...FACE, person: "m", box: [300, 100, 340, 150], similarity: 0.9 };
const span = () => Number(root.dataset.span);

test("the picture can follow the star that the camera follows", async () => {
  const words = () => root.querySelector("[data-followed]").textContent;
  sockets[0].brings({ type: "following", person: "", name: "" });
  assert.deepEqual([root.querySelector("[data-zoom]").disabled, words()], [true, "Nobody is followed. Choose a star on the camera page."]);
  sockets[0].brings({ type: "following", person: "m", name: "Minji" });
  assert.deepEqual([root.querySelector("[data-zoom]").disabled, words()], [false, "The camera follows Minji."]);
  await shows({ faces: [STAR] });
  assert.equal(span(), 1);
  nearer(true);
  for (let picture = 0; picture < 20; picture += 1) {
    now += 200;
    await shows({ faces: [STAR] });
  }
  assert.ok(span() < 0.7, `it shows ${span()} of the picture`);
  nearer(false);
  await shows({ faces: [STAR] });
  assert.equal(span(), 1);
});

test("who watches is told where the star is while others are there, too", async () => {
  const guide = () => root.querySelector("[data-guide]").textContent;
  sockets[0].brings({ type: "following", person: "m", name: "Minji" });
  await shows({ faces: [STAR, { ...FACE, track: 2, person: null, name: null }] });
  assert.match(guide(), /Minji/);
  await shows({ faces: [], is_labelled: false });
  assert.equal(guide(), "", "nobody has looked at this picture");
});

test("no picture is kept once it is drawn", async () => {
  const closed = mock.fn();
  globalThis.createImageBitmap = async () => ({ width: 640, height: 360, close: closed });
  await shows();
  await shows();
  assert.equal(closed.mock.callCount(), 2);
  assert.equal(root.dataset.faceCount, "1");
});

test("another star begins with the whole picture again", async () => {
  sockets[0].brings({ type: "following", person: "m", name: "Minji" });
  nearer(true);
  for (let picture = 0; picture < 20; picture += 1) {
    now += 200;
    await shows({ faces: [STAR] });
  }
  sockets[0].brings({ type: "following", person: "h", name: "Hanni" });
  await shows({ faces: [STAR] });
  assert.equal(span(), 1);
});

test("a session that has ended says so, and asks no more", async () => {
  await shows();
  sockets[0].breaks(4410);
  mock.timers.tick(60_000);
  assert.deepEqual([said(), sockets.length, inPicture()], ["This session has ended.", 1, ""]);
});

test("a viewer for whom there is no place waits for one", async () => {
  sockets[0].breaks(4429);
  assert.match(said(), /All places are taken/);
  mock.timers.tick(60_000);
  assert.equal(sockets.length, 2);
});
