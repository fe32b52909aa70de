import { gettext } from "../lib/words.js";

/**
 * What a menu calls a camera: its name without what only a machine needs, such as the numbers of its maker or the path of a
 * device or a file.
 *
 * @param {string} label as the browser says it
 * @param {number} index of the camera, from 0
 */

export function cameraName(label, index) {
  const side = /facing (front|back)/i.exec(label)?.[1];
  if (side) return (side.toLowerCase() === "front" ? gettext("Front camera") : gettext("Back camera")) + (index > 1 ? ` ${index + 1}` : "");
  const spoken = label.replace(/\s*\([0-9a-f]{4}:[0-9a-f]{4}\)\s*$/i, "").trim();
  const isRaw = !spoken || /[\\/]/.test(spoken) || /^(video|fake_device_)\d+$/i.test(spoken);
  return isRaw ? gettext("Camera %(number)s", { number: index + 1 }) : spoken;
}

/**
 * The camera of this device: choosing it, starting it, its lamp, and letting it go.
 *
 * @typedef {{deviceId: string, width: number, height: number}} Choice an empty `deviceId` leaves it to the browser
 */
export class Camera {
  /** @type {MediaStream|null} */ #stream = null;
  #starts = 0;

  /**
   * @param {HTMLVideoElement} video
   * @param {{devices?: MediaDevices, ended?: () => void}} [options] `ended` is called when the camera is taken away
   */
  constructor(video, { devices, ended = () => {} } = {}) {
    this.video = video;
    this.devices = devices ?? navigator.mediaDevices;
    this.ended = ended;
  }

  /** @returns {boolean} whether the camera is on */
  get isOn() {
    return this.#stream !== null;
  }

  /** @returns {MediaStream|null} */
  get stream() {
    return this.#stream;
  }

  /** @returns {MediaStreamTrack|null} */
  get track() {
    return this.#stream?.getVideoTracks()[0] ?? null;
  }

  /**
   * Turn the camera on, or over to another choice.
   *
   * @param {Choice} choice
   * @returns {Promise<boolean>} `false` when it was stopped meanwhile, or started anew; the later start says what came of it
   * @throws {DOMException} what `getUserMedia` says
   */
  async start({ deviceId, width, height }) {
    this.stop();
    this.#starts += 1;
    const start = this.#starts;
    const isNewest = () => start === this.#starts;
    const device = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: "environment" } };
    const wish = { ...device, width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 } };
    try {
      const stream = await this.devices.getUserMedia({ video: wish, audio: false });
      if (isNewest()) await this.#show(stream);
      else for (const track of stream.getTracks()) track.stop();
    } catch (error) {
      if (isNewest()) throw error;
    }
    return isNewest();
  }

  /** @param {MediaStream} stream */
  async #show(stream) {
    this.#stream = stream;
    this.track?.addEventListener("ended", () => {
      if (this.#stream !== stream) return;
      this.stop();
      this.ended();
    });
    this.video.srcObject = stream;
    await this.video.play();
  }

  /** Turn it off at once: its light goes out. */
  stop() {
    this.#starts += 1;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.video.srcObject = null;
  }

  /** @returns {Promise<{id: string, label: string}[]>} the cameras; their names are known once one was allowed */
  async list() {
    const devices = await this.devices.enumerateDevices();
    const cameras = devices.filter((device) => device.kind === "videoinput" && device.deviceId);
    return cameras.map((device, index) => ({ id: device.deviceId, label: cameraName(device.label, index) }));
  }

  /** @returns {boolean} whether this camera has a lamp that can be switched */
  get hasTorch() {
    const abilities = /** @type {MediaTrackCapabilities & {torch?: boolean}} */ (this.track?.getCapabilities?.() ?? {});
    return Boolean(abilities.torch);
  }

  /** @param {boolean} isLit */
  async light(isLit) {
    const torch = /** @type {MediaTrackConstraintSet} */ ({ torch: isLit }); // Not in the types yet, but in the browsers of phones.
    await this.track?.applyConstraints({ advanced: [torch] });
  }
}
