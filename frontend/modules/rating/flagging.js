/** The dialog in which a rater says that something is wrong with a trial. */

import { find } from "../parts/find.js";

export class Flagging {
  #dialog = /** @type {HTMLDialogElement} */ (find("#flag"));
  #form = /** @type {HTMLFormElement} */ (find("#flag form"));
  #onChange;

  /**
   * @param {(reason: string, words: string) => void} onSend
   * @param {() => void} onChange called when it has opened or closed
   */
  constructor(onSend, onChange) {
    this.#onChange = onChange;
    this.#dialog.addEventListener("close", onChange);
    find("#flag-cancel").addEventListener("click", () => this.#dialog.close());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = new FormData(this.#form);
      this.#dialog.close();
      onSend(String(said.get("reason")), plainly(String(said.get("text") ?? "")));
    });
  }

  get isOpen() {
    return this.#dialog.open;
  }

  open() {
    if (this.isOpen) return;
    this.#form.reset();
    this.#dialog.showModal();
    this.#onChange();
  }
}

/**
 * @param {string} words
 * @returns {string} without what can't be seen, such as a pasted tab: the server takes none of it
 */
function plainly(words) {
  return words.replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, " ").trim();
}
