#!/usr/bin/env bash
# jpeg-js 0.4.4: quality 0 gives the file of quality 50, twice the size of quality 1.
#
# Behaviour  encode(picture, 0) takes 0 for "not given" and uses 50, without a word; encode(picture, 1) gives the
#            smallest file.
# Guessed    That 0 is the lowest quality, at or below 1, as in libjpeg and the libraries on it.
# Bears on   Rate searches that bisect between 0 and 100: the lower end lies in the middle of the curve, so that a search
#            for a small file finds none, or ends at the wrong side. Start at 1.
# Seen       2026-11-30, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund jpeg-js@0.4.4
cat >probe.cjs <<'JS'
const assert = require("node:assert");
const jpeg = require("jpeg-js");
console.log("jpeg-js", require("jpeg-js/package.json").version);

const [width, height] = [64, 64];
const data = Buffer.alloc(4 * width * height, 255);
for (let y = 0; y < height; y++)
  for (let x = 0; x < width; x++) data.set([x * 4, y * 4, (((x >> 2) + (y >> 2)) % 2) * 255], 4 * (y * width + x));
const files = {};
for (const quality of [0, 1, 25, 50, 75, 100]) {
  files[quality] = jpeg.encode({ data, width, height }, quality).data;
  console.log(`quality ${quality}: ${files[quality].length} bytes`);
}
assert(files[1].length < files[25].length && files[25].length < files[50].length);
assert(files[50].length < files[75].length && files[75].length < files[100].length);
assert(files[0].equals(files[50]), "quality 0 is no longer 50");
console.log("seen: 0 is 50");
JS
node probe.cjs
