/** A trial as it is asked: for the first time, or again after its answer was taken back. No DOM. */

import { noTimes } from "./stopwatch.js";

/** @typedef {import("../pictures/slots.js").Face} Face */
/** How a trial was looked at. */
/** @typedef {{ flips: number, seen: Set<Face>, magnified: number, pans: number }} Looked */
/** What belongs to a trial for as long as the page has it. */
/** @typedef {object} Asking
 * @property {number} attempt the number of the answer that it waits for
 * @property {"left" | "right"} first
 * @property {import("./stopwatch.js").Times} times
 * @property {Looked} [looked] there once it was on the page
 */
/** @typedef {import("./supply.js").Ready & Asking} Asked */

/**
 * Return a trial to be asked; one that was on the page before goes on as it was left.
 * @param {import("./supply.js").Ready | Asked} ready
 * @returns {Asked}
 */
export function asking(ready) {
  const first = Math.random() < 0.5 ? "left" : "right";
  return { attempt: ready.trial.attempt ?? 1, first, times: noTimes(), ...ready };
}

/**
 * Return a trial to be asked once more.
 * @param {Asked} answered
 * @returns {Asked}
 */
export function askingAgain(answered) {
  return { ...answered, attempt: answered.attempt + 1 };
}
