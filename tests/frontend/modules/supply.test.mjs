/** Coming trials: fetched ahead, decoded before they are shown, none twice and none forgotten. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { pass, settle } from "./browser.mjs";
import { firstVisit } from "./visit.mjs";

/** A supply that has fetched what it wants ahead. */
async function filled(study = {}) {
  const visit = firstVisit(study);
  visit.supply.restart();
  await settle();
  return visit;
}

const asksIn = ({ server }) => server.requests.filter((line) => line.startsWith("GET /trials/"));

test("three trials are ready before they are needed, pictures and all", async () => {
  const { supply, server } = await filled({ total: 9 });
  assert.deepEqual([supply.ahead, supply.hasReady, supply.total], [3, true, 9]);
  assert.equal(server.requests.filter((line) => line.includes("/pictures/")).length, 9);
});

test("what is taken is made up for, and comes in order", async () => {
  const visit = await filled({ total: 9 });
  const { supply, outbox } = visit;
  const taken = [];
  for (let number = 0; number < 4; number += 1) {
    const { trial } = supply.take();
    taken.push(trial.number);
    const body = { attempt: 1, choice: "left" };
    void outbox.add({ method: "PUT", url: trial.judgment, trial: trial.id, body });
    await settle();
    assert.ok(supply.ahead >= 3);
  }
  assert.deepEqual(taken, [1, 2, 3, 4]);
});

