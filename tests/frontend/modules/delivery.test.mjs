/** Sending a submission, over connections that are cut, to a server written from docs/api.md. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { beforeEach, test } from "node:test";

import { Delivery, isGone } from "../../../frontend/modules/files/delivery.js";
import { Parcel } from "../../../frontend/modules/files/parcel.js";
import { openBrowser, pass } from "./browser.mjs";

const RULES = { names: ["a.png", "b.png", "c.png"], budget: 100, decodes: true };
const ROOT = "/api/v1/submissions/";

const json = (body, status = 200) => new Response(JSON.stringify(body), { status });
const refusal = (status, code, ...lines) =>
  json({ type: `/api/v1/docs/#${code}`, errors: lines.map((detail) => ({ detail })) }, status);

/** Keeps files of one submission; loses answers, cuts, and refuses as it is told. */
class Server {
  files = new Map();
  requests = [];
  isClosed = false;
  isUp = true;
  /** After so many requests the connection is cut. */
  cutAfter = Infinity;
  /** The code with which a path is refused. */
  refusing = new Map();
  against = [];
  /** What it asks whoever sends files to wait, in seconds; 0 where it takes them. */
  busy = 0;

  answer = async (url, { method = "GET", headers = {}, body } = {}) => {
    if (!this.isUp || this.requests.length >= this.cutAfter) throw new TypeError("Failed to fetch");
    this.requests.push(`${method} ${url}`);
    assert.equal(headers["X-CSRFToken"], "token");
    if (url === ROOT) return json({ id: "id" }, 201);
    if (method === "DELETE") {
      this.files.clear();
      return new Response(null, { status: 204 });
    }
    const path = decodeURIComponent(url.slice(`${ROOT}id/`.length));
    if (path === "files/") return json({ results: [...this.files.values()] });
    if (path === "submit/") return this.#close();
    if (this.busy) {
      const headers = { "Retry-After": String(this.busy) };
      return new Response("{}", { status: 429, headers });
    }
    return this.#store(path, headers, Buffer.from(await body.arrayBuffer()));
  };

  #store(path, headers, content) {
    const sha256 = createHash("sha256").update(content).digest();
    assert.equal(headers["Content-Digest"], `sha-256=:${sha256.toString("base64")}:`);
    const code = this.refusing.get(path);
    if (code) return refusal(code === "digest-mismatch" ? 400 : 422, code, `${path} is wrong.`);
    this.files.set(path, { path, bytes: content.length, sha256: sha256.toString("hex") });
    return json({ path, outcome: "created", notes: [] }, 201);
  }

  #close() {
    if (this.against.length) return refusal(422, "incomplete", ...this.against);
    this.isClosed = true;
    return json({ state: "queued" });
  }
}

let server;
let away;
let begun;

beforeEach(() => {
  server = new Server();
  openBrowser(server.answer);
  away = [];
  begun = [];
});

/** A page of its own, with files chosen on it. */
function page(names, submission = "", more = {}) {
  const say = (name, { names = "" } = {}) => `${name} ${names}`.trim();
  const parcel = new Parcel(RULES, say);
  for (const name of names) {
    if (name === "decode") parcel.takeDecoder(name, new Blob([name]));
    else parcel.take(name, new Blob([name]));
  }
  const place = {
    challenge: "c",
    phase: "p",
    submissions: ROOT,
    submission,
    token: "token",
    ...more,
  };
  const delivery = new Delivery(place, parcel, {
    onStep: () => {},
    onWay: (isAway) => away.push(isAway),
    onBegun: (id) => begun.push(id),
  });
  return { parcel, delivery };
}

const ALL = ["a.bits", "b.bits", "c.bits", "decode"];
const PATHS = ["bitstreams/a.bits", "bitstreams/b.bits", "bitstreams/c.bits", "decoder"];

/** Let time pass until something holds: reading and hashing take real time too. */
async function until(holds) {
  for (let turn = 0; turn < 1000 && !holds(); turn += 1) await pass(250);
  assert.ok(holds());
}

/** Let time pass until a promise is kept or broken. */
async function settled(promise) {
  let isOver = false;
  const ended = promise.finally(() => {
    isOver = true;
  });
  ended.catch(() => {});
  await until(() => isOver);
  return ended;
}

test("all is read, begun, sent and closed", async () => {
  const { delivery } = page(ALL);
  assert.deepEqual(await settled(delivery.send("m")), []);
  assert.deepEqual([...server.files.keys()].sort(), PATHS);
  assert.deepEqual([begun, server.isClosed, delivery.isThere], [["id"], true, true]);
});

