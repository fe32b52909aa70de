/** What pages call the emotions, whose labels are those of `inference/emotion/labels.py`. */

import { gettext } from "./words.js";

/** @type {Readonly<Record<string, string>>} */
const WORDS = {
  neutral: gettext("neutral"),
  happy: gettext("happy"),
  surprised: gettext("surprised"),
  sad: gettext("sad"),
  anger: gettext("anger"),
  disgust: gettext("disgust"),
  fear: gettext("fear"),
  contempt: gettext("contempt"),
};

/** @param {string} label */
export const emotionWord = (label) => WORDS[label] ?? label;
