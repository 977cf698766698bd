/** What becomes of the files of a method whose pictures are decoded, before any is sent. No DOM. */

import { sha256Of } from "../files/digests.js";
import { Parcel } from "../files/parcel.js";
import { PictureNames, splitBits, stemOf } from "../files/picture-names.js";

/** @typedef {import("../files/chosen.js").Found} Found */
/** @typedef {(text: string, values?: Record<string, string | number>) => string} Say */
/** @typedef {{ name: string, width: number, height: number }} Picture */
/**
 * What the phase asks for, and who is in it.
 * @typedef {object} Facts
 * @property {Picture[]} pictures
 * @property {number | null} budget
 * @property {string[]} reserved names that are kept for baselines
 * @property {{ name: string, kind: string, entered: boolean, prints: string[] }[]} teams `prints` as
 * `printOf` makes them, of each submission
 */
/** @typedef {"competing" | "baseline"} Kind */
/**
 * One file: `becomes` is its name in the submission, "" where it is left out; `problem` stands
 * against the whole method, `note` does not.
 * @typedef {object} Line
 * @property {string} path
 * @property {number} bytes
 * @property {Blob} file
 * @property {string} becomes
 * @property {"decoded" | "bitstreams" | ""} kind
 * @property {string} picture
 * @property {string} note
 * @property {string} problem
 */

