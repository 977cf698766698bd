/** One picture pixel on one device pixel: keeps the page's `--dpr` true, and checks the result. */

/** Layout rounds to 1/64 px; more than this is another scale. */
const TOLERANCE_DEVICE_PX = 0.05;

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
 * Tell whether a picture covers as many device pixels as it has pixels.
 * @param {HTMLImageElement} image
 */
export function isExact(image) {
  const { width, height } = image.getBoundingClientRect();
  const ratio = window.devicePixelRatio;
  return (
    image.naturalWidth > 0 &&
    Math.abs(width * ratio - image.naturalWidth) < TOLERANCE_DEVICE_PX &&
    Math.abs(height * ratio - image.naturalHeight) < TOLERANCE_DEVICE_PX
  );
}

/** Tell whether the page is magnified by pinching, which no layout can undo. */
export function isPinched() {
  return Math.abs((window.visualViewport?.scale ?? 1) - 1) > 0.001;
}
