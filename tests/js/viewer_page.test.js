/** Looking at pictures over the whole window: turning, zooming, deleting, and the way back to the page. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { GridWalk } from "../../static/js/viewer/items.js";
import { openViewer, wireViewer } from "../../static/js/viewer/main.js";
import { FakeImage, getsSize, presses, pressesToast, showDocument, toasts } from "./fake_browser.js";
import { FakeServer, refusal, settled } from "./fake_net.js";

const IDS = [..."abcd"].map((letter) => `00000000-0000-0000-0000-00000000000${letter}`);
const [A, B, C] = IDS;
const ACTS = { keys: "?", screen: "v", close: "escape", prev: "arrowleft", next: "arrowright", faces: "f", portrait: "p", zoom: "z", info: "i", slideshow: "s", delete: "delete" };
const BUTTONS = Object.entries(ACTS).map(([act, key]) => `<button type="button" data-act="${act}" data-key="${key}" aria-label="Do ${act}"></button>`);
const PARTS = ["stage", "strip", "keys"].map((name) => `<div data-viewer="${name}"></div>`);
const TEMPLATE = `<template id="viewer-template"><div class="viewer" data-viewer-root tabindex="-1">${PARTS.join("")}
  <strong data-viewer="title"></strong><span data-viewer="count"></span><a data-viewer="page"></a>
  <aside data-viewer="info" hidden><dl data-viewer="facts"></dl></aside><section data-viewer="help" hidden></section>
  ${BUTTONS.join("")}<a data-act="download" data-key="d"></a></div></template>`;
const card = (id) => `<li class="tile" data-photo="${id}"><div class="tile-picture"><img src="/photos/${id}/media/thumb/" width="3000" height="2000"></div>
  <a class="tile-title" href="/photos/${id}/">Photo ${id.at(-1)}</a><button data-view></button></li>`;
const PAGE = `<div class="toasts"></div><main><ul data-cards>${IDS.map(card).join("")}</ul></main>${TEMPLATE}`;

let server;
let left;
let more;

const find = (selector) => document.querySelector(selector);
const viewer = () => find("[data-viewer-root]");
const part = (name) => viewer().querySelector(`[data-viewer="${name}"]`);
const button = (act) => viewer().querySelector(`[data-act="${act}"]`);
const title = () => part("title").textContent;
const image = (name) => part("stage").querySelector(`[data-viewer-image="${name}"]`);
const slide = () => find(".viewer-slide");
const size = () => Number.parseFloat(slide().style.getPropertyValue("--slide-width"));

const facts = (photo) => ({ id: photo, width: 3000, height: 2000, faces: [{ box: [0.5, 0.5, 0.7, 0.7], name: "Minji" }], has_portrait: photo !== B, facts: [["Taken", "2026"]] });

async function presser(key) {
  const event = presses(key);
  await settled();
  return event;
}

/** Open the viewer on the picture of this place. */
async function opens(place = 0) {
  find(`[data-photo="${IDS[place]}"] [data-view]`).click();
  await settled();
  getsSize(part("stage"), { width: 900, height: 600 });
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  showDocument(PAGE, "https://encore.test/photos/");
  left = new AbortController();
  more = mock.fn(async () => undefined);
  const pictures = Object.fromEntries(IDS.map((id) => [`/photos/${id}/media/display/`, new Response("picture")]));
  const known = ({ url }) => ({ photos: new URL(url, location.href).searchParams.get("photos").split(",").map(facts) });
  server = new FakeServer({ ...pictures, "/photos/viewed/": known, "POST /photos/selected/bin/": { message: "In the bin." }, "POST /photos/selected/restore/": { message: "Back." } });
  wireViewer(find("[data-cards]"), left.signal, new GridWalk(find("[data-cards]"), more));
});

afterEach(() => {
  if (viewer()) history.back();
  left.abort();
  mock.timers.reset();
});

