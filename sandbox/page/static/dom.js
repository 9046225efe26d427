/** Elements made and kept. All text becomes text nodes; nothing here reads markup. */

/**
 * Make an element. `given`: attributes by name, `class` among them; `data` for `data-…`; `true` for
 * an attribute without a value; what is `null`, `undefined` or `false` is left out.
 * @param {string} tag @param {Record<string, any>} [given] @param {...(Node|string|null|undefined|false)} children
 */
export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
  return element;
}

/** Set a text where it is another: setting it anew would be told to whoever listens. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set or take away an attribute. */
export function setState(element, name, value) {
  if (value === null || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/** Rows that an element holds now, by key. @type {WeakMap<Element, Map<string, {row: any, node: Element}>>} */
const held = new WeakMap();

/**
 * Bring an element's children in line with rows, each of which has a `key`: rows that are the same
 * keep their node, and the one that has the focus keeps it through being drawn anew.
 * @param {Element} parent @param {{key: string}[]} rows
 * @param {(row: any, before: any) => Element} draw @param {(a: any, b: any) => boolean} isSame
 */
export function reconcile(parent, rows, draw, isSame) {
  const before = held.get(parent) ?? new Map();
  const now = new Map();
  for (const row of rows) now.set(row.key, kept(before.get(row.key), row, draw, isSame));
  for (const [key, { node }] of before) if (!now.has(key)) node.remove();
  let place = parent.firstElementChild;
  for (const { node } of now.values()) {
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  held.set(parent, now);
}

function kept(entry, row, draw, isSame) {
  if (entry && isSame(entry.row, row)) return { row, node: entry.node };
  const node = draw(row, entry?.row ?? null);
  if (entry) replace(entry.node, node);
  return { row, node };
}

/** Focus an element, or what stands in its place where it was drawn anew, or the message box. */
export function returnFocus(element) {
  const message = element?.closest?.("[data-message]")?.dataset.message;
  const within = message ? document.querySelector(`[data-message="${CSS.escape(message)}"]`) : document;
  const name = element?.dataset?.focus;
  const twin = name ? within?.querySelector(`[data-focus="${CSS.escape(name)}"]:not([disabled])`) : null;
  const next =
    element?.isConnected && !element.disabled
      ? element
      : (twin ?? within?.querySelector?.("[data-focus]") ?? null);
  (next ?? document.getElementById("box"))?.focus({ preventScroll: true });
}

function replace(old, node) {
  const active = document.activeElement;
  const name = old.contains(active) ? (active.dataset.focus ?? "") : null;
  old.replaceWith(node);
  if (name === null) return;
  const twin = name && node.querySelector(`[data-focus="${CSS.escape(name)}"]:not([disabled])`);
  const place = [...old.querySelectorAll("[data-focus]")].indexOf(active);
  const others = [...node.querySelectorAll("[data-focus]:not([disabled])")];
  // What was pressed may have turned into its opposite, in the same place.
  const next = twin || others[Math.min(Math.max(place, 0), others.length - 1)] || node;
  next.focus({ preventScroll: true });
}

let number = 0;
/** An ID that no other element has. */
export function freshId(prefix) {
  number += 1;
  return `${prefix}-${number}`;
}
