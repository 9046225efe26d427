import assert from "node:assert/strict";
import { test } from "node:test";
import { AT_END, MOST, STEP, moved, sliceOf } from "../../../sandbox/page/static/slices.js";

const rows = Array.from({ length: 1_000 }, (_, number) => ({ id: String(10_000 + number) }));

test("at its end a room shows its newest rows, whatever was shown before", () => {
  assert.deepEqual(sliceOf(rows, rows[3].id, true), { from: 1_000 - AT_END, to: 1_000 });
  assert.deepEqual(sliceOf(rows.slice(0, 5), null, false), { from: 0, to: 5 });
  assert.deepEqual(sliceOf([], "1", false), { from: 0, to: 0 });
});

test("who has scrolled up keeps what they look at, though rows come before and after", () => {
  const first = rows[500].id;
  assert.deepEqual(sliceOf(rows, first, false), { from: 500, to: 500 + MOST });
  assert.deepEqual(sliceOf(rows.slice(100), first, false), { from: 400, to: 400 + MOST });
  const without = rows.filter((one) => one.id !== first);
  assert.equal(without[sliceOf(without, first, false).from].id, rows[501].id);
});

test("a slice moves on by steps, and reaches both ends", () => {
  for (const [direction, end] of [
    [-1, 0],
    [1, rows.length - MOST],
  ]) {
    let slice = sliceOf(rows, rows[400].id, false);
    for (let count = 0; count < 20; count += 1) {
      const next = sliceOf(rows, moved(rows, slice, direction), false);
      assert.ok(next.to - next.from <= MOST);
      assert.ok(Math.abs(next.from - slice.from) <= STEP);
      slice = next;
    }
    assert.equal(slice.from, end);
  }
});

test("from the end, older rows are added before any is let go", () => {
  const end = sliceOf(rows, null, true);
  const next = sliceOf(rows, moved(rows, end, -1), false);
  assert.deepEqual(next, { from: end.from - STEP, to: rows.length });
});
