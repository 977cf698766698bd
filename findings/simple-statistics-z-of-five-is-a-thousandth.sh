#!/usr/bin/env bash
# simple-statistics 7.12.1: the chance of a normal deviate below -5 is said to be 0.001; it is 3,500 times smaller.
#
# Behaviour  cumulativeStdNormalProbability looks z up in a printed table of four digits that ends at 3.09: -3.09, -5 and
#            -40 give the same 0.001, and within the table steps of a hundredth are flat (1.950 and 1.954 are the same).
# Guessed    A few right digits in the tail, as its erf would give, or at most a smaller number for a larger deviate.
# Bears on   P values and multiple comparisons computed in browsers: none gets below 0.001, so Bonferroni over 30 pairs
#            never finds a difference.
# Seen       2026-12-01, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm install --silent --no-audit --no-fund simple-statistics@7.12.1
node - <<'JS'
const assert = require("node:assert");
const s = require("simple-statistics");
console.log("simple-statistics", require("simple-statistics/package.json").version);
const below = (z) => s.cumulativeStdNormalProbability(z);
for (const z of [-1.96, -3.09, -5, -40]) console.log(`below ${z}: ${below(z)}`);
assert(Math.abs(below(-1.96) - 0.025) < 1e-4);
assert(below(-5) > 9e-4 && below(-5) === below(-3.09) && below(-40) === below(-5), "tails are computed now");
assert(below(1.95) === below(1.954));
console.log("seen: nothing is rarer than one in a thousand");
JS
