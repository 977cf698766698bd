/** Around the pictures: what is asked, what can be done now, and how far one is. */

import { find, findAll } from "../parts/find.js";
import { text } from "../parts/texts.js";

/** @typedef {import("./stage.js").Stage} Stage */

/** @param {string} words what keeps an answer from being taken, or what was just done */
export function hint(words) {
  find("#hint").textContent = words;
}

/** @param {string} name of what is to be known of the pictures; "" for nothing */
export function notice(name) {
  say("#notice", name);
}

/**
 * Show what is seen now, and whether an answer can be given.
 * @param {Stage} stage
 * @param {boolean} isFree whether nothing keeps an answer from being taken
 */
export function showStage(stage, isFree) {
  const { showing, arrangement, next } = stage.slots;
  find("#controls").dataset.arrangement = arrangement;
  const isOriginal = showing.every((face) => face === "original");
  for (const button of findAll("[data-face]")) {
    const { face } = button.dataset;
    const isShown = face === "versions" ? !isOriginal : isFace(face, showing, isOriginal);
    button.setAttribute("aria-pressed", String(isShown));
    button.toggleAttribute("data-next", face === next);
  }
  for (const button of findAll("[data-choice]")) {
    button.setAttribute("aria-disabled", String(!isFree));
  }
  for (const one of findAll("[data-magnified]")) one.textContent = `${stage.magnifiedNow} ×`;
  disable("[data-zoom='1']", stage.magnifiedNow === 4);
  disable("[data-zoom='-1']", stage.magnifiedNow === 1);
  find("#pans").toggleAttribute("data-idle", !stage.canPan);
}

/**
 * @param {string | undefined} face
 * @param {string[]} showing
 * @param {boolean} isOriginal
 */
function isFace(face, showing, isOriginal) {
  return face === "original" ? isOriginal : showing.some((shown) => shown === face);
}

/**
 * Say what a button does is of no use now, and leave it in the order of focus.
 * @param {string} selector
 * @param {boolean} isOff
 */
export function disable(selector, isOff) {
  find(selector).setAttribute("aria-disabled", String(isOff));
}

/**
 * Show how far the rater is.
 * @param {{ number: number, total: number, minutes: number, isTraining: boolean }} progress
 */
export function showProgress({ number, total, minutes, isTraining }) {
  const bar = /** @type {HTMLProgressElement} */ (find("#bar"));
  bar.max = Math.max(total, 1);
  bar.value = number - 1;
  find("#progress").textContent = text(isTraining ? "practice" : "progress", { number, total });
  find("#left").textContent = isTraining ? "" : timeLeft(minutes);
}

/** @param {number} minutes */
export function timeLeft(minutes) {
  return minutes < 1 ? text("left_less") : text("left", { n: Math.round(minutes) });
}

/**
 * Show what became of the answers, in the strip and on the card of a break.
 * @param {import("../session/outbox.js").Outbox} outbox
 */
export function showDelivery({ refused, delivery, size }) {
  const isRefused = refused > 0 && delivery === "saved";
  say("#saved", isRefused ? "refused" : delivery, isRefused ? refused : size);
  say("#rest-saved", isRefused ? "refused" : `rest_${delivery}`, isRefused ? refused : size);
}

/**
 * @param {string} selector
 * @param {string} name of the text; "" for none
 * @param {number} [n]
 */
function say(selector, name, n = 0) {
  const element = find(selector);
  const words = name && text(name, { n });
  // Said again it would be read out again.
  if (element.textContent !== words) element.textContent = words;
}
