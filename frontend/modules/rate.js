/** The rating page: consent, practice, trials one after the other, thanks. */

import { RequestFailed, askSession, send } from "./api.js";
import { listenToButtons, onClick } from "./buttons.js";
import { Cards } from "./cards.js";
import { listenToCopyButtons } from "./copy.js";
import { end } from "./ending.js";
import { windowFacts } from "./facts.js";
import { find } from "./find.js";
import { Help } from "./help.js";
import { listenToKeys } from "./keys.js";
import { Outbox } from "./outbox.js";
import { Pace } from "./pace.js";
import { followPixelRatio } from "./pixels.js";
import { Practice, outcome } from "./practice.js";
import { listenToPresses } from "./presses.js";
import { Rest } from "./rest.js";
import { Waits, insist, pause } from "./retry.js";
import { measure, obstacle, report, sayTooSmall } from "./screen-check.js";
import { countOriginals } from "./slots.js";
import { Stage } from "./stage.js";
import { Stopwatch, noTimes } from "./stopwatch.js";
import { disable, hint, showDelivery, showProgress, showStage, timeLeft } from "./strip.js";
import { Supply } from "./supply.js";
import { text } from "./texts.js";

/** @typedef {import("./api.js").Session} Session */
/** @typedef {import("./keys.js").Choice} Choice */
/** @typedef {import("./keys.js").Input} Input */
/** What belongs to a trial for as long as the page has it, asked again after an undo or not. */
/** @typedef {object} Asking
 * @property {number} attempt the number of the answer that it waits for
 * @property {"left" | "right"} first
 * @property {import("./stopwatch.js").Times} times
 * @property {import("./stage.js").Looked} [looked] there once it was on the page
 */
/** @typedef {import("./supply.js").Ready & Asking} Asked */

const A_MOMENT_MS = 1000;
/** How often the server is asked, at least, whether there is something to judge again. */
const A_MINUTE_MS = 60000;
const page = find("#rate");
/** What the server says of the study and of who comes. */
const study = JSON.parse(find("#study").textContent ?? "{}");
/** @type {import("./screen-check.js").Shown} */
const shown = study.shown;

const cards = new Cards(page, onCard);
const stopwatch = new Stopwatch();
const pace = new Pace(study.trialSeconds * 1000);
const outbox = new Outbox(study.slug, update, onRefused);
const supply = new Supply(study.trials, countOriginals(shown.layout), outbox, update);
const stage = new Stage(find("#stage"), shown, updateStage);
const help = new Help(onCard);
const practice = new Practice(advance);
const rest = new Rest(onGoOn);

const idle = new Waits(A_MINUTE_MS);

/** @type {Session | null} */
let session = null;
/** The number of this visit: the session may have others meanwhile. */
let visit = 0;
/** @type {Asked | null} */
let asked = null;
/** What was answered last and can be undone. @type {Asked | null} */
let undoable = null;
let isSettling = false;
/** Whether the server had nothing to judge although the session isn't over. */
let isIdle = false;

