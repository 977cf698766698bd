/** Picture files on their way to the server: a few at once, again after a cut, none twice. No DOM. */

import { RequestFailed } from "../parts/api.js";
import { pause, Waits } from "../parts/retry.js";

const AT_ONCE = 3;
const LONGEST_WAIT_MS = 15000;

/**
 * A file as it is here; `type` is what the browser takes it for, "" where it can't tell.
 * @typedef {{ name: string, size: number, type: string, file: Blob }} Given
 */

/**
 * A file as the server has it; see docs/api.md.
 * @typedef {object} Staged
 * @property {string} name
 * @property {number} bytes
 * @property {string} sha256
 * @property {string} becomes
 * @property {string} plan
 * @property {string} problem
 * @property {"new" | "replaces" | "same" | ""} effect
 */

/**
 * What is shown of a file. `staged` is what the server has of it; `problem` why it isn't sent.
 * @typedef {object} Line
 * @property {string} name
 * @property {number} size
 * @property {"waiting" | "sending" | "looking" | "offline" | "here" | "refused"} state
 * @property {number} share of it that was sent, 0 to 1
 * @property {string} problem
 * @property {Staged | null} staged
 */

/**
 * @typedef {object} Means what sending needs of a browser
 * @property {(given: Given, sha256: string, tell: (share: number) => void) => Promise<Staged>} put
 * @property {(file: Blob) => Promise<string>} digest its SHA-256 in hex; "" where there is none
 * @property {(given: Given) => string} against why it need not be sent; "" where it shall be
 * @property {(line: Line) => void} onChange called whenever a line may have changed
 * @property {() => void} onIdle called when all is sent or refused
 */

export class Staging {
  /** By name. @type {Map<string, Line>} */
  #lines = new Map();
  /** @type {Given[]} */
  #waiting = [];
  #running = 0;
  #means;
  #waits = new Waits(LONGEST_WAIT_MS);

  /** @param {Means} means */
  constructor(means) {
    this.#means = means;
  }

  /** All lines: what was refused comes first. */
  get lines() {
    const lines = [...this.#lines.values()];
    return [...lines.filter(isOut), ...lines.filter((line) => !isOut(line))];
  }

  get isBusy() {
    return this.#running > 0 || this.#waiting.length > 0;
  }

  /** How many files need not be sent any more. */
  get done() {
    return [...this.#lines.values()].filter(isSettled).length;
  }

  /**
   * Take over what the server has; what is being sent, or was refused here, stays.
   * @param {Staged[]} all
   */
  show(all) {
    const kept = [...this.#lines.values()].filter(({ state }) => state !== "here");
    this.#lines = new Map(all.map((staged) => [staged.name, lineOf(staged)]));
    for (const line of kept) {
      if (!(line.state === "refused" && this.#lines.has(line.name)))
        this.#lines.set(line.name, line);
    }
  }

  /**
   * Send files; one that is being sent already is not begun again.
   * @param {Given[]} files
   */
  add(files) {
    for (const given of files) {
      const name = given.name.normalize("NFC");
      const before = this.#lines.get(name);
      if (before && !isSettled(before)) continue;
      const problem = this.#means.against(given);
      const line = {
        name,
        size: given.size,
        state: /** @type {Line["state"]} */ (problem ? "refused" : "waiting"),
        share: 0,
        problem,
        staged: before?.staged ?? null,
      };
      this.#lines.set(name, line);
      if (!problem) this.#waiting.push({ ...given, name });
      this.#means.onChange(line);
    }
    if (!this.isBusy) this.#means.onIdle();
    while (this.#running < AT_ONCE && this.#waiting.length > 0) void this.#run();
  }

  /** @param {string} name of what is not wanted any more, and not being sent */
  forget(name) {
    const line = this.#lines.get(name);
    if (line && isSettled(line)) this.#lines.delete(name);
  }

  /** Forget all that is not being sent. */
  forgetAll() {
    for (const name of [...this.#lines.keys()]) this.forget(name);
  }

  /** Send one file after the other until none waits. */
  async #run() {
    this.#running += 1;
    for (let given = this.#waiting.shift(); given; given = this.#waiting.shift()) {
      const line = /** @type {Line} */ (this.#lines.get(given.name));
      await this.#insist(given, line);
    }
    this.#running -= 1;
    if (!this.isBusy) this.#means.onIdle();
  }

  /**
   * Send a file until it is here or refused, however long the connection is away.
   * @param {Given} given
   * @param {Line} line
   */
  async #insist(given, line) {
    while (!isSettled(line)) {
      try {
        line.staged = await this.#send(given, line);
        this.#turn(line, "here");
        this.#waits.reset();
      } catch (error) {
        if (!(error instanceof RequestFailed)) {
          line.problem = String(error); // such as a file that was moved meanwhile
          this.#turn(line, "refused");
        } else if (isFinal(error)) {
          line.problem = error.problems.join(" ");
          this.#turn(line, "refused");
        } else {
          this.#turn(line, "offline");
          await pause(this.#waits.next(error.retryAfterSeconds * 1000));
        }
      }
    }
  }

  /**
   * @param {Given} given
   * @param {Line} line
   * @returns {Promise<Staged>}
   */
  async #send(given, line) {
    const sha256 = await this.#means.digest(given.file);
    const before = line.staged;
    if (before && sha256 && before.bytes === given.size && before.sha256 === sha256) return before;
    line.share = 0;
    this.#turn(line, "sending");
    return await this.#means.put(given, sha256, (share) => {
      line.share = share;
      this.#turn(line, share < 1 ? "sending" : "looking");
    });
  }

  /**
   * @param {Line} line
   * @param {Line["state"]} state
   */
  #turn(line, state) {
    line.state = state;
    this.#means.onChange(line);
  }
}

/** @param {Staged} staged @returns {Line} */
function lineOf(staged) {
  const { name, bytes } = staged;
  return { name, size: bytes, state: "here", share: 1, problem: "", staged };
}

/** @param {Pick<Line, "state">} line whether it needs not be sent any more */
export function isSettled({ state }) {
  return state === "here" || state === "refused";
}

/** @param {Line} line whether it is, or would be, refused */
export function isOut({ state, staged }) {
  return state === "refused" || (state === "here" && Boolean(staged?.problem));
}

/**
 * Tell whether the server itself has said no: sending it again makes no sense.
 * @param {RequestFailed} error
 */
function isFinal({ status, problems, code }) {
  // A cut body is one that ends too early for a proxy which then says so.
  const passes =
    [408, 429].includes(status) || code === "body-incomplete" || code === "digest-mismatch";
  return problems.length > 0 && status < 500 && !passes;
}
