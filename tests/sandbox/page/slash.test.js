import assert from "node:assert/strict";
import { test } from "node:test";
import { valuesOf } from "../../../sandbox/page/static/options.js";
import { leavesOf, read, suggestions, taken } from "../../../sandbox/page/static/slash.js";

const COMMANDS = [
  {
    name: "video",
    type: 1,
    description: "",
    options: [
      {
        name: "attach",
        type: 1,
        description: "Bring it into a room",
        options: [
          {
            name: "id",
            type: 3,
            description: "Which",
            required: true,
            autocomplete: true,
            min_length: 1,
            max_length: 40,
          },
          { name: "room", type: 7, description: "Where", channel_types: [0] },
          {
            name: "comments",
            type: 3,
            description: "Which comments",
            choices: [
              { name: "promoted", value: "p" },
              { name: "all", value: "a" },
            ],
          },
          { name: "backfill", type: 4, description: "How many", min_value: 0, max_value: 50 },
          { name: "silent", type: 5, description: "No sound" },
          { name: "mention", type: 8, description: "Whom" },
        ],
      },
      { name: "export", type: 1, description: "A file" },
      {
        name: "import",
        type: 1,
        description: "From a file",
        options: [{ name: "file", type: 11, description: "The file", required: true }],
      },
    ],
  },
];
const LEAVES = leavesOf(COMMANDS);
const offered = (more = {}) => ({
  rooms: [
    { id: "10", name: "film", type: 0 },
    { id: "13", name: "ideas", type: 15 },
  ],
  roles: [{ id: "5", name: "Webinar crew" }],
  users: [{ id: "1", name: "Ann" }],
  completions: null,
  chosen: {},
  ...more,
});
const labels = (text, more) => suggestions(text, LEAVES, text.length, offered(more)).map((one) => one.label);

function take(text, label, more = {}) {
  const one = suggestions(text, LEAVES, text.length, offered(more)).find((found) => found.label === label);
  return taken(text, one, LEAVES);
}

function values(text, more) {
  return valuesOf(read(text, LEAVES), offered(more));
}

test("a slash offers all commands, and what is typed narrows them", () => {
  assert.deepEqual(labels("/"), ["/video attach", "/video export", "/video import"]);
  assert.deepEqual(labels("/at"), ["/video attach"]);
  assert.deepEqual(labels("/video ex"), ["/video export"]);
  assert.deepEqual(labels("hello"), []);
  assert.deepEqual(labels("/nothing"), []);
});

test("a command that is taken begins with what it cannot do without", () => {
  assert.deepEqual(take("/at", "/video attach"), { text: "/video attach id:", cursor: 17 });
  assert.equal(take("/exp", "/video export").text, "/video export ");
});

test("an option that completes offers what the bot says", () => {
  const completions = [{ name: "Product film", value: "123" }];
  assert.deepEqual(labels("/video attach id:pro", { completions }), ["Product film"]);
  assert.equal(
    take("/video attach id:pro", "Product film", { completions }).text,
    "/video attach id:Product film ",
  );
});

test("after a value the other options are offered, none of them marked", () => {
  const chosen = { id: { text: "Product film", value: "123" } };
  const found = suggestions("/video attach id:Product film ", LEAVES, 30, offered({ chosen }));
  assert.deepEqual(
    found.map((one) => one.label),
    ["room", "comments", "backfill", "silent", "mention"],
  );
  assert.ok(found.every((one) => !one.isSure));
  assert.deepEqual(labels("/video attach id:Product film co", { chosen }), ["comments"]);
  assert.equal(
    take("/video attach id:Product film co", "comments", { chosen }).text,
    "/video attach id:Product film comments:",
  );
});

test("choices, rooms of a kind, roles and yes or no are offered", () => {
  assert.deepEqual(labels("/video attach comments:"), ["promoted", "all"]);
  assert.deepEqual(labels("/video attach room:"), ["#film"]);
  assert.deepEqual(labels("/video attach mention:crew"), ["@Webinar crew"]);
  assert.deepEqual(labels("/video attach silent:t"), ["True"]);
  assert.deepEqual(labels("/video attach backfill:3"), []);
  assert.deepEqual(labels("/video import file:"), ["Choose a file…"]);
});

test("a value taken where the required one lacks goes on with that", () => {
  assert.equal(take("/video attach room:", "#film").text, "/video attach room:#film id:");
});

test("within the text, the option at the cursor is completed", () => {
  const text = "/video attach comments: backfill:3";
  const found = suggestions(text, LEAVES, 23, offered());
  assert.deepEqual(
    found.map((one) => one.label),
    ["promoted", "all"],
  );
  assert.equal(taken(text, found[0], LEAVES).text, "/video attach comments:promoted backfill:3");
});

test("a text becomes the values that a client would send", () => {
  const chosen = { id: { text: "Product film", value: "123" } };
  const text =
    "/video attach id:Product film room:#film comments:all backfill:30 silent:True mention:@Webinar crew";
  assert.deepEqual(values(text, { chosen }), {
    options: { id: "123", room: "10", comments: "a", backfill: 30, silent: true, mention: "5" },
    problem: null,
  });
  assert.deepEqual(values("/video attach id:https://a.b/c").options, { id: "https://a.b/c" });
});

for (const [text, problem] of [
  ["/video attach room:#film", "The option id is required."],
  ["/video attach id: ", "The option id is required."],
  ["/video attach id:x comments:most", "comments is one of: promoted, all."],
  ["/video attach id:x backfill:51", "backfill is at most 50."],
  ["/video attach id:x backfill:-1", "backfill is at least 0."],
  ["/video attach id:x backfill:1.5", "backfill is a whole number."],
  ["/video attach id:x silent:maybe", "silent is True or False."],
  ["/video attach id:x room:#nowhere", "There is no #nowhere to choose for room."],
  ["/video attach film id:x", "“film” belongs to no option; write the option’s name and a colon before it."],
  [`/video attach id:${"x".repeat(41)}`, "id has at most 40 characters."],
  ["/video import file:x.json", "Choose a file for file from its menu."],
]) {
  test(`what is wrong is said: ${text.slice(0, 50)}`, () => {
    assert.equal(values(text).problem, problem);
  });
}

test("a value that was chosen is one, though it holds what looks like an option", () => {
  const chosen = { id: { text: "Live room: comments: all", value: "7" } };
  const text = "/video attach id:Live room: comments: all backfill:3";
  const reading = read(text, LEAVES, text.length, chosen);
  assert.deepEqual(valuesOf(reading, offered({ chosen })), {
    options: { id: "7", backfill: 3 },
    problem: null,
  });
});
