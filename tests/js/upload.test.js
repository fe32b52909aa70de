/** The queue of an upload page, what counts as a photo, and events that arrive early. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { namesInWords, readableSize } from "../../static/js/upload/card.js";
import { UploadError } from "../../static/js/lib/tus.js";
import { Doors, MACHINE_MADE, NO_PHOTO, chosenFiles, droppedFiles } from "../../static/js/upload/files.js";
import { LiveCards } from "../../static/js/upload/live.js";
import { passedInWords } from "../../static/js/upload/passed.js";
import { sharedPhotos } from "../../static/js/upload/shared.js";
import { UploadQueue } from "../../static/js/upload/queue.js";

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const file = (name, size = 10) => new File([new Uint8Array(size)], name);

/** Transfers that end when the test says. */
function controlled(parallel = 2) {
  const open = [];
  const queue = new UploadQueue(
    (item, onProgress) => {
      const control = { item, onProgress, isAborted: false };
      control.promise = new Promise((resolve, reject) => Object.assign(control, { resolve, reject }));
      open.push(control);
      return { start: () => control.promise, abort: async () => (control.isAborted = true) };
    },
    () => {},
    parallel,
  );
  return { queue, open };
}

test("only so many files travel at once, in their order", async () => {
  const { queue, open } = controlled(2);
  for (const name of ["a", "b", "c"]) queue.add(file(name), "");
  await settled();
  assert.deepEqual(open.map((control) => control.item.file.name), ["a", "b"]);

  open[0].resolve({ id: "1", isDuplicate: false });
  await settled();

  assert.deepEqual(open.map((control) => control.item.file.name), ["a", "b", "c"]);
  assert.equal(queue.items[0].state, "done");
});

test("a failure keeps its reason and can be tried again", async () => {
  const { queue, open } = controlled();
  const item = queue.add(file("a"), "");
  await settled();
  open[0].reject(new Error("This is not a photo."));
  await settled();
  assert.deepEqual([item.state, item.reason], ["failed", "This is not a photo."]);

  queue.retry(item);
  await settled();
  open[1].resolve({ id: "1", isDuplicate: true });
  await settled();

  assert.deepEqual([item.state, item.result, item.reason], ["duplicate", "1", ""]);
});

test("what failed while there was no way to the server goes on by itself, and a refusal does not", async () => {
  const { queue, open } = controlled();
  const [unreached, refused] = [queue.add(file("a"), ""), queue.add(file("b"), "")];
  await settled();
  open[0].reject(new UploadError("The server cannot be reached.", 0));
  open[1].reject(new UploadError("This is not a photo.", 400));
  await settled();
  assert.deepEqual([unreached.state, refused.state], ["failed", "failed"]);

  queue.resume();

  assert.deepEqual([unreached.state, refused.state], ["sending", "failed"]);
});

test("photos that another app shared are asked for once, and only on the page that is told of them", async () => {
  const photos = [file("shared.jpg")];
  const asked = [];
  const active = { postMessage: (words, [port]) => (asked.push(words), port.postMessage(photos)) };
  const workers = { ready: Promise.resolve({ active }) };
  assert.deepEqual(await sharedPhotos({ search: "" }, workers), []);
  assert.deepEqual(asked, []);
  const [taken] = await sharedPhotos({ search: "?shared=1" }, workers);
  assert.equal(taken.name ?? "shared.jpg", "shared.jpg");
  assert.deepEqual(asked, ["give-shared-photos"]);
});

test("a cancelled file stops and is not counted", async () => {
  const { queue, open } = controlled();
  const item = queue.add(file("a"), "");
  await settled();

  queue.cancel(item);
  open[0].reject(new DOMException("cancelled", "AbortError"));
  await settled();

  assert.equal(open[0].isAborted, true);
  assert.equal(item.state, "cancelled");
  assert.equal(queue.totals.files, 0);
});

test("totals count bytes on their way and files that ended", async () => {
  const { queue, open } = controlled(3);
  for (const name of ["a", "b", "c"]) queue.add(file(name, 100), "");
  await settled();
  open[0].resolve({ id: "1", isDuplicate: false });
  open[1].onProgress(40);
  open[2].reject(new Error("no"));
  await settled();

  const { files, done, failed, bytes, sent, settled: ended } = queue.totals;
  assert.deepEqual({ files, done, failed, bytes, sent, ended }, { files: 3, done: 1, failed: 1, bytes: 300, sent: 240, ended: 2 });
});

