// The left side: how much each term of the ranking counts, and which prospects are shown.

import { choicesOf } from "./columns.js";
import { control, freshId, h, replaceChildren } from "./dom.js";
import { dayText, dayNumber, shown } from "./format.js";
import { rivalShares } from "./scoring.js";
import { STATUSES } from "./state.js";

const RANGES = [
  { name: "authority", title: "Authority", step: 1 },
  { name: "traffic", title: "Organic traffic a month", step: 1 },
  { name: "follow_links", title: "Followed links", step: 1 },
  { name: "risk", title: "Risk in %", step: 5, scale: 100 },
  { name: "likelihood", title: "Likelihood", step: 0.05 },
  { name: "authority_percentile", title: "Authority percentile", step: 5, scale: 100 },
];
const CHOICES = [
  { name: "evidence", title: "How sure the gap is" },
  { name: "relation", title: "Linked before" },
  { name: "tactic", title: "Tactic" },
  { name: "tld", title: "Top-level domain" },
  { name: "platform", title: "Platform" },
  { name: "language", title: "Language" },
  { name: "risk_reasons", title: "Risk reasons" },
];
const MOST_CHOICES = 40;
const MOST_AUTHORITY_WEIGHT = 4; // as in rank_prospects

/** Make the panel of sliders and filters.
 * @param actions ranking(change), filter(change), range(name, range), choices(name, words), reset()
 */
