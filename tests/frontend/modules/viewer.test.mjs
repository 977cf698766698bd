/** Whole pictures: which tiles are seen, the view and its address, differences, what is fetched. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { difference } from "../../../frontend/modules/viewer/difference.js";
import { TileStore } from "../../../frontend/modules/viewer/tile-store.js";
import { levelAt, stepsOf, tilesSeen, wholeScale } from "../../../frontend/modules/viewer/tiles.js";
import {
  FACTORS,
  MODES,
  readLook,
  writeLook,
  zoomText,
} from "../../../frontend/modules/viewer/viewer-address.js";
import { Viewing } from "../../../frontend/modules/viewer/viewing.js";
import { between, oneOf, seeded } from "./browser.mjs";

const VERSIONS = ["original", "a", "b"].map((key) => ({ key, name: key, tiles: `/tiles/${key}/` }));

/** What the server says of a picture: each level a third of the one before, the last within 256. */
function factsOf(width, height) {
  const levels = [{ shrink: 1, width, height }];
  while (Math.max(levels.at(-1).width, levels.at(-1).height) > 256) {
    const last = levels.at(-1);
    const third = (side) => Math.ceil(side / 3);
    levels.push({ shrink: 3 * last.shrink, width: third(last.width), height: third(last.height) });
  }
  return { width, height, tile_side: 512, levels, versions: VERSIONS };
}

function viewingOf(facts, query = "", room = { width: 600, height: 400 }, ratio = 1) {
  const made = new Viewing(facts, { left: "a", right: "original" }, query, ratio);
  made.fit(room);
  return made;
}

test("each zoom is a whole number of a level's pixels, or smoothed from one that is enough", () => {
  const { levels } = factsOf(2041, 1533);
  const steps = stepsOf(levels);
  assert.deepEqual(steps, [1 / 9, 1 / 4, 1 / 3, 1 / 2, 1, 2, 3, 4, 6, 8, 12, 16]);
  for (const step of [...steps, 0.781, 0.345, 0.317, 0.112]) {
    const one = viewingOf(factsOf(2041, 1533), `?zoom=${zoomText(step)}`);
    assert.equal(one.view.scale, step);
    // No finer than needed, and hardly enlarged below full size.
    assert.ok(one.times > 1 / 3 && (step >= 1 || one.times <= 1.05), `${step}`);
    assert.equal(one.isSharp, step >= 1 || step === 1 / 9 || step === 1 / 3);
  }
  assert.deepEqual(
    [0.36, 0.345, 1 / 4].map((step) => levelAt(levels, step)),
    [0, 1, 1],
  );
});

test("a reduced view is as large as its level, to the pixel", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = seeded(seed);
    const facts = factsOf(between(random, 1, 20000), between(random, 1, 20000));
    const one = viewingOf(facts, "", { width: 30000, height: 30000 });
    for (const { shrink, width, height } of facts.levels) {
      one.view.look(one.view.center, 1 / shrink);
      assert.deepEqual(one.view.size, { width, height });
    }
  }
});

test("the tiles of a window cover each of its pixels once, and lie where the picture has them", () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = seeded(seed);
    const level = { width: between(random, 1, 60), height: between(random, 1, 60) };
    const [side, times] = [between(random, 3, 16), between(random, 1, 4)];
    const seen = {
      width: between(random, 1, level.width * times),
      height: between(random, 1, level.height * times),
    };
    const offset = {
      x: between(random, 0, level.width * times - seen.width),
      y: between(random, 0, level.height * times - seen.height),
    };
    const tiles = tilesSeen(level, side, offset, seen, times);
    const [x, y] = [between(random, 0, seen.width - 1), between(random, 0, seen.height - 1)];
    const hit = tiles.filter(
      (tile) => x >= tile.x && x < tile.x + tile.width && y >= tile.y && y < tile.y + tile.height,
    );
    const pixel = [Math.floor((x + offset.x) / times), Math.floor((y + offset.y) / times)];
    assert.equal(hit.length, 1);
    assert.deepEqual(
      [hit[0].column, hit[0].row],
      pixel.map((at) => Math.floor(at / side)),
    );
    for (const tile of tiles) {
      assert.ok(tile.x < seen.width && tile.x + tile.width > 0);
      assert.ok(tile.y < seen.height && tile.y + tile.height > 0);
    }
  }
});

