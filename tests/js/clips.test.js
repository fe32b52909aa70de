/** Clips of moments: what a recorder writes is cut at its clusters, and only what lies around a moment is brought. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { ClipKeeper } from "../../static/js/live/clip_keeper.js";
import { Clusters, joined } from "../../static/js/live/clusters.js";

const HEAD = Uint8Array.from([0x1a, 0x45, 0xdf, 0xa3, 1, 2, 3, 0x1f, 0x43, 4]);

/** A cluster of unknown size, as a live recording has them. @param {number} at ms */
function cluster(at, body = 40) {
  const time = [0xe7, 0x84, (at >> 24) & 255, (at >> 16) & 255, (at >> 8) & 255, at & 255];
  return Uint8Array.from([0x1f, 0x43, 0xb6, 0x75, 0x01, 255, 255, 255, 255, 255, 255, 255, ...time, ...Array(body).fill(9)]);
}

test("whatever the pieces are, the clusters are the same", () => {
  const whole = joined([HEAD, cluster(0), cluster(1000), cluster(70_000)]);
  for (const step of [1, 3, 7, 30, 1000]) {
    const clusters = new Clusters();
    for (let at = 0; at < whole.length; at += step) clusters.add(whole.slice(at, at + step));
    assert.deepEqual(clusters.all.map(({ at }) => at), [0, 1000, 70_000], `in pieces of ${step}`);
    assert.deepEqual(clusters.head, HEAD);
    assert.deepEqual(joined([clusters.head, ...clusters.all.map(({ bytes }) => bytes)]), whole);
  }
});

test("what only looks like the name of a cluster is none", () => {
  const clusters = new Clusters();
  const trap = Uint8Array.from([0x1f, 0x43, 0xb6, 0x75, 0x81, 0xa3, ...Array(40).fill(7)]);
  clusters.add(joined([HEAD, cluster(0), trap, cluster(500)]));
  assert.deepEqual(clusters.all.map(({ at }) => at), [0, 500]);
});

test("old clusters are forgotten, but for the one that the time lies in", () => {
  const clusters = new Clusters();
  clusters.add(joined([HEAD, ...[0, 1000, 2000, 3000].map((at) => cluster(at))]));
  clusters.forgetBefore(2500);
  assert.deepEqual(clusters.all.map(({ at }) => at), [2000, 3000]);
  assert.equal(clusters.size, HEAD.length + 2 * cluster(0).length);
});

/** Writes a cluster whenever the test says so. */
class FakeRecorder extends EventTarget {
  static isTypeSupported = (type) => type.startsWith("video/webm");
  state = "recording";

  constructor(stream) {
    super();
    this.stream = stream;
    recorders.push(this);
  }

  start() {
    this.dispatchEvent(new Event("start"));
    this.writes(HEAD);
  }

  writes(bytes) {
    this.dispatchEvent(Object.assign(new Event("dataavailable"), { data: new Blob([bytes]) }));
  }

  stop() {
    this.state = "inactive";
    this.dispatchEvent(new Event("stop"));
  }
}

const track = (kind) => ({ kind, isOn: true, stop() { this.isOn = false; } });
const camera = { getVideoTracks: () => [track("video")] };
const asks = (moment, peak) => ({ moment, frames: [{ frame: 1, captured_at: peak }], near: [], is_repeated: false });

let recorders;
let asked;
let microphone;
let now;

beforeEach(() => {
  recorders = [];
  asked = [];
  microphone = track("audio");
  now = 0;
  const globals = {
    MediaRecorder: FakeRecorder,
    MediaStream: class { constructor(tracks) { this.tracks = tracks; } },
    navigator: { mediaDevices: { getUserMedia: async (wish) => (asked.push(wish), { getAudioTracks: () => [microphone] }) } },
  };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  mock.method(performance, "now", () => now);
});

function keeper() {
  const told = { brought: [], words: "", choice: null };
  const clips = new ClipKeeper({
    bring: (clip) => told.brought.push(clip),
    say: (words) => (told.words = words),
    settled: (choice) => (told.choice = choice),
  });
  return { clips, told };
}

/** So many seconds are recorded, a cluster each. */
async function records(seconds) {
  for (let second = 0; second < seconds; second += 1) {
    now = 1000 * second;
    recorders.at(-1).writes(cluster(now));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("nothing is recorded and no microphone asked for until it is wanted", async () => {
  const { clips, told } = keeper();
  await clips.film(camera);
  await clips.take(asks("m", 100));
  assert.deepEqual([recorders.length, asked.length, told.brought.length], [0, 0, 0]);
  await clips.choose("silent");
  assert.deepEqual([recorders.length, asked.length, told.choice], [1, 0, "silent"]);
  assert.match(told.words, /without sound/);
});

test("with sound the microphone is on while the camera films, and off with it", async () => {
  const { clips, told } = keeper();
  await clips.choose("sound");
  assert.equal(asked.length, 0, "only a camera that films needs it");
  await clips.film(camera);
  assert.deepEqual(recorders[0].stream.tracks.map(({ kind }) => kind), ["video", "audio"]);
  assert.equal(asked[0].audio.noiseSuppression, false, "music is no noise");
  assert.match(told.words, /microphone listens/);
  clips.stop();
  assert.deepEqual([microphone.isOn, recorders[0].state], [false, "inactive"]);
});

test("a refused microphone leaves clips without sound, and says so", async () => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error("no"));
  const { clips, told } = keeper();
  await clips.choose("sound");
  await clips.film(camera);
  assert.equal(told.choice, "silent");
  assert.match(told.words, /not allowed/);
  assert.deepEqual(recorders[0].stream.tracks.map(({ kind }) => kind), ["video"]);
});

test("a browser that cannot record says so", async () => {
  delete globalThis.MediaRecorder;
  const { clips, told } = keeper();
  await clips.choose("sound");
  assert.deepEqual([told.choice, told.words.includes("cannot record")], ["", true]);
});

test("of a moment the seconds around it are brought, once, with the instant in them", async () => {
  const { clips, told } = keeper();
  await clips.choose("silent");
  await clips.film(camera);
  await records(30);
  now = 30_000;
  await clips.take(asks("m", 20_300));
  await clips.take(asks("m", 20_300));
  assert.equal(told.brought.length, 1);
  const [{ recording, peak }] = told.brought;
  assert.equal(peak, 6.3, "it begins with the cluster of second 14");
  const clusters = new Clusters();
  clusters.add(new Uint8Array(await recording.arrayBuffer()));
  assert.deepEqual(clusters.head, HEAD);
  assert.deepEqual([clusters.all[0].at, clusters.all.at(-1).at], [14_000, 24_000]);
});

test("what is no longer or not yet there is not made up", async () => {
  const { clips, told } = keeper();
  await clips.choose("silent");
  await clips.film(camera);
  await records(30);
  now = 40_000;
  await clips.take(asks("old", 2000));
  assert.equal(told.brought.length, 0);
});

test("a moment that is told when the camera is off already still has its clip", async () => {
  const { clips, told } = keeper();
  await clips.choose("silent");
  await clips.film(camera);
  await records(10);
  const taking = clips.take(asks("last", 9000));
  clips.stop();
  await taking;
  assert.equal(told.brought.length, 1);
  clips.release();
  await clips.take(asks("after", 9000));
  assert.equal(told.brought.length, 1);
});
