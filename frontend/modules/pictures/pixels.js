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
 * Return what keeps pictures from covering `scale` x `scale` device pixels with each of their own.
 * @param {HTMLImageElement[]} images
 * @param {number} scale
 * @returns {Flaw}
 */
export function flawOf(images, scale) {
  if (isPinched()) return "pinched";
  const isSound = images.length > 0 && images.every((image) => isExact(image, scale));
  return isSound && areUntouched(images) ? "" : "scaled";
}

/**
 * @param {HTMLImageElement} image
 * @param {number} scale
 */
function isExact(image, scale) {
  const { width, height } = image.getBoundingClientRect();
  const ratio = window.devicePixelRatio;
  return (
    image.naturalWidth > 0 &&
    Math.abs(width * ratio - image.naturalWidth * scale) < TOLERANCE_DEVICE_PX * scale &&
    Math.abs(height * ratio - image.naturalHeight * scale) < TOLERANCE_DEVICE_PX * scale &&
    getComputedStyle(image).imageRendering === "pixelated"
  );
}

/** Tell whether the page is magnified by pinching, which no layout can undo. */
export function isPinched() {
  return Math.abs((window.visualViewport?.scale ?? 1) - 1) > 0.001;
}

/**
 * Tell whether nothing on the way to the screen resamples or recolours the pictures.
 * @param {HTMLImageElement[]} images
 */
function areUntouched(images) {
  /** @type {Set<Element>} */
  const above = new Set();
  for (const image of images) {
    for (
      let at = /** @type {Element | null} */ (image);
      at && !above.has(at);
      at = at.parentElement
    ) {
      above.add(at);
    }
  }
  return [...above].every((element) => {
    const style = /** @type {Record<string, any>} */ (getComputedStyle(element));
    // A browser that lacks a property can't be asked to use it.
    return Object.entries(HARMLESS).every(([name, value]) => (style[name] || value) === value);
  });
}
