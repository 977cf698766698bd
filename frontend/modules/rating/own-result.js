/** What a rater is told of their own answers at the end, where the study allows it. */

import { RequestFailed, request } from "../parts/api.js";
import { find } from "../parts/find.js";
import { insist } from "../parts/retry.js";
import { text } from "../parts/texts.js";

/**
 * @typedef {object} OwnResult
 * @property {{ tenths: number, comparisons: number } | null} agreement
 * @property {{ method: string, preferred: number, compared: number }[] | null} ranking
 * @property {boolean} ranking_later
 */

/**
 * Fetch it and show it; nothing of it is shown where the study tells none.
 * @param {string} url "" in a preview
 */
export async function showOwnResult(url) {
  const part = document.querySelector("#own-result");
  if (!(part instanceof HTMLElement)) return;
  if (!url) return say("#agreement", text("preview_nothing"));
  try {
    show(await insist(() => request(url, {})));
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    part.hidden = true;
  }
}

/** @param {OwnResult} result */
function show({ agreement, ranking, ranking_later: isLater }) {
  const { tenths } = agreement ?? {};
  say("#agreement", tenths === undefined ? text("agreement_none") : text("agreement", { tenths }));
  find("#ranking-later").hidden = !isLater;
  find("#own-ranking").hidden = !ranking?.length;
  const lines = (ranking ?? []).map((row) => {
    const line = document.createElement("li");
    line.textContent = text("own_method", row);
    return line;
  });
  find("#own-ranking ol").replaceChildren(...lines);
}

/**
 * @param {string} selector
 * @param {string} words
 */
function say(selector, words) {
  find(selector).textContent = words;
}
