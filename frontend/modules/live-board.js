// Keeps a page's live parts fresh while it is looked at; lights up a method on both boards.

import { addLocalTimes } from "./local-times.js";

const EVERY_MS = 10_000;
const REACHED = "a, summary, [tabindex]";

const parts = [...document.querySelectorAll("[data-live]")];
const shown = parts.map((part) => part.innerHTML);

/** Fetches the page again and takes over the parts that changed; a failure waits its turn. */
async function refresh() {
  if (!parts.length || document.hidden) return;
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = [...page.querySelectorAll("[data-live]")].map((part) => part.innerHTML);
  for (const [index, part] of parts.entries()) {
    const html = fresh[index];
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
  const key = event.type === "pointerover" ? row?.getAttribute("data-key") : undefined;
  for (const each of parts.flatMap((part) => [...part.querySelectorAll("[data-key]")])) {
    each.classList.toggle("lit", each.getAttribute("data-key") === key);
  }
}

for (const part of parts) {
  part.addEventListener("pointerover", light);
  part.addEventListener("pointerleave", light);
}
document.addEventListener("visibilitychange", () => void refresh().catch(() => {}));
setInterval(() => void refresh().catch(() => {}), EVERY_MS);
