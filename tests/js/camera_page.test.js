/** The camera page as a whole: what it shows of the picture, sends to the server, and keeps of it. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { unpack } from "../../static/js/lib/live_wire.js";
import { presses, runScript, setGlobal, showDocument } from "./fake_browser.js";
import { calm, liveSocket, sockets, tells, transfers } from "./fake_net.js";
import { fakeStream } from "./fake_page.js";

const choice = (name, isOn) => `<input type="checkbox" name="${name}" ${isOn ? "checked" : ""}>`;
const figures = ["latency", "worst", "rate", "dropped", "width"].map((name) => `<dd data-figure="${name}"></dd>`).join("");
const PAGE = `<div class="toasts"></div><div data-live-camera data-state="off" data-socket="/ws/live/camera/s/" data-encoder="/encoder.js" data-uploads="/upload/tus/" data-clips-endpoint="/clips/tus/" data-moments="/moments/" data-session="s">
  <div data-stage><video></video><canvas></canvas><p data-idle></p><b data-recording hidden></b><i data-sound hidden></i><p data-guide></p></div>
  <p data-company hidden></p><div data-refusal hidden><strong data-refusal-title></strong><p data-refusal-text></p></div><div data-words hidden><div data-words-text></div></div>
  <button type="button" data-start disabled></button><button type="button" data-stop hidden></button><button type="button" data-shutter hidden></button>
  <p data-uploads-words hidden></p><ul data-captured hidden></ul><dl>${figures}</dl><ul data-faces></ul>
  <select data-follow><option value=""></option><option value="k">Karina</option></select><select data-camera><option value=""></option></select>
  <select data-resolution><option value="640x360"></option><option value="1280x720" selected></option></select>
  <div data-choices>${choice("names", true)}${choice("emotions", true)}${choice("mirror")}${choice("lowest-delay")}${choice("portrait")}</div>
  <p data-portrait-words></p><select data-clips><option value=""></option><option value="silent"></option></select><p data-clips-words></p><label data-torch hidden><input type="checkbox"></label>
  <section data-recorder data-endpoint="/recordings/tus/" data-videos="/videos/" data-title="Front row" data-most-bytes="2000000000">
    <input type="checkbox" data-record-sound><button type="button" data-record disabled></button><button type="button" data-record-stop hidden></button>
    <p data-record-state hidden></p><p data-record-words hidden></p><p data-record-kept hidden><a href=""></a></p></section></div>`;

let stream;
let video;
let now;

const find = (selector) => document.querySelector(selector);
const root = () => find("[data-live-camera]");
const said = () => (find("[data-words]").hidden ? "" : find("[data-words-text]").textContent);
const drawn = () => find("canvas").getContext("2d");
const figure = (name) => find(`[data-figure="${name}"]`).textContent;

const devices = {
  getUserMedia: async () => stream,
  enumerateDevices: async () => [{ kind: "videoinput", deviceId: "front", label: "Front" }, { kind: "audioinput", deviceId: "mic", label: "Mic" }],
};

async function open({ html = PAGE, mediaDevices = devices, isSecure = true, reload } = {}) {
  showDocument(html, "https://encore.test/live/s/");
  navigator.mediaDevices = mediaDevices;
  setGlobal("isSecureContext", isSecure);
  if (reload) setGlobal("sessionStorage", reload);
  video = Object.assign(find("video"), { play: async () => {}, readyState: 4, videoWidth: 1280, videoHeight: 720, srcObject: null });
  video.requestVideoFrameCallback = (step) => (video.shows = async (at) => {
    now = at;
    step(at, { captureTime: at });
    await calm();
  });
  find("canvas").layout = { left: 0, top: 0, width: 640, height: 360 };
  await runScript("live/main.js");
}

async function press(selector) {
  find(selector).click();
  await calm();
}

async function chooses(selector, value) {
  find(selector).value = value;
  find(selector).is("change");
  await calm();
}

async function film() {
  await press("[data-start]");
  liveSocket().opens();
  await brings({ type: "hello", credits: 2, max_frame_bytes: 1e6, frames_per_second: 15 });
}

async function brings(message) {
  liveSocket().brings(message);
  await calm();
}

const face = (more) => ({ track: 1, box: [100, 50, 200, 150], score: 1, landmarks: [], person: "k", name: "Karina", similarity: 0.8, is_sure: true, emotion: "happy", emotions: { happy: 0.9 }, quality: 1, is_seen: true, ...more });
const result = (frame, faces = [face()]) => ({ type: "result", frame, captured_at: 0, width: 640, height: 360, faces, timing: {}, dropped: 0 });
const frames = () => liveSocket().messages.filter((one) => !one.type).map((bytes) => unpack(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)).header.frame);
const messages = (type) => liveSocket().messages.filter((one) => one.type === type);

beforeEach(async () => {
  now = 0;
  mock.method(performance, "now", () => now);
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  stream = fakeStream("front");
  await open();
});

afterEach(() => {
  window.is("pagehide");
  mock.timers.reset();
  mock.restoreAll();
});

test("nothing is asked for or sent before the user starts", () => {
  assert.equal(find("[data-start]").disabled, false);
  assert.equal(liveSocket(), undefined);
  assert.equal(video.srcObject, null);
});

test("filming shows its own buttons, and the light of the camera goes out with a stop", async () => {
  await film();
  const hidden = () => ["start", "stop", "shutter", "recording", "idle"].map((name) => find(`[data-${name}]`).hidden);
  assert.deepEqual([root().dataset.state, hidden()], ["filming", [true, false, false, false, true]]);
  assert.equal(document.activeElement, find("[data-stop]"));
  assert.deepEqual(find("[data-camera]").options.map((option) => option.textContent), ["Front"], "with its name, as it may be seen now");
  await press("[data-stop]");
  assert.deepEqual([root().dataset.state, hidden(), stream.track.isOn], ["off", [false, true, true, true, false], false]);
});

test("each frame is drawn with the faces that were found in it, and listed beside it", async () => {
  await film();
  await video.shows(1000);
  assert.deepEqual(frames(), [1]);
  now = 1150;
  await brings(result(1));
  assert.deepEqual(drawn().texts, ["Karina · happy"]);
  assert.equal(drawn().pictures.length, 1);
  assert.deepEqual(drawn().boxes.at(-1).rect, [100, 50, 100, 100]);
  assert.match(find("[data-faces]").textContent, /Karina.*happy/);
  assert.equal(root().dataset.faceCount, "1");
});

test("the figures tell the delay of what is seen, and nothing while the camera is off", async () => {
  await film();
  for (const [frame, at] of [[1, 1000], [2, 1200]]) {
    await video.shows(at);
    now = at + 150;
    await brings({ ...result(frame), dropped: 3 });
  }
  mock.timers.tick(500);
  assert.deepEqual(["latency", "dropped"].map(figure), ["150 ms", "3"]);
  assert.match(figure("width"), /^\d+ px$/);
  await press("[data-stop]");
  mock.timers.tick(500);
  assert.deepEqual(["latency", "worst", "rate", "dropped", "width"].map(figure), ["–", "–", "–", "–", "–"]);
});

test("no more frames are under way than the server has room for", async () => {
  await film();
  for (const at of [1000, 1200, 1400, 1600]) await video.shows(at);
  assert.equal(frames().length, 2);
  await brings(result(1));
  await video.shows(1800);
  assert.equal(frames().length, 3);
});

test("with lowest delay boxes lie on the live picture, which is not drawn over", async () => {
  await film();
  await press('[name="lowest-delay"]');
  await video.shows(1000);
  now = 1100;
  await brings(result(1));
  window.paint(1110);
  assert.deepEqual([drawn().pictures.length, drawn().texts], [0, ["Karina · happy"]]);
  window.paint(9000);
  assert.deepEqual([drawn().texts, find("[data-faces]").textContent], [[], ""], "answers stay away");
});

test("what is wanted is told at once and again after a break", async () => {
  await film();
  await press('[name="emotions"]');
  assert.deepEqual(messages("want").at(-1), { type: "want", names: true, emotions: false, portrait: false });
  liveSocket().breaks(1006);
  assert.equal(said(), "The connection is lost. Trying again.");
  mock.timers.tick(2000);
  liveSocket().opens();
  assert.deepEqual(messages("want"), [{ type: "want", names: true, emotions: false, portrait: false }]);
});

test("a mirrored picture is mirrored with its boxes", async () => {
  await film();
  await press('[name="mirror"]');
  assert.equal(root().classList.contains("is-mirrored"), true);
  await video.shows(1000);
  await brings(result(1));
  assert.deepEqual(drawn().boxes.at(-1).rect, [440, 50, 100, 100]);
});

test("the star who is followed is told to the server, marked and guided to", async () => {
  await film();
  await chooses("[data-follow]", "k");
  assert.deepEqual(messages("follow"), [{ type: "follow", person: "k" }]);
  await brings({ type: "following", person: "k", name: "Karina" });
  await video.shows(1000);
  now = 1100;
  await brings(result(1, [face(), face({ track: 2, box: [400, 50, 500, 150], person: null, name: null, emotion: null })]));
  assert.ok(drawn().texts.includes("★ Karina · happy"));
  assert.match(find("[data-guide]").textContent, /Karina/);
});

test("words say how many cameras film the concert, until this one is alone", async () => {
  await film();
  const words = find("[data-company]");
  assert.ok(words.hidden);
  await brings({ type: "company", others: 2 });
  assert.deepEqual([words.hidden, words.textContent], [false, "3 cameras film this concert."]);
  await brings({ type: "company", others: 0 });
  assert.ok(words.hidden);
});

test("a star that was chosen before the camera is on is followed from the first frame", async () => {
  await chooses("[data-follow]", "k");
  await film();
  assert.deepEqual(messages("follow").at(-1), { type: "follow", person: "k" });
});

test("a star that somebody else chose is chosen here, too", async () => {
  await film();
  await brings({ type: "following", person: "k", name: "Karina" });
  assert.equal(find("[data-follow]").value, "k");
});

test("what the recogniser has to say is said until it can work again", async () => {
  await film();
  await brings({ type: "engine", state: "starting", device: "", missing: [], message: "The recogniser is starting." });
  assert.equal(said(), "The recogniser is starting.");
  await brings({ type: "engine", state: "ready", device: "cpu", missing: [], message: "" });
  assert.equal(said(), "");
  await brings({ type: "problem", code: "too_large", message: "The frame is too large.", frame: 1 });
  assert.equal(said(), "The frame is too large.");
});

for (const [code, words] of [[4409, "Another device films in this session now."], [4410, "This session has ended."], [4404, "This session is gone. It may have been deleted."]]) {
  test(`a server that closes with ${code} ends the filming and says why`, async () => {
    await film();
    liveSocket().breaks(code);
    await calm();
    assert.deepEqual([root().dataset.state, said(), stream.track.isOn], ["off", words, false]);
  });
}

test("a camera that is unplugged ends the filming in words", async () => {
  await film();
  stream.track.dispatchEvent(new Event("ended"));
  assert.deepEqual([root().dataset.state, said()], ["off", "The camera was taken away. Connect it and start again."]);
  stream = fakeStream("front");
  await press("[data-start]");
  assert.equal(said(), "", "it is back");
});

test("while a camera is being asked for nobody can start a second one", async () => {
  let gives;
  await open({ mediaDevices: { ...devices, getUserMedia: () => new Promise((resolve) => (gives = resolve)) } });
  await press("[data-start]");
  assert.equal(find("[data-start]").disabled, true);
  gives(stream);
  await calm();
  assert.deepEqual([find("[data-start]").disabled, video.srcObject], [false, stream]);
});

test("another camera lets go of the one before", async () => {
  await film();
  const [first, second] = [stream, fakeStream("back")];
  stream = second;
  await chooses("[data-camera]", "front");
  assert.deepEqual([first.track.isOn, second.track.isOn, video.srcObject], [false, true, second]);
  await chooses("[data-resolution]", "640x360");
  assert.equal(root().dataset.state, "filming");
});

test("a choice after a stop turns no camera on", async () => {
  await film();
  await press("[data-stop]");
  stream = fakeStream("back");
  await chooses("[data-resolution]", "640x360");
  assert.deepEqual([root().dataset.state, video.srcObject], ["off", null]);
});

test("where cameras are not allowed at all nobody can start one", async () => {
  await open({ isSecure: false });
  assert.match(find("[data-refusal-text]").textContent, /https/);
  assert.deepEqual([find("[data-refusal]").hidden, find("[data-start]").hidden], [false, true]);
  await open({ mediaDevices: null });
  assert.equal(find("[data-refusal-title]").textContent, "This browser has no camera support");
});

for (const [name, title] of [["NotAllowedError", "The camera is not allowed"], ["SecurityError", "The camera is not allowed"], ["NotFoundError", "No camera was found"], ["AbortError", "The camera did not start"]]) {
  test(`a camera that fails with ${name} is explained and can be tried again`, async () => {
    await open({ mediaDevices: { ...devices, getUserMedia: async () => Promise.reject(new DOMException("no", name)) } });
    await press("[data-start]");
    assert.deepEqual([find("[data-refusal-title]").textContent, find("[data-start]").hidden, find("[data-start]").disabled], [title, false, false]);
  });
}

test("the stage has the shape of the picture, also when the phone is turned", async () => {
  await film();
  assert.equal(find("[data-stage]").style.aspectRatio, "1280 / 720");
  Object.assign(video, { videoWidth: 720, videoHeight: 1280 });
  video.is("resize");
  assert.equal(find("[data-stage]").style.aspectRatio, "720 / 1280");
});

test("a lamp is offered where the camera has one, and a failure is said", async () => {
  await film();
  assert.equal(find("[data-torch]").hidden, true);
  const lit = mock.fn(async () => {});
  Object.assign(stream.track, { getCapabilities: () => ({ torch: true }), applyConstraints: lit });
  await press("[data-stop]");
  await press("[data-start]");
  assert.equal(find("[data-torch]").hidden, false);
  await press("[data-torch] input");
  assert.deepEqual(lit.mock.calls[0].arguments, [{ advanced: [{ torch: true }] }]);
  stream.track.applyConstraints = async () => Promise.reject(new Error("hot"));
  await press("[data-torch] input");
  assert.equal(said(), "The lamp of this camera cannot be switched now.");
});

test("a hidden tab sends nothing, and goes on when it is seen again", async () => {
  await film();
  document.hidden = true;
  document.is("visibilitychange");
  assert.equal(root().dataset.paused, "true");
  await video.shows(1000);
  assert.deepEqual([frames(), messages("over").length], [[], 1]);
  document.hidden = false;
  document.is("visibilitychange");
  await video.shows(1200);
  assert.equal(frames().length, 1);
});

/** Two pictures are on the page, half a second apart. */
async function filmsTwo() {
  await film();
  await video.shows(1000);
  await brings(result(1));
  await video.shows(1500);
  await brings(result(2));
}

