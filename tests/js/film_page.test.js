/** The pages of videos: uploads, the analysis as it goes on, and the player with its faces. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { getsSize, pressesToast, runScript, showDocument, toasts } from "./fake_browser.js";
import { calm, FakeServer, refusal, tells, transfers } from "./fake_net.js";

const find = (selector) => document.querySelector(selector);

let server;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  server = new FakeServer({});
});

afterEach(() => {
  window.is("pagehide");
  mock.timers.reset();
});

const SETTINGS = { endpoint: "/upload/tus/", newConcert: "/concerts/new/", videos: "/videos/", maxBytes: 5000, doors: { suffixes: [".jpg"], machineNames: ["@eadir"] } };
const STATE = '<p data-video-words>waiting</p><span data-video-moments></span><progress data-video-progress hidden></progress><p data-video-failure hidden></p>';
const listed = (id, more = "") => `<li data-video="${id}">${STATE}${more}</li>`;
const UPLOADS = `<script id="video-settings">${JSON.stringify(SETTINGS)}</script><div data-videos="drop"><input type="file" data-videos="files"></div>
  <select data-videos="concert"><option value="">None</option><option value="seoul">Seoul</option><option value="new">New</option></select><dialog data-videos="concert-dialog"><form><button type="button" data-closes></button></form></dialog><ul data-videos="uploads"></ul>`;
const videosPage = (list, uploads = UPLOADS) => `<body data-last-event="0"></body><div class="toasts"></div><main>${uploads}<ul data-videos="list">${list}</ul></main>`;

async function openVideos(list = listed("v"), uploads = UPLOADS) {
  server.answers({ "/videos/": videosPage(list, uploads) });
  showDocument(videosPage(list, uploads), "https://encore.test/videos/");
  await runScript("videos/main.js");
}

const file = (name, size = 4000, type = "") => new File([new Uint8Array(size)], name, { type });
const line = (place = 0) => find('[data-videos="uploads"]').children[place];
const note = (place = 0) => line(place).querySelector(".video-upload-note").textContent;

async function chooses(...files) {
  const input = find('[data-videos="files"]');
  input.files = files;
  input.is("change");
  await calm();
}

test("a video is uploaded with its progress, and appears in the list when it has arrived", async () => {
  await openVideos("");
  await chooses(file("stage.mp4"));
  assert.deepEqual([line().querySelector("strong").textContent, note()], ["stage.mp4", "0 % · 0 B of 4.0 kB"]);
  transfers[0].hasSent(1000);
  assert.deepEqual([note(), line().querySelector("progress").value], ["25 % · 1.0 kB of 4.0 kB", 1000]);
  transfers[0].hasSent(4000);
  assert.equal(note(), "Being checked · 4.0 kB");
  server.answers({ "/videos/": videosPage(listed("v")) });
  await transfers[0].gets(201, { "Encore-Video": "v" });
  await calm();
  assert.equal(note(), "Uploaded, 4.0 kB. See the video");
  assert.deepEqual([line().querySelector("button").hidden, line().querySelector("progress").hidden], [true, true]);
  assert.equal(line().querySelector("a").getAttribute("href"), "/videos/v/");
  assert.ok(find('[data-video="v"]'));
});

test("videos go one after the other, and the page asks before it is left meanwhile", async () => {
  await openVideos();
  await chooses(file("a.mp4"), file("b.mov"));
  assert.deepEqual([transfers.length, note(1)], [1, "Waiting · 4.0 kB"]);
  assert.equal(window.is("beforeunload").defaultPrevented, true);
  await transfers[0].gets(201, { "Encore-Video": "v", "Encore-Duplicate": "true" });
  assert.equal(note(0), "You have uploaded this video before. See the video");
  await transfers[1].gets(201, { "Encore-Video": "w" });
  assert.equal(window.is("beforeunload").defaultPrevented, false);
});

test("an upload is cancelled and tried again by its button", async () => {
  await openVideos();
  await chooses(file("a.mp4"));
  const button = line().querySelector("button");
  button.click();
  await calm();
  assert.deepEqual([note(), button.getAttribute("aria-label"), transfers[0].isAborted], ["Cancelled", "Retry a.mp4", true]);
  button.click();
  await calm();
  await transfers[1].gets(400, {}, JSON.stringify({ error: "This is no film." }));
  assert.deepEqual([note(), line().dataset.state], ["This is no film.", "failed"]);
});

for (const [name, offered, words] of [
  ["of another kind", file("song.mp3"), "song.mp3 is not an MP4, MOV or WebM file."],
  ["that is too large", file("long.mp4", 5001), "long.mp4 is larger than 5.0 kB."],
  ["that the system made", file("._a.mp4"), "._a.mp4 was made by the system, not by you."],
]) {
  test(`a file ${name} is refused in words`, async () => {
    await openVideos();
    await chooses(offered);
    assert.deepEqual([toasts(), transfers.length], [[words], 0]);
  });
}

test("a video goes to the concert that is chosen, and a new one can be made", async () => {
  await openVideos();
  const select = find('[data-videos="concert"]');
  select.value = "seoul";
  select.is("change");
  await chooses(file("a.mp4"));
  assert.ok(transfers[0].headers["Upload-Metadata"].includes(`concert ${btoa("seoul")}`));
  select.value = "new";
  select.is("change");
  assert.equal(find("dialog").open, true);
  find("[data-closes]").click();
  assert.deepEqual([find("dialog").open, select.value], [false, "seoul"]);
});

test("a file that cannot be read is named, and the others go", async () => {
  await openVideos();
  const gone = { name: "gone.mp4", isFile: true, file: (_, fails) => fails(new DOMException("gone", "NotFoundError")) };
  const there = { name: "a.mp4", isFile: true, file: (gives) => gives(file("a.mp4")) };
  document.is("drop", { dataTransfer: { items: [gone, there].map((one) => ({ webkitGetAsEntry: () => one })), files: [] } });
  await calm();
  assert.deepEqual([toasts(), transfers.length], [["gone.mp4 could not be read."], 1]);
});

test("a video follows its analysis, and the page takes over what the server shows beside it", async () => {
  await openVideos(listed("v"));
  let answer;
  server.answers({ "/videos/": () => new Promise((resolve) => (answer = resolve)) });
  await tells("video_progress", { video: "v", seconds: 65, duration: 130, moments: 2 });
  assert.equal(find('[data-video="v"] progress').hidden, false);
  assert.match(find('[data-video="v"]').textContent, /^1:05 of 2:10 analysed · 2 moments so far/);
  answer(videosPage(listed("v") + listed("w")));
  await calm();
  assert.ok(find('[data-video="w"]'), "another one that was uploaded elsewhere");
});

test("the end and a failure are shown at once, before the server is asked", async () => {
  await openVideos(listed("v") + listed("w"));
  server.answers({ "/videos/": new Response("", { status: 503 }) });
  await tells("video_ready", { video: "v", seconds: 9, duration: 9, moments: 1 });
  await tells("video_failed", { video: "w", reason: "The file is damaged." });
  await tells("video_ready", { video: "elsewhere", seconds: 1, duration: 1, moments: 0 });
  assert.deepEqual(["v", "w"].map((id) => find(`[data-video="${id}"]`).dataset.state), ["ready", "failed"]);
  assert.match(find('[data-video="v"]').textContent, /^0:09 · 1 moment/);
  assert.equal(find('[data-video="w"] [data-video-failure]').textContent, "The file is damaged.");
});

test("names and pictures of the moments of a film come by themselves", async () => {
  const found = (inside) => `<section data-video-found>${inside}</section>`;
  await openVideos("", found('<li data-moment="m"><span class="skeleton"></span></li>'));
  server.asked.length = 0;
  server.answers({ "/videos/": videosPage("", found('<li data-moment="m"><b>Jennie</b></li>')) });
  await tells("photo_ready", { photo: "p" });
  await calm();
  assert.equal(find("[data-video-found] b").textContent, "Jennie");
  server.asked.length = 0;
  await tells("photo_ready", { photo: "q" });
  assert.deepEqual(server.log, [], "no picture is missing");
  await tells("names_changed", { photos: ["p"] });
  assert.deepEqual(server.log, ["GET /videos/"]);
});

const moment = (id, second) => `<li data-moment="${id}" data-second="${second}" data-clock="0:${second}"><a>Moment ${id}</a></li>`;
const DIALOG = `<dialog id="name-dialog"><form data-name-form><img data-name-crop><input id="name-input"><ul id="name-options" hidden></ul><input id="name-group"><p data-name-error></p><button></button></form></dialog>`;
const playerPage = (dialog) => `<div class="toasts"></div><main><div data-player data-tracks="/videos/v/tracks/"><div data-screen><video></video><div data-layer></div></div>
  <p data-unplayable hidden></p><ol data-marks></ol><input type="checkbox" data-boxes checked><button type="button" data-screen-button hidden></button></div>
  <ul>${moment("a", "10")}${moment("b", "45")}</ul></main>${dialog}`;
const TRACKS = [
  { id: 1, name: "Lisa", group: "BLACKPINK", boxes: [[0, 1000, 1000, 2000, 3000], [500, 2000, 1000, 3000, 3000]] },
  { id: 2, name: "", group: "", boxes: [[400, 5000, 8800, 6000, 9800], [800, 5000, 8800, 6000, 9800]] },
];

let film;
let drawFrame;

/** Open the player of a film of a minute; its frames are shown when the test says. */
async function openPlayer({ dialog = DIALOG, isOld = false, tracks = TRACKS, state = {} } = {}) {
  server.answers({ "/videos/v/tracks/": { tracks } });
  showDocument(playerPage(dialog), "https://encore.test/videos/v/");
  film = Object.assign(find("video"), { duration: 60, currentTime: 0, readyState: 1, videoWidth: 1920, videoHeight: 1080, isPlaying: true, play: async () => (film.isPlaying = true), pause: () => (film.isPlaying = false), ...state });
  film.layout = { left: 0, top: 0, width: 960, height: 640 };
  if (!isOld) film.requestVideoFrameCallback = (draw) => (drawFrame = draw);
  document.fullscreenEnabled = true;
  await runScript("player/main.js");
}

