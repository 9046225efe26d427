/**
 * A command as one line of text, `/video attach id:Product film comments:all`: what it says so far,
 * and what could come next. Pure.
 *
 * @typedef {{path: string, description: string, options: any[]}} Leaf a command that can be given
 * @typedef {{option: any, from: number, to: number, text: string}} Part an option and where its value stands
 * @typedef {{leaf: Leaf, parts: Part[], current: Part|null, stray: string, cursor: number, body: number}} Reading
 * @typedef {{label: string, note: string, from: number, to: number, text: string, option?: string,
 *   value?: any, isFile?: boolean, isSure?: boolean}} Suggestion what it would put, and where
 */

export const TYPES = {
  string: 3,
  integer: 4,
  boolean: 5,
  user: 6,
  channel: 7,
  role: 8,
  mentionable: 9,
  number: 10,
  file: 11,
};
const MOST = 25;

/** All that can be given, sub-commands by their whole name. @returns {Leaf[]} */
export function leavesOf(commands) {
  return commands.filter((one) => (one.type ?? 1) === 1).flatMap((one) => below(one, one.name));
}

function below(command, path) {
  const options = command.options ?? [];
  const inner = options.filter((one) => one.type === 1 || one.type === 2);
  if (inner.length > 0) return inner.flatMap((one) => below(one, `${path} ${one.name}`));
  return [{ path, description: command.description ?? "", options }];
}

/** The command that a text begins with, or `null`. @param {string} text @param {Leaf[]} leaves */
export function leafOf(text, leaves) {
  const found = leaves.filter((one) => text === `/${one.path}` || text.startsWith(`/${one.path} `));
  return found.sort((a, b) => b.path.length - a.path.length)[0] ?? null;
}

/**
 * What a text says of a command's options. What was chosen for an option is one value, even where it
 * holds what looks like another option.
 * @param {Record<string, {text: string, value: any}>} [chosen] @returns {Reading|null}
 */
export function read(text, leaves, cursor = text.length, chosen = {}) {
  const leaf = leafOf(text, leaves);
  if (leaf === null || text === `/${leaf.path}`) return null;
  const body = leaf.path.length + 2;
  const parts = partsOf(text, leaf, body, chosen);
  const stray = text.slice(body, parts[0]?.named ?? text.length).trim();
  const current = parts.findLast((one) => one.from <= cursor) ?? null;
  return { leaf, parts, current, stray, cursor, body };
}

function partsOf(text, leaf, body, chosen) {
  if (leaf.options.length === 0) return [];
  const names = leaf.options.map((one) => one.name).join("|");
  const marks = [];
  let free = body;
  for (const mark of text.matchAll(new RegExp(`(?<=\\s)(${names}):`, "gu"))) {
    if (mark.index < free) continue;
    marks.push(mark);
    const value = chosen[mark[1]]?.text ?? "";
    const from = mark.index + mark[0].length;
    free = text.startsWith(value, from) ? from + value.length : from;
  }
  return marks.map((mark, number) => {
    const from = mark.index + mark[0].length;
    const to = marks[number + 1]?.index ?? text.length;
    const option = leaf.options.find((one) => one.name === mark[1]);
    return { option, named: mark.index, from, to, text: text.slice(from, to).trim() };
  });
}

/**
 * What could come next.
 * @param {string} text @param {Leaf[]} leaves @param {number} cursor
 * @param {{rooms: any[], roles: any[], users: any[], completions: {name: string, value: any}[]|null,
 *   chosen: Record<string, {text: string, value: any}>}} offered
 * @returns {Suggestion[]}
 */
export function suggestions(text, leaves, cursor, offered) {
  if (!text.startsWith("/")) return [];
  const reading = read(text, leaves, cursor, offered.chosen);
  if (reading === null) return commandsLike(text, leaves);
  const { current } = reading;
  if (current !== null && !isSettled(current, text, cursor, offered)) {
    const values = valuesFor(current, text.slice(current.from, cursor).trim(), offered);
    if (values !== null) return values.slice(0, MOST).map((one) => ({ ...one, ...placed(current) }));
  }
  return optionsLike(reading, text);
}

