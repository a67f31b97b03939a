"""The explorer without a kernel, in a real browser: what it computes, what it shows and what it tells."""

import base64
import copy
import csv
import io
import json
import random
import re
from fractions import Fraction
from itertools import product
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

import linkgap as lg
from linkgap.cells import neutralised, without_controls
from linkgap.errors import InvalidArgumentError, UnknownDomainError
from linkgap.explorer.filters import NO_FILTERS
from linkgap.explorer.modules import bundle
from linkgap.explorer.packing import _Block, _smallest_count, in_order_of_domains
from linkgap.schema import PAGE_CHECKS, STATUSES

RIVALS = ("deskly.example", "sitwell.example", "uprightco.example", "workhaven.example")
HOSTILE = ["<img src=x onerror=window.pwned=1>", "</script><script>window.pwned=1</script>", '=HYPERLINK("http://x")']
HOSTILE += ["\u202egnp.exe", "x" * 10_000, "@SUM(1)", "<b>bold</b>", '"; window.pwned=1; "']

IN_A_WIDGET = pytest.mark.parametrize("show", ["widget"], indirect=True)
"""For what one program draws or says in both: what depends on where it stands is shown in both."""
IN_A_REPORT = pytest.mark.parametrize("show", ["report"], indirect=True)
"""JupyterLab's own tests try every control of the widget."""

FRAMES = """async () => {
  for (let frame = 0; frame < 3; frame++) await new Promise((drawn) => requestAnimationFrame(drawn));
}"""


def painted(page):
    """Wait for the frames in which the screen draws what was done: sizes, then the table, then the pictures."""
    page.locator(".linkgap").evaluate(FRAMES)


STATES = """async (every) => {
  const { inflate, decode, State } = window.parts;
  const buffer = await inflate(new Uint8Array(window.model.get("_data").buffer));
  const state = new State(decode(window.model.get("_meta"), buffer), every[0], window.model.get("_memory"));
  return JSON.stringify(every.map((settings) => {
    state.apply(settings);
    const rows = Array.from(state.rows);
    return { domains: rows.map((row) => state.domain(row)), ranks: rows.map((row) => state.scored.rank[row]),
      priority: rows.map((row) => state.scored.priority[row]),
      likelihood: rows.map((row) => state.scored.likelihood[row]) };
  }));
}"""


def states(page, every):
    """What the explorer's code shows by each of some settings; as one text, as Playwright is slow with many values."""
    return json.loads(page.evaluate(STATES, every))


def ranked(prospects, **options):
    """The domains in the order of another ranking, without what the files say of each."""
    again = lg.rank_prospects(prospects.gap, **options)
    return [again.gap.domains[place] for place in again.order]


def random_settings(source: random.Random) -> dict:
    ranking = {
        "authority_weight": source.choice([0.0, 0.25, 0.5, 1.0, 1.37]),
        "risk_weight": source.choice([0.0, 0.4, 1.0]),
        "rival_weights": source.choice(
            [None, dict.fromkeys(RIVALS, 0), {rival: source.uniform(0.01, 5) for rival in RIVALS}]
        ),
        "likelihood_weights": {
            "linked_domains": source.choice([0.0, 0.1, 0.7]),
            "authority": source.choice([0.0, 0.1]),
        },
    }
    some = source.sample(RIVALS, 2)
    filters = source.choice(
        [
            {},
            {"ranges": {"authority": [source.randint(5, 40), None], "risk": [None, 0.5]}},
            {"present": some[:1], "absent": some[1:]},
            {"exactly": some},
            {"choices": {"evidence": ["likely"]}},
            {"text": source.choice(["desk", "review", "ERGO"])},
            {"ranges": {"first_seen": [19_000, 20_300]}, "choices": {"tld": ["example"]}},
            {"ranges": {"follow_links": [1, None], "likelihood": [0.2, 0.8]}},
        ]
    )
    column = source.choice(["rank", "rank", "domain", "authority", "links", "first_seen", "sample_anchor", "traffic"])
    view = {"sort": {"column": column, "descending": source.random() < 0.5}}
    return {"ranking": ranking, "filters": {**NO_FILTERS, **filters}, "view": view}


@pytest.fixture(scope="module")
def fifty(prospects):
    """Settings, and what Python shows by them."""
    explorer = lg.explore(prospects)
    source = random.Random(7)  # noqa: S311 - settings need a seed, not secrecy
    told = []
    for _ in range(50):
        explorer.settings = random_settings(source)
        told.append((explorer.settings, explorer.shown[["domain", "rank", "priority", "likelihood"]]))
    return told


def test_fifty_settings_give_the_same_rows_in_the_same_order_as_python(show, prospects, fifty):
    page = show(lg.explore(prospects))
    found_for_each = states(page, [settings for settings, _ in fifty])
    for found, (settings, wanted) in zip(found_for_each, fifty, strict=True):
        assert found["domains"] == wanted["domain"].tolist(), settings
        assert found["ranks"] == wanted["rank"].tolist()
        assert np.abs(np.array(found["priority"]) - wanted["priority"].to_numpy()).max(initial=0) < 1e-9
        assert np.abs(np.array(found["likelihood"]) - wanted["likelihood"].to_numpy()).max(initial=0) < 1e-9


IN_SIGHT = """() => {
  const box = document.querySelector(".lg-scroll").getBoundingClientRect();
  const rows = [...document.querySelectorAll(".lg-row:not([hidden])")];
  const top = (row) => row.getBoundingClientRect().top;
  return rows.filter((row) => top(row) >= box.top + 29 && top(row) + 30 <= box.bottom)
    .sort((one, other) => top(one) - top(other))
    .map((row) => [Number(row.ariaRowIndex) - 2, row.querySelector(".lg-cell:nth-child(3)").innerText]);
}"""


def rows_in_sight(page, wanted):
    """Rows as they stand when the table has come to rest, however busy the machine is: as wanted, or at last."""
    for _ in range(100):
        page.wait_for_timeout(60)
        rows = page.evaluate(IN_SIGHT)
        here = rows[0][0] if rows else 0
        if len(rows) > 8 and rows == [[index, wanted[index]] for index in range(here, here + len(rows))]:
            break
    return rows


@IN_A_WIDGET
@pytest.mark.parametrize(
    "weights",
    [[1, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], [None, *range(1, 40)]],
    ids=["two", "eight", "forty, the first left out"],
)
def test_likelihoods_on_the_screen_are_pythons_to_the_last_bit(show, weights):
    rivals = [f"rival{place}.example" for place in range(len(weights))]
    told = {"a.example": (3, rivals), "b.example": (5, rivals[:1]), "c.example": (7, rivals[1:])}
    rows = [
        {"site": rival, "source_domain": domain, "authority": figure, "linked_domains": figure}
        for domain, (figure, linked) in told.items()
        for rival in linked
    ]
    links = lg.read_links(pd.DataFrame([{"site": "mine.example", "source_domain": "friend.example"}, *rows]))
    given = {rival: weight for rival, weight in zip(rivals, weights, strict=True) if weight is not None}
    ranking = {"rival_weights": given}
    explorer = lg.explore(lg.rank_prospects(lg.find_gap(links, site="mine.example")), settings={"ranking": ranking})
    wanted = explorer.shown["likelihood"].tolist()
    assert len(weights) > 2 or 0.5 in wanted  # b.example: (0.5 + 0.1 x 0.5 + 0.1 x 0.5) / (1 + 0.1 + 0.1)
    (found,) = states(show(explorer), [explorer.settings])
    assert found["likelihood"] == wanted


@IN_A_WIDGET
def test_rows_are_used_again_and_show_what_belongs_there(show, prospects):
    page = show(lg.explore(prospects))
    for weight in (0.25, 2, 0.5):
        page.get_by_label("Authority of the link").fill(str(weight))
        wanted = ranked(prospects, authority_weight=weight)
        for place in (None, 900, 930, 40_000, 1200, 10**6, 0, 600):  # first where the slider found the table
            if place is not None:
                page.locator(".lg-scroll").evaluate("(element, place) => { element.scrollTop = place; }", place)
            rows = rows_in_sight(page, wanted)
            assert len(rows) > 8
            assert [domain for _, domain in rows] == [wanted[index] for index, _ in rows]
            assert [index for index, _ in rows] == list(range(rows[0][0], rows[0][0] + len(rows)))


TITLES = """() => [...document.querySelectorAll(".lg-row:not([hidden]) .lg-cell[title]")]
  .map((cell) => [cell.title, cell.innerText])"""


@IN_A_WIDGET
def test_a_cell_pointed_at_shows_its_whole_text_also_when_it_is_used_again(show, prospects):
    shown = {
        "columns": ["rank", "domain", "tactic", "tactic_evidence"],
        "widths": {"domain": 300, "tactic_evidence": 600},
    }
    page = show(lg.explore(prospects, settings={"view": shown}))
    assert page.evaluate(TITLES) == []
    for cell in page.locator(".lg-row:visible .lg-cell:nth-child(5)").all()[:12]:
        cell.hover()
    assert len(page.evaluate(TITLES)) > 1
    told = []
    for place in (600, 900, 1500, 40_000, 0):
        page.locator(".lg-scroll").evaluate("(element, place) => { element.scrollTop = place; }", place)
        painted(page)
        told += page.evaluate(TITLES)
    assert all(title == text for title, text in told)


def test_pythons_order_is_rank_prospects_order(prospects):
    ranking = {"authority_weight": 1.0, "rival_weights": dict(zip(RIVALS, (3, 2, 1, 0), strict=True))}
    filters = {"absent": RIVALS[:1], "choices": {"providers": ["moz"]}}
    explorer = lg.explore(prospects, settings={"ranking": ranking, "filters": filters})
    frame = lg.rank_prospects(prospects.gap, **ranking).frame
    wanted = frame[~frame[RIVALS[0]] & frame["providers"].str.contains("moz")].reset_index(drop=True)
    pd.testing.assert_frame_equal(explorer.shown[list(wanted)], wanted)
    assert set(explorer.shown["note"]) == {""}
    last = wanted.tail(2).reset_index(drop=True)
    explorer.selected = last[::-1]
    pd.testing.assert_frame_equal(explorer.selected[list(last)], last)


ROWS = """(rows) => rows.map((row) => [Number(row.ariaRowIndex), row.querySelector(".lg-cell:nth-child(3)").innerText])
  .sort(([one], [other]) => one - other).map(([, domain]) => domain)"""


def first_domains(page, number=5):
    painted(page)
    return page.locator(".lg-row:visible").evaluate_all(ROWS)[:number]


def as_at_first(page, explorer):
    """Have Python set everything back, on the screen too, and forget what was told."""
    explorer.settings = {}
    page.evaluate(
        "(settings) => { window.saves.length = 0; window.model.say('settings', settings); }", explorer.settings
    )
    painted(page)


def shown_count(page):
    painted(page)
    return int(page.locator(".lg-shown").inner_text().split()[0].replace(",", ""))


def settle(page):
    """Wait until the screen has told Python what was set."""
    page.locator(".linkgap[data-telling]").wait_for(state="detached")
    return page.evaluate("window.saves.at(-1)")


def sent(page, kind):
    """What the screen sent to Python, of one kind."""
    return [message for message in page.evaluate("window.sent") if message["kind"] == kind]


def test_opens_with_the_ranking_and_the_first_rows(show, prospects):
    page = show(lg.explore(prospects))
    assert shown_count(page) == len(prospects)
    assert first_domains(page) == prospects.frame["domain"].head(5).tolist()
    told = prospects.frame.iloc[0]
    cells = page.locator(".lg-row[aria-rowindex='2'] .lg-barred").evaluate_all(BARS)
    lengths = {"priority": told["priority"], "likelihood": 100 * told["likelihood"], "risk": 100 * told["risk"]}
    assert cells == [pytest.approx(length, abs=0.01) for length in lengths.values()]


