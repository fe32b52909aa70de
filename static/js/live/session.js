/**
 * One camera session: pictures out, answers in, and what is on the screen meanwhile.
 *
 * The video itself plays all the time under the canvas. With answers coming, the canvas shows the answered frame with
 * its boxes ("in step"), or only boxes moved to where the faces are by now ("lowest delay"). Without answers the canvas
 * empties and the video shows through, so the picture never stands still.
 */

import { LiveSocket } from "../lib/live_socket.js";
import { LastValues, RateMeter } from "../lib/meter.js";
import { FrameLoop } from "./frame_loop.js";
import { FrameRing } from "./frame_ring.js";
import { Motion } from "./motion.js";
import { QualityControl } from "./quality.js";
import { FrameSender } from "./sender.js";

const STALE_MS = 1000;
/** The server answers within 6 s even when its engine hangs; after this much silence the connection is dead. */
export const SILENT_MS = 8000;
/** How long the server may ask for frames after the camera was turned off. */
export const LINGER_MS = 2000;
const WIDEST_KEPT = 960;

/**
 * @typedef {object} SessionParts
 * @property {HTMLVideoElement} video
 * @property {import("../lib/live_overlay.js").LiveOverlay} overlay
 * @property {import("./encoder.js").FrameEncoder} encoder
 * @property {string} path address of the socket
 * @property {(words: string) => void} say shows a state in words; empty when all is well
 * @property {(words: string) => void} fail called once when the server will not have this camera back
 * @property {() => void} closed called once, when nothing will be asked for any more
 * @property {(faces: import("../lib/live_overlay.js").LiveFace[]|null, width: number) => void} faces who is in the picture now, and
 *   how wide it is; `null` when nobody looks at it
 * @property {(following: import("../lib/live_messages.js").Following) => void} following who is followed from now on
 * @property {(others: number) => void} company how many other cameras film the same concert
 * @property {import("./frame_keeper.js").FrameKeeper} keeper holds the last seconds in full resolution
 * @property {import("./captures.js").Captures} captures
 * @property {import("./portrait.js").PortraitPreview} portrait
 */

export class LiveSession {
  #parts;
  #ring = new FrameRing();
  #motion = new Motion();
  #quality = new QualityControl();
  #labelled = new RateMeter();
  #latencies = new LastValues();
  #serverDropped = 0;
  #droppedBefore = 0;
  #lastAnswer = -Infinity;
  #isLookedAt = false;
  #frame = { width: 16, height: 9 };
  #isRunning = true;
  /** What was chosen in this page; nothing yet says nothing. @type {string|null} */ #followed = null;
  /** @type {string} */ #engineWords = "";
  /** @type {number|undefined} */ #lingering;

  isFilming = true;
  isMirrored = false;
  isInStep = true;
  isPaused = false;
  want = { names: true, emotions: true, portrait: false };

  /** @param {SessionParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.socket = new LiveSocket(parts.path, {
      opened: () => this.#begin(),
      told: (message) => this.#hear(message),
      lost: (words, isFinal) => this.#lose(words, isFinal),
    });
    this.sender = new FrameSender({ socket: this.socket, encoder: parts.encoder, ring: this.#ring, quality: this.#quality });
    this.loop = new FrameLoop(parts.video, (capturedAt) => this.#tick(capturedAt));
    this.loop.start();
    this.#paint();
  }

  /** @returns {{latencyMs: number, worstMs: number, perSecond: number, dropped: number, width: number}} */
  get figures() {
    return {
      latencyMs: this.#latencies.quantile(0.5),
      worstMs: this.#latencies.quantile(0.95),
      perSecond: this.#labelled.perSecond(performance.now()),
      dropped: this.#droppedBefore + this.#serverDropped + this.sender.skipped,
      width: this.#quality.step.width,
    };
  }

  /** Say which labels are wanted. @param {{names: boolean, emotions: boolean, portrait: boolean}} want */
  ask(want) {
    this.want = want;
    this.#quality.wantsNames = want.names;
    this.#parts.portrait.want(want.portrait);
    this.socket.send(JSON.stringify({ type: "want", ...want }));
  }

  /** Follow a star. @param {string} person her id; empty for nobody */
  follow(person) {
    this.#followed = person;
    this.socket.send(JSON.stringify({ type: "follow", person }));
  }

  /**
   * Stop sending while nobody can see the page, or go on. The server hears of it, or viewers would see the last picture stand
   * still; the next frame goes on air again.
   *
   * @param {boolean} isPaused
   */
  pause(isPaused) {
    if (isPaused && !this.isPaused && this.isFilming) this.sender.end();
    this.isPaused = isPaused;
  }

  /** Stop filming, but stay a little: moments of the last pictures are only chosen now. */
  stop() {
    if (!this.isFilming) return;
    this.isFilming = false;
    this.sender.end();
    this.#blank();
    this.#lingering = setTimeout(() => this.close(), LINGER_MS);
  }

  /** Film on with a camera that was turned off and on again, or over to another one. */
  goOn() {
    clearTimeout(this.#lingering);
    this.isFilming = true;
    this.#parts.say(this.#engineWords);
  }

  /** End for good. */
  close() {
    if (!this.#isRunning) return;
    clearTimeout(this.#lingering);
    this.#isRunning = false;
    this.loop.stop();
    this.socket.close();
    this.#ring.clear();
    if (this.isFilming) this.#blank();
    this.#parts.closed();
  }

  /** Show nothing but the video itself. */
  #blank() {
    this.#motion.clear();
    this.#lastAnswer = -Infinity;
    this.#parts.overlay.clear();
    this.#forgetFaces();
  }

  /** Nobody looks at the picture: whoever was in it may have left. */
  #forgetFaces() {
    if (this.#isLookedAt) this.#parts.faces(null, 0);
    this.#isLookedAt = false;
  }

  /** Tell how it is, unless the camera is off. @param {string} words */
  #say(words) {
    if (this.isFilming) this.#parts.say(words);
  }

  /** A portrait can only be made of the frame that was looked at. */
  get #isDrawnInStep() {
    return this.isInStep || this.#parts.portrait.isWanted;
  }

