/** The camera page: films, shows who is in the picture, and stops when it is told to or left. */

import { EventStream } from "../lib/events.js";
import { Guide } from "../lib/following.js";
import { FaceList } from "../lib/live_faces.js";
import { LiveOverlay } from "../lib/live_overlay.js";
import { pageSignal } from "../lib/page.js";
import { TusUpload } from "../lib/tus.js";
import { send, wait } from "../lib/tus_transport.js";
import { gettext, ngettext } from "../lib/words.js";
import { Camera } from "./camera.js";
import { Captures } from "./captures.js";
import { ClipKeeper } from "./clip_keeper.js";
import { FrameEncoder } from "./encoder.js";
import { FrameKeeper } from "./frame_keeper.js";
import { MomentRing } from "./moment_ring.js";
import { PortraitPreview } from "./portrait.js";
import { RecordingPanel } from "./recording_panel.js";
import { refusalOf, refusalOfPlace } from "./refusals.js";
import { Resuming } from "./resuming.js";
import { LiveSession } from "./session.js";
import { CapturedStrip } from "./strip.js";
import { UploadLine } from "./upload_line.js";

const FIGURES_MS = 500;

/** Wires the page together; everything that lasts is ended by its signal. */
class CameraPage {
  /** @type {LiveSession|null} */ #session = null;
  /** @type {FrameEncoder[]} */ #encoders = [];
  #ring = new MomentRing();
  /** From the click on Start to the stop: also while the camera is still being asked for. */
  #isWanted = false;
  /** A choice that the server has not confirmed yet. */
  #hasChosenStar = false;

  /**
   * @param {HTMLElement} root
   * @param {AbortSignal} signal
   */
  constructor(root, signal) {
    this.root = root;
    this.signal = signal;
    this.video = /** @type {HTMLVideoElement} */ (this.find("video"));
    this.overlay = new LiveOverlay(/** @type {HTMLCanvasElement} */ (this.find("canvas")));
    this.faces = new FaceList(this.find("[data-faces]"));
    this.guide = new Guide(this.find("[data-guide]"));
    this.strip = new CapturedStrip(this.find("[data-captured]"), { moments: root.dataset.moments ?? "" });
    this.line = new UploadLine({
      ended: ({ moment, isClip }, error) => error && !isClip && this.strip.refused(moment, error.message),
      say: (words) => this.#sayOfUploads(words),
    });
    this.captures = new Captures({
      ring: this.#ring,
      line: this.line,
      tell: (message) => this.#session?.socket.send(JSON.stringify(message)) ?? false,
      upload: (picture, about) => this.#upload(picture, about),
      caught: (caught) => this.strip.add(caught),
      asked: (capture) => this.clips.take(capture),
    });
    this.clips = new ClipKeeper({
      bring: (clip) => this.#bringClip(clip),
      say: (words) => (this.find("[data-clips-words]").textContent = words),
      settled: (choice) => this.#showClips(choice),
    });
    this.portrait = new PortraitPreview({
      say: (words) => (this.find("[data-portrait-words]").textContent = words),
      giveUp: () => {
        this.#choice("portrait").checked = false;
        this.#choose();
      },
    });
    this.recording = new RecordingPanel(this.find("[data-recorder]"), { session: root.dataset.session ?? "" }, signal);
    this.resuming = new Resuming(root.dataset.session ?? "");
    this.camera = new Camera(this.video, { ended: () => this.stop(gettext("The camera was taken away. Connect it and start again.")) });
    this.#wire();
    const refusal = refusalOfPlace({ isSecureContext, mediaDevices: navigator.mediaDevices });
    if (refusal) this.#refuse(refusal);
    else if (this.resuming.wasFilming) void this.start();
    else void this.#listCameras();
  }

  /**
   * @template {HTMLElement} [E=HTMLElement]
   * @param {string} selector of something that the page has (templates/live/camera.html)
   * @returns {E}
   */
  find(selector) {
    return /** @type {E} */ (this.root.querySelector(selector));
  }

