/**
 * What a submission is to hold: files that were chosen, and those that the server has. No DOM.
 */

/**
 * What a phase asks for, as the page says it.
 * @typedef {object} Rules
 * @property {string[]} names of its pictures
 * @property {number | null} budget bytes of all bitstreams together
 * @property {boolean} decodes whether only what the decoder makes counts
 */
/** @typedef {{ path: string, bytes: number, sha256: string }} Held a file as the server lists it */
/** @typedef {{ name: string, bytes: number, sha256: string }} Stored "" where no digest is known */
/** @typedef {"decoded" | "bitstreams" | "decoder" | ""} Kind "" for what belongs nowhere */
/**
 * One file that is chosen, that is there, or both.
 * @typedef {object} Item
 * @property {string} key of its place: no place holds two files
 * @property {Kind} kind
 * @property {string} picture for which it is; "" for a decoder
 * @property {string} name
 * @property {number} bytes
 * @property {Blob | null} file null for what is there and was not chosen here
 * @property {string} sha256 "" until it is known
 * @property {"waiting" | "sending" | "there" | "refused"} state
 * @property {string[]} problems
 */

/** As the server has it: part of a name, and no place to hide bits in. */
const SUFFIX = /\.[A-Za-z0-9]{1,8}$/;

/** The files of one submission. */
export class Parcel {
  /** @type {Map<string, Item>} */
  #items = new Map();
  /**
   * What the server has, as far as this page knows, by its place.
   * @type {Map<string, Stored>}
   */
  #stored = new Map();
  #hasLooked = false;
  /** Whether the server has files that were not chosen here, or by other names. */
  hasOthers = false;
  #rules;
  #say;

  /**
   * @param {Rules} rules
   * @param {(text: string, values?: Record<string, string | number>) => string} say
   */
  constructor(rules, say) {
    this.#rules = rules;
    this.#say = say;
  }

