// How values look: numbers in English format, dates as 2026-11-21, and a dash for what no export says.

const UNKNOWN = "–";
const integers = new Intl.NumberFormat("en");
const oneDecimal = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const DAY = 86_400_000;

/** A cell's value as people read it. */
export function shown(value, show) {
  if (value === null || value === undefined || value === "" || Number.isNaN(value)) return UNKNOWN;
  return SHOWS[show]?.(value) ?? String(value);
}

const SHOWS = {
  integer: (value) => integers.format(value),
  number: (value) => (Number.isInteger(value) ? integers.format(value) : fraction(value)),
  score: (value) => oneDecimal.format(value),
  share: (value) => `${Math.round(value * 100)}%`,
  index: (value) => value.toFixed(2), // not in percent: a likelihood of 1 is the highest in a list, not a certainty
  date: (value) => dayText(value),
  boolean: (value) => (value ? "yes" : "no"),
};

/** A number with one decimal; one that would become 0 by that, such as a PageRank, with three significant digits. */
function fraction(value) {
  return Math.abs(value) < 0.05 ? String(Number(value.toPrecision(3))) : oneDecimal.format(value);
}

/** Days since 1970 as 2026-11-21; an empty text for a day outside the range of dates. */
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
  return `${integers.format(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** A text with control characters, such as those that reverse its direction, as spaces, and cut after `most` characters. */
export function readable(text, most = 300) {
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, " ");
  return plain.length > most ? `${plain.slice(0, most)}…` : plain;
}
