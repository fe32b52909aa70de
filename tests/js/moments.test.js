/** Capturing without a camera: the ring of full pictures, what is asked for, and how it reaches the server. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Captures } from "../../static/js/live/captures.js";
import { FrameKeeper } from "../../static/js/live/frame_keeper.js";
import { MomentRing, RING_BYTES, RING_MS } from "../../static/js/live/moment_ring.js";
import { CapturedStrip, whoInWords } from "../../static/js/live/strip.js";
import { UploadLine } from "../../static/js/live/upload_line.js";
import { FakeElement, showPage } from "./fake_page.js";

const FRAME_MS = 1000 / 15;
const settled = () => new Promise((resolve) => setTimeout(resolve));
const blobOf = (size = 3) => new Blob([new Uint8Array(size)], { type: "image/jpeg" });

/** A ring with frames 1..count, one every `step` ms. */
async function ringOf(count, { step = FRAME_MS, size = 3, ...limits } = {}) {
  const ring = new MomentRing(limits);
  for (let frame = 1; frame <= count; frame += 1) ring.add(frame, frame * step, Promise.resolve(blobOf(size)));
  await settled();
  return ring;
}

function pageWith(ring, { isConnected = true } = {}) {
  const page = { ring, told: [], uploaded: [], caught: [], isConnected };
  page.line = new UploadLine({ pause: settled });
  page.captures = new Captures({
    ring,
    line: page.line,
    tell: (message) => page.isConnected && Boolean(page.told.push(message)),
    upload: (picture, about) => ({ start: async () => page.uploaded.push(about) }),
    caught: (caught) => page.caught.push(caught),
  });
  page.frames = () => page.uploaded.map(({ frame }) => Number(frame));
  return page;
}

const ask = (frames, more = {}) => ({
  moment: "m",
  frames: frames.map((frame) => ({ frame, captured_at: frame * FRAME_MS })),
  near: [],
  kind: "auto",
  people: ["Minji"],
  reason: "sharp",
  is_repeated: false,
  ...more,
});

test("the ring forgets what is older than its time", async () => {
  const ring = await ringOf(200);
  assert.ok(ring.length * FRAME_MS <= RING_MS + FRAME_MS);
  assert.equal(ring.find({ frame: 1, captured_at: FRAME_MS }), null);
  assert.equal(ring.find({ frame: 200, captured_at: 200 * FRAME_MS })?.frame, 200);
});

test("the ring never holds more bytes than it may, and counts them exactly", async () => {
  const ring = await ringOf(80, { size: 1000, bytes: 20_000 });
  assert.equal(ring.length, 20);
  assert.equal(ring.bytes, 20_000);
  ring.clear();
  assert.equal(ring.bytes, 0);
});

test("three seconds of 1080p at 15 frames fit into 30 MB of the ring", () => {
  assert.ok((RING_BYTES * 3000) / RING_MS <= 30_000_000);
});

test("a frame is known by its number and its time, as another page counts from one again", async () => {
  const ring = await ringOf(10);
  assert.equal(ring.find({ frame: 5, captured_at: 5 * FRAME_MS + 40 }), null);
});

test("a picture that could not be encoded is not in the ring", async () => {
  const ring = new MomentRing();
  ring.add(1, 10, Promise.resolve(null));
  await settled();
  assert.equal(ring.length, 0);
});

test("exactly the frames that are asked for are brought, the best first", async () => {
  const page = pageWith(await ringOf(40));
  await page.captures.take(ask([20, 17, 25]));
  await settled();
  assert.deepEqual(page.uploaded[0], { moment: "m", frame: "20", captured_at: String(20 * FRAME_MS) });
  assert.deepEqual(page.frames(), [20, 17, 25]);
  assert.equal(page.caught[0].people[0], "Minji");
});

test("frames that are gone are reported and the others are brought", async () => {
  const page = pageWith(await ringOf(200));
  await page.captures.take(ask([2, 190]));
  await settled();
  assert.deepEqual(page.told, [{ type: "missed", moment: "m", frames: [2] }]);
  assert.deepEqual(page.frames(), [190]);
});

