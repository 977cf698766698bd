/** A rater's session: what is on the page, and what follows from what happens. No DOM. */

import { RequestFailed } from "../parts/api.js";
import { asking, askingAgain } from "./asked.js";
import { FAULT_STATE, HEARD } from "./heard.js";
import { hasBegun, isOver, outcome } from "./progress.js";
import { Waits, pause } from "../parts/retry.js";

/** @typedef {import("../parts/api.js").Session} Told */
/** @typedef {import("../input/keys.js").Choice} Choice */
/** @typedef {import("../input/keys.js").Input} Input */
/** @typedef {import("./asked.js").Asked} Asked */

const A_MOMENT_MS = 1000;
/** How often the server is asked, at least, whether there is something to judge again. */
const A_MINUTE_MS = 60000;
export class Session {
  #parts;
  #page;
  #idle = new Waits(A_MINUTE_MS);
  #isBeginning = false;
  #isSettling = false;
  /** Whether the server had nothing to judge although the session isn't over. */
  isIdle = false;
  /** The session as the server told it last. @type {Told | null} */
  told = null;
  /** The number of this visit: the session may have others meanwhile. */
  visit = 0;
  /** The trial on the page. @type {Asked | null} */
  asked = null;
  /** What was answered last and can be undone. @type {Asked | null} */
  undoable = null;

  /**
   * @param {string} state which the page was sent in
   * @param {import("./effects.js").Parts} parts
   */
  constructor(state, parts) {
    this.state = state;
    this.#parts = parts;
    this.#page = parts.page;
  }

