/** Where the faces of a trial stand: each slot shows one of its faces at a time. No DOM. */

/** @typedef {"a" | "b" | "original"} Face */
/** What the study wants. @typedef {"flip" | "sides" | "against"} Layout */
/** Whether the window has room for it, or all stands in one place. */
/** @typedef {"beside" | "single"} Arrangement */

/** @type {Record<Layout, Face[][]>} */
const BESIDE = {
  flip: [["a", "b"], ["original"]],
  sides: [["a"], ["original"], ["b"]],
  against: [
    ["a", "original"],
    ["b", "original"],
  ],
};
/** @type {Face[][]} */
const SINGLE = [["a", "b", "original"]];

/**
 * Return how many pictures stand side by side.
 * @param {Layout} layout
 */
export function countBeside(layout) {
  return BESIDE[layout].length;
}

/**
 * Return how many times the original stands on the page at once, at most.
 * @param {Layout} layout
 */
export function countOriginals(layout) {
  return BESIDE[layout].filter((faces) => faces.includes("original")).length;
}

export class Slots {
  /** @type {Face[]} what each slot shows */
  #showing = [];
  /** @type {Face[]} */
  #before = [];
  /** @type {Set<Face>} */
  #seen = new Set();

  /** How often something else was shown. */
  flips = 0;

  /** @param {Layout} layout */
  constructor(layout) {
    this.layout = layout;
    /** @type {Arrangement} */
    this.arrangement = "beside";
  }

  /** The faces of each slot. */
  get faces() {
    return this.arrangement === "beside" ? BESIDE[this.layout] : SINGLE;
  }

  get showing() {
    return this.#showing;
  }

  /** Whether A and B share a place, so that one of them comes first. */
  get isFlipped() {
    return this.faces.some((faces) => faces.includes("a") && faces.includes("b"));
  }

  /** What was looked at. */
  get seen() {
    return new Set(this.#seen);
  }

  /** Whether everything was looked at. */
  get isSeen() {
    return this.next === undefined;
  }

  /** What is to be looked at next, before an answer; undefined where everything was seen. */
  get next() {
    return this.faces.flat().find((face) => !this.#seen.has(face));
  }

  /**
   * Begin a trial, or go on with it.
   * @param {"a" | "b"} first what is shown first where A and B share a place
   * @param {{ flips: number, seen: Set<Face> }} before what was done before it is shown now
   */
  reset(first, before = { flips: 0, seen: new Set() }) {
    this.flips = before.flips;
    this.#seen = new Set(before.seen);
    this.#set(this.faces.map((faces) => (faces.includes(first) ? first : faces[0])));
    this.#before = this.#showing;
  }

  /**
   * Take another arrangement; what was seen stays seen.
   * @param {Arrangement} arrangement
   */
  arrange(arrangement) {
    this.arrangement = arrangement;
    this.#set(this.faces.map((faces, slot) => this.#kept(faces, slot)));
    this.#before = this.#showing;
  }

  /**
   * Show the next face of a slot, one that was not seen yet first, or the one before it; without a
   * slot, of all.
   * @param {number} [slot]
   * @param {1 | -1} [step]
   */
  flip(slot, step = 1) {
    const isAlone = slot !== undefined && this.faces[slot].length > 1;
    this.#change(
      this.faces.map((faces, at) => {
        if (isAlone && at !== slot) return this.#showing[at];
        const unseen = step > 0 && faces.find((face) => !this.#seen.has(face));
        const next = faces.indexOf(this.#showing[at]) + step + faces.length;
        return unseen || faces[next % faces.length];
      }),
    );
  }

  /** Go back to what was shown before. */
  unflip() {
    this.#change(this.#before);
  }

  /**
   * Show a face wherever it stands; "versions" is A and B.
   * @param {Face | "versions"} face
   */
  show(face) {
    this.#change(
      this.faces.map((faces, at) => {
        if (face === "versions") return faces[0];
        return faces.includes(face) ? face : this.#showing[at];
      }),
    );
  }

  /** @param {Face[]} showing */
  #change(showing) {
    if (showing.every((face, at) => face === this.#showing[at])) return;
    this.flips += 1;
    this.#before = this.#showing;
    this.#set(showing);
  }

  /** @param {Face[]} showing */
  #set(showing) {
    this.#showing = showing;
    for (const face of showing) this.#seen.add(face);
  }

  /**
   * @param {Face[]} faces
   * @param {number} slot
   */
  #kept(faces, slot) {
    const now = this.#showing[slot];
    return faces.includes(now) ? now : faces[0];
  }
}
