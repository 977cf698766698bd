#!/usr/bin/env bash
# krippendorff 0.1.0 (npm): pictures after the first rater's last one don't count; alpha moves with the raters' order.
#
# Behaviour  alpha() takes one row of each rater. A row may be shorter than others (the package's own example has one),
#            and then its last pictures are missing. But the first row's length is taken as the number of pictures.
#            Three raters have an alpha of 1 or of 0.25 for the same ratings, as the one who gave up early is first or
#            last. Filled up with undefined to one length, the order doesn't matter.
# Guessed    That the number of pictures is the longest row's, as raters have no order in this measure.
# Bears on   Rows that are filled as judgments come in: whoever logged in first decides what counts.
# Seen       2026-12-01, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts krippendorff@0.1.0
cat >probe.cjs <<'JS'
const assert = require("node:assert");
const { alpha } = require("krippendorff");

console.log("krippendorff", require("krippendorff/package.json").version);
const early = [1, 2, 3];
const second = [1, 2, 3, 1, 2, 3, 1, 2];
const third = [1, 2, 3, 2, 3, 1, 2, 3];
const filled = Array.from(second, (_, i) => early[i]);

const [first, last] = [alpha([early, second, third]), alpha([second, third, early])];
const full = [alpha([filled, second, third]), alpha([second, third, filled])];
console.log(`the short row first: ${first.toFixed(4)}; last: ${last.toFixed(4)}`);
console.log(`filled with undefined, first and last: ${full.map((value) => value.toFixed(4)).join(", ")}`);
assert.equal(first, 1);
assert(last < 0.5, "the order of raters doesn't matter any more");
assert(full.every((value) => Math.abs(value - last) < 1e-12));
console.log("seen: the first rater decides how many pictures count");
JS
node probe.cjs