test("the button of a card opens its picture, and the page below can be reached no more", async () => {
  await opens(1);
  assert.deepEqual([title(), part("count").textContent], ["Photo b", "2 of 4"]);
  assert.equal(part("page").getAttribute("href"), `/photos/${B}/`);
  assert.equal(find("main").hasAttribute("inert"), true);
  assert.equal(find(".toasts").hasAttribute("inert"), false, "messages can be answered");
  assert.equal(document.activeElement, viewer());
});

test("V opens the card that has the focus, and without one the first", async () => {
  await presser("v");
  assert.equal(title(), "Photo a");
  history.back();
  find(`[data-photo="${C}"] a`).focus();
  await presser("V");
  assert.equal(title(), "Photo c");
});

test("a second viewer does not open over the first", async () => {
  await opens();
  assert.equal(openViewer(new GridWalk(find("[data-cards]")), { id: B, photo: B }), null);
  assert.equal(document.querySelectorAll("[data-viewer-root]").length, 1);
});

test("arrow keys turn and say where the row ends", async () => {
  await opens(2);
  await presser("ArrowRight");
  assert.equal(title(), "Photo d");
  assert.equal(button("next").disabled, true);
  await presser("ArrowRight");
  assert.deepEqual(toasts(), ["This is the last picture."]);
  for (let turn = 0; turn < 4; turn += 1) await presser("ArrowLeft");
  assert.equal(title(), "Photo a");
  assert.equal(toasts().at(-1), "This is the first picture.");
});

test("each button does what its key does, and a click beside them does nothing", async () => {
  await opens();
  button("next").click();
  await settled();
  assert.equal(title(), "Photo b");
  button("info").click();
  assert.equal(part("info").hidden, false);
  button("info").click();
  part("title").click();
  assert.equal(title(), "Photo b");
  button("download").click();
  assert.equal(image("display").alt, "Photo b");
  button("close").click();
  assert.equal(viewer(), null);
});

test("the page below hears none of the keys", async () => {
  await opens();
  const heard = [];
  addEventListener("keydown", (event) => heard.push(event.key));
  await presser("l");
  await presser("ArrowRight");
  assert.deepEqual(heard, []);
  await presser("Tab");
  assert.deepEqual(heard, ["Tab"], "the focus still moves");
});

test("a key with a modifier stays the browser's", async () => {
  await opens();
  const event = presses("f", { ctrlKey: true });
  assert.equal(event.defaultPrevented, false);
  assert.equal(button("faces").getAttribute("aria-pressed"), "false");
});

test("leaving shows the card where one stopped, with the focus on it", async () => {
  await opens();
  await presser("ArrowRight");
  await presser("Escape");
  assert.equal(viewer(), null);
  assert.equal(find("main").hasAttribute("inert"), false);
  assert.equal(document.activeElement, find(`[data-photo="${B}"] a`));
  assert.equal(document.scrolledTo, document.activeElement);
});

test("the button Back of the browser closes the viewer and not the page", async () => {
  await opens();
  assert.equal(location.hash, "#view");
  history.back();
  assert.equal(location.pathname, "/photos/");
  assert.equal(viewer(), null);
});

test("the small picture is there at once and the larger one takes its place", async () => {
  let arrive;
  server.answers({ [`/photos/${A}/media/display/`]: () => new Promise((resolve) => (arrive = () => resolve(new Response("large")))) });
  await opens();
  assert.deepEqual([image("display").src, image("display").alt], [`/photos/${A}/media/thumb/`, "Photo a"]);
  arrive();
  await new Promise((resolve) => setImmediate(resolve));
  assert.match(image("display").src, /^blob:/);
});

test("a picture that comes after one turned on is not shown in the next one's place", async () => {
  let arrive;
  server.answers({ [`/photos/${A}/media/display/`]: () => new Promise((resolve) => (arrive = () => resolve(new Response("late")))) });
  await opens();
  await presser("ArrowRight");
  const shown = image("display").src;
  arrive();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(image("display").src, shown);
});

