/** Time that a rater really had the pictures in view. */

export class Stopwatch {
  #startedAt = NaN;
  #hiddenMs = 0;
  #hiddenSince = NaN;
  #run = 0;

  constructor() {
    document.addEventListener("visibilitychange", () => this.#visibilityChanged());
  }

  /** Start anew at the first frame that shows what was put on the page just now. */
  startWithNextFrame() {
    const run = ++this.#run;
    this.#startedAt = NaN;
    // The first callback runs before that frame is painted, the second one after.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (run === this.#run) this.#start();
      }),
    );
  }

  /** Milliseconds since the start, without the time in which the page was hidden. */
  elapsedMs() {
    if (Number.isNaN(this.#startedAt)) return 0;
    return Math.max(0, Math.round(performance.now() - this.#startedAt - this.#hiddenMs));
  }

  #start() {
    this.#startedAt = performance.now();
    this.#hiddenMs = 0;
    this.#hiddenSince = document.hidden ? this.#startedAt : NaN;
  }

  #visibilityChanged() {
    if (document.hidden) {
      this.#hiddenSince = performance.now();
    } else if (!Number.isNaN(this.#hiddenSince)) {
      this.#hiddenMs += performance.now() - this.#hiddenSince;
      this.#hiddenSince = NaN;
    }
  }
}
