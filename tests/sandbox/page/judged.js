/** Says of each line of JSON text that comes what the page would make of it, a line for each. */
import { createInterface } from "node:readline";
import { isPlain, parse, plain } from "../../../sandbox/page/static/markdown.js";

for await (const line of createInterface({ input: process.stdin })) {
  const tree = parse(JSON.parse(line));
  process.stdout.write(`${JSON.stringify({ isPlain: isPlain(tree), text: plain(tree) })}\n`);
}
