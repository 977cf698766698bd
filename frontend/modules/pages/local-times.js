// Shows every <time datetime> by the viewer's own clock, where that differs from the one it is
// written by; on hover and focus it stands there as it was announced.

import { isElsewhere, written } from "./clock.js";

/**
 * @param {string} iso an instant with its offset
 * @returns {string} the viewer's own time; "" where it is what the instant says already
 */
export function localTime(iso) {
  return isElsewhere(iso) ? `${written(new Date(iso))}, your time` : "";
}

/** @param {ParentNode} root */
export function addLocalTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const iso = time.getAttribute("datetime") ?? "";
    if (time.firstElementChild || !isElsewhere(iso)) continue;
    const texts = { here: written(new Date(iso)), announced: time.textContent };
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
