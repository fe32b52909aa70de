/** The pages of moments: one moment with its verdict, the grid in which they are judged, and the reels. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { presses, pressesToast, runScript, showDocument, toasts } from "./fake_browser.js";
import { calm, FakeServer, refusal, tells } from "./fake_net.js";

const find = (selector) => document.querySelector(selector);

let server;

async function key(name, details) {
  const event = presses(name, details);
  await calm();
  return event;
}

async function press(target) {
  target.click();
  await calm();
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  server = new FakeServer({});
});

afterEach(() => {
  window.is("pagehide");
  mock.timers.reset();
});

const judging = (way, value) => `<form data-judge="${way}" action="/moments/m/${way}/"><input type="hidden" name="${way === "like" ? "liked" : "discarded"}" value="${value}"><button data-${way}></button></form>`;

/** The page of the moment m, as the server renders it. */
function momentPage({ portrait = "/photos/p/media/portrait/?1", next = '<a rel="next" href="/moments/n/"></a>', about = "Lisa", liked = "1", clip = "none" } = {}) {
  return `<title>Lisa</title><main><article data-moment="m" data-photo="p"><div class="photo-stage">
    <div data-picture data-width="1000" data-height="800"><img data-image src="/photos/p/media/display/">${portrait && `<img data-portrait data-source="${portrait}" hidden>`}
      <div data-layer><div data-faces-layer></div><div data-compare hidden><input type="range" value="50"></div></div></div>${next}
      <input type="checkbox" data-boxes><input type="checkbox" data-compare-switch></div>
    <section data-part="about"><p data-name>${about}</p>${judging("like", liked)}${judging("discard", "1")}</section>
    <section data-part="clip"><button type="button" data-cut></button><p>${clip}</p></section>
    <section data-part="portrait"><form data-strength-form action="/photos/p/portrait/"><input type="range" data-strength value="0.5"><output data-strength-value></output></form>
      <form data-subject-form data-subject="all" data-masks="/photos/p/masks/"><input type="checkbox" name="face" value="1" checked><input type="checkbox" name="face" value="2" checked><input type="checkbox" data-subject-clicks></form></section>
    <section data-part="faces"><li data-face="1" data-box="0 0 400 400" data-name="Lisa"><img src="/crops/1/"></li></section></article>
    <dialog id="name-dialog"><form data-name-form><img data-name-crop><input id="name-input"><ul id="name-options" hidden></ul><input id="name-group"><p data-name-error></p></form></dialog></main>`;
}
const OTHER = '<title>Rosé</title><main><article data-moment="n"><div class="photo-stage"></div><a rel="prev" href="/moments/m/"></a></article></main>';

async function openMoment(about) {
  server.answers({ "/moments/m/": momentPage(about), "/moments/n/": OTHER, "/photos/p/media/display/": new Response("x") });
  showDocument(`<div class="toasts"></div><body data-last-event="0"></body>${momentPage(about)}`, "https://encore.test/moments/m/");
  await runScript("moment/main.js");
  await calm();
}

const rendersMoment = (about) => server.answers({ "/moments/m/": momentPage(about) });

test("L likes a moment, and its page shows it", async () => {
  await openMoment();
  server.answers({ "POST /moments/m/like/": { liked: true, discarded: false } });
  rendersMoment({ liked: "0", about: "Lisa, liked" });
  await key("l");
  assert.deepEqual(server.sent, [["/moments/m/like/", { liked: "1" }]]);
  assert.equal(find("[data-name]").textContent, "Lisa, liked");
  assert.equal(find('[data-judge="like"] input').value, "0", "L takes it back now");
});

test("D discards a moment, goes on to the next, and can be undone", async () => {
  await openMoment();
  server.answers({ "POST /moments/m/discard/": ({ fields }) => ({ liked: false, discarded: fields.discarded === "1" }) });
  await key("d");
  assert.deepEqual([find("[data-moment]").dataset.moment, document.title, toasts()], ["n", "Rosé", ["Discarded."]]);
  await pressesToast();
  assert.deepEqual(server.sent.at(-1), ["/moments/m/discard/", { discarded: "0" }]);
});

