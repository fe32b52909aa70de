/** Searching the list of people. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { isMeant } from "../../static/js/people/search.js";

for (const [name, typed, person, group, expected] of [
  ["nothing typed means everybody", "", "Momo", "TWICE", true],
  ["a part of the name is enough", "omo", "Momo", "TWICE", true],
  ["capitals do not matter", "MOMO", "Momo", "", true],
  ["the group counts too", "twi", "Momo", "TWICE", true],
  ["accents do not matter", "rose", "Rosé", "BLACKPINK", true],
  ["Korean is found by its first letters", "나", "나연", "", true],
  ["gaps do not matter", "kim min", "KimMinji", "", true],
  ["somebody else is not meant", "sana", "Momo", "TWICE", false],
]) {
  test(name, () => assert.equal(isMeant(typed, person, group), expected));
}

test("another name is enough", () => assert.equal(isMeant("지수", "Jisoo", "BLACKPINK", "지수 / Kim Ji-soo / "), true));
