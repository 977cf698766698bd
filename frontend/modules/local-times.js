// Shows every <time datetime> by the viewer's own clock, where that differs from the one it is
// written by; on hover and focus it stands there as it was announced.

const SPACE = "\u00a0";
const parts = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/**
 * @param {string} iso an instant with its offset, as the server wrote it
 * @returns {number} the offset in minutes; 0 for UTC
 */
function writtenOffset(iso) {
  const offset = /([+-])(\d\d):(\d\d)$/.exec(iso);
  return offset ? Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3])) : 0;
}

/**
 * Write an instant as the server does (formatting.py), by the viewer's clock.
 * @param {Date} at
 */
function written(at) {
  const of = Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, value]));
  const seconds = of.second === "00" ? "" : `:${of.second}`;
  const clock = `${of.hour}:${of.minute}${seconds}`;
  const day = [of.day, of.month, of.year].join(SPACE);
  return `${of.weekday} ${day}, ${clock}${SPACE}${offsetName(-at.getTimezoneOffset())}`;
}

/** @param {number} minutes */
function offsetName(minutes) {
  if (!minutes) return "UTC";
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const end = rest ? `:${String(rest).padStart(2, "0")}` : "";
  return `UTC${minutes < 0 ? "\u2212" : "+"}${hours}${end}`;
}

/** @param {ParentNode} root */
export function addLocalTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const iso = time.getAttribute("datetime") ?? "";
    const at = new Date(iso);
    if (time.firstElementChild || -at.getTimezoneOffset() === writtenOffset(iso)) continue;
    const texts = { here: written(at), announced: time.textContent };
    const spans = Object.entries(texts).map(([name, text]) => {
      const span = document.createElement("span");
      span.className = name;
      span.textContent = text;
      return span;
    });
    time.replaceChildren(...spans);
    time.setAttribute("tabindex", "0");
  }
}

addLocalTimes(document);