function commandsLike(text, leaves) {
  const wanted = text.slice(1).trim().toLowerCase();
  const words = wanted.split(/\s+/);
  const found = leaves.filter((one) => words.every((word) => one.path.includes(word)));
  const isBefore = (one) => Number(!one.path.startsWith(wanted));
  return found
    .sort((a, b) => isBefore(a) - isBefore(b))
    .map((one) => ({
      label: `/${one.path}`,
      note: one.description,
      from: 0,
      to: text.length,
      text: opening(one),
      isSure: true,
    }));
}

/** A command as it is begun: with the name of the first option that it cannot do without. */
function opening(leaf) {
  const first = leaf.options.find((one) => one.required);
  return `/${leaf.path} ${first ? `${first.name}:` : ""}`;
}

/** A value that was chosen, or is one of the few that there are, is done with once a space follows. */
function isSettled(part, text, cursor, offered) {
  const done = /^\s*(\S.*?)\s+\S*$/u.exec(text.slice(part.from, cursor))?.[1];
  if (done === undefined) return false;
  if (offered.chosen[part.option.name]?.text === done) return true;
  return (valuesFor(part, done, offered) ?? []).some((one) => one.text === done);
}

function placed(part) {
  return { from: part.from, to: Math.max(part.from, part.to), option: part.option.name, isSure: true };
}

/** The values that an option may have and that are like what was typed; `null`: any. */
function valuesFor({ option }, typed, { rooms, roles, users, completions }) {
  const like = (list) => list.filter((one) => one.label.toLowerCase().includes(typed.toLowerCase()));
  const named = (name, value, note = "") => ({ label: name, note, text: name, value });
  if (option.choices?.length) return like(option.choices.map((one) => named(one.name, one.value)));
  if (option.autocomplete) return (completions ?? []).map((one) => named(one.name, one.value));
  switch (option.type) {
    case TYPES.boolean:
      return like([named("True", true), named("False", false)]);
    case TYPES.channel:
      return like(rooms.filter((one) => fits(option, one)).map((one) => named(`#${one.name}`, one.id)));
    case TYPES.role:
      return like(roles.map((one) => named(`@${one.name}`, one.id)));
    case TYPES.user:
      return like(users.map((one) => named(`@${one.name}`, one.id)));
    case TYPES.mentionable:
      return like([...users, ...roles].map((one) => named(`@${one.name}`, one.id)));
    case TYPES.file:
      return [{ label: "Choose a file…", note: "from this machine", text: "", isFile: true }];
    default:
      return null;
  }
}

const fits = (option, room) => !option.channel_types?.length || option.channel_types.includes(room.type);

function optionsLike(reading, text) {
  const used = new Set(reading.parts.map((one) => one.option.name));
  const before = text.slice(0, reading.cursor);
  const word = /\S*$/.exec(before.slice(reading.body))?.[0] ?? "";
  const from = reading.cursor - word.length;
  // While a free value is typed its own words are no names of options.
  if (reading.current !== null && from <= reading.current.from) return [];
  const left = reading.leaf.options.filter(
    (one) => !used.has(one.name) && one.name.startsWith(word.toLowerCase()),
  );
  const isMissing = (one) => Number(!one.required);
  return left
    .sort((a, b) => isMissing(a) - isMissing(b))
    .map((one) => ({
      label: one.name,
      note: `${one.description}${one.required ? " (required)" : ""}`,
      from,
      to: reading.cursor,
      text: `${one.name}:`,
      isSure: Boolean(one.required) || (word !== "" && reading.current === null),
    }));
}

/** A text in which a suggestion was taken, and where the cursor is then. */
export function taken(text, suggestion, leaves, chosen = {}) {
  const isValue = suggestion.option !== undefined;
  const before = text.slice(0, suggestion.from) + suggestion.text + (isValue ? " " : "");
  const after = text.slice(suggestion.to).trimStart();
  const whole = before + (after && !isValue ? ` ${after}` : after);
  const missing = after === "" && isValue ? missingOf(read(whole, leaves, whole.length, chosen)) : [];
  const next = missing.length > 0 ? `${missing[0].name}:` : "";
  return { text: whole + next, cursor: before.length + next.length };
}

/** The options that a command cannot do without and that are not there yet. */
export function missingOf(reading) {
  const used = new Set(reading?.parts.filter((one) => one.text !== "").map((one) => one.option.name));
  return reading?.leaf.options.filter((one) => one.required && !used.has(one.name)) ?? [];
}