test("the shutter keeps what is seen now and a little of before, by button and by space bar", async () => {
  await filmsTwo();
  await press("[data-shutter]");
  window.paint(1);
  assert.equal(find("[data-stage]").classList.contains("is-shut"), true);
  const [asked] = messages("shutter");
  assert.deepEqual([asked.frame, asked.captured_at, asked.others], [2, 1500, [{ frame: 1, captured_at: 1000 }]]);
  document.activeElement = document.body;
  assert.equal(presses(" ", { code: "Space" }).defaultPrevented, true);
  assert.equal(messages("shutter").length, 2);
});

test("the space bar on a button or held down takes no picture, and none without a camera", async () => {
  await filmsTwo();
  assert.equal(presses(" ", { code: "Space" }).defaultPrevented, false, "the focus is on Stop");
  document.activeElement = document.body;
  presses(" ", { code: "Space", repeat: true });
  presses("x", { code: "KeyX" });
  assert.equal(messages("shutter").length, 0);
  await press("[data-stop]");
  document.activeElement = document.body;
  assert.equal(presses(" ", { code: "Space" }).defaultPrevented, false);
});

const capture = (moment, more) => ({ type: "capture", moment, frames: [{ frame: 2, captured_at: 1500 }], near: [], kind: "emotion", people: ["Karina"], reason: "a laugh", is_repeated: false, ...more });
const about = (transfer) => Object.fromEntries(transfer.headers["Upload-Metadata"].split(",").map((pair) => pair.split(" ")).map(([key, text]) => [key, Buffer.from(text, "base64").toString()]));
const cards = () => find("[data-captured]").children;

