/** A study's server, written from docs/api.md and by nothing of the page's: the tests' oracle. */

/** How the way to the server is. */
export const WAYS = ["up", "down", "deaf", "proxied", "failing"];

export class Server {
  /** "down": nothing arrives; "deaf": it arrives, and the answer is lost. */
  way = "up";
  /** Every answer that arrived: { trial, attempt, choice }. */
  arrived = [];
  /** Every undo that arrived: { trial, attempt }. */
  undone = [];
  /** Every flag that arrived, and the trials that were flagged. */
  flags = [];
  flagged = new Set();
  requests = [];
  /** What is refused for good, once: addresses. */
  refusing = new Set();
  /** The code with which trials, or the session, are refused. */
  refusal = "";
  lost = new Set();
  isWithholding = false;
  isEnded = false;
  isWithdrawn = false;

  /** @param {{ total?: number, practice?: number, attempts?: number }} study */
  constructor({ total = 6, practice = 0, attempts = 2 } = {}) {
    this.total = total;
    this.practice = practice;
    this.attempts = attempts;
    this.attempt = 1;
    this.before = 0;
    this.visits = 0;
    /** By trial: the choices that count, by attempt; null where it was undone. */
    this.stored = new Map();
    this.order = [];
  }

  /** @returns {Promise<Response>} */
  async answer(url, { method = "GET", body } = {}) {
    this.requests.push(`${method} ${url}`);
    if (this.way === "down") throw new TypeError("Failed to fetch");
    if (this.way === "proxied") return new Response("<p>Bad gateway</p>", { status: 502 });
    if (this.way === "failing") return problem(503, "");
    const response = this.#route(method, url, body && JSON.parse(body));
    if (this.way === "deaf") throw new TypeError("Failed to fetch");
    return response;
  }

  /** The trials that are answered, with the choice that stands. */
  get choices() {
    const standing = [...this.stored].map(([trial, choices]) => [trial, choices.at(-1)]);
    return new Map(standing.filter(([, choice]) => choice));
  }

  #route(method, url, body) {
    const [, what, id] = /^\/(\w+)\/?([\w-]*)/.exec(url) ?? [];
    if (method === "GET" && what === "pictures") {
      return new Response("", { status: this.lost.has(id) ? 404 : 200 });
    }
    if (this.refusing.delete(`${method} ${url}`)) return problem(400, "invalid");
    if (what === "raters") {
      this.visits += 1;
      return this.refusal ? problem(403, this.refusal) : json(201, this.session());
    }
    if (what === "session") return json(200, this.session());
    if (what === "trials") return this.#next(Number(/count=(\d+)/.exec(url)[1]));
    if (what === "judgments") return this.#judge(id, body);
    if (what === "flags") return this.#flag(id, body);
    if (what === "undos") return this.#undo(id, body);
    throw new Error(`The page asks for what is not there: ${method} ${url}`);
  }

  session() {
    const training = this.practice ? this.#training() : null;
    return {
      rater: "a-rater",
      state: this.#state(),
      judged: this.#judged(),
      total: this.total,
      training,
      visit: this.visits,
      language: "en",
      link: "?rater=somebody",
      completion: null,
    };
  }

  #judged() {
    return this.numbers().filter((number) => this.choices.has(idOf(number))).length;
  }

  /** Of all trials; another one comes at the end for each that was flagged. */
  numbers() {
    return Array.from({ length: this.total + this.flagged.size }, (_, at) => at + 1);
  }

  #flag(trial, { reason }) {
    this.flags.push({ trial, reason });
    this.flagged.add(trial);
    return json(201, { trial, flagged: true });
  }

  /** The trials of an attempt at the practice; "left" is right in all of them. */
  #lessons(attempt = this.attempt) {
    const ids = Array.from({ length: this.practice }, (_, at) => `lesson-${attempt}-${at + 1}`);
    return ids.map((id) => ({ id, choice: this.choices.get(id) }));
  }

  #training() {
    const lessons = this.#lessons();
    return {
      trials: this.practice,
      right: this.practice,
      attempt: this.attempt,
      attempts: this.attempts,
      correct: lessons.filter(({ choice }) => choice === "left").length,
      correct_before: this.before,
      judged: lessons.filter(({ choice }) => choice).length,
    };
  }

  #isPractising() {
    return this.practice > 0 && this.#training().correct < this.practice;
  }

  #state() {
    if (this.isWithdrawn) return "withdrawn";
    if (this.isEnded) return "ended";
    if (this.#isPractising()) return this.attempt > this.attempts ? "screened-out" : "training";
    return this.#judged() === this.total ? "done" : "judging";
  }

  #next(count) {
    if (this.refusal) return problem(403, this.refusal);
    const state = this.#state();
    const isOver = !["training", "judging"].includes(state) || this.isWithholding;
    const all =
      state === "training" ? this.#lessons().map(({ id }) => id) : this.numbers().map(idOf);
    const open = isOver
      ? []
      : all.filter((id) => !this.choices.has(id) && !this.flagged.has(id)).slice(0, count);
    const results = open.map((id) => this.#trial(id));
    return json(200, { results, judged: this.#judged(), total: this.total, state });
  }

  #trial(id) {
    const training = id.startsWith("lesson");
    return {
      id,
      number: Number(id.split("-").at(-1)),
      original: `/pictures/${id}-o`,
      left: `/pictures/${id}-l`,
      right: `/pictures/${id}-r`,
      width: 64,
      height: 48,
      judgment: `/judgments/${id}`,
      undo: `/undos/${id}`,
      flag: `/flags/${id}`,
      attempt: (this.stored.get(id)?.length ?? 0) + 1,
      training,
    };
  }

  #judge(trial, { attempt, choice }) {
    this.arrived.push({ trial, attempt, choice });
    if (this.isWithdrawn) return problem(404, "unknown-trial");
    const choices = this.stored.get(trial) ?? [];
    const known = choices[attempt - 1];
    if (known === null) return problem(409, "undone");
    if (known) return known === choice ? json(200, { trial }) : problem(409, "contradiction");
    if (attempt !== choices.length + 1) return problem(409, "not-undone");
    this.stored.set(trial, [...choices, choice]);
    if (!trial.startsWith("lesson")) {
      this.order.push(trial);
      return json(201, { trial });
    }
    const answer = { trial, correct: choice === "left" };
    this.#endAttempt();
    return json(201, answer);
  }

  #endAttempt() {
    const lessons = this.#lessons();
    const { correct, judged } = this.#training();
    if (judged < lessons.length || correct === lessons.length) return;
    this.before = correct;
    this.attempt += 1;
  }

  #undo(trial, { attempt }) {
    this.undone.push({ trial, attempt });
    const choices = this.stored.get(trial) ?? [];
    if (choices[attempt - 1] === null) return json(200, { trial, attempt: attempt + 1 });
    if (choices.length !== attempt) return problem(404, "unknown-judgment");
    if (this.order.at(-1) !== trial) return problem(409, "not-the-last");
    this.order.pop();
    this.stored.set(trial, [...choices.slice(0, -1), null]);
    return json(200, { trial, attempt: attempt + 1 });
  }
}

function idOf(number) {
  return `trial-${number}`;
}

function json(status, body) {
  return new Response(JSON.stringify(body), { status });
}

function problem(status, code) {
  return json(status, { type: code ? `/api/v1/docs/#${code}` : "about:blank", status });
}