/** The film shows the frame of a time. */
async function shows(seconds) {
  film.currentTime = seconds;
  const draw = drawFrame;
  drawFrame = null; // A browser tells of one frame, and of the next only if it is asked again.
  draw(0, { mediaTime: seconds });
  await calm();
}

const boxes = () => find("[data-layer]").children;

test("boxes are drawn for the very frame that is shown", async () => {
  await openPlayer();
  await shows(0);
  await shows(0.25);
  assert.deepEqual(boxes().map((box) => box.textContent), ["Lisa"]);
  assert.deepEqual([boxes()[0].style.left, boxes()[0].style.width], ["15.000%", "10.000%"]);
  await shows(0.45);
  assert.deepEqual(boxes().map((box) => box.getAttribute("aria-label")), ["Lisa; change the name", "Unknown face; give it a name"]);
  await shows(0.75);
  assert.deepEqual(boxes().map((box) => box.dataset.track), ["2"]);
});

test("a box over the controls leaves them free", async () => {
  await openPlayer();
  await shows(0.45);
  await shows(0.45);
  assert.equal(boxes()[1].style.getPropertyValue("--above-controls"), "0.200");
});

test("an old browser draws a few times a second", async () => {
  await openPlayer({ isOld: true });
  film.is("timeupdate");
  await calm();
  film.is("timeupdate");
  assert.equal(boxes().length, 1);
});

