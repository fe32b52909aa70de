/** A browser that shows a document: its window, address, history, pictures, and what watches elements. */

import { parse, TreeElement, TreeObserver } from "./fake_dom.js";
import { FakeTarget } from "./fake_events.js";
import { FakeRequest, FakeWebSocket, settled, sockets, transfers } from "./fake_net.js";

/** What a tab remembers; cleared by the tests that look at it. */
export class FakeStorage {
  #kept = new Map();
  getItem = (key) => this.#kept.get(key) ?? null;
  setItem = (key, value) => this.#kept.set(key, String(value));
  removeItem = (key) => this.#kept.delete(key);
  clear = () => this.#kept.clear();
}

/** Watches whether elements are seen, or how large they are; tests say so by `tells`. */
class FakeObserver {
  static all = [];
  watched = new Set();

  constructor(tell) {
    this.tell = tell;
    this.constructor.all.push(this);
  }

  observe(element) {
    this.watched.add(element);
  }

  disconnect() {
    this.watched.clear();
  }
}

class SightObserver extends FakeObserver {
  static all = [];
}

class SizeObserver extends FakeObserver {
  static all = [];
}

/** An element comes into sight. @param {TreeElement} element @param {boolean} [isIntersecting] */
export async function comesIntoSight(element, isIntersecting = true) {
  for (const observer of SightObserver.all) if (observer.watched.has(element)) observer.tell([{ target: element, isIntersecting }]);
  await settled();
}

/** An element gets another size. @param {TreeElement} element @param {object} layout */
export function getsSize(element, layout) {
  Object.assign(element.layout, layout);
  for (const observer of SizeObserver.all) if (observer.watched.has(element)) observer.tell([{ target: element }]);
}

/** A picture that is loaded beside the page. Those whose address is in `missing` cannot be had. */
export class FakeImage extends TreeElement {
  static missing = new Set();
  naturalWidth = 4;
  naturalHeight = 3;

  constructor() {
    super("img");
  }

  async decode() {
    if (FakeImage.missing.has(this.src)) throw new DOMException("no picture", "EncodingError");
  }
}

/** `new Option()` @returns {TreeElement} */
function FakeOption(text, value, _isDefault, isSelected) {
  const option = new TreeElement("option");
  option.append(text);
  option.setAttribute("value", value);
  option.isChosen = isSelected;
  return option;
}

/** The fields of a form of the tree. */
class TreeFormData extends FormData {
  constructor(form, submitter) {
    super();
    for (const control of form?.elements ?? []) {
      const isLeftOut = !control.name || control.disabled || control.tag === "button" || (["checkbox", "radio"].includes(control.type) && !control.checked);
      if (!isLeftOut) this.append(control.name, control.value);
    }
    if (submitter?.name) this.append(submitter.name, submitter.value);
  }
}

/** What was drawn on a canvas since it was last cleared: texts, pictures and frames of boxes, with the colour of each. */
class FakeContext {
  texts = [];
  pictures = [];
  boxes = [];
  clearRect = () => (this.texts.length = this.pictures.length = this.boxes.length = 0);
  fillText = (text) => this.texts.push(text);
  drawImage = (picture) => this.pictures.push(picture);
  strokeRect = (...rect) => this.boxes.push({ rect, colour: this.strokeStyle });
  measureText = (text) => ({ width: 7 * text.length });

  constructor() {
    for (const act of ["setTransform", "save", "restore", "translate", "scale", "setLineDash", "beginPath", "roundRect", "fill", "fillRect"]) this[act] = () => undefined;
  }
}

/** @returns {FakeContext} of a canvas of the page */
function contextOf(canvas) {
  if (!contexts.has(canvas)) contexts.set(canvas, new FakeContext());
  return contexts.get(canvas);
}
const contexts = new WeakMap();

TreeElement.prototype.getContext = function getContext() {
  return contextOf(this);
};
TreeElement.prototype.toBlob = (done) => done(new Blob(["picture"], { type: "image/jpeg" }));

/** An address that can be left; `left` says how. */
class FakeLocation extends URL {
  left = [];
  assign = (url) => this.left.push(url);
  reload = () => this.left.push("reload");
}

/** The pages of one tab. */
class FakeHistory {
  #window;
  #past = [];