test("each file keeps the concert that was chosen when it was added", () => {
  const { queue } = controlled();

  assert.equal(queue.add(file("a"), "x").concert, "x");
  assert.equal(queue.add(file("b"), "").concert, "");
});

const doors = new Doors({ suffixes: [".jpg", ".jfif", ".hif", ".heic"], machineNames: ["@eadir", "__macosx", "#recycle", "thumbs.db"] });

for (const [name, type, expected] of [
  ["a.JPG", "", true],
  ["a.heic", "", true],
  ["a.HIF", "", true],
  ["a", "image/webp", true],
  ["a.gif", "image/gif", false],
  ["a.mov", "video/quicktime", false],
  ["a.jpg.txt", "text/plain", false],
]) {
  test(`${name} of type "${type}" ${expected ? "may be" : "is not"} a photo`, async () => {
    assert.equal(await doors.mayBePhoto(new File(["x"], name, { type })), expected);
  });
}

for (const [what, bytes, expected] of [
  ["a JPEG", [0xff, 0xd8, 0xff, 0xe0], true],
  ["a PNG", [0x89, 80, 78, 71, 13, 10, 26, 10, 0], true],
  ["a WebP", [...Buffer.from("RIFF\n\0\0\xe5WEBP", "latin1")], true],
  ["a HEIC", [0, 0, 0, 24, ...Buffer.from("ftypheic")], true],
  ["a film", [0, 0, 0, 24, ...Buffer.from("ftypisom")], false],
  ["a text", [...Buffer.from("Read me first.")], false],
  ["nothing", [], false],
]) {
  test(`without an ending ${what} ${expected ? "may be" : "is not"} a photo`, async () => {
    assert.equal(await doors.mayBePhoto(new File([new Uint8Array(bytes)], "IMG_0001")), expected);
  });
}

test("what systems made is found on every part of a path", () => {
  const made = ["DCIM/.thumbnails/1.jpg", "DCIM/@eaDir/a.jpg/b.jpg", "__MACOSX/a.jpg", "a/._b.jpg", "#Recycle/a.jpg", "Thumbs.db", "DCIM/a.jpg"];
  const found = made.map((path) => doors.machineMade(path));
  assert.deepEqual(found, ["DCIM/.thumbnails", "DCIM/@eaDir", "__MACOSX", "a/._b.jpg", "#Recycle", "Thumbs.db", ""]);
});

test("what is passed over is named once, and the rest is sorted", async () => {
  const paths = ["a.jpg", "@eaDir/1.jpg", "@eaDir/2.jpg", "b.gif", "c.mp4"];
  const { photos, videos, passed } = await doors.sort(paths.map((path) => ({ file: file(path.split("/").at(-1)), path })));
  assert.deepEqual([photos.map(({ name }) => name), videos.map(({ name }) => name)], [["a.jpg"], ["c.mp4"]]);
  assert.deepEqual(passed, [{ path: "@eaDir", reason: MACHINE_MADE }, { path: "b.gif", reason: NO_PHOTO }]);
});

test("the folder that was chosen may be called anything", () => {
  const inside = Object.assign(file("a.jpg"), {});
  Object.defineProperty(inside, "webkitRelativePath", { value: ".hidden/b/a.jpg" });
  assert.deepEqual(chosenFiles([inside, file("c.jpg")]).map(({ path }) => path), ["b/a.jpg", "c.jpg"]);
});

test("one and many are said rightly", () => {
  assert.equal(passedInWords(1), "1 file or folder was skipped and stays where it is.");
  assert.equal(passedInWords(2), "2 files and folders were skipped and stay where they are.");
});

const fileEntry = (name) => ({ name, isFile: true, file: (resolve) => resolve(file(name)) });
const goneEntry = (name) => ({ name, isFile: true, file: (_, reject) => reject(new DOMException("gone", "NotFoundError")) });

/** A folder that gives its entries one by one, and then an end or a failure. */
function folderEntry(name, entries, failure = null) {
  const left = [...entries];
  const readEntries = (resolve, reject) => (left.length || !failure ? resolve(left.splice(0, 1)) : reject(failure));
  return { name, isFile: false, createReader: () => ({ readEntries }) };
}

/** Drop entries. @returns the paths of what was read, and of what could not be */
async function drop(...entries) {
  const transfer = { items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })), files: [] };
  const { chosen, unreadable } = await droppedFiles(transfer);
  return { paths: chosen.map(({ path }) => path), unreadable: unreadable.map(({ path }) => path) };
}

