/** A choice of people is shown over the picture by the browser itself: who was chosen is sharp, all else is not. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { SubjectChooser } from "../../static/js/photo/subject.js";
import { PortraitPreview } from "../../static/js/portrait/preview.js";
import { comesIntoSight, FakeImage, setGlobal, showDocument, toasts, pressesToast } from "./fake_browser.js";
import { givePixels, Pixels } from "./fake_canvas.js";
import { calm, FakeServer, refusal } from "./fake_net.js";

const SIZE = { width: 120, height: 40 };
/** Where the two people stand, by columns. */
const STANDS = { aria: [10, 40], bora: [80, 110] };
const isIn = ([first, end], x) => x >= first && x < end;
/** Thin stripes: sharp ones are black or white, blurred ones grey. */
const striped = Pixels.of(SIZE.width, SIZE.height, (x) => (x % 2 ? [255, 255, 255] : [0, 0, 0]));
const grey = (isOpaque) => (isOpaque ? [255, 255, 255] : [0, 0, 0]);
const masks = Pixels.of(SIZE.width, 3 * SIZE.height, (x, y) => {
  const inRow = [isIn(STANDS.aria, x) || isIn(STANDS.bora, x), isIn(STANDS.aria, x), isIn(STANDS.bora, x)];
  return grey(inRow[Math.floor(y / SIZE.height)]);
});
const READY = { state: "ready", url: "/masks/p/", rows: { aria: 0, bora: 1 }, count: 2 };
const FORM = `<form data-subject-form data-subject="all" data-rule="aria" data-masks="/photos/p/masks/" action="/photos/p/subject/">
  <input type="checkbox" name="face" value="aria" checked><input type="checkbox" name="face" value="bora" checked><input type="checkbox" data-subject-clicks>
  <button name="subject" value="auto" data-auto></button><p data-subject-words></p></form>`;
const PAGE = `<div class="toasts"></div><main><div data-picture><img data-image><div data-layer><b data-box-of="aria"></b><b data-box-of="bora"></b></div></div><input type="range" data-strength value="1">${FORM}</main>`;

let server;
let preview;

const find = (selector) => document.querySelector(selector);
const canvas = () => find("[data-preview]");
const middle = ([first, end]) => (first + end) / 2;

/** What the canvas shows in the middle of a place: sharp stripes, or a blur. */
function looks(columns) {
  const { pixels } = canvas().getContext("2d");
  const [one, other] = [0, 1].map((step) => pixels.at(middle(columns) + step, 20)[0]);
  return Math.abs(one - other) === 255 ? "sharp" : Math.abs(one - other) < 60 ? "blurred" : `${one} and ${other}`;
}

const shown = () => (canvas().hidden ? "nothing" : { aria: looks(STANDS.aria), bora: looks(STANDS.bora), between: looks([50, 70]) });

class MaskImage extends FakeImage {
  naturalWidth = masks.width;
  naturalHeight = masks.height;
  width = masks.width;
  height = masks.height;
  pixels = masks;
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  showDocument(PAGE);
  givePixels(document);
  setGlobal("ImageData", Pixels);
  setGlobal("Image", MaskImage);
  Object.assign(find("[data-image]"), { ...SIZE, naturalWidth: SIZE.width, naturalHeight: SIZE.height, pixels: striped });
  find("[data-layer]").layout = { left: 0, top: 0, width: 240, height: 80 };
  server = new FakeServer({ "POST /photos/p/masks/": READY, "POST /photos/p/subject/": {} });
  preview = new PortraitPreview("/photos/p/masks/", find("[data-layer]"), find("[data-image]"));
});

afterEach(() => mock.timers.reset());

test("nothing lies over the picture before a choice is shown", async () => {
  assert.deepEqual([preview.isReady, shown()], [false, "nothing"]);
  assert.equal(canvas().getAttribute("aria-label"), "Preview of the portrait");
  preview.show(["aria"], 1);
  assert.equal(shown(), "nothing", "the masks are not here");
  assert.equal(await preview.load(), true);
  assert.equal(shown(), "nothing");
});

test("who is chosen is sharp, and all else is blurred", async () => {
  await preview.load();
  preview.show(["aria"], 1);
  assert.deepEqual(shown(), { aria: "sharp", bora: "blurred", between: "blurred" });
  preview.show(["bora"], 1);
  assert.deepEqual(shown(), { aria: "blurred", bora: "sharp", between: "blurred" });
  preview.show(null, 1);
  assert.deepEqual(shown(), { aria: "sharp", bora: "sharp", between: "blurred" });
  preview.hide();
  assert.equal(shown(), "nothing");
});

test("the background beside a person keeps its colour: no halo of her", async () => {
  find("[data-image]").pixels = Pixels.of(SIZE.width, SIZE.height, (x) => (isIn(STANDS.aria, x) ? [255, 0, 0] : [0, 0, 0]));
  await preview.load();
  preview.show(["aria"], 1);
  const red = [STANDS.aria[0] + 1, STANDS.aria[1] + 1].map((x) => canvas().getContext("2d").pixels.at(x, 20)[0]);
  assert.deepEqual(red, [255, 0]);
  assert.deepEqual([canvas().width, canvas().height], [SIZE.width, SIZE.height]);
});

