/** The scheduled events of the server: what is planned, and what is on. */
import { h, reconcile } from "./dom.js";
import { timeElement } from "./times.js";

const ACTIVE = 2;

export class CalendarRegion {
  #section;
  #list;
  #before = null;

  constructor(_, root) {
    this.#section = root.querySelector("#calendar");
    this.#list = root.querySelector("#calendar-list");
  }

  render({ calendar }) {
    if (this.#before === calendar) return;
    this.#before = calendar;
    this.#section.hidden = calendar.length === 0;
    const rows = calendar.map((one) => ({ key: one.id, one }));
    reconcile(this.#list, rows, item, (a, b) => a.one === b.one);
  }
}

function item({ one }) {
  const isOn = one.status === ACTIVE;
  return h(
    "li",
    { class: "calendar-event" },
    h("span", { class: "calendar-name" }, one.name),
    h("span", { class: "quiet small" }, isOn ? "now, since " : "", timeElement(Date.parse(one.start), "f")),
  );
}
