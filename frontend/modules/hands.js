/** Keys, mouse and touch, made into the few things that a rater can do. */

/** A press that lasts longer shows the other version only while it lasts. */
const HOLD_MS = 350;
/** Movement beyond this many px is panning, not a tap. */
const TAP_PX = 10;

/** @typedef {"key" | "mouse" | "pen" | "touch"} Input */
/** @typedef {"left" | "right" | "tie"} Choice */

/**
 * What the hands can do.
 * @typedef {object} Acts
 * @property {() => void} flip
 * @property {() => void} unflip back to what was shown before the last flip
 * @property {(choice: Choice, input: Input) => void} answer
 * @property {(x: number, y: number) => void} pan
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

/**
 * Listen to the keyboard.
 * @param {Acts} acts
 * @param {() => boolean} isListening whether a trial is on the page
 */
export function listenToKeys(acts, isListening) {
  let pressedAt = NaN;
  document.addEventListener("keydown", (event) => {
    if (!isListening() || event.ctrlKey || event.metaKey || event.altKey) return;
    const pan = event.shiftKey && PANS[event.key];
    if (!pan && event.key !== " " && !(event.key in ANSWERS)) return;
    // The space bar must not press a button that has the focus, nor arrows scroll.
    event.preventDefault();
    if (pan) acts.pan(...pan);
    else if (event.repeat) return;
    else if (event.key !== " ") acts.answer(ANSWERS[event.key], "key");
    else {
      pressedAt = event.timeStamp;
      acts.flip();
    }
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== " " || !isListening()) return;
    event.preventDefault();
    if (event.timeStamp - pressedAt > HOLD_MS) acts.unflip();
    pressedAt = NaN;
  });
}

/**
 * Listen to presses on the pictures. A mouse flips at once; a finger when it is lifted or has
 * rested, because it may be about to pan.
 * @param {HTMLElement} element
 * @param {Acts} acts
 */
export function listenToPresses(element, acts) {
  /** @type {{ at: number, x: number, y: number, timer: number, isHeld: boolean } | null} */
  let press = null;

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary || isOnScrollbar(event, element)) return;
    press = { at: event.timeStamp, x: event.clientX, y: event.clientY, timer: 0, isHeld: false };
    const begun = press;
    if (event.pointerType === "touch") {
      press.timer = setTimeout(() => {
        begun.isHeld = true;
        acts.flip();
      }, HOLD_MS);
    } else {
      press.isHeld = true;
      acts.flip();
    }
  });

  /** @param {PointerEvent} event */
  const release = (event) => {
    if (!press) return;
    clearTimeout(press.timer);
    const { isHeld, at } = press;
    const isTap = event.type === "pointerup" && !isMoved(event, press);
    press = null;
    if (!isHeld && isTap) acts.flip();
    else if (isHeld && event.timeStamp - at > HOLD_MS) acts.unflip();
  };
  window.addEventListener("pointerup", release);
  window.addEventListener("pointercancel", release);
  // A finger that rests would open the picture's menu.
  element.addEventListener("contextmenu", (event) => event.preventDefault());
}

/**
 * Tell by what means a button was pressed.
 * @param {MouseEvent} event
 * @returns {Input}
 */
export function inputOf(event) {
  const type = "pointerType" in event ? event.pointerType : "";
  if (type === "touch" || type === "pen" || type === "mouse") return type;
  return event.detail === 0 ? "key" : "mouse";
}

/**
 * @param {PointerEvent} event
 * @param {{ x: number, y: number }} start
 */
function isMoved(event, { x, y }) {
  return Math.hypot(event.clientX - x, event.clientY - y) > TAP_PX;
}

/**
 * @param {PointerEvent} event
 * @param {HTMLElement} element
 */
function isOnScrollbar(event, element) {
  const { left, top } = element.getBoundingClientRect();
  return event.clientX - left > element.clientWidth || event.clientY - top > element.clientHeight;
}
