/**
 * Records the whole feed on purpose: what the camera gives goes to the server while it is filmed and becomes a video there.
 *
 * Off until somebody presses the button; the microphone is asked for only where sound is wanted. What the connection cannot take
 * waits in this page, up to a limit, after which the recording ends and what was recorded until then is kept.
 *
 * @typedef {import("../lib/tus.js").Answer} Answer
 * @typedef {import("../lib/tus.js").Sending} Sending
 * @typedef {{isOn: boolean, isBringing: boolean, seconds: number, confirmedBytes: number, pendingBytes: number}} Recorded
 */

import { GrowingUpload, closeLeft } from "../lib/growing_upload.js";
import { gettext } from "../lib/words.js";

const TYPES = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
const PIECE_MS = 2000;
/** Six minutes of 1080p without a connection. */
const MOST_PENDING_BYTES = 300_000_000;
/** Before the largest file of the server is reached, another one begins. */
const SPARE_BYTES = 30_000_000;
const SOUND_BITS = 128_000;
/** What a voice needs is bad for music. */
const MUSIC = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** @param {number} height of the picture @returns {number} bits a second for a stage with dancers */
function videoBits(height) {
  if (height >= 1000) return 6_500_000;
  return height >= 700 ? 4_000_000 : 2_000_000;
}

export class Recorder {
  /** @type {MediaStream|null} */ #stream = null;
  /** @type {MediaStreamTrack|null} */ #sound = null;
  /** @type {Take|null} */ #take = null;
  /** @type {Set<Take>} those that are not whole on the server yet */ #bringing = new Set();
  #isWanted = false;
  #starts = 0;

  /**
   * @param {object} parts
   * @param {string} parts.endpoint
   * @param {string} parts.session id
   * @param {string} parts.title of the session
   * @param {number} parts.mostBytes of one video
   * @param {(sending: Sending) => Promise<Answer>} parts.send
   * @param {(milliseconds: number, signal: AbortSignal) => Promise<void>} parts.wait
   * @param {Pick<Storage, "getItem"|"setItem"|"removeItem">} parts.memory
   * @param {(words: string) => void} parts.say why it does not go on as it should
   * @param {() => void} parts.changed it began or ended
   * @param {(id: string) => void} parts.kept a video is whole
   */
  constructor(parts) {
    this.parts = parts;
    this.key = `encore-recording:${parts.session}`;
    const left = parts.memory.getItem(this.key);
    parts.memory.removeItem(this.key);
    if (left) void closeLeft(left, parts.send).catch(() => {}); // Otherwise the server ends it by itself.
  }

