/** How the pictures stand in the room that there is for them. No DOM. */

/** @typedef {import("./view.js").Size} Size */

/**
 * What is to be shown.
 * @typedef {object} Wanted
 * @property {number} count how many pictures stand side by side
 * @property {Size} picture in its own pixels
 * @property {number} enlarge device pixels to a picture pixel, each way
 * @property {number} magnified how much larger the rater wants it now
 * @property {boolean} isOneByOne whether they stand in one place, as large as there is room
 */

/**
 * How the pictures stand.
 * @typedef {object} Fit
 * @property {import("./slots.js").Arrangement} arrangement
 * @property {boolean} isRoomy whether they stand as the study wants it, each seen whole
 * @property {boolean} isWhole whether each is seen whole before it is magnified
 * @property {number} enlarge device pixels to a picture pixel, each way, before magnifying
 * @property {Size} pane the room for each
 */

/**
 * Stand pictures side by side, or all in one place where there is no room for it.
 * @param {Wanted} wanted
 * @param {Size} room
 * @param {number} gap between two pictures
 * @returns {Fit} lengths in device pixels, as those of the room
 */
export function fitInto({ count, picture, enlarge, magnified, isOneByOne }, room, gap) {
  const times = isOneByOne ? Math.max(enlarge, timesInto(picture, room)) : enlarge;
  const width = Math.floor((room.width - (count - 1) * gap) / count);
  const isBeside = !isOneByOne && width >= picture.width * times * magnified;
  const isHigh = room.height >= picture.height * times;
  return {
    arrangement: isBeside ? "beside" : "single",
    isRoomy: !isOneByOne && isHigh && width >= picture.width * times,
    isWhole: isHigh && room.width >= picture.width * times,
    enlarge: times,
    pane: { width: isBeside ? width : room.width, height: room.height },
  };
}

/**
 * How many whole times a picture goes into the room.
 * @param {Size} picture
 * @param {Size} room
 */
function timesInto(picture, room) {
  return Math.floor(Math.min(room.width / picture.width, room.height / picture.height));
}
