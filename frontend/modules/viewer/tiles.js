/** Which tiles of a picture a window shows, at which level, and where they stand. No DOM. */

/** @typedef {import("../pictures/view.js").Size} Size */
/** @typedef {{ x: number, y: number }} Point */
/** A picture so reduced that a pixel stands for `shrink` x `shrink`; sizes in its own pixels. */
/** @typedef {Size & { shrink: number }} Level */
/** A tile by its place, and the rectangle that it fills, in device pixels from the window's corner. */
/** @typedef {Size & Point & { column: number, row: number }} SeenTile */

/** How many device pixels, each way, a picture pixel may cover: whole ones alone. */
const ENLARGED = [1, 2, 3, 4, 6, 8, 12, 16];
/** Steps between levels, which a browser smooths. */
const BETWEEN = [1 / 16, 1 / 4, 1 / 2];
/** So much a level may be enlarged for a view between levels: less than anybody sees. */
const MOST_ENLARGED = 1.05;

/**
 * Return the steps of zoom, upwards: levels, some between them, then whole enlargements.
 * @param {Level[]} levels full size first
 */
export function stepsOf(levels) {
  const reduced = levels.slice(1).map(({ shrink }) => 1 / shrink);
  const between = BETWEEN.filter((step) => step > (reduced.at(-1) ?? 1));
  return [...[...reduced, ...between].sort((a, b) => a - b), ...ENLARGED];
}

/**
 * Return the number of the level that is shown at a scale: the coarsest that is enough.
 * @param {Level[]} levels
 * @param {number} scale device pixels to a picture pixel
 */
export function levelAt(levels, scale) {
  const enough = levels.filter(({ shrink }) => shrink * scale <= MOST_ENLARGED);
  return Math.max(0, enough.length - 1);
}

/**
 * Return the scale at which a picture is seen whole and fills the room: enlarged by a step, or
 * reduced to a thousandth.
 * @param {Size} picture
 * @param {Size} room in device pixels
 * @param {number[]} steps upwards
 */
export function wholeScale(picture, room, steps) {
  const fits = Math.min(room.width / picture.width, room.height / picture.height);
  const enlarged = steps.filter((step) => step >= 1 && step <= fits).at(-1);
  return enlarged ?? Math.max(1, Math.floor(fits * 1000)) / 1000;
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
  const across = edges(level.width, side, times, offset.x);
  const down = edges(level.height, side, times, offset.y);
  return rows.flatMap((row) =>
    columns.map((column) => {
      const [x, y] = [across(column), down(row)];
      return { column, row, x, y, width: across(column + 1) - x, height: down(row + 1) - y };
    }),
  );
}

/**
 * Return where tiles begin, on whole device pixels so that they meet; the last ends the level.
 * @param {number} length @param {number} side @param {number} times @param {number} from
 * @returns {(at: number) => number}
 */
function edges(length, side, times, from) {
  return (at) =>
    (at * side < length ? Math.round(at * side * times) : Math.ceil(length * times)) - from;
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
