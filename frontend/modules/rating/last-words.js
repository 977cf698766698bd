/** What a rater can do beside judging: write a word at the end, and have their answers deleted. */

import { RequestFailed, send } from "../parts/api.js";
import { find, findAll } from "../parts/find.js";
import { insist } from "../parts/retry.js";
import { text } from "../parts/texts.js";

/**
 * Listen to the comment's form, where the study has one.
 * @param {string} url where it is put; "" in a preview, which stores nothing
 */
export function listenToComment(url) {
  const form = document.querySelector("#comment");
  const field = /** @type {HTMLTextAreaElement | null} */ (document.querySelector("#comment-text"));
  if (!form || !field) return;
  const note = find("#comment-note");
  field.addEventListener("focus", stayHere);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!url) return void (note.textContent = text("preview_nothing"));
    note.textContent = text("comment_saving");
    const body = { text: field.value.replace(/[^\P{C}\n\t]/gu, " ") };
    note.textContent = await said(async () => {
      const { stored } = await insist(() => send("PUT", url, body), sayAway(note));
      return text(stored ? "comment_saved" : "comment_gone");
    });
  });
}

/**
 * Listen to the buttons and the dialog by which a rater withdraws.
 * @param {string} url where it is posted; "" in a preview
 * @param {() => void} onDone called when everything is deleted
 */
export function listenToWithdrawal(url, onDone) {
  const dialog = /** @type {HTMLDialogElement} */ (find("#withdrawal"));
  const note = find("#withdrawal-note");
  for (const button of findAll("[data-withdraw]")) {
    button.addEventListener("click", () => {
      note.textContent = "";
      stayHere();
      dialog.showModal();
      dialog.scrollTop = 0; // what it is about comes first, whichever button has the focus
    });
  }
  find("#withdrawal-cancel").addEventListener("click", () => dialog.close());
  find("#withdrawal form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!url) return void (note.textContent = text("preview_nothing"));
    note.textContent = text("withdrawing");
    note.textContent = await said(async () => {
      await insist(() => send("POST", url, { delete_my_answers: true }), sayAway(note));
      onDone();
      return "";
    });
  });
}

/** Whoever is at something is not taken back to their platform in the middle of it. */
function stayHere() {
  find("#stay").click();
}

/** @param {HTMLElement} note */
function sayAway(note) {
  return (/** @type {boolean} */ isAway) => {
    if (isAway) note.textContent = text("no_answer");
  };
}

/**
 * @param {() => Promise<string>} act
 * @returns {Promise<string>} what it says, or that the site refused
 */
async function said(act) {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    return text("not_taken");
  }
}
