/** The message box: what is said, and commands with all that may stand in them. */
import { h, setState, setText } from "./dom.js";
import { commandsOf, isForum, isThread, mayWrite, personOf, roomsOf } from "./looking.js";
import { valuesOf } from "./options.js";
import { nameOf } from "./rooms.js";
import { leavesOf, read, suggestions, taken } from "./slash.js";
import { SuggestionMenu } from "./suggesting.js";

const PAUSE_MS = 120;
const MOST_BYTES = 1_048_576;

export class ComposerRegion {
  #app;
  #form;
  #box;
  #menu;
  #hint;
  #problem;
  #file;
  #leaves = [];
  #chosen = {};
  #completions = null;
  #asked = 0;
  #before = [];

  constructor(app, root) {
    this.#app = app;
    const found = (id) => root.querySelector(`#${id}`);
    [this.#form, this.#box, this.#hint] = [found("say"), found("box"), found("hint")];
    [this.#problem, this.#file] = [found("problem"), found("file")];
    this.#menu = new SuggestionMenu(this.#box, found("menu"));
    this.#box.addEventListener("input", () => this.#typed());
    this.#box.addEventListener("click", () => this.#update());
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    this.#box.addEventListener("blur", () => this.#menu.show([]));
    found("menu").addEventListener("click", (event) => this.#pressed(event));
    this.#file.addEventListener("change", () => this.#upload());
    this.#form.addEventListener("submit", (event) => this.#submit(event));
  }

  render(state) {
    const parts = [state.commands, state.persons, state.person, state.room, state.channels, state.users];
    if (parts.every((one, number) => one === this.#before[number])) return;
    if (state.room !== this.#before[3]) setText(this.#problem, "");
    const hasOthers = parts.slice(0, 3).some((one, number) => one !== this.#before[number]);
    this.#before = parts;
    this.#leaves = leavesOf(commandsOf(state));
    const room = state.channels[state.room];
    const name = room ? `${isThread(room) ? "" : "#"}${nameOf(room, state)}` : "";
    const isOpen = mayWrite(state, state.room);
    this.#box.disabled = !isOpen;
    setState(this.#box, "aria-label", `Message ${name}`);
    this.#box.placeholder = isOpen
      ? `Message ${name}, or / for commands`
      : isForum(room)
        ? "Choose a post to write in it"
        : `${personOf(state)?.name ?? "You"} cannot write here`;
    // What is offered is left as it is where only rooms have changed: somebody may be choosing.
    if (hasOthers && document.activeElement === this.#box) this.#update();
  }

  #typed() {
    setText(this.#problem, "");
    this.#update();
    this.#complete();
  }

  /** Look at what stands in the box, and offer what could come next. */
  #update() {
    this.#menu.show(this.#suggested());
    this.#renderHint();
  }

  #suggested() {
    return suggestions(this.#box.value, this.#leaves, this.#box.selectionStart, this.#offered());
  }

  #offered() {
    const { state } = this.#app;
    const everyone = state.guild?.id;
    return {
      rooms: roomsOf(state)
        .map((one) => one.channel)
        .filter((one) => one.guild_id),
      roles: (state.guild?.roles ?? []).filter((one) => one.id !== everyone),
      users: state.persons,
      completions: this.#completions?.list ?? null,
      chosen: this.#chosen,
    };
  }

  #reading() {
    const text = this.#box.value;
    return read(text, this.#leaves, this.#box.selectionStart, this.#chosen) ?? read(`${text} `, this.#leaves);
  }

  /** Ask the bot what an option that completes may be; only the last answer counts. */
  #complete() {
    clearTimeout(this.timer);
    const reading = read(this.#box.value, this.#leaves, this.#box.selectionStart, this.#chosen);
    const option = reading?.current?.option;
    if (!option?.autocomplete) {
      this.#completions = null;
      return;
    }
    if (this.#completions?.name !== option.name) this.#completions = null;
    this.timer = setTimeout(() => this.#fetch(reading, option), PAUSE_MS);
  }

  async #fetch(reading, option) {
    const number = (this.#asked += 1);
    if (this.#completions === null) this.#hint.append(" – searching…");
    const { options } = valuesOf(reading, this.#offered(), { isWhole: false });
    const list = await this.#app.act("autocomplete", {
      channel_id: this.#app.state.room,
      name: reading.leaf.path,
      options: { ...options, [option.name]: reading.current.text },
      focused: option.name,
    });
    if (number !== this.#asked) return;
    if (list === undefined) {
      this.#renderHint();
      return;
    }
    this.#completions = { name: option.name, list };
    if (document.activeElement === this.#box) this.#update();
  }

  #renderHint() {
    const reading = this.#reading();
    const isRefused = this.#leaves.length === 0 && this.#box.value.startsWith("/");
    this.#hint.hidden = reading === null && !isRefused;
    if (isRefused) setText(this.#hint, this.#refusal());
    if (reading === null) return;
    const option = reading.current?.option;
    const isVain = option && this.#completions?.name === option.name && this.#completions.list.length === 0;
    const vain = isVain ? " – nothing like this is offered" : "";
    const parts = option
      ? [h("strong", {}, option.name), ` ${option.description}`, option.required ? " (required)" : "", vain]
      : [h("strong", {}, `/${reading.leaf.path}`), ` ${reading.leaf.description}`];
    this.#hint.replaceChildren(...parts);
  }

  #refusal() {
    return `No commands are offered to ${personOf(this.#app.state)?.name ?? "you"} here.`;
  }

  #key(event) {
    if (event.isComposing || !this.#menu.isOpen) return;
    const isTaking = event.key === "Enter" || (event.key === "Tab" && !event.shiftKey);
    if (this.#menu.moves(event.key)) event.preventDefault();
    else if (isTaking && this.#menu.marked !== null) {
      event.preventDefault();
      this.#take(this.#menu.marked);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.#menu.show([]);
    }
  }

  #pressed(event) {
    const suggestion = this.#menu.pressed(event);
    if (suggestion !== null) this.#take(suggestion);
  }

  #take(suggestion) {
    if (suggestion.isFile) {
      this.#file.click();
      return;
    }
    if (suggestion.option)
      this.#chosen[suggestion.option] = { text: suggestion.text, value: suggestion.value };
    this.#put(taken(this.#box.value, suggestion, this.#leaves, this.#chosen));
  }

  #put({ text, cursor }) {
    this.#box.value = text;
    this.#box.focus();
    this.#box.setSelectionRange(cursor, cursor);
    this.#typed();
  }

  async #upload() {
    const [file] = this.#file.files;
    this.#file.value = "";
    const suggestion = this.#suggested().find((one) => one.isFile);
    if (!file || !suggestion) return;
    if (file.size > MOST_BYTES) {
      setText(this.#problem, "This file is too large; a file has at most 1 MiB here.");
      return;
    }
    const bytes = new Uint8Array(await file.arrayBuffer());
    const data = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    const given = await this.#app.act("upload", {
      name: file.name,
      data,
      content_type: file.type || "application/octet-stream",
    });
    if (given)
      this.#take({
        ...suggestion,
        isFile: false,
        text: file.name.replace(/\s+/g, "_"),
        value: given.file_id,
      });
  }

  #submit(event) {
    event.preventDefault();
    const text = this.#box.value.trim();
    if (text === "" || this.#box.disabled) return;
    if (text.startsWith("/")) this.#give();
    else this.#clear("say", { text });
  }

  #give() {
    const reading = this.#reading();
    if (reading === null) {
      const isRefused = this.#leaves.length === 0;
      setText(this.#problem, isRefused ? this.#refusal() : "There is no such command; choose one from the list.");
      return;
    }
    const { options, problem } = valuesOf(reading, this.#offered());
    setText(this.#problem, problem ?? "");
    if (problem === null) this.#clear("slash", { name: reading.leaf.path, options });
    else this.#update();
  }

  /** Send, and begin anew; what comes of it is seen in the room. What did not go out stands there again. */
  async #clear(verb, given) {
    const [text, chosen] = [this.#box.value, this.#chosen];
    this.#empty();
    const done = await this.#app.act(verb, { channel_id: this.#app.state.room, ...given });
    if (done !== undefined || this.#box.value !== "") return;
    this.#box.value = text;
    this.#chosen = chosen;
    this.#renderHint();
  }

  #empty() {
    this.#box.value = "";
    this.#chosen = {};
    this.#completions = null;
    this.#asked += 1;
    this.#update();
  }
}