test("after a reload only what is missing is sent", async () => {
  server.cutAfter = 4; // begun, asked, two files
  void page(ALL).delivery.send("m");
  await until(() => away.includes(true));
  assert.equal(server.files.size, 2);

  openBrowser(server.answer); // the page is loaded anew
  server.cutAfter = Infinity;
  server.requests = [];
  const { parcel, delivery } = page([], `${ROOT}id/`);
  await delivery.look();
  assert.equal(parcel.items.filter(({ state }) => state === "there").length, 2);
  for (const name of ALL.slice(0, 3)) parcel.take(name, new Blob([name]));
  parcel.takeDecoder("decode", new Blob(["decode"]));
  assert.deepEqual(await settled(delivery.send("")), []);
  const sent = server.requests.filter((request) => request.startsWith("PUT"));
  assert.equal(sent.length, 2);
  assert.deepEqual([...server.files.keys()].sort(), PATHS);
  assert.ok(server.isClosed);
});

test("a cut is waited for, and what was under way goes on by itself", async () => {
  server.isUp = false;
  const { delivery } = page(ALL);
  const sent = delivery.send("m");
  await until(() => away.includes(true));
  assert.equal(server.files.size, 0);
  server.isUp = true;
  assert.deepEqual(await settled(sent), []);
  assert.equal(away.at(-1), false);
  assert.ok(server.isClosed);
});

test("a server that is busy is asked again, and a quota that is used up is none", async () => {
  server.busy = 5;
  const { delivery } = page(ALL);
  const sent = delivery.send("m");
  await until(() => away.includes(true));
  assert.equal(server.files.size, 0);
  server.busy = 0;
  assert.deepEqual(await settled(sent), []);
  assert.ok(server.isClosed);

  server = new Server();
  server.busy = 86400;
  openBrowser(server.answer);
  const { parcel, delivery: another } = page(ALL);
  await settled(another.send("m")).catch(() => {});
  assert.ok(server.requests.filter((request) => request.startsWith("PUT")).length <= 4);
  assert.ok(parcel.items.length === 4 && !server.isClosed);
});

test("a file that is refused says why; the others are sent, and nothing is closed", async () => {
  server.refusing.set("bitstreams/b.bits", "unknown-name");
  const { parcel, delivery } = page(ALL);
  await settled(delivery.send("m"));
  const refused = parcel.items.filter(({ state }) => state === "refused");
  assert.deepEqual(
    refused.map(({ name, problems }) => [name, problems]),
    [["b.bits", ["bitstreams/b.bits is wrong."]]],
  );
  assert.deepEqual([server.files.size, server.isClosed, delivery.isThere], [3, false, false]);

  server.refusing.clear();
  parcel.tryAgain();
  assert.deepEqual(await settled(delivery.send("m")), []);
  assert.deepEqual([server.isClosed, begun], [true, ["id"]]);
});

test("what was damaged on its way is sent again", async () => {
  server.refusing.set("decoder", "digest-mismatch");
  const { delivery } = page(ALL);
  const sent = delivery.send("m");
  await until(() => away.includes(true));
  assert.equal(server.isClosed, false);
  server.refusing.clear();
  assert.deepEqual(await settled(sent), []);
});

test("what stands against closing is told, all of it, and it stays open", async () => {
  server.against = ["Missing bitstream for c.png", "Missing decoder"];
  const { delivery } = page(["a.bits", "b.bits"]);
  assert.deepEqual(await settled(delivery.send("m")), server.against);
  assert.equal(server.isClosed, false);
});

test("a refusal of the whole ends it with its lines", async () => {
  openBrowser(async () => refusal(429, "quota", "No more today."));
  const { delivery } = page(ALL);
  await assert.rejects(settled(delivery.send("m")), { status: 429, problems: ["No more today."] });
});

test("where a browser computes no digests, files are sent without", async () => {
  const { crypto } = globalThis;
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  try {
    const headers = [];
    openBrowser(async (url, options) => {
      if (url === ROOT) return json({ id: "id" }, 201);
      if (url.endsWith("files/")) return json({ results: [] });
      headers.push(options.headers);
      return json({});
    });
    assert.deepEqual(await settled(page(ALL).delivery.send("m")), []);
    assert.equal(headers.filter((one) => "Content-Digest" in one).length, 0);
  } finally {
    Object.defineProperty(globalThis, "crypto", { value: crypto, configurable: true });
  }
});

test("what is chosen while others are sent goes too, before it is closed", async () => {
  const { parcel, delivery } = page(["a.bits", "b.bits", "decode"]);
  server.refusing.set("decoder", "decoder");
  const { answer } = server;
  let isChosen = false;
  server.answer = async (url, options) => {
    const answered = await answer(url, options);
    if (options?.method === "PUT" && url.endsWith("/decoder") && !isChosen) {
      isChosen = true;
      server.refusing.clear();
      parcel.takeDecoder("better", new Blob(["better"]));
      parcel.take("c.bits", new Blob(["c.bits"]));
    }
    return answered;
  };
  openBrowser(server.answer);
  assert.deepEqual(await settled(delivery.send("m")), []);
  assert.deepEqual([...server.files.keys()].sort(), PATHS);
  assert.equal(server.files.get("decoder").bytes, "better".length);
  assert.deepEqual([server.isClosed, delivery.isThere], [true, true]);
});

