/** What is seen of the pictures: the window over them, moved and magnified. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { fitInto } from "../../../frontend/modules/pictures/room.js";
import { MAGNIFICATIONS, View } from "../../../frontend/modules/pictures/view.js";
import { between, oneOf, seeded } from "./browser.mjs";

/** The device pixels that a window shows of one axis, found by trying every place. */
function nearest(center, seen, whole) {
  let best = 0;
  for (let corner = 0; corner <= whole - seen; corner += 1) {
    const isNearer = Math.abs(corner + seen / 2 - center) < Math.abs(best + seen / 2 - center);
    if (isNearer) best = corner;
  }
  return best;
}

function view(picture, room, enlarge = 1) {
  const made = new View();
  made.reset(picture);
  made.fit(room, enlarge);
  return made;
}

test("a picture begins in its middle", () => {
  const { offset, window, size, canPan } = view(
    { width: 100, height: 60 },
    { width: 40, height: 90 },
  );
  assert.deepEqual(
    { offset, window, size, canPan },
    {
      offset: { x: 30, y: 0 },
      window: { width: 40, height: 60 },
      size: { width: 100, height: 60 },
      canPan: true,
    },
  );
});

test("a picture that is seen whole can't be moved", () => {
  const whole = view({ width: 100, height: 60 }, { width: 300, height: 300 });
  assert.equal(whole.canPan, false);
  assert.equal(whole.pan(50, -50), false);
  assert.deepEqual(whole.offset, { x: 0, y: 0 });
});

test("there is at least one pixel, and never a part of one", () => {
  const tiny = view({ width: 100, height: 60 }, { width: -5, height: 12.9 });
  assert.deepEqual(tiny.window, { width: 1, height: 12 });
});

test("it goes through all magnifications and no further", () => {
  const one = view({ width: 100, height: 60 }, { width: 50, height: 50 });
  const seen = [1, 1, 1, -1, -1, -1].map((step) => [one.zoom(step), one.magnified]);
  assert.deepEqual(seen, [
    [true, 2],
    [true, 4],
    [false, 4],
    [true, 2],
    [true, 1],
    [false, 1],
  ]);
});

test("one button goes through all magnifications and back to the first", () => {
  const one = view({ width: 100, height: 60 }, { width: 40, height: 90 });
  const seen = MAGNIFICATIONS.map(() => [one.zoom(0), one.magnified]);
  assert.deepEqual(
    seen,
    [...MAGNIFICATIONS.slice(1), MAGNIFICATIONS[0]].map((each) => [true, each]),
  );
});

test("whatever is moved and magnified, the window stays on the picture, in whole pixels", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seeded(seed);
    const picture = { width: between(random, 1, 90), height: between(random, 1, 90) };
    const enlarge = between(random, 1, 3);
    const room = () => ({ width: between(random, 1, 200), height: between(random, 1, 200) });
    let current = room();
    const one = view(picture, current, enlarge);
    for (let step = 0; step < 30; step += 1) {
      const act = oneOf(random, ["pan", "zoom", "fit"]);
      const before = one.offset;
      if (act === "pan") {
        const isMoved = one.pan(between(random, -80, 80), between(random, -80, 80));
        const isElsewhere = one.offset.x !== before.x || one.offset.y !== before.y;
        assert.equal(isMoved, isElsewhere);
      } else if (act === "zoom") one.zoom(oneOf(random, [1, -1, 0]));
      else current = room();
      one.fit(current, enlarge);
      const { offset, window, size } = one;
      for (const [axis, side] of [
        ["x", "width"],
        ["y", "height"],
      ]) {
        assert.ok(Number.isInteger(offset[axis]) && Number.isInteger(window[side]));
        assert.ok(offset[axis] >= 0 && offset[axis] + window[side] <= size[side]);
        assert.ok(window[side] === Math.min(current[side], size[side]));
        assert.equal(size[side], picture[side] * enlarge * one.magnified);
      }
    }
  }
});

test("a move has its length until the edge is met, and the way back counts at once", () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const random = seeded(seed);
    const whole = between(random, 20, 90);
    const seen = between(random, 1, whole);
    const one = view({ width: whole, height: 10 }, { width: seen, height: 10 });
    let center = whole / 2;
    for (let step = 0; step < 20; step += 1) {
      const move = between(random, -40, 40);
      const { x } = one.offset;
      one.pan(move, 0);
      center = x + move + seen / 2;
      assert.equal(one.offset.x, nearest(center, seen, whole));
    }
  }
});

test("magnifying keeps what is in the middle there", () => {
  for (const room of [
    { width: 30, height: 30 },
    { width: 31, height: 17 },
  ]) {
    const one = view({ width: 200, height: 200 }, room);
    one.pan(37, -21);
    const middle = ({ offset, window, scale }) => (offset.x + window.width / 2) / scale;
    const before = middle(one);
    for (const magnified of MAGNIFICATIONS.slice(1)) {
      one.zoom(1);
      one.fit(room, 1);
      assert.equal(one.magnified, magnified);
      assert.ok(Math.abs(middle(one) - before) <= 0.5);
    }
  }
});

/** How pictures of 100 x 60 stand in a room. */
function fits(count, width, height, more = {}) {
  const wanted = { count, picture: { width: 100, height: 60 }, enlarge: 1, magnified: 1, ...more };
  return fitInto(wanted, { width, height }, 10);
}

test("pictures stand beside each other where there is room, else in one place", () => {
  assert.deepEqual(fits(2, 210, 60), {
    arrangement: "beside",
    isRoomy: true,
    isWhole: true,
    enlarge: 1,
    pane: { width: 100, height: 60 },
  });
  assert.equal(fits(2, 209, 60).arrangement, "single");
  assert.deepEqual(fits(2, 209, 60).pane, { width: 209, height: 60 });
  assert.equal(fits(2, 209, 600).isRoomy, false); // all in one place is not what the study wants
  assert.equal(fits(2, 209, 600).isWhole, true);
  assert.equal(fits(2, 210, 59).isRoomy, false);
  assert.equal(fits(2, 210, 59).isWhole, false);
  assert.equal(fits(2, 99, 600).isWhole, false);
  assert.equal(fits(3, 320, 60).arrangement, "beside");
  assert.equal(fits(3, 319, 60).arrangement, "single");
  assert.equal(fits(2, 409, 120, { enlarge: 2 }).arrangement, "single");
});

test("magnified pictures that have no room side by side stand in one place, as wide as it is", () => {
  assert.equal(fits(2, 410, 60, { magnified: 2 }).arrangement, "beside");
  const magnified = fits(2, 409, 60, { magnified: 2 });
  assert.equal(magnified.arrangement, "single");
  assert.deepEqual(magnified.pane, { width: 409, height: 60 });
  assert.deepEqual([magnified.isRoomy, magnified.isWhole], [true, true]); // they were, before
});

test("one by one they are enlarged as often as they go into the room, and never made smaller", () => {
  const one = (width, height, more = {}) => fits(2, width, height, { isOneByOne: true, ...more });
  assert.equal(one(1000, 1000).arrangement, "single");
  assert.equal(one(1000, 1000).isRoomy, false);
  assert.deepEqual(
    [one(399, 240).enlarge, one(400, 239).enlarge, one(400, 240).enlarge],
    [3, 3, 4],
  );
  assert.equal(one(150, 240, { enlarge: 2 }).enlarge, 2);
  assert.deepEqual([one(90, 240).enlarge, one(90, 240).isWhole], [1, false]);
});
