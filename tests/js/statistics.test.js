/** What the charts of statistics draw. */

import assert from "node:assert/strict";
import test from "node:test";

import { CHARTS } from "../../static/js/statistics/charts.js";

const DATA = {
  labels: ["19:00", "19:05", "19:10"],
  photos: [2, 0, 1],
  emotions: { happy: [3, 0, 1], sad: [1, 0, 0] },
  qualities: [0, 0, 0, 0, 0, 1, 2, 0, 0, 1],
  names: ["Jisoo", "Lisa <b>", "Lisa <b>"],
  together: [[3, 2, 0], [2, 2, 1], [0, 1, 1]],
  shares: {},
};
const token = (/** @type {string} */ name) => name;
const ROOM = { width: 300, height: 320 };
/** @param {string} chart */
const drawn = (chart) => CHARTS[chart](DATA, token, ROOM);

test("a bar stands for each stretch of time, also for an empty one", () => {
  const { traces, layout } = drawn("photos");
  assert.deepEqual(traces[0].y, [2, 0, 1]);
  assert.equal(traces[0].text[2], "19:10: 1");
  assert.deepEqual(layout.xaxis.ticktext, ["19:00", "19:05", "19:10"]);
});

test("on a narrow screen only some stretches are labelled", () => {
  const labels = Array.from({ length: 12 }, (_, place) => `2${place}:00`);
  const { layout } = CHARTS.photos({ ...DATA, labels, photos: labels.map(() => 1) }, token, ROOM);
  assert.equal(layout.xaxis.ticktext?.length, 3);
});

test("emotions are shares of what was read, and none where nothing was", () => {
  const { traces } = drawn("emotions");
  assert.deepEqual(traces.map(({ y }) => y), [[0.75, 0, 1], [0.25, 0, 0]]);
  assert.equal(traces[0].marker.color, "--emotion-happy");
});

test("stars of one name have squares of their own, and nobody is with herself", () => {
  const [{ x, y, text, marker }] = drawn("together").traces;
  assert.equal(x.length, 6);
  assert.equal(new Set(x.map((column, place) => `${column} ${y[place]}`)).size, 6);
  assert.equal(marker.cmax, 2);
  assert.ok(text.every((said) => !said.includes("<")), "names are no markup");
});

test("faces are told by tenths of their quality", () => {
  const { traces } = drawn("qualities");
  assert.equal(traces[0].text[9], "90–100 %: 1");
});

test("shares are lines with a colour each, and names are text", () => {
  const shares = { "Named right": [1, 0.9, 0.5], "Strangers <b>": [0.1, 0, 0] };
  const { traces, layout } = CHARTS.shares({ ...DATA, shares }, token, ROOM);
  assert.deepEqual(traces.map(({ y }) => y), [[1, 0.9, 0.5], [0.1, 0, 0]]);
  assert.deepEqual(traces.map(({ marker }) => marker.color), ["--curve-1", "--curve-2"]);
  assert.ok(!traces[1].text[0].includes("<b>"));
  assert.equal(layout.xaxis.ticktext?.[0], "19:00");
});
