/** The desk's page of a data set: picture files are sent, looked at, and taken in. */

import { ask, failureOf, RequestFailed } from "../parts/api.js";
import { dropped } from "../files/chosen.js";
import { digestHeader, sha256Of } from "../files/digests.js";
import { find } from "../parts/find.js";
import { putFile } from "../parts/put-file.js";
import { isOut, isSettled, Staging } from "../files/staging.js";
import { text } from "../parts/texts.js";

/** @typedef {import("../files/staging.js").Given} Given */
/** @typedef {import("../files/staging.js").Line} Line */
/** @typedef {import("../files/staging.js").Staged} Staged */
/** @typedef {{ new: number, replaces: number, same: number, refused: number, others: number }} Counts */
/** @typedef {{ next: string | null, digest: string, counts: Counts, results: Staged[] }} Page */

const root = find("#staging");
const address = root.dataset.staged ?? "";
const largestBytes = Number(root.dataset.largestBytes);
const said = find("#said");
const take = /** @type {HTMLFormElement} */ (find("#take"));
const others = /** @type {HTMLInputElement} */ (take.elements.namedItem("drop_others"));
/** The rows of the table, by the names of files. @type {Map<string, HTMLTableRowElement>} */
const rows = new Map();
/** What the server has, as it was told last. */
let digest = "";

const staging = new Staging({
  put: ({ name, file }, sha256, tell) =>
    putFile(addressOf(name), file, { ...signed(), ...digestHeader(sha256) }, tell),
  digest: sha256Of,
  against: ({ size, type }) => {
    if (size > largestBytes) return text("too_large");
    return type && !type.startsWith("image/") ? text("unknown_kind") : "";
  },
  onChange: (line) => {
    find("#sent").hidden = false;
    showLine(line);
    say(text("sending", { done: staging.done, all: staging.lines.length }));
    setBusy();
  },
  onIdle: () => void attempt(refresh),
});

/** @param {string} name */
function addressOf(name) {
  return address + name.split("/").map(encodeURIComponent).join("/");
}

/** @param {string} words that are read aloud where they are others than before */
function say(words) {
  if (said.textContent !== words) said.textContent = words;
}

function signed() {
  const field = /** @type {HTMLInputElement} */ (find("[name=csrfmiddlewaretoken]"));
  return { "X-CSRFToken": field.value };
}

/**
 * @param {string} method
 * @param {string} url
 * @param {object} [body]
 * @returns {Promise<any>} the JSON that is answered, if any
 */
