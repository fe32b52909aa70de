/** CSS selectors, as far as the scripts write them: lists, descendants, children, attributes, `:not()`, `:has()` and states. */

const STEP = /([\w-]+|\*)|\.([\w-]+)|#([\w-]+)|\[([\w-]+)(?:(\^?=)(?:"([^"]*)"|([\w-]+)))?\]|:([\w-]+)(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\))?/y;

/** What a user does to an element without a script. */
const STATES = {
  checked: (element) => element.checked === true,
  focus: (element) => globalThis.document.activeElement === element,
  "focus-within": (element) => element.contains(globalThis.document.activeElement),
  hover: (element) => element.isPointedAt === true,
  active: (element) => element.isHeld === true,
};

/** @param {string} text @param {RegExp} where @returns {string[]} parted where no bracket is open */
function parted(text, where) {
  const parts = [""];
  let depth = 0;
  for (const letter of text) {
    depth += "[(".includes(letter) ? 1 : "])".includes(letter) ? -1 : 0;
    if (depth === 0 && where.test(letter)) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts.filter(Boolean);
}

/** @param {string} selector */
function stepsOf(selector) {
  const steps = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < selector.length) {
    const found = STEP.exec(selector);
    if (!found) throw new Error(`the fake document does not know the selector ${selector}`);
    steps.push(found);
  }
  return steps;
}

/** Whether an element fits one step, such as `.tile`. */
function fitsStep(element, [, tag, name, id, attribute, compare, quoted, plain, state, inner]) {
  if (tag) return tag === "*" || element.tag === tag;
  if (name) return element.classList.contains(name);
  if (id) return element.getAttribute("id") === id;
  if (attribute) {
    const wanted = quoted ?? plain;
    const value = element.getAttribute(attribute);
    if (value === null || compare === undefined) return value !== null;
    return compare === "=" ? value === wanted : value.startsWith(wanted);
  }
  if (state === "not") return !matches(element, inner);
  if (state === "has") return element.querySelector(inner) !== null;
  if (!STATES[state]) throw new Error(`the fake document does not know :${state}`);
  return STATES[state](element);
}

/** @param {string[]} path the compounds and `>` between them */
function fitsPath(element, path) {
  if (!stepsOf(path.at(-1)).every((step) => fitsStep(element, step))) return false;
  const rest = path.slice(0, -1);
  if (!rest.length) return true;
  if (rest.at(-1) === ">") return Boolean(element.parent?.tag) && fitsPath(element.parent, rest.slice(0, -1));
  for (let above = element.parent; above; above = above.parent) if (above.tag && fitsPath(above, rest)) return true;
  return false;
}

/**
 * @param {import("./fake_dom.js").TreeElement} element
 * @param {string} selector
 */
export function matches(element, selector) {
  return parted(selector, /,/).some((path) => fitsPath(element, parted(path.trim(), /\s/)));
}
