/** The page of devices: switching messages to this browser on and off, and saying why that is not possible. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { runScript, setGlobal, showDocument } from "./fake_browser.js";
import { calm, FakeServer, refusal } from "./fake_net.js";

const find = (selector) => document.querySelector(selector);
const PAGE = (isOn) => `<section data-this-device data-key="server-key"${isOn ? " data-is-on" : ""}>
  <div data-state><div>needs JavaScript</div></div>
  <form data-turn-on method="post" action="/devices/on/" hidden><input type="checkbox" name="names"><button type="submit"></button></form></section>
  <form data-turn-off method="post" action="/devices/7/off/"><button type="submit"></button></form>`;
const CHROME = "Mozilla/5.0 (Linux; Android 15) Chrome/142 Safari/537";

let server;
/** What the browser was asked, in order. */
let asked;
let made;
let answer;

/** A subscription of the browser. */
const subscribed = (endpoint) => ({
  toJSON: () => ({ endpoint, keys: { p256dh: "point", auth: "secret" } }),
  unsubscribe: async () => (asked.push(`forget ${endpoint}`), (made = null), true),
});

const pushManager = {
  getSubscription: async () => made,
  subscribe: async (options) => {
    asked.push(options);
    return (made = subscribed("new"));
  },
};

/** Show the page in a browser that can do all, but for what is said. */
async function open({ isOn = false, isSecure = true, can = true, permission = "default", agent = CHROME, touches = 5 } = {}) {
  showDocument(PAGE(isOn), "https://encore.test/devices/");
  setGlobal("isSecureContext", isSecure);
  setGlobal("PushManager", class {});
  if (!can) delete globalThis.PushManager;
  setGlobal("Notification", { permission, requestPermission: async () => (asked.push("may I?"), answer) });
  const registration = { pushManager };
  const serviceWorker = { register: async (path) => asked.push(path), ready: Promise.resolve(registration), getRegistration: async () => registration };
  Object.assign(navigator, { serviceWorker, userAgent: agent, maxTouchPoints: touches });
  server = new FakeServer({ "POST /devices/on/": { device: "7" } });
  await runScript("devices/main.js");
  await calm();
}

const says = () => (find("[data-state]").hidden ? "" : find("[data-state] div").textContent);
const turnOn = () => find("[data-turn-on]");

async function clicks(form = turnOn()) {
  form.is("submit");
  await calm();
}

beforeEach(() => {
  asked = [];
  made = null;
  answer = "granted";
});

test("nothing is asked before a click", async () => {
  await open();
  assert.deepEqual([asked, turnOn().hidden, says()], [[], false, ""]);
});

test("a click asks for permission, and the server hears where this browser can be told", async () => {
  await open();
  await clicks();
  assert.deepEqual(asked, ["may I?", "/service-worker.js", { userVisibleOnly: true, applicationServerKey: "server-key" }]);
  assert.equal(server.log.at(-1).split(" ").slice(0, 2).join(" "), "POST /devices/on/");
  assert.deepEqual(location.left, ["reload"]);
});

test("what was made for another key of the server is made anew", async () => {
  made = subscribed("old");
  await open();
  await clicks();
  assert.equal(asked.filter((one) => one === "forget old").length, 1);
  assert.equal(made.toJSON().endpoint, "new");
});

test("who says no is told that nothing is sent", async () => {
  await open();
  answer = "denied";
  await clicks();
  assert.equal(says(), "Nothing is sent, as you did not allow it.");
  assert.deepEqual([made, location.left, find("[data-turn-on] button").disabled], [null, [], false]);
});

test("what the server refuses is said, and the browser forgets it", async () => {
  await open();
  server.answers({ "POST /devices/on/": refusal(400, "There is no such server.") });
  await clicks();
  assert.equal(says(), "There is no such server.");
  assert.equal(made, null);
});

test("a push service that cannot be reached is said in words", async (context) => {
  await open();
  context.mock.method(pushManager, "subscribe", async () => Promise.reject(new Error("AbortError")));
  await clicks();
  assert.match(says(), /^The push service of this browser cannot be reached/);
  assert.equal(turnOn().hidden, false, "it can be tried again");
});

for (const [name, browser, words] of [
  ["over http", { isSecure: false }, /over https only/],
  ["in a browser that cannot", { can: false }, /cannot take messages/],
  ["on an iPhone outside the home screen", { can: false, agent: "Mozilla/5.0 (iPhone)" }, /home screen/],
  ["on an iPad that calls itself a Mac", { can: false, agent: "Mozilla/5.0 (Macintosh)" }, /home screen/],
  ["on a Mac without touch", { can: false, agent: "Mozilla/5.0 (Macintosh)", touches: 0 }, /cannot take messages/],
  ["where somebody said no before", { permission: "denied" }, /said no before/],
]) {
  test(`${name} the page says why it is not possible`, async () => {
    await open(browser);
    assert.match(says(), words);
    assert.equal(turnOn().hidden, true);
  });
}

test("a device that is on says so; one whose browser has forgotten it can be switched on again", async () => {
  made = subscribed("mine");
  await open({ isOn: true, permission: "granted" });
  assert.deepEqual([says(), turnOn().hidden], ["This device is told.", true]);
  made = null;
  await open({ isOn: true });
  assert.deepEqual([says(), turnOn().hidden], ["", false]);
});

test("to remove this device lets the browser forget it first, and works where the browser cannot", async () => {
  made = subscribed("mine");
  await open({ isOn: true });
  const form = find("[data-turn-off]");
  form.submit = mock.fn();
  await clicks(form);
  assert.deepEqual([asked, form.submit.mock.callCount()], [["forget mine"], 1]);
  navigator.serviceWorker.getRegistration = async () => Promise.reject(new Error("forbidden"));
  await clicks(form);
  assert.equal(form.submit.mock.callCount(), 2);
});
