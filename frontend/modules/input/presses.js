/** Mouse, pen and fingers on the pictures. */

import { HOLD_MS } from "./keys.js";

/** Movement beyond this many px is panning, not a tap. */
const TAP_PX = 10;
/** A finger that moves this many px, and mostly sideways, swipes. */
const SWIPE_PX = 40;
/** Two fingers this much further apart, or closer together, are one step of zoom. */
const PINCH = 1.5;

/** What is done by pointers. */
/** @typedef {Pick<import("./keys.js").Acts, "flip" | "unflip" | "drag" | "zoom">} Acts */
/** @typedef {import("./keys.js").Input} Input */
/** @typedef {{ x: number, y: number }} Point */

/**
 * Listen to presses on the pictures. A swipe flips on or back, as one leafs through pages. A mouse flips at once where there is nothing to pan; else a
 * press flips when it ends, or has rested, because it may be about to pan.
 * @param {HTMLElement} element
 * @param {Acts} acts
 * @param {() => boolean} canPan
 */
export function listenToPresses(element, acts, canPan) {
  /** @type {Press | null} */
  let press = null;
  /** The pointers that are down. @type {Map<number, Point>} */
  const down = new Map();
  let apart = NaN;

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (down.size === 2) {
      press?.cancel();
      press = null;
      apart = distance(down);
    } else if (down.size === 1) {
      press = new Press(event, acts, event.pointerType !== "touch" && !canPan());
    }
  });
  window.addEventListener("pointermove", (event) => {
    if (!down.has(event.pointerId)) return;
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (down.size === 2) apart = pinch(down, apart, acts);
    else press?.move(event, canPan());
  });
  /** @param {PointerEvent} event */
  const release = (event) => {
    if (!down.delete(event.pointerId)) return;
    press?.end(event);
    press = null;
  };
  window.addEventListener("pointerup", release);
  window.addEventListener("pointercancel", release);
  listenToWheel(element, acts, canPan);
  // The browser would fling what a finger leaves quickly, and take the next tap for the end of that.
  element.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });
  // A finger that rests would open the picture's menu.
  element.addEventListener("contextmenu", (event) => event.preventDefault());
}

/** One finger, pen or mouse button, from down to up. */
class Press {
  #acts;
  #at;
  #slot;
  #start;
  /** @type {Point} */
  #last;
  #timer = 0;
  #isHeld = false;
  #isDragged = false;

  /**
   * @param {PointerEvent} event
   * @param {Acts} acts
   * @param {boolean} isFlipping whether it flips at once
   */
  constructor(event, acts, isFlipping) {
    this.#acts = acts;
    this.#at = event.timeStamp;
    this.#start = this.#last = { x: event.clientX, y: event.clientY };
    this.#slot = slotOf(event);
    if (isFlipping) this.#hold();
    else this.#timer = setTimeout(() => this.#hold(), HOLD_MS);
  }

  /**
   * @param {PointerEvent} event
   * @param {boolean} isPanning whether there is anything to pan
   */
  move(event, isPanning) {
    const now = { x: event.clientX, y: event.clientY };
    const isFar = Math.hypot(now.x - this.#start.x, now.y - this.#start.y) > TAP_PX;
    if (!this.#isDragged && !isFar) return;
    clearTimeout(this.#timer);
    if (!isPanning) return;
    this.#acts.drag(now.x - this.#last.x, now.y - this.#last.y, !this.#isDragged);
    this.#isDragged = true;
    this.#last = now;
  }

  /** @param {PointerEvent} event */
  end(event) {
    this.cancel();
    if (this.#isHeld && event.timeStamp - this.#at > HOLD_MS) this.#acts.unflip();
    else if (!this.#isHeld && !this.#isDragged && event.type === "pointerup") {
      const x = event.clientX - this.#start.x;
      const y = event.clientY - this.#start.y;
      const isSwipe = Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y);
      if (Math.hypot(x, y) <= TAP_PX) this.#acts.flip(this.#slot);
      else if (isSwipe) this.#acts.flip(this.#slot, x < 0 ? 1 : -1);
    }
  }

  cancel() {
    clearTimeout(this.#timer);
  }

  #hold() {
    this.#isHeld = true;
    this.#acts.flip(this.#slot);
  }
}

/**
 * @param {Map<number, Point>} down
 * @param {number} apart how far apart two fingers were at the last step
 * @param {Acts} acts
 * @returns {number} how far apart they were at the last step now
 */
function pinch(down, apart, acts) {
  const now = distance(down);
  if (now < apart * PINCH && now > apart / PINCH) return apart;
  acts.zoom(now > apart ? 1 : -1);
  return now;
}

/** @param {Map<number, Point>} down */
function distance(down) {
  const [a, b] = down.values();
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/**
 * Pan with the wheel; movements in quick succession are one.
 * @param {HTMLElement} element
 * @param {Acts} acts
 * @param {() => boolean} canPan
 */
function listenToWheel(element, acts, canPan) {
  let lastAt = -Infinity;
  const isApart = (/** @type {number} */ at) => at - lastAt > HOLD_MS;
  element.addEventListener(
    "wheel",
    (event) => {
      if (event.ctrlKey || !canPan()) return;
      event.preventDefault();
      const line = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 40;
      acts.drag(-event.deltaX * line, -event.deltaY * line, isApart(event.timeStamp));
      lastAt = event.timeStamp;
    },
    { passive: false },
  );
}

/** @param {PointerEvent} event */
function slotOf(event) {
  const slot = event.target instanceof Element && event.target.closest("[data-slot]");
  return slot instanceof HTMLElement ? Number(slot.dataset.slot) : undefined;
}

/**
 * Tell by what means a button was pressed.
 * @param {MouseEvent} event
 * @returns {Input}
 */
export function inputOf(event) {
  const type = "pointerType" in event ? event.pointerType : "";
  if (type === "touch" || type === "pen" || type === "mouse") return type;
  return event.detail === 0 ? "key" : "mouse";
}
