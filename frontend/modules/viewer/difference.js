/** The difference of two pictures, amplified around grey. No DOM. */

const GREY = 128;

/**
 * Return left minus right, sample by sample: equal samples are grey, what is more on the left is
 * lighter, each level by `by` levels; beyond black and white it is cut off.
 * @param {Uint8ClampedArray} left RGBA
 * @param {Uint8ClampedArray} right RGBA, as many
 * @param {number} by
 * @returns {Uint8ClampedArray<ArrayBuffer>} RGBA, opaque
 */
export function difference(left, right, by) {
  if (left.length !== right.length) throw new Error("Two pictures of one size have a difference.");
  const out = new Uint8ClampedArray(left.length);
  for (let at = 0; at < out.length; at += 4) {
    out[at] = GREY + by * (left[at] - right[at]);
    out[at + 1] = GREY + by * (left[at + 1] - right[at + 1]);
    out[at + 2] = GREY + by * (left[at + 2] - right[at + 2]);
    out[at + 3] = 255;
  }
  return out;
}
