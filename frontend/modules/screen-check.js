/** Before the first trial: what the rater's window, screen and browser can show, in plain words. */

import { pageZoom } from "./facts.js";
import { find } from "./find.js";
import { enlargement, isPinched } from "./pixels.js";
import { fitInto } from "./room.js";
import { countBeside } from "./slots.js";
import { text } from "./texts.js";

/**
 * What the study wants shown.
 * @typedef {object} Shown
 * @property {import("./slots.js").Layout} layout
 * @property {number} enlarge
 * @property {number} width of a picture, in its pixels
 * @property {number} height
 * @property {boolean} isRefusing whether a window that is too small is refused
 */

/**
 * Measure what there is room for.
 * @param {Shown} shown
 */
export function measure({ layout, enlarge, width, height }) {
  const ratio = window.devicePixelRatio;
  const times = enlargement(enlarge);
  const count = countBeside(layout);
  const style = getComputedStyle(find("#stage"));
  const gap = parseFloat(style.columnGap) * ratio;
  const caption = parseFloat(style.getPropertyValue("--caption")) * ratio;
  const picture = { width: width * times, height: height * times };
  const strip = stripHeight() * ratio;
  const room = {
    width: window.innerWidth * ratio,
    height: window.innerHeight * ratio - strip - caption,
  };
  const fit = fitInto(count, picture, room, gap);
  const needed = {
    width: Math.ceil((count * picture.width + (count - 1) * gap) / ratio),
    height: Math.ceil((picture.height + strip + caption) / ratio),
  };
  return { ...fit, needed, times };
}

/** The strip's height in px, also where it is not shown. */
function stripHeight() {
  const strip = find("#strip");
  const { hidden } = strip;
  strip.hidden = false;
  const height = strip.offsetHeight;
  strip.hidden = hidden;
  return height;
}

/** What keeps a rater from judging here at all. @typedef {"" | "small" | "pinched" | "browser"} Obstacle */

/**
 * Return what must be mended before judging.
 * @param {Shown} shown
 * @returns {Obstacle}
 */
export function obstacle(shown) {
  if (!canShowPixels()) return "browser";
  if (isPinched()) return "pinched";
  return shown.isRefusing && !measure(shown).isRoomy ? "small" : "";
}

/**
 * Say it all on the page, now.
 * @param {Shown} shown
 */
export function report(shown) {
  const { arrangement, isRoomy, needed, times } = measure(shown);
  const zoom = pageZoom();
  const ratio = Math.round(window.devicePixelRatio * 1000) / 1000;
  const size = { width: window.innerWidth, height: window.innerHeight };
  const room = isRoomy ? "room" : shown.isRefusing ? "refused" : arrangement;
  say("window", text(`check_${room}`, { ...size, needed: `${needed.width} × ${needed.height}` }));
  say("pixels", text("check_pixels", { times, ratio }));
  say("zoom", isPinched() ? text("check_pinched") : zoomText(zoom));
  say("browser", text(canShowPixels() ? "check_browser" : "check_old"));
  const isMended = !obstacle(shown);
  find("#verdict-screen").textContent = text(isMended ? "check_good" : "check_bad");
  find("#check").toggleAttribute("data-bad", !isMended);
}

/**
 * Say on the card that keeps a rater from judging how large the window must be.
 * @param {Shown} shown
 */
export function sayTooSmall(shown) {
  const { needed } = measure(shown);
  const size = { width: window.innerWidth, height: window.innerHeight };
  const words = { ...size, needed: `${needed.width} × ${needed.height}` };
  find("#small-text").textContent = text("small", words);
}

/** @param {number | undefined} zoom */
function zoomText(zoom) {
  if (zoom === undefined) return text("check_zoom_unknown");
  return text("check_zoom", { percent: Math.round(zoom * 100) });
}

function canShowPixels() {
  return CSS.supports("image-rendering", "pixelated") && "decode" in Image.prototype;
}

/**
 * @param {string} name
 * @param {string} words
 */
function say(name, words) {
  find(`[data-check="${name}"]`).textContent = words;
}
