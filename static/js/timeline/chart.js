import { gettext } from "../lib/words.js";
import { tracesFor } from "./traces.js";

const CONFIG = { displayModeBar: false, responsive: true, doubleClick: "reset", showTips: false };
const MINUTE_MS = 60_000;
/** Ticks nearer than a minute would all read the same without their seconds. */
const CLOCK = [
  { dtickrange: [null, MINUTE_MS - 1], value: "%H:%M:%S" },
  { dtickrange: [MINUTE_MS, null], value: "%H:%M" },
];

/**
 * What is used of plotly.js, which comes as a script of its own and brings no types.
 *
 * @typedef {object} Plotly
 * @property {(place: HTMLElement, traces: object[], layout: object, config: object) => Promise<unknown>} react
 * @property {(place: HTMLElement) => void} purge
 * @typedef {{points: {customdata?: string}[]}} PlotlyClick
 * @typedef {HTMLElement & {on: (kind: "plotly_click", hear: (click: PlotlyClick) => void) => void}} PlotlyElement a chart's
 *   place, once something is drawn in it
 */

const CURVE_COLOURS = 8;

/**
 * @param {CSSStyleDeclaration} style of the page
 * @returns {import("./traces.js").Palette} the colours of its theme
 */
function paletteOf(style) {
  const token = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
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
  #plotly = /** @type {{Plotly: Plotly}} */ (/** @type {unknown} */ (window)).Plotly;
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
    const style = getComputedStyle(document.documentElement);
    const traces = tracesFor(this.#data, star, emotion, paletteOf(style));
    await this.#plotly.react(this.#place, traces, this.#layout(style), CONFIG);
    if (this.#isListening) return;
    this.#isListening = true;
    const drawn = /** @type {PlotlyElement} */ (this.#place);
    drawn.on("plotly_click", ({ points }) => {
      const url = points.find((point) => point.customdata)?.customdata;
      if (url) this.#open(url);
    });
  }

  /** @param {CSSStyleDeclaration} style of the page, whose colours the chart takes */
  #layout(style) {
    const token = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const axis = { gridcolor: token("--line"), linecolor: token("--line"), zeroline: false, fixedrange: false };
    const isNarrow = this.#place.clientWidth < 560;
    const isTouched = matchMedia("(pointer: coarse)").matches;
    return {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: token("--text-soft"), family: getComputedStyle(document.body).fontFamily, size: 13 },
      margin: { l: 62, r: 12, t: 8, b: 52 },
      hovermode: "closest",
      hoverlabel: { bgcolor: token("--stage-3"), bordercolor: token("--stage-4"), font: { color: token("--text") } },
      dragmode: isTouched ? false : "zoom",
      showlegend: true,
      legend: { orientation: "h", maxheight: isNarrow ? 0.16 : 0.2, font: { size: isNarrow ? 11 : 12 }, y: 1.02, yanchor: "bottom", x: 0 },
      xaxis: { ...axis, title: { text: this.#data.start ? gettext("Time") : gettext("Since the beginning"), standoff: 8 }, type: "date", tickformatstops: this.#data.start ? CLOCK : undefined, tickformat: "%H:%M:%S", fixedrange: isTouched },
      yaxis: { ...axis, title: { text: gettext("How strongly"), standoff: 8 }, rangemode: "tozero", tickformat: ".0%", fixedrange: true },
      uirevision: "same",
    };
  }
}
