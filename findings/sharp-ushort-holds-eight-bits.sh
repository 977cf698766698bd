#!/usr/bin/env bash
# sharp 0.35.5: raw({ depth: 'ushort' }) of a 16-bit PNG holds 0 to 255, in three channels where the file has one.
#
# Behaviour  metadata() says ushort, grey16 and one channel. The pipeline turns all into 8-bit sRGB before raw() makes
#            16-bit numbers of it, so that the buffer has the size that was asked for and the high bytes alone. A TIFF or
#            PNG written from it is 8 bits, too. toColourspace('grey16') (or 'rgb16') brings all bits.
# Guessed    That asking for the depth that a file has brings the values that it has.
# Bears on   16-bit originals in a Node.js service: shapes and types look right, and PSNR at a peak of 65,535 is above 48
#            dB for whatever is compared.
# Seen       2026-11-30, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund sharp@0.35.5 fast-png@8.0.0
cat >probe.mjs <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";
import { encode } from "fast-png";

const require = createRequire(import.meta.url);
const sharp = require("sharp");
console.log("sharp", sharp.versions.sharp);

const [width, height] = [64, 32];
const data = Uint16Array.from({ length: width * height }, (_, i) => i * 31);
const file = Buffer.from(encode({ width, height, data, depth: 16, channels: 1 }));
const { depth, space, channels } = await sharp(file).metadata();
console.log("the file:", depth, space, "channels", channels, "highest", Math.max(...data));

async function read(pipeline) {
  const { data: bytes, info } = await pipeline.raw({ depth: "ushort" }).toBuffer({ resolveWithObject: true });
  const values = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  console.log(`raw: depth ${info.depth}, ${info.channels} channels, highest ${Math.max(...values)}`);
  return values;
}

const plain = await read(sharp(file));
const named = await read(sharp(file).toColourspace("grey16"));
assert.deepEqual([depth, space, channels], ["ushort", "grey16", 1]);
assert.deepEqual(named, data);
assert(Math.max(...plain) <= 255 && plain.length === 3 * data.length, "16 bits come through now");
console.log("seen: ushort holds eight bits");
JS
node probe.mjs
