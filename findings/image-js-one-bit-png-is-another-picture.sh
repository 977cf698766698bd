#!/usr/bin/env bash
# image-js 1.7.0: a PNG of one bit is decoded as another picture, without a word; two and four bits are refused.
#
# Behaviour  decode() of a grey PNG of one bit gives a picture of the right size, of zeros and 255, that is not the one in
#            the file: about half of all pixels are wrong. pngjs and @cwasm/lodepng, like any other reader, give the
#            picture. Two and four bits raise an error about the size of the data.
# Guessed    That what is decoded without an error is the picture, or that one bit is refused as two are.
# Bears on   Masks, line art and text, which PNG optimizers cut down to one bit without being asked: any decoded picture
#            that is black and white may come as one.
# Seen       2026-11-30, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund image-js@1.7.0 pngjs@7.0.0 @cwasm/lodepng@0.1.9
cat >probe.mjs <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";
import zlib from "node:zlib";
import { decode } from "image-js";

const require = createRequire(import.meta.url);
const { PNG } = require("pngjs");
const lodepng = require("@cwasm/lodepng");
console.log("image-js", JSON.parse((await import("node:fs")).readFileSync("node_modules/image-js/package.json")).version);

const [width, height] = [32, 16];
const table = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});
const crc = (bytes) => (bytes.reduce((c, byte) => table[(c ^ byte) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  const sum = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, sum]);
}

function grey(depth, level) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = depth;
  const rows = [];
  for (let y = 0; y < height; y++) {
    const row = Buffer.alloc(1 + (width * depth) / 8);
    for (let x = 0; x < width; x++) row[1 + ((x * depth) >> 3)] |= level(x, y) << (8 - depth - ((x * depth) & 7));
    rows.push(row);
  }
  const data = zlib.deflateSync(Buffer.concat(rows));
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

const level = (x, y) => +((x * x + 3 * y) % 7 > 3);
const wanted = Array.from({ length: width * height }, (_, i) => 255 * level(i % width, Math.floor(i / width)));
const file = grey(1, level);
const read = {
  pngjs: (bytes) => PNG.sync.read(bytes).data.filter((_, i) => i % 4 === 0),
  lodepng: (bytes) => lodepng.decode(bytes).data.filter((_, i) => i % 4 === 0),
  "image-js": (bytes) => decode(bytes).getRawImage().data,
};
const wrong = {};
for (const [name, reader] of Object.entries(read)) {
  const got = [...reader(file)];
  wrong[name] = wanted.filter((value, i) => got[i] !== value).length;
  console.log(`${name}: ${got.length} samples, ${wrong[name]} of them wrong`);
}
for (const depth of [2, 4]) {
  let said = "decoded";
  try {
    decode(grey(depth, (x, y) => (x + y) % (1 << depth)));
  } catch (error) {
    said = error.message;
  }
  console.log(`image-js, ${depth} bits: ${said}`);
}
assert.equal(wrong.pngjs, 0);
assert.equal(wrong.lodepng, 0);
assert(wrong["image-js"] > wanted.length / 4, "image-js reads one bit now");
console.log("seen: one bit is another picture");
JS
node probe.mjs
