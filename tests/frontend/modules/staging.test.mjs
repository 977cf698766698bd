/** Files on their way: a few at once, again after a cut, none twice; nothing is lost. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { openBrowser, pass, settle } from "./browser.mjs";

const { RequestFailed } = await import("../../../frontend/modules/parts/api.js");
const { isOut, Staging } = await import("../../../frontend/modules/files/staging.js");

/** What the server has, by name; and what is on its way, each to be answered by hand. */
let stored;
let open;
let idle;
let states;
let staging;

function start({ digest = async (file) => `digest of ${file}`, against = () => "" } = {}) {
  staging = new Staging({
    put: ({ name, size, file }, sha256, tell) =>
      new Promise((resolve, reject) => {
        const answer = () => {
          open = open.filter((one) => one.name !== name);
          const staged = { name, bytes: size, sha256: `digest of ${file}`, problem: "" };
          stored.set(name, staged);
          resolve(staged);
        };
        const fail = (error) => {
          open = open.filter((one) => one.name !== name);
          reject(error);
        };
        open.push({ name, sha256, tell, answer, fail });
      }),
    digest,
    against,
    onChange: (line) => states.push(`${line.name} ${line.state}`),
    onIdle: () => {
      idle += 1;
      staging.show([...stored.values()]);
    },
  });
}

function files(...names) {
  return names.map((name) => ({ name, size: 10, type: "", file: `content of ${name}` }));
}

function shown() {
  return staging.lines.map(({ name, state }) => `${name} ${state}`);
}

beforeEach(() => {
  openBrowser();
  [stored, open, idle, states] = [new Map(), [], 0, []];
  start();
});

test("three are sent at once, the next as soon as one is here", async () => {
  staging.add(files("a", "b", "c", "d", "e"));
  await settle();
  assert.deepEqual(
    open.map(({ name }) => name),
    ["a", "b", "c"],
  );
  open[1].answer();
  await settle();
  assert.deepEqual(
    open.map(({ name }) => name),
    ["a", "c", "d"],
  );
  assert.ok(staging.isBusy);
  while (open.length > 0) {
    open[0].answer();
    await settle();
  }
  assert.deepEqual([idle, staging.isBusy, staging.done], [1, false, 5]);
});

test("how much was sent is told, then that it is looked at", async () => {
  staging.add(files("a"));
  await settle();
  open[0].tell(0.5);
  open[0].tell(1);
  open[0].answer();
  await settle();
  assert.deepEqual(states, ["a waiting", "a sending", "a sending", "a looking", "a here"]);
});

test("what is cut is sent again, however often, and whole", async () => {
  staging.add(files("a"));
  await settle();
  for (let times = 0; times < 6; times += 1) {
    open[0].tell(0.99);
    open[0].fail(
      new RequestFailed(times % 2 ? 503 : 0, 0, "", times % 2 ? ["The database is away."] : []),
    );
    await settle();
    assert.deepEqual(shown(), ["a offline"]);
    await pass(15_000);
    assert.equal(open.length, 1);
    assert.equal(staging.lines[0].share, 0);
  }
  open[0].answer();
  await settle();
  assert.deepEqual(shown(), ["a here"]);
});

test("what the server refuses is not sent again, and its words are kept", async () => {
  staging.add(files("a", "b", "c"));
  await settle();
  const [first, second, third] = open;
  first.fail(new RequestFailed(413, 0, "too-large", ["The file may have at most 9 bytes."]));
  second.fail(new RequestFailed(401, 0, "", ["This is for organizers."]));
  third.fail(new RequestFailed(400, 0, "body-incomplete", ["The body ended after 5 bytes."]));
  await settle();
  assert.deepEqual(shown(), ["a refused", "b refused", "c offline"]);
  assert.equal(staging.lines[0].problem, "The file may have at most 9 bytes.");
  await pass(15_000);
  assert.deepEqual(
    open.map(({ name }) => name),
    ["c"],
  );
});

test("what is here already is not sent, where size and digest are the same", async () => {
  const have = { name: "a", bytes: 10, sha256: "digest of content of a", problem: "" };
  staging.show([have, { ...have, name: "b", sha256: "another" }, { ...have, name: "c", bytes: 9 }]);
  for (const one of staging.lines) stored.set(one.name, one.staged);
  staging.add(files("a", "b", "c"));
  await settle();
  assert.deepEqual(
    open.map(({ name }) => name),
    ["b", "c"],
  );
});

test("without a way to a digest all is sent", async () => {
  start({ digest: async () => "" });
  staging.show([{ name: "a", bytes: 10, sha256: "digest of content of a", problem: "" }]);
  staging.add(files("a"));
  await settle();
  assert.deepEqual(
    open.map(({ sha256 }) => sha256),
    [""],
  );
});

test("what need not be sent is refused here, and stays so when the list comes", async () => {
  start({ against: ({ size }) => (size > 9 ? "too large" : "") });
  staging.add(files("a"));
  await settle();
  assert.deepEqual([shown(), open.length, idle], [["a refused"], 0, 1]);
  staging.show([]);
  assert.deepEqual(shown(), ["a refused"]);
  staging.forgetAll();
  assert.deepEqual(shown(), []);
});

test("one name is sent once at a time, however it is composed", async () => {
  staging.add(files("Mu\u0308nchen"));
  staging.add(files("M\u00fcnchen"));
  await settle();
  assert.deepEqual(
    open.map(({ name }) => name),
    ["M\u00fcnchen"],
  );
});

test("a file that can't be read any more is refused, and the others go on", async () => {
  const digest = async (file) => {
    if (file === "content of a") throw new DOMException("It was moved.", "NotFoundError");
    return "";
  };
  start({ digest });
  staging.add(files("a", "b"));
  await settle();
  open[0].answer();
  await settle();
  assert.deepEqual(shown(), ["a refused", "b here"]);
  assert.match(staging.lines[0].problem, /It was moved/);
});

test("what is refused comes first, and is out", () => {
  const sound = { name: "a", bytes: 1, sha256: "", problem: "" };
  staging.show([sound, { ...sound, name: "b", problem: "It is no picture." }]);
  assert.deepEqual(
    staging.lines.map(({ name }) => name),
    ["b", "a"],
  );
  assert.deepEqual(staging.lines.map(isOut), [true, false]);
});
