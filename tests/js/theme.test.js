/** The choice between light and dark. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseTheme, themeCookie } from "../../static/js/lib/theme.js";

/** A page that has the sheet of the light colours, and remembers what became of it. */
function fakePage() {
  /** @type {Record<string, string>} */
  const attributes = {};
  const element = { setAttribute: (/** @type {string} */ name, /** @type {string} */ value) => (attributes[name] = value) };
  const heard = /** @type {string[]} */ ([]);
  const page = {
    cookie: "",
    documentElement: { dataset: /** @type {Record<string, string>} */ ({}) },
    querySelector: () => element,
    dispatchEvent: (/** @type {Event} */ event) => heard.push(event.type),
  };
  return { page, attributes, heard };
}

test("a choice is remembered for a year, and nothing but a choice", () => {
  assert.equal(themeCookie("light"), "encore-theme=light; path=/; max-age=31536000; samesite=lax");
  assert.match(themeCookie("x; domain=evil"), /^encore-theme=system;/);
});

test("light and dark apply at once, whatever the system prefers", () => {
  for (const [theme, media] of [["light", "all"], ["dark", "not all"], ["system", "(prefers-color-scheme: light)"]]) {
    const { page, attributes, heard } = fakePage();
    chooseTheme(/** @type {Document} */ (/** @type {unknown} */ (page)), theme);
    assert.equal(attributes.media, media);
    assert.equal(page.documentElement.dataset.theme, theme === "system" ? "" : theme);
    assert.equal(heard.length, 1);
  }
});