test("a folder is read to its bottom, each file with its path", async () => {
  const dropped = await drop(fileEntry("a.jpg"), folderEntry("x", [folderEntry("y.jpg", [fileEntry("b.jpg")]), fileEntry("c.jpg")]));
  assert.deepEqual(dropped, { paths: ["a.jpg", "x/y.jpg/b.jpg", "x/c.jpg"], unreadable: [] });
});

test("a file that cannot be read takes nothing else with it", async () => {
  const dropped = await drop(fileEntry("a.jpg"), folderEntry("x", [goneEntry("g.jpg"), fileEntry("b.jpg")]));
  assert.deepEqual(dropped, { paths: ["a.jpg", "x/b.jpg"], unreadable: ["x/g.jpg"] });
});

test("a folder that breaks off gives what it gave before", async () => {
  const broken = folderEntry("x", [fileEntry("b.jpg")], new DOMException("no", "NotReadableError"));
  const dropped = await drop(broken, goneEntry("g.jpg"), fileEntry("c.jpg"));
  assert.deepEqual(dropped, { paths: ["x/b.jpg", "c.jpg"], unreadable: ["x", "g.jpg"] });
});

test("an event that comes before the answer of its upload still reaches the card", () => {
  const live = new LiveCards();
  const heard = [];
  const card = { photoReady: () => heard.push("ready"), facesFound: (payload) => heard.push(payload.count) };
  live.tell({ id: 1, kind: "photo_ready", payload: { photo: "p" } });
  live.tell({ id: 2, kind: "faces_found", payload: { photo: "other", count: 9 } });

  live.connect("p", card);
  live.tell({ id: 3, kind: "faces_found", payload: { photo: "p", count: 2 } });
  live.tell({ id: 4, kind: "something_else", payload: { photo: "p" } });

  assert.deepEqual(heard, ["ready", 2]);
});

test("events of photos that never get a card are let go, the oldest first", () => {
  const live = new LiveCards();
  const heard = [];
  const card = (name) => ({ photoReady: () => heard.push(name) });
  for (let photo = 0; photo <= 2000; photo += 1) live.tell({ id: photo, kind: "photo_ready", payload: { photo: `p${photo}` } });

  for (const photo of ["p0", "p1", "p2000"]) live.connect(photo, card(photo));

  assert.deepEqual(heard, ["p1", "p2000"]);
});

test("two cards of one photo both hear everything, also what was said before the second came", () => {
  const live = new LiveCards();
  const heard = [];
  const card = (name) => ({ photoReady: () => heard.push(`${name} ready`), facesFound: () => heard.push(`${name} faces`) });
  const [first, second] = [card("first"), card("second")];

  live.connect("p", first);
  live.tell({ id: 1, kind: "photo_ready", payload: { photo: "p" } });
  live.connect("p", second);
  live.connect("p", first);
  live.tell({ id: 2, kind: "faces_found", payload: { photo: "p" } });

  assert.deepEqual(heard, ["first ready", "second ready", "first faces", "second faces"]);
});

test("names that changed are asked for together and told to the cards of this page", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const asked = [];
  const live = new LiveCards(async (photos) => {
    asked.push(photos);
    return photos.map((photo) => ({ photo, faces: [{ name: "Aria" }] }));
  });
  const heard = [];
  for (const photo of ["p", "q"]) live.connect(photo, { facesFound: ({ faces }) => heard.push([photo, faces[0].name]) });

  live.tell({ id: 1, kind: "names_changed", payload: { photos: ["p", "elsewhere"] } });
  live.tell({ id: 2, kind: "names_changed", payload: { photos: ["q", "p"] } });
  context.mock.timers.tick(1000);
  await Promise.resolve();
  await Promise.resolve();

  assert.deepEqual(asked, [["p", "q"]]);
  assert.deepEqual(heard, [["p", "Aria"], ["q", "Aria"]]);
});

test("faces are told in words", () => {
  assert.equal(namesInWords([]), "No faces");
  assert.equal(namesInWords([{ name: "" }]), "1 face");
  assert.equal(namesInWords([{ name: "Aria" }, { name: "" }, { name: "" }]), "Aria, 2 more");
});

test("sizes are readable", () => {
  assert.deepEqual([999, 1500, 3_400_000, 250_000_000].map(readableSize), ["999 B", "1.5 kB", "3.4 MB", "250 MB"]);
});
