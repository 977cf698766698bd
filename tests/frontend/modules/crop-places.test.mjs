// Where a crop goes when it is moved: by whole pixels, and never out of its picture.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LEAP, moved, overlap, within } from "../../../frontend/modules/pages/crop-places.js";

const PICTURE = { width: 100, height: 80 };
const CROP = { width: 40, height: 30 };

test("a crop stays in its picture, on whole pixels", () => {
  assert.deepEqual(within({ x: 12.4, y: 7.6 }, CROP, PICTURE), { x: 12, y: 8 });
  assert.deepEqual(within({ x: -3, y: 999 }, CROP, PICTURE), { x: 0, y: 50 });
  assert.deepEqual(within({ x: 61, y: 0 }, CROP, PICTURE), { x: 60, y: 0 });
});

test("what is no number is the edge, and a crop as large as its picture stays", () => {
  assert.deepEqual(within({ x: NaN, y: NaN }, CROP, PICTURE), { x: 0, y: 0 });
  assert.deepEqual(within({ x: 5, y: 5 }, PICTURE, PICTURE), { x: 0, y: 0 });
});

test("arrow keys move by a pixel, with Shift farther, and no other key does", () => {
  assert.deepEqual(moved("ArrowLeft", false, { x: 5, y: 5 }), { x: 4, y: 5 });
  assert.deepEqual(moved("ArrowDown", true, { x: 5, y: 5 }), { x: 5, y: 5 + LEAP });
  assert.equal(moved("Enter", false, { x: 5, y: 5 }), null);
});

test("crops overlap where they have a pixel in common", () => {
  const one = { x: 0, y: 0, ...CROP };
  assert.equal(overlap(one, { x: 40, y: 0, ...CROP }), false);
  assert.equal(overlap(one, { x: 0, y: 30, ...CROP }), false);
  assert.equal(overlap(one, { x: 39, y: 29, ...CROP }), true);
});
