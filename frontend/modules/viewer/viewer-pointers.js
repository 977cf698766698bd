/** Mouse and fingers on the viewer's pictures: they move, magnify, flip, and drag the divider. */

import { find } from "../parts/find.js";
import { listenToPresses } from "../input/presses.js";

/** @typedef {import("./viewing.js").Viewing} Viewing */
/** @typedef {(act: (viewing: Viewing) => void) => void} Change */

/** So many px of a wheel that is turned with ctrl, or two fingers on a pad, are a step of zoom. */
const WHEEL_STEP_PX = 40;

/**
 * @param {HTMLElement} stage
 * @param {Viewing} viewing
 * @param {Change} change
 */
export function listenToPointers(stage, viewing, change) {
  const acts = {
    flip: () => {
      if (viewing.mode === "flip") change((it) => it.flip());
    },
    unflip: () => acts.flip(),
    /** @param {number} x @param {number} y */
    drag: (x, y) => {
      const ratio = window.devicePixelRatio;
      change((it) => it.view.pan(Math.round(-x * ratio), Math.round(-y * ratio)));
    },
    /** @param {number} step */
    zoom: (step) => change((it) => it.zoom(step)),
  };
  listenToPresses(stage, acts, () => viewing.view.canPan);
  listenToZoomingWheel(stage, change);
  listenToDivider(stage, change);
}

/**
 * @param {HTMLElement} stage
 * @param {Change} change
 */
function listenToZoomingWheel(stage, change) {
  let turned = 0;
  stage.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      turned -= event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 40);
      if (Math.abs(turned) < WHEEL_STEP_PX) return;
      const step = Math.sign(turned);
      turned = 0;
      change((viewing) => viewing.zoom(step, underPointer(event)));
    },
    { passive: false },
  );
}

/**
 * Return where a pointer is, in device pixels from the middle of the picture that it is on.
 * @param {MouseEvent} event
 */
function underPointer(event) {
  const pane = event.target instanceof Element && event.target.closest("canvas");
  if (!pane) return undefined;
  const { left, top, width, height } = pane.getBoundingClientRect();
  const ratio = window.devicePixelRatio;
  return {
    x: Math.round((event.clientX - left - width / 2) * ratio),
    y: Math.round((event.clientY - top - height / 2) * ratio),
  };
}

/**
 * @param {HTMLElement} stage
 * @param {Change} change
 */
function listenToDivider(stage, change) {
  const divider = find(".divider", stage);
  const canvas = find("canvas", stage);
  let isHeld = false;
  divider.addEventListener("pointerdown", (event) => {
    event.stopPropagation(); // else the picture would be moved
    isHeld = true;
    divider.setPointerCapture(event.pointerId);
  });
  divider.addEventListener("pointermove", (event) => {
    if (!isHeld) return;
    const { left, width } = canvas.getBoundingClientRect();
    change((viewing) => viewing.divide((event.clientX - left) / width));
  });
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"]))
    divider.addEventListener(end, () => (isHeld = false));
}