/** Folders within one method's, as a submission's zip has them. */
const PARTS = new Set(["decoded", "bitstreams"]);
const LITTER = /(^|\/)(\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(\/|$)/i;
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const NAMES_SHOWN = 5;

/**
 * Return the methods that a folder or a zip holds: itself, or one in each folder below.
 * @param {string} name
 * @param {Found[]} found
 * @returns {{ name: string, found: Found[] }[]}
 */
export function methodsIn(name, found) {
  const files = found.filter(({ path }) => !LITTER.test(path));
  const folders = new Set(files.flatMap(({ path }) => path.split("/").slice(0, -1).slice(0, 1)));
  const isOne =
    folders.size === 0 ||
    files.some(({ path }) => /^[^/]*\.png$/i.test(path)) ||
    [...folders].some((folder) => PARTS.has(folder.toLowerCase()));
  if (isOne) return [{ name, found: files }];
  return [...folders].flatMap((folder) => {
    const within = files.filter(({ path }) => path.startsWith(`${folder}/`));
    const inside = within.map(({ path, file }) => ({ path: path.slice(folder.length + 1), file }));
    return methodsIn(folder, inside);
  });
}

/** One method: its name, its files, and all that stands against sending it. */
export class MethodPlan {
  /** @type {Line[]} */
  lines = [];
  /** Bytes of all bitstreams where none are sent; null where they aren't stated. @type {number | null} */
  stated = null;
  /** Whether it is sent though the same files are entered already. */
  isAskedAgain = false;
  #print = "";
  #facts;
  #say;

  /**
   * @param {string} name
   * @param {Facts} facts
   * @param {Say} say
   */
  constructor(name, facts, say) {
    this.name = name;
    this.#facts = facts;
    this.#say = say;
  }

  /**
   * Look at the files; of pictures only the header is read.
   * @param {Found[]} found
   */
  async read(found) {
    const names = new PictureNames(this.#facts.pictures.map(({ name }) => name));
    const byName = [...found].sort((one, other) => (one.path < other.path ? -1 : 1));
    this.lines = await Promise.all(byName.map(({ path, file }) => this.#line(names, path, file)));
    for (const line of this.lines) {
      const { kind, picture } = line;
      const alike = this.lines.filter((one) => one.kind === kind && one.picture === picture);
      if (kind && alike.length > 1) line.problem ||= this.#say("double", { picture });
    }
    if (!this.#team()?.entered) return; // digests take a while
    const digests = [];
    for (const { becomes, file } of this.lines) if (becomes) digests.push(await sha256Of(file));
    this.#print = await printOf(digests);
  }

  /** Whether the very same files are entered already by this name. */
  get isSame() {
    return this.#print !== "" && (this.#team()?.prints.includes(this.#print) ?? false);
  }

  /**
   * Remember that it is entered now: the same again would be its next submission.
   * @param {Kind} kind
   * @param {string[]} digests of its files
   */
  async enter(kind, digests) {
    const team = this.#team() ?? { name: this.name, kind, entered: true, prints: [] };
    if (!this.#team()) this.#facts.teams.push(team);
    team.entered = true;
    team.prints.push(await printOf(digests));
  }

  /** Bytes of all bitstreams: of those that are here, or as stated; null where nothing says. */
  get bytes() {
    const bits = this.#of("bitstreams");
    return bits.length > 0 ? bits.reduce((sum, { bytes }) => sum + bytes, 0) : this.stated;
  }

  get hasBits() {
    return this.#of("bitstreams").length > 0;
  }

  /** How many files there are of each kind, and how many are renamed or left out. */
  get counts() {
    const decoded = this.#of("decoded").length;
    const renamed = this.lines.filter(({ becomes, path }) => becomes && becomes !== tail(path));
    const out = this.lines.filter(({ kind }) => !kind);
    return { decoded, renamed: renamed.length, out: out.length };
  }

  /**
   * Return what stands against sending it, a line each.
   * @param {Kind} kind as what it is entered
   * @param {MethodPlan[]} all the methods that are entered with it
   * @returns {string[]}
   */
  against(kind, all) {
    const say = this.#say;
    const lacks = (/** @type {string} */ of, /** @type {string} */ text) => {
      const there = new Set(
        this.lines.filter((line) => line.kind === of).map((one) => one.picture),
      );
      const names = this.#facts.pictures.map(({ name }) => name).filter((one) => !there.has(one));
      return names.length > 0 ? [say(text, { count: names.length, names: listed(names) })] : [];
    };
    const refused = this.lines.filter(({ problem }) => problem);
    const bits = this.hasBits ? lacks("bitstreams", "lacks-bits") : [];
    return [
      ...this.#againstName(kind, all),
      ...(this.lines.length === 0 ? [say("empty")] : lacks("decoded", "lacks-decoded")),
      ...refused.map(({ path, problem }) => `${path}: ${problem}`),
      ...bits,
      ...this.#againstBytes(),
    ];
  }

  /** Return what is told of it and stands against nothing. */
  notes() {
    const team = this.#team();
    return team?.entered ? [this.#say("entered")] : [];
  }

  /** @returns {Parcel} all that is to be sent */
  parcel() {
    const { pictures, budget } = this.#facts;
    const rules = { names: pictures.map(({ name }) => name), budget, decodes: false };
    const parcel = new Parcel(rules, this.#say);
    for (const { becomes, file } of this.lines) if (becomes) parcel.take(becomes, file);
    return parcel;
  }

  /**
   * @param {Kind} kind
   * @param {MethodPlan[]} all
   */
  #againstName(kind, all) {
    const key = keyOf(this.name);
    if (!key) return [this.#say("nameless")];
    if (all.some((other) => other !== this && keyOf(other.name) === key))
      return [this.#say("twice", { name: this.name })];
    const team = this.#team();
    if (team && team.kind !== kind) return [this.#say(`taken-${kind}`, { name: team.name })];
    const isReserved = this.#facts.reserved.some(
      (name) => lettersOf(name) === lettersOf(this.name),
    );
    return kind === "competing" && isReserved ? [this.#say("reserved", { name: this.name })] : [];
  }

  #againstBytes() {
    const { budget } = this.#facts;
    const { bytes } = this;
    const endings = new Set(this.#of("bitstreams").map(({ becomes }) => splitBits(becomes)[1]));
    const mixed = [...endings].sort().map((ending) => ending || "none");
    if (mixed.length > 1) return [this.#say("mixed-endings", { endings: mixed.join(", ") })];
    if (budget === null) return [];
    if (bytes === null) return [this.#say("unstated", { budget })];
    if (bytes <= budget) return [];
    return [this.#say("over-budget", { used: bytes, over: bytes - budget, budget })];
  }

  #team() {
    const key = keyOf(this.name);
    return this.#facts.teams.find(({ name }) => keyOf(name) === key);
  }

  /** @param {Line["kind"]} kind */
  #of(kind) {
    return this.lines.filter((line) => line.kind === kind && line.becomes);
  }

  /**
   * @param {PictureNames} names
   * @param {string} path
   * @param {File} file
   * @returns {Promise<Line>}
   */
  async #line(names, path, file) {
    const name = tail(path);
    const isBits = !/\.png$/i.test(name);
    const [stem, suffix] = isBits ? splitBits(name) : [stemOf(name), ".png"];
    const picture = names.find(stem);
    const line = { path, bytes: file.size, file, picture, becomes: "", note: "", problem: "" };
    if (!picture) return { ...line, kind: "", note: this.#say("unknown") };
    const becomes = `${stemOf(picture)}${suffix}`;
    const note = becomes === name ? this.#say("taken") : this.#say("renamed", { name: becomes });
    if (isBits) return { ...line, kind: "bitstreams", becomes, note };
    return {
      ...line,
      kind: "decoded",
      becomes,
      note,
      problem: await this.#againstSize(picture, file),
    };
  }

  /**
   * @param {string} name
   * @param {Blob} file
   */
  async #againstSize(name, file) {
    const picture = this.#facts.pictures.find((one) => one.name === name);
    const head = new DataView(await file.slice(0, 24).arrayBuffer());
    if (head.byteLength < 24 || PNG.some((byte, at) => head.getUint8(at) !== byte))
      return this.#say("no-png");
    const [width, height] = [head.getUint32(16), head.getUint32(20)];
    if (!picture || (width === picture.width && height === picture.height)) return "";
    return this.#say("other-size", {
      size: `${width} × ${height}`,
      asked: `${picture.width} × ${picture.height}`,
    });
  }
}

/**
 * Return what tells a submission's files from all others, as the server makes it too; "" where the
 * browser computes no digests.
 * @param {string[]} digests
 */
async function printOf(digests) {
  return digests.includes("") ? "" : sha256Of(new Blob([[...digests].sort().join("\n")]));
}

/** @param {string[]} names */
function listed(names) {
  const shown = names.slice(0, NAMES_SHOWN).join(", ");
  return names.length > NAMES_SHOWN ? `${shown}, …` : shown;
}

/** @param {string} path */
function tail(path) {
  return path.split("/").at(-1) ?? path;
}

/** @param {string} name */
function keyOf(name) {
  return name.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase();
}

/** @param {string} name */
function lettersOf(name) {
  return (
    name
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]/gu) ?? []
  ).join("");
}