BARS = "(cells) => cells.map((cell) => parseFloat(cell.style.backgroundSize))"


def test_a_slider_ranks_anew_and_tells_python(show, prospects):
    page = show(lg.explore(prospects))
    page.get_by_label("Authority of the link").fill("2")
    assert first_domains(page) == ranked(prospects, authority_weight=2.0)[:5]
    assert settle(page)["settings"]["ranking"]["authority_weight"] == 2
    page.get_by_role("button", name="Reset to recommended").click()
    assert first_domains(page) == prospects.frame["domain"].head(5).tolist()
    expect(page.get_by_label("Authority of the link")).to_have_value("0.25")


@IN_A_WIDGET
def test_arrow_keys_move_a_slider(show, prospects):
    page = show(lg.explore(prospects))
    slider = page.get_by_label("Caution about risk")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert settle(page)["settings"]["ranking"]["risk_weight"] == pytest.approx(0.95)
    assert slider.get_attribute("data-lm-suppress-shortcuts") is not None


@IN_A_WIDGET
def test_rival_weights_count_by_their_proportions(show, prospects):
    page = show(lg.explore(prospects))
    page.locator("summary", has_text="Rivals").first.click()
    page.get_by_role("slider", name="deskly.example").fill("0")
    ranking = settle(page)["settings"]["ranking"]
    assert ranking["rival_weights"]["deskly.example"] == 0
    assert first_domains(page) == ranked(prospects, rival_weights=ranking["rival_weights"])[:5]


PASSES = {
    ("Authority, minimum", "60"): lambda frame: frame["authority"] >= 60,
    ("Organic traffic a month, maximum", "100"): lambda frame: frame["traffic"] <= 100,
    ("First seen since", "2025-06-01"): lambda frame: frame["first_seen"] >= "2025-06-01",
    ("Search domain, anchor and title", "review"): lambda frame: contains(frame, "review"),
}


@IN_A_WIDGET
def test_filters_keep_what_they_say(show, prospects):
    page = show(lg.explore(prospects))
    for (label, value), passes in PASSES.items():
        page.get_by_label(label).fill(value)
        wanted = prospects.frame[passes(prospects.frame).fillna(value=False).astype(bool)]
        assert 0 < len(wanted) < len(prospects)
        assert shown_count(page) == len(wanted), label
        assert first_domains(page) == wanted["domain"].head(5).tolist(), label
        page.get_by_role("button", name="Clear filters").click()


def contains(frame, text):
    names = ("domain", "sample_anchor", "title")
    return pd.concat([frame[name].fillna("").str.lower().str.contains(text) for name in names], axis=1).any(axis=1)


PICTURES = """() => ({ points: document.querySelector(".lg-canvas").toDataURL(),
  rivals: [...document.querySelectorAll(".lg-columns .lg-count")].map(({ textContent }) => textContent) })"""
RANKS = ["Authority of the link", "Caution about risk", "Likelihood: links out often", "Likelihood: authority"]
RANKS += ["deskly.example", "workhaven.example"]
FILTERS = [
    ("Authority, minimum", "60"),
    ("Authority, maximum", "20"),
    ("Organic traffic a month, minimum", "500"),
    ("Followed links, maximum", "1"),
    ("Risk in %, maximum", "10"),
    ("First seen since", "2025-06-01"),
    ("Search domain, anchor and title", "review"),
    ("Rivals linked", "3"),
]


def open_sections(page):
    page.evaluate("() => document.querySelectorAll('.lg-section').forEach((section) => { section.open = true; })")


def check_shown(page, explorer):
    """The table's rows, their number and the counts in the pictures are those of Python."""
    wanted = explorer.shown
    assert shown_count(page) == len(wanted)
    assert first_domains(page) == wanted["domain"].head(5).tolist()
    bars = [int(text.replace(",", "")) for text in page.evaluate(PICTURES)["rivals"] if text != ""]
    assert sum(bars) == len(wanted)


@IN_A_REPORT
def test_every_slider_moves_table_and_picture(show, prospects):
    explorer = lg.explore(prospects)
    page = show(explorer)
    for label in RANKS:
        as_at_first(page, explorer)
        open_sections(page)
        before = page.evaluate(PICTURES)["points"], first_domains(page, 40)
        slider = page.get_by_role("slider", name=label, exact=True)
        slider.fill(slider.get_attribute("min" if label == "Caution about risk" else "max"))
        explorer.settings = settle(page)["settings"]
        check_shown(page, explorer)
        after = page.evaluate(PICTURES)["points"], first_domains(page, 40)
        assert before[1] != after[1], label
        assert before[0] != after[0], label


@IN_A_REPORT
def test_every_field_filters_table_and_pictures(show, prospects):
    explorer = lg.explore(prospects)
    page = show(explorer)
    before = page.evaluate(PICTURES)
    for label, value in FILTERS:
        as_at_first(page, explorer)
        page.locator(".lg-controls").get_by_label(label, exact=True).fill(value)
        explorer.settings = settle(page)["settings"]
        assert 0 < len(explorer.shown) < len(prospects), label
        check_shown(page, explorer)
        after = page.evaluate(PICTURES)
        assert before["points"] != after["points"], label
        assert before["rivals"] != after["rivals"], label


CHOICES = ["evidence", "relation", "tactic", "language", "platform", "risk_reasons", "status"]


@IN_A_REPORT
def test_every_choice_filters_table_and_pictures(show, prospects, tmp_path):
    book = lg.open_outreach(tmp_path / "outreach.sqlite", site="oakdesk.example")
    book.set(prospects.frame["domain"].head(300), status="won")
    explorer = lg.explore(prospects, outreach=book)
    page = show(explorer)
    open_sections(page)
    before = page.evaluate(PICTURES)["points"]
    for name in CHOICES:
        choice = page.locator(f".lg-section[data-name={name}] input").first
        choice.uncheck()
        explorer.settings = settle(page)["settings"]
        assert 0 < len(explorer.shown) < len(prospects), name
        check_shown(page, explorer)
        assert before != page.evaluate(PICTURES)["points"], name
        page.evaluate("window.saves.length = 0")
        choice.check()
        settle(page)
        assert shown_count(page) == len(prospects), name
        page.evaluate("window.saves.length = 0")


@IN_A_REPORT
def test_rivals_are_asked_for_by_name(show, prospects):
    explorer = lg.explore(prospects)
    page = show(explorer)
    open_sections(page)
    for wanted in ("must link", "must not"):
        page.get_by_label("Links to sitwell.example").select_option(wanted)
        explorer.settings = settle(page)["settings"]
        assert set(explorer.shown["sitwell.example"]) == {wanted == "must link"}
        check_shown(page, explorer)


