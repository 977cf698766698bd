/** Whether the pictures fit into the window side by side. No DOM. */

/** @typedef {import("./view.js").Size} Size */

/**
 * How the pictures stand in the room that there is.
 * @typedef {object} Fit
 * @property {import("./slots.js").Arrangement} arrangement
 * @property {boolean} isRoomy whether they stand as the study wants it, each seen whole
 * @property {Size} pane the room for each
 */

/**
 * Stand `count` pictures side by side, or all in one place where there is no room for it.
 * @param {number} count
 * @param {Size} picture
 * @param {Size} room
 * @param {number} gap between two pictures
 * @returns {Fit} lengths in the units of the arguments: device pixels
 */
export function fitInto(count, picture, room, gap) {
  const width = Math.floor((room.width - (count - 1) * gap) / count);
  const isBeside = width >= picture.width;
  return {
    arrangement: isBeside ? "beside" : "single",
    isRoomy: isBeside && room.height >= picture.height,
    pane: { width: isBeside ? width : room.width, height: room.height },
  };
}
