import assert from "node:assert/strict";
import { test } from "node:test";

import { takeOffers } from "../../static/js/upload/offers.js";

/** A file input that holds files of these names. */
function inputHolding(...names) {
  return Object.assign(new EventTarget(), { files: names.map((name) => ({ name, webkitRelativePath: "" })), value: names.join() });
}

/** Let inputs offer; returns the paths of each time something was taken. */
function offersOf(inputs) {
  const taken = [];
  const ended = new AbortController();
  const before = globalThis.document;
  globalThis.document = new EventTarget();
  takeOffers({ inputs, drop: {} }, (chosen) => taken.push(chosen.map(({ path }) => path)), ended.signal);
  globalThis.document = before;
  return taken;
}

test("files that were chosen before the script came are taken, and once only", () => {
  const [files, folder] = [inputHolding("a.jpg", "b.jpg"), inputHolding()];
  assert.deepEqual(offersOf([files, folder]), [["a.jpg", "b.jpg"]]);
  assert.equal(files.value, "");
});

test("files that are chosen later are taken then", () => {
  const files = inputHolding();
  const taken = offersOf([files]);
  assert.deepEqual(taken, []);
  files.files = inputHolding("c.jpg").files;
  files.dispatchEvent(new Event("change"));
  assert.deepEqual(taken, [["c.jpg"]]);
});
