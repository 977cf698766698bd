/** The last card: the completion code, and the way back to where the rater came from. */

import { find, findAll } from "../parts/find.js";
import { text } from "../parts/texts.js";

/** Long enough to read the code, and to stop what comes. */
const SECONDS = 15;

/**
 * Fill the last card.
 * @param {import("../parts/api.js").Session} session
 */
export function end({ completion, ending }) {
  for (const part of findAll("[data-ending]"))
    part.hidden = part.dataset.ending !== (ending || "hopeless");
  const part = find("#completion");
  part.hidden = !completion;
  if (!completion) return;
  /** @type {HTMLInputElement} */ (find("#code")).value = completion.code;
  find("#code-part").hidden = !completion.code;
  const url = completion.url ?? "";
  find("#return-part").hidden = !isWebAddress(url);
  if (isWebAddress(url)) goBackTo(url);
}

/** @param {string} url */
function goBackTo(url) {
  /** @type {HTMLAnchorElement} */ (find("#return")).href = url;
  const note = find("#return-note");
  const stay = find("#stay");
  let seconds = SECONDS;
  note.textContent = text("returning", { n: seconds });
  const timer = setInterval(() => {
    seconds -= 1;
    note.textContent = text("returning", { n: seconds });
    if (seconds > 0) return;
    clearInterval(timer);
    window.location.assign(url);
  }, 1000);
  stay.addEventListener("click", () => {
    clearInterval(timer);
    note.textContent = text("staying");
    stay.hidden = true;
  });
}

/** @param {string} url */
function isWebAddress(url) {
  return /^https?:\/\//.test(url);
}
