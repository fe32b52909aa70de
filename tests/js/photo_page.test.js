/** The page of a photo as a whole: turning, naming, drawing faces, comparing with the portrait, and what the server tells. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { presses, pressesToast, runScript, showDocument, toasts } from "./fake_browser.js";
import { calm, FakeServer, refusal, settled, tells } from "./fake_net.js";

const row = ({ id, name = "", person = "", box = "0 0 400 400" }) => `<li data-face="${id}" data-box="${box}" data-name="${name}" data-person="${person}"><img src="/crops/${id}/">
  <button type="button" data-name-as="Yuna" data-name-group="ITZY"></button><button type="button" data-name-face></button><button type="button" data-unname-face></button>
  <button type="button" data-dismiss-face="no-face"></button><details class="why" data-why="/faces/${id}/why/"><summary></summary><div data-why-here></div></details></li>`;
const NEIGHBOURS = { a: { next: "b" }, b: { prev: "a", next: "c" }, c: { prev: "b" } };
const links = (id) => Object.entries(NEIGHBOURS[id]).map(([way, other]) => `<a rel="${way}" href="/photos/${other}/?person=p"></a>`).join("");
const STRENGTH = `<form data-strength-form action="/photos/a/strength/"><input type="range" data-strength value="0.5"><output data-strength-value></output>
  <input type="checkbox" data-lights><span data-strength-state></span></form>`;
const DIALOG = `<dialog id="name-dialog"><form data-name-form><img data-name-crop><input id="name-input"><ul id="name-options" role="listbox" hidden></ul>
  <input id="name-group"><p data-name-error hidden></p><button></button></form></dialog>`;
const FACES = [{ id: "1", name: "Karina", person: "k" }, { id: "2", box: "400 400 800 800" }];

/** The page of a photo, as the server renders it. */
function page(id, { faces = FACES, portrait = `/photos/${id}/media/portrait/?1` } = {}) {
  const shown = portrait ? `<img data-portrait data-source="${portrait}" hidden>` : "";
  return `<title>Photo ${id}</title><main><article data-photo="${id}" data-title="Photo ${id}" data-query="?person=p">
    <div class="photo-stage"><div data-picture data-width="1000" data-height="800"><img data-image src="/photos/${id}/media/display/">${shown}
      <div data-layer><div data-faces-layer></div><div data-compare hidden><input type="range" value="30"></div></div></div>${links(id)}
      <input type="checkbox" data-boxes><input type="checkbox" data-compare-switch ${portrait ? "" : "disabled"}><button type="button" data-draw-face></button><button type="button" data-view></button></div>
    <section data-part="faces">${faces.map(row).join("")}</section><section data-part="portrait">${STRENGTH}</section><section data-part="keepsakes"><p>none</p></section></article>${DIALOG}</main>`;
}

let server;

const find = (selector) => document.querySelector(selector);
const photo = () => find("[data-photo]").dataset.photo;
const face = (id, selector = "") => find(`li[data-face="${id}"] ${selector}`.trim());
const boxOf = (id) => find(`[data-box-of="${id}"]`);
const renders = (html) => server.answers({ "/photos/a/": html });
const pages = () => server.log.filter((line) => line.includes("/photos/") && !line.includes("media"));

async function press(target, ...details) {
  target.click(...details);
  await calm();
}

async function key(name, details) {
  const event = presses(name, details);
  await calm();
  return event;
}

async function open(id = "a", html = page(id)) {
  showDocument(`<div class="toasts"></div><body data-last-event="0"></body>${html}`, `https://encore.test/photos/${id}/?person=p`);
  await runScript("photo/main.js");
  await calm();
}

beforeEach(async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const texts = Object.fromEntries([..."abc"].map((id) => [`/photos/${id}/`, () => page(id)]));
  const pictures = Object.fromEntries([..."abc"].map((id) => [`/photos/${id}/media/display/`, new Response(id)]));
  server = new FakeServer({ ...texts, ...pictures, "/people/suggest/": { people: [{ id: "y", name: "Yuna", group: "ITZY" }] } });
  await open("b");
});

