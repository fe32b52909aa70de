import assert from "node:assert/strict";
import { test } from "node:test";

import { mayBeVideo } from "../../static/js/upload/files.js";
import { clock, momentsInWords, VideoRow } from "../../static/js/videos/row.js";

function row() {
  const parts = { words: {}, moments: {}, progress: { hidden: true }, failure: { hidden: true } };
  const root = { dataset: {}, querySelector: (selector) => parts[/data-video-(\w+)/.exec(selector)[1]] };
  return { parts, root, row: new VideoRow(root) };
}

test("times are told as a clock does", () => {
  assert.deepEqual([0, 59.6, 65, 3725].map(clock), ["0:00", "1:00", "1:05", "1:02:05"]);
});

test("one moment is no plural", () => {
  assert.deepEqual([0, 1, 2].map(momentsInWords), ["0 moments", "1 moment", "2 moments"]);
});

test("progress fills the bar and says how many moments there are", () => {
  const { parts, root, row: video } = row();

  video.advance({ video: "v", seconds: 30, duration: 120, moments: 2 });

  assert.equal(root.dataset.state, "analysing");
  assert.equal(parts.words.textContent, "0:30 of 2:00 analysed");
  assert.equal(parts.moments.textContent, " · 2 moments so far");
  assert.deepEqual([parts.progress.value, parts.progress.max, parts.progress.hidden], [30, 120, false]);
});

test("the end takes the bar away", () => {
  const { parts, row: video } = row();

  video.finish({ video: "v", seconds: 120, duration: 120, moments: 0 });

  assert.equal(parts.words.textContent, "2:00");
  assert.equal(parts.progress.hidden, true);
});

test("a failure says why", () => {
  const { parts, root, row: video } = row();

  video.fail({ reason: "The file holds only sound." });

  assert.equal(root.dataset.state, "failed");
  assert.deepEqual([parts.failure.textContent, parts.failure.hidden], ["The file holds only sound.", false]);
});

test("videos are known by their type or name", () => {
  const file = (name, type = "") => ({ name, type });
  assert.deepEqual([file("a.mp4"), file("A.MOV"), file("x", "video/webm"), file("a.jpg"), file("a.avi")].map(mayBeVideo), [true, true, true, false, false]);
});