test("the last moment that is discarded stays in sight, as the server shows it then", async () => {
  await openMoment({ next: "" });
  server.answers({ "POST /moments/m/discard/": { liked: false, discarded: true } });
  rendersMoment({ next: "", about: "Lisa, discarded" });
  await press(find("[data-discard]"));
  assert.equal(find("[data-name]").textContent, "Lisa, discarded");
});

test("a verdict that is refused changes nothing", async () => {
  await openMoment();
  server.answers({ "POST /moments/m/discard/": refusal(403, "Only the owner may.") });
  await key("d");
  assert.deepEqual([find("[data-moment]").dataset.moment, toasts()], ["m", ["Only the owner may."]]);
});

test("other forms of the page are the browser's", async () => {
  await openMoment();
  const form = document.createElement("form");
  find("main").append(form);
  assert.equal(form.is("submit").defaultPrevented, false);
});

test("P and F show portrait and boxes, as on a photo", async () => {
  await openMoment();
  assert.equal(find('[data-box-of="1"]').textContent, "Lisa");
  await key("p");
  assert.deepEqual([find("[data-portrait]").src, find("[data-compare]").hidden, find("[data-faces-layer]").hidden], ["/photos/p/media/portrait/?1", false, true]);
  await key("p");
  await key("f");
  assert.deepEqual([find("[data-compare]").hidden, find("[data-faces-layer]").hidden, find("[data-boxes]").checked], [true, true, false]);
  await key("f");
  assert.equal(find("[data-faces-layer]").hidden, false);
});

test("the switches say what is shown", async () => {
  await openMoment();
  const switches = () => ["[data-boxes]", "[data-compare-switch]"].map((name) => find(name).checked);
  assert.deepEqual(switches(), [true, false]);
  find("[data-compare-switch]").is("change");
  await calm();
  assert.deepEqual(switches(), [false, true]);
  find("[data-compare-switch]").is("change");
  find("[data-boxes]").is("change");
  assert.deepEqual(switches(), [false, false]);
  find("[data-boxes]").is("change");
});

test("a face on a moment is named as on a photo", async () => {
  await openMoment();
  await press(find('[data-box-of="1"]'));
  assert.deepEqual([find("#name-dialog").open, find("#name-input").value], [true, "Lisa"]);
});

test("the blur of a moment is chosen by its slider", async () => {
  await openMoment();
  server.answers({ "POST /photos/p/portrait/": {} });
  find("[data-strength]").value = "0.9";
  find("[data-strength]").is("input");
  mock.timers.tick(400);
  await calm();
  assert.deepEqual(server.sent, [["/photos/p/portrait/", { strength: "0.9", lights: "0" }]]);
});

test("masks that are ready are fetched for the moment they belong to", async () => {
  await openMoment();
  server.answers({ "POST /photos/p/masks/": { state: "pending" } });
  await tells("masks_ready", { photo: "elsewhere" });
  assert.deepEqual(server.sent, []);
  await tells("masks_ready", { photo: "p" });
  assert.deepEqual(server.sent, [["/photos/p/masks/", {}]]);
});

test("a swipe over the picture turns to a neighbour, which is here already", async () => {
  await openMoment();
  assert.ok(server.log.includes("GET /moments/n/"));
  server.asked.length = 0;
  find("[data-image]").is("touchstart", { touches: [{ clientX: 300, clientY: 0 }] });
  find("[data-image]").is("touchend", { changedTouches: [{ clientX: 100, clientY: 0 }] });
  await calm();
  assert.deepEqual([find("[data-moment]").dataset.moment, server.log.includes("GET /moments/n/")], ["n", false]);
});

test("arrow keys turn to the neighbours, whose ends are said", async () => {
  await openMoment();
  await key("ArrowRight");
  assert.equal(location.pathname, "/moments/n/");
  await key("ArrowRight");
  assert.deepEqual(toasts(), ["This is the last moment."]);
});

test("a picture that arrives from the camera while one looks takes its place", async () => {
  await openMoment({ portrait: "" });
  const stage = find(".photo-stage");
  rendersMoment();
  await tells("portrait_ready", { photo: "p" });
  await calm();
  assert.notEqual(find(".photo-stage"), stage);
  assert.ok(find("[data-portrait]"));
});

