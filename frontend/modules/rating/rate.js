/** The rating page: makes its parts, and connects them with what the rater's hands do. */

import { askSession, send } from "../parts/api.js";
import { listenToButtons, onClick } from "../input/buttons.js";
import { Cards, listenToEnter } from "./cards.js";
import { sayDevice } from "./device-check.js";
import { listenToCopyButtons } from "../parts/copy.js";
import { windowFacts } from "../pictures/facts.js";
import { onFault } from "./faults.js";
import { find } from "../parts/find.js";
import { Flagging } from "./flagging.js";
import { Help } from "../input/help.js";
import { listenToKeys } from "../input/keys.js";
import { showOwnResult } from "./own-result.js";
import { Outbox } from "../session/outbox.js";
import { Pace } from "../session/pace.js";
import { ownTeam } from "./own-team.js";
import { Page } from "./page.js";
import { followPixelRatio } from "../pictures/pixels.js";
import { Practice } from "./practice.js";
import { listenToComment, listenToWithdrawal } from "./last-words.js";
import { listenToPresses } from "../input/presses.js";
import { Questionnaire } from "./questionnaire.js";
import { Rest } from "./rest.js";
import { insist } from "../parts/retry.js";
import { measure, obstacle } from "./screen-check.js";
import { Session } from "../session/session.js";
import { countOriginals } from "../pictures/slots.js";
import { Stage } from "./stage.js";
import { Stopwatch } from "../session/stopwatch.js";
import { Supply } from "../session/supply.js";
import { text } from "../parts/texts.js";

const root = find("#rate");
/** What the server says of the study and of who comes. */
const study = JSON.parse(find("#study").textContent ?? "{}");
/** @type {import("../pictures/shown.js").Shown} */
const shown = study.shown;

const changed = () => session.changed();
const outbox = new Outbox(study.slug, changed, onRefused);
const supply = new Supply(study.trials, countOriginals(shown.layout), outbox, changed);
const pace = new Pace(study.trialSeconds * 1000);
const cards = new Cards(root, () => page.cover());
const questionnaire = new Questionnaire(study, cards);
const stage = new Stage(find("#stage"), shown, () => page.look());
const stopwatch = new Stopwatch();
const help = new Help(() => page.cover());
const flagging = new Flagging(
  (reason, words) => session.flag(reason, words),
  () => page.cover(),
);
const practice = new Practice(() => session.goOn());
const rest = new Rest(() => {
  session.goOn();
  page.look();
});
const onEnd = () => void showOwnResult(study.result);
const parts = {
  shown,
  cards,
  stage,
  stopwatch,
  help,
  flagging,
  practice,
  rest,
  outbox,
  supply,
  pace,
  onEnd,
};
const page = new Page(root, () => session, parts);
const session = new Session(cards.state, { study, begin, ask, outbox, supply, pace, page });

/**
 * @param {string} trial
 * @param {string} code
 */
function onRefused(trial, code) {
  session.refused(trial);
  // After a practice trial the same is told in its feedback's place.
  if (code === "too-many-flags") page.hint("too_many_flags");
  if (code === "contradiction" && session.state === "trial") page.hint("kept_elsewhere");
}

/** @returns {Promise<import("../parts/api.js").Session>} */
async function begin() {
  const facts = { ...windowFacts(), layout_fits: measure(shown).isRoomy };
  const consent = { consent: true, consent_sha256: study.consentSha256, language: study.language };
  const body = { ...consent, ...study.from, ...ownTeam(), facts };
  return questionnaire.ask(await insist(() => send("POST", study.begin, body), showAway));
}

async function ask() {
  return questionnaire.ask(await insist(() => askSession(study.session), showAway));
}

/**
 * @param {boolean} isAway
 * @param {boolean} isBusy
 */
function showAway(isAway, isBusy) {
  find("#begin-problem").textContent = isAway ? text(isBusy ? "many_begin" : "no_answer") : "";
  if (isAway) find("#waiting-text").textContent = text(isBusy ? "many_begin" : "waiting_offline");
}

/** @type {import("../input/keys.js").Acts} */
const acts = {
  flip: (slot, step) =>
    touch(() => {
      stage.flip(slot, step);
      if (!page.obstacle()) page.hint("");
    }),
  unflip: () => touch(() => stage.unflip()),
  answer: (choice, input) => touch(() => session.answer(choice, input)),
  pan: (x, y) => touch(() => stage.pan(x, y)),
  drag: (x, y, begins) => touch(() => stage.drag(x, y, begins)),
  zoom: (step) => touch(() => stage.zoom(step)),
  undo: () => session.undo(),
  pause: () => session.pause(),
  flag: () => session.state === "trial" && flagging.open(),
  help: () => help.open(),
  goOn: () => session.state === "feedback" && practice.goOn(),
  wonder: () => session.state === "trial" && page.hint(study.ties ? "no_key_tie" : "no_key"),
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

const fit = () => {
  page.fit();
  sayDevice(study.devices);
};
followPixelRatio(fit);
window.addEventListener("resize", fit);
window.visualViewport?.addEventListener("resize", fit);
const isJudging = () =>
  ["trial", "feedback"].includes(session.state) && !help.isOpen && !flagging.isOpen;
listenToKeys(acts, find("#stage"), isJudging, () => help.areKeysOn);
listenToPresses(find("#stage"), acts, () => stage.canPan);
listenToCopyButtons();
listenToButtons(acts, (face) => touch(() => stage.show(face)));
listenToEnter();
listenToComment(study.comment);
listenToWithdrawal(study.withdrawal, () => {
  outbox.discard();
  window.location.reload();
});
onClick("#begin", () => {
  const isFit = sayDevice(study.devices);
  find("#begin-problem").textContent = isFit ? "" : text("device_bad");
  if (isFit) void session.begin();
});
onClick("[data-start]", () => !obstacle(shown) && session.start());
onFault(() => session.stop());
sayDevice(study.devices);
page.begin(false); // from now on it listens
if (session.state === "waiting") void session.begin();
