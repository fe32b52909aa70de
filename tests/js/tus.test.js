/** The resuming upload client against a server that drops, forgets and refuses. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { TusUpload, UploadError, encodeMetadata, fingerprint, retryDelay } from "../../static/js/lib/tus.js";

/** A tus server in memory, with accidents on request. */
class FakeServer {
  /** @type {Map<string, {length: number, bytes: number}>} */ uploads = new Map();
  /** @type {string[]} */ log = [];
  /** @type {((sending: object) => object|undefined)[]} */ accidents = [];

  send = async (sending) => {
    this.log.push(`${sending.method} ${sending.url}`);
    const accident = this.accidents.shift();
    const answer = accident?.(sending);
    if (answer) return answer;
    return this[sending.method](sending);
  };

  POST({ headers, body }) {
    const length = Number(headers["Upload-Length"]);
    if (body) return reply(201, { "Upload-Offset": String(length), "Encore-Photo": "whole", "Encore-Duplicate": "false" });
    const url = `/upload/tus/${this.uploads.size + 1}/`;
    this.uploads.set(url, { length, bytes: 0 });
    return reply(201, { Location: url, "Upload-Offset": "0" });
  }

  HEAD({ url }) {
    const kept = this.uploads.get(url);
    return kept ? this.#tell(200, kept) : reply(404);
  }

  PATCH({ url, headers, body }) {
    const kept = this.uploads.get(url);
    if (!kept) return reply(404);
    if (Number(headers["Upload-Offset"]) !== kept.bytes) return reply(409);
    kept.bytes += body.size;
    return this.#tell(204, kept);
  }

  DELETE({ url }) {
    this.uploads.delete(url);
    return reply(204);
  }

  #tell(status, { length, bytes }) {
    const headers = { "Upload-Offset": String(bytes), "Upload-Length": String(length) };
    if (bytes === length) Object.assign(headers, { "Encore-Photo": "photo-1", "Encore-Duplicate": "false" });
    return reply(status, headers);
  }
}

const reply = (status, headers = {}, text = "") => ({ status, text, header: (name) => headers[name] ?? null });

class Memory extends Map {
  getItem = (key) => this.get(key) ?? null;
  setItem = (key, value) => this.set(key, value);
  removeItem = (key) => this.delete(key);
}

let server;
let memory;
let waits;

beforeEach(() => {
  server = new FakeServer();
  memory = new Memory();
  waits = [];
});

function upload(size, options = {}) {
  const file = new File([new Uint8Array(size)], "stage.jpg", { lastModified: 5 });
  const wait = async (milliseconds, signal) => {
    waits.push(milliseconds);
    signal.throwIfAborted();
  };
  return new TusUpload(file, { endpoint: "/upload/tus/", send: server.send, wait, memory, wholeBytes: 100, chunkBytes: 400, ...options });
}

test("a small file travels in one request", async () => {
  const outcome = await upload(90).start();

  assert.deepEqual(outcome, { id: "whole", isDuplicate: false, hasJoined: false, hasReturned: false });
  assert.deepEqual(server.log, ["POST /upload/tus/"]);
});

test("a photo that was here tells whether it has joined the concert", async () => {
  server.accidents.push(() => reply(201, { "Upload-Offset": "90", "Encore-Photo": "old", "Encore-Duplicate": "true", "Encore-Joined": "true" }));

  assert.deepEqual(await upload(90).start(), { id: "old", isDuplicate: true, hasJoined: true, hasReturned: false });
});

test("a video is known by its own header", async () => {
  server.accidents.push(() => reply(201, { "Upload-Offset": "90", "Encore-Video": "video-1", "Encore-Duplicate": "true" }));

  const outcome = await upload(90, { kind: "video" }).start();

  assert.deepEqual(outcome, { id: "video-1", isDuplicate: true, hasJoined: false, hasReturned: false });
});

test("a larger file travels in pieces", async () => {
  const outcome = await upload(1000).start();

  assert.equal(outcome.id, "photo-1");
  assert.deepEqual(server.log.slice(1), Array(3).fill("PATCH /upload/tus/1/"));
  assert.equal(memory.size, 0);
});

test("after a dropped connection the upload goes on where the server stopped", async () => {
  const dropHalfway = ({ url }) => {
    server.uploads.get(url).bytes = 250;
    return reply(0);
  };
  server.accidents = [null, dropHalfway];

  const outcome = await upload(1000).start();

  assert.equal(outcome.id, "photo-1");
  assert.deepEqual(server.log.slice(0, 3), ["POST /upload/tus/", "PATCH /upload/tus/1/", "HEAD /upload/tus/1/"]);
  assert.equal(server.uploads.get("/upload/tus/1/").bytes, 1000);
});

test("after a reload the same file goes on, with the same address", async () => {
  server.uploads.set("/upload/tus/7/", { length: 1000, bytes: 600 });
  const second = upload(1000);
  memory.set(second.key, "/upload/tus/7/");

  await second.start();

  assert.deepEqual(server.log, ["HEAD /upload/tus/7/", "PATCH /upload/tus/7/"]);
});