afterEach(async () => {
  if (find("[data-compare-switch]")?.checked) await key("p");
  window.is("pagehide");
  mock.timers.reset();
});

test("the neighbours are fetched with their pictures before anybody turns", () => {
  assert.deepEqual(server.log.sort(), ["GET /photos/a/?person=p", "GET /photos/a/media/display/", "GET /photos/c/?person=p", "GET /photos/c/media/display/"]);
});

test("an arrow key shows the next photo at once, with its title and address", async () => {
  server.asked.length = 0;
  await key("ArrowRight");
  assert.deepEqual([photo(), document.title, location.pathname], ["c", "Photo c", "/photos/c/"]);
  assert.match(find("[data-image]").src, /^blob:/);
  assert.ok(!pages().includes("GET /photos/c/?person=p"), "it was here already");
});

test("the ends of the row are said", async () => {
  await key("ArrowRight");
  await key("ArrowRight");
  assert.deepEqual([photo(), toasts()], ["c", ["This is the last photo."]]);
  await key("ArrowLeft");
  await key("ArrowLeft");
  await key("ArrowLeft");
  assert.deepEqual([photo(), toasts().at(-1)], ["a", "This is the first photo."]);
});

test("the browser's Back leads to the photo before, and a jump within the page to none", async () => {
  await key("ArrowRight");
  history.back();
  await calm();
  assert.equal(photo(), "b");
  server.asked.length = 0;
  location.href = `${location.href}#faces`;
  window.is("popstate");
  await settled();
  assert.deepEqual(server.log, []);
});

test("a photo that cannot be fetched is left to the browser", async () => {
  server.answers({ "/photos/c/": new Response("", { status: 500 }) });
  await open("b");
  await key("ArrowRight");
  assert.equal(photo(), "b");
  assert.deepEqual(location.left, ["https://encore.test/photos/c/?person=p"]);
});

test("pictures of photos that are no neighbours any more are let go", async () => {
  const freed = mock.method(URL, "revokeObjectURL", () => {});
  await key("ArrowRight");
  await settled();
  assert.equal(freed.mock.callCount(), 1, "that of a, two photos away now");
  find("[data-image]").is("load");
  assert.equal(freed.mock.callCount(), 2, "that of c, which is on the screen");
  freed.mock.restore();
});

test("keys that are typed into the name of a face turn nothing", async () => {
  await press(face("2", "[data-name-face]"));
  await key("ArrowRight");
  await key("f");
  assert.equal(photo(), "b");
  assert.equal(find("[data-boxes]").checked, true);
});

test("a swipe over the picture turns, and one over the list does not", async () => {
  const swipe = async (element, from, to) => {
    element.is("touchstart", { touches: [{ clientX: from, clientY: 0 }] });
    element.is("touchend", { changedTouches: [{ clientX: to, clientY: 0 }] });
    await calm();
  };
  await swipe(face("1"), 300, 100);
  assert.equal(photo(), "b");
  await swipe(find("[data-image]"), 100, 300);
  assert.equal(photo(), "a");
});

test("F hides the boxes over the faces, and they stay hidden on the next photo", async () => {
  assert.deepEqual([boxOf("1").getAttribute("aria-label"), boxOf("2").getAttribute("aria-label")], ["Karina; change the name", "Unknown face 2; give it a name"]);
  await key("f");
  assert.deepEqual([find("[data-faces-layer]").hidden, find("[data-boxes]").checked], [true, false]);
  await key("ArrowRight");
  assert.equal(find("[data-faces-layer]").hidden, true);
  find("[data-boxes]").is("change");
  assert.equal(find("[data-faces-layer]").hidden, false);
});

test("P compares with the portrait, which hides the boxes meanwhile", async () => {
  await key("p");
  assert.deepEqual([find("[data-portrait]").src, find("[data-portrait]").hidden, find("[data-compare]").hidden], ["/photos/b/media/portrait/?1", false, false]);
  assert.deepEqual([find("[data-boxes]").disabled, find("[data-faces-layer]").hidden], [true, true]);
  assert.equal(find("[data-picture]").style.getPropertyValue("--split"), "30%");
  find("[data-compare] input").value = "80";
  find("[data-compare] input").is("input");
  assert.equal(find("[data-picture]").style.getPropertyValue("--split"), "80%");
  await key("p");
  assert.deepEqual([find("[data-portrait]").hidden, find("[data-compare]").hidden, find("[data-faces-layer]").hidden], [true, true, false]);
});

