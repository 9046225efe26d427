/** The posts of a forum, as a list that leads to them. */
import { h, reconcile } from "./dom.js";
import { madeAt } from "./ids.js";
import { postsOf, unreadOf, userName } from "./looking.js";
import { marked } from "./marked.js";
import { timeElement } from "./times.js";

/** @param {Element} list @param {object} state whose open room is a forum */
export function renderPosts(list, state) {
  const rows = postsOf(state, state.room).map((channel) => ({
    key: channel.id,
    channel,
    last: state.messages[channel.id]?.at(-1),
    unread: unreadOf(state, channel.id).count,
  }));
  const isSame = (a, b) => a.channel === b.channel && a.last === b.last && a.unread === b.unread;
  reconcile(list, rows, (row) => post(row, state), isSame);
}

function post({ channel, last, unread }, state) {
  const count = channel.message_count ?? 0;
  const embed = last?.embeds?.[0];
  const said = inBrief(last?.content || embed?.title || embed?.description || "", state);
  const newest = timeElement(madeAt(channel.last_message_id ?? channel.id), "R");
  const button = h(
    "button",
    { type: "button", class: "post", data: { room: channel.id, focus: `post-${channel.id}` } },
    h(
      "span",
      { class: "post-title" },
      channel.name,
      ...tagsOf(channel, state).map((name) => h("span", { class: "count" }, name)),
      unread > 0 && h("span", { class: "count" }, `${unread} new`),
    ),
    h("span", { class: "post-said" }, `${userName(state, channel.owner_id)}: ${said}`),
    h("span", { class: "quiet" }, `${count} ${count === 1 ? "message" : "messages"} · `, newest),
  );
  return h("li", {}, button);
}

/** What a message says, without its small print and its marks: nothing can be pressed in a button. */
function inBrief(text, state) {
  return marked(text.replace(/^-# .*$/gmu, ""), state).textContent.replace(/\s+/gu, " ").trim();
}

/** The names of the tags that are set on a post. */
function tagsOf(channel, state) {
  const names = new Map((state.channels[channel.parent_id]?.available_tags ?? []).map((one) => [one.id, one.name]));
  return (channel.applied_tags ?? []).map((id) => names.get(id)).filter(Boolean);
}
