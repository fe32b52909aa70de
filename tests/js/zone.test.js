/** What the browser tells of its time zone. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { tellZone, zoneCookie } from "../../static/js/site/zone.js";

test("the zone is told in a cookie of this site", () => {
  assert.equal(zoneCookie("Asia/Seoul"), "encore-zone=Asia/Seoul; path=/; max-age=31536000; samesite=lax");
});

test("what is no zone is not told", () => {
  for (const zone of ["", undefined, "a; b", "x".repeat(65)]) assert.equal(zoneCookie(zone), "");
});

test("a page tells the zone of its browser", () => {
  const page = { cookie: "" };
  tellZone(page);
  assert.match(page.cookie, /^encore-zone=/);
});
