/** Cards that come and go while a grid is open. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { CardRefresher } from "../../static/js/gallery/card_refresher.js";
import { EndlessGrid } from "../../static/js/gallery/endless.js";
import { cardsPage } from "../../static/js/gallery/page.js";
import { showDocument } from "./fake_browser.js";
import { parse } from "./fake_dom.js";

const MORE = '<li data-more><a href="?before=x">Show more photos</a></li>';
const cards = (ids) => [...ids].map((id) => `<li data-photo="${id}"></li>`).join("");

/** A page whose grid holds a card for each letter. */
function showGrid(ids, more = "") {
  return showDocument(`<ul data-cards>${cards(ids)}${more}</ul>`).querySelector("ul");
}

/** What stands in the grid, in its order. */
const order = (grid) => grid.children.map((card) => card.dataset.photo ?? "more").join(" ");

/** A refresher that finds these cards on the first page. */
function refresherOf(grid, ids) {
  return new CardRefresher(grid, async () => parse(cards(ids)), new AbortController().signal);
}

test("cards that lie under another one now are taken away", () => {
  const removed = [];
  const card = (id) => ({ remove: () => removed.push(id) });
  const grid = { querySelector: (selector) => (selector.includes("here") ? card(selector) : null) };
  const refresher = new CardRefresher(grid, async () => ({}), new AbortController().signal);
  refresher.drop(["here-1", "gone", "here-2"]);
  assert.deepEqual(removed, ['[data-photo="here-1"]', '[data-photo="here-2"]']);
});

test("new photos stand in the order of the server", async () => {
  const grid = showGrid("ceg", MORE);
  assert.equal(await refresherOf(grid, "abcdefg").refresh(), 4);
  assert.equal(order(grid), "a b c d e f g more");
});

test("older photos that follow because others were stacked are left to the next page", async () => {
  const grid = showGrid("abcdef", MORE);
  const refresher = refresherOf(grid, "adfghi");
  refresher.drop(["b", "c", "e"]);
  await refresher.refresh();
  assert.equal(order(grid), "a d f more");
});

test("where no page follows, a photo from before all others is put at the end", async () => {
  const grid = showGrid("ab");
  await refresherOf(grid, "abc").refresh();
  assert.equal(order(grid), "a b c");
});

test("an empty grid is filled, and so many new photos that none is known come first", async () => {
  const empty = showGrid("");
  await refresherOf(empty, "ab").refresh();
  assert.equal(order(empty), "a b");
  const old = showGrid("xy", MORE);
  await refresherOf(old, "ab").refresh();
  assert.equal(order(old), "a b x y more");
});

test("a card that is rendered differently is exchanged where it stands", async () => {
  const grid = showGrid("abc", MORE);
  const fresh = () => parse(cards("abc").replace('data-photo="b"', 'data-photo="b" data-state="ready"'));
  assert.equal(await new CardRefresher(grid, async () => fresh(), new AbortController().signal).refresh(), 1);
  assert.equal(order(grid), "a b c more");
  assert.equal(grid.children[1].dataset.state, "ready");
});

test("the next page brings no photo a second time", async (context) => {
  const grid = showGrid("abc", MORE);
  context.mock.method(globalThis, "fetch", async () => new Response(cards("bcde") + MORE));
  const said = [];
  await new EndlessGrid(grid, new AbortController().signal, (text) => said.push(text)).more();
  assert.equal(order(grid), "a b c d e more");
  assert.deepEqual(said, ["2 photos more"]);
});

test("a grid whose user is signed out says so at its end and takes no other page in", async () => {
  const replaced = [];
  const link = { href: "/photos/?cursor=2", textContent: "More photos" };
  const last = { querySelector: () => link, replaceWith: (fresh) => replaced.push(fresh) };
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

test("a filter that is changed is sent at once, and how the grid stands is said", () => {
  const page = showDocument(
    '<form data-filters><select></select></form><ul data-cards></ul><p data-grid-status></p>',
  );
  const filters = page.querySelector("[data-filters]");
  let sent = 0;
  filters.requestSubmit = () => sent++;
  const { grid, say } = cardsPage(page, new AbortController().signal);
  filters.dispatchEvent(new Event("change"));
  say("12 photos");
  assert.equal(sent, 1);
  assert.ok(filters.classList.contains("is-live"));
  assert.equal(grid, page.querySelector("[data-cards]"));
  assert.equal(page.querySelector("[data-grid-status]").textContent, "12 photos");
});

test("a page that has nothing to show has no grid, and its filters still work", () => {
  const page = showDocument("<p>Nothing yet.</p>");
  const { grid, say } = cardsPage(page, new AbortController().signal);
  say("nobody reads this");
  assert.equal(grid, null);
});