test("what somebody uses is not taken away, and the rest is brought up to date", async () => {
  await openMoment();
  find("[data-cut]").focus();
  rendersMoment({ about: "Lisa & Rosé", clip: "ready" });
  await tells("moment_scored", { moment: "m" });
  await calm();
  assert.deepEqual([find("[data-name]").textContent, find('[data-part="clip"] p').textContent], ["Lisa & Rosé", "none"]);
  document.activeElement = document.body;
  await tells("moment_scored", { moment: "m" });
  await calm();
  assert.equal(find('[data-part="clip"] p').textContent, "ready");
});

test("events about other moments ask for nothing, but for reels", async () => {
  await openMoment();
  server.asked.length = 0;
  await tells("moment_ready", { moment: "other-moment", photo: "other-photo" });
  await tells("masks_ready", { photo: "other-photo" });
  assert.deepEqual(server.log, []);
  await tells("reel_ready", { reel: "r" });
  await calm();
  assert.ok(server.log.includes("GET /moments/m/"));
});

const card = (id, { liked = false } = {}) => `<li class="tile" data-moment="${id}"><button type="button" data-check aria-checked="false"></button><a href="/moments/${id}/">${id}</a>
  <button type="submit" form="judge" formaction="/moments/${id}/like/" data-judge="like" value="${liked ? "0" : "1"}" aria-pressed="${liked}"></button>
  <button type="submit" form="judge" formaction="/moments/${id}/discard/" data-judge="discard" value="1"></button></li>`;
const shown = () => document.querySelectorAll("[data-moment]").map((one) => one.dataset.moment).join("");
const cardOf = (id) => find(`[data-moment="${id}"]`);

async function openGrid(cards = card("a") + card("b") + card("c")) {
  const nothing = cards ? "" : "<p data-nothing></p>";
  server.answers({ "/moments/": cards });
  for (const id of "abc") {
    server.answers({
      [`POST /moments/${id}/like/`]: ({ fields }) => ({ liked: fields.liked === "1", discarded: false }),
      [`POST /moments/${id}/discard/`]: ({ fields }) => ({ liked: false, discarded: fields.discarded === "1" }),
    });
  }
  const bar = '<section data-selection data-field="moments" data-noun="moment" hidden><strong data-selected-count></strong></section>';
  showDocument(`<div class="toasts"></div><body data-last-event="0"></body>${nothing}<main><ul data-cards>${cards}</ul></main><form id="judge"></form>${bar}`, "https://encore.test/moments/");
  await runScript("moments/main.js");
}

test("a heart on a card likes the moment, and a second press takes it back", async () => {
  await openGrid();
  const heart = cardOf("b").querySelector('[data-judge="like"]');
  await press(heart);
  assert.deepEqual(server.sent, [["/moments/b/like/", { liked: "1" }]]);
  assert.deepEqual([heart.getAttribute("aria-pressed"), cardOf("b").classList.contains("is-liked")], ["true", true]);
  await press(heart);
  assert.deepEqual(server.sent.at(-1), ["/moments/b/like/", { liked: "0" }]);
  assert.equal(cardOf("b").classList.contains("is-liked"), false);
});

test("moments are chosen as photos are, and counted as moments", async () => {
  await openGrid();
  await press(cardOf("a").querySelector("[data-check]"));
  assert.equal(find("[data-selected-count]").textContent, "1 moment");
});

test("a verdict never leaves the page", async () => {
  await openGrid();
  const event = find("#judge").requestSubmit(cardOf("b").querySelector('[data-judge="like"]'));
  assert.equal(event.defaultPrevented, true);
  await calm();
});

test("a picture that is ready is shown on its card", async () => {
  await openGrid();
  server.answers({ "/moments/": (card("a") + card("b")).replace(">a<", ">Lisa<") });
  await tells("photo_ready", { photo: "p" });
  mock.timers.tick(500);
  await calm();
  assert.equal(cardOf("a").querySelector("a").textContent, "Lisa");
});

