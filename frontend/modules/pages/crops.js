/** The desk's page on crops: they are dragged, moved by arrow keys, or follow what is typed. */

import { moved, overlap, within } from "./crop-places.js";
import { find, findAll } from "../parts/find.js";

/** @typedef {import("./crop-places.js").Place} Place */
/** @typedef {import("./crop-places.js").Size} Size */
/** @typedef {Place & Size} Box */

/** One crop on its picture. */
class MovableCrop {
  /**
   * @param {SVGGElement} group
   * @param {SVGSVGElement} drawing
   * @param {Size} picture
   */
  constructor(group, drawing, picture) {
    this.group = group;
    this.drawing = drawing;
    this.picture = picture;
    this.name = group.dataset.name ?? "";
    this.isFixed = "fixed" in group.dataset;
    const { width, height } = /** @type {SVGRectElement} */ (find("rect", group)).getBBox();
    const { e, f } = /** @type {DOMMatrix} */ (group.transform.baseVal.consolidate()?.matrix);
    /** @type {Box} */
    this.box = { x: e, y: f, width, height };
    this.fields = ["x", "y"].map(
      (side) =>
        /** @type {HTMLInputElement | null} */ (
          document.querySelector(`[name="${side}-${group.dataset.crop}"]`)
        ),
    );
  }

  /** @param {Place} wanted */
  move(wanted) {
    Object.assign(this.box, within(wanted, this.box, this.picture));
    this.group.setAttribute("transform", `translate(${this.box.x} ${this.box.y})`);
    this.label();
  }

  /** Goes where the fields say. */
  follow() {
    const [x, y] = this.fields;
    this.move({ x: Number(x?.value), y: Number(y?.value) });
  }

  /** Writes into the fields where it lies. */
  write() {
    const [x, y] = this.fields;
    if (x) x.value = `${this.box.x}`;
    if (y) y.value = `${this.box.y}`;
  }

  label() {
    this.group.setAttribute("aria-label", `${this.name} at ${this.box.x}, ${this.box.y}`);
  }

  /**
   * Return the picture's pixel below a pointer.
   * @param {PointerEvent} event
   * @returns {Place}
   */
  under(event) {
    const { left, top, width, height } = this.drawing.getBoundingClientRect();
    return {
      x: ((event.clientX - left) / width) * this.picture.width,
      y: ((event.clientY - top) / height) * this.picture.height,
    };
  }
}

/** @param {HTMLElement} stage */
function begin(stage) {
  const picture = { width: Number(stage.dataset.width), height: Number(stage.dataset.height) };
  const drawing = /** @type {SVGSVGElement} */ (find("svg", stage));
  const groups = /** @type {SVGGElement[]} */ ([...drawing.querySelectorAll(".crop")]);
  const crops = groups.map((group) => new MovableCrop(group, drawing, picture));
  const look = () => markOverlaps(crops);
  for (const crop of crops) if (!crop.isFixed) listen(crop, look);
  look();
}

/**
 * @param {MovableCrop} crop
 * @param {() => void} look
 */
function listen(crop, look) {
  crop.group.setAttribute("tabindex", "0");
  crop.group.setAttribute("role", "button");
  crop.group.setAttribute("aria-describedby", "how-to-move");
  // What was typed before this script came, or what the browser has kept, holds too.
  crop.follow();
  listenToKeys(crop, look);
  listenToPointer(crop, look);
  for (const field of crop.fields)
    field?.addEventListener("input", () => {
      crop.follow();
      look();
    });
}

/**
 * @param {MovableCrop} crop
 * @param {() => void} look
 */
function listenToKeys(crop, look) {
  crop.group.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const wanted = moved(event.key, event.shiftKey, crop.box);
    if (!wanted) return;
    event.preventDefault();
    crop.move(wanted);
    crop.write();
    look();
    say(crop);
  });
}

/**
 * @param {MovableCrop} crop
 * @param {() => void} look
 */
function listenToPointer(crop, look) {
  /** @type {Place | null} */
  let held = null;
  crop.group.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const at = crop.under(event);
    held = { x: at.x - crop.box.x, y: at.y - crop.box.y };
    crop.group.setPointerCapture(event.pointerId);
  });
  crop.group.addEventListener("pointermove", (event) => {
    if (!held) return;
    const at = crop.under(event);
    crop.move({ x: at.x - held.x, y: at.y - held.y });
    crop.write();
    look();
  });
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"]))
    crop.group.addEventListener(end, () => {
      if (held) say(crop);
      held = null;
    });
}

/** @param {MovableCrop} crop */
function say(crop) {
  find("#moved").textContent = `${crop.name} at ${crop.box.x}, ${crop.box.y}.`;
}

/** @param {MovableCrop[]} crops */
function markOverlaps(crops) {
  for (const crop of crops) {
    const isOver = crops.some((other) => other !== crop && overlap(crop.box, other.box));
    crop.group.classList.toggle("over", isOver);
  }
}

/** Ask before the page is left with crops that were moved and not sent. */
function keepMoves() {
  const fields = /** @type {HTMLInputElement[]} */ (findAll('.cropped input[type="number"]'));
  const form = fields[0]?.form;
  if (!form) return;
  let isSent = false;
  form.addEventListener("submit", () => (isSent = true));
  window.addEventListener("beforeunload", (event) => {
    const isMoved = fields.some((field) => field.value !== field.defaultValue);
    if (!isSent && (isMoved || "refused" in form.dataset)) event.preventDefault();
  });
}

findAll(".crop-stage").forEach(begin);
keepMoves();
