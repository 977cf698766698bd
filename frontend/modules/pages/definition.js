// The desk's page of a definition: says what is wrong and what would change, while one types.

import { find } from "../parts/find.js";

const WAIT_MS = 400;

/** @typedef {{ text: string, problems: string[], changes: string[], fields: Record<string, string> }} Checked */

const form = /** @type {HTMLFormElement} */ (find("#editor"));
const verdict = find("#verdict");
const file = document.querySelector("#file");
let timer = 0;
let asked = 0;

/** Asks the server, which alone knows the rules; an answer that is overtaken is dropped. */
async function check() {
  const mine = ++asked;
  const body = new FormData(form);
  body.set("do", "check");
  try {
    const response = await fetch(form.action, { method: "POST", body });
    if (!response.ok) throw new Error(`${response.status}`);
    const checked = /** @type {Checked} */ (await response.json());
    if (mine === asked) show(checked);
  } catch {
    if (mine === asked) say("The server did not answer; what you typed is still here.", []);
  }
}

/** @param {Checked} checked */
function show({ text, problems, changes, fields }) {
  if (file) file.textContent = text;
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (
    form.querySelectorAll("[data-problem]")
  )) {
    const name = place.dataset.problem ?? "";
    place.textContent = fields[name] ?? "";
    const input = form.elements.namedItem(name);
    if (input instanceof HTMLElement) input.setAttribute("aria-invalid", `${name in fields}`);
  }
  if (problems.length) say(`${problems.length} to mend:`, problems);
  else if (changes.length) say("Nothing wrong. Saving would change:", changes);
  else say("Nothing wrong, and nothing changed.", []);
}

/**
 * @param {string} head
 * @param {string[]} lines
 */
function say(head, lines) {
  const strong = document.createElement("strong");
  strong.textContent = head;
  const list = document.createElement("ul");
  list.className = "bullets small";
  for (const line of lines)
    list.append(Object.assign(document.createElement("li"), { textContent: line }));
  verdict.replaceChildren(strong, list);
}

function checkSoon() {
  clearTimeout(timer);
  timer = window.setTimeout(() => void check(), WAIT_MS);
}

/** Tells whether something was typed before this script came, or was kept by the browser. */
function isTyped() {
  const fields = /** @type {NodeListOf<HTMLInputElement | HTMLTextAreaElement>} */ (
    form.querySelectorAll("input, textarea")
  );
  return [...fields].some(({ value, defaultValue }) => value !== defaultValue);
}

form.addEventListener("input", checkSoon);
if (isTyped()) checkSoon();
