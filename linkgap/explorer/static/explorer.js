// The explorer: puts the parts together, in JupyterLab and in a shared file alike.

import { decode, inflate } from "./columns.js";
import { makeControls } from "./controls.js";
import { toCsv } from "./csv.js";
import { makeDetail } from "./detail.js";
import { control, framed, freshId, h } from "./dom.js";
import { noFilters } from "./filtering.js";
import { counted, dayText, readable } from "./format.js";
import { countCombinations, makeCombinations, makeRivalCounts, makeScatter } from "./pictures.js";
import { State } from "./state.js";
import { makeTable } from "./table.js";

const SYNC_AFTER = 120;
const DATES = new Set(["first_seen", "last_seen"]);
const OUTREACH = ["status", "note"];
const GONE = "The kernel behind this explorer is gone, so nothing can be saved. Run the explorer's cell again, then repeat the change.";
const PATIENCE = 10_000;
const SILENT = "The last change is not saved yet. It will be saved when the running cell has finished; if the kernel is gone, run this explorer's cell again.";

/** anywidget's entry point; `model` may also be a stand-in without a kernel. Returns a function that takes the explorer down. */
export async function render({ model, el }) {
  const bytes = model.get("_data");
  const packed = new Uint8Array(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength);
  const data = decode(model.get("_meta"), await inflate(packed));
  const explorer = new Explorer(model, el, data);
  return () => explorer.destroy();
}

class Explorer {
  constructor(model, el, data) {
    this.model = model;
    this.meta = model.get("_meta");
    this.unsent = new Set();
    this.state = new State(data, model.get("settings"), model.get("_memory"));
    this.select(this.rowsOf(model.get("selected_domains")), "only", { tell: false });
    this.columns = new Map([...this.meta.shown].map((column) => [column.name, column]));
    this.draw = framed(() => (this.paint(), this.drawPictures()));
    this.drawPictures = framed(() => (this.scatter.paint(), this.drawCounts()));
    this.frame = h("div", { class: "lg-frame" });
    this.root = h("div", { class: "linkgap", id: freshId("linkgap") }, this.frame);
    el.replaceChildren(this.root);
    this.followTheme();
    this.build();
    this.listen();
    this.paint();
    requestAnimationFrame(this.drawPictures);
    this.root.dataset.ready = "true";
  }

  build() {
    const { state } = this;
    this.table = makeTable(state, this.columns, {
      select: (rows, how) => this.select(rows, how), activate: (row) => this.activate(row),
      edit: (rows, field, value) => this.edit(rows, field, value), sort: (column) => this.sort(column),
      resize: (column, width, how) => this.resize(column, width, how),
    });
    this.table.element.id = `${this.root.id}-table`;
    this.controls = makeControls(state, {
      ranking: (change) => this.rank(change), filter: (change) => this.filter(change), range: (name, range) => this.range(name, range),
      choices: (name, words) => this.choices(name, words), reset: () => this.rank(this.meta.recommended, { rebuild: true }),
    });
    this.scatter = makeScatter(state, { box: (box) => this.box(box) });
    this.combinations = makeCombinations(state, { exactly: (rivals) => this.filter({ exactly: rivals }) });
    this.rivalCounts = makeRivalCounts(state, { range: (name, range) => this.range(name, range, { rebuild: true }) });
    this.detail = makeDetail(state, this.columns, {
      edit: (rows, field, value) => this.edit(rows, field, value), ask: (row) => this.ask(row), close: () => this.close(),
    });
    this.error = h("pre", { class: "lg-error", role: "alert", hidden: true });
    const pictures = h("div", { class: "lg-pictures" }, this.scatter.element, this.combinations.element, this.rivalCounts.element);
    const middle = h("div", { class: "lg-middle" }, pictures, this.toolbar(), this.table.element);
    this.frame.append(this.header(), this.error, this.controls.element, middle, this.detail.element);
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    this.root.addEventListener("pointerdown", ({ target }) => {
      if (!this.chooser.contains(target)) this.chooser.open = false;
    });
  }