  /** @returns {HTMLButtonElement} */
  get #startButton() {
    return this.find("[data-start]");
  }

  /** @param {string} name @returns {HTMLInputElement} the box that chooses it */
  #choice(name) {
    return this.find(`[name="${name}"]`);
  }

  /** @param {string} selector @returns {string} what is chosen there */
  #chosen(selector) {
    return /** @type {HTMLSelectElement} */ (this.find(selector)).value;
  }

  /** Turn the camera on and send. */
  async start() {
    this.#say("");
    this.find("[data-refusal]").hidden = true;
    this.#startButton.disabled = true;
    this.#isWanted = true;
    try {
      const [width, height] = this.#chosen("[data-resolution]").split("x").map(Number);
      if (!(await this.camera.start({ deviceId: this.#chosen("[data-camera]"), width, height }))) return;
    } catch (error) {
      this.stop();
      this.#refuse(refusalOf(/** @type {DOMException} */ (error)));
      return;
    } finally {
      this.#startButton.disabled = false;
    }
    await this.#listCameras();
    if (!this.camera.isOn) return;
    this.resuming.note(true);
    this.#fitStage();
    this.find("[data-torch]").hidden = !this.camera.hasTorch;
    this.#film(true);
    if (this.camera.stream) void this.clips.film(this.camera.stream);
    this.recording.film(this.camera.stream);
    if (this.#session) this.#session.goOn();
    else this.#openSession();
  }

  /**
   * Let go of the camera, at once; the connection and the last pictures go a little later.
   *
   * @param {string} [words] why, if the user did not ask for it
   */
  stop(words = "") {
    this.#isWanted = false;
    if (!this.signal.aborted) this.resuming.note(false); // A page that is being left may come back by a reload.
    this.recording.film(null); // First, so that the last picture is still there to be written.
    this.camera.stop();
    this.clips.stop();
    this.#session?.stop();
    this.faces.clear();
    this.#film(false);
    this.#say(words);
  }

  /** Let go of what a session needed. */
  #release() {
    this.#session = null;
    this.#showCompany(0);
    for (const encoder of this.#encoders.splice(0)) encoder.close();
    this.#ring.clear();
    this.clips.release();
  }

  /** The server will not have this camera back. @param {string} words why; after a stop nobody wants to know */
  #fail(words) {
    if (this.#session?.isFilming) this.stop(words);
    this.#session?.close();
  }

  #openSession() {
    const url = this.root.dataset.encoder ?? "";
    const [encoder, wholeEncoder] = (this.#encoders = [new FrameEncoder(url), new FrameEncoder(url)]);
    this.#session = new LiveSession({
      video: this.video,
      overlay: this.overlay,
      encoder,
      keeper: new FrameKeeper(this.#ring, wholeEncoder),
      captures: this.captures,
      portrait: this.portrait,
      path: this.root.dataset.socket ?? "",
      say: (words) => this.#say(words),
      fail: (words) => this.#fail(words),
      closed: () => this.#release(),
      faces: (faces, width) => this.#showFaces(faces, width),
      following: (following) => this.#followed(following),
      company: (others) => this.#showCompany(others),
    });
    this.#choose();
    if (this.#hasChosenStar) this.#session.follow(this.#chosen("[data-follow]"));
    this.#notice();
  }

  /**
   * @param {import("../lib/live_overlay.js").LiveFace[]|null} faces
   * @param {number} width
   */
  #showFaces(faces, width) {
    const now = performance.now();
    this.root.dataset.faceCount = String(faces?.length ?? 0);
    if (!faces) {
      this.faces.clear();
      this.guide.hide();
      return;
    }
    this.faces.show(faces, now);
    this.guide.show(faces, width, this.#choice("mirror").checked, now);
  }

  /** @param {number} others cameras that film this concert beside this one */
  #showCompany(others) {
    const place = this.find("[data-company]");
    place.textContent = others ? ngettext("%(count)s camera films this concert.", "%(count)s cameras film this concert.", others + 1) : "";
    place.hidden = !others;
  }

  /** The server says who is followed; that somebody else chose, too. @param {import("../lib/live_messages.js").Following} following */
  #followed({ person, name }) {
    this.overlay.followed = person;
    this.guide.follow(person, name);
    this.#hasChosenStar = false;
    /** @type {HTMLSelectElement} */
    const select = this.find("[data-follow]");
    select.value = person;
  }

  #wire() {
    const { signal } = this;
    this.find("[data-start]").addEventListener("click", () => this.start(), { signal });
    this.#startButton.disabled = false;
    this.find("[data-stop]").addEventListener("click", () => this.stop(), { signal });
    for (const selector of ["[data-camera]", "[data-resolution]"]) {
      this.find(selector).addEventListener("change", () => this.#isWanted && this.start(), { signal });
    }
    for (const box of this.root.querySelectorAll("[data-choices] input")) box.addEventListener("change", () => this.#choose(), { signal });
    this.find("[data-clips]").addEventListener("change", () => {
      void this.clips.choose(/** @type {import("./clip_keeper.js").ClipChoice} */ (this.#chosen("[data-clips]")));
    }, { signal });
    this.find("[data-follow]").addEventListener("change", () => {
      this.#hasChosenStar = true;
      this.#session?.follow(this.#chosen("[data-follow]"));
    }, { signal });
    /** @type {HTMLInputElement} */
    const torch = this.find("[data-torch] input");
    torch.addEventListener("change", () => {
      this.camera.light(torch.checked).catch(() => this.#say(gettext("The lamp of this camera cannot be switched now.")));
    }, { signal });
    this.find("[data-shutter]").addEventListener("click", () => this.#press(), { signal });
    document.addEventListener("keydown", (event) => this.#hearKey(event), { signal });
    addEventListener("beforeunload", (event) => this.line.pending > 0 && event.preventDefault(), { signal });
    new EventStream({ signal })
      .on("moment_ready", ({ payload }) => this.strip.ready(payload.moment))
      .on("moment_lost", ({ payload }) => this.strip.lost(payload.moment));
    document.addEventListener("visibilitychange", () => this.#notice(), { signal });
    this.video.addEventListener("resize", () => this.#fitStage(), { signal });
    const timer = setInterval(() => this.#showFigures(), FIGURES_MS);
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      this.#session?.close();
      this.stop();
      this.line.close();
      this.strip.release();
    });
  }

  /** Keep what is seen now. */
  #press() {
    if (!this.camera.isOn || !this.captures.press()) return;
    const { classList } = this.find("[data-stage]");
    classList.remove("is-shut");
    requestAnimationFrame(() => classList.add("is-shut"));
  }

  /** The space bar is the shutter, unless something else has a use for it. @param {KeyboardEvent} event */
  #hearKey(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.code !== "Space" || event.repeat || target.closest("button, a, input, select, textarea, summary")) return;
    if (!this.camera.isOn) return;
    event.preventDefault();
    this.#press();
  }

  /**
   * @param {Blob} picture
   * @param {Record<string, string>} about
   * @returns {TusUpload}
   */
  #upload(picture, about) {
    const taken = new Date().toTimeString().slice(0, 8).replaceAll(":", ".");
    const file = new File([picture], `moment ${taken} ${about.frame}.jpg`, { type: picture.type });
    return new TusUpload(file, { endpoint: this.root.dataset.uploads ?? "", about, send, wait, memory: sessionStorage });
  }

  /** @param {import("./clip_keeper.js").Clip} clip */
  #bringClip({ moment, recording, peak }) {
    const file = new File([recording], "clip.webm", { type: recording.type });
    const about = { moment, peak: peak.toFixed(3) };
    const upload = new TusUpload(file, { endpoint: this.root.dataset.clipsEndpoint ?? "", about, send, wait, memory: sessionStorage });
    this.line.add({ name: `${moment}:clip`, moment, isClip: true, start: () => upload.start() });
  }

  /** @param {import("./clip_keeper.js").ClipChoice} choice */
  #showClips(choice) {
    /** @type {HTMLSelectElement} */
    const select = this.find("[data-clips]");
    select.value = choice;
    this.find("[data-sound]").hidden = choice !== "sound" || !this.camera.isOn;
  }

  /** @param {string} words why captured pictures wait, or were not kept */
  #sayOfUploads(words) {
    const place = this.find("[data-uploads-words]");
    place.textContent = words;
    place.hidden = !words;
  }

  /** A tab that nobody sees sends nothing. */
  #notice() {
    this.#session?.pause(document.hidden);
    this.recording.pause(document.hidden);
    this.root.dataset.paused = String(document.hidden);
  }

  #choose() {
    const isChosen = (/** @type {string} */ name) => this.#choice(name).checked;
    this.root.classList.toggle("is-mirrored", isChosen("mirror"));
    if (!this.#session) return;
    this.#session.isMirrored = isChosen("mirror");
    this.#session.isInStep = !isChosen("lowest-delay");
    this.#session.ask({ names: isChosen("names"), emotions: isChosen("emotions"), portrait: isChosen("portrait") });
  }

  async #listCameras() {
    /** @type {HTMLSelectElement} */
    const select = this.find("[data-camera]");
    const cameras = await this.camera.list().catch(() => []);
    if (!cameras.length) return;
    const chosen = this.camera.track?.getSettings().deviceId ?? select.value;
    select.replaceChildren(...cameras.map(({ id, label }) => new Option(label, id, false, id === chosen)));
  }

  /** @param {boolean} isFilming */
  #film(isFilming) {
    this.root.dataset.state = isFilming ? "filming" : "off";
    this.find("[data-start]").hidden = isFilming;
    this.find("[data-stop]").hidden = !isFilming;
    this.find("[data-shutter]").hidden = !isFilming;
    this.find("[data-recording]").hidden = !isFilming;
    if (!isFilming) this.find("[data-sound]").hidden = true;
    this.find("[data-idle]").hidden = isFilming;
    if (isFilming) this.find("[data-stop]").focus({ preventScroll: true });
  }

  #fitStage() {
    const { videoWidth, videoHeight } = this.video;
    if (videoWidth) this.find("[data-stage]").style.aspectRatio = `${videoWidth} / ${videoHeight}`;
  }

  /** @param {import("./refusals.js").Refusal} refusal */
  #refuse({ title, text, canRetry }) {
    const box = this.find("[data-refusal]");
    write(box, "[data-refusal-title]", title);
    write(box, "[data-refusal-text]", text);
    box.hidden = false;
    this.find("[data-start]").hidden = !canRetry;
  }

  /** @param {string} words */
  #say(words) {
    const box = this.find("[data-words]");
    if (box.dataset.said === words) return;
    box.dataset.said = words;
    write(box, "[data-words-text]", words);
    box.hidden = !words;
  }

  #showFigures() {
    const figures = this.#session?.isFilming ? this.#session.figures : null;
    const show = (/** @type {string} */ name, /** @type {string} */ text) => {
      this.find(`[data-figure="${name}"]`).textContent = text;
    };
    const milliseconds = (/** @type {number} */ value) => (Number.isNaN(value) ? "–" : `${Math.round(value)} ms`);
    show("latency", figures ? milliseconds(figures.latencyMs) : "–");
    show("worst", figures ? milliseconds(figures.worstMs) : "–");
    show("rate", figures ? figures.perSecond.toFixed(1) : "–");
    show("dropped", figures ? String(figures.dropped) : "–");
    show("width", figures ? `${figures.width} px` : "–");
  }
}

/**
 * @param {HTMLElement} box
 * @param {string} selector of the part in which the words stand
 * @param {string} words
 */
function write(box, selector, words) {
  const place = box.querySelector(selector);
  if (place) place.textContent = words;
}

const root = document.querySelector("[data-live-camera]");
if (root) new CameraPage(/** @type {HTMLElement} */ (root), pageSignal());
