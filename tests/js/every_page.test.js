/** What every page does: search, menus, dialogs, colours, messages, faces in the middle of their pictures; and a few small pages. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { EventStream } from "../../static/js/lib/events.js";
import { onThemeChange } from "../../static/js/lib/theme.js";
import { toast } from "../../static/js/lib/toasts.js";
import { fits, presses, runScript, setGlobal, showDocument, toasts } from "./fake_browser.js";
import { calm, FakeServer, settled, sockets, tells } from "./fake_net.js";

const find = (selector) => document.querySelector(selector);

const SEARCH = `<form data-search data-suggestions="/search/suggestions/"><input name="q" value="minji"><ul id="site-search-list" role="listbox" hidden></ul></form>`;
const MENU = (name) => `<details class="menu" data-menu="${name}"><summary></summary><div><a href="/${name}/"></a></div></details>`;
const APPEARANCE = `<form data-appearance><select name="theme"><option value="system"></option><option value="light"></option><option value="dark"></option></select>
  <select name="language"><option value="en"></option><option value="ko"></option></select></form>`;
const PAGE = `<meta name="color-scheme" content="dark light"><link data-light-theme media="(prefers-color-scheme: light)">${SEARCH}${MENU("account")}${MENU("download")}
  <main><img data-focus="40% 20%"><img data-focus="url(x)"><button type="button" data-opens="question"></button></main>
  <dialog id="question"><p></p><button type="button" data-closes></button></dialog>${APPEARANCE}
  <div class="toasts"><div class="toast"><span class="toast-text">Saved.</span></div><div class="toast toast-bad"><span class="toast-text">Not saved.</span></div></div>`;

let server;

async function open({ workers, isSignedIn = true } = {}) {
  showDocument(PAGE, "https://encore.test/photos/");
  if (isSignedIn) document.body.dataset.signedIn = "true";
  navigator.serviceWorker = workers;
  await runScript("site/main.js");
}

beforeEach(async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  server = new FakeServer({ "/search/suggestions/": { suggestions: [{ name: "minji smiling", label: "minji smiling", group: "" }, { name: "minji -blurred", label: "without blurred", group: "" }] } });
  await open();
});

afterEach(() => {
  window.is("pagehide");
  mock.timers.reset();
});

const field = () => find("[data-search] input");
const options = () => find("#site-search-list").children;

async function types(text) {
  field().value = text;
  field().is("input");
  mock.timers.tick(200);
  await settled();
}

test("a slash leads to the search from anywhere, and is a slash in a field", () => {
  assert.equal(presses("/").defaultPrevented, true);
  assert.deepEqual([document.activeElement, field().isSelected], [field(), true]);
  assert.equal(presses("/").defaultPrevented, false);
  document.activeElement = document.body;
  assert.equal(presses("/", { ctrlKey: true }).defaultPrevented, false);
});

test("the search suggests how to go on, and a suggestion that is taken can be written on", async () => {
  field().focus();
  await types("minji s&m");
  assert.equal(server.log.at(-1), "GET /search/suggestions/?q=minji%20s%26m");
  assert.deepEqual(options().map((one) => one.textContent), ["minji smiling", "without blurred"]);
  presses("ArrowUp");
  assert.equal(options()[1].getAttribute("aria-selected"), "true", "upwards begins at the end");
  presses("ArrowDown");
  presses("Enter");
  assert.deepEqual([field().value, field().selection], ["minji smiling", [13, 13]]);
});

test("Enter without a chosen suggestion searches for what was written", async () => {
  field().focus();
  await types("minji");
  assert.equal(presses("Enter").defaultPrevented, false);
});

test("fast typing asks once, and a search without suggestions is one all the same", async () => {
  field().value = "m";
  field().is("input");
  mock.timers.tick(100);
  await types("mi");
  assert.deepEqual(server.log, ["GET /search/suggestions/?q=mi"]);
  server.answers({ "/search/suggestions/": new Response("", { status: 500 }) });
  await types("min");
  assert.deepEqual([options().length, field().getAttribute("aria-expanded")], [0, "false"]);
});

const menu = (name) => find(`[data-menu="${name}"]`);

test("one menu is open at a time, and a click elsewhere closes it", () => {
  menu("account").open = true;
  menu("account").querySelector("a").click();
  assert.equal(menu("account").open, true);
  menu("download").open = true;
  menu("download").querySelector("summary").click();
  assert.deepEqual(["account", "download"].map((name) => menu(name).open), [false, true]);
  find("main").click();
  assert.equal(menu("download").open, false);
});

test("Escape closes a menu and gives the focus back to what opened it", () => {
  menu("account").open = true;
  menu("account").querySelector("a").focus();
  presses("x");
  assert.equal(menu("account").open, true);
  presses("Escape");
  assert.equal(menu("account").open, false);
  assert.equal(document.activeElement, menu("account").querySelector("summary"));
});

test("a dialog opens by its button and closes by its own, or by a click beside it", () => {
  const dialog = find("#question");
  dialog.layout = { left: 100, top: 100, width: 200, height: 100 };
  find("[data-opens]").click();
  assert.equal(dialog.open, true);
  find("[data-closes]").click();
  assert.equal(dialog.open, false);
  find("[data-opens]").click();
  dialog.click({ clientX: 150, clientY: 150 });
  assert.equal(dialog.open, true, "a click on its edge is inside");
  dialog.click({ clientX: 10, clientY: 150, detail: 0 });
  assert.equal(dialog.open, true, "Enter in a field is a click without a place");
  dialog.click({ clientX: 10, clientY: 150 });
  assert.equal(dialog.open, false);
});

test("a button for a dialog that the page does not have does nothing", () => {
  find("[data-opens]").setAttribute("data-opens", "elsewhere");
  find("[data-opens]").click();
  assert.equal(find("#question").open, false);
});

test("another theme is taken at once, and told to what is drawn by scripts", () => {
  const drawn = mock.fn();
  const left = new AbortController();
  onThemeChange(drawn, left.signal);
  const select = find('[name="theme"]');
  select.value = "light";
  select.is("change");
  assert.deepEqual([find("[data-light-theme]").getAttribute("media"), document.documentElement.dataset.theme, find("meta").getAttribute("content")], ["all", "light", "light"]);
  assert.match(document.cookie, /^encore-theme=light;/);
  fits("(prefers-color-scheme: light)", true);
  assert.equal(drawn.mock.callCount(), 2);
  left.abort();
  select.is("change");
  assert.equal(drawn.mock.callCount(), 2);
  assert.equal(find("[data-appearance]").isSent, undefined);
});

test("another language is another page", () => {
  find('[name="language"]').is("change");
  assert.equal(find("[data-appearance]").isSent, true);
});

test("every face is in the middle of its picture, also of pictures that come later", async () => {
  const [placed, strange] = document.querySelectorAll("main img");
  assert.deepEqual([placed, strange].map((image) => image.style.getPropertyValue("--focus")), ["40% 20%", ""]);
  const later = document.createElement("img");
  later.dataset.focus = "50% 0%";
  const around = document.createElement("p");
  around.append(later);
  find("main").append(around);
  await settled();
  assert.equal(later.style.getPropertyValue("--focus"), "50% 0%");
});

test("a message of the server goes by itself, and a bad one stays until it is dismissed", () => {
  mock.timers.tick(7000);
  assert.deepEqual(toasts(), ["Not saved."]);
  find(".toast-bad button").click();
  assert.deepEqual(toasts(), []);
});

test("a message stays while one points at it or has the focus in it", () => {
  find(".toast").isPointedAt = true;
  mock.timers.tick(7000);
  assert.equal(toasts().length, 2);
  find(".toast").isPointedAt = false;
  mock.timers.tick(1000);
  assert.equal(toasts().length, 1);
});

test("a message that can be answered waits for it, and goes when it was", () => {
  const run = mock.fn();
  toast("Deleted <b>.", { action: { label: "Undo", run } });
  mock.timers.tick(60_000);
  const box = document.querySelectorAll(".toast").at(-1);
  assert.equal(box.querySelector(".toast-text").textContent, "Deleted <b>.");
  assert.equal(box.querySelector(".btn-icon").getAttribute("aria-label"), "Dismiss");
  box.querySelector("button").click();
  assert.deepEqual([run.mock.callCount(), box.isConnected], [1, false]);
});

const found = { sentence: "The film of Seoul: 23 moments of 4 stars.", page: "/moments/nights/7/", link: "Look at the night" };

test("what was found is said on a page that hears of nothing else, once it has been open for a moment", async () => {
  document.body.dataset.lastEvent = "41";
  document.is("DOMContentLoaded");
  assert.equal(sockets.length, 0, "whoever leafs through pages opens no socket on each");
  mock.timers.tick(4000);
  assert.match(sockets[0].url, /since=41$/, "what came meanwhile is not missed");
  server.answers({ "/moments/found/videos/v1/": found });
  FakeServer.lastEvent = 41;
  await tells("found", { video: "v1" });
  await calm();
  assert.equal(toasts().at(-1), found.sentence);
  const link = document.querySelectorAll(".toast").at(-1).querySelector("a");
  assert.deepEqual([link.getAttribute("href"), link.textContent], [found.page, found.link]);
  mock.timers.tick(60_000);
  assert.equal(toasts().at(-1), found.sentence, "it waits until it is dismissed");
});

test("a page that hears events already says it by the same socket, and nothing of what is gone", async () => {
  const signal = new AbortController();
  const stream = new EventStream({ signal: signal.signal });
  document.is("DOMContentLoaded");
  mock.timers.tick(60_000);
  assert.equal(sockets.length, 1);
  const before = toasts().length;
  await tells("found", { session: "gone" });
  await calm();
  assert.deepEqual([server.log.at(-1), toasts().length], ["GET /moments/found/sessions/gone/", before]);
  server.answers({ "/moments/found/sessions/s1/": { ...found, sentence: "A live session: no moment was found." } });
  await tells("found", { session: "s1" });
  await calm();
  assert.equal(toasts().at(-1), "A live session: no moment was found.");
  stream.close();
});

test("who is not signed in hears nothing", async () => {
  window.is("pagehide");
  await open({ isSignedIn: false });
  document.is("DOMContentLoaded");
  mock.timers.tick(60_000);
  assert.equal(sockets.length, 0);
});

test("Encore can be installed by who is signed in, and a browser that forbids it loses nothing else", async () => {
  const register = mock.fn(async () => ({}));
  await open({ workers: { register }, isSignedIn: false });
  assert.equal(register.mock.callCount(), 0);
  await open({ workers: { register } });
  assert.deepEqual(register.mock.calls.map((call) => call.arguments), [["/service-worker.js"]]);
  await open({ workers: { register: async () => Promise.reject(new Error("private window")) } });
  assert.equal(presses("/").defaultPrevented, true);
});

test("a page that the browser brings back from its memory is loaded anew", () => {
  window.is("pageshow", { persisted: false });
  assert.deepEqual(location.left, []);
  window.is("pageshow", { persisted: true });
  assert.deepEqual(location.left, ["reload"]);
});

const person = (name, also = "") => `<li class="person-card" data-also="${also}"><span class="person-name">${name}</span></li>`;
const PEOPLE = `<input data-people-search><section data-people-group="BLACKPINK">${person("Rosé")}${person("Jisoo", "지수")}</section>
  <section data-people-group="aespa">${person("Karina")}</section><p data-nobody hidden></p>`;

async function searches(text) {
  find("[data-people-search]").value = text;
  find("[data-people-search]").is("input");
  return document.querySelectorAll("section:not([hidden]) .person-card:not([hidden])").map((card) => card.textContent).join();
}

test("the list of people is searched as one types, by name, group and other names", async () => {
  showDocument(PEOPLE);
  await runScript("people/main.js");
  assert.equal(await searches("ROSE"), "Rosé");
  assert.equal(await searches("지수"), "Jisoo");
  assert.equal(await searches("black pink"), "Rosé,Jisoo");
  assert.deepEqual([await searches("nobody"), find("[data-nobody]").hidden], ["", false]);
  assert.deepEqual([await searches(""), find("[data-nobody]").hidden], ["Rosé,Jisoo,Karina", true]);
});

const LINK = '<input data-link value="https://encore.test/s/x/"><button type="button" data-copy></button><p data-copied></p>';

test("a new link is copied by its button", async () => {
  showDocument(LINK);
  navigator.clipboard = { writeText: async (text) => (navigator.copied = text) };
  await runScript("sharing/main.js");
  find("[data-copy]").click();
  await settled();
  assert.deepEqual([navigator.copied, find("[data-copied]").textContent], ["https://encore.test/s/x/", "Copied."]);
});

test("a link that the browser does not copy is selected, to be copied by hand", async () => {
  showDocument(LINK);
  navigator.clipboard = { writeText: async () => Promise.reject(new DOMException("no", "NotAllowedError")) };
  await runScript("sharing/main.js");
  find("[data-copy]").click();
  await settled();
  assert.deepEqual([find("[data-link]").isSelected, find("[data-copied]").textContent], [true, "The browser does not allow it here. The link is selected: copy it by hand."]);
});

const recogniser = (inside) => `<div data-recogniser>${inside}<form action="/train/"><button type="submit"></button></form></div>`;

test("the page of the recogniser follows what is under way, and keeps the focus meanwhile", async () => {
  server.answers({ "/recogniser/": recogniser("<p data-busy>60 %</p>") });
  showDocument(recogniser("<p data-busy>40 %</p>"), "https://encore.test/recogniser/");
  await runScript("recogniser/main.js");
  const before = find('form[action="/train/"] button');
  before.focus();
  mock.timers.tick(1000);
  await calm();
  assert.equal(find("[data-busy]").textContent, "60 %");
  assert.equal(before.isConnected, false);
  assert.equal(document.activeElement, find('form[action="/train/"] button'));
  server.answers({ "/recogniser/": recogniser("done") });
  mock.timers.tick(1000);
  await calm();
  assert.equal(find("[data-busy]"), null);
  const asked = server.asked.length;
  mock.timers.tick(9000);
  assert.equal(server.asked.length, asked, "nothing is under way any more");
});

const BIN = `<div class="toasts"></div><section data-selection data-field="photos" data-noun="photo" hidden><strong data-selected-count></strong><button type="button" data-all></button>
  <form action="/bin/restore/" data-selected data-then="drop"><button data-restore></button></form></section>
  <ul data-cards data-mark="data-photo"><li data-photo="a"><button type="button" data-check></button><a href="/a/"></a></li><li data-photo="b"><button type="button" data-check></button><a href="/b/"></a></li></ul>`;

test("in the bin all of a page is chosen at once and restored", async () => {
  server.answers({ "POST /bin/restore/": { message: "2 photos are back." } });
  showDocument(BIN, "https://encore.test/bin/");
  await runScript("bin/main.js");
  find("[data-all]").click();
  await settled();
  assert.equal(find("[data-selected-count]").textContent, "2 photos");
  find("[data-restore]").click();
  await settled();
  assert.deepEqual(server.sent, [["/bin/restore/", { photos: "a,b" }]]);
  assert.deepEqual([document.querySelectorAll("[data-photo]").length, toasts()], [0, ["2 photos are back."]]);
});

const TIMELINE = `<section data-timeline><form data-timeline-choice><select name="star"><option value=""></option><option value="l"></option></select><select name="emotion"><option value=""></option></select></form><div data-chart></div></section>`;
const DATA = { start: "2026-05-02T19:00:00Z", labels: ["neutral", "happy"], curves: [{ person: "l", name: "Lisa", seconds: [0, 1, 2], emotions: { neutral: [1, 0.5, 0.2], happy: [0, 0.5, 0.8] } }], markers: [{ url: "/moments/m/", second: 2, people: ["Lisa"], emotion: "happy", score: 0.9, reason: "laughs" }] };

async function openTimeline({ data = DATA, hasPlotly = true } = {}) {
  showDocument(`<script id="timeline-data">${JSON.stringify(data)}</script>${TIMELINE}`, "https://encore.test/timeline/");
  const plotly = { drawn: [], purge: mock.fn(), react: async (place, traces, layout) => (plotly.drawn.push({ traces, layout }), (place.on = (_kind, hear) => (plotly.click = hear))) };
  setGlobal("Plotly", hasPlotly ? plotly : undefined);
  await runScript("timeline/main.js");
  return plotly;
}

test("the timeline is drawn anew for each choice and each theme, and its moments open", async () => {
  const plotly = await openTimeline();
  assert.deepEqual(plotly.drawn[0].traces.map(({ name }) => name), ["Lisa", "Moments"]);
  find('[name="star"]').value = "l";
  find('[name="star"]').is("change");
  await settled();
  assert.deepEqual(plotly.drawn[1].traces.map(({ name }) => name), ["Happy", "Moments"]);
  fits("(prefers-color-scheme: light)", true);
  await settled();
  assert.equal(plotly.drawn.length, 3);
  plotly.click({ points: [{}, { customdata: "/moments/m/" }] });
  plotly.click({ points: [{}] });
  assert.deepEqual(location.left, ["/moments/m/"]);
  window.is("pagehide");
  assert.equal(plotly.purge.mock.callCount(), 1);
});

test("a finger scrolls past the chart, and a mouse looks closer", async () => {
  fits("(pointer: coarse)", true);
  const touched = matchMedia("(pointer: coarse)");
  const mouse = (await openTimeline()).drawn[0].layout;
  setGlobal("matchMedia", () => touched);
  find("form").is("change");
  await settled();
  const finger = globalThis.Plotly.drawn[1].layout;
  assert.deepEqual([mouse.dragmode, mouse.xaxis.fixedrange, finger.dragmode, finger.xaxis.fixedrange], ["zoom", false, false, true]);
});

test("times without a clock are told from the beginning", async () => {
  const { drawn } = await openTimeline({ data: { ...DATA, start: "" } });
  assert.deepEqual([drawn[0].layout.xaxis.title.text, drawn[0].layout.xaxis.tickformatstops], ["Since the beginning", undefined]);
});

const STATISTICS = { labels: ["19:00"], photos: [3], emotions: { happy: [2] }, qualities: [1], names: ["Lisa"], together: [[3]] };

async function openStatistics({ plotly, more = "" } = {}) {
  setGlobal("Plotly", plotly);
  showDocument(`<script id="statistics-data">${JSON.stringify(STATISTICS)}</script><div data-chart="photos"></div><div data-chart="emotions"></div>${more}`, "https://encore.test/statistics/");
  await runScript("statistics/main.js");
}

test("the statistics draw each chart in its place, and anew for another theme", async () => {
  const drawn = [];
  const plotly = { react: async (place, traces) => drawn.push([place.dataset.chart, traces[0].y]), purge: mock.fn() };
  await openStatistics({ plotly });
  assert.deepEqual(drawn, [["photos", [3]], ["emotions", [1]]]);
  fits("(prefers-color-scheme: light)", true);
  assert.equal(drawn.length, 4);
  window.is("pagehide");
  assert.equal(plotly.purge.mock.callCount(), 2);
});

test("statistics that are still being counted are looked at again, and without charts there are the tables", async () => {
  await openStatistics({ more: "<p data-counting></p>" });
  assert.deepEqual(document.querySelectorAll("[data-chart]").map((place) => place.hidden), [true, true]);
  mock.timers.tick(5000);
  assert.deepEqual(location.left, ["reload"]);
});

const folders = (busy, state) => `<div data-folders><details id="one" ${state}><summary></summary><p>${busy} files</p></details><b data-busy></b></div>`;

test("watched folders follow what comes, and what was unfolded stays so, with the focus", async () => {
  server.answers({ "/folders/": folders(7, "") });
  showDocument(folders(3, "open"), "https://encore.test/folders/");
  await runScript("folders/main.js");
  find("summary").focus();
  mock.timers.tick(5000);
  await calm();
  assert.equal(find("#one p").textContent, "7 files");
  assert.deepEqual([find("#one").open, document.activeElement], [true, find("#one > summary")]);
});

test("where the chart library is not there the table beside it is enough", async () => {
  await openTimeline({ hasPlotly: false });
  assert.equal(find("[data-timeline]").hidden, true);
});