  header() {
    const { title, facts, notes } = this.meta;
    const chips = facts.map(({ text, meaning, word }) => h("span", { class: "lg-chip", title: meaning, "data-word": word, text }));
    const more = h("details", { class: "lg-notes" }, control("summary", { text: "What was compared" }), h("ul", {}, ...notes.map((note) => h("li", { text: readable(note, 500) }))));
    return h("header", { class: "lg-top" }, h("h2", { text: readable(title) }), h("div", { class: "lg-chips" }, ...chips), more);
  }

  toolbar() {
    this.count = h("p", { class: "lg-shown", role: "status" });
    const button = (text, meaning, action) => control("button", { type: "button", title: meaning, text, onclick: action });
    this.undoButton = button("Undo", "Undo the last change of a status or note (U)", () => this.undo());
    const invite = h("p", { class: "lg-hint lg-invite", text: "choose one to see why it ranks there" });
    return h("div", { class: "lg-toolbar", role: "toolbar", "aria-label": "Actions for the prospects" }, this.count, invite, this.controlsToggle(),
      button("Clear filters", "Show all prospects", () => this.clear()),
      button("Hide", "Hide the selected prospects until hidden ones are shown (H)", () => this.hide()), this.undoButton,
      button(`Copy ${this.meta.unit}s`, `Copy the selected ${this.meta.unit}s, or all that are shown`, () => this.copy()),
      button("Export CSV", "Save the selected prospects, or all that are shown", () => this.export()), this.columnChooser());
  }

  /** A button, shown where the screen is narrow, that opens and closes the controls of ranking and filters. */
  controlsToggle() {
    const toggle = control("button", { type: "button", class: "lg-toggle", text: "Ranking and filters", "aria-expanded": "false", onclick: () => {
      const asked = this.frame.classList.toggle("lg-asked");
      toggle.setAttribute("aria-expanded", String(asked));
      if (asked) this.controls.element.scrollIntoView({ block: "start" });
    } });
    return toggle;
  }

  columnChooser() {
    this.chosen = new Map();
    const boxes = this.meta.shown.map(({ name, heading }) => {
      const box = control("input", { type: "checkbox", onchange: () => this.showColumn(name, box.checked) });
      this.chosen.set(name, box);
      return h("label", {}, box, h("span", { text: heading }));
    });
    this.tickColumns();
    this.chooser = h("details", { class: "lg-chooser" }, control("summary", { text: "Columns" }), h("div", { class: "lg-boxes" }, ...boxes));
    return this.chooser;
  }

  tickColumns() {
    for (const [name, box] of this.chosen) box.checked = this.state.view.columns.includes(name);
  }

  showColumn(name, wanted) {
    const { view } = this.state;
    const order = this.meta.shown.map((column) => column.name);
    const columns = wanted ? [...view.columns, name] : view.columns.filter((each) => each !== name);
    view.columns = order.filter((each) => columns.includes(each));
    this.table.setColumns();
    this.tell();
  }

  /** Draw the table, which is what one looks at; the pictures follow in the next frame. */
  paint() {
    this.table.drawRows();
    this.sayCount();
    this.root.dataset.tick = String(Number(this.root.dataset.tick ?? 0) + 1);
  }

  /** Redraw the charts of counts if the counts changed, as they do with filters, and seldom with the ranking. */
  drawCounts() {
    const counts = countCombinations(this.state);
    const { exactly, ranges } = this.state.filters;
    const key = JSON.stringify([counts.combinations, [...counts.byRivals], exactly, ranges.rivals_linked]);
    if (key === this.drawnCounts) return;
    this.drawnCounts = key;
    this.combinations.draw(counts);
    this.rivalCounts.draw(counts);
  }

