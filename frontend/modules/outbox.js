/** Answers on their way: kept in the browser until the server has acknowledged each of them. */

import { RequestFailed, sendJudgment } from "./api.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;

/** @typedef {"saved" | "saving" | "offline"} Delivery */

export class Outbox {
  /** Answers by the address they go to, oldest first. @type {Map<string, object>} */
  #waiting = new Map();
  #prefix;
  #onChange;
  #isSending = false;
  #waitMs = FIRST_WAIT_MS;
  /** @type {number | undefined} */
  #timer;

  /** How many answers the server has refused for good. */
  refused = 0;

  /**
   * @param {string} study
   * @param {() => void} onChange called whenever `size` or `delivery` may have changed
   */
  constructor(study, onChange) {
    this.#prefix = `judgment ${study} `;
    this.#onChange = onChange;
    for (const [url, judgment] of this.#stored()) this.#waiting.set(url, judgment);
    window.addEventListener("online", () => this.send());
  }

  get size() {
    return this.#waiting.size;
  }

  /** @returns {Delivery} */
  get delivery() {
    if (this.size === 0) return "saved";
    return this.#timer === undefined ? "saving" : "offline";
  }

  /** Where the answers that wait go to, as of now. */
  get addresses() {
    return new Set(this.#waiting.keys());
  }

  /**
   * Keep an answer and send it in the background.
   * @param {string} url
   * @param {object} judgment
   */
  add(url, judgment) {
    this.#waiting.set(url, judgment);
    try {
      localStorage.setItem(this.#prefix + url, JSON.stringify({ at: Date.now(), judgment }));
    } catch {
      // No storage here: the answer is kept for as long as the page lives.
    }
    if (this.#timer === undefined) void this.send();
    this.#onChange();
  }

  /** Send all that waits, oldest first, until done or the connection fails. */
  async send() {
    if (this.#isSending) return;
    this.#isSending = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.size > 0 && this.#timer === undefined) {
      const [[url, judgment]] = this.#waiting;
      try {
        await sendJudgment(url, judgment);
        this.#waitMs = FIRST_WAIT_MS;
        this.#forget(url);
      } catch (error) {
        this.#failed(url, error);
      }
    }
    this.#isSending = false;
    this.#onChange();
  }

  /**
   * @param {string} url
   * @param {unknown} error
   */
  #failed(url, error) {
    if (error instanceof RequestFailed && error.isPassing) {
      const waitMs = Math.max(this.#waitMs, error.retryAfterSeconds * 1000);
      this.#timer = setTimeout(() => this.send(), waitMs);
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
      return;
    }
    // 409: another window answered first, and that answer stays. The rest can't be mended here.
    if (!(error instanceof RequestFailed && error.status === 409)) this.refused += 1;
    this.#forget(url);
  }

  /** @param {string} url */
  #forget(url) {
    this.#waiting.delete(url);
    try {
      localStorage.removeItem(this.#prefix + url);
    } catch {
      // Nothing was stored.
    }
    this.#onChange();
  }

  /** @returns {[string, object][]} what an earlier page kept, oldest first */
  #stored() {
    /** @type {{ at: number, url: string, judgment: object }[]} */
    const found = [];
    try {
      for (const key of Object.keys(localStorage)) {
        if (!key.startsWith(this.#prefix)) continue;
        const { at, judgment } = JSON.parse(localStorage.getItem(key) ?? "{}");
        found.push({ at, url: key.slice(this.#prefix.length), judgment });
      }
    } catch {
      // No storage here.
    }
    found.sort((a, b) => a.at - b.at);
    return found.map(({ url, judgment }) => [url, judgment]);
  }
}
