/** Canvases with real pixels, for what is computed from them: pictures are drawn by the nearest pixel. */

/** `ImageData`. */
export class Pixels {
  constructor(width, height, data = new Uint8ClampedArray(4 * width * height)) {
    Object.assign(this, { width, height, data });
  }

  /** @param {(x: number, y: number) => number[]} colourAt red, green, blue and, if it is not opaque, alpha */
  static of(width, height, colourAt) {
    const made = new Pixels(width, height);
    for (let at = 0; at < width * height; at += 1) {
      const [red, green, blue, alpha = 255] = colourAt(at % width, Math.floor(at / width));
      made.data.set([red, green, blue, alpha], 4 * at);
    }
    return made;
  }

  /** @returns {number[]} red, green, blue, alpha */
  at(x, y) {
    const start = 4 * (Math.min(this.height - 1, Math.floor(y)) * this.width + Math.min(this.width - 1, Math.floor(x)));
    return [...this.data.slice(start, start + 4)];
  }
}

/** The brush of one canvas. */
class PixelContext {
  globalCompositeOperation = "source-over";
  #pixels = new Pixels(0, 0);
  #canvas;

  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** As a browser does, a canvas is emptied by another size. */
  get pixels() {
    const { width, height } = this.#canvas;
    if (this.#pixels.width !== width || this.#pixels.height !== height) this.#pixels = new Pixels(width, height);
    return this.#pixels;
  }

  getImageData(left, top, width, height) {
    const from = this.pixels;
    return Pixels.of(width, height, (x, y) => from.at(left + x, top + y));
  }

  putImageData(pixels) {
    this.pixels.data.set(pixels.data);
  }

  drawImage(source, left, top, width = source.width, height = source.height) {
    const from = source.pixels ?? source.getContext("2d").pixels;
    const into = this.pixels;
    const isCut = this.globalCompositeOperation === "source-in";
    const drawn = Pixels.of(into.width, into.height, (x, y) => {
      const [across, down] = [((x - left) * from.width) / width, ((y - top) * from.height) / height];
      const [red, green, blue, alpha] = from.at(across, down);
      const below = into.at(x, y);
      if (isCut) return [red, green, blue, (alpha * below[3]) / 255];
      const share = alpha / 255;
      const over = [red, green, blue].map((value, channel) => value * share + below[channel] * (1 - share));
      return [...over, Math.max(alpha, below[3])];
    });
    into.data.set(drawn.data);
  }
}

/** @param {import("./fake_dom.js").TreeElement} document makes its canvases of pixels from now on */
export function givePixels(document) {
  const make = document.createElement.bind(document);
  document.createElement = (tag) => {
    const made = make(tag);
    if (tag !== "canvas") return made;
    const context = new PixelContext(made);
    return Object.assign(made, { width: 300, height: 150, getContext: () => context });
  };
}