test("the slider of the comparison lies on the picture and not on the bars beside it", async () => {
  find("[data-picture]").layout = { left: 0, top: 0, width: 2000, height: 800 };
  await key("p");
  assert.equal(find("[data-picture]").style.getPropertyValue("--split-in-frame"), "40%");
});

test("a photo without a portrait compares with nothing", async () => {
  await open("b", page("b", { portrait: "" }));
  await key("p");
  assert.deepEqual([find("[data-compare]").hidden, find("[data-compare-switch]").checked, find("[data-faces-layer]").hidden], [true, false, false]);
  await key("p");
});

test("a portrait that is drawn anew is shown anew without leaving the comparison", async () => {
  await open("a");
  await key("p");
  renders(page("a", { portrait: "/photos/a/media/portrait/?2" }));
  await tells("portrait_ready", { photo: "a" });
  assert.equal(find("[data-portrait]").src, "/photos/a/media/portrait/?2");
  assert.equal(find("[data-compare]").hidden, false);
});

test("a portrait that was drawn anew before it is looked at is the new one", async () => {
  await open("a");
  renders(page("a", { portrait: "/photos/a/media/portrait/?2" }));
  await tells("portrait_ready", { photo: "a" });
  assert.equal(find("[data-portrait]").src, "", "nothing is fetched that nobody asked for");
  await key("p");
  assert.equal(find("[data-portrait]").src, "/photos/a/media/portrait/?2");
});

test("a face and its box light up together", () => {
  boxOf("2").is("pointerenter");
  assert.equal(face("2").classList.contains("is-lit"), true);
  boxOf("2").is("pointerleave");
  face("1").is("pointerenter");
  assert.deepEqual([face("2"), boxOf("1")].map((one) => one.classList.contains("is-lit")), [false, true]);
});

test("the box over a face opens the dialog with its picture and its name", async () => {
  await press(boxOf("1"));
  assert.equal(find("#name-dialog").open, true);
  assert.deepEqual([find("#name-input").value, find("[data-name-crop]").src], ["Karina", "/crops/1/"]);
  assert.deepEqual([document.activeElement, document.activeElement.isSelected], [find("#name-input"), true]);
});

test("a name is taken, said, and shown", async () => {
  await open("a");
  server.answers({ "POST /faces/2/name/": {} });
  renders(page("a", { faces: [FACES[0], { ...FACES[1], name: "Winter" }] }));
  await press(boxOf("2"));
  find("#name-input").value = "Winter ";
  await press(find("#name-dialog button"));
  assert.deepEqual(server.sent, [["/faces/2/name/", { name: "Winter", group: "" }]]);
  assert.equal(find("#name-dialog").open, false);
  assert.equal(boxOf("2").textContent, "Winter");
  assert.match(toasts().at(-1), /Named Winter/);
});

test("a guess names with one press, and a note of the server is said instead", async () => {
  server.answers({ "POST /faces/2/name/": { note: "Too blurred to be a reference." } });
  await press(face("2", "[data-name-as]"));
  assert.deepEqual(server.sent, [["/faces/2/name/", { name: "Yuna", group: "ITZY" }]]);
  assert.equal(toasts().at(-1), "Too blurred to be a reference.");
});

test("a guess that is refused opens the dialog with the reason", async () => {
  server.answers({ "POST /faces/2/name/": refusal(400, "There are two of this name.") });
  await press(face("2", "[data-name-as]"));
  assert.deepEqual([find("#name-dialog").open, find("[data-name-error]").textContent, find("[data-name-error]").hidden], [true, "There are two of this name.", false]);
});

test("a name must be written before it is sent", async () => {
  await press(boxOf("2"));
  await press(find("#name-dialog button"));
  assert.deepEqual([server.sent, find("[data-name-error]").textContent], [[], "Write a name first."]);
});

