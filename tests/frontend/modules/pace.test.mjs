/** How much time is left, as far as the rater's pace tells. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Pace } from "../../../frontend/modules/session/pace.js";
import { openBrowser, tick } from "./browser.mjs";

/** A pace after answers that came so many seconds apart. */
function paced(...gaps) {
  openBrowser();
  const pace = new Pace(6000);
  pace.answered();
  for (const seconds of gaps) {
    tick(seconds * 1000);
    pace.answered();
  }
  return pace;
}

test("before there is a pace, the study's guess counts", () => {
  assert.equal(paced().minutesFor(10), 1);
  assert.equal(paced(2, 2).minutesFor(10), 1);
});

test("then the middle one of the last gaps does", () => {
  assert.equal(paced(3, 12, 4).minutesFor(15), 1);
  assert.equal(paced(3, 12, 3, 12, 12).minutesFor(5), 1);
});

test("only the last twenty are remembered", () => {
  const slow = Array(30).fill(30);
  assert.equal(paced(...slow, ...Array(20).fill(2)).minutesFor(30), 1);
});

test("a gap of a minute or more was a break", () => {
  assert.equal(paced(3, 60, 3, 600, 3).minutesFor(20), 1);
});

test("a rest says nothing of the pace", () => {
  const pace = paced(3, 3);
  pace.rested();
  tick(50_000);
  pace.answered();
  tick(3000);
  pace.answered();
  assert.equal(pace.minutesFor(20), 1);
});

test("a break is worth it where a minute of work is left", () => {
  const pace = paced(3, 3, 3);
  assert.deepEqual(
    [19, 20].map((trials) => pace.isWorthABreak(trials)),
    [false, true],
  );
});
