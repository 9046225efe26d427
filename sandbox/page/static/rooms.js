/** The list of rooms, with marks for what was not read. */
import { h, reconcile } from "./dom.js";
import { isForum, isThread, KINDS, roomsOf, unreadOf } from "./looking.js";

const SIGNS = {
  [KINDS.announcement]: "📣",
  [KINDS.forum]: "🗂",
  [KINDS.media]: "🗂",
  [KINDS.voice]: "🔊",
  [KINDS.stage]: "🎙",
  [KINDS.dm]: "@",
};
const WORDS = {
  [KINDS.announcement]: "announcements",
  [KINDS.forum]: "forum",
  [KINDS.media]: "media",
  [KINDS.voice]: "voice",
  [KINDS.stage]: "stage",
  [KINDS.dm]: "private messages",
};

export class RoomsRegion {
  #app;
  #list;
  #toggle;
  #before = null;

  constructor(app, root) {
    this.#app = app;
    this.#list = root.querySelector("#room-list");
    this.#toggle = root.querySelector("#room-toggle");
    this.#toggle.addEventListener("click", () =>
      this.#unfold(this.#toggle.getAttribute("aria-expanded") !== "true"),
    );
  }

  render(state) {
    if (this.#before?.[4] !== state.room) this.#unfold(false);
    const parts = [state.channels, state.messages, state.read, state.person, state.room, state.persons];
    if (this.#before?.every((one, number) => one === parts[number])) return;
    this.#before = parts;
    const rows = roomsOf(state).map((one) => ({
      key: one.channel.id,
      ...one,
      unread: unreadOf(state, one.channel.id),
      isOpen: one.channel.id === state.room,
    }));
    reconcile(this.#list, rows, (row) => item(row, state), isSame);
    this.#renderToggle(state, rows);
  }

  #renderToggle(state, rows) {
    const count = rows.filter((row) => !row.isOpen && row.unread.count > 0).length;
    const room = state.channels[state.room];
    const name = room ? `${signOf(room)} ${nameOf(room, state)}` : "Rooms";
    this.#toggle.textContent = count > 0 ? `${name} · ${count} unread` : name;
  }

  #unfold(isOpen) {
    this.#toggle.setAttribute("aria-expanded", String(isOpen));
  }
}

function isSame(a, b) {
  return (
    a.channel === b.channel &&
    a.isOpen === b.isOpen &&
    a.isBelow === b.isBelow &&
    a.unread.count === b.unread.count &&
    a.unread.isMentioned === b.unread.isMentioned
  );
}

function item({ channel, isBelow, unread, isOpen }, state) {
  const hasNew = unread.count > 0 && !isOpen;
  return h(
    "li",
    { class: isBelow ? "below" : "" },
    h(
      "button",
      {
        type: "button",
        class: hasNew ? "room unread" : "room",
        "aria-current": isOpen ? "page" : null,
        data: { room: channel.id, focus: `room-${channel.id}` },
      },
      h("span", { class: "sign", "aria-hidden": "true" }, signOf(channel)),
      h("span", { class: "room-name" }, nameOf(channel, state)),
      WORDS[channel.type] && h("span", { class: "unseen" }, `, ${WORDS[channel.type]}`),
      isBelow &&
        h("span", { class: "unseen" }, isForum(state.channels[channel.parent_id]) ? ", post" : ", thread"),
      hasNew &&
        h(
          "span",
          { class: unread.isMentioned ? "count mentioned" : "count" },
          h("span", { class: "unseen" }, ", "),
          unread.count > 99 ? "99+" : String(unread.count),
          h("span", { class: "unseen" }, unread.isMentioned ? " unread, you are mentioned" : " unread"),
        ),
    ),
  );
}

export const signOf = (channel) => (isThread(channel) ? "›" : (SIGNS[channel.type] ?? "#"));

/** A private conversation is named after who else is in it. */
export function nameOf(channel, state) {
  if (channel.type !== KINDS.dm) return channel.name;
  const others = (channel.recipients ?? []).map((one) => one.username);
  const bot = state.users[state.botId]?.username ?? "the bot";
  return others.length && others[0] !== bot ? `${bot} and ${others.join(", ")}` : bot;
}
