/** What can be pressed and chosen below a message, and Discord's newer building blocks. */
import { ownSource } from "./embed.js";
import { h } from "./dom.js";
import { marked } from "./marked.js";
import { safeAddress } from "./markdown.js";
import { isForum } from "./looking.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary", 6: "primary" };
const LINK = 5;
const MORE = "⋯";
const SELECTS = new Set([3, 5, 6, 7, 8]);
const HOLDERS = { 1: "row", 9: "section", 17: "container" };

/** @param {any[]} components of a message, or what one of them holds @param {object} state */
export function controlElements(components, state) {
  return (components ?? []).map((one) => controlElement(one, state)).filter(Boolean);
}

function controlElement(one, state) {
  if (one.type === 2) return button(one);
  if (SELECTS.has(one.type)) return select(one, state);
  if (one.type === 10) return h("div", { class: "marked" }, marked(one.content, state));
  if (one.type === 11) return media(one);
  if (one.type === 12) return h("div", { class: "files" }, ...one.items.map(media).filter(Boolean));
  if (one.type === 14) return one.divider === false ? null : h("hr", {});
  if (!(one.type in HOLDERS)) return null;
  const inside = controlElements(one.components, state);
  if (one.accessory) inside.push(...controlElements([one.accessory], state));
  return h("div", { class: HOLDERS[one.type] }, ...inside);
}

function button(one) {
  const address = one.style === LINK ? safeAddress(one.url) : null;
  const label = one.label ?? "";
  return h(
    "button",
    {
      type: "button",
      class: `button ${STYLES[one.style] ?? "secondary"}`,
      disabled: Boolean(one.disabled) || (one.style === LINK && !address),
      role: address && "link",
      title: address,
      "aria-label": nameOf(label, one.emoji),
      data: address ? { address, focus: address } : { press: one.custom_id, focus: one.custom_id },
    },
    emoji(one.emoji),
    label === MORE ? dots() : label && h("span", {}, label),
    address && h("span", { class: "outward", "aria-hidden": "true" }),
  );
}

/** Only where what stands on a button cannot be read out. */
function nameOf(label, given) {
  if (label === MORE) return `${MORE} more`;
  return label === "" ? (given?.name ?? "Button") : null;
}

/** Few fonts have the three dots. */
function dots() {
  return h("span", { class: "more", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
}

/** An emoji of Unicode's; one of a server's own is a picture elsewhere, and shows as its name. */
function emoji(given) {
  if (!given?.name) return null;
  return h("span", { class: "emoji", "aria-hidden": "true" }, given.id ? `:${given.name}:` : given.name);
}

function select(one, state) {
  const chosen = optionsOf(one, state)
    .filter((option) => option.isChosen)
    .map((option) => option.label);
  const text = chosen.join(", ") || one.placeholder || "Make a selection";
  return h(
    "button",
    {
      type: "button",
      class: "select",
      disabled: Boolean(one.disabled),
      // What is chosen stands in its place: which menu it is must be told all the same.
      "aria-label": chosen.length && one.placeholder ? `${one.placeholder}: ${text}` : null,
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      data: { choose: one.custom_id, focus: one.custom_id },
    },
    h("span", { class: chosen.length ? "" : "quiet" }, text),
    h("span", { class: "chevron", "aria-hidden": "true" }),
  );
}

function media(item) {
  const source = ownSource(item.media?.src);
  return (
    source &&
    h("img", { class: "embed-image", src: source, alt: item.description ?? "Picture", loading: "lazy" })
  );
}

/** A component of a message by its `custom_id`. */
export function componentOf(components, id) {
  for (const one of components ?? []) {
    if (one.custom_id === id) return one;
    const inside = componentOf([...(one.components ?? []), ...(one.accessory ? [one.accessory] : [])], id);
    if (inside) return inside;
  }
  return null;
}

/** What a menu offers: its own options, or users, roles or rooms. */
export function optionsOf(one, state) {
  const defaults = new Set((one.default_values ?? []).map((value) => value.id));
  const made = (id, label, note = "") => ({ value: id, label, note, isChosen: defaults.has(id) });
  const users = () => state.persons.map((person) => made(person.id, `@${person.name}`));
  const roles = () =>
    state.guild.roles
      .filter((role) => role.id !== state.guild.id)
      .map((role) => made(role.id, `@${role.name}`));
  const rooms = () =>
    Object.values(state.channels)
      .filter((room) => (one.channel_types?.length ? one.channel_types.includes(room.type) : room.type !== 1))
      .filter((room) => !room.seen_by || room.seen_by.includes(state.person))
      .map((room) => made(room.id, `${isForum(room) ? "" : "#"}${room.name}`));
  switch (one.type) {
    case 3:
      return one.options.map((option) => ({
        value: option.value,
        label: `${option.emoji && !option.emoji.id ? `${option.emoji.name} ` : ""}${option.label}`,
        note: option.description ?? "",
        isChosen: Boolean(option.default),
      }));
    case 5:
      return users();
    case 6:
      return roles();
    case 7:
      return [...users(), ...roles()];
    default:
      return rooms();
  }
}
