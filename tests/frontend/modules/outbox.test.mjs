/** Answers on their way: kept until they are acknowledged, sent in order, refused for good or not. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox } from "../../../frontend/modules/session/outbox.js";
import { loadPage, openBrowser, pass, settle } from "./browser.mjs";

/** A server that answers as it is told, and an outbox of a rater. */
function outboxOf(answers, { rater = "one", isNew = true } = {}) {
  const sent = [];
  const answer = async (url, { body }) => {
    sent.push(url);
    const next = answers.shift() ?? [200, { trial: JSON.parse(body).trial }];
    if (next === "lost") throw new TypeError("Failed to fetch");
    const [status, content, headers] = next;
    return new Response(typeof content === "string" ? content : JSON.stringify(content), {
      status,
      headers,
    });
  };
  if (isNew) openBrowser(answer);
  else loadPage(answer);
  const refused = [];
  const changes = [];
  const outbox = new Outbox(
    "study",
    () => changes.push(outbox.delivery),
    (...why) => refused.push(why.join(" ")),
  );
  outbox.open(rater);
  return { outbox, sent, refused, changes };
}

const entry = (trial) => ({ method: "PUT", url: `/judgments/${trial}`, trial, body: { trial } });
const problem = (status, code) => [status, { type: `/api/v1/docs/#${code}` }];

test("an answer is in the browser before anything is sent, and gone when it is acknowledged", async () => {
  const { outbox, sent } = outboxOf([]);
  const stored = outbox.add(entry("a"));
  assert.equal(Object.keys(localStorage).length, 1);
  assert.deepEqual([sent, outbox.size, outbox.delivery], [[], 1, "saving"]);
  await settle();
  assert.deepEqual([sent, outbox.size, outbox.delivery], [["/judgments/a"], 0, "saved"]);
  assert.equal(Object.keys(localStorage).length, 0);
  assert.deepEqual(await stored, { trial: "a" });
});

test("answers are sent in the order in which they were given, one after the other", async () => {
  const { outbox, sent } = outboxOf(["lost"]);
  for (const trial of ["a", "b", "c"]) void outbox.add(entry(trial));
  await settle();
  assert.deepEqual([sent, outbox.delivery], [["/judgments/a"], "offline"]);
  await pass(1000);
  await settle();
  assert.deepEqual(sent, ["/judgments/a", "/judgments/a", "/judgments/b", "/judgments/c"]);
});

test("a wait ends when the connection is back", async () => {
  const { outbox, sent } = outboxOf(["lost", "lost", "lost", "lost"]);
  void outbox.add(entry("a"));
  await pass(10_000);
  assert.equal(sent.length, 4); // after 1, 2 and 4 s
  window.dispatchEvent(new Event("online"));
  await settle();
  assert.equal(outbox.delivery, "saved");
});

test("the server's own wish to wait is met", async () => {
  const { outbox, sent } = outboxOf([[503, { type: "about:blank" }, { "Retry-After": "20" }]]);
  void outbox.add(entry("a"));
  await pass(19_000);
  assert.equal(sent.length, 1);
  await pass(2000);
  assert.equal(outbox.delivery, "saved");
});

test("what is in the way and says yes, or no, is not the server", async () => {
  for (const answer of [
    [200, "<p>Log in.</p>"],
    [200, { trial: "other" }],
    [403, "<p>No.</p>"],
    [204, ""],
  ]) {
    if (answer[0] === 204) answer[1] = null;
    const { outbox, refused } = outboxOf([answer[0] === 204 ? [200, ""] : answer]);
    void outbox.add(entry("a"));
    await settle();
    assert.deepEqual([outbox.size, outbox.refused, refused], [1, 0, []]);
    await pass(2000);
    assert.equal(outbox.size, 0);
  }
});

test("a refusal for good is told, and the next answers go on", async () => {
  const { outbox, sent, refused } = outboxOf([problem(400, "invalid")]);
  const first = outbox.add(entry("a"));
  void outbox.add(entry("b"));
  await settle();
  assert.equal(await first, null);
  assert.deepEqual([refused, outbox.refused, outbox.size], [["a invalid"], 1, 0]);
  assert.deepEqual(sent, ["/judgments/a", "/judgments/b"]);
});

test("an answer that another window gave before is no loss", async () => {
  const { outbox, refused } = outboxOf([problem(409, "contradiction")]);
  void outbox.add(entry("a"));
  await settle();
  assert.deepEqual([refused, outbox.refused, outbox.size], [["a contradiction"], 0, 0]);
});

test("an answer of another rater's waits in the browser until they are back", async () => {
  const { outbox } = outboxOf([problem(404, "unknown-trial")]);
  void outbox.add(entry("a"));
  await settle();
  assert.deepEqual([outbox.size, Object.keys(localStorage).length], [0, 1]);
  const other = outboxOf([], { rater: "two", isNew: false });
  assert.equal(other.outbox.size, 0);
  const again = outboxOf([], { isNew: false });
  assert.deepEqual([...again.outbox.trials], ["a"]);
  await again.outbox.send();
  assert.deepEqual([again.sent, Object.keys(localStorage).length], [["/judgments/a"], 0]);
});

test("what an earlier page left is sent first, oldest first, also within one ms", async () => {
  const first = outboxOf(["lost"]);
  for (const trial of ["a", "b", "c", "d"]) void first.outbox.add(entry(trial));
  await settle();
  const second = outboxOf([], { isNew: false });
  assert.equal(second.outbox.size, 4);
  void second.outbox.add(entry("e"));
  await settle();
  assert.deepEqual(second.sent.map((url) => url.at(-1)).join(""), "abcde");
});

test("what is no entry in the browser's storage does no harm", async () => {
  openBrowser();
  localStorage.setItem("outbox study one 000", "{");
  localStorage.setItem("outbox study one 001", "null");
  localStorage.setItem("outbox other one 002", "{}");
  const { outbox } = outboxOf([], { isNew: false });
  assert.equal(outbox.size, 0);
});

test("without storage an answer is kept for as long as the page lives", async () => {
  const { outbox, sent } = outboxOf([]);
  Object.defineProperty(globalThis, "localStorage", {
    get: () => {
      throw new DOMException("Denied.", "SecurityError");
    },
    configurable: true,
  });
  try {
    void outbox.add(entry("a"));
    await settle();
  } finally {
    Object.defineProperty(globalThis, "localStorage", {
      value: {},
      writable: true,
      configurable: true,
    });
  }
  assert.deepEqual([sent, outbox.size], [["/judgments/a"], 0]);
});

test("a fault of the page is no refusal: what waits is kept", async () => {
  const { outbox, refused } = outboxOf([]);
  const circular = entry("a");
  circular.body.itself = circular.body;
  const kept = JSON.stringify;
  JSON.stringify = (value) => (value === circular ? "{}" : kept(value));
  void outbox.add(circular);
  JSON.stringify = kept;
  await assert.rejects(outbox.send(), TypeError);
  assert.deepEqual([outbox.size, outbox.refused, refused], [1, 0, []]);
  assert.equal(Object.keys(localStorage).length, 1);
});