test("facts and faces of the picture are shown when asked for, and stay so for the next", async () => {
  await opens();
  assert.equal(part("info").hidden, true);
  assert.equal(find(".viewer-boxes").hidden, true);
  await presser("i");
  await presser("f");
  assert.equal(part("info").hidden, false);
  assert.equal(part("facts").textContent, "Taken2026");
  await presser("ArrowRight");
  assert.equal(find(".viewer-boxes").hidden, false);
  assert.equal(find(".viewer-boxes .is-named .face-label").textContent, "Minji");
  assert.equal(find(".viewer-boxes .face-box").style.left, "50.000%");
  await presser("i");
  await presser("f");
});

test("of a photo that is gone meanwhile that is said", async () => {
  server.answers({ "/photos/viewed/": () => ({ photos: [] }) });
  await opens();
  assert.match(part("facts").textContent, /gone/);
  await presser("ArrowRight");
  assert.equal(size(), 900, "the card knows how large it is");
});

test("the portrait is shown only where there is one", async () => {
  await opens();
  await presser("p");
  assert.deepEqual([image("portrait").hidden, image("portrait").src], [false, `/photos/${A}/media/portrait-display/`]);
  await presser("ArrowRight");
  assert.equal(button("portrait").disabled, true);
  assert.equal(image("portrait").hidden, true);
  await presser("p");
  assert.equal(button("portrait").getAttribute("aria-pressed"), "true", "the wish stays for the next picture");
  await presser("ArrowRight");
  assert.equal(image("portrait").hidden, false);
  await presser("p");
  assert.equal(image("portrait").hidden, true);
});

test("Z shows the photo's own pixels where its faces are, and Z again the whole", async () => {
  await opens();
  assert.equal(size(), 900);
  await presser("z");
  assert.equal(size(), 3000);
  assert.equal(slide().style.getPropertyValue("--slide-x"), "-300.00px");
  assert.equal(slide().classList.contains("is-zoomed"), true);
  await presser("z");
  assert.equal(size(), 900);
});

test("the original is fetched once the smaller picture has too few pixels, and only then", async () => {
  await opens();
  await presser("+");
  assert.equal(image("full").src, "");
  await presser("z");
  await presser("z");
  assert.equal(image("full").src, `/photos/${A}/media/full/`);
});

test("an original that cannot be had leaves the picture that is there", async () => {
  FakeImage.missing.add(`/photos/${A}/media/full/`);
  await opens();
  await presser("z");
  assert.equal(image("full").hidden, true);
  assert.equal(image("display").hidden, false);
});

test("an enlarged portrait has the pixels of the photo, too", async () => {
  await opens();
  await presser("p");
  await presser("z");
  assert.equal(image("portrait").src, `/photos/${A}/media/portrait/`);
  await presser("p");
});

test("plus and minus zoom step by step, never below the whole picture", async () => {
  await opens();
  await presser("+");
  assert.equal(size(), 1260);
  await presser("-");
  await presser("-");
  assert.equal(size(), 900);
});

const finger = (kind, x, y, details = {}) => part("stage").is(kind, { button: 0, pointerId: 1, pointerType: "touch", clientX: x, clientY: y, timeStamp: 0, ...details });

/** A finger moves over the picture and is lifted. */
async function swipes([x, y], [toX, toY], milliseconds = 200) {
  finger("pointerdown", x, y);
  finger("pointermove", toX, toY, { timeStamp: milliseconds });
  finger("pointerup", toX, toY, { timeStamp: milliseconds });
  await settled();
}

for (const [name, to, milliseconds, expected] of [
  ["to the left leads to the next picture", [100, 300], 200, "Photo c"],
  ["to the right leads back", [800, 300], 200, "Photo a"],
  ["that is short leads nowhere", [430, 300], 200, "Photo b"],
  ["that takes its time leads nowhere", [100, 300], 3000, "Photo b"],
  ["upwards leads nowhere", [450, 20], 200, "Photo b"],
]) {
  test(`a swipe ${name}`, async () => {
    await opens(1);
    await swipes([450, 300], to, milliseconds);
    assert.equal(title(), expected);
  });
}