test("a moment is shown at once, brought to the server, and linked when it is saved", async () => {
  await filmsTwo();
  await brings(capture("m"));
  assert.deepEqual([find("[data-captured]").hidden, cards()[0].textContent], [false, "Karinaa laughSaving…"]);
  const { moment, frame, captured_at: at } = about(transfers[0]);
  assert.deepEqual([transfers[0].url, moment, frame, at], ["/upload/tus/", "m", "2", "1500"]);
  assert.equal(window.is("beforeunload").defaultPrevented, true, "it is not on the server yet");
  await transfers[0].gets(201, { "Encore-Photo": "p" });
  assert.equal(window.is("beforeunload").defaultPrevented, false);
  await tells("moment_ready", { moment: "m", photo: "p" });
  assert.deepEqual([cards()[0].classList.contains("is-ready"), cards()[0].querySelector("a").getAttribute("href")], [true, "/moments/m/"]);
});

test("a moment that is lost, and one that the server refuses, say so on their cards", async () => {
  await filmsTwo();
  await brings(capture("m"));
  await tells("moment_lost", { moment: "m" });
  await tells("moment_lost", { moment: "elsewhere" });
  assert.match(cards()[0].textContent, /Lost$/);
  assert.ok(cards()[0].classList.contains("is-lost"));
  await brings(capture("n", { frames: [{ frame: 1, captured_at: 1000 }] }));
  await transfers[0].gets(201, { "Encore-Photo": "p" });
  await transfers[1].gets(413, {}, JSON.stringify({ error: "The picture is too large." }));
  assert.match(cards()[0].textContent, /Not saved: The picture is too large\.$/);
  assert.equal(find("[data-uploads-words]").textContent, "A captured picture was not kept: The picture is too large.");
  assert.equal(find("[data-uploads-words]").hidden, false);
});