async function call(method, url, body) {
  const headers = { ...signed(), ...(body ? { "Content-Type": "application/json" } : {}) };
  const response = await ask(url, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw await failureOf(response);
  return response.status === 204 ? null : response.json();
}

/** Ask for all that is staged, and show it. */
async function refresh() {
  /** @type {Staged[]} */
  const all = [];
  /** @type {Page | null} */
  let first = null;
  for (let url = /** @type {string | null} */ (address); url;) {
    /** @type {Page} */
    const page = await call("GET", url);
    first ??= page;
    all.push(...page.results);
    url = page.next;
  }
  if (!first) return;
  digest = first.digest;
  staging.show(all);
  showAll(first.counts);
}

/** @param {Counts} counts */
function showAll(counts) {
  const { lines } = staging;
  rows.clear();
  find("#lines").replaceChildren();
  for (const line of lines) showLine(line);
  find("#sent").hidden = lines.length === 0;
  const sound = counts.new + counts.replaces + counts.same;
  const out = lines.filter(isOut).length;
  const effects = /** @type {const} */ (["new", "replaces", "same"]).filter((one) => counts[one]);
  const parts = effects.map((one) => text(`count_${one}`, { n: counts[one] })).join(", ");
  const told = [text(sound > 0 ? "counts" : "none", { sound, all: lines.length, parts })];
  if (out > 0) told.push(text("out", { n: out }));
  if (!staging.isBusy) say(lines.length > 0 ? told.join(" ") : "");
  find("#take-in").textContent = sound === 1 ? text("take_one") : text("take", { n: sound });
  find("#take-in").hidden = sound === 0;
  const left = counts.others > 0 && sound > 0;
  find("#others").hidden = !left;
  find("#others span").textContent = text("others", { n: counts.others });
  others.checked = left && others.checked;
  setBusy();
}

function setBusy() {
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (take.querySelectorAll("button"));
  for (const button of buttons) button.disabled = staging.isBusy;
}

/** @param {Line} line */
function showLine(line) {
  const row = rows.get(line.name) ?? newRow(line);
  const plan = /** @type {HTMLElement} */ (row.cells[2]);
  row.cells[1].textContent = line.size.toLocaleString("en");
  plan.className = isOut(line) ? "plan refused" : "plan";
  find("button", row).toggleAttribute("disabled", !isSettled(line));
  if (line.state === "sending") return showProgress(plan, line);
  plan.textContent = wordsOf(line);
}

/** @param {Line} line */
function newRow({ name }) {
  const row = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = name;
  const bytes = document.createElement("td");
  bytes.className = "number spare";
  const end = document.createElement("td");
  end.className = "number";
  const button = document.createElement("button");
  button.className = "button second slim";
  button.type = "button";
  button.textContent = text("delete");
  button.setAttribute("aria-label", `${text("delete")} ${name}`);
  button.addEventListener("click", () => void attempt(() => remove(name)));
  end.append(button);
  row.append(head, bytes, document.createElement("td"), end);
  rows.set(name, row);
  find("#lines").append(row);
  return row;
}

/**
 * @param {HTMLElement} plan
 * @param {Line} line
 */
function showProgress(plan, { name, share }) {
  let bar = plan.querySelector("progress");
  if (!bar) {
    bar = document.createElement("progress");
    bar.setAttribute("aria-label", name);
    plan.replaceChildren(bar);
  }
  bar.value = share;
}

/** @param {Line} line */
function wordsOf({ state, problem, staged }) {
  if (state === "refused") return text("refused", { problem });
  if (state !== "here" || !staged) return text(state);
  const { plan, effect, becomes } = staged;
  return effect ? `${plan} · ${text(effect, { name: becomes })}` : plan;
}

/** @param {string} name */
async function remove(name) {
  const line = staging.lines.find((one) => one.name === name);
  if (line?.staged) await call("DELETE", addressOf(name));
  staging.forget(name);
  await refresh();
  find("#files").focus();
}

/** Take in all that is sound, and show what is there then. */
async function takeIn() {
  const body = { drop_others: others.checked, digest };
  /** @type {{ pictures: number, changes: string[] }} */
  const taken = await call("POST", `${address}take/`, body).finally(showAnew);
  const head = text(taken.changes.length > 0 ? "taken" : "unchanged", { n: taken.pictures });
  say([head, ...taken.changes].join("\n"));
  find("#files").focus();
}

/** Show what is staged and what the data set has now: others may have changed either. */
async function showAnew() {
  await refresh();
  const page = await ask(location.pathname, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
  find("#pictures").replaceWith(find("#pictures", fresh));
}

/** @param {() => Promise<void>} act something that may fail: then it is said why */
async function attempt(act) {
  const failed = find("#failed");
  failed.replaceChildren();
  try {
    await act();
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    const lines = error.problems.length > 0 ? error.problems : [text("unreachable")];
    for (const line of lines) {
      const message = document.createElement("p");
      message.className = "message bad";
      message.textContent = line;
      failed.append(message);
    }
  }
}

/**
 * Send files, but for what systems add of themselves, whose names begin with a dot.
 * @param {Given[]} files
 */
function add(files) {
  const meant = files.filter(({ name }) => !/(^|\/)\.[^/]*$/.test(name));
  if (meant.length === 0) say(text("nothing"));
  staging.add(meant);
}

/** @param {import("../files/chosen.js").Chosen} chosen */
function addDropped({ files, folders }) {
  const within = [...folders].flatMap(([folder, found]) =>
    found.map(({ path, file }) => givenOf(file, `${folder}/${path}`)),
  );
  add([...files.map((file) => givenOf(file, file.name)), ...within]);
}

/**
 * @param {File} file
 * @param {string} name
 * @returns {Given}
 */
function givenOf(file, name) {
  return { name, size: file.size, type: file.type, file };
}

function listen() {
  const drop = find("#drop");
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer) void dropped(event.dataTransfer).then(addDropped);
  });
  // A file that misses the place must not take the page's.
  for (const type of ["dragover", "drop"]) {
    window.addEventListener(type, (event) => event.preventDefault());
  }
  drop.addEventListener("dragover", () => drop.classList.add("over"));
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  for (const selector of ["#files", "#folder"]) {
    const field = /** @type {HTMLInputElement} */ (find(selector));
    field.addEventListener("change", () => {
      const files = [...(field.files ?? [])];
      add(files.map((file) => givenOf(file, file.webkitRelativePath || file.name)));
      field.value = ""; // the same again is another choice
    });
  }
  take.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(takeIn);
  });
  find("#clear").addEventListener(
    "click",
    () =>
      void attempt(async () => {
        await call("DELETE", address);
        staging.forgetAll();
        await refresh();
        find("#files").focus();
      }),
  );
  window.addEventListener("beforeunload", (event) => {
    if (staging.isBusy) event.preventDefault();
  });
}

listen();
root.hidden = false;
void attempt(refresh);
