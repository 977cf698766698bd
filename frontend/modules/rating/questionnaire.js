/** The cards of questions before and after judging: filled in, kept, sent once. */

import { RequestFailed, send } from "../parts/api.js";
import { find } from "../parts/find.js";
import { insist } from "../parts/retry.js";
import { text } from "../parts/texts.js";
import { answered, problemOf } from "../session/question-checks.js";

/** @typedef {import("../parts/api.js").Session} Session */
/** @typedef {import("../session/question-checks.js").Question} Question */
/** @typedef {import("../session/question-checks.js").Answer} Answer */
/** @typedef {HTMLInputElement | HTMLTextAreaElement} Field */

/** What the server says of one answer begins with its question. */
const OF_ANSWER = /^([\w-]+): /;

export class Questionnaire {
  #study;
  #cards;

  /**
   * @param {{ slug: string, answers: string }} study
   * @param {import("./cards.js").Cards} cards
   */
  constructor(study, cards) {
    this.#study = study;
    this.#cards = cards;
  }

  /**
   * Show the questions that are due, one card after the other, until none is.
   * @param {Session} told
   * @returns {Promise<Session>} the session as it is then; throws RequestFailed
   */
  async ask(told) {
    while (told.questions_due) told = await this.#askCard(told.questions_due, told);
    return told;
  }

  /**
   * @param {string} when
   * @param {Session} told
   * @returns {Promise<Session>}
   */
  #askCard(when, told) {
    const card = find(`[data-when="${when}"]`);
    const form = /** @type {HTMLFormElement} */ (find("form", card));
    const key = `questions ${this.#study.slug} ${told.rater} ${when}`;
    restore(form, key);
    this.#cards.enter(card.dataset.for ?? "");
    return new Promise((resolve, reject) => {
      let isSending = false;
      form.oninput = () => keep(form, key);
      form.onsubmit = async (event) => {
        event.preventDefault();
        if (isSending || !check(form)) return;
        isSending = true;
        disableForm(form, true);
        try {
          const session = await this.#send(when, form);
          forget(key);
          // What comes next is the session's to show; until then nothing is to be filled in.
          this.#cards.enter("waiting");
          resolve(session);
        } catch (error) {
          if (!isAboutAnswers(error)) return reject(error);
          tellRefusals(form, error.problems);
        } finally {
          isSending = false;
          disableForm(form, false);
        }
      };
    });
  }

  /**
   * @param {string} when
   * @param {HTMLFormElement} form
   * @returns {Promise<Session>}
   */
  #send(when, form) {
    const answers = Object.fromEntries(
      questionsOf(form).map(({ part, question }) => [question.slug, answerOf(part, question)]),
    );
    const url = this.#study.answers;
    return insist(
      () => send("PUT", url, { when, answers }),
      (isAway) => (find("[data-problem]", form).textContent = isAway ? text("answers_wait") : ""),
    );
  }
}

/** @param {HTMLFormElement} form */
function questionsOf(form) {
  const parts = /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-question]"));
  return [...parts].map((part) => ({ part, question: questionOf(part) }));
}

/**
 * @param {HTMLElement} part
 * @returns {Question}
 */
function questionOf({ dataset }) {
  const limit = (/** @type {string | undefined} */ said) => (said ? Number(said) : undefined);
  return {
    slug: dataset.question ?? "",
    kind: dataset.kind ?? "",
    isRequired: dataset.required !== undefined,
    least: limit(dataset.least),
    most: limit(dataset.most),
    decimals: Number(dataset.decimals),
    longest: Number(dataset.longest),
  };
}

/**
 * @param {HTMLElement} part
 * @returns {Field[]}
 */
function fieldsOf(part) {
  return [.../** @type {NodeListOf<Field>} */ (part.querySelectorAll("input, textarea"))];
}

/** @param {HTMLElement} part */
function typedIn(part) {
  const isOpen = (/** @type {Field} */ field) =>
    !["radio", "checkbox"].includes(field.type) || /** @type {HTMLInputElement} */ (field).checked;
  return fieldsOf(part)
    .filter(isOpen)
    .map(({ value }) => value);
}

/**
 * @param {HTMLElement} part
 * @param {Question} question
 * @returns {Answer}
 */
function answerOf(part, question) {
  return answered(question, typedIn(part));
}

/**
 * Say what is wrong beside each question, and go to the first that it is of.
 * @param {HTMLFormElement} form
 */
function check(form) {
  const wrong = questionsOf(form).filter(({ part, question }) => {
    const problem = problemOf(question, answerOf(part, question));
    tell(part, problem ? text(problem.name, problem.values) : "");
    return problem;
  });
  find("[data-problem]", form).textContent = wrong.length
    ? text("answers_wrong", { n: wrong.length })
    : "";
  if (wrong.length) fieldsOf(wrong[0].part)[0]?.focus();
  return wrong.length === 0;
}

/**
 * @param {HTMLElement} part
 * @param {string} words "" where nothing is wrong
 */
function tell(part, words) {
  find(".wrong", part).textContent = words;
  for (const field of fieldsOf(part)) {
    if (words) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}

/**
 * @param {unknown} error
 * @returns {error is RequestFailed}
 */
function isAboutAnswers(error) {
  return error instanceof RequestFailed && error.code === "answers";
}

/**
 * The page has let pass what the server does not: the questions may have changed meanwhile.
 * @param {HTMLFormElement} form
 * @param {string[]} problems
 */
function tellRefusals(form, problems) {
  const refused = new Set(problems.map((line) => OF_ANSWER.exec(line)?.[1]));
  for (const { part, question } of questionsOf(form)) {
    tell(part, refused.has(question.slug) ? text("answer_refused") : "");
  }
  find("[data-problem]", form).textContent = text("answers_refused");
}

/**
 * @param {HTMLFormElement} form
 * @param {boolean} isBusy
 */
function disableForm(form, isBusy) {
  find("button", form).setAttribute("aria-disabled", String(isBusy));
}

/**
 * Keep what is filled in, should the page be left before it is sent.
 * @param {HTMLFormElement} form
 * @param {string} key
 */
function keep(form, key) {
  const draft = questionsOf(form).map(({ part, question }) => [question.slug, typedIn(part)]);
  try {
    localStorage.setItem(key, JSON.stringify(Object.fromEntries(draft)));
  } catch {
    // No storage here: it is kept for as long as the page lives.
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} key
 */
function restore(form, key) {
  const draft = read(key);
  for (const { part, question } of questionsOf(form)) {
    const values = draft[question.slug];
    if (!Array.isArray(values)) continue;
    for (const field of fieldsOf(part)) {
      if (["radio", "checkbox"].includes(field.type)) {
        /** @type {HTMLInputElement} */ (field).checked = values.includes(field.value);
      } else field.value = String(values[0] ?? "");
    }
  }
}

/**
 * @param {string} key
 * @returns {Record<string, unknown>}
 */
function read(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(key) ?? "{}");
    return draft && typeof draft === "object" ? draft : {};
  } catch {
    return {}; // No storage here, or none of ours.
  }
}

/** @param {string} key */
function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was stored.
  }
}