test("a picture waits out a server that is away, and what was said about it goes when it has arrived", async () => {
  await filmsTwo();
  await brings(capture("m"));
  for (let attempt = 0; attempt <= 8; attempt += 1) {
    await transfers.at(-1).breaks();
    mock.timers.tick(14_000);
    mock.timers.tick(6_000);
    await calm();
  }
  assert.match(find("[data-uploads-words]").textContent, /^A captured picture waits: The server cannot be reached/);
  mock.timers.tick(15_000);
  await calm();
  await transfers.at(-1).gets(201, { "Encore-Photo": "p" });
  assert.equal(find("[data-uploads-words]").hidden, true);
});

test("frames that are gone are told to the server, which asks somebody else or gives up", async () => {
  await filmsTwo();
  await brings(capture("m", { frames: [{ frame: 99, captured_at: 99_000 }] }));
  assert.deepEqual(messages("missed"), [{ type: "missed", moment: "m", frames: [99] }]);
  assert.equal(cards().length, 0);
});

test("the page holds a dozen cards and frees the pictures of older ones", async () => {
  const freed = mock.method(URL, "revokeObjectURL", () => {});
  await filmsTwo();
  for (let place = 0; place < 14; place += 1) await brings(capture(`m${place}`));
  assert.deepEqual([cards().length, cards()[0].dataset.moment, cards().at(-1).dataset.moment], [12, "m13", "m2"]);
  assert.equal(freed.mock.callCount(), 2);
  window.is("pagehide");
  assert.equal(freed.mock.callCount(), 14);
});

test("a browser that cannot record says so, and the choice goes back", async () => {
  await film();
  await chooses("[data-clips]", "silent");
  assert.equal(find("[data-clips]").value, "");
  assert.match(find("[data-clips-words]").textContent, /^This browser cannot record clips\./);
});

test("leaving the page turns everything off, and a reload films on", async () => {
  await film();
  const remembered = sessionStorage;
  window.is("pagehide");
  assert.equal(stream.track.isOn, false);
  assert.ok(sockets.every(({ readyState }) => readyState === 3));
  stream = fakeStream("front");
  await open({ reload: remembered });
  await calm();
  assert.equal(root().dataset.state, "filming");
  await press("[data-stop]");
  await open({ reload: remembered });
  await calm();
  assert.equal(root().dataset.state, "off", "a stop is remembered, too");
});
