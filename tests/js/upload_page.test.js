/** The upload page as a whole: files offered in every way, what becomes of each, and what is said of all. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { runScript, setGlobal, showDocument, toasts } from "./fake_browser.js";
import { FakeServer, refusal, settled, sockets, tells, transfers } from "./fake_net.js";

const SETTINGS = { endpoint: "/upload/tus/", newConcert: "/concerts/new/", photos: "/photos/", videos: "/videos/", faces: "/photos/faces/", maxBytes: 2000, since: 0, doors: { suffixes: [".jpg", ".heic"], machineNames: ["@eadir"] } };
const PAGE = `<div class="toasts"></div><script id="upload-settings">${JSON.stringify(SETTINGS)}</script>
  <select data-upload="concert"><option value="">No concert</option><option value="seoul">Seoul</option><option value="new">New concert…</option></select>
  <div data-upload="drop"><input type="file" data-upload="files"><input type="file" data-upload="folder"></div>
  <section data-upload="summary" hidden><p data-upload="words"></p><a data-upload="see" hidden></a>
  <button type="button" data-upload="retry-all" hidden></button><button type="button" data-upload="cancel-all" hidden></button><progress data-upload="total"></progress></section>
  <details data-upload="passed" hidden><summary></summary><ul></ul></details><ul data-upload="list"></ul>
  <dialog data-upload="concert-dialog"><form action="/concerts/new/"><div data-problem hidden></div><input name="name"><button type="button" data-closes></button><button data-create></button></form></dialog>`;

let server;

const part = (name) => document.querySelector(`[data-upload="${name}"]`);
const file = (name, size = 1000) => new File([new Uint8Array(size)], name);
const cards = () => part("list").children;
const card = (place) => {
  const find = (selector) => cards()[place].querySelector(selector);
  return { root: cards()[place], badge: find(".badge").textContent, note: find(".upload-note").textContent, button: find("button"), picture: find("img"), bar: find("progress"), boxes: find(".upload-boxes"), link: find("a") };
};
const says = (place) => `${card(place).badge}: ${card(place).note}`;

async function chooses(...files) {
  part("files").files = files;
  part("files").is("change");
  await settled();
}

const arrives = (place, headers = {}) => transfers[place].gets(201, { "Encore-Photo": `photo-${place}`, ...headers });

async function open({ workers, address = "https://encore.test/upload/" } = {}) {
  showDocument(PAGE, address);
  navigator.serviceWorker = workers;
  await runScript("upload/main.js");
}

beforeEach(async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(URL, "createObjectURL", (blob) => `blob:${blob.name}`);
  server = new FakeServer({});
  await open();
});

afterEach(() => {
  window.is("pagehide");
  mock.timers.reset();
  mock.restoreAll();
});

test("each file has a card from the first moment, with its own picture and size", async () => {
  await chooses(file("a.jpg"), file("b.heic", 1500));
  assert.deepEqual(cards().map((one) => one.querySelector(".tile-title").textContent), ["a.jpg", "b.heic"]);
  assert.deepEqual([card(0).picture.src, says(1)], ["blob:a.jpg", "0 %: 1.5 kB"]);
  assert.equal(part("summary").hidden, false);
  assert.equal(part("words").textContent, "0 of 2 uploaded · 0 B of 2.5 kB");
  assert.equal(part("files").value, "", "the same file can be chosen again");
});

test("a card follows its file through the upload to the names of its faces", async () => {
  await chooses(file("a.jpg"));
  transfers[0].hasSent(400);
  assert.deepEqual([says(0), card(0).bar.value], ["40 %: 1.0 kB", 400]);
  await arrives(0);
  assert.deepEqual([says(0), card(0).bar.hidden, card(0).button.hidden], ["Being read: Uploaded", true, true]);
  await tells("photo_ready", { photo: "photo-0", width: 4000, height: 3000 });
  assert.deepEqual([says(0), card(0).picture.src], ["Looking for faces: Uploaded", "/photos/photo-0/media/thumb/"]);
  assert.equal(card(0).link.getAttribute("href"), "/photos/photo-0/");
  const faces = [{ id: 1, box: [0.1, 0.1, 0.2, 0.3], name: "Karina" }, { id: 2, box: [0.5, 0.1, 0.6, 0.3], name: "" }];
  await tells("faces_found", { photo: "photo-0", count: 2, faces });
  assert.equal(says(0), "2: Karina, 1 more");
  await tells("emotions_found", { photo: "photo-0", faces: [{ id: 1, label: "happy" }] });
  assert.equal(says(0), "2: Karina, 1 more · happy");
  assert.ok(card(0).root.classList.contains("is-analysed"));
});

test("a card that hears twice that its photo is ready still has one title", async () => {
  await chooses(file("a.jpg"));
  await arrives(0);
  await tells("photo_ready", { photo: "photo-0", width: 4, height: 3 });
  await tells("photo_ready", { photo: "photo-0", width: 4, height: 3 });
  assert.equal(card(0).root.querySelectorAll(".tile-title").length, 1);
});

test("a card that is connected late hears what was told before, once", async () => {
  await chooses(file("a.jpg"));
  await tells("photo_ready", { photo: "photo-0", width: 4, height: 3 });
  await tells("faces_found", { photo: "photo-0", faces: [] });
  await arrives(0);
  assert.equal(says(0), "0: No faces");
});

test("boxes lie over the faces, and named ones look different", async () => {
  await chooses(file("a.jpg"));
  await arrives(0);
  await tells("photo_ready", { photo: "photo-0", width: 4000, height: 3000 });
  await tells("faces_found", { photo: "photo-0", faces: [{ id: 1, box: [0.25, 0.5, 0.5, 0.75], name: "Karina" }, { id: 2, box: [0, 0, 0.1, 0.1], name: "" }] });
  const [named, unknown] = card(0).boxes.children;
  assert.deepEqual(["x", "y", "width", "height"].map((side) => named.getAttribute(side)), ["1000", "1500", "1000", "750"]);
  assert.deepEqual([named, unknown].map((box) => box.classList.contains("is-named")), [true, false]);
});

test("faces at the edges are kept in the tile, or the whole picture is shown", async () => {
  await chooses(file("a.jpg"));
  await arrives(0);
  await tells("photo_ready", { photo: "photo-0", width: 3000, height: 4000 });
  await tells("faces_found", { photo: "photo-0", faces: [{ id: 1, box: [0.4, 0, 0.6, 0.1], name: "" }] });
  assert.deepEqual([card(0).picture.style.objectFit, card(0).picture.style.objectPosition], ["cover", "50% 0%"]);
  await tells("faces_found", { photo: "photo-0", faces: [{ id: 1, box: [0.4, 0, 0.6, 0.1], name: "" }, { id: 2, box: [0.4, 0.9, 0.6, 1], name: "" }] });
  assert.deepEqual([card(0).picture.style.objectFit, card(0).boxes.getAttribute("viewBox")], ["contain", "0 0 3000 4000"]);
});

test("what could not be made of a photo is said beside what was", async () => {
  await chooses(file("a.jpg"));
  await arrives(0);
  await tells("job_failed", { photo: "photo-0", stage: "portrait", reason: "Too little memory." });
  await tells("photo_ready", { photo: "photo-0", width: 4, height: 3 });
  await tells("faces_found", { photo: "photo-0", faces: [] });
  assert.equal(says(0), "0: No faces · no portrait");
  assert.equal(card(0).root.title, "Too little memory.");
  await tells("job_failed", { photo: "photo-0", stage: "emotions", reason: "No." });
  assert.equal(says(0), "0: No faces · no portrait · emotions not read");
});

for (const [stage, words] of [["ingest", "Not readable"], ["recognise", "Search failed"]]) {
  test(`a photo that fails at the stage “${stage}” says so with the reason`, async () => {
    await chooses(file("a.jpg"));
    await arrives(0);
    await tells("job_quarantined", { photo: "photo-0", stage, reason: "The file is damaged." });
    assert.deepEqual([says(0), card(0).root.dataset.state], [`${words}: The file is damaged.`, "failed"]);
  });
}

for (const [headers, words] of [
  [{}, "Already here: You have uploaded this photo before."],
  [{ "Encore-Joined": "true" }, "Already here: Added to the concert."],
  [{ "Encore-Returned": "true" }, "Back again: It was in the bin and is in your library again."],
]) {
  test(`a photo that was here says “${words}”`, async () => {
    await chooses(file("a.jpg"));
    await arrives(0, { "Encore-Duplicate": "true", ...headers });
    assert.equal(says(0), words);
    assert.equal(part("words").textContent, "1 of 1 uploaded · 1 already here");
    assert.equal(card(0).link.getAttribute("href"), "/photos/photo-0/");
  });
}

test("a picture that the browser cannot show gives way to a sign, and comes when the server has one", async () => {
  await chooses(file("a.heic"));
  card(0).picture.is("error");
  assert.equal(card(0).picture.hidden, true);
  await arrives(0);
  await tells("photo_ready", { photo: "photo-0", width: 4, height: 3 });
  assert.deepEqual([card(0).picture.hidden, card(0).picture.src], [false, "/photos/photo-0/media/thumb/"]);
});

test("a thumb that is not made yet leaves the file's own picture", async () => {
  await chooses(file("a.jpg"));
  await arrives(0, { "Encore-Duplicate": "true" });
  card(0).picture.is("error");
  assert.deepEqual([card(0).picture.src, card(0).picture.hidden], ["blob:a.jpg", false]);
});

test("the browser keeps no picture of a file once the server's is there", async () => {
  const freed = mock.method(URL, "revokeObjectURL", () => {});
  await chooses(file("a.jpg"), file("b.jpg"));
  await arrives(0);
  await tells("photo_ready", { photo: "photo-0", width: 4, height: 3 });
  card(0).picture.is("load");
  assert.deepEqual(freed.mock.calls.map((call) => call.arguments[0]), ["blob:a.jpg"]);
  window.is("pagehide");
  assert.deepEqual(freed.mock.calls.map((call) => call.arguments[0]), ["blob:a.jpg", "blob:b.jpg"]);
});

test("a refusal is said on the card, and its button tries again", async () => {
  await chooses(file("a.jpg"));
  await transfers[0].gets(400, {}, JSON.stringify({ error: "This is not a photo." }));
  assert.equal(says(0), "Not uploaded: This is not a photo.");
  assert.equal(card(0).button.getAttribute("aria-label"), "Retry a.jpg");
  assert.equal(part("words").textContent, "0 of 1 uploaded · 1 failed");
  card(0).button.click();
  await settled();
  await arrives(1);
  assert.equal(says(0), "Being read: Uploaded");
});

test("the button of a card on its way cancels it, and it counts no more", async () => {
  await chooses(file("a.jpg"), file("b.jpg"));
  assert.equal(card(0).button.getAttribute("aria-label"), "Cancel a.jpg");
  card(0).button.click();
  await settled();
  assert.deepEqual([says(0), transfers[0].isAborted], ["Cancelled: ", true]);
  assert.match(part("words").textContent, /^0 of 1 uploaded/);
});

test("all can be cancelled at once, and what failed tried again at once", async () => {
  await chooses(file("a.jpg"), file("b.jpg"), file("c.jpg"));
  await transfers[0].gets(400);
  await transfers[1].gets(400);
  part("cancel-all").click();
  await settled();
  assert.deepEqual(["retry-all", "cancel-all", "see"].map((name) => part(name).hidden), [false, true, true]);
  part("retry-all").click();
  await settled();
  assert.deepEqual(cards().map((one) => one.dataset.state), ["sending", "sending", "cancelled"]);
  assert.equal(part("cancel-all").hidden, false);
});

test("when all is done the page leads to the photos, and may be left", async () => {
  await chooses(file("a.jpg"));
  assert.equal(part("see").hidden, true);
  assert.equal(window.is("beforeunload").defaultPrevented, true);
  await arrives(0);
  assert.equal(part("see").hidden, false);
  assert.equal(window.is("beforeunload").defaultPrevented, false);
  assert.deepEqual([part("total").value, part("total").max], [1000, 1000]);
});

test("what could not reach the server goes on by itself when the network is back, or the user looks again", async () => {
  await chooses(file("a.jpg"));
  for (let attempt = 0; attempt <= 8; attempt += 1) {
    await transfers.at(-1).breaks();
    mock.timers.tick(20_000);
    await settled();
  }
  assert.equal(card(0).root.dataset.state, "failed");
  assert.match(card(0).note, /cannot be reached/);
  const before = transfers.length;
  document.hidden = true;
  document.is("visibilitychange");
  assert.equal(transfers.length, before);
  document.hidden = false;
  document.is("visibilitychange");
  await settled();
  assert.equal(transfers.length, before + 1);
});

test("photos that are too large stay at home and are counted", async () => {
  await chooses(file("a.jpg", 2001), file("b.jpg", 2000), file("c.jpg", 3000));
  assert.equal(cards().length, 1);
  assert.deepEqual(toasts(), ["2 photos are larger than 2.0 kB."]);
});

test("a video is sent to its own page", async () => {
  await chooses(file("film.mp4"));
  assert.deepEqual([cards().length, toasts()], [0, ["Videos are uploaded on their own page."]]);
  document.querySelector(".toast button").click();
  assert.deepEqual(location.left, ["/videos/"]);
});

test("what is passed over is listed with its reason, and the list grows", async () => {
  await chooses(file("notes.txt"));
  assert.equal(part("passed").hidden, false);
  await chooses(file("more.txt"), file(".hidden"));
  assert.equal(toasts().at(-1), "2 files and folders were skipped and stay where they are.");
  assert.equal(part("passed").querySelector("summary").textContent, "3 files and folders were skipped and stay where they are.");
  assert.deepEqual(part("passed").querySelectorAll("li").map((line) => line.textContent), [
    "notes.txt not a JPEG, PNG, WebP or HEIC file",
    "more.txt not a JPEG, PNG, WebP or HEIC file",
    ".hidden made by the system, not by you",
  ]);
});

test("a folder full of other files is not listed to its end", async () => {
  await chooses(...Array.from({ length: 203 }, (_, place) => file(`${place}.txt`)));
  for (let turn = 0; turn < 10; turn += 1) await settled();
  const lines = part("passed").querySelectorAll("li");
  assert.deepEqual([lines.length, lines.at(-1).textContent], [201, "and 3 more"]);
});

test("files are dropped anywhere on the page, which shows that they may be", async () => {
  const over = part("drop").classList;
  assert.equal(document.is("dragover").defaultPrevented, true);
  assert.equal(over.contains("is-over"), true);
  document.is("dragleave", { relatedTarget: part("list") });
  assert.equal(over.contains("is-over"), true, "still over the page");
  document.is("dragleave", { relatedTarget: null });
  assert.equal(over.contains("is-over"), false);
  document.is("dragenter");
  const entry = (name) => ({ name, isFile: true, file: (gives) => gives(file(name)) });
  const broken = { name: "x.jpg", isFile: true, file: (_, fails) => fails(new DOMException("gone", "NotFoundError")) };
  const items = [entry("a.jpg"), broken].map((one) => ({ webkitGetAsEntry: () => one }));
  assert.equal(document.is("drop", { dataTransfer: { items, files: [] } }).defaultPrevented, true, "or the browser opens it");
  await settled();
  assert.equal(over.contains("is-over"), false);
  assert.equal(cards().length, 1);
  assert.equal(part("passed").querySelector("li").textContent, "x.jpg could not be read");
});

/** What a chosen file is told about, as the server reads it. */
const about = (transfer) => Object.fromEntries(transfer.headers["Upload-Metadata"].split(",").map((pair) => pair.split(" ")).map(([key, text]) => [key, Buffer.from(text, "base64").toString()]));

