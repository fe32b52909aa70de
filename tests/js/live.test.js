/** The camera page without a camera: credits, the ring of frames, quality, motion, refusals. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { FrameLoop } from "../../static/js/live/frame_loop.js";
import { FrameRing } from "../../static/js/live/frame_ring.js";
import { Motion } from "../../static/js/live/motion.js";
import { LEAST_NAMED_WIDTH, QualityControl, STEPS } from "../../static/js/live/quality.js";
import { refusalOf, refusalOfPlace } from "../../static/js/live/refusals.js";
import { FrameSender, sentSize } from "../../static/js/live/sender.js";
import { unpack } from "../../static/js/lib/live_wire.js";

class FakePicture {
  isClosed = false;

  constructor(width = 1280, height = 720) {
    this.width = width;
    this.height = height;
  }

  close() {
    this.isClosed = true;
  }
}

function senderWith({ encode = async () => new Uint8Array([0xff, 0xd8, 0xff]).buffer } = {}) {
  const sent = [];
  const socket = { isOpen: true, waitingBytes: 0, send: (message) => Boolean(sent.push(message)) };
  const ring = new FrameRing(4);
  const quality = { step: STEPS[3] };
  const clock = { now: 0 };
  const sender = new FrameSender({ socket, ring, quality, encoder: { encode }, copy: async (picture) => picture, now: () => clock.now });
  return { clock, sender, socket, ring, sent, grab: async () => new FakePicture() };
}

test("never more than two frames are unanswered, and a frame without a credit is not even taken", async () => {
  const { sender, sent, grab } = senderWith();
  let grabbed = 0;
  const counted = () => {
    grabbed += 1;
    return grab();
  };
  for (let time = 0; time < 5; time += 1) await sender.offer(counted, time);
  assert.equal(sent.length, 2);
  assert.equal(grabbed, 2);
  assert.equal(sender.skipped, 3);
  sender.answer(1);
  assert.equal(await sender.offer(counted, 6), true);
  assert.equal(sender.inFlight, 2);
});

test("a frame says its number and when it was captured", async () => {
  const { sender, sent, grab } = senderWith();
  await sender.offer(grab, 1234.5);
  const { header, picture } = unpack(sent[0].buffer);
  assert.deepEqual(header, { frame: 1, captured_at: 1234.5 });
  assert.deepEqual([...picture], [0xff, 0xd8, 0xff]);
});

test("on a slow line frames are evenly apart instead of two at once", async () => {
  const { clock, sender, sent, grab } = senderWith();
  const arrivals = [];
  const sentAt = [];
  for (; clock.now < 10_000; clock.now += 20) {
    while (arrivals.length && arrivals[0].at <= clock.now) sender.answer(arrivals.shift().frame);
    if (!(await sender.offer(grab, clock.now))) continue;
    arrivals.push({ at: clock.now + 1600, frame: unpack(sent.at(-1).buffer).header.frame });
    sentAt.push(clock.now);
  }
  const gaps = sentAt.slice(4).map((at, index) => at - sentAt[index + 3]);
  assert.ok(Math.max(...gaps) <= 1000, `gaps of ${gaps} ms`);
  assert.ok(sentAt.length >= 11, "no credit lies idle");
});

test("frames wait while the network itself holds a queue", async () => {
  const { sender, socket, grab } = senderWith();
  socket.waitingBytes = 1_000_000;
  assert.equal(await sender.offer(grab, 0), false);
});

test("a frame that cannot be encoded gives its credit and its picture back", async (context) => {
  context.mock.method(console, "info", () => {});
  const encode = async () => {
    throw new Error("no");
  };
  const { sender, ring, grab } = senderWith({ encode });
  assert.equal(await sender.offer(grab, 0), false);
  assert.equal(sender.inFlight, 0);
  assert.equal(ring.length, 0);
});

test("a frame whose answer was given up while it was encoded is not sent", async () => {
  let finish;
  const encode = () => new Promise((resolve) => (finish = resolve));
  const { sender, sent, grab } = senderWith({ encode });
  const offered = sender.offer(grab, 0);
  await new Promise((resolve) => setTimeout(resolve));
  sender.reset();
  finish(new ArrayBuffer(3));
  assert.equal(await offered, false);
  assert.equal(sent.length, 0);
});

test("pictures are sent smaller, never larger, and with even sides", () => {
  assert.deepEqual(sentSize(1280, 720, 640), { width: 640, height: 360 });
  assert.deepEqual(sentSize(320, 240, 640), { width: 320, height: 240 });
  assert.deepEqual(sentSize(720, 1280, 640), { width: 360, height: 640 });
  assert.deepEqual(sentSize(1279, 719, 333), { width: 332, height: 186 });
});

test("the ring keeps the last frames and closes every picture it lets go", () => {
  const ring = new FrameRing(3);
  const pictures = Array.from({ length: 5 }, () => new FakePicture());
  pictures.forEach((picture, index) => ring.add({ frame: index + 1, capturedAt: 0, picture }));
  assert.equal(ring.length, 3);
  assert.deepEqual(pictures.map((picture) => picture.isClosed), [true, true, false, false, false]);
  assert.equal(ring.take(1), null);
  assert.equal(ring.take(4)?.picture, pictures[3]);
  assert.equal(pictures[2].isClosed, true, "frames before the one shown will not be shown");
  assert.equal(pictures[3].isClosed, false, "who takes a frame closes it");
  ring.clear();
  assert.equal(pictures[4].isClosed, true);
});

test("slow answers cost quality soon, quick ones earn it late, and a failed step up is not repeated soon", () => {
  const quality = new QualityControl();
  const first = quality.step.width;
  for (let answer = 0; answer < 8; answer += 1) quality.note(400);
  assert.ok(quality.step.width < first);
  const notesUntilUp = () => {
    const before = quality.step;
    for (let count = 1; count < 2000; count += 1) {
      quality.note(50);
      if (quality.step !== before) return count;
    }
    return Infinity;
  };
  const soon = notesUntilUp();
  assert.ok(soon >= 40 && soon < 100, `${soon}`);
  for (let answer = 0; answer < 8; answer += 1) quality.note(400);
  assert.ok(notesUntilUp() > 1.5 * soon);
});

/** What is sent after the same answer many times. */
function widthAfter(quality, latencyMs, answers = 400) {
  for (let answer = 0; answer < answers; answer += 1) quality.note(latencyMs);
  return quality.step.width;
}