/** Show the next trial if it is ready; else say what is being waited for. */
function advance() {
  const next = supply.take();
  if (next) {
    const first = Math.random() < 0.5 ? "left" : "right";
    ask({ attempt: next.trial.attempt ?? 1, first, times: noTimes(), ...next });
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
  isIdle = false;
  page.dataset.trial = next.trial.id;
  cards.enter("trial");
  stage.set(next.pictures, next.first === "left" ? "a" : "b", next.looked);
  stopwatch.startWithNextFrame(next.times);
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
  const body = { choice, attempt, ...facts(asked, input) };
  leave(asked);
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

/**
 * Keep with a trial how it was looked at, should it be asked again.
 * @param {Asked} left
 */
function leave(left) {
  stopwatch.stop();
  left.looked = stage.looked;
}

/**
 * @param {Asked} answered
 * @param {Input} input
 */
function facts({ first }, input) {
  return {
    ...(visit ? { visit } : {}),
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
  if (asked) {
    leave(asked);
    supply.putBack(asked);
  }
  ask({ ...undoable, attempt: attempt + 1 });
  undoable = null;
  hint(text("undone"));
  update();
}

/**
 * The server refuses an answer, or an undo, for good: where it issues the trial again, it is asked
 * again.
 * @param {string} trial
 */
function onRefused(trial) {
  if (undoable?.trial.id === trial) undoable = null;
  const isAsked = asked?.trial.id === trial && cards.state !== "feedback";
  if (!isAsked) supply.release(trial);
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
  stopwatch.cover(!isInView);
}

/** Show what is seen now, and whether an answer can be given. */
function updateStage() {
  if (!asked) return;
  const isSmall = shown.isRefusing && !stage.isRoomy;
  if (isSmall && cards.state === "trial") {
    sayTooSmall(shown);
    cards.enter("small");
  }
  const flaw = stage.flaw;
  showStage(stage, !flaw && stage.slots.isSeen);
  find("#notice").textContent = flaw ? text(flaw) : stage.isRoomy ? "" : text("partly");
  if (stage.slots.isSeen && !flaw) hint("");
}

/** The window has another size, pixel ratio or pinch. */
function onWindow() {
  if (cards.state === "instructions") report(shown);
  if (cards.state === "small") {
    sayTooSmall(shown);
    if (!obstacle(shown)) cards.enter("trial");
  }
  stage.fit();
}

/** Show progress and what became of the answers; go on when something was waited for. */
function update() {
  if (cards.state === "waiting") {
    if (supply.hasReady) return advance();
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
  find("#left-out").textContent = supply.leftOut ? text("left_out", { n: supply.leftOut }) : "";
  disable("#undo", !undoable);
  showDelivery(outbox);
  find("#waiting-text").textContent = text(waitingFor());
}

function waitingFor() {
  if (supply.isOffline || outbox.delivery === "offline") return "waiting_offline";
  if (supply.isEmpty && outbox.size > 0) return "waiting_saving";
  return isIdle ? "waiting_nothing" : "waiting_fetching";
}

/** Ask the server what comes when there are no more trials here and every answer is stored. */
async function settle() {
  if (isSettling) return;
  isSettling = true;
  const before = session;
  try {
    session = await insist(() => askSession(study.session), offline);
    await goOnAfter(before, session);
  } catch (error) {
    refuse(error instanceof RequestFailed ? error.code : "");
  }
  isSettling = false;
}

/**
 * @param {Session | null} before the session as it was told last
 * @param {Session} now
 */
async function goOnAfter(before, now) {
  if (isOver(now)) {
    end(now.completion);
    cards.enter(now.state);
    return;
  }
  const card = outcome(before, now);
  if (card) cards.enter(card);
  else if (supply.refusal) return refuse(supply.refusal);
  else if (supply.leftOut > 0) return refuse("pictures-missing");
  else await waitForTrials();
  supply.restart();
}

/** Wait for longer each time that there was nothing. */
async function waitForTrials() {
  if (!isIdle) idle.reset();
  isIdle = true;
  update();
  await pause(idle.next());
}

/** @param {Session} now */
function isOver(now) {
  return now.state === "done" || now.state === "screened-out";
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
  if (find("#begin").getAttribute("aria-disabled") === "true") return;
  const { isRoomy } = measure(shown);
  const visitFacts = { ...windowFacts(), layout_fits: isRoomy };
  const consent = { consent: true, consent_sha256: study.consentSha256, language: study.language };
  const body = { ...consent, ...study.from, facts: visitFacts };
  disable("#begin", true);
  try {
    session = await insist(() => /** @type {Promise<Session>} */ (send("POST", study.begin, body)), offline);
    visit = session.visit;
    outbox.open(session.rater);
    // Answers that an earlier page left are sent before an end is shown.
    if (outbox.size > 0) start();
    else if (isOver(session)) await goOnAfter(null, session);
    else if (session.judged > 0) start();
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

followPixelRatio(onWindow);
window.addEventListener("resize", onWindow);
window.visualViewport?.addEventListener("resize", onWindow);
const isJudging = () => ["trial", "feedback"].includes(cards.state) && !help.isOpen;
listenToKeys(acts, find("#stage"), isJudging, () => help.areKeysOn);
listenToPresses(find("#stage"), acts, () => stage.canPan);
listenToCopyButtons();
listenToButtons(acts, (face) => touch(() => stage.show(face)));
onClick("#begin", begin);
onClick("[data-start]", () => !obstacle(shown) && start());
if (cards.state === "waiting") void begin();
