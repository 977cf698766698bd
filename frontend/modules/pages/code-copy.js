/** Puts beside each piece of code a button that copies it. */

import { copy } from "../parts/copy.js";

const SHOWN_MS = 2000;

/** @param {HTMLElement} code */
function addButton(code) {
  const place = document.createElement("div");
  place.className = "code";
  code.replaceWith(place);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button second slim";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    getSelection()?.selectAllChildren(code);
    if (!(await copy(code.textContent ?? ""))) return;
    getSelection()?.removeAllRanges();
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), SHOWN_MS);
  });
  place.append(code, button);
}

for (const code of document.querySelectorAll("pre:not(.log)")) {
  addButton(/** @type {HTMLElement} */ (code));
}
