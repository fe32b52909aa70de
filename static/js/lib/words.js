/**
 * Texts in the language of the page.
 *
 * The catalogue is Django's own (`core:words`), which pages in other languages than English load before their modules.
 *
 * @typedef {{gettext: (text: string) => string, ngettext: (one: string, many: string, count: number) => string}} Catalogue
 */

/** @returns {Catalogue|undefined} nothing on an English page */
const catalogue = () => /** @type {{django?: Catalogue}} */ (globalThis).django;

/**
 * @param {string} text
 * @param {Record<string, string|number>} [values] what stands for `%(name)s` in the text
 */
export function gettext(text, values = {}) {
  return filled(catalogue()?.gettext(text) ?? text, values);
}

/**
 * @param {string} one
 * @param {string} many
 * @param {number} count
 * @param {Record<string, string|number>} [values] besides `count`
 */
export function ngettext(one, many, count, values = {}) {
  return filled(catalogue()?.ngettext(one, many, count) ?? (count === 1 ? one : many), { count, ...values });
}

/**
 * @param {string} text
 * @param {Record<string, string|number>} values
 */
function filled(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => String(values[name] ?? whole));
}

/** @returns {string} the language of the page, for numbers and dates */
export const language = () => globalThis.document?.documentElement?.lang || "en";

/**
 * A number of pictures as the language writes it.
 *
 * @param {string} noun "photo" or "moment"
 * @param {number} count
 */
export function picturesInWords(noun, count) {
  const values = { number: count.toLocaleString(language()) };
  return noun === "moment"
    ? ngettext("%(number)s moment", "%(number)s moments", count, values)
    : ngettext("%(number)s photo", "%(number)s photos", count, values);
}
