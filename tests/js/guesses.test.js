/** Questions one after another. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { GuessDeck } from "../../static/js/guesses/deck.js";

const guess = (face) => ({ face, crop: "", photo: "", person: { id: `p${face}`, name: "Lisa", group: "BP" }, references: [], word: "maybe", similarity: 0.3 });

function deckOf(count, { refuse = false } = {}) {
  const posted = [];
  const fetch = async (after) => (after ? { guesses: [], after: "" } : { guesses: Array.from({ length: count }, (_, place) => guess(place)), after: "more" });
  const send = async (url, fields) => {
    posted.push([url, fields]);
    if (refuse) throw new Error("refused");
    return { undo: posted.length };
  };
  return { deck: new GuessDeck(fetch, send), posted };
}

test("the next question is there before the answer has arrived", async () => {
  const { deck, posted } = deckOf(8);
  await deck.fill();
  const sent = deck.answer("yes");
  assert.equal(deck.current.face, 1);
  await sent;
  assert.deepEqual(posted, [["/faces/0/name/", { name: "Lisa", group: "BP" }]]);
});

test("no rules the person out, and skip asks nothing of the server", async () => {
  const { deck, posted } = deckOf(8);
  await deck.fill();
  await deck.answer("no");
  await deck.answer("skip");
  assert.deepEqual(posted, [["/faces/0/reject/", { person: "p0" }]]);
});

test("undo takes the last answer back and asks again", async () => {
  const { deck, posted } = deckOf(8);
  await deck.fill();
  deck.answer("yes");
  await deck.undo();
  assert.equal(deck.current.face, 0);
  assert.equal(posted.at(-1)[0], "/decisions/1/undo/");
  assert.equal(deck.canUndo, false);
});

test("a question whose answer was refused is asked again", async () => {
  const { deck } = deckOf(3, { refuse: true });
  await deck.fill();
  await assert.rejects(deck.answer("yes"));
  assert.equal(deck.current.face, 0);
  assert.equal(deck.canUndo, false);
});

test("a question that was fetched twice is asked once", async () => {
  const { deck } = deckOf(2);
  await deck.fill();
  await deck.fill();
  await deck.answer("skip");
  await deck.answer("skip");
  assert.equal(deck.current, null);
});
