/** Before the first trial: what the rater's window, screen and browser can show, in plain words. */

import { pageZoom } from "../pictures/facts.js";
import { find } from "../parts/find.js";
import { isPinched } from "../pictures/pixels.js";
import { fitInto } from "../pictures/room.js";
import { wanted } from "../pictures/shown.js";
import { text } from "../parts/texts.js";

/** @typedef {import("../pictures/shown.js").Shown} Shown */

/**
 * Measure what there is room for; where it is short of height, the question goes beside the answers.
 * @param {Shown} shown
 */
export function measure(shown) {
  const ratio = window.devicePixelRatio;
  const want = wanted(shown, { width: shown.width, height: shown.height });
  const style = getComputedStyle(find("#stage"));
  const gap = parseFloat(style.columnGap);
  const caption = parseFloat(style.getPropertyValue("--caption"));
  const high = (shown.height * want.enlarge) / ratio + caption;
  const panels = find("#panels");
  panels.removeAttribute("data-tight");
  panels.toggleAttribute("data-one", want.isOneByOne);
  const isTight = !want.isOneByOne && high + roomAround().height > window.innerHeight;
  panels.toggleAttribute("data-tight", isTight);
  const around = roomAround();
  const room = {
    width: (window.innerWidth - around.width) * ratio,
    height: (window.innerHeight - around.height - caption) * ratio,
  };
  const wide = (want.count * shown.width * want.enlarge) / ratio + (want.count - 1) * gap;
  const needed = { width: Math.ceil(wide), height: Math.ceil(high + around.height) };
  return { ...fitInto(want, room, gap * ratio), isOneByOne: want.isOneByOne, needed };
}

/** How much of the window, in px, all that stands around the pictures takes, also where it is not shown. */
function roomAround() {
  const parts = ["#panels", "#strip"].map((part) => find(part));
  const hidden = parts.map((part) => part.hidden);
  for (const part of parts) part.hidden = false;
  const width = window.innerWidth - find("#stage").offsetWidth;
  const height = heightAround(parts[0], parts[1]);
  parts.forEach((part, at) => (part.hidden = hidden[at]));
  return { width, height };
}

/**
 * @param {HTMLElement} panels
 * @param {HTMLElement} strip
 */
function heightAround(panels, strip) {
  if (getComputedStyle(strip).position === "fixed") return 0; // all stands beside the pictures
  const { display, paddingTop } = getComputedStyle(panels);
  const [asked, controls] = ["#asked", "#controls"].map((part) => find(part).offsetHeight);
  const beside = display === "grid" ? Math.max(asked, controls) : asked + controls;
  return parseFloat(paddingTop) + beside + strip.offsetHeight;
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
  const { arrangement, isRoomy, isWhole, isOneByOne, needed, enlarge } = measure(shown);
  const zoom = pageZoom();
  const ratio = Math.round(window.devicePixelRatio * 1000) / 1000;
  const size = { width: window.innerWidth, height: window.innerHeight };
  const one = isOneByOne && isWhole ? "one" : arrangement;
  const room = isRoomy ? "room" : shown.isRefusing ? "refused" : one;
  say("window", text(`check_${room}`, { ...size, needed: `${needed.width} × ${needed.height}` }));
  say("pixels", text("check_pixels", { times: enlarge, ratio }));
  say("zoom", isPinched() ? text("check_pinched") : zoomText(zoom));
  say("browser", text(canShowPixels() ? "check_browser" : "check_old"));
  const isMended = !obstacle(shown);
  find("#verdict-screen").textContent = text(isMended ? "check_good" : "check_bad");
  find("#check").toggleAttribute("data-bad", !isMended);
  if (!isMended) /** @type {HTMLDetailsElement} */ (find("#measured")).open = true;
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
