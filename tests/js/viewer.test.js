/** The viewer's arithmetic, what it holds ready, and in which order it walks. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { FactBook } from "../../static/js/viewer/facts.js";
import { itemOf, PageWalk } from "../../static/js/viewer/items.js";
import { Pictures } from "../../static/js/viewer/pictures.js";
import { Slideshow } from "../../static/js/viewer/slideshow.js";
import { closeScale, mostScale, wantsOriginal, WHOLE, within, zoomedAt } from "../../static/js/viewer/zoom.js";
import { showDocument } from "./fake_browser.js";
import { settled } from "./fake_net.js";

const FRAME = { width: 1000, height: 600 };
const FITTED = { width: 900, height: 600 };

test("what lies under the pointer stays under it while the picture grows", () => {
  const view = zoomedAt(WHOLE, 2, { x: 100, y: -50 }, 8);
  assert.deepEqual(view, { scale: 2, x: -100, y: 50 });
  const again = zoomedAt(view, 2, { x: 100, y: -50 }, 8);
  assert.deepEqual(again, { scale: 4, x: -300, y: 150 });
});

for (const [name, view, expected] of [
  ["a picture that fits stays in the middle", { scale: 1, x: 300, y: 80 }, { scale: 1, x: 0, y: 0 }],
  ["a large one is held at its edge", { scale: 2, x: 999, y: -999 }, { scale: 2, x: 400, y: -300 }],
  ["none is smaller than whole", { scale: 0.3, x: 0, y: 0 }, { scale: 1, x: 0, y: 0 }],
  ["none is larger than the most", { scale: 99, x: 0, y: 0 }, { scale: 8, x: 0, y: 0 }],
]) {
  test(name, () => {
    const held = within(view, FITTED, FRAME, 8);
    assert.deepEqual({ scale: held.scale, x: held.x + 0, y: held.y + 0 }, expected);
  });
}

test("a double click shows each pixel of the photo once, and enlarges small photos too", () => {
  assert.equal(closeScale({ width: 3600, height: 2400 }, FITTED, 1), 4);
  assert.equal(closeScale({ width: 3600, height: 2400 }, FITTED, 2), 2);
  assert.equal(closeScale({ width: 640, height: 427 }, FITTED, 1), 2);
  assert.equal(mostScale({ width: 3600, height: 2400 }, FITTED), 8);
});

for (const [name, photo, shown, density, expected] of [
  ["a whole picture on a common screen is enough", [4000, 3000], 900, 1, false],
  ["zoomed beyond its pixels it is not", [4000, 3000], 2100, 1, true],
  ["on a dense screen sooner", [4000, 3000], 1100, 2, true],
  ["a photo that was never made smaller is always enough", [1200, 800], 9000, 2, false],
  ["a tall photo is judged by its height", [3000, 4000], 1600, 1, true],
]) {
  test(name, () => assert.equal(wantsOriginal({ width: photo[0], height: photo[1] }, shown, density, 2048), expected));
}

test("pictures that are wanted next are held, and others let go", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const gone = mock.method(URL, "revokeObjectURL", () => undefined);
  mock.method(URL, "createObjectURL", (blob) => `blob:${blob}`);
  const asked = [];
  const pictures = new Pictures(async (address) => {
    asked.push(address);
    return { ok: address !== "/c", blob: async () => address, status: 404 };
  });
  pictures.keep(["/a", "/b"]);
  assert.equal(await pictures.get("/a"), "blob:/a");
  pictures.keep(["/b"]);
  await settled();
  assert.deepEqual(asked, ["/a", "/b"]);
  assert.equal(gone.mock.callCount(), 0, "it may just be being decoded");
  mock.timers.tick(5000);
  assert.deepEqual(gone.mock.calls.map((call) => call.arguments[0]), ["blob:/a"]);
  await assert.rejects(pictures.get("/c"));
  await assert.rejects(pictures.get("/c"));
  assert.equal(asked.filter((address) => address === "/c").length, 2);
  mock.timers.reset();
});

test("facts are asked for once, with those of the neighbours", async () => {
  const asked = [];
  const book = new FactBook(async (photos) => {
    asked.push(photos);
    return photos.filter((id) => id !== "gone").map((id) => ({ id }));
  });
  assert.deepEqual(await book.of("a", ["b", "gone"]), { id: "a" });
  assert.deepEqual(await book.of("b", ["a"]), { id: "b" });
  assert.equal(await book.of("gone"), null);
  assert.deepEqual(asked, [["a", "b", "gone"]]);
});

test("facts that could not be had are asked for again", async () => {
  let count = 0;
  const book = new FactBook(async () => {
    count += 1;
    throw new Error("away");
  });
  assert.equal(await book.of("a"), null);
  assert.equal(await book.of("a"), null);
  assert.equal(count, 2);
});

const item = (id) => ({ kind: "photo", id, photo: id, width: 3, height: 2, title: id, href: `/photos/${id}/` });

/** A walk beside photo "c" of the grid a to e. */
function walkBeside(asked = []) {
  mock.method(globalThis, "fetch", async (url) => {
    asked.push(url);
    return Response.json({ photos: [..."abcde"].map(item) });
  });
  return new PageWalk(item("c"), "?person=p", () => undefined);
}

test("a walk from a page knows both sides, in the order of the grid, and asks once", async () => {
  const asked = [];
  const walk = walkBeside(asked);
  await walk.extend(walk.items()[0]);
  await walk.extend(walk.items()[2]);
  assert.deepEqual(walk.items().map(({ id }) => id), [..."abcde"]);
  assert.deepEqual(asked, ["/photos/c/around/?person=p"]);
});

test("what is thrown away leaves the walk and comes back to its place", async () => {
  const walk = walkBeside();
  await walk.extend(walk.items()[0]);
  const putBack = walk.drop(walk.items()[1]);
  assert.deepEqual(walk.items().map(({ id }) => id), [..."acde"]);
  putBack();
  assert.deepEqual(walk.items().map(({ id }) => id), [..."abcde"]);
});

test("a card without a picture is no part of a walk", () => {
  const photo = "00000000-0000-0000-0000-00000000000a";
  const card = (image) => `<ul><li class="tile" data-moment="m"><div class="tile-picture">${image}</div><a class="tile-title" href="/m/">Lisa</a></li></ul>`;
  showDocument(card(`<img src="/photos/${photo}/media/thumb/" width="40" height="30">`));
  assert.deepEqual(itemOf(document.querySelector("li")), { kind: "moment", id: "m", photo, width: 40, height: 30, title: "Lisa", href: "/m/" });
  showDocument(card("<span></span>"));
  assert.equal(itemOf(document.querySelector("li")), null);
});

test("a slideshow goes on by itself and stops at the end", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const said = [];
  let left = 2;
  const slideshow = new Slideshow(async () => (left -= 1) > 0, (isOn) => said.push(isOn));
  slideshow.toggle();
  mock.timers.tick(3900);
  assert.equal(left, 2);
  mock.timers.tick(200);
  await settled();
  assert.equal(left, 1);
  assert.equal(slideshow.isOn, true);
  mock.timers.tick(4100);
  await settled();
  assert.deepEqual(said, [true, false]);
  mock.timers.reset();
});
