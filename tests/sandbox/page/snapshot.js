/** A small state of the server, and messages, for tests. */

const ROOMS = [
  ["10", "film", 0],
  ["11", "webinar", 0],
  ["12", "moderators", 0],
  ["13", "ideas", 15],
];

export function message(id, more = {}) {
  return {
    id,
    channel_id: "10",
    type: 0,
    content: "hello",
    author: { id: "4", username: "Sandbox bot", bot: true },
    embeds: [],
    components: [],
    attachments: [],
    flags: 0,
    mentions: [],
    mention_roles: [],
    mention_everyone: false,
    edited_timestamp: null,
    ...more,
  };
}

export function snapshot() {
  const persons = [
    { id: "1", name: "Ann", role: "administrator", roles: [], permissions: "8" },
    { id: "2", name: "Mia", role: "moderator", roles: ["5"], permissions: "0" },
    { id: "3", name: "Sam", role: "member", roles: [], permissions: "0" },
  ];
  const channels = ROOMS.map(([id, name, type], position) => ({
    id,
    name,
    type,
    position,
    guild_id: "9",
    parent_id: null,
    topic: null,
    seen_by: id === "12" ? ["1", "2"] : ["1", "2", "3"],
    written_by: ["1", "2", "3"],
  }));
  return {
    type: "snapshot",
    seq: 7,
    state: {
      run: "r1",
      me: "1",
      bot_id: "4",
      persons,
      channels,
      guild: {
        id: "9",
        name: "Launch team",
        roles: [
          { id: "9", name: "@everyone" },
          { id: "5", name: "Crew" },
        ],
      },
      users: [{ id: "4", username: "Sandbox bot", bot: true, global_name: null }],
      messages: { 10: [message("100")], 11: [message("90", { channel_id: "11" })], 12: [], 13: [] },
      commands: [],
      replies: [],
      switches: {},
      bot: { running: true, since: null },
      journey: null,
      status: null,
      workspace: {
        videos: [{ id: "60", title: "Film", is_live: false, state: "", start: null, comments: [] }],
        lives: [],
      },
    },
  };
}
