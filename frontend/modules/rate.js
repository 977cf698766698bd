/** The rating page: consent, trials one after the other, thanks. */

import { begin } from "./api.js";
import { inputOf, listenToKeys, listenToPresses } from "./hands.js";
import { Outbox } from "./outbox.js";
import { Pace } from "./pace.js";
import { followPixelRatio, isPinched } from "./pixels.js";
import { NAMES, Stage } from "./stage.js";
import { Stopwatch } from "./stopwatch.js";
import { Supply } from "./supply.js";

/** @typedef {import("./hands.js").Choice} Choice */
/** @typedef {import("./hands.js").Input} Input */
/** @typedef {"consent" | "trial" | "waiting" | "done" | "closed"} State */

/**
 * @template {Element} [T=HTMLElement]
 * @param {string} selector
 * @returns {T}
 */
function find(selector) {
  const element = document.querySelector(selector);
  if (!element) throw new Error(`The page has no ${selector}.`);
  return /** @type {T} */ (element);
}

const page = find("#rate");
const { study = "", begin: beginUrl = "", trials: trialsUrl = "" } = page.dataset;
const areTiesAllowed = page.dataset.ties === "true";

const stopwatch = new Stopwatch();
const pace = new Pace(Number(page.dataset.trialSeconds) * 1000);
const outbox = new Outbox(study, update);
const supply = new Supply(trialsUrl, outbox, update);
const stage = new Stage(find("#stage"), updateStage);

/** The trial on the page. @type {import("./api.js").Trial | null} */
let trial = null;
/** @type {"left" | "right"} */
let shownFirst = "left";

/**
 * Show a state's part of the page, and let it have the focus that the part before it had.
 * @param {State} state
 */
function enter(state) {
  if (page.dataset.state === state) return;
  page.dataset.state = state;
  find(state === "trial" ? "#stage" : `[data-for="${state}"]`).focus({ preventScroll: true });
}

/** Show the next trial if it is ready; else say what is being waited for. */
function advance() {
  const next = supply.take();
  trial = next?.trial ?? null;
  if (!next) {
    stage.clear();
    update();
    return;
  }
  shownFirst = Math.random() < 0.5 ? "left" : "right";
  find("#stage").dataset.trial = next.trial.id;
  enter("trial");
  stage.set(next.pictures, shownFirst === "left" ? "a" : "b");
  stopwatch.startWithNextFrame();
  hint("");
  update();
}

/**
 * @param {Choice} choice
 * @param {Input} input
 */
function answer(choice, input) {
  if (!trial || (choice === "tie" && !areTiesAllowed)) return;
  if (!stage.isSeen || !stage.isExact) {
    hint(stage.isExact ? whatToSee() : whyNotExact());
    return;
  }
  outbox.add(trial.judgment, {
    choice,
    response_ms: stopwatch.elapsedMs(),
    device_pixel_ratio: window.devicePixelRatio,
    window_width: window.innerWidth,
    window_height: window.innerHeight,
    screen_width: window.screen.width,
    screen_height: window.screen.height,
    layout: stage.layout,
    shown_first: shownFirst,
    flips: stage.flips,
    input,
  });
  pace.answered();
  advance();
}

/** @param {string} text what keeps an answer from being taken */
function hint(text) {
  find("#hint").textContent = text;
}

function whatToSee() {
  return stage.layout === "beside"
    ? "Look at both A and B first."
    : "Look at A, B and the original first.";
}

function whyNotExact() {
  return isPinched()
    ? "The page is magnified by two fingers. Make it small again to go on."
    : "The browser scales the pictures, so they can't be judged. Set the page's zoom to 100 %.";
}

/** Show what is seen now, and whether an answer can be given. */
function updateStage() {
  const { showing, layout, isSeen } = stage;
  find("#panels").dataset.layout = layout;
  find("#showing").textContent = NAMES[showing];
  for (const button of document.querySelectorAll("[data-face]")) {
    const { face } = /** @type {HTMLElement} */ (button).dataset;
    button.setAttribute("aria-pressed", String(face === showing));
  }
  for (const button of document.querySelectorAll("[data-choice]")) {
    button.setAttribute("aria-disabled", String(!isSeen));
  }
  if (isSeen) hint("");
}

/** Show progress and what became of the answers; go on when something was waited for. */
function update() {
  const state = page.dataset.state;
  if (state === "waiting" && !trial && supply.hasReady) return advance();
  if ((state === "trial" && !trial) || state === "waiting") enter(afterLast());
  if (trial) {
    find("#progress").textContent = `${trial.number} of ${supply.total}`;
    find("#left").textContent = pace.timeLeft(supply.total - trial.number + 1);
  }
  find("#saved").textContent = delivery();
  find("#waiting-text").textContent = supply.isOffline
    ? "The connection is away. The trials go on by themselves when it is back."
    : supply.isEmpty
      ? "Saving your last answers…"
      : "Fetching the next pictures…";
}

/** @returns {State} */
function afterLast() {
  if (supply.refusal === "study-closed") return "closed";
  if (supply.refusal) return "consent";
  return supply.isEmpty && outbox.size === 0 ? "done" : "waiting";
}

function delivery() {
  if (outbox.refused > 0) return `${outbox.refused} not saved: the site refused it`;
  if (outbox.delivery === "saved") return "saved";
  if (outbox.delivery === "saving") return "saving…";
  return `offline, ${outbox.size} waiting`;
}

async function onBegin() {
  const button = /** @type {HTMLButtonElement} */ (find("#begin"));
  button.disabled = true;
  try {
    await begin(beginUrl);
    start();
  } catch {
    find("#begin-problem").textContent = "The site did not answer. Try again in a moment.";
  }
  button.disabled = false;
}

function start() {
  enter("waiting");
  supply.refusal = "";
  void outbox.send();
  void supply.fill();
  update();
}

/** @type {import("./hands.js").Acts} */
const acts = {
  flip: () => stage.flip(),
  unflip: () => stage.unflip(),
  answer,
  pan: (x, y) => stage.pan(x, y),
};

followPixelRatio(() => stage.fit());
listenToKeys(acts, () => page.dataset.state === "trial");
listenToPresses(find("#stage"), acts);
find("#begin").addEventListener("click", onBegin);
for (const button of document.querySelectorAll("[data-face]")) {
  const { face } = /** @type {HTMLElement} */ (button).dataset;
  const shown = /** @type {import("./stage.js").Face} */ (face);
  button.addEventListener("click", () => stage.show(shown));
}
for (const button of document.querySelectorAll("[data-choice]")) {
  const choice = /** @type {Choice} */ (/** @type {HTMLElement} */ (button).dataset.choice);
  button.addEventListener("click", (event) =>
    answer(choice, inputOf(/** @type {MouseEvent} */ (event))),
  );
}
if (page.dataset.state === "waiting") start();
