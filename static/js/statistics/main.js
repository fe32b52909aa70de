/** Statistics of a star or a concert. */

import { later, pageData, pageSignal } from "../lib/page.js";
import { baseLayout, CONFIG, loadedPlotly, themeTokens } from "../lib/plotly.js";
import { onThemeChange } from "../lib/theme.js";
import { CHARTS } from "./charts.js";

const LOOK_AGAIN_MS = 4000;

const signal = pageSignal();
const data = /** @type {import("./charts.js").ChartData|null} */ (pageData("statistics-data"));
const places = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-chart]")]);
const plotly = loadedPlotly();

if (document.querySelector("[data-counting]")) later(LOOK_AGAIN_MS, signal, () => location.reload());
if (!plotly) for (const place of places) place.hidden = true;
else if (data) {
  const draw = () => {
    const token = themeTokens();
    for (const place of places) {
      const { traces, layout } = CHARTS[place.dataset.chart ?? ""](data, token, { width: place.clientWidth, height: place.clientHeight });
      plotly.react(place, traces, { ...baseLayout(token), ...layout }, CONFIG);
    }
  };
  onThemeChange(draw, signal);
  signal.addEventListener("abort", () => places.forEach((place) => plotly.purge(place)), { once: true });
  draw();
}
