// The charts, linked with the table: authority against likelihood, combinations of rivals, and how many rivals are linked.

import { control, framed, h, replaceChildren } from "./dom.js";
import { counted } from "./format.js";

const MOST_POINTS = 100_000;
const MARGIN = { left: 52, right: 14, top: 10, bottom: 30 };
const MOST_COMBINATIONS = 12;
const COMBINATION = 22;
const MOST_BESIDE_COUNTS = 24; // dots of more rivals would push the counts out of sight
const RISKS = [
  { name: "risk of 0%", color: "--lg-blue" },
  { name: "some risk", color: "--lg-orange" },
  { name: "risk of 30% or more", color: "--lg-red" },
];
const OTHERS = ["--lg-blue", "--lg-orange", "--lg-green", "--lg-pink", "--lg-sky", "--lg-yellow", "--lg-red"];

/** Draw the shown prospects as points; a box that the user draws over them filters. */
export function makeScatter(state, actions) {
  const canvas = control("canvas", {
    class: "lg-canvas", tabindex: 0, role: "img", onkeydown: (event) => event.key === "Escape" && actions.box(null),
  });
  const brush = h("div", { class: "lg-brush", hidden: true });
  const legend = h("div", { class: "lg-legend" });
  const by = control("select", { "aria-label": "Colour of the points", onchange: () => draw() },
    h("option", { value: "risk", text: "by risk" }),
    state.data.columns.has("tactic") ? h("option", { value: "tactic", text: "by tactic" }) : null,
    h("option", { value: "evidence", text: "by evidence" }));
  const element = h("figure", { class: "lg-picture lg-scatter" },
    h("figcaption", {}, h("span", { text: knowsAuthority(state) ? "Likelihood against authority" : "Likelihood" }), by, h("span", { class: "lg-hint", text: "draw a box to filter" })),
    h("div", { class: "lg-plot" }, canvas, brush), legend);
  let risks = null;
  const draw = framed(paint);
  const sized = new ResizeObserver(draw);
  sized.observe(canvas);
  canvas.addEventListener("pointerdown", startBox);

  function area(width = canvas.clientWidth, height = canvas.clientHeight) {
    return {
      x: MARGIN.left, y: MARGIN.top, width: Math.max(1, width - MARGIN.left - MARGIN.right),
      height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
    };
  }

  function paint() {
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width || !height) return; // not on the screen, for example while the page around is printed
    if (canvas.width !== width * scale) canvas.width = width * scale;
    if (canvas.height !== height * scale) canvas.height = height * scale;
    const pen = canvas.getContext("2d", { willReadFrequently: true }); // keeps it in main memory, where its pixels are written
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    const style = getComputedStyle(canvas);
    const color = (name) => style.getPropertyValue(name);
    const place = area(width, height);
    const drawn = paintPoints(pen, place, color);
    pen.globalCompositeOperation = "destination-over";
    paintAxes(pen, place, color);
    pen.globalCompositeOperation = "source-over";
    if (state.active !== null) paintActive(pen, place, color);
    const words = `${counted(drawn, "prospect")} by ${knowsAuthority(state) ? "authority percentile and likelihood" : "likelihood"}`;
    canvas.setAttribute("aria-label", words + (drawn < state.rows.length ? ", the first of those shown" : ""));
  }

  function paintAxes(pen, { x, y, width, height }, color) {
    pen.font = "11px system-ui, sans-serif";
    pen.fillStyle = color("--lg-quiet");
    pen.strokeStyle = color("--lg-line");
    pen.lineWidth = 1;
    for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
      const across = Math.round(x + tick * width) + 0.5;
      const down = Math.round(y + (1 - tick) * height) + 0.5;
      pen.beginPath();
      pen.moveTo(across, y);
      pen.lineTo(across, y + height);
      pen.moveTo(x, down);
      pen.lineTo(x + width, down);
      pen.stroke();
      pen.textAlign = "center";
      if (knowsAuthority(state)) pen.fillText(String(tick * 100), across, y + height + 13);
      pen.textAlign = "right";
      pen.fillText(String(tick), x - 5, down + 4);
    }
    pen.textAlign = "center";
    const [long, short] = knowsAuthority(state)
      ? ["authority percentile among the prospects", "authority percentile"]
      : ["no export gives an authority for any prospect", "no authority known"];
    pen.fillText(pen.measureText(long).width < width + 2 * MARGIN.right ? long : short, x + width / 2, y + height + 26);
    pen.save();
    pen.translate(11, y + height / 2);
    pen.rotate(-Math.PI / 2);
    pen.fillText("likelihood", 0, 0);
    pen.restore();
  }

  /** Replace the canvas's pixels by the points. They are not read first: browsers that protect privacy return noise. */
  function paintPoints(pen, { x, y, width, height }, color) {
    const authority = state.data.columns.get("authority_percentile")?.values;
    const likelihood = state.scored.likelihood;
    const { groupOf, groups } = grouping();
    const rows = state.rows.subarray(0, MOST_POINTS);
    const scale = window.devicePixelRatio || 1;
    const image = pen.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    const paints = groups.map((group) => pixelOf(color(group.color)));
    const size = Math.round(scale * (rows.length > 20_000 ? 2 : rows.length > 2_000 ? 3 : 4));
    // Of all that a moving slider redraws, these up to 100,000 points take longest, so nothing is computed twice.
    const line = canvas.width;
    const [left, wide] = [x * scale - size / 2 + 0.5, width * scale];
    const [bottom, tall] = [(y + height) * scale - size / 2 + 0.5, height * scale];
    for (let place = rows.length - 1; place >= 0; place--) {
      const row = rows[place];
      const across = (left + (authority ? authority[row] : 0.5) * wide) | 0;
      const start = ((bottom - likelihood[row] * tall) | 0) * line + across;
      const paint = paints[groupOf[row]];
      pixels[start] = pixels[start + 1] = pixels[start + line] = pixels[start + line + 1] = paint;
      if (size > 2) paintSquare(pixels, start, size, line, paint);
    }
    pen.putImageData(image, 0, 0);
    drawLegend(groups);
    return rows.length;
  }

  function paintSquare(pixels, start, size, line, paint) {
    for (let begin = start; begin < start + size * line; begin += line) pixels.fill(paint, begin, begin + size);
  }

  function paintActive(pen, { x, y, width, height }, color) {
    const authority = state.data.columns.get("authority_percentile")?.values;
    pen.strokeStyle = color("--lg-text");
    pen.lineWidth = 2;
    pen.beginPath();
    const across = x + (authority ? authority[state.active] : 0.5) * width;
    pen.arc(across, y + (1 - state.scored.likelihood[state.active]) * height, 6, 0, 7);
    pen.stroke();
  }

  /** The groups that points are coloured by, and the index of each row's group. */
  function grouping() {
    if (by.value === "risk") return { groups: RISKS, groupOf: (risks ??= riskGroups()) };
    const { values, words } = state.data.columns.get(by.value);
    const counts = new Array(words.length).fill(0);
    for (const row of state.rows) counts[values[row]]++;
    const largest = words.map((_, code) => code).sort((one, other) => counts[other] - counts[one]).slice(0, OTHERS.length - 1);
    const places = words.map((_, code) => (largest.includes(code) ? largest.indexOf(code) : largest.length));
    const groups = largest.map((code, place) => ({ name: words[code] || "unknown", color: OTHERS[place] }));
    if (words.length > largest.length) groups.push({ name: "others", color: "--lg-quiet" });
    return { groups, groupOf: Uint8Array.from(values, (code) => places[code]) };
  }

  function riskGroups() {
    const { values } = state.data.columns.get("risk");
    const groups = new Uint8Array(values.length);
    for (let row = 0; row < values.length; row++) groups[row] = values[row] >= 0.3 ? 2 : Number(values[row] > 0);
    return groups;
  }

  function drawLegend(groups) {
    const key = groups.map(({ name, color }) => name + color).join();
    if (legend.dataset.drawn === key) return;
    legend.dataset.drawn = key;
    legend.replaceChildren(...groups.map(({ name, color }) =>
      h("span", {}, h("i", { style: `background: var(${color})` }), name)));
  }

  function startBox(event) {
    if (event.button !== 0) return;
    const bounds = canvas.getBoundingClientRect();
    const start = { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
    let end = start;
    canvas.setPointerCapture(event.pointerId);
    const move = (moved) => {
      end = { x: moved.clientX - bounds.left, y: moved.clientY - bounds.top };
      showBrush(start, end);
    };
    const leave = () => {
      canvas.removeEventListener("pointermove", move);
      canvas.removeEventListener("pointerup", stop);
      canvas.removeEventListener("pointercancel", leave);
      brush.hidden = true;
    };
    const stop = () => {
      leave();
      const small = Math.abs(end.x - start.x) < 4 && Math.abs(end.y - start.y) < 4;
      actions.box(small ? null : boxOf(start, end));
    };
    canvas.addEventListener("pointermove", move);
    canvas.addEventListener("pointerup", stop);
    canvas.addEventListener("pointercancel", leave);
  }

  function showBrush(start, end) {
    brush.hidden = false;
    brush.style.left = `${Math.min(start.x, end.x)}px`;
    brush.style.top = `${Math.min(start.y, end.y)}px`;
    brush.style.width = `${Math.abs(end.x - start.x)}px`;
    brush.style.height = `${Math.abs(end.y - start.y)}px`;
  }

  function boxOf(start, end) {
    const { x, y, width, height } = area();
    const across = [start.x, end.x].map((at) => rounded((at - x) / width)).sort((one, other) => one - other);
    const up = [start.y, end.y].map((at) => rounded(1 - (at - y) / height)).sort((one, other) => one - other);
    return state.data.columns.has("authority_percentile") ? { authority_percentile: across, likelihood: up } : { likelihood: up };
  }

  return { element, draw, paint, destroy: () => (sized.disconnect(), draw.cancel()) };
}

