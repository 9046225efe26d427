/** Short words at the edge of the page: of what was pressed, and of what went wrong. */
import { h } from "./dom.js";

const SHOWN_MS = 8_000;
const MOST = 3;

export class Notes {
  #said;
  #alerts;

  /** @param {HTMLElement} said a status region @param {HTMLElement} alerts an alert region */
  constructor(said, alerts) {
    this.#said = said;
    this.#alerts = alerts;
    for (const region of [said, alerts]) {
      region.addEventListener("click", (event) => event.target.closest("button")?.closest(".note").remove());
    }
  }

  say(text) {
    this.#add(this.#said, text, "note");
  }

  alert(text) {
    this.#add(this.#alerts, text, "note bad");
  }

  #add(region, text, name) {
    while (region.children.length >= MOST) region.firstElementChild.remove();
    const note = h(
      "div",
      { class: name },
      h("span", {}, text),
      h("button", { type: "button", class: "plain", "aria-label": "Close this note" }, "×"),
    );
    region.append(note);
    setTimeout(() => note.remove(), SHOWN_MS);
  }
}
