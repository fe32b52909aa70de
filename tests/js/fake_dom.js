/** As much of a document as the scripts need: a tree read from HTML, forms that can be filled in, a focus. */

import { FakeTarget } from "./fake_events.js";
import { matches } from "./fake_selectors.js";

const VOID = new Set(["img", "input", "link", "meta", "br"]);
const TOKEN = /<\/([\w-]+)>|<([\w-]+)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*>|([^<]+)/g;
/** Attributes that are properties of the same name, by what their absence means. */
const FLAGS = ["hidden", "open", "disabled", "required"];
const TEXTS = ["id", "src", "title", "name", "type", "alt", "role"];
const SIZES = { left: 0, top: 0, width: 0, height: 0 };

const dataName = (name) => `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** What stands somewhere in a tree. */
export class TreeNode extends FakeTarget {
  parent = null;

  get parentElement() {
    return this.parent;
  }

  get isConnected() {
    return this.parent ? this.parent.isConnected : this === globalThis.document;
  }

  get path() {
    const above = this.parent?.path ?? (this === globalThis.document && globalThis.window instanceof FakeTarget ? [globalThis.window] : []);
    return [...above, this];
  }

  remove() {
    const { parent } = this;
    if (!parent) return;
    parent.childNodes = parent.childNodes.filter((node) => node !== this);
    this.parent = null;
    const { activeElement } = globalThis.document ?? {};
    if (activeElement && !activeElement.isConnected) globalThis.document.activeElement = globalThis.document.body;
    changed(parent, []);
  }

  before(...nodes) {
    this.parent.insert(this.parent.childNodes.indexOf(this), nodes);
  }

  after(...nodes) {
    this.parent.insert(this.parent.childNodes.indexOf(this) + 1, nodes);
  }

  replaceWith(...nodes) {
    if (nodes.length === 1 && nodes[0] === this) return;
    this.after(...nodes);
    this.remove();
  }
}

/** Keeps a place; is no element. */
class TreeComment extends TreeNode {
  textContent = "";
  outerHTML = "";
}

/** Those who watch for changes of a tree. @type {Set<TreeObserver>} */
const observers = new Set();

function changed(parent, addedNodes) {
  for (const observer of observers) observer.note(parent, addedNodes);
}

/** `MutationObserver`: told of the children that come and go. */
export class TreeObserver {
  #tell;
  #seen = [];
  #records = [];

  constructor(tell) {
    this.#tell = tell;
  }

  observe(root, { subtree = false } = {}) {
    this.#seen.push({ root, subtree });
    observers.add(this);
  }

  disconnect() {
    observers.delete(this);
  }

  note(target, addedNodes) {
    if (!this.#seen.some(({ root, subtree }) => root === target || (subtree && root.contains(target)))) return;
    if (!this.#records.length) queueMicrotask(() => this.#tell(this.#records.splice(0)));
    this.#records.push({ target, addedNodes });
  }
}

/** The style of one element, without any sheet. */
class FakeStyle {
  #values = new Map();
  setProperty = (name, value) => this.#values.set(name, value);
  getPropertyValue = (name) => this.#values.get(name) ?? "";
}

/** One element, or a document or fragment when it has no tag. */
export class TreeElement extends TreeNode {
  attributes = new Map();
  childNodes = [];
  style = new FakeStyle();
  /** Where it is in the window, in CSS pixels. */
  layout = { ...SIZES };
  #value;
  #isChecked;

  constructor(tag = "") {
    super();
    this.tag = tag;
    this.dataset = new Proxy({}, {
      get: (_, name) => this.attributes.get(dataName(name)),
      set: (_, name, value) => Boolean(this.attributes.set(dataName(name), String(value))),
      has: (_, name) => this.attributes.has(dataName(name)),
    });
    if (tag === "template") this.content = new TreeElement();
  }

  get tagName() {
    return this.tag.toUpperCase();
  }

  get classList() {
    const words = () => (this.attributes.get("class") ?? "").split(" ").filter(Boolean);
    const keep = (names) => (names.length || this.attributes.has("class") ? this.attributes.set("class", [...new Set(names)].join(" ")) : null);
    const add = (...names) => keep([...words(), ...names]);
    const remove = (...names) => keep(words().filter((name) => !names.includes(name)));
    const contains = (name) => words().includes(name);
    const toggle = (name, isOn = !contains(name)) => (isOn ? add(name) : remove(name), isOn);
    return Object.assign(words(), { add, remove, contains, toggle });
  }

  get className() {
    return this.getAttribute("class") ?? "";
  }

  set className(names) {
    this.setAttribute("class", names);
  }

  get children() {
    return this.childNodes.filter((node) => node instanceof TreeElement);
  }

  get firstElementChild() {
    return this.children[0] ?? null;
  }

  get nextElementSibling() {
    const around = this.parent?.children ?? [];
    return around[around.indexOf(this) + 1] ?? null;
  }

  get previousElementSibling() {
    const around = this.parent?.children ?? [];
    return around[around.indexOf(this) - 1] ?? null;
  }

  hasChildNodes() {
    return this.childNodes.length > 0;
  }

  get textContent() {
    return this.childNodes.map((node) => node.textContent ?? node).join("");
  }

  set textContent(text) {
    this.replaceChildren(...(text === "" ? [] : [String(text)]));
  }

  get innerHTML() {
    return this.childNodes.map((node) => node.outerHTML ?? node).join("");
  }

  get outerHTML() {
    const written = [...this.attributes].map(([name, value]) => ` ${name}="${value}"`).join("");
    return `<${this.tag}${written}>${this.innerHTML}</${this.tag}>`;
  }

  get body() {
    return this;
  }

  get href() {
    const href = this.getAttribute("href");
    return href === null ? "" : new URL(href, globalThis.location.href).href;
  }

  set href(address) {
    this.setAttribute("href", address);
  }

  get action() {
    return this.getAttribute("action") ?? "";
  }

  get formAction() {
    return this.getAttribute("formaction") ?? this.form?.action ?? "";
  }

  /** @returns {TreeElement|null} the form that a control belongs to */
  get form() {
    const id = this.getAttribute("form");
    return id ? globalThis.document.getElementById(id) : (this.parent?.closest("form") ?? null);
  }

  get options() {
    return this.querySelectorAll("option");
  }

  get value() {
    if (this.tag === "select") return (this.options.find((option) => option.isChosen) ?? this.options.find((option) => option.hasAttribute("selected")) ?? this.options[0])?.value ?? "";
    return this.#value ?? this.getAttribute("value") ?? "";
  }

  set value(value) {
    if (this.tag === "select") for (const option of this.options) option.isChosen = option.value === value;
    else this.#value = ["progress", "output"].includes(this.tag) ? value : String(value);
  }

  set selectedIndex(index) {
    this.options.forEach((option, place) => (option.isChosen = place === index));
  }

  get checked() {
    return this.#isChecked ?? this.hasAttribute("checked");
  }

  set checked(isChecked) {
    this.#isChecked = isChecked;
  }

  get elements() {
    const all = this.querySelectorAll("input, select, textarea, button");
    return Object.assign(all, { namedItem: (name) => all.find((one) => one.getAttribute("name") === name) ?? null });
  }

  reset() {
    for (const control of this.elements) control.value = control.getAttribute("value") ?? "";
  }

  /** Send a form, as a press on one of its buttons does. @param {TreeElement|null} [submitter] */
  requestSubmit(submitter = null) {
    return this.is("submit", { submitter });
  }

  /** A form that a script sends by itself leaves the page. */
  submit() {
    this.isSent = true;
  }

  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }

  hasAttribute(name) {
    return this.attributes.has(name);
  }

  setAttribute(name, value) {
    this.attributes.set(name, String(value));
  }

  removeAttribute(name) {
    this.attributes.delete(name);
  }

  toggleAttribute(name, isOn = !this.hasAttribute(name)) {
    if (isOn) this.setAttribute(name, "");
    else this.removeAttribute(name);
  }

  append(...nodes) {
    this.insert(this.childNodes.length, nodes);
  }

  prepend(...nodes) {
    this.insert(0, nodes);
  }

  insertBefore(node, next) {
    this.insert(next ? this.childNodes.indexOf(next) : this.childNodes.length, [node]);
  }

  replaceChildren(...nodes) {
    for (const child of this.children) child.remove();
    this.childNodes = [];
    this.append(...nodes);
  }

  insert(index, nodes) {
    const flat = nodes.flatMap((node) => (node instanceof TreeElement && node.tag === "" ? [...node.childNodes] : [node]));
    const follower = this.childNodes.slice(index).find((node) => !flat.includes(node));
    for (const node of flat) if (node instanceof TreeNode) node.remove();
    const place = follower === undefined ? this.childNodes.length : this.childNodes.indexOf(follower);
    this.childNodes.splice(place, 0, ...flat);
    for (const node of flat) if (node instanceof TreeNode) node.parent = this;
    changed(this, flat);
  }

  cloneNode(isDeep = false) {
    const made = new TreeElement(this.tag);
    made.attributes = new Map(this.attributes);
    if (isDeep) made.append(...this.childNodes.map((node) => node.cloneNode?.(true) ?? node));
    return made;
  }

  isEqualNode(other) {
    return this.outerHTML === other.outerHTML;
  }

  matches(selector) {
    return this.tag !== "" && matches(this, selector);
  }

  closest(selector) {
    if (this.matches(selector)) return this;
    return this.parent?.closest(selector) ?? null;
  }

  contains(node) {
    return node === this || (node?.parent ? this.contains(node.parent) : false);
  }

  querySelectorAll(selector) {
    return this.children.flatMap((child) => [...(child.matches(selector) ? [child] : []), ...child.querySelectorAll(selector)]);
  }

  querySelector(selector) {
    return this.querySelectorAll(selector)[0] ?? null;
  }

  getElementById(id) {
    return this.querySelector(`#${id}`);
  }

  createElement(tag) {
    return new TreeElement(tag);
  }

  createElementNS(_namespace, tag) {
    return new TreeElement(tag);
  }

  createDocumentFragment() {
    return new TreeElement();
  }

  createComment() {
    return new TreeComment();
  }

  adoptNode(node) {
    node.remove();
    return node;
  }

  /** Press it, as a user does: boxes change, buttons send their form. */
  click(details = {}) {
    if (this.disabled) return;
    const isBox = ["checkbox", "radio"].includes(this.type);
    if (isBox) this.checked = this.type === "radio" || !this.checked;
    const event = this.is("click", { detail: 1, ...details });
    if (isBox) this.is("change");
    const isSubmit = this.tag === "button" && (this.getAttribute("type") ?? "submit") === "submit";
    if (isSubmit && !event.defaultPrevented) this.form?.requestSubmit(this);
  }

  focus() {
    const { document } = globalThis;
    if (!this.isConnected || this.disabled || document.activeElement === this || this.closest("[hidden], [inert]")) return;
    const before = document.activeElement;
    document.activeElement = this;
    if (before !== document.body) before?.is("blur");
    this.is("focus");
    this.is("focusin");
  }

  select() {
    this.isSelected = true;
  }

  setSelectionRange(start, end) {
    this.selection = [start, end];
  }

  scrollIntoView() {
    globalThis.document.scrolledTo = this;
  }

  setPointerCapture() {}

  requestFullscreen() {
    globalThis.document.fullscreenElement = this;
  }

  exitFullscreen() {
    this.fullscreenElement = null;
  }

  showModal() {
    this.open = true;
    this.opener = globalThis.document.activeElement;
  }

  close() {
    if (!this.open) return;
    this.open = false;
    this.opener?.focus();
    queueMicrotask(() => this.is("close"));
  }

  getBoundingClientRect() {
    const { left, top, width, height } = this.layout;
    return { left, top, width, height, right: left + width, bottom: top + height };
  }
}

