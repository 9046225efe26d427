/** Times as people read them. Pure but for `tick`, which brings what is shown up to date. */

/** Discord's client writes times and commands in its reader's language: `?locale=da` is such a reader. */
export const LOCALE = localeIn(globalThis.location?.search ?? "");
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const FORMATS = Object.fromEntries(
  Object.entries(STYLES).map(([style, options]) => [style, new Intl.DateTimeFormat(LOCALE, options)]),
);
const RELATIVE = new Intl.RelativeTimeFormat(LOCALE, { numeric: "always" });
const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];
const DAY_MS = 86_400_000;
/** Beyond this there are no dates in JavaScript. */
const MOST_MS = 8.64e15;

/** The locale that an address asks for, if it is one. @param {string} search */
export function localeIn(search) {
  const asked = new URLSearchParams(search).get("locale");
  try {
    return Intl.getCanonicalLocales(asked)[0];
  } catch {
    return "en-GB";
  }
}

/**
 * A moment in one of Discord's styles (t, T, d, D, f, F, R).
 * @param {number} ms since 1970 @param {string} style @param {number} now ms since 1970
 */
export function written(ms, style, now) {
  if (!Number.isFinite(ms) || Math.abs(ms) > MOST_MS) return "Invalid date";
  return style === "R" ? relative(ms, now) : (FORMATS[style] ?? FORMATS.f).format(ms);
}

/** How far away a moment is. */
export function relative(ms, now) {
  const seconds = Math.round((ms - now) / 1000);
  const [unit, size] = UNITS.find(([, one]) => Math.abs(seconds) >= one) ?? UNITS.at(-1);
  return RELATIVE.format(Math.trunc(seconds / size), unit);
}

/** When a message was sent, as it stands beside its author. */
export function sentAt(ms, now) {
  const today = new Date(now).setHours(0, 0, 0, 0);
  const time = FORMATS.t.format(ms);
  if (ms >= today) return `Today at ${time}`;
  return ms >= today - DAY_MS ? `Yesterday at ${time}` : `${FORMATS.d.format(ms)} ${time}`;
}

/** How long something took. @param {number} ms */
export function took(ms) {
  const sign = ms < 0 ? "−" : "";
  const size = Math.abs(ms);
  if (size < 1_000) return `${sign}${Math.round(size)} ms`;
  return size < 60_000 ? `${sign}${(size / 1_000).toFixed(1)} s` : `${sign}${Math.round(size / 60_000)} min`;
}

/** A time element; `tick` keeps those that say how far away they are. */
export function timeElement(ms, style, now = Date.now()) {
  const element = document.createElement("time");
  element.className = style === "R" ? "time ticks" : "time";
  element.textContent = written(ms, style, now);
  if (Number.isFinite(ms) && Math.abs(ms) <= MOST_MS) {
    element.dateTime = new Date(ms).toISOString();
    element.title = FORMATS.F.format(ms);
  }
  return element;
}

/** Bring all times that tick up to date. */
export function tick(now = Date.now()) {
  for (const element of document.getElementsByClassName("ticks")) {
    const text = relative(Date.parse(element.dateTime), now);
    if (element.textContent !== text) element.textContent = text;
  }
}
