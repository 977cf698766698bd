/**
 * Sending a submission: begun, each file sent unless it is there, closed. What a cut connection
 * interrupts goes on when it is back. No DOM.
 */

import { ask, failureOf, request, RequestFailed } from "../parts/api.js";
import { insist } from "../parts/retry.js";

/** @typedef {import("./parcel.js").Item} Item */
/** @typedef {import("./parcel.js").Parcel} Parcel */
/**
 * Where it is sent.
 * @typedef {object} Place
 * @property {string} challenge
 * @property {string} phase
 * @property {string} submissions the address where submissions begin
 * @property {string} submission its address; "" until it is begun
 * @property {string} token against requests from other sites
 * @property {Record<string, string>} [headers] what else requests say
 * @property {Record<string, string | number | boolean | null>} [more] what else is said at first
 * @property {boolean} [isWhole] whether it is to hold what is chosen here and nothing else
 */
/**
 * What becomes of it, as it happens.
 * @typedef {object} Listener
 * @property {(step: "reading" | "sent" | "closing", done: number, count: number) => void} onStep
 * @property {(isAway: boolean) => void} onWay
 * @property {(submission: string) => void} onBegun
 */

const AT_ONCE = 3;
/** A slow line moves so many bytes in a millisecond; one that moves fewer is taken for cut. */
const LEAST_RATE = 8;
const LONGEST_MS = 60_000;
/** What was lost on the way, and is no fault of the file. */
const LOST = new Set(["body-incomplete", "digest-mismatch"]);
/** What is said of one file; the others can be sent all the same. */
const ABOUT_THE_FILE = new Set([404, 409, 413, 422]);

/** A server that is busy asks to wait for less; one that refuses, for the next day of a quota. */
const LONGEST_BUSY_SECONDS = 60;

/**
 * Whether the same request may succeed later: where no answer came, or none of the server's own.
 * @param {RequestFailed} error
 */
function isPassing({ status, code, retryAfterSeconds }) {
  const isBusy =
    status === 429 && retryAfterSeconds > 0 && retryAfterSeconds <= LONGEST_BUSY_SECONDS;
  return status === 0 || status === 408 || status >= 500 || LOST.has(code) || isBusy;
}

/**
 * Whether the submission itself is not there, as where another window has deleted it.
 * @param {RequestFailed} error
 */
export function isGone({ status, code, problems }) {
  return status === 404 && code === "" && problems.length > 0;
}

/** One submission on its way. */
export class Delivery {
  #place;
  #parcel;
  #listener;

  /**
   * @param {Place} place
   * @param {Parcel} parcel
   * @param {Listener} listener
   */
  constructor(place, parcel, listener) {
    this.#place = place;
    this.#parcel = parcel;
    this.#listener = listener;
  }

  /**
   * Ask which files the server has of a submission that is begun.
   * @returns {Promise<string[]>} names of those that somebody else has put there meanwhile
   */
  async look() {
    const { submission } = this.#place;
    if (!submission) return [];
    const { results } = await this.#call("GET", `${submission}files/`);
    return this.#parcel.hold(results);
  }

