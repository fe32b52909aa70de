/**
 * A client for resumable uploads by tus 1.0.0 (https://tus.io).
 *
 * A small file travels whole in the request that announces it. A larger one is announced first; its address is
 * remembered under the file's fingerprint, so that after a dropped connection, or a reload and choosing the file again,
 * the server is asked how much it has and the rest follows.
 *
 * @typedef {{status: number, header: (name: string) => string|null, text: string}} Answer
 * @typedef {{method: string, url: string, headers: Record<string, string>, body?: Blob, signal: AbortSignal,
 *   onSent?: (bytes: number) => void}} Sending
 * @typedef {{id: string, isDuplicate: boolean, hasJoined: boolean, hasReturned: boolean}} Outcome the photo or video that the file became; it has joined
 *   when it was here without a concert and belongs to the chosen one now
 */

import { SIGNED_OUT } from "./csrf.js";
import { gettext } from "./words.js";

export const VERSION = "1.0.0";
export const CHUNK_TYPE = "application/offset+octet-stream";
const WHOLE_BYTES = 1024 * 1024;
const CHUNK_BYTES = 8 * 1024 * 1024;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
const MAX_ATTEMPTS = 8;
/** Answers after which the same bytes may succeed: too slow, in conflict, locked, too many, changed on the way, trouble. */
export const PASSING = new Set([0, 408, 409, 423, 429, 460, 500, 502, 503, 504]);
export const GONE = new Set([404, 410]);
/** Answers about the user and not the upload: after signing in, or on a fresh page, it goes on where it stopped. */
export const NOT_ALLOWED = new Set([302, 401, 403]);

/** An upload that ended without a photo; `message` is a sentence for the user. */
export class UploadError extends Error {
  /**
   * @param {string} message
   * @param {number} status 0 when the server could not be reached
   */
  constructor(message, status) {
    super(message);
    this.name = "UploadError";
    this.status = status;
  }
}

/**
 * What makes a chosen file the same file after a reload.
 *
 * @param {{name: string, size: number, lastModified: number}} file
 * @param {string} concert
 * @returns {string}
 */
export function fingerprint(file, concert) {
  return ["encore-upload", file.name, file.size, file.lastModified, concert].join(":");
}

/**
 * How long to wait before another attempt.
 *
 * @param {number} attempt 0 for the first
 * @param {string|null} retryAfter seconds, as the server asks
 * @returns {number} milliseconds
 */
export function retryDelay(attempt, retryAfter) {
  const asked = Number(retryAfter) * 1000;
  return asked > 0 ? Math.min(asked, 60_000) : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
}

/**
 * Encode the metadata header: keys with Base64 of UTF-8.
 *
 * @param {Record<string, string>} pairs empty values are left out
 * @returns {string}
 */
export function encodeMetadata(pairs) {
  const encoder = new TextEncoder();
  const encode = (/** @type {string} */ text) => btoa(String.fromCharCode(...encoder.encode(text)));
  return Object.entries(pairs)
    .filter(([, value]) => value)
    .map(([key, value]) => `${key} ${encode(value)}`)
    .join(",");
}

/** One file on its way to the server. */
export class TusUpload {
  #controller = new AbortController();
  #attempt = 0;
  /** @type {string|null} */ #url = null;

  /**
   * @param {File} file
   * @param {object} options
   * @param {string} options.endpoint where uploads are announced
   * @param {"photo"|"video"} [options.kind] what the file is to become
   * @param {string} [options.concert] id of a concert
   * @param {Record<string, string>} [options.about] what else the server is told about the file
   * @param {(sending: Sending) => Promise<Answer>} options.send
   * @param {(milliseconds: number, signal: AbortSignal) => Promise<void>} options.wait
   * @param {Pick<Storage, "getItem"|"setItem"|"removeItem">} options.memory
   * @param {(bytes: number) => void} [options.onProgress] bytes that the server has or is getting
   * @param {number} [options.wholeBytes]
   * @param {number} [options.chunkBytes]
   */
  constructor(file, { endpoint, kind = "photo", concert = "", about = {}, send, wait, memory, onProgress = () => {}, wholeBytes = WHOLE_BYTES, chunkBytes = CHUNK_BYTES }) {
    this.file = file;
    this.endpoint = endpoint;
    this.resultHeader = kind === "video" ? "Encore-Video" : "Encore-Photo";
    this.concert = concert;
    this.about = about;
    this.send = send;
    this.wait = wait;
    this.memory = memory;
    this.onProgress = onProgress;
    this.wholeBytes = wholeBytes;
    this.chunkBytes = chunkBytes;
    this.key = fingerprint(file, concert);
  }

  /**
   * Bring the file to the server, however often the connection drops.
   *
   * @returns {Promise<Outcome>}
   * @throws {UploadError} refused, or unreachable for minutes
   * @throws {DOMException} `AbortError` after `abort`
   */
  async start() {
    if (this.file.size <= this.wholeBytes) return this.#persist(() => this.#sendWhole());
    this.#url = this.memory.getItem(this.key);
    return this.#persist(() => this.#sendRest());
  }

