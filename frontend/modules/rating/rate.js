/** The rating page: makes its parts, and connects them with what the rater's hands do. */

import { askSession, send } from "../parts/api.js";
import { listenToButtons, onClick } from "../input/buttons.js";
import { Cards, listenToEnter } from "./cards.js";
import { sayDevice } from "./device-check.js";
import { listenToCopyButtons } from "../parts/copy.js";
import { windowFacts } from "../pictures/facts.js";
import { onFault } from "./faults.js";
import { find } from "../parts/find.js";
import { Help } from "../input/help.js";
import { listenToKeys } from "../input/keys.js";
import { Outbox } from "../session/outbox.js";
import { Pace } from "../session/pace.js";
import { Page } from "./page.js";
import { followPixelRatio } from "../pictures/pixels.js";
import { Practice } from "./practice.js";
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
const practice = new Practice(() => session.goOn());
const rest = new Rest(() => {
  session.goOn();
  page.look();
});
const parts = { shown, cards, stage, stopwatch, help, practice, rest, outbox, supply, pace };
const page = new Page(root, () => session, parts);
const session = new Session(cards.state, { study, begin, ask, outbox, supply, pace, page });

/**
 * @param {string} trial
 * @param {string} code
 */
function onRefused(trial, code) {
  session.refused(trial);
  // After a practice trial the same is told in its feedback's place.
  if (code === "contradiction" && session.state === "trial") page.hint("kept_elsewhere");
}

/** @returns {Promise<import("../parts/api.js").Session>} */
async function begin() {
  const facts = { ...windowFacts(), layout_fits: measure(shown).isRoomy };
  const consent = { consent: true, consent_sha256: study.consentSha256, language: study.language };
  const body = { ...consent, ...study.from, facts };
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
  flip: (slot) =>
    touch(() => {
      stage.flip(slot);
      if (!page.obstacle()) page.hint("");
    }),
  unflip: () => touch(() => stage.unflip()),
  answer: (choice, input) => touch(() => session.answer(choice, input)),
  pan: (x, y) => touch(() => stage.pan(x, y)),
  drag: (x, y, begins) => touch(() => stage.drag(x, y, begins)),
  zoom: (step) => touch(() => stage.zoom(step)),
  undo: () => session.undo(),
  pause: () => session.pause(),
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
const isJudging = () => ["trial", "feedback"].includes(session.state) && !help.isOpen;
listenToKeys(acts, find("#stage"), isJudging, () => help.areKeysOn);
listenToPresses(find("#stage"), acts, () => stage.canPan);
listenToCopyButtons();
listenToButtons(acts, (face) => touch(() => stage.show(face)));
listenToEnter();
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
