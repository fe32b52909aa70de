/** The photo page while the server's events replace parts of it: focus, crops, swipes. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { watchSwipes } from "../../static/js/photo/swipe.js";
import { PhotoView } from "../../static/js/photo/view.js";
import { showDocument } from "./fake_browser.js";
import { calm, settled } from "./fake_net.js";

const PORTRAIT = '<img data-portrait data-source="/portrait">';

/** One row of the list, as the server renders it. */
function row({ id, name = "", guesses = [], box = "0 0 9 9" }) {
  const unname = name && "<button data-unname-face></button>";
  const chips = guesses.map((guess) => `<button data-name-as="${guess}"></button>`).join("");
  return `<li data-face="${id}" data-box="${box}" data-name="${name}"><img src="/faces/${id}/">${chips}<button data-name-face></button>${unname}</li>`;
}

/** The page of a photo with these faces. */
function page(faces, portrait = "") {
  return `<main><article data-photo="p"><div class="photo-stage"><div data-picture data-width="9" data-height="9"><img data-image>
    ${portrait}<div data-layer><div data-faces-layer></div><div data-compare><input></div></div></div><a rel="next" href="/q"></a></div>
    <section data-part="faces">${faces.map(row).join("")}</section></article>
    <dialog id="name-dialog"><form data-name-form><img data-name-crop><input id="name-input"><ul id="name-options"></ul>
    <input id="name-group"><p data-name-error></p></form></dialog></main>`;
}

let view;
let rendered;

const find = (selector) => document.querySelector(selector);

/** What the server renders now, taken over by the page. */
async function becomes(...more) {
  rendered = page(...more);
  await view.refresh();
}

