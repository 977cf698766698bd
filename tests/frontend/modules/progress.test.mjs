/** What the server's word about a session means. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { asking, askingAgain } from "../../../frontend/modules/session/asked.js";
import { hasBegun, isOver, outcome } from "../../../frontend/modules/session/progress.js";

const training = (facts) => ({
  trials: 3,
  right: 2,
  attempt: 1,
  attempts: 2,
  correct: 0,
  correct_before: 0,
  judged: 0,
  ...facts,
});
const session = (state, facts = null, judged = 0) => ({ state, judged, training: facts });

test("three states are ends", () => {
  const states = ["training", "judging", "done", "screened-out", "ended"];
  assert.deepEqual(
    states.map((state) => isOver({ state })),
    [false, false, true, true, true],
  );
});

test("whoever has answered anything has begun", () => {
  assert.equal(hasBegun(session("judging")), false);
  assert.equal(hasBegun(session("judging", null, 1)), true);
  assert.equal(hasBegun(session("training", training())), false);
  assert.equal(hasBegun(session("training", training({ judged: 1 }))), true);
  assert.equal(hasBegun(session("training", training({ attempt: 2 }))), true);
});

test("a practice ends well, or is done again with the figures of the attempt before", () => {
  const before = session("training", training());
  const good = session("judging", training({ correct: 2, judged: 3 }));
  assert.deepEqual(outcome(before, good), { card: "ready", right: 2, trials: 3 });
  const bad = session("training", training({ attempt: 2, correct_before: 1 }));
  assert.deepEqual(outcome(before, bad), { card: "again", right: 1, trials: 3 });
});

test("while a practice goes on, and where there is none, nothing has ended", () => {
  const before = session("training", training());
  assert.equal(outcome(before, session("training", training({ judged: 2 }))), null);
  assert.equal(outcome(before, session("screened-out", training({ attempt: 3 }))), null);
  assert.equal(outcome(null, before), null);
  assert.equal(outcome(session("judging", training()), session("judging", training())), null);
  assert.equal(outcome(session("judging"), session("judging")), null);
});

test("a trial is asked for the attempt that the server names, and goes on as it was left", () => {
  const ready = { trial: { id: "a", attempt: 3 }, pictures: {} };
  const asked = asking(ready);
  assert.equal(asked.attempt, 3);
  assert.ok(["left", "right"].includes(asked.first));
  assert.deepEqual(asking(asked), asked);
  const again = askingAgain(asked);
  assert.equal(again.attempt, 4);
  assert.equal(again.times, asked.times);
});

test("either version comes first, about as often", () => {
  const ready = { trial: { id: "a" }, pictures: {} };
  const firsts = Array.from({ length: 400 }, () => asking(ready).first);
  const lefts = firsts.filter((first) => first === "left").length;
  assert.ok(lefts > 120 && lefts < 280, String(lefts)); // 8 standard deviations
});
