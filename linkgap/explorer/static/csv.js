// The export as CSV that spreadsheets can open, but in which they find no formula to run: the rules of linkgap's cells.py.

const UNSEEN = "\\s\\x00-\\x20\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\ufeff";
const RUNS = "[=+\\-@\\ufe62\\ufe63\\ufe66\\ufe6b\\uff0b\\uff0d\\uff1d\\uff20]";
const HARMLESS = /^(?:[\p{L}\p{N}_][^;\t\r\n]*)?$/u;
const LEADS_TO_RUN = new RegExp(`^(?:[\\t\\r\\n]|[${UNSEEN}]*${RUNS})`);
const CELL_START = new RegExp(`(?<![;"${UNSEEN}])[;"${UNSEEN}]+(?=${RUNS})`, "g");
const UNPRINTABLE = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]/g;

/** The text, changed where a spreadsheet would take it for a formula. */
export function neutralised(text) {
  if (HARMLESS.test(text)) return text;
  const inside = text.replace(CELL_START, (found) => (/[;\t\r\n]/.test(found) ? `${found}'` : found));
  return LEADS_TO_RUN.test(text) ? `'${inside}` : inside;
}

/** Rows of cells as CSV, with the byte order mark by which Excel recognises UTF-8. */
export function toCsv(rows) {
  return "\ufeff" + rows.map((cells) => cells.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (typeof value !== "string") return String(value);
  const text = neutralised(value.replace(UNPRINTABLE, ""));
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
