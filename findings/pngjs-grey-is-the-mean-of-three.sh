#!/usr/bin/env bash
# pngjs 7.0.0: written as grey, pure red, green and blue are one and the same 85.
#
# Behaviour  PNG.sync.write(picture, { colorType: 0 }) takes the mean of the three channels for the grey value, rounded
#            down; half transparent pixels are laid on white first. sharp, which weighs the colours in linear light, has 127,
#            220 and 76 for the three.
# Guessed    A luminance with a weight for each colour, by whichever standard.
# Bears on   Grey pictures made for PSNR, SSIM or a study in two steps: what one tool made grey differs from another
#            tool's grey by up to 135 levels in saturated parts, before any codec has run.
# Seen       2026-11-30, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund pngjs@7.0.0 sharp@0.35.5
cat >probe.cjs <<'JS'
const assert = require("node:assert");
const { PNG } = require("pngjs");
const sharp = require("sharp");
console.log("pngjs", require("pngjs/package.json").version, "sharp", sharp.versions.sharp);

const picture = new PNG({ width: 4, height: 1 });
picture.data.set([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 90, 90, 90, 255]);
const colour = PNG.sync.write(picture);
const grey = PNG.sync.read(PNG.sync.write(picture, { colorType: 0 })).data.filter((_, i) => i % 4 === 0);

(async () => {
  const other = await sharp(colour).removeAlpha().greyscale().toColourspace("b-w").raw().toBuffer();
  console.log("red, green, blue, grey of 90: pngjs", [...grey], "sharp", [...other]);
  assert(other[1] > other[0] && other[0] > other[2] && other[3] === 90);
  assert.deepEqual([...grey], [85, 85, 85, 90], "colours have weights now");
  console.log("seen: the mean of three");
})();
JS
node probe.cjs
