/**
 * What the page knows, as one value: `reduce(state, event)` gives the next. Pure.
 *
 * Events of the server have the names and shapes of its live connection. Those of the page itself
 * (a person chosen, a room opened, a reply dismissed) go the same way. What an event leaves as it
 * was stays the same value, so that who draws it can tell by `===`.
 */
import { compareIds, withOne, withoutOne } from "./ids.js";

/** Beyond this, the oldest messages of a room are let go; scrolling up fetches them again. */
const MOST_MESSAGES = 3_000;
const MOST_COMMENTS = 200;
const MOST_REPLIES = 200;

export const EMPTY = Object.freeze({
  run: null,
  seq: 0,
  person: null,
  botId: null,
  guild: null,
  persons: [],
  users: {},
  channels: {},
  messages: {},
  isWhole: {},
  replies: [],
  modal: null,
  commands: [],
  calendar: [],
  objects: [],
  comments: {},
  switches: {},
  bot: null,
  journey: null,
  status: null,
  room: null,
  object: null,
  read: {},
  dismissed: {},
});

/**
 * @param {typeof EMPTY} state
 * @param {{type: string, seq?: number, data?: any, state?: any}} event
 */
export function reduce(state, event) {
  const next = HANDLERS[event.type]?.(state, event.data, event) ?? state;
  return event.seq === undefined || event.seq === next.seq ? next : { ...next, seq: event.seq };
}

const HANDLERS = {
  snapshot: (state, _, event) => snapshot(state, event.state),
  message: withMessage,
  message_gone: (state, gone) => withMessages(state, gone.channel_id, (held) => withoutOne(held, gone.id)),
  channel: (state, channel) => ({ ...state, channels: { ...state.channels, [channel.id]: channel } }),
  channel_gone: channelGone,
  commands: (state, commands) => ({ ...state, commands }),
  calendar: (state, calendar) => ({ ...state, calendar }),
  reply,
  modal: (state, modal) => (modal.person === state.person ? { ...state, modal } : state),
  object: withObject,
  comment: (state, { object_id: id, comment }) =>
    withComments(state, id, (held) => newest(withOne(held, comment))),
  comment_gone: commentGone,
  switches: (state, switches) => ({ ...state, switches }),
  bot: (state, bot) => ({ ...state, bot }),
  journey: (state, journey) => ({ ...state, journey }),
  status: (state, status) => ({ ...state, status }),

  person_chosen: (state, person) => seen(openable({ ...state, person, modal: null })),
  room_opened: (state, room) => seen({ ...state, room }),
  object_chosen: (state, object) => ({ ...state, object }),
  history: (state, { channel_id: id, messages, isWhole }) => older(state, id, messages, isWhole),
  reply_dismissed: (state, id) => ({ ...state, dismissed: { ...state.dismissed, [id]: true } }),
  modal_closed: (state) => ({ ...state, modal: null }),
  room_read: (state) => seen(state),
};

function snapshot(state, whole) {
  const objects = [...whole.workspace.videos, ...whole.workspace.lives];
  const isFirst = state.guild === null;
  const next = {
    ...EMPTY,
    run: whole.run,
    botId: whole.bot_id,
    guild: whole.guild,
    persons: whole.persons,
    users: keyed(whole.users ?? []),
    channels: keyed(whole.channels),
    messages: { ...whole.messages },
    replies: whole.replies.filter((one) => !one.gone),
    commands: whole.commands,
    calendar: whole.calendar ?? [],
    objects: objects.map(({ comments: _, ...object }) => object),
    comments: Object.fromEntries(objects.map((one) => [one.id, sorted(one.comments)])),
    switches: whole.switches,
    bot: whole.bot,
    journey: whole.journey,
    status: typeof whole.status === "string" ? { text: whole.status } : whole.status,
    person: whole.persons.some((one) => one.id === state.person) ? state.person : whole.me,
    room: state.room,
    object: objects.some((one) => one.id === state.object) ? state.object : (objects[0]?.id ?? null),
    dismissed: state.dismissed,
    read: isFirst || state.run !== whole.run ? allRead(whole) : state.read,
  };
  return seen(openable(next));
}

