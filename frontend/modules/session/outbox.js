/** Answers and undos on their way: kept in the browser, in order, until each is acknowledged. */

import { RequestFailed, send } from "../parts/api.js";
import { Waits } from "../parts/retry.js";

const LONGEST_WAIT_MS = 30000;

/** @typedef {"saved" | "saving" | "offline"} Delivery */

/**
 * Something to be sent; entries are sent in the order of their keys.
 * @typedef {object} Entry
 * @property {"PUT" | "POST"} method
 * @property {string} url
 * @property {string} trial
 * @property {object} body
 */

/** @typedef {{ key: string, entry: Entry, settle: (answer: any) => void }} Waiting */

export class Outbox {
  /** Oldest first. @type {Waiting[]} */
  #waiting = [];
  #study;
  /** What the keys of this rater's entries begin with. */
  #prefix = "";
  #onChange;
  #onRefused;
  #isSending = false;
  #waits = new Waits(LONGEST_WAIT_MS);
  #lastStamp = 0;
  /** @type {number | undefined} */
  #timer;

  /** How many entries the server has refused for good. */
  refused = 0;

  /**
   * @param {string} study
   * @param {() => void} onChange called whenever `size` or `delivery` may have changed
   * @param {(trial: string, code: string) => void} onRefused called when the server refuses
   *   something of a trial, with the reason's code
   */
  constructor(study, onChange, onRefused) {
    this.#study = study;
    this.#onChange = onChange;
    this.#onRefused = onRefused;
    window.addEventListener("online", () => this.send());
  }

  /**
   * Begin with what earlier pages kept of this rater; what others left at this browser is theirs.
   * @param {string} rater
   */
  open(rater) {
    this.#prefix = `outbox ${this.#study} ${rater} `;
    for (const [key, entry] of this.#stored()) this.#keep(key, entry, () => {});
  }

  get size() {
    return this.#waiting.length;
  }

  /** @returns {Delivery} */
  get delivery() {
    if (this.size === 0) return "saved";
    return this.#timer === undefined ? "saving" : "offline";
  }

  /** The trials that something waits for, as of now. */
  get trials() {
    return new Set(this.#waiting.map(({ entry }) => entry.trial));
  }

  /**
   * Keep an entry and send it in the background, after all that were added before it.
   * @param {Entry} entry
   * @returns {Promise<any>} what the server answers; null where it refuses
   */
  add(entry) {
    const key = this.#nextKey();
    const answer = new Promise((settle) => this.#keep(key, entry, settle));
    try {
      localStorage.setItem(key, JSON.stringify(entry));
    } catch {
      // No storage here: the entry is kept for as long as the page lives.
    }
    // It is kept; the change on the page comes before the sending.
    setTimeout(() => this.#timer === undefined && this.send());
    this.#onChange();
    return answer;
  }

  /** Forget all that waits: the rater has taken everything back. */
  discard() {
    for (const { key } of this.#waiting) this.#forget(key);
  }

  /** Send all that waits, oldest first, until done or the connection fails. */
  async send() {
    if (this.#isSending) return;
    this.#isSending = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.size > 0 && this.#timer === undefined) {
      const [{ key, entry, settle }] = this.#waiting;
      try {
        const answer = await send(entry.method, entry.url, entry.body);
        // Whatever else says yes is not the server.
        if (answer?.trial !== entry.trial) throw new RequestFailed(0);
        this.#waits.reset();
        this.#forget(key);
        settle(answer);
      } catch (error) {
        // A fault of this page: what waits is kept, and sent by the next page.
        if (!(error instanceof RequestFailed)) throw error;
        if (this.#isRefused(error)) {
          this.#onRefused(entry.trial, error.code);
          this.#forget(key, isAnothers(error));
          settle(null);
        }
      }
    }
    this.#isSending = false;
    this.#onChange();
  }

  /**
   * Tell whether sending it again makes no sense; plan the next try if it does.
   * @param {RequestFailed} error
   */
  #isRefused(error) {
    if (error.isPassing) {
      const waitMs = this.#waits.next(error.retryAfterSeconds * 1000);
      this.#timer = setTimeout(() => this.send(), waitMs);
      return false;
    }
    // 409: another window was first, and what it did stays. The rest can't be mended here.
    if (error.status !== 409) this.refused += 1;
    return true;
  }

  /**
   * @param {string} key
   * @param {Entry} entry
   * @param {(answer: any) => void} settle
   */
  #keep(key, entry, settle) {
    this.#waiting.push({ key, entry, settle });
  }

  /**
   * @param {string} key
   * @param {boolean} isStored whether the browser keeps it for a later page
   */
  #forget(key, isStored = false) {
    this.#waiting = this.#waiting.filter((one) => one.key !== key);
    try {
      if (!isStored) localStorage.removeItem(key);
    } catch {
      // Nothing was stored.
    }
    this.#onChange();
  }

  /** Keys sort by time; the random end keeps two windows apart. */
  #nextKey() {
    this.#lastStamp = Math.max(Date.now(), this.#lastStamp + 1);
    const stamp = String(this.#lastStamp).padStart(15, "0");
    return `${this.#prefix}${stamp} ${Math.random().toString(36).slice(2)}`;
  }

  /** @returns {[string, Entry][]} what an earlier page kept, oldest first */
  #stored() {
    try {
      const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.#prefix));
      return keys.sort().flatMap((key) => {
        const entry = parse(localStorage.getItem(key));
        return entry ? [/** @type {[string, Entry]} */ ([key, entry])] : [];
      });
    } catch {
      return []; // No storage here.
    }
  }
}

/**
 * Tell whether the cookie is somebody else's by now: the answer waits until its rater is back.
 * @param {RequestFailed} error
 */
function isAnothers({ code }) {
  return code === "unknown-trial";
}

/**
 * @param {string | null} json
 * @returns {Entry | null} null where another window has sent it meanwhile, or it is no entry
 */
function parse(json) {
  try {
    return JSON.parse(json ?? "null");
  } catch {
    return null;
  }
}
