// Which rows pass the filters: one byte per row, so that 100,000 rows take a millisecond.

import { choicesOf, linksTo } from "./columns.js";
import { comparable } from "./ordering.js";

const SEARCHED = ["domain", "sample_anchor", "title"];

/** All filters, set so that none applies. */
export function noFilters() {
  return { ranges: {}, choices: {}, present: [], absent: [], exactly: null, text: "", hidden: false };
}

/** Tell for each row whether it passes.
 * @param computed columns that the ranking computes: coverage, likelihood, priority
 * @param statuses the outreach status of each row, as an index into `words`
 */
export function passing(data, filters, computed, statuses) {
  const passes = new Uint8Array(data.rows).fill(1);
  for (const [name, range] of Object.entries(filters.ranges)) {
    if (computed[name]) keepRange(passes, computed[name], range, comparable); // ten times 0.1 adds up to just below 1
    else keepRange(passes, data.columns.get(name)?.values, range);
  }
  for (const [name, words] of Object.entries(filters.choices)) {
    if (name === "status") keepStatuses(passes, statuses, words);
    else keepChoices(passes, data.columns.get(name), words);
  }
  keepRivals(passes, data, filters);
  if (filters.text.trim()) keepText(passes, data, filters.text.trim().toLowerCase());
  if (!filters.hidden) dropHidden(passes, statuses);
  return passes;
}

function keepRange(passes, values, [least, most], compared = (value) => value) {
  if (!values) return void passes.fill(0); // a column that no export has is in no range
  const low = compared(least ?? -Infinity);
  const high = compared(most ?? Infinity);
  for (let row = 0; row < passes.length; row++) {
    const value = compared(values[row]);
    if (!(value >= low && value <= high)) passes[row] = 0;
  }
}

function keepChoices(passes, column, words) {
  if (!column) return;
  const wanted = new Set(words);
  const allowed = Uint8Array.from(column.words, (word) => Number(choicesOf(column, word).some((choice) => wanted.has(choice))));
  for (let row = 0; row < passes.length; row++) passes[row] &= allowed[column.values[row]];
}

function keepStatuses(passes, statuses, words) {
  const allowed = Uint8Array.from(statuses.words, (word) => Number(words.includes(word)));
  for (let row = 0; row < passes.length; row++) passes[row] &= allowed[statuses.values[row]];
}

function dropHidden(passes, statuses) {
  const hidden = statuses.words.indexOf("hidden");
  for (let row = 0; row < passes.length; row++) if (statuses.values[row] === hidden) passes[row] = 0;
}

function keepRivals(passes, data, { present, absent, exactly }) {
  const keep = (rival, links) => {
    for (let row = 0; row < passes.length; row++) if (linksTo(data, row, rival) !== links) passes[row] = 0;
  };
  data.rivals.forEach(({ name }, rival) => {
    if (exactly) keep(rival, exactly.includes(name));
    if (present.includes(name)) keep(rival, true);
    if (absent.includes(name)) keep(rival, false);
  });
}

function keepText(passes, data, text) {
  const columns = SEARCHED.filter((name) => data.columns.has(name)).map((name) => data.columns.get(name).lower());
  for (let row = 0; row < passes.length; row++) {
    if (passes[row] && !columns.some((texts) => texts[row].includes(text))) passes[row] = 0;
  }
}

/** The rows of `order` that pass, in this order. */
export function kept(order, passes) {
  const rows = new Uint32Array(order.length);
  let count = 0;
  for (let place = 0; place < order.length; place++) if (passes[order[place]]) rows[count++] = order[place];
  return rows.subarray(0, count);
}
