#!/usr/bin/env bash
# looks-same 10.0.1: with strict: true an invisible picture equals an opaque one, and a bright line goes unseen.
#
# Behaviour  Alpha isn't compared in any mode: alpha 0 equals alpha 255. One column of another colour, over the whole
#            height, is taken as a blinking text cursor and left out, with strict: true as well; two columns or a row
#            are seen. Only ignoreCaret: false sees the column. pixelmatch counts all of them.
# Guessed    That strict means every sample, as the readme sets strict against perception.
# Bears on   Checks that two decoded pictures are equal: a faulty column is what a broken tile edge looks like. Compare
#            arrays instead.
# Seen       2026-11-30, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund looks-same@10.0.1 pngjs@7.0.0 pixelmatch@8.0.0
cat >probe.mjs <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";
import pixelmatch from "pixelmatch";

const require = createRequire(import.meta.url);
const looksSame = require("looks-same");
const { PNG } = require("pngjs");
console.log("looks-same", require("looks-same/package.json").version);

const [width, height] = [40, 30];
const slope = (x, y) => [x * 6, y * 8, (x + y) * 3, 255];
const magenta = [255, 0, 255, 255];

function picture(at) {
  const png = new PNG({ width, height });
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) png.data.set(at(x, y), 4 * (y * width + x));
  return png;
}

const others = {
  "alpha of 0": (x, y) => [...slope(x, y).slice(0, 3), 0],
  "one column": (x, y) => (x === 20 ? magenta : slope(x, y)),
  "two columns": (x, y) => (x === 20 || x === 21 ? magenta : slope(x, y)),
  "one row": (x, y) => (y === 15 ? magenta : slope(x, y)),
};
const base = picture(slope);
const seen = {};
for (const [name, at] of Object.entries(others)) {
  const other = picture(at);
  const equal = async (options) => (await looksSame(PNG.sync.write(base), PNG.sync.write(other), options)).equal;
  seen[name] = [await equal({ strict: true }), await equal({ strict: true, ignoreCaret: false })];
  const changed = pixelmatch(base.data, other.data, null, width, height, { threshold: 0 });
  console.log(`${name}: equal ${seen[name][0]}, without ignoreCaret ${seen[name][1]}; pixelmatch counts ${changed}`);
  assert(changed > 0);
}
assert.deepEqual(seen["alpha of 0"], [true, true], "alpha is compared now");
assert.deepEqual(seen["one column"], [true, false], "a column is seen now");
assert.deepEqual([seen["two columns"][0], seen["one row"][0]], [false, false]);
console.log("seen: strict is not every sample");
JS
node probe.mjs
