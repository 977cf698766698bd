/** Where a crop lies in a picture while it is moved: whole pixels, and never outside. */

/** @typedef {{ x: number, y: number }} Place */
/** @typedef {{ width: number, height: number }} Size */

export const STEP = 1;
export const LEAP = 32;

/** @type {Record<string, Place>} */
const WAYS = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/**
 * Return the place nearest to a wanted one at which the crop lies in the picture.
 * @param {Place} wanted
 * @param {Size} crop
 * @param {Size} picture
 * @returns {Place}
 */
export function within(wanted, crop, picture) {
  return {
    x: clamp(wanted.x, picture.width - crop.width),
    y: clamp(wanted.y, picture.height - crop.height),
  };
}

/**
 * Return where a key moves a crop to; null for a key that moves nothing.
 * @param {string} key
 * @param {boolean} isFar
 * @param {Place} from
 * @returns {Place | null}
 */
export function moved(key, isFar, from) {
  const way = WAYS[key];
  if (!way) return null;
  const step = isFar ? LEAP : STEP;
  return { x: from.x + way.x * step, y: from.y + way.y * step };
}

/**
 * Tell whether two crops have a pixel in common.
 * @param {Place & Size} one
 * @param {Place & Size} other
 */
export function overlap(one, other) {
  const beside = one.x >= other.x + other.width || other.x >= one.x + one.width;
  const below = one.y >= other.y + other.height || other.y >= one.y + one.height;
  return !beside && !below;
}

/**
 * @param {number} value
 * @param {number} most
 */
function clamp(value, most) {
  return Math.min(Math.max(0, Math.round(value) || 0), Math.max(0, most));
}