test("seen whole it fills the room, and never more", () => {
  for (const [width, height] of [
    [4000, 6000],
    [512, 768],
    [2041, 1533],
    [1303, 610],
  ]) {
    const room = { width: 1303, height: 610 };
    const one = viewingOf(factsOf(width, height), "", room);
    one.whole();
    const { size, window } = one.view;
    assert.deepEqual(size, window);
    assert.ok(size.width >= 0.98 * room.width || size.height >= 0.98 * room.height, `${height}`);
    // A few tiles of each version, whatever the picture's size.
    const tiles = tilesSeen(one.levels[one.level], 512, one.view.offset, window, one.times);
    assert.ok(tiles.length <= 15);
    const [last] = tiles.slice(-1);
    assert.ok(last.x + last.width >= window.width && last.y + last.height >= window.height);
    assert.ok(tiles.every((tile) => Object.values(tile).every(Number.isInteger)));
  }
  const whole = (width, height) =>
    wholeScale({ width: 2048, height: 1536 }, { width, height }, [1, 2, 3]);
  assert.deepEqual([whole(2048, 1536), whole(5000, 3072), whole(1, 1)], [1, 2, 0.001]);
});

test("a difference is signed around grey, amplified, and cut off at black and white", () => {
  const left = new Uint8ClampedArray([10, 20, 30, 255, 200, 0, 5, 255]);
  const right = new Uint8ClampedArray([10, 25, 28, 255, 0, 200, 5, 255]);
  assert.deepEqual([...difference(left, right, 4)], [128, 108, 136, 255, 255, 0, 128, 255]);
  assert.deepEqual([...difference(left, left, 32)], [128, 128, 128, 255, 128, 128, 128, 255]);
  assert.throws(() => difference(left, right.slice(4), 1));
});

test("whatever is done, the address leads to the very same view", () => {
  for (let seed = 1; seed <= 150; seed += 1) {
    const random = seeded(seed);
    const facts = factsOf(between(random, 1, 3000), between(random, 1, 3000));
    const room = { width: between(random, 50, 1500), height: between(random, 50, 1500) };
    const one = viewingOf(facts, "?study=s", room);
    for (let step = 0; step < 20; step += 1) {
      const way = () => oneOf(random, [-1, 1]);
      oneOf(random, [
        () => one.zoom(way(), { x: between(random, -99, 99), y: between(random, -99, 99) }),
        () => one.zoom(way()),
        () => one.pan(way(), way()),
        () => one.nudge(way(), way()),
        () => one.flip(),
        () => one.swap(),
        () => one.nextMode(),
        () => one.adjust(way()),
        () => one.whole(),
        () => (one.left = oneOf(random, VERSIONS).key),
      ])();
    }
    const query = writeLook("?study=s", one.look);
    const other = viewingOf(facts, query, room);
    const seen = ({ look, view, mode }) => ({
      ...look,
      at: null,
      shown: mode === "flip" ? look.shown : null,
      split: mode === "slider" ? look.split.toFixed(3) : null,
      by: mode === "difference" ? look.by : null,
      offset: view.offset,
      window: view.window,
    });
    assert.deepEqual(seen(other), seen(one), query);
    assert.equal(writeLook(query, other.look), query);
    assert.equal(new URLSearchParams(query).get("study"), "s");
  }
});

test("what an address says wrongly counts as not said", () => {
  const known = { keys: ["original", "a"], steps: [1 / 3, 1, 2] };
  const wrong = "?left=nobody&mode=x&shown=both&split=2&by=3&zoom=1.5&at=1,2,3";
  assert.deepEqual(readLook(wrong, known), {});
  assert.deepEqual(readLook("?at=1e9,NaN&split=&zoom=", known), {});
  assert.deepEqual(readLook("?left=a&mode=slider&split=0.25&by=8&zoom=1/3&at=-1.5,2", known), {
    left: "a",
    mode: "slider",
    split: 0.25,
    by: 8,
    zoom: 1 / 3,
    at: { x: -1.5, y: 2 },
  });
  assert.equal(zoomText(1 / 16), "1/16");
});