test("the server is asked once for five trials, and pictures for three ahead alone", async () => {
  const visit = await filled({ total: 30 });
  const { supply, outbox, server } = visit;
  const asks = [];
  for (let number = 0; number < 11; number += 1) {
    const { trial } = supply.take();
    const body = { attempt: 1, choice: "left" };
    void outbox.add({ method: "PUT", url: trial.judgment, trial: trial.id, body });
    await settle();
    asks.push(asksIn(visit).length);
    const shown = server.requests.filter((line) => line.includes("/pictures/")).length / 3;
    assert.equal(shown, number + 4);
  }
  assert.deepEqual(asks, [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
});

test("a trial that the server issues again, or whose answer is on its way, is not taken twice", async () => {
  const visit = await filled({ total: 4 });
  const { supply, server } = visit;
  const seen = new Set();
  server.isWithholding = false;
  for (let at = 0; at < 4; at += 1) {
    const ready = supply.take();
    assert.ok(ready && !seen.has(ready.trial.id));
    seen.add(ready.trial.id);
    await settle(); // nothing is answered, so all are issued again and again
  }
  assert.equal(supply.take(), null);
  assert.equal(supply.hasReady, false);
});

test("nothing is there before the pictures are", async () => {
  const { supply } = firstVisit();
  supply.restart();
  assert.equal(supply.take(), null);
  assert.equal(supply.hasReady, false);
  await settle();
  assert.ok(supply.take());
});

test("the pictures of a trial are all here before those of the next are asked for", async () => {
  const visit = firstVisit({ total: 9 });
  const { supply, server } = visit;
  const { answer } = server;
  const asked = [];
  const waiting = [];
  server.answer = async function (url, options) {
    if (url.startsWith("/pictures/")) {
      asked.push(url.split("-")[1]);
      await new Promise((resolve) => waiting.push(resolve));
    }
    return answer.call(this, url, options);
  };
  supply.restart();
  for (const [number, count] of [
    ["1", 3],
    ["2", 6],
    ["3", 9],
  ]) {
    await settle();
    assert.deepEqual([asked.length, asked.at(-1)], [count, number]);
    for (const come of waiting.splice(0)) come();
  }
  await settle();
  assert.deepEqual([asked.length, supply.ahead], [9, 3]);
});

test("what is put back comes next", async () => {
  const { supply } = await filled();
  const first = supply.take();
  const second = supply.take();
  supply.putBack(second);
  supply.putBack({ ...first, attempt: 2 });
  assert.deepEqual(supply.take(), { ...first, attempt: 2 });
  assert.equal(supply.take().trial, second.trial);
});

test("a connection that is away is told, and tried again", async () => {
  const visit = firstVisit();
  visit.server.way = "down";
  visit.supply.restart();
  await settle();
  assert.deepEqual([visit.supply.isOffline, asksIn(visit).length], [true, 1]);
  await pass(3500); // after 1 and 2 s
  assert.equal(asksIn(visit).length, 3);
  visit.server.way = "up";
  await pass(5000);
  assert.deepEqual([visit.supply.isOffline, visit.supply.ahead], [false, 3]);
});

test("a refusal ends the fetching until it begins anew", async () => {
  const visit = firstVisit();
  visit.server.refusal = "study-paused";
  visit.supply.restart();
  await pass(60_000, 5000);
  assert.deepEqual([visit.supply.refusal, asksIn(visit).length], ["study-paused", 1]);
  assert.ok(visit.supply.isEmpty && !visit.supply.isOffline);
  visit.server.refusal = "";
  visit.supply.restart();
  await settle();
  assert.deepEqual([visit.supply.refusal, visit.supply.ahead], ["", 3]);
});

test("a trial whose pictures the site has lost is left out, after three tries", async () => {
  const visit = firstVisit({ total: 2 });
  visit.server.lost.add("trial-1-r");
  visit.supply.restart();
  await pass(10_000);
  const tries = visit.server.requests.filter((line) => line.endsWith("/pictures/trial-1-r"));
  assert.equal(tries.length, 6); // the image, and a look whether it is there, three times
  assert.equal(visit.supply.leftOut, 1);
  assert.equal(visit.supply.take().trial.id, "trial-2");
});

test("pictures are waited for however long the connection is away", async () => {
  const visit = firstVisit({ total: 1 });
  visit.supply.restart();
  visit.server.way = "up";
  const { answer } = visit.server;
  visit.server.answer = async function (url, options) {
    if (url.startsWith("/pictures/")) throw new TypeError("Failed to fetch");
    return answer.call(this, url, options);
  };
  await pass(120_000, 5000);
  assert.deepEqual([visit.supply.hasReady, visit.supply.leftOut], [false, 0]);
  visit.server.answer = answer;
  await pass(20_000);
  assert.equal(visit.supply.hasReady, true);
});

test("what was refused is taken anew when it is issued again", async () => {
  const visit = await filled({ total: 1 });
  const { supply } = visit;
  const { trial } = supply.take();
  await settle();
  assert.equal(supply.hasReady, false);
  supply.release(trial.id);
  supply.restart();
  await settle();
  assert.equal(supply.take().trial.id, trial.id);
});

test("what stands here already is not released", async () => {
  const { supply } = await filled({ total: 1 });
  supply.release("trial-1");
  supply.restart();
  await settle();
  assert.equal(supply.ahead, 1);
});

test("it knows when the server has no more", async () => {
  const { supply } = await filled({ total: 2 });
  assert.equal(supply.isEmpty, false);
  supply.take();
  supply.take();
  await settle();
  assert.ok(supply.isExhausted && supply.isEmpty);
});

test("a trial whose answer an earlier page left unsent is not asked again", async () => {
  const visit = firstVisit({ total: 3 });
  const { answer } = visit.server;
  visit.server.answer = async function (url, options) {
    if (url.startsWith("/judgments/")) throw new TypeError("Failed to fetch");
    return answer.call(this, url, options);
  };
  const body = { attempt: 1, choice: "left" };
  void visit.outbox.add({ method: "PUT", url: "/judgments/trial-1", trial: "trial-1", body });
  visit.supply.restart();
  await settle();
  assert.equal(visit.supply.take().trial.id, "trial-2");
});

test("what was fetched ahead is not shown any more once the server has ended the session", async () => {
  const { supply, server } = await filled({ total: 30 });
  server.isEnded = true;
  for (let number = 0; number < 6; number += 1) {
    supply.take();
    await settle();
  }
  assert.deepEqual([supply.hasReady, supply.isEmpty, supply.isExhausted], [false, true, true]);
});
