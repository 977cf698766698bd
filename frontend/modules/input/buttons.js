/** The buttons below the pictures, made into what a rater can do. */

import { find, findAll } from "../parts/find.js";
import { inputOf } from "./presses.js";

/** @typedef {import("./keys.js").Acts} Acts */
/** @typedef {import("./keys.js").Choice} Choice */
/** @typedef {import("../pictures/slots.js").Face} Face */

/**
 * Listen to the buttons. A press leaves the focus where it was, on the pictures, so that the space
 * bar flips them.
 * @param {Acts} acts
 * @param {(face: Face | "versions") => void} show
 */
export function listenToButtons(acts, show) {
  for (const part of ["#controls", "#strip"]) {
    find(part).addEventListener("mousedown", (event) => event.preventDefault());
  }
  onClick("[data-face]", ({ dataset }) => show(/** @type {Face | "versions"} */ (dataset.face)));
  onClick("[data-choice]", ({ dataset }, event) =>
    acts.answer(/** @type {Choice} */ (dataset.choice), inputOf(event)),
  );
  onClick("[data-zoom]", ({ dataset }) => acts.zoom(Number(dataset.zoom)));
  onClick("[data-pan]", ({ dataset }) => {
    const [x, y] = (dataset.pan ?? "").split(" ").map(Number);
    acts.pan(x, y);
  });
  onClick("#undo", acts.undo);
  onClick("#pause", acts.pause);
  onClick("#flag-it", acts.flag);
}

/**
 * @param {string} selector
 * @param {(button: HTMLElement, event: MouseEvent) => void} act
 */
export function onClick(selector, act) {
  for (const button of findAll(selector)) {
    button.addEventListener("click", (event) => act(button, event));
  }
}
