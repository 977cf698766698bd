#!/usr/bin/env bash
# tiff 7.1.3 (npm) scrambles TIFF of colour in tiles, and utif2 4.1.0 TIFF of colour in planes, without an error.
#
# Behaviour  tiff's decode() of an RGB file in tiles gives the right size and wrong pixels; in strips, and of grey in tiles,
#            it is right. utif2 reads tiles right. Of three planes (PlanarConfiguration 2) it takes the first as if it
#            were interleaved: neighbours of the red plane become the colours of a pixel. libvips, in sharp, reads both right.
# Guessed    That what a reader can't lay out is refused, as tiff refuses planes, or that a layout that the format's first
#            edition had is read.
# Bears on   Large originals, which are kept in tiles, and scanners' files: a browser shows another picture than the
#            one that was coded, and nothing fails.
# Seen       2026-11-30, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund tiff@7.1.3 utif2@4.1.0 sharp@0.35.5
cat >probe.mjs <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { decode } from "tiff";

const require = createRequire(import.meta.url);
const sharp = require("sharp");
const utif = require("utif2");
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
console.log("tiff", version("tiff"), "utif2", version("utif2"), "sharp", sharp.versions.sharp);

const [width, height] = [48, 32];
const sample = (x, y, c) => [5 * x, 7 * y, 2 * x + 3 * y][c];
const order = (pick) => Buffer.from(Array.from({ length: 3 * width * height }, (_, i) => sample(...pick(i))));
const pixels = order((i) => [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3]);
const planes = order((i) => [i % width, Math.floor(i / width) % height, Math.floor(i / width / height)]);

function planar() {
  const tags = [
    [256, 3, [width]], [257, 3, [height]], [258, 3, [8, 8, 8]], [259, 3, [1]], [262, 3, [2]],
    [273, 4, [0, 1, 2].map((c) => 256 + c * width * height)], [277, 3, [3]], [278, 3, [height]],
    [279, 4, [0, 1, 2].map(() => width * height)], [284, 3, [2]],
  ];
  const head = Buffer.alloc(256);
  head.write("II*\0", "latin1");
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(tags.length, 8);
  let free = 10 + 12 * tags.length + 4;
  tags.forEach(([tag, type, values], at) => {
    const entry = 10 + 12 * at;
    const size = type === 3 ? 2 : 4;
    head.writeUInt16LE(tag, entry);
    head.writeUInt16LE(type, entry + 2);
    head.writeUInt32LE(values.length, entry + 4);
    let place = entry + 8;
    if (values.length * size > 4) {
      head.writeUInt32LE(free, place);
      place = free;
      free += values.length * size;
    }
    values.forEach((value, i) => head.writeUIntLE(value, place + i * size, size));
  });
  return Buffer.concat([head, planes]);
}

const raw = { width, height, channels: 3 };
const tiled = { compression: "none", tile: true, tileWidth: 16, tileHeight: 16 };
const files = {
  strips: await sharp(pixels, { raw }).tiff({ compression: "none" }).toBuffer(),
  tiles: await sharp(pixels, { raw }).tiff(tiled).toBuffer(),
  planes: planar(),
};
const readers = {
  sharp: (file) => sharp(file).raw().toBuffer(),
  tiff: (file) => decode(file)[0].data,
  utif2: (file) => {
    const [page] = utif.decode(file);
    utif.decodeImage(file, page);
    return utif.toRGBA8(page).filter((_, i) => i % 4 < 3);
  },
};
const wrong = {};
for (const [layout, file] of Object.entries(files))
  for (const [name, reader] of Object.entries(readers)) {
    try {
      const got = await reader(file);
      wrong[`${name} ${layout}`] = pixels.filter((value, i) => got[i] !== value).length;
    } catch (error) {
      wrong[`${name} ${layout}`] = error.message;
    }
    console.log(`${name}, ${layout}:`, wrong[`${name} ${layout}`], `of ${pixels.length} samples wrong`);
  }
for (const right of ["sharp strips", "sharp tiles", "sharp planes", "tiff strips", "utif2 strips", "utif2 tiles"])
  assert.equal(wrong[right], 0, right);
assert(wrong["tiff tiles"] > pixels.length / 2, "tiff reads tiles now");
assert(wrong["utif2 planes"] > pixels.length / 2, "utif2 reads planes now");
console.log("seen: tiles and planes are scrambled");
JS
node probe.mjs
