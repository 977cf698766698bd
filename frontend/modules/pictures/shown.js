/** What the study wants shown, and what the device makes of it. */

import { enlargement } from "./pixels.js";
import { countBeside } from "./slots.js";

/** @typedef {import("./view.js").Size} Size */

/**
 * What the study wants shown.
 * @typedef {object} Shown
 * @property {import("./slots.js").Layout} layout
 * @property {number} enlarge
 * @property {number} width of a picture, in its pixels
 * @property {number} height
 * @property {boolean} isRefusing whether a window that is too small is refused
 */

/** Held in the hands: fingers alone, and too small for two pictures. The styles ask the same. */
const HELD = "(hover: none) and (pointer: coarse)";
const PHONE = `${HELD} and (max-width: 720px), ${HELD} and (max-height: 480px)`;

/**
 * Return what is to stand in the window, on a phone one picture at a time; a study that refuses
 * small windows wants its own layout or nothing.
 * @param {Shown} shown
 * @param {Size} picture in its own pixels
 * @param {number} [magnified]
 * @returns {import("./room.js").Wanted}
 */
export function wanted({ layout, enlarge, isRefusing }, picture, magnified = 1) {
  const isOneByOne = !isRefusing && window.matchMedia(PHONE).matches;
  const count = countBeside(layout);
  return { count, picture, enlarge: enlargement(enlarge), magnified, isOneByOne };
}
