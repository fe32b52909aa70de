/** Replays runs of moment_reaction.py through the browser's ring and captures; says what is uploaded, in order. */

import { readFileSync } from "node:fs";

import { Captures } from "../../static/js/live/captures.js";
import { MomentRing } from "../../static/js/live/moment_ring.js";
import { UploadLine } from "../../static/js/live/upload_line.js";

const PICTURE = new Blob([new Uint8Array(300_000)], { type: "image/jpeg" });

/**
 * @param {[[number, number][], [number, any][]]} run frames as seconds and number, requests as seconds and message
 * @returns {Promise<Record<string, string>[]>}
 */
async function replay([kept, asked]) {
  const ring = new MomentRing();
  const brought = [];
  const upload = (_, about) => ({ start: async () => brought.push(about) });
  const captures = new Captures({ ring, line: new UploadLine(), tell: () => true, upload });
  for (const [now, frame] of kept) {
    ring.add(frame, 1000 * now, Promise.resolve(PICTURE));
    await null;
    while (asked.length && asked[0][0] <= now) await captures.take(asked.shift()[1]);
  }
  await new Promise((resolve) => setTimeout(resolve));
  return brought;
}

const runs = JSON.parse(readFileSync(0, "utf8"));
const results = [];
for (const run of runs) results.push(await replay(run));
console.log(JSON.stringify(results));
