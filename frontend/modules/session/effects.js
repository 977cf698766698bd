/** What a session is given, and what its events do to the page. No DOM. */

/** @typedef {import("../parts/api.js").Session} Session */
/** @typedef {import("./asked.js").Asked} Asked */

/**
 * @typedef {object} Effects
 * @property {(state: string) => void} enter show the parts that are for a state
 * @property {(code: string) => boolean} hasCard whether the page has words of its own for a refusal
 * @property {(isBusy: boolean) => void} begin show that the session is being begun
 * @property {(asked: Asked) => void} show put a trial's pictures on the page; its time begins
 * @property {(asked: Asked) => void} leave stop its time; keep with it how it was looked at
 * @property {() => void} clear take the pictures away
 * @property {() => string} obstacle the name of what keeps an answer from being taken; "" for none
 * @property {(asked: Asked, input: import("../input/keys.js").Input) => object} facts
 *   what an answer tells beside the choice
 * @property {(name: string) => void} hint say a text, by its name; "" for none
 * @property {(choice: import("../input/keys.js").Choice, stored: Promise<any>) => void} tell
 *   whether an answer of the practice was right, as soon as the server has said so
 * @property {(outcome: import("./progress.js").Outcome) => void} report how the practice went
 * @property {(kind: "break" | "pause", judged: number) => void} rest
 * @property {(session: Session) => void} end
 * @property {(error: unknown) => void} fail say that the page has a fault
 * @property {() => void} update show progress, and what became of the answers
 */

/**
 * What a session is given. `begin` and `ask` insist: they end with the server's word.
 * @typedef {object} Parts
 * @property {{ ties: boolean, breakEvery: number }} study
 * @property {() => Promise<Session>} begin
 * @property {() => Promise<Session>} ask
 * @property {import("./outbox.js").Outbox} outbox
 * @property {import("./supply.js").Supply} supply
 * @property {import("./pace.js").Pace} pace
 * @property {Effects} page
 */

export {};
