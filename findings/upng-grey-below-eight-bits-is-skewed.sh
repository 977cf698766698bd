#!/usr/bin/env bash
# upng-js 2.1.0: grey PNG of one, two or four bits is skewed unless its rows fill whole bytes; with a palette it isn't.
#
# Behaviour  toRGBA8() of a grey picture below eight bits reads sample i of the whole picture from bit i of the data,
#            and forgets that each row begins with a new byte. Of 16 pixels in a row all is right; of 13 each row is
#            shifted by three more pixels than the one above. The same samples with a palette come out right, and so
#            does eight bits. Nothing is said. pngjs and @pdf-lib/upng, a fork, read all of them.
# Guessed    That the two branches share how a row is laid out, or that a fault of this kind is seen at every width.
# Bears on   Masks and text that an optimizer cut down to one bit, decoded in a browser: tests on 64 x 64 see nothing.
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
const level = (x, y, depth) => (x * x + 3 * y) % (1 << depth);
function png(width, height, depth, palette) {
  const rows = [];
  for (let y = 0; y < height; y++) {
    const row = Buffer.alloc(1 + Math.ceil((width * depth) / 8));
    for (let x = 0; x < width; x++) {
      row[1 + ((x * depth) >> 3)] |= level(x, y, depth) << (8 - depth - ((x * depth) & 7));
    }
    rows.push(row);
  }
  const greys = Array.from({ length: 1 << depth }, (_, i) => Array(3).fill((i * 255) / ((1 << depth) - 1)));
  const head = Buffer.concat([u32(width), u32(height), Buffer.from([depth, palette ? 3 : 0, 0, 0, 0])]);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", head),
    ...(palette ? [chunk("PLTE", Buffer.from(greys.flat()))] : []),
    chunk("IDAT", zlib.deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const height = 12;
for (const depth of [1, 2, 4, 8]) {
  for (const width of [16, 13]) {
    for (const palette of [false, true]) {
      const file = png(width, height, depth, palette);
      const exact = new Uint8Array(file);
      const wanted = [...PNG.sync.read(file).data];
      const top = (1 << depth) - 1;
      const grey = (i) => (level(i % width, Math.floor(i / width), depth) * 255) / top;
      assert(wanted.every((value, i) => i % 4 === 3 || value === grey(i >> 2)));
      for (const [name, upng] of Object.entries(readers)) {
        const got = new Uint8Array(upng.toRGBA8(upng.decode(exact.buffer))[0]);
        const wrong = wanted.filter((value, i) => got[i] !== value).length;
        const kind = `${depth} bit, ${width} wide, ${palette ? "palette" : "grey"}`;
        console.log(`${name}: ${kind}: ${wrong} of ${wanted.length} wrong`);
        const skewed = name === "upng-js" && !palette && width === 13 && depth < 8;
        assert.equal(wrong > 0, skewed, "which pictures are read right has changed");
      }
    }
  }
}
console.log("seen: rows that end within a byte are skewed, of grey alone");
JS
node probe.cjs
