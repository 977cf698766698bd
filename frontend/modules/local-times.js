// Adds the viewer's own time to every <time datetime> that carries another offset.

const clock = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/**
 * @param {string} iso an instant with its offset, as the server wrote it
 * @returns {boolean} whether the viewer's clock shows another time at that instant
 */
function isElsewhere(iso) {
  const offset = /([+-])(\d\d):(\d\d)$/.exec(iso);
  const minutes = offset
    ? Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3]))
    : 0;
  return -new Date(iso).getTimezoneOffset() !== minutes;
}

/**
 * @param {string} iso an instant with its offset
 * @returns {string} the viewer's own time; "" where it is what the instant says already
 */
export function localTime(iso) {
  return isElsewhere(iso) ? `${clock.format(new Date(iso))} your time` : "";
}

/** @param {ParentNode} root */
export function addLocalTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const iso = time.getAttribute("datetime") ?? "";
    const text = localTime(iso);
    if (time.nextElementSibling?.matches(".local-time") || !text) continue;
    const local = document.createElement("span");
    local.className = "local-time number";
    local.textContent = text;
    time.after(local);
  }
}

addLocalTimes(document);
