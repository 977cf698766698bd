#!/usr/bin/env bash
# fast-png 8.0.0: interlaced pictures below eight bits are refused for their filter, and written unreadable.
#
# Behaviour  decode() of an interlaced PNG of one, two or four bits raises "Unsupported filter: 255", though its filters
#            are fine: rows are counted as if each sample had a byte. encode() with interlace: "Adam7" takes depth 1, 2
#            and 4 and writes a file that neither pngjs nor decode() itself can read, without an error. Eight and
#            sixteen bits work both ways, and so do one to four bits without interlacing.
# Guessed    That what encode() takes can be decoded, or that interlacing below eight bits is refused by its name.
# Bears on   Line art and masks from tools that interlace by default: the error sends one to look for a broken file.
# Seen       2026-12-01, Node.js 20, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts fast-png@8.0.0 pngjs@7.0.0
cat >probe.mjs <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import zlib from "node:zlib";
import { decode, encode } from "fast-png";
import pngjs from "pngjs";

console.log("fast-png", JSON.parse(readFileSync("node_modules/fast-png/package.json")).version);
const u32 = (number) => Buffer.from([number >>> 24, number >>> 16, number >>> 8, number]);
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  return Buffer.concat([u32(data.length), body, u32(zlib.crc32(body))]);
}
// Width and height of the seven passes of a picture of 8 x 8.
const passes = [[1, 1], [1, 1], [2, 1], [2, 2], [4, 2], [4, 4], [8, 4]];
function whiteInterlaced(depth) {
  const rows = passes.flatMap(([width, height]) =>
    Array.from({ length: height }, () => [0, ...Array(Math.ceil((width * depth) / 8)).fill(255)]),
  );
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", Buffer.concat([u32(8), u32(8), Buffer.from([depth, 0, 0, 0, 1])])),
    chunk("IDAT", zlib.deflateSync(Buffer.from(rows.flat()))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
function attempt(read) {
  try {
    return [...read()].every((value) => value === 255 || value === 65535) ? "white" : "another picture";
  } catch (error) {
    return error.message;
  }
}

for (const depth of [1, 2, 4, 8, 16]) {
  const file = whiteInterlaced(depth);
  const decoded = attempt(() => decode(file).data);
  const other = attempt(() => pngjs.PNG.sync.read(file).data);
  const data = depth === 16 ? new Uint16Array(64).fill(65535) : new Uint8Array(8 * depth).fill(255);
  const [plain, interlaced] = ["null", "Adam7"].map((interlace) =>
    Buffer.from(encode({ width: 8, height: 8, channels: 1, depth, data }, { interlace })),
  );
  const back = [attempt(() => pngjs.PNG.sync.read(interlaced).data), attempt(() => decode(interlaced).data)];
  console.log(`${depth} bits: pngjs ${other}, fast-png ${decoded}; written by fast-png: ${back.join(", ")}`);
  assert.equal(other, "white");
  assert.equal(attempt(() => pngjs.PNG.sync.read(plain).data), "white");
  const works = depth >= 8;
  assert.equal(decoded.startsWith("Unsupported filter"), !works, "interlaced pictures are read otherwise now");
  assert.deepEqual(back.map((said) => said === "white"), [works, works], "writing has changed");
}
console.log("seen: interlaced below eight bits works neither way");
JS
node probe.mjs
