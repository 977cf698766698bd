/** An honest guess of the time left, from the rater's own pace. */

/** A longer gap was a break, not a trial. */
const LONGEST_TRIAL_MS = 60000;
const REMEMBERED = 20;

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

  /**
   * Say how long that many trials will take.
   * @param {number} trials
   */
  timeLeft(trials) {
    const minutes = (trials * this.#typicalMs()) / 60000;
    return minutes < 1 ? "less than a minute left" : `about ${Math.round(minutes)} min left`;
  }

  #typicalMs() {
    if (this.#gapsMs.length < 3) return this.#firstGuessMs;
    const sorted = [...this.#gapsMs].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  }
}
