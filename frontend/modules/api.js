/** The requests that the rating page makes. */

/**
 * A trial as the server issues it; the addresses tell nothing about what they show.
 * @typedef {object} Trial
 * @property {string} id
 * @property {number} number
 * @property {string} original
 * @property {string} left
 * @property {string} right
 * @property {number} width
 * @property {number} height
 * @property {string} judgment where the answer is sent
 * @property {string} undo where it is taken back
 * @property {number} attempt the number of the next answer
 * @property {boolean} training
 */

/**
 * How far a rater is.
 * @typedef {object} Session
 * @property {string} rater who this is: a random identifier
 * @property {"training" | "judging" | "done" | "screened-out"} state
 * @property {number} judged
 * @property {number} total
 * @property {Training | null} training
 * @property {number} visit
 * @property {string} language
 * @property {string} link the rater's own address of this page
 * @property {Completion | null} completion
 */

/**
 * The practice's rule (`right` of `trials`, in `attempts`), the attempt that the rater is at, and
 * how many were right in it and in the one before.
 * @typedef {object} Training
 * @property {number} trials
 * @property {number} right
 * @property {number} attempt
 * @property {number} attempts
 * @property {number} correct
 * @property {number} correct_before
 */
/** @typedef {{ code: string, url: string | null }} Completion */
/** @typedef {{ results: Trial[], judged: number, total: number, state: Session["state"] }} Trials */

/** Where nothing has come for so long, the connection is taken for cut. */
const LONGEST_MS = 30000;
/** What the server's own refusals are of; what stands between says something else, or nothing. */
const TYPE = /\/api\/v1\/docs\/#([\w-]+)$/;

/** An answer of the server that is not the one asked for, or (status 0) none at all. */
export class RequestFailed extends Error {
  /**
   * @param {number} status
   * @param {number} retryAfterSeconds
   * @param {string} code the rule that the server named; "" where it wasn't the server that spoke
   */
  constructor(status, retryAfterSeconds = 0, code = "") {
    super(`HTTP ${status} ${code}`);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /**
   * Whether the same request may succeed later: always where a proxy, a captive portal or a server
   * that is being set up has answered.
   */
  get isPassing() {
    return this.code === "" || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/**
 * @param {string} url
 * @param {RequestInit} options
 * @returns {Promise<any>} the JSON that the server answers
 */
async function request(url, options) {
  const response = await ask(url, options);
  if (!response.ok) {
    const retryAfterSeconds = Number(response.headers.get("Retry-After")) || 0;
    throw new RequestFailed(response.status, retryAfterSeconds, await codeOf(response));
  }
  try {
    return await response.json();
  } catch {
    // Cut off in the middle, or a proxy's own page.
    throw new RequestFailed(0);
  }
}

/**
 * Ask for an address, and read the answer to its end.
 * @param {string} url
 * @param {RequestInit} options
 * @returns {Promise<Response>} whatever is answered; throws RequestFailed where nothing is
 */
export async function ask(url, options = {}) {
  // Some browsers that show pixels exactly have no AbortSignal.timeout.
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), LONGEST_MS);
  try {
    const { signal } = cut;
    const response = await fetch(url, { credentials: "same-origin", cache: "no-store", signal, ...options });
    const { status, headers } = response;
    return new Response(await response.arrayBuffer(), { status, headers });
  } catch {
    throw new RequestFailed(0);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Read what a problem document (RFC 9457) says is wrong: the end of its type.
 * @param {Response} response
 * @returns {Promise<string>}
 */
async function codeOf(response) {
  try {
    const { type } = await response.json();
    return TYPE.exec(String(type))?.[1] ?? "";
  } catch {
    return "";
  }
}

/**
 * Send JSON; the request ends well although the page is closed meanwhile.
 * @param {"POST" | "PUT"} method
 * @param {string} url
 * @param {object} body
 * @returns {Promise<any>}
 */
export function send(method, url, body) {
  const headers = { "Content-Type": "application/json" };
  return request(url, { method, headers, body: JSON.stringify(body), keepalive: true });
}

/**
 * Ask how far the rater is.
 * @param {string} url
 * @returns {Promise<Session>}
 */
export function askSession(url) {
  return request(url, {});
}

/**
 * Ask for trials: those that were issued and not judged come first.
 * @param {string} url
 * @param {number} count
 * @returns {Promise<Trials>}
 */
export function nextTrials(url, count) {
  return request(`${url}?count=${count}`, {});
}