  sayCount() {
    const { rows, data, selected } = this.state;
    const ofAll = rows.length === data.rows ? "" : ` of ${data.rows.toLocaleString("en")}`;
    const unseen = selected.size - this.state.chosenInSight;
    const aside = unseen ? ` (${unseen.toLocaleString("en")} not shown)` : "";
    const chosen = selected.size ? `, ${selected.size.toLocaleString("en")} selected${aside}` : "";
    const words = `${rows.length.toLocaleString("en")}${ofAll} ${data.rows === 1 ? "prospect" : "prospects"}${chosen}`;
    if (this.count.textContent !== words) this.count.textContent = words; // setting the same text would make the browser lay it out again
  }

  // What the user does

  rank(change, { rebuild = false } = {}) {
    Object.assign(this.state.ranking, structuredClone(change));
    this.state.rank();
    if (rebuild) this.controls.build();
    this.changed();
    this.refreshDetail();
  }

  filter(change) {
    Object.assign(this.state.filters, change);
    this.refilter();
  }

  range(name, range, { rebuild = false } = {}) {
    if (range) this.state.filters.ranges[name] = range;
    else delete this.state.filters.ranges[name];
    if (rebuild) this.controls.build();
    this.refilter();
  }

  choices(name, words) {
    if (words) this.state.filters.choices[name] = words;
    else delete this.state.filters.choices[name];
    this.refilter();
  }

  box(box) {
    const { ranges } = this.state.filters;
    delete ranges.authority_percentile;
    delete ranges.likelihood;
    Object.assign(ranges, box ?? {});
    this.controls.build();
    this.refilter();
  }

  clear() {
    this.state.filters = noFilters();
    this.controls.build();
    this.refilter();
  }

  refilter() {
    this.state.filter();
    this.changed();
  }

  sort(column) {
    const { sort } = this.state.view;
    const { show } = this.columns.get(column) ?? {};
    const first = column !== "rank" && show !== undefined && !["text", "word", "sentence", "page", "host"].includes(show);
    this.state.view.sort = { column, descending: sort.column === column ? !sort.descending : first };
    this.state.filter();
    this.table.setColumns();
    this.table.element.scrollTop = 0;
    this.changed();
  }

  resize(column, width, { resting = true } = {}) {
    this.state.view.widths[column] = Math.round(width);
    if (resting) this.table.setColumns();
    else this.table.layOut();
    this.tell();
  }

  select(rows, how, { tell = true } = {}) {
    const { selected } = this.state;
    if (how === "only") selected.clear();
    if (how === "range") rows = this.between(this.anchor ?? rows[0], rows[0]);
    for (const row of rows) if (how === "toggle" && selected.has(row)) selected.delete(row);
    else selected.add(row);
    if (rows.length === 1) this.anchor = rows[0];
    if (!tell) return;
    this.draw();
    this.tell("selected_domains");
  }

  between(one, other) {
    const rows = Array.from(this.state.rows);
    const [from, to] = [rows.indexOf(one), rows.indexOf(other)].sort((first, second) => first - second);
    return from < 0 ? [other] : rows.slice(from, to + 1);
  }

  activate(row) {
    this.state.active = row;
    const opened = this.frame.classList.toggle("lg-open", row !== null);
    if (opened) this.refreshDetail();
    this.draw();
  }

  close() {
    this.activate(null);
    this.table.element.focus({ preventScroll: true });
  }

