/** A form that the bot has opened, as a dialog. */
import { freshId, h, returnFocus } from "./dom.js";
import { marked } from "./marked.js";

const PARAGRAPH = 2;

/**
 * Draws the form of the state, sends what is typed into it. While it is open, nothing else can be
 * reached; closed, the focus goes back to where it was.
 */
export class ModalRegion {
  #app;
  #dialog = null;
  #shown = null;
  #opener = null;

  constructor(app) {
    this.#app = app;
  }

  render(state) {
    if (state.modal === this.#shown) return;
    this.#shown = state.modal;
    this.#close();
    if (state.modal !== null) this.#open(state.modal, state);
  }

  #close() {
    if (this.#dialog === null) return;
    this.#dialog.close();
    this.#dialog.remove();
    this.#dialog = null;
    returnFocus(this.#opener);
  }

  #open(opened, state) {
    const id = freshId("modal");
    const problem = h("p", { class: "problem", role: "alert" });
    const form = h(
      "form",
      { method: "dialog", novalidate: true },
      h("h2", { id }, opened.modal.title),
      ...opened.modal.components.map((one) => part(one, state)).filter(Boolean),
      problem,
      h(
        "div",
        { class: "row end" },
        h("button", { type: "button", class: "button secondary", data: { do: "close" } }, "Cancel"),
        h("button", { type: "submit", class: "button primary" }, "Submit"),
      ),
    );
    this.#dialog = h("dialog", { class: "modal", "aria-labelledby": id }, form);
    this.#dialog.addEventListener("cancel", () => this.#app.dispatch({ type: "modal_closed" }));
    form
      .querySelector("[data-do=close]")
      .addEventListener("click", () => this.#app.dispatch({ type: "modal_closed" }));
    form.addEventListener("submit", (event) => this.#submit(event, opened, problem));
    this.#opener = document.activeElement === document.body ? null : document.activeElement;
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    form.querySelector("input, textarea")?.focus();
  }

  async #submit(event, opened, problem) {
    event.preventDefault();
    const fields = [...event.target.querySelectorAll("[data-field]")];
    const wrong = fields.find((one) => faultOf(one) !== null);
    if (wrong) {
      problem.textContent = faultOf(wrong);
      wrong.focus();
      return;
    }
    const values = Object.fromEntries(fields.map((one) => [one.dataset.field, one.value]));
    // Closed at once, as Discord does; what comes of it is the bot's to say.
    this.#app.dispatch({ type: "modal_closed" });
    const done = await this.#app.act("submit", { interaction_id: opened.interaction_id, fields: values });
    // What did not go out stands there again.
    if (done === undefined && this.#app.state.modal === null)
      this.#app.dispatch({ type: "modal", data: { ...opened, modal: filled(opened.modal, values) } });
  }
}

/** A form, or a part of one, with what was typed into its fields. */
function filled(one, values) {
  return {
    ...one,
    value: values[one.custom_id] ?? one.value,
    components: one.components?.map((inner) => filled(inner, values)),
    component: one.component && filled(one.component, values),
  };
}

/** What is wrong with what was typed into a field, in a sentence; `null`: nothing. */
function faultOf(field) {
  const { value } = field;
  const [least, most] = [Number(field.dataset.least), Number(field.dataset.most)];
  const name = field.dataset.label;
  if (field.required && value.trim() === "") return `${name} must be filled in.`;
  if (value !== "" && value.length < least) return `${name} needs at least ${least} characters.`;
  return value.length > most ? `${name} has at most ${most} characters, and this has ${value.length}.` : null;
}

function part(one, state, label = null) {
  if (one.type === 1)
    return h("div", {}, ...one.components.map((inner) => part(inner, state)).filter(Boolean));
  if (one.type === 10) return h("div", { class: "modal-text marked" }, marked(one.content, state));
  if (one.type === 18) return part(one.component, state, one);
  return one.type === 4 ? input(one, label ?? one) : null;
}

function input(one, { label, description }) {
  const id = freshId("field");
  const isRequired = one.required !== false;
  const given = {
    id,
    name: one.custom_id,
    placeholder: one.placeholder,
    required: isRequired,
    "aria-describedby": description ? `${id}-about` : null,
    data: {
      field: one.custom_id,
      label: label ?? "The text",
      least: one.min_length ?? 0,
      most: one.max_length ?? 4_000,
    },
  };
  const field =
    one.style === PARAGRAPH
      ? h("textarea", { ...given, rows: 5 }, one.value ?? "")
      : h("input", { ...given, type: "text", value: one.value ?? "" });
  return h(
    "div",
    { class: "field" },
    h(
      "label",
      { for: id },
      label ?? "Text",
      isRequired && h("span", { class: "needed", "aria-hidden": "true" }, " *"),
    ),
    description && h("p", { class: "quiet", id: `${id}-about` }, description),
    field,
  );
}
