/** Coming trials: fetched a few ahead, their pictures decoded before they are needed. */

import { RequestFailed, nextTrials } from "./api.js";

const AHEAD = 3;
/** The server issues at most so many at once. */
const MOST = 10;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15000;

/** @typedef {import("./api.js").Trial} Trial */

/**
 * The three pictures of a trial, decoded.
 * @typedef {{ left: HTMLImageElement, right: HTMLImageElement, original: HTMLImageElement }} Pictures
 */

/** @typedef {{ trial: Trial, pictures: Pictures | null }} Coming */

export class Supply {
  /** @type {Coming[]} */
  #coming = [];
  /** Every trial that this page has had. @type {Set<string>} */
  #known = new Set();
  #url;
  #outbox;
  #onChange;
  #isFetching = false;
  #hasCurrent = false;

  /** How many trials there are for this rater. */
  total = 0;
  /** Whether the server has no more than what is here. */
  isExhausted = false;
  /** Whether the last request found no server. */
  isOffline = false;
  /** Why the server refuses to issue trials: its code, or "" while it doesn't. */
  refusal = "";

  /**
   * @param {string} url
   * @param {import("./outbox.js").Outbox} outbox
   * @param {() => void} onChange called when a trial has become ready, or the state has changed
   */
  constructor(url, outbox, onChange) {
    this.#url = url;
    this.#outbox = outbox;
    this.#onChange = onChange;
  }

  /** Whether the next trial can be taken. */
  get hasReady() {
    return this.#coming[0]?.pictures != null;
  }

  /** Whether nothing is left to show. */
  get isEmpty() {
    return this.isExhausted && this.#coming.length === 0;
  }

  /**
   * Take the next trial if its pictures are decoded; fetch another one in the background.
   * @returns {{ trial: Trial, pictures: Pictures } | null}
   */
  take() {
    const [first] = this.#coming;
    this.#hasCurrent = first?.pictures != null;
    if (!first?.pictures) return null;
    this.#coming.shift();
    void this.fill();
    return { trial: first.trial, pictures: first.pictures };
  }

  /** Fetch until enough trials are here. */
  async fill() {
    if (this.#isFetching) return;
    this.#isFetching = true;
    let waitMs = FIRST_WAIT_MS;
    while (this.#coming.length < AHEAD && !this.isExhausted && !this.refusal) {
      try {
        await this.#fetch();
        this.isOffline = false;
        waitMs = FIRST_WAIT_MS;
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error;
        this.isOffline = error.isPassing;
        if (!error.isPassing) this.refusal = error.code || String(error.status);
        this.#onChange();
        if (error.isPassing) await pause(waitMs);
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      }
    }
    this.#isFetching = false;
    this.#onChange();
  }

  async #fetch() {
    // Issued and unanswered, as far as the server may know yet: it hands those out again first.
    const here = this.#coming.length + (this.#hasCurrent ? 1 : 0) + this.#outbox.size;
    const count = Math.min(here + AHEAD - this.#coming.length, MOST);
    // As of now: an answer that arrives meanwhile may be missing in what the server looks at.
    const answered = this.#outbox.addresses;
    const { results, total } = await nextTrials(this.#url, count);
    this.total = total;
    const fresh = results.filter(
      (trial) => !this.#known.has(trial.id) && !answered.has(trial.judgment),
    );
    for (const trial of fresh) this.#add(trial);
    if (fresh.length > 0) return;
    if (results.length < count) this.isExhausted = true;
    // All that came waits in the outbox: it must be sent before there can be more.
    else throw new RequestFailed(0);
  }

  /** @param {Trial} trial */
  #add(trial) {
    this.#known.add(trial.id);
    /** @type {Coming} */
    const coming = { trial, pictures: null };
    this.#coming.push(coming);
    void load(trial).then((pictures) => {
      coming.pictures = pictures;
      this.#onChange();
    });
  }
}

/**
 * @param {Trial} trial
 * @returns {Promise<Pictures>}
 */
async function load(trial) {
  const [left, right, original] = await Promise.all(
    [trial.left, trial.right, trial.original].map(decode),
  );
  return { left, right, original };
}

/**
 * Load and decode a picture, however often the connection fails.
 * @param {string} url
 * @returns {Promise<HTMLImageElement>}
 */
async function decode(url) {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    const image = new Image();
    image.draggable = false;
    image.src = url;
    try {
      await image.decode();
      return image;
    } catch {
      await pause(waitMs);
    }
  }
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