test("where names are wanted a busy server costs frames and not the pixels of faces", () => {
  const quality = new QualityControl();
  assert.equal(widthAfter(quality, 400), LEAST_NAMED_WIDTH);
  assert.equal(widthAfter(quality, 950), LEAST_NAMED_WIDTH, "two frames on the way are still two a second");
});

test("the smallest pictures are the last resort, and are left again as soon as there is room", () => {
  const quality = new QualityControl();
  assert.equal(widthAfter(quality, 1100), STEPS[0].width, "even two frames a second cannot be held");
  assert.equal(widthAfter(quality, 700), STEPS[0].width, "larger ones would be as slow again");
  assert.equal(widthAfter(quality, 300), LEAST_NAMED_WIDTH);
});

test("where no names are wanted a slow answer costs size as before", () => {
  const quality = new QualityControl();
  quality.wantsNames = false;
  assert.equal(widthAfter(quality, 400), STEPS[0].width);
});

test("quality never leaves its steps", () => {
  const quality = new QualityControl();
  for (let answer = 0; answer < 200; answer += 1) quality.note(1500);
  assert.equal(quality.step, STEPS[0]);
  for (let answer = 0; answer < 5000; answer += 1) quality.note(10);
  assert.equal(quality.step, STEPS.at(-1));
});

const face = (track, box) => ({ track, box, person: null, name: null, similarity: null, emotion: null, emotions: null });

