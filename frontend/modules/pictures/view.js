/** Which part of the pictures is seen, and how large: the same part of all of them. No DOM. */

/** @typedef {{ width: number, height: number }} Size in device pixels unless said otherwise */

export const MAGNIFICATIONS = [1, 2, 4];

export class View {
  #steps;
  /** Size in picture pixels. @type {Size} */
  #picture = { width: 1, height: 1 };
  /** @type {Size} */
  #window = { width: 1, height: 1 };
  /** Device pixels per picture pixel before magnifying. */
  #enlarge = 1;
  /** The picture's point in the window's middle, in picture pixels. */
  #center = { x: 0, y: 0 };

  /** How much larger than the study wants it the rater sees the pictures. */
  magnified = 1;

  /** @param {number[]} steps of magnifying, upwards */
  constructor(steps = MAGNIFICATIONS) {
    this.#steps = steps;
  }

  /**
   * Begin anew with a picture's middle.
   * @param {Size} picture in picture pixels
   */
  reset(picture) {
    this.#picture = picture;
    this.#center = { x: picture.width / 2, y: picture.height / 2 };
    this.magnified = 1;
  }

  /**
   * Set the window through which each picture is seen, at most.
   * @param {Size} room
   * @param {number} enlarge
   */
  fit(room, enlarge) {
    this.#enlarge = enlarge;
    const { width, height } = this.size;
    this.#window = {
      width: Math.max(1, Math.min(width, Math.floor(room.width))),
      height: Math.max(1, Math.min(height, Math.floor(room.height))),
    };
  }

  /** Device pixels per picture pixel. */
  get scale() {
    return this.#enlarge * this.magnified;
  }

  /** The whole picture's size. @returns {Size} */
  get size() {
    const { width, height } = this.#picture;
    return { width: Math.ceil(width * this.scale), height: Math.ceil(height * this.scale) };
  }

  /** The picture's point in the window's middle, in picture pixels. */
  get center() {
    const { x, y } = this.offset;
    return {
      x: (x + this.#window.width / 2) / this.scale,
      y: (y + this.#window.height / 2) / this.scale,
    };
  }

  /**
   * Look at a point of the picture, as far as its edges allow.
   * @param {{ x: number, y: number }} center in picture pixels
   * @param {number} magnified
   */
  look(center, magnified) {
    this.#center = center;
    this.magnified = magnified;
  }

  /** The size of what is seen of it. */
  get window() {
    return this.#window;
  }

  /** Whether there is more than the window shows. */
  get canPan() {
    return this.#window.width < this.size.width || this.#window.height < this.size.height;
  }

  /** How far the window's corner is from the picture's, in whole device pixels. */
  get offset() {
    return {
      x: offset(this.#center.x * this.scale, this.#window.width, this.size.width),
      y: offset(this.#center.y * this.scale, this.#window.height, this.size.height),
    };
  }

  /**
   * Move the window over the pictures.
   * @param {number} dx @param {number} dy device pixels to the right and down
   * @returns {boolean} whether something else is seen now
   */
  pan(dx, dy) {
    const before = this.offset;
    const x = before.x + dx + this.#window.width / 2;
    const y = before.y + dy + this.#window.height / 2;
    this.#center = { x: x / this.scale, y: y / this.scale };
    const { x: left, y: top } = this.offset;
    // The middle stays within reach, so that moving back has an effect at once.
    this.#center = this.center;
    return left !== before.x || top !== before.y;
  }

  /**
   * Magnify one step more or less; the window is to be fitted anew.
   * @param {number} step 1 or -1; 0 for the next larger size, after the largest the smallest
   * @param {{ x: number, y: number }} [at] what stays in its place, in device pixels from the
   *   window's middle
   * @returns {boolean} whether there was such a step
   */
  zoom(step, at) {
    const larger = this.#steps.find((each) => each > this.magnified);
    const smaller = this.#steps.filter((each) => each < this.magnified).at(-1);
    const next = step > 0 ? larger : (larger ?? this.#steps[0]);
    const wanted = step < 0 ? smaller : next;
    if (!wanted) return false;
    if (at) {
      const { x, y } = this.center;
      const moved = 1 / this.scale - 1 / (this.#enlarge * wanted);
      this.#center = { x: x + at.x * moved, y: y + at.y * moved };
    }
    this.magnified = wanted;
    return true;
  }
}

/**
 * @param {number} center @param {number} seen @param {number} whole
 */
function offset(center, seen, whole) {
  return Math.round(Math.min(Math.max(center - seen / 2, 0), whole - seen));
}
