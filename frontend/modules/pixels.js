/** One picture pixel on whole device pixels: keeps `--dpr` true, and checks what came of it. */

/** Layout rounds to 1/64 px; more than this is another scale. */
const TOLERANCE_DEVICE_PX = 0.05;
/** Whatever would resample or recolour a picture, with the value under which it does not. */
const HARMLESS = {
  transform: "none",
  translate: "none",
  rotate: "none",
  scale: "none",
  zoom: "1",
  filter: "none",
  opacity: "1",
  mixBlendMode: "normal",
};

/** @typedef {"" | "pinched" | "scaled"} Flaw */

/**
 * Set `--dpr` on the page now and whenever the window's pixel ratio changes.
 * @param {() => void} onChange called after each change
 */
export function followPixelRatio(onChange) {
  const ratio = window.devicePixelRatio;
  document.documentElement.style.setProperty("--dpr", String(ratio));
  const query = window.matchMedia(`(resolution: ${ratio}dppx)`);
  const change = () => {
    followPixelRatio(onChange);
    onChange();
  };
  query.addEventListener("change", change, { once: true });
}

/**
 * Return how many device pixels, each way, a picture pixel covers.
 * @param {number} wanted by the study; 0 means as many as the pixel ratio rounds to
 */
export function enlargement(wanted) {
  return wanted || Math.max(1, Math.round(window.devicePixelRatio));
}

/**
 * Return what keeps a picture from covering `scale` x `scale` device pixels with each of its own.
 * @param {HTMLImageElement} image
 * @param {number} scale
 * @returns {Flaw}
 */
export function flawOf(image, scale) {
  if (isPinched()) return "pinched";
  const { width, height } = image.getBoundingClientRect();
  const ratio = window.devicePixelRatio;
  const isExact =
    image.naturalWidth > 0 &&
    Math.abs(width * ratio - image.naturalWidth * scale) < TOLERANCE_DEVICE_PX * scale &&
    Math.abs(height * ratio - image.naturalHeight * scale) < TOLERANCE_DEVICE_PX * scale;
  const isSharp = getComputedStyle(image).imageRendering === "pixelated";
  return isExact && isSharp && isUntouched(image) ? "" : "scaled";
}

/** Tell whether the page is magnified by pinching, which no layout can undo. */
export function isPinched() {
  return Math.abs((window.visualViewport?.scale ?? 1) - 1) > 0.001;
}

/**
 * Tell whether nothing on the way to the screen resamples or recolours the element.
 * @param {Element} element
 */
function isUntouched(element) {
  for (let at = /** @type {Element | null} */ (element); at; at = at.parentElement) {
    const style = /** @type {Record<string, any>} */ (getComputedStyle(at));
    for (const [name, harmless] of Object.entries(HARMLESS)) {
      // A browser that lacks a property can't be asked to use it.
      if ((style[name] || harmless) !== harmless) return false;
    }
  }
  return true;
}
