// What the user has set, and what follows from it: the scores, the order and the rows shown.

import { linksTo, valueAt } from "./columns.js";
import { kept, noFilters, passing } from "./filtering.js";
import { byKey, comparable, PrioritySorter, rankRows } from "./ordering.js";
import { emptyScores, score } from "./scoring.js";

export const STATUSES = ["new", "shortlisted", "contacted", "replied", "won", "rejected", "hidden"];
const COMPUTED = ["coverage", "likelihood", "priority", "rank"];

export class State {
  constructor(data, settings, memory = {}) {
    this.data = data;
    this.scored = emptyScores(data.rows);
    this.sorter = new PrioritySorter(data.rows);
    this.selected = new Set();
    this.active = null;
    this.sortedRows = new Map();
    this.rowOf = null;
    this.statuses = { words: STATUSES, values: new Uint8Array(data.rows) };
    this.notes = new Map();
    this.remember(memory);
    this.apply(settings);
  }

  /** Apply settings in Python's form. */
  apply(settings) {
    this.ranking = structuredClone(settings.ranking);
    this.filters = { ...noFilters(), ...structuredClone(settings.filters) };
    this.view = structuredClone(settings.view);
    this.rank();
  }

  get settings() {
    return structuredClone({ ranking: this.ranking, filters: this.filters, view: this.view });
  }

  /** Rank again, then filter. */
  rank() {
    score(this.data, this.ranking, this.scored);
    this.order = this.sorter.sort(this.scored.priority);
    rankRows(this.order, this.scored.rank);
    for (const name of COMPUTED) this.sortedRows.delete(name);
    this.filter();
  }

  /** Find the rows that are shown, in the order of the table. */
  filter() {
    const { exactly, ...others } = this.filters;
    this.passes = passing(this.data, { ...others, exactly: null }, this.scored, this.statuses);
    this.passesOthers = this.passes;
    if (exactly) {
      const only = passing(this.data, { ...noFilters(), exactly, hidden: true }, this.scored, this.statuses);
      this.passes = this.passes.map((passes, row) => passes & only[row]);
    }
    this.rows = kept(this.sorted(), this.passes);
  }

  /** All rows, sorted by the table's sort column. */
  sorted() {
    const { column, descending } = this.view.sort;
    if (column === "rank") return descending ? this.order.toReversed() : this.order;
    if (column === "status" || column === "note") this.sortedRows.delete(column);
    const name = `${column} ${descending}`;
    const orders = this.sortedRows.get(column) ?? new Map();
    if (!orders.has(name)) orders.set(name, byKey(this.keysOf(column), descending));
    this.sortedRows.set(column, orders);
    return orders.get(name);
  }

  keysOf(column) {
    if (column === "status") return Array.from(this.statuses.values);
    if (column === "note") return Array.from({ length: this.data.rows }, (_, row) => (this.notes.get(row) ?? "").toLowerCase());
    if (column === "priority") return this.scored.priority.map(comparable);
    if (this.scored[column]) return this.scored[column];
    const found = this.data.columns.get(column);
    if (!found) {
      const rival = this.data.rivals.findIndex(({ name }) => name === column);
      return Array.from({ length: this.data.rows }, (_, row) => Number(this.linked(row, rival)));
    }
    if (found.kind === "text") return found.lower();
    if (found.kind !== "choice") return found.values;
    const words = found.words.map((word) => word.toLowerCase());
    return Array.from(found.values, (code) => words[code]);
  }

  linked(row, rival) {
    return linksTo(this.data, row, rival);
  }

  /** The value of a cell of the table. */
  value(row, column) {
    if (column === "status") return STATUSES[this.statuses.values[row]];
    if (column === "note") return this.notes.get(row) ?? "";
    if (this.scored[column]) return this.scored[column][row];
    if (this.data.columns.has(column)) return valueAt(this.data, column, row);
    const rival = this.data.rivals.findIndex(({ name }) => name === column);
    return rival >= 0 && this.linked(row, rival);
  }

  /** Replace all statuses and notes by those in `memory`, and return whether any has changed. */
  recall(memory) {
    const { notes, statuses: { values: statuses } } = this;
    this.statuses.values = new Uint8Array(this.data.rows);
    this.notes = new Map();
    this.remember(memory);
    const rows = new Set([...notes.keys(), ...this.notes.keys()]);
    return this.statuses.values.some((status, row) => status !== statuses[row])
      || [...rows].some((row) => (notes.get(row) ?? "") !== (this.notes.get(row) ?? ""));
  }

  /** Set the statuses and notes in `memory`, {domain: {status, note}}, and leave others as they are. */
  remember(memory) {
    for (const [domain, { status, note }] of Object.entries(memory)) {
      const row = this.row(domain);
      if (row === undefined) continue;
      if (status !== undefined) this.statuses.values[row] = Math.max(0, STATUSES.indexOf(status));
      if (note !== undefined) this.notes.set(row, note);
    }
  }

  /** The row of a domain. */
  row(domain) {
    if (!this.rowOf) {
      const domains = this.data.columns.get("domain");
      this.rowOf = new Map(Array.from({ length: this.data.rows }, (_, row) => [domains.at(row), row]));
    }
    return this.rowOf.get(domain);
  }

  domain(row) {
    return this.data.columns.get("domain").at(row);
  }

  /** The selected rows, including those that filters hide, in the order of the table. */
  get chosen() {
    return Array.from(this.sorted()).filter((row) => this.selected.has(row));
  }

  /** How many of the selected rows are shown. */
  get chosenInSight() {
    let count = 0;
    for (const row of this.selected) count += this.passes[row];
    return count;
  }
}
