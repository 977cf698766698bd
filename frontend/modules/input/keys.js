/** The keyboard, made into what a rater can do. */

import { findAll } from "../parts/find.js";
import { isPlusOnOne, isWriting, meaningOf } from "./keyboard.js";

/** What the space bar and the enter key are for where it has the focus. */
const PRESSED = "button, a, input";

/** A press that lasts longer shows the other version only while it lasts. */
export const HOLD_MS = 350;

/** @typedef {"key" | "mouse" | "pen" | "touch"} Input */
/** @typedef {"left" | "right" | "tie"} Choice */

/**
 * What the hands can do.
 * @typedef {object} Acts
 * @property {(slot?: number, step?: 1 | -1) => void} flip one slot, or all, on or back
 * @property {() => void} unflip back to what was shown before the last flip
 * @property {(choice: Choice, input: Input) => void} answer
 * @property {(x: number, y: number) => void} pan by steps to the right and down
 * @property {(x: number, y: number, begins: boolean) => void} drag by px
 * @property {(step: number) => void} zoom 1 for larger, -1 for smaller
 * @property {() => void} undo
 * @property {() => void} pause
 * @property {() => void} flag say that something is wrong
 * @property {() => void} help
 * @property {() => void} goOn after what a practice trial told
 * @property {() => void} wonder a key was pressed that does nothing
 */

/** @type {Record<string, Choice>} */
const ANSWERS = {
  1: "left",
  ArrowLeft: "left",
  2: "right",
  ArrowRight: "right",
  0: "tie",
  ArrowDown: "tie",
};

/** @type {Record<string, [number, number]>} */
const PANS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @type {Record<string, (acts: Acts) => void>} */
const OTHERS = {
  "+": (acts) => acts.zoom(1),
  "-": (acts) => acts.zoom(-1),
  u: (acts) => acts.undo(),
  Backspace: (acts) => acts.undo(),
  Enter: (acts) => acts.goOn(),
  p: (acts) => acts.pause(),
  f: (acts) => acts.flag(),
  "?": (acts) => acts.help(),
};

/** What the rater's keys send, as far as the browser tells. @type {import("./keyboard.js").Sent} */
let sent = new Map();

/**
 * Listen to the keyboard.
 * @param {Acts} acts
 * @param {HTMLElement} stage
 * @param {() => boolean} isListening whether a trial is on the page
 * @param {() => boolean} areOn whether single keys work everywhere, or on the pictures alone
 */
export function listenToKeys(acts, stage, isListening, areOn) {
  let pressedAt = NaN;
  void learn();
  // The rater may have chosen another keyboard meanwhile.
  window.addEventListener("focus", learn);
  document.addEventListener("keydown", (event) => {
    if (!isListening() || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = meaningOf(event, sent);
    const isPressing = key === " " || key === "Enter";
    if (isPressing && event.target instanceof Element && event.target.matches(PRESSED)) return;
    if (isPlusOnOne(event)) labelPlus();
    const isHeard = areOn() || event.target === stage;
    const act = isHeard ? actOf(key, event.shiftKey, areOn()) : null;
    if (!act) {
      if (isHeard && areOn() && (!key || isWriting(event.key))) acts.wonder();
      return;
    }
    // Arrows and the space bar must not scroll.
    event.preventDefault();
    if (event.repeat && !isPan(key, event.shiftKey)) return;
    if (key === " ") pressedAt = event.timeStamp;
    act(acts);
  });
  document.addEventListener("keyup", (event) => {
    if (meaningOf(event, sent) !== " " || Number.isNaN(pressedAt)) return;
    event.preventDefault();
    if (isListening() && event.timeStamp - pressedAt > HOLD_MS) acts.unflip();
    pressedAt = NaN;
  });
}

/**
 * Return what a key does; only space bar, enter and shifted arrows where single keys are off.
 * @param {string} key what it means
 * @param {boolean} isShifted
 * @param {boolean} areOn
 * @returns {((acts: Acts) => void) | null}
 */
function actOf(key, isShifted, areOn) {
  if (key === " ") return (acts) => acts.flip();
  if (key === "Enter") return OTHERS.Enter;
  if (isPan(key, isShifted)) return (acts) => acts.pan(...PANS[key]);
  if (!areOn) return null;
  if (key in ANSWERS) return (acts) => acts.answer(ANSWERS[key], "key");
  return OTHERS[key] ?? null;
}

/**
 * @param {string} key
 * @param {boolean} isShifted
 */
function isPan(key, isShifted) {
  return isShifted && key in PANS;
}

/** Ask the browser what the keys send; many don't tell. */
async function learn() {
  try {
    sent = await /** @type {any} */ (navigator).keyboard.getLayoutMap();
  } catch {
    return;
  }
  if (sent.get("Digit1") === "+") labelPlus();
}

/** The key with the plus sign is that of an answer: the one beside it magnifies. */
function labelPlus() {
  for (const label of findAll("[data-plus]")) label.textContent = "=";
}