for (const name of FLAGS) {
  Object.defineProperty(TreeElement.prototype, name, {
    get() {
      return this.hasAttribute(name);
    },
    set(isOn) {
      this.toggleAttribute(name, Boolean(isOn));
    },
  });
}
for (const name of TEXTS) {
  Object.defineProperty(TreeElement.prototype, name, {
    get() {
      return this.getAttribute(name) ?? "";
    },
    set(text) {
      this.setAttribute(name, text);
    },
  });
}
for (const [name, side] of Object.entries({ offsetLeft: "left", offsetTop: "top", offsetWidth: "width", offsetHeight: "height", clientWidth: "width", clientHeight: "height" })) {
  Object.defineProperty(TreeElement.prototype, name, {
    get() {
      return this.layout[side];
    },
  });
}

/**
 * Read HTML that closes what it opens.
 *
 * @param {string} html
 * @returns {TreeElement} a document with it
 */
export function parse(html) {
  const root = new TreeElement();
  const open = [root];
  for (const [, closed, opened, attributes, text] of html.matchAll(TOKEN)) {
    const here = open.at(-1).content ?? open.at(-1);
    if (closed) open.pop();
    else if (text?.trim()) here.append(text.trim());
    else if (opened) {
      const made = new TreeElement(opened);
      for (const [, name, value] of attributes.matchAll(/([\w-]+)(?:="([^"]*)")?/g)) made.setAttribute(name, value ?? "");
      here.append(made);
      if (!VOID.has(opened)) open.push(made);
    }
  }
  return root;
}
