/** When a trial was seen and touched, and for how long its pictures were in view. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Stopwatch, noTimes } from "../../../frontend/modules/session/stopwatch.js";
import { between, oneOf, openBrowser, paint, seeded, tick } from "./browser.mjs";

function turn(isAway) {
  document.hidden = isAway;
  document.dispatchEvent(new Event("visibilitychange"));
}

/** A stopwatch that runs for a trial, whose first frame is painted. */
function running(times = noTimes()) {
  openBrowser();
  const stopwatch = new Stopwatch();
  stopwatch.startWithNextFrame(times);
  paint();
  paint();
  return stopwatch;
}

test("time runs from the first frame on, not from when it was asked for", () => {
  openBrowser();
  const stopwatch = new Stopwatch();
  stopwatch.startWithNextFrame(noTimes());
  tick(300);
  paint();
  tick(300);
  assert.equal(stopwatch.facts().response_ms, 0);
  paint();
  tick(700);
  const facts = stopwatch.facts();
  assert.equal(facts.response_ms, 700);
  assert.equal(Date.parse(facts.answered_at) - Date.parse(facts.shown_at), 700);
});

test("what is answered before its first frame starts nothing", () => {
  openBrowser();
  const stopwatch = new Stopwatch();
  const times = noTimes();
  stopwatch.startWithNextFrame(times);
  stopwatch.stop();
  paint();
  paint();
  tick(500);
  assert.equal(stopwatch.facts().response_ms, 0);
  assert.equal(times.shownAt, "");
});

test("time behind a card and out of sight is told apart, whichever comes first", () => {
  const stopwatch = running();
  tick(100);
  stopwatch.cover(true);
  tick(200);
  turn(true); // behind a card it stays behind the card
  tick(400);
  stopwatch.cover(false);
  tick(800);
  turn(false);
  tick(1600);
  const { response_ms, covered_ms, covered_count, hidden_ms, hidden_count } = stopwatch.facts();
  assert.deepEqual([response_ms, covered_ms, hidden_ms], [1700, 600, 800]);
  assert.deepEqual([covered_count, hidden_count], [1, 1]);
});

test("flips and the first touch are told by the time in view", () => {
  const stopwatch = running();
  tick(100);
  stopwatch.cover(true);
  tick(5000);
  stopwatch.cover(false);
  tick(50);
  stopwatch.touched();
  stopwatch.flipped();
  tick(25);
  stopwatch.touched();
  stopwatch.flipped();
  const { first_input_ms, flip_ms } = stopwatch.facts();
  assert.deepEqual([first_input_ms, flip_ms], [150, [150, 175]]);
});

test("an answer that is the first touch is told as such", () => {
  const stopwatch = running();
  tick(900);
  const { first_input_ms, response_ms } = stopwatch.facts();
  assert.deepEqual([first_input_ms, response_ms], [900, 900]);
});

test("no more flips are told than the server takes, and no more than a day", () => {
  const stopwatch = running();
  for (let flip = 0; flip < 250; flip += 1) stopwatch.flipped();
  tick(48 * 3600 * 1000);
  const { flip_ms, response_ms } = stopwatch.facts();
  assert.deepEqual([flip_ms.length, response_ms], [200, 24 * 3600 * 1000]);
});

test("a trial that is asked again goes on where it was, by the same clock", () => {
  const times = noTimes();
  const stopwatch = running(times);
  const { shown_at } = stopwatch.facts();
  tick(1000);
  stopwatch.flipped();
  stopwatch.stop();
  tick(30_000);
  stopwatch.startWithNextFrame(noTimes());
  paint();
  paint();
  tick(20);
  stopwatch.startWithNextFrame(times);
  paint();
  paint();
  tick(500);
  const facts = stopwatch.facts();
  assert.deepEqual([facts.response_ms, facts.flip_ms, facts.shown_at], [1500, [1000], shown_at]);
});

test("every ms is put down to one place, whatever happens", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seeded(seed);
    const stopwatch = running();
    const expected = { view: 0, covered: 0, hidden: 0 };
    let isCovered = false;
    let isAway = false;
    for (let step = 0; step < 30; step += 1) {
      const ms = between(random, 0, 900);
      tick(ms);
      expected[isCovered ? "covered" : isAway ? "hidden" : "view"] += ms;
      const act = oneOf(random, ["cover", "turn", "touch", "facts"]);
      if (act === "cover") stopwatch.cover((isCovered = random() < 0.5));
      if (act === "turn") turn((isAway = random() < 0.5));
      if (act === "touch") stopwatch.touched();
      if (act === "facts") stopwatch.facts();
    }
    const { response_ms, covered_ms, hidden_ms } = stopwatch.facts();
    assert.deepEqual({ view: response_ms, covered: covered_ms, hidden: hidden_ms }, expected);
  }
});
