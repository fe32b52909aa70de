/** Selecting cards of a grid. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { monthLinks } from "../../static/js/gallery/about.js";
import { Selection } from "../../static/js/select/selection.js";

const ORDER = [..."abcdef"];

/** A selection after some steps, as one word. */
function after(...steps) {
  const selection = new Selection(() => {});
  for (const step of steps) step(selection);
  return selection.ids.sort().join("");
}

const toggle = (id) => (selection) => selection.toggle(id);
const reach = (id) => (selection) => selection.reach(id, ORDER);
const day = (ids) => (selection) => selection.toggleAll([...ids]);

for (const [name, steps, expected] of [
  ["a click chooses and a second one leaves", [toggle("a"), toggle("b"), toggle("a")], "b"],
  ["a range reaches from the last click", [toggle("b"), reach("d")], "bcd"],
  ["a range reaches backwards", [toggle("d"), reach("b")], "bcd"],
  ["a range that shrinks leaves what it had taken", [toggle("b"), reach("e"), reach("c")], "bc"],
  ["a range keeps what was chosen before it", [toggle("f"), toggle("a"), reach("b")], "abf"],
  ["a range without a click before it is the card alone", [reach("c")], "c"],
  ["a range to a card that is not there changes nothing", [toggle("a"), reach("z")], "a"],
  ["a range from a card that is gone begins where it ends", [toggle("z"), reach("c")], "cz"],
  ["a day is chosen whole", [toggle("b"), day("abc")], "abc"],
  ["a day that is chosen whole is left", [day("abc"), day("abc")], ""],
  ["Escape leaves everything", [day("abc"), (selection) => selection.clear()], ""],
]) {
  test(name, () => assert.equal(after(...steps), expected));
}

test("every change is told", () => {
  let told = 0;
  const selection = new Selection(() => (told += 1));
  selection.toggle("a");
  selection.reach("c", ORDER);
  selection.clear();
  assert.equal(told, 3);
});

test("ten thousand cards are chosen at once", () => {
  const selection = new Selection(() => {});
  selection.set([...Array(10_000).keys()].map(String));
  assert.equal(selection.size, 10_000);
});

test("a scrubber leads to each month and names a year once", () => {
  const links = monthLinks(["2026-05", "2026-04", "2025-12"], "https://encore.test/photos/?person=1&cursor=x");
  assert.deepEqual(links.map(({ year }) => year), ["2026", "", "2025"]);
  assert.equal(links[1].href, "https://encore.test/photos/?person=1&at=2026-04");
  assert.equal(links[2].label, "December 2025");
});
