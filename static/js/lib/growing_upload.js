/**
 * A file that is brought to the server while it is still being made, by tus with a length that is told at its end.
 *
 * What the server has not confirmed waits here, in order; after a lost connection the server is asked how much it has and the
 * rest follows, however long that takes. Whoever makes the file looks at `pendingBytes` and stops when too much waits.
 *
 * @typedef {import("./tus.js").Answer} Answer
 * @typedef {import("./tus.js").Sending} Sending
 */

import { CHUNK_TYPE, GONE, NOT_ALLOWED, PASSING, RefusedError, UploadError, VERSION, encodeMetadata, retryDelay } from "./tus.js";

const CHUNK_BYTES = 4 * 1024 * 1024;
/** So often a whole file is closed in vain before it is left to the server, which ends it by itself. */
const MOST_CLOSINGS = 8;

export class GrowingUpload {
  /** @type {Blob[]} */ #pieces = [];
  #confirmed = 0;
  #pending = 0;
  #attempt = 0;
  #isEnded = false;
  #isUnsure = false;
  /** @type {string|null} */ #url = null;
  #news = () => {};
  #controller = new AbortController();
  /** @type {Promise<string>} the id of what the file became */ done;

  /**
   * @param {object} options
   * @param {string} options.endpoint
   * @param {() => Record<string, string>} options.about what the server is told, as of the moment when it is told
   * @param {string} options.resultHeader in which the server says what the file became
   * @param {(sending: Sending) => Promise<Answer>} options.send
   * @param {(milliseconds: number, signal: AbortSignal) => Promise<void>} options.wait
   * @param {(url: string, isOpen: boolean) => void} [options.placed] hears where the upload is, and when nobody needs to know any more
   * @param {(words: string) => void} [options.held] why it does not go on; empty when it goes on again
   */
  constructor({ endpoint, about, resultHeader, send, wait, placed = () => {}, held = () => {} }) {
    this.endpoint = endpoint;
    this.about = about;
    this.resultHeader = resultHeader;
    this.send = send;
    this.wait = wait;
    this.placed = placed;
    this.held = held;
    this.done = this.#run();
    this.done.catch(() => {}); // Whoever waits hears of it; nobody has to.
  }

  /** @returns {number} bytes that the server has */
  get confirmedBytes() {
    return this.#confirmed;
  }

  /** @returns {number} bytes that wait in this page */
  get pendingBytes() {
    return this.#pending;
  }

