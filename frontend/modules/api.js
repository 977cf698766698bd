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
 */

/**
 * @typedef {object} Trials
 * @property {Trial[]} results
 * @property {number} judged
 * @property {number} total
 */

/** An answer of the server that is not the one asked for, or (status 0) none at all. */
export class RequestFailed extends Error {
  /**
   * @param {number} status
   * @param {number} retryAfterSeconds
   * @param {string} code the rule that the server named, if it did
   */
  constructor(status, retryAfterSeconds = 0, code = "") {
    super(`HTTP ${status} ${code}`);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether the same request may succeed later. */
  get isPassing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/**
 * @param {string} url
 * @param {RequestInit} options
 * @returns {Promise<Response>}
 */
async function request(url, options) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...options });
  } catch {
    throw new RequestFailed(0);
  }
  if (!response.ok) {
    const retryAfterSeconds = Number(response.headers.get("Retry-After")) || 0;
    throw new RequestFailed(response.status, retryAfterSeconds, await codeOf(response));
  }
  return response;
}

/**
 * Read what a problem document (RFC 9457) says is wrong: the end of its type.
 * @param {Response} response
 * @returns {Promise<string>}
 */
async function codeOf(response) {
  try {
    const { type } = await response.json();
    return String(type).split("#")[1] ?? "";
  } catch {
    return "";
  }
}

/**
 * @param {string} method
 * @param {object} body
 */
function json(method, body) {
  const headers = { "Content-Type": "application/json" };
  return { method, headers, body: JSON.stringify(body) };
}

/**
 * Begin a rater's session, with consent.
 * @param {string} url
 */
export async function begin(url) {
  await request(url, json("POST", { consent: true }));
}

/**
 * Ask for trials: those that were issued and not judged come first.
 * @param {string} url
 * @param {number} count
 * @returns {Promise<Trials>}
 */
export async function nextTrials(url, count) {
  const response = await request(`${url}?count=${count}`, { cache: "no-store" });
  return response.json();
}

/**
 * Send a judgment; sending it again is harmless.
 * @param {string} url
 * @param {object} judgment
 */
export async function sendJudgment(url, judgment) {
  // Kept alive: the request ends well although the page is closed meanwhile.
  await request(url, { ...json("PUT", judgment), keepalive: true });
}
