// How values look: the user's own number format, dates as they sort, and a dash for what no export says.

const UNKNOWN = "–";
const whole = new Intl.NumberFormat("en");
const oneDigit = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const DAY = 86_400_000;

/** A cell as people read it. */
export function shown(value, show) {
  if (value === null || value === undefined || value === "" || Number.isNaN(value)) return UNKNOWN;
  return SHOWS[show]?.(value) ?? String(value);
}

const SHOWS = {
  integer: (value) => whole.format(value),
  number: (value) => (Number.isInteger(value) ? whole.format(value) : fraction(value)),
  score: (value) => oneDigit.format(value),
  share: (value) => `${Math.round(value * 100)}%`,
  index: (value) => value.toFixed(2), // no percent: a likelihood of 1 is the highest of a list, and no certainty
  date: (value) => dayText(value),
  boolean: (value) => (value ? "yes" : "no"),
};

/** A number with one digit behind the point; one that this would make nothing of, as a PageRank, with three that count. */
function fraction(value) {
  return Math.abs(value) < 0.05 ? String(Number(value.toPrecision(3))) : oneDigit.format(value);
}

/** Days since 1970 as 2026-11-21; nothing for a day that no calendar has. */
export function dayText(days) {
  const date = new Date(days * DAY);
  return Number.isNaN(date.valueOf()) ? "" : date.toISOString().slice(0, 10);
}

/** 2026-11-21 as days since 1970; NaN for no date. */
export function dayNumber(text) {
  return Date.parse(text) / DAY;
}

/** A count with its noun: 1 rival, 2 rivals. */
export function counted(number, noun) {
  return `${whole.format(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** A text without what could turn the direction of others around, and not endless. */
export function readable(text, most = 300) {
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, " ");
  return plain.length > most ? `${plain.slice(0, most)}…` : plain;
}
