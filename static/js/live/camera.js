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
    return cameras.map((device, index) => ({ id: device.deviceId, label: device.label || `Camera ${index + 1}` }));
  }

  /** @returns {boolean} whether this camera has a lamp that can be switched */
  get hasTorch() {
    const abilities = /** @type {any} */ (this.track?.getCapabilities?.() ?? {});
    return Boolean(abilities.torch);
  }

  /** @param {boolean} isLit */
  async light(isLit) {
    await this.track?.applyConstraints(/** @type {any} */ ({ advanced: [{ torch: isLit }] }));
  }
}
