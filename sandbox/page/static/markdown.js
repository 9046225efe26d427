/**
 * Discord's markdown as a tree. Pure: no document, no clock; who draws it makes text nodes of texts.
 *
 * What the tests' judge of hostile texts (`tests/fakes/discord_markdown.py`) takes for plain is
 * plain here, too, to the character; a test holds the two together.
 *
 * @typedef {{type: string, text?: string, children?: Node[], url?: string, isBare?: boolean,
 *   id?: string, name?: string, isAnimated?: boolean, at?: number, style?: string, level?: number,
 *   language?: string, isOrdered?: boolean, start?: number, items?: Node[][]}} Node
 * @typedef {{node: Node, end: number}} Hit
 */

import { AUTOLINK, BARE, BLOCKS, CODE, ESCAPE, FENCE, MASKED, REFERENCES, SPANS } from "./markdown_rules.js";

/** Marks inside of marks, no deeper: a text made of marks alone is not to cost its square. */
const DEEPEST = 12;

/** @param {string} text @returns {Node[]} */
export function parse(text) {
  return nodesIn(text, { depth: 0, hasBlocks: true, hasQuotes: true });
}

/** What a reader sees, as characters. @param {Node[]} nodes @returns {string} */
export function plain(nodes) {
  return nodes.map(plainOf).join("");
}

/** Whether nothing is marked up, bare links aside. @param {Node[]} nodes */
export function isPlain(nodes) {
  return nodes.every((one) => one.type === "text" || (one.type === "link" && one.isBare === true));
}

/**
 * An address that may be a link: http or https, with a host and without a user name, which would
 * show one host and open another.
 * @param {unknown} address @returns {string|null}
 */
export function safeAddress(address) {
  if (typeof address !== "string" || !/^https?:\/\/[^/]/.test(address)) return null;
  const url = URL.parse ? URL.parse(address) : parsed(address);
  return url && url.host && !url.username && !url.password ? url.href : null;
}

