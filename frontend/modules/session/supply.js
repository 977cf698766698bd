/** Coming trials: fetched some at a time, their pictures decoded before they are needed. */

import { RequestFailed, nextTrials } from "../parts/api.js";
import { decode } from "../pictures/pictures.js";
import { Waits, pause } from "../parts/retry.js";

/** So many trials stand ready; with fewer, so many more are fetched: a request costs the server most. */
const AHEAD = 3;
const PORTION = 5;
/** The server issues at most so many at once. */
const MOST = 10;
const LONGEST_WAIT_MS = 15000;

/** @typedef {import("../parts/api.js").Trial} Trial */

/**
 * The pictures of a trial, decoded; as many originals as stand on the page at once.
 * @typedef {{ left: HTMLImageElement, right: HTMLImageElement, originals: HTMLImageElement[] }} Pictures
 */

/** A trial whose pictures are decoded. @typedef {{ trial: Trial, pictures: Pictures }} Ready */
/** @typedef {{ trial: Trial, pictures: Pictures | null }} Coming */

export class Supply {
  /** @type {Coming[]} */
  #coming = [];
  /** Every trial that this page has had and the server has not refused. @type {Set<string>} */
  #known = new Set();
  /** Trials whose pictures the server hasn't got. @type {Set<string>} */
  #bare = new Set();
  #url;
  #copies;
  #outbox;
  #onChange;
  #isFetching = false;
  #isLoading = false;
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
   * @param {number} copies how many times the original stands on the page at once
   * @param {import("./outbox.js").Outbox} outbox
   * @param {() => void} onChange called when a trial has become ready, or the state has changed
   */
  constructor(url, copies, outbox, onChange) {
    this.#url = url;
    this.#copies = copies;
    this.#outbox = outbox;
    this.#onChange = onChange;
  }

  /** Whether the next trial can be taken. */
  get hasReady() {
    return this.#coming[0]?.pictures != null;
  }

  /** How many trials stand ready. */
  get ahead() {
    return this.#coming.filter(({ pictures }) => pictures).length;
  }

  /** Whether nothing is left to show, and nothing comes. */
  get isEmpty() {
    return (this.isExhausted || this.refusal !== "") && this.#coming.length === 0;
  }

  /** How many trials were left out, because the server hasn't got their pictures. */
  get leftOut() {
    return this.#bare.size;
  }

  /** Begin anew: there may be trials again. */
  restart() {
    this.isExhausted = false;
    this.refusal = "";
    void this.fill();
  }

  /**
   * Take the next trial if its pictures are decoded; fetch another one in the background.
   * @returns {Ready | null}
   */
  take() {
    const [first] = this.#coming;
    this.#hasCurrent = first?.pictures != null;
    if (!first?.pictures) return null;
    this.#coming.shift();
    // The change on the page comes first.
    setTimeout(() => {
      this.#load();
      void this.fill();
    });
    return { ...first, pictures: first.pictures };
  }

  /**
   * Give back what was taken, to be taken next, with all that stands with it.
   * @param {Ready} ready
   */
  putBack(ready) {
    this.#coming.unshift(ready);
  }

  /**
   * Take a trial that was here as a new one, should the server issue it again.
   * @param {string} trial
   */
  release(trial) {
    if (!this.#coming.some(({ trial: { id } }) => id === trial)) this.#known.delete(trial);
  }

  /** Fetch until enough trials are here. */
  async fill() {
    if (this.#isFetching || !this.#isShort) return;
    this.#isFetching = true;
    const waits = new Waits(LONGEST_WAIT_MS);
    while (this.#isShort) {
      try {
        const isFruitful = await this.#fetch();
        this.isOffline = false;
        if (isFruitful) waits.reset();
        else await pause(waits.next());
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error;
        this.isOffline = error.isPassing && !error.isBusy;
        if (!error.isPassing) this.refusal = error.code;
        this.#onChange();
        if (error.isPassing) await pause(waits.next(error.retryAfterSeconds * 1000));
      }
    }
    this.#isFetching = false;
    this.#onChange();
  }

  /** Whether more can be had and is wanted. */
  get #isShort() {
    return this.#coming.length < AHEAD && !this.isExhausted && !this.refusal;
  }

  /** @returns {Promise<boolean>} whether anything came of it; if not, it must wait for the outbox */
  async #fetch() {
    // Issued and unanswered, as far as the server may know yet: it hands those out again first.
    const given = (this.#hasCurrent ? 1 : 0) + this.#outbox.size + this.#bare.size;
    const count = Math.min(given + AHEAD + PORTION, MOST);
    // As of now: an answer that arrives meanwhile may be missing in what the server looks at.
    const answered = this.#outbox.trials;
    const { results, total, state } = await nextTrials(this.#url, count);
    this.total = total;
    // What was fetched ahead is not asked any more.
    if (state === "ended" || state === "withdrawn") this.#coming = [];
    const fresh = results.filter(({ id }) => !this.#known.has(id) && !answered.has(id));
    for (const trial of fresh) {
      this.#known.add(trial.id);
      this.#coming.push({ trial, pictures: null });
    }
    this.#load();
    if (fresh.length > 0) return true;
    this.isExhausted = results.length < count || results.every(({ id }) => this.#bare.has(id));
    return this.isExhausted;
  }

  /** Fetch pictures a trial at a time: on a slow line those that are needed next come first. */
  #load() {
    if (this.#isLoading) return;
    const next = this.#coming.slice(0, AHEAD).find(({ pictures }) => !pictures);
    if (!next) return;
    this.#isLoading = true;
    void load(next.trial, this.#copies).then((pictures) => {
      this.#isLoading = false;
      next.pictures = pictures;
      if (pictures) this.#load();
      else this.#leaveOut(next);
      this.#onChange();
    });
  }

  /** @param {Coming} bare */
  #leaveOut(bare) {
    this.#bare.add(bare.trial.id);
    this.#coming = this.#coming.filter((one) => one !== bare);
    this.#load();
    void this.fill();
  }
}

/**
 * @param {Trial} trial
 * @param {number} copies
 * @returns {Promise<Pictures | null>} null where the server hasn't got one of them
 */
async function load(trial, copies) {
  const originals = Array.from({ length: copies }, () => trial.original);
  const urls = [trial.left, trial.right, ...originals];
  const pictures = await Promise.all(urls.map((url) => decode(url)));
  const [left, right, ...rest] = pictures.filter((picture) => picture !== null);
  return rest.length === copies ? { left, right, originals: rest } : null;
}
