/** Cards that come and go while a grid is open. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { CardRefresher } from "../../static/js/gallery/card_refresher.js";
import { EndlessGrid } from "../../static/js/gallery/endless.js";

test("cards that lie under another one now are taken away", () => {
  const removed = [];
  const card = (id) => ({ remove: () => removed.push(id) });
  const grid = { querySelector: (selector) => (selector.includes("here") ? card(selector) : null) };
  const refresher = new CardRefresher(grid, async () => ({}), new AbortController().signal);
  refresher.drop(["here-1", "gone", "here-2"]);
  assert.deepEqual(removed, ['[data-photo="here-1"]', '[data-photo="here-2"]']);
});

test("a grid whose user is signed out says so at its end and takes no other page in", async () => {
  const replaced = [];
  const link = { href: "/photos/?cursor=2", textContent: "More photos" };
  const last = { querySelector: () => link, replaceWith: (cards) => replaced.push(cards) };
  const grid = { querySelector: () => last, addEventListener: () => {} };
  globalThis.IntersectionObserver = class {
    observe() {}
    disconnect() {}
  };
  globalThis.fetch = async (_url, { headers }) => new Response("{}", { status: headers["X-Fragment"] ? 401 : 200 });
  await new EndlessGrid(grid, new AbortController().signal, () => {}).more();
  assert.deepEqual(replaced, []);
  assert.equal(link.textContent, "You are signed out. Sign in again to go on.");
});
