/** The open room: its messages, or the posts of a forum. */
import { reconcile, setState, setText } from "./dom.js";
import { isForum, logOf, namesIn, unreadOf } from "./looking.js";
import { messageElement } from "./message.js";
import { renderPosts } from "./posts.js";
import { nameOf, signOf } from "./rooms.js";
import { moved, sliceOf } from "./slices.js";

/** So near to its end a room counts as read to its end. */
const NEAR_PX = 48;
/** Older messages are fetched before the reader is at the first. */
const AHEAD_PX = 600;
const PAGE = 50;

/**
 * Draws what is new, and leaves the rest. It goes along with the newest message only where the
 * reader is there; older ones come as the reader scrolls up.
 */
export class LogRegion {
  #app;
  #log;
  #rows;
  #posts;
  #start;
  #newer;
  #room = null;
  #parts = [];
  #isNamed = true;
  #isAtEnd = true;
  #top = 0;
  #isFetching = false;
  #all = [];
  #slice = { from: 0, to: 0 };
  #first = null;

  constructor(app, root) {
    this.#app = app;
    this.#log = root.querySelector("#log");
    this.#rows = root.querySelector("#messages");
    this.#posts = root.querySelector("#posts");
    this.#start = root.querySelector("#log-start");
    this.#newer = root.querySelector("#newer");
    this.#log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#log.addEventListener("keydown", (event) => this.#key(event.key));
    this.#newer.addEventListener("click", () => this.#toEnd());
    document.addEventListener("visibilitychange", () => this.#read());
    const sizes = new ResizeObserver(() => this.#isAtEnd && this.#stick());
    sizes.observe(this.#rows);
    sizes.observe(this.#log);
  }

  render(state) {
    const isOther = state.room !== this.#room;
    this.#room = state.room;
    const room = state.channels[state.room];
    this.#renderHead(room, state, isOther);
    const isList = isForum(room);
    this.#log.hidden = isList;
    this.#posts.hidden = !isList;
    if (isList) renderPosts(this.#posts, state);
    else this.#renderRows(state, isOther);
  }

  #renderHead(room, state, isOther) {
    if (!isOther || !room) return;
    setText(document.getElementById("room-title"), `${signOf(room)} ${nameOf(room, state)}`);
    setText(document.getElementById("room-topic"), room.topic ?? "");
    setState(this.#log, "aria-label", `Messages in #${nameOf(room, state)}`);
  }

  #renderRows(state, isOther) {
    const parts = [state.messages[state.room], state.replies, state.dismissed, namesIn(state)];
    if (!isOther && parts.every((one, number) => one === this.#parts[number])) return;
    const isNamed = parts.at(-1) === this.#parts.at(-1);
    this.#parts = parts;
    this.#all = logOf(state);
    this.#isNamed = isNamed;
    if (isOther) this.#isAtEnd = true;
    // What a reader of screens is told: what comes, and not what was there.
    this.#draw(isOther || !isNamed || this.#isFetching);
    this.#renderNewer(state);
    this.#read();
    if (this.#log.scrollTop < AHEAD_PX) this.#older();
  }

  /** Draw the rows around the reader, who stays where they are. */
  #draw(isQuiet) {
    const { state } = this.#app;
    const isNamed = this.#isNamed;
    this.#isNamed = true;
    this.#quiet(isQuiet);
    const anchor = this.#anchor();
    this.#slice = sliceOf(this.#all, this.#first, this.#isAtEnd);
    const rows = this.#all.slice(this.#slice.from, this.#slice.to);
    this.#first = rows[0]?.id ?? null;
    reconcile(
      this.#rows,
      rows,
      (row, before) => messageElement(row, before, state),
      (a, b) => isNamed && isSame(a, b),
    );
    this.#start.hidden = this.#slice.from > 0 || !this.#isWhole(state);
    if (this.#isAtEnd) this.#stick();
    else anchor.hold();
  }

  /** Remember where the first message that is in view stands, to put it there again. */
  #anchor() {
    const top = this.#log.getBoundingClientRect().top;
    const first = this.#isAtEnd ? undefined : firstBelow(this.#rows.children, top);
    const was = first?.getBoundingClientRect().top;
    return {
      hold: () => {
        if (first?.isConnected) this.#log.scrollTop += first.getBoundingClientRect().top - was;
      },
    };
  }

  #quiet(isQuiet) {
    setState(this.#log, "aria-live", isQuiet ? "off" : "polite");
    if (isQuiet)
      requestAnimationFrame(() => requestAnimationFrame(() => setState(this.#log, "aria-live", "polite")));
  }

  #isWhole(state) {
    return state.isWhole[state.room] ?? (state.messages[state.room] ?? []).length < PAGE;
  }

  #renderNewer(state) {
    const { count } = unreadOf(state, state.room);
    this.#newer.hidden = this.#isAtEnd || count === 0;
    setText(this.#newer, `${count} new ${count === 1 ? "message" : "messages"} ↓`);
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    const left = scrollHeight - scrollTop - clientHeight;
    const isLast = this.#slice.to === this.#all.length;
    // Only who scrolls up leaves the end: what grows below a reader who is there does not.
    this.#isAtEnd = isLast && (left < NEAR_PX || (this.#isAtEnd && scrollTop >= this.#top));
    this.#top = scrollTop;
    if (this.#isAtEnd) this.#read();
    if (scrollTop < AHEAD_PX) this.#older();
    else if (!isLast && left < AHEAD_PX) this.#move(1);
  }

  #move(direction) {
    this.#first = moved(this.#all, this.#slice, direction);
    this.#draw(true);
  }

  /** Draw older messages that are there, or fetch them. */
  #older() {
    if (this.#slice.from === 0) this.#fetch();
    else if (!this.#isAtEnd) this.#move(-1);
  }

  #stick() {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#top = this.#log.scrollTop;
  }

  /** A room may have hundreds of buttons: there is a shorter way past them than the tabulator. */
  #key(key) {
    if (key === "End") this.#toEnd();
    else if (key === "Escape") document.getElementById("box").focus();
  }

  #toEnd() {
    this.#isAtEnd = true;
    this.#draw(true);
    this.#read();
    this.#log.focus({ preventScroll: true });
  }

  #read() {
    const { state } = this.#app;
    if (!this.#isAtEnd || document.visibilityState !== "visible" || this.#log.hidden) return;
    this.#newer.hidden = true;
    if (unreadOf(state, state.room).count > 0) this.#app.dispatch({ type: "room_read" });
  }

  async #fetch() {
    const { state } = this.#app;
    const room = state.room;
    const first = state.messages[room]?.[0];
    if (this.#isFetching || !first || this.#isWhole(state)) return;
    this.#isFetching = true;
    const messages = await this.#app.ask("history", { channel_id: room, before: first.id });
    if (messages !== undefined) {
      this.#app.dispatch({
        type: "history",
        data: { channel_id: room, messages, isWhole: messages.length < PAGE },
      });
      this.#app.renderNow();
    }
    this.#isFetching = false;
    if (messages?.length && this.#log.scrollTop < AHEAD_PX && room === this.#app.state.room) this.#older();
  }
}

/** The first element that ends below a line; they stand below each other. */
function firstBelow(elements, line) {
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (elements[middle].getBoundingClientRect().bottom > line) high = middle;
    else low = middle + 1;
  }
  return elements[low];
}

function isSame(a, b) {
  return (
    a.message === b.message &&
    a.isFirst === b.isFirst &&
    a.isCalling === b.isCalling &&
    a.isPrivate === b.isPrivate &&
    a.given === b.given
  );
}
