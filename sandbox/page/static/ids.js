/** Discord's IDs: numbers too large for JavaScript's, written as text, that rise with time. */

const EPOCH_MS = 1_420_070_400_000n;

/** Compare two IDs for sorting. @param {string} a @param {string} b */
export function compareIds(a, b) {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

/** When something with this ID was made, in milliseconds since 1970. @param {string} id */
export function madeAt(id) {
  return Number((BigInt(id) >> 22n) + EPOCH_MS);
}

/**
 * Where in a list that is sorted by ID one of this ID is, or would be put.
 * @param {{id: string}[]} sorted @param {string} id
 */
export function placeOf(sorted, id) {
  let low = 0;
  let high = sorted.length;
  // Nearly all that comes is the newest.
  if (high > 0 && compareIds(sorted[high - 1].id, id) < 0) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareIds(sorted[middle].id, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Return a sorted list with this one in it, in place of one with its ID. */
export function withOne(sorted, one) {
  const place = placeOf(sorted, one.id);
  const isThere = sorted[place]?.id === one.id;
  return [...sorted.slice(0, place), one, ...sorted.slice(place + (isThere ? 1 : 0))];
}

/** Return a list without the one of this ID; the same list where there is none. */
export function withoutOne(list, id) {
  return list.some((one) => one.id === id) ? list.filter((one) => one.id !== id) : list;
}