function parsed(address) {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

function plainOf(node) {
  if (node.children) return plain(node.children);
  if (node.items) return node.items.map(plain).join("\n");
  if (node.type === "emoji") return `:${node.name}:`;
  return node.text ?? node.name ?? node.id ?? String(node.at);
}

function nodesIn(source, state) {
  const found = [];
  let position = 0;
  while (position < source.length) {
    const hit = hitAt(source, position, state);
    if (hit === null) {
      add(found, { type: "text", text: source[position] });
      position += 1;
    } else {
      add(found, hit.node);
      position = hit.end;
    }
  }
  return found;
}

/** Texts side by side are one. */
function add(found, node) {
  const last = found.at(-1);
  if (node.type === "text" && last?.type === "text") last.text += node.text;
  else found.push(node);
}

/** @returns {Hit|null} */
function hitAt(source, position, state) {
  const isLineStart = position === 0 || source[position - 1] === "\n";
  if (isLineStart && state.hasBlocks) {
    const block = blockAt(source, position, state);
    if (block) return block;
  }
  if (/[^\\`<h[*_~|@]/.test(source[position])) return null;
  return (
    escapeAt(source, position) ??
    codeAt(source, position) ??
    linkAt(source, position, state) ??
    referenceAt(source, position) ??
    spanAt(source, position, state)
  );
}

function matchAt(pattern, source, position) {
  pattern.lastIndex = position;
  return pattern.exec(source);
}

function blockAt(source, position, state) {
  const inline = { ...state, hasBlocks: false };
  let match = matchAt(BLOCKS.heading, source, position);
  if (match)
    return hit(match, {
      type: "heading",
      level: match[1].length,
      children: nodesIn(match[2].trim(), inline),
    });
  match = matchAt(BLOCKS.subtext, source, position);
  if (match) return hit(match, { type: "subtext", children: nodesIn(match[1].trim(), inline) });
  return (state.hasQuotes ? quoteAt(source, position, state) : null) ?? listAt(source, position, state);
}

function quoteAt(source, position, state) {
  const inside = { ...state, hasQuotes: false };
  const rest = matchAt(BLOCKS.rest, source, position);
  if (rest) return hit(rest, { type: "quote", children: nodesIn(rest[1], inside) });
  const lines = matchAt(BLOCKS.quote, source, position);
  if (!lines) return null;
  const text = lines[0].replace(/^> /gm, "").replace(/\n$/, "");
  return hit(lines, { type: "quote", children: nodesIn(text, inside) });
}

/** A list ends with the first line that is no item, or one of the other kind on its level. */
function listAt(source, position, state) {
  const first = matchAt(BLOCKS.item, source, position);
  if (!first) return null;
  const node = { type: "list", isOrdered: first[3] !== undefined, start: Number(first[3] ?? 1), items: [] };
  let end = position;
  for (let line = first; line; line = matchAt(BLOCKS.item, source, end)) {
    const isDeeper = line[1].length > first[1].length;
    if (line[1].length < first[1].length) break;
    if (isDeeper && state.depth < DEEPEST) {
      const below = listAt(source, end, { ...state, depth: state.depth + 1 });
      node.items.at(-1).push(below.node);
      end = below.end;
      continue;
    }
    if (!isDeeper && (line[3] !== undefined) !== node.isOrdered) break;
    node.items.push(nodesIn(line[4].trim(), { ...state, hasBlocks: false }));
    end += line[0].length;
  }
  return { node, end };
}

function escapeAt(source, position) {
  const match = matchAt(ESCAPE, source, position);
  return match && hit(match, { type: "text", text: match[1] });
}

function codeAt(source, position) {
  const fence = matchAt(FENCE, source, position);
  if (fence) {
    const found = hit(fence, { type: "codeblock", language: fence[1] ?? "", text: fence[2] });
    // The line that the fence ends is no empty line below it.
    return source[found.end] === "\n" ? { ...found, end: found.end + 1 } : found;
  }
  const match = matchAt(CODE, source, position);
  return match && hit(match, { type: "code", text: match[2].replace(/^ (?=`)|(?<=`) $/g, "") });
}

function linkAt(source, position, state) {
  const auto = matchAt(AUTOLINK, source, position);
  if (auto) return hit(auto, bare(auto[1]));
  const match = matchAt(BARE, source, position);
  if (match && !state.isInLink) {
    const address = trimmed(match[0]);
    return { node: bare(address), end: position + address.length };
  }
  const masked = matchAt(MASKED, source, position);
  const url = masked && safeAddress(masked[2]);
  if (!url || state.isInLink) return null;
  return hit(masked, {
    type: "link",
    url,
    children: nodesIn(masked[1], { ...state, hasBlocks: false, isInLink: true }),
  });
}

/** An address in brackets ends where they do. */
function trimmed(address) {
  let end = address.length;
  while (address[end - 1] === ")" && count(address, ")", end) > count(address, "(", end)) end -= 1;
  return address.slice(0, end);
}

const count = (text, character, end) => text.slice(0, end).split(character).length - 1;

function bare(address) {
  const url = safeAddress(address);
  return url
    ? { type: "link", url, isBare: true, children: [{ type: "text", text: address }] }
    : { type: "text", text: address };
}

function referenceAt(source, position) {
  for (const [pattern, made] of REFERENCES) {
    const match = matchAt(pattern, source, position);
    if (match) return hit(match, made(match));
  }
  return null;
}

function spanAt(source, position, state) {
  if (state.depth >= DEEPEST) return null;
  const inside = { ...state, depth: state.depth + 1, hasBlocks: false };
  for (const [type, pattern] of SPANS) {
    const match = matchAt(pattern, source, position);
    if (match) return hit(match, { type, children: nodesIn(match[1], inside) });
  }
  return null;
}

/** @returns {Hit} */
function hit(match, node) {
  return { node, end: match.index + match[0].length };
}
