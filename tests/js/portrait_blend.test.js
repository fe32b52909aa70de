/** The arithmetic of the portrait's preview. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { blurredBackground, personAt, splitMasks, union } from "../../static/js/portrait/blend.js";

const WIDTH = 40;
const HEIGHT = 20;
const RED = [230, 20, 20];
const SKY = [40, 60, 200];

/** A red singer in the left half before a blue sky. */
function scene() {
  const rgba = new Uint8ClampedArray(4 * WIDTH * HEIGHT);
  const people = new Uint8Array(WIDTH * HEIGHT);
  for (let at = 0; at < people.length; at += 1) {
    const isSinger = at % WIDTH < 20;
    people[at] = isSinger ? 255 : 0;
    rgba.set([...(isSinger ? RED : SKY), 255], 4 * at);
  }
  return { rgba, people };
}

test("the sky beside a singer keeps its colour: no halo of her", () => {
  const { rgba, people } = scene();
  const blurred = blurredBackground(rgba, people, WIDTH, 4);
  const beside = 4 * (10 * WIDTH + 20);
  assert.deepEqual([...blurred.slice(beside, beside + 4)], [...SKY, 255]);
});

test("what nobody hides is blurred", () => {
  const rgba = new Uint8ClampedArray(4 * WIDTH * HEIGHT);
  rgba.set([255, 255, 255, 255], 4 * (10 * WIDTH + 20));
  const blurred = blurredBackground(rgba, new Uint8Array(WIDTH * HEIGHT), WIDTH, 2);
  const at = (x) => blurred[4 * (10 * WIDTH + x)];
  assert.ok(at(20) < 30 && at(20) > 0);
  assert.ok(at(22) > 0 && at(22) <= at(20));
});

test("a picture that is all people has a colour all the same", () => {
  const { rgba } = scene();
  const blurred = blurredBackground(rgba, new Uint8Array(WIDTH * HEIGHT).fill(255), WIDTH, 4);
  assert.ok(blurred.every((value) => Number.isFinite(value)));
  assert.equal(blurred[0], RED[0]);
});

/** Everybody, then one person on the left and one on the right, each two pixels wide in four. */
const masks = splitMasks(
  Uint8ClampedArray.from([255, 255, 0, 255, 200, 120, 0, 0, 0, 0, 0, 255].flatMap((grey) => [grey, grey, grey, 255])),
  4,
  3,
);

test("masks that lie one below the other are told apart", () => {
  assert.deepEqual([masks.width, masks.height, masks.rows.length], [4, 1, 3]);
  assert.deepEqual([...masks.rows[1]], [200, 120, 0, 0]);
});

test("several people are as opaque as the most opaque of them", () => {
  assert.deepEqual([...union(masks, [1, 2])], [200, 120, 0, 255]);
  assert.deepEqual([...union(masks, [])], [0, 0, 0, 0]);
});

test("a place belongs to whose mask it is in, and to nobody between them", () => {
  assert.equal(personAt(masks, 0.1, 0.5), 1);
  assert.equal(personAt(masks, 0.99, 0), 2);
  assert.equal(personAt(masks, 0.6, 0.5), 0);
});
