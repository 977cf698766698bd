/** Answers to questions: what a rater typed as it is sent, and what is told of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, problemOf } from "../../../frontend/modules/session/question-checks.js";

const QUESTION = { slug: "q", isRequired: false, decimals: 0, longest: 20 };
const number = { ...QUESTION, kind: "number" };

test("what is typed is sent as its kind has it, and nothing as null", () => {
  assert.equal(answered({ ...QUESTION, kind: "text" }, ["  a b \n"]), "a b");
  assert.equal(answered({ ...QUESTION, kind: "scale" }, ["3"]), 3);
  assert.equal(answered({ ...QUESTION, kind: "single" }, ["3"]), "3");
  assert.deepEqual(answered({ ...QUESTION, kind: "multiple" }, ["a", "b"]), ["a", "b"]);
  for (const kind of ["text", "scale", "single", "number"]) {
    assert.equal(answered({ ...QUESTION, kind }, [" "]), null);
    assert.equal(answered({ ...QUESTION, kind }, []), null);
  }
  assert.equal(answered({ ...QUESTION, kind: "multiple" }, []), null);
});

test("numbers are read with a point or a comma, and others are no numbers", () => {
  assert.equal(answered(number, ["15,6"]), 15.6);
  assert.equal(answered(number, [" -0.5 "]), -0.5);
  for (const typed of ["ten", "1e9", "0x10", "1.2.3", "12 cm", "Infinity", "1,000.5"]) {
    assert.deepEqual(problemOf(number, answered(number, [typed])), { name: "answer_no_number" });
  }
});

test("a number that is too small, too large or too fine is told so", () => {
  const told = (question, typed) => problemOf(question, answered(question, [typed]))?.name;
  assert.equal(told({ ...number, least: 18, most: 99 }, "17"), "answer_between");
  assert.equal(told({ ...number, least: 18, most: 99 }, "18"), undefined);
  assert.equal(told({ ...number, least: 18 }, "17"), "answer_least");
  assert.equal(told({ ...number, most: 99 }, "100"), "answer_most");
  assert.equal(told(number, "1.5"), "answer_whole");
  assert.equal(told({ ...number, decimals: 1 }, "1.55"), "answer_decimals");
  assert.equal(told({ ...number, decimals: 1 }, "0.1"), undefined);
});

test("an answer that is needed is asked for, and a text has its length", () => {
  assert.deepEqual(problemOf({ ...QUESTION, kind: "single", isRequired: true }, null), {
    name: "answer_needed",
  });
  assert.equal(problemOf({ ...QUESTION, kind: "single" }, null), null);
  const text = { ...QUESTION, kind: "text" };
  assert.equal(problemOf(text, "x".repeat(20)), null);
  assert.deepEqual(problemOf(text, "x".repeat(21)), { name: "answer_long", values: { most: 20 } });
});
