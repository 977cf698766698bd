/** The modules as a whole: what loads what, and that what says so knows no DOM. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";

const FOLDER = new URL("../../../frontend/modules/", import.meta.url);
const FILES = readdirSync(FOLDER, { recursive: true }).filter((name) => name.endsWith(".js"));
const source = (name) => readFileSync(new URL(name, FOLDER), "utf8");
const withoutComments = (name) => source(name).replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
/** What each loads. */
const LOADED = new Map(
  FILES.map((name) => [name, found(name, withoutComments(name), /from "(\.[\w./-]+\.js)"/g)]),
);
/** With what comments refer to: types. */
const NAMED = new Map(
  FILES.map((name) => [name, found(name, source(name), /"(\.[\w./-]+\.js)"/g)]),
);
/** The rooms, from the top floor down: a module names those of its own room, and of lower floors. */
const FLOORS = [
  ["rating"],
  ["pages", "sending", "session", "viewer"],
  ["files", "input"],
  ["pictures"],
  ["parts"],
];

function found(name, text, pattern) {
  return [...text.matchAll(pattern)].map(([, other]) => join(dirname(name), other));
}

test("modules lie in rooms, and name those of lower floors alone", () => {
  const floors = new Map(FLOORS.flatMap((rooms, floor) => rooms.map((room) => [room, floor])));
  assert.deepEqual(new Set(FILES.map(dirname)), new Set(floors.keys()));
  for (const [name, others] of NAMED) {
    for (const other of others.filter((one) => dirname(one) !== dirname(name))) {
      const [above, below] = [name, other].map((one) => floors.get(dirname(one)));
      assert.ok(above < below, `${name} -> ${other}`);
    }
  }
});

test("no module is named like another", () => {
  assert.equal(new Set(FILES.map((name) => basename(name))).size, FILES.length);
});

test("no module leads back to itself, so that they can be put together", () => {
  const walk = (name, path) => {
    assert.ok(!path.includes(name), [...path, name].join(" -> "));
    for (const next of LOADED.get(name)) walk(next, [...path, name]);
  };
  for (const name of FILES) walk(name, []);
});

test("what tells of faults needs no other module", () => {
  assert.deepEqual(LOADED.get("rating/faults.js"), []);
});

test("what says that it knows no DOM knows none", () => {
  const quiet = FILES.filter((name) => source(name).split("*/")[0].includes("No DOM"));
  assert.ok(quiet.includes("session/session.js") && quiet.length > 6, quiet.join(" "));
  for (const name of quiet) {
    assert.doesNotMatch(withoutComments(name), /\b(document|querySelector|HTMLElement)\b/, name);
  }
});

test("no file is longer than 300 lines", () => {
  const long = FILES.filter((name) => source(name).split("\n").length > 301);
  assert.deepEqual(long, []);
});
