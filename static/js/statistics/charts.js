/**
 * What the charts of statistics draw, as plotly.js wants it; no browser needed.
 *
 * @typedef {{labels: string[], photos: number[], emotions: Record<string, number[]>, qualities: number[], names: string[], together: number[][], shares: Record<string, number[]>}} ChartData
 * @typedef {{type: string, x: number[], y: number[], text: string[], marker: {color: string|number[], cmax?: number}}} Trace and more
 * @typedef {Record<string, object|string|number|boolean> & {ticktext?: string[]}} Axis
 * @typedef {Record<string, object|string|number|boolean> & {xaxis: Axis, yaxis: Axis}} Layout
 * @typedef {{traces: Trace[], layout: Layout}} Drawing
 * @typedef {{width: number, height: number}} Room of a chart in pixels
 * @typedef {(name: string) => string} Token looks up a value of the page's theme
 */

import { emotionWord } from "../lib/emotions.js";
import { plain, shortened } from "../lib/plotly.js";
import { gettext } from "../lib/words.js";

const LABEL_PIXELS = 90;
/** Between the squares of two stars, and what names need beside them. */
const GAP = 3;
const NAMES_PIXELS = 120;
const LARGEST_SQUARE = 44;

/** @type {Record<string, (data: ChartData, token: Token, room: Room) => Drawing>} */
export const CHARTS = {
  photos: (data, token, room) => bars(data.labels, data.photos, token("--light"), token, room, gettext("Photos")),
  qualities: (data, token, room) => bars(tenths(data.qualities.length), data.qualities, token("--curve-2"), token, room, gettext("Faces")),
  emotions,
  together,
  shares,
};

/**
 * @param {string[]} labels
 * @param {number[]} heights
 * @param {string} colour
 * @param {Token} token
 * @param {Room} room
 * @param {string} title of the upright axis
 * @returns {Drawing}
 */
function bars(labels, heights, colour, token, room, title) {
  const trace = {
    type: "bar",
    x: labels.map((_, place) => place),
    y: heights,
    text: labels.map((label, place) => `${plain(label)}: ${heights[place]}`),
    textposition: "none",
    hovertemplate: "%{text}<extra></extra>",
    marker: { color: colour },
  };
  return { traces: [trace], layout: { ...frame(labels, token, room, title), showlegend: false } };
}

/**
 * @param {ChartData} data
 * @param {Token} token
 * @param {Room} room
 * @returns {Drawing}
 */
function emotions(data, token, room) {
  const totals = data.labels.map((_, place) => Object.values(data.emotions).reduce((sum, counts) => sum + counts[place], 0));
  const traces = Object.entries(data.emotions).map(([label, counts]) => ({
    type: "bar",
    name: emotionWord(label),
    x: data.labels.map((_, place) => place),
    y: counts.map((count, place) => (totals[place] ? count / totals[place] : 0)),
    text: data.labels.map((time, place) => `${plain(time)}: ${emotionWord(label)}, ${counts[place]}`),
    textposition: "none",
    hovertemplate: "%{text} (%{y:.0%})<extra></extra>",
    marker: { color: token(`--emotion-${label}`), line: { color: token("--stage-1"), width: 1 } },
  }));
  const layout = frame(data.labels, token, room, gettext("Share of the faces"));
  return {
    traces,
    layout: {
      ...layout,
      barmode: "stack",
      yaxis: { ...layout.yaxis, tickformat: ".0%", range: [0, 1] },
      showlegend: true,
      legend: { orientation: "h", font: { size: 12 }, y: 1.02, yanchor: "bottom", x: 0 },
    },
  };
}

/**
 * Lines of shares, by what the labels say.
 *
 * @param {ChartData} data
 * @param {Token} token
 * @param {Room} room
 * @returns {Drawing}
 */
function shares({ labels, shares: lines }, token, room) {
  const traces = Object.entries(lines).map(([name, heights], line) => ({
    type: "scatter",
    mode: "lines+markers",
    name: plain(name),
    x: labels.map((_, place) => place),
    y: heights,
    text: labels.map((label) => `${plain(name)}, ${plain(label)}`),
    hovertemplate: "%{text}: %{y:.1%}<extra></extra>",
    marker: { color: token(`--curve-${line + 1}`) },
  }));
  const layout = frame(labels, token, room, gettext("Share of the faces"));
  return {
    traces,
    layout: {
      ...layout,
      yaxis: { ...layout.yaxis, tickformat: ".0%", range: [0, 1.02] },
      showlegend: true,
      legend: { orientation: "h", font: { size: 12 }, y: 1.02, yanchor: "bottom", x: 0 },
    },
  };
}

/**
 * Squares whose colour says how often; a heat map of plotly.js is a picture, which our policy does not let it make.
 *
 * @param {ChartData} data
 * @param {Token} token
 * @param {Room} room
 * @returns {Drawing}
 */
function together({ names, together: counts }, token, room) {
  const pairs = names.flatMap((_, row) => names.map((_other, column) => ({ row, column, count: counts[row][column] })));
  const shown = pairs.filter(({ row, column }) => row !== column);
  const side = Math.min(LARGEST_SQUARE, (Math.min(room.width, room.height) - NAMES_PIXELS) / names.length - GAP);
  const trace = {
    type: "scatter",
    mode: "markers",
    x: shown.map(({ column }) => column),
    y: shown.map(({ row }) => row),
    text: shown.map(({ row, column, count }) => plain(`${names[row]} & ${names[column]}: ${count}`)),
    hovertemplate: "%{text}<extra></extra>",
    marker: {
      symbol: "square",
      size: Math.max(side, 6),
      color: shown.map(({ count }) => count),
      cmin: 0,
      cmax: Math.max(1, ...shown.map(({ count }) => count)),
      colorscale: [[0, token("--stage-3")], [1, token("--light")]],
      line: { color: token("--line"), width: 1 },
    },
  };
  const axis = { tickvals: names.map((_, place) => place), ticktext: names.map((name) => plain(shortened(name))), range: [-0.5, names.length - 0.5], showgrid: false, zeroline: false, fixedrange: true };
  return {
    traces: [trace],
    layout: {
      showlegend: false,
      dragmode: false,
      margin: { l: 8, r: 8, t: 8, b: 8 },
      xaxis: { ...axis, tickangle: -45, automargin: true },
      yaxis: { ...axis, range: [names.length - 0.5, -0.5], automargin: true },
    },
  };
}

/**
 * @param {string[]} labels
 * @param {Token} token
 * @param {Room} room
 * @param {string} title
 * @returns {Layout}
 */
function frame(labels, token, room, title) {
  const every = Math.max(1, Math.ceil((labels.length * LABEL_PIXELS) / room.width));
  const places = labels.map((_, place) => place).filter((place) => place % every === 0);
  const axis = { gridcolor: token("--line"), linecolor: token("--line"), zeroline: false, fixedrange: true };
  return {
    dragmode: false,
    bargap: 0.15,
    margin: { l: 56, r: 12, t: 8, b: 40 },
    xaxis: { ...axis, tickvals: places, ticktext: places.map((place) => plain(labels[place])), tickangle: 0, showgrid: false, range: [-0.5, labels.length - 0.5] },
    yaxis: { ...axis, title: { text: title, standoff: 8 }, rangemode: "tozero" },
  };
}

/** @param {number} count */
function tenths(count) {
  return Array.from({ length: count }, (_, place) => `${(100 * place) / count}–${(100 * (place + 1)) / count} %`);
}
