/** When a trial was seen, flipped and touched, and for how long the pictures were in view. */

/** The server takes no more times of flips than these. */
const MOST_FLIPS = 200;

/** Why the pictures are out of view: the tab is, or the page shows something else. */
/** @typedef {"tab" | "page"} Cover */

export class Stopwatch {
  #startedAt = NaN;
  #shownAt = "";
  #run = 0;
  #hiddenMs = 0;
  #hiddenCount = 0;
  #hiddenSince = NaN;
  /** @type {Set<Cover>} */
  #covers = new Set();
  /** @type {number[]} */
  #flipMs = [];
  /** @type {number | null} */
  #firstInputMs = null;

  constructor() {
    document.addEventListener("visibilitychange", () => this.setCover("tab", document.hidden));
  }

  /** Start anew at the first frame that shows what was put on the page just now. */
  startWithNextFrame() {
    const run = ++this.#run;
    this.#startedAt = NaN;
    this.#flipMs = [];
    this.#firstInputMs = null;
    // The first callback runs before that frame is painted, the second one after.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (run === this.#run) this.#start();
      }),
    );
  }

  /**
   * Note that the pictures went out of view, or came back.
   * @param {Cover} cover
   * @param {boolean} isOn
   */
  setCover(cover, isOn) {
    const wasCovered = this.#covers.size > 0;
    if (isOn) this.#covers.add(cover);
    else this.#covers.delete(cover);
    const isCovered = this.#covers.size > 0;
    if (isCovered && !wasCovered) {
      this.#hiddenSince = performance.now();
      this.#hiddenCount += 1;
    } else if (wasCovered && !isCovered) {
      this.#hiddenMs += performance.now() - this.#hiddenSince;
    }
  }

  /** Note that something was flipped just now. */
  flipped() {
    if (this.#flipMs.length < MOST_FLIPS) this.#flipMs.push(this.elapsedMs());
  }

  /** Note that the rater did something just now. */
  touched() {
    this.#firstInputMs ??= this.elapsedMs();
  }

  /** Milliseconds since the start, without the time in which the pictures were out of view. */
  elapsedMs() {
    if (Number.isNaN(this.#startedAt)) return 0;
    return Math.max(0, Math.round(performance.now() - this.#startedAt - this.#hiddenMs));
  }

  /** What is told of this trial's times. */
  facts() {
    return {
      response_ms: this.elapsedMs(),
      flip_ms: this.#flipMs,
      first_input_ms: this.#firstInputMs ?? this.elapsedMs(),
      shown_at: this.#shownAt || new Date().toISOString(),
      answered_at: new Date().toISOString(),
      hidden_ms: Math.round(this.#hiddenMs),
      hidden_count: this.#hiddenCount,
    };
  }

  #start() {
    this.#startedAt = performance.now();
    this.#shownAt = new Date().toISOString();
    this.#hiddenMs = 0;
    this.#hiddenSince = this.#startedAt;
    this.#hiddenCount = this.#covers.size > 0 ? 1 : 0;
  }
}
