/** The timeline of a concert, a session or a video. */

import { pageData, pageSignal } from "../lib/page.js";
import { loadedPlotly } from "../lib/plotly.js";
import { onThemeChange } from "../lib/theme.js";
import { TimelineChart } from "./chart.js";

const root = /** @type {HTMLElement|null} */ (document.querySelector("[data-timeline]"));
const data = /** @type {import("./traces.js").ChartData|null} */ (pageData("timeline-data"));

if (root && !loadedPlotly()) root.hidden = true;
else if (root && data) {
  const signal = pageSignal();
  const form = /** @type {HTMLFormElement} */ (root.querySelector("[data-timeline-choice]"));
  const place = /** @type {HTMLElement} */ (root.querySelector("[data-chart]"));
  const chart = new TimelineChart(place, data, signal, (url) => location.assign(url));
  const draw = () => {
    const chosen = new FormData(form);
    chart.draw(String(chosen.get("star") ?? ""), String(chosen.get("emotion") ?? ""));
  };
  form.addEventListener("change", draw, { signal });
  form.addEventListener("submit", (event) => event.preventDefault(), { signal });
  onThemeChange(draw, signal);
  draw();
}
