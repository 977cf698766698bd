// Keeps the boards fresh while they are looked at, and lights up a method on both of them.

import { addLocalTimes } from "./local-times.js";

const EVERY_MS = 10_000;

const live = document.querySelector("[data-live]");
let shown = live?.innerHTML ?? "";

/** Fetches the page again and takes over the boards if they changed; a failure waits its turn. */
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
 * Puts in the new boards; the link that had the focus keeps it.
 * @param {Element} place
 * @param {string} html
 */
function replace(place, html) {
  const links = () => Array.from(place.querySelectorAll("a"));
  const focused = links().indexOf(/** @type {HTMLAnchorElement} */ (document.activeElement));
  place.innerHTML = html;
  addLocalTimes(place);
  links()[focused]?.focus({ preventScroll: true });
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