  /** @returns {Recorded} */
  get state() {
    const takes = [...this.#bringing];
    const sum = (/** @type {(take: Take) => number} */ of) => takes.reduce((total, take) => total + of(take), 0);
    return {
      isOn: this.#take !== null,
      isBringing: takes.length > 0,
      seconds: this.#take?.seconds ?? 0,
      confirmedBytes: sum(({ upload }) => upload.confirmedBytes),
      pendingBytes: sum(({ upload }) => upload.pendingBytes),
    };
  }

  /** Record from now on. @param {boolean} withSound */
  async start(withSound) {
    this.#isWanted = true;
    this.#starts += 1;
    const start = this.#starts;
    this.parts.say("");
    const words = withSound ? await this.#listen(start) : "";
    if (start !== this.#starts) return;
    this.#begin();
    if (words) this.parts.say(words);
  }

  /** Record no more; what was recorded is brought. @param {string} [words] why, if the user did not ask for it */
  stop(words = "") {
    this.#isWanted = false;
    this.#starts += 1;
    this.#end();
    this.#sound?.stop();
    this.#sound = null;
    if (words) this.parts.say(words);
  }

  /** The camera films, perhaps another one than before. @param {MediaStream|null} stream `null` when it is off */
  film(stream) {
    this.#stream = stream;
    if (!stream) this.stop();
    else if (this.#isWanted) this.#begin();
  }

  /** A tab that nobody sees records nothing; when it is seen again, another file begins. @param {boolean} isHidden */
  pause(isHidden) {
    if (!this.#isWanted) return;
    if (isHidden) this.#end();
    else if (!this.#take && this.#stream) this.#begin();
  }

  /** The page goes. */
  close() {
    this.stop();
    for (const { upload } of this.#bringing) upload.abandon();
  }

  /**
   * Ask for the microphone.
   *
   * @param {number} start
   * @returns {Promise<string>} why there is none
   */
  async #listen(start) {
    try {
      const [track] = (await navigator.mediaDevices.getUserMedia({ audio: MUSIC })).getAudioTracks();
      if (start === this.#starts) this.#sound = track;
      else track.stop();
      return "";
    } catch {
      return gettext("The microphone is not allowed or not there, so there is no sound.");
    }
  }

  #begin() {
    this.#end();
    const type = globalThis.MediaRecorder && TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    if (!this.#stream || !type) return this.stop(type ? "" : gettext("This browser cannot record."));
    const tracks = [...this.#stream.getVideoTracks(), ...(this.#sound ? [this.#sound] : [])];
    const take = new Take(new MediaStream(tracks), type, (began) => this.#upload(began, type), (one) => this.#look(one));
    this.#take = take;
    this.#bringing.add(take);
    take.upload.done.then((id) => this.#settle(take, id), (error) => this.#fail(take, error));
    this.parts.changed();
  }

  #end() {
    const take = this.#take;
    this.#take = null;
    take?.stop();
    this.parts.changed();
  }

  /**
   * @param {number} began on the clock of `performance.now()`
   * @param {string} type
   */
  #upload(began, type) {
    const { endpoint, session, title, send, wait, memory } = this.parts;
    const at = new Date().toTimeString().slice(0, 8).replaceAll(":", ".");
    const filename = `${title} ${at}.${type.startsWith("video/mp4") ? "mp4" : "webm"}`;
    return new GrowingUpload({
      endpoint,
      about: () => ({ filename, session, began_ago: ((performance.now() - began) / 1000).toFixed(3) }),
      resultHeader: "Encore-Recording",
      send,
      wait,
      placed: (url, isOpen) => {
        if (isOpen) memory.setItem(this.key, url);
        else if (memory.getItem(this.key) === url) memory.removeItem(this.key);
      },
      held: (words) => this.parts.say(words && gettext("The recording waits for the server: %(why)s", { why: words })),
    });
  }

  /** Look whether a recording may go on. @param {Take} take */
  #look(take) {
    if (take !== this.#take) return;
    const { pendingBytes, confirmedBytes } = take.upload;
    if (this.state.pendingBytes > MOST_PENDING_BYTES) {
      this.stop(gettext("The recording stopped, as the connection was gone for too long. What was recorded until then is kept in this page and sent when the connection is back."));
    } else if (pendingBytes + confirmedBytes > this.parts.mostBytes - SPARE_BYTES) this.#begin();
  }

  /**
   * @param {Take} take
   * @param {string} id
   */
  #settle(take, id) {
    this.#bringing.delete(take);
    this.parts.kept(id);
    this.parts.changed();
  }

  /**
   * @param {Take} take
   * @param {Error & {kept?: string}} error
   */
  #fail(take, error) {
    this.#bringing.delete(take);
    if (error.name === "AbortError") return;
    if (take === this.#take) this.stop();
    this.parts.say(gettext("The recording stopped: %(why)s", { why: error.message }));
    if (error.kept) this.parts.kept(error.kept);
    this.parts.changed();
  }
}

/** One file: a recorder, and the upload that grows with it. */
class Take {
  #began = performance.now();
  #recorder;

  /**
   * @param {MediaStream} stream
   * @param {string} type
   * @param {(began: number) => GrowingUpload} open
   * @param {(take: Take) => void} grown
   */
  constructor(stream, type, open, grown) {
    const { height = 0 } = stream.getVideoTracks()[0]?.getSettings?.() ?? {};
    const wish = { mimeType: type, videoBitsPerSecond: videoBits(height), audioBitsPerSecond: SOUND_BITS };
    this.#recorder = new MediaRecorder(stream, wish);
    this.#recorder.addEventListener("start", () => (this.#began = performance.now()));
    this.upload = open(this.#began);
    this.#recorder.addEventListener("dataavailable", ({ data }) => {
      this.upload.append(data);
      grown(this);
    });
    this.#recorder.addEventListener("stop", () => this.upload.end());
    this.#recorder.start(PIECE_MS);
  }

  /** @returns {number} since it began */
  get seconds() {
    return (performance.now() - this.#began) / 1000;
  }

  stop() {
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
  }
}
