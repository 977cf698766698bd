/** Which face of a trial stands where, and whether all were seen. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Slots, countBeside, countOriginals } from "../../../frontend/modules/pictures/slots.js";
import { oneOf, seeded } from "./browser.mjs";

const LAYOUTS = ["flip", "sides", "against"];

/** Slots in which a trial has just begun. */
function begun(layout, first = "a", arrangement = "beside") {
  const slots = new Slots(layout);
  slots.arrangement = arrangement;
  slots.reset(first);
  return slots;
}

test("each layout has its pictures and originals side by side", () => {
  assert.deepEqual(LAYOUTS.map(countBeside), [2, 3, 2]);
  assert.deepEqual(LAYOUTS.map(countOriginals), [1, 1, 2]);
});

test("what comes first is shown first, wherever A and B share a place", () => {
  assert.deepEqual(begun("flip", "b").showing, ["b", "original"]);
  assert.deepEqual(begun("sides", "b").showing, ["a", "original", "b"]);
  assert.deepEqual(begun("against", "b").showing, ["a", "b"]);
  for (const layout of LAYOUTS) assert.deepEqual(begun(layout, "b", "single").showing, ["b"]);
  const isFlipped = LAYOUTS.map((layout) => begun(layout).isFlipped);
  assert.deepEqual(isFlipped, [true, false, false]);
  assert.ok(LAYOUTS.every((layout) => begun(layout, "a", "single").isFlipped));
});

test("all must be seen: with A and B in one place both, else at once", () => {
  const flip = begun("flip");
  assert.equal(flip.isSeen, false);
  flip.flip();
  assert.equal(flip.isSeen, true);
  assert.equal(begun("sides").isSeen, true);
  const against = begun("against");
  against.flip();
  assert.equal(against.isSeen, true);
  const single = begun("sides", "a", "single");
  single.flip();
  assert.equal(single.isSeen, false);
  single.flip();
  assert.equal(single.isSeen, true);
});

test("what is to be looked at next is the first that was not seen yet", () => {
  assert.equal(begun("flip", "a").next, "b");
  assert.equal(begun("flip", "b").next, "a");
  assert.equal(begun("against").next, "original");
  assert.equal(begun("sides").next, undefined);
  const single = begun("flip", "b", "single");
  assert.equal(single.next, "a");
  single.show("a");
  assert.equal(single.next, "original");
});

test("a flip goes on in all slots, or in the one that was pressed", () => {
  const slots = begun("against");
  slots.flip(1);
  assert.deepEqual(slots.showing, ["a", "original"]);
  slots.flip();
  assert.deepEqual(slots.showing, ["original", "b"]);
});

test("a flip shows what was not seen yet before it begins anew", () => {
  const single = begun("flip", "b", "single");
  const shown = [1, 2, 3, 4].map(() => (single.flip(), single.showing[0]));
  assert.deepEqual(shown, ["a", "original", "a", "b"]);
  const magnified = begun("flip", "b");
  magnified.arrange("single");
  magnified.flip();
  assert.equal(magnified.isSeen, true);
});

test("a flip back shows the face before, seen or not", () => {
  const one = begun("flip", "a", "single");
  const shown = [];
  for (const step of [-1, -1, -1, 1, -1]) {
    one.flip(undefined, step);
    shown.push(one.showing[0]);
  }
  assert.deepEqual(shown, ["original", "b", "a", "b", "a"]);
  assert.equal(one.flips, 5);
});

test("a press on what has one face flips the others", () => {
  const slots = begun("flip");
  slots.flip(1); // the original
  assert.deepEqual(slots.showing, ["b", "original"]);
});

test("holding shows the other for a while", () => {
  const slots = begun("flip");
  slots.flip();
  slots.unflip();
  assert.deepEqual(slots.showing, ["a", "original"]);
  assert.equal(slots.flips, 2);
});

test("what is shown already is no flip", () => {
  const slots = begun("flip");
  slots.show("a");
  slots.show("versions");
  slots.show("original");
  assert.equal(slots.flips, 0);
  slots.show("b");
  assert.equal(slots.flips, 1);
});

test("a trial that is asked again goes on with what was seen", () => {
  const slots = begun("flip");
  slots.reset("a", { flips: 5, seen: new Set(["b", "original"]) });
  assert.deepEqual([slots.flips, slots.isSeen], [5, true]);
});

test("the set of what was seen is nobody else's", () => {
  const slots = begun("flip");
  slots.seen.add("b");
  assert.equal(slots.isSeen, false);
});

test("whatever is done, each slot shows a face of its own, and what was shown counts as seen", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = seeded(seed);
    const slots = begun(
      oneOf(random, LAYOUTS),
      oneOf(random, ["a", "b"]),
      oneOf(random, ["beside", "single"]),
    );
    const seen = new Set(slots.showing);
    let flips = 0;
    for (let step = 0; step < 25; step += 1) {
      const before = slots.showing;
      const places = slots.faces.keys();
      const act = oneOf(random, ["flip", "flip one", "unflip", "show", "arrange"]);
      if (act === "flip") slots.flip();
      if (act === "flip one") slots.flip(oneOf(random, [...places]));
      if (act === "unflip") slots.unflip();
      if (act === "show") slots.show(oneOf(random, ["a", "b", "original", "versions"]));
      if (act === "arrange") slots.arrange(oneOf(random, ["beside", "single"]));
      const isChanged = slots.showing.some((face, at) => face !== before[at]);
      if (act !== "arrange" && isChanged) flips += 1;
      for (const face of slots.showing) seen.add(face);
      assert.equal(slots.showing.length, slots.faces.length);
      slots.showing.forEach((face, at) => assert.ok(slots.faces[at].includes(face)));
      assert.deepEqual(slots.seen, seen);
      assert.equal(slots.flips, flips);
      assert.equal(
        slots.isSeen,
        slots.faces.flat().every((face) => seen.has(face)),
      );
    }
  }
});
