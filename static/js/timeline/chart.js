import { baseLayout, CONFIG, loadedPlotly, themeTokens } from "../lib/plotly.js";
import { gettext } from "../lib/words.js";
import { tracesFor } from "./traces.js";

const MINUTE_MS = 60_000;
/** Ticks nearer than a minute would all read the same without their seconds. */
const CLOCK = [
  { dtickrange: [null, MINUTE_MS - 1], value: "%H:%M:%S" },
  { dtickrange: [MINUTE_MS, null], value: "%H:%M" },
];

/**
 * @typedef {{points: {customdata?: string}[]}} PlotlyClick
 * @typedef {HTMLElement & {on: (kind: "plotly_click", hear: (click: PlotlyClick) => void) => void}} PlotlyElement a chart's
 *   place, once something is drawn in it
 */

const CURVE_COLOURS = 8;

/**
 * @param {(name: string) => string} token of the page's theme
 * @returns {import("./traces.js").Palette} its colours
 */
function paletteOf(token) {
  return {
    curves: Array.from({ length: CURVE_COLOURS }, (_, place) => token(`--curve-${place + 1}`)),
    mark: token("--text"),
    markEdge: token("--stage-1"),
    emotion: (label) => token(`--emotion-${label}`),
  };
}

/**
 * The interactive chart, drawn by plotly.js.
 *
 * With a mouse one drags to look closer and double-clicks to see everything again. A finger scrolls the page instead; a
 * chart that catches it cannot be passed.
 */
export class TimelineChart {
  #place;
  #data;
  #plotly = /** @type {import("../lib/plotly.js").Plotly} */ (loadedPlotly());
  #isListening = false;
  #open;

  /**
   * @param {HTMLElement} place
   * @param {import("./traces.js").ChartData} data
   * @param {AbortSignal} signal
   * @param {(url: string) => void} open opens a moment
   */
  constructor(place, data, signal, open) {
    this.#place = place;
    this.#data = data;
    this.#open = open;
    signal.addEventListener("abort", () => this.#plotly.purge(place), { once: true });
  }

  /**
   * @param {string} star id of a person; empty for everybody
   * @param {string} emotion empty for any expression
   */
  async draw(star, emotion) {
    const token = themeTokens();
    const traces = tracesFor(this.#data, star, emotion, paletteOf(token));
    await this.#plotly.react(this.#place, traces, this.#layout(token), CONFIG);
    if (this.#isListening) return;
    this.#isListening = true;
    const drawn = /** @type {PlotlyElement} */ (this.#place);
    drawn.on("plotly_click", ({ points }) => {
      const url = points.find((point) => point.customdata)?.customdata;
      if (url) this.#open(url);
    });
  }

  /** @param {(name: string) => string} token of the page's theme */
  #layout(token) {
    const axis = { gridcolor: token("--line"), linecolor: token("--line"), zeroline: false, fixedrange: false };
    const isNarrow = this.#place.clientWidth < 560;
    const isTouched = matchMedia("(pointer: coarse)").matches;
    return {
      ...baseLayout(token),
      margin: { l: 62, r: 12, t: 8, b: 52 },
      dragmode: isTouched ? false : "zoom",
      showlegend: true,
      legend: { orientation: "h", maxheight: isNarrow ? 0.16 : 0.2, font: { size: isNarrow ? 11 : 12 }, y: 1.02, yanchor: "bottom", x: 0 },
      xaxis: { ...axis, title: { text: this.#data.start ? gettext("Time") : gettext("Since the beginning"), standoff: 8 }, type: "date", tickformatstops: this.#data.start ? CLOCK : undefined, tickformat: "%H:%M:%S", fixedrange: isTouched },
      yaxis: { ...axis, title: { text: gettext("How strongly"), standoff: 8 }, rangemode: "tozero", tickformat: ".0%", fixedrange: true },
      uirevision: "same",
    };
  }
}