  /** Stop, and let the server forget what it has of the file. */
  async abort() {
    this.#controller.abort();
    this.memory.removeItem(this.key);
    if (!this.#url) return;
    const sending = { method: "DELETE", url: this.#url, headers: { "Tus-Resumable": VERSION } };
    await this.send({ ...sending, signal: new AbortController().signal }).catch(() => null);
  }

  /**
   * Try again as long as trying again can help.
   *
   * @param {() => Promise<Outcome>} attempt
   * @returns {Promise<Outcome>}
   */
  async #persist(attempt) {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        this.#controller.signal.throwIfAborted();
        if (!(error instanceof RefusedError)) throw error;
        if (!PASSING.has(error.status) || this.#attempt >= MAX_ATTEMPTS) {
          if (!PASSING.has(error.status) && !NOT_ALLOWED.has(error.status)) this.memory.removeItem(this.key);
          throw new UploadError(error.message, error.status);
        }
        await this.wait(retryDelay(this.#attempt, error.retryAfter), this.#controller.signal);
        this.#attempt += 1;
      }
    }
  }

  async #sendWhole() {
    const answer = await this.#request("POST", this.endpoint, { ...this.#announcement(), "Content-Type": CHUNK_TYPE }, this.file, 0);
    return this.#outcome(answer);
  }

  async #sendRest() {
    let answer = this.#url ? await this.#ask() : null;
    answer ??= await this.#announce();
    for (;;) {
      const offset = Number(answer.header("Upload-Offset"));
      this.onProgress(offset);
      if (answer.header(this.resultHeader)) return this.#outcome(answer);
      const chunk = this.file.slice(offset, offset + this.chunkBytes);
      const headers = { "Upload-Offset": String(offset), "Content-Type": CHUNK_TYPE };
      answer = await this.#request("PATCH", /** @type {string} */ (this.#url), headers, chunk, offset);
      this.#attempt = 0;
    }
  }

  /** @returns {Promise<Answer|null>} what the server has, or `null` when it has forgotten */
  async #ask() {
    try {
      const answer = await this.#request("HEAD", /** @type {string} */ (this.#url), {});
      if (Number(answer.header("Upload-Length")) === this.file.size) return answer;
    } catch (error) {
      if (!(error instanceof RefusedError && GONE.has(error.status))) throw error;
    }
    this.memory.removeItem(this.key);
    this.#url = null;
    return null;
  }

  async #announce() {
    const answer = await this.#request("POST", this.endpoint, this.#announcement());
    this.#url = answer.header("Location");
    if (!this.#url) throw new UploadError(gettext("The server gave no place for the upload."), answer.status);
    this.memory.setItem(this.key, this.#url);
    return answer;
  }

  /** @returns {Record<string, string>} */
  #announcement() {
    const about = encodeMetadata({ filename: this.file.name, concert: this.concert, ...this.about });
    return { "Upload-Length": String(this.file.size), "Upload-Metadata": about };
  }

  /**
   * @param {string} method
   * @param {string} url
   * @param {Record<string, string>} headers
   * @param {Blob} [body]
   * @param {number} [offset] where the body begins in the file
   * @returns {Promise<Answer>}
   */
  async #request(method, url, headers, body, offset = 0) {
    this.#controller.signal.throwIfAborted();
    const answer = await this.send({
      method,
      url,
      headers: { ...headers, "Tus-Resumable": VERSION },
      body,
      signal: this.#controller.signal,
      onSent: (bytes) => this.onProgress(Math.min(offset + bytes, this.file.size)),
    });
    if (answer.status < 200 || answer.status >= 300) throw new RefusedError(answer);
    return answer;
  }

  /**
   * @param {Answer} answer
   * @returns {Outcome}
   */
  #outcome(answer) {
    this.memory.removeItem(this.key);
    this.onProgress(this.file.size);
    const id = answer.header(this.resultHeader) ?? "";
    const isTrue = (/** @type {string} */ name) => answer.header(name) === "true";
    const [isDuplicate, hasJoined, hasReturned] = ["Encore-Duplicate", "Encore-Joined", "Encore-Returned"].map(isTrue);
    return { id, isDuplicate, hasJoined, hasReturned };
  }
}

/** An answer other than success, with the server's own words where it gave some. */
export class RefusedError extends Error {
  /** @param {Answer} answer */
  constructor(answer) {
    super(reasonOf(answer));
    this.status = answer.status;
    this.retryAfter = answer.header("Retry-After");
  }
}

/**
 * @param {Answer} answer
 * @returns {string}
 */
function reasonOf(answer) {
  if (answer.status === 401 || answer.status === 302) return SIGNED_OUT;
  try {
    const said = JSON.parse(answer.text).error;
    if (typeof said === "string" && said) return said;
  } catch {
    // A proxy's page or nothing at all: the status has to explain it.
  }
  if (answer.status === 0) return gettext("The server cannot be reached. Check the connection and try again.");
  if (answer.status === 403) return gettext("This page is too old to be trusted. Reload it and try again.");
  return gettext("The server did not take the file (error %(status)s). Try again.", { status: answer.status });
}
