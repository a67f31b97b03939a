// The table: only rows in or near the visible part have elements, and these are reused while scrolling.

import { measures, named } from "./columns.js";
import { control, framed, h, replaceChildren } from "./dom.js";
import { readable, shown } from "./format.js";
import { STATUSES } from "./state.js";

const ROW = 30;
const SPARE = 6;
const PAUSE_MS = 150;
const MOST_PIXELS = 12_000_000;
const LEAST_WIDTH = 48;
const CHECK = 34;
const MOST_UNIT = 6;
const NARROW = { below: 480, row: 48, domain: 100, beside: CHECK + 66 + 76, priority: 76 };
const RIGHT = new Set(["integer", "number", "score", "share", "index", "date"]);
const BARS = new Set(["score", "share", "index"]);
const FITTING = new Set([...RIGHT, "link", "status", "note", "evidence"]);

/** Make the table.
 * @param actions select(rows, how), activate(row), edit(rows, field, value), sort(column), resize(column, width, { resting })
 */
export function makeTable(state, columns, actions) {
  const head = h("div", { class: "lg-head", role: "row", "aria-rowindex": 1 });
  const body = h("div", { class: "lg-body", role: "rowgroup" });
  const empty = h("p", { class: "lg-empty", hidden: true });
  const scroll = control("div", {
    class: "lg-scroll", role: "grid", tabindex: 0, "aria-label": "Prospects", "aria-multiselectable": "true",
    onkeydown: (event) => onKey(event),
  }, head, body, empty);
  body.addEventListener("pointerover", ({ target }) => addTitle(target.closest(".lg-cell")));
  const pool = [];
  let spareTimer = 0;
  let visible = [];
  // The visible part as last measured: measuring while a slider moves would force the browser to lay out all changes again.
  let sight = { top: 0, left: 0, width: 0, height: 0 };
  let narrow = false;
  const draw = framed(() => drawSight(SPARE, columnsInSight()));
  const look = () => (see(), draw());
  scroll.addEventListener("scroll", look, { passive: true });
  const sized = new ResizeObserver(fit);
  sized.observe(scroll);

  function see() {
    sight = { top: scroll.scrollTop, left: scroll.scrollLeft, width: scroll.clientWidth, height: scroll.clientHeight - ROW };
    if (!sight.width) return; // not on the screen, for example while the page around is printed
    narrow = sight.width < NARROW.below;
    scroll.classList.toggle("lg-narrow", narrow);
  }

  /** Adapt to a new size; if it changes the height of rows, the first visible row stays the first. */
  function fit() {
    const [before, first] = [rowHeight(), firstRow()];
    see();
    layOut();
    if (rowHeight() === before) return draw();
    drawRows();
    scroll.scrollTop = topOf(first);
  }

  function setColumns() {
    visible = state.view.columns.map((name) => columns.get(name)).filter(Boolean);
    layOut();
    scroll.setAttribute("aria-colcount", visible.length + 1);
    replaceChildren(head, selectAll(), ...visible.map(heading));
    for (const row of pool.splice(0)) row.element.remove();
    draw();
  }

  function layOut() {
    scroll.style.setProperty("--lg-columns", [CHECK, ...visible.map(widthOf)].map((width) => `${width}px`).join(" "));
  }

  function selectAll() {
    const box = control("input", {
      type: "checkbox", "aria-label": "Select all that are shown",
      onchange: () => actions.select(box.checked ? Array.from(state.rows) : [], "only"),
    });
    head.box = box;
    return h("div", { class: "lg-cell lg-check", role: "columnheader" }, box);
  }

  function heading(column) {
    const { column: sorted, descending } = state.view.sort;
    const direction = sorted !== column.name ? "none" : descending ? "descending" : "ascending";
    const mark = { none: "", ascending: " ▴", descending: " ▾" }[direction];
    const grip = h("span", { class: "lg-grip", "aria-hidden": "true", onpointerdown: (event) => startResize(event, column) });
    const button = control("button", {
      type: "button", "data-key": column.name, title: `${column.meaning} – click to sort, Alt+arrows to resize`, onclick: () => actions.sort(column.name),
      onkeydown: (event) => resizeByKey(event, column),
    }, column.heading + mark);
    const right = RIGHT.has(column.show) ? " lg-right" : "";
    return h("div", { class: `lg-cell${right}`, role: "columnheader", "aria-sort": direction }, button, grip);
  }

  /** Resize a column while mouse or finger drag its grip; headings are rebuilt only at the end, as they contain the grip. */
  function startResize(event, column) {
    event.preventDefault();
    const grip = event.target;
    const [start, width] = [event.clientX, widthOf(column)];
    const move = ({ clientX }) => actions.resize(column.name, Math.max(LEAST_WIDTH, width + clientX - start), { resting: false });
    const rest = () => {
      grip.removeEventListener("pointermove", move);
      if (widthOf(column) !== width) actions.resize(column.name, widthOf(column));
    };
    grip.setPointerCapture(event.pointerId);
    grip.addEventListener("pointermove", move);
    grip.addEventListener("lostpointercapture", rest, { once: true });
  }

  /** The width if the user set none. On a phone the domain, which is what one reads, gets all that rank and priority leave. */
  function usualWidth({ name, width }) {
    if (!narrow) return width;
    if (name === "domain") return Math.max(NARROW.domain, sight.width - NARROW.beside);
    return name === "priority" ? NARROW.priority : width;
  }

  function resizeByKey(event, column) {
    const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (!event.altKey || !step) return;
    event.preventDefault();
    actions.resize(column.name, Math.max(LEAST_WIDTH, widthOf(column) + step));
  }

  const widthOf = (column) => state.view.widths[column.name] ?? usualWidth(column);
  const rowHeight = () => (narrow ? NARROW.row : ROW);
  const pixels = () => Math.min(state.rows.length * rowHeight(), MOST_PIXELS);
  const inSight = () => Math.ceil(sight.height / rowHeight());
  const most = () => Math.max(0, pixels() - sight.height);
  const top = () => Math.min(sight.top, most());

  function firstRow() {
    const last = state.rows.length - inSight() + 1;
    return pixels() < MOST_PIXELS ? top() / rowHeight() : (top() / Math.max(most(), 1)) * Math.max(last, 0);
  }

  /** How many columns begin before the right edge of the visible part. */
  function columnsInSight() {
    let [left, count] = [CHECK, 0];
    for (; count < visible.length && left < sight.left + sight.width; count++) left += widthOf(visible[count]);
    return count;
  }

  /** Redraw the visible part after anything but the scroll position has changed. */
  function drawRows() {
    if (sight.height <= 0) see();
    body.style.height = `${pixels()}px`;
    scroll.setAttribute("aria-rowcount", state.rows.length + 1);
    empty.hidden = state.rows.length > 0;
    empty.textContent = state.data.rows
      ? "No prospect matches these filters. Widen a range, or clear the filters."
      : `No ${state.data.unit} links to a rival but not to the site.`;
    for (const slot of pool) slot.index = -1;
    drawSight(0, columnsInSight());
    drawSelectAll();
  }

  /**
   * Fill the first `cells` columns of the visible rows and of `beyond` more rows on either side. Rows that are filled
   * already stay as they are: most, while scrolling. More rows and the other columns follow after a pause of `PAUSE_MS`.
   */
  function drawSight(beyond = SPARE, cells = visible.length) {
    const exact = firstRow();
    const from = Math.max(0, Math.floor(exact) - beyond);
    const to = Math.min(state.rows.length, Math.ceil(exact) + inSight() + beyond);
    const height = rowHeight();
    const origin = pixels() < MOST_PIXELS ? 0 : top() - exact * height;
    while (pool.length < to - from) pool.push(makeRow());
    for (let place = 0; place < pool.length; place++) {
      const index = from + place;
      const slot = pool[index % pool.length];
      const there = place < to - from;
      if (there && (slot.index !== index || slot.filled < cells)) fillRow(slot, index, cells);
      if (there) slot.element.style.top = `${origin + index * height}px`;
      else slot.index = -1;
      slot.element.hidden = !there;
    }
    const active = pool.find(({ index, row }) => index >= 0 && row === state.active);
    if (active) scroll.setAttribute("aria-activedescendant", active.element.id);
    else scroll.removeAttribute("aria-activedescendant"); // a reference to no element would be read out as nothing
    clearTimeout(spareTimer);
    if (beyond < SPARE || cells < visible.length) spareTimer = setTimeout(drawSight, PAUSE_MS);
  }

  function drawSelectAll() {
    if (!head.box) return;
    const chosen = state.chosenInSight;
    head.box.checked = chosen > 0 && chosen === state.rows.length;
    head.box.indeterminate = chosen > 0 && chosen < state.rows.length;
  }

  function makeRow() {
    const check = control("input", { type: "checkbox", tabindex: -1 });
    const slot = { index: -1, row: -1, filled: 0, check };
    check.addEventListener("click", (event) => {
      event.stopPropagation();
      actions.select([slot.row], event.shiftKey ? "range" : "toggle");
    });
    slot.cells = visible.map((column) => makeCell(slot, column));
    const cells = slot.cells.map(({ element }) => element);
    slot.element = h("div", { class: "lg-row", role: "row", onclick: (event) => clicked(event, slot) },
      h("div", { class: "lg-cell lg-check", role: "gridcell" }, check), ...cells);
    body.append(slot.element);
    return slot;
  }

  function clicked(event, slot) {
    if (event.target.closest("input, select, a")) return;
    if (event.shiftKey) actions.select([slot.row], "range");
    else if (event.ctrlKey || event.metaKey) actions.select([slot.row], "toggle");
    actions.activate(slot.row);
  }

  function makeCell(slot, column) {
    const right = RIGHT.has(column.show) ? " lg-right" : "";
    // A cell whose content always fits is not clipped: every clip is one more step for the browser to paint.
    const fits = [column.show, column.name].some((word) => FITTING.has(word)) && !(state.view.widths[column.name] < column.width);
    const element = h("div", { class: `lg-cell${right}${fits ? " lg-fits" : ""}`, role: "gridcell" });
    if (column.name === "status") return statusCell(slot, element);
    if (column.name === "note") return noteCell(slot, element);
    if (BARS.has(column.show)) return barCell(slot, element, column);
    const text = addText(element);
    if (column.name === "authority") return authorityCell(element, text, column);
    if (column.name === "domain") return domainCell(element, text, column);
    if (column.show !== "link") return { element, fill: (row) => fillText(element, text, state.value(row, column.name), column) };
    element.classList.add("lg-center");
    return { element, fill: (row) => fillDot(element, text, state.value(row, column.name), column) };
  }

  /** Add a text node that is changed in place: with a new one each time, the browser would rebuild its layout boxes. */
  function addText(element) {
    const text = document.createTextNode("");
    element.append(text);
    return text;
  }

  /** Give a cell its whole text as title when pointed at: setting titles in all cells takes longer than setting the texts. */
  function addTitle(cell) {
    if (cell?.fullText) cell.title = readable(cell.fullText, 600);
  }

  function fillDot(element, text, links, column) {
    text.data = links ? "●" : "";
    element.setAttribute("aria-label", `${links ? "links" : "does not link"} to ${column.name}`);
  }

  function fillText(element, text, value, column) {
    const written = shown(named(state.data, column.name, value), column.show);
    text.data = typeof value === "string" ? readable(written) : written;
    if (typeof value !== "string") return;
    element.fullText = written;
    if (element.title) element.title = readable(written, 600);
    if (column.name === "evidence") element.dataset.word = value;
  }

  /** On a phone, where one can't point at a cell to see its whole text, a long domain wraps after a dot or hyphen. */
  function domainCell(element, text, column) {
    element.classList.add("lg-domain");
    return {
      element,
      fill: (row) => {
        fillText(element, text, state.value(row, column.name), column);
        if (narrow) element.replaceChildren(...breakable(text.data));
        else if (element.firstChild !== text) element.replaceChildren(text);
      },
    };
  }

  /** With several metrics in one column, each number names its own: a DataForSEO 460 is less than an Ahrefs 64. */
  function authorityCell(element, text, column) {
    const measure = measures(state.data);
    return {
      element,
      fill: (row) => {
        const [written, whose] = [shown(state.value(row, column.name), column.show), measure(row)];
        text.data = whose ? `${written} ${readable(whose.split(" ").at(-1), MOST_UNIT)}` : written;
        element.fullText = whose ? `${written} ${whose}` : "";
        element.title &&= readable(element.fullText, 600);
      },
    };
  }

  function barCell(slot, element, column) {
    const text = addText(element);
    element.classList.add("lg-barred");
    const scale = column.show === "score" ? 1 : 100;
    return {
      element,
      fill: (row) => {
        const value = state.value(row, column.name);
        text.data = shown(value, column.show);
        element.style.backgroundSize = `${Math.max(0, Math.min(100, (value || 0) * scale))}% 3px`;
      },
    };
  }

  function statusCell(slot, element) {
    const select = control("select", {
      class: "lg-status", tabindex: -1, onchange: () => actions.edit([slot.row], "status", select.value),
    }, ...STATUSES.map((status) => h("option", { value: status, text: status })));
    element.append(select);
    return {
      element,
      fill: (row) => {
        select.value = state.value(row, "status");
        select.dataset.word = select.value;
        select.setAttribute("aria-label", `Status of ${state.domain(row)}`);
      },
    };
  }

  function noteCell(slot, element) {
    const input = h("input", {
      class: "lg-note", type: "text", tabindex: -1, maxlength: 2000, placeholder: "note",
      onchange: () => {
        if (!actions.edit([slot.row], "note", input.value)) input.value = state.value(slot.row, "note");
      },
    });
    element.append(input);
    return {
      element,
      fill: (row) => {
        if (document.activeElement !== input && input.getRootNode().activeElement !== input) fillNote(input, state.value(row, "note"));
        input.setAttribute("aria-label", `Note on ${state.domain(row)}`);
      },
    };
  }

  /** A one-line field would lose line breaks, so a note of several lines is read-only here and edited in the detail. */
  function fillNote(input, note) {
    input.readOnly = note.includes("\n");
    input.title = input.readOnly ? "A note with several lines: select the row to edit it in the detail" : "";
    input.value = note.replaceAll("\n", " / ");
  }

  function fillRow(slot, index, cells) {
    const row = state.rows[index];
    const element = slot.element;
    if (slot.row !== row) element.querySelector("input.lg-note:focus")?.blur();
    slot.index = index;
    slot.row = row;
    const selected = state.selected.has(row);
    slot.check.checked = selected;
    slot.check.setAttribute("aria-label", `Select ${state.domain(row)}`);
    element.id = `${scroll.id}-${index}`;
    element.setAttribute("aria-rowindex", index + 2);
    element.setAttribute("aria-selected", String(selected));
    element.classList.toggle("lg-active", row === state.active);
    for (let place = 0; place < cells; place++) slot.cells[place].fill(row);
    slot.filled = cells;
  }

  function onKey(event) {
    if (event.target !== scroll) return;
    const at = state.rows.indexOf(state.active);
    const moves = {
      ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + inSight(), PageUp: at - inSight(), Home: 0, End: state.rows.length - 1,
    };
    if (event.key in moves) return moveTo(event, moves[event.key]);
    if ((event.ctrlKey || event.metaKey) && event.key === "a") {
      event.preventDefault();
      return actions.select(Array.from(state.rows), "only");
    }
    if (event.key === " " && at >= 0) {
      event.preventDefault();
      actions.select([state.active], "toggle");
    }
  }

  function moveTo(event, wanted) {
    event.preventDefault();
    if (!state.rows.length) return;
    const index = Math.max(0, Math.min(state.rows.length - 1, wanted));
    if (event.shiftKey) actions.select([state.rows[index]], "add");
    actions.activate(state.rows[index]);
    reveal(index);
  }

  function reveal(index) {
    see();
    const end = (index + 1) * rowHeight() - sight.height;
    if (pixels() >= MOST_PIXELS || topOf(index) < scroll.scrollTop) scroll.scrollTop = topOf(index);
    else if (end > scroll.scrollTop) scroll.scrollTop = end;
    draw();
  }

  /** The scroll position at which a row is the first visible one. */
  function topOf(index) {
    if (pixels() < MOST_PIXELS) return index * rowHeight();
    const last = Math.max(1, state.rows.length - inSight() + 1);
    return (Math.min(index, last) / last) * most();
  }

  setColumns();
  return { element: scroll, draw, drawRows, layOut, setColumns, destroy: () => (sized.disconnect(), clearTimeout(spareTimer), draw.cancel()) };
}

/** The parts of a domain, with `wbr` elements after which a line may break. */
function breakable(domain) {
  return domain.split(/(?<=[.-])/).flatMap((part) => [part, h("wbr")]);
}
