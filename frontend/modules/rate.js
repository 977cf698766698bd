/** The rating page: consent, practice, trials one after the other, thanks. */

import { RequestFailed, askSession, send } from "./api.js";
import { Cards } from "./cards.js";
import { listenToCopyButtons } from "./copy.js";
import { end } from "./ending.js";
import { windowFacts } from "./facts.js";
import { find, findAll } from "./find.js";
import { Help } from "./help.js";
import { listenToKeys } from "./keys.js";
import { Outbox } from "./outbox.js";
import { Pace } from "./pace.js";
import { followPixelRatio } from "./pixels.js";
import { Practice } from "./practice.js";
import { inputOf, listenToPresses } from "./presses.js";
import { Rest } from "./rest.js";
import { insist, pause } from "./retry.js";
import { measure, obstacle, report } from "./screen-check.js";
import { countOriginals } from "./slots.js";
import { Stage } from "./stage.js";
import { Stopwatch } from "./stopwatch.js";
import { disable, hint, showDelivery, showProgress, showStage, timeLeft } from "./strip.js";
import { Supply } from "./supply.js";
import { text } from "./texts.js";

/** @typedef {import("./api.js").Session} Session */
/** @typedef {import("./keys.js").Choice} Choice */
/** @typedef {import("./keys.js").Input} Input */
/** A trial on the page, and the number of the answer that it waits for. */
/** @typedef {import("./supply.js").Ready & { attempt: number }} Asked */

const A_MOMENT_MS = 1000;
const page = find("#rate");
/** What the server says of the study and of who comes. */
const study = JSON.parse(find("#study").textContent ?? "{}");
/** @type {import("./screen-check.js").Shown} */
const shown = study.shown;

const cards = new Cards(page, onCard);
const stopwatch = new Stopwatch();
const pace = new Pace(study.trialSeconds * 1000);
const outbox = new Outbox(study.slug, update);
const supply = new Supply(study.trials, countOriginals(shown.layout), outbox, update);
const stage = new Stage(find("#stage"), shown, updateStage);
const help = new Help(onCard);
const practice = new Practice(advance);
const rest = new Rest(onGoOn);

/** @type {Session | null} */
let session = null;
/** @type {Asked | null} */
let asked = null;
/** What was answered last and can be undone. @type {Asked | null} */
let undoable = null;
/** @type {"left" | "right"} */
let first = "left";
let isSettling = false;

/** Show the next trial if it is ready; else say what is being waited for. */
function advance() {
  const next = supply.take();
  if (next) {
    ask({ ...next, attempt: next.trial.attempt ?? 1 });
    return;
  }
  asked = null;
  stage.clear();
  cards.enter("waiting");
  update();
}

/** @param {Asked} next */
function ask(next) {
  asked = next;
  first = Math.random() < 0.5 ? "left" : "right";
  page.dataset.trial = next.trial.id;
  cards.enter("trial");
  stage.set(next.pictures, first === "left" ? "a" : "b");
  stopwatch.startWithNextFrame();
  hint("");
  update();
}

/**
 * @param {Choice} choice
 * @param {Input} input
 */
function answer(choice, input) {
  if (!asked || cards.state !== "trial") return;
  const { trial, attempt } = asked;
  if (choice === "tie" && (!study.ties || trial.training)) return;
  const flaw = whyNot();
  if (flaw) {
    hint(flaw);
    return;
  }
  const body = { choice, attempt, ...facts(input) };
  const stored = outbox.add({ method: "PUT", url: trial.judgment, trial: trial.id, body });
  if (trial.training) {
    cards.enter("feedback");
    void practice.tell(choice, stored);
    return;
  }
  pace.answered();
  undoable = asked;
  if (isBreakAfter(trial.number)) takeBreak("break");
  else advance();
}

/** @param {Input} input */
function facts(input) {
  return {
    ...(session?.visit ? { visit: session.visit } : {}),
    ...windowFacts(),
    ...stage.facts(),
    ...stopwatch.facts(),
    ...(stage.slots.isFlipped ? { shown_first: first } : {}),
    input,
  };
}

/** Return what keeps an answer from being taken, in words; "" where nothing does. */
function whyNot() {
  const { flaw } = stage;
  if (flaw) return text(flaw);
  if (!stage.slots.isSeen) return text(`look_${stage.slots.arrangement}_${shown.layout}`);
  return "";
}

