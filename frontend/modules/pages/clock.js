/** Instants in words by the viewer's own clock, as the server writes them by another. No DOM. */

const SPACE = "\u00a0";
/** @type {Intl.DateTimeFormatOptions} */
const PARTS = {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
};

/**
 * Write an instant, such as "Fri 20 Apr 2018, 23:59:59 UTC-8"; formatting.py does the same.
 * @param {Date} at
 */
export function written(at) {
  const parts = new Intl.DateTimeFormat("en-US", PARTS).formatToParts(at);
  const of = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  const day = [of.day, of.month, of.year].join(SPACE);
  const clock = [of.hour, of.minute, of.second].slice(0, of.second === "00" ? 2 : 3).join(":");
  return `${of.weekday} ${day}, ${clock}${SPACE}${offset(-at.getTimezoneOffset())}`;
}

/**
 * Tell whether the viewer's clock shows another time at an instant than the one it is written by.
 * @param {string} iso an instant with its offset, as the server wrote it
 */
export function isElsewhere(iso) {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(iso) ?? ["", "+", "0", "0"];
  const east = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes));
  return -new Date(iso).getTimezoneOffset() !== east;
}

/** @param {number} minutes east of UTC */
function offset(minutes) {
  if (!minutes) return "UTC";
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const end = rest ? `:${String(rest).padStart(2, "0")}` : "";
  return `UTC${minutes < 0 ? "\u2212" : "+"}${hours}${end}`;
}