test("a like that is refused shows no heart", async () => {
  await openGrid();
  server.answers({ "POST /moments/b/like/": refusal(429, "Wait a moment.") });
  await press(cardOf("b").querySelector('[data-judge="like"]'));
  assert.deepEqual([cardOf("b").classList.contains("is-liked"), toasts()], [false, ["Wait a moment."]]);
});

test("L and D judge the card that has the focus, which goes on to its neighbour", async () => {
  await openGrid();
  cardOf("a").querySelector("a").focus();
  await key("l");
  assert.deepEqual(server.sent, [["/moments/a/like/", { liked: "1" }]]);
  await key("d");
  mock.timers.tick(400);
  assert.equal(shown(), "bc");
  assert.equal(document.activeElement, cardOf("b").querySelector("a"));
  await key("d");
  mock.timers.tick(400);
  assert.equal(shown(), "c");
});

test("the last card that is discarded gives the focus to the one before it", async () => {
  await openGrid();
  cardOf("c").querySelector("a").focus();
  await key("d");
  assert.equal(document.activeElement, cardOf("b").querySelector("a"));
});

test("a card that leaves cannot be walked to", async () => {
  await openGrid();
  cardOf("a").querySelector("a").focus();
  await press(cardOf("b").querySelector('[data-judge="discard"]'));
  await key("ArrowRight");
  assert.equal(document.activeElement, cardOf("c").querySelector("a"));
});

test("a card that is called back stands where it stood and has the focus", async () => {
  await openGrid();
  await press(cardOf("b").querySelector('[data-judge="discard"]'));
  mock.timers.tick(400);
  assert.deepEqual([shown(), toasts()], ["ac", ["Discarded."]]);
  server.answers({ "/moments/": card("a") + card("b") + card("c") + card("d") });
  await pressesToast();
  await calm();
  assert.deepEqual(server.sent.at(-1), ["/moments/b/discard/", { discarded: "0" }]);
  assert.deepEqual([shown(), document.activeElement], ["abcd", cardOf("b").querySelector("a")]);
});

test("the first moment of a camera fills a page that said there were none", async () => {
  await openGrid("");
  server.answers({ "/moments/": card("n") });
  await tells("moment_ready", { moment: "n", photo: "p" });
  mock.timers.tick(500);
  await calm();
  assert.deepEqual([shown(), find("[data-nothing]")], ["n", null]);
});

const reel = (id, state, more = "") => `<li data-reel="${id}" data-state="${state}">${more}</li>`;
const PLAYING = '<video></video><progress value="0"></progress>';

async function openReels() {
  showDocument(`<body data-last-event="0"></body><ul data-reels>${reel("r", "made", PLAYING)}${reel("s", "ready", PLAYING)}</ul>`, "https://encore.test/reels/");
  await runScript("moments/reels.js");
}

test("a reel says how far it is, and appears when it is ready, while another one goes on playing", async () => {
  await openReels();
  await tells("reel_progress", { reel: "r", progress: 0.4 });
  assert.equal(find('[data-reel="r"] progress').value, 0.4);
  const playing = find('[data-reel="s"]');
  server.answers({ "/reels/": `<ul data-reels>${reel("r", "ready")}${reel("s", "ready")}${reel("t", "made")}</ul>` });
  await tells("reel_ready", { reel: "r" });
  await calm();
  assert.equal(find('[data-reel="r"]').dataset.state, "ready");
  assert.equal(find('[data-reel="s"]'), playing);
});

test("a reel that fails shows it, and what fails elsewhere is not asked about", async () => {
  await openReels();
  await tells("job_failed", { photo: "p", stage: "portrait", reason: "No." });
  await tells("reel_progress", { reel: "gone", progress: 1 });
  assert.deepEqual(server.log, []);
  server.answers({ "/reels/": reel("r", "failed", "The disk is full.") });
  await tells("job_quarantined", { reel: "r", stage: "reel", reason: "The disk is full." });
  await calm();
  assert.equal(find('[data-reel="r"]').textContent, "The disk is full.");
});

test("a list of reels that cannot be fetched stays as it is", async () => {
  await openReels();
  server.answers({ "/reels/": new Response("", { status: 502 }) });
  await tells("reel_ready", { reel: "r" });
  await calm();
  assert.equal(find('[data-reel="r"]').dataset.state, "made");
});
