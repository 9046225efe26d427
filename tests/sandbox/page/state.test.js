import assert from "node:assert/strict";
import { test } from "node:test";
import {
  commandsOf,
  logOf,
  mayWrite,
  postsOf,
  roomsOf,
  unreadOf,
  userName,
} from "../../../sandbox/page/static/looking.js";
import { EMPTY, reduce } from "../../../sandbox/page/static/state.js";
import { message, snapshot } from "./snapshot.js";

const after = (...events) => events.reduce(reduce, reduce(EMPTY, snapshot()));
const ids = (state, room = "10") => state.messages[room].map((one) => one.id);

test("commands are described in the reader's language, and are called the same in all", () => {
  const choice = { name: "all", value: "all", name_localizations: { de: "alle" } };
  const option = { name: "comments", description: "Which", choices: [choice] };
  const command = { name: "attach", description: "Post", options: [option] };
  option.description_localizations = { de: "Welche" };
  command.description_localizations = { de: "Melden" };
  const state = reduce(after(), { type: "commands", seq: 8, data: [command] });
  const [shown] = commandsOf(state, "de");
  assert.deepEqual(
    [shown.name, shown.description, shown.options[0].name, shown.options[0].description],
    ["attach", "Melden", "comments", "Welche"],
  );
  assert.deepEqual(
    shown.options[0].choices.map((one) => [one.name, one.value]),
    [["alle", "all"]],
  );
  assert.equal(commandsOf(state, "en-GB")[0].description, "Post");
});

test("a snapshot opens the first room, and what is there counts as read", () => {
  const state = after();
  assert.equal(state.room, "10");
  assert.equal(state.person, "1");
  assert.equal(unreadOf(state, "11").count, 0);
});

test("messages come, are edited and go; what is left as it was stays the same value", () => {
  const before = after({ type: "message", seq: 8, data: message("101", { content: "b" }) });
  const edited = reduce(before, { type: "message", seq: 9, data: message("100", { content: "new" }) });
  assert.deepEqual(ids(edited), ["100", "101"]);
  assert.equal(edited.messages["10"][0].content, "new");
  assert.equal(edited.messages["10"][1], before.messages["10"][1]);
  assert.equal(edited.messages["11"], before.messages["11"]);
  assert.equal(edited.seq, 9);
  const gone = reduce(edited, { type: "message_gone", seq: 10, data: { channel_id: "10", id: "100" } });
  assert.deepEqual(ids(gone), ["101"]);
  assert.equal(
    reduce(gone, { type: "message_gone", seq: 10, data: { channel_id: "10", id: "7" } }).messages,
    gone.messages,
  );
});

test("messages stand by their IDs, however they come", () => {
  const state = after(...["1000", "300", "99"].map((id) => ({ type: "message", data: message(id) })));
  assert.deepEqual(ids(state), ["99", "100", "300", "1000"]);
});

test("a room that is not open has a mark, with a mention where the person or a role of theirs is meant", () => {
  const news = [
    message("201", { channel_id: "11" }),
    message("202", { channel_id: "11", mention_roles: ["5"] }),
  ];
  const state = after(...news.map((data) => ({ type: "message", data })));
  assert.deepEqual(unreadOf(state, "11"), { count: 2, isMentioned: false });
  const mia = reduce(state, { type: "person_chosen", data: "2" });
  assert.deepEqual(unreadOf(mia, "11"), { count: 2, isMentioned: true });
  const opened = reduce(mia, { type: "room_opened", data: "11" });
  assert.equal(unreadOf(opened, "11").count, 0);
  const back = reduce(opened, { type: "person_chosen", data: "1" });
  assert.equal(back.room, "11");
});

test("a later snapshot keeps what was read, what was dismissed, and where the page was", () => {
  const state = after(
    { type: "room_opened", data: "11" },
    { type: "reply", data: reply("500") },
    { type: "reply_dismissed", data: "500" },
    { type: "message", data: message("150") },
  );
  const whole = snapshot();
  whole.state.replies = [reply("500")];
  whole.state.messages["10"].push(message("150"));
  const again = reduce(state, whole);
  assert.equal(again.room, "11");
  assert.equal(unreadOf(again, "10").count, 1);
  assert.deepEqual(
    logOf(reduce(again, { type: "room_opened", data: "10" })).map((row) => row.key),
    ["100", "150"],
  );
});

test("a room that a person does not see is not listed, and is left when they look", () => {
  const state = after({ type: "room_opened", data: "12" });
  assert.ok(roomsOf(state).some((one) => one.channel.id === "12"));
  const sam = reduce(state, { type: "person_chosen", data: "3" });
  assert.ok(!roomsOf(sam).some((one) => one.channel.id === "12"));
  assert.equal(sam.room, "10");
});

