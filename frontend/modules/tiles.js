/** Which tiles of a picture a window shows, at which level, and where they stand. No DOM. */

/** @typedef {import("./view.js").Size} Size */
/** @typedef {{ x: number, y: number }} Point */
/** A picture so reduced that a pixel stands for `shrink` x `shrink`; sizes in its own pixels. */
/** @typedef {Size & { shrink: number }} Level */
/** A tile by its place, and the rectangle that it fills, in device pixels from the window's corner. */
/** @typedef {Size & Point & { column: number, row: number }} SeenTile */

/** How many device pixels, each way, a picture pixel may cover: whole ones alone. */
const ENLARGED = [1, 2, 3, 4, 6, 8, 12, 16];

/**
 * Return the steps of zoom, upwards: one for each level, then whole enlargements. So whatever is
 * shown is some level's pixels, and nothing is resampled.
 * @param {Level[]} levels full size first
 */
export function stepsOf(levels) {
  const reduced = levels.slice(1).map(({ shrink }) => 1 / shrink);
  return [...reduced.reverse(), ...ENLARGED];
}

/**
 * Return the number of the level whose pixels are shown at a scale, one of `stepsOf`.
 * @param {Level[]} levels
 * @param {number} scale device pixels to a picture pixel
 */
export function levelAt(levels, scale) {
  return Math.max(
    0,
    levels.findIndex(({ shrink }) => shrink * scale === 1),
  );
}

/**
 * Return the largest step at which a picture is seen whole, or the least there is.
 * @param {Size} picture
 * @param {Size} room in device pixels
 * @param {number[]} steps upwards
 */
export function wholeStep(picture, room, steps) {
  const fitting = steps.filter(
    (step) =>
      Math.ceil(picture.width * step) <= room.width &&
      Math.ceil(picture.height * step) <= room.height,
  );
  return fitting.at(-1) ?? steps[0];
}

/**
 * Return the tiles of a level that a window shows, row by row.
 * @param {Size} level in its own pixels
 * @param {number} side of a tile
 * @param {Point} offset of the window's corner from the picture's, in device pixels
 * @param {Size} seen the window, in device pixels
 * @param {number} times device pixels to a pixel of the level
 * @returns {SeenTile[]}
 */
export function tilesSeen(level, side, offset, seen, times) {
  const step = side * times;
  const columns = span(offset.x, seen.width, step, Math.ceil(level.width / side));
  const rows = span(offset.y, seen.height, step, Math.ceil(level.height / side));
  return rows.flatMap((row) =>
    columns.map((column) => ({
      column,
      row,
      x: column * step - offset.x,
      y: row * step - offset.y,
      width: Math.min(side, level.width - column * side) * times,
      height: Math.min(side, level.height - row * side) * times,
    })),
  );
}

/**
 * Return what the address of a tile ends with.
 * @param {number} level
 * @param {{ column: number, row: number }} tile
 */
export function tileName(level, { column, row }) {
  return `${level}-${column}-${row}.webp`;
}

/**
 * @param {number} from @param {number} length @param {number} step @param {number} count
 * @returns {number[]} the numbers of the intervals that are met
 */
function span(from, length, step, count) {
  const first = Math.floor(from / step);
  const last = Math.min(count - 1, Math.ceil((from + length) / step) - 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
}
