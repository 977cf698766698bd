/** The rating page as a session sees it: what follows from its events, for eyes and ears. */

import { end } from "./ending.js";
import { windowFacts } from "../pictures/facts.js";
import { reportFault } from "./faults.js";
import { find } from "../parts/find.js";
import { waitingFor } from "../session/progress.js";
import { measure, obstacle, report, sayTooSmall } from "./screen-check.js";
import { disable, hint, notice, showDelivery, showProgress, showStage, timeLeft } from "./strip.js";
import { text } from "../parts/texts.js";

/** @typedef {import("../session/asked.js").Asked} Asked */
/** @typedef {import("../session/effects.js").Effects} Effects */
/** @typedef {import("../input/keys.js").Choice} Choice */
/** @typedef {import("../input/keys.js").Input} Input */
/** @typedef {import("../session/session.js").Session} Session */

/**
 * What stands on the page, or is counted for it.
 * @typedef {object} Parts
 * @property {import("../pictures/shown.js").Shown} shown
 * @property {import("./cards.js").Cards} cards
 * @property {import("./stage.js").Stage} stage
 * @property {import("../session/stopwatch.js").Stopwatch} stopwatch
 * @property {import("../input/help.js").Help} help
 * @property {import("./flagging.js").Flagging} flagging
 * @property {import("./practice.js").Practice} practice
 * @property {import("./rest.js").Rest} rest
 * @property {import("../session/outbox.js").Outbox} outbox
 * @property {import("../session/supply.js").Supply} supply
 * @property {import("../session/pace.js").Pace} pace
 * @property {() => void} onEnd called when the session is done
 */

/** @implements {Effects} */
export class Page {
  #root;
  #session;
  #parts;
  #wasReady = false;

  /**
   * @param {HTMLElement} root
   * @param {() => Session} session
   * @param {Parts} parts
   */
  constructor(root, session, parts) {
    this.#root = root;
    this.#session = session;
    this.#parts = parts;
  }

  /**
   * Show the parts that are for a state.
   * @param {string} state
   */
  enter(state) {
    const { cards, shown } = this.#parts;
    if (state === "small") sayTooSmall(shown);
    cards.enter(state);
    if (state === "instructions") report(shown);
  }

  /**
   * Tell whether the page has words of its own for a refusal.
   * @param {string} code
   */
  hasCard(code) {
    return this.#root.querySelector(`[data-for="${code}"]`) !== null;
  }

  /**
   * Show that the session is being begun.
   * @param {boolean} isBusy
   */
  begin(isBusy) {
    disable("#begin", isBusy);
  }

  /**
   * Put a trial's pictures on the page; its time runs from their first frame on.
   * @param {Asked} asked
   */
  show({ trial, pictures, first, looked, times }) {
    this.#root.dataset.trial = trial.id;
    this.#parts.stage.set(pictures, first === "left" ? "a" : "b", looked);
    this.#parts.stopwatch.startWithNextFrame(times);
    this.hint("");
  }

  /**
   * Stop a trial's time, and keep with it how it was looked at, should it be asked again.
   * @param {Asked} left
   */
  leave(left) {
    this.#parts.stopwatch.stop();
    left.looked = this.#parts.stage.looked;
  }

  /** Take the pictures away. */
  clear() {
    this.#parts.stage.clear();
  }

  /** Return the name of what keeps an answer from being taken; "" where nothing does. */
  obstacle() {
    const { flaw, slots } = this.#parts.stage;
    return flaw || (slots.isSeen ? "" : `look_${slots.arrangement}_${slots.layout}`);
  }

  /**
   * Return what an answer tells beside the choice.
   * @param {Asked} asked
   * @param {Input} input
   */
  facts({ first }, input) {
    const { stage, stopwatch } = this.#parts;
    const { visit } = this.#session();
    return {
      ...(visit ? { visit } : {}),
      ...windowFacts(),
      ...stage.facts(),
      ...stopwatch.facts(),
      ...(stage.slots.isFlipped ? { shown_first: first } : {}),
      input,
    };
  }

  /**
   * Say why nothing happens, or what was just done.
   * @param {string} name of the text; "" for none
   */
  hint(name) {
    hint(name && text(name));
  }

  /**
   * Say whether an answer of the practice was right, as soon as the server has.
   * @param {Choice} choice
   * @param {Promise<{ correct?: boolean } | null>} stored
   */
  tell(choice, stored) {
    void this.#parts.practice.tell(choice, stored);
  }

  /**
   * Say how an attempt at the practice went.
   * @param {import("../session/progress.js").Outcome} outcome
   */
  report({ card, right, trials }) {
    find(`#${card}-text`).textContent = text(card, { right, trials });
  }

  /**
   * @param {"break" | "pause"} kind
   * @param {number} judged how many trials are behind the rater
   */
  rest(kind, judged) {
    const { rest, supply, pace } = this.#parts;
    const { total } = supply;
    const left = timeLeft(pace.minutesFor(total - judged));
    rest.begin(kind, { judged, total, left, link: this.#session().told?.link ?? "" });
  }

  /** @param {import("../parts/api.js").Session} session */
  end(session) {
    end(session);
    if (session.state === "done") this.#parts.onEnd();
  }

  /** @param {unknown} error a fault of the page */
  fail(error) {
    reportFault(error);
  }

  /** Show progress, and what became of the answers. */
  update() {
    const { asked, undoable, told, isIdle } = this.#session();
    const { supply, outbox, pace } = this.#parts;
    if (asked) {
      const { number, training } = asked.trial;
      const wanted = training ? (told?.training?.trials ?? supply.total) : supply.total;
      const total = Math.max(wanted, number); // more came for what was flagged
      const minutes = pace.minutesFor(supply.total - number + 1);
      showProgress({ number, total, minutes, isTraining: training });
      this.#root.toggleAttribute("data-training", training);
    }
    this.#root.dataset.ahead = String(supply.ahead);
    find("#left-out").textContent = supply.leftOut ? text("left_out", { n: supply.leftOut }) : "";
    disable("#undo", !undoable);
    showDelivery(outbox);
    find("#waiting-text").textContent = text(waitingFor(isIdle, supply, outbox));
  }

  /** Show what is seen now, and whether an answer can be given. */
  look() {
    if (!this.#session().asked) return;
    const { stage, shown } = this.#parts;
    if (shown.isRefusing && !stage.isRoomy) this.#session().cramp();
    const isReady = stage.slots.isSeen && !stage.flaw;
    showStage(stage, isReady);
    notice(this.#noticed());
    // What a hint asked for is done; one about a key stays until a flip or an answer.
    if (isReady && !this.#wasReady) hint("");
    this.#wasReady = isReady;
  }

  /** Return the name of what is to be known of the pictures; "" where all is as it should be. */
  #noticed() {
    const { flaw, isWhole } = this.#parts.stage;
    const isNew = this.#session().asked?.trial.number === 1;
    return flaw || (isWhole ? (isNew ? this.obstacle() : "") : "partly");
  }

  /** The window has another size, pixel ratio or pinch. */
  fit() {
    const { shown, stage } = this.#parts;
    const { state } = this.#session();
    measure(shown);
    if (state === "instructions") report(shown);
    if (state === "small") {
      sayTooSmall(shown);
      if (!obstacle(shown)) this.#session().widen();
    }
    stage.fit();
  }

  /** The pictures' time runs while they are in view. */
  cover() {
    const { stopwatch, help, flagging } = this.#parts;
    const isCovered = help.isOpen || flagging.isOpen;
    stopwatch.cover(this.#session().state !== "trial" || isCovered);
  }
}