test("each file goes to the concert that is chosen when it is offered", async () => {
  await chooses(file("a.jpg"));
  part("concert").value = "seoul";
  part("concert").is("change");
  await chooses(file("b.jpg"));
  assert.deepEqual(transfers.map(about), [{ filename: "a.jpg" }, { filename: "b.jpg", concert: "seoul" }]);
});

async function makesConcert(name) {
  part("concert").value = "new";
  part("concert").is("change");
  const dialog = part("concert-dialog");
  assert.equal(dialog.open, true);
  dialog.querySelector("input").value = name;
  dialog.querySelector("[data-create]").click();
  await settled();
  return dialog;
}

test("a new concert is made on the spot and chosen", async () => {
  server.answers({ "POST /concerts/new/": { id: "busan", name: "Busan" } });
  const dialog = await makesConcert("Busan");
  assert.deepEqual(server.sent, [["/concerts/new/", { name: "Busan" }]]);
  assert.deepEqual([dialog.open, part("concert").value, dialog.querySelector("input").value], [false, "busan", ""]);
  await chooses(file("a.jpg"));
  assert.equal(about(transfers[0]).concert, "busan");
});

test("a concert that the server does not make leaves the choice as it was", async () => {
  server.answers({ "POST /concerts/new/": refusal(400, "There is a concert of this name.") });
  part("concert").value = "seoul";
  part("concert").is("change");
  const dialog = await makesConcert("Seoul");
  assert.deepEqual([dialog.open, dialog.querySelector("[data-problem]").textContent], [true, "There is a concert of this name."]);
  assert.equal(part("concert").value, "seoul", "“New concert” itself is never chosen");
  dialog.querySelector("[data-closes]").click();
  assert.equal(dialog.open, false);
});

