#!/usr/bin/env bash
# jstat 1.9.6: the quartiles of 1 to 5 are 1, 3 and 4; of 5 to 1 below zero they are -5, -3 and -2.
#
# Behaviour  quartiles() takes the sorted values at n / 4, n / 2 and 3 n / 4, each rounded and counted from 1. The lower
#            quartile is thus the least of five values, and the upper one isn't the largest. Of 1 to 4 the middle
#            quartile is 2 and median() 2.5. quantiles() of the same package gives 1.69, 3 and 4.31 of 1 to 5, and turns
#            with the sign.
# Guessed    That the second quartile is the median, and that the quartiles of -x are those of x turned around, as by
#            each of the nine definitions that R has.
# Bears on   Box plots of ratings by few raters: boxes lean to the low side, whatever the ratings are.
# Seen       2026-12-01, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts jstat@1.9.6
cat >probe.cjs <<'JS'
const assert = require("node:assert");
const { jStat } = require("jstat");

console.log("jstat", require("jstat/package.json").version);
const turned = (values) => values.map((value) => -value).reverse();
const five = [1, 2, 3, 4, 5];
for (const values of [five, turned(five), [1, 2, 3, 4]]) {
  const quantiles = jStat.quantiles(values, [0.25, 0.5, 0.75]).map((value) => value.toFixed(2));
  const quartiles = jStat.quartiles(values);
  console.log(`${values}: quartiles ${quartiles}, quantiles ${quantiles}, median ${jStat.median(values)}`);
}
assert.deepEqual(jStat.quartiles(five), [1, 3, 4], "quartiles are others now");
assert.deepEqual(jStat.quartiles(turned(five)), [-5, -3, -2]);
assert.equal(jStat.quartiles([1, 2, 3, 4])[1], 2);
assert.equal(jStat.median([1, 2, 3, 4]), 2.5);
const [low, , high] = jStat.quantiles(five, [0.25, 0.5, 0.75]);
assert(Math.abs(low + high - 6) < 1e-9, "quantiles() isn't symmetrical any more");
console.log("seen: quartiles lean to the low side");
JS
node probe.cjs
