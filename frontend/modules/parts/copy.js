/** Buttons that copy the field beside them. */

import { find, findAll } from "./find.js";

/** Listen to every button with `data-copy`, which selects a read-only field. */
export function listenToCopyButtons() {
  for (const button of findAll("[data-copy]")) {
    const label = button.textContent ?? "";
    button.addEventListener("click", async () => {
      const field = /** @type {HTMLInputElement} */ (find(button.dataset.copy ?? ""));
      field.select();
      if (!(await copy(field.value))) return;
      button.textContent = button.dataset.copied ?? label;
      setTimeout(() => {
        button.textContent = label;
      }, 2000);
    });
  }
}

/**
 * @param {string} value what is selected already, for browsers without a clipboard
 * @returns {Promise<boolean>} whether it is copied
 */
export async function copy(value) {
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}
