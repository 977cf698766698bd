// Keeps a page's live parts fresh while it is looked at; lights up a method on both boards.
// A part says in data-live after how many seconds, where it isn't the usual number. With 0 it
// stands still: what is written into its forms stays.

import { addLocalTimes } from "./local-times.js";

const EVERY_SECONDS = 10;
const REACHED = "a, summary, [tabindex]";

const parts = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-live]")]);
const shown = parts.map((part) => part.innerHTML);

/** Fetches the page again and takes over the parts that changed; a failure waits its turn. */
async function refresh() {
  if (!parts.length || document.hidden) return;
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = /** @type {HTMLElement[]} */ ([...page.querySelectorAll("[data-live]")]);
  for (const [index, part] of parts.entries()) {
    if (part.dataset.live === "0") continue;
    part.dataset.live = fresh[index]?.dataset.live ?? "";
    const html = fresh[index]?.innerHTML;
    if (html === undefined || html === shown[index]) continue;
    shown[index] = html;
    replace(part, html);
  }
}

/**
 * Puts in a new part; what had the focus keeps it, and what was unfolded stays so.
 * @param {Element} place
 * @param {string} html
 */
function replace(place, html) {
  const reached = () => /** @type {HTMLElement[]} */ ([...place.querySelectorAll(REACHED)]);
  const focused = reached().indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const folds = () => Array.from(place.querySelectorAll("details"));
  const unfolded = folds().map((fold) => fold.open);
  place.innerHTML = html;
  addLocalTimes(place);
  for (const [index, fold] of folds().entries()) fold.open ||= unfolded[index] ?? false;
  reached()[focused]?.focus({ preventScroll: true });
}

/** @param {Event} event */
function light(event) {
  const row = event.target instanceof Element ? event.target.closest("[data-key]") : null;
  const isOver = event.type === "pointerover" || event.type === "focusin";
  const key = isOver ? row?.getAttribute("data-key") : undefined;
  for (const each of parts.flatMap((part) => [...part.querySelectorAll("[data-key]")])) {
    each.classList.toggle("lit", each.getAttribute("data-key") === key);
  }
}

for (const part of parts) {
  for (const type of ["pointerover", "pointerleave", "focusin", "focusout"]) {
    part.addEventListener(type, light);
  }
}
/** Looks again and again. */
function keepUp() {
  const seconds = parts.map((part) => Number(part.dataset.live) || EVERY_SECONDS);
  setTimeout(
    () =>
      void refresh()
        .catch(() => {})
        .then(keepUp),
    1000 * Math.min(...seconds),
  );
}

document.addEventListener("visibilitychange", () => void refresh().catch(() => {}));
if (parts.length) keepUp();
