/** The keyboard, made into what a rater can do. */

/** What the space bar is for where it has the focus. */
const PRESSED = "button, a, input";

/** A press that lasts longer shows the other version only while it lasts. */
export const HOLD_MS = 350;

/** @typedef {"key" | "mouse" | "pen" | "touch"} Input */
/** @typedef {"left" | "right" | "tie"} Choice */

/**
 * What the hands can do.
 * @typedef {object} Acts
 * @property {(slot?: number) => void} flip one slot, or all
 * @property {() => void} unflip back to what was shown before the last flip
 * @property {(choice: Choice, input: Input) => void} answer
 * @property {(x: number, y: number) => void} pan by steps to the right and down
 * @property {(x: number, y: number, begins: boolean) => void} drag by px
 * @property {(step: number) => void} zoom 1 for larger, -1 for smaller
 * @property {() => void} undo
 * @property {() => void} pause
 * @property {() => void} help
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
  "=": (acts) => acts.zoom(1),
  "-": (acts) => acts.zoom(-1),
  u: (acts) => acts.undo(),
  backspace: (acts) => acts.undo(),
  p: (acts) => acts.pause(),
  "?": (acts) => acts.help(),
};

/**
 * Listen to the keyboard.
 * @param {Acts} acts
 * @param {HTMLElement} stage
 * @param {() => boolean} isListening whether a trial is on the page
 * @param {() => boolean} areOn whether single keys work everywhere, or on the pictures alone
 */
export function listenToKeys(acts, stage, isListening, areOn) {
  let pressedAt = NaN;
  document.addEventListener("keydown", (event) => {
    if (!isListening() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target instanceof Element && event.target.matches(PRESSED)) return;
    const act = areOn() || event.target === stage ? actOf(event, areOn()) : null;
    if (!act) return;
    // Arrows and the space bar must not scroll.
    event.preventDefault();
    if (event.repeat && !event.shiftKey) return;
    if (event.key === " ") pressedAt = event.timeStamp;
    act(acts);
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== " " || Number.isNaN(pressedAt)) return;
    event.preventDefault();
    if (isListening() && event.timeStamp - pressedAt > HOLD_MS) acts.unflip();
    pressedAt = NaN;
  });
}

/**
 * Return what a key does; only the space bar and shifted arrows where single keys are off.
 * @param {KeyboardEvent} event
 * @param {boolean} areOn
 * @returns {((acts: Acts) => void) | null}
 */
function actOf(event, areOn) {
  const { key } = event;
  if (key === " ") return (acts) => acts.flip();
  if (event.shiftKey && key in PANS) return (acts) => acts.pan(...PANS[key]);
  if (!areOn) return null;
  if (key in ANSWERS) return (acts) => acts.answer(ANSWERS[key], "key");
  return OTHERS[key.toLowerCase()] ?? null;
}
