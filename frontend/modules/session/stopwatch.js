/** When a trial was seen, flipped and touched, and for how long the pictures were in view. */

/** The server takes no more times of flips than these. */
const MOST_FLIPS = 200;
/** A pause or a forgotten tab may last longer than the server keeps times. */
const LONGEST_MS = 24 * 3600 * 1000;

/**
 * Where a trial's pictures are: in view, behind a card or the list of keys, or in a tab out of
 * sight. What is behind a card is that, wherever the tab is.
 * @typedef {"view" | "covered" | "hidden"} Place
 */

/**
 * What is known of one trial's times; it goes on where it was when the trial is asked again.
 * @typedef {object} Times
 * @property {string} shownAt when the first frame was shown, "" before
 * @property {Record<Place, number>} ms how long the pictures were where
 * @property {Record<Place, number>} counts how often they came to be there
 * @property {number[]} flipMs
 * @property {number | null} firstInputMs
 */

/** @returns {Times} of a trial that was not shown yet */
export function noTimes() {
  const none = { view: 0, covered: 0, hidden: 0 };
  return { shownAt: "", ms: none, counts: { ...none }, flipMs: [], firstInputMs: null };
}

export class Stopwatch {
  #times = noTimes();
  #run = 0;
  /** Up to when the times are known; NaN while it stands still. */
  #knownUntil = NaN;
  #isCovered = false;
  /** @type {Place} */
  #place = "view";

  constructor() {
    document.addEventListener("visibilitychange", () => this.#move());
  }

  /**
   * Go on with a trial's times at the first frame that shows what was put on the page just now.
   * @param {Times} times
   */
  startWithNextFrame(times) {
    this.stop();
    const run = this.#run;
    this.#times = times;
    // The first callback runs before that frame is painted, the second one after.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (run === this.#run) this.#start();
      }),
    );
  }

  /** Stand still: the trial is answered, or another one comes before it. */
  stop() {
    this.#note();
    this.#knownUntil = NaN;
    this.#run += 1;
  }

  /**
   * Note whether something stands where the pictures were.
   * @param {boolean} isCovered
   */
  cover(isCovered) {
    this.#isCovered = isCovered;
    this.#move();
  }

  /** Note that something was flipped just now. */
  flipped() {
    const { flipMs } = this.#times;
    if (flipMs.length < MOST_FLIPS) flipMs.push(this.#viewMs());
  }

  /** Note that the rater did something just now. */
  touched() {
    this.#times.firstInputMs ??= this.#viewMs();
  }

  /** What is told of this trial's times. */
  facts() {
    const viewMs = this.#viewMs();
    const { shownAt, ms, counts, flipMs, firstInputMs } = this.#times;
    return {
      response_ms: viewMs,
      flip_ms: [...flipMs],
      first_input_ms: firstInputMs ?? viewMs,
      shown_at: shownAt || new Date().toISOString(),
      answered_at: new Date().toISOString(),
      hidden_ms: whole(ms.hidden),
      hidden_count: counts.hidden,
      covered_ms: whole(ms.covered),
      covered_count: counts.covered,
    };
  }

  /** Milliseconds since the first frame in which the pictures were in view. */
  #viewMs() {
    this.#note();
    return whole(this.#times.ms.view);
  }

  #start() {
    this.#knownUntil = performance.now();
    this.#times.shownAt ||= new Date().toISOString();
    this.#times.counts[this.#place] += 1;
  }

  #move() {
    this.#note();
    const place = this.#isCovered ? "covered" : document.hidden ? "hidden" : "view";
    if (place === this.#place) return;
    this.#place = place;
    if (!Number.isNaN(this.#knownUntil)) this.#times.counts[place] += 1;
  }

  /** Put the time that has passed down to the place where the pictures were. */
  #note() {
    if (Number.isNaN(this.#knownUntil)) return;
    const now = performance.now();
    this.#times.ms[this.#place] += now - this.#knownUntil;
    this.#knownUntil = now;
  }
}

/** @param {number} ms */
function whole(ms) {
  return Math.min(Math.max(0, Math.round(ms)), LONGEST_MS);
}