@IN_A_WIDGET
def test_cells_with_several_words_pass_for_each_of_them(show):
    platforms = ["blogs, cms", "cms", "wiki", None]
    rows = [
        {"site": site, "source_url": f"https://site{place}.example/", "platform": platform}
        for place, platform in enumerate(platforms)
        for site in ("rival.example", "other.example")
    ]
    rows.append({"site": "mine.example", "source_url": "https://friend.example/", "platform": None})
    explorer = lg.explore(lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example")))
    page = show(explorer)
    open_sections(page)
    boxes = page.locator(".lg-section[data-name=platform] label").all_inner_texts()
    assert sorted(text.split() for text in boxes) == [["blogs", "1"], ["cms", "2"], ["none", "1"], ["wiki", "1"]]
    assert boxes[0].split() == ["cms", "2"]
    for word in ("none", "wiki"):
        page.locator(".lg-section[data-name=platform]").get_by_label(word).uncheck()
    explorer.settings = settle(page)["settings"]
    assert sorted(explorer.shown["domain"]) == ["site0.example", "site1.example"]
    check_shown(page, explorer)


@IN_A_WIDGET
def test_choices_and_pictures_filter_and_clear(show, prospects):
    page = show(lg.explore(prospects))
    frame = prospects.frame
    page.locator("summary", has_text="How sure the gap is").click()
    page.get_by_label("proven").uncheck()
    assert shown_count(page) == (frame["evidence"] != "proven").sum()
    page.get_by_role("button", name="Clear filters").click()
    page.locator(".lg-columns button").last.click()
    assert shown_count(page) == (frame["rivals_linked"] == len(RIVALS)).sum()
    page.get_by_role("button", name="Clear filters").click()
    page.locator("button.lg-combination").first.click()
    combinations = frame.groupby(list(RIVALS)).size().sort_values(ascending=False).tolist()
    assert shown_count(page) == combinations[0]
    assert page.locator("button.lg-combination .lg-count").all_inner_texts() == [
        str(each) for each in combinations[:12]
    ]
    more = f"{sum(combinations[12:])} prospects in {len(combinations) - 12} more"
    assert page.locator(".lg-combinations .lg-hint").inner_text() == more
    check_lengths(page.locator("button.lg-combination i"), "width", combinations[:12])
    room, longest = (page.locator(f"button.lg-combination {each}").first for each in (".lg-length", "i"))
    assert longest.bounding_box()["width"] == pytest.approx(room.bounding_box()["width"], abs=1)
    page.locator("button.lg-combination").first.click()
    assert shown_count(page) == len(frame)
    check_lengths(page.locator(".lg-columns i"), "height", frame["rivals_linked"].value_counts().sort_index().tolist())


def check_lengths(bars, side, numbers):
    """The bars are as long as their numbers are large."""
    lengths = [bar.bounding_box()[side] for bar in bars.all()]
    assert lengths == pytest.approx([max(lengths) * number / max(numbers) for number in numbers], abs=1)


@IN_A_WIDGET
def test_a_box_in_the_picture_filters(show, prospects):
    page = show(lg.explore(prospects))
    box = page.locator(".lg-canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] + 90, box["y"] + box["height"] * 0.5, steps=4)
    page.mouse.up()
    ranges = settle(page)["settings"]["filters"]["ranges"]
    frame = prospects.frame
    (left, right), (low, high) = ranges["authority_percentile"], ranges["likelihood"]
    inside = frame["authority_percentile"].between(left, right) & frame["likelihood"].between(low, high)
    assert 0 < inside.sum() < len(frame)
    assert shown_count(page) == inside.sum()
    fields = [page.get_by_label(f"Likelihood, {end}", exact=True) for end in ("minimum", "maximum")]
    assert [float(field.input_value()) for field in fields] == pytest.approx([low, high])
    assert right == 1, "the hand left the picture"
    fields[0].fill("0")
    fields[1].fill("1")
    assert shown_count(page) == frame["authority_percentile"].between(left, right).sum()
    page.get_by_role("grid").press("ArrowDown")
    page.locator(".lg-canvas").press("Escape")
    assert shown_count(page) == len(frame)
    assert page.locator(".lg-detail").is_visible()


@IN_A_WIDGET
def test_a_box_without_authority_filters_by_likelihood(show):
    rows = [
        {"site": site, "source_url": f"https://site{place}.example/"}
        for place in range(4)
        for site in ("rival.example", "other.example")[: 1 + place % 2]
    ]
    rows.append({"site": "mine.example", "source_url": "https://friend.example/"})
    explorer = lg.explore(lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example")))
    page = show(explorer)
    assert page.get_by_label("Authority of the link").count() == 0
    box = page.locator(".lg-canvas").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 12, box["y"] + box["height"] * 0.3, steps=4)
    page.mouse.up()
    explorer.settings = settle(page)["settings"]
    assert sorted(explorer.shown["domain"]) == ["site1.example", "site3.example"]
    check_shown(page, explorer)


@IN_A_WIDGET
def test_small_authorities_are_told_apart(show):
    """As PageRanks are: with one digit behind the point, all of them were 0.0."""
    ranks = {"a.example": 1.25e-09, "b.example": 0.0162, "c.example": 3.25}
    rows = [{"site": "rival.example", "source_url": f"https://{name}/", "authority": ranks[name]} for name in ranks]
    rows.append({"site": "mine.example", "source_url": "https://friend.example/"})
    explorer = lg.explore(lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example")))
    cells = show(explorer).get_by_role("gridcell").all_inner_texts()
    assert {"1.25e-9", "0.0162", "3.3"} <= set(cells)


@IN_A_WIDGET
def test_a_filter_of_small_authorities_stands_in_its_field(show):
    """A field that said 0 became the filter when the other one was typed in."""
    ranks = {"a.example": 1.25e-09, "b.example": 3.5e-09, "c.example": 0.0162}
    rows = [{"site": "rival.example", "source_url": f"https://{name}/", "authority": ranks[name]} for name in ranks]
    rows.append({"site": "mine.example", "source_url": "https://friend.example/"})
    explorer = lg.explore(
        lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example")),
        settings={"filters": {"ranges": {"authority": [3.6e-09, None]}}},
    )
    page = show(explorer)
    assert shown_count(page) == len(explorer.shown) == 1
    assert float(page.get_by_label("Authority, minimum").input_value()) == 3.6e-09
    page.get_by_label("Authority, maximum").fill("0.01")
    assert settle(page)["settings"]["filters"]["ranges"]["authority"] == [3.6e-09, 0.01]


@IN_A_WIDGET
@pytest.mark.parametrize("width", [390, 900, 1500])
def test_the_field_of_a_range_shows_all_digits_of_its_number(show, prospects, width):
    """In Firefox 100000 stood as 0000; Common Crawl's harmonic centrality has eight digits."""
    explorer = lg.explore(prospects, settings={"filters": {"ranges": {"traffic": [10_000_000, 26_900_950]}}})
    page = show(explorer)
    page.set_viewport_size({"width": width, "height": 900})
    if width < 760:
        page.get_by_role("button", name="Ranking and filters").click()
    for end in ("minimum", "maximum"):
        field = page.get_by_label(f"Organic traffic a month, {end}")
        assert len(field.input_value()) == 8
        assert field.evaluate("(field) => field.scrollWidth <= field.clientWidth")


@IN_A_WIDGET
def test_what_is_no_number_is_said_to_filter_nothing(show, prospects):
    """Firefox and Safari also take 1,000 and 0,5, which are numbers elsewhere; to none of them is this a value."""
    page = show(lg.explore(prospects))
    field, said = page.get_by_label("Likelihood, minimum"), page.locator(".lg-unread:visible")
    expect(said).to_have_count(0)
    field.press_sequentially("5e")
    expect(said).to_have_text("Not a number, so nothing is filtered. Write 1000 or 0.5.")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert shown_count(page) == len(prospects)
    field.press_sequentially("-1")
    expect(said).to_have_count(0)
    expect(field).to_have_attribute("aria-invalid", "false")
    assert shown_count(page) == (prospects.frame["likelihood"] >= 0.5).sum()


NOISE = """() => {
  CanvasRenderingContext2D.prototype.getImageData = (x, y, width, height) =>
    new ImageData(new Uint8ClampedArray(4 * width * height).fill(170), width, height);
}"""


@IN_A_WIDGET
def test_the_picture_is_the_same_in_a_browser_that_lets_nobody_read_pixels(show, prospects):
    """As Firefox with resistFingerprinting: the axes were gone, and a pattern filled the picture."""
    page = show(lg.explore(prospects))
    page.locator(".lg-row:visible .lg-cell:nth-child(3)").nth(1).click()
    painted(page)
    before = page.evaluate(PICTURES)["points"]
    page.evaluate(NOISE)
    for by in ("evidence", "risk"):
        page.get_by_label("Colour of the points").select_option(by)
        painted(page)
        assert (page.evaluate(PICTURES)["points"] == before) == (by == "risk")


PIXEL = """(canvas, [across, up, beside]) => {
  const { width, height } = canvas;
  const [x, y] = [52 + across * (width - 66), 10 + (1 - up) * (height - 40)];
  const { data } = canvas.getContext("2d").getImageData(Math.floor(x + beside), Math.floor(y), 1, 1);
  const [red, green, blue, alpha] = data;
  return alpha ? `rgb(${red}, ${green}, ${blue})` : "rgb(255, 255, 255)";
}"""


@IN_A_WIDGET
def test_a_point_stands_where_its_likelihood_and_authority_are_in_the_colour_of_its_risk(show, prospects):
    page = show(lg.explore(prospects))
    colours = page.locator(".lg-legend i").evaluate_all(
        "(all) => all.map((each) => getComputedStyle(each).backgroundColor)"
    )
    frame = prospects.frame
    groups = (frame["risk"] == 0, (frame["risk"] > 0) & (frame["risk"] < 0.3), frame["risk"].round(9) == 0.3)
    for group, colour in zip(groups, colours, strict=True):
        row = frame[group].iloc[0]
        page.get_by_label("Search domain, anchor and title").fill(row["domain"])
        painted(page)
        place = [row["authority_percentile"], row["likelihood"], 0]
        assert page.locator(".lg-canvas").evaluate(PIXEL, place) == colour, row["domain"]
    page.get_by_role("grid").press("ArrowDown")
    painted(page)
    ring = page.locator(".lg-canvas").evaluate(PIXEL, [*place[:2], 6])
    assert sum(map(int, re.findall(r"\d+", ring))) < 250
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_label("Colour of the points").select_option("tactic")
    painted(page)
    largest = frame["tactic"].value_counts().index[:6].tolist()
    assert page.locator(".lg-legend span").all_inner_texts() == [*largest, "others"]


@IN_A_WIDGET
def test_a_likelihood_is_an_index_and_no_percentage(show):
    """Where all link to the one rival, none is less likely than another: a client would read 100% as certain."""
    rows = [{"site": "rival.example", "source_url": f"https://{name}.example/"} for name in ("a", "b")]
    rows.append({"site": "mine.example", "source_url": "https://friend.example/"})
    page = show(lg.explore(lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example"))))
    headings = [each.strip(" ▲▼") for each in page.get_by_role("columnheader").all_inner_texts()]
    cells = page.get_by_role("row").nth(1).get_by_role("gridcell").all_inner_texts()
    assert cells[headings.index("Likelihood")] == "1.00"


@IN_A_WIDGET
def test_sort_then_select_then_filter_keeps_the_right_domains(show, prospects):
    page = show(lg.explore(prospects))
    page.get_by_role("columnheader").get_by_role("button", name="Domain", exact=True).click()
    chosen = first_domains(page, 3)
    assert chosen == sorted(prospects.frame["domain"])[:3]
    for domain in chosen:
        page.get_by_label(f"Select {domain}", exact=True).click()
    assert settle(page)["selected"] == chosen
    page.get_by_label("Authority, minimum").fill("50")
    page.get_by_role("columnheader").get_by_role("button", name="Rank").click()
    assert settle(page)["selected"] == chosen


def test_keyboard_alone_selects_hides_and_undoes(show, prospects):
    page = show(lg.explore(prospects))
    names = prospects.frame["domain"].tolist()
    page.get_by_role("grid").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert settle(page)["selected"] == [names[1]]
    page.keyboard.press("h")
    assert sent(page, "edit") == [
        {"kind": "edit", "domains": [names[1]], "field": "status", "value": "hidden"},
    ]
    assert first_domains(page, 2) == [names[0], names[2]]
    page.keyboard.press("u")
    assert sent(page, "undo") == [{"kind": "undo"}]
    page.keyboard.press("End")
    page.wait_for_selector(f".lg-active:has-text('{names[-1]}')")


ACTIVE = "() => Number(document.querySelector('.lg-active')?.ariaRowIndex)"


@IN_A_WIDGET
def test_many_are_selected_by_mouse_and_by_keyboard(show, prospects):
    names = prospects.frame["domain"].tolist()
    explorer = lg.explore(prospects)
    explorer.selected = [names[0]]
    page = show(explorer)
    expect(page.locator(".lg-shown")).to_have_text("1,693 prospects, 1 selected")
    grid, whole = page.get_by_role("grid"), page.get_by_label("Select all that are shown")
    boxes = [page.get_by_label(f"Select {name}", exact=True) for name in names[:6]]

    def check(selected, *, state):
        assert settle(page)["selected"] == sorted(selected)
        painted(page)
        assert whole.evaluate("(box) => [box.checked, box.indeterminate]") == state

    boxes[0].click()
    boxes[1].click()
    boxes[3].click(modifiers=["Shift"])
    check(names[1:4], state=[False, True])
    page.locator(".lg-row", has_text=names[5]).click(modifiers=["Shift"])
    page.locator(".lg-row", has_text=names[2]).click(modifiers=["Control"])
    check([names[1], *names[3:6]], state=[False, True])
    whole.click()
    check(names, state=[True, False])
    whole.click()
    check([], state=[False, False])
    grid.press("Home")
    grid.press("Shift+ArrowDown")
    grid.press("Shift+ArrowDown")
    check(names[1:3], state=[False, True])
    grid.press("Home")
    grid.press("PageDown")
    painted(page)
    assert page.evaluate(ACTIVE) > 10
    grid.press("PageUp")
    painted(page)
    assert page.evaluate(ACTIVE) == 2
    page.get_by_label("Authority, minimum").fill("60")
    page.get_by_role("button", name="Clear filters").focus()
    grid.press("Control+a")
    check(prospects.frame["domain"][prospects.frame["authority"] >= 60], state=[True, False])
    page.get_by_label("Authority, minimum").fill("50")
    painted(page)
    assert whole.evaluate("(box) => [box.checked, box.indeterminate]") == [False, True]
    whole.click()
    whole.click()
    boxes[0].click()
    page.get_by_label("Authority, maximum").fill("55")
    shown = first_domains(page)
    assert names[0] not in shown
    page.get_by_label(f"Select {shown[2]}", exact=True).click(modifiers=["Shift"])
    check([names[0], shown[2]], state=[False, True])


@IN_A_WIDGET
def test_a_heading_sorts_and_turns_the_order_round(show, prospects):
    explorer = lg.explore(prospects)
    page = show(explorer)
    grid = page.get_by_role("grid")
    columns = len(explorer.settings["view"]["columns"]) + 1
    assert (grid.get_attribute("aria-rowcount"), grid.get_attribute("aria-colcount")) == ("1694", str(columns))
    for name, direction in (
        ("Authority", "descending"),
        ("Authority", "ascending"),
        ("Domain", "ascending"),
        ("Domain", "descending"),
        ("Rank", "ascending"),
    ):
        grid.evaluate("(element) => { element.scrollTop = 3000; }")
        page.get_by_role("columnheader").get_by_role("button", name=re.compile(f"^{name}( [▴▾])?$")).click()
        explorer.settings = settle(page)["settings"]
        sort = explorer.settings["view"]["sort"]
        assert sort == {"column": name.lower(), "descending": direction == "descending"}
        assert first_domains(page) == explorer.shown["domain"].head(5).tolist()
        heading = page.locator(".lg-head [role=columnheader]", has_text=re.compile(f"^{name}( [▴▾])?$"))
        assert heading.get_attribute("aria-sort") == direction
        assert grid.evaluate("(element) => element.scrollTop") == 0


@IN_A_WIDGET
def test_hiding_goes_down_the_table_however_it_is_sorted(show, prospects):
    explorer = lg.explore(prospects, settings={"view": {"sort": {"column": "authority", "descending": True}}})
    names = explorer.shown["domain"].tolist()
    page = show(explorer)
    title = page.locator(".lg-detail h3")
    page.get_by_role("grid").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    for name in names[1:5]:
        expect(title).to_have_text(name)
        page.keyboard.press("h")
    expect(title).to_have_text(names[5])
    page.get_by_label(f"Select {names[6]}", exact=True).click()
    page.keyboard.press("Alt+h")
    assert settle(page)["selected"] == [names[6]]
    page.keyboard.press("h")
    expect(page.get_by_label(f"Select {names[6]}", exact=True)).to_have_count(0)
    expect(title).to_have_text(names[5])
    assert settle(page)["selected"] == []
    page.get_by_role("button", name="Close the detail").click()
    page.get_by_role("button", name="Hide", exact=True).click()
    expect(page.locator(".lg-shown")).to_contain_text("First select the prospects to hide.")
    assert len(sent(page, "edit")) == 5


SPARE_WIDTH = """(select) => {
  const room = select.offsetWidth;
  select.style.width = "max-content";
  const wanted = select.offsetWidth;
  select.style.width = "";
  return room - wanted;
}"""


def test_status_and_note_are_edited_in_place(show, prospects):
    page = show(lg.explore(prospects))
    domain = prospects.frame["domain"][0]
    status = page.get_by_label(f"Status of {domain}", exact=True)
    status.select_option("shortlisted")
    assert status.evaluate(SPARE_WIDTH) >= 0, "the longest word can be read in full"
    note = page.get_by_label(f"Note on {domain}", exact=True)
    note.click()
    note.fill("wrote to Ann")
    page.locator(".lg-scroll").evaluate("(element) => { element.scrollTop = 20_000; }")
    expect(page.locator(".lg-row", has_text=domain)).to_have_count(0)
    assert page.locator(".lg-detail h3").count() == 0
    assert [(each["field"], each["value"]) for each in sent(page, "edit")] == [
        ("status", "shortlisted"),
        ("note", "wrote to Ann"),
    ]


def test_export_gives_exactly_what_is_shown(show, prospects):
    explorer = lg.explore(prospects)
    page = show(explorer)
    page.get_by_label("Authority, minimum").fill("40")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    explorer.settings = settle(page)["settings"]
    wanted = explorer.shown
    assert [row["domain"] for row in rows] == wanted["domain"].tolist()
    assert [float(row["priority"]) for row in rows] == pytest.approx(wanted["priority"].tolist(), abs=1e-9)
    for name in ("first_seen", "last_seen"):
        assert [row[name] for row in rows] == wanted[name].dt.strftime("%Y-%m-%d").fillna("").tolist()
    assert {(row["status"], row["note"]) for row in rows} == {("new", "")}


def test_python_moves_the_screen(show, prospects):
    explorer = lg.explore(prospects)
    page = show(explorer)
    explorer.settings = {"filters": {"present": ["deskly.example"], "exactly": None}}
    page.evaluate("(settings) => window.model.say('settings', settings)", explorer.settings)
    assert shown_count(page) == len(explorer.shown) == prospects.frame["deskly.example"].sum()
    page.evaluate("(domains) => window.model.say('selected_domains', domains)", [prospects.frame["domain"][0]])
    page.evaluate("() => window.model.hear({ kind: 'error', text: 'it broke <b>here</b>' })")
    assert page.locator(".lg-error").inner_text() == "it broke <b>here</b>"


@IN_A_WIDGET
def test_the_detail_explains_the_rank(show, prospects):
    page = show(lg.explore(prospects))
    domain = prospects.frame["domain"][4]
    page.locator(".lg-row", has_text=domain).click()
    page.wait_for_selector(f".lg-detail h3:has-text('{domain}')")
    points = [
        float(text.replace("−", "-"))
        for text in page.locator(".lg-terms tr:not(.lg-sum) td:nth-child(2)").all_inner_texts()
    ]
    assert sum(points) == pytest.approx(prospects.frame["priority"][4], abs=0.05 * (len(points) + 1))
    assert page.evaluate("window.sent.at(-1)")["kind"] == "pages"
    page.evaluate(
        "(pages) => window.model.hear({ kind: 'pages', row: window.sent.at(-1).row, pages })",
        [
            {"url": "javascript:alert(1)", "anchor": "<i>a</i>", "target": "https://a.example/", "follow": False},
            {"url": "https://bank.example@evil.example/", "anchor": "", "target": "", "first_seen": "2025-01-01"},
            {"url": f"https://a.example/{'x' * 1000}", "anchor": "", "target": "", "last_seen": "2025-02-01"},
        ],
    )
    assert page.locator(".lg-pages a").all_inner_texts() == ["https://a.example/"]
    told = page.locator(".lg-pages li").all_inner_texts()
    assert [text.splitlines()[-1] for text in told] == [
        "nofollow",
        "first seen 2025-01-01",
        "last seen 2025-02-01",
    ]


def hostile_prospects():
    rows = [
        {
            "site": site,
            "source_url": f"https://site{place}.example/p",
            "target_url": f"https://{site}/",
            "anchor": text,
            "title": text,
        }
        for place, text in enumerate(HOSTILE)
        for site in ("rival.example", "other.example")
    ]
    rows.append(
        {
            "site": "mine.example",
            "source_url": "https://friend.example/",
            "target_url": "https://mine.example/",
            "anchor": "x",
        }
    )
    return lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example"))


def test_hostile_text_is_inert(show):
    prospects = hostile_prospects()
    explorer = lg.explore(prospects)
    page = show(explorer)
    for domain in prospects.frame["domain"]:
        page.locator(".lg-row", has_text=domain).first.click()
        painted(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    anchors = [
        row["sample_anchor"] for row in csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig")))
    ]
    assert not any(anchor.startswith(("=", "@")) for anchor in anchors)
    assert page.evaluate("window.pwned") is None
    assert page.locator(".linkgap img, .linkgap b:has-text('bold')").count() == 0
    check_csv(page)


def check_csv(page):
    """Texts of what spreadsheets run, and of what they don't see or break cells at, are made harmless as in Python."""
    source = random.Random(3)  # noqa: S311 - texts need a seed, not secrecy
    signs = [*"=+-@\ufe62\uff0b\uff0d\uff1d\uff20", *" \t\r\n\x01\x7f\xa0\u200f\u202e\ufeff;;,\"'a1é😀\ufffe"]
    texts = ["".join(source.choices(signs, k=source.randrange(8))) for _ in range(1500)]
    written = page.evaluate("(texts) => window.parts.toCsv(texts.map((text) => [text, null, NaN, 1.5]))", texts)
    rows = csv.reader(io.StringIO(written.removeprefix("\ufeff"), newline=""))
    assert list(rows) == [[neutralised(without_controls(text)), "", "", "1.5"] for text in texts]
    assert written.startswith("\ufeff")


@IN_A_WIDGET
def test_a_host_named_as_what_every_object_has_is_looked_at_like_others(show):
    links = pd.DataFrame({"source_url": ["https://constructor/a"], "site": ["rival.example"]})
    gap = lg.find_gap(lg.read_links(links, sites=["me.example", "rival.example"]), site="me.example")
    page = show(lg.explore(lg.rank_prospects(gap)))
    page.locator(".lg-row", has_text="constructor").click()
    page.get_by_text("https://constructor/a", exact=True).first.wait_for()


@IN_A_WIDGET
def test_nothing_to_show_says_so(show):
    """A report without prospects has no explorer at all."""
    rows = [
        {"site": site, "source_url": "https://friend.example/", "target_url": f"https://{site}/"}
        for site in ("a.example", "b.example")
    ]
    page = show(lg.explore(lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="a.example"))))
    assert page.locator(".lg-empty", has_text="No domain links to a rival").is_visible()


@IN_A_WIDGET
@pytest.mark.parametrize("level", ["domain", "host"])
def test_what_is_compared_has_its_name(show, prospects, level):
    gap = lg.find_gap(prospects.gap.links, site="oakdesk.example", level=level)
    page = show(lg.explore(lg.rank_prospects(gap)))
    page.get_by_role("button", name=f"Copy {level}s").click()
    page.locator(".linkgap", has_text=f"{level}s copied.").wait_for()
    assert page.get_by_role("columnheader", name=level.capitalize(), exact=True).count() == 1
    page.get_by_role("searchbox", name=f"Search {level}, anchor and title").wait_for()


@IN_A_WIDGET
def test_copying_without_the_clipboard_keeps_the_focus_and_says_when_it_fails(show, prospects):
    page = show(lg.explore(prospects))
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")  # as in a notebook's frame
    button = page.get_by_role("button", name="Copy domains")
    button.press("Enter")
    expect(page.locator(".lg-shown")).to_contain_text("domains copied.")
    expect(button).to_be_focused()
    page.evaluate("document.execCommand = () => false")
    button.press("Enter")
    expect(page.locator(".lg-shown")).to_contain_text("The browser does not allow copying here.")


def test_the_header_says_what_the_backtest_says(show, prospects):
    result = lg.backtest(prospects.gap, kind="rivals")
    page = show(lg.explore(prospects, backtest=result), backtest=result)
    chip = page.locator(".lg-chip[data-word=backtest]").inner_text()
    assert chip == f"backtest: expect {10 * result.expected(10):.1f} links in the first 10"
    page.locator(".lg-notes summary").click()
    note = page.locator(".lg-notes li", has_text=result.words[0])
    assert note.count() == 1
    assert note.bounding_box()["x"] - page.locator(".lg-top").bounding_box()["x"] > 24, "its mark stands left of it"


@IN_A_WIDGET
def test_words_are_sorted_alike_on_the_screen_and_in_python(show, tmp_path):
    words = ["Zoe", "anna", "", "Berta"]
    rows = [
        {"site": "rival.example", "source_url": f"https://site{place:02}.example/"}
        | dict.fromkeys(("language", "platform"), words[place % 4] or None)
        for place in range(14)
    ]
    rows.append({"site": "mine.example", "source_url": "https://friend.example/"})
    prospects = lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example"))
    book = lg.open_outreach(tmp_path / "outreach.sqlite", site="mine.example")
    for place, domain in enumerate(prospects.gap.domains):
        book.set(domain, status=STATUSES[place % 6], note=words[place % 4] or None)
    explorer = lg.explore(prospects, outreach=book)
    page = show(explorer)
    for column, descending in product(("status", "note", "language", "platform"), (False, True)):
        explorer.settings = {"view": {"sort": {"column": column, "descending": descending}}}
        (found,) = states(page, [explorer.settings])
        assert found["domains"] == explorer.shown["domain"].tolist(), (column, descending)


STATUS = "select[aria-label='Status of {}']"


def test_what_was_not_kept_is_taken_back_and_said(show, prospects):
    page = show(lg.explore(prospects))
    first, second = prospects.frame["domain"][:2]
    error = page.locator(".lg-error")
    page.locator(STATUS.format(first)).select_option("won")
    page.evaluate("() => { window.model.set('_memory', {}); window.model.hear({ kind: 'refused', text: 'in use' }); }")
    assert error.inner_text() == "in use"
    painted(page)
    assert page.locator(STATUS.format(first)).input_value() == "new"
    page.locator(STATUS.format(second)).select_option("replied")
    assert error.is_hidden()
    page.evaluate("() => { window.model.send = () => { throw new Error('Cannot send'); }; }")
    page.locator(STATUS.format(first)).select_option("contacted")
    note = page.get_by_label(f"Note on {first}", exact=True)
    note.fill("wrote to Ann")
    note.press("Enter")
    painted(page)
    assert (page.locator(STATUS.format(first)).input_value(), note.input_value()) == ("new", "")
    assert error.inner_text().startswith("The kernel behind this explorer is gone")
    page.locator(".lg-row", has_text=second).first.click()
    page.locator(".lg-detail h3", has_text=second).wait_for()


TIMED = """() => {
  const { setTimeout } = window;
  window.timed = [];
  window.setTimeout = (call, after) => (after < 5_000 ? setTimeout(call, after) : window.timed.push({ call, after }));
}"""


@IN_A_WIDGET
def test_a_kernel_that_does_not_answer_is_not_trusted(show, prospects):
    page = show(lg.explore(prospects))
    page.evaluate(TIMED)
    page.locator(STATUS.format(prospects.frame["domain"][0])).select_option("won")
    assert page.evaluate("window.timed.map(({ after }) => after)") == [10_000]
    assert page.locator(".lg-error").is_hidden()
    page.locator(STATUS.format(prospects.frame["domain"][1])).select_option("won")
    page.evaluate("window.timed[0].call()")
    assert page.locator(".lg-error").inner_text().startswith("The last change is not saved yet.")
    page.evaluate("() => window.model.hear({ kind: 'kept' })")
    assert page.locator(".lg-error").is_visible()
    page.evaluate("() => window.model.hear({ kind: 'kept' })")
    assert page.locator(".lg-error").is_hidden()


def test_undo_on_the_screen_takes_back_what_the_screen_did(prospects, tmp_path):
    book = lg.open_outreach(tmp_path / "outreach.sqlite", site="oakdesk.example")
    explorer = lg.explore(prospects, outreach=book)
    one, other = prospects.frame["domain"][:2]
    explorer._take_message(None, {"kind": "edit", "domains": [one], "field": "status", "value": "contacted"}, None)
    book.set(other, status="shortlisted")
    explorer._follow_book()
    assert {domain: each["status"] for domain, each in explorer._memory.items()} == {
        one: "contacted",
        other: "shortlisted",
    }
    book.set(other, note="call")
    said = []
    explorer.send = said.append
    explorer._take_message(None, {"kind": "undo"}, None)
    explorer._take_message(None, {"kind": "undo"}, None)
    assert said == [{"kind": "kept", "undone": True}, {"kind": "kept", "undone": False}]
    assert explorer._memory == {
        one: {"status": "new", "note": ""},
        other: {"status": "shortlisted", "note": "call"},
    }


def test_what_the_screen_asks_is_kept_answered_or_refused(tmp_path):
    addresses = [f"{host}.blog.example/{page}" for host, page in product(("one", "two"), "ab")]
    rows = [{"site": "rival.example", "source_url": f"https://{address}"} for address in addresses]
    links = lg.read_links(pd.DataFrame([*rows, {"site": "mine.example", "source_url": "https://friend.example/"}]))
    prospects = lg.rank_prospects(lg.find_gap(links, site="mine.example", level="host"), deny=["blog.example"])
    one, two = prospects.gap.domains
    file, said = tmp_path / "outreach.sqlite", []

    def opened(outreach):
        explorer = lg.explore(prospects, outreach=outreach)
        explorer.send = said.append
        return explorer, lambda kind, **more: explorer._take_message(None, {"kind": kind, **more}, None)

    explorer, ask = opened(file)
    assert explorer.prospects.settings == prospects.settings
    ask("undo")
    assert not file.exists()
    ask("edit", domains=[one], field="status", value="won")
    assert explorer._memory == {host: {"status": "won", "note": ""} for host in (one, two)}
    ask("edit", domains=[one], field="status", value="nope")
    book = lg.open_outreach(file, site="mine.example")
    book.set("blog.example", note="call")
    ask("pages", row=0, domain=two)
    assert {entry["note"] for entry in explorer._memory.values()} == {"call"}
    book.set("blog.example", note="write")
    assert explorer.shown["note"].tolist() == ["write", "write"]
    (other, ask), (_, ask_another) = opened(book), opened(book)
    assert other._meta["facts"][-1]["text"] == "won: 1 not seen"
    ask("edit", domains=[one], field="note", value="mail")
    ask_another("undo")
    assert [each["kind"] for each in said] == ["kept", "kept", "refused", "pages", "kept", "kept"]
    assert [page["url"] for page in said[3]["pages"]] == [f"https://{two}/{page}" for page in "ab"]
    assert (said[0]["undone"], said[5]["undone"]) == (False, False)
    file.unlink()
    for each in (explorer, other):
        each._follow_book()
    assert explorer._memory == {host: {"status": "new", "note": ""} for host in (one, two)}
    assert said[-1]["text"].startswith(f"{file} no longer exists.")


@IN_A_REPORT
def test_undo_says_when_there_is_nothing_to_take_back(show, prospects):
    page = show(lg.explore(prospects))
    first = prospects.frame["domain"][0]
    status, note = (page.get_by_label(f"{what} {first}", exact=True) for what in ("Status of", "Note on"))
    page.evaluate(TIMED)
    note.fill("wrote to Ann")
    note.press("Enter")
    status.select_option("contacted")
    status.select_option("won")
    assert page.evaluate("window.timed.length") == 3, "each was answered, so that each is waited for anew"
    for before in (("contacted", "wrote to Ann"), ("new", "wrote to Ann"), ("new", "")):
        page.get_by_role("button", name="Undo").click()
        for field, value in zip((status, note), before, strict=True):
            expect(field).to_have_value(value)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".lg-shown")).to_contain_text("There is nothing to undo.")


@IN_A_WIDGET
def test_the_list_and_the_pictures_have_room_at_every_width(show, prospects):
    page = show(lg.explore(prospects))
    for width in (390, 712, 848, 1068, 1500):
        page.set_viewport_size({"width": width, "height": 900})
        painted(page)
        for state in ("closed", "open"):
            check_room(page, width, state)
            page.locator(".lg-row:visible").nth(1).locator(".lg-cell").nth(2).click()
            painted(page)
        page.get_by_role("button", name="Close the detail").click()
        toggle = page.get_by_role("button", name="Ranking and filters")
        if width < 760:
            toggle.click()
        assert page.get_by_label("Authority of the link").is_visible(), width
        if width < 760:
            toggle.click()
            assert page.get_by_label("Authority of the link").is_hidden(), width


def check_room(page, width, state):
    seen = page.locator(".lg-scroll").bounding_box()
    for name in ("Rank", "Domain", "Priority", "Status")[: 3 if width < 480 else 4]:
        heading = page.get_by_role("columnheader").filter(has_text=name).first.bounding_box()
        assert heading["x"] + heading["width"] <= seen["x"] + seen["width"] + 1, (name, width, state)
    assert seen["height"] > 300
    assert page.locator(".lg-detail").is_visible() == (state == "open")
    combination = page.locator("button.lg-combination").first
    assert combination.is_visible()
    edge = page.locator(".linkgap").bounding_box()
    assert combination.bounding_box()["x"] + combination.bounding_box()["width"] < edge["x"] + edge["width"]
    assert page.locator(".lg-key").inner_text().split() == [
        text for letter, rival in zip("ABCD", RIVALS, strict=True) for text in (letter, rival)
    ]


CUT = """(cells) => cells.filter(({ scrollWidth, clientWidth, scrollHeight, clientHeight }) => scrollWidth > clientWidth
  || scrollHeight > clientHeight + 2).map((cell) => cell.textContent)"""


def test_on_a_phone_domains_can_be_read(show, prospects):
    page = show(lg.explore(prospects))
    heading = page.get_by_role("columnheader", name="Priority")
    for width, letters in ((360, 36), (390, 44)):
        page.set_viewport_size({"width": width, "height": 900})
        painted(page)
        page.locator(".lg-toolbar").scroll_into_view_if_needed()
        page.locator(".lg-scroll").scroll_into_view_if_needed()
        expect(heading).to_be_in_viewport(ratio=1)
        cut = page.locator(".lg-row:visible .lg-cell:nth-child(3)").evaluate_all(CUT)
        assert [domain for domain in cut if len(domain) <= letters] == [], width


LONG = "the-union-of-office-workers-in-lower-saxony.example"


def linking_to_one_rival(domains):
    rows = [{"site": "rival.example", "source_domain": domain} for domain in domains]
    rows.append({"site": "mine.example", "source_domain": "friend.example"})
    return lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example"))


LINES = """(cell) => {
  const lines = new Map();
  for (const text of cell.childNodes) for (let place = 0; place < (text.data?.length ?? 0); place++) {
    const letter = new Range();
    letter.setStart(text, place);
    letter.setEnd(text, place + 1);
    const { top } = letter.getBoundingClientRect();
    lines.set(top, (lines.get(top) ?? "") + text.data[place]);
  }
  const { top, bottom } = cell.getBoundingClientRect();
  return [...lines].filter(([line]) => line >= top && line < bottom).map(([, letters]) => letters);
}"""


@IN_A_WIDGET
def test_on_a_phone_a_long_domain_goes_on_below(show):
    page = show(lg.explore(linking_to_one_rival([LONG, "a.example"])))
    short, long = [page.get_by_role("gridcell", name=name, exact=True) for name in ("a.example", LONG)]
    assert len(long.evaluate(LINES)) == 1
    page.set_viewport_size({"width": 390, "height": 900})
    expect(page.locator(".lg-scroll")).to_have_class(re.compile("lg-narrow"))
    lines = long.evaluate(LINES)
    assert "".join(lines) == LONG
    assert len(lines) > 1
    assert {line[-1] for line in lines[:-1]} <= {"-", "."}
    assert short.evaluate(LINES) == ["a.example"]
    row = page.locator(".lg-row", has=long)
    assert row.bounding_box()["height"] >= long.bounding_box()["height"]


FIRST_IN_SIGHT = """() => {
  const top = document.querySelector(".lg-head").getBoundingClientRect().bottom;
  const rows = [...document.querySelectorAll(".lg-row:not([hidden])")];
  const below = rows.filter((row) => row.getBoundingClientRect().bottom > top + 1);
  return Math.min(...below.map((row) => Number(row.ariaRowIndex)));
}"""


@IN_A_WIDGET
def test_a_phone_that_is_turned_shows_the_rows_it_showed(show, prospects):
    page = show(lg.explore(prospects))
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".lg-scroll")).to_have_class(re.compile("lg-narrow"))
    page.locator(".lg-scroll").evaluate("(element) => { element.scrollTop = 4800; }")
    painted(page)
    here = page.evaluate(FIRST_IN_SIGHT)
    assert here > 50
    for width, height in ((844, 390), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        painted(page)
        assert page.evaluate(FIRST_IN_SIGHT) == here


@IN_A_WIDGET
def test_headings_tell_all_columns_apart(show, prospects):
    every = [column["name"] for column in lg.explore(prospects)._meta["shown"] if column["show"] != "link"]
    page = show(lg.explore(prospects, settings={"view": {"columns": every}}))
    assert page.locator(".lg-head button").count() == len(every)
    assert page.locator(".lg-head button").evaluate_all(CUT) == []


@IN_A_WIDGET
def test_points_of_a_term_stand_on_one_line(show):
    rows = [{"site": "rival.example", "source_domain": "one.example"}]
    rows.append({"site": "mine.example", "source_domain": "friend.example"})
    page = show(lg.explore(lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example"))))
    page.locator(".lg-row").first.click()
    points = page.locator(".lg-terms td.lg-right").first
    expect(points).to_have_text("+100.0")
    assert points.bounding_box()["height"] < 30


@IN_A_WIDGET
def test_the_choice_of_columns_goes_when_one_leaves_it(show, prospects):
    explorer = lg.explore(prospects)
    page = show(explorer)
    chooser, boxes = page.locator(".lg-chooser summary"), page.locator(".lg-chooser .lg-boxes")
    chooser.click()
    boxes.get_by_text("Coverage").click()
    expect(page.get_by_role("columnheader", name="Coverage")).to_be_attached()
    shown = {*explorer.settings["view"]["columns"], "coverage"}
    in_order = [column["name"] for column in explorer._meta["shown"] if column["name"] in shown]
    assert settle(page)["settings"]["view"]["columns"] == in_order
    expect(boxes).to_be_visible()
    page.locator(".lg-shown").click()
    expect(boxes).to_be_hidden()
    chooser.press("Enter")
    boxes.locator("input").first.press("Escape")
    expect(boxes).to_be_hidden()
    expect(chooser).to_be_focused()


def test_escape_closes_the_detail_but_not_from_a_field(show, prospects):
    page = show(lg.explore(prospects))
    grid, detail = page.get_by_role("grid"), page.locator(".lg-detail")
    grid.press("ArrowDown")
    expect(detail).to_be_visible()
    detail.get_by_label("Note").press("Escape")
    expect(detail).to_be_visible()
    detail.get_by_role("button", name="Close the detail").press("Escape")
    expect(detail).to_be_hidden()
    expect(grid).to_be_focused()


@pytest.mark.parametrize(("show", "weight"), [("widget", 3), ("widget", 0.37), ("report", 4)], indirect=["show"])
def test_a_weight_that_python_takes_is_shown_as_it_is(show, prospects, weight):
    page = show(lg.explore(lg.rank_prospects(prospects.gap, authority_weight=weight)))
    slider = page.get_by_label("Authority of the link")
    assert slider.get_attribute("aria-valuetext") == str(weight)
    assert float(slider.input_value()) == pytest.approx(weight, abs=0.026)
    slider.fill("3.5")
    assert first_domains(page) == ranked(prospects, authority_weight=3.5)[:5]


@IN_A_WIDGET
def test_unticking_one_of_many_words_drops_just_that(show):
    words = [f"{one}{other}" for one in "abcdefg" for other in "abcdefg"]
    rows = [{"site": "rival.example", "source_url": f"https://site.{word}/"} for word in words]
    rows += [{"site": "rival.example", "source_url": "https://other.aa/"}]
    rows += [{"site": "mine.example", "source_url": "https://friend.example/"}]
    explorer = lg.explore(lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example")))
    page = show(explorer)
    open_sections(page)
    boxes = page.locator(".lg-section[data-name=tld] input")
    assert boxes.count() == 40
    assert page.locator(".lg-section[data-name=tld] .lg-hint").inner_text() == "9 rarer ones not listed."
    boxes.nth(0).uncheck()
    assert shown_count(page) == len(explorer.shown) - 2
    boxes.nth(0).check()
    assert shown_count(page) == len(explorer.shown)


UNSAFE = """() => [...document.querySelectorAll(".linkgap :is(summary, a, button, select, [tabindex], input)")]
  .filter((each) => !["text", "search", "number", "date"].includes(each.type))
  .filter((each) => each.dataset.lmSuppressShortcuts === undefined)
  .map((each) => each.outerHTML)"""


@IN_A_WIDGET
def test_keys_stay_in_the_explorer_and_so_does_the_focus(show, prospects):
    page = show(lg.explore(prospects))
    page.locator(".lg-row:visible").nth(1).click()
    page.wait_for_selector(".lg-pages a")
    assert page.evaluate(UNSAFE) == []
    for what, key in ((".lg-head button", "Enter"), (".lg-head button", "Alt+ArrowRight")):
        page.locator(what).nth(1).press(key)
    painted(page)
    assert page.evaluate("document.activeElement.dataset.key") == "domain"
    heading = page.locator(".lg-head button").nth(1)
    for key in ("ArrowRight", *["ArrowLeft"] * 20):
        heading.press(f"Alt+{key}")
    assert settle(page)["settings"]["view"]["widths"] == {"domain": 48}
    for what in ("button.lg-combination", ".lg-columns button"):
        page.locator(what).nth(1).press("Enter")
        painted(page)
        assert page.evaluate(f"document.activeElement.matches('{what}[aria-pressed=true]')")
        page.get_by_role("button", name="Clear filters").click()
    grid = page.get_by_role("grid")
    grid.press("Home")
    grid.press("Shift+H")
    assert sent(page, "edit")[-1]["value"] == "hidden"
    grid.evaluate("(element) => { element.scrollTop = 20_000; }")
    painted(page)
    assert grid.get_attribute("aria-activedescendant") is None


@IN_A_WIDGET
def test_the_screen_follows_columns_and_the_theme(show, prospects):
    explorer = lg.explore(prospects)
    page = show(explorer)
    explorer.settings = {"view": {"columns": ["rank", "domain", "traffic"]}}
    page.evaluate("(settings) => window.model.say('settings', settings)", explorer.settings)
    page.locator(".lg-chooser summary").click()
    ticked = page.locator(".lg-chooser label").evaluate_all(
        "(labels) => labels.filter((each) => each.querySelector('input').checked).map((each) => each.innerText)"
    )
    assert sorted(ticked) == ["Domain", "Organic traffic", "Rank"]
    before = page.evaluate(PICTURES)["points"]
    page.evaluate("document.body.style.background = '#111'")
    painted(page)
    assert page.evaluate(PICTURES)["points"] != before


@IN_A_WIDGET
def test_sliders_say_what_is_so(show, prospects):
    page = show(lg.explore(prospects))
    page.locator("summary", has_text="Rivals").first.click()
    said = page.locator(".lg-rival .lg-said")
    for rival in RIVALS[:2]:
        page.get_by_role("slider", name=rival, exact=True).fill("0")
    assert said.all_inner_texts()[:2] == ["0%", "0%"]
    assert sum(int(text.rstrip("%")) for text in said.all_inner_texts()) == pytest.approx(100, abs=1)
    for rival in RIVALS[2:]:
        page.get_by_role("slider", name=rival, exact=True).fill("0")
    assert said.all_inner_texts() == ["25%"] * 4
    page.locator(".lg-columns button").first.click()
    assert page.locator(".lg-slider", has_text="Rivals linked").locator(".lg-said").inner_text() == "just 1"
    pressed = page.locator(".lg-columns [aria-pressed=true]")
    expect(pressed).to_have_count(1)
    page.get_by_role("slider", name="Rivals linked", exact=True).fill("2")
    expect(pressed).to_have_count(0)


def test_selected_prospects_are_exported_also_when_filters_hide_them(show, prospects):
    page = show(lg.explore(prospects))
    chosen = prospects.frame["domain"][:2].tolist()
    for domain in chosen:
        page.get_by_label(f"Select {domain}", exact=True).click()
    page.get_by_label("Authority, maximum").fill("5")
    painted(page)
    assert page.locator(".lg-shown").inner_text().endswith("2 selected (2 not shown)")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert [row["domain"] for row in rows] == chosen
    assert {row["authority_imputed"] for row in rows} <= {"true", "false"}


REFUSED = [
    ({"filters": {"choices": {"domain": ["a.example"]}}}, r"filters\['choices'\] names domain\. Allowed: authority_me"),
    ({"filters": {"choices": {"tld": "com"}}}, r"\['tld'\]='com' is not allowed\. Allowed: a list of strings\."),
    (
        {"filters": {"ranges": {RIVALS[0]: [1, None]}}},
        r"filters\['ranges'\] names deskly\.example\. Allowed: authority,",
    ),
    ({"filters": {"ranges": {"first_seen": ["2025-01-01", None]}}}, r"is not a range\. Allowed: .*days since 1970"),
    (
        {"filters": {"ranges": {"first_seen": [np.datetime64(1, "ns"), None]}}},
        r"\['1970-01-01T.* is not a range\. Allowed:",
    ),
    (
        {"filters": {"ranges": {"first_seen": [None, np.timedelta64(1, "ns")]}}},
        r"'1 nanoseconds'\] is not a range\. All",
    ),
    ({"filters": {"text": None}}, r"filters\['text'\]=None is not allowed\. Allowed: a string, '' for none\."),
    ({"filters": {"hidden": 1}}, r"filters\['hidden'\]=1 is not allowed\. Allowed: True or False\."),
    ({"filters": {"absent": ["nope.example"]}}, r"filters\['absent'\] names nope\.example\. Allowed: deskly\.example,"),
    ({"filters": {"present": None}}, r"filters\['present'\]=None is not allowed\. Allowed: a list of strings\."),
    (
        {"ranking": {"authority_weight": "high"}},
        r"authority_weight='high' is not allowed\. Allowed: a number from 0 to 4",
    ),
    ({"ranking": {"authority_weight": -1}}, r"authority_weight=-1 is not allowed\. Allowed: a number from 0 to 4"),
    (
        {"ranking": {"model": None}},
        r"settings\['ranking'\] names model\. Allowed: authority_weight, likelihood_weights,",
    ),
    ({"ranking": {"rival_weights": 3}}, r"rival_weights is of type int\. Allowed: a dict, such as"),
    ({"view": {"columns": ["nope"]}}, r"settings\['view'\]\['columns'\] names nope\. Allowed: authority,"),
    ({"view": {"sort": {"column": "nope"}}}, r"settings\['view'\]\['sort'\]\['column'\] names nope\. Allowed: auth"),
    ({"view": {"colums": []}}, r"settings\['view'\] names colums\. Allowed: columns, sort, widths\."),
    (
        {"view": {"sort": {"colum": "rank"}}},
        r"settings\['view'\]\['sort'\] names colum\. Allowed: column, descending\.",
    ),
    ({"view": {"sort": {"descending": 1}}}, r"\['descending'\]=1 is not allowed\. Allowed: True or False\."),
    ({"view": {"widths": {"nope": 9}}}, r"settings\['view'\]\['widths'\] names nope\. Allowed: authority,"),
    ({"view": {"widths": {"rank": 0}}}, r"\['rank'\]=0 is not allowed\. Allowed: a number of pixels above 0\."),
    ({"view": {"widths": {"rank": float("inf")}}}, r"\['rank'\]=inf is not allowed\. Allowed: a number of pixels"),
    ({"view": {"columns": [pd.NA]}}, r"settings\['view'\]\['columns'\] names <NA>\. Allowed: authority,"),
    ({"view": {"sort": {"column": ["rank"]}}}, r"\['column'\] names \['rank'\]\. Allowed: auth"),
    (
        {"filters": {"ranges": {"authority": [10**400, None]}}},
        r"is not a range\. Allowed: \[minimum, maximum\], each a number",
    ),
    ({"filters": {"ranges": {"authority": [pd.NA, None]}}}, r"\[<NA>, None\] is not a range\."),
    ({"filters": {"exactly": pd.NA}}, r"filters\['exactly'\]=<NA> is not allowed\. Allowed: a list of strings\."),
    ({"ranking": {"authority_weight": pd.NA}}, r"authority_weight=<NA> is not allowed\. Allowed: a number"),
    ({"ranking": pd.NA}, r"settings\['ranking'\]=<NA> is not allowed\. Allowed: a dict with"),
    (3, r"^settings=3 is not allowed\. Allowed: a dict, as another explorer's \.settings\."),
    ({"view": 3}, r"settings\['view'\]=3 is not allowed\. Allowed: a dict with columns, sort, widths\."),
]


@pytest.mark.parametrize(("settings", "words"), REFUSED)
def test_settings_that_the_screen_could_not_show_are_refused(prospects, settings, words):
    with pytest.raises(InvalidArgumentError, match=words):
        lg.explore(prospects, settings=settings)


PLAIN = [
    ("filters", {"ranges": {"authority": (np.float32(0.5), None)}}, {"ranges": {"authority": [0.5, None]}}),
    ("filters", {"ranges": {"authority": [np.int64(3), Fraction(1, 2)]}}, {"ranges": {"authority": [3, 0.5]}}),
    ("filters", {"hidden": np.True_, "text": np.str_("a")}, {"hidden": True, "text": "a"}),
    ("filters", {"present": (np.str_(RIVALS[0]),)}, {"present": [RIVALS[0]]}),
    ("view", {"columns": ("rank", "domain"), "widths": {"rank": np.int32(80)}}, {"widths": {"rank": 80}}),
    ("view", {"sort": {"column": "rank", "descending": np.False_}}, {}),
    ("ranking", {"rival_weights": MappingProxyType({RIVALS[0]: np.float64(2)})}, {"rival_weights": {RIVALS[0]: 2.0}}),
]


@pytest.mark.parametrize(("name", "given", "plain"), PLAIN)
def test_settings_are_plain_values_and_the_same_after_a_round_trip(prospects, name, given, plain):
    explorer = lg.explore(prospects, settings={name: given})
    back = json.loads(json.dumps(explorer.settings))
    assert back == explorer.settings
    assert {each: back[name][each] for each in plain} == plain
    assert json.dumps(lg.explore(prospects, settings=back).settings) == json.dumps(back)


def test_settings_that_were_read_are_nobody_elses(prospects):
    explorer, before = lg.explore(prospects), copy.deepcopy(lg.explore(prospects).settings)
    explorer.settings["view"]["columns"].append("traffic")
    explorer.settings["filters"]["ranges"]["authority"] = [1, None]
    explorer.settings["ranking"]["likelihood_weights"]["authority"] = 1
    explorer.settings = {}
    assert explorer.settings == before == lg.explore(prospects).settings


@IN_A_WIDGET
def test_a_day_that_no_calendar_has_filters_and_breaks_nothing(show, prospects):
    explorer = lg.explore(prospects, settings={"filters": {"ranges": {"first_seen": [1e300, None]}}})
    page = show(explorer)
    assert shown_count(page) == 0
    assert page.locator(".lg-empty").inner_text().startswith("No prospect matches these filters.")


def test_a_sort_without_direction_ascends(prospects):
    explorer = lg.explore(prospects, settings={"view": {"sort": {"column": "domain"}}})
    assert explorer.settings["view"]["sort"] == {"column": "domain", "descending": False}


def test_misspelt_settings_are_refused(prospects):
    with pytest.raises(lg.LinkgapError, match=r"filters names presnt\. Allowed: absent, choices"):
        lg.explore(prospects, settings={"filters": {"presnt": []}})
    with pytest.raises(TypeError):
        lg.explore(prospects, seting={})


def test_a_backtest_of_something_else_is_refused(prospects):
    with pytest.raises(
        lg.LinkgapError, match=r"^backtest= was given a value of type int\. Allowed: what lg\.backtest\(gap\) returns"
    ):
        lg.explore(prospects, backtest=3)
    other = lg.backtest(lg.find_gap(prospects.gap.links, site="deskly.example"), kind="rivals")
    with pytest.raises(
        lg.LinkgapError, match=r"^backtest= is for deskly\.example, but the prospects are for oakdesk\.example"
    ):
        lg.explore(prospects, backtest=other)


def test_only_prospects_can_be_selected_whatever_the_filters_hide(prospects):
    explorer, last = lg.explore(prospects), prospects.frame.tail(1)
    explorer.settings = {"filters": {"text": "matches nothing"}}
    explorer.selected = last
    with pytest.raises(UnknownDomainError, match=r"^selected= names nope\.example, .*See \.prospects\.gap\.domains\.$"):
        explorer.selected = ["nope.example"]
    assert explorer.selected_domains == explorer.selected["domain"].tolist() == last["domain"].tolist()
    assert explorer.shown.empty


def test_an_error_in_a_callback_is_shown_and_raised(prospects):
    explorer = lg.explore(prospects)
    sent = []
    explorer.send = lambda message, *_: sent.append(message)
    explorer.observe(lambda _: 1 / 0, "selected_domains")
    with pytest.raises(ZeroDivisionError):
        explorer.selected = [prospects.frame["domain"][0]]
    assert "ZeroDivisionError" in sent[0]["text"]


def test_a_count_is_packed_in_the_fewest_bytes_that_hold_it():
    counts = {0: "u1", 255: "u1", 256: "u2", 65_535: "u2", 65_536: "u4"}
    assert {most: _smallest_count(most) for most in counts} == counts


def test_packed_columns_are_those_of_the_table(prospects):
    frame = in_order_of_domains(prospects)
    assert frame["domain"].tolist() == prospects.gap.domains


DECODED = """([rows, columns, packed]) => {
  const { decode, valueAt } = window.parts;
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const data = decode({ rows, rivals: [], columns }, bytes.buffer);
  const known = (value) => (Number.isNaN(value) ? null : value);
  return columns.map(({ name }) => Array.from({ length: rows }, (_, row) => known(valueAt(data, name, row))));
}"""


@IN_A_WIDGET
def test_columns_of_every_kind_arrive_as_they_were_packed(show, prospects):
    page = show(lg.explore(prospects))
    for rows in (0, 1, 2, 5, 300):
        check_columns(page, rows)


def check_columns(page, rows):
    draw = np.random.default_rng(rows)
    unknown = np.where(np.arange(rows) % 3, np.nan, np.arange(rows))
    numbers = [np.full(rows, np.nan), np.full(rows, 0.1), draw.integers(0, 3, rows) / 7, draw.random(rows), unknown]
    texts = [[""] * rows, ["same"] * rows, [f"{'ä漢😀'[place % 3]}{place}" for place in range(rows)]]
    texts += [["y" * (place % 2 * 300) for place in range(rows)]]
    block = _Block()
    for place, values in enumerate(numbers):
        block.number(f"number {place}", values)
    for place, values in enumerate(texts):
        block.text(f"text {place}", values)
        block.choice(f"choice {place}", values)
    found = page.evaluate(DECODED, [rows, block.columns, base64.b64encode(b"".join(block.parts)).decode()])
    assert found[: len(numbers)] == [[None if np.isnan(each) else each for each in values] for values in numbers]
    assert found[len(numbers) :: 2] == texts
    assert found[len(numbers) + 1 :: 2] == texts
    told = [column for column in block.columns if column["kind"] == "choice"]
    counted = [{word: values.count(word) for word in dict.fromkeys(values)} for values in texts]
    assert [dict(zip(each["words"], each["counts"], strict=True)) for each in told] == counted
    assert [column["known"] for column in block.columns[: len(numbers)]] == [False, *[rows > 0] * 4]


@IN_A_WIDGET
def test_a_learned_ranking_is_shown_as_python_has_it(show, prospects):
    from linkgap.gap.model import Model

    weights = {"coverage": 2.0, "authority": 0.5}
    model = Model(intercept=-2.0, means={"coverage": 0.4, "authority": 0.5}, weights=weights)
    learned = lg.rank_prospects(prospects.gap, model=model)
    page = show(lg.explore(learned))
    assert first_domains(page) == learned.frame["domain"].head(5).tolist()
    assert page.get_by_label("Likelihood: authority").count() == 0


@IN_A_WIDGET
def test_the_detail_says_what_the_page_says_today(show, prospects):
    first, second = prospects.frame["domain"][:2]
    seen = {
        "domain": first,
        "page_result": "link found",
        "page_outcome": "It links to deskly.example, <b>followed</b>.",
        "link_place": "main text",
        "contact_page": f"https://{first}/contact",
        "write_for_us": "javascript:alert(1)",
        "emails": "ed@blog.example",
    }
    rows = ({name: seen.get(name) for name in [column.name for column in PAGE_CHECKS]},)
    page = show(lg.explore(prospects.with_checks(lg.PageChecks("oakdesk.example", rows, ()))))
    page.locator(".lg-row", has_text=first).first.click()
    told = page.locator(".lg-block", has=page.locator("h4", has_text="What the page says today"))
    told.wait_for()
    assert "It links to deskly.example, <b>followed</b>." in told.inner_text()
    assert told.locator("a").all_inner_texts() == ["contact page"]
    assert "ed@blog.example" in told.inner_text()
    page.locator(".lg-row", has_text=second).first.click()
    page.wait_for_selector(f".lg-detail h3:has-text('{second}')")
    assert told.count() == 0
    assert "null" not in page.locator(".lg-detail").inner_text().split()


@IN_A_WIDGET
def test_the_facts_name_metrics_and_providers_as_people_know_them(show, prospects):
    page = show(lg.explore(prospects))
    first = prospects.frame.iloc[0]
    assert (first["authority_metric"], first["providers"]) == (
        "ahrefs_dr",
        "ahrefs, dataforseo, majestic, moz, plain, semrush",
    )
    page.locator(".lg-row", has_text=first["domain"]).first.click()
    facts = page.locator(".lg-block", has=page.locator("h4", has_text="Facts"))
    facts.wait_for()
    assert {"Ahrefs DR", "Ahrefs, DataForSEO, Majestic, Moz, plain list, Semrush"} <= set(
        facts.locator("dd").all_inner_texts()
    )


@IN_A_WIDGET
def test_the_table_names_metrics_and_providers_as_people_do_and_files_as_programs_do(show, prospects):
    shown = {"columns": ["domain", "authority_metric", "providers", *RIVALS], "widths": {"providers": 400}}
    page = show(lg.explore(prospects, settings={"view": shown}))
    row = page.locator(".lg-row:visible", has_text=prospects.frame["domain"][0])
    cells = row.locator(".lg-cell").all_inner_texts()
    assert cells[2:4] == ["Ahrefs DR", "Ahrefs, DataForSEO, Majestic, Moz, plain list, Semrush"]
    for place in (0, prospects.frame.index[prospects.frame["rivals_linked"] == 1][0]):
        page.get_by_label("Search domain, anchor and title").fill(prospects.frame["domain"][place])
        painted(page)
        dots = row.page.locator(".lg-row[aria-rowindex='2'] .lg-center")
        linked = prospects.frame.loc[place, list(RIVALS)].tolist()
        expect(dots).to_have_text(["●" if links else "" for links in linked])
        words = [
            f"{'links' if links else 'does not link'} to {rival}" for links, rival in zip(linked, RIVALS, strict=True)
        ]
        assert dots.evaluate_all("(all) => all.map((dot) => dot.ariaLabel)") == words
    page.get_by_role("button", name="Clear filters").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    first = next(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert first["authority_metric"] == "ahrefs_dr"
    assert first["providers"] == "ahrefs, dataforseo, majestic, moz, plain, semrush"
    page.get_by_text("What was compared").click()
    assert "(Ahrefs, backlinks, " in page.locator(".lg-notes").inner_text()


@IN_A_WIDGET
def test_authorities_of_several_measures_say_which_they_are(show, prospects):
    view = {"view": {"columns": ["domain", "authority"]}}
    page = show(lg.explore(prospects, settings=view))
    frame = prospects.frame.set_index("domain")
    for metric, unit in (("ahrefs_dr", "DR"), ("dataforseo_rank", "rank")):
        domain = frame.index[frame["authority_metric"] == metric][0]
        page.get_by_label("Search domain, anchor and title").fill(domain)
        cell = page.locator(".lg-row:visible", has_text=domain).locator(".lg-cell").nth(2)
        expect(cell).to_have_text(f"{frame['authority'][domain]:,.0f} {unit}")
    cell.hover()
    assert cell.get_attribute("title").endswith(" DataForSEO rank")


@IN_A_WIDGET
def test_the_detail_says_how_such_a_link_is_won(show, prospects):
    frame = prospects.frame
    first = frame.index[frame["tactic"] == "review"][0]
    page = show(lg.explore(prospects))
    page.get_by_label("Search domain, anchor and title").fill(frame["domain"][first])
    painted(page)  # till then another row shows the domain, and is hidden under the hand
    page.locator(".lg-row", has_text=frame["domain"][first]).first.click()
    sure = page.locator(".lg-block", has=page.locator("h4", has_text="How sure, how safe"))
    expect(sure).to_contain_text("Review: Offer your product for a test, or figures for the comparison.")
    expect(sure).to_contain_text(f"Based on: {frame['tactic_evidence'][first]}")
    lost = frame["domain"][(frame["relation"] == "lost") & ~frame[RIVALS[0]]].iloc[0]
    before = "It once linked to the site: a link to win back."
    expect(sure).not_to_contain_text(before)
    page.get_by_label("Search domain, anchor and title").fill(lost)
    painted(page)
    page.locator(".lg-row", has_text=lost).first.click()
    expect(sure).to_contain_text(before)
    names = page.locator(".lg-names .lg-yes, .lg-names .lg-no").all_inner_texts()
    linked = frame.loc[frame["domain"] == lost, list(RIVALS)].iloc[0]
    assert names == sorted(RIVALS, key=lambda rival: not linked[rival]) != list(RIVALS)


ANOTHER = """async (bundle) => {
  const module = await import(URL.createObjectURL(new Blob([bundle], { type: "text/javascript" })));
  const element = document.body.appendChild(document.createElement("div"));
  await module.default.render({ model: window.model, el: element });
}"""


@IN_A_WIDGET
def test_two_explorers_on_a_page_have_their_own_labels(show, prospects):
    page = show(lg.explore(prospects))
    page.evaluate(ANOTHER, bundle())  # as in a notebook, where each has a copy of the code
    ids = page.locator(".linkgap[id], .linkgap [id]").evaluate_all("(all) => all.map(({ id }) => id)")
    assert len(ids) == len(set(ids)) > 16
    for explorer in page.locator(".linkgap").all():
        slider = explorer.get_by_label("Authority of the link")
        expect(slider).to_have_value("0.25")
        explorer.get_by_text("Authority of the link", exact=True).click()
        expect(slider).to_be_focused()


@IN_A_WIDGET
def test_without_authority_and_risk_the_screen_says_so(show):
    rows = [{"site": "rival.example", "source_domain": f"{name}.example"} for name in ("one", "two")]
    rows.append({"site": "mine.example", "source_domain": "friend.example"})
    page = show(lg.explore(lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example"))))
    assert page.locator(".lg-scatter figcaption span").first.inner_text() == "Likelihood"
    assert page.locator(".lg-canvas").get_attribute("aria-label") == "2 prospects by likelihood"
    assert page.get_by_label("Caution about risk").get_attribute("aria-valuetext") == "no risk found"


@IN_A_WIDGET
def test_pictures_name_each_of_four_rivals_and_leave_out_what_no_prospect_reaches(show):
    rivals = [f"a-rival-whose-name-begins-like-those-of-others-{place}.example" for place in range(4)]
    rows = [{"site": rival, "source_domain": f"s{place}.example"} for place, rival in enumerate(rivals)]
    rows += [{"site": rival, "source_domain": "both.example"} for rival in rivals[:2]]
    rows.append({"site": "mine.example", "source_domain": "friend.example"})
    page = show(lg.explore(lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example"))))
    page.set_viewport_size({"width": 1100, "height": 900})
    painted(page)
    assert page.locator(".lg-key").evaluate("(key) => key.scrollHeight - key.clientHeight") <= 0
    assert page.locator(".lg-columns button").all_inner_texts() == ["4\n1", "1\n2"]


@IN_A_WIDGET
def test_what_python_changes_while_the_screen_tells_of_something_else_stands(show, prospects):
    explorer = lg.explore(prospects)
    page = show(explorer)
    explorer.settings = {"filters": {"text": "desk"}}
    names = explorer.shown["domain"].tolist()
    tick_and_set = """([domain, settings]) => {
      document.querySelector(`[aria-label="Select ${domain}"]`).click();
      window.model.say("settings", settings);
    }"""
    page.evaluate(tick_and_set, [names[0], explorer.settings])
    expect(page.locator(".lg-shown")).to_have_text(f"{len(names)} of 1,693 prospects, 1 selected")
    told = settle(page)
    assert told["selected"] == names[:1]
    assert told["settings"]["filters"]["text"] == "desk"
    slide_and_select = """(domains) => {
      const slider = document.querySelector(".lg-slider input");
      slider.value = 2;
      slider.dispatchEvent(new Event("input"));
      window.model.say("selected_domains", domains);
    }"""
    page.evaluate(slide_and_select, names[:3])
    expect(page.locator(".lg-shown")).to_have_text(f"{len(names)} of 1,693 prospects, 3 selected")
    told = settle(page)
    assert told["settings"]["ranking"]["authority_weight"] == 2
    assert told["selected"] == names[:3]


@IN_A_WIDGET
def test_pictures_are_there_where_the_system_sets_all_colours(show, prospects):
    page = show(lg.explore(prospects))
    page.emulate_media(forced_colors="active")
    page.get_by_role("grid").press("ArrowDown")
    page.locator(".lg-terms i").first.wait_for()
    colour = "(shape) => getComputedStyle(shape).backgroundColor"
    row = page.locator("button.lg-combination").first
    page_colour = row.locator(".lg-dot:not(.lg-on)").first.evaluate(colour)
    for shape in (
        row.locator(".lg-on"),
        row.locator("i"),
        *(page.locator(f".lg-{it} i") for it in ("columns", "terms")),
    ):
        assert shape.first.evaluate(colour) != page_colour
    swatches = page.locator(".lg-legend i").evaluate_all(f"(all) => all.map({colour})")
    assert len(set(swatches)) == 3


@IN_A_WIDGET
def test_a_column_follows_the_finger_and_the_mouse_and_then_stays(show, prospects):
    page = show(lg.explore(prospects))
    finger = page.context.new_cdp_session(page)
    heading = page.get_by_role("columnheader").nth(2)
    grip = heading.locator(".lg-grip").bounding_box()
    start, height = grip["x"] + 3, grip["y"] + 9
    for kind, moved in [("Start", 0), *(("Move", 10 * step) for step in range(1, 6)), ("End", None)]:
        points = [] if moved is None else [{"x": start + moved, "y": height}]
        finger.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    assert round(heading.bounding_box()["width"]) == 236 + 50
    page.mouse.move(start + 50, height)
    page.mouse.down()
    page.mouse.move(start + 20, height)
    page.mouse.move(start + 10, height + 200)  # beside the heading, as a hand moves
    page.mouse.up()
    page.mouse.move(start + 300, height)
    assert round(heading.bounding_box()["width"]) == 236 + 10
    assert settle(page)["settings"]["view"]["widths"] == {"domain": 246}
    finger.detach()


@IN_A_WIDGET
def test_a_combination_that_python_asked_for_is_pressed_whatever_its_order(show, prospects):
    page = show(lg.explore(prospects, settings={"filters": {"exactly": ["sitwell.example", "deskly.example"]}}))
    pressed = page.locator("button.lg-combination[aria-pressed=true]")
    expect(pressed).to_have_attribute("aria-label", re.compile(" to deskly.example, sitwell.example and no other$"))
    pressed.click()
    expect(page.locator(".lg-shown")).to_have_text("1,693 prospects")


@IN_A_WIDGET
def test_combinations_of_sixty_rivals_are_told_apart(show):
    rivals = [f"rival{place:02}.example" for place in range(60)]
    told = [(rival, f"both{place}.example") for place in range(3) for rival in (rivals[0], rivals[-1])]
    told += [("mine.example", "friend.example"), *((rival, "friend.example") for rival in rivals)]
    told += [(rivals[-1], "last.example"), *((rival, "many.example") for rival in rivals[1:9])]
    told += [(rival, "six.example") for rival in rivals[1:7]]
    links = pd.DataFrame(told, columns=["site", "source_domain"])
    weights = {rival: place for place, rival in enumerate(rivals)}
    gap = lg.find_gap(lg.read_links(links), site="mine.example")
    page = show(lg.explore(lg.rank_prospects(gap, rival_weights=weights)))
    names = page.locator("button.lg-combination").evaluate_all("(all) => all.map((each) => each.ariaLabel)")
    both, last = f"{rivals[0]}, {rivals[-1]}", rivals[-1]
    wanted = [f"3 prospects link to {both} and no other", f"1 prospect links to {last} and no other"]
    wanted += [f"1 prospect links to {', '.join(rivals[1:end])} and no other" for end in (9, 7)]
    assert names == wanted
    letters = page.locator(".lg-key b").all_inner_texts()
    assert [letters[place] for place in (0, 25, 26, 51, 52, 59)] == ["A", "Z", "AA", "AZ", "BA", "BH"]
    page.locator(".lg-row", has_text="many.example").click()
    page.locator(".lg-terms").wait_for()
    terms = page.locator(".lg-terms td:first-child").all_inner_texts()
    assert terms[:6] == [*(f"links to {rivals[place]}" for place in (8, 7, 6, 5, 4)), "links to 3 more rivals"]
    page.locator(".lg-row", has_text="six.example").click()
    page.wait_for_selector(".lg-detail h3:has-text('six.example')")
    assert page.locator(".lg-terms td:first-child", has_text="links to rival").count() == 6
    room = page.locator(".lg-combinations").bounding_box()
    for count in page.locator("button.lg-combination .lg-count").all():
        box = count.bounding_box()
        assert room["x"] <= box["x"] < box["x"] + box["width"] <= room["x"] + room["width"]


@IN_A_WIDGET
def test_the_detail_drawn_anew_leaves_caret_and_focus_where_they_are(show, prospects):
    page = show(lg.explore(prospects))
    page.get_by_role("grid").press("ArrowDown")
    note = page.locator(".lg-detail").get_by_label("Note")
    note.press_sequentially("wrote Ann")
    for _ in range(3):
        note.press("ArrowLeft")
    (asked,) = sent(page, "pages")
    links = [{"url": f"https://blog.example/{place}", "anchor": "", "target": ""} for place in range(3)]
    page.evaluate("(message) => window.model.hear(message)", {"kind": "pages", "row": asked["row"], "pages": links})
    expect(page.locator(".lg-pages li")).to_have_count(3)
    page.keyboard.type("to ")
    expect(note).to_have_value("wrote to Ann")
    note.evaluate("(note) => { note.old = true; }")
    page.keyboard.press("Tab")
    expect(page.locator(".lg-pages a").first).to_be_focused()
    page.wait_for_function("() => !document.querySelector('.lg-detail textarea').old")  # drawn after the edit
    assert [edit["value"] for edit in sent(page, "edit")] == ["wrote to Ann"]
    expect(page.locator(".lg-pages a").first).to_be_focused()


@IN_A_WIDGET
def test_a_note_of_several_lines_keeps_them(show, prospects, tmp_path):
    first, second = prospects.frame["domain"][:2]
    book = lg.open_outreach(tmp_path / "outreach.sqlite", site="oakdesk.example")
    book.set(first, note="wrote to Ann\ncall back")
    shown = {"view": {"columns": ["rank", "domain", "note"]}}
    page = show(lg.explore(prospects, outreach=book, settings=shown))
    notes = [page.get_by_label(f"Note on {domain}") for domain in (first, second)]
    assert notes[0].input_value() == "wrote to Ann / call back"
    assert [note.is_editable() for note in notes] == [False, True]
    page.locator(".lg-row", has_text=first).first.click(position={"x": 150, "y": 10})
    page.wait_for_selector(f".lg-detail h3:has-text('{first}')")
    assert page.locator(".lg-detail textarea").input_value() == "wrote to Ann\ncall back"
    assert page.evaluate("window.sent.filter(({ kind }) => kind === 'edit')") == []


@IN_A_WIDGET
def test_marks_that_turn_text_around_are_taken_from_every_cell(show):
    marks = "".join(map(chr, (0x061C, 0x200E, 0x200F, 0x2028, 0x202E, 0x2066, 0x2069, 0x85)))
    rows = [
        {"site": "rival.example", "source_url": "https://one.example/", "anchor": f"a{marks}b", "title": marks + "t"}
    ]
    rows.append({"site": "mine.example", "source_url": "https://friend.example/"})
    prospects = lg.rank_prospects(lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mine.example"))
    page = show(lg.explore(prospects, settings={"view": {"columns": ["domain", "sample_anchor", "title"]}}))
    page.locator(".lg-row").first.click()
    page.wait_for_selector(".lg-detail h3")
    assert not set(marks) & set(page.locator(".linkgap").evaluate("(element) => element.textContent"))


@IN_A_WIDGET
def test_where_the_middle_is_narrow_no_heading_and_no_count_is_broken_up(show, prospects):
    page = show(lg.explore(prospects))
    page.set_viewport_size({"width": 848, "height": 900})
    page.locator(".lg-row").first.click(position={"x": 120, "y": 10})
    page.wait_for_selector(".lg-detail h3")
    for width in (848, 900):
        page.set_viewport_size({"width": width, "height": 900})
        painted(page)
        assert page.locator(".lg-shown").bounding_box()["height"] < 24
        tops = {button.bounding_box()["y"] for button in page.locator(".lg-toolbar button:visible").all()}
        assert max(tops) - min(tops) < 4
        assert page.locator(".lg-scatter figcaption span").first.bounding_box()["height"] < 36
