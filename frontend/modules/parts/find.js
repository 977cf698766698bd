/** Elements that must be there. */

/**
 * Return the first element that matches.
 * @template {Element} [T=HTMLElement]
 * @param {string} selector
 * @param {ParentNode} root
 * @returns {T}
 */
export function find(selector, root = document) {
  const element = root.querySelector(selector);
  if (!element) throw new Error(`The page has no ${selector}.`);
  return /** @type {T} */ (element);
}

/**
 * Return all elements that match.
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export function findAll(selector) {
  return [...document.querySelectorAll(selector)].filter((found) => found instanceof HTMLElement);
}
