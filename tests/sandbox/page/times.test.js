import assert from "node:assert/strict";
import { test } from "node:test";
import { ownSource, sizeOf } from "../../../sandbox/page/static/embed.js";
import { compareIds, madeAt, withOne } from "../../../sandbox/page/static/ids.js";
import { localeIn, relative, took, written } from "../../../sandbox/page/static/times.js";

const NOW = Date.UTC(2026, 0, 2, 12);

test("how far away a moment is", () => {
  for (const [seconds, text] of [
    [-1, "1 second ago"],
    [-3_599, "59 minutes ago"],
    [7_200, "in 2 hours"],
    [-90_000, "1 day ago"],
    [0, "in 0 seconds"],
  ]) {
    assert.equal(relative(NOW + seconds * 1_000, NOW), text);
  }
});

test("a moment that no calendar has is said to be none", () => {
  assert.equal(written(1e17, "f", NOW), "Invalid date");
  assert.match(written(NOW, "D", NOW), /January 2026/);
});

test("times are written in the language that the address asks for, if there is such a one", () => {
  const found = ["", "?locale=da", "?locale=sv-SE", "?locale=", "?locale=x_y", "?locale=%00"].map(localeIn);
  assert.deepEqual(found, ["en-GB", "da", "sv-SE", "en-GB", "en-GB", "en-GB"]);
});

test("how long something took", () => {
  assert.deepEqual([4, 999.6, 1_234, 120_000, -5].map(took), ["4 ms", "1000 ms", "1.2 s", "2 min", "−5 ms"]);
});

test("IDs too large for numbers are told apart and dated", () => {
  const [a, b] = ["1200000000000000001", "1200000000000000002"];
  assert.ok(compareIds(a, b) < 0 && compareIds("9", "10") < 0);
  assert.equal(madeAt("175928847299117063"), 1_462_015_105_796);
  assert.deepEqual(
    withOne([{ id: a }], { id: b }).map((one) => one.id),
    [a, b],
  );
});

test("no picture is asked for but the server's own", () => {
  assert.equal(ownSource("/media/1"), "/media/1");
  for (const other of ["https://a.b/media/1", "//a.b/media/1", "/other", "/media/\\a.b", undefined, 3])
    assert.equal(ownSource(other), null);
  assert.equal(sizeOf(2_048), "2.0 KB");
});