/** What was there when the page came counts as read, by everybody. */
function allRead(whole) {
  const read = {};
  for (const person of whole.persons) {
    for (const [room, messages] of Object.entries(whole.messages)) {
      if (messages.length > 0) read[readKey(person.id, room)] = messages.at(-1).id;
    }
  }
  return read;
}

/** Keep the room that is open where the person sees it; else open the first in which they see something. */
function openable(state) {
  const isSeen = (channel) => channel && (!channel.seen_by || channel.seen_by.includes(state.person));
  if (isSeen(state.channels[state.room])) return state;
  const rooms = Object.values(state.channels).filter(
    (one) => isSeen(one) && (one.type === 0 || one.type === 5),
  );
  rooms.sort((a, b) => (a.position ?? 0) - (b.position ?? 0) || compareIds(a.id, b.id));
  const room = rooms.find((one) => state.messages[one.id]?.length) ?? rooms[0];
  return { ...state, room: room?.id ?? null };
}

/** The room that is open is read to its end. */
function seen(state) {
  const last = state.messages[state.room]?.at(-1);
  const key = readKey(state.person, state.room);
  if (!last || state.read[key] === last.id) return state;
  return { ...state, read: { ...state.read, [key]: last.id } };
}

/** @param {string|null} person @param {string|null} room */
export function readKey(person, room) {
  return `${person}:${room}`;
}

function withMessage(state, message) {
  const room = message.channel_id;
  const next = withMessages(state, room, (held) => withOne(held, message));
  const held = next.messages[room];
  if (held.length <= MOST_MESSAGES) return next;
  return {
    ...next,
    isWhole: { ...next.isWhole, [room]: false },
    messages: { ...next.messages, [room]: held.slice(-MOST_MESSAGES) },
  };
}

function withMessages(state, room, change) {
  const held = state.messages[room] ?? [];
  const messages = change(held);
  return messages === held ? state : { ...state, messages: { ...state.messages, [room]: messages } };
}

function older(state, room, messages, isWhole) {
  const held = state.messages[room] ?? [];
  const known = new Set(held.map((one) => one.id));
  const all = [...messages.filter((one) => !known.has(one.id)), ...held];
  return {
    ...state,
    isWhole: { ...state.isWhole, [room]: isWhole },
    messages: { ...state.messages, [room]: all },
  };
}

function channelGone(state, { id }) {
  const { [id]: _, ...channels } = state.channels;
  const { [id]: __, ...messages } = state.messages;
  return openable({ ...state, channels, messages });
}

function reply(state, one) {
  if (one.message === null || one.message === undefined) return state;
  const others = state.replies.filter((held) => held.message.id !== one.message.id);
  if (one.gone) return others.length === state.replies.length ? state : { ...state, replies: others };
  const replies = [...others, one].sort((a, b) => compareIds(a.message.id, b.message.id));
  return { ...state, replies: replies.slice(-MOST_REPLIES) };
}

function withObject(state, object) {
  const { comments: _, ...known } = object;
  const isThere = state.objects.some((one) => one.id === object.id);
  const objects = isThere
    ? state.objects.map((one) => (one.id === object.id ? known : one))
    : [...state.objects, known];
  return { ...state, objects, object: state.object ?? object.id };
}

function withComments(state, id, change) {
  const held = state.comments[id] ?? [];
  const comments = change(held);
  return comments === held ? state : { ...state, comments: { ...state.comments, [id]: comments } };
}

function commentGone(state, gone) {
  const id = gone.comment_id ?? gone.id;
  const objects = gone.object_id ? [gone.object_id] : Object.keys(state.comments);
  return objects.reduce((next, object) => withComments(next, object, (held) => withoutOne(held, id)), state);
}

const newest = (comments) => (comments.length > MOST_COMMENTS ? comments.slice(-MOST_COMMENTS) : comments);
const sorted = (comments) => [...(comments ?? [])].sort((a, b) => compareIds(a.id, b.id));
const keyed = (list) => Object.fromEntries(list.map((one) => [one.id, one]));
