/** Paints versions of a picture, and their difference, onto canvases: smoothed between levels. */

import { difference } from "./difference.js";
import { decode } from "../pictures/pictures.js";
import { TileStore } from "./tile-store.js";
import { tileName, tilesSeen } from "./tiles.js";

/** @typedef {import("./tiles.js").SeenTile} SeenTile */
/** @typedef {import("./viewer-address.js").Side} Side */
/** @typedef {import("./viewing.js").Version} Version */
/** @typedef {ImageBitmap | HTMLCanvasElement} Drawn */
/** Returns a tile of what is painted, as far as it is here. */
/** @typedef {(level: number, tile: { column: number, row: number }) => Drawn | undefined} Source */

/** Of 1 MiB each at most. */
const MOST_TILES = 96;
/** What is seen before anything has come. */
const NOTHING = "#808080";
const ONLY = { column: 0, row: 0 };

export class Painter {
  #viewing;
  #store;

  /**
   * @param {import("./viewing.js").Viewing} viewing
   * @param {() => void} onChange called when there is more to paint
   */
  constructor(viewing, onChange) {
    this.#viewing = viewing;
    this.#store = /** @type {TileStore<Drawn>} */ (new TileStore(load, onChange, MOST_TILES));
  }

  /** "ready" when all that is seen is painted from its level. @returns {"ready" | "loading" | "lacking"} */
  get state() {
    if (this.#store.isLacking) return "lacking";
    return this.#store.isDone ? "ready" : "loading";
  }

  /**
   * Paint what is looked at, and fetch what is lacking for it.
   * @param {HTMLCanvasElement[]} canvases one for each pane
   */
  paint(canvases) {
    const { view, mode, shown, by, split } = this.#viewing;
    const { width, height } = view.window;
    const [first, second] = canvases.map((canvas) => cleared(canvas, width, height));
    this.#want();
    if (mode === "sides") {
      this.#draw(first, this.#versionSource("left"));
      this.#draw(second, this.#versionSource("right"));
    } else if (mode === "slider") {
      this.#draw(first, this.#versionSource("right"));
      first.save();
      first.beginPath();
      first.rect(0, 0, Math.round(split * width), height);
      first.clip();
      this.#draw(first, this.#versionSource("left"));
      first.restore();
    } else if (mode === "difference") {
      this.#draw(first, this.#differenceSource(by));
    } else {
      this.#draw(first, this.#versionSource(shown));
    }
  }

  /** Both versions are fetched, whichever is seen: so a flip has all that it needs. */
  #want() {
    const { levels, level, shown } = this.#viewing;
    /** @type {Side[]} */
    const sides = shown === "left" ? ["left", "right"] : ["right", "left"];
    const versions = sides.map((side) => this.#viewing.version(side));
    const coarse = versions.map(({ tiles }) => tiles + tileName(levels.length - 1, ONLY));
    const seen = this.#seen();
    const fine = versions.flatMap(({ tiles }) => seen.map((tile) => tiles + tileName(level, tile)));
    this.#store.want([...coarse, ...fine]);
  }

  /** @returns {SeenTile[]} */
  #seen() {
    const { view, levels, level, tileSide, times } = this.#viewing;
    return tilesSeen(levels[level], tileSide, view.offset, view.window, times);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Source} source
   */
  #draw(context, source) {
    const { view, levels, level, isSharp } = this.#viewing;
    const seen = this.#seen().map((tile) => ({ tile, drawn: source(level, tile) }));
    const coarse = seen.every(({ drawn }) => drawn) ? undefined : source(levels.length - 1, ONLY);
    if (coarse) {
      const { offset, size } = view;
      context.imageSmoothingEnabled = true;
      context.drawImage(coarse, -offset.x, -offset.y, size.width, size.height);
    }
    context.imageSmoothingEnabled = !isSharp;
    context.imageSmoothingQuality = "high";
    for (const { tile, drawn } of seen) {
      if (drawn) context.drawImage(drawn, tile.x, tile.y, tile.width, tile.height);
    }
  }

  /** @param {Side} side @returns {Source} */
  #versionSource(side) {
    const { tiles } = this.#viewing.version(side);
    return (level, tile) => this.#store.get(tiles + tileName(level, tile));
  }

  /** @param {number} by @returns {Source} */
  #differenceSource(by) {
    const [left, right] = [this.#versionSource("left"), this.#versionSource("right")];
    const pair = `${this.#viewing.left} ${this.#viewing.right} ${by}`;
    return (level, tile) =>
      this.#store.made(`${pair} ${tileName(level, tile)}`, () => {
        const [a, b] = [left(level, tile), right(level, tile)];
        return a && b ? differenceOf(a, b, by) : undefined;
      });
  }
}

/**
 * @param {string} url
 * @returns {Promise<ImageBitmap | null>} with the file's own samples
 */
async function load(url) {
  const image = await decode(url);
  return image && createImageBitmap(image, { colorSpaceConversion: "none" });
}

/**
 * @param {Drawn} left
 * @param {Drawn} right
 * @param {number} by
 */
function differenceOf(left, right, by) {
  const { width, height } = left;
  const [a, b] = [left, right].map((drawn) => {
    const context = contextOf(document.createElement("canvas"), width, height);
    context.drawImage(drawn, 0, 0);
    return context.getImageData(0, 0, width, height).data;
  });
  const canvas = document.createElement("canvas");
  const context = contextOf(canvas, width, height);
  context.putImageData(new ImageData(difference(a, b, by), width, height), 0, 0);
  return canvas;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width @param {number} height
 */
function contextOf(canvas, width, height) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("The browser gives no canvas to draw on.");
  return context;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width @param {number} height
 */
function cleared(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new Error("The browser gives no canvas to draw on.");
  context.fillStyle = NOTHING;
  context.fillRect(0, 0, width, height);
  return context;
}