  constructor(window) {
    this.#window = window;
  }

  pushState(_state, _title, url) {
    this.#past.push(globalThis.location.href);
    globalThis.location.href = new URL(url, globalThis.location.href).href;
  }

  replaceState(_state, _title, url) {
    globalThis.location.href = new URL(url, globalThis.location.href).href;
  }

  back() {
    globalThis.location.href = this.#past.pop() ?? globalThis.location.href;
    this.#window.is("popstate");
  }
}

const kind = (...tags) => class { static [Symbol.hasInstance](node) { return node instanceof TreeElement && node.tag !== "" && (!tags.length || tags.includes(node.tag)); } };

/** Media that are asked for, and whether they fit. */
const media = new Map();

/** Say whether the browser fits a media query from now on, to those who listen, too. */
export function fits(query, isSo) {
  const list = globalThis.matchMedia(query);
  list.matches = isSo;
  list.is("change");
}

function matchMedia(query) {
  if (!media.has(query)) media.set(query, Object.assign(new FakeTarget(), { matches: false }));
  return media.get(query);
}

function globalsOf(page, window, address) {
  return {
    document: page,
    window,
    location: new FakeLocation(address),
    history: new FakeHistory(window),
    navigator: {},
    localStorage: new FakeStorage(),
    sessionStorage: new FakeStorage(),
    Element: kind(),
    HTMLElement: kind(),
    HTMLInputElement: kind("input"),
    HTMLSelectElement: kind("select"),
    HTMLFormElement: kind("form"),
    HTMLDialogElement: kind("dialog"),
    HTMLDetailsElement: kind("details"),
    DOMParser: class { parseFromString = (html) => Object.assign(parse(html), { title: /<title>([^<]*)/.exec(html)?.[1] ?? "" }); },
    Image: FakeImage,
    Option: FakeOption,
    FormData: TreeFormData,
    WebSocket: FakeWebSocket,
    XMLHttpRequest: FakeRequest,
    WheelEvent: { DOM_DELTA_LINE: 1 },
    MutationObserver: TreeObserver,
    ResizeObserver: SizeObserver,
    IntersectionObserver: SightObserver,
    CSS: { escape: (text) => text },
    devicePixelRatio: 1,
    matchMedia,
    scrollTo: () => undefined,
    isSecureContext: true,
    requestAnimationFrame: (paint) => (window.paint = paint),
    createImageBitmap: async () => ({ width: 640, height: 360, close: () => undefined }),
    getComputedStyle: (element) => element.style,
    addEventListener: (...listener) => window.addEventListener(...listener),
    removeEventListener: (...listener) => window.removeEventListener(...listener),
  };
}

/** Put something in the place of what node has under this name. */
export function setGlobal(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/**
 * Be a browser that shows this document. What the page before listened to is left.
 *
 * @param {string} html
 * @param {string} [address]
 * @returns {TreeElement} the document
 */
export function showDocument(html, address = "https://encore.test/") {
  if (globalThis.window instanceof FakeTarget) globalThis.window.is("pagehide");
  const page = parse(html);
  const window = new FakeTarget();
  sockets.length = transfers.length = SightObserver.all.length = SizeObserver.all.length = 0;
  media.clear();
  FakeImage.missing.clear();
  for (const [name, value] of Object.entries(globalsOf(page, window, address))) setGlobal(name, value);
  Object.assign(page, { activeElement: page, documentElement: new TreeElement("html"), fullscreenElement: null, cookie: "" });
  return page;
}

let pages = 0;

/** Run the script of a page anew. @param {string} script below static/js */
export async function runScript(script) {
  pages += 1;
  await import(`../../static/js/${script}?${pages}`);
  await settled();
}

/** A key is pressed where the focus is. @param {string} key @param {object} [details] @returns {Event} */
export function presses(key, details = {}) {
  const about = { key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, repeat: false, ...details };
  return globalThis.document.activeElement.is("keydown", about);
}

/** The messages at the edge of the page. @returns {string[]} */
export const toasts = () => globalThis.document.querySelectorAll(".toast-text").map((text) => text.textContent);

/** Press the button of the newest message, such as Undo. */
export async function pressesToast() {
  globalThis.document.querySelectorAll(".toast").at(-1).querySelector("button").click();
  await settled();
}
