/** The modules as a whole: what loads what, and that what says so knows no DOM. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../../../frontend/modules/", import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".js"));
const source = (name) => readFileSync(new URL(name, FOLDER), "utf8");
const withoutComments = (name) => source(name).replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
/** What each loads. */
const LOADED = new Map(
  FILES.map((name) => [name, found(withoutComments(name), /from "\.\/([\w-]+\.js)"/g)]),
);

function found(text, pattern) {
  return [...text.matchAll(pattern)].map(([, name]) => name);
}

test("no module leads back to itself, so that they can be put together", () => {
  const walk = (name, path) => {
    assert.ok(!path.includes(name), [...path, name].join(" -> "));
    for (const next of LOADED.get(name)) walk(next, [...path, name]);
  };
  for (const name of FILES) walk(name, []);
});

test("what tells of faults needs no other module", () => {
  assert.deepEqual(LOADED.get("faults.js"), []);
});

test("what says that it knows no DOM knows none", () => {
  const quiet = FILES.filter((name) => source(name).split("*/")[0].includes("No DOM"));
  assert.ok(quiet.includes("session.js") && quiet.length > 6, quiet.join(" "));
  for (const name of quiet) {
    assert.doesNotMatch(withoutComments(name), /\b(document|querySelector|HTMLElement)\b/, name);
  }
});

test("no file is longer than 300 lines", () => {
  const long = FILES.filter((name) => source(name).split("\n").length > 301);
  assert.deepEqual(long, []);
});
