/** The head of the page: who looks, in which light, whether the connection stands; the panels of a small screen. */
import { h, setState, setText } from "./dom.js";

const ROLES = { administrator: "administrator", moderator: "moderator", member: "member" };
const THEME = "sandbox-theme";

export class HeadRegion {
  #app;
  #person;
  #connection;
  #panels;
  #before = [];

  constructor(app, root) {
    this.#app = app;
    this.#person = root.querySelector("#person");
    this.#connection = root.querySelector("#connection");
    this.#panels = root.querySelector("#panels");
    this.#person.addEventListener("change", () =>
      app.dispatch({ type: "person_chosen", data: this.#person.value }),
    );
    this.#panels.addEventListener("click", (event) =>
      this.#show(event.target.closest("[data-panel]")?.dataset.panel),
    );
    root.querySelector("#again").addEventListener("click", () => app.reconnect());
    this.#themed(root.querySelector("#theme"));
  }

  #themed(select) {
    select.value = kept() ?? "system";
    const apply = () =>
      setState(document.documentElement, "data-theme", select.value === "system" ? null : select.value);
    select.addEventListener("change", () => {
      keep(select.value);
      apply();
    });
    apply();
  }

  render(state) {
    const parts = [state.persons, state.person, state.guild];
    if (parts.every((one, number) => one === this.#before[number])) return;
    if (state.persons !== this.#before[0]) {
      this.#person.replaceChildren(
        ...state.persons.map((one) =>
          h("option", { value: one.id }, `${one.name}, ${ROLES[one.role] ?? one.role}`),
        ),
      );
    }
    this.#before = parts;
    this.#person.value = state.person;
    setText(document.getElementById("guild-name"), state.guild.name);
  }

  /** @param {{state: string, pause?: number}} connection */
  renderConnection({ state, pause }) {
    if (state === "connecting") return;
    const isLost = state === "lost";
    const seconds = Math.max(1, Math.round((pause ?? 0) / 1000));
    setText(
      this.#connection.querySelector("span"),
      isLost ? `Connection lost; it is tried again in ${seconds} s, and nothing has to be loaded anew.` : "",
    );
    this.#connection.classList.toggle("lost", isLost);
    this.#connection.querySelector("button").hidden = !isLost;
  }

  #show(panel) {
    if (!panel) return;
    document.body.dataset.panel = panel;
    for (const button of this.#panels.querySelectorAll("[data-panel]")) {
      setState(button, "aria-pressed", String(button.dataset.panel === panel));
    }
  }
}

/** The theme that was chosen; a browser that keeps nothing for pages throws at the mere look. */
function kept() {
  try {
    return localStorage.getItem(THEME);
  } catch {
    return null;
  }
}

function keep(theme) {
  try {
    localStorage.setItem(THEME, theme);
  } catch {
    // It holds until the page is left.
  }
}
