/** The workspace's side: videos and webinars, and what is added to them. */
import { h, reconcile } from "./dom.js";
import { ObjectRegion, stateBadge } from "./object.js";

const HOUR_MS = 3_600_000;

export class WorkspaceRegion {
  #app;
  #list;
  #object;
  #before = [];

  constructor(app, root) {
    this.#app = app;
    this.#list = root.querySelector("#objects");
    this.#object = new ObjectRegion(app, root.querySelector("#object"));
    this.#list.addEventListener("click", (event) => this.#clicked(event));
    root.querySelector("#add-video").addEventListener("submit", (event) => this.#addVideo(event));
    root.querySelector("#plan-webinar").addEventListener("submit", (event) => this.#plan(event));
  }

  render(state) {
    this.#object.render(state);
    const parts = [state.objects, state.object, state.comments];
    if (parts.every((one, number) => one === this.#before[number])) return;
    this.#before = parts;
    const rows = state.objects.map((object) => ({
      key: object.id,
      object,
      isOpen: object.id === state.object,
      count: (state.comments[object.id] ?? []).length,
    }));
    reconcile(
      this.#list,
      rows,
      item,
      (a, b) => a.object === b.object && a.isOpen === b.isOpen && a.count === b.count,
    );
  }

  #clicked(event) {
    const id = event.target.closest("[data-object]")?.dataset.object;
    if (id) this.#app.dispatch({ type: "object_chosen", data: id });
  }

  async #addVideo(event) {
    event.preventDefault();
    const form = event.target;
    const title = form.elements.title.value.trim();
    if (title) await this.#made(form, await this.#app.ask("add_video", { title }));
  }

  async #plan(event) {
    event.preventDefault();
    const form = event.target;
    const title = form.elements.title.value.trim();
    const start = new Date(Date.now() + Number(form.elements.hours.value) * HOUR_MS).toISOString();
    if (title) await this.#made(form, await this.#app.ask("plan", { title, start }));
  }

  /** What was added is what is looked at next. */
  #made(form, made) {
    if (made === undefined) return;
    form.reset();
    form.closest("details").open = false;
    form.closest("details").querySelector("summary").focus();
    if (made?.object_id) this.#app.dispatch({ type: "object_chosen", data: String(made.object_id) });
  }
}

function item({ object, isOpen, count }) {
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: "object",
        "aria-current": isOpen ? "true" : null,
        data: { object: object.id, focus: object.id },
      },
      h("span", { class: "sign", "aria-hidden": "true" }, object.is_live ? "📡" : "🎞"),
      h("span", { class: "object-title" }, object.title),
      h("span", { class: "unseen" }, ", "),
      stateBadge(object),
      h("span", { class: "unseen" }, ", "),
      h(
        "span",
        { class: "quiet small" },
        `${count}${count >= 100 ? "+" : ""} `,
        h("span", { class: "unseen" }, count === 1 ? "comment" : "comments"),
        h("span", { "aria-hidden": "true" }, "💬"),
      ),
    ),
  );
}
