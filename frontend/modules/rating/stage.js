/** The pictures of one trial on the page: slots side by side, seen through windows of one size. */

import { flawOf } from "../pictures/pixels.js";
import { fitInto } from "../pictures/room.js";
import { wanted } from "../pictures/shown.js";
import { Slots } from "../pictures/slots.js";
import { text } from "../parts/texts.js";
import { View } from "../pictures/view.js";

/** @typedef {import("../pictures/slots.js").Face} Face */
/** @typedef {import("../session/supply.js").Pictures} Pictures */
/** @typedef {import("../session/asked.js").Looked} Looked */

export class Stage {
  #root;
  #panels;
  #onChange;
  #shown;
  /** Device pixels to a picture pixel, each way, before magnifying. */
  #enlarge = 1;
  #view = new View();
  /** @type {Pictures | null} */
  #pictures = null;
  /** The images of each slot, by face. @type {Partial<Record<Face, HTMLImageElement>>[]} */
  #images = [];

  slots;
  /** The largest magnification of this trial. */
  magnified = 1;
  /** How often the view was moved. */
  pans = 0;
  /** Whether all pictures are seen whole, in the study's layout, before magnifying. */
  isRoomy = true;
  /** Whether each picture is seen whole, before magnifying. */
  isWhole = true;