test("names are suggested while one types, taken by keyboard, and asked for the photo's owner", async () => {
  const options = () => find("#name-options").children;
  await press(boxOf("2"));
  find("#name-input").value = "yu";
  find("#name-input").is("input");
  mock.timers.tick(200);
  await settled();
  assert.equal(server.log.at(-1), "GET /people/suggest/?q=yu&photo=b");
  assert.deepEqual([options()[0].textContent, find("#name-input").getAttribute("aria-expanded")], ["YunaITZY", "true"]);
  await key("ArrowDown");
  assert.equal(find("#name-input").getAttribute("aria-activedescendant"), "name-options-0");
  assert.equal(options()[0].getAttribute("aria-selected"), "true");
  await key("Enter");
  assert.deepEqual([find("#name-input").value, find("#name-group").value, find("#name-options").hidden], ["Yuna", "ITZY", true]);
  assert.equal(find("#name-dialog").open, true);
});

test("Escape closes the suggestions first, and a click takes one", async () => {
  await press(boxOf("2"));
  mock.timers.tick(200);
  await settled();
  await key("ArrowDown");
  const heard = [];
  find("#name-dialog").addEventListener("keydown", ({ key: name }) => heard.push(name));
  const event = await key("Escape");
  assert.deepEqual([heard, find("#name-input").getAttribute("aria-activedescendant")], [[], null]);
  assert.deepEqual([event.defaultPrevented, find("#name-options").hidden], [true, true]);
  assert.equal((await key("Escape")).defaultPrevented, false, "the next one is for the dialog");
  find("#name-input").is("input");
  mock.timers.tick(200);
  await settled();
  const pointed = find("#name-options li").is("pointerdown");
  assert.deepEqual([pointed.defaultPrevented, find("#name-input").value], [true, "Yuna"], "the field keeps the focus");
});

test("suggestions that come late or not at all are none", async () => {
  let answer;
  server.answers({ "/people/suggest/": () => new Promise((resolve) => (answer = resolve)) });
  await press(boxOf("2"));
  mock.timers.tick(200);
  find("#name-input").is("blur");
  answer({ people: [{ id: "y", name: "Yuna" }] });
  await settled();
  assert.equal(find("#name-options").hidden, true);
  server.answers({ "/people/suggest/": new Response("", { status: 500 }) });
  find("#name-input").is("input");
  mock.timers.tick(200);
  await settled();
  assert.equal(find("#name-options").hidden, true);
});

test("a name that is wrong is taken away, and comes back by Undo", async () => {
  server.answers({ "POST /faces/1/reject/": { undo: 7 }, "POST /decisions/7/undo/": {} });
  await press(face("1", "[data-unname-face]"));
  assert.deepEqual([server.sent.at(-1), toasts().at(-1)], [["/faces/1/reject/", { person: "k" }], "Understood: not Karina."]);
  await pressesToast();
  assert.deepEqual(server.sent.at(-1), ["/decisions/7/undo/", {}]);
});

test("what is no face is put away, and comes back by Undo", async () => {
  server.answers({ "POST /faces/2/dismiss/": { undo: 8 }, "POST /decisions/8/undo/": {} });
  await open("a");
  renders(page("a", { faces: [FACES[0]] }));
  await press(face("2", "[data-dismiss-face]"));
  assert.deepEqual([server.sent.at(-1), boxOf("2")], [["/faces/2/dismiss/", { as: "no-face" }], null]);
  assert.match(toasts().at(-1), /no face/);
  renders(page("a"));
  await pressesToast();
  await calm();
  assert.ok(boxOf("2"));
});

test("what the server does not allow leaves the face as it is, and says why", async () => {
  server.answers({ "POST /faces/1/reject/": refusal(403, "Only the owner may.") });
  const before = pages().length;
  await press(face("1", "[data-unname-face]"));
  assert.deepEqual([toasts(), pages().length], [["Only the owner may."], before]);
});

