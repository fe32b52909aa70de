/** Recording the whole feed: it grows on the server while it is filmed, whatever the connection does. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { closeLeft } from "../../static/js/lib/growing_upload.js";
import { Recorder } from "../../static/js/live/recorder.js";
import { settled } from "./fake_net.js";

const reply = (status, headers = {}, text = "") => ({ status, text, header: (name) => headers[name] ?? null });

/** A tus server in memory that takes files of unknown length, with accidents on request. */
class FakeServer {
  /** @type {{url: string, about: string, text: string, length: number|null}[]} */ files = [];
  /** @type {(() => object)[]} */ accidents = [];
  isAway = false;
  log = [];

  send = async ({ method, url, headers, body }) => {
    this.log.push(method);
    if (this.isAway) return reply(0);
    const accident = this.accidents.shift();
    if (accident) return accident();
    if (method === "POST") return this.#open(headers);
    const file = this.files.find((one) => one.url === url);
    if (!file) return reply(404);
    if (method === "DELETE") this.files.splice(this.files.indexOf(file), 1);
    if (method === "PATCH") {
      if (Number(headers["Upload-Offset"]) !== file.text.length) return reply(409);
      file.text += body ? await body.text() : "";
      if (headers["Upload-Length"]) file.length = Number(headers["Upload-Length"]);
    }
    const isWhole = file.length === file.text.length;
    return reply(200, { "Upload-Offset": String(file.text.length), ...(isWhole && { "Encore-Recording": `video-${url}` }) });
  };

  #open(headers) {
    assert.equal(headers["Upload-Defer-Length"], "1");
    const url = `/${this.files.length + 1}/`;
    this.files.push({ url, about: headers["Upload-Metadata"], text: "", length: null });
    return reply(201, { Location: url });
  }
}

class FakeMediaRecorder extends EventTarget {
  static isTypeSupported = (type) => type.startsWith("video/webm");
  state = "recording";

  constructor(stream, wish) {
    super();
    Object.assign(this, { stream, wish });
    recorders.push(this);
  }

  start() {
    this.dispatchEvent(new Event("start"));
  }

  async writes(text) {
    this.dispatchEvent(Object.assign(new Event("dataavailable"), { data: typeof text === "string" ? new Blob([text]) : text }));
    await turns();
  }

  stop() {
    this.state = "inactive";
    this.dispatchEvent(Object.assign(new Event("dataavailable"), { data: new Blob(["|"]) }));
    this.dispatchEvent(new Event("stop"));
  }
}