  /** Begin a session, or a visit of one that goes on. */
  async begin() {
    if (!this.#hears("begin") || this.#isBeginning) return;
    this.#isBeginning = true;
    this.#page.begin(true);
    await this.#dare(async () => {
      const told = (this.told = await this.#parts.begin());
      this.visit = told.visit;
      this.#parts.outbox.open(told.rater);
      if (told.state === "withdrawn") this.#parts.outbox.discard(); // another window's
      if (!this.#hears("begin")) return; // a trial that was waited for came first, and is asked
      // Answers that an earlier page left are sent before an end is shown.
      const isWaiting = this.#parts.outbox.size > 0;
      if (isOver(told) && !isWaiting) return this.#end(told);
      if (isWaiting || hasBegun(told)) return this.#wait();
      this.#enter("instructions");
      // The first pictures come while the rater reads.
      void this.#fetch();
    });
    this.#isBeginning = false;
    this.#page.begin(false);
  }

  /** What was to be read is read. */
  start() {
    if (this.#hears("start")) this.#wait();
  }

  /** @param {Choice} choice @param {Input} input */
  answer(choice, input) {
    if (!this.#hears("answer") || !this.asked) return;
    const { asked } = this;
    const { trial, attempt } = asked;
    const { outbox, pace } = this.#parts;
    const obstacle = this.#noTie(choice) || this.#page.obstacle();
    if (obstacle) return this.#page.hint(obstacle);
    const body = { choice, attempt, ...this.#page.facts(asked, input) };
    this.#page.leave(asked);
    const stored = outbox.add({ method: "PUT", url: trial.judgment, trial: trial.id, body });
    if (trial.training) {
      this.#enter("feedback");
      return this.#page.tell(choice, stored);
    }
    pace.answered();
    this.undoable = asked;
    if (!this.#isBreakAfter(trial.number)) return this.#advance();
    this.asked = null;
    this.#rest("break", trial.number);
  }

  /** Take the last answer back, and ask again. */
  undo() {
    if (!this.#hears("undo") || !this.undoable) return;
    const { trial, attempt } = this.undoable;
    const { outbox, supply } = this.#parts;
    void outbox.add({ method: "POST", url: trial.undo, trial: trial.id, body: { attempt } });
    if (this.asked) {
      this.#page.leave(this.asked);
      supply.putBack(this.asked);
    }
    this.#ask(askingAgain(this.undoable));
    this.undoable = null;
    this.#page.hint("undone");
    this.changed();
  }

  /**
   * Say that something is wrong with the trial, and go on: another one comes in its place.
   * @param {string} reason @param {string} words
   */
  flag(reason, words) {
    if (!this.#hears("flag") || !this.asked) return;
    const { id: trial, flag: url } = this.asked.trial;
    this.#page.leave(this.asked);
    const body = { reason, text: words };
    const stored = this.#parts.outbox.add({ method: "PUT", url, trial, body });
    void stored.then(() => this.#parts.supply.restart()); // there is one more to come
    this.#advance();
    this.#page.hint("flagged");
  }

  /** The rater wants to rest. */
  pause() {
    if (!this.#hears("pause") || !this.asked) return;
    const { number, training } = this.asked.trial;
    this.#rest("pause", training ? 0 : number - 1);
  }

  /** The window has become too small to judge in. */
  cramp() {
    if (this.#hears("cramp")) this.#enter("small");
  }

  /** The window is large enough again. */
  widen() {
    if (this.#hears("widen")) this.#enter("trial");
  }

  /** The rater goes on after a rest, or after what a practice trial told. */
  goOn() {
    if (!this.#hears("goOn")) return;
    if (this.state === "rest" && this.asked) this.#enter("trial");
    else this.#advance();
  }

  /**
   * The server refuses an answer, or an undo, for good: where it issues the trial again, it is
   * asked again.
   * @param {string} trial
   */
  refused(trial) {
    if (this.undoable?.trial.id === trial) this.undoable = null;
    const isAsked = this.asked?.trial.id === trial && this.state !== "feedback";
    if (!isAsked) this.#parts.supply.release(trial);
  }

  /** Trials have come, or answers have gone: go on when they were waited for. */
  changed() {
    const { outbox, supply } = this.#parts;
    if (this.state === "waiting") {
      if (supply.hasReady) return this.#advance();
      if (supply.isEmpty && outbox.size === 0) void this.#settle();
    }
    this.#page.update();
  }

  /** The page has a fault: nothing goes on that could rest on it. */
  stop() {
    this.state = FAULT_STATE;
  }

  /** @param {keyof typeof HEARD} event */
  #hears(event) {
    return HEARD[event].includes(this.state);
  }

  /** @param {string} state */
  #enter(state) {
    if (this.state === state || this.state === FAULT_STATE) return;
    this.state = state;
    this.#page.enter(state);
  }

  /** Show the next trial if it is ready; else say what is being waited for. */
  #advance() {
    const next = this.#parts.supply.take();
    if (next) return this.#ask(asking(next));
    this.asked = null;
    this.#page.clear();
    this.#enter("waiting");
    this.changed();
  }

  /** @param {Asked} next */
  #ask(next) {
    this.asked = next;
    this.isIdle = false;
    this.#enter("trial");
    this.#page.show(next);
    this.changed();
  }

  /** @param {Choice} choice */
  #noTie(choice) {
    if (choice !== "tie") return "";
    if (!this.#parts.study.ties) return "no_tie";
    return this.asked?.trial.training ? "no_tie_yet" : "";
  }

  /** @param {number} number */
  #isBreakAfter(number) {
    const { study, pace, supply } = this.#parts;
    const isDue = study.breakEvery > 0 && number % study.breakEvery === 0;
    return isDue && pace.isWorthABreak(supply.total - number);
  }

  /**
   * @param {"break" | "pause"} kind
   * @param {number} judged how many trials are behind the rater
   */
  #rest(kind, judged) {
    this.#parts.pace.rested();
    this.#page.rest(kind, judged);
    this.#enter("rest");
  }

  #wait() {
    this.#enter("waiting");
    void this.#fetch();
    this.changed();
  }

  /** Send what an earlier page left, so that an undone trial comes first again; then fetch. */
  async #fetch() {
    await Promise.race([this.#parts.outbox.send(), pause(A_MOMENT_MS)]);
    this.#parts.supply.restart();
  }

  /** Ask the server what comes when there are no more trials here and every answer is stored. */
  async #settle() {
    if (this.#isSettling) return;
    this.#isSettling = true;
    await this.#dare(async () => {
      const before = this.told;
      const now = (this.told = await this.#parts.ask());
      await this.#goOnAfter(before, now);
    });
    this.#isSettling = false;
  }

  /** @param {Told | null} before @param {Told} now */
  async #goOnAfter(before, now) {
    const { supply } = this.#parts;
    if (isOver(now)) return this.#end(now);
    const practice = outcome(before, now);
    if (practice) {
      this.#page.report(practice);
      this.#enter(practice.card);
    } else if (supply.refusal) return this.#refuse(supply.refusal);
    else if (supply.leftOut > 0) return this.#refuse("pictures-missing");
    else await this.#waitForTrials();
    supply.restart();
  }

  /** Wait for longer each time that there was nothing. */
  async #waitForTrials() {
    if (!this.isIdle) this.#idle.reset();
    this.isIdle = true;
    this.changed();
    await pause(this.#idle.next());
  }

  /** @param {Told} told */
  #end(told) {
    this.#page.end(told);
    this.#enter(told.state);
  }

  /** @param {string} code */
  #refuse(code) {
    this.#enter(this.#page.hasCard(code) ? code : "refused");
  }

  /**
   * Do what may be refused by the server, or fail by a fault of the page.
   * @param {() => Promise<void>} act
   */
  async #dare(act) {
    try {
      await act();
    } catch (error) {
      if (error instanceof RequestFailed) return this.#refuse(error.code);
      this.stop();
      this.#page.fail(error);
    }
  }
}