  /** @returns {Item[]} */
  get items() {
    return [...this.#items.values()];
  }

  /** Files that are to be sent. */
  get waiting() {
    return this.items.filter(({ state, kind }) => state === "waiting" && kind);
  }

  /** Bytes of all bitstreams. */
  get used() {
    const own = this.items.filter(({ kind }) => kind === "bitstreams");
    return own.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Pictures without a bitstream. */
  get missing() {
    return this.#rules.names.filter((name) => !this.#items.has(`bitstreams ${name}`));
  }

  /** Pictures that come neither decoded nor with a decoder. */
  get undecoded() {
    if (this.hasDecoder) return [];
    return this.#rules.names.filter((name) => !this.#items.has(`decoded ${name}`));
  }

  get hasDecoder() {
    return this.#items.has("decoder ");
  }

  /** Bitstreams that the server has by a name other than the one chosen now: it keeps the first. */
  get renamed() {
    return this.items.flatMap(({ key, kind, name }) => {
      const stored = kind === "bitstreams" ? this.#stored.get(key) : undefined;
      return stored && stored.name !== name ? [stored.name] : [];
    });
  }

  /** What stands against all of it together, and is sure to be refused. */
  get problems() {
    const { budget } = this.#rules;
    const { used } = this;
    const problems = [];
    const { renamed } = this;
    if (renamed.length > 0) problems.push(this.#say("renamed", { names: renamed.join(", ") }));
    const own = this.items.filter(({ kind }) => kind === "bitstreams");
    const endings = new Set(own.map(({ name, picture }) => name.slice(stemOf(picture).length)));
    if (endings.size > 1) {
      const shown = [...endings].sort().map((ending) => ending || "none");
      problems.push(this.#say("mixed-endings", { endings: shown.join(", ") }));
    }
    if (budget !== null && used > budget) {
      problems.push(this.#say("over-budget", { used, over: used - budget, budget }));
    }
    return problems;
  }

  /**
   * Take a file that was chosen; what was chosen before for the same place gives way.
   * @param {string} name
   * @param {Blob} file
   */
  take(name, file) {
    const isPicture = /\.png$/i.test(name);
    const picture = isPicture ? this.#picture(name) : this.#pictureOfBits(name);
    if (picture) {
      const kind = isPicture ? "decoded" : "bitstreams";
      this.#items.delete(`unknown ${name}`);
      this.#put(kind, picture, name, file);
      return;
    }
    const unknown = isPicture ? "unknown-decoded" : "unknown-bitstream";
    const problem = this.#say(unknown, { name: `'${name}'` });
    this.#set({
      ...chosen(name, file),
      key: `unknown ${name}`,
      state: "refused",
      problems: [problem],
    });
  }

  /**
   * Take a decoder.
   * @param {string} name
   * @param {Blob} file
   * @param {string[]} notes what is told of it
   */
  takeDecoder(name, file, notes = []) {
    this.#put("decoder", "", name, file);
    this.#items.get("decoder ")?.problems.push(...notes);
  }

  /**
   * Leave out a file that was chosen; what the server has in its place stays.
   * @param {Item} item
   */
  drop({ key, kind, picture }) {
    const stored = this.#stored.get(key);
    if (stored) this.#set(there(key, kind, picture, stored));
    else this.#items.delete(key);
  }

  /**
   * Learn what the server has: what is chosen too need not be sent.
   * @param {Held[]} files
   * @returns {string[]} names of what somebody else has put there since this page looked
   */
  hold(files) {
    const others = [];
    for (const { path, bytes, sha256 } of files) {
      const [kind, rest] = /** @type {[Kind, string | undefined]} */ (path.split(/\/(.*)/s));
      const name = rest ?? kind;
      const picture =
        kind === "decoded" ? name : kind === "decoder" ? "" : this.#pictureOfBits(name);
      const key = `${kind} ${picture}`;
      const now = { name, bytes, sha256 };
      const own = this.#items.get(key);
      const isKnown = isSame(kind, this.#stored.get(key), now);
      this.#stored.set(key, now);
      if (!own || (kind === "bitstreams" && own.name !== name)) this.hasOthers = true;
      if (!own || (own.state === "there" && !isKnown)) {
        if (this.#hasLooked && !isKnown) others.push(name);
        this.#set(there(key, kind, picture, now));
      } else if (own.file && own.sha256 === sha256 && isSame(kind, own, now)) {
        this.change(own, { state: "there", problems: [] });
      }
    }
    this.#hasLooked = true;
    return others;
  }

  /**
   * Say what somebody else has put there.
   * @param {string[]} names
   */
  toldOf(names) {
    return this.#say("others", { names: names.join(", ") });
  }

  /** Forget what the server has, as where it is all sent anew. */
  letGo() {
    this.hasOthers = false;
    this.#stored.clear();
    for (const item of this.items) {
      if (!item.file) this.drop(item);
      else if (item.state === "there") this.change(item, { state: "waiting" });
    }
  }

  /** What was refused may be tried again. */
  tryAgain() {
    for (const item of this.items) {
      if (item.kind && item.state !== "there")
        this.change(item, { state: "waiting", problems: [] });
    }
  }

  /**
   * @param {Item} item
   * @param {Partial<Item>} facts
   */
  change(item, facts) {
    Object.assign(item, facts);
    if (facts.state !== "there") return;
    const { key, kind, bytes, sha256 } = item;
    this.#stored.set(key, { name: kind === "decoder" ? kind : item.name, bytes, sha256 });
  }

  /**
   * @param {Kind} kind
   * @param {string} picture
   * @param {string} name
   * @param {Blob} file
   */
  #put(kind, picture, name, file) {
    this.#set({ ...chosen(name, file), key: `${kind} ${picture}`, kind, picture });
  }

  /** @param {Item} item */
  #set(item) {
    this.#items.set(item.key, item);
  }

  /** @param {string} name */
  #picture(name) {
    return this.#rules.names.includes(name) ? name : "";
  }

  /**
   * Return the picture whose bitstream may be called so, "" for none or more than one.
   * @param {string} name
   */
  #pictureOfBits(name) {
    const stems = new Set([name, name.replace(SUFFIX, "")]);
    const found = this.#rules.names.filter((one) => stems.has(stemOf(one)));
    return found.length === 1 ? (found[0] ?? "") : "";
  }
}

/**
 * @param {string} name
 * @param {Blob} file
 * @returns {Item}
 */
function chosen(name, file) {
  const item = { name, bytes: file.size, file, sha256: "", problems: [] };
  return { ...item, key: "", kind: "", picture: "", state: "waiting" };
}

/**
 * @param {string} key
 * @param {Kind} kind
 * @param {string} picture
 * @param {Stored} stored
 * @returns {Item}
 */
function there(key, kind, picture, stored) {
  return { ...stored, key, kind, picture, file: null, state: "there", problems: [] };
}

/**
 * Tell whether two files of one place are the same; without a digest their sizes must do.
 * @param {Kind} kind
 * @param {Stored | undefined} one
 * @param {Stored} other
 */
function isSame(kind, one, other) {
  if (!one || (kind === "bitstreams" && one.name !== other.name)) return false;
  return one.sha256 ? one.sha256 === other.sha256 : one.bytes === other.bytes;
}

/** @param {string} picture */
function stemOf(picture) {
  return picture.replace(/\.png$/, "");
}
