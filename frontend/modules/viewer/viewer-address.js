/** A view of a picture as the query of an address, and back: the very same view. No DOM. */

/** @typedef {import("./tiles.js").Point} Point */
/** @typedef {"flip" | "slider" | "sides" | "difference"} Mode */
/** @typedef {"left" | "right"} Side */

/**
 * What is looked at, and how.
 * @typedef {object} Look
 * @property {string} left a version's key
 * @property {string} right
 * @property {Mode} mode
 * @property {Side} shown which of both where they share a place
 * @property {number} split where the slider divides, as a part of the window's width
 * @property {number} by how much differences are amplified
 * @property {number} zoom device pixels to a picture pixel
 * @property {Point} at the picture's point in the middle, in picture pixels
 */

/** @type {Mode[]} */
export const MODES = ["flip", "slider", "sides", "difference"];
export const FACTORS = [1, 2, 4, 8, 16, 32];
/** Places are told to a thousandth, which is less than a device pixel at any zoom there is. */
const DECIMALS = 3;

/**
 * Return what a query says of a view; what it doesn't say, or says wrongly, is left out.
 * @param {string} query
 * @param {{ keys: string[], steps: number[] }} known versions and steps of zoom that there are
 * @returns {Partial<Look>}
 */
export function readLook(query, { keys, steps }) {
  const asked = new URLSearchParams(query);
  /** @type {Partial<Look>} */
  const look = {};
  for (const side of /** @type {const} */ (["left", "right"])) {
    const key = asked.get(side);
    if (key !== null && keys.includes(key)) look[side] = key;
  }
  const mode = MODES.find((each) => each === asked.get("mode"));
  if (mode) look.mode = mode;
  const shown = asked.get("shown");
  if (shown === "left" || shown === "right") look.shown = shown;
  const split = number(asked.get("split"));
  if (split >= 0 && split <= 1) look.split = split;
  const by = number(asked.get("by"));
  if (FACTORS.includes(by)) look.by = by;
  const zoom =
    steps.find((step) => zoomText(step) === asked.get("zoom")) ?? reduced(asked.get("zoom"));
  if (zoom) look.zoom = zoom;
  const [x, y, more] = (asked.get("at") ?? "").split(",").map(number);
  if (more === undefined && Number.isFinite(x) && Number.isFinite(y)) look.at = { x, y };
  return look;
}

/**
 * Return a query with the view in it; what else it says stays.
 * @param {string} query
 * @param {Look} look
 */
export function writeLook(query, look) {
  const told = new URLSearchParams(query);
  const own = {
    left: look.left,
    right: look.right,
    mode: look.mode,
    shown: look.mode === "flip" ? look.shown : "",
    split: look.mode === "slider" ? rounded(look.split) : "",
    by: look.mode === "difference" ? String(look.by) : "",
    zoom: zoomText(look.zoom),
    at: `${rounded(look.at.x)},${rounded(look.at.y)}`,
  };
  for (const [name, value] of Object.entries(own)) {
    told.delete(name);
    if (value) told.set(name, value);
  }
  return `?${told.toString().replaceAll("%2C", ",").replaceAll("%2F", "/")}`;
}

/**
 * Return a zoom as people write it: "2", "1/4", "0.781".
 * @param {number} zoom
 */
export function zoomText(zoom) {
  const times = Math.round(1 / zoom);
  return zoom < 1 && 1 / times === zoom ? `1/${times}` : String(zoom);
}

/**
 * Return a scale below 1, as `zoomText` writes it.
 * @param {string | null} text
 */
function reduced(text) {
  const [, times, decimals] = text?.match(/^(?:1\/([1-9]\d{0,2}|1000)|(0\.\d{1,3}))$/) ?? [];
  const scale = times ? 1 / Number(times) : Number(decimals);
  return scale > 0 && scale < 1 ? scale : undefined;
}

/** @param {string | null} text */
function number(text) {
  return text && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
}

/** @param {number} value */
function rounded(value) {
  return String(Number(value.toFixed(DECIMALS)));
}
