/** What is told of the window and the screen. */

/** The steps of zoom that browsers offer. */
const ZOOMS = [0.25, 0.33, 0.5, 0.67, 0.75, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5];
const NEAR = 0.03;

/** What the window and the screen are like now; every judgment says it. */
export function windowFacts() {
  const zoom = pageZoom();
  return {
    device_pixel_ratio: window.devicePixelRatio,
    window_width: window.innerWidth,
    window_height: window.innerHeight,
    screen_width: window.screen.width,
    screen_height: window.screen.height,
    ...(zoom ? { zoom } : {}),
  };
}

/**
 * Return the browser's zoom of the page, or undefined where it doesn't show.
 *
 * No browser tells it. In most, a window's outer width is in the system's pixels and its inner
 * width in the page's; Firefox has both in the page's. A ratio near none of the usual steps comes
 * from something else, such as a side bar.
 */
export function pageZoom() {
  if ("mozInnerScreenX" in window || !window.outerWidth) return undefined;
  const ratio = window.outerWidth / window.innerWidth;
  return ZOOMS.find((zoom) => Math.abs(ratio / zoom - 1) < NEAR);
}