test("what is asked for again is brought once, and what is unknown then is no news", async () => {
  const page = pageWith(await ringOf(40));
  await page.captures.take(ask([20]));
  await page.captures.take(ask([20, 999], { is_repeated: true }));
  await settled();
  assert.deepEqual(page.frames(), [20]);
  assert.deepEqual(page.told, []);
});

test("the frame at a peak between two that were seen comes before all others", async () => {
  const page = pageWith(await ringOf(40));
  await page.captures.take(ask([20], { near: [22 * FRAME_MS + 5, 21 * FRAME_MS, 23 * FRAME_MS] }));
  await settled();
  assert.deepEqual(page.frames(), [22, 20, 21, 23]);
  assert.deepEqual(page.uploaded.map(({ is_peak: isPeak }) => isPeak), ["true", undefined, undefined, undefined]);
});

test("a peak on the frame that was seen puts nothing before it", async () => {
  const page = pageWith(await ringOf(40));
  await page.captures.take(ask([20], { near: [20 * FRAME_MS + 5, 19 * FRAME_MS] }));
  await settled();
  assert.deepEqual(page.frames(), [20, 19]);
  assert.equal(page.uploaded[0].is_peak, undefined);
});

test("the shutter keeps the newest frame and some from before it", async () => {
  const page = pageWith(await ringOf(40));
  assert.equal(page.captures.press(), true);
  const [{ frame, others, type }] = page.told;
  assert.deepEqual([type, frame], ["shutter", 40]);
  assert.equal(others.length, 4);
  assert.ok(others.every((one) => one.captured_at < 40 * FRAME_MS));
});

test("a shutter without a picture does nothing", () => {
  const page = pageWith(new MomentRing());
  assert.equal(page.captures.press(), false);
  assert.deepEqual(page.told, []);
});

test("a shutter pressed without a connection is told later, and its frames outlive the ring", async () => {
  const page = pageWith(await ringOf(40), { isConnected: false });
  page.captures.press();
  for (let frame = 41; frame < 300; frame += 1) page.ring.add(frame, frame * FRAME_MS, Promise.resolve(blobOf()));
  await settled();
  page.isConnected = true;
  page.captures.resume();
  assert.deepEqual(page.told.map(({ type }) => type), ["resume", "shutter"]);
  const shutter = page.told[1];
  await page.captures.take({ ...ask([]), frames: [{ frame: shutter.frame, captured_at: shutter.captured_at }] });
  await settled();
  assert.deepEqual(page.frames(), [40]);
});

test("pictures are brought one at a time, again after a passing trouble, and given up when refused", async () => {
  const log = [];
  const troubles = { b: [0, 507, 503], c: [404] };
  let running = 0;
  const ended = [];
  const line = new UploadLine({ pause: settled, ended: ({ name }, error) => ended.push([name, error?.status ?? null]) });
  const errand = (name) => ({
    name,
    start: async () => {
      running += 1;
      assert.equal(running, 1, "one at a time");
      await settled();
      running -= 1;
      log.push(name);
      const status = troubles[name]?.shift();
      if (status !== undefined) throw Object.assign(new Error("trouble"), { status });
    },
  });
  for (const name of ["a", "b", "c", "d"]) line.add(errand(name));
  assert.equal(line.pending, 4);
  while (line.pending) await settled();
  assert.deepEqual(log, ["a", "b", "b", "b", "b", "c", "d"]);
  assert.deepEqual(ended, [["a", null], ["b", null], ["c", 404], ["d", null]]);
});

test("the page is told why captured pictures wait, and when they no longer do", async () => {
  const words = [];
  const failures = [0];
  const line = new UploadLine({ pause: settled, say: (text) => words.push(text) });
  line.add({
    name: "a",
    start: async () => {
      if (failures.length) throw Object.assign(new Error("The disk is full."), { status: failures.pop() || 507 });
    },
  });
  while (line.pending) await settled();
  assert.deepEqual(words, ["A captured picture waits: The disk is full.", ""]);
});