test("threads stand below their room, posts of a forum by their newest message", () => {
  const thread = { id: "40", type: 11, name: "t", parent_id: "10", guild_id: "9", last_message_id: "41" };
  const posts = [
    ["50", "90"],
    ["51", "95"],
  ].map(([id, last]) => ({ id, type: 11, name: id, parent_id: "13", guild_id: "9", last_message_id: last }));
  const state = after(...[thread, ...posts].map((data) => ({ type: "channel", data })));
  assert.deepEqual(
    roomsOf(state).map((one) => one.channel.id),
    ["10", "40", "11", "12", "13", "50", "51"],
  );
  assert.deepEqual(
    postsOf(state, "13").map((one) => one.id),
    ["51", "50"],
  );
  assert.ok(!mayWrite(state, "13"));
  assert.equal(reduce(state, { type: "channel_gone", data: { id: "40" } }).channels["40"], undefined);
});

const reply = (id, more = {}) => ({
  interaction_id: "400",
  person: "1",
  channel_id: "10",
  gone: false,
  message: message(id, { flags: 64 }),
  ...more,
});

test("a reply is seen by its person alone, changes in place, and goes", () => {
  const state = after({ type: "reply", data: reply("150") }, { type: "message", data: message("160") });
  assert.deepEqual(
    logOf(state).map((row) => [row.key, row.isPrivate]),
    [
      ["100", false],
      ["150", true],
      ["160", false],
    ],
  );
  assert.equal(logOf(reduce(state, { type: "person_chosen", data: "2" })).length, 2);
  const changed = reduce(state, {
    type: "reply",
    data: reply("150", { message: message("150", { content: "done" }) }),
  });
  assert.equal(changed.replies.length, 1);
  assert.equal(changed.replies[0].message.content, "done");
  assert.equal(reduce(changed, { type: "reply", data: reply("150", { gone: true }) }).replies.length, 0);
});

test("messages of one author stand under one head", () => {
  const close = String(100n + (60_000n << 22n));
  const far = String(100n + (600_000n << 22n));
  const state = after({ type: "message", data: message(close) }, { type: "message", data: message(far) });
  assert.deepEqual(
    logOf(state).map((row) => row.isFirst),
    [true, false, true],
  );
});

test("history goes before what is held, once", () => {
  const older = ["98", "99", "100"].map((id) => message(id));
  const state = after({ type: "history", data: { channel_id: "10", messages: older, isWhole: true } });
  assert.deepEqual(ids(state), ["98", "99", "100"]);
  assert.equal(state.isWhole["10"], true);
});

test("a room holds no more than it can show, and then has older messages to fetch", () => {
  let state = after({ type: "history", data: { channel_id: "10", messages: [], isWhole: true } });
  for (let number = 1; number <= 3_000; number += 1)
    state = reduce(state, { type: "message", data: message(String(1_000_000 + number)) });
  assert.equal(state.messages["10"].length, 3_000);
  assert.equal(state.isWhole["10"], false);
});

test("a modal opens for the person it is for", () => {
  const modal = (person) => ({ type: "modal", data: { interaction_id: "7", person, modal: {} } });
  assert.equal(after(modal("2")).modal, null);
  assert.equal(after(modal("1"), { type: "modal_closed" }).modal, null);
  assert.notEqual(after(modal("1")).modal, null);
});

test("objects and comments come, change and go", () => {
  const object = { id: "70", title: "New", is_live: true, state: "planned", start: null };
  const comment = (id, more = {}) => ({
    id,
    kind: "chat",
    name: "Ada",
    text: "x",
    at: "2026-01-01T00:00:00Z",
    is_promoted: false,
    status: "",
    reply_to: null,
    ...more,
  });
  const state = after(
    { type: "object", data: object },
    { type: "comment", data: { object_id: "70", comment: comment("2") } },
    { type: "comment", data: { object_id: "70", comment: comment("1") } },
    { type: "comment", data: { object_id: "70", comment: comment("2", { is_promoted: true }) } },
  );
  assert.deepEqual(
    state.comments["70"].map((one) => [one.id, one.is_promoted]),
    [
      ["1", false],
      ["2", true],
    ],
  );
  assert.equal(
    reduce(state, { type: "object", data: { ...object, state: "live" } }).objects.find(
      (one) => one.id === "70",
    ).state,
    "live",
  );
  assert.equal(
    reduce(state, { type: "comment_gone", data: { object_id: "70", comment_id: "2" } }).comments["70"].length,
    1,
  );
});

test("commands are offered to whom Discord would offer them", () => {
  const state = after({
    type: "commands",
    data: [
      { name: "video", default_member_permissions: "32" },
      { name: "all", default_member_permissions: null },
    ],
  });
  const offered = (person) =>
    commandsOf(reduce(state, { type: "person_chosen", data: person })).map((one) => one.name);
  assert.deepEqual(offered("1"), ["video", "all"]);
  assert.deepEqual(offered("3"), ["all"]);
});

test("what is not known of an event is left as it was", () => {
  const state = after();
  assert.equal(reduce(state, { type: "something new", data: {} }), state);
  assert.equal(userName(state, "77"), "unknown-user");
  assert.equal(userName(state, "4"), "Sandbox bot");
});

test("the scheduled events of the server are those that were told last", () => {
  const one = { id: "9", name: "Show", start: "2030-01-02T03:04:05Z", status: 1 };
  assert.deepEqual(after().calendar, []);
  const state = after({ type: "calendar", data: [one] });
  assert.deepEqual(state.calendar, [one]);
  assert.deepEqual(reduce(state, { type: "calendar", data: [] }).calendar, []);
});
