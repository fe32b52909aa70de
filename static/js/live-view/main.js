/** The viewer page and the wall: every `[data-live-view]` shows its session. */

import { Guide } from "../lib/following.js";
import { FaceList } from "../lib/live_faces.js";
import { pageSignal } from "../lib/page.js";
import { Nearer } from "./nearer.js";
import { LiveView } from "./view.js";

const FIGURES_MS = 500;
const signal = pageSignal();

/** @param {HTMLElement} root */
function wire(root) {
  const list = /** @type {HTMLElement|null} */ (root.querySelector("[data-faces]"));
  const faceList = list && new FaceList(list);
  const words = /** @type {HTMLElement} */ (root.querySelector("[data-words]"));
  const guide = new Guide(root.querySelector("[data-guide]"));
  const nearer = new Nearer(root, signal, (isNear) => (view.isZoomed = isNear));
  const view = new LiveView(root, signal, {
    faces: (faces, width) => {
      if (faces) faceList?.show(faces, performance.now());
      else faceList?.clear();
      if (faces) guide.show(faces, width, false, performance.now());
      else guide.hide();
    },
    following: ({ person, name }) => {
      guide.follow(person, name);
      nearer.follow(name);
    },
    say: (text) => {
      if (words.dataset.said === text) return;
      words.dataset.said = text;
      const place = /** @type {HTMLElement} */ (words.querySelector("[data-words-text]"));
      place.textContent = text;
      words.hidden = !text;
    },
  });
  const show = (/** @type {string} */ name, /** @type {string} */ text) => {
    for (const place of root.querySelectorAll(`[data-figure="${name}"]`)) place.textContent = text;
  };
  const timer = setInterval(() => {
    view.notice();
    const { perSecond, ageMs, isQuiet } = view.figures;
    show("rate", isQuiet ? "–" : perSecond.toFixed(1));
    show("age", isQuiet || Number.isNaN(ageMs) ? "–" : `${Math.round(ageMs)} ms`);
  }, FIGURES_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}

for (const root of document.querySelectorAll("[data-live-view]")) wire(/** @type {HTMLElement} */ (root));