test("boxes can be switched off, also while the film stands still", async () => {
  await openPlayer();
  await shows(0);
  find("[data-boxes]").click();
  assert.equal(boxes().length, 0);
  find("[data-boxes]").click();
  assert.equal(boxes().length, 1);
});

test("the layer lies on the picture of the film and not on the bars", async () => {
  await openPlayer();
  film.is("loadedmetadata");
  const sides = () => ["left", "top", "width", "height"].map((side) => find("[data-layer]").style.getPropertyValue(`--layer-${side}`));
  assert.deepEqual(sides(), ["0px", "50px", "960px", "540px"]);
  getsSize(film, { width: 480, height: 270 });
  assert.deepEqual(sides(), ["0px", "0px", "480px", "270px"]);
});

test("moments are marks on the bar, and a click begins a second before", async () => {
  await openPlayer();
  const marks = find("[data-marks]").querySelectorAll("button");
  assert.deepEqual(marks.map((mark) => mark.title), ["0:10: Moment a", "0:45: Moment b"]);
  film.isPlaying = false;
  marks[1].click();
  assert.deepEqual([film.currentTime, film.isPlaying], [44, true]);
  find("[data-marks]").click();
  assert.equal(film.currentTime, 44);
});

test("a film whose length comes late gets its marks then", async () => {
  await openPlayer({ state: { readyState: 0, duration: NaN } });
  assert.equal(find("[data-marks]").children.length, 0);
  film.duration = 60;
  film.is("loadedmetadata");
  assert.equal(find("[data-marks]").children.length, 2);
});

test("a moment that is found while one watches gets its mark", async () => {
  await openPlayer();
  find("main").append(new DOMParser().parseFromString(moment("c", "30")));
  await calm();
  assert.equal(find("[data-marks]").querySelectorAll("button").length, 3);
});

test("a film that this browser cannot play says so", async () => {
  await openPlayer();
  film.is("error");
  assert.deepEqual([find("[data-screen]").hidden, find("[data-unplayable]").hidden], [true, false]);
});