  /** @param {number} capturedAt */
  #tick(capturedAt) {
    if (this.isPaused || !this.isFilming) return;
    const { video } = this.#parts;
    const scale = Math.min(1, WIDEST_KEPT / video.videoWidth);
    const size = { resizeWidth: Math.round(video.videoWidth * scale), resizeHeight: Math.round(video.videoHeight * scale) };
    const { frame, sent } = this.#keep(video, capturedAt, size);
    void this.sender.offer(() => sent ?? createImageBitmap(video, size), capturedAt, frame);
  }

  /**
   * Keep the present picture whole. What is sent is made of that very picture: a video may show the next one at any time.
   *
   * @param {HTMLVideoElement} video
   * @param {number} capturedAt
   * @param {{resizeWidth: number, resizeHeight: number}} size of the picture that is sent
   * @returns {{frame: number, sent: Promise<ImageBitmap>|null}} `sent` is what to send, if the picture is sent and kept
   */
  #keep(video, capturedAt, size) {
    const { keeper } = this.#parts;
    const [frame, isSent] = [this.sender.number(), this.sender.isReady];
    if (!keeper.hasRoom(isSent)) return { frame, sent: null };
    const grabbed = keeper.grab(video);
    const sent = isSent ? grabbed.then((picture) => createImageBitmap(picture, size)) : null;
    const ready = sent ? sent.then(() => grabbed, () => grabbed) : grabbed;
    keeper.keep(frame, capturedAt, { width: video.videoWidth, height: video.videoHeight }, ready);
    return { frame, sent };
  }

  #begin() {
    this.#droppedBefore += this.#serverDropped;
    this.#serverDropped = 0;
    this.sender.reset();
    this.ask(this.want);
    if (this.#followed !== null) this.follow(this.#followed);
    this.#parts.captures.resume();
    if (!this.isFilming || this.isPaused) this.sender.end();
  }

  /** @param {import("../lib/live_messages.js").ToCamera|import("../lib/live_messages.js").ToViewer} message */
  #hear(message) {
    if ("frame" in message) this.sender.answer(message.frame);
    if ("dropped" in message) this.#serverDropped = message.dropped;
    if (message.type === "result") this.#label(message);
    else if (message.type === "hello") this.sender.credits = message.credits;
    else if (message.type === "engine") this.#learnEngine(message);
    else if (message.type === "following") this.#parts.following(message);
    else if (message.type === "capture") void this.#parts.captures.take(message);
    else if (message.type === "clock") this.#tellTime(message.exchange);
    else if (message.type === "company") this.#parts.company(message.others);
    else if (message.type === "problem") this.#say(message.message);
    if (message.type === "dropped" || message.type === "problem") this.#ring.drop(message.frame ?? -1);
  }

  /** Say what time it is here, on the clock of the frames. @param {number} exchange */
  #tellTime(exchange) {
    const now = performance.now();
    this.socket.send(JSON.stringify({ type: "clock", exchange, received_at: now, sent_at: now }));
  }

  /** @param {{state: string, message: string}} engine */
  #learnEngine({ state, message }) {
    this.#say((this.#engineWords = message));
    if (state !== "ready") this.#forgetFaces();
  }

  /** @param {import("../lib/live_messages.js").Result} result */
  #label(result) {
    const kept = this.#ring.take(result.frame);
    if (!kept) return;
    if (!this.isFilming) return kept.picture.close();
    this.#frame = { width: result.width, height: result.height };
    this.#motion.learn(result.faces, kept.capturedAt);
    this.#parts.say(this.#engineWords);
    const now = performance.now();
    const { portrait } = this.#parts;
    portrait.learn(result, now);
    portrait.noteDelay(now - kept.capturedAt);
    const picture = portrait.compose(kept.picture, result, now) ?? kept.picture;
    if (this.#isDrawnInStep) this.#parts.overlay.draw(picture, result.faces, this.#frame, this.isMirrored);
    kept.picture.close();
    this.#lastAnswer = now;
    this.#labelled.note(now);
    this.#latencies.note(now - kept.capturedAt);
    this.#quality.note(now - kept.capturedAt);
    this.#isLookedAt = true;
    this.#parts.faces(result.faces, result.width);
  }

  /** What the screen's rhythm asks for: boxes on the newest picture, or nobody when answers stay away. */
  #paint() {
    if (!this.#isRunning) return;
    requestAnimationFrame((now) => {
      if (!this.#isRunning) return;
      const isStale = now - this.#lastAnswer > STALE_MS;
      if (isStale) {
        this.#parts.overlay.clear();
        this.#forgetFaces();
      } else if (!this.#isDrawnInStep) {
        this.#parts.overlay.draw(null, this.#motion.facesAt(now), this.#frame, this.isMirrored);
      }
      if (this.isFilming && this.sender.waitedMs > SILENT_MS) this.#giveUpLine();
      this.#paint();
    });
  }

  /** Open another connection instead of a dead one; smaller frames, in case it was only too slow for these. */
  #giveUpLine() {
    this.#quality.lower();
    this.socket.reopen();
  }

  /**
   * @param {string} words
   * @param {boolean} isFinal
   */
  #lose(words, isFinal) {
    this.sender.reset();
    this.#motion.clear();
    this.#forgetFaces();
    if (isFinal) this.#parts.fail(words);
    else this.#say(words);
  }
}