/** Take the last answer back, and ask again. */
function undo() {
  if (!undoable || cards.state !== "trial") return;
  const { trial, attempt } = undoable;
  void outbox.add({ method: "POST", url: trial.undo, trial: trial.id, body: { attempt } });
  if (asked) supply.putBack(asked);
  ask({ ...undoable, attempt: attempt + 1 });
  undoable = null;
  hint(text("undone"));
  update();
}

/** @param {number} number */
function isBreakAfter(number) {
  return study.breakEvery > 0 && number % study.breakEvery === 0 && number < supply.total;
}

/** @param {"break" | "pause"} kind */
function takeBreak(kind) {
  const judged = kind === "break" ? (undoable?.trial.number ?? 0) : judgedBefore();
  if (kind === "break") asked = null;
  pace.rested();
  const left = timeLeft(pace.minutesFor(supply.total - judged));
  rest.begin(kind, { judged, total: supply.total, left, link: session?.link ?? "" });
  cards.enter("rest");
}

/** How many trials were judged before the one on the page; practice is none. */
function judgedBefore() {
  return !asked || asked.trial.training ? 0 : asked.trial.number - 1;
}

function onGoOn() {
  if (asked) cards.enter("trial");
  else advance();
  updateStage();
}

/** The pictures' time runs while they are in view. */
function onCard() {
  const isInView = cards.state === "trial" && !help.isOpen;
  stopwatch.setCover("page", !isInView);
}

/** Show what is seen now, and whether an answer can be given. */
function updateStage() {
  if (!asked) return;
  const isSmall = shown.isRefusing && !stage.isRoomy;
  if (isSmall && cards.state === "trial") {
    sayTooSmall();
    cards.enter("small");
  }
  const flaw = stage.flaw;
  showStage(stage, !flaw && stage.slots.isSeen);
  find("#notice").textContent = flaw ? text(flaw) : stage.isRoomy ? "" : text("partly");
  if (stage.slots.isSeen && !flaw) hint("");
}

function sayTooSmall() {
  const { needed } = measure(shown);
  const size = { width: window.innerWidth, height: window.innerHeight };
  const words = { ...size, needed: `${needed.width} × ${needed.height}` };
  find("#small-text").textContent = text("small", words);
}

/** The window has another size, pixel ratio or pinch. */
function onWindow() {
  if (cards.state === "instructions") report(shown);
  if (cards.state === "small") {
    sayTooSmall();
    if (!obstacle(shown)) cards.enter("trial");
  }
  stage.fit();
}

/** Show progress and what became of the answers; go on when something was waited for. */
function update() {
  if (cards.state === "waiting") {
    if (supply.hasReady) return advance();
    if (supply.refusal) return refuse(supply.refusal);
    if (supply.isEmpty && outbox.size === 0) void settle();
  }
  if (asked) {
    const { number, training } = asked.trial;
    const total = training ? (session?.training?.trials ?? supply.total) : supply.total;
    const minutes = pace.minutesFor(supply.total - number + 1);
    showProgress({ number, total, minutes, isTraining: training });
    page.toggleAttribute("data-training", training);
  }
  page.dataset.ahead = String(supply.ahead);
  disable("#undo", !undoable);
  showDelivery(outbox);
  find("#waiting-text").textContent = text(waitingFor());
}

function waitingFor() {
  if (supply.isOffline || outbox.delivery === "offline") return "waiting_offline";
  return supply.isEmpty ? "waiting_saving" : "waiting_fetching";
}

/** Ask the server what comes when there are no more trials here and every answer is stored. */
async function settle() {
  if (isSettling) return;
  isSettling = true;
  const before = session?.training;
  try {
    session = await insist(() => askSession(study.session), offline);
    goOnAfter(before);
  } catch (error) {
    refuse(error instanceof RequestFailed ? error.code : "");
  }
  isSettling = false;
}

/** @param {import("./api.js").Training | null | undefined} before the training until now */
function goOnAfter(before) {
  if (isOver()) return;
  const { state, training } = session ?? {};
  if (before && state === "training" && training?.attempt !== before.attempt) {
    sayScore("again", before.trials);
  } else if (before && state === "judging") {
    sayScore("ready", before.trials);
  } else {
    void pause(A_MOMENT_MS).then(() => supply.restart());
    return;
  }
  supply.restart();
}

