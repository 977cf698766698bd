/** Zips of folders: the bytes that the client makes, and that Python reads. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { crc32, zipped } from "../../../frontend/modules/files/zip.js";

const ROOT = new URL("../../../", import.meta.url).pathname;
const PACKED = `
import sys
from pathlib import Path
from ratings.kit.submit import packed
sys.stdout.buffer.write(packed(Path(sys.argv[1]), Path(sys.argv[2])).read_bytes())
`;

/** What the client makes of the same files. */
function byTheClient(files) {
  const folder = mkdtempSync(join(tmpdir(), "zip-"));
  try {
    const decoder = join(folder, "decoder");
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(decoder, path)), { recursive: true });
      writeFileSync(join(decoder, path), content);
    }
    return execFileSync("python3", ["-c", PACKED, decoder, folder], { cwd: ROOT });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function bytesOf(files) {
  const members = Object.entries(files).map(([path, content]) => {
    return { path, file: new Blob([content]) };
  });
  return Buffer.from(await (await zipped(members)).arrayBuffer());
}

test("a CRC is that of zips and PNGs", async () => {
  assert.equal(await crc32(new Blob(["123456789"])), 0xcbf43926);
  assert.equal(await crc32(new Blob([])), 0);
});

test("the same files make the client's very bytes", async () => {
  const files = {
    "model/weights.bin": Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251)),
    decode: "#!/bin/sh\n",
    "z.txt": "",
    "Zürich/ﬁ.txt": "names in UTF-8",
    "model.txt": "sorts before the folder's files",
  };
  assert.deepEqual(await bytesOf(files), byTheClient(files));
});

test("an empty folder is an empty zip", async () => {
  assert.equal((await bytesOf({})).length, 22);
});
