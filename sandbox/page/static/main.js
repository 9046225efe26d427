/** Builds the page: one state, one connection, a region for each part of what is shown. */
import { CalendarRegion } from "./calendar.js";
import { ComposerRegion } from "./composer.js";
import { HappeningRegion } from "./happening.js";
import { HeadRegion } from "./head.js";
import { Live } from "./live.js";
import { LogRegion } from "./log.js";
import { ModalRegion } from "./modal.js";
import { Notes } from "./notes.js";
import { Pressing } from "./pressing.js";
import { RoomsRegion } from "./rooms.js";
import { EMPTY, reduce } from "./state.js";
import { tick } from "./times.js";
import { WorkspaceRegion } from "./workspace.js";

const SECOND_MS = 1_000;

/** What all regions know: the state, and how to change it and to have things done. */
class App {
  state = EMPTY;
  #live;
  #notes;
  #regions;
  #isPlanned = false;

  constructor() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.#live = new Live(`${scheme}://${location.host}/live`);
    this.#notes = new Notes(document.getElementById("notes"), document.getElementById("alerts"));
    const makers = [
      HeadRegion,
      WorkspaceRegion,
      RoomsRegion,
      CalendarRegion,
      LogRegion,
      ComposerRegion,
      ModalRegion,
      HappeningRegion,
    ];
    this.#regions = makers.map((Region) => new Region(this, document));
    this.#live.addEventListener("event", (event) => this.dispatch(event.detail));
    this.#live.addEventListener("connection", (event) => this.#regions[0].renderConnection(event.detail));
    new Pressing(this);
  }

  start() {
    this.#live.connect();
    setInterval(() => document.visibilityState === "visible" && tick(), SECOND_MS);
  }

  /** Try to connect again, now. */
  reconnect() {
    this.#live.connect();
  }

  /** Let something have happened; it is drawn with the next frame, together with all else. */
  dispatch(event) {
    this.state = reduce(this.state, event);
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    requestAnimationFrame(() => this.renderNow());
  }

  renderNow() {
    this.#isPlanned = false;
    if (this.state.guild === null) return;
    const { state } = this;
    document.body.classList.remove("waiting");
    for (const region of this.#regions) region.render(state);
  }

  /** Have something done; `undefined` where it was not, and then it was said why. */
  async ask(verb, given) {
    try {
      return (await this.#live.send(verb, given)) ?? null;
    } catch (error) {
      this.#notes.alert(error.message);
      return undefined;
    }
  }

  /** Have something done by the person whose eyes the page looks through. */
  act(verb, given) {
    return this.ask(verb, { person: this.state.person, ...given });
  }

  say(text) {
    this.#notes.say(text);
  }
}

new App().start();
