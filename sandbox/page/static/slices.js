/** Which of a room's rows are drawn: so many around the reader that scrolling stays smooth. Pure. */
import { placeOf } from "./ids.js";

/** Rows that are drawn at most; those that are drawn at the end of a room; by how many it moves on. */
export const MOST = 250;
export const AT_END = 150;
export const STEP = 75;

/**
 * @param {{id: string}[]} rows sorted by ID @param {string|null} first the first row drawn until now
 * @param {boolean} isAtEnd whether the reader is at the end, where what comes is to be seen
 * @returns {{from: number, to: number}}
 */
export function sliceOf(rows, first, isAtEnd) {
  if (isAtEnd || first === null) return { from: Math.max(0, rows.length - AT_END), to: rows.length };
  const from = Math.min(placeOf(rows, first), Math.max(0, rows.length - 1));
  return { from, to: Math.min(rows.length, from + MOST) };
}

/** The first row to be drawn once the reader comes to the upper (-1) or lower (1) end of a slice. */
export function moved(rows, { from, to }, direction) {
  const next =
    direction < 0 ? Math.max(0, from - STEP) : Math.max(from, Math.min(rows.length, to + STEP) - MOST);
  return rows[next]?.id ?? null;
}
