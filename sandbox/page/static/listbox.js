/**
 * A menu to choose from: a listbox in the top layer, below or above what opened it. One is open at a
 * time; whatever was drawn anew meanwhile, the focus goes back to where it came from.
 */
import { freshId, h, returnFocus, setState } from "./dom.js";

const GAP_PX = 4;
const TYPING_MS = 600;

/**
 * Open a menu and wait for what is chosen: a list of values, or `null` where it was left.
 * @param {HTMLElement} anchor
 * @param {{value: string, label: string, note: string, isChosen: boolean}[]} options
 * @param {{label: string, least?: number, most?: number}} how
 * @returns {Promise<string[]|null>}
 */
export function choose(anchor, options, how) {
  return new Promise((resolve) => new Menu(anchor, options, how, resolve));
}

class Menu {
  #active = 0;
  #typed = "";
  #typedAt = 0;

  constructor(anchor, options, { label, least = 1, most = 1 }, resolve) {
    Object.assign(this, { anchor, options, least, most, resolve });
    this.chosen = new Set(options.filter((one) => one.isChosen).map((one) => one.value));
    this.items = options.map((one) => optionElement(one));
    this.list = h(
      "ul",
      {
        role: "listbox",
        tabindex: "0",
        "aria-label": label,
        "aria-multiselectable": this.isMultiple ? "true" : null,
      },
      ...this.items,
    );
    this.popup = h("div", { class: "menu", popover: "auto" }, this.list, this.isMultiple && this.#done());
    this.list.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("click", (event) => this.#clicked(event));
    this.popup.addEventListener("toggle", (event) => event.newState === "closed" && this.#closed());
    this.#show();
  }

  get isMultiple() {
    return this.most > 1;
  }

  #show() {
    document.body.append(this.popup);
    setState(this.anchor, "aria-expanded", "true");
    this.popup.showPopover();
    place(this.popup, this.anchor);
    const first = this.options.findIndex((one) => this.chosen.has(one.value));
    this.#move(Math.max(0, first));
    this.#mark();
    this.list.focus();
  }

  #done() {
    const button = h("button", { type: "button", class: "button primary" }, "Done");
    button.addEventListener("click", () => this.#finish());
    return button;
  }

  #key(event) {
    const last = this.options.length - 1;
    const moves = { ArrowDown: this.#active + 1, ArrowUp: this.#active - 1, Home: 0, End: last };
    if (event.key in moves) this.#move(Math.min(last, Math.max(0, moves[event.key])));
    else if (event.key === "Enter" || (event.key === " " && this.#typed === "")) this.#take(this.#active);
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey)
      this.#find(event.key, event.timeStamp);
    else return;
    event.preventDefault();
  }

  #find(letter, at) {
    this.#typed = at - this.#typedAt > TYPING_MS ? letter : this.#typed + letter;
    this.#typedAt = at;
    const wanted = this.#typed.toLowerCase();
    const found = this.options.findIndex((one) =>
      one.label.toLowerCase().replace(/^[#@]/, "").startsWith(wanted),
    );
    if (found >= 0) this.#move(found);
  }

  #move(number) {
    if (this.items.length === 0) return;
    this.items[this.#active]?.classList.remove("active");
    this.#active = number;
    const item = this.items[number];
    item.classList.add("active");
    item.scrollIntoView({ block: "nearest" });
    setState(this.list, "aria-activedescendant", item.id);
  }

  #mark() {
    this.items.forEach((item, number) =>
      setState(item, "aria-selected", String(this.chosen.has(this.options[number].value))),
    );
  }

  #clicked(event) {
    const item = event.target.closest("[role=option]");
    if (item) this.#take(this.items.indexOf(item));
  }

  #take(number) {
    const value = this.options[number]?.value;
    if (value === undefined) return;
    this.#typed = "";
    if (!this.isMultiple) {
      // Where nothing need be chosen, what is chosen is taken back by choosing it again.
      const isBack = this.least === 0 && this.chosen.has(value);
      this.chosen = new Set(isBack ? [] : [value]);
      this.#finish();
      return;
    }
    if (this.chosen.has(value)) this.chosen.delete(value);
    else if (this.chosen.size < this.most) this.chosen.add(value);
    this.#move(number);
    this.#mark();
  }

  #finish() {
    if (this.chosen.size < this.least) return;
    this.result = [...this.chosen];
    this.popup.hidePopover();
  }

  #closed() {
    this.popup.remove();
    setState(this.anchor, "aria-expanded", "false");
    returnFocus(this.anchor);
    this.resolve(this.result ?? null);
  }
}

function optionElement(option) {
  return h(
    "li",
    { role: "option", id: freshId("option"), "aria-selected": "false" },
    h("span", { class: "option-label" }, option.label),
    option.note && h("span", { class: "option-note" }, option.note),
  );
}

function place(popup, anchor) {
  const box = anchor.getBoundingClientRect();
  const below = window.innerHeight - box.bottom - GAP_PX;
  const isBelow = below > popup.offsetHeight || below > box.top;
  popup.style.minWidth = `${Math.min(box.width, window.innerWidth - 16)}px`;
  popup.style.maxHeight = `${Math.max(120, (isBelow ? below : box.top) - 2 * GAP_PX)}px`;
  popup.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - popup.offsetWidth - 8))}px`;
  popup.style.top = isBelow
    ? `${box.bottom + GAP_PX}px`
    : `${Math.max(8, box.top - popup.offsetHeight - GAP_PX)}px`;
}
