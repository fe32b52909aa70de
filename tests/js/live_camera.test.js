/** The camera page as a whole: what it says and sends when a camera does not start, or another one is chosen meanwhile. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Camera, cameraName } from "../../static/js/live/camera.js";
import { settled, sockets } from "./fake_net.js";
import { FakeElement, fakeStream, showPage, tabStorage } from "./fake_page.js";

const CHOICE = { deviceId: "front", width: 1280, height: 720 };
const TAKEN = Object.assign(new Error("in use"), { name: "NotReadableError" });

/** What was asked of the browser's cameras, oldest first; each waits until the test answers. */
let asked;
let root;
let pages = 0;

const devices = {
  getUserMedia: ({ video }) =>
    new Promise((gives, refuses) => {
      const deviceId = video.deviceId?.exact ?? "front";
      asked.push({ deviceId, height: video.height.ideal, gives: () => gives(fakeStream(deviceId)), refuses });
    }),
  enumerateDevices: async () => ["front", "back"].map((deviceId) => ({ kind: "videoinput", deviceId, label: deviceId })),
};

/** Open the page; its video plays at once. */
async function openPage() {
  root = showPage("[data-live-camera]", { devices });
  root.dataset.session = "evening";
  root.querySelector("[data-resolution]").value = "1280x720";
  Object.assign(root.querySelector("video"), { play: async () => {}, requestVideoFrameCallback: () => {}, readyState: 0 });
  pages += 1;
  await import(`../../static/js/live/main.js?${pages}`);
  await settled();
}

async function chooses(selector, value) {
  root.querySelector(selector).value = value;
  root.querySelector(selector).is("change");
  await settled();
}

/** The page films with its first camera. */
async function film() {
  await openPage();
  root.querySelector("[data-start]").is("click");
  asked[0].gives();
  await settled();
  camera().opens();
  assert.equal(root.dataset.state, "filming");
}

const camera = () => sockets.find(({ url }) => !url.includes("/ws/events/"));

beforeEach(() => {
  asked = [];
  tabStorage.clear();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
});

afterEach(() => mock.timers.reset());

test("a camera that another program holds ends the filming, for the page and for viewers", async () => {
  await film();
  await chooses("[data-camera]", "back");
  asked[1].refuses(TAKEN);
  await settled();
  const isHidden = (selector) => root.querySelector(selector).hidden;
  assert.equal(root.dataset.state, "off");
  assert.deepEqual(["[data-recording]", "[data-stop]", "[data-shutter]"].map(isHidden), [true, true, true]);
  assert.deepEqual(["[data-start]", "[data-refusal]"].map(isHidden), [false, false]);
  assert.match(root.querySelector("[data-refusal]").querySelector("[data-refusal-title]").textContent, /in use/);
  assert.equal(camera().sent.at(-1), "over");
});

test("what is chosen while a camera is being asked for is what films", async () => {
  await film();
  await chooses("[data-camera]", "back");
  await chooses("[data-resolution]", "640x360");
  assert.deepEqual(asked.slice(1).map(({ deviceId, height }) => [deviceId, height]), [["back", 720], ["back", 360]]);
  asked[1].gives();
  asked[2].gives();
  await settled();
  assert.equal(root.dataset.state, "filming");
  assert.equal(root.querySelector("[data-camera]").value, "back");
});

test("a choice also counts while the first permission is being asked for", async () => {
  await openPage();
  root.querySelector("[data-start]").is("click");
  await chooses("[data-resolution]", "1920x1080");
  assert.deepEqual(asked.map(({ height }) => height), [720, 1080]);
  asked[1].gives();
  asked[0].refuses(TAKEN);
  await settled();
  assert.equal(root.dataset.state, "filming");
  assert.equal(root.querySelector("[data-refusal]").hidden, true);
});

test("a choice while the camera is off turns nothing on", async () => {
  await film();
  root.querySelector("[data-stop]").is("click");
  await chooses("[data-camera]", "back");
  assert.equal(asked.length, 1);
});

test("a stop while a camera is being asked for stays a stop", async () => {
  await film();
  await chooses("[data-camera]", "back");
  root.querySelector("[data-stop]").is("click");
  asked[1].gives();
  await settled();
  assert.equal(root.dataset.state, "off");
});

test("a tab that is hidden before its camera is there goes off air at once", async () => {
  await openPage();
  root.querySelector("[data-start]").is("click");
  document.hidden = true;
  asked[0].gives();
  await settled();
  camera().opens();
  assert.equal(camera().sent.at(-1), "over");
});

test("a camera that is started anew while its video begins to play fails only once, by the later start", async () => {
  const video = new FakeElement();
  const plays = [];
  video.play = () => new Promise((gives, refuses) => plays.push({ gives, refuses }));
  const one = new Camera(video, { devices });
  const first = one.start(CHOICE);
  asked[0].gives();
  await settled();
  const second = one.start({ ...CHOICE, deviceId: "back" });
  plays[0].refuses(Object.assign(new Error("interrupted"), { name: "AbortError" }));
  assert.equal(await first, false);
  asked[1].gives();
  await settled();
  plays[1].gives();
  assert.equal(await second, true);
  assert.equal(one.track.getSettings().deviceId, "back");
});

test("a camera that comes too late is let go of, and one that fails says why", async () => {
  const one = new Camera(Object.assign(new FakeElement(), { play: async () => {} }), { devices });
  const first = one.start(CHOICE);
  one.stop();
  asked[0].gives();
  assert.equal(await first, false);
  const second = one.start(CHOICE);
  asked[1].refuses(TAKEN);
  await assert.rejects(second, TAKEN);
});

test("a reload while filming goes on filming, and a stop is remembered as well", async () => {
  await film();
  const before = asked.length;
  await openPage();
  assert.equal(asked.length, before + 1, "the camera is asked for once");
  asked[before].gives();
  await settled();
  assert.equal(root.dataset.state, "filming");
  root.querySelector("[data-stop]").is("click");
  await openPage();
  assert.equal(asked.length, before + 1);
  assert.notEqual(root.dataset.state, "filming");
});

for (const [label, name] of [
  ["HD Webcam (046d:0825)", "HD Webcam"],
  ["camera2 1, facing front", "Front camera"],
  ["camera2 0, facing back", "Back camera"],
  ["camera2 3, facing back", "Back camera 4"],
  ["/dev/video0", "Camera 2"],
  ["C:\\films\\stage.mjpeg", "Camera 2"],
  ["fake_device_0", "Camera 2"],
  ["", "Camera 2"],
  ["Back Triple Camera", "Back Triple Camera"],
]) {
  test(`a camera is called ${name} and not ${JSON.stringify(label)}`, () => {
    assert.equal(cameraName(label, label.includes("3,") ? 3 : 1), name);
  });
}
