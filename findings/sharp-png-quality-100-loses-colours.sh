#!/usr/bin/env bash
# sharp 0.35.5: png({ quality: 100 }) and png({ effort: 10 }) are lossy, with errors of 17 levels; png() is lossless.
#
# Behaviour  Any of quality, effort, colours and dither makes a palette of at most 256 colours, quality 100 and the highest
#            effort too. Errors here are up to 17 levels, and files may be smaller, as one would expect of effort.
#            compressionLevel and adaptiveFiltering leave the picture as it is. Nothing is said.
# Guessed    That quality 100 is lossless and that effort is about time, as it is in the package's webp() and avif().
# Bears on   Originals, decoded pictures and crops that are stored as PNG: one setting that reads like care alters what
#            raters see and what PSNR measures.
# Seen       2026-11-30, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund sharp@0.35.5
cat >probe.cjs <<'JS'
const assert = require("node:assert");
const sharp = require("sharp");
console.log("sharp", sharp.versions.sharp);

const raw = { width: 64, height: 64, channels: 3 };
const picture = Buffer.alloc(64 * 64 * 3);
for (let y = 0; y < 64; y++) for (let x = 0; x < 64; x++) picture.set([x * 4, y * 4, (x + y) * 2], 3 * (y * 64 + x));

async function error(format, options) {
  const file = await sharp(picture, { raw })[format](options).toBuffer();
  const got = await sharp(file).raw().toBuffer();
  const worst = picture.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i])), 0);
  console.log(`${format}(${JSON.stringify(options)}): ${file.length} bytes, largest error ${worst}`);
  return worst;
}

(async () => {
  assert.equal(await error("png", {}), 0);
  assert.equal(await error("png", { compressionLevel: 9, adaptiveFiltering: true }), 0);
  assert.equal(await error("webp", { lossless: true, effort: 6 }), 0);
  assert((await error("png", { quality: 100 })) > 2, "quality 100 is lossless now");
  assert((await error("png", { effort: 10 })) > 2, "effort is about time alone now");
  console.log("seen: quality 100 and effort lose colours");
})();
JS
node probe.cjs
