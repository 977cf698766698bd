/** What is looked at of a picture's versions, and how it changes. No DOM. */

import { levelAt, stepsOf, wholeScale } from "./tiles.js";
import { View } from "../pictures/view.js";
import { FACTORS, MODES, readLook } from "./viewer-address.js";

/** @typedef {import("./tiles.js").Level} Level */
/** @typedef {import("./tiles.js").Point} Point */
/** @typedef {import("../pictures/view.js").Size} Size */
/** @typedef {import("./viewer-address.js").Look} Look */
/** @typedef {import("./viewer-address.js").Side} Side */
/** `tiles`: what the addresses of its tiles begin with, "" where there are none. */
/** @typedef {{ key: string, name: string, tiles: string }} Version */
/** @typedef {Size & { tile_side: number, levels: Level[], versions: Version[] }} Facts */

const SPLIT_STEP = 0.05;

export class Viewing {
  #facts;
  #versions;
  #room = { width: 1, height: 1 };
  view;
  steps;
  /** @type {Look["mode"]} */
  mode = "flip";
  /** @type {Side} */
  shown = "left";
  split = 0.5;
  by = 4;

  /**
   * @param {Facts} facts
   * @param {{ left: string, right: string }} chosen which versions to begin with
   * @param {string} query of the address, which may say more
   * @param {number} ratio device pixels to a CSS pixel: it begins with as many to a picture pixel
   */
  constructor(facts, chosen, query, ratio) {
    this.#facts = facts;
    this.#versions = facts.versions.filter(({ tiles }) => tiles);
    this.steps = stepsOf(facts.levels);
    this.view = new View(this.steps);
    this.view.reset(facts);
    const keys = this.#versions.map(({ key }) => key);
    const { at, zoom, ...asked } = readLook(query, { keys, steps: this.steps });
    this.left = asked.left ?? chosen.left;
    this.right = asked.right ?? chosen.right;
    Object.assign(this, asked);
    const most = Math.max(1, Math.round(ratio));
    const usual = this.steps.filter((step) => step <= most).at(-1) ?? 1;
    this.view.look(at ?? { x: facts.width / 2, y: facts.height / 2 }, zoom ?? usual);
  }

  /** All that an address says of it. @returns {Look} */
  get look() {
    const { left, right, mode, shown, split, by } = this;
    return { left, right, mode, shown, split, by, zoom: this.view.scale, at: this.view.center };
  }

  /** How many pictures stand side by side. */
  get panes() {
    return this.mode === "sides" ? 2 : 1;
  }

  get levels() {
    return this.#facts.levels;
  }

  get tileSide() {
    return this.#facts.tile_side;
  }

  /** The number of the level that is shown. */
  get level() {
    return levelAt(this.levels, this.view.scale);
  }

  /** Device pixels to a pixel of that level. */
  get times() {
    return this.levels[this.level].shrink * this.view.scale;
  }

  /** Whether a pixel of that level is a whole number of the screen's: nothing is smoothed. */
  get isSharp() {
    return Number.isInteger(this.times);
  }

  /** @param {Side} side @returns {Version} */
  version(side) {
    const found = this.#versions.find(({ key }) => key === this[side]);
    if (!found) throw new Error(`There is no version ${this[side]}.`);
    return found;
  }

  /**
   * Adapt to the room for each picture.
   * @param {Size} room in device pixels
   */
  fit(room) {
    this.#room = room;
    this.view.fit(room, 1);
  }

  /** Show the other one where both share a place; elsewhere begin to. */
  flip() {
    if (this.mode === "flip") this.shown = this.shown === "left" ? "right" : "left";
    else this.mode = "flip";
  }

  swap() {
    [this.left, this.right] = [this.right, this.left];
  }

  nextMode() {
    this.mode = MODES[(MODES.indexOf(this.mode) + 1) % MODES.length];
  }

  /**
   * Move the divider, or amplify differences more or less.
   * @param {number} step 1 or -1
   */
  adjust(step) {
    if (this.mode === "slider") {
      this.divide(Math.round(this.split / SPLIT_STEP + step) * SPLIT_STEP);
    } else if (this.mode === "difference") {
      this.by = FACTORS[FACTORS.indexOf(this.by) + step] ?? this.by;
    }
  }

  /** @param {number} split */
  divide(split) {
    this.split = Math.min(1, Math.max(0, split));
  }

  /**
   * @param {number} step
   * @param {Point} [at]
   */
  zoom(step, at) {
    if (this.view.zoom(step, at)) this.fit(this.#room);
  }

  /** Show the picture whole, as large as there is room. */
  whole() {
    this.#magnify(wholeScale(this.#facts, this.#room, this.steps));
  }

  /** Show a picture pixel as one of the screen. */
  exact() {
    this.#magnify(1);
  }

  /**
   * Move what is seen by quarters of the window.
   * @param {number} x @param {number} y steps to the right and down
   */
  pan(x, y) {
    const { width, height } = this.view.window;
    const step = Math.max(1, Math.round(Math.min(width, height) / 4));
    this.view.pan(x * step, y * step);
  }

  /**
   * Move what is seen by pixels of the level that is shown.
   * @param {number} x @param {number} y
   */
  nudge(x, y) {
    const step = Math.max(1, Math.round(this.times));
    this.view.pan(x * step, y * step);
  }

  /** @param {number} scale */
  #magnify(scale) {
    this.view.look(this.view.center, scale);
    this.fit(this.#room);
  }
}
