// Fields for an instant in a fixed zone: the viewer's own time stands beside what is typed, and what
// is typed chooses the answer that it belongs to.

import { localTime } from "./local-times.js";

/** @param {HTMLInputElement} field its data-offset is the zone's, such as "+01:00" */
function show(field) {
  const told = field.parentElement?.querySelector("output");
  if (told) told.textContent = field.value && localTime(`${field.value}${field.dataset.offset}`);
}

for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (
  document.querySelectorAll("input[data-offset]")
)) {
  const answer = document.getElementById(field.dataset.chooses ?? "");
  field.addEventListener("input", () => {
    show(field);
    if (answer instanceof HTMLInputElement) answer.checked = true;
  });
  show(field);
}
