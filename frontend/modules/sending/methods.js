/** The desk's page of methods: those whose pictures are decoded are looked at, named, and sent. */

import { RequestFailed } from "../parts/api.js";
import { dropped } from "../files/chosen.js";
import { Delivery } from "../files/delivery.js";
import { find } from "../parts/find.js";
import { MethodCard } from "./method-card.js";
import { MethodPlan, methodsIn } from "./method-plan.js";
import { text } from "../parts/texts.js";
import { unzipped, ZipRefused } from "../files/unzip.js";

/** @typedef {import("../files/chosen.js").Found} Found */
/** @typedef {import("./method-plan.js").Kind} Kind */

const facts = JSON.parse(find("#method-facts").textContent ?? "");
const form = /** @type {HTMLFormElement} */ (find("#send-methods"));
const said = find("#methods-said");
/** @type {MethodCard[]} */
let cards = [];
let isBusy = false;

/** @param {string} words that are read aloud where they are others than before */
function say(words) {
  if (said.textContent !== words) said.textContent = words;
}

/**
 * Return the value of a field, though it is disabled while methods are sent; "" where it isn't.
 * @param {string} name
 */
function valueOf(name) {
  const field = /** @type {RadioNodeList | HTMLInputElement | null} */ (
    form.elements.namedItem(name)
  );
  return field?.value ?? "";
}

/** @returns {Kind} */
function kind() {
  return /** @type {Kind} */ (valueOf("kind"));
}

/** The methods that are not sent yet. */
function left() {
  return cards.filter(({ isSent }) => !isSent);
}

/**
 * Look at a folder, or what was in a zip, and show the methods in it.
 * @param {string} name
 * @param {Found[]} found
 */
async function take(name, found) {
  await takeEach(methodsIn(name, found));
}

/** @param {{ name: string, found: Found[] }[]} methods chosen together: one chosen before gives way */
async function takeEach(methods) {
  const earlier = left();
  for (const method of methods) {
    const plan = new MethodPlan(method.name, facts, text);
    await plan.read(method.found);
    const before = earlier.find((card) => card.plan.name === plan.name);
    if (before) leave(before);
    cards.push(new MethodCard(plan, { onChange: showAll, onLeave }));
  }
  showAll();
}

/** @param {File} zip */
async function takeZip(zip) {
  const name = zip.name.replace(/\.zip$/i, "");
  try {
    const methods = methodsIn(name, await unzipped(zip));
    // A zip of one method is called like it, whatever the folder in it is called.
    await takeEach(methods.length === 1 ? methods.map(({ found }) => ({ name, found })) : methods);
  } catch (error) {
    if (!(error instanceof ZipRefused)) throw error;
    fail([text(error.message, { name: zip.name })]);
  }
}

/**
 * @param {Iterable<File>} files loose ones: zips are methods, all others are of one method
 */
async function takeFiles(files) {
  const all = [...files];
  for (const zip of all.filter(({ name }) => /\.zip$/i.test(name))) await takeZip(zip);
  const loose = all.filter(({ name }) => !/\.zip$/i.test(name));
  const found = loose.map((file) => ({ path: file.name, file }));
  if (loose.length > 0) await take("", found);
}

/** @param {MethodCard} card */
function leave(card) {
  cards = cards.filter((one) => one !== card);
  card.leave();
}

/** @param {MethodCard} card */
function onLeave(card) {
  leave(card);
  showAll();
  find("#method-folder").focus();
}

/** @param {MethodCard} card */
function against({ plan }) {
  const all = left().map((card) => card.plan);
  return plan.against(kind(), all);
}

/** The methods against which nothing stands, but those that are here already as they are. */
function ready() {
  const wanted = left().filter(({ plan }) => plan.isAskedAgain || !plan.isSame);
  return wanted.filter((card) => against(card).length === 0);
}

function showAll() {
  for (const card of left()) card.show(against(card), facts.pictures.length);
  const [n, all] = [ready().length, left().length];
  find("#method-end").hidden = n === 0;
  find("#send-all").textContent = n === 1 ? text("send-one") : text("send", { n });
  if (!isBusy) say(all > 0 ? text("looked", { ready: n, all }) : "");
}

