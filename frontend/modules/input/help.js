/** The list of keys, and the switch that turns single keys off. */

import { find, findAll } from "../parts/find.js";

const OFF = "single keys off";

export class Help {
  #dialog = /** @type {HTMLDialogElement} */ (find("#help"));
  #switch = /** @type {HTMLInputElement} */ (find("#single-keys"));

  /** @param {() => void} onChange called when it has opened or closed */
  constructor(onChange) {
    this.#switch.checked = !isStored();
    this.#switch.addEventListener("change", () => store(!this.#switch.checked));
    this.#dialog.addEventListener("close", onChange);
    for (const button of findAll("[data-help]")) {
      button.addEventListener("click", () => this.open());
    }
    this.#onOpen = onChange;
  }

  #onOpen;

  /** Whether single keys work everywhere on the page. */
  get areKeysOn() {
    return this.#switch.checked;
  }

  get isOpen() {
    return this.#dialog.open;
  }

  open() {
    if (this.isOpen) return;
    this.#dialog.showModal();
    this.#dialog.scrollTop = 0; // the button that gets the focus stands at its foot
    this.#onOpen();
  }
}

function isStored() {
  try {
    return localStorage.getItem(OFF) !== null;
  } catch {
    return false;
  }
}

/** @param {boolean} isOff */
function store(isOff) {
  try {
    if (isOff) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {
    // No storage here: it holds for as long as the page lives.
  }
}