test("a moving face is foretold, a resting one stays, a new one does not jump", () => {
  const motion = new Motion();
  motion.learn([face(1, [0, 0, 10, 10]), face(2, [50, 50, 60, 60])], 1000);
  motion.learn([face(1, [10, 0, 20, 10]), face(2, [50, 50, 60, 60]), face(3, [80, 0, 90, 10])], 1100);
  assert.deepEqual(motion.facesAt(1200).map(({ box }) => box), [[20, 0, 30, 10], [50, 50, 60, 60], [80, 0, 90, 10]]);
});

test("a box does not run away, and is gone when answers stay away", () => {
  const motion = new Motion();
  motion.learn([face(1, [0, 0, 10, 10])], 0);
  motion.learn([face(1, [10, 0, 20, 10])], 100);
  assert.deepEqual(motion.facesAt(600)[0].box, motion.facesAt(900)[0].box);
  assert.deepEqual(motion.facesAt(1200), []);
});

test("every refusal says what to do", () => {
  assert.match(refusalOfPlace({ isSecureContext: false }).text, /https/);
  assert.equal(refusalOfPlace({ isSecureContext: false }).canRetry, false);
  assert.match(refusalOfPlace({ isSecureContext: true }).title, /no camera support/);
  assert.equal(refusalOfPlace({ isSecureContext: true, mediaDevices: {} }), null);
  for (const name of ["NotAllowedError", "SecurityError", "NotFoundError", "NotReadableError", "OverconstrainedError", "Other"]) {
    const { title, text, canRetry } = refusalOf({ name });
    assert.ok(title && text && canRetry, name);
  }
  assert.equal(refusalOf({ name: "SecurityError" }).title, refusalOf({ name: "NotAllowedError" }).title);
});

test("the loop follows the video's own pictures, at most so often per second", () => {
  let callback = null;
  let now = 0;
  const ticks = [];
  const video = { readyState: 4, requestVideoFrameCallback: (next) => (callback = next) };
  const loop = new FrameLoop(video, (at) => ticks.push(at), { perSecond: 15, now: () => now });
  loop.start();
  for (; now < 1000; now += 1000 / 30) {
    const next = callback;
    next(now, now > 500 ? { captureTime: now - 20 } : {});
  }
  assert.ok(ticks.length >= 14 && ticks.length <= 16, `${ticks.length}`);
  assert.ok(ticks.at(-1) < now - 20, "the camera's own time counts where it is known");
  loop.stop();
  const before = ticks.length;
  callback(2000, {});
  assert.equal(ticks.length, before);
});

/** How many of a camera's pictures the loop calls for; `shift` moves the one with that number, in milliseconds. */
function callsFor(perSecond, seconds, shift = () => 0) {
  let callback = (_now, _metadata) => {};
  let now = 0;
  let calls = 0;
  const video = { readyState: 4, requestVideoFrameCallback: (asked) => (callback = asked) };
  new FrameLoop(video, () => (calls += 1), { perSecond: 15, now: () => now }).start();
  for (let number = 0; number < perSecond * seconds; number += 1) {
    now = (1000 * number) / perSecond + shift(number);
    callback(now, {});
  }
  return calls;
}

test("a camera of 15 pictures a second loses none when they are now late and now early", () => {
  const late = [0, 17, -17, 0, 17, 0, -17];
  assert.equal(callsFor(15, 10, (number) => late[number % late.length]), 150);
});

test("a camera of 24 pictures a second is not halved, and one of 60 is held to 15", () => {
  const [film, fast] = [callsFor(24, 10), callsFor(60, 10)];
  assert.ok(film >= 140 && film <= 151, `${film} of 24 a second`);
  assert.ok(fast >= 148 && fast <= 151, `${fast} of 60 a second`);
});

test("after a pause the loop does not make up for what it missed", () => {
  const afterPause = callsFor(60, 10, (number) => (number < 60 ? 0 : 5000));
  assert.ok(afterPause <= 152, `${afterPause}`);
});
