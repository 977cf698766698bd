/** Which picture of a data set a file is meant for, by its name. No DOM. */

/** As the server has it: the ending of a bitstream's name. */
const SUFFIX = /\.[A-Za-z0-9]{1,8}$/;

/** The pictures of a phase, found by names that are like theirs. */
export class PictureNames {
  /** @type {Map<string, string>} */
  #exact;
  /** Pictures that are read alike; "" where several are. @type {Map<string, string>} */
  #alike = new Map();

  /** @param {string[]} names */
  constructor(names) {
    this.#exact = new Map(names.map((name) => [stemOf(name), name]));
    for (const name of names) {
      const key = wordsOf(stemOf(name)).join(" ");
      this.#alike.set(key, this.#alike.has(key) ? "" : name);
    }
  }

  /**
   * Return the picture that a file is called like, "" for none.
   *
   * The same name comes first; then one that differs in case and signs; then the longest one with
   * which the file's name begins or ends.
   * @param {string} stem of the file
   */
  find(stem) {
    const exact = this.#exact.get(stem);
    if (exact) return exact;
    const words = wordsOf(stem);
    for (let count = words.length; count > 0; count -= 1) {
      const parts = new Set([words.slice(0, count).join(" "), words.slice(-count).join(" ")]);
      const found = new Set([...parts].map((part) => this.#alike.get(part)).filter(Boolean));
      if (found.size > 0) return found.size === 1 ? ([...found][0] ?? "") : "";
    }
    return "";
  }
}

/** @param {string} picture */
export function stemOf(picture) {
  return picture.replace(/\.png$/i, "");
}

/**
 * Return the stem and the ending of a file that is no picture.
 * @param {string} name
 * @returns {[string, string]}
 */
export function splitBits(name) {
  const suffix = SUFFIX.exec(name)?.[0] ?? "";
  return [name.slice(0, name.length - suffix.length), suffix];
}

/** @param {string} name */
function wordsOf(name) {
  return (
    name
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}
