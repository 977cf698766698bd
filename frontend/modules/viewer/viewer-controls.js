/** The viewer's buttons and fields: what they do, and what they show of the view. */

import { find, findAll } from "../parts/find.js";
import { text } from "../parts/texts.js";
import { MODES } from "./viewer-address.js";

/** @typedef {import("./viewing.js").Viewing} Viewing */
/** @typedef {(act: (viewing: Viewing) => void) => void} Change */

const SIDES = /** @type {const} */ (["left", "right"]);
/** @type {Record<string, (viewing: Viewing) => void>} */
const ACTS = {
  flip: (viewing) => viewing.flip(),
  swap: (viewing) => viewing.swap(),
  larger: (viewing) => viewing.zoom(1),
  smaller: (viewing) => viewing.zoom(-1),
  exact: (viewing) => viewing.exact(),
  whole: (viewing) => viewing.whole(),
  "move-left": (viewing) => viewing.pan(-1, 0),
  "move-right": (viewing) => viewing.pan(1, 0),
  "move-up": (viewing) => viewing.pan(0, -1),
  "move-down": (viewing) => viewing.pan(0, 1),
};

/** @param {Change} change */
export function listenToControls(change) {
  for (const button of findAll("#viewer [data-act]")) {
    button.addEventListener("click", () => change(ACTS[button.dataset.act ?? ""]));
  }
  for (const side of SIDES) {
    const select = choice(side);
    select.addEventListener("change", () => change((viewing) => (viewing[side] = select.value)));
  }
  for (const mode of MODES) {
    const radio = field(`mode-${mode}`);
    radio.addEventListener("change", () => change((viewing) => (viewing.mode = mode)));
  }
  const split = field("split");
  split.addEventListener("input", () => change((viewing) => viewing.divide(Number(split.value))));
  const by = choice("by");
  by.addEventListener("change", () => change((viewing) => (viewing.by = Number(by.value))));
}

/**
 * Show what the view is like.
 * @param {Viewing} viewing
 */
export function showControls(viewing) {
  for (const side of SIDES) choice(side).value = viewing[side];
  for (const mode of MODES) field(`mode-${mode}`).checked = viewing.mode === mode;
  field("split").value = String(viewing.split);
  choice("by").value = String(viewing.by);
  for (const part of findAll("#viewer [data-in]")) part.hidden = part.dataset.in !== viewing.mode;
  for (const button of findAll("#viewer [data-act^=move-]"))
    button.toggleAttribute("disabled", !viewing.view.canPan);
  say("#zoom", zoomWords(viewing));
}

/**
 * Write a text where it has changed, so that it is read out once.
 * @param {string} selector
 * @param {string} words
 */
export function say(selector, words) {
  const place = find(selector);
  if (place.textContent !== words) place.textContent = words;
}

/** @param {Viewing} viewing */
function zoomWords({ view: { scale }, isSharp }) {
  if (scale === 1) return text("zoom_exact");
  if (scale > 1) return text("zoom_enlarged", { times: scale });
  if (!isSharp) return text("zoom_smoothed", { percent: Number((100 * scale).toFixed(1)) });
  return text("zoom_reduced", { shrink: Math.round(1 / scale) });
}

/** @param {string} id */
const choice = (id) => /** @type {HTMLSelectElement} */ (find(`#${id}`));
/** @param {string} id */
const field = (id) => /** @type {HTMLInputElement} */ (find(`#${id}`));