test("a swipe downwards closes the viewer", async () => {
  await opens(1);
  await swipes([450, 100], [460, 500]);
  assert.equal(viewer(), null);
});

test("the picture follows a finger that may be about to turn, one way only, and comes back", async () => {
  await opens();
  finger("pointerdown", 450, 300);
  finger("pointermove", 400, 320);
  assert.deepEqual(["--follow-x", "--follow-y"].map((name) => slide().style.getPropertyValue(name)), ["-50px", "0px"]);
  finger("pointercancel", 400, 320);
  assert.equal(slide().style.getPropertyValue("--follow-x"), "0px");
  assert.equal(title(), "Photo a");
});

test("a picture that is enlarged is moved by a finger and turns nothing", async () => {
  await opens(1);
  await presser("+");
  await swipes([450, 300], [250, 300]);
  assert.equal(title(), "Photo b");
  assert.equal(slide().style.getPropertyValue("--slide-x"), "-180.00px", "as far as its edge");
});

test("two fingers zoom round the point between them", async () => {
  await opens();
  finger("pointerdown", 350, 300, { pointerId: 1 });
  finger("pointerdown", 450, 300, { pointerId: 2 });
  finger("pointermove", 500, 300, { pointerId: 2 });
  finger("pointermove", 550, 300, { pointerId: 2 });
  assert.equal(size(), 1800);
  finger("pointerup", 550, 300, { pointerId: 2, timeStamp: 50 });
  finger("pointerup", 350, 300, { pointerId: 1, timeStamp: 60 });
  assert.equal(slide().style.getPropertyValue("--slide-x"), "100.00px", "what was between the fingers still is");
});

test("a pinch that ends far from where it began is no swipe", async () => {
  await opens(1);
  finger("pointerdown", 500, 300, { pointerId: 1 });
  finger("pointerdown", 700, 300, { pointerId: 2 });
  finger("pointerup", 700, 300, { pointerId: 2, timeStamp: 50 });
  finger("pointerup", 100, 300, { pointerId: 1, timeStamp: 60 });
  await settled();
  assert.equal(title(), "Photo b");
});

test("the wheel zooms, whether it counts pixels or lines", async () => {
  await opens();
  const turned = part("stage").is("wheel", { deltaMode: 0, deltaY: -160, clientX: 450, clientY: 300 });
  const byPixels = size();
  await presser("-");
  await presser("-");
  part("stage").is("wheel", { deltaMode: 1, deltaY: -10, clientX: 450, clientY: 300 });
  assert.equal(turned.defaultPrevented, true);
  assert.ok(byPixels > 1200 && byPixels < 1400);
  assert.equal(size(), byPixels);
});

test("a tap takes the tools away, and a second one soon after it zooms instead", async () => {
  await opens();
  await swipes([450, 300], [450, 300], 20);
  mock.timers.tick(400);
  assert.equal(viewer().classList.contains("is-bare"), true);
  finger("pointerdown", 450, 300, { timeStamp: 1000 });
  finger("pointerup", 450, 300, { timeStamp: 1020 });
  finger("pointerdown", 452, 300, { timeStamp: 1100 });
  finger("pointerup", 452, 300, { timeStamp: 1120 });
  mock.timers.tick(400);
  assert.equal(viewer().classList.contains("is-bare"), true, "the two taps have not brought them back");
  assert.equal(size(), 3000);
  finger("pointerdown", 452, 300, { timeStamp: 1200 });
  finger("pointerup", 452, 300, { timeStamp: 1210 });
  assert.equal(size(), 3000, "a third one begins anew");
});

test("the browser does not select or drag what a finger is on", async () => {
  await opens();
  assert.equal(finger("pointerdown", 450, 300).defaultPrevented, true);
});

