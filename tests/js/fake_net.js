/** What lies beyond the browser: a server that answers requests, and sockets to it. */

/** Let everything happen that waits for nothing but its turn. */
export const settled = async () => {
  for (let turn = 0; turn < 50; turn += 1) await null;
};

/** Let also that happen which follows: an answer that is read, and what the page asks for then. */
export const calm = async () => {
  for (let turn = 0; turn < 8; turn += 1) await settled();
};

/** The sockets that the page has opened, in order. @type {FakeWebSocket[]} */
export const sockets = [];

export class FakeWebSocket extends EventTarget {
  readyState = 0;
  bufferedAmount = 0;
  /** What kinds of messages left, and the messages; those of bytes as they are. */
  sent = [];
  messages = [];

  constructor(url) {
    super();
    this.url = url;
    sockets.push(this);
  }

  opens() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  brings(message) {
    const data = message instanceof ArrayBuffer ? message : JSON.stringify(message);
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }

  breaks(code) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  send(message) {
    const isText = typeof message === "string";
    this.messages.push(isText ? JSON.parse(message) : message);
    if (isText) this.sent.push(this.messages.at(-1).type);
  }

  close() {
    this.readyState = 3;
  }
}

/** @returns {FakeWebSocket} the newest one that is no stream of events */
export const liveSocket = () => sockets.findLast(({ url }) => !url.includes("/ws/events/"));

/** The server tells the page of something. @param {string} kind @param {object} payload */
export async function tells(kind, payload = {}) {
  FakeServer.lastEvent += 1;
  sockets.find(({ url }) => url.includes("/ws/events/")).brings({ id: FakeServer.lastEvent, kind, payload });
  await settled();
}

/**
 * Answers the page's requests and remembers them.
 *
 * A route is a method and a path, or a path alone for GET; what it answers is an object (as JSON), a text (as HTML), a
 * `Response`, or a function of the request that gives one of them. What it does not know is not found.
 */
export class FakeServer {
  static lastEvent = 0;
  /** @type {{method: string, url: string, fields: Record<string, string>, headers: Record<string, string>}[]} */
  asked = [];
  #routes = new Map();

  /** @param {Record<string, unknown>} routes */
  constructor(routes = {}) {
    this.answers(routes);
    globalThis.fetch = (url, options) => this.#answer(url, options);
  }

  /** @param {Record<string, unknown>} routes */
  answers(routes) {
    for (const [route, answer] of Object.entries(routes)) this.#routes.set(route.includes(" ") ? route : `GET ${route}`, answer);
  }

  /** @returns {string[]} what was asked for, in order, as "POST /photos/" */
  get log() {
    return this.asked.map(({ method, url }) => `${method} ${url}`);
  }

  /** @returns {[string, Record<string, string>][]} addresses and fields of what was sent */
  get sent() {
    return this.asked.filter(({ method }) => method === "POST").map(({ url, fields }) => [url, fields]);
  }

  async #answer(address, { method = "GET", body, headers = {}, signal } = {}) {
    signal?.throwIfAborted();
    const { pathname, search } = new URL(address, globalThis.location?.href ?? "https://encore.test/");
    const request = { method, url: pathname + search, fields: body ? Object.fromEntries(body) : {}, headers };
    this.asked.push(request);
    const route = [`${method} ${pathname}${search}`, `${method} ${pathname}`].find((one) => this.#routes.has(one));
    const known = this.#routes.get(route);
    const answer = typeof known === "function" ? await known(request) : known;
    if (answer === undefined) return new Response("", { status: 404 });
    if (answer instanceof Response) return answer.clone();
    return typeof answer === "string" ? new Response(answer, { headers: { "Content-Type": "text/html" } }) : Response.json(answer);
  }
}

/** What the server says when it refuses. @param {number} status @param {string} words */
export const refusal = (status, words) => Response.json({ error: words }, { status });

/** The requests that bring files, in order; tests let them arrive. @type {FakeRequest[]} */
export const transfers = [];

/** `XMLHttpRequest`: what `static/js/lib/tus_transport.js` sends files with. */
export class FakeRequest extends EventTarget {
  headers = {};
  upload = new EventTarget();
  responseURL = "";
  #answered = {};

  open(method, url) {
    Object.assign(this, { method, url });
    transfers.push(this);
  }

  setRequestHeader(name, value) {
    this.headers[name] = value;
  }

  getResponseHeader(name) {
    return this.#answered[name] ?? null;
  }

  send(body) {
    this.body = body;
  }

  abort() {
    this.isAborted = true;
    this.dispatchEvent(new Event("abort"));
  }

  /** So many bytes have left. @param {number} loaded */
  hasSent(loaded) {
    this.upload.dispatchEvent(Object.assign(new Event("progress"), { loaded }));
  }

  /** The server answers. @param {number} status @param {Record<string, string>} [headers] @param {string} [text] */
  async gets(status, headers = {}, text = "") {
    Object.assign(this, { status, responseText: text });
    this.#answered = headers;
    this.dispatchEvent(new Event("load"));
    await settled();
  }

  /** The connection is lost. */
  async breaks() {
    this.dispatchEvent(new Event("error"));
    await settled();
  }
}
