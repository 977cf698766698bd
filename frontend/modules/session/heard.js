/** What a session hears in which state. No DOM. */

/** The state after a fault of the page, which nothing leads out of: it has to be loaded again. */
export const FAULT_STATE = "fault";
/** The states that hear an event; in all others it changes nothing. */
export const HEARD = {
  begin: ["consent", "waiting"],
  start: ["instructions", "ready", "again"],
  answer: ["trial"],
  undo: ["trial"],
  flag: ["trial"],
  pause: ["trial"],
  cramp: ["trial"],
  widen: ["small"],
  goOn: ["feedback", "rest"],
};
