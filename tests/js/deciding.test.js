/** The pages on which faces are decided one after the other: "Is this …?", and groups of faces that look alike. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { presses, pressesToast, runScript, showDocument, toasts } from "./fake_browser.js";
import { calm, FakeServer, refusal } from "./fake_net.js";

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

const guess = (face, name = "Lisa", group = "BLACKPINK") => ({ face, crop: `/crops/${face}/`, photo: `/photos/${face}/`, person: { id: `p${face}`, name, group }, references: [`/references/${face}/`], word: "maybe", similarity: 0.456 });
const BUTTONS = ["yes", "no", "skip", "undo"].map((answer) => `<button type="button" data-guess-answer="${answer}"></button>`).join("");
const GUESSES = `<div class="toasts"></div><main><section data-guess hidden><p data-guess-question></p><img data-guess-face><ul data-guess-references></ul><p data-guess-about></p>${BUTTONS}</section>
  <p data-guess-end hidden></p><input></main>`;

async function openGuesses(...guesses) {
  server.answers({ "/people/guesses/next/": ({ url }) => ({ guesses: url.endsWith("after=") ? guesses : [], after: url.endsWith("after=") ? "end" : "" }) });
  for (const { face } of guesses) server.answers({ [`POST /faces/${face}/name/`]: { undo: face }, [`POST /faces/${face}/reject/`]: { undo: face }, [`POST /decisions/${face}/undo/`]: {} });
  showDocument(GUESSES);
  await runScript("guesses/main.js");
  await calm();
}

const question = () => find("[data-guess-question]").textContent;
const button = (answer) => find(`[data-guess-answer="${answer}"]`);

async function key(name, details) {
  const event = presses(name, details);
  await calm();
  return event;
}

test("a question shows the face, whom it may be, and how alike they are", async () => {
  await openGuesses(guess(1), guess(2, "Winter", ""));
  assert.deepEqual([question(), find("[data-guess-face]").src], ["Is this Lisa?", "/crops/1/"]);
  assert.equal(find("[data-guess-references] img").alt, "A reference of Lisa");
  assert.equal(find("[data-guess-about]").textContent, "BLACKPINK · maybe (0.46) · its photo");
  assert.equal(find("[data-guess-about] a").getAttribute("href"), "/photos/1/");
  await key("y");
  assert.deepEqual([question(), find("[data-guess-about]").textContent], ["Is this Winter?", "maybe (0.46) · its photo"]);
});

test("keys and buttons answer, and what is answered is sent", async () => {
  await openGuesses(guess(1), guess(2), guess(3), guess(4));
  await key("Y");
  await key("n");
  button("skip").click();
  await calm();
  assert.deepEqual(server.sent, [["/faces/1/name/", { name: "Lisa", group: "BLACKPINK" }], ["/faces/2/reject/", { person: "p2" }]]);
  assert.equal(find("[data-guess-face]").src, "/crops/4/");
});

test("an answer is taken back with U, and its question asked again", async () => {
  await openGuesses(guess(1), guess(2));
  assert.equal(button("undo").disabled, true);
  await key("y");
  assert.equal(button("undo").disabled, false);
  await key("u");
  assert.deepEqual([server.sent.at(-1)[0], question(), find("[data-guess-face]").src], ["/decisions/1/undo/", "Is this Lisa?", "/crops/1/"]);
  assert.equal(button("undo").disabled, true);
});

test("a key that is held, typed, or meant for the browser answers once or not at all", async () => {
  await openGuesses(guess(1), guess(2), guess(3));
  await key("y", { repeat: true });
  await key("y", { ctrlKey: true });
  find("input").focus();
  await key("n");
  assert.deepEqual(server.sent, []);
});

test("after the last question the page says so, and the last answer can still be taken back", async () => {
  await openGuesses(guess(1));
  assert.equal(find("[data-guess-end]").hidden, true);
  assert.equal((await key("s")).defaultPrevented, true, "the browser does not search for it");
  assert.equal(find("[data-guess-references]").children.length, 0);
  assert.deepEqual([find("[data-guess-end]").hidden, find("[data-guess]").hidden, question(), find("[data-guess-face]").hidden], [false, false, "That was the last one.", true]);
  assert.deepEqual(["yes", "no", "skip", "undo"].map((answer) => button(answer).disabled), [true, true, true, false]);
  await key("u");
  assert.equal(question(), "Is this Lisa?");
});

test("a page without questions says so at once", async () => {
  await openGuesses();
  assert.deepEqual([find("[data-guess-end]").hidden, find("[data-guess]").hidden], [false, true]);
});

test("an answer that is refused is asked again, with the reason", async () => {
  await openGuesses(guess(1), guess(2));
  server.answers({ "POST /faces/1/name/": refusal(503, "The server is busy.") });
  await key("y");
  assert.deepEqual([toasts(), find("[data-guess-face]").src], [["The server is busy."], "/crops/1/"]);
});

const face = (id) => `<li><input type="checkbox" name="face" value="${id}" checked></li>`;
const sortGroup = (id, faces, more = "") => `<form data-sort-group ${more} action="/people/sort/${id}/"><ul>${faces.map(face).join("")}</ul>
  <input name="name"><ul role="listbox" id="list-${id}" hidden></ul><input name="group"><p data-sort-error hidden></p><button name="as" value="person" data-name></button><button name="as" value="nobody" data-nobody></button></form>`;
const group = (place) => document.querySelectorAll("[data-sort-group]")[place];

async function openSorting(...groups) {
  server.answers({ "POST /people/sort/g/": { said: "Named Lisa on 2 photos.", undo: 3 }, "POST /people/sort/h/": { said: "Nobody.", undo: 4 }, "POST /decisions/3/undo/": {}, "/people/suggest/": { people: [{ id: "l", name: "Lisa", group: "BLACKPINK" }] } });
  showDocument(`<div class="toasts"></div>${groups.join("")}`);
  await runScript("sorting/main.js");
}

async function names(place, name) {
  group(place).querySelector('[name="name"]').value = name;
  const pressed = group(place).querySelector("[data-name]");
  assert.equal(group(place).requestSubmit(pressed).defaultPrevented, true, "without another page");
  await calm();
}

/** What the server got, field by field. */
const fields = () => server.sent.at(-1)[1];