/** Show the last card if the session is over. */
function isOver() {
  const { state, completion = null } = session ?? {};
  if (state !== "done" && state !== "screened-out") return false;
  end(completion);
  cards.enter(state);
  return true;
}

/**
 * Show how the practice went.
 * @param {"again" | "ready"} card
 * @param {number} trials
 */
function sayScore(card, trials) {
  find(`#${card}-text`).textContent = text(card, { right: practice.right, trials });
  practice.right = 0;
  cards.enter(card);
}

/** @param {string} code */
function refuse(code) {
  const known = page.querySelector(`[data-for="${code}"]`);
  cards.enter(known ? code : "refused");
}

/** @param {boolean} isOffline */
function offline(isOffline) {
  find("#begin-problem").textContent = isOffline ? text("no_answer") : "";
  if (isOffline) find("#waiting-text").textContent = text("waiting_offline");
}

/** Begin a session, or a visit of one that goes on. */
async function begin() {
  const { isRoomy } = measure(shown);
  const visitFacts = { ...windowFacts(), layout_fits: isRoomy };
  const consent = { consent: true, consent_sha256: study.consentSha256, language: study.language };
  const body = { ...consent, ...study.from, facts: visitFacts };
  disable("#begin", true);
  try {
    session = await insist(() => /** @type {Promise<Session>} */ (send("POST", study.begin, body)), offline);
    if (isOver()) return;
    if (session.judged > 0) start();
    else instruct();
  } catch (error) {
    refuse(error instanceof RequestFailed ? error.code : "");
  }
  disable("#begin", false);
}

function instruct() {
  cards.enter("instructions");
  report(shown);
  // The first pictures come while the rater reads.
  void fetchTrials();
}

function start() {
  cards.enter("waiting");
  void fetchTrials();
  update();
}

/** Send what an earlier page left, so that an undone trial comes first again; then fetch. */
async function fetchTrials() {
  await Promise.race([outbox.send(), pause(A_MOMENT_MS)]);
  supply.restart();
}

/** @type {import("./keys.js").Acts} */
const acts = {
  flip: (slot) => touch(() => stage.flip(slot)),
  unflip: () => touch(() => stage.unflip()),
  answer: (choice, input) => touch(() => answer(choice, input)),
  pan: (x, y) => touch(() => stage.pan(x, y)),
  drag: (x, y, begins) => touch(() => stage.drag(x, y, begins)),
  zoom: (step) => touch(() => stage.zoom(step)),
  undo,
  pause: () => cards.state === "trial" && takeBreak("pause"),
  help: () => help.open(),
};

/**
 * Do what the rater's hands want, and note when.
 * @param {() => void} act
 */
function touch(act) {
  stopwatch.touched();
  const { flips } = stage.slots;
  act();
  if (stage.slots.flips > flips) stopwatch.flipped();
}

/**
 * @param {string} selector
 * @param {(button: HTMLElement, event: MouseEvent) => void} act
 */
function onClick(selector, act) {
  for (const button of findAll(selector)) {
    button.addEventListener("click", (event) => act(button, event));
  }
}

followPixelRatio(onWindow);
window.addEventListener("resize", onWindow);
window.visualViewport?.addEventListener("resize", onWindow);
const isJudging = () => ["trial", "feedback"].includes(cards.state) && !help.isOpen;
listenToKeys(acts, find("#stage"), isJudging, () => help.areKeysOn);
listenToPresses(find("#stage"), acts, () => stage.canPan);
listenToCopyButtons();
onClick("#begin", begin);
onClick("[data-start]", () => !obstacle(shown) && start());
onClick("[data-face]", ({ dataset }) => touch(() => stage.show(/** @type {any} */ (dataset.face))));
onClick("[data-choice]", ({ dataset }, event) =>
  acts.answer(/** @type {Choice} */ (dataset.choice), inputOf(event)),
);
onClick("[data-zoom]", ({ dataset }) => acts.zoom(Number(dataset.zoom)));
onClick("[data-pan]", ({ dataset }) => {
  const [x, y] = (dataset.pan ?? "").split(" ").map(Number);
  acts.pan(x, y);
});
onClick("#undo", undo);
onClick("#pause", acts.pause);
if (cards.state === "waiting") void begin();
