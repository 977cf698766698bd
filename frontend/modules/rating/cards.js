/** One state of the page at a time: shows the parts that are for it, and gives one the focus. */

import { findAll } from "../parts/find.js";

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
   * Show a state's parts. What is marked `data-focus` (for all states, or for those it names)
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
  const isNamed = focus === "" || focus?.split(" ").includes(state);
  return isNamed === true && element.getClientRects().length > 0;
}

/**
 * Let the enter key press the main button of a card that has the focus itself. Consent needs the
 * button: nobody gives it by a key pressed too often.
 */
export function listenToEnter() {
  document.addEventListener("keydown", (event) => {
    const card = event.target;
    if (event.key !== "Enter" || event.repeat || !(card instanceof HTMLElement)) return;
    if (!card.matches(".card") || card.dataset.for === "consent") return;
    /** @type {HTMLElement | null} */ (card.querySelector("button.main"))?.click();
  });
}
