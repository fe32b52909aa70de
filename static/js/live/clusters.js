/**
 * What a recorder writes, cut where it can be cut: a head, and clusters that each begin with a whole picture.
 *
 * WebM is a head and clusters; head and some later clusters are a film again. A recorder gives its bytes in pieces that end anywhere.
 *
 * @typedef {{at: number, bytes: Uint8Array<ArrayBuffer>}} Cluster `at` in ms since the recording began
 */

/** How every cluster begins. */
const CLUSTER = [0x1f, 0x43, 0xb6, 0x75];
const TIME = 0xe7;
/** Name, size and the name, size and value of its time. */
const LONGEST_START = 4 + 8 + 1 + 8 + 8;

export class Clusters {
  /** @type {Uint8Array<ArrayBuffer>} */ #rest = new Uint8Array();
  #searched = 0;

  /** What stands before all clusters; empty until the first one has come. @type {Uint8Array<ArrayBuffer>} */
  head = new Uint8Array();
  /** Oldest first; the last one still grows. @type {Cluster[]} */
  all = [];

  /** @param {Uint8Array<ArrayBuffer>} bytes the next ones */
  add(bytes) {
    this.#rest = joined([this.#rest, bytes]);
    for (let at = this.#next(); at >= 0; at = this.#next()) {
      this.#close(this.#rest.subarray(0, at));
      this.all.push({ at: timeOf(this.#rest.subarray(at)), bytes: new Uint8Array() });
      this.#rest = this.#rest.slice(at);
      this.#searched = CLUSTER.length;
    }
    const newest = this.all.at(-1);
    if (newest) newest.bytes = this.#rest;
  }

  /** Forget clusters that are followed by one which began before a time. @param {number} at ms */
  forgetBefore(at) {
    while (this.all.length > 1 && this.all[1].at <= at) this.all.shift();
  }

  /** @returns {number} bytes that are held */
  get size() {
    return this.all.reduce((sum, { bytes }) => sum + bytes.length, this.head.length);
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes up to the next cluster */
  #close(bytes) {
    const newest = this.all.at(-1);
    if (newest) newest.bytes = bytes.slice();
    else this.head = bytes.slice();
  }

  /** @returns {number} where the next cluster begins whose time is here too; -1 for nowhere yet */
  #next() {
    for (let at = this.#rest.indexOf(CLUSTER[0], this.#searched); at >= 0; at = this.#rest.indexOf(CLUSTER[0], at + 1)) {
      if (at + LONGEST_START > this.#rest.length) {
        this.#searched = at;
        return -1;
      }
      if (CLUSTER.every((byte, place) => this.#rest[at + place] === byte) && !Number.isNaN(timeOf(this.#rest.subarray(at)))) return at;
    }
    this.#searched = this.#rest.length;
    return -1;
  }
}

/**
 * @param {Uint8Array<ArrayBuffer>[]} parts
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * @param {Uint8Array<ArrayBuffer>} cluster
 * @returns {number} its time in ms, as browsers count it; `NaN` where these bytes are no cluster
 */
function timeOf(cluster) {
  const from = CLUSTER.length + sizeLength(cluster[CLUSTER.length]);
  if (cluster[from] !== TIME) return NaN;
  const length = cluster[from + 1] & 0x7f;
  if (length < 1 || length > 8 || !(cluster[from + 1] & 0x80)) return NaN;
  return cluster.subarray(from + 2, from + 2 + length).reduce((sum, byte) => sum * 256 + byte, 0);
}

/** @param {number} first byte of a size @returns {number} how many bytes it has */
function sizeLength(first) {
  return first === 0 ? 8 : Math.clz32(first) - 23;
}