test("a strength of nothing blurs nothing", async () => {
  await preview.load();
  preview.show(["aria"], 0);
  assert.deepEqual(shown(), { aria: "sharp", bora: "sharp", between: "sharp" });
});

test("a face without a mask of its own stays as blurred as the background", async () => {
  await preview.load();
  preview.show(["somebody"], 1);
  assert.deepEqual(shown(), { aria: "blurred", bora: "blurred", between: "blurred" });
});

test("a person is found by a click anywhere on their body", async () => {
  assert.equal(preview.faceAt({ clientX: 50, clientY: 40 }), null);
  await preview.load();
  const faces = [[50, 40], [190, 79], [120, 40], [-1, 40], [50, 80]].map(([clientX, clientY]) => preview.faceAt({ clientX, clientY }));
  assert.deepEqual(faces, ["aria", "bora", null, null, null]);
});

test("masks are asked for once, and again when the server had to make them first", async () => {
  server.answers({ "POST /photos/p/masks/": { state: "pending" } });
  assert.deepEqual(await Promise.all([preview.load(), preview.load()]), [false, false]);
  assert.equal(server.sent.length, 1);
  server.answers({ "POST /photos/p/masks/": READY });
  assert.equal(await preview.load(), true);
  await preview.load();
  assert.equal(server.sent.length, 2);
});

test("without masks a choice goes on without its preview", async () => {
  server.answers({ "POST /photos/p/masks/": refusal(503, "Busy.") });
  assert.equal(await preview.load(), false);
  server.answers({ "POST /photos/p/masks/": READY });
  setGlobal("Image", class extends MaskImage { naturalWidth = 0; decode = async () => Promise.reject(new Error("broken")); });
  assert.equal(await preview.load(), false);
  assert.deepEqual(toasts(), []);
});

test("another preview of the same picture takes the canvas that is there", () => {
  const first = canvas();
  new PortraitPreview("/photos/p/masks/", find("[data-layer]"), find("[data-image]"));
  assert.equal(document.querySelectorAll("[data-preview]").length, 1);
  assert.equal(canvas(), first);
});

let chooser;

/** The list of who stays sharp is in use. */
async function choosing() {
  chooser = new SubjectChooser(find("main"), new AbortController().signal, () => chooser.mark());
  chooser.mount();
}

async function ticks(name) {
  find(`[value="${name}"]`).click();
  await calm();
}

test("a tick is seen over the picture at once, before the server has drawn anything", async () => {
  await choosing();
  await ticks("bora");
  assert.deepEqual(shown(), { aria: "sharp", bora: "blurred", between: "blurred" });
  assert.deepEqual(server.sent.at(-1), ["/photos/p/subject/", { subject: "chosen", face: "aria" }]);
  chooser.hide();
  assert.equal(shown(), "nothing");
});

test("an undo shows what was before", async () => {
  await choosing();
  await ticks("bora");
  await pressesToast();
  await calm();
  assert.deepEqual(shown(), { aria: "sharp", bora: "sharp", between: "blurred" });
  assert.deepEqual(server.sent.at(-1), ["/photos/p/subject/", { subject: "all" }]);
});

test("a button of the form chooses by the rule", async () => {
  await choosing();
  find("[data-auto]").click();
  await calm();
  assert.deepEqual(shown(), { aria: "sharp", bora: "blurred", between: "blurred" });
});

test("masks that come after the tick show it then, and none after one looked away", async () => {
  server.answers({ "POST /photos/p/masks/": { state: "pending" } });
  await choosing();
  await ticks("bora");
  assert.equal(shown(), "nothing");
  server.answers({ "POST /photos/p/masks/": READY });
  await chooser.masksReady();
  await calm();
  assert.equal(shown().bora, "blurred");
  chooser.hide();
  await chooser.masksReady();
  assert.equal(shown(), "nothing");
});

test("the slider of the strength is seen as it moves", async () => {
  await choosing();
  await ticks("bora");
  find("[data-strength]").value = "0";
  find("[data-strength]").is("input");
  await calm();
  assert.deepEqual(shown(), { aria: "sharp", bora: "sharp", between: "sharp" });
});

test("a click on a body keeps or blurs that person while clicks mean that", async () => {
  await choosing();
  find("[data-image]").is("click", { clientX: 190, clientY: 40 });
  assert.equal(find('[value="bora"]').checked, true, "clicks mean nothing yet");
  find("[data-subject-clicks]").click();
  await calm();
  find("[data-image]").is("click", { clientX: 190, clientY: 40 });
  await calm();
  assert.deepEqual([shown().bora, find('[data-box-of="bora"]').classList.contains("is-blurred")], ["blurred", true]);
  find("[data-image]").is("click", { clientX: 120, clientY: 40 });
  assert.equal(find('[value="aria"]').checked, true, "nobody stands there");
  find("[data-subject-clicks]").click();
});

test("the masks are made once the list has been in sight for a while, and not for who leafs through", async () => {
  await choosing();
  await comesIntoSight(find("form"));
  mock.timers.tick(300);
  await comesIntoSight(find("form"), false);
  mock.timers.tick(900);
  await calm();
  assert.equal(server.sent.length, 0);
  await comesIntoSight(find("form"));
  mock.timers.tick(600);
  await calm();
  assert.deepEqual(server.sent.map(([url]) => url), ["/photos/p/masks/"]);
});
