#!/usr/bin/env bash
# upng-js 2.1.0 and @pdf-lib/upng 1.0.1: in a grey PNG any level can be the transparent one but black.
#
# Behaviour  A grey PNG names one level as transparent (tRNS). toRGBA8() takes the level 0 for "there is none", so that
#            black stays opaque; 1, 128 and 255 become transparent. In colour, black (0, 0, 0) does. pngjs reads all.
# Guessed    That 0 is a level like any other; it is the most usual one, as of scans and masks on a black ground.
# Bears on   Checking decoded pictures for alpha: the reader in the browser says opaque, the one on the server doesn't.
# Seen       2026-12-01, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts upng-js@2.1.0 @pdf-lib/upng@1.0.1 pngjs@7.0.0
cat >probe.cjs <<'JS'
const assert = require("node:assert");
const zlib = require("node:zlib");
const { PNG } = require("pngjs");
const readers = { "upng-js": require("upng-js"), "@pdf-lib/upng": require("@pdf-lib/upng") };
for (const name in readers) {
  readers[name] = readers[name].default ?? readers[name];
  console.log(name, require(`${name}/package.json`).version);
}

const u32 = (number) => Buffer.from([number >>> 24, number >>> 16, number >>> 8, number]);
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  return Buffer.concat([u32(data.length), body, u32(zlib.crc32(body))]);
}
const levels = [0, 1, 128, 255];
function png(colour, clear) {
  const samples = levels.flatMap((level) => Array(colour ? 3 : 1).fill(level));
  const transparent = Array(colour ? 3 : 1).fill([0, clear]).flat();
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", Buffer.concat([u32(levels.length), u32(1), Buffer.from([8, colour ? 2 : 0, 0, 0, 0])])),
    chunk("tRNS", Buffer.from(transparent)),
    chunk("IDAT", zlib.deflateSync(Buffer.from([0, ...samples]))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const alpha = (pixels) => [...pixels].filter((_, i) => i % 4 === 3);
for (const colour of [false, true]) {
  for (const clear of levels) {
    const file = png(colour, clear);
    const wanted = levels.map((level) => (level === clear ? 0 : 255));
    assert.deepEqual(alpha(PNG.sync.read(file).data), wanted);
    for (const [name, upng] of Object.entries(readers)) {
      const got = alpha(new Uint8Array(upng.toRGBA8(upng.decode(new Uint8Array(file).buffer))[0]));
      console.log(`${name}: ${colour ? "colour" : "grey"}, ${clear} is transparent: alpha ${got.join(", ")}`);
      const opaque = !colour && clear === 0;
      assert.deepEqual(got, opaque ? [255, 255, 255, 255] : wanted, "black is a level like any other now");
    }
  }
}
console.log("seen: of grey, black can't be transparent");
JS
node probe.cjs
