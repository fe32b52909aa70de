/** Boxes that the user draws around a face. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { edgesBetween, moved, resized } from "../../static/js/photo/drawing.js";

const rounded = (edges) => edges.map((edge) => Math.round(1000 * edge) / 1000);
const box = [0.4, 0.4, 0.6, 0.6];

test("a box may be dragged from any corner", () => {
  assert.deepEqual(edgesBetween({ x: 0.6, y: 0.1 }, { x: 0.2, y: 0.5 }), [0.2, 0.1, 0.6, 0.5]);
});

test("an arrow key moves the box without changing its size", () => {
  assert.deepEqual(rounded(moved(box, { x: 1, y: 0 })), [0.41, 0.4, 0.61, 0.6]);
});

test("a box stops at the edge of the picture", () => {
  assert.deepEqual(rounded(moved([0, 0.995 - 0.2, 0.2, 0.995], { x: -1, y: 1 })), [0, 0.8, 0.2, 1]);
});

test("with Shift the lower right corner moves", () => {
  assert.deepEqual(rounded(resized(box, { x: 1, y: -1 })), [0.4, 0.4, 0.61, 0.59]);
});

test("a box never gets smaller than a step", () => {
  assert.deepEqual(rounded(resized([0.4, 0.4, 0.41, 0.41], { x: -1, y: -1 })), [0.4, 0.4, 0.41, 0.41]);
});