export function makeControls(state, actions) {
  const element = h("form", { class: "lg-controls", "aria-label": "Ranking and filters", onsubmit: (event) => event.preventDefault() });

  function build() {
    const open = new Map([...element.querySelectorAll("details")].map((details) => [details.dataset.name, details.open]));
    replaceChildren(element, search(), ranking(), rivals(), ranges(), ...choices(), statuses());
    for (const details of element.querySelectorAll("details")) details.open = open.get(details.dataset.name) ?? details.open;
  }

  function search() {
    const { unit } = state.data;
    const field = h("input", {
      type: "search", placeholder: `${unit[0].toUpperCase()}${unit.slice(1)}, anchor or title`,
      "aria-label": `Search ${unit}, anchor and title`, value: state.filters.text,
      oninput: () => actions.filter({ text: field.value }),
    });
    return field;
  }

  function section(title, name, ...children) {
    return h("details", { class: "lg-section", "data-name": name, open: name === "ranking" || name === "ranges" }, control("summary", { text: title }), ...children);
  }

  /** A slider; its `tell()` updates the text of its value, which may depend on other sliders, too. */
  function slider({ title, value, least = 0, most, step, say, change }) {
    const id = freshId("lg-field");
    const valueText = h("span", { class: "lg-said" });
    const range = control("input", {
      id, type: "range", min: least, max: most, step, value,
      oninput: () => {
        change(range.valueAsNumber);
        slid.tell();
      },
    });
    const slid = h("div", { class: "lg-slider" }, h("label", { for: id, text: title, title }), valueText, range);
    slid.tell = (current = range.valueAsNumber) => {
      valueText.textContent = say(current);
      range.setAttribute("aria-valuetext", valueText.textContent);
    };
    slid.tell(value); // a value from Python may lie between two steps
    return slid;
  }

  function ranking() {
    const { authority_weight, risk_weight, likelihood_weights } = state.ranking;
    const learned = state.data.columns.has("learned");
    const risky = state.data.columns.get("risk").values.some((risk) => risk > 0);
    const plain = (value) => String(Math.round(value * 100) / 100);
    const sliders = [
      state.data.columns.has("authority_percentile") && slider({ title: "Authority of the link", value: authority_weight, most: MOST_AUTHORITY_WEIGHT, step: 0.05, say: plain, change: (value) => actions.ranking({ authority_weight: value }) }),
      slider({ title: "Caution about risk", value: risk_weight, most: 1, step: 0.05, say: risky ? plain : () => "no risk found", change: (value) => actions.ranking({ risk_weight: value }) }),
    ];
    for (const [name, title] of [["linked_domains", "Likelihood: links out often"], ["authority", "Likelihood: authority"]]) {
      if (!(name in likelihood_weights) || learned || !state.data.columns.has(`${name}_percentile`)) continue;
      const change = (value) => actions.ranking({ likelihood_weights: { ...state.ranking.likelihood_weights, [name]: value } });
      sliders.push(slider({ title, value: likelihood_weights[name], most: 1, step: 0.05, say: plain, change }));
    }
    const reset = control("button", { type: "button", "data-key": "reset", class: "lg-plain", text: "Reset to recommended", onclick: () => actions.reset() });
    return section("Ranking", "ranking", ...sliders.filter(Boolean), reset);
  }

  function rivals() {
    const learned = state.data.columns.has("learned");
    const weights = rivalShares(state.data.rivals, state.ranking);
    const most = Math.max(...weights, 0.01) * 2;
    const change = (place, value) => {
      weights[place] = value;
      actions.ranking({ rival_weights: Object.fromEntries(state.data.rivals.map(({ name }, rival) => [name, weights[rival]])) });
      for (const each of sliders) each.tell();
    };
    const sliders = learned ? [] : state.data.rivals.map((rival, place) => slider({
      title: rival.name, value: weights[place], most, step: most / 100, change: (value) => change(place, value),
      say: () => `${Math.round(100 * rivalShares(state.data.rivals, state.ranking)[place])}%`,
    }));
    const rows = state.data.rivals.map((rival, place) => h("div", { class: "lg-rival" },
      sliders[place] ?? h("span", { text: rival.name }),
      h("div", { class: "lg-third" }, h("span", { class: "lg-hint", text: `similarity ${rival.similarity.toFixed(2)}` }), presence(rival.name))));
    return section("Rivals", "rivals", ...rows);
  }

  function presence(name) {
    const now = state.filters.present.includes(name) ? "present" : state.filters.absent.includes(name) ? "absent" : "";
    const select = control("select", {
      "aria-label": `Links to ${name}`,
      onchange: () => actions.filter({
        present: [...state.filters.present.filter((each) => each !== name), ...(select.value === "present" ? [name] : [])],
        absent: [...state.filters.absent.filter((each) => each !== name), ...(select.value === "absent" ? [name] : [])],
      }),
    }, ...[["", "any"], ["present", "must link"], ["absent", "must not"]].map(([value, text]) => h("option", { value, text, selected: value === now })));
    return select;
  }

  function ranges() {
    const found = RANGES.filter(({ name }) => isKnown(name));
    return section("Ranges", "ranges", leastRivals(), ...found.map(range), since());
  }

  /** Whether a column holds any values: one that no export has is not worth a filter. */
  function isKnown(name) {
    return state.scored[name] !== undefined || state.data.columns.get(name)?.known;
  }

  function leastRivals() {
    const most = state.data.rivals.length;
    const say = () => rangeText(state.filters.ranges.rivals_linked ?? []);
    const change = (value) => actions.range("rivals_linked", value <= 1 ? null : [value, null]);
    if (most < 2) return null;
    return slider({ title: "Rivals linked", value: state.filters.ranges.rivals_linked?.[0] ?? 1, least: 1, most, step: 1, say, change });
  }

  /** Two fields for the ends of a range; shares are typed as the table shows them, in percent. */
  function range({ name, title, step, scale = 1 }) {
    const ends = state.filters.ranges[name] ?? [null, null];
    const [low, high] = ends.map((end) => (end === null ? null : Number((end * scale).toPrecision(12))));
    const unread = h("p", { class: "lg-hint lg-unread", role: "alert", hidden: true, text: "Not a number, so nothing is filtered. Write 1000 or 0.5." });
    const fields = [low, high].map((value, place) => h("input", {
      type: "number", step, value, placeholder: place ? "max" : "min", "aria-label": `${title}, ${place ? "maximum" : "minimum"}`,
      oninput: () => {
        const [least, most] = fields.map((field) => (field.value === "" ? null : field.valueAsNumber / scale));
        sayUnread(fields, unread);
        actions.range(name, least === null && most === null ? null : [least, most]);
      },
    }));
    return h("div", { class: "lg-range" }, h("span", { text: title }), ...fields, unread);
  }

  /** Say which fields can't be read: Firefox and Safari leave 1,000 or 0,5 in a number field, and give its value as empty. */
  function sayUnread(fields, unread) {
    for (const field of fields) field.setAttribute("aria-invalid", String(field.validity.badInput));
    unread.hidden = !fields.some((field) => field.validity.badInput);
  }

  function since() {
    if (!isKnown("first_seen")) return null;
    const low = state.filters.ranges.first_seen?.[0];
    const field = h("input", {
      type: "date", "aria-label": "First seen since", value: low === undefined || low === null ? "" : dayText(low),
      oninput: () => actions.range("first_seen", field.value ? [dayNumber(field.value), null] : null),
    });
    return h("div", { class: "lg-range" }, h("span", { text: "First seen since" }), field);
  }

  function choices() {
    const found = CHOICES.filter(({ name }) => state.data.columns.get(name)?.kind === "choice");
    const counted = found.map(({ name, title }) => ({ name, title, counts: countWords(name) }));
    return counted.filter(({ counts }) => counts.length > 1).map(({ name, title, counts }) => choice(name, title, counts));
  }

  function countWords(name) {
    const column = state.data.columns.get(name);
    const found = new Map();
    column.words.forEach((word, code) => {
      for (const part of choicesOf(column, word)) found.set(part, (found.get(part) ?? 0) + column.counts[code]);
    });
    return [...found].filter(([, count]) => count).sort((one, other) => other[1] - one[1]);
  }

  function choice(name, title, counts) {
    const all = counts.map(([word]) => word);
    const boxes = counts.slice(0, MOST_CHOICES).map(([word, count]) => box(name, word, all, count));
    const rest = counts.length - boxes.length;
    const more = rest > 0 ? h("p", { class: "lg-hint", text: rest === 1 ? "1 rarer one not listed." : `${shown(rest, "integer")} rarer ones not listed.` }) : null;
    return section(title, name, h("div", { class: "lg-boxes" }, ...boxes), more);
  }

  function box(name, word, all, count) {
    const now = state.filters.choices[name];
    const input = control("input", {
      type: "checkbox", checked: !now || now.includes(word), onchange: () => {
        const before = state.filters.choices[name] ?? all;
        const after = new Set(before);
        if (input.checked) after.add(word);
        else after.delete(word);
        actions.choices(name, all.every((each) => after.has(each)) ? null : [...after]);
      },
    });
    const countLabel = count === undefined ? null : h("span", { class: "lg-count", text: shown(count, "integer") });
    return h("label", {}, input, h("span", { text: word === "" ? "none" : word }), countLabel);
  }

  function statuses() {
    const hidden = control("input", { type: "checkbox", checked: state.filters.hidden, onchange: () => actions.filter({ hidden: hidden.checked }) });
    const boxes = STATUSES.filter((status) => status !== "hidden").map((status) => box("status", status, STATUSES));
    return section("Outreach status", "status", h("div", { class: "lg-boxes" }, ...boxes, h("label", {}, hidden, h("span", { text: "show hidden ones" }))));
  }

  build();
  return { element, build };
}

/** A range of whole numbers from 1, in words. */
function rangeText([least, most]) {
  if ((least ?? 1) <= 1) return most === null || most === undefined ? "any" : most <= 1 ? "just 1" : `at most ${most}`;
  if (most === null || most === undefined) return `at least ${least}`;
  return least === most ? `just ${least}` : `${least} to ${most}`;
}
