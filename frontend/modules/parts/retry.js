/** Trying again: waits that double, up to a limit. */

import { RequestFailed } from "./api.js";

const FIRST_WAIT_MS = 1000;
/** Within so long those come again whom the server told the same time. */
const SPREAD_MS = 1000;

/** The waits between tries that fail one after the other. */
export class Waits {
  #nextMs = FIRST_WAIT_MS;
  #longestMs;

  /** @param {number} longestMs */
  constructor(longestMs) {
    this.#longestMs = longestMs;
  }

  /**
   * Return how long to wait now; the next wait is twice as long.
   * @param {number} leastMs what the server asked for
   */
  next(leastMs = 0) {
    const waitMs = Math.max(this.#nextMs, leastMs);
    this.#nextMs = Math.min(this.#nextMs * 2, this.#longestMs);
    return waitMs;
  }

  /** Begin with a short wait again: a try has succeeded. */
  reset() {
    this.#nextMs = FIRST_WAIT_MS;
  }
}

/** @param {number} ms */
export function pause(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve(undefined);
    }
    // No need to wait for the end of a long pause when the connection has come back.
    window.addEventListener("online", done);
  });
}

/**
 * Try until it succeeds or fails for good, however long the connection is away.
 * @template T
 * @param {() => Promise<T>} attempt
 * @param {(isAway: boolean, isBusy: boolean) => void} onChange whether it must wait, and whether a
 *   server has asked for that
 * @param {(error: RequestFailed) => boolean} isPassing whether it may succeed later
 * @returns {Promise<T>}
 */
export async function insist(attempt, onChange = () => {}, isPassing = (error) => error.isPassing) {
  const waits = new Waits(15000);
  for (;;) {
    try {
      const result = await attempt();
      onChange(false, false);
      return result;
    } catch (error) {
      if (!(error instanceof RequestFailed && isPassing(error))) throw error;
      onChange(true, error.isBusy);
      const spreadMs = error.retryAfterSeconds > 0 ? Math.random() * SPREAD_MS : 0;
      await pause(waits.next(error.retryAfterSeconds * 1000) + spreadMs);
    }
  }
}
