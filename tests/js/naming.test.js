/** The dialog in which a face gets its name: which group goes with it. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { NameDialog, isSameName } from "../../static/js/photo/naming.js";
import { showDocument } from "./fake_browser.js";
import { settled } from "./fake_net.js";

const PAGE = `<dialog id="name-dialog"><form data-name-form><img data-name-crop>
  <input id="name-input"><ul id="name-options"></ul><input id="name-group"><p data-name-error></p></form></dialog>`;
const PEOPLE = [
  { id: "1", name: "Karina", group: "aespa" },
  { id: "2", name: "Jisoo", group: "BLACKPINK" },
  { id: "3", name: "Yuna", group: "ITZY" },
  { id: "4", name: "Yuna", group: "Brave Girls" },
];

let dialog;
let sent;

const field = (id) => document.getElementById(id);

/** The user types over what a field holds. */
function types(id, text) {
  field(id).value = text;
  field(id).is("input");
}

/** The suggestions for what was typed come from the server. */
async function isAnswered() {
  mock.timers.tick(200);
  await settled();
}

/** The user presses Enter. @returns what the server is told */
async function enters() {
  field("name-dialog").querySelector("form").is("submit");
  await settled();
  return sent.at(-1);
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  showDocument(PAGE);
  sent = [];
  mock.method(globalThis, "fetch", async (url, { body } = {}) => {
    if (body) sent.push(Object.fromEntries(body));
    const asked = new URL(url, location.href).searchParams.get("q")?.toLowerCase() ?? "";
    return Response.json({ people: PEOPLE.filter((person) => person.name.toLowerCase().startsWith(asked)) });
  });
  dialog = new NameDialog(field("name-dialog"), () => {});
  const item = { querySelector: () => null };
  dialog.open({ id: "f", box: [0, 0, 1, 1], person: "2", name: "Jisoo", group: "BLACKPINK", emotion: "", item });
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

test("another name does not keep the group of the old one", async () => {
  types("name-input", "Karina");
  assert.deepEqual(await enters(), { name: "Karina", group: "" });
});

test("the group of the only person of that name is filled in", async () => {
  types("name-input", "karina");
  await isAnswered();
  assert.deepEqual(await enters(), { name: "karina", group: "aespa" });
});

test("of two people of one name neither gives the group", async () => {
  types("name-input", "Yuna");
  await isAnswered();
  assert.equal(field("name-group").value, "");
});

test("half a name fills in no group", async () => {
  types("name-input", "Kar");
  await isAnswered();
  assert.equal(field("name-group").value, "");
});

test("a group that the user wrote stays", async () => {
  types("name-group", "SM Rookies");
  types("name-input", "Karina");
  await isAnswered();
  assert.deepEqual(await enters(), { name: "Karina", group: "SM Rookies" });
});

test("the group of a suggestion goes with it", async () => {
  types("name-input", "Kar");
  await isAnswered();
  field("name-input").is("keydown", { key: "ArrowDown" });
  field("name-input").is("keydown", { key: "Enter" });
  assert.equal(field("name-group").value, "aespa");
  types("name-input", "Somebody");
  assert.equal(field("name-group").value, "");
});

test("the name as it was brings its group back", () => {
  types("name-input", "Jiso");
  types("name-input", "Jisoo");
  assert.equal(field("name-group").value, "BLACKPINK");
});

test("spellings of one name are the same, and an accent is another name", () => {
  for (const spelling of ["Rosé", "rosé ", "ROSE\u0301", "ＲＯＳÉ"]) assert.ok(isSameName("ROSÉ", spelling), spelling);
  assert.ok(isSameName("Groß", "GROSS"));
  assert.ok(!isSameName("Rose", "Rosé"));
});