test("why a picture was given up stays to be read when the next one is saved", async () => {
  const words = [];
  const line = new UploadLine({ pause: settled, say: (text) => words.push(text) });
  const answers = { a: 413, b: 200, c: 507 };
  const start = (name) => async () => {
    const status = answers[name];
    answers[name] = 200;
    if (status !== 200) throw Object.assign(new Error(`${name} has trouble.`), { status });
  };
  for (const name of ["a", "b"]) line.add({ name, start: start(name) });
  while (line.pending) await settled();
  assert.deepEqual(words, ["A captured picture was not kept: a has trouble."]);
  line.add({ name: "c", start: start("c") });
  while (line.pending) await settled();
  assert.deepEqual(words.slice(1), ["A captured picture waits: c has trouble.", ""]);
});

test("a card says why its moment is not saved, unless another picture saves it", () => {
  showPage("");
  const list = new FakeElement();
  const strip = new CapturedStrip(list, { moments: "/moments/", show: () => "", forget: () => {} });
  const words = () => list.children[0].words;
  strip.add({ moment: "m", people: ["Minji"], kind: "auto", reason: "sharp", picture: blobOf() });
  assert.match(words(), /Saving…/);
  strip.refused("m", "There is no such moment.");
  assert.match(words(), /Not saved: There is no such moment\./);
  strip.ready("m");
  strip.refused("m", "This moment takes no pictures any more.");
  assert.match(words(), /Saved/);
  assert.doesNotMatch(words(), /Not saved/);
  strip.refused("unknown", "Nobody knows it.");
});

function keeperWith(encode) {
  const ring = new MomentRing();
  const keeper = new FrameKeeper(ring, { encode }, async () => ({}));
  const keep = (frame, capturedAt, isSent = true) => {
    if (!keeper.hasRoom(isSent)) return false;
    keeper.keep(frame, capturedAt, { width: 1920, height: 1080 }, keeper.grab(null));
    return true;
  };
  return { ring, keeper, keep };
}

test("pictures are kept in full size, and frames between are left out first when encoding is slow", async () => {
  const sizes = [];
  const finish = [];
  const { ring, keeper, keep } = keeperWith((_, size) => {
    sizes.push(size);
    return new Promise((resolve) => finish.push(() => resolve(new ArrayBuffer(5))));
  });
  const kept = [1, 2, 3, 4, 5, 6].map((frame) => keep(frame, frame * 66, frame % 2 === 0));
  assert.deepEqual(kept, [true, true, false, true, false, true]);
  await settled();
  assert.deepEqual([sizes[0].width, sizes[0].height], [1920, 1080]);
  assert.equal(keeper.left, 2);
  for (const done of finish) done();
  await settled();
  assert.equal(ring.bytes, 20);
});

test("too many bytes in a second lower the quality, and it comes back slowly", async () => {
  let size = 1_200_000;
  const { keeper, keep } = keeperWith(async () => new ArrayBuffer(size));
  for (let frame = 1; frame <= 20; frame += 1) {
    keep(frame, frame * FRAME_MS);
    await settled();
  }
  const low = keeper.quality;
  assert.ok(low < 0.75);
  size = 300_000;
  for (let frame = 21; frame <= 40; frame += 1) {
    keep(frame, frame * FRAME_MS);
    await settled();
  }
  assert.ok(keeper.quality > low && keeper.quality < 0.92);
});

test("a picture that cannot be encoded is not held, and later ones are", async (context) => {
  context.mock.method(console, "info", () => {});
  const failures = [new Error("no")];
  const { ring, keep } = keeperWith(async () => {
    if (failures.length) throw failures.pop();
    return new ArrayBuffer(5);
  });
  keep(1, 66);
  await settled();
  keep(2, 132);
  await settled();
  assert.deepEqual([ring.length, ring.newest?.frame], [1, 2]);
});

test("who is meant is said in words", () => {
  assert.equal(whoInWords({ people: ["Minji"], kind: "auto" }), "Minji");
  assert.equal(whoInWords({ people: ["Minji", "Hanni"], kind: "group" }), "Minji and Hanni");
  assert.equal(whoInWords({ people: ["Minji", "Hanni", "Haerin"], kind: "group" }), "Minji and 2 more");
  assert.equal(whoInWords({ people: [], kind: "manual" }), "Your pick");
  assert.equal(whoInWords({ people: [], kind: "auto" }), "Somebody");
});
