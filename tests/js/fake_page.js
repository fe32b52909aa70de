/** As much of a browser as the pages' own scripts need: elements that are found by any selector, sockets, a camera. */

import { FakeStorage } from "./fake_browser.js";
import { FakeWebSocket, sockets } from "./fake_net.js";

/** Found by any selector; the same one every time. */
export class FakeElement extends EventTarget {
  #found = new Map();
  dataset = {};
  style = {};
  #classes = new Set();
  classList = {
    add: (name) => this.#classes.add(name),
    remove: (name) => this.#classes.delete(name),
    toggle: (name, isOn) => (isOn ? this.#classes.add(name) : this.#classes.delete(name)),
    contains: (name) => this.#classes.has(name),
  };
  children = [];
  hidden = false;
  disabled = false;
  checked = false;
  value = "";
  textContent = "";

  querySelector(selector) {
    if (!this.#found.has(selector)) this.#found.set(selector, new FakeElement());
    return this.#found.get(selector);
  }

  querySelectorAll(selector) {
    return [this.querySelector(selector)];
  }

  append(...children) {
    this.children.push(...children);
  }

  prepend(...children) {
    this.children.unshift(...children);
  }

  replaceChildren(...children) {
    this.textContent = "";
    this.children = children;
    this.value = children.find((child) => child.selected)?.value ?? this.value;
  }

  /** @returns {string} all words in it */
  get words() {
    return [this.textContent, ...this.children.map((child) => child.words ?? child)].filter(Boolean).join(" ");
  }

  /** Do what a user does. @param {string} kind */
  is(kind) {
    this.dispatchEvent(new Event(kind));
  }

  setAttribute() {}

  focus() {}

  getContext() {
    return new Proxy({}, { get: () => () => ({ width: 0 }), set: () => true });
  }
}

class FakeOption extends FakeElement {
  constructor(text, value, _isDefault, selected) {
    super();
    Object.assign(this, { textContent: text, value, selected });
  }
}

/** One camera's stream. @param {string} deviceId */
export function fakeStream(deviceId) {
  const track = Object.assign(new EventTarget(), { isOn: true, getSettings: () => ({ deviceId }), stop: () => (track.isOn = false) });
  return { track, getTracks: () => [track], getVideoTracks: () => [track] };
}

/** Of the one tab in which all pages are shown. */
export const tabStorage = new FakeStorage();

/**
 * Be a browser that shows one page.
 *
 * @param {string} selector finds the root that the page's script looks for
 * @param {{devices?: object}} [options] cameras of the browser
 * @returns {FakeElement} the root
 */
export function showPage(selector, { devices } = {}) {
  const root = new FakeElement();
  root.querySelector("[data-start]").disabled = true;
  const page = new FakeElement();
  Object.assign(page, {
    hidden: false,
    documentElement: new FakeElement(),
    createElement: () => new FakeElement(),
    createElementNS: () => new FakeElement(),
    querySelector: (asked) => (asked === selector ? root : null),
    querySelectorAll: (asked) => (asked === selector ? [root] : []),
  });
  sockets.length = 0;
  const globals = {
    document: page,
    location: { protocol: "https:", host: "encore.test" },
    navigator: { mediaDevices: devices },
    sessionStorage: tabStorage,
    isSecureContext: true,
    devicePixelRatio: 1,
    WebSocket: FakeWebSocket,
    Option: FakeOption,
    addEventListener: () => {},
    getComputedStyle: () => ({ getPropertyValue: () => "" }),
    requestAnimationFrame: () => {},
    createImageBitmap: async () => ({ width: 640, height: 360, close: () => {} }),
  };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  return root;
}
