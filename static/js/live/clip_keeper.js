/**
 * Clips: the last seconds as a recording in this page's memory, of which those around a moment are brought to the server.
 *
 * Off until somebody switches it on; the microphone is asked for only where sound is wanted.
 *
 * @typedef {import("../lib/live_messages.js").Capture} Capture
 * @typedef {{moment: string, recording: Blob, peak: number}} Clip `peak` in seconds since the recording begins
 * @typedef {""|"silent"|"sound"} ClipChoice
 */

import { gettext } from "../lib/words.js";
import { Clusters, joined } from "./clusters.js";

const TYPES = ["video/webm;codecs=vp8,opus", "video/webm"];
const PIECE_MS = 500;
/** A clip has three seconds on either side; the rest is for trimming it by hand. */
const BEFORE_MS = 6000;
const AFTER_MS = 4000;
/** A moment is told up to 2 s after its peak, and a cluster may be some seconds long. */
const KEPT_MS = 15_000;
const MOST_BYTES = 40_000_000;
const VIDEO_BITS = 5_000_000;
const SOUND_BITS = 128_000;
/** What a voice needs is bad for music. */
const MUSIC = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

const WORDS = {
  "": () => gettext("Off: only pictures are kept."),
  silent: () => gettext("The last 15 seconds are held in this page. Up to 10 seconds around each moment go to your server, without sound, until you delete the moment."),
  sound: () => gettext("The microphone listens while you film, and the last 15 seconds are held in this page. Up to 10 seconds around each moment go to your server, with sound, until you delete the moment."),
};

export class ClipKeeper {
  /** @type {ClipChoice} */ #choice = "";
  /** @type {MediaStream|null} */ #stream = null;
  /** @type {MediaStreamTrack|null} */ #sound = null;
  /** @type {Recording|null} */ #recording = null;
  /** @type {Set<string>} */ #asked = new Set();
  #starts = 0;

  /**
   * @param {object} parts
   * @param {(clip: Clip) => void} parts.bring
   * @param {(words: string) => void} parts.say what is kept
   * @param {(choice: ClipChoice) => void} parts.settled what is recorded after all
   */
  constructor({ bring, say, settled }) {
    this.bring = bring;
    this.say = say;
    this.settled = settled;
  }

  /** @param {ClipChoice} choice */
  async choose(choice) {
    this.#choice = choice;
    await this.#begin();
  }

  /** A camera films. @param {MediaStream} stream */
  async film(stream) {
    this.#stream = stream;
    await this.#begin();
  }

  /** The camera is off, and so is the microphone; what was recorded stays for moments that are only told now. */
  stop() {
    this.#starts += 1;
    this.#stream = null;
    this.#recording?.stop();
    this.#mute();
  }

  /** Forget what was recorded. */
  release() {
    this.#recording = null;
    this.#asked.clear();
  }

  /** Bring what lies around a moment. @param {Capture} capture */
  async take({ moment, frames, near, is_repeated: isRepeated }) {
    const recording = this.#recording;
    const peakAt = near[0] ?? frames[0]?.captured_at;
    if (!recording || peakAt === undefined || isRepeated || this.#asked.has(moment)) return;
    this.#asked.add(moment);
    const found = await recording.around(peakAt);
    if (found) this.bring({ moment, ...found });
  }

  async #begin() {
    this.#starts += 1;
    const start = this.#starts;
    this.#recording?.stop();
    this.#recording = null;
    this.#mute();
    const type = globalThis.MediaRecorder && TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    if (this.#choice && !type) return this.#settle("", gettext("This browser cannot record clips."));
    if (!this.#choice || !this.#stream || !type) return this.#settle(this.#choice);
    const words = this.#choice === "sound" ? await this.#listen(start) : "";
    if (start !== this.#starts || !this.#stream) return;
    const tracks = [...this.#stream.getVideoTracks(), ...(this.#sound ? [this.#sound] : [])];
    this.#recording = new Recording(new MediaStream(tracks), type);
    this.#settle(this.#sound ? "sound" : "silent", words);
  }

  /**
   * Ask for the microphone.
   *
   * @param {number} start
   * @returns {Promise<string>} why there is none
   */
  async #listen(start) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: MUSIC });
      const [track] = stream.getAudioTracks();
      if (start === this.#starts) this.#sound = track;
      else track.stop();
      return "";
    } catch {
      return gettext("The microphone is not allowed or not there, so clips are kept without sound.");
    }
  }

  #mute() {
    this.#sound?.stop();
    this.#sound = null;
  }

  /**
   * @param {ClipChoice} choice
   * @param {string} [words]
   */
  #settle(choice, words = "") {
    this.#choice = choice;
    this.say([words, WORDS[choice]()].filter(Boolean).join(" "));
    this.settled(choice);
  }
}

/** One recorder and the last seconds of what it wrote. */
class Recording {
  #clusters = new Clusters();
  #recorder;
  #type;
  #startedAt = performance.now();
  #reading = Promise.resolve();
  #isOver = false;
  /** @type {Promise<void>} */ #over;

  /**
   * @param {MediaStream} stream
   * @param {string} type
   */
  constructor(stream, type) {
    this.#type = type;
    const wish = { mimeType: type, videoBitsPerSecond: VIDEO_BITS, audioBitsPerSecond: SOUND_BITS, videoKeyFrameIntervalDuration: 1000 };
    this.#recorder = new MediaRecorder(stream, wish);
    this.#recorder.addEventListener("start", () => (this.#startedAt = performance.now()));
    this.#recorder.addEventListener("dataavailable", ({ data }) => (this.#reading = this.#reading.then(() => this.#read(data))));
    this.#over = new Promise((resolve) => this.#recorder.addEventListener("stop", () => resolve()));
    this.#recorder.start(PIECE_MS);
  }

  stop() {
    this.#isOver = true;
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
  }

  /**
   * What was recorded around an instant, once that is over.
   *
   * @param {number} peakAt ms on the clock of `performance.now()`
   * @returns {Promise<{recording: Blob, peak: number}|null>}
   */
  async around(peakAt) {
    const wait = peakAt + AFTER_MS + PIECE_MS - performance.now();
    if (wait > 0 && !this.#isOver) await Promise.race([this.#over, new Promise((resolve) => setTimeout(resolve, wait))]);
    if (this.#isOver) await this.#over;
    await this.#reading;
    const peak = peakAt - this.#startedAt;
    const { all, head } = this.#clusters;
    const first = all.findLastIndex(({ at }) => at <= Math.max(peak - BEFORE_MS, all[0]?.at ?? 0));
    const last = all.findLastIndex(({ at }) => at < peak + AFTER_MS);
    if (first < 0 || last < first || all[first].at > peak) return null;
    const bytes = joined([head, ...all.slice(first, last + 1).map((one) => one.bytes)]);
    return { recording: new Blob([bytes], { type: this.#type.split(";")[0] }), peak: (peak - all[first].at) / 1000 };
  }

  /** @param {Blob} data */
  async #read(data) {
    const clusters = this.#clusters;
    clusters.add(new Uint8Array(await data.arrayBuffer()));
    clusters.forgetBefore(performance.now() - this.#startedAt - KEPT_MS);
    while (clusters.size > MOST_BYTES && clusters.all.length > 1) clusters.all.shift();
  }
}