  /** @param {Blob} piece */
  append(piece) {
    if (!piece.size || this.#isEnded) return;
    this.#pieces.push(piece);
    this.#pending += piece.size;
    this.#news();
  }

  /** Nothing follows. */
  end() {
    this.#isEnded = true;
    this.#news();
  }

  /** Stop; the server ends the file by itself. */
  abandon() {
    this.#controller.abort();
    this.#news();
  }

  /** @returns {Promise<string>} */
  async #run() {
    for (;;) {
      try {
        const id = await this.#step();
        this.#attempt = 0;
        this.held("");
        if (id !== null) return id;
      } catch (error) {
        this.#controller.signal.throwIfAborted();
        if (!(error instanceof RefusedError)) throw error;
        if (!PASSING.has(error.status) && !NOT_ALLOWED.has(error.status)) return this.#giveUp(error);
        this.#isUnsure = true;
        this.held(error.message);
        await this.wait(retryDelay(this.#attempt, error.retryAfter), this.#controller.signal);
        this.#attempt += 1;
      }
    }
  }

  /** Do what is next. @returns {Promise<string|null>} what the file became, once it is whole */
  async #step() {
    if (!this.#url) return this.#announce();
    if (this.#isUnsure) return this.#ask();
    if (this.#pieces.length) return this.#bring();
    if (this.#isEnded) return this.#close();
    await new Promise((resolve) => (this.#news = () => resolve(undefined)));
    this.#controller.signal.throwIfAborted();
    return null;
  }

  /** @returns {Promise<null>} */
  async #announce() {
    const headers = { "Upload-Defer-Length": "1", "Upload-Metadata": encodeMetadata(this.about()) };
    const answer = await this.#request("POST", this.endpoint, headers);
    this.#url = answer.header("Location");
    if (!this.#url) throw new UploadError("", answer.status);
    this.placed(this.#url, true);
    this.#isUnsure = false;
    return null;
  }

  async #ask() {
    const answer = await this.#request("HEAD", this.#url ?? "", {});
    this.#isUnsure = false;
    return this.#settle(answer);
  }

  async #bring() {
    const pieces = [];
    for (let size = 0, index = 0; index < this.#pieces.length && (!size || size + this.#pieces[index].size <= CHUNK_BYTES); index += 1) {
      pieces.push(this.#pieces[index]);
      size += this.#pieces[index].size;
    }
    return this.#settle(await this.#patch({}, new Blob(pieces)));
  }

  async #close() {
    return this.#settle(await this.#patch({ "Upload-Length": String(this.#confirmed) }));
  }

  /**
   * @param {Record<string, string>} headers
   * @param {Blob} [body]
   */
  #patch(headers, body) {
    const sent = { "Upload-Offset": String(this.#confirmed), "Content-Type": CHUNK_TYPE, ...headers };
    return this.#request("PATCH", this.#url ?? "", sent, body);
  }

  /** Forget what the server has. @param {Answer} answer */
  #settle(answer) {
    const offset = Number(answer.header("Upload-Offset"));
    while (this.#pieces.length && this.#confirmed < offset) {
      const [first] = this.#pieces;
      const size = Math.min(first.size, offset - this.#confirmed);
      this.#confirmed += size;
      this.#pending -= size;
      if (size === first.size) this.#pieces.shift();
      else this.#pieces[0] = first.slice(size);
    }
    const id = answer.header(this.resultHeader);
    if (id) this.placed(this.#url ?? "", false);
    return id;
  }

  /**
   * The server takes no more: what it has is kept.
   *
   * @param {RefusedError} refused
   * @returns {Promise<string>}
   * @throws {UploadError} always, with the server's words; `kept` is what the file became, if it became anything
   */
  async #giveUp(refused) {
    this.#isEnded = true;
    this.#pieces = [];
    this.#pending = 0;
    const kept = this.#url && this.#confirmed && !GONE.has(refused.status) ? await this.#closeInVain() : "";
    this.placed(this.#url ?? "", false);
    throw Object.assign(new UploadError(refused.message, refused.status), { kept });
  }

  /** @returns {Promise<string>} what became of it; empty where the server will have to end it by itself */
  async #closeInVain() {
    for (let attempt = 0; attempt < MOST_CLOSINGS; attempt += 1) {
      try {
        return (await this.#close()) ?? "";
      } catch (error) {
        if (!(error instanceof RefusedError) || !(PASSING.has(error.status) || error.status === 507)) return "";
        await this.wait(retryDelay(attempt, error.retryAfter), this.#controller.signal);
      }
    }
    return "";
  }

  /**
   * @param {string} method
   * @param {string} url
   * @param {Record<string, string>} headers
   * @param {Blob} [body]
   * @returns {Promise<Answer>}
   */
  async #request(method, url, headers, body) {
    const { signal } = this.#controller;
    signal.throwIfAborted();
    const answer = await this.send({ method, url, headers: { ...headers, "Tus-Resumable": VERSION }, body, signal });
    if (answer.status < 200 || answer.status >= 300) throw new RefusedError(answer);
    return answer;
  }
}

/**
 * End an upload that a page has left open, at what the server has.
 *
 * @param {string} url
 * @param {(sending: Sending) => Promise<Answer>} send
 */
export async function closeLeft(url, send) {
  const { signal } = new AbortController();
  const headers = { "Tus-Resumable": VERSION };
  const asked = await send({ method: "HEAD", url, headers, signal });
  const offset = asked.header("Upload-Offset");
  if (asked.status !== 200 || !offset) return;
  const told = { ...headers, "Content-Type": CHUNK_TYPE, "Upload-Offset": offset, "Upload-Length": offset };
  await send({ method: offset === "0" ? "DELETE" : "PATCH", url, headers: told, signal });
}
