import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isPlain, parse, plain, safeAddress } from "../../../sandbox/page/static/markdown.js";

const cases = JSON.parse(readFileSync(new URL("markdown_cases.json", import.meta.url), "utf8"));

/** A tree in few words, as the table of cases has it. */
function short(nodes) {
  return nodes.map((node) => {
    switch (node.type) {
      case "text":
        return node.text;
      case "link":
        return { [`link ${node.url}`]: short(node.children) };
      case "heading":
        return { [`heading ${node.level}`]: short(node.children) };
      case "list":
        return { [node.isOrdered ? `list ${node.start}` : "list"]: node.items.map(short) };
      case "time":
        return { [`time ${node.style}`]: node.at };
      case "user":
      case "role":
      case "channel":
        return { [node.type]: node.id };
      default:
        return { [node.type]: node.children ? short(node.children) : (node.text ?? node.name) };
    }
  });
}

/** Texts side by side count as one. */
function joined(tree) {
  const found = [];
  for (const one of tree) {
    if (typeof one === "string" && typeof found.at(-1) === "string") found[found.length - 1] += one;
    else found.push(one);
  }
  return found;
}

for (const one of cases) {
  test(`markdown: ${JSON.stringify(one.text)}`, () => {
    const tree = parse(one.text);
    if (one.plain === undefined) {
      assert.deepEqual(short(tree), joined(one.tree));
    } else {
      assert.ok(isPlain(tree));
      assert.equal(plain(tree), one.plain);
    }
  });
}

test("markup is not plain, whatever a text of it says", () => {
  for (const one of cases.filter(({ tree }) =>
    tree?.some((node) => typeof node === "object" && !("link https://a.b/c_(d)" in node)),
  )) {
    assert.ok(!isPlain(parse(one.text)), one.text);
  }
});

test("an address is a link where it is http or https, and shows the host that it opens", () => {
  assert.equal(safeAddress("https://example.com/a"), "https://example.com/a");
  for (const bad of [
    "javascript:alert(1)",
    "data:text/html,x",
    "//a.b",
    "https://",
    "https://a@b.c",
    "http://[::1",
    "",
    null,
    7,
  ]) {
    assert.equal(safeAddress(bad), null);
  }
});

test("texts made to be slow are not", () => {
  const pieces = [
    "*",
    "**a",
    "_a_b",
    "__",
    "~~",
    "||",
    "`",
    "``` ",
    "[",
    "[a](",
    "<",
    "<https:/",
    "> ",
    "- \n",
    "  - a\n",
    "\\",
    "* ",
    "*a ",
    "https://",
    "((",
    "<@",
    "\n# ",
  ];
  for (const piece of pieces) {
    const text = piece.repeat(Math.ceil(6_000 / piece.length)).slice(0, 6_000);
    const before = process.cpuUsage();
    parse(text);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 2_000_000, `${piece}: ${(user + system) / 1_000} ms`);
  }
});

test("marks within marks end at some depth, and no text is lost", () => {
  const deep = "||~~".repeat(200) + "x" + "~~||".repeat(200);
  assert.ok(plain(parse(deep)).includes("x"));
  const list = Array.from({ length: 100 }, (_, depth) => `${"  ".repeat(depth)}- ${depth}`).join("\n");
  assert.ok(plain(parse(list)).includes("99"));
});
