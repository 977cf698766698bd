/** Methods of decoded pictures: what becomes of each file, and what stands against each method. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { MethodPlan, methodsIn } from "../../../frontend/modules/sending/method-plan.js";
import { PictureNames } from "../../../frontend/modules/files/picture-names.js";

const FACTS = {
  pictures: [
    { name: "kodim01.png", width: 8, height: 6 },
    { name: "kodim02.png", width: 8, height: 6 },
  ],
  budget: null,
  reserved: ["JPEG", "JPEG XL"],
  teams: [
    { name: "Clover", kind: "competing", entered: true, prints: [] },
    { name: "WebP", kind: "baseline", entered: false, prints: [] },
  ],
};
const say = (name, values = {}) => [name, ...Object.values(values)].join(" ");

function png(width = 8, height = 6) {
  const head = new DataView(new ArrayBuffer(24));
  [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a].forEach((byte, at) => head.setUint8(at, byte));
  head.setUint32(16, width);
  head.setUint32(20, height);
  return new Blob([head]);
}

const found = (files) => Object.entries(files).map(([path, file]) => ({ path, file }));
const both = { "kodim01.png": png(), "kodim02.png": png() };

async function planOf(files, facts = {}, name = "Ours") {
  const plan = new MethodPlan(name, { ...FACTS, ...facts }, say);
  await plan.read(found(files));
  return plan;
}

test("a folder is one method, or one in each folder below", () => {
  const named = (name, paths) =>
    methodsIn(name, found(Object.fromEntries(paths.map((path) => [path, png()])))).map(
      (method) => `${method.name}: ${method.found.map(({ path }) => path).join(" ")}`,
    );
  assert.deepEqual(named("a", ["x.png", "y.png"]), ["a: x.png y.png"]);
  assert.deepEqual(named("all", ["a/x.png", "b/x.png", "notes.txt", "b/deep/y.png"]), [
    "a: x.png",
    "b: x.png deep/y.png",
  ]);
  assert.deepEqual(named("zip", ["all/a/x.png", "all/b/x.png"]), ["a: x.png", "b: x.png"]);
  assert.deepEqual(named("a", ["decoded/x.png", "bitstreams/x.jpg"]), [
    "a: decoded/x.png bitstreams/x.jpg",
  ]);
  assert.deepEqual(named("a", ["__MACOSX/._x.png", ".DS_Store", "x.png"]), ["a: x.png"]);
  assert.deepEqual(named("a", []), ["a: "]);
});

test("a file is found by its name, by a name that is like it, or by a part of it", () => {
  const names = new PictureNames(["IMG-1.png", "IMG-1-2.png", "b.png"]);
  for (const [stem, picture] of [
    ["IMG-1", "IMG-1.png"],
    ["img 1", "IMG-1.png"],
    ["img_1_q30", "IMG-1.png"],
    ["IMG-1-2-q30", "IMG-1-2.png"],
    ["out-b", "b.png"],
    ["IMG-12", ""],
    ["bb", ""],
    ["b-and-img-1", "IMG-1.png"],
    ["", ""],
  ])
    assert.equal(names.find(stem), picture, stem);
  assert.equal(new PictureNames(["a-b.png", "a_b.png"]).find("a b"), "");
  assert.equal(new PictureNames(["a.png", "b.png"]).find("a-b"), "");
});

test("each file is taken, taken by another name, or left out", async () => {
  const plan = await planOf({
    "Kodim01_q9.PNG": png(),
    "kodim02.png": png(),
    "README.md": png(),
    "Kodim01_q9.webp": new Blob(["123"]),
    "kodim02.webp": new Blob(["12"]),
  });
  const became = Object.fromEntries(plan.lines.map(({ path, note }) => [path, note]));
  assert.deepEqual(became, {
    "Kodim01_q9.PNG": "renamed kodim01.png",
    "Kodim01_q9.webp": "renamed kodim01.webp",
    "README.md": "unknown",
    "kodim02.png": "taken",
    "kodim02.webp": "taken",
  });
  assert.deepEqual(plan.counts, { decoded: 2, renamed: 2, out: 1 });
  assert.deepEqual([plan.bytes, plan.against("competing", [plan])], [5, []]);
  assert.deepEqual(
    plan.parcel().items.map(({ kind, name }) => `${kind}/${name}`),
    [
      "decoded/kodim01.png",
      "bitstreams/kodim01.webp",
      "decoded/kodim02.png",
      "bitstreams/kodim02.webp",
    ],
  );
});

test("what is missing, double, of another size or no picture stands against the method", async () => {
  const against = async (files) => (await planOf(files)).against("competing", []);
  assert.deepEqual(await against({}), ["empty"]);
  assert.deepEqual(await against({ "kodim02.png": png() }), ["lacks-decoded 1 kodim01.png"]);
  assert.deepEqual(await against({ ...both, "kodim01.png": png(10, 12) }), [
    "kodim01.png: other-size 10 × 12 8 × 6",
  ]);
  assert.deepEqual(await against({ ...both, "kodim01.png": new Blob(["GIF89a"]) }), [
    "kodim01.png: no-png",
  ]);
  assert.deepEqual(await against({ ...both, "kodim01-b.png": png() }), [
    "kodim01-b.png: double kodim01.png",
    "kodim01.png: double kodim01.png",
  ]);
  assert.deepEqual(await against({ ...both, "kodim01.jpg": png() }), ["lacks-bits 1 kodim02.png"]);
  assert.deepEqual(await against({ ...both, "kodim01.jpg": png(), "kodim02.jp2": png() }), [
    "mixed-endings .jp2, .jpg",
  ]);
});

test("a name is there once, and of one kind", async () => {
  const against = async (name, kind, others = []) => {
    const plan = await planOf(both, {}, name);
    const all = [plan, ...(await Promise.all(others.map((other) => planOf(both, {}, other))))];
    return plan.against(kind, all);
  };
  assert.deepEqual(await against(" ", "competing"), ["nameless"]);
  assert.deepEqual(await against("Ours", "competing", ["ours"]), ["twice Ours"]);
  assert.deepEqual(await against("clover", "baseline"), ["taken-baseline Clover"]);
  assert.deepEqual(await against("clover", "competing"), []);
  assert.deepEqual(await against("WebP", "competing"), ["taken-competing WebP"]);
  assert.deepEqual(await against("jpeg-xl", "competing"), ["reserved jpeg-xl"]);
  assert.deepEqual(await against("JPEG", "baseline"), []);
  assert.deepEqual((await planOf(both, {}, "Clover")).notes(), ["entered"]);
});

test("the very same files are known again, by digests as the server makes them", async () => {
  const digest = async (file) => hash(Buffer.from(await file.arrayBuffer()));
  const hash = (content) => createHash("sha256").update(content).digest("hex");
  const digests = await Promise.all(Object.values(both).map(digest));
  const entered = (prints) => [{ name: "Clover", kind: "competing", entered: true, prints }];
  const print = hash([...digests].sort().join("\n"));
  const isSame = async (prints, name, files = both) =>
    (await planOf(files, { teams: entered(prints) }, name)).isSame;
  assert.equal(await isSame([print], "clover"), true);
  assert.equal(await isSame([print], "Ours"), false);
  assert.equal(await isSame([], "Clover"), false);
  assert.equal(await isSame([print], "Clover", { ...both, "kodim01.b": png() }), false);
  const teams = [];
  await (await planOf(both, { teams })).enter("baseline", digests);
  assert.deepEqual(teams, [{ name: "Ours", kind: "baseline", entered: true, prints: [print] }]);
  assert.equal((await planOf(both, { teams })).isSame, true);
});

test("a budget is kept by the files' bytes, or by those that are stated", async () => {
  const plan = await planOf(both, { budget: 10 });
  assert.deepEqual(plan.against("competing", []), ["unstated 10"]);
  plan.stated = 11;
  assert.deepEqual(plan.against("competing", []), ["over-budget 11 1 10"]);
  plan.stated = 10;
  assert.deepEqual(plan.against("competing", []), []);
  const bits = { "kodim01.b": new Blob(["123456"]), "kodim02.b": new Blob(["12345"]) };
  const whole = await planOf({ ...both, ...bits }, { budget: 10 });
  whole.stated = 5;
  assert.deepEqual(whole.against("competing", []), ["over-budget 11 1 10"]);
  assert.deepEqual((await planOf(both)).against("competing", []), []);
});
