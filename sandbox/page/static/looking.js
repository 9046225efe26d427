/** What the page shows, found in its state. Pure. */
import { compareIds, madeAt, placeOf } from "./ids.js";
import { readKey } from "./state.js";
import { LOCALE } from "./times.js";

export const KINDS = {
  text: 0,
  dm: 1,
  voice: 2,
  category: 4,
  announcement: 5,
  stage: 13,
  forum: 15,
  media: 16,
};
const THREADS = new Set([10, 11, 12]);
/** Messages of one author within this time stand under one head. */
const TOGETHER_MS = 7 * 60_000;
const ADMINISTRATOR = 1n << 3n;

export const isThread = (channel) => THREADS.has(channel.type);
export const isForum = (channel) => channel?.type === KINDS.forum || channel?.type === KINDS.media;

/** The person whose eyes the page looks through. */
export function personOf(state) {
  return state.persons.find((one) => one.id === state.person) ?? null;
}

/** The rooms that the person sees, as they stand in a list: threads below what they are in. */
export function roomsOf(state) {
  const seen = Object.values(state.channels).filter(
    (one) => one.type !== KINDS.category && (!one.seen_by || one.seen_by.includes(state.person)),
  );
  const tops = seen.filter((one) => !isThread(one)).sort((a, b) => byPlace(state, a, b));
  return tops.flatMap((top) => [
    { channel: top, isBelow: false },
    ...seen
      .filter((one) => isThread(one) && one.parent_id === top.id && !one.thread_metadata?.archived)
      .sort((a, b) => compareIds(a.id, b.id))
      .map((channel) => ({ channel, isBelow: true })),
  ]);
}

function byPlace(state, a, b) {
  const group = (one) => state.channels[one.parent_id]?.position ?? -1;
  return (
    Number(a.type === KINDS.dm) - Number(b.type === KINDS.dm) ||
    group(a) - group(b) ||
    (a.position ?? 0) - (b.position ?? 0) ||
    compareIds(a.id, b.id)
  );
}

/** The posts of a forum that the person sees, the one with the newest message first. */
export function postsOf(state, forum) {
  const last = (one) => one.last_message_id ?? one.id;
  return Object.values(state.channels)
    .filter(
      (one) =>
        one.parent_id === forum && isThread(one) && (!one.seen_by || one.seen_by.includes(state.person)),
    )
    .sort((a, b) => compareIds(last(b), last(a)));
}

/** How many messages of a room the person has not seen, and whether one mentions them. */
export function unreadOf(state, room) {
  const messages = state.messages[room] ?? [];
  const read = state.read[readKey(state.person, room)];
  const place = read === undefined ? 0 : placeOf(messages, read);
  const start = messages[place]?.id === read ? place + 1 : place;
  const unseen = messages.slice(start);
  return { count: unseen.length, isMentioned: unseen.some((one) => mentions(state, one)) };
}

/** Whether a message calls the person: by name, by a role of theirs, or with everybody. */
export function mentions(state, message) {
  const roles = personOf(state)?.roles ?? [];
  return (
    Boolean(message.mention_everyone) ||
    (message.mentions ?? []).some((one) => one.id === state.person) ||
    (message.mention_roles ?? []).some((id) => roles.includes(id))
  );
}

/**
 * What the open room's log holds: its messages, and the replies that the person alone sees, each
 * where its time puts it.
 * @returns {{key: string, id: string, message: any, isFirst: boolean, isPrivate: boolean, isCalling: boolean,
 *   given: string}[]} `given`: the command that a reply answers
 */
export function logOf(state) {
  const messages = state.messages[state.room] ?? [];
  const replies = state.replies.filter(
    (one) => one.channel_id === state.room && one.person === state.person && !state.dismissed[one.message.id],
  );
  const rows = messages.map((message) => ({ message, isPrivate: false }));
  for (const one of replies)
    rows.splice(placeIn(rows, one.message.id), 0, { message: one.message, isPrivate: true, given: one.given });
  return rows.map((row, number) => ({
    key: row.message.id,
    id: row.message.id,
    ...row,
    isFirst: isHead(rows[number - 1], row),
    isCalling: !row.isPrivate && mentions(state, row.message),
    given: row.given ?? "",
  }));
}

const placeIn = (rows, id) =>
  placeOf(
    rows.map((row) => row.message),
    id,
  );

function isHead(before, row) {
  if (!before || before.isPrivate || row.isPrivate) return true;
  const [last, message] = [before.message, row.message];
  return (
    last.author.id !== message.author.id ||
    message.interaction_metadata !== undefined ||
    madeAt(message.id) - madeAt(last.id) > TOGETHER_MS
  );
}

/** Whether the person may write in a room. */
export function mayWrite(state, room) {
  const channel = state.channels[room];
  return (
    Boolean(channel) &&
    !isForum(channel) &&
    (!channel.written_by || channel.written_by.includes(state.person))
  );
}

/** The commands that Discord's client would offer to the person, in the language of its reader. */
export function commandsOf(state, locale = LOCALE) {
  const bits = BigInt(personOf(state)?.permissions ?? "0");
  const offered = state.commands.filter((one) => {
    const needed = one.default_member_permissions;
    if (needed === null || needed === undefined || bits & ADMINISTRATOR) return true;
    return (bits & BigInt(needed)) === BigInt(needed);
  });
  return offered.map((one) => localized(one, locale));
}

/** A command or an option with what is said of it in a language; what it is called stays. */
function localized(one, locale) {
  const described = { ...one, description: one.description_localizations?.[locale] ?? one.description };
  if (one.options) described.options = one.options.map((option) => localized(option, locale));
  if (one.choices)
    described.choices = one.choices.map((choice) => ({
      ...choice,
      name: choice.name_localizations?.[locale] ?? choice.name,
    }));
  return described;
}

/** What a user is called in the server. */
export function userName(state, id) {
  const person = state.persons.find((one) => one.id === id);
  const user = state.users[id];
  return person?.name ?? user?.global_name ?? user?.username ?? "unknown-user";
}

/**
 * All names that a text may show, and who may see the rooms, as one text: while it is the same,
 * what was drawn still says what it should.
 */
export function namesIn(state) {
  const rooms = Object.values(state.channels).map((one) => [one.id, one.name, one.seen_by]);
  const users = Object.values(state.users).map((one) => [one.id, one.username, one.global_name]);
  return JSON.stringify([state.person, rooms, users, state.guild?.roles.map((one) => [one.id, one.name])]);
}

/** What a role is called; the one with the server's ID is @everyone. */
export function roleOf(state, id) {
  return state.guild?.roles.find((one) => one.id === id) ?? null;
}
