/** One method on the desk's page: its name, what becomes of its files, what stands against it. */

import { find } from "../parts/find.js";
import { text } from "../parts/texts.js";

/** @typedef {import("./method-plan.js").MethodPlan} MethodPlan */
/** @typedef {import("./method-plan.js").Line} Line */
/** @typedef {{ onChange: () => void, onLeave: (card: MethodCard) => void }} Listener */

export class MethodCard {
  isSent = false;
  /** Why it was not taken when it was sent. @type {string[]} */
  failed = [];
  plan;
  #root;

  /**
   * @param {MethodPlan} plan
   * @param {Listener} listener
   */
  constructor(plan, listener) {
    this.plan = plan;
    const template = /** @type {HTMLTemplateElement} */ (find("#method-card"));
    const made = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    this.#root = find(".own-method", made);
    this.#listen(listener);
    find("tbody", made).replaceChildren(...plan.lines.map(row));
    find("#own-methods").append(made);
  }

  /**
   * @param {string[]} against
   * @param {number} pictures how many there are
   */
  show(against, pictures) {
    const { plan } = this;
    const { decoded, renamed, out } = plan.counts;
    const size = plan.hasBits ? "bits" : plan.bytes === null ? "no-size" : "stated";
    const parts = [
      text("decoded", { n: decoded, all: pictures }),
      renamed > 0 ? text("count-renamed", { n: renamed }) : "",
      out > 0 ? text("count-out", { n: out }) : "",
      text(size, { bytes: (plan.bytes ?? 0).toLocaleString("en") }),
    ];
    find("[data-summary]", this.#root).textContent = parts.filter(Boolean).join(" · ");
    find("[data-stated]", this.#root).hidden = plan.hasBits;
    list(find("[data-against]", this.#root), [...this.failed, ...against]);
    list(find("[data-notes]", this.#root), plan.notes());
    find("[data-same]", this.#root).hidden = !plan.isSame;
  }

  /** It is sent: nothing of it changes any more. */
  settle() {
    this.isSent = true;
    this.#root.classList.add("sent");
    const done = document.createElement("p");
    done.textContent = text("is-sent", { name: this.plan.name });
    this.#root.replaceChildren(done);
  }

  leave() {
    this.#root.remove();
  }

  /** @param {Listener} listener */
  #listen({ onChange, onLeave }) {
    const { plan } = this;
    const name = /** @type {HTMLInputElement} */ (find("[name=method]", this.#root));
    const stated = /** @type {HTMLInputElement} */ (find("[name=stated]", this.#root));
    const again = /** @type {HTMLInputElement} */ (find("[name=again]", this.#root));
    name.value = plan.name;
    this.#root.addEventListener("input", () => {
      plan.name = name.value;
      plan.stated = stated.valueAsNumber > 0 ? Math.round(stated.valueAsNumber) : null;
      plan.isAskedAgain = again.checked;
      this.failed = [];
      onChange();
    });
    find("button", this.#root).addEventListener("click", () => onLeave(this));
  }
}

/** @param {Line} line */
function row({ path, bytes, problem, note }) {
  const made = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = path;
  const size = document.createElement("td");
  size.className = "number spare";
  size.textContent = bytes.toLocaleString("en");
  const plan = document.createElement("td");
  plan.className = problem ? "plan refused" : "plan";
  plan.textContent = problem || note;
  made.append(head, size, plan);
  return made;
}

/**
 * @param {HTMLElement} place
 * @param {string[]} lines
 */
function list(place, lines) {
  const items = lines.map((line) => {
    const made = document.createElement("li");
    made.textContent = line;
    return made;
  });
  const before = [...place.children].map(({ textContent }) => textContent).join("\n");
  if (before !== lines.join("\n")) place.replaceChildren(...items);
}