  refreshDetail() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.detail.draw(), 30);
  }

  /** Change a status or a note, and return whether it could be sent to Python. */
  edit(rows, field, value) {
    const domains = rows.map((row) => this.state.domain(row));
    const sent = this.send({ kind: "edit", domains, field, value });
    if (sent) this.state.remember(Object.fromEntries(domains.map((domain) => [domain, { [field]: value }])));
    this.state.filter();
    this.refreshDetail();
    this.draw();
    return sent;
  }

  hide() {
    const rows = this.state.selected.size ? this.state.chosen : this.state.active === null ? [] : [this.state.active];
    if (!rows.length) return this.say("First select the prospects to hide.");
    const next = this.nextWithout(new Set(rows));
    if (!this.edit(rows, "status", "hidden")) return;
    this.state.selected.clear();
    if (this.state.active !== null) this.activate(next);
    this.tell("selected_domains");
  }

  /** The prospect to look at when some go: the same, or the next one below it in the table that stays. */
  nextWithout(gone) {
    const { rows, active } = this.state;
    if (!gone.has(active)) return active;
    return rows.subarray(Math.max(0, rows.indexOf(active))).find((row) => !gone.has(row)) ?? null;
  }

  undo() {
    this.send({ kind: "undo" });
  }

  ask(row) {
    const domain = this.state.domain(row);
    const { pages = {} } = this.meta;
    if (Object.hasOwn(pages, domain)) this.detail.addPages(row, pages[domain]);
    else this.send({ kind: "pages", row, domain });
  }

  /** Send a message to Python, and return whether that was possible: a notebook throws when its kernel is gone. */
  send(message) {
    const changes = message.kind !== "pages";
    if (changes) this.expectAnswer();
    try {
      this.model.send(message);
    } catch {
      if (changes) this.takeAnswer();
      this.complain(GONE);
      return false;
    }
    return true;
  }

  /** Complain if no answer comes in time: a kernel that was killed takes messages for a while, and answers none. */
  expectAnswer() {
    this.complain("");
    this.unanswered = (this.unanswered ?? 0) + 1;
    this.waiting ??= setTimeout(() => this.complain(SILENT), PATIENCE);
  }

  takeAnswer() {
    this.unanswered -= 1;
    if (this.unanswered > 0) return;
    clearTimeout(this.waiting);
    this.waiting = null;
    if (this.error.textContent === SILENT) this.complain("");
  }

  complain(text) {
    this.error.textContent = text;
    this.error.hidden = !text;
  }

  rowsToHandOn() {
    return this.state.selected.size ? this.state.chosen : Array.from(this.state.rows);
  }

  async copy() {
    const rows = this.rowsToHandOn();
    const text = rows.map((row) => this.state.domain(row)).join("\n");
    const copied = await copyText(text, this.root);
    this.say(copied ? `${counted(rows.length, this.meta.unit)} copied.` : "The browser does not allow copying here. Use Export CSV instead.");
  }

  export() {
    const rows = this.rowsToHandOn();
    const names = [...this.meta.exported, ...OUTREACH];
    const cells = rows.map((row) => names.map((name) => this.exported(row, name)));
    save(toCsv([names, ...cells]), this.meta.file_name);
    this.say(`${counted(rows.length, "prospect")} exported.`);
  }

  exported(row, name) {
    const value = this.state.value(row, name);
    if (Number.isNaN(value)) return value;
    if (this.columns.get(name)?.show === "boolean") return Boolean(value);
    return DATES.has(name) ? dayText(value) : value;
  }

  say(text) {
    this.sayCount();
    this.count.textContent += ` – ${text}`;
  }

  onKey(event) {
    if (event.target.closest("input:not([type=checkbox]):not([type=range]), textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") this.leave(event.target);
    if (event.key.toLowerCase() === "h") this.hide();
    if (event.key.toLowerCase() === "u") this.undo();
  }

  /** Close what Escape is meant for: the column chooser, else the detail. In the scatter chart, it removes the box instead. */
  leave(target) {
    if (this.chooser.open) {
      this.chooser.open = false;
      this.chooser.firstElementChild.focus();
    } else if (this.state.active !== null && !target.closest("canvas")) this.close();
  }

  // Between the screen and Python

  changed() {
    this.draw();
    this.tell();
  }

  /** Send Python only what the user changed, settings or selection; so what Python changes meanwhile in the other is kept. */
  tell(what = "settings") {
    clearTimeout(this.telling);
    this.unsent.add(what);
    this.root.dataset.telling = "true";
    this.telling = setTimeout(() => {
      const unsent = [...this.unsent];
      this.unsent.clear();
      if (unsent.includes("settings")) this.model.set("settings", this.state.settings);
      if (unsent.includes("selected_domains")) this.model.set("selected_domains", this.selectedDomains());
      try {
        this.model.save_changes();
      } catch {
        this.complain(GONE);
      }
      delete this.root.dataset.telling;
    }, SYNC_AFTER);
  }

  listen() {
    this.heard = {
      "change:settings": () => this.takeSettings(this.model.get("settings")),
      "change:selected_domains": () => this.takeSelected(this.model.get("selected_domains")),
      "change:_memory": () => this.takeMemory(this.model.get("_memory")),
      "msg:custom": (message) => this.takeMessage(message),
    };
    for (const [name, take] of Object.entries(this.heard)) this.model.on(name, take);
  }

  takeSettings(settings) {
    if (this.unsent.has("settings") || JSON.stringify(settings) === JSON.stringify(this.state.settings)) return;
    this.state.apply(settings);
    this.controls.build();
    this.table.setColumns();
    this.tickColumns();
    this.refreshDetail();
    this.draw();
  }

  takeSelected(domains) {
    if (this.unsent.has("selected_domains") || domains.join() === this.selectedDomains().join()) return;
    this.state.selected = new Set(this.rowsOf(domains));
    this.draw();
  }

  selectedDomains() {
    return [...this.state.selected].sort((one, other) => one - other).map((row) => this.state.domain(row));
  }

  rowsOf(domains) {
    return domains.map((domain) => this.state.row(domain)).filter((row) => row !== undefined);
  }

  takeMemory(memory) {
    if (!this.state.recall(memory)) return;
    this.state.filter();
    this.refreshDetail();
    this.draw();
  }

  takeMessage(message) {
    if (message.kind === "pages") this.detail.addPages(message.row, message.pages);
    if (message.kind === "say") this.say(message.text);
    if (message.kind === "kept" || message.kind === "refused") this.takeAnswer();
    if (message.undone === false) this.say("There is nothing to undo.");
    if (message.kind === "error" || message.kind === "refused") this.complain(message.text);
    if (message.kind === "refused") this.takeMemory(this.model.get("_memory"));
  }

  // How it looks

  followTheme() {
    const follow = () => {
      const before = this.root.classList.contains("lg-dark");
      if (this.root.classList.toggle("lg-dark", isDark(this.root)) !== before && this.scatter) this.drawPictures();
    };
    this.themed = new MutationObserver(follow);
    this.themed.observe(document.body, { attributes: true });
    this.themed.observe(document.documentElement, { attributes: true });
    this.scheme = window.matchMedia("(prefers-color-scheme: dark)");
    this.onScheme = follow;
    this.scheme.addEventListener("change", follow);
    follow();
    requestAnimationFrame(follow);
  }

  destroy() {
    clearTimeout(this.telling);
    clearTimeout(this.later);
    clearTimeout(this.waiting);
    this.draw.cancel();
    this.drawPictures.cancel();
    this.table.destroy();
    this.scatter.destroy();
    this.combinations.destroy();
    this.themed.disconnect();
    this.scheme.removeEventListener("change", this.onScheme);
    for (const [name, take] of Object.entries(this.heard)) this.model.off(name, take);
  }
}

/** Whether the background behind an element is dark. */
function isDark(element) {
  for (let each = element.parentElement; each; each = each.parentElement) {
    const [red, green, blue, alpha = 1] = getComputedStyle(each).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [];
    if (alpha > 0 && red !== undefined) return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
  }
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Copy a text, and return whether the browser allowed it; the focus stays where it was. */
async function copyText(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = root.getRootNode().activeElement;
    const field = h("textarea", { class: "lg-copied", "aria-hidden": "true" });
    field.value = text;
    root.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    focused?.focus({ preventScroll: true });
    return copied;
  }
}

function save(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export default { render };
