/** A break, offered by the study or taken by the rater: how far one is, and how to go on. */

import { find } from "../parts/find.js";
import { text } from "../parts/texts.js";

export class Rest {
  #clock = find("#rested");
  #begunAt = 0;
  /** @type {number | undefined} */
  #timer;

  /** @param {() => void} onGoOn */
  constructor(onGoOn) {
    find("#go-on").addEventListener("click", () => {
      clearInterval(this.#timer);
      onGoOn();
    });
  }

  /**
   * Fill the card.
   * @param {"break" | "pause"} kind
   * @param {{ judged: number, total: number, left: string, link: string }} progress
   */
  begin(kind, { judged, total, left, link }) {
    find("#rest-title").textContent = text(`${kind}_title`);
    find("#rest-text").textContent = text(`${kind}_text`);
    find("#rest-progress").textContent = text("rest_progress", { judged, total, left });
    const field = /** @type {HTMLInputElement} */ (find("#link"));
    field.value = link && new URL(link, window.location.href).href;
    find("#resume").hidden = !link;
    this.#begunAt = performance.now();
    this.#tick();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#tick(), 1000);
  }

  #tick() {
    const seconds = Math.floor((performance.now() - this.#begunAt) / 1000);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    this.#clock.textContent = text("rested", { time });
  }
}
