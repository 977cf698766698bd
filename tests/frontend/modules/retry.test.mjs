/** Trying again: how long it waits, and what is worth another try. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { RequestFailed } from "../../../frontend/modules/parts/api.js";
import { Waits, insist, pause } from "../../../frontend/modules/parts/retry.js";
import { openBrowser, pass, settle } from "./browser.mjs";

/** An attempt that fails with each of some errors, then succeeds. */
function failing(...errors) {
  const attempt = async () => {
    attempt.tries += 1;
    if (attempt.tries <= errors.length) throw errors[attempt.tries - 1];
    return "done";
  };
  attempt.tries = 0;
  return attempt;
}

test("waits double up to the longest, and begin anew after a success", () => {
  const waits = new Waits(15_000);
  const seen = Array.from({ length: 6 }, () => waits.next());
  assert.deepEqual(seen, [1000, 2000, 4000, 8000, 15_000, 15_000]);
  waits.reset();
  assert.equal(waits.next(), 1000);
});

test("what the server asks for is the least", () => {
  const waits = new Waits(15_000);
  assert.deepEqual([waits.next(5000), waits.next(500), waits.next(60_000)], [5000, 2000, 60_000]);
});

test("it tries until it succeeds, and says when it is away and back", async () => {
  openBrowser();
  const attempt = failing(new RequestFailed(0), new RequestFailed(503, 5));
  const said = [];
  const result = insist(attempt, (isOffline) => said.push(isOffline));
  await settle();
  assert.equal(attempt.tries, 1);
  await pass(1000);
  assert.equal(attempt.tries, 2);
  await pass(4500);
  assert.equal(attempt.tries, 2); // it was told to wait for five seconds
  await pass(1500); // and up to a second more, so that not all come at once
  assert.equal(await result, "done");
  assert.deepEqual(said, [true, true, false]);
});

test("it tells a busy server from one that is away", async () => {
  openBrowser();
  const attempt = failing(new RequestFailed(429, 0, "throttled"), new RequestFailed(503));
  const said = [];
  const result = insist(attempt, (isAway, isBusy) => said.push([isAway, isBusy]));
  await settle();
  await pass(1000);
  await pass(2000);
  assert.equal(await result, "done");
  assert.deepEqual(said, [
    [true, true],
    [true, false],
    [false, false],
  ]);
});

test("what fails for good is not tried again", async () => {
  openBrowser();
  for (const error of [new RequestFailed(403, 0, "no-rater"), new TypeError("a fault")]) {
    const attempt = failing(error);
    await assert.rejects(insist(attempt), (thrown) => thrown === error);
    assert.equal(attempt.tries, 1);
  }
});

test("a pause ends as soon as the connection is back, and once", async () => {
  openBrowser();
  let isOver = false;
  void pause(10_000).then(() => (isOver = true));
  await pass(500);
  assert.equal(isOver, false);
  window.dispatchEvent(new Event("online"));
  await settle();
  assert.equal(isOver, true);
});

test("only answers of the server are for good", () => {
  const passing = (status, code) => new RequestFailed(status, 0, code).isPassing;
  assert.deepEqual(
    [passing(0, ""), passing(403, ""), passing(404, ""), passing(200, "")],
    [true, true, true, true],
  );
  assert.deepEqual(
    [passing(408, "x"), passing(429, "x"), passing(500, "x"), passing(503, "x")],
    [true, true, true, true],
  );
  assert.deepEqual(
    [passing(400, "x"), passing(403, "x"), passing(409, "x")],
    [false, false, false],
  );
});
