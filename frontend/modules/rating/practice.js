/** Practice trials: what the rater is told after each. */

import { find } from "../parts/find.js";
import { text } from "../parts/texts.js";

/** @typedef {import("../input/keys.js").Choice} Choice */

export class Practice {
  #words = find("#feedback");
  #goOn = find("#next");

  /** @param {() => void} onGoOn */
  constructor(onGoOn) {
    this.#onGoOn = onGoOn;
    this.#goOn.addEventListener("click", () => this.goOn());
  }

  #onGoOn;

  /** Go on, once it was told which version was closer. */
  goOn() {
    if (this.#goOn.getAttribute("aria-disabled") !== "true") this.#onGoOn();
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
