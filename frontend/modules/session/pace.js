/** An honest guess of the time left, from the rater's own pace. No DOM. */

/** A longer gap was a break, not a trial. */
const LONGEST_TRIAL_MS = 60000;
const REMEMBERED = 20;
/** Whoever is done sooner rests then. */
const WORTH_A_BREAK_MINUTES = 1;

export class Pace {
  /** @type {number[]} */
  #gapsMs = [];
  #lastAnswerAt = NaN;
  #firstGuessMs;

  /** @param {number} firstGuessMs what a trial takes, before there is a pace to go by */
  constructor(firstGuessMs) {
    this.#firstGuessMs = firstGuessMs;
  }

  /** Note that an answer was given just now. */
  answered() {
    const now = performance.now();
    const gap = now - this.#lastAnswerAt;
    if (gap < LONGEST_TRIAL_MS) this.#gapsMs.push(gap);
    this.#gapsMs = this.#gapsMs.slice(-REMEMBERED);
    this.#lastAnswerAt = now;
  }

  /** Note that the rater rests: the gap to the next answer says nothing. */
  rested() {
    this.#lastAnswerAt = NaN;
  }

  /**
   * Return how many minutes that many trials will take.
   * @param {number} trials
   */
  minutesFor(trials) {
    return (trials * this.#typicalMs()) / 60000;
  }

  /**
   * Tell whether that many trials take so long that a break before them is worth it.
   * @param {number} trials
   */
  isWorthABreak(trials) {
    return this.minutesFor(trials) >= WORTH_A_BREAK_MINUTES;
  }

  #typicalMs() {
    if (this.#gapsMs.length < 3) return this.#firstGuessMs;
    const sorted = [...this.#gapsMs].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  }
}
