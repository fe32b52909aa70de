/** Where a picture lies in its frame, and where boxes and names go. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { boxInPercent, containedRect, cropAround, labelSides } from "../../static/js/lib/picture.js";

for (const [name, frame, picture, expected] of [
  ["a wide picture has bars above and below", [100, 100], [200, 100], [0, 25, 100, 50]],
  ["a tall picture has bars left and right", [100, 100], [100, 200], [25, 0, 50, 100]],
  ["a small picture is enlarged to its frame", [400, 200], [20, 10], [0, 0, 400, 200]],
  ["a frame without area holds nothing", [0, 0], [20, 10], [0, 0, 0, 0]],
  ["a picture without area covers nothing", [100, 100], [0, 0], [0, 0, 0, 0]],
]) {
  test(name, () => {
    const rect = containedRect({ width: frame[0], height: frame[1] }, { width: picture[0], height: picture[1] });
    assert.deepEqual([rect.left, rect.top, rect.width, rect.height], expected);
  });
}

test("a box becomes percent of its photo", () => {
  const rect = boxInPercent([100, 50, 300, 150], { width: 1000, height: 500 });
  assert.deepEqual(rect, { left: 10, top: 10, width: 20, height: 20 });
});

test("a box that reaches over the edge ends there", () => {
  const rect = boxInPercent([-50, 400, 100, 600], { width: 1000, height: 500 });
  assert.deepEqual(rect, { left: 0, top: 80, width: 10, height: 20 });
});

const label = { width: 60, height: 10 };
const face = (left, top) => ({ left, top, width: 20, height: 20 });

test("a name stands below its face", () => {
  assert.deepEqual(labelSides([face(10, 10)], [label], 100), ["below"]);
});

test("the name of a neighbour moves above instead of covering the first", () => {
  assert.deepEqual(labelSides([face(10, 40), face(40, 40)], [label, label], 100), ["below", "above"]);
});

test("a name at the bottom of the picture stands above its face", () => {
  assert.deepEqual(labelSides([face(10, 75)], [label], 100), ["above"]);
});

test("far apart, all names stand below", () => {
  assert.deepEqual(labelSides([face(10, 40), face(200, 40)], [label, label], 100), ["below", "below"]);
});

for (const [name, picture, boxes, expected] of [
  ["without faces the middle is shown", [800, 400], [], [200, 0, 400, 400]],
  ["a face at the left edge stays in view", [800, 400], [[10, 50, 90, 150]], [0, 0, 400, 400]],
  ["a face at the right edge stays in view", [800, 400], [[700, 50, 790, 150]], [400, 0, 400, 400]],
  ["a tall picture is moved up to its face", [400, 800], [[100, 0, 200, 120]], [0, 0, 400, 400]],
  ["faces are in the middle where they can be", [800, 400], [[300, 0, 400, 90], [500, 0, 600, 90]], [250, 0, 400, 400]],
]) {
  test(name, () => {
    const crop = cropAround({ width: picture[0], height: picture[1] }, 1, boxes);
    assert.deepEqual([crop.left, crop.top, crop.width, crop.height], expected);
  });
}

test("faces too far apart for the frame are shown in the whole picture", () => {
  assert.equal(cropAround({ width: 800, height: 400 }, 1, [[0, 0, 50, 50], [700, 0, 800, 90]]), null);
});
