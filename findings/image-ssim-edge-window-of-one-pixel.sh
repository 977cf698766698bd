#!/usr/bin/env bash
# image-ssim 0.2.0: a picture of 65 x 65 has no SSIM with anything, itself included; of 64 x 64 and 66 x 66 it has one.
#
# Behaviour  compare() cuts the picture into windows of 8 x 8 and takes what is left at the right and at the bottom as
#            smaller ones. A width and a height of a multiple of 8 and 1 leave a corner of a single pixel, whose
#            variance is 0 / 0. The mean of all windows is then NaN, without an error: 17, 65, 257, 1025. With another
#            windowSize it is another list of sizes.
# Guessed    That equal pictures are 1 at any size, or that a window of one pixel is left out.
# Bears on   Crops and tiles with a pixel of overlap (257, 513, 1025): `ssim < 0.9` is false for NaN, so any decoder
#            passes.
# Seen       2026-12-01, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts image-ssim@0.2.0
cat >probe.cjs <<'JS'
const assert = require("node:assert");
const { compare } = require("image-ssim");

console.log("image-ssim", require("image-ssim/package.json").version);
const picture = (width, height, level) => ({
  width,
  height,
  channels: 1,
  data: Uint8Array.from({ length: width * height }, (_, i) => level(i % width, Math.floor(i / width))),
});
const wave = (x, y) => (x * x + 7 * x * y) % 251;

for (const [width, height] of [[16, 16], [17, 17], [17, 18], [64, 64], [65, 65], [65, 257], [66, 66]]) {
  const one = picture(width, height, wave);
  const inverse = picture(width, height, (x, y) => 255 - wave(x, y));
  const [same, other] = [compare(one, one).ssim, compare(one, inverse).ssim];
  console.log(`${width} x ${height}: equal ${same}, inverse ${other}`);
  if (width % 8 === 1 && height % 8 === 1) {
    assert(Number.isNaN(same) && Number.isNaN(other), "a corner of one pixel has an SSIM now");
  } else {
    assert(same === 1 && other < 0, "sizes without such a corner are something else now");
  }
}
const [one, two] = [picture(65, 65, wave), picture(65, 65, wave)];
assert.equal(compare(one, two, 11).ssim, 1);
console.log("seen: one pixel in the corner, and the whole picture has no SSIM");
JS
node probe.cjs
