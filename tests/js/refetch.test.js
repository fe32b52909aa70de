/** Fetching the page again: never twice at once, never after its end. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Refetch } from "../../static/js/lib/refetch.js";
import { FakeElement } from "./fake_page.js";

/** @type {Array<(answer: object) => void>} */ let open = [];

beforeEach(() => {
  open = [];
  globalThis.location = { href: "/photos/1/" };
  globalThis.fetch = () => new Promise((resolve) => open.push(resolve));
  globalThis.DOMParser = class {
    parseFromString(text) {
      return { text };
    }
  };
});

const page = (text, ok = true) => ({ ok, text: async () => text });
const settled = () => new Promise((resolve) => setTimeout(resolve));

test("the page is taken as the server renders it", async () => {
  const taken = [];
  const done = new Refetch(new AbortController().signal, (fresh) => taken.push(fresh.text)).run();
  open[0](page("one"));
  await done;
  assert.deepEqual(taken, ["one"]);
});

test("calls while one is under way become one more", async () => {
  const taken = [];
  const refetch = new Refetch(new AbortController().signal, (fresh) => taken.push(fresh.text));
  const done = refetch.run();
  refetch.run();
  refetch.run();
  open[0](page("one"));
  await settled();
  assert.equal(open.length, 2);
  open[1](page("two"));
  await done;
  assert.deepEqual(taken, ["one", "two"]);
});

test("an error of the server changes nothing", async () => {
  const taken = [];
  const done = new Refetch(new AbortController().signal, (fresh) => taken.push(fresh.text)).run();
  open[0](page("sorry", false));
  await done;
  assert.deepEqual(taken, []);
});

test("a page that is signed out says so and stays as it is", async () => {
  const region = new FakeElement();
  const make = () => new FakeElement();
  globalThis.document = { querySelector: () => region, createElement: make, createElementNS: make };
  const taken = [];
  const done = new Refetch(new AbortController().signal, (fresh) => taken.push(fresh.text)).run();
  open[0]({ ...page("sign in", false), status: 401 });
  await done;
  assert.deepEqual(taken, []);
  assert.match(region.words, /You are signed out/);
});

test("what arrives after the page was left is not taken", async () => {
  const taken = [];
  const leaving = new AbortController();
  const refetch = new Refetch(leaving.signal, (fresh) => taken.push(fresh.text));
  const done = refetch.run();
  refetch.run();
  leaving.abort();
  open[0](page("late"));
  await done;
  assert.deepEqual(taken, []);
  assert.equal(open.length, 1);
});
