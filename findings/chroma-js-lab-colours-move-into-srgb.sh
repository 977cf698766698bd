#!/usr/bin/env bash
# chroma-js 3.2.0: a Lab colour outside sRGB is moved into it; deltaE of two blues is 0.67 where it should be 2.04.
#
# Behaviour  chroma.lab(50, 2.7, -79.8) is kept as the nearest RGB from 0 to 255, and lab() of it gives other numbers.
#            deltaE, which is CIEDE2000, compares what is left: of ten pairs of Lab colours by which Sharma, Wu and
#            Dalal (2005) test implementations, seven agree to four digits, and three that lie outside sRGB don't.
#            clipped() would have told. color-diff and delta-e have the printed values.
# Guessed    That the difference of two Lab colours is taken in Lab, as the formula is.
# Bears on   Colours of wide-gamut screens and originals: their differences shrink, to a third in the blues.
# Seen       2026-12-01, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts chroma-js@3.2.0 color-diff@1.4.0 delta-e@0.0.8
cat >probe.mjs <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import chroma from "chroma-js";
import { diff } from "color-diff";
import deltaE from "delta-e";

for (const name of ["chroma-js", "color-diff", "delta-e"]) {
  console.log(name, JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version);
}
// L, a, b of two colours, and their difference as Sharma, Wu and Dalal (2005) print it.
const pairs = [
  [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
  [[50, -1.3802, -84.2814], [50, 0, -82.7485], 1.0],
  [[35.0831, -44.1164, 3.7933], [35.0232, -40.0716, 1.5901], 1.8645],
  [[50, 2.5, 0], [73, 25, -18], 27.1492],
  [[50, 2.49, -0.001], [50, -2.49, 0.0009], 7.1792],
  [[50, 2.49, -0.001], [50, -2.49, 0.0011], 7.2195],
  [[50, 2.5, 0], [50, 0, -2.5], 4.3065],
  [[22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619], 2.0373],
  [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
  [[61.2901, 3.7196, -5.3901], [61.4292, 2.248, -4.962], 1.8731],
];
const seen = { "chroma-js": [], "color-diff": [], "delta-e": [] };
for (const [one, two, printed] of pairs) {
  const lower = ([L, a, b]) => ({ L, a, b });
  const upper = ([L, A, B]) => ({ L, A, B });
  seen["chroma-js"].push(chroma.deltaE(chroma.lab(...one), chroma.lab(...two)));
  seen["color-diff"].push(diff(lower(one), lower(two)));
  seen["delta-e"].push(deltaE.getDeltaE00(upper(one), upper(two)));
  const row = Object.entries(seen).map(([name, values]) => `${name} ${values.at(-1).toFixed(4)}`);
  console.log(`${one} and ${two}: printed ${printed.toFixed(4)}, ${row.join(", ")}`);
}
const moved = ([L, a, b]) => chroma.lab(L, a, b).lab().some((value, i) => Math.abs(value - [L, a, b][i]) > 0.01);
const outside = pairs.flatMap(([one, two], i) => (moved(one) || moved(two) ? [i] : []));
console.log("pairs with a colour that was moved:", outside.join(", "));
const off = (name) => pairs.flatMap(([, , printed], i) => (Math.abs(seen[name][i] - printed) > 1e-4 ? [i] : []));
assert.deepEqual(off("color-diff"), []);
assert.deepEqual(off("delta-e"), []);
assert.deepEqual(off("chroma-js"), [0, 1, 2], "other pairs differ now");
assert.deepEqual(outside, [0, 1, 2]);
assert(seen["chroma-js"][0] < pairs[0][2] / 2);
console.log("seen: what lies outside sRGB is compared as something else");
JS
node probe.mjs