test("an upload the server has forgotten begins anew", async () => {
  const again = upload(1000);
  memory.set(again.key, "/upload/tus/99/");

  const outcome = await again.start();

  assert.equal(outcome.id, "photo-1");
  assert.deepEqual(server.log.slice(0, 2), ["HEAD /upload/tus/99/", "POST /upload/tus/"]);
});

test("the address is remembered while the upload is under way", async () => {
  const remembered = [];
  server.accidents = [null, () => void remembered.push(...memory.values())];

  await upload(300).start();

  assert.deepEqual(remembered, ["/upload/tus/1/"]);
});

test("a complete upload whose last answer was lost is finished with an empty piece", async () => {
  const loseAnswer = ({ url }) => {
    server.uploads.get(url).bytes = 300;
    return reply(0);
  };
  const completeButUnfinished = () => reply(200, { "Upload-Offset": "300", "Upload-Length": "300" });
  server.accidents = [null, loseAnswer, completeButUnfinished];

  const outcome = await upload(300).start();

  assert.equal(outcome.id, "photo-1");
  assert.equal(server.log.at(-1), "PATCH /upload/tus/1/");
});

test("a refusal is told in the server's words and not tried again", async () => {
  server.accidents = [() => reply(422, {}, '{"error": "This is not a photo."}')];

  await assert.rejects(upload(90).start(), (error) => error instanceof UploadError && error.message === "This is not a photo." && error.status === 422);
  assert.equal(server.log.length, 1);
});

for (const status of [401, 403]) {
  test(`a refusal of the user (${status}) is told at once, and the upload goes on where it stopped afterwards`, async () => {
    server.accidents = [null, null, () => reply(status)];
    await assert.rejects(upload(1000).start(), { status });
    assert.deepEqual(waits, []);

    assert.equal((await upload(1000).start()).id, "photo-1");
    assert.deepEqual(server.log.slice(3), ["HEAD /upload/tus/1/", "PATCH /upload/tus/1/", "PATCH /upload/tus/1/"]);
  });
}

test("signed out while asking what the server has, one can go on later", async () => {
  memory.setItem(upload(1000).key, "/upload/tus/1/");
  server.uploads.set("/upload/tus/1/", { length: 1000, bytes: 400 });
  server.accidents = [() => reply(401, {}, '{"error": "Not signed in."}')];

  await assert.rejects(upload(1000).start(), { message: "You are signed out. Sign in again to go on." });

  assert.equal(memory.size, 1);
});

test("a refusal of the file is the end of its upload", async () => {
  server.accidents = [null, () => reply(422)];

  await assert.rejects(upload(1000).start(), { status: 422 });

  assert.equal(memory.size, 0);
});

test("a server that stays away is given up after a while, and resuming is still possible", async () => {
  server.accidents = [null, ...Array(20).fill(() => reply(0))];

  await assert.rejects(upload(300).start(), /cannot be reached/);
  assert.equal(waits.length, 8);
  assert.equal(memory.size, 1);

  server.accidents = [];
  assert.equal((await upload(300).start()).id, "photo-1");
  assert.equal(server.uploads.size, 1);
});

test("a bad line that lets a piece through now and then never uses up the patience", async () => {
  const pass = server.PATCH.bind(server);
  let tries = 0;
  // Five pieces, each of which comes through at its eighth try: far more drops than attempts in all.
  server.PATCH = (sending) => (++tries % 8 ? reply(0) : pass(sending));

  assert.equal((await upload(2000).start()).id, "photo-1");

  assert.equal(waits.length, 35);
  assert.equal(Math.max(...waits), 20_000);
  assert.equal(waits[7], 500, "after progress the pauses are short again");
});

test("a busy server is asked again when it says so", async () => {
  server.accidents = [() => reply(429, { "Retry-After": "7" })];

  await upload(90).start();

  assert.deepEqual(waits, [7000]);
});

test("progress grows to the size of the file", async () => {
  const seen = [];

  await upload(1000, { onProgress: (bytes) => seen.push(bytes) }).start();

  assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
  assert.equal(seen.at(-1), 1000);
});

test("a cancelled upload is forgotten on both sides", async () => {
  const cancelled = upload(1000);
  server.accidents = [null, () => void cancelled.abort()];

  await assert.rejects(cancelled.start(), { name: "AbortError" });
  assert.equal(memory.size, 0);
  assert.equal(server.uploads.size, 0);
});

test("waiting doubles up to a limit, and the server's wish comes first", () => {
  assert.deepEqual([0, 1, 2, 10].map((attempt) => retryDelay(attempt, null)), [500, 1000, 2000, 20000]);
  assert.equal(retryDelay(0, "3"), 3000);
  assert.equal(retryDelay(0, "99999"), 60000);
});

test("names in any script survive the metadata header", () => {
  const header = encodeMetadata({ filename: "콘서트 🎤.jpg", concert: "" });

  const [key, value] = header.split(" ");
  assert.equal(key, "filename");
  assert.equal(Buffer.from(value, "base64").toString("utf8"), "콘서트 🎤.jpg");
});

test("another concert is another upload", () => {
  const file = { name: "a", size: 1, lastModified: 2 };

  assert.notEqual(fingerprint(file, "x"), fingerprint(file, "y"));
});
