// The part of a page where a team chooses files and sends them.

import { RequestFailed } from "../parts/api.js";
import { dropped, filesOfFolder } from "../files/chosen.js";
import { Delivery, isGone } from "../files/delivery.js";
import { find } from "../parts/find.js";
import { Parcel } from "../files/parcel.js";
import { text } from "../parts/texts.js";
import { zipped } from "../files/zip.js";

/** @typedef {import("../files/parcel.js").Item} Item */

const facts = JSON.parse(find("#sending").textContent ?? "");
const parcel = new Parcel(facts, text);
const form = /** @type {HTMLFormElement} */ (find("#send-form"));
const button = /** @type {HTMLButtonElement} */ (find("button", form));
const number = new Intl.NumberFormat("en");
const shown = { onStep, onWay, onBegun };
const delivery = new Delivery(facts, parcel, shown);
let step = "";

/**
 * @param {"reading" | "sent" | "closing"} what
 * @param {number} done
 * @param {number} count
 */
function onStep(what, done, count) {
  step = text(what, { done, count });
  state(step);
  show();
}

/** @param {boolean} isAway */
function onWay(isAway) {
  state(isAway ? text("away") : step);
}

/** @param {string} id */
function onBegun(id) {
  // From now on a reload leads to the submission's own page, which knows what is there.
  history.replaceState(null, "", `${facts.page}${id}/`);
  form.querySelector("select")?.setAttribute("disabled", "");
}

/** @param {string} words */
function state(words) {
  find("#sending-state").textContent = words;
}

/** Show files, bytes, and what is wrong. */
function show() {
  const { used, missing, undecoded, problems, items } = parcel;
  const { budget } = facts;
  const [usedText, leftText] = [number.format(used), number.format(Math.abs((budget ?? 0) - used))];
  if (budget === null) {
    find("#used-words").textContent = text("used-freely", { used: usedText });
  } else {
    /** @type {HTMLMeterElement} */ (find("#used")).value = used;
    find(".budget").classList.toggle("over", used > budget);
    find("#used-words").textContent = text("used", {
      used: usedText,
      budget: number.format(budget),
    });
    const left =
      used > budget ? text("over", { over: leftText }) : text("left", { left: leftText });
    find("#left-words").textContent = left;
  }
  const lacks = [
    missing.length > 0 && facts.asksBitstreams
      ? text("missing-bitstreams", { count: missing.length })
      : "",
    facts.decodes && !parcel.hasDecoder ? text("missing-decoder") : "",
    !facts.decodes && undecoded.length > 0
      ? text("missing-decoded", { count: undecoded.length })
      : "",
  ].filter(Boolean);
  // Where the decoder may be left out, it depends on more whether all is here.
  const complete = facts.decodes ? text("complete") : "";
  find("#missing-words").textContent = lacks.join(", ") || complete;
  say(problems);
  /** @type {HTMLAnchorElement} */ (find("#anew a")).href = `${ownPage()}delete/`;
  find("#anew").hidden = parcel.renamed.length === 0;
  const rows = items.map(row);
  for (const name of facts.asksBitstreams ? missing : [])
    rows.push(cells(name, "", "", text("none")));
  find("#files tbody").replaceChildren(...rows);
}

/** The address of the submission's own page. */
function ownPage() {
  return `${facts.page}${facts.submission.split("/").at(-2)}/`;
}

/** @param {string[]} lines */
function say(lines) {
  const place = find("#sending-problems");
  const items = lines.map((line) => element("li", line));
  if (place.textContent !== lines.join("")) place.replaceChildren(...items);
}

/** @param {Item} item */
function row(item) {
  const { picture, kind, name, bytes, state: where, problems } = item;
  const whose = picture || (kind === "decoder" ? "decoder" : "");
  const made = cells(whose, name, number.format(bytes), text(where));
  made.lastElementChild?.append(...problems.map((problem) => element("p", problem, "small")));
  if (where === "refused") made.className = "refused";
  if (where === "refused" || where === "waiting") made.lastElementChild?.append(leaver(item));
  return made;
}

