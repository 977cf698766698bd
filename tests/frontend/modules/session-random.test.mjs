/**
 * Raters who do anything at any time, at servers that are away, deaf or behind a proxy, on pages
 * that are closed at any moment: no answer is lost, doubled or changed.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { between, oneOf, pass, passMinute, seeded, settle } from "./browser.mjs";
import { WAYS } from "./server.mjs";
import { firstVisit, nextVisit } from "./visit.mjs";

const RATERS = 120;
const STEPS = 80;
const CHOICES = ["left", "right", "tie"];

/** Return the answers that wait in the browser, as any page would find them. */
function kept() {
  return Object.values(localStorage)
    .map((text) => JSON.parse(text))
    .filter(({ method }) => method === "PUT")
    .map(({ trial, body: { attempt, choice } }) => ({ trial, attempt, choice }));
}

const line = ({ trial, attempt, choice }) => `${trial} attempt ${attempt}: ${choice}`;

/** One rater, whatever page they are at. */
class Rater {
  /** Every answer that some page took from them. */
  given = [];
  done = [];

  constructor(seed) {
    this.random = seeded(seed);
    const { random } = this;
    this.protocol = {
      ties: random() < 0.5,
      breakEvery: oneOf(random, [0, 0, 3]),
      trialMs: oneOf(random, [6000, 40_000]),
    };
    const study = {
      total: between(random, 1, 20),
      practice: oneOf(random, [0, 0, 2, 3]),
      attempts: oneOf(random, [1, 5]),
    };
    this.visit = firstVisit(study, this.protocol);
    this.server = this.visit.server;
  }

  answer() {
    const { session } = this.visit;
    const trial = session.asked?.trial;
    const choice = trial?.training && this.random() < 0.8 ? "left" : oneOf(this.random, CHOICES);
    const taken = this.visit.answer(choice);
    if (taken) this.given.push(taken);
  }

  reload() {
    this.visit = nextVisit(this.visit, this.protocol);
    void this.visit.session.begin();
  }

  /** Do something, whether it makes sense or not. */
  async step() {
    const { session, page } = this.visit;
    const acts = {
      answer: [6, () => this.answer()],
      doubly: [1, () => (this.answer(), this.answer())],
      undo: [2, () => session.undo()],
      pause: [1, () => session.pause()],
      goOn: [3, () => page.isTold && session.goOn()],
      start: [2, () => session.start()],
      begin: [1, () => void session.begin()],
      cramp: [1, () => session.cramp()],
      widen: [1, () => session.widen()],
      look: [1, () => void (page.unseen = oneOf(this.random, ["", "", "look_beside_flip"]))],
      settle: [4, settle],
      pass: [2, () => pass(between(this.random, 1, 3000))],
      turn: [1, () => void (this.server.way = oneOf(this.random, ["up", "up", ...WAYS]))],
      reconnect: [1, () => void window.dispatchEvent(new Event("online"))],
      reload: [1, () => this.random() < 0.4 && this.reload()],
    };
    const names = Object.entries(acts).flatMap(([name, [often]]) => Array(often).fill(name));
    const name = oneOf(this.random, names);
    this.done.push(name);
    await acts[name][1]();
  }

  /** Go on with care, until there is an end. */
  async finish() {
    this.server.way = "up";
    for (let turn = 0; turn < 200 && !this.isOver; turn += 1) {
      const { session, page } = this.visit;
      page.unseen = "";
      if (session.state === "consent") void session.begin();
      session.start();
      session.widen();
      if (page.isTold) session.goOn();
      if (session.state === "trial") this.answer();
      await (turn % 10 === 9 ? passMinute() : settle());
    }
    await passMinute();
  }

  get isOver() {
    return ["done", "screened-out"].includes(this.visit.state);
  }

  /** Nothing that was given is anywhere but at the server, or in the browser. */
  checkNothingIsLost() {
    const somewhere = new Set([...this.server.arrived, ...kept()].map(line));
    for (const one of this.given) assert.ok(somewhere.has(line(one)), `lost: ${line(one)}`);
    const taken = new Set(this.given.map(line));
    for (const one of somewhere) assert.ok(taken.has(one), `nobody gave it: ${one}`);
  }

  /** The server was never told two choices as one answer. */
  checkNoAnswerChanges() {
    const told = new Map();
    for (const { trial, attempt, choice } of this.server.arrived) {
      const key = `${trial} attempt ${attempt}`;
      assert.equal(choice, told.get(key) ?? choice, `${key} was told otherwise before`);
      told.set(key, choice);
    }
  }

  checkPage() {
    const { session, page, supply } = this.visit;
    assert.deepEqual(page.failures, []);
    assert.equal(page.state, session.state);
    if (session.state === "trial") assert.equal(page.shown, session.asked);
    assert.ok(supply.ahead <= 13);
    assert.ok(!(session.undoable && session.undoable === session.asked));
    if (session.state === "done") assert.deepEqual(kept(), []);
  }

  /** What counts at the end is what was said last of each trial. */
  checkTheEnd() {
    const last = new Map();
    for (const { trial, attempt, choice } of this.given) last.set(trial, { attempt, choice });
    const choices = new Map([...last].map(([trial, { choice }]) => [trial, choice]));
    assert.deepEqual(sorted(this.server.choices), sorted(choices));
    assert.deepEqual(kept(), []);
    assert.equal(this.visit.outbox.refused, 0);
    if (this.visit.state !== "done") return;
    const judged = [...choices.keys()].filter((trial) => !trial.startsWith("lesson"));
    assert.equal(judged.length, this.server.total);
  }
}

function sorted(choices) {
  return [...choices].sort(([one], [other]) => (one < other ? -1 : 1));
}

test(`${RATERS} raters lose nothing and change nothing, whatever they and their way do`, async () => {
  const ends = { done: 0, "screened-out": 0 };
  const seen = { given: 0, undone: 0, loads: 0, again: 0 };
  for (let seed = 1; seed <= RATERS; seed += 1) {
    const rater = new Rater(seed);
    try {
      for (let step = 0; step < STEPS; step += 1) {
        await rater.step();
        rater.checkNothingIsLost();
        rater.checkNoAnswerChanges();
        rater.checkPage();
      }
      await rater.finish();
      assert.ok(rater.isOver, `it ends in the state ${rater.visit.state}`);
      rater.checkNothingIsLost();
      rater.checkNoAnswerChanges();
      rater.checkTheEnd();
    } catch (error) {
      error.message = `Rater ${seed}, after ${rater.done.join(" ")}: ${error.message}`;
      throw error;
    }
    ends[rater.visit.state] += 1;
    seen.given += rater.given.length;
    seen.undone += rater.server.undone.length;
    seen.loads += rater.server.visits;
    seen.again += rater.server.arrived.length - rater.given.length;
  }
  // They have been everywhere.
  assert.ok(ends.done > RATERS / 2 && ends["screened-out"] > 0, JSON.stringify(ends));
  const enough = seen.undone > RATERS / 8 && seen.loads > 2 * RATERS && seen.again > RATERS / 8;
  assert.ok(enough && seen.given > 8 * RATERS, JSON.stringify(seen));
});
