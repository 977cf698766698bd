#!/usr/bin/env bash
# fast-png 8.0.0: encode() of a Uint16Array writes its low bytes as 8 bits, without a word; 300 comes back as 44.
#
# Behaviour  The depth is 8 unless depth: 16 is given, whatever the type of the data. The array has the right length, so
#            that no check fails, and each sample is taken modulo 256. With depth: 16 all is kept. decode() gives a
#            Uint16Array and its depth, and handing over width, height, channels and data alone loses the picture.
# Guessed    That the type of the array is the depth, as in what decode() returns, or that the two are compared.
# Bears on   16-bit originals cropped or copied in a service or a browser: a saw instead of a slope.
# Seen       2026-11-30, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund fast-png@8.0.0
cat >probe.mjs <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { decode, encode } from "fast-png";

console.log("fast-png", JSON.parse(readFileSync("node_modules/fast-png/package.json")).version);
const data = Uint16Array.from([5, 300, 40000, 65535]);
const picture = { width: 4, height: 1, channels: 1, data };
const named = decode(encode({ ...picture, depth: 16 }));
const plain = decode(encode(picture));
console.log("depth 16 given:", named.depth, "bits", [...named.data]);
console.log("no depth given:", plain.depth, "bits", [...plain.data]);
assert.deepEqual([...named.data], [...data]);
assert.deepEqual([...plain.data], [...data].map((value) => value % 256), "the array's type counts now");
console.log("seen: low bytes alone");
JS
node probe.mjs
