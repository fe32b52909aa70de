/** The portrait preview without a browser: masks, when they are laid over a picture, and when it gives up. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { drift, maskPixels, PortraitPreview } from "../../static/js/live/portrait.js";

globalThis.ImageData = class {
  constructor(data, width, height) {
    Object.assign(this, { data, width, height });
  }
};

const READY = { state: "ready", width: 2, height: 1, runs: btoa(String.fromCharCode(255, 1, 0, 1)) };
const PICTURE = { width: 64, height: 32 };

/** An answer to a frame of 128x64 pixels with one face, moved to the right. */
function answer(portrait, right = 0) {
  return { portrait, width: 128, height: 64, faces: [{ track: 1, box: [10 + right, 10, 30 + right, 40] }] };
}

/** A canvas that remembers what was done to it. */
function sheet(width, height) {
  const done = [];
  const places = [];
  const context = {
    set globalCompositeOperation(mode) {
      done.push(mode);
    },
    drawImage: (image, left, top) => {
      done.push(image);
      places.push([left, top]);
    },
    putImageData: (image) => done.push(image),
  };
  return { width, height, done, places, getContext: () => context };
}

function preview() {
  const said = [];
  const sheets = [];
  const counts = { givenUp: 0 };
  const portrait = new PortraitPreview({
    say: (words) => said.push(words),
    giveUp: () => (counts.givenUp += 1),
    makeSheet: (width, height) => sheets[sheets.push(sheet(width, height)) - 1],
  });
  portrait.want(true);
  return { portrait, said, sheets, counts };
}

test("runs become opacities, row by row", () => {
  const runs = btoa(String.fromCharCode(0, 2, 255, 3, 128, 1));
  const pixels = maskPixels(runs, 6);
  const opacities = [...pixels].filter((_, index) => index % 4 === 3);
  assert.deepEqual(opacities, [0, 0, 255, 255, 255, 128]);
});

test("runs that are too long or too short for the mask break nothing", () => {
  assert.equal(maskPixels(btoa(String.fromCharCode(255, 200)), 2).length, 8);
  assert.deepEqual([...maskPixels(btoa(String.fromCharCode(255, 1)), 2)], [0, 0, 0, 255, 0, 0, 0, 0]);
});

test("without a mask the picture stays as it is", () => {
  const { portrait } = preview();
  assert.equal(portrait.compose(PICTURE, answer(), 0), null);
});

test("the people of the very picture lie over its blur", () => {
  const { portrait, sheets } = preview();
  portrait.learn(answer(READY), 0);
  const whole = portrait.compose(PICTURE, answer(), 10);
  assert.deepEqual([whole.width, whole.height], [64, 32]);
  const [mask, people] = sheets;
  assert.deepEqual(people.done, ["copy", mask, "source-in", PICTURE]);
  const smallest = sheets.at(-1);
  assert.deepEqual([smallest.width, smallest.height], [4, 2]);
  assert.deepEqual(whole.done, ["copy", smallest, "source-over", people]);
});

test("a frame without a mask of its own is drawn with the last one, but not for long", () => {
  const { portrait, sheets } = preview();
  portrait.learn(answer(READY), 0);
  assert.ok(portrait.compose(PICTURE, answer(), 100));
  const made = sheets.length;
  portrait.learn(answer(), 200);
  assert.ok(portrait.compose(PICTURE, answer(), 200));
  assert.equal(sheets.length, made, "sheets are used again");
  assert.equal(portrait.compose(PICTURE, answer(), 5000), null);
});

test("an older mask moves with the faces", () => {
  const { portrait, sheets } = preview();
  portrait.learn(answer(READY), 0);
  portrait.compose(PICTURE, answer(undefined, 20), 50);
  assert.deepEqual(sheets[1].places[0], [10, 0], "half of 20, for the picture is half as wide as the frame");
  assert.deepEqual(sheets[1].places[1], [0, 0], "the picture itself stays in place");
});

test("the drift is the mean over the tracks that stayed", () => {
  const face = (track, x, y) => ({ track, box: [x, y, x + 10, y + 10] });
  const shown = (...faces) => ({ width: 100, height: 50, faces });
  const [right, down] = drift(shown(face(1, 0, 0), face(2, 50, 0)), shown(face(1, 4, 2), face(2, 52, 0), face(3, 9, 9)));
  assert.ok(Math.abs(right - 0.03) < 1e-9 && Math.abs(down - 0.02) < 1e-9);
  assert.deepEqual(drift(shown(face(1, 0, 0)), shown(face(2, 90, 0))), [0, 0]);
  assert.deepEqual(drift(shown(), shown()), [0, 0]);
});

test("a picture that is sent smaller is no move", () => {
  const large = { width: 960, height: 540, faces: [{ track: 1, box: [300, 90, 600, 390] }] };
  const small = { width: 320, height: 180, faces: [{ track: 1, box: [100, 30, 200, 130] }] };
  for (const part of drift(large, small)) assert.ok(Math.abs(part) < 1e-9);
});

test("switched off, it draws nothing and forgets its mask", () => {
  const { portrait } = preview();
  portrait.learn(answer(READY), 0);
  portrait.want(false);
  assert.equal(portrait.compose(PICTURE, answer(), 10), null);
  portrait.want(true);
  assert.equal(portrait.compose(PICTURE, answer(), 10), null);
});

test("while the network loads the page says so, and stops saying so", () => {
  const { portrait, said } = preview();
  portrait.learn(answer({ state: "loading", width: 0, height: 0, runs: "" }), 0);
  assert.match(said.at(-1), /being prepared/);
  portrait.learn(answer(READY), 100);
  assert.equal(said.at(-1), "");
});

for (const [state, words] of [
  ["missing", /model is missing/],
  ["slow", /hold up the picture/],
]) {
  test(`a server that says ${state} switches it off with a sentence`, () => {
    const { portrait, said, counts } = preview();
    portrait.learn(answer({ state, width: 0, height: 0, runs: "" }), 0);
    assert.equal(portrait.isWanted, false);
    assert.equal(counts.givenUp, 1);
    assert.match(said.at(-1), words);
  });
}

test("answers that stay slow switch it off, a single slow one does not", () => {
  const { portrait, said, counts } = preview();
  portrait.learn(answer(READY), 0);
  for (let count = 0; count < 200; count += 1) portrait.noteDelay(count % 10 ? 2000 : 100);
  assert.equal(counts.givenUp, 0);
  for (let count = 0; count < 60; count += 1) portrait.noteDelay(2000);
  assert.equal(counts.givenUp, 1);
  assert.match(said.at(-1), /hold up the picture/);
});

test("slow answers before the first mask are not its fault", () => {
  const { portrait, counts } = preview();
  for (let count = 0; count < 200; count += 1) portrait.noteDelay(2000);
  assert.equal(counts.givenUp, 0);
});
