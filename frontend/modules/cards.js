/** One state of the page at a time: shows the parts that are for it, and gives one the focus. */

import { findAll } from "./find.js";

export class Cards {
  #page;
  #onEnter;

  /**
   * @param {HTMLElement} page
   * @param {() => void} onEnter called when the state has changed
   */
  constructor(page, onEnter) {
    this.#page = page;
    this.#onEnter = onEnter;
  }

  get state() {
    return this.#page.dataset.state ?? "";
  }

  /**
   * Show a state's parts. What is marked `data-focus` (for all states, or for the one it names)
   * and can be seen gets the focus, else the first part, so that a screen reader reads it.
   * @param {string} state
   */
  enter(state) {
    if (this.state === state) return;
    this.#page.dataset.state = state;
    const shown = findAll("[data-for]").filter((part) => {
      part.hidden = !(part.dataset.for ?? "").split(" ").includes(state);
      return !part.hidden;
    });
    const target = findAll("[data-focus]").find((one) => isFor(one, state)) ?? shown[0];
    target?.focus({ preventScroll: true });
    this.#onEnter();
  }
}

/**
 * @param {HTMLElement} element
 * @param {string} state
 */
function isFor(element, state) {
  const { focus } = element.dataset;
  return (focus === "" || focus === state) && element.getClientRects().length > 0;
}
