/** Cards that come and go while a grid is open. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { CardRefresher } from "../../static/js/gallery/card_refresher.js";

test("cards that lie under another one now are taken away", () => {
  const removed = [];
  const card = (id) => ({ remove: () => removed.push(id) });
  const grid = { querySelector: (selector) => (selector.includes("here") ? card(selector) : null) };
  const refresher = new CardRefresher(grid, async () => ({}), new AbortController().signal);
  refresher.drop(["here-1", "gone", "here-2"]);
  assert.deepEqual(removed, ['[data-photo="here-1"]', '[data-photo="here-2"]']);
});
