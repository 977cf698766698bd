#!/usr/bin/env bash
# geotiff 3.0.5 (npm): an Int16Array is written as bytes, so that half of the picture is 0; a plain array wraps at 256.
#
# Behaviour  writeArrayBuffer of Uint16Array, Uint32Array, Float32Array and Int8Array keeps every value. Of an
#            Int16Array or Int32Array it writes the right header (signed, 16 or 32 bits) and one byte for each sample:
#            two or four samples make one, and the rest of the picture is 0. Plain arrays of numbers become 8 bits
#            modulo 256: 300 is 44, -1 is 255. Nothing is said.
# Guessed    That a typed array which the header tells of is written, or refused, and that 300 isn't cut to 8 bits.
# Bears on   Error pictures (decoded minus original) are signed 16 bits: they have the right size and plausible values.
# Seen       2026-12-01, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts geotiff@3.0.5
cat >probe.mjs <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { fromArrayBuffer, writeArrayBuffer } from "geotiff";

console.log("geotiff", JSON.parse(readFileSync("node_modules/geotiff/package.json")).version);
async function thereAndBack(values) {
  const file = await writeArrayBuffer(values, { width: 4, height: 2 });
  const image = await (await fromArrayBuffer(file)).getImage();
  const [got] = await image.readRasters();
  console.log(`${values.constructor.name} ${[...values]}: ${got.constructor.name} ${[...got]}`);
  return got;
}
const unsigned = [0, 1, 2, 200, 255, 300, 40000, 65535];
const signed = [-1, 5, 300, -300, 0, 7, 1000, -1000];

const right = [Uint16Array, Uint32Array].map((type) => type.from(unsigned));
right.push(Float32Array.from(signed), Int8Array.from(signed));
for (const values of right) {
  const got = await thereAndBack(values);
  assert.equal(got.constructor, values.constructor);
  assert.deepEqual([...got], [...values]);
}
for (const values of [Int16Array.from(signed), Int32Array.from(signed)]) {
  const got = await thereAndBack(values);
  const kept = values.length / values.BYTES_PER_ELEMENT;
  assert.equal(got.constructor, values.constructor);
  assert([...got].slice(kept).every((value) => value === 0), "all samples are written now");
  assert.notDeepEqual([...got], [...values]);
}
assert.deepEqual([...(await thereAndBack(unsigned))], unsigned.map((value) => value % 256));
console.log("seen: of signed numbers the low bytes are written, and nothing after them");
JS
node probe.mjs