test("the other mouse buttons move nothing", async () => {
  await opens();
  finger("pointerdown", 450, 300, { button: 2 });
  finger("pointermove", 100, 300);
  finger("pointerup", 100, 300);
  assert.equal(title(), "Photo a");
});

test("the strip leads to any picture and says which one is shown", async () => {
  await opens();
  const thumbs = () => part("strip").querySelectorAll("[data-item]");
  assert.deepEqual(thumbs().map((thumb) => thumb.getAttribute("aria-label")), ["Photo a", "Photo b", "Photo c", "Photo d"]);
  thumbs()[3].click();
  await settled();
  assert.equal(title(), "Photo d");
  assert.deepEqual(thumbs().map((thumb) => thumb.getAttribute("aria-current")), [null, null, null, "true"]);
});

test("near the end the next page of cards is asked for", async () => {
  await opens(2);
  assert.ok(more.mock.callCount() > 0);
});

test("a picture that is thrown away leaves its grid, and Undo shows it again", async () => {
  await opens(1);
  await presser("Delete");
  assert.deepEqual(server.sent, [["/photos/selected/bin/", { photos: B }]]);
  assert.deepEqual([title(), part("count").textContent], ["Photo c", "2 of 3"]);
  assert.deepEqual(toasts(), ["In the bin."]);
  await pressesToast();
  assert.deepEqual(server.sent.at(-1), ["/photos/selected/restore/", { photos: B }]);
  assert.deepEqual([title(), part("count").textContent], ["Photo b", "2 of 4"]);
});

test("the last picture that is thrown away shows the one before it", async () => {
  await opens(3);
  await presser("Backspace");
  assert.equal(title(), "Photo c");
});

test("a picture that the server does not throw away stays", async () => {
  server.answers({ "POST /photos/selected/bin/": refusal(403, "This photo is not yours.") });
  await opens(1);
  await presser("Delete");
  assert.deepEqual(toasts(), ["This photo is not yours."]);
  assert.deepEqual([title(), part("count").textContent], ["Photo b", "2 of 4"]);
});

test("whoever may only look deletes nothing", async () => {
  find("#viewer-template").content.querySelector('[data-act="delete"]').remove();
  await opens();
  await presser("Delete");
  assert.deepEqual(server.sent, []);
});

test("the keys are listed as the buttons name them, and Escape closes the list first", async () => {
  await opens();
  const written = part("keys").querySelectorAll("dt").map((term) => term.textContent);
  assert.deepEqual(written, ["?", "V", "Esc", "←", "→", "F", "P", "Z", "I", "S", "Del", "D"]);
  await presser("?");
  assert.equal(part("help").hidden, false);
  await presser("Escape");
  assert.equal(part("help").hidden, true);
  assert.ok(viewer());
});

test("a slideshow goes on by itself until one turns by hand", async () => {
  await opens();
  await presser("s");
  mock.timers.tick(4100);
  await settled();
  assert.equal(title(), "Photo b");
  await presser("ArrowLeft");
  assert.equal(button("slideshow").getAttribute("aria-pressed"), "false");
  mock.timers.tick(9000);
  assert.equal(title(), "Photo a");
});

test("leaving ends the slideshow and the full screen", async () => {
  await opens();
  await presser("v");
  assert.equal(document.fullscreenElement, document.documentElement);
  await presser("s");
  await presser("Escape");
  assert.equal(document.fullscreenElement, null);
  mock.timers.tick(9000);
  assert.equal(viewer(), null);
});

test("the picture is downloaded in full from its own button", async () => {
  await opens();
  assert.equal(button("download").getAttribute("href"), `/photos/${A}/media/full/?download=1`);
  await presser("ArrowRight");
  assert.equal(button("download").getAttribute("href"), `/photos/${B}/media/full/?download=1`);
});

test("the picture fits anew when the window gets another size", async () => {
  await opens();
  getsSize(part("stage"), { width: 300, height: 600 });
  assert.equal(size(), 300);
});
