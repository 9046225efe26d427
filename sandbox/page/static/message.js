/** One message as an element. */
import { embedElement, filesElement } from "./embed.js";
import { controlElements } from "./controls.js";
import { h } from "./dom.js";
import { madeAt } from "./ids.js";
import { userName } from "./looking.js";
import { marked } from "./marked.js";
import { sentAt } from "./times.js";

const THINKING = 1 << 7;
const HAS_THREAD = 1 << 5;
const TYPES = { threadCreated: 18, reply: 19 };
const HUES = 8;

/**
 * @param {{key: string, message: any, isFirst: boolean, isPrivate: boolean, isCalling: boolean}} row
 * @param {any} before the row as it was drawn before, or `null`
 * @param {object} state
 */
export function messageElement(row, before, state) {
  const { message } = row;
  const wasEdited = before !== null && before.message !== message;
  const names = [
    "message",
    row.isFirst && "first",
    row.isPrivate && "private",
    row.isCalling && "calling",
    wasEdited && "changed",
    message.embeds?.length && "rich",
  ];
  return h(
    "article",
    {
      class: names.filter(Boolean).join(" "),
      "aria-label": labelOf(row, state),
      tabindex: "-1",
      data: { message: message.id },
    },
    row.isFirst && avatar(message.author, state),
    row.isFirst
      ? head(row, state)
      : h("span", { class: "message-time", "aria-hidden": "true" }, clock(message)),
    h("div", { class: "message-body" }, ...body(message, state)),
    row.isPrivate && foot(message),
  );
}

function labelOf(row, state) {
  const name = authorName(row.message.author, state);
  return `${name}, ${sentAt(madeAt(row.message.id), Date.now())}${row.isPrivate ? ", only you can see this" : ""}`;
}

function authorName(author, state) {
  return state.users[author.id] ? userName(state, author.id) : (author.global_name ?? author.username);
}

function avatar(author, state) {
  const hue = Number(BigInt(author.id) % BigInt(HUES));
  const name = authorName(author, state);
  return h(
    "span",
    { class: `avatar hue-${author.bot ? "bot" : hue}`, "aria-hidden": "true" },
    [...name][0]?.toUpperCase() ?? "?",
  );
}

function head({ message, given }, state) {
  const at = madeAt(message.id);
  const used = message.interaction_metadata;
  return h(
    "header",
    { class: "message-head" },
    used?.type === 2 &&
      h(
        "div",
        { class: "used" },
        `${userName(state, used.user.id)} used ${given ? `/${given}` : "a command"}`,
      ),
    message.type === TYPES.reply && h("div", { class: "used" }, "↩ in reply"),
    h("span", { class: "author" }, authorName(message.author, state)),
    message.author.bot && h("span", { class: "badge" }, "APP"),
    h("time", { datetime: new Date(at).toISOString() }, sentAt(at, Date.now())),
  );
}

function body(message, state) {
  if (message.flags & THINKING)
    return [h("p", { class: "thinking" }, dots(), `${authorName(message.author, state)} is thinking…`)];
  const isEdited = Boolean(message.edited_timestamp);
  return [
    text(message, state, isEdited),
    ...(message.embeds ?? []).map((one) => embedElement(one, state)),
    filesElement(message),
    ...controlElements(message.components, state),
    isEdited && !message.content && edited(message),
    thread(message, state),
  ].filter(Boolean);
}

function text(message, state, isEdited) {
  if (message.type === TYPES.threadCreated)
    return h("p", { class: "quiet" }, `started a thread: ${message.content}`);
  if (!message.content) return null;
  return h(
    "div",
    { class: "marked" },
    marked(message.content, state),
    isEdited && " ",
    isEdited && edited(message),
  );
}

function edited(message) {
  return h(
    "span",
    { class: "edited", title: sentAt(Date.parse(message.edited_timestamp), Date.now()) },
    "(edited)",
  );
}

function thread(message, state) {
  const channel = message.flags & HAS_THREAD ? state.channels[message.id] : null;
  if (!channel) return null;
  return h(
    "button",
    { type: "button", class: "button secondary", data: { room: channel.id, focus: `room-${channel.id}` } },
    h("span", { "aria-hidden": "true" }, "›"),
    `Open the thread ${channel.name}`,
  );
}

function foot(message) {
  return h(
    "footer",
    { class: "message-foot" },
    h("span", { "aria-hidden": "true" }, "👁 "),
    "Only you can see this",
    h(
      "button",
      { type: "button", class: "plain", data: { dismiss: message.id, focus: `dismiss-${message.id}` } },
      "Dismiss",
    ),
  );
}

function dots() {
  return h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });
const clock = (message) => CLOCK.format(madeAt(message.id));
