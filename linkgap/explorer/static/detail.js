// The right side: everything about one prospect.

import { named } from "./columns.js";
import { control, h, link, replaceChildren } from "./dom.js";
import { counted, dayText, readable, shown } from "./format.js";
import { explain } from "./scoring.js";
import { STATUSES } from "./state.js";

const MOST_RIVALS = 6;
const EVIDENCE = {
  proven: "Proven missing: the site's own list from that provider is complete this far, and no such link is in it.",
  likely: "Likely missing: the site's own list is complete, but not known to be from the provider that shows the link.",
  unverified: "Unverified: the lists at hand can't tell, so there may be a link that they don't show.",
};

/** Make the panel.
 * @param actions edit(rows, field, value), ask(row) for its pages, close()
 */
export function makeDetail(state, columns, actions) {
  const element = h("section", { class: "lg-detail", "aria-label": "The prospect in detail", "aria-live": "off" });
  const pages = new Map();
  let drawn = null;

  function draw() {
    const row = state.active;
    if (row === null) return element.replaceChildren();
    if (!pages.has(row)) actions.ask(row);
    const typing = row === drawn ? element.querySelector(".lg-outreach:has(textarea:focus)") : null;
    drawn = row;
    const below = [points(row), evidence(row), rivals(row), pageCheck(row), seenPages(row), facts(row)].filter(Boolean);
    const blocks = [title(row), typing ?? outreach(row), ...below];
    blocks.flatMap((each) => [...each.querySelectorAll("a")]).forEach((each, place) => {
      each.dataset.key = `link ${place}`;
    });
    if (typing) drawAround(typing, row, blocks);
    else replaceChildren(element, ...blocks);
  }

  /** Redraw all but the status and the note that is being typed, which so keeps its caret, and its change when it is done. */
  function drawAround(typing, row, [heading, , ...below]) {
    typing.querySelector("select").value = state.value(row, "status");
    for (const child of [...element.children]) if (child !== typing) child.remove();
    typing.before(heading);
    typing.after(...below);
  }

  function title(row) {
    const domain = state.domain(row);
    const close = control("button", { type: "button", class: "lg-close", "data-key": "close", "aria-label": "Close the detail", onclick: () => actions.close() },
      h("span", { class: "lg-beside", text: "×" }), h("span", { class: "lg-instead", text: "‹ Ranking and filters" }));
    return h("header", {}, close, h("h3", {}, link(`https://${domain}/`, readable(domain))),
      h("p", { class: "lg-hint", text: `rank ${shown(state.scored.rank[row], "integer")} of ${shown(state.data.rows, "integer")}, priority ${shown(state.scored.priority[row], "score")}` }));
  }

  function outreach(row) {
    const status = control("select", { "aria-label": "Status", "data-key": "status", onchange: () => actions.edit([row], "status", status.value) },
      ...STATUSES.map((each) => h("option", { value: each, text: each, selected: each === state.value(row, "status") })));
    const note = h("textarea", { rows: 2, "data-key": "note", placeholder: "Note", "aria-label": "Note", maxlength: 2000, onchange: () => actions.edit([row], "note", note.value) });
    note.value = state.value(row, "note");
    return h("div", { class: "lg-outreach" }, status, note);
  }

  function points(row) {
    const terms = gathered(explain(state.data, state.ranking, row));
    const most = Math.max(...terms.map(({ points: each }) => Math.abs(each)), 1);
    const rows = terms.map((term) => h("tr", {},
      h("td", { text: term.term }), h("td", { class: "lg-right", text: signed(term.points) }),
      h("td", {}, h("i", { class: term.points < 0 ? "lg-minus" : "lg-plus", style: `width: ${(100 * Math.abs(term.points)) / most}%` }))));
    const sum = h("tr", { class: "lg-sum" }, h("td", { text: "priority" }), h("td", { class: "lg-right", text: shown(state.scored.priority[row], "score") }), h("td", {}));
    return block("Why this rank", h("table", { class: "lg-terms" }, ...rows, sum));
  }

  function evidence(row) {
    const word = state.value(row, "evidence");
    const before = state.value(row, "relation") === "lost" ? h("p", { text: "It once linked to the site: a link to win back." }) : null;
    const risks = state.value(row, "risk_reasons");
    const risk = h("p", { text: risks ? `Caution: ${readable(risks)}.` : "No reason for caution found." });
    return block("How sure, how safe", h("p", { text: EVIDENCE[word] ?? word }), before, risk, tactic(row));
  }

  function tactic(row) {
    if (!state.data.columns.has("tactic")) return null;
    const why = state.data.columns.has("tactic_evidence") ? state.value(row, "tactic_evidence") : "";
    const word = state.value(row, "tactic");
    if (!word || word === "unknown") return h("p", { text: "How such a link is won is not clear from these pages." });
    const name = word[0].toUpperCase() + word.slice(1);
    return h("div", {}, h("p", {}, h("b", { text: `${name}: ` }), state.data.howToWin[word]),
      why ? h("p", { class: "lg-hint", text: `Based on: ${readable(why)}` }) : null);
  }

  function rivals(row) {
    const all = state.data.rivals.map(({ name }, rival) => ({ name, links: state.linked(row, rival) }));
    const marks = [...all.filter(({ links }) => links), ...all.filter(({ links }) => !links)]
      .map(({ name, links }) => h("li", { class: links ? "lg-yes" : "lg-no", title: name, text: name }));
    return block(`Links to ${counted(state.value(row, "rivals_linked"), "rival")}`, h("ul", { class: "lg-names" }, ...marks));
  }

  /** What the page check found, if there was one. */
  function pageCheck(row) {
    const checked = (name) => (state.data.columns.has(name) ? state.value(row, name) : "");
    if (!checked("page_outcome")) return null;
    const place = checked("link_place") ? h("p", { text: `The link is in the ${readable(checked("link_place"))}.` }) : null;
    const target = checked("link_target_outcome") ? h("p", { text: readable(checked("link_target_outcome"), 300) }) : null;
    const ways = [["contact_page", "contact page"], ["write_for_us", "invitation to write"]].filter(([name]) => checked(name));
    const links = ways.map(([name, text]) => h("li", {}, link(checked(name), text)));
    const mails = checked("emails") ? [h("li", { text: readable(checked("emails"), 300) })] : [];
    return block("What the page says today", h("p", { text: readable(checked("page_outcome"), 400) }), place, target,
      links.length || mails.length ? h("ul", { class: "lg-pages" }, ...links, ...mails) : null);
  }

  function seenPages(row) {
    const found = pages.get(row) ?? sample(row);
    if (!found.length) return null;
    return block("Pages and anchors", h("ul", { class: "lg-pages" }, ...found.map(page)));
  }

  function sample(row) {
    const url = state.data.columns.has("sample_url") ? state.value(row, "sample_url") : "";
    return url ? [{ url, anchor: state.value(row, "sample_anchor"), target: state.value(row, "sample_target"), title: state.value(row, "title") }] : [];
  }

  function page({ url, anchor, target, title: heading, first_seen, last_seen, follow }) {
    const days = [first_seen && `first seen ${first_seen}`, last_seen && `last seen ${last_seen}`, follow === false && "nofollow"].filter(Boolean);
    return h("li", {}, link(url, readable(heading || url, 120)),
      h("p", { class: "lg-hint" }, anchor ? h("bdi", { text: `“${readable(anchor, 160)}”` }) : "no anchor", " → ", link(target ?? "", readable(target || "unknown target", 90))),
      days.length ? h("p", { class: "lg-hint", text: days.join(", ") }) : null);
  }

  function facts(row) {
    const names = ["authority", "authority_metric", "traffic", "referring_domains", "linked_domains", "links", "follow_links", "providers"];
    const list = names.filter((name) => columns.has(name)).flatMap((name) => {
      const { heading, show } = columns.get(name);
      const value = state.value(row, name);
      if (value === "" || Number.isNaN(value)) return [];
      return [h("dt", { text: heading }), h("dd", { text: shown(named(state.data, name, value), show) })];
    });
    const seen = ["first_seen", "last_seen"].filter((name) => state.data.columns.has(name) && !Number.isNaN(state.value(row, name)));
    for (const name of seen) list.push(h("dt", { text: columns.get(name).heading }), h("dd", { text: dayText(state.value(row, name)) }));
    return block("Facts", h("dl", {}, ...list));
  }

  /** Show the pages of a row once they have arrived. */
  function addPages(row, found) {
    pages.set(row, found);
    if (row === state.active) draw();
  }

  draw();
  return { element, draw, addPages };
}

function block(title, ...children) {
  return h("div", { class: "lg-block" }, h("h4", { text: title }), ...children);
}

/** The terms; if there are many rivals, all but the largest are merged into one. */
function gathered(terms) {
  const rivals = terms.filter(({ term }) => term.startsWith("links to "));
  if (rivals.length <= MOST_RIVALS) return terms;
  rivals.sort((one, other) => other.points - one.points);
  const rest = rivals.slice(MOST_RIVALS - 1);
  const points = rest.reduce((total, each) => total + each.points, 0);
  const others = terms.filter(({ term }) => !term.startsWith("links to "));
  return [...rivals.slice(0, MOST_RIVALS - 1), { term: `links to ${rest.length} more rivals`, points }, ...others];
}

function signed(points) {
  return `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(1)}`;
}
