/** A rater's visit: the session with its real parts, before a page that notes what happens to it. */

import { loadPage, openBrowser, settle } from "./browser.mjs";
import { Server } from "./server.mjs";

const MODULES = "../../../frontend/modules";
const { askSession, send } = await import(`${MODULES}/parts/api.js`);
const { Outbox } = await import(`${MODULES}/session/outbox.js`);
const { Pace } = await import(`${MODULES}/session/pace.js`);
const { waitingFor } = await import(`${MODULES}/session/progress.js`);
const { insist } = await import(`${MODULES}/parts/retry.js`);
const { Session } = await import(`${MODULES}/session/session.js`);
const { Supply } = await import(`${MODULES}/session/supply.js`);

/** The page: every effect is a line, and pictures count as seen unless `unseen` says otherwise. */
class NotedPage {
  lines = [];
  /** Every answer that was taken: { trial, attempt, choice }. */
  given = [];
  hints = [];
  failures = [];
  rests = [];
  reports = [];
  state = "";
  shown = null;
  unseen = "";
  cards = ["study-closed", "study-paused", "no-rater", "pictures-missing"];
  isTold = true;

  constructor(state) {
    this.state = state;
  }
  enter(state) {
    this.state = state;
    this.lines.push(state);
  }
  hasCard(code) {
    return this.cards.includes(code);
  }
  begin() {}
  show(asked) {
    this.shown = asked;
    this.lines.push(`${asked.trial.id} attempt ${asked.attempt}`);
  }
  leave(asked) {
    asked.looked = { flips: 1, seen: new Set(), magnified: 1, pans: 0 };
  }
  clear() {
    this.shown = null;
  }
  obstacle() {
    return this.unseen;
  }
  facts({ trial, attempt }, input) {
    this.given.push({ trial: trial.id, attempt });
    return { input };
  }
  hint(name) {
    this.hints.push(name);
  }
  tell(choice, stored) {
    this.isTold = false;
    void stored.then((answer) => {
      this.isTold = true;
      this.lines.push(answer === null ? "elsewhere" : answer.correct ? "right" : "wrong");
    });
  }
  report(outcome) {
    this.reports.push(outcome);
  }
  rest(kind, judged) {
    this.rests.push([kind, judged]);
  }
  end() {}
  fail(error) {
    this.failures.push(error);
    this.state = "fault";
  }
  update() {}
}

export class Visit {
  /**
   * @param {Server} server
   * @param {{ ties?: boolean, breakEvery?: number, trialMs?: number, state?: string }} study
   */
  constructor(server, { ties = false, breakEvery = 0, trialMs = 6000, state = "consent" } = {}) {
    this.server = server;
    const study = { ties, breakEvery };
    this.page = new NotedPage(state);
    const changed = () => this.session.changed();
    this.outbox = new Outbox("study", changed, (trial) => this.session.refused(trial));
    this.supply = new Supply("/trials/next/", 1, this.outbox, changed);
    this.pace = new Pace(trialMs);
    const begin = () => insist(() => send("POST", "/raters/", { consent: true }));
    const ask = () => insist(() => askSession("/session/"));
    const { outbox, supply, pace, page } = this;
    this.session = new Session(state, { study, begin, ask, outbox, supply, pace, page });
  }

  get state() {
    return this.session.state;
  }

  /** The name of what the page waits for. */
  get waitingFor() {
    return waitingFor(this.session.isIdle, this.supply, this.outbox);
  }

  /** The trial on the page. */
  get trial() {
    return this.session.asked?.trial.id;
  }

  /** Consent, read, and see the first trial. */
  async begin() {
    void this.session.begin();
    await settle();
    this.session.start();
    await settle();
  }

  /** Answer the trial on the page; note the choice if it was taken. */
  answer(choice = "left") {
    const before = this.page.given.length;
    this.session.answer(choice, "key");
    const taken = this.page.given.at(before);
    if (taken) taken.choice = choice;
    return taken;
  }

  /** Answer, and let come what comes of it. */
  async answers(choice) {
    const taken = this.answer(choice);
    await settle();
    return taken;
  }
}

/** Return a first visit, in a browser that nobody has used. */
export function firstVisit(study = {}, protocol = {}) {
  const server = new Server(study);
  openBrowser((url, options) => server.answer(url, options));
  return new Visit(server, protocol);
}

/** Return the visit after the page was loaded anew, or closed and opened again. */
export function nextVisit({ server }, protocol = {}) {
  loadPage((url, options) => server.answer(url, options));
  return new Visit(server, { state: "waiting", ...protocol });
}
