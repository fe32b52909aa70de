/** The rules of the scripts: ESLint's recommended ones, the limits of docs/architecture.md, and no type that says nothing. */

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

export default [
  js.configs.recommended,
  {
    files: ["**/*.js"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    plugins: { encore: { rules: { "said-types": saidTypes } } },
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
  { files: ["static/js/**"], languageOptions: { globals: globals.browser } },
  // The tests lay their own document and sockets over node.
  { files: ["tests/js/**"], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
];