test("the full screen shows the boxes, too", async () => {
  await openPlayer();
  assert.equal(find("[data-screen-button]").hidden, false);
  find("[data-screen-button]").click();
  assert.equal(document.fullscreenElement, find("[data-screen]"));
});

/** The canvas from which a face is cut. */
function cutting() {
  const cut = [];
  const make = document.createElement.bind(document);
  document.createElement = (tag) => Object.assign(make(tag), tag === "canvas" && { getContext: () => ({ drawImage: (_, ...place) => cut.push(place.slice(0, 4)) }), toBlob: (done) => done(new Blob(["face"])) });
  return cut;
}

test("a click on a face stops the film and asks who it is, with its picture", async () => {
  await openPlayer();
  const cut = cutting();
  await shows(0);
  boxes()[0].click();
  await calm();
  assert.deepEqual([film.isPlaying, find("#name-dialog").open, find("#name-input").value, find("#name-group").value], [false, true, "Lisa", "BLACKPINK"]);
  assert.match(find("[data-name-crop]").src, /^blob:/);
  const [left, top, side] = cut[0].map(Math.round);
  assert.deepEqual([left, top, side], [94, 22, 389], "the face with air around it, in pixels of the film");
  const freed = mock.method(URL, "revokeObjectURL", () => {});
  const crop = find("[data-name-crop]").src;
  find("#name-dialog").close();
  await calm();
  assert.deepEqual(freed.mock.calls.map((call) => call.arguments[0]), [crop], "the browser keeps no face");
  freed.mock.restore();
});

test("the name of a face over a film goes to its track, is said and can be undone", async () => {
  await openPlayer();
  cutting();
  server.answers({ "POST /videos/v/tracks/1/name/": { undo: 5 }, "POST /decisions/5/undo/": {} });
  await shows(0);
  boxes()[0].click();
  await calm();
  find("#name-input").value = "Jisoo";
  const asked = () => server.log.filter((one) => one === "GET /videos/v/tracks/?second=0").length;
  const before = asked();
  find("#name-dialog button").click();
  await calm();
  assert.deepEqual(server.sent, [["/videos/v/tracks/1/name/", { name: "Jisoo", group: "BLACKPINK" }]]);
  assert.deepEqual([toasts(), asked()], [["Named Jisoo. Moments with this face follow."], before + 1]);
  await pressesToast();
  await calm();
  assert.deepEqual([server.sent.at(-1)[0], asked()], ["/decisions/5/undo/", before + 2]);
});

test("a face that has got its name has one box, with the name", async () => {
  await openPlayer();
  await shows(0);
  await shows(0.45);
  server.answers({ "/videos/v/tracks/": { tracks: [TRACKS[0], { ...TRACKS[1], name: "Rosé" }] }, "POST /videos/v/tracks/2/name/": {} });
  cutting();
  boxes()[1].click();
  await calm();
  find("#name-input").value = "Rosé";
  find("#name-dialog button").click();
  await calm();
  assert.deepEqual(boxes().map((box) => box.textContent), ["Lisa", "Rosé"]);
});

test("a film that was left draws nothing any more", async () => {
  await openPlayer();
  await shows(0);
  const before = boxes().length;
  window.is("pagehide");
  drawFrame(0, { mediaTime: 0.75 });
  assert.equal(boxes().length, before);
});

test("an undo that is refused says why", async () => {
  await openPlayer();
  cutting();
  server.answers({ "POST /videos/v/tracks/1/name/": { undo: 5, note: "The face is too small." }, "POST /decisions/5/undo/": refusal(409, "It was undone already.") });
  await shows(0);
  boxes()[0].click();
  await calm();
  find("#name-dialog button").click();
  await calm();
  assert.deepEqual(toasts(), ["The face is too small."]);
  await pressesToast();
  assert.deepEqual(toasts().at(-1), "It was undone already.");
});

test("whoever may only look can stop the film at a face and name nobody", async () => {
  await openPlayer({ dialog: "" });
  await shows(0);
  boxes()[0].click();
  await calm();
  assert.deepEqual([film.isPlaying, server.sent], [false, []]);
});

test("tracks that could not be fetched are asked for again after a while", async () => {
  await openPlayer();
  server.answers({ "/videos/v/tracks/": new Response("", { status: 503 }) });
  await shows(0);
  await shows(0.1);
  const failed = server.log.length;
  server.answers({ "/videos/v/tracks/": { tracks: TRACKS } });
  mock.timers.tick(3100);
  await shows(0.2);
  assert.deepEqual([server.log.length, boxes().length], [failed + 1, 1]);
});
