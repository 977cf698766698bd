/** Tiles that are here, and which are fetched next: what is wanted first comes first. No DOM. */

const AT_ONCE = 6;

/**
 * @template T what a tile becomes
 */
export class TileStore {
  #load;
  #onChange;
  #most;
  /** What is here, the one that was asked for longest ago first; null: it can't be had.
   * @type {Map<string, T | null>} */
  #here = new Map();
  /** @type {Set<string>} */
  #loading = new Set();
  /** @type {string[]} */
  #wanted = [];

  /**
   * @param {(url: string) => Promise<T | null>} load null where the server has none
   * @param {() => void} onChange called when a tile has come, or can't be had
   * @param {number} most how many are kept, beside those that are wanted
   */
  constructor(load, onChange, most) {
    this.#load = load;
    this.#onChange = onChange;
    this.#most = most;
  }

  /** Whether any that is wanted can't be had. */
  get isLacking() {
    return this.#wanted.some((url) => this.#here.get(url) === null);
  }

  /** Whether all that are wanted are here, or can't be had. */
  get isDone() {
    return this.#wanted.every((url) => this.#here.has(url));
  }

  /**
   * Say what is wanted from now on, the most urgent first; the rest is kept as long as there is room.
   * @param {string[]} urls
   */
  want(urls) {
    this.#wanted = [...new Set(urls)];
    for (const url of this.#wanted) this.#touch(url);
    for (const url of this.#here.keys()) {
      if (this.#here.size <= Math.max(this.#most, this.#wanted.length)) break;
      this.#here.delete(url);
    }
    this.#fill();
  }

  /**
   * Return a tile that is here, or undefined.
   * @param {string} url
   */
  get(url) {
    return this.#here.get(url) ?? undefined;
  }

  /**
   * Return what is made of others by `make`, kept like tiles.
   * @param {string} name
   * @param {() => T | undefined} make undefined where something is lacking for it
   */
  made(name, make) {
    this.#touch(name);
    const found = this.get(name) ?? make();
    if (found) this.#here.set(name, found);
    return found;
  }

  #fill() {
    for (const url of this.#wanted) {
      if (this.#loading.size >= AT_ONCE) return;
      if (!this.#here.has(url) && !this.#loading.has(url)) void this.#fetch(url);
    }
  }

  /** @param {string} url */
  async #fetch(url) {
    this.#loading.add(url);
    const found = await this.#load(url);
    this.#loading.delete(url);
    this.#here.set(url, found);
    this.#fill();
    this.#onChange();
  }

  /** @param {string} url */
  #touch(url) {
    const found = this.#here.get(url);
    if (found === undefined) return;
    this.#here.delete(url);
    this.#here.set(url, found);
  }
}
