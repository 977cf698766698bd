/** What a browser gives to the modules, as far as those without DOM ask for it; time is at hand. */

const MINUTE_MS = 60_000;
const RealDate = Date;
/** When the tests' time begins. */
const BEGINNING = Date.UTC(2018, 3, 10, 12);

/** Time that passes when it is told to. */
class Clock {
  #timers = new Map();
  #last = 0;
  now = BEGINNING;

  start(act, ms, every) {
    this.#last += 1;
    this.#timers.set(this.#last, { act, at: this.now + Math.max(1, ms ?? 0), every });
    return this.#last;
  }

  stop(timer) {
    this.#timers.delete(timer);
  }

  clear() {
    this.#timers.clear();
  }

  /** Let time pass, and run what is due on the way, each at its time. */
  tick(ms) {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end);
      if (due.length === 0) break;
      const [timer, next] = due.reduce((one, other) => (other[1].at < one[1].at ? other : one));
      this.now = next.at;
      if (next.every) next.at += next.every;
      else this.#timers.delete(timer);
      next.act();
    }
    this.now = end;
  }
}

/** Keeps texts, and hands out its keys to `Object.keys`, as browsers do. */
class Storage {
  constructor() {
    const methods = {
      getItem: (key) => (Object.hasOwn(this, key) ? this[key] : null),
      setItem: (key, text) => void (this[key] = String(text)),
      removeItem: (key) => void delete this[key],
    };
    for (const [name, value] of Object.entries(methods))
      Object.defineProperty(this, name, { value });
  }
}

/** An image whose file the tests' server has, or has not. */
class Image {
  src = "";
  naturalWidth = 64;
  naturalHeight = 48;

  async decode() {
    const response = await fetch(this.src, { method: "GET" });
    if (!response.ok) throw new DOMException("The image cannot be decoded.", "EncodingError");
  }
}

class Element extends EventTarget {
  closest() {
    return null;
  }
}
class HTMLElement extends Element {}

let clock = new Clock();
/** What runs before the next frame is painted. */
let frames = [];
let page = {};

/**
 * Put a browser around the modules: an empty one, at the beginning of time.
 * @param {(url: string, options: object) => Promise<Response>} fetch who answers requests
 */
export function openBrowser(fetch = () => Promise.reject(new TypeError("Failed to fetch"))) {
  clock = new Clock();
  Object.assign(globalThis, {
    localStorage: new Storage(),
    Image,
    Element,
    HTMLElement,
    WheelEvent: { DOM_DELTA_PIXEL: 0 },
    setTimeout: (act, ms) => clock.start(act, ms),
    clearTimeout: (timer) => clock.stop(timer),
    requestAnimationFrame: (act) => frames.push(act),
    Date: class extends RealDate {
      constructor(...when) {
        super(...(when.length ? when : [clock.now]));
      }
      static now() {
        return clock.now;
      }
    },
  });
  performance.now = () => clock.now - BEGINNING;
  loadPage(fetch);
}

/**
 * Load the page anew: timers and requests of the one before are gone, what it has stored is not.
 * @param {(url: string, options: object) => Promise<Response>} fetch
 */
export function loadPage(fetch) {
  clock.clear();
  frames = [];
  const own = (page = {});
  const isGone = () => page !== own;
  globalThis.window = new EventTarget();
  globalThis.document = Object.assign(new EventTarget(), { hidden: false });
  globalThis.fetch = async (url, options) => {
    try {
      return await fetch(url, options);
    } finally {
      // Nobody hears what comes back for a page that is not there any more.
      if (isGone()) await new Promise(() => {});
    }
  };
}

/** Paint a frame. */
export function paint() {
  const due = frames;
  frames = [];
  for (const act of due) act();
}

/** Let time pass without what it brings to an end. */
export function tick(ms) {
  clock.tick(ms);
}

/** Let everything happen that needs no timer. */
async function drain() {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Let everything happen that takes no time: a few ms, for what is only put off. */
export async function settle() {
  for (let turn = 0; turn < 3; turn += 1) {
    clock.tick(1);
    await drain();
  }
}

/**
 * Let time pass, and whatever it brings happen.
 * @param {number} ms
 * @param {number} step how finely
 */
export async function pass(ms, step = 250) {
  for (let at = 0; at < ms; at += step) {
    clock.tick(Math.min(step, ms - at));
    await drain();
  }
}

/** Let a minute pass. */
export function passMinute() {
  return pass(MINUTE_MS, 5000);
}

/** Return a source of numbers in [0, 1): the same for the same seed (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Return a whole number from `least` to `most`. */
export function between(random, least, most) {
  return least + Math.floor(random() * (most - least + 1));
}

/** Return one of a list. */
export function oneOf(random, list) {
  return list[between(random, 0, list.length - 1)];
}
