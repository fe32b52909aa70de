/** Boxes over a film that plays, and its marks. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { marksOf, writeMarks } from "../../static/js/player/marks.js";
import { aboveControls } from "../../static/js/player/overlay.js";
import { facesAt, TrackBook } from "../../static/js/player/tracks.js";
import { showDocument } from "./fake_browser.js";
import { settled } from "./fake_net.js";

const track = (...boxes) => ({ id: 1, name: "Lisa", boxes });

for (const [name, ms, expected] of [
  ["before its first box a face is not there", 900, null],
  ["on a frame that was looked at it is where it was seen", 1000, [0, 0, 100, 100]],
  ["between two frames it is between its boxes", 1100, [50, 0, 150, 100]],
  ["while it was lost it is not drawn", 1600, null],
  ["it is there again afterwards", 2500, [400, 0, 500, 100]],
  ["and gone after its last box", 2800, null],
]) {
  test(name, () => {
    const tracks = [track([1000, 0, 0, 100, 100], [1200, 100, 0, 200, 100], [2400, 400, 0, 500, 100], [2500, 400, 0, 500, 100])];
    assert.deepEqual(facesAt(tracks, ms)[0]?.box ?? null, expected);
  });
}

test("tracks are fetched a minute at a time, the next minute before it begins", async () => {
  const asked = [];
  mock.method(globalThis, "fetch", async (url) => {
    asked.push(url);
    return Response.json({ tracks: [track([0, 0, 0, 1, 1])] });
  });
  const book = new TrackBook("/tracks/");
  assert.deepEqual(book.at(3), []);
  await settled();
  assert.equal(book.at(3).length, 1);
  book.at(52);
  await settled();
  book.at(61);
  assert.deepEqual(asked, ["/tracks/?second=0", "/tracks/?second=60"]);
});

test("a film that stands still hears when its tracks have come, and again when names have changed", async (context) => {
  const names = ["", "Lisa"];
  context.mock.method(globalThis, "fetch", async () => Response.json({ tracks: [{ ...track([0, 0, 0, 1, 1]), name: names.shift() }] }));
  const book = new TrackBook("/tracks/");
  const shown = [];
  book.onMore(() => shown.push(book.at(0).map(({ name }) => name)));
  book.at(0);
  await settled();
  book.forget();
  await settled();
  assert.deepEqual(shown, [[""], [], ["Lisa"]]);
});

test("a face over the controls of the film is clicked above them only", () => {
  assert.equal(aboveControls(0.1, 0.4, 640), 1);
  assert.ok(Math.abs(aboveControls(0.7, 1, 640) - 2 / 3) < 1e-9);
  assert.equal(aboveControls(0.95, 1, 640), 0);
});

test("moments are marks in the order of time, and never beyond the bar", () => {
  showDocument(`<main><ol></ol><ul><li data-moment="b" data-second="95" data-clock="1:35"><a>Rose</a></li>
    <li data-moment="a" data-second="30" data-clock="0:30"><a>Lisa</a></li></ul></main>`);
  const bar = document.querySelector("ol");
  const marks = marksOf(document);
  assert.deepEqual(marks, [{ second: 30, words: "0:30: Lisa" }, { second: 95, words: "1:35: Rose" }]);
  writeMarks(bar, marks, 90);
  assert.deepEqual([...bar.querySelectorAll("button")].map((one) => one.getAttribute("aria-label")), ["Jump to 0:30: Lisa", "Jump to 1:35: Rose"]);
});
