#!/usr/bin/env bash
# ssim.js 3.5.0: pictures smaller than its window have an SSIM of 0, 1, NaN or none, whatever they show.
#
# Behaviour  The window is 11 pixels. With the default algorithm (weber) any two pictures of up to 9 x 9 are 1, equal or
#            not; with a side of 10 they are 0, equal or not; of 9 x 40 it fails with an invalid array length. fast and
#            original say NaN. bezkrovny alone tells them apart. From 11 x 11 on all agree.
# Guessed    That equal pictures are 1 and others less, or that a picture below the window is refused by name.
# Bears on   Small crops, thumbnails and icons: a check of "above 0.99" passes anything of 9 x 9.
# Seen       2026-11-30, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund ssim.js@3.5.0
cat >probe.mjs <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { ssim } = require("ssim.js");
console.log("ssim.js", require("ssim.js/package.json").version);

function picture(width, height, level) {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const grey = level(x, y);
      data.set([grey, grey, grey, 255], 4 * (y * width + x));
    }
  return { data, width, height };
}

function compared(width, height, algorithm) {
  const slope = picture(width, height, (x, y) => 9 * x + 3 * y);
  const board = picture(width, height, (x, y) => 255 * ((x + y) % 2));
  return [slope, board].map((other) => {
    try {
      return ssim(slope, other, { ssim: algorithm }).mssim;
    } catch (error) {
      return error.message.split(":")[0];
    }
  });
}

const sizes = [[8, 8], [9, 9], [10, 10], [10, 40], [9, 40], [11, 11]];
const found = {};
for (const algorithm of ["weber", "fast", "original", "bezkrovny"])
  for (const [width, height] of sizes) {
    const pair = (found[`${algorithm} ${width}x${height}`] = compared(width, height, algorithm));
    const shown = pair.map((value) => (typeof value === "number" ? value.toFixed(3) : value));
    console.log(`${algorithm}, ${width} x ${height}: with itself ${shown[0]}, with a chequerboard ${shown[1]}`);
  }
assert.deepEqual(found["weber 8x8"], [1, 1], "8 x 8 is compared or refused now");
assert.deepEqual(found["weber 9x9"], [1, 1], "9 x 9 is compared or refused now");
assert.deepEqual(found["weber 10x10"], [0, 0], "10 x 10 is compared or refused now");
assert.deepEqual(found["fast 10x10"], [NaN, NaN], "fast has a value now");
for (const algorithm of ["weber", "fast", "original", "bezkrovny"]) {
  const [itself, board] = found[`${algorithm} 11x11`];
  assert(Math.abs(itself - 1) < 1e-6 && board < 0.3);
}
console.log("seen: below the window the size decides");
JS
node probe.mjs
