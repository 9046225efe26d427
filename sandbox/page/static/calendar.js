/** The scheduled events of the server: what is planned, and what is on. */
import { h, reconcile } from "./dom.js";
import { ownSource } from "./embed.js";
import { safeAddress } from "./markdown.js";
import { link, marked } from "./marked.js";
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

  render(state) {
    const { calendar } = state;
    if (this.#before === calendar) return;
    this.#before = calendar;
    this.#section.hidden = calendar.length === 0;
    const rows = calendar.map((one) => ({ key: one.id, one }));
    reconcile(
      this.#list,
      rows,
      (row) => item(row, state),
      (a, b) => a.one === b.one,
    );
  }
}

function item({ one }, state) {
  const source = ownSource(one.src);
  return h(
    "li",
    { class: "calendar-event" },
    source && h("img", { class: "calendar-cover", src: source, alt: "", loading: "lazy" }),
    h("span", { class: "quiet small" }, ...times(one)),
    h("span", { class: "calendar-name" }, one.name),
    one.location && h("span", { class: "small" }, place(one.location)),
    one.description && h("div", { class: "calendar-about small marked" }, marked(one.description, state)),
  );
}

function times(one) {
  const isOn = one.status === ACTIVE;
  const until = one.end ? [" – ", timeElement(Date.parse(one.end), "t")] : [];
  return [isOn ? "now, since " : "", timeElement(Date.parse(one.start), "f"), ...until];
}

function place(location) {
  const address = safeAddress(location);
  return address ? link(address, [location]) : location;
}
