/** The photo page's decisions that need no browser. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { swipeDirection } from "../../static/js/photo/swipe.js";

const from = { x: 200, y: 300, time: 1000 };

for (const [name, to, expected] of [
  ["a swipe to the left asks for the next photo", { x: 80, y: 310, time: 1200 }, "next"],
  ["a swipe to the right asks for the one before", { x: 330, y: 290, time: 1200 }, "prev"],
  ["scrolling down is no swipe", { x: 130, y: 500, time: 1200 }, null],
  ["a tap is no swipe", { x: 203, y: 301, time: 1050 }, null],
  ["dragging slowly is no swipe", { x: 80, y: 300, time: 2500 }, null],
]) {
  test(name, () => assert.equal(swipeDirection(from, to), expected));
}
