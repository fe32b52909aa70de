/** The rules of the scripts: ESLint's recommended ones, the limits of docs/architecture.md, no type that says nothing, and no word that stays English. */

import js from "@eslint/js";
import globals from "globals";

const LONGEST_FILE = 500;
const LONGEST_FUNCTION = 45;
/** In a type's braces: `any`, `*`, `Object`, `Function`, each of which switches the check off. */
const SAYS_NOTHING = /\{[^{}]*(\bany\b|(?<!["`])\*(?!["`])|\bObject\b(?!\.)|\bFunction\b)[^{}]*\}/;
const SWITCHES_OFF = /@ts-(nocheck|ignore|expect-error)/;
const WRITES_MARKUP = "AssignmentExpression > MemberExpression.left[property.name=/^(inner|outer)HTML$/], CallExpression[callee.property.name='insertAdjacentHTML']";

/** Finds comments that tell `tsc` to look away; `tsc` itself has no such rule for JSDoc. */
const saidTypes = {
  create: ({ report, sourceCode }) => ({
    Program() {
      for (const comment of sourceCode.getAllComments()) {
        const isType = comment.type === "Block" && comment.value.startsWith("*");
        const lines = isType ? comment.value.split("\n").filter((line) => line.includes("@")) : [];
        if (SWITCHES_OFF.test(comment.value) || lines.some((line) => SAYS_NOTHING.test(line))) {
          report({ loc: comment.loc, message: "Say the real type: this one switches the check off." });
        }
      }
    },
  }),
};

const TRANSLATES = new Set(["gettext", "ngettext"]);
/** Calls whose texts are read by those who program, not by fans. */
const FOR_PROGRAMMERS = /^(Error|TypeError|RangeError|DOMException|info|warn|error|log|querySelector|querySelectorAll|closest|matches|addEventListener)$/;
const SHOWN_AS = new Set(["aria-label", "title", "placeholder", "alt", "label", "text"]);
const SENTENCE = /(^|\s)[A-Z][a-z']+,? [a-z]+|[A-Z][a-z]+[.…!?]$|^[a-z]+( [a-z]+){2,}[.…]?$/;
const WORD = /[A-Za-z]{2,}/;

const calledName = ({ callee }) => callee.property?.name ?? callee.name;
const keyOf = ({ key }) => key?.name ?? key?.value;

/** Whether what stands here is seen as it is: an attribute that is shown, `textContent`, a child of `element`, a toast. */
function isShown(node, parent) {
  if (parent.type === "Property") return SHOWN_AS.has(keyOf(parent)) && parent.value === node;
  if (parent.type === "AssignmentExpression") return parent.left.property?.name === "textContent";
  if (parent.type === "ConditionalExpression") return parent.test !== node && isShown(parent, parent.parent);
  if (parent.type !== "CallExpression") return false;
  const place = parent.arguments.indexOf(node);
  if (calledName(parent) === "setAttribute") return SHOWN_AS.has(parent.arguments[0].value) && place === 1;
  return (calledName(parent) === "element" && place > 1) || (calledName(parent) === "toast" && place === 0);
}

/** Whether the texts inside a node are translated, or are none that a fan reads. */
function isAnswered(node) {
  if (node.type === "ImportDeclaration") return true;
  if (node.type === "Property") return keyOf(node) === "class";
  if (node.type !== "CallExpression" && node.type !== "NewExpression") return false;
  return TRANSLATES.has(calledName(node)) || FOR_PROGRAMMERS.test(calledName(node) ?? "");
}

/** Finds English that no translation can reach (`lib/words.js`). */
const saidWords = {
  create({ report, sourceCode }) {
    const check = (node, text, template) => {
      if (sourceCode.getAncestors(node).some(isAnswered)) return;
      const isWord = WORD.test(text) && isShown(template ?? node, (template ?? node).parent);
      if (isWord || SENTENCE.test(text)) report({ node, message: "Say it with gettext, so that it can be said in Korean." });
    };
    return {
      Literal: (node) => typeof node.value === "string" && check(node, node.value),
      TemplateElement: (node) => check(node, node.value.cooked, node.parent),
    };
  },
};

export default [
  js.configs.recommended,
  {
    files: ["**/*.js"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    plugins: { encore: { rules: { "said-types": saidTypes, "said-words": saidWords } } },
    rules: {
      "encore/said-types": "error",
      "max-lines": ["error", LONGEST_FILE],
      "max-lines-per-function": ["error", LONGEST_FUNCTION],
      "array-callback-return": "error",
      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-param-reassign": "error",
      "no-restricted-syntax": ["error", { selector: WRITES_MARKUP, message: "Build elements (lib/dom.js): a name can become markup here." }],
      "no-self-compare": "error",
      "no-shadow": "error",
      "no-template-curly-in-string": "error",
      "no-throw-literal": "error",
      "no-unmodified-loop-condition": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  { files: ["static/js/**"], languageOptions: { globals: globals.browser }, rules: { "encore/said-words": "error" } },
  // The tests lay their own document and sockets over node.
  { files: ["tests/js/**"], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
];
