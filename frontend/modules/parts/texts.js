/** The words that scripts put on the page: they stand in its template, in the rater's language. */

const template = /** @type {HTMLTemplateElement | null} */ (document.querySelector("#texts"));

/**
 * Return a text of the page, with its {names} filled in.
 * @param {string} name
 * @param {Record<string, string | number>} values
 */
export function text(name, values = {}) {
  const element = template?.content.querySelector(`[data-text="${name}"]`);
  if (!element) throw new Error(`The page has no text ${name}.`);
  const filled = (element.textContent ?? "").replace(/\{(\w+)\}/g, (whole, key) =>
    key in values ? String(values[key]) : whole,
  );
  return filled.replace(/\s+/g, " ").trim();
}
