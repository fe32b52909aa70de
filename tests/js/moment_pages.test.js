/** The moments pages' decisions that need no browser. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { cardAfter } from "../../static/js/gallery/grid_keys.js";
import { focusPictures } from "../../static/js/lib/focus.js";
import { plain, shortened } from "../../static/js/lib/plotly.js";
import { strengths, timeOf, tracesFor, valueAt, withGaps } from "../../static/js/timeline/traces.js";

for (const [name, focus, expected] of [
  ["what the server chose", "86% 50%", "86% 50%"],
  ["nothing where it chose nothing", undefined, undefined],
  ["nothing of what is no place", "1px; color: red", undefined],
]) {
  test(`a picture shows ${name}`, () => {
    const styles = new Map();
    const image = { dataset: { focus }, style: { setProperty: (key, value) => styles.set(key, value) } };
    focusPictures({ querySelectorAll: () => [image] });
    assert.equal(styles.get("--focus"), expected);
  });
}

/** Twelve cards, five in a row. */
const TWELVE = [...Array(12).keys()].map((at) => ({ offsetTop: Math.floor(at / 5), offsetLeft: at % 5, offsetWidth: 1 }));

for (const [name, key, index, expected] of [
  ["right goes on", "ArrowRight", 3, 4],
  ["left goes back", "ArrowLeft", 3, 2],
  ["down goes a row on", "ArrowDown", 3, 8],
  ["up goes a row back", "ArrowUp", 7, 2],
  ["the first card has none before it", "ArrowLeft", 0, 0],
  ["the last row has none below", "ArrowDown", 10, 10],
  ["without a focus the first card is meant", "ArrowDown", -1, 0],
  ["another key means nothing", "a", 3, -1],
]) {
  test(`arrow keys: ${name}`, () => assert.equal(cardAfter(key, index, TWELVE), expected));
}

test("arrow keys: an empty grid has no card", () => assert.equal(cardAfter("ArrowRight", -1, []), -1));

const lisa = { person: "1", name: "Lisa", seconds: [0, 5, 10], emotions: { happy: [0.1, 0.5, 0.9], sad: [0.2, 0.2, 0], neutral: [0.7, 0.3, 0.1] } };
const rose = { person: "2", name: "Rose", seconds: [0], emotions: { happy: [0.4], sad: [0], neutral: [0.6] } };
const marker = { url: "/moments/x/", second: 5, people: ["Lisa"], emotion: "happy", score: 0.9, reason: "sharp" };
const data = { start: "2026-05-01T12:00:00+00:00", curves: [lisa, rose], markers: [marker], labels: ["happy", "sad", "neutral"] };
const palette = { curves: ["gold", "blue"], mark: "ink", markEdge: "paper", emotion: (label) => `colour of ${label}` };

test("any expression is all that is not neutral", () => {
  assert.deepEqual(strengths(lisa, ""), [0.3, 0.7, 0.9]);
  assert.deepEqual(strengths(lisa, "sad"), [0.2, 0.2, 0]);
  assert.deepEqual(strengths(lisa, "fear"), [0, 0, 0]);
});

test("times are of the clock, and without one they begin at midnight", () => {
  assert.equal(timeOf(data, 65), "2026-05-01T12:01:05.000");
  assert.equal(timeOf({ ...data, start: "" }, 65), "2000-01-01T00:01:05.000");
});

test("a long silence is a gap and no slope", () => {
  assert.deepEqual(withGaps([0, 5, 10, 100], [1, 1, 1, 0]), { seconds: [0, 5, 10, 55, 100], values: [1, 1, 1, null, 0] });
  assert.deepEqual(withGaps([], []), { seconds: [], values: [] });
});

for (const [name, second, expected] of [
  ["on a reading", 5, 0.5],
  ["between two readings", 7.5, 0.7],
  ["before the first", -3, 0.1],
  ["after the last", 99, 0.9],
]) {
  test(`a moment's point lies on the curve: ${name}`, () => {
    assert.ok(Math.abs(valueAt(lisa.seconds, lisa.emotions.happy, second) - expected) < 1e-9);
  });
}

test("a curve without readings is at the bottom", () => assert.equal(valueAt([], [], 3), 0));

test("everybody has one line, and the moments are points that know their address", () => {
  const traces = tracesFor(data, "", "happy", palette);
  assert.deepEqual(traces.map((trace) => trace.name), ["Lisa", "Rose", "Moments"]);
  assert.deepEqual(traces[2].customdata, ["/moments/x/"]);
  assert.deepEqual(traces[2].y, [0.5]);
});

test("one star has a line for each emotion but the neutral one, in its colour", () => {
  const traces = tracesFor(data, "1", "", palette);
  assert.deepEqual(traces.map((trace) => trace.name), ["Happy", "Sad", "Moments"]);
  assert.equal(traces[0].line.color, "colour of happy");
  assert.deepEqual(tracesFor(data, "2", "", palette)[2].x, []);
});

test("a moment without an emotion lies on the highest line of its star", () => {
  const traces = tracesFor({ ...data, markers: [{ ...marker, emotion: "", second: 0 }] }, "1", "", palette);
  assert.deepEqual(traces[2].y, [0.2]);
});

test("a long name is cut, so that the legend leaves room for the curves", () => {
  assert.equal(shortened("Lisa"), "Lisa");
  assert.equal(shortened("x".repeat(80)).length, 18);
});

test("names are text for the chart library, whatever they contain", () => {
  assert.equal(plain('<a href="x">&</a>'), '&lt;a href="x"&gt;&amp;&lt;/a&gt;');
  assert.ok(!plain("$x$ %{y}").includes("$"));
  assert.ok(!plain("%{customdata}").includes("%{"));
});

test("where a star was away her line has a hole and no curve through nothing", () => {
  const away = { ...lisa, seconds: [0, 5, 10, 30, 35, 40, 80], emotions: { happy: [0.1, 0.9, 0.1, 0.9, 0.1, 0.2, 0.5], sad: [0, 0, 0, 0, 0, 0, 0], neutral: [0.9, 0.1, 0.9, 0.1, 0.9, 0.8, 0.5] } };
  const [line] = tracesFor({ ...data, curves: [away], markers: [] }, "", "happy", palette);
  assert.deepEqual(line.y, [0.1, 0.9, 0.1, null, 0.9, 0.1, 0.2, null, 0.5]);
  assert.equal(line.line.shape, undefined, "straight: a spline swings beyond what was read");
  assert.deepEqual(line.marker.size, [0, 0, 0, 0, 0, 0, 0, 0, 5], "a reading alone is a point");
});