test("why a face has its name is fetched when it is asked for, once", async () => {
  server.answers({ "/faces/1/why/": "<p>Like three references.</p>" });
  const why = face("1", "details");
  const opens = async () => {
    why.open = true;
    why.is("toggle");
    await calm();
  };
  await opens();
  await opens();
  assert.equal(face("1", "[data-why-here]").textContent, "Like three references.");
  assert.equal(server.log.filter((line) => line.includes("why")).length, 1);
});

test("reasons that cannot be fetched are not kept secret", async () => {
  const why = face("2", "details");
  why.open = true;
  why.is("toggle");
  await calm();
  assert.equal(face("2", "[data-why-here]").textContent, "The references cannot be fetched now.");
});

test("the strength is sent once the slider rests, with the lamps", async () => {
  server.answers({ "POST /photos/a/strength/": {} });
  const slider = find("[data-strength]");
  for (const value of ["0.6", "0.7", "0.8"]) {
    slider.value = value;
    slider.is("input");
    mock.timers.tick(100);
  }
  assert.deepEqual([find("[data-strength-value]").value, slider.getAttribute("aria-valuetext")], ["80 %", "80 %"]);
  mock.timers.tick(400);
  await settled();
  assert.deepEqual(server.sent, [["/photos/a/strength/", { strength: "0.8", lights: "0" }]]);
  assert.equal(find("[data-strength-state]").textContent, "Being rendered");
  await press(find("[data-lights]"));
  assert.deepEqual(server.sent.at(-1), ["/photos/a/strength/", { strength: "0.8", lights: "1" }]);
});

test("a strength that is refused is not said to be rendered", async () => {
  server.answers({ "POST /photos/a/strength/": refusal(503, "Wait a moment.") });
  await press(find("[data-lights]"));
  assert.deepEqual([find("[data-strength-state]").textContent, toasts()], ["", ["Wait a moment."]]);
});

test("the slider sends once however often the page was brought up to date", async () => {
  await open("a");
  server.answers({ "POST /photos/a/strength/": {} });
  find("[data-strength]").focus();
  await tells("faces_found", { photo: "a" });
  await tells("faces_found", { photo: "a" });
  find("[data-strength]").is("input");
  mock.timers.tick(400);
  await settled();
  assert.equal(server.sent.length, 1);
});

test("a slider that is held is not taken away by what the server renders", async () => {
  await open("a");
  const slider = find("[data-strength]");
  slider.focus();
  await tells("faces_found", { photo: "a" });
  assert.equal(find("[data-strength]"), slider);
  document.activeElement = document.body;
  await tells("faces_found", { photo: "a" });
  assert.notEqual(find("[data-strength]"), slider);
});

/** Where the box was before the mouse was let go, and whether the page kept the press for itself. */
let drawn;

/** Draw with the mouse, in pixels of a stage of 1000 by 800. */
async function draws([x1, y1], [x2, y2]) {
  find("[data-layer]").layout = { left: 0, top: 0, width: 1000, height: 800 };
  const about = (clientX, clientY) => ({ clientX, clientY, button: 0, isPrimary: true, pointerId: 1 });
  const layer = find("[data-draw-layer]");
  const pressed = layer.is("pointerdown", about(x1, y1));
  layer.is("pointermove", about(x2, y2));
  const { left, width } = find(".draw-box").style;
  layer.is("pointerup", about(x2, y2));
  layer.is("pointermove", about(0, 0));
  drawn = { isKept: pressed.defaultPrevented, left, width };
  await calm();
}

test("a face that was missed is drawn with the mouse and asked for its name", async () => {
  await open("a");
  server.answers({ "POST /photos/a/faces/": { face: 3, undo: 1 } });
  await press(find("[data-draw-face]"));
  assert.equal(find("[data-draw-face]").getAttribute("aria-pressed"), "true");
  renders(page("a", { faces: [...FACES, { id: "3" }] }));
  await draws([300, 400], [100, 200]);
  assert.deepEqual(server.sent, [["/photos/a/faces/", { box: "0.10000 0.25000 0.30000 0.50000" }]]);
  assert.deepEqual([drawn.isKept, drawn.left, Number.parseFloat(drawn.width).toFixed(3)], [true, "10%", "20.000"]);
  assert.deepEqual([find("[data-draw-layer]"), find("#name-dialog").open], [null, true]);
});

