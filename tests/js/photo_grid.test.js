/** The grid of photos as a whole: choosing cards in every way, what is done with them, and how the grid is kept true. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { comesIntoSight, presses, pressesToast, runScript, showDocument, toasts } from "./fake_browser.js";
import { FakeServer, refusal, settled, tells } from "./fake_net.js";

const card = (id, more = "") => `<li class="tile" data-photo="${id}" ${more}><button type="button" data-check></button><a href="/photos/${id}/">${id}</a><p></p></li>`;
const heading = (day) => `<li data-heading="${day}"><button type="button" data-select-day></button></li>`;
const BAR = `<section data-selection data-field="photos" data-noun="photo" hidden>
  <button type="button" data-clear></button><strong data-selected-count></strong><button type="button" data-all></button>
  <form action="/photos/selected/favourite/" data-selected data-then="refresh"><button name="value" value="1" data-favourite></button></form>
  <form action="/cover/" data-selected data-then="refresh" data-selected-one hidden><button></button></form>
  <form action="/photos/selected/bin/" data-selected data-then="drop" data-undo="/photos/selected/restore/"><button data-bin></button></form></section>
  <dialog id="selected-download"><form action="/takeout/" data-selected data-download><input type="hidden" name="photos"><button data-get></button></form></dialog>
  <dialog id="selected-concert"><form action="/photos/selected/concert/" data-selected data-then="drop">
    <select name="concert" data-concerts><option value="">No concert</option></select><button data-move></button></form></dialog>`;
const GRID = `${heading("2026-05-02")}${card("a")}${card("b")}${heading("2026-05-01")}${card("c")}${card("d")}${card("e")}`;
const page = (cards = GRID) => `<body data-last-event="0"></body><div class="toasts"></div><p data-total></p><p data-grid-status></p>
  <form data-filters><select name="show"><option value="">All</option></select></form><nav data-scrubber></nav>
  <div data-sizes hidden><button type="button" data-size="small"></button><button type="button" data-size="large"></button></div>
  <main><ul data-cards>${cards}</ul></main><input id="search">${BAR}`;
const MORE = '<li data-more><a href="/photos/?cursor=2">More</a></li>';
const ABOUT = { total: 12345, months: ["2026-05", "2026-04", "2025-12"], concerts: [["k", "Seoul"], ["l", "Busan"]] };

let server;
let ids;
let fresh;

const find = (selector) => document.querySelector(selector);
const grid = () => find("[data-cards]");
const cardOf = (id) => find(`[data-photo="${id}"]`);
const chosen = () => document.querySelectorAll(".is-selected").map((one) => one.dataset.photo).join("");
const shown = () => document.querySelectorAll("[data-photo]").map((one) => one.dataset.photo).join("");
const check = (id, details) => cardOf(id).querySelector("[data-check]").click(details);
const link = (id) => cardOf(id).querySelector("a");
const count = () => find("[data-selected-count]").textContent;

async function open(html = page(), address = "https://encore.test/photos/?person=p") {
  showDocument(html, address);
  await runScript("gallery/main.js");
}

beforeEach(async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  ids = [["a", "2026-05-02"], ["b", "2026-05-02"], ["c", "2026-05-01"], ["d", "2026-05-01"], ["e", "2026-05-01"], ["f", "2026-05-01"]];
  fresh = GRID;
  server = new FakeServer({
    "/photos/": ({ url }) => (url.includes("ids=1") ? { ids } : url.includes("about=1") ? ABOUT : fresh),
    "POST /photos/selected/bin/": { message: "2 photos are in the bin." },
    "POST /photos/selected/restore/": {},
    "POST /photos/selected/favourite/": { message: "They are favourites." },
    "POST /photos/selected/concert/": { message: "Moved." },
  });
  await open();
});

afterEach(() => {
  window.is("pagehide");
  mock.timers.reset();
});

test("the check of a card chooses it, and the bar says how many there are", () => {
  assert.equal(find("[data-selection]").hidden, true);
  check("b");
  assert.deepEqual([chosen(), count()], ["b", "1 photo"]);
  assert.equal(cardOf("b").querySelector("[data-check]").getAttribute("aria-checked"), "true");
  assert.equal(find("[data-selection]").hidden, false);
  assert.equal(find("[data-selected-one]").hidden, false, "one photo can be the cover");
  check("d");
  assert.equal(count(), "2 photos");
  assert.equal(find("[data-selected-one]").hidden, true);
});

test("a click on a card opens it, but chooses while something is chosen", () => {
  assert.equal(link("a").is("click").defaultPrevented, false);
  check("b");
  assert.equal(link("a").is("click").defaultPrevented, true);
  assert.equal(chosen(), "ab");
});

test("Shift and a click choose everything between", () => {
  check("b");
  check("d", { shiftKey: true });
  assert.equal(chosen(), "bcd");
});

test("a day is chosen whole, also what is not loaded of it, and left again", async () => {
  find('[data-heading="2026-05-01"] [data-select-day]').click();
  await settled();
  assert.deepEqual([chosen(), count()], ["cde", "4 photos"]);
  find('[data-heading="2026-05-01"] [data-select-day]').click();
  await settled();
  assert.equal(count(), "0 photos");
});

test("Ctrl+A chooses every photo of this grid, and Escape none", async () => {
  assert.equal(presses("a", { ctrlKey: true }).defaultPrevented, true);
  await settled();
  assert.equal(count(), "6 photos");
  assert.ok(server.log.includes("GET /photos/?person=p&ids=1"), "of the grid as it is filtered");
  assert.equal(presses("Escape").defaultPrevented, true);
  assert.equal(chosen(), "");
  assert.equal(presses("Escape").defaultPrevented, false, "then it is the browser's again");
  assert.equal(document.body.classList.contains("has-selection"), false);
});

test("where the server does not say what there is, what is loaded is chosen", async () => {
  server.answers({ "/photos/": new Response("", { status: 500 }) });
  find("[data-all]").click();
  await settled();
  assert.equal(count(), "5 photos");
});

test("keys that are typed into a field or a dialog choose nothing", async () => {
  find("#search").focus();
  assert.equal(presses("a", { ctrlKey: true }).defaultPrevented, false);
  document.activeElement = document.body;
  find("#selected-concert").showModal();
  presses("a", { metaKey: true });
  await settled();
  assert.equal(chosen(), "");
});

test("the space bar chooses the card that has the focus", () => {
  assert.equal(presses(" ").defaultPrevented, false, "without a card it scrolls");
  link("c").focus();
  assert.equal(presses(" ").defaultPrevented, true);
  assert.equal(chosen(), "c");
  cardOf("d").querySelector("[data-check]").focus();
  presses(" ");
  assert.equal(chosen(), "c", "a button has its own use for the space bar");
});

test("Shift and arrows reach from the card that has the focus", () => {
  for (const [place, id] of [..."abcde"].entries()) Object.assign(cardOf(id).layout, { left: 100 * place, width: 100 });
  link("b").focus();
  presses("ArrowRight", { shiftKey: true });
  presses("ArrowRight", { shiftKey: true });
  assert.deepEqual([chosen(), document.activeElement], ["bcd", link("d")]);
  presses("ArrowLeft", { shiftKey: true });
  assert.equal(chosen(), "bc");
});

test("arrows alone walk and choose nothing", () => {
  link("a").focus();
  presses("ArrowRight");
  assert.deepEqual([chosen(), document.activeElement], ["", link("b")]);
});

test("dragging from a check chooses what the mouse passes", () => {
  const press = { button: 0, pointerType: "mouse", clientX: 0, clientY: 0 };
  document.elementFromPoint = (x) => cardOf([..."abcde"][x]);
  cardOf("b").querySelector("[data-check]").is("pointerdown", press);
  cardOf("b").is("pointermove", { clientX: 1, clientY: 0 });
  assert.equal(chosen(), "", "a click that trembles is no drag");
  cardOf("d").is("pointermove", { clientX: 3, clientY: 0 });
  assert.equal(chosen(), "bcd");
  cardOf("c").is("pointermove", { clientX: 2, clientY: 0 });
  window.is("pointerup");
  cardOf("e").is("pointermove", { clientX: 4, clientY: 0 });
  assert.equal(chosen(), "bc");
  link("c").is("click");
  assert.equal(chosen(), "bc", "the click at the end of a drag changes nothing");
});

test("a long press chooses, and going on from there without lifting chooses a range", () => {
  const scrolls = (x) => cardOf("b").is("touchmove", { touches: [{ clientX: x, clientY: 0 }] }).defaultPrevented;
  document.elementFromPoint = (x) => cardOf([..."abcde"][x]);
  cardOf("b").is("pointerdown", { button: 0, pointerType: "touch" });
  mock.timers.tick(500);
  assert.equal(chosen(), "b");
  assert.equal(cardOf("b").is("contextmenu").defaultPrevented, true);
  assert.equal(scrolls(3), true);
  assert.equal(chosen(), "bcd");
  window.is("touchend");
  assert.equal(scrolls(4), false);
});

test("a finger that scrolls before the long press is over chooses nothing", () => {
  cardOf("b").is("pointerdown", { button: 0, pointerType: "touch" });
  assert.equal(cardOf("b").is("touchmove", { touches: [{ clientX: 0, clientY: 90 }] }).defaultPrevented, false);
  mock.timers.tick(500);
  assert.equal(chosen(), "");
});

test("what is thrown away leaves the grid with the days that are empty then, and can be called back", async () => {
  for (const id of "ab") check(id);
  find("[data-bin]").click();
  await settled();
  assert.deepEqual(server.sent, [["/photos/selected/bin/", { photos: "a,b" }]]);
  assert.deepEqual([shown(), chosen()], ["cde", ""]);
  assert.equal(find('[data-heading="2026-05-02"]'), null);
  assert.ok(find('[data-heading="2026-05-01"]'));
  assert.deepEqual(toasts(), ["2 photos are in the bin."]);
  await pressesToast();
  assert.deepEqual(server.sent.at(-1), ["/photos/selected/restore/", { photos: "a,b" }]);
  assert.deepEqual(location.left, ["reload"]);
});

test("an undo that is refused leaves the page as it is", async () => {
  check("a");
  find("[data-bin]").click();
  await settled();
  server.answers({ "POST /photos/selected/restore/": refusal(409, "It has been deleted for ever.") });
  await pressesToast();
  assert.deepEqual(location.left, []);
  assert.equal(toasts().at(-1), "It has been deleted for ever.");
});

test("what the server refuses stays chosen", async () => {
  server.answers({ "POST /photos/selected/bin/": refusal(507, "The disk is full.") });
  check("a");
  find("[data-bin]").click();
  await settled();
  assert.deepEqual([shown(), chosen(), toasts().at(-1)], ["abcde", "a", "The disk is full."]);
});

test("favourites look different at once, and the choice is over", async () => {
  check("b");
  fresh = GRID.replace("<p></p></li>", '<p class="heart"></p></li>');
  find("[data-favourite]").click();
  await settled();
  assert.deepEqual(server.sent, [["/photos/selected/favourite/", { value: "1", photos: "b" }]]);
  assert.ok(find(".heart"));
  assert.equal(chosen(), "");
});

test("the concerts to move photos to come with the first answer, and the dialog closes when they are moved", async () => {
  const dialog = find("#selected-concert");
  assert.deepEqual(dialog.querySelectorAll("option").map((option) => option.textContent), ["Seoul", "Busan", "No concert"]);
  assert.equal(dialog.querySelector("select").value, "k");
  check("e");
  dialog.showModal();
  find("[data-move]").click();
  await settled();
  assert.deepEqual(server.sent, [["/photos/selected/concert/", { concert: "k", photos: "e" }]]);
  assert.deepEqual([dialog.open, shown()], [false, "abcd"]);
});

test("a download is left to the browser, which stores it as a file", () => {
  for (const id of "ac") check(id);
  find("#selected-download").showModal();
  const event = find("#selected-download form").is("submit");
  assert.equal(event.defaultPrevented, false);
  assert.equal(find('[name="photos"]').value, "a,c");
  assert.equal(find("#selected-download").open, false);
  assert.equal(chosen(), "ac");
});

test("other forms of the page are not touched", () => {
  check("a");
  assert.equal(find("[data-filters]").is("submit").defaultPrevented, false);
  assert.deepEqual(server.sent, []);
});

test("how many photos there are and their months come after the cards", () => {
  assert.equal(find("[data-total]").textContent, "12,345 photos");
  const months = find("[data-scrubber]").querySelectorAll("a");
  assert.deepEqual(months.map((month) => month.textContent), ["2026", "", "2025"]);
  assert.deepEqual(months.map((month) => month.getAttribute("aria-current")), ["true", null, null]);
  assert.equal(months[1].getAttribute("href"), "https://encore.test/photos/?person=p&at=2026-04");
});

test("few months need no scrubber, and without an answer the page is whole without it", async () => {
  server.answers({ "/photos/": ({ url }) => (url.includes("about=1") ? { ...ABOUT, months: ["2026-05", "2026-04"] } : fresh) });
  await open();
  assert.equal(find("[data-scrubber]").children.length, 0);
  server.answers({ "/photos/": new Response("", { status: 503 }) });
  await open();
  assert.deepEqual([find("[data-total]").textContent, shown()], ["", "abcde"]);
});

test("the size of the pictures is chosen, and remembered for the next page", async () => {
  assert.equal(find("[data-sizes]").hidden, false);
  find('[data-size="large"]').click();
  assert.equal(grid().dataset.size, "large");
  const remembered = localStorage;
  showDocument(page());
  globalThis.localStorage = remembered;
  await runScript("gallery/main.js");
  assert.equal(grid().dataset.size, "large");
  assert.deepEqual(["small", "large"].map((size) => find(`[data-size="${size}"]`).getAttribute("aria-pressed")), ["false", "true"]);
});

test("a size that is not offered any more is not taken", async () => {
  showDocument(page());
  localStorage.setItem("encore-tile-size", "enormous");
  await runScript("gallery/main.js");
  assert.equal(grid().dataset.size, undefined);
});

test("a filter that is changed is sent at once", () => {
  let sent = 0;
  find("[data-filters]").addEventListener("submit", () => (sent += 1));
  find("[data-filters] select").is("change");
  assert.equal(sent, 1);
});

test("the grid goes on before its end is seen, without saying a day or a photo twice", async () => {
  server.answers({ "/photos/?cursor=2": `${heading("2026-05-01")}${card("e")}${card("f")}${heading("2026-04-30")}${card("g")}` });
  await open(page(GRID + MORE));
  await comesIntoSight(find("[data-more]"));
  assert.equal(shown(), "abcdefg");
  assert.deepEqual(document.querySelectorAll("[data-heading]").map((one) => one.dataset.heading), ["2026-05-02", "2026-05-01", "2026-04-30"]);
  assert.equal(find("[data-grid-status]").textContent, "2 photos more");
  assert.equal(server.asked.at(-1).headers["X-Fragment"], "1");
  assert.equal(find("[data-more]"), null);
});

test("the grid goes on page after page, and not once the page is left", async () => {
  server.answers({ "/photos/?cursor=2": card("f") + MORE.replace("=2", "=3"), "/photos/?cursor=3": card("g") + MORE.replace("=2", "=4") });
  await open(page(GRID + MORE));
  await comesIntoSight(find("[data-more]"));
  await comesIntoSight(find("[data-more]"));
  assert.equal(shown(), "abcdefg");
  window.is("pagehide");
  await comesIntoSight(find("[data-more]"));
  assert.ok(!server.log.includes("GET /photos/?cursor=4"));
});

test("the link to more works by hand, and once only while it loads", async () => {
  server.answers({ "/photos/?cursor=2": card("f") });
  await open(page(GRID + MORE));
  const pressed = find("[data-more] a").is("click");
  find("[data-more] a").is("click");
  await settled();
  assert.equal(pressed.defaultPrevented, true);
  assert.equal(server.log.filter((line) => line.includes("cursor=2")).length, 1);
  assert.equal(shown(), "abcdef");
});

test("a page that does not come leaves its link, to be tried again", async () => {
  server.answers({ "/photos/?cursor=2": new Response("", { status: 500 }) });
  await open(page(GRID + MORE));
  await comesIntoSight(find("[data-more]"));
  assert.equal(find("[data-more] a").textContent, "Could not load more; try again");
  server.answers({ "/photos/?cursor=2": card("f") });
  find("[data-more] a").click();
  await settled();
  assert.equal(shown(), "abcdef");
});

test("a new photo stands where the server puts it, once for many events", async () => {
  fresh = `${heading("2026-05-02")}${card("a")}${card("n")}${card("b")}${heading("2026-05-01")}${card("c")}${card("d")}${card("e")}`;
  const before = server.asked.length;
  await tells("photo_ready", { photo: "n" });
  await tells("faces_found", { photo: "n" });
  mock.timers.tick(500);
  await settled();
  assert.equal(shown(), "anbcde");
  assert.ok(cardOf("n").classList.contains("is-new"));
  assert.equal(server.asked.length, before + 1);
});

test("photos of a new day come first, with the day", async () => {
  fresh = `${heading("2026-05-03")}${card("n")}${GRID}`;
  await tells("photo_ready", { photo: "n" });
  mock.timers.tick(500);
  await settled();
  assert.equal(shown(), "nabcde");
  assert.equal(grid().children[0].dataset.heading, "2026-05-03");
});

test("a page that is left asks for no cards any more", async () => {
  await tells("photo_ready", { photo: "n" });
  const before = server.asked.length;
  window.is("pagehide");
  mock.timers.tick(500);
  assert.equal(server.asked.length, before);
});

test("photos that were stacked under another one leave the grid", async () => {
  await tells("photos_stacked", { photo: "a", under: ["b", "d"] });
  assert.equal(shown(), "ace");
});

test("a card that arrives while something is chosen can be chosen, too", async () => {
  check("a");
  fresh = GRID + card("f");
  await tells("photo_ready", { photo: "f" });
  mock.timers.tick(500);
  await settled();
  assert.equal(cardOf("f").querySelector("[data-check]").getAttribute("aria-checked"), "false");
  check("f");
  assert.equal(chosen(), "af");
});

test("a page without a grid asks for nothing", async () => {
  server.asked.length = 0;
  showDocument('<p data-grid-status></p><div class="toasts"></div>');
  await runScript("gallery/main.js");
  assert.deepEqual(server.log, []);
});