  /**
   * Send all that is not there, and close the submission, unless somebody else has changed it since
   * this page looked: what they did is shown first.
   * @param {string} method its name, where it is not begun yet
   * @returns {Promise<string[]>} what stands against closing it; none where it is closed
   */
  async send(method) {
    await this.#read();
    if (!this.#place.submission) await this.#begin(method);
    const others = await this.look();
    if (this.#place.isWhole && this.#parcel.hasOthers) await this.#beginAnew(method);
    else if (this.#parcel.renamed.length > 0) return [];
    // What is chosen meanwhile goes too: a submission that is closed takes nothing more.
    while (this.#parcel.waiting.length > 0) {
      await this.#read();
      await this.#sendFiles();
    }
    if (this.#parcel.items.some(({ state }) => state === "refused")) return [];
    others.push(...(await this.look()));
    return others.length > 0 ? [this.#parcel.toldOf(others)] : this.#close();
  }

  /** Whether all that was chosen is there. */
  get isThere() {
    return this.#parcel.items.every(({ state }) => state === "there");
  }

  /** Read what was chosen, for its digests. */
  async #read() {
    const unread = this.#parcel.waiting.filter(({ sha256 }) => !sha256);
    let done = 0;
    for (const item of unread) {
      this.#listener.onStep("reading", done, unread.length);
      this.#parcel.change(item, { sha256: await digest(/** @type {Blob} */ (item.file)) });
      done += 1;
    }
  }

  /** @param {string} method */
  async #begin(method) {
    const { challenge, phase, submissions, more } = this.#place;
    const body = JSON.stringify({ challenge, phase, method, ...more });
    const headers = { "Content-Type": "application/json" };
    const { id } = await this.#call("POST", submissions, { headers, body });
    this.#place.submission = `${submissions}${id}/`;
    this.#listener.onBegun(id);
  }

  /**
   * Delete what was begun before with other files, and begin again.
   * @param {string} method
   */
  async #beginAnew(method) {
    const { submission, token, headers } = this.#place;
    const options = { method: "DELETE", headers: { ...headers, "X-CSRFToken": token } };
    const attempt = async () => {
      const response = await ask(submission, options);
      if (!response.ok && response.status !== 404) throw await failureOf(response);
    };
    await insist(attempt, this.#listener.onWay, isPassing);
    this.#parcel.letGo();
    await this.#begin(method);
  }

  async #sendFiles() {
    const all = this.#parcel.waiting;
    const left = all.values();
    let done = 0;
    const sendSome = async () => {
      for (const item of left) {
        // It may have been left out meanwhile, or another one chosen in its place.
        if (this.#parcel.items.includes(item)) await this.#put(item);
        done += 1;
        this.#listener.onStep("sent", done, all.length);
      }
    };
    this.#listener.onStep("sent", done, all.length);
    await Promise.all(Array.from({ length: AT_ONCE }, sendSome));
  }

  /** @param {Item} item */
  async #put(item) {
    const path =
      item.kind === "decoder" ? "decoder" : `${item.kind}/${encodeURIComponent(item.name)}`;
    const headers = { "Content-Type": "application/octet-stream", ...digestHeader(item.sha256) };
    this.#parcel.change(item, { state: "sending" });
    try {
      const address = `${this.#place.submission}${path}`;
      const longestMs = LONGEST_MS + item.bytes / LEAST_RATE;
      await this.#call("PUT", address, { headers, body: item.file }, longestMs);
      this.#parcel.change(item, { state: "there" });
    } catch (error) {
      if (!(error instanceof RequestFailed && ABOUT_THE_FILE.has(error.status))) throw error;
      if (isGone(error)) throw error; // nor can the others be sent
      this.#parcel.change(item, { state: "refused", problems: error.problems });
    }
  }

  /** @returns {Promise<string[]>} */
  async #close() {
    this.#listener.onStep("closing", 0, 0);
    try {
      await this.#call("POST", `${this.#place.submission}submit/`);
      return [];
    } catch (error) {
      if (error instanceof RequestFailed && error.code) return error.problems;
      throw error;
    }
  }

  /**
   * @param {string} method
   * @param {string} url
   * @param {RequestInit} options
   * @param {number} longestMs
   */
  #call(method, url, options = {}, longestMs = LONGEST_MS) {
    const { token, headers: own } = this.#place;
    const headers = { ...options.headers, ...own, "X-CSRFToken": token };
    const attempt = () => request(url, { ...options, method, headers }, longestMs);
    return insist(attempt, this.#listener.onWay, isPassing);
  }
}

/**
 * Return a file's SHA-256 in hex; "" where the browser computes none, as on pages without https.
 * @param {Blob} file
 */
async function digest(file) {
  if (!globalThis.crypto?.subtle) return "";
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Return the header by which nothing is stored that did not arrive as it is (RFC 9530).
 * @param {string} sha256
 * @returns {Record<string, string>}
 */
function digestHeader(sha256) {
  if (!sha256) return {};
  const bytes = (sha256.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
  return { "Content-Digest": `sha-256=:${btoa(String.fromCharCode(...bytes))}:` };
}