test("what is left out while others are sent stays out", async () => {
  const { parcel, delivery } = page(ALL);
  const { answer } = server;
  openBrowser(async (url, options) => {
    if (options?.method === "PUT") for (const item of parcel.waiting) parcel.drop(item);
    return answer(url, options);
  });
  await settled(delivery.send("m"));
  assert.ok(server.files.size < ALL.length);
  assert.ok(server.isClosed);
});

test("one that is to hold what is chosen and nothing else begins anew where it holds more", async () => {
  const whole = { isWhole: true };
  await settled(page(["a.bits", "b.jxl"], "", whole).delivery.send("m"));
  const { delivery, parcel } = page(["a.bits", "b.bits"], "", whole);
  assert.deepEqual(await settled(delivery.send("m")), []);
  assert.deepEqual([...server.files.keys()].sort(), ["bitstreams/a.bits", "bitstreams/b.bits"]);
  assert.deepEqual(
    server.requests.filter((line) => line.startsWith("DELETE")),
    [`DELETE ${ROOT}id/`],
  );
  assert.equal(parcel.items.length, 2);
  await settled(page(["a.bits", "b.bits"], "", whole).delivery.send("m"));
  assert.equal(server.requests.filter((line) => line.startsWith("DELETE")).length, 1);
});

test("what another member has sent meanwhile is told before it is closed", async () => {
  const { parcel, delivery } = page(["a.bits", "b.bits", "decode"]);
  server.against = ["Missing bitstream for c.png"];
  await settled(delivery.send("m"));
  server.against = [];
  const theirs = { bytes: 6, sha256: "0".repeat(64) };
  for (const path of ["decoder", "bitstreams/c.bits"]) server.files.set(path, { path, ...theirs });
  assert.deepEqual(await settled(delivery.send("m")), ["others decoder, c.bits"]);
  assert.equal(server.isClosed, false);
  assert.deepEqual(
    parcel.items.filter(({ file }) => !file).map(({ name, sha256 }) => [name, sha256]),
    [
      ["decoder", theirs.sha256],
      ["c.bits", theirs.sha256],
    ],
  );
  assert.deepEqual(await settled(delivery.send("m")), []);
  assert.ok(server.isClosed);
});

test("one's own file takes the place of another member's, once it is chosen again", async () => {
  const { parcel, delivery } = page(ALL);
  server.against = ["Too many bytes"];
  await settled(delivery.send("m"));
  server.against = [];
  server.files.set("decoder", { path: "decoder", bytes: 6, sha256: "0".repeat(64) });
  assert.deepEqual(await settled(delivery.send("m")), ["others decoder"]);
  parcel.takeDecoder("decode", new Blob(["decode"]));
  assert.deepEqual(await settled(delivery.send("m")), []);
  assert.equal(server.files.get("decoder").bytes, "decode".length);
});

test("nothing is sent while a bitstream that is there is chosen by another name", async () => {
  await settled(page(["a.bits"]).delivery.send("m"));
  server.isClosed = false;
  server.requests = [];
  const { parcel, delivery } = page([], `${ROOT}id/`);
  await delivery.look();
  for (const name of ["a.jxl", "b.jxl", "c.jxl"]) parcel.take(name, new Blob([name]));
  assert.deepEqual([parcel.renamed, parcel.problems], [["a.bits"], ["renamed a.bits"]]);
  assert.deepEqual(await settled(delivery.send("")), []);
  assert.deepEqual([server.files.size, server.isClosed, delivery.isThere], [1, false, false]);
  parcel.drop(parcel.items.find(({ name }) => name === "a.jxl"));
  assert.deepEqual([parcel.renamed, parcel.items.at(0)?.name], [[], "a.bits"]);
});

test("that it was deleted in another window ends it, before and while files are sent", async () => {
  const gone = () =>
    new Response(JSON.stringify({ type: "about:blank", errors: [{ detail: "Not found." }] }), {
      status: 404,
    });
  for (const from of ["GET", "PUT"]) {
    openBrowser((url, options) => (options.method === from ? gone() : server.answer(url, options)));
    const error = await settled(page(ALL, `${ROOT}id/`).delivery.send("")).catch((one) => one);
    assert.ok(isGone(error));
  }
  assert.equal(server.isClosed, false);
});