test("a click without a drag draws nothing", async () => {
  await press(find("[data-draw-face]"));
  assert.equal(find(".draw-box").style.left, "40%", "for the keyboard it is in the middle");
  await draws([300, 400], [302, 402]);
  assert.deepEqual(server.sent, []);
  assert.equal(find(".draw-box").style.left, "30%", "a mouse that only passes over moves it no more");
  assert.ok(find("[data-draw-layer]"), "one can draw still");
  await key("Escape");
});

test("a box where the server finds no face can be drawn again", async () => {
  server.answers({ "POST /photos/b/faces/": refusal(400, "There is no face here.") });
  await press(find("[data-draw-face]"));
  await draws([100, 100], [300, 300]);
  assert.deepEqual([toasts().at(-1), find("[data-draw-layer]") !== null], ["There is no face here.", true]);
  await key("Escape");
});

test("a box is drawn by keyboard alone: moved, resized, sent", async () => {
  server.answers({ "POST /photos/b/faces/": refusal(400, "No.") });
  await key("n");
  assert.equal(document.activeElement, find(".draw-box"));
  await key("ArrowRight");
  await key("ArrowDown", { shiftKey: true });
  assert.deepEqual([photo(), find(".draw-box").style.left.slice(0, 4)], ["b", "41%"]);
  await key("Enter");
  assert.deepEqual(server.sent, [["/photos/b/faces/", { box: "0.41000 0.35000 0.61000 0.66000" }]]);
  await key("Escape");
  assert.deepEqual([find("[data-draw-layer]"), document.activeElement], [null, find("[data-draw-face]")]);
});

test("whoever may only look draws no faces", async () => {
  await open("b", page("b").replace('<button type="button" data-draw-face></button>', ""));
  await key("n");
  assert.equal(find("[data-draw-layer]"), null);
});

test("drawing switches the comparison off, so that one sees where one draws", async () => {
  await key("p");
  await key("n");
  assert.deepEqual([find("[data-compare]").hidden, find("[data-faces-layer]").hidden], [true, false]);
  await key("Escape");
});

test("events about other photos change nothing here, but what was fetched of them is forgotten", async () => {
  server.asked.length = 0;
  await tells("faces_found", { photo: "c" });
  assert.deepEqual(server.log, []);
  await key("ArrowRight");
  assert.ok(pages().includes("GET /photos/c/?person=p"), "the neighbour is fetched as it is now");
});

test("events about this photo bring it up to date", async () => {
  await open("a");
  renders(page("a", { faces: [{ ...FACES[0], name: "Giselle" }] }));
  await tells("names_changed", { photos: ["x", "a"] });
  await calm();
  assert.equal(boxOf("1").textContent, "Giselle");
  assert.equal(boxOf("2"), null);
});

test("the viewer opens on this photo, and the page follows to where one stops", async () => {
  const template = document.createElement("template");
  const parts = ["stage", "strip", "keys", "title", "count", "page", "info", "facts", "help"].map((name) => `<div data-viewer="${name}"></div>`);
  const acts = ["prev", "next", "faces", "portrait", "info", "slideshow", "download"].map((act) => `<button data-act="${act}"></button>`);
  const root = new DOMParser().parseFromString(`<div data-viewer-root>${parts.join("")}${acts.join("")}</div>`);
  template.content.append(...root.childNodes);
  template.id = "viewer-template";
  document.body.append(template);
  const item = (id) => ({ kind: "photo", id, photo: id, width: 1000, height: 800, title: id, href: `/photos/${id}/?person=p` });
  server.answers({ "/photos/b/around/": { photos: [..."abc"].map(item) } });
  await press(find("[data-view]"));
  assert.ok(find("[data-viewer-root]"));
  assert.equal(server.log.includes("GET /photos/b/around/?person=p"), true);
  await key("ArrowRight");
  history.back();
  await calm();
  assert.deepEqual([find("[data-viewer-root]"), photo()], [null, "c"]);
});
