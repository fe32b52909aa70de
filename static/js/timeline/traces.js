/**
 * What the chart draws, as plotly.js wants it; no browser needed.
 *
 * @typedef {{person: string, name: string, seconds: number[], emotions: Record<string, number[]>}} Curve
 * @typedef {{url: string, second: number, people: string[], emotion: string, score: number | null, reason: string}} Marker
 * @typedef {{start: string, curves: Curve[], markers: Marker[], labels: string[]}} ChartData
 */

import { emotionWord } from "../lib/emotions.js";
import { plain, shortened } from "../lib/plotly.js";
import { gettext } from "../lib/words.js";

/**
 * The colours of a chart: stars are told apart by them and, for those who see few colours, by dash.
 *
 * @typedef {{curves: string[], mark: string, markEdge: string, emotion: (label: string) => string}} Palette
 */

const DASHES = ["solid", "dash", "dot", "dashdot"];
const QUIET = "neutral";
/** A pause of so many usual steps between two readings is a gap in the line and no slope: the star was away. */
const LONGEST_GAP = 2.5;

/**
 * How much a star expressed at each reading: one emotion, or all but the neutral one.
 *
 * @param {Curve} curve
 * @param {string} emotion empty for any expression
 * @returns {number[]} 0 to 1
 */
export function strengths(curve, emotion) {
  if (emotion) return curve.emotions[emotion] ?? curve.seconds.map(() => 0);
  return (curve.emotions[QUIET] ?? []).map((value) => Math.round((1 - value) * 1000) / 1000);
}

/**
 * A time of the chart: a date on the clock, or one that begins at midnight without a clock.
 *
 * @param {ChartData} data
 * @param {number} second
 * @returns {string} ISO without a zone, so that no browser moves it
 */
export function timeOf(data, second) {
  const start = data.start ? Date.parse(data.start) : Date.UTC(2000, 0, 1);
  return new Date(start + second * 1000).toISOString().slice(0, -1);
}

/**
 * Put a hole into a line where nothing was read for a while.
 *
 * @param {number[]} seconds
 * @param {number[]} values
 * @returns {{seconds: number[], values: (number|null)[]}}
 */
export function withGaps(seconds, values) {
  const steps = seconds.slice(1).map((second, place) => second - seconds[place]);
  const usual = steps.length ? [...steps].sort((one, other) => one - other)[Math.floor(steps.length / 2)] : 0;
  /** @type {{seconds: number[], values: (number|null)[]}} */
  const made = { seconds: [], values: [] };
  seconds.forEach((second, place) => {
    if (place && second - seconds[place - 1] > LONGEST_GAP * usual) {
      made.seconds.push((second + seconds[place - 1]) / 2);
      made.values.push(null);
    }
    made.seconds.push(second);
    made.values.push(values[place]);
  });
  return made;
}

/**
 * The height of a curve at a time, so that a moment's point lies on it.
 *
 * @param {number[]} seconds
 * @param {number[]} values
 * @param {number} second
 * @returns {number} 0 without a curve
 */
export function valueAt(seconds, values, second) {
  if (!seconds.length) return 0;
  const after = seconds.findIndex((one) => one >= second);
  if (after === 0) return values[0];
  if (after < 0) return values[values.length - 1];
  const share = (second - seconds[after - 1]) / (seconds[after] - seconds[after - 1]);
  return values[after - 1] + share * (values[after] - values[after - 1]);
}

/**
 * @param {ChartData} data
 * @param {string} star id of a person; empty for everybody
 * @param {string} emotion empty for any expression
 * @param {Palette} palette
 * @returns {object[]} traces: lines first, then the moments
 */
export function tracesFor(data, star, emotion, palette) {
  const curves = data.curves.filter((curve) => !star || curve.person === star);
  const lines = star && !emotion
    ? data.labels.filter((label) => label !== QUIET).map((label) => line(data, curves[0], label, capital(emotionWord(label)), palette.emotion(label), DASHES[0]))
    : curves.map((curve, place) => line(data, curve, emotion, curve.name, colour(data, curve, palette), DASHES[Math.floor(place / palette.curves.length) % DASHES.length]));
  return [...lines, points(data, curves, star, emotion, palette)];
}

/**
 * @param {ChartData} data
 * @param {Curve} curve
 * @param {string} emotion
 * @param {string} name
 * @param {string} stroke
 * @param {string} dash
 */
function line(data, curve, emotion, name, stroke, dash) {
  const { seconds, values } = withGaps(curve.seconds, strengths(curve, emotion));
  return {
    type: "scatter",
    mode: seconds.some((_, index) => isAlone(values, index)) ? "lines+markers" : "lines",
    marker: { size: values.map((_, index) => (isAlone(values, index) ? 5 : 0)), color: stroke },
    name: plain(shortened(name)),
    x: seconds.map((second) => timeOf(data, second)),
    y: values,
    line: { color: stroke, width: 2, dash },
    // A line that answered to the pointer would take the clicks of the moments that lie on it.
    hoverinfo: "skip",
  };
}

/**
 * Whether a reading has a gap on both sides, so that no line would show it.
 *
 * @param {(number|null)[]} values
 * @param {number} place
 */
function isAlone(values, place) {
  return values[place] !== null && (values[place - 1] ?? null) === null && (values[place + 1] ?? null) === null;
}

/**
 * @param {ChartData} data
 * @param {Curve[]} curves
 * @param {string} star
 * @param {string} emotion
 * @param {Palette} palette
 */
function points(data, curves, star, emotion, palette) {
  const wanted = data.markers.filter((marker) => !star || marker.people.includes(curves[0]?.name));
  const heights = wanted.map((marker) => {
    const curve = curves.find((one) => marker.people.includes(one.name));
    if (!curve) return 0;
    const drawn = star && !emotion ? data.labels.filter((label) => label !== QUIET) : [emotion];
    const own = drawn.includes(marker.emotion) ? [marker.emotion] : drawn;
    return Math.max(...own.map((label) => valueAt(curve.seconds, strengths(curve, label), marker.second)));
  });
  return {
    type: "scatter",
    mode: "markers",
    name: gettext("Moments"),
    x: wanted.map((marker) => timeOf(data, marker.second)),
    y: heights,
    customdata: wanted.map((marker) => marker.url),
    text: wanted.map(said),
    hovertemplate: "%{text}<extra></extra>",
    marker: { size: 13, symbol: "star-diamond", color: palette.mark, line: { color: palette.markEdge, width: 1.5 } },
  };
}

/** @param {Marker} marker */
function said(marker) {
  const who = marker.people.join(" & ") || gettext("Somebody");
  return [who, emotionWord(marker.emotion), marker.reason].filter(Boolean).map(plain).join("<br>");
}

/**
 * @param {ChartData} data
 * @param {Curve} curve
 * @param {Palette} palette
 */
function colour(data, curve, palette) {
  return palette.curves[data.curves.indexOf(curve) % palette.curves.length];
}

/** @param {string} word */
function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
