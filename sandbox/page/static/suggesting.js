/** The menu above the message box: what could come next, and which of it is marked. */
import { h, setState } from "./dom.js";

export class SuggestionMenu {
  #box;
  #list;
  #found = [];
  #active = -1;

  /** @param {HTMLInputElement} box keeps the focus @param {Element} list a listbox */
  constructor(box, list) {
    this.#box = box;
    this.#list = list;
    // A press on the menu leaves the focus where it is.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  /** The suggestion that is marked, if any. */
  get marked() {
    return this.#found[this.#active] ?? null;
  }

  /** @param {import("./slash.js").Suggestion[]} found */
  show(found) {
    this.#found = found;
    this.#active = -1;
    this.#list.hidden = found.length === 0;
    this.#list.replaceChildren(...found.map(item));
    setState(this.#box, "aria-expanded", String(found.length > 0));
    this.#mark(found[0]?.isSure ? 0 : -1);
  }

  /** Mark another one, if the key is one that does. @returns {boolean} whether it was */
  moves(key) {
    const { length } = this.#found;
    if (length === 0 || (key !== "ArrowDown" && key !== "ArrowUp")) return false;
    const last = this.#active < 0 ? length - 1 : (this.#active - 1 + length) % length;
    this.#mark(key === "ArrowDown" ? (this.#active + 1) % length : last);
    return true;
  }

  /** The suggestion that was pressed, if any. @param {Event} event */
  pressed(event) {
    const number = event.target.closest("[role=option]")?.dataset.number;
    return number === undefined ? null : this.#found[Number(number)];
  }

  get isOpen() {
    return this.#found.length > 0;
  }

  #mark(number) {
    this.#list.children[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = number;
    const marked = this.#list.children[number];
    marked?.setAttribute("aria-selected", "true");
    marked?.scrollIntoView({ block: "nearest" });
    setState(this.#box, "aria-activedescendant", marked?.id ?? null);
  }
}

function item(one, number) {
  return h(
    "li",
    { role: "option", id: `menu-${number}`, "aria-selected": "false", data: { number } },
    h("span", { class: "option-label" }, one.label),
    one.note && h("span", { class: "option-note" }, one.note),
  );
}