test("names that change while the page is open are shown, asked for once for all", async () => {
  const faces = (name) => [{ id: 1, box: [0, 0, 1, 1], name, label: "happy" }];
  server.answers({ "/photos/faces/": { photos: [{ photo: "photo-0", faces: faces("Winter") }] } });
  await chooses(file("a.jpg"));
  await arrives(0);
  await tells("photo_ready", { photo: "photo-0", width: 4, height: 3 });
  await tells("faces_found", { photo: "photo-0", faces: faces("") });
  await tells("names_changed", { photos: ["photo-0", "elsewhere"] });
  await tells("names_changed", { photos: ["photo-0"] });
  mock.timers.tick(500);
  await settled();
  assert.equal(says(0), "1: Winter · happy");
  assert.deepEqual(server.log, ["GET /photos/faces/?photos=photo-0"]);
});

test("photos that another app shared are taken as if they had been chosen, once", async () => {
  const active = { postMessage: (_, [port]) => port.postMessage([file("shared.jpg")]) };
  // Node's own channel forgets the names of files.
  setGlobal("MessageChannel", class {
    port1 = { close: () => {} };
    port2 = { postMessage: (data) => this.port1.onmessage({ data }) };
  });
  await open({ workers: { ready: Promise.resolve({ active }) }, address: "https://encore.test/upload/?shared=1" });
  assert.equal(cards().length, 1);
  assert.equal(location.search, "", "a reload does not ask for them again");
});

test("leaving the page lets go of its connection", () => {
  window.is("pagehide");
  assert.equal(sockets[0].readyState, 3);
});