test("a group that gets its name leaves the page, and the keyboard goes on to the next", async () => {
  await openSorting(sortGroup("g", [1, 2]), sortGroup("h", [3]));
  await names(0, "Lisa");
  assert.deepEqual([fields().name, fields().as], ["Lisa", "person"]);
  assert.deepEqual([group(0).hidden, group(1).hidden, toasts()], [true, false, ["Named Lisa on 2 photos."]]);
  assert.equal(document.activeElement, group(1).querySelector('[name="name"]'));
});

test("a suggestion brings the group of its person along", async () => {
  await openSorting(sortGroup("g", [1]));
  const field = group(0).querySelector('[name="name"]');
  field.focus();
  mock.timers.tick(200);
  await calm();
  await key("ArrowDown");
  await key("Enter");
  assert.deepEqual([field.value, group(0).querySelector('[name="group"]').value], ["Lisa", "BLACKPINK"]);
});

test("Undo brings a group back with its boxes", async () => {
  await openSorting(sortGroup("g", [1, 2]));
  await names(0, "Lisa");
  await pressesToast();
  await calm();
  assert.deepEqual([server.sent.at(-1)[0], group(0).hidden], ["/decisions/3/undo/", false]);
  assert.equal(group(0).querySelectorAll("input:not([disabled])").length, 4);
});

test("an undo that is refused leaves the group away and says why", async () => {
  await openSorting(sortGroup("g", [1]));
  server.answers({ "POST /decisions/3/undo/": refusal(409, "It was undone already.") });
  await names(0, "Lisa");
  await pressesToast();
  assert.deepEqual([group(0).hidden, toasts().at(-1)], [true, "It was undone already."]);
});

test("a refusal is said in the group, and gone once it works", async () => {
  await openSorting(sortGroup("g", [1]));
  server.answers({ "POST /people/sort/g/": refusal(400, "Write a name first.") });
  await names(0, "");
  const error = group(0).querySelector("[data-sort-error]");
  assert.deepEqual([error.textContent, error.hidden, group(0).hidden], ["Write a name first.", false, false]);
  server.answers({ "POST /people/sort/g/": { said: "Named.", undo: 3 } });
  await names(0, "Lisa");
  assert.equal(error.hidden, true);
});

test("of faces that are alone only the ticked ones leave, and are not sent again", async () => {
  await openSorting(sortGroup("g", [1, 2, 3], "data-sort-loners"));
  group(0).querySelectorAll('[type="checkbox"]')[1].click();
  await names(0, "Lisa");
  assert.deepEqual(group(0).querySelectorAll("li").map((item) => item.hidden), [true, false, true]);
  assert.equal(group(0).hidden, false);
  const name = group(0).querySelector('[name="name"]');
  assert.deepEqual([document.activeElement, name.value], [name, ""], "the next one has another name");
  group(0).querySelectorAll('[type="checkbox"]')[1].click();
  await names(0, "Rosé");
  assert.equal(fields().face, "2");
  await pressesToast();
  await calm();
  assert.deepEqual(group(0).querySelectorAll("li").map((item) => item.hidden), [true, false, true]);
});

test("a second press while the first is under way sends nothing twice", async () => {
  await openSorting(sortGroup("g", [1]));
  group(0).querySelector("[data-nobody]").click();
  group(0).querySelector("[data-nobody]").click();
  await calm();
  assert.equal(server.sent.length, 1);
  assert.equal(fields().as, "nobody");
});