function opens(...faces) {
  rendered = page(faces);
  showDocument(rendered);
  view = new PhotoView(find("main"), new AbortController().signal);
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(globalThis, "fetch", async (_, { method } = {}) => (method ? Response.json({}) : new Response(rendered)));
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

test("the control that had the focus has it in the new list", async () => {
  opens({ id: "a", name: "Aria" }, { id: "b", name: "Bora" });
  const old = find('li[data-face="b"] [data-unname-face]');
  old.focus();
  await becomes([{ id: "c" }, { id: "a", name: "Aria" }, { id: "b", name: "Bora" }]);
  assert.equal(old.isConnected, false);
  assert.equal(document.activeElement, find('li[data-face="b"] [data-unname-face]'));
});

test("the box on the picture that had the focus has it again", async () => {
  opens({ id: "a" }, { id: "b" });
  find('[data-box-of="b"]').focus();
  await becomes([{ id: "a", name: "Aria" }, { id: "b" }]);
  assert.equal(document.activeElement, find('[data-box-of="b"]'));
});

test("a guess that was taken hands the focus to the button for names", async () => {
  opens({ id: "a", guesses: ["Aria", "Bora"] });
  find('[data-name-as="Bora"]').focus();
  await becomes([{ id: "a", guesses: ["Cleo", "Bora"] }]);
  assert.equal(document.activeElement, find('[data-name-as="Bora"]'));
  await becomes([{ id: "a", name: "Bora" }]);
  assert.equal(document.activeElement, find("li [data-name-face]"));
});

test("after a search for faces anew the face in the same place has the focus", async () => {
  opens({ id: "a" }, { id: "b" });
  find('li[data-face="b"] [data-name-face]').focus();
  await becomes([{ id: "c" }, { id: "d" }]);
  assert.equal(document.activeElement, find('li[data-face="d"] [data-name-face]'));
});

test("the dialog gives the focus back although its opener was replaced meanwhile", async () => {
  opens({ id: "a" }, { id: "b" });
  const opener = find('li[data-face="b"] [data-name-face]');
  opener.focus();
  opener.is("click");
  find("#name-input").focus();
  await becomes([{ id: "a", name: "Aria" }, { id: "b" }]);
  assert.equal(document.activeElement, find("#name-input"));
  find("#name-dialog").close();
  await settled();
  assert.equal(document.activeElement, find('li[data-face="b"] [data-name-face]'));
});

test("after a name from the dialog the same face has the focus", async () => {
  opens({ id: "a" }, { id: "b" });
  const opener = find('li[data-face="b"] [data-name-face]');
  opener.focus();
  opener.is("click");
  find("#name-input").focus();
  find("#name-input").value = "Bora";
  rendered = page([{ id: "a" }, { id: "b", name: "Bora" }]);
  find("#name-dialog form").is("submit");
  await calm();
  await view.refresh();
  assert.equal(opener.isConnected, false);
  assert.equal(document.activeElement, find('li[data-face="b"] [data-name-face]'));
});

test("a focus on nothing stays on nothing", async () => {
  opens({ id: "a" });
  await becomes([{ id: "a", name: "Aria" }]);
  assert.equal(document.activeElement, document.body);
});

test("a link beside the picture keeps the focus when the portrait is ready", async () => {
  opens({ id: "a" });
  const old = find("a[rel=next]");
  old.focus();
  await becomes([{ id: "a" }], PORTRAIT);
  assert.equal(old.isConnected, false);
  assert.equal(document.activeElement, find("a[rel=next]"));
});

test("crops of faces that did not change stay, others are fetched", async () => {
  opens({ id: "a" }, { id: "b" });
  const [first, second] = document.querySelectorAll("li img");
  await becomes([{ id: "a", name: "Aria" }, { id: "b", box: "1 1 9 9" }]);
  const [firstNow, secondNow] = document.querySelectorAll("li img");
  assert.equal(firstNow, first);
  assert.notEqual(secondNow, second);
  assert.equal(document.querySelectorAll("li img").length, 2);
});

test("a crop that could not be shown is fetched again", async () => {
  opens({ id: "a" });
  const broken = Object.assign(find("li img"), { complete: true, naturalWidth: 0 });
  await becomes([{ id: "a" }]);
  assert.notEqual(find("li img"), broken);
});

/** A finger goes to the left over an element. */
function swipes(element) {
  const touch = (clientX) => [{ clientX, clientY: 300 }];
  element.is("touchstart", { touches: touch(300) });
  element.is("touchend", { changedTouches: touch(100) });
}

test("swiping goes on when the picture was replaced, and means only the picture", async () => {
  opens({ id: "a" });
  const ways = [];
  watchSwipes(find("main"), new AbortController().signal, (way) => ways.push(way));
  await becomes([{ id: "a" }], PORTRAIT);
  swipes(find("[data-image]"));
  assert.deepEqual(ways, ["next"]);
  swipes(find("[data-compare] input"));
  swipes(find("li img"));
  assert.deepEqual(ways, ["next"]);
});

/** The form of who stays sharp, as the server renders it. */
function subjects() {
  const boxes = ["a", "b"].map((id) => `<input type="checkbox" name="face" value="${id}">`).join("");
  return `<form data-subject-form data-subject="auto" action="/photos/p/subject/">${boxes}<input type="checkbox" data-subject-clicks>
    <button type="submit" name="subject" value="all"></button><p data-subject-words></p></form>`;
}

/** What was sent to the server, the last last. */
const sent = () => fetch.mock.calls.filter(({ arguments: [, options] }) => options?.method).map(({ arguments: [url, { body }] }) => [url, String(body)]);

test("a click on a person blurs them once clicks mean that", async () => {
  showDocument(page([{ id: "a" }, { id: "b" }]).replace("</article>", `${subjects()}</article>`));
  for (const box of document.querySelectorAll('input[name="face"]')) Object.assign(box, { checked: true, value: box.getAttribute("value") });
  view = new PhotoView(find("main"), new AbortController().signal);
  const switched = find("[data-subject-clicks]");
  switched.checked = true;
  switched.dispatchEvent(new Event("change", { bubbles: true }));
  find('[data-box-of="b"]').dispatchEvent(new Event("click", { bubbles: true }));
  await settled();
  assert.deepEqual(sent(), [["/photos/p/subject/", "subject=chosen&face=a"]]);
  assert.ok(find('[data-box-of="b"]').classList.contains("is-blurred"));
  assert.ok(!find('[data-box-of="a"]').classList.contains("is-blurred"));
  assert.equal(find("[data-subject-words]").textContent, "Being rendered");
  switched.checked = false;
  switched.dispatchEvent(new Event("change", { bubbles: true }));
  assert.ok(!find('[data-box-of="b"]').classList.contains("is-blurred"));
});
