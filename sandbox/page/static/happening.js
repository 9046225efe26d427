/** Below: the way of the last event with its times, what is wrong on purpose, and what the bot says of it. */
import { h, setState, setText } from "./dom.js";
import { namesIn } from "./looking.js";
import { marked } from "./marked.js";
import { took } from "./times.js";

const STEPS = [
  ["published", "Published", "by the workspace"],
  ["received", "Received", "by the bot"],
  ["stored", "Stored", "in its database"],
  ["posted", "Posted", "in Discord"],
];

export class HappeningRegion {
  #app;
  #steps;
  #switches;
  #status;
  #shown = {};
  #names = "";

  constructor(app, root) {
    this.#app = app;
    this.#steps = root.querySelector("#steps");
    this.#switches = root.querySelector("#switches");
    this.#status = root.querySelector("#status-text");
    this.#switches.addEventListener("click", (event) => this.#pressed(event));
  }

  render(state) {
    const last = this.#shown;
    this.#shown = state;
    if (state.journey !== last.journey || !this.#steps.hasChildNodes()) this.#renderJourney(state.journey);
    if (state.switches !== last.switches || state.bot !== last.bot) this.#renderSwitches(state);
    const names = namesIn(state);
    if (state.status !== last.status || state.bot !== last.bot || names !== this.#names)
      this.#renderStatus(state);
    this.#names = names;
  }

  #renderJourney(journey) {
    const times = STEPS.map(([name]) => millis(journey?.[name]));
    this.#steps.replaceChildren(
      ...STEPS.map(([, word, who], number) => {
        const at = times[number];
        const before = times.slice(0, number).findLast((one) => one !== null);
        return step({ word, who, at, since: at === null || before === undefined ? null : at - before });
      }),
    );
  }

  #renderSwitches({ switches, bot }) {
    for (const button of this.#switches.querySelectorAll("[role=switch]")) {
      const name = button.dataset.switch;
      setState(button, "aria-checked", String(Boolean(name === "bot" ? bot?.running : switches[name])));
    }
  }

  #renderStatus(state) {
    const text = state.status?.text;
    if (text) this.#status.replaceChildren(marked(text, state));
    else
      setText(
        this.#status,
        state.bot?.running
          ? "The bot has not said yet how it stands."
          : "The bot is not running; there is nobody to ask.",
      );
  }

  async #pressed(event) {
    const button = event.target.closest("[role=switch]");
    if (!button || button.getAttribute("aria-busy") === "true") return;
    const isOn = button.getAttribute("aria-checked") === "true";
    const name = button.dataset.switch;
    button.setAttribute("aria-busy", "true");
    if (name === "bot") await this.#app.ask("bot", { do: isOn ? "kill" : "start" });
    else await this.#app.ask("switch", { name, on: !isOn });
    button.removeAttribute("aria-busy");
  }
}

/** A time of a journey: milliseconds since 1970, or a date as text; `null`: not known. */
function millis(time) {
  if (time === null || time === undefined) return null;
  return typeof time === "number" ? time : Date.parse(time);
}

function step({ word, who, at, since }) {
  return h(
    "li",
    { class: at === null ? "step" : "step known" },
    h("span", { class: "step-word" }, word),
    h("span", { class: "step-time" }, timeOf(at, since)),
    h("span", { class: "quiet small" }, who),
  );
}

function timeOf(at, since) {
  if (at === null) return " –";
  if (since !== null) return ` +${took(since)}`;
  return ` ${new Date(at).toLocaleTimeString("en-GB")}`;
}
