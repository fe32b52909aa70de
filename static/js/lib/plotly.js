/** What pages share that draw with plotly.js. */

/**
 * What is used of plotly.js, which comes as a script of its own and brings no types.
 *
 * @typedef {object} Plotly
 * @property {(place: HTMLElement, traces: object[], layout: object, config: object) => Promise<unknown>} react
 * @property {(place: HTMLElement) => void} purge
 */

export const CONFIG = { displayModeBar: false, responsive: true, doubleClick: "reset", showTips: false };
const LONGEST_NAME = 18;

/** @returns {Plotly|null} nothing where the script could not be loaded */
export const loadedPlotly = () => /** @type {{Plotly?: Plotly}} */ (/** @type {unknown} */ (globalThis)).Plotly ?? null;

/**
 * @returns {(name: string) => string} the values of the page's theme, by their names
 */
export function themeTokens() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

/**
 * What every chart looks like.
 *
 * @param {(name: string) => string} token of the page's theme
 */
export function baseLayout(token) {
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: token("--text-soft"), family: getComputedStyle(document.body).fontFamily, size: 13 },
    hovermode: "closest",
    hoverlabel: { bgcolor: token("--stage-3"), bordercolor: token("--stage-4"), font: { color: token("--text") } },
  };
}

/**
 * A name that leaves room for what is drawn, also on a phone.
 *
 * @param {string} name
 */
export function shortened(name) {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
}

/**
 * Take from a text what plotly.js would read as markup; it knows a few tags and draws them.
 *
 * @param {string} text
 */
export function plain(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("$", "＄").replaceAll("%{", "% {");
}
