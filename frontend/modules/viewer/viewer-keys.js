/** The keys of the viewer: they work while its pictures have the focus. */

import { meaningOf } from "../input/keyboard.js";

/** @typedef {import("./viewing.js").Viewing} Viewing */

/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** @type {Record<string, (viewing: Viewing) => void>} */
const KEYS = {
  " ": (viewing) => viewing.flip(),
  "+": (viewing) => viewing.zoom(1),
  "-": (viewing) => viewing.zoom(-1),
  1: (viewing) => viewing.exact(),
  0: (viewing) => viewing.whole(),
  m: (viewing) => viewing.nextMode(),
  x: (viewing) => viewing.swap(),
  ",": (viewing) => viewing.adjust(-1),
  ".": (viewing) => viewing.adjust(1),
};

/**
 * @param {HTMLElement} stage
 * @param {(act: (viewing: Viewing) => void) => void} change
 */
export function listenToViewerKeys(stage, change) {
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = meaningOf(event, new Map());
    const move = MOVES[key];
    const act = move ? moving(move, event.shiftKey) : KEYS[key];
    if (!act) return;
    event.preventDefault();
    if (event.repeat && key === " ") return;
    change(act);
  });
}

/**
 * @param {[number, number]} move
 * @param {boolean} isFine by single pixels
 * @returns {(viewing: Viewing) => void}
 */
function moving([x, y], isFine) {
  return (viewing) => (isFine ? viewing.nudge(x, y) : viewing.pan(x, y));
}