/** @param {string[]} lines */
function fail(lines) {
  find("#methods-failed").replaceChildren(
    ...lines.map((line) => {
      const made = document.createElement("p");
      made.className = "message bad";
      made.textContent = line;
      return made;
    }),
  );
}

/** Send what is ready, one method after the other; what one fails at stops no other. */
async function send() {
  const chosen = ready();
  setBusy(true);
  fail([]);
  for (const [index, card] of chosen.entries()) {
    card.failed = await sendOne(card, { number: index + 1, all: chosen.length });
    if (card.failed.length === 0) card.settle();
  }
  setBusy(false);
  showAll();
  const sent = chosen.filter(({ isSent }) => isSent).length;
  say(text(sent === chosen.length ? "all-sent" : "some-sent", { sent, all: chosen.length }));
}

/**
 * @param {MethodCard} card
 * @param {{ number: number, all: number }} place among those that are sent
 * @returns {Promise<string[]>} what stands against it; none where it is closed
 */
async function sendOne({ plan }, place) {
  const [name, as] = [plan.name, kind()];
  const note = valueOf("late_note");
  const stated = { stated_bytes: plan.hasBits ? null : plan.stated };
  const late = facts.state === "closed" && kind() === "competing" ? { late_note: note } : {};
  const more = { team: name, kind: kind(), resume: true, ...stated, ...late };
  const parcel = plan.parcel();
  let step = "";
  const headers = { "X-Desk": "1" };
  const delivery = new Delivery(
    { ...facts, submission: "", headers, more, isWhole: true },
    parcel,
    {
      onStep: (what, done, count) => say((step = text(what, { name, done, count, ...place }))),
      onWay: (isAway) => say(isAway ? text("away") : step),
      onBegun: () => {},
    },
  );
  try {
    const against = await delivery.send(name);
    const refused = parcel.items.flatMap(({ problems }) => problems);
    if (against.length > 0 || refused.length > 0) return [...refused, ...against];
    if (!delivery.isThere) return [text("old")];
    await plan.enter(
      as,
      parcel.items.map(({ sha256 }) => sha256),
    );
    return [];
  } catch (error) {
    if (!(error instanceof RequestFailed)) return [String(error)]; // a file was moved meanwhile
    return error.problems.length > 0 ? error.problems : [text("old")];
  }
}

/** @param {boolean} whether */
function setBusy(whether) {
  isBusy = whether;
  for (const control of document.querySelectorAll("#methods-part button, #methods-part input"))
    control.toggleAttribute("disabled", whether);
}

/** @param {() => Promise<void>} act */
function attempt(act) {
  if (isBusy) return;
  fail([]);
  act().catch((error) => fail([String(error)])); // such as a folder that was moved meanwhile
}

function listen() {
  const drop = find("#method-drop");
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const { dataTransfer } = event;
    if (!dataTransfer) return;
    const chosen = dropped(dataTransfer);
    attempt(async () => {
      const { files, folders } = await chosen;
      for (const [name, found] of folders) await take(name, found);
      await takeFiles(files);
    });
  });
  // A file that misses the place must not take the page's.
  for (const type of ["dragover", "drop"])
    window.addEventListener(type, (event) => event.preventDefault());
  drop.addEventListener("dragover", () => drop.classList.add("over"));
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  const folder = /** @type {HTMLInputElement} */ (find("#method-folder"));
  folder.addEventListener("change", () => {
    const found = [...(folder.files ?? [])].map((file) => ({
      path: file.webkitRelativePath,
      file,
    }));
    const files = found.map(({ path, file }) => ({ path: path.replace(/^[^/]*\//, ""), file }));
    const name = found[0]?.path.split("/")[0] ?? "";
    folder.value = ""; // the same again is another choice
    attempt(() => take(name, files));
  });
  const zips = /** @type {HTMLInputElement} */ (find("#method-zips"));
  zips.addEventListener("change", () => {
    const files = [...(zips.files ?? [])];
    zips.value = "";
    attempt(() => takeFiles(files));
  });
  form.addEventListener("change", showAll);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isBusy) void send();
  });
  window.addEventListener("beforeunload", (event) => {
    if (isBusy) event.preventDefault();
  });
}

listen();
find("#methods-part").hidden = false;
showAll();
