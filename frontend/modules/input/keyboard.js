/** What a key is on the rater's own keyboard: a digit, a letter, a sign. No DOM. */

/** @typedef {{ key: string, code: string, shiftKey: boolean }} Press */
/** What keys send without shift, by code, where the browser tells. */
/** @typedef {{ get: (code: string) => string | undefined }} Sent */

/**
 * What keyboards send, beside the digit itself, for the keys that have 1, 2 and 0 printed on them:
 * French, Belgian and Bépo, Czech, Slovak, Lithuanian, Vietnamese, Thai, Bopomofo and kana. The
 * same places of other keyboards are other keys: what is not in the list is not taken for a digit.
 * @type {Record<string, string>}
 */
const PRINTED = { Digit1: '&à"+ąăๅㄅぬ', Digit2: "é«ěľčâ/ㄉふ", Digit0: "à*éđจㄢわ" };
/** The same with shift, where the digits themselves come without. @type {Record<string, string>} */
const SHIFTED = { Digit1: "!'", Digit2: "@\"'٬", Digit0: ")=(~" };
/** Keys that tell no character: an input method has it, or an accent waits for its letter. */
const SILENT = ["Process", "Dead", "Unidentified"];
/** A full-width sign is so far from the plain one. */
const FULL_WIDTH = 0xfee0;

/**
 * Return what a key means: a digit, a sign, a lower-case letter, the name of a key such as
 * "ArrowLeft", or "" where nobody can tell.
 * @param {Press} press
 * @param {Sent} sent
 * @returns {string}
 */
export function meaningOf({ key: written, code, shiftKey }, sent) {
  const key = plainly(written);
  // Without Num Lock it is an arrow too: both are on it.
  if (code === "Numpad2" && key === "ArrowDown") return "";
  if (/^Numpad[01]$/.test(code)) return code.slice(-1);
  if (/^\p{Nd}$/u.test(key)) return digitOf(key, code);
  if (isPrintedDigit({ key, code, shiftKey }, sent)) return code.slice(-1);
  if (code === "Space" || /^\p{Zs}$/u.test(key)) return " ";
  if (SILENT.includes(key)) return letterOf(code, sent);
  return key.length > 1 && /^\w+$/.test(key) ? key : signOf(key, code);
}

/**
 * Tell whether a key that does nothing would have written something.
 * @param {string} key
 */
export function isWriting(key) {
  return [...key].length === 1 || SILENT.includes(key);
}

/**
 * Tell whether the key with 1 on it is the one with the plus sign too, as on Czech keyboards.
 * @param {Press} press
 */
export function isPlusOnOne({ key, code, shiftKey }) {
  return code === "Digit1" && key === "+" && !shiftKey;
}

/**
 * Return a digit of any script; "" where the key has another one on it as well.
 * @param {string} key
 * @param {string} code
 */
function digitOf(key, code) {
  const point = key.codePointAt(0) ?? 0;
  let zero = point;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  const value = String((point - zero) % 10);
  const printed = /^Digit(\d)$/.exec(code)?.[1] ?? value;
  return /^[0-9]$/.test(key) || printed === value ? value : "";
}

/**
 * @param {Press} press
 * @param {Sent} sent
 */
function isPrintedDigit({ key, code, shiftKey }, sent) {
  if (!(code in PRINTED) || !Object.keys(PRINTED).every((one) => canBeDigit(one, sent)))
    return false;
  if (SILENT.includes(key)) return key === "Process" || sent.get(code) !== undefined;
  // With shift it is a plus sign that was looked for, as on Swiss keyboards.
  if (PRINTED[code].includes(key.toLowerCase())) return !(shiftKey && key === "+");
  return shiftKey && SHIFTED[code].includes(key);
}

/**
 * Tell whether what the browser tells of a key lets a digit be printed on it.
 * @param {string} code
 * @param {Sent} sent
 */
function canBeDigit(code, sent) {
  const found = sent.get(code);
  if (found === undefined || PRINTED[code].includes(found.toLowerCase())) return true;
  return /^\p{Nd}$/u.test(found) && digitOf(found, code) === code.slice(-1);
}

/**
 * @param {string} code
 * @param {Sent} sent
 */
function letterOf(code, sent) {
  const letter = /^Key([A-Z])$/.exec(code)?.[1] ?? "";
  return letter && latin(sent.get(code) ?? letter, letter);
}

/**
 * Return a sign or letter as the page writes it. Other scripts' keyboards have Latin letters too.
 * @param {string} key
 * @param {string} code
 */
function signOf(key, code) {
  if (key === "؟") return "?";
  // On most keyboards it is on the key with the plus sign; on some on that with 0.
  if (key === "=") return code.startsWith("Digit") ? "" : "+";
  return latin(key, /^Key([A-Z])$/.exec(code)?.[1] ?? key);
}

/**
 * @param {string} key
 * @returns {string} a full-width sign as a plain one
 */
function plainly(key) {
  const point = key.codePointAt(0) ?? 0;
  return point > 0xff00 && point < 0xff5f ? String.fromCodePoint(point - FULL_WIDTH) : key;
}

/**
 * @param {string} sign
 * @param {string} letter what the key has on it beside a letter that is not Latin
 */
function latin(sign, letter) {
  const isForeign = /^\p{L}$/u.test(sign) && !/^\p{Script=Latin}$/u.test(sign);
  return (isForeign ? letter : sign).toLowerCase();
}
