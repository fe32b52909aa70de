/** A discarded card comes back to the place where it stood. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { takeOut } from "../../static/js/moments/place.js";

/** As much of a grid as a card needs: children that can be replaced and found by their id. */
class FakeNode {
  parentElement = null;
  #classes = new Set();
  classList = { add: (name) => this.#classes.add(name), remove: (name) => this.#classes.delete(name), contains: (name) => this.#classes.has(name) };

  constructor(id = "") {
    this.id = id;
  }

  get isConnected() {
    return this.parentElement !== null;
  }

  getAttribute() {
    return this.id;
  }

  replaceWith(node) {
    node.parentElement?.remove(node);
    this.parentElement.children.splice(this.parentElement.children.indexOf(this), 1, node);
    node.parentElement = this.parentElement;
    this.parentElement = null;
  }
}

class FakeGrid {
  children = [];

  constructor(ids) {
    for (const id of ids) this.prepend(new FakeNode(id), this.children.length);
  }

  prepend(node, index = 0) {
    node.parentElement = this;
    this.children.splice(index, 0, node);
    return node;
  }

  remove(node) {
    this.children.splice(this.children.indexOf(node), 1);
    node.parentElement = null;
  }

  querySelector(selector) {
    return this.children.find((child) => child.id && selector.includes(`"${child.id}"`)) ?? null;
  }

  get ids() {
    return this.children.map((child) => child.id).filter(Boolean).join("");
  }
}

function gridOf(context, ids) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.document = { createComment: () => new FakeNode() };
  const grid = new FakeGrid(ids);
  return { grid, card: (id) => grid.querySelector(`"${id}"`) };
}

test("a card comes back to its place, whatever came or went around it", (context) => {
  const { grid, card } = gridOf(context, "abcde");
  const putBack = takeOut(card("c"), "data-moment");
  context.mock.timers.tick(1000);
  assert.equal(grid.ids, "abde");
  grid.remove(card("b"));
  grid.remove(card("d"));
  grid.prepend(new FakeNode("x"));
  putBack();
  assert.equal(grid.ids, "xace");
});

test("two cards beside each other come back in any order", (context) => {
  const { grid, card } = gridOf(context, "abcd");
  const [first, second] = [card("b"), card("c")].map((one) => takeOut(one, "data-moment"));
  context.mock.timers.tick(1000);
  first();
  second();
  assert.equal(grid.ids, "abcd");
});

test("a card that is still leaving stays", (context) => {
  const { grid, card } = gridOf(context, "abc");
  const leaving = card("b");
  const putBack = takeOut(leaving, "data-moment");
  assert.equal(leaving.classList.contains("is-leaving"), true);
  putBack();
  context.mock.timers.tick(1000);
  assert.equal(grid.ids, "abc");
  assert.equal(leaving.classList.contains("is-leaving"), false);
});

test("the newer card that the server has sent meanwhile takes the place", (context) => {
  const { grid, card } = gridOf(context, "abc");
  const putBack = takeOut(card("c"), "data-moment");
  context.mock.timers.tick(1000);
  const newer = grid.prepend(new FakeNode("c"));
  assert.equal(putBack(), newer);
  assert.equal(grid.ids, "abc");
});