test("it begins with as many of the screen's pixels to one as the screen is fine", () => {
  const facts = factsOf(2000, 1000);
  for (const [ratio, scale] of [
    [1, 1],
    [1.25, 1],
    [1.5, 2],
    [2, 2],
    [3, 3],
    [5, 4],
  ]) {
    assert.equal(viewingOf(facts, "", { width: 300, height: 300 }, ratio).view.scale, scale);
  }
});

test("what stays under the pointer while zooming stays there", () => {
  const one = viewingOf(factsOf(2000, 2000));
  const at = { x: 120, y: -75 };
  const under = () => {
    const { offset, window, scale } = one.view;
    return [
      (offset.x + window.width / 2 + at.x) / scale,
      (offset.y + window.height / 2 + at.y) / scale,
    ];
  };
  const before = under();
  for (const step of [1, 1, 1, -1, -1]) {
    one.zoom(step, at);
    under().forEach((value, axis) => assert.ok(Math.abs(value - before[axis]) <= 0.5));
  }
});

test("modes, factors and the divider go round, or as far as they go", () => {
  const one = viewingOf(factsOf(100, 100));
  const modes = MODES.map(() => (one.nextMode(), one.mode));
  assert.deepEqual(modes, ["slider", "sides", "difference", "flip"]);
  one.flip();
  assert.equal(one.shown, "right");
  one.mode = "difference";
  for (let step = 0; step < 9; step += 1) one.adjust(1);
  assert.equal(one.by, FACTORS.at(-1));
  one.mode = "slider";
  for (let step = 0; step < 30; step += 1) one.adjust(-1);
  assert.equal(one.split, 0);
  one.flip();
  assert.equal(one.mode, "flip");
});

/** A store of tiles that come when they are told to. */
function storeOf(most) {
  const asked = new Map();
  let changes = 0;
  const load = (url) => new Promise((resolve) => asked.set(url, resolve));
  const store = new TileStore(load, () => (changes += 1), most);
  const come = async (url, tile = `tile ${url}`) => {
    asked.get(url)(tile);
    asked.delete(url);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { store, asked, come, changes: () => changes };
}

test("what is wanted first is fetched first, and what nobody wants any more is not begun", async () => {
  const { store, asked, come, changes } = storeOf(50);
  const urls = Array.from({ length: 10 }, (_, at) => `t${at}`);
  store.want(urls);
  assert.deepEqual([...asked.keys()], urls.slice(0, 6));
  store.want(["x", ...urls.slice(0, 2)]);
  await come("t5");
  assert.ok(asked.has("x") && !asked.has("t6"));
  assert.equal(store.isDone, false);
  for (const url of ["x", "t0", "t1"]) await come(url);
  assert.deepEqual([store.isDone, store.isLacking, changes()], [true, false, 4]);
  assert.equal(store.get("t0"), "tile t0");
});

test("what can't be had is said, and asked for once", async () => {
  const { store, asked, come } = storeOf(50);
  store.want(["a"]);
  await come("a", null);
  store.want(["a"]);
  assert.equal(asked.size, 0);
  assert.deepEqual([store.isDone, store.isLacking, store.get("a")], [true, true, undefined]);
});

test("of what is not wanted the least lately used goes first; what is wanted stays", async () => {
  const { store, come } = storeOf(3);
  for (const url of ["a", "b", "c"]) {
    store.want([url]);
    await come(url);
  }
  store.want(["a"]);
  store.made("d", () => "made");
  store.want(["a"]);
  assert.deepEqual(
    ["a", "b", "c", "d"].map((url) => store.get(url)),
    ["tile a", undefined, "tile c", "made"],
  );
  assert.equal(
    store.made("e", () => undefined),
    undefined,
  );
});
