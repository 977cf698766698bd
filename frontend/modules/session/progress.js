/** What the server's word about a session means. No DOM. */

/** @typedef {import("../parts/api.js").Session} Session */
/** @typedef {{ card: "again" | "ready", right: number, trials: number }} Outcome */

/** @param {Session} session */
export function isOver({ state }) {
  return ["done", "screened-out", "ended", "withdrawn"].includes(state);
}

/**
 * Tell whether anything was answered, practice included.
 * @param {Session} session
 */
export function hasBegun({ judged, training }) {
  return judged > 0 || (training !== null && (training.attempt > 1 || training.judged > 0));
}

/**
 * Return how an attempt at the practice went; null where none has just ended.
 * @param {Session | null} before the session as the server told it last
 * @param {Session} now
 * @returns {Outcome | null}
 */
export function outcome(before, now) {
  if (before?.state !== "training" || !before.training || !now.training) return null;
  const { trials, correct, correct_before, attempt } = now.training;
  if (now.state === "judging") return { card: "ready", right: correct, trials };
  const isAgain = now.state === "training" && attempt !== before.training.attempt;
  return isAgain ? { card: "again", right: correct_before, trials } : null;
}

/**
 * Return the name of what is being waited for.
 * @param {boolean} isIdle whether the server has nothing to judge for the time being
 * @param {{ isOffline: boolean, isEmpty: boolean }} supply
 * @param {{ size: number, delivery: string }} outbox
 */
export function waitingFor(isIdle, supply, outbox) {
  if (supply.isOffline || outbox.delivery === "offline") return "waiting_offline";
  if (supply.isEmpty && outbox.size > 0) return "waiting_saving";
  return isIdle ? "waiting_nothing" : "waiting_fetching";
}
