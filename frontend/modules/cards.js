/** One state of the page at a time: shows the parts that are for it, and gives one the focus. */

import { find, findAll } from "./find.js";

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
   * Show a state's parts. What is marked `data-focus` gets the focus, else the first part, so that
   * a screen reader reads it.
   * @param {string} state
   */
  enter(state) {
    if (this.state === state) return;
    this.#page.dataset.state = state;
    const shown = findAll("[data-for]").filter((part) => {
      part.hidden = !(part.dataset.for ?? "").split(" ").includes(state);
      return !part.hidden;
    });
    const focus = shown.find((part) => part.querySelector("[data-focus]"));
    const target = focus ? find("[data-focus]", focus) : shown[0];
    target?.focus({ preventScroll: true });
    this.#onEnter();
  }
}