  /**
   * @param {HTMLElement} root its parent holds what stands above and below the pictures, too
   * @param {import("../pictures/shown.js").Shown} shown
   * @param {() => void} onChange called when what is seen has changed
   */
  constructor(root, shown, onChange) {
    this.#root = root;
    this.#panels = /** @type {HTMLElement} */ (root.parentElement);
    this.#shown = shown;
    this.#onChange = onChange;
    this.slots = new Slots(shown.layout);
    const observer = new ResizeObserver(() => this.fit());
    for (const each of [this.#panels, ...this.#panels.children]) observer.observe(each);
  }

  /** What is told of how the pictures were shown. */
  facts() {
    const { layout, arrangement, flips } = this.slots;
    const { magnified, pans } = this;
    return { layout, arrangement, flips, enlarge: this.#enlarge, magnified, pans };
  }

  /** How this trial was looked at so far. @returns {Looked} */
  get looked() {
    const { flips, seen } = this.slots;
    return { flips, seen, magnified: this.magnified, pans: this.pans };
  }

  get canPan() {
    return this.#pictures !== null && this.#view.canPan;
  }

  /** How much larger than the study wants it the pictures are seen now. */
  get magnifiedNow() {
    return this.#view.magnified;
  }

  /** What keeps the pictures' pixels from being the screen's. @returns {import("../pictures/pixels.js").Flaw} */
  get flaw() {
    const images = this.#images.flatMap((slot) => Object.values(slot));
    return flawOf(images, this.#view.scale);
  }

  /**
   * Put a trial's pictures on the stage.
   * @param {Pictures} pictures
   * @param {"a" | "b"} first what is shown first where A and B share a place
   * @param {Looked} [before] how the trial was looked at when it was here before
   */
  set(pictures, first, before) {
    this.#pictures = pictures;
    this.pans = before?.pans ?? 0;
    this.magnified = before?.magnified ?? 1;
    this.#view.reset({ width: pictures.left.naturalWidth, height: pictures.left.naturalHeight });
    this.#arrange();
    this.slots.reset(first, before);
    this.#build();
    this.#show();
  }

  /** Take the pictures away. */
  clear() {
    this.#pictures = null;
    this.#images = [];
    this.#root.replaceChildren();
  }

  /** Adapt to the window, unless the stage is out of view and has no size. */
  fit() {
    if (!this.#pictures || this.#root.clientWidth === 0) return;
    const before = this.slots.arrangement;
    this.#arrange();
    if (this.slots.arrangement !== before) {
      this.slots.arrange(this.slots.arrangement);
      this.#build();
    }
    this.#show();
  }

  /**
   * @param {number} [slot]
   * @param {1 | -1} [step] on or back
   */
  flip(slot, step) {
    this.slots.flip(slot, step);
    this.#show();
  }

  unflip() {
    this.slots.unflip();
    this.#show();
  }

  /** @param {Face | "versions"} face */
  show(face) {
    this.slots.show(face);
    this.#show();
  }

  /**
   * Move what is seen, by quarters of the window.
   * @param {number} x @param {number} y steps to the right and down
   */
  pan(x, y) {
    const { width, height } = this.#view.window;
    const step = Math.max(1, Math.round(Math.min(width, height) / 4));
    if (this.#view.pan(x * step, y * step)) this.pans += 1;
    this.#place();
  }

  /**
   * Move what is seen with the hand; `begins` a movement that counts.
   * @param {number} x @param {number} y px that the hand moved
   * @param {boolean} begins
   */
  drag(x, y, begins) {
    const ratio = window.devicePixelRatio;
    const moved = this.#view.pan(Math.round(-x * ratio), Math.round(-y * ratio));
    if (moved && begins) this.pans += 1;
    this.#place();
  }

  /** @param {number} step 1 for larger, -1 for smaller, 0 for the next size */
  zoom(step) {
    if (!this.#pictures || !this.#view.zoom(step)) return;
    this.magnified = Math.max(this.magnified, this.#view.magnified);
    this.fit();
  }

  /** Choose the arrangement, and the size of the windows onto the pictures. */
  #arrange() {
    const { naturalWidth: width = 1, naturalHeight: height = 1 } = this.#pictures?.left ?? {};
    const ratio = window.devicePixelRatio;
    const style = getComputedStyle(this.#root);
    const caption = parseFloat(style.getPropertyValue("--caption"));
    const fit = fitInto(
      wanted(this.#shown, { width, height }, this.#view.magnified),
      {
        width: Math.floor(this.#root.clientWidth * ratio),
        height: Math.floor((this.#height() - caption) * ratio),
      },
      Math.ceil(parseFloat(style.columnGap) * ratio),
    );
    this.slots.arrangement = fit.arrangement;
    this.isRoomy = fit.isRoomy;
    this.isWhole = fit.isWhole;
    this.#enlarge = fit.enlarge;
    this.#view.fit(fit.pane, fit.enlarge);
    // Where some pictures are smaller than the study's crops, what stands around all stays put.
    const high = Math.max(this.#shown.height, height) * this.#view.scale;
    this.#root.style.setProperty("--high", String(high));
  }

  /** How high the stage may become, in px: it takes no more than its pictures need. */
  #height() {
    const { display, paddingTop } = getComputedStyle(this.#panels);
    if (display === "grid") return this.#root.clientHeight; // all that the others leave
    const others = [...this.#panels.children].filter((each) => each !== this.#root);
    return others.reduce(
      (left, each) => left - each.getBoundingClientRect().height,
      this.#panels.clientHeight - parseFloat(paddingTop),
    );
  }

  /** Make the slots of the arrangement anew. */
  #build() {
    const { faces, arrangement, layout } = this.slots;
    const elements = faces.map((names, at) => this.#makeSlot(names, at));
    this.#images = elements.map(({ images }) => images);
    this.#root.dataset.arrangement = arrangement;
    this.#root.dataset.layout = layout;
    this.#root.replaceChildren(...elements.map(({ element }) => element));
  }

  /**
   * @param {Face[]} faces
   * @param {number} at
   */
  #makeSlot(faces, at) {
    const element = document.createElement("div");
    element.className = "slot";
    element.dataset.slot = String(at);
    const caption = document.createElement("p");
    caption.className = "caption";
    if (faces.length > 1) caption.setAttribute("aria-live", "polite");
    const pane = document.createElement("div");
    pane.className = "pane";
    /** @type {Partial<Record<Face, HTMLImageElement>>} */
    const images = {};
    for (const face of faces) {
      const image = this.#imageOf(face, at);
      image.className = "picture";
      image.alt = text(`alt_${face}`);
      images[face] = image;
      pane.append(image);
    }
    element.append(caption, pane);
    return { element, images };
  }

  /**
   * @param {Face} face
   * @param {number} slot
   */
  #imageOf(face, slot) {
    if (!this.#pictures) throw new Error("There is nothing on the stage.");
    const { left, right, originals } = this.#pictures;
    if (face !== "original") return face === "a" ? left : right;
    return originals[slot] ?? originals[0];
  }

  /** Show in each slot what it shows now. */
  #show() {
    if (!this.#pictures) return;
    this.slots.showing.forEach((shown, at) => {
      const element = /** @type {HTMLElement} */ (this.#root.children[at]);
      const [caption] = element.children;
      const name = text(`name_${shown}`);
      if (caption.textContent !== name) caption.textContent = name;
      element.dataset.showing = shown;
      for (const [face, image] of Object.entries(this.#images[at])) {
        image.toggleAttribute("data-shown", face === shown);
      }
    });
    this.#place();
    this.#onChange();
  }

  /** Put the windows' size and place over the pictures into effect, in device pixels. */
  #place() {
    const { size, window: seen, offset } = this.#view;
    const { style } = this.#root;
    style.setProperty("--width", String(size.width));
    style.setProperty("--height", String(size.height));
    style.setProperty("--seen-width", String(seen.width));
    style.setProperty("--seen-height", String(seen.height));
    style.setProperty("--x", String(offset.x));
    style.setProperty("--y", String(offset.y));
    this.#root.toggleAttribute("data-can-pan", this.#view.canPan);
  }
}
