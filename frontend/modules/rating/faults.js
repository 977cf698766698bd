/**
 * Faults of the page itself: told to the rater, and to the server's log. It imports nothing and
 * is loaded apart, so that it works where another module does not.
 */

/** Where the modules are: what comes from elsewhere, such as an extension, is none of ours. */
const HOME = new URL("..", import.meta.url).href;
/** One fault makes others. */
const MOST_TOLD = 3;
const LONGEST = 200;
/** Identifiers of raters, trials and pictures say who; they are nobody's business. */
const IDENTIFIER = /[0-9a-f]{8}[0-9a-f-]{8,}/gi;

/** Whoever sees one of these has all that was to come, such as a code: it stays. */
const ENDS = ["done", "screened-out", "ended"];

/** @type {(() => void)[]} */
const listeners = [];
let told = 0;

/** @param {() => void} listener called when the page has a fault */
export function onFault(listener) {
  listeners.push(listener);
}

/**
 * Tell of a fault, and stop what goes on.
 * @param {unknown} error
 * @param {string} where it is: file, line and column
 */
export function reportFault(error, where = placeOf(error)) {
  const page = /** @type {HTMLElement} */ (document.querySelector("#rate"));
  const state = page.dataset.state ?? "";
  if (!ENDS.includes(state)) show(page);
  for (const listener of listeners) listener();
  void tell(page.dataset.faults ?? "", { what: printable(error), where, state });
}

/** @param {HTMLElement} page */
function show(page) {
  document.querySelector("dialog")?.close();
  page.dataset.state = "fault";
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-for]"))) {
    part.hidden = part.dataset.for !== "fault";
    if (!part.hidden) part.focus({ preventScroll: true });
  }
}

/**
 * @param {string} url
 * @param {object} body
 */
async function tell(url, body) {
  told += 1;
  if (told > MOST_TOLD) return;
  const headers = { "Content-Type": "application/json" };
  try {
    await fetch(url, { method: "POST", headers, body: JSON.stringify(body), keepalive: true });
  } catch {
    // No connection: the rater is told, which matters more.
  }
}

/**
 * Return where in our modules a fault is; "" where it is elsewhere, or can't be told.
 * @param {unknown} error
 */
function placeOf(error) {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return stack.split(HOME)[1]?.match(/^[\w-]+\/([\w.-]+:\d+:\d+)/)?.[1] ?? "";
}

/**
 * Return what a fault says, on one line and without identifiers.
 * @param {unknown} error
 */
function printable(error) {
  const words = String(error)
    .replace(IDENTIFIER, "…")
    .replace(/[\p{C}\p{Z}]+/gu, " ");
  return words.trim().slice(0, LONGEST) || "?";
}

/** @param {ErrorEvent} event of a script that failed, or could not be loaded */
function onError({ target, error, message, filename, lineno, colno }) {
  if (target instanceof HTMLScriptElement) {
    if (target.src.startsWith(HOME)) reportFault("A module could not be loaded.", "");
  } else if (filename?.startsWith(HOME)) {
    reportFault(error ?? message, `${filename.split("/").pop()}:${lineno}:${colno}`);
  }
}

// Scripts that can't be loaded say so on the way down only.
window.addEventListener("error", onError, true);
window.addEventListener("unhandledrejection", ({ reason }) => {
  if (placeOf(reason)) reportFault(reason);
});
