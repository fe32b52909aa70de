/** Texts in the language of the page. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { gettext, ngettext } from "../../static/js/lib/words.js";

afterEach(() => delete globalThis.django);

test("without a catalogue texts are English", () => {
  assert.equal(gettext("Cancel %(name)s", { name: "a.jpg" }), "Cancel a.jpg");
  assert.equal(ngettext("%(count)s face", "%(count)s faces", 1), "1 face");
  assert.equal(ngettext("%(count)s face", "%(count)s faces", 2), "2 faces");
});

test("with a catalogue they are in its language, and values are put in as they are", () => {
  globalThis.django = { gettext: () => "%(name)s 취소", ngettext: () => "얼굴 %(count)s개" };
  assert.equal(gettext("Cancel %(name)s", { name: "$& %(name)s" }), "$& %(name)s 취소");
  assert.equal(ngettext("%(count)s face", "%(count)s faces", 1), "얼굴 1개");
});
