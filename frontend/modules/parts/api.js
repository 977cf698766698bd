/** The requests that pages make. */

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
 * @property {string} flag where it is said that something is wrong with it
 * @property {number} attempt the number of the next answer
 * @property {boolean} training
 */

/**
 * How far a rater is.
 * @typedef {object} Session
 * @property {string} rater who this is: a random identifier
 * @property {"training" | "judging" | "done" | "screened-out" | "ended" | "withdrawn"} state
 * @property {number} judged
 * @property {number} total
 * @property {Training | null} training
 * @property {number} visit
 * @property {string} language
 * @property {string} [ending] which rule ended it: "hopeless", "away", "full" or ""
 * @property {string} link the rater's own address of this page
 * @property {Completion | null} completion
 * @property {"before" | "after" | null} questions_due which questions are to be answered now
 */

/**
 * The practice's rule (`right` of `trials`, in `attempts`), the attempt that the rater is at, and
 * how many were right in it and in the one before, and judged in it.
 * @typedef {object} Training
 * @property {number} trials
 * @property {number} right
 * @property {number} attempt
 * @property {number} attempts
 * @property {number} correct
 * @property {number} correct_before
 * @property {number} judged
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
   * @param {string[]} problems what the server says is wrong, a line each
   */
  constructor(status, retryAfterSeconds = 0, code = "", problems = []) {
    super(`HTTP ${status} ${code}`);
    this.status = status;
    this.code = code;
    this.problems = problems;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /**
   * Whether the same request may succeed later: always where a proxy, a captive portal or a server
   * that is being set up has answered.
   */
  get isPassing() {
    return this.code === "" || this.status === 408 || this.isBusy || this.status >= 500;
  }

  /** Whether the server is there, and asks to come later. */
  get isBusy() {
    return this.status === 429;
  }
}

/**
 * @param {string} url
 * @param {RequestInit} options
 * @param {number} longestMs how long the answer may take
 * @returns {Promise<any>} the JSON that the server answers; throws RequestFailed
 */
export async function request(url, options, longestMs = LONGEST_MS) {
  const response = await ask(url, options, longestMs);
  if (!response.ok) throw await failureOf(response);
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
 * @param {number} longestMs
 * @returns {Promise<Response>} whatever is answered; throws RequestFailed where nothing is
 */
export async function ask(url, options = {}, longestMs = LONGEST_MS) {
  // Some browsers that show pixels exactly have no AbortSignal.timeout.
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), longestMs);
  /** @type {Response} */
  let response;
  /** @type {ArrayBuffer} */
  let body;
  try {
    const { signal } = cut;
    response = await fetch(url, {
      credentials: "same-origin",
      cache: "no-store",
      signal,
      ...options,
    });
    body = await response.arrayBuffer();
  } catch {
    throw new RequestFailed(0);
  } finally {
    clearTimeout(timer);
  }
  const { status, headers } = response;
  // Some statuses, such as 204, have no body, not even an empty one.
  return new Response(body.byteLength ? body : null, { status, headers });
}

/**
 * Return a refusal as an error.
 * @param {Response} response
 */
export async function failureOf(response) {
  const retryAfterSeconds = Number(response.headers.get("Retry-After")) || 0;
  const { code, problems } = await problemOf(response);
  return new RequestFailed(response.status, retryAfterSeconds, code, problems);
}

/**
 * Read what a problem document (RFC 9457) says is wrong: the end of its type, and its lines.
 * @param {Response} response
 * @returns {Promise<{ code: string, problems: string[] }>}
 */
async function problemOf(response) {
  try {
    const { type, errors = [] } = await response.json();
    const problems = errors.map((/** @type {{ detail: string }} */ { detail }) => detail);
    return { code: TYPE.exec(String(type))?.[1] ?? "", problems };
  } catch {
    return { code: "", problems: [] };
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
