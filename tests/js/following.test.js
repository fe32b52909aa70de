/** Following one star: where she is in words, and the part of the picture that follows her. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { faceOf, Guide } from "../../static/js/lib/following.js";
import { FollowZoom } from "../../static/js/live-view/follow_zoom.js";
import { FakeElement } from "./fake_page.js";

const FRAME = { width: 960, height: 540 };
const OTHER = { person: "r", box: [0, 0, 60, 60] };

/** Lisa, 72 pixels tall, in the middle of a place. */
const lisa = (across, down = 200) => ({ person: "l", similarity: 0.7, box: [across - 30, down - 36, across + 30, down + 36] });

function guide() {
  const root = new FakeElement();
  const shown = new Guide(root);
  shown.follow("l", "Lisa");
  return { root, shown, says: (faces, now = 0, isMirrored = false) => (shown.show(faces, FRAME.width, isMirrored, now), root.textContent) };
}

test("the guide says where she is when others are there too", () => {
  const { says } = guide();
  assert.match(says([lisa(100), OTHER]), /Lisa is on the left/);
  assert.match(says([lisa(480), OTHER]), /in the centre/);
  assert.match(says([lisa(900), OTHER]), /on the right/);
  assert.match(says([lisa(900), OTHER], 0, true), /on the left/, "as the mirrored picture shows it");
  assert.equal(says([lisa(900)]), "", "alone she needs no words");
});

test("the words do not flicker at the edge of a third", () => {
  const { says } = guide();
  const edge = FRAME.width / 3;
  assert.match(says([lisa(edge - 5), OTHER]), /left/);
  assert.match(says([lisa(edge + 20), OTHER]), /left/);
  assert.match(says([lisa(edge + 60), OTHER]), /centre/);
  assert.match(says([lisa(edge - 20), OTHER]), /centre/);
  assert.match(says([lisa(edge - 60), OTHER]), /left/);
});

test("a turn of the head is no leave, and being gone is said", () => {
  const { says, root } = guide();
  assert.match(says([lisa(100), OTHER], 0), /left/);
  assert.match(says([OTHER], 1000), /left/);
  assert.match(says([OTHER], 2000), /Lisa is not in the picture/);
  assert.equal(root.hidden, false);
});

test("nothing is said where nobody is followed or nobody looks", () => {
  const { says, shown, root } = guide();
  says([lisa(100), OTHER]);
  shown.hide();
  assert.deepEqual([root.textContent, root.hidden], ["", true]);
  shown.follow("", "");
  assert.equal(says([lisa(100), OTHER]), "");
});

test("of two faces that seem to be hers the surer one is meant", () => {
  const unlike = { ...lisa(800), similarity: 0.4 };
  assert.equal(faceOf([unlike, lisa(100)], "l")?.box[0], 70);
  assert.equal(faceOf([lisa(100)], ""), undefined);
});

/** Where a head is within the part, as shares of it; all between 0 and 1 while nothing is cut. */
function headIn(part, { box: [x1, y1, x2, y2] }) {
  const [wide, tall] = [x2 - x1, y2 - y1];
  const edges = [x1 - 0.35 * wide, y1 - 0.6 * tall, x2 + 0.35 * wide, y2 + 0.3 * tall];
  return edges.map((edge, side) => {
    const [size, from] = side % 2 ? [FRAME.height, part.top] : [FRAME.width, part.left];
    return (Math.min(Math.max(edge / size, 0), 1) - from) / part.span;
  });
}

test("the picture glides to her and ends near", () => {
  const zoom = new FollowZoom();
  const spans = [];
  for (let now = 0; now <= 4000; now += 100) spans.push(zoom.next([lisa(600)], "l", FRAME, now).span);
  assert.equal(spans[0], 1, "it begins with the whole picture");
  const steps = spans.slice(1).map((span, at) => spans[at] - span);
  assert.ok(steps.every((step) => step >= -1e-9 && step < 0.12), `a jump: ${Math.max(...steps)}`);
  assert.ok(Math.abs(spans.at(-1) - 0.6) < 0.01, "four and a half faces high");
});

test("her head is never cut, however she jumps, at any rate of pictures", () => {
  for (const pause of [16, 70, 250, 1000]) {
    const zoom = new FollowZoom();
    let now = 0;
    for (const [across, down] of [[600, 200], [100, 60], [930, 500], [30, 30], [480, 270], [940, 40], [20, 520]]) {
      for (let turn = 0; turn < 6; turn += 1) {
        now += pause;
        const part = zoom.next([lisa(across, down), OTHER], "l", FRAME, now);
        const head = headIn(part, lisa(across, down));
        assert.ok(head.every((edge) => edge > -1e-9 && edge < 1 + 1e-9), `cut at ${across}, ${down}: ${head}`);
        assert.ok(part.left >= 0 && part.top >= 0 && part.left + part.span <= 1 + 1e-9 && part.top + part.span <= 1 + 1e-9);
      }
    }
  }
});

test("a small jump is followed softly", () => {
  const zoom = new FollowZoom();
  let now = 0;
  const show = (across) => zoom.next([lisa(across)], "l", FRAME, (now += 100));
  for (let turn = 0; turn < 60; turn += 1) show(480);
  const before = show(480).left;
  const moved = show(510).left - before;
  assert.ok(moved > 0 && moved < (30 / 960) * 0.4, `${moved} at once`);
});

test("while she is hidden the picture waits, and then it opens", () => {
  const zoom = new FollowZoom();
  let now = 0;
  let part;
  for (; now < 4000; now += 100) part = zoom.next([lisa(600)], "l", FRAME, now);
  assert.deepEqual(zoom.next([OTHER], "l", FRAME, now + 1000), part);
  let last = part.span;
  for (now += 1600; now < 12_000; now += 100) {
    const { span } = zoom.next([OTHER], "l", FRAME, now);
    assert.ok(span >= last);
    last = span;
  }
  assert.ok(last > 0.99);
});

test("a face that fills the picture is shown whole", () => {
  const zoom = new FollowZoom();
  const close = { person: "l", box: [200, 20, 700, 530] };
  for (let now = 0; now < 4000; now += 100) assert.equal(zoom.next([close], "l", FRAME, now).span, 1);
});
