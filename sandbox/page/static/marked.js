/** A tree of markdown as elements. Links open nothing: pressing one shows where it leads. */
import { h } from "./dom.js";
import { isThread, roleOf, userName } from "./looking.js";
import { parse } from "./markdown.js";
import { timeElement } from "./times.js";

const SPANS = { strong: "strong", em: "em", underline: "u", strike: "s" };
const HEADINGS = { 1: "heading first", 2: "heading second", 3: "heading third" };

/** A text with Discord's markdown, drawn. @param {string} text @param {object} state whose names mentions show */
export function marked(text, state) {
  const whole = document.createDocumentFragment();
  whole.append(...parse(text).map((one) => drawn(one, state)));
  return whole;
}

const DRAW = {
  text: (node) => document.createTextNode(node.text),
  code: (node) => h("code", {}, node.text),
  codeblock: (node) => h("pre", {}, h("code", {}, node.text)),
  heading: (node, inside) =>
    h("span", { class: HEADINGS[node.level], role: "heading", "aria-level": node.level + 3 }, ...inside),
  subtext: (_, inside) => h("small", { class: "subtext" }, ...inside),
  quote: (_, inside) => h("blockquote", {}, ...inside),
  spoiler: (_, inside) => spoiler(inside),
  link: (node, inside) => link(node.url, inside),
  list: (node, _, state) => list(node, state),
  user: (node, _, state) => h("span", { class: "mention" }, `@${userName(state, node.id)}`),
  role: (node, _, state) => h("span", { class: "mention" }, roleName(state, node.id)),
  everyone: (node) => h("span", { class: "mention" }, node.text),
  channel: (node, _, state) => channel(state, node.id),
  command: (node) => h("span", { class: "mention" }, `/${node.name}`),
  guide: (node) => h("span", { class: "mention" }, `#${node.name}`),
  // Its picture is on a host of Discord's: the name says as much here.
  emoji: (node) => h("span", { class: "emoji", title: `:${node.name}:` }, `:${node.name}:`),
  time: (node) => timeElement(node.at * 1000, node.style),
};

function drawn(node, state) {
  const inside = (node.children ?? []).map((one) => drawn(one, state));
  const tag = SPANS[node.type];
  return tag ? h(tag, {}, ...inside) : DRAW[node.type](node, inside, state);
}

function list(node, state) {
  const items = node.items.map((item) => h("li", {}, ...item.map((one) => drawn(one, state))));
  return node.isOrdered ? h("ol", { start: node.start }, ...items) : h("ul", {}, ...items);
}

/** An element that shows an address once it is pressed, and goes nowhere. */
export function link(address, inside) {
  return h(
    "a",
    { class: "link", role: "link", tabindex: "0", title: address, data: { address, focus: address } },
    ...inside,
  );
}

function spoiler(inside) {
  const button = h(
    "button",
    {
      type: "button",
      class: "spoiler",
      "aria-expanded": "false",
      "aria-label": "Spoiler, hidden",
      data: { do: "spoiler" },
    },
    h("span", { "aria-hidden": "true" }, ...inside),
  );
  return button;
}

/** Show what a spoiler hides. */
export function reveal(button) {
  const shown = h("span", { class: "spoiler shown", tabindex: "-1" }, ...button.firstElementChild.childNodes);
  button.replaceWith(shown);
  shown.focus();
}

function roleName(state, id) {
  const role = roleOf(state, id);
  if (role === null) return "@deleted-role";
  return role.name.startsWith("@") ? role.name : `@${role.name}`;
}

function channel(state, id) {
  const found = state.channels[id];
  if (!found) return h("span", { class: "mention" }, "#unknown");
  const name = isThread(found) ? found.name : `#${found.name}`;
  if (found.seen_by && !found.seen_by.includes(state.person))
    return h("span", { class: "mention" }, "#No Access");
  return h("button", { type: "button", class: "mention", data: { room: id, focus: `room-${id}` } }, name);
}