/** Bodies are read by the event loop, and not by promises alone. */
async function turns() {
  for (let turn = 0; turn < 5; turn += 1) {
    await settled();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const track = (kind) => ({ kind, isOn: true, stop() { this.isOn = false; }, getSettings: () => ({ height: 1080 }) });
const camera = () => ({ getVideoTracks: () => [track("video")] });

let recorders;
let asked;
let microphone;
let server;
let memory;
/** Those who wait before another attempt. @type {(() => void)[]} */
let waiting;

beforeEach(() => {
  recorders = [];
  asked = 0;
  microphone = track("audio");
  server = new FakeServer();
  memory = new Map();
  waiting = [];
  const globals = {
    MediaRecorder: FakeMediaRecorder,
    MediaStream: class { constructor(tracks) { this.tracks = tracks; } getVideoTracks() { return this.tracks.filter(({ kind }) => kind === "video"); } },
    navigator: { mediaDevices: { getUserMedia: async () => ((asked += 1), { getAudioTracks: () => [microphone] }) } },
  };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
});

function recorder(mostBytes = 2e9) {
  const told = { words: [], kept: [] };
  const one = new Recorder({
    endpoint: "/new/",
    session: "s",
    title: "Front row",
    mostBytes,
    send: server.send,
    wait: () => new Promise((resolve) => waiting.push(resolve)),
    memory: { getItem: (key) => memory.get(key) ?? null, setItem: (key, value) => memory.set(key, value), removeItem: (key) => memory.delete(key) },
    say: (words) => words && told.words.push(words),
    changed: () => {},
    kept: (id) => told.kept.push(id),
  });
  return { recorder: one, told };
}

async function goesOn() {
  for (const resolve of waiting.splice(0)) resolve();
  await turns();
}

test("nothing is recorded, sent, or listened to before somebody presses the button", async () => {
  const { recorder: one } = recorder();
  one.film(camera());
  one.pause(true);
  one.pause(false);
  await turns();
  assert.deepEqual([recorders.length, asked, server.log.length, one.state.isOn], [0, 0, 0, false]);
});

test("what is filmed is on the server while it is filmed, and a video when it ends", async () => {
  const { recorder: one, told } = recorder();
  one.film(camera());
  await one.start(false);
  await recorders[0].writes("abc");
  await recorders[0].writes("def");
  assert.equal(server.files[0].text, "abcdef");
  assert.equal(server.files[0].length, null);
  assert.equal(one.state.confirmedBytes, 6);
  assert.equal(asked, 0, "sound was not wanted");
  assert.equal(memory.size, 1);
  one.stop();
  await turns();
  assert.equal(server.files[0].text, "abcdef|");
  assert.deepEqual(told, { words: [], kept: ["video-/1/"] });
  assert.deepEqual([one.state.isBringing, memory.size], [false, 0]);
});

test("with sound the microphone is on while it records, and off with it", async () => {
  const { recorder: one } = recorder();
  one.film(camera());
  await one.start(true);
  assert.deepEqual(recorders[0].stream.tracks.map(({ kind }) => kind), ["video", "audio"]);
  one.film(null);
  assert.equal(microphone.isOn, false);
});

test("after a lost connection the rest follows, and nothing twice", async () => {
  const { recorder: one, told } = recorder();
  one.film(camera());
  await one.start(false);
  await recorders[0].writes("abc");
  server.accidents.push(() => {
    server.files[0].text += "def"; // The bytes arrived, and the answer did not.
    return reply(0);
  });
  await recorders[0].writes("def");
  assert.match(told.words[0], /waits for the server/);
  server.isAway = true;
  await goesOn();
  await recorders[0].writes("ghi");
  server.isAway = false;
  one.stop();
  await goesOn();
  assert.equal(server.files[0].text, "abcdefghi|");
  assert.deepEqual(told.kept, ["video-/1/"]);
});

test("when too much waits it stops, says so, and brings what there is", async () => {
  const { recorder: one, told } = recorder();
  one.film(camera());
  await one.start(false);
  await recorders[0].writes("abc");
  server.isAway = true;
  const large = { size: 301_000_000, slice: () => new Blob([]) };
  await recorders[0].writes(large);
  assert.equal(recorders[0].state, "inactive");
  assert.match(told.words.at(-1), /connection was gone for too long|waits for the server/);
  assert.ok(told.words.some((words) => /gone for too long/.test(words)));
  assert.equal(one.state.isOn, false);
  assert.equal(one.state.isBringing, true);
});

test("what the server takes no more ends the recording in its words, and what came is kept", async () => {
  const { recorder: one, told } = recorder();
  one.film(camera());
  await one.start(false);
  await recorders[0].writes("abc");
  server.accidents.push(() => reply(507, {}, JSON.stringify({ error: "Your videos fill their 200 GB." })));
  await recorders[0].writes("def");
  assert.equal(server.files[0].text, "abc");
  assert.equal(server.files[0].length, 3);
  assert.deepEqual(told, { words: ["The recording stopped: Your videos fill their 200 GB."], kept: ["video-/1/"] });
  assert.deepEqual([one.state.isOn, recorders[0].state], [false, "inactive"]);
});

test("a hidden tab records nothing, and goes on in another file when it is seen", async () => {
  const { recorder: one, told } = recorder();
  one.film(camera());
  await one.start(false);
  await recorders[0].writes("abc");
  one.pause(true);
  await turns();
  assert.equal(one.state.isOn, false);
  assert.deepEqual(told.kept, ["video-/1/"]);
  one.pause(false);
  await turns();
  assert.equal(server.files.length, 2);
});

test("before a file becomes larger than the server takes, the next one begins", async () => {
  const { recorder: one, told } = recorder(30_000_005);
  one.film(camera());
  await one.start(false);
  await recorders[0].writes("abcdefg");
  assert.equal(recorders.length, 2);
  await recorders[1].writes("x");
  one.stop();
  await turns();
  assert.deepEqual(server.files.map(({ text }) => text), ["abcdefg|", "x|"]);
  assert.equal(told.kept.length, 2);
});

test("what a page left open is ended by the next one, and the empty forgotten", async () => {
  const { recorder: one } = recorder();
  one.film(camera());
  await one.start(false);
  await recorders[0].writes("abc");
  one.close(); // The page goes before the last bytes have left.
  server.files[0].text = "abc";
  recorder();
  await turns();
  assert.equal(server.files[0].length, 3);
  server.files.push({ url: "/2/", about: "", text: "", length: null });
  await closeLeft("/2/", server.send);
  assert.equal(server.files.length, 1);
});

test("a browser that cannot record says so", async () => {
  globalThis.MediaRecorder = undefined;
  const { recorder: one, told } = recorder();
  one.film(camera());
  await one.start(false);
  assert.deepEqual(told.words, ["This browser cannot record."]);
});