/** @param {Item} item */
function leaver(item) {
  const made = /** @type {HTMLButtonElement} */ (
    element("button", text("leave"), "button second slim")
  );
  made.type = "button";
  made.setAttribute("aria-label", `${text("leave")}: ${item.name}`);
  made.addEventListener("click", () => {
    parcel.drop(item);
    show();
    button.focus({ preventScroll: true });
  });
  return made;
}

/**
 * @param {string} whose
 * @param {string} name
 * @param {string} bytes
 * @param {string} where
 */
function cells(whose, name, bytes, where) {
  const made = document.createElement("tr");
  const head = element("th", whose);
  head.setAttribute("scope", "row");
  head.append(element("span", name, "by"));
  made.append(head, element("td", bytes, "number"), element("td", where));
  return made;
}

/**
 * @param {string} tag
 * @param {string} words
 * @param {string} className
 */
function element(tag, words, className = "") {
  const made = document.createElement(tag);
  made.textContent = words;
  if (className) made.className = className;
  return made;
}

/**
 * Take a decoder's folder: one zip, without what systems and Python leave behind.
 * @param {string} name
 * @param {import("../files/chosen.js").Found[]} found
 */
async function takeFolder(name, found) {
  const isLitter = (/** @type {string} */ path) => /(^|\/)(\.|__pycache__(\/|$))/.test(path);
  const members = found.filter(({ path }) => !isLitter(path));
  const litter = found.filter(({ path }) => isLitter(path)).map(({ path }) => path);
  const notes = [
    members.some(({ path }) => path === "decode") ? "" : text("no-decode"),
    litter.length > 0 ? text("left-out", { names: litter.join(", ") }) : "",
  ].filter(Boolean);
  parcel.takeDecoder(`${name}.zip`, await zipped(members), notes);
  show();
}

/** @param {Iterable<File>} files */
function takeFiles(files) {
  for (const file of files) {
    if (/\.zip$/i.test(file.name) || file.name === "decode") parcel.takeDecoder(file.name, file);
    else parcel.take(file.name, file);
  }
  show();
}

/** @param {DragEvent} event */
async function drop(event) {
  if (!event.dataTransfer || button.disabled) return;
  event.preventDefault();
  const { files, folders } = await dropped(event.dataTransfer);
  takeFiles(files);
  for (const [name, found] of folders) {
    const isDecoder = found.some(({ path }) => path === "decode");
    if (isDecoder) await takeFolder(name, found);
    else takeFiles(found.map(({ file }) => file));
  }
}

/** @param {SubmitEvent} event */
async function send(event) {
  event.preventDefault();
  button.disabled = true;
  parcel.tryAgain();
  try {
    const chosen = new FormData(form);
    const method = String(chosen.get("method") ?? "");
    const environment = chosen.get("environment");
    if (environment) facts.more = { environment };
    const against = await delivery.send(method);
    show();
    if (against.length === 0 && delivery.isThere) {
      location.assign(ownPage());
      return;
    }
    say([...parcel.problems, ...against]);
    state(text("stopped"));
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    show();
    find("#gone").hidden = !isGone(error);
    say(isGone(error) ? [] : error.problems);
    state(error.code || isGone(error) ? "" : text("old"));
  } finally {
    button.disabled = false;
  }
}

/** @param {string} id */
const input = (id) => /** @type {HTMLInputElement} */ (find(id));
input("#images").addEventListener("change", () => {
  const { files } = input("#images");
  for (const file of files ?? []) parcel.take(file.name, file);
  show();
});
input("#program").addEventListener("change", () => {
  const file = input("#program").files?.[0];
  if (file) parcel.takeDecoder(file.name, file);
  show();
});
input("#folder").addEventListener("change", () => {
  const { files } = input("#folder");
  const name = files?.[0]?.webkitRelativePath.split("/")[0] ?? "";
  if (files?.length) void takeFolder(name, filesOfFolder(files));
});
form.addEventListener("submit", (event) => void send(event));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => void drop(event));

find("[data-sending]").hidden = false;
find("[data-no-script]").hidden = true;
show();
void delivery.look().then(show);
