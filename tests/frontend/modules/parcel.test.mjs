/** What a submission is to hold: each file in its place, bytes against the budget, words once. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Parcel } from "../../../frontend/modules/files/parcel.js";

const RULES = { names: ["a.png", "b.c.png"], budget: 10, decodes: true };
const say = (name, values = {}) => `${name} ${Object.values(values).join(" ")}`;
const bytes = (count) => new Blob([new Uint8Array(count)]);

let parcel;

beforeEach(() => {
  parcel = new Parcel(RULES, say);
});

function states() {
  return Object.fromEntries(parcel.items.map(({ name, state }) => [name, state]));
}

test("a bitstream belongs to the picture that it is called like, with any short ending or none", () => {
  for (const name of ["a", "a.bits", "b.c", "b.c.x"]) {
    const one = new Parcel(RULES, say);
    one.take(name, bytes(1));
    assert.deepEqual(
      one.items.map(({ kind, picture }) => `${kind} ${picture}`),
      [name.startsWith("a") ? "bitstreams a.png" : "bitstreams b.c.png"],
      name,
    );
  }
});

test("what is called like no picture is refused before it is sent, in the server's words", () => {
  for (const name of ["b.bits", "a.webp.bits", "a.toolongabc", "c.png", "A.bits"]) {
    parcel.take(name, bytes(1));
    const item = parcel.items.at(-1);
    const words = name.endsWith(".png") ? "unknown-decoded" : "unknown-bitstream";
    assert.deepEqual([item.state, item.problems], ["refused", [`${words} '${name}'`]]);
  }
  assert.deepEqual(parcel.waiting, []);
  parcel.tryAgain();
  assert.deepEqual(parcel.waiting, []);
  for (const item of parcel.items) parcel.drop(item);
  assert.deepEqual(parcel.items, []);
});

test("the last of two files for one place counts", () => {
  parcel.take("a.bits", bytes(9));
  parcel.take("a.jxl", bytes(4));
  assert.equal(parcel.used, 4);
  parcel.takeDecoder("decode", bytes(3));
  parcel.takeDecoder("decoder.zip", bytes(5));
  assert.deepEqual(states(), { "a.jxl": "waiting", "decoder.zip": "waiting" });
});

test("the budget is kept to the byte, decoders and pictures aside", () => {
  parcel.takeDecoder("decode", bytes(100));
  parcel.take("a.png", bytes(100));
  parcel.take("a.bits", bytes(4));
  parcel.take("b.c.bits", bytes(6));
  assert.deepEqual([parcel.used, parcel.problems], [10, []]);
  parcel.take("b.c.bits", bytes(7));
  assert.deepEqual(parcel.problems, ["over-budget 11 1 10"]);
});

test("what comes neither decoded nor with a decoder is told", () => {
  parcel.take("a.bits", bytes(1));
  parcel.take("a.png", bytes(1));
  assert.deepEqual(parcel.undecoded, ["b.c.png"]);
  parcel.takeDecoder("decode", bytes(1));
  assert.deepEqual(parcel.undecoded, []);
});

test("endings that differ are told", () => {
  parcel.take("a.bits", bytes(1));
  parcel.take("b.c", bytes(1));
  assert.deepEqual(parcel.problems, ["mixed-endings none, .bits"]);
});

test("what the server has counts, and is not sent again", () => {
  parcel.take("a.bits", bytes(2));
  parcel.change(parcel.items[0], { sha256: "aa" });
  parcel.hold([
    { path: "bitstreams/a.bits", bytes: 2, sha256: "aa" },
    { path: "bitstreams/b.c.bits", bytes: 3, sha256: "bb" },
    { path: "decoder", bytes: 50, sha256: "dd" },
  ]);
  assert.deepEqual(states(), { "a.bits": "there", "b.c.bits": "there", decoder: "there" });
  assert.deepEqual([parcel.used, parcel.missing, parcel.hasDecoder], [5, [], true]);
  assert.deepEqual(parcel.waiting, []);
});

test("another content, or another name, is sent in its place", () => {
  parcel.take("a.bits", bytes(2));
  parcel.take("b.c.new", bytes(2));
  for (const item of parcel.items) parcel.change(item, { sha256: "aa" });
  parcel.hold([
    { path: "bitstreams/a.bits", bytes: 2, sha256: "ff" },
    { path: "bitstreams/b.c.bits", bytes: 2, sha256: "aa" },
  ]);
  assert.deepEqual(states(), { "a.bits": "waiting", "b.c.new": "waiting" });
});

test("what was refused may be tried again", () => {
  parcel.take("a.png", bytes(2));
  parcel.change(parcel.items[0], { state: "refused", problems: ["It is no PNG."] });
  parcel.tryAgain();
  assert.deepEqual([states(), parcel.items[0].problems], [{ "a.png": "waiting" }, []]);
});
