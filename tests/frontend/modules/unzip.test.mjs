/** Zips as others write them, read in the browser: stored, deflated, damaged, and locked. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

import { unzipped, ZipRefused } from "../../../frontend/modules/files/unzip.js";
import { zipped } from "../../../frontend/modules/files/zip.js";

const PYTHON = `
import io, sys, zipfile
buffer = io.BytesIO()
with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.mkdir("m")
    archive.writestr("m/a.png", b"a" * 5000)
    archive.writestr("m\\u00fc/b.png", b"b", zipfile.ZIP_STORED)
    archive.comment = b"made by hand"
sys.stdout.buffer.write(buffer.getvalue())
`;

async function textsOf(zip) {
  const found = await unzipped(zip);
  return Promise.all(found.map(async ({ path, file }) => [path, await file.text()]));
}

const refuses = (zip, words) =>
  assert.rejects(unzipped(zip), (error) => error instanceof ZipRefused && error.message === words);

test("what Python packs is read, folders aside", async () => {
  const packed = execFileSync("python3", ["-c", PYTHON]);
  assert.deepEqual(await textsOf(new Blob([packed])), [
    ["m/a.png", "a".repeat(5000)],
    ["m\u00fc/b.png", "b"],
  ]);
});

test("so is what our own module packs", async () => {
  const zip = await zipped([{ path: "x/a", file: new Blob(["1"]) }]);
  assert.deepEqual(await textsOf(zip), [["x/a", "1"]]);
});

test("what is no zip, is cut or damaged is refused", async () => {
  const packed = new Uint8Array(execFileSync("python3", ["-c", PYTHON]));
  await refuses(new Blob([]), "no-zip");
  await refuses(new Blob(["no zip at all, but longer than its end would be"]), "no-zip");
  await refuses(new Blob([packed.slice(0, -20)]), "no-zip");
  await refuses(new Blob([packed.slice(40)]), "no-zip");
  const torn = packed.slice();
  torn.fill(0xff, 60, 75); // within the deflated bytes
  await refuses(new Blob([torn]), "no-zip");
});

test("a password, or a way of packing that browsers don't know, is named", async () => {
  const packed = new Uint8Array(execFileSync("python3", ["-c", PYTHON]));
  const directory = packed.findIndex(
    (_, at) => packed[at] === 0x50 && packed[at + 1] === 0x4b && packed[at + 2] === 1,
  );
  const second = packed.findIndex(
    (_, at) =>
      at > directory && packed[at] === 0x50 && packed[at + 1] === 0x4b && packed[at + 2] === 1,
  );
  const change = (at, value) => {
    const other = packed.slice();
    other[second + at] = value;
    return new Blob([other]);
  };
  await refuses(change(8, 1), "locked-zip");
  await refuses(change(10, 14), "packed-zip"); // LZMA
});