function knowsAuthority(state) {
  return state.data.columns.has("authority_percentile");
}

/** A share to three decimals, kept between 0 and 1 where the pointer has left the chart. */
function rounded(share) {
  return Math.round(Math.min(1, Math.max(0, share)) * 1000) / 1000;
}

/** A hex colour as one pixel of a canvas: alpha, blue, green and red in one 32-bit number. */
function pixelOf(hex) {
  const [red, green, blue] = hex.trim().match(/[0-9a-f]{2}/gi).map((part) => parseInt(part, 16));
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** Count the rows in `state.passesOthers` by combination of rivals, [bits beyond the first 31 rivals, bits of these], and by `rivals_linked`, in one pass. */
export function countCombinations(state) {
  const low = state.data.columns.get("rival_bits").values;
  const high = state.data.columns.get("more_rival_bits")?.values;
  const linked = state.data.columns.get("rivals_linked").values;
  const byRivals = new Uint32Array(state.data.rivals.length + 1);
  const small = !high && state.data.rivals.length <= 16;
  const counts = small ? new Uint32Array(2 ** state.data.rivals.length) : new Map();
  for (let row = 0; row < state.data.rows; row++) {
    if (!state.passesOthers[row]) continue;
    byRivals[linked[row]]++;
    const key = high ? `${high[row]} ${low[row]}` : low[row]; // a single number has no room for 54 rivals or more
    if (small) counts[key]++;
    else counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const found = small ? [...counts].map((count, key) => [key, count]).filter(([, count]) => count) : [...counts];
  const bitsOf = (key) => (high ? key.split(" ").map(Number) : [0, key]);
  const combinations = found.sort((one, other) => other[1] - one[1]).map(([key, count]) => [bitsOf(key), count]);
  return { byRivals, combinations };
}

/** The largest combinations of rivals, with dots for those that are linked; a click shows only the prospects of one. */
export function makeCombinations(state, actions) {
  const rivals = state.data.rivals.length;
  const list = h("div", { class: `lg-combinations${rivals > 10 ? " lg-many" : ""}${rivals > MOST_BESIDE_COUNTS ? " lg-counts-first" : ""}` });
  const room = h("div", { class: "lg-room" }, list);
  const key = control("ul", { class: "lg-key", tabindex: rivals > 4 ? 0 : null, "aria-label": "Rivals by letter" }, ...state.data.rivals.map(({ name }, rival) => h("li", { title: name }, h("b", { text: letter(rival) }), ` ${name}`)));
  const element = h("figure", { class: "lg-picture lg-upset" },
    h("figcaption", {}, h("span", { text: "Which rivals they link to" }), h("span", { class: "lg-hint", text: "click to filter" })), key, room);
  const sized = new ResizeObserver(fit);
  sized.observe(room);

  /** Limit the list's height to whole rows; the others can be scrolled to. */
  function fit() {
    const letters = list.firstElementChild?.offsetHeight ?? 0;
    const rows = Math.max(1, Math.floor((room.clientHeight - letters) / COMBINATION));
    list.style.maxHeight = `${letters + rows * COMBINATION}px`;
  }

  function draw({ combinations }) {
    const most = combinations[0]?.[1] ?? 1;
    const shown = combinations.slice(0, MOST_COMBINATIONS).map(([bits, count]) => row(bits, count, most));
    const rest = combinations.slice(MOST_COMBINATIONS).reduce((total, [, count]) => total + count, 0);
    const more = rest ? h("p", { class: "lg-hint", text: `${counted(rest, "prospect")} in ${combinations.length - MOST_COMBINATIONS} more` }) : null;
    replaceChildren(list, names(), ...shown, ...(more ? [more] : []));
    fit();
  }

  function names() {
    const marks = state.data.rivals.map(({ name }, rival) => h("span", { class: "lg-dot lg-letter", title: name, text: letter(rival) }));
    return h("div", { class: "lg-combination lg-letters", "aria-hidden": "true" }, h("span", { class: "lg-dots" }, ...marks));
  }

  function row([high, low], count, most) {
    const present = state.data.rivals.map((_, rival) => (((rival < 31 ? low : high) >>> rival % 31) & 1) === 1);
    const wanted = state.data.rivals.filter((_, rival) => present[rival]).map(({ name }) => name);
    const asked = new Set(state.filters.exactly); // a set, as Python may name them in any order
    const on = state.filters.exactly !== null && asked.size === wanted.length && wanted.every((name) => asked.has(name));
    const dots = present.map((links, rival) => h("span", { class: links ? "lg-dot lg-on" : "lg-dot", title: state.data.rivals[rival].name }));
    return control("button", {
      class: "lg-combination", type: "button", "data-key": wanted.join(), "aria-pressed": String(on),
      "aria-label": `${linking(count)} to ${wanted.join(", ")} and no other`,
      onclick: () => actions.exactly(on ? null : wanted),
    }, h("span", { class: "lg-dots" }, ...dots),
    h("span", { class: "lg-length" }, h("i", { style: `width: ${(100 * count) / most}%` })),
    h("span", { class: "lg-count", text: count.toLocaleString("en") }));
  }

  return { element, draw, destroy: () => sized.disconnect() };
}

/** The letter for a rival, which the key explains by its name: A, B, ... Z, AA. */
export function letter(rival) {
  return (rival >= 26 ? letter(Math.floor(rival / 26) - 1) : "") + String.fromCharCode(65 + (rival % 26));
}

/** How many prospects link to one rival, two, and so on; a click on a bar shows only these. */
export function makeRivalCounts(state, actions) {
  const bars = h("div", { class: "lg-columns" });
  const furthest = state.data.columns.get("rivals_linked").values.reduce((most, linked) => Math.max(most, linked), 1);
  const element = h("figure", { class: "lg-picture lg-rivals" },
    h("figcaption", {}, h("span", { text: "Rivals linked" })), bars);

  function draw({ byRivals }) {
    const most = Math.max(1, ...byRivals);
    const [from, to] = state.filters.ranges.rivals_linked ?? [];
    replaceChildren(bars, ...Array.from(byRivals.subarray(1, furthest + 1), (count, place) => {
      const rivals = place + 1;
      const on = from === rivals && to === rivals;
      return control("button", {
        type: "button", "data-key": rivals, "aria-pressed": String(on), "aria-label": `${linking(count)} to ${counted(rivals, "rival")}`,
        title: `${linking(count)} to ${counted(rivals, "rival")}`,
        onclick: () => actions.range("rivals_linked", on ? null : [rivals, rivals]),
      }, h("span", { class: "lg-count", text: compact(count) }), h("i", { style: `height: ${(80 * count) / most}px` }), h("span", { text: String(rivals) }));
    }));
  }

  return { element, draw };
}

function linking(count) {
  return `${counted(count, "prospect")} ${count === 1 ? "links" : "link"}`;
}

function compact(count) {
  return count < 10_000 ? count.toLocaleString("en") : `${Math.round(count / 1000)}k`;
}
