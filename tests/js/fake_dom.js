/** As much of a document as scripts need that move elements about: a tree read from HTML, events that bubble, a focus. */

const VOID = new Set(["img", "input", "link", "meta", "br"]);
const STEP = /([\w-]+)|\.([\w-]+)|#([\w-]+)|\[([\w-]+)(?:=(?:"([^"]*)"|([\w-]+)))?\]/g;
const TOKEN = /<\/([\w-]+)>|<([\w-]+)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*>|([^<]+)/g;

const dataName = (name) => `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** One element, or a document when it has no tag. */
export class TreeElement extends EventTarget {
  attributes = new Map();
  childNodes = [];
  parent = null;
  style = { setProperty: () => {}, getPropertyValue: () => "" };
  value = "";
  hidden = false;
  open = false;

  constructor(tag = "") {
    super();
    this.tag = tag;
    this.dataset = new Proxy({}, { get: (_, name) => this.attributes.get(dataName(name)), set: (_, name, value) => Boolean(this.attributes.set(dataName(name), String(value))) });
    const words = () => new Set((this.attributes.get("class") ?? "").split(" ").filter(Boolean));
    const change = (act) => (name, isOn) => {
      const names = words();
      names[act === "toggle" ? (isOn ? "add" : "delete") : act](name);
      this.attributes.set("class", [...names].join(" "));
    };
    this.classList = { add: change("add"), remove: change("delete"), toggle: change("toggle"), contains: (name) => words().has(name) };
  }

  get children() {
    return this.childNodes.filter((node) => node instanceof TreeElement);
  }

  get firstElementChild() {
    return this.children[0] ?? null;
  }

  get textContent() {
    return this.childNodes.map((node) => node.textContent ?? node).join("");
  }

  set textContent(text) {
    this.replaceChildren(text);
  }

  get outerHTML() {
    const written = [...this.attributes].map(([name, value]) => ` ${name}="${value}"`).join("");
    return `<${this.tag}${written}>${this.childNodes.map((node) => node.outerHTML ?? node).join("")}</${this.tag}>`;
  }

  get isConnected() {
    return this.parent ? this.parent.isConnected : this === globalThis.document;
  }

  get src() {
    return this.getAttribute("src") ?? "";
  }

  set src(source) {
    this.setAttribute("src", source);
  }

  get body() {
    return this;
  }

  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }

  setAttribute(name, value) {
    this.attributes.set(name, String(value));
  }

  removeAttribute(name) {
    this.attributes.delete(name);
  }

  append(...nodes) {
    this.#insert(this.childNodes.length, nodes);
  }

  prepend(...nodes) {
    this.#insert(0, nodes);
  }

  replaceChildren(...nodes) {
    for (const child of this.children) child.remove();
    this.childNodes = [];
    this.append(...nodes);
  }

  remove() {
    if (!this.parent) return;
    this.parent.childNodes = this.parent.childNodes.filter((node) => node !== this);
    this.parent = null;
    const { activeElement } = globalThis.document ?? {};
    if (activeElement && !activeElement.isConnected) globalThis.document.activeElement = globalThis.document.body;
  }

  after(...nodes) {
    this.parent.#insert(this.parent.childNodes.indexOf(this) + 1, nodes);
  }

  replaceWith(...nodes) {
    this.after(...nodes);
    this.remove();
  }

  #insert(index, nodes) {
    const flat = nodes.flatMap((node) => (node instanceof TreeElement && node.tag === "" ? [...node.childNodes] : [node]));
    const follower = this.childNodes[index];
    for (const node of flat) if (node instanceof TreeElement) node.remove();
    const place = follower === undefined ? this.childNodes.length : this.childNodes.indexOf(follower);
    this.childNodes.splice(place, 0, ...flat);
    for (const node of flat) if (node instanceof TreeElement) node.parent = this;
  }

  /** @param {string} selector a list of paths of tags, classes, ids and attributes */
  matches(selector) {
    return selector.split(",").some((path) => this.#fits(path.trim().split(/\s+/)));
  }

  #fits(steps) {
    const isThis = [...steps.at(-1).matchAll(STEP)].every(([, tag, name, id, attribute, quoted, plain]) => {
      if (tag) return this.tag === tag;
      if (name) return this.classList.contains(name);
      if (id) return this.getAttribute("id") === id;
      const wanted = quoted ?? plain;
      return wanted === undefined ? this.attributes.has(attribute) : this.getAttribute(attribute) === wanted;
    });
    if (!isThis || steps.length === 1) return isThis;
    for (let above = this.parent; above; above = above.parent) if (above.#fits(steps.slice(0, -1))) return true;
    return false;
  }

  closest(selector) {
    if (this.tag && this.matches(selector)) return this;
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

  adoptNode(node) {
    node.remove();
    return node;
  }

  /** Tell this element and those around it. */
  dispatchEvent(event) {
    Object.defineProperty(event, "target", { value: this, configurable: true });
    for (let node = this; node; node = node.parent) {
      EventTarget.prototype.dispatchEvent.call(node, event);
      if (event.cancelBubble) break;
    }
    return !event.defaultPrevented;
  }

  /** Do what a user does. @param {string} kind @param {object} [details] */
  is(kind, details = {}) {
    this.dispatchEvent(Object.assign(new Event(kind, { cancelable: true }), details));
  }

  focus() {
    if (!this.isConnected) return;
    globalThis.document.activeElement = this;
    this.is("focusin");
  }

  select() {}

  scrollIntoView() {}

  showModal() {
    this.open = true;
    this.opener = globalThis.document.activeElement;
  }

  close() {
    this.open = false;
    this.opener?.focus();
    queueMicrotask(() => this.is("close"));
  }

  getBoundingClientRect() {
    return { left: 0, top: 0, right: 0, bottom: 0, width: 0, height: 0 };
  }
}

/**
 * Read HTML that closes what it opens.
 *
 * @param {string} html
 * @returns {TreeElement} a document with it
 */
export function parse(html) {
  const root = new TreeElement();
  let here = root;
  for (const [, closed, opened, attributes, text] of html.matchAll(TOKEN)) {
    if (closed) here = here.parent;
    else if (text?.trim()) here.append(text.trim());
    else if (opened) {
      const made = new TreeElement(opened);
      for (const [, name, value] of attributes.matchAll(/([\w-]+)(?:="([^"]*)")?/g)) made.setAttribute(name, value ?? "");
      here.append(made);
      if (!VOID.has(opened)) here = made;
    }
  }
  return root;
}

/**
 * Be a browser that shows this document.
 *
 * @param {string} html
 * @returns {TreeElement} the document
 */
export function showDocument(html) {
  const page = parse(html);
  page.activeElement = page;
  const kind = (...tags) => class { static [Symbol.hasInstance](node) { return node instanceof TreeElement && (!tags.length || tags.includes(node.tag)); } };
  const globals = {
    document: page,
    location: { href: "https://encore.test/" },
    Element: kind(),
    HTMLElement: kind(),
    HTMLInputElement: kind("input"),
    HTMLDialogElement: kind("dialog"),
    DOMParser: class { parseFromString = parse; },
    ResizeObserver: class { observe() {} disconnect() {} },
    IntersectionObserver: class { observe() {} disconnect() {} },
    CSS: { escape: (text) => text },
    addEventListener: () => {},
  };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  return page;
}
