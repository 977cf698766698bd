/** The modules as a whole: what loads what, and that what says so knows no DOM. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../../../frontend/modules/", import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".js"));
const source = (name) => readFileSync(new URL(name, FOLDER), "utf8");
const withoutComments = (name) => source(name).replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
/** What a browser loads before the page can begin; each floor is a request that waits for another. */
const LOADED = new Map(
  FILES.map((name) => [name, found(withoutComments(name), /from "\.\/([\w-]+\.js)"/g)]),
);
/** With what comments refer to, which is served under hashed names too. */
const NAMED = new Map(FILES.map((name) => [name, found(source(name), /"\.\/([\w-]+\.js)"/g)]));

function found(text, pattern) {
  return [...text.matchAll(pattern)].map(([, name]) => name);
}

test("the rating page's modules are loaded in three floors", () => {
  let floor = ["rate.js"];
  const known = new Set(floor);
  let floors = 0;
  while (floor.length > 0) {
    floors += 1;
    floor = floor.flatMap((name) => LOADED.get(name)).filter((name) => !known.has(name));
    for (const name of floor) known.add(name);
  }
  assert.equal(floors, 3);
  assert.ok(known.size > 20);
});

test("no module leads back to itself, so that each can be named by what it holds", () => {
  const walk = (name, path) => {
    assert.ok(!path.includes(name), [...path, name].join(" -> "));
    for (const next of NAMED.get(name)) walk(next, [...path, name]);
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
