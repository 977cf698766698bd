// Keeps a page's live part fresh while it is looked at; lights up a method on both boards.

import { addLocalTimes } from "./local-times.js";

const EVERY_MS = 10_000;
const REACHED = "a, summary, [tabindex]";

const live = document.querySelector("[data-live]");
let shown = live?.innerHTML ?? "";

/** Fetches the page again and takes over what changed in it; a failure waits its turn. */
async function refresh() {
  if (!live || document.hidden) return;
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector("[data-live]")?.innerHTML;
  if (fresh === undefined || fresh === shown) return;
  shown = fresh;
  replace(live, fresh);
}

/**
 * Puts in the new part; what had the focus keeps it, and what was unfolded stays so.
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
  for (const each of live?.querySelectorAll("[data-key]") ?? []) {
    each.classList.toggle("lit", each.getAttribute("data-key") === key);
  }
}

live?.addEventListener("pointerover", light);
live?.addEventListener("pointerleave", light);
document.addEventListener("visibilitychange", () => void refresh().catch(() => {}));
setInterval(() => void refresh().catch(() => {}), EVERY_MS);
