/** Choosing who stays sharp: what is ticked, sent, undone and refused. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { SubjectChooser } from "../../static/js/photo/subject.js";
import { showDocument } from "./fake_browser.js";
import { settled } from "./fake_net.js";

const PAGE = `<main><form data-subject-form data-subject="auto" data-rule="1" action="/subject/">
  <input name="face" value="1" data-named><input name="face" value="2"><input name="face" value="3">
  <input data-subject-clicks><p data-subject-words></p></form></main>`;

let sent;
let answer;
let chooser;

const boxes = () => [...document.querySelectorAll('input[name="face"]')];
const ticked = () => boxes().filter((box) => box.checked).map((box) => box.value);
const words = () => document.querySelector("[data-subject-words]").textContent;

function press(value) {
  const event = new Event("submit", { cancelable: true });
  event.submitter = { value };
  document.querySelector("form").dispatchEvent(event);
  return settled();
}

beforeEach(() => {
  sent = [];
  answer = () => Response.json({});
  mock.method(globalThis, "fetch", async (_, { body }) => {
    sent.push(Object.fromEntries(body));
    return answer();
  });
  showDocument(PAGE);
  for (const box of boxes()) box.value = box.getAttribute("value");
  boxes()[0].checked = true;
  chooser = new SubjectChooser(document.querySelector("main"), new AbortController().signal, () => undefined);
  chooser.mount();
});

afterEach(() => mock.restoreAll());

test("a tick is sent at once with all who stay sharp", async () => {
  boxes()[1].checked = true;
  boxes()[1].dispatchEvent(new Event("change", { bubbles: true }));
  await settled();
  assert.deepEqual(sent, [{ subject: "chosen", face: "1,2" }]);
  assert.equal(words(), "Being rendered");
});

for (const [wish, who] of [["all", ["1", "2", "3"]], ["unnamed", ["2", "3"]], ["auto", ["1"]]]) {
  test(`“${wish}” ticks at once who that is`, async () => {
    await press(wish);
    assert.deepEqual(ticked(), who);
    assert.deepEqual(sent, [{ subject: wish }]);
  });
}

test("a choice that the server refuses is not shown as made", async () => {
  answer = () => Response.json({ error: "Somebody has to stay sharp; choose another face." }, { status: 400 });
  boxes()[0].checked = false;
  boxes()[0].dispatchEvent(new Event("change", { bubbles: true }));
  await settled();
  assert.deepEqual(ticked(), ["1"], "as the rule has it");
});

test("a face that is clicked while clicks choose is kept or blurred", async () => {
  assert.equal(chooser.clicked("2"), false, "clicks name people first");
  const byClick = document.querySelector("[data-subject-clicks]");
  byClick.checked = true;
  byClick.dispatchEvent(new Event("change", { bubbles: true }));
  assert.equal(chooser.clicked("2"), true);
  await settled();
  assert.deepEqual(sent.at(-1), { subject: "chosen", face: "1,2" });
  byClick.checked = false;
  byClick.dispatchEvent(new Event("change", { bubbles: true }));
});

test("mounting the same list again does not send twice", async () => {
  chooser.mount();
  await press("all");
  assert.equal(sent.length, 1);
});
