/** Practice trials: what the rater is told after each, and after all of them. */

import { find } from "./find.js";
import { text } from "./texts.js";

/** @typedef {import("./api.js").Session} Session */
/** @typedef {import("./keys.js").Choice} Choice */

/**
 * Return the card that tells how an attempt went, filled in; "" where none has just ended.
 * @param {Session | null} before the session as the server told it last
 * @param {Session} now
 * @returns {"" | "again" | "ready"}
 */
export function outcome(before, now) {
  if (before?.state !== "training" || !before.training || !now.training) return "";
  const { trials, correct, correct_before, attempt } = now.training;
  const isAgain = now.state === "training" && attempt !== before.training.attempt;
  if (!isAgain && now.state !== "judging") return "";
  const card = isAgain ? "again" : "ready";
  const right = isAgain ? correct_before : correct;
  find(`#${card}-text`).textContent = text(card, { right, trials });
  return card;
}

export class Practice {
  #words = find("#feedback");
  #goOn = find("#next");

  /** @param {() => void} onGoOn */
  constructor(onGoOn) {
    this.#goOn.addEventListener("click", () => {
      if (this.#goOn.getAttribute("aria-disabled") !== "true") onGoOn();
    });
  }

  /**
   * Wait for the server's word, and say which version was closer.
   * @param {Choice} choice
   * @param {Promise<{ correct?: boolean } | null>} answer
   */
  async tell(choice, answer) {
    this.#show(text("checking"), false);
    const told = await answer;
    // Refused: another window answered this trial, and was told.
    const isRight = told?.correct ?? true;
    const closer = isRight ? choice : choice === "left" ? "right" : "left";
    const name = text(closer === "left" ? "name_a" : "name_b");
    if (told) this.#show(text(isRight ? "right" : "wrong", { name }), true);
    else this.#show(text("answered_elsewhere"), true);
  }

  /**
   * @param {string} words
   * @param {boolean} isDone
   */
  #show(words, isDone) {
    this.#words.textContent = words;
    this.#goOn.setAttribute("aria-disabled", String(!isDone));
  }
}
