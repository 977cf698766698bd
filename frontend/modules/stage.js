/** The pictures of one trial: A and B flip in one place, the original beside them or third. */

import { isExact, isPinched } from "./pixels.js";

/** @typedef {"a" | "b" | "original"} Face */
/** @typedef {"beside" | "single"} Layout */

/** @type {Record<Face, string>} */
export const NAMES = { a: "A", b: "B", original: "Original" };

export class Stage {
  #root;
  #onChange;
  /** @type {Record<Face, HTMLImageElement> | null} */
  #images = null;
  /** @type {Set<Face>} */
  #seen = new Set();
  /** @type {Face} */
  #before = "a";

  /** @type {Face} */
  showing = "a";
  /** @type {Layout} */
  layout = "beside";
  /** How often something else was shown. */
  flips = 0;

  /**
   * @param {HTMLElement} root the element that scrolls
   * @param {() => void} onChange called when what is seen has changed
   */
  constructor(root, onChange) {
    this.#root = root;
    this.#onChange = onChange;
    new ResizeObserver(() => this.fit()).observe(root);
  }

  /** What flips in one place. @returns {Face[]} */
  get faces() {
    return this.layout === "beside" ? ["a", "b"] : ["a", "b", "original"];
  }

  /** Whether everything was looked at. */
  get isSeen() {
    return this.#images !== null && this.faces.every((face) => this.#seen.has(face));
  }

  /** Whether each picture's pixels are the screen's. */
  get isExact() {
    return this.#images !== null && !isPinched() && Object.values(this.#images).every(isExact);
  }

  /**
   * Put a trial's pictures on the stage.
   * @param {import("./supply.js").Pictures} pictures
   * @param {Face} first what is shown first
   */
  set({ left, right, original }, first) {
    this.#images = { a: left, b: right, original };
    for (const [face, image] of Object.entries(this.#images)) {
      image.className = `picture ${face}`;
      image.style.setProperty("--width", String(image.naturalWidth));
      image.style.setProperty("--height", String(image.naturalHeight));
    }
    left.alt = "version A";
    right.alt = "version B";
    original.alt = "the original";
    document.documentElement.style.setProperty("--crop", String(left.naturalWidth));
    this.#root.replaceChildren(left, right, original);
    this.#seen.clear();
    this.flips = 0;
    this.#before = first;
    this.#show(first);
    this.fit();
    this.#center();
  }

  /** Take the pictures away. */
  clear() {
    this.#images = null;
    this.#root.replaceChildren();
  }

  /** Choose the layout that the window has room for. */
  fit() {
    if (!this.#images) return;
    const width = this.#images.a.naturalWidth / window.devicePixelRatio;
    const gap = parseFloat(getComputedStyle(this.#root).getPropertyValue("--gap"));
    const isRoomy = this.#root.clientWidth >= 2 * width + gap;
    this.layout = isRoomy ? "beside" : "single";
    this.#root.dataset.layout = this.layout;
    this.#show(this.faces.includes(this.showing) ? this.showing : "a");
  }

  /** Show the next one of what flips in one place. */
  flip() {
    const { faces } = this;
    this.show(faces[(faces.indexOf(this.showing) + 1) % faces.length]);
  }

  /** Go back to what was shown before. */
  unflip() {
    this.show(this.#before);
  }

  /**
   * Show one of the faces.
   * @param {Face} face
   */
  show(face) {
    if (!this.#images || face === this.showing || !this.faces.includes(face)) return;
    this.flips += 1;
    this.#before = this.showing;
    this.#show(face);
  }

  /**
   * Move what is seen of pictures that are larger than the window.
   * @param {number} x @param {number} y steps to the right and down
   */
  pan(x, y) {
    const step = Math.min(this.#root.clientWidth, this.#root.clientHeight) / 4;
    this.#root.scrollBy(x * step, y * step);
  }

  /** @param {Face} face */
  #show(face) {
    this.showing = face;
    this.#seen.add(face);
    this.#root.dataset.showing = face;
    this.#onChange();
  }

  #center() {
    this.#root.scrollTo(
      (this.#root.scrollWidth - this.#root.clientWidth) / 2,
      (this.#root.scrollHeight - this.#root.clientHeight) / 2,
    );
  }
}
