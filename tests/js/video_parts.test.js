/** A page of videos takes over what has changed and leaves focus and open dialogs alone. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { exchange, reconcile, takeOver } from "../../static/js/videos/parts.js";

/** As much of an element as is looked at: children in order, an id, words, an address. */
class Part {
  parent = null;
  children = [];

  constructor(words, { id = "", href = null, video = null, open = false } = {}, ...children) {
    Object.assign(this, { words, id, href, video, open, isFocused: false });
    for (const child of children) this.insertBefore(child, null);
  }

  get nextElementSibling() {
    return this.parent.children[this.parent.children.indexOf(this) + 1] ?? null;
  }

  get tree() {
    return [this.words, ...this.children.map((child) => child.tree)].join(" ").trim();
  }

  getAttribute(name) {
    return name === "href" ? this.href : this.video;
  }

  isEqualNode(other) {
    return this.tree === other.tree && this.href === other.href;
  }

  insertBefore(child, next) {
    child.parent?.children.splice(child.parent.children.indexOf(child), 1);
    this.children.splice(next ? this.children.indexOf(next) : this.children.length, 0, child);
    child.parent = this;
  }

  remove() {
    this.parent.children.splice(this.parent.children.indexOf(this), 1);
    this.parent = null;
  }

  replaceWith(other) {
    this.parent.insertBefore(other, this);
    this.remove();
  }

  contains(other) {
    return this === other || this.children.some((child) => child.contains(other));
  }

  querySelectorAll() {
    return this.children.flatMap((child) => [child, ...child.querySelectorAll()]).filter((one) => one.href);
  }

  focus() {
    globalThis.document.activeElement = this;
  }
}

const words = (part) => part.children.map((child) => child.words).join(", ");
globalThis.document = { activeElement: null };
globalThis.CSS = { escape: (text) => text };

test("a failed video gets its button, and the others are the same as before", () => {
  const [timeline, remove] = [new Part("Timeline"), new Part("Delete")];
  const actions = new Part("", {}, timeline, remove);
  reconcile(actions, new Part("", {}, new Part("Timeline"), new Part("Analyse again", { id: "analyse-again" }), new Part("Delete")));
  assert.equal(words(actions), "Timeline, Analyse again, Delete");
  assert.deepEqual([actions.children[0] === timeline, actions.children[2] === remove], [true, true]);
});

test("a form with another token is the same form, and what is gone is removed", () => {
  const form = new Part("token 1", { id: "analyse-again" });
  const actions = new Part("", {}, new Part("Look again"), form);
  reconcile(actions, new Part("", {}, new Part("token 2", { id: "analyse-again" })));
  assert.deepEqual(actions.children, [form]);
});

test("a dialog comes with its button, and one that is open stays although it is gone", () => {
  const open = new Part("Look?", { id: "look-again", open: true });
  const dialogs = new Part("", {}, open);
  reconcile(dialogs, new Part("", {}, new Part("Delete?", { id: "delete-video" })));
  assert.deepEqual(new Set(dialogs.children.map(({ id }) => id)), new Set(["look-again", "delete-video"]));
  open.open = false;
  reconcile(dialogs, new Part("", {}, new Part("Delete?", { id: "delete-video" })));
  assert.equal(words(dialogs), "Delete?");
});

test("the focus goes on to the same link of what is exchanged", () => {
  const link = new Part("Mina", { href: "/moments/1/" });
  const place = new Part("", {}, new Part("1 moment", {}, link));
  link.focus();
  exchange(place.children[0], new Part("2 moments", {}, new Part("Sana", { href: "/moments/2/" }), new Part("Mina", { href: "/moments/1/" })));
  assert.equal(place.tree, "2 moments Sana Mina");
  assert.equal(document.activeElement.tree, "Mina");
  assert.equal(place.contains(document.activeElement), true);
});

test("what is the same stays the same element", () => {
  const found = new Part("1 moment");
  const place = new Part("", {}, found);
  exchange(found, new Part("1 moment"));
  assert.equal(place.children[0], found);
});

test("state panel, found moments, actions and dialogs of an open video page are brought up to date", () => {
  const pageOf = (state, found, ...actions) => {
    const parts = {
      "[data-video-actions]": new Part("", {}, ...actions.map((one) => new Part(one))),
      "[data-video-dialogs]": new Part("", {}, ...actions.map((one) => new Part(one, { id: one }))),
    };
    const [panel, moments] = [new Part(state, { video: "v" }), new Part(found)];
    const holder = new Part("", {}, panel, moments);
    const byMark = { ...parts, "[data-video]": panel, '[data-video="v"]': panel, "[data-video-found]": moments };
    const find = (selector) => byMark[selector] ?? null;
    return { parts, holder, querySelector: find, querySelectorAll: (selector) => [find(selector)].filter(Boolean) };
  };
  const shown = pageOf("0:30 of 5:00", "They appear here", "Delete");
  takeOver(shown, pageOf("Only 3:20 of 5:00 could be read", "None were found", "Look again", "Delete"));
  assert.equal(words(shown.holder), "Only 3:20 of 5:00 could be read, None were found");
  assert.equal(words(shown.parts["[data-video-actions]"]), "Look again, Delete");
  assert.equal(words(shown.parts["[data-video-dialogs]"]), "Look again, Delete");
});
