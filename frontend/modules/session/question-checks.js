/** What may be answered to a question, as the server checks it too. No DOM. */

/**
 * A question as the page holds it; least and most are undefined where all is possible.
 * @typedef {object} Question
 * @property {string} slug
 * @property {string} kind
 * @property {boolean} isRequired
 * @property {number} [least]
 * @property {number} [most]
 * @property {number} decimals
 * @property {number} longest
 */

/** @typedef {string | number | string[] | null} Answer */
/** @typedef {{ name: string, values?: Record<string, string | number> }} Problem what to say */

/** A number as people type it: with a point or a comma. */
const NUMBER = /^[+-]?\d{1,12}(?:[.,]\d{0,9})?$/;

/**
 * Return what was filled in as it is sent; null where nothing was.
 * @param {Question} question
 * @param {string[]} typed the values of what is chosen, or what stands in the field
 * @returns {Answer}
 */
export function answered({ kind }, typed) {
  if (kind === "multiple") return typed.length ? typed : null;
  const text = (typed[0] ?? "").trim();
  if (text === "") return null;
  if (kind === "scale") return Number(text);
  if (kind === "number") return NUMBER.test(text) ? Number(text.replace(",", ".")) : text;
  return text;
}

/**
 * Return what is wrong with an answer; null where nothing is.
 * @param {Question} question
 * @param {Answer} answer
 * @returns {Problem | null}
 */
export function problemOf(question, answer) {
  const { kind, isRequired, longest } = question;
  if (answer === null) return isRequired ? { name: "answer_needed" } : null;
  if (kind === "number") return numberProblem(question, answer);
  if (kind === "text" && String(answer).length > longest) {
    return { name: "answer_long", values: { most: longest } };
  }
  return null;
}

/**
 * @param {Question} question
 * @param {Answer} answer
 * @returns {Problem | null}
 */
function numberProblem({ least, most, decimals }, answer) {
  if (typeof answer !== "number") return { name: "answer_no_number" };
  if (least !== undefined && most !== undefined && (answer < least || answer > most)) {
    return { name: "answer_between", values: { least, most } };
  }
  if (least !== undefined && answer < least) return { name: "answer_least", values: { least } };
  if (most !== undefined && answer > most) return { name: "answer_most", values: { most } };
  if (Number(answer.toFixed(decimals)) === answer) return null;
  return decimals ? { name: "answer_decimals", values: { n: decimals } } : { name: "answer_whole" };
}
