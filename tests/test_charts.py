"""Charts show the numbers of their tables, and change nothing."""

import sys

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import linkgap as lg
from linkgap.charts.backtests import COLOURS
from linkgap.errors import InvalidArgumentError, MissingLibraryError

RATES = pd.DataFrame({"rivals_linked": [1, 2], "candidates": [90, 10], "links": [9, 4], "hit_rate": [0.1, 0.4]})


@pytest.fixture
def curve() -> pd.DataFrame:
    places = np.arange(1, 101)
    methods = ["likelihood", "by lot"]
    return pd.concat(
        [
            pd.DataFrame(
                {"method": name, "k": places, "precision": rate / places, "low": 0.1 / places, "high": 0.9 / places}
            )
            for name, rate in zip(methods, (0.2, 0.5), strict=True)
        ],
        ignore_index=True,
    )


def test_a_line_a_method_and_the_band_of_ours(curve):
    before = curve.copy()
    figure = lg.draw_precision(curve)
    assert_frame_equal(curve, before)
    lines = {line.name: line for line in figure.data if line.name}
    assert list(lines) == ["likelihood", "by lot"]
    for name, line in lines.items():
        assert list(line.y) == curve.loc[curve["method"] == name, "precision"].tolist()
        assert line.line.color == COLOURS[name]
        assert line.line.dash == ("dot" if name == "by lot" else "solid")
    band = [line for line in figure.data if not line.name]
    ours = curve[curve["method"] == "likelihood"]
    assert [list(edge.y) for edge in band] == [ours["high"].tolist(), ours["low"].tolist()]


def test_without_intervals_there_is_no_band(curve):
    figure = lg.draw_precision(curve.assign(low=np.nan, high=np.nan))
    assert all(line.name for line in figure.data)


def test_a_bar_a_number_of_rivals():
    before = RATES.copy()
    bars = lg.draw_hit_rates(RATES).data[0]
    assert_frame_equal(before, RATES)
    assert list(bars.x) == [1, 2]
    assert list(bars.y) == [0.1, 0.4]
    assert [list(each) for each in bars.customdata] == [[9, 90], [4, 10]]


@pytest.mark.parametrize(
    "draw",
    [
        *(lg.draw_precision, lg.draw_hit_rates, lg.draw_overlaps, lg.draw_authority, lg.draw_rivals_linked),
        lg.draw_similarity,
        lg.draw_changes,
    ],
)
@pytest.mark.parametrize("table", [pd.DataFrame({"domain": []}), None, 3])
def test_other_tables_are_refused(draw, table):
    with pytest.raises(
        InvalidArgumentError, match=r"^The table has no column .*\. Allowed: .*, or a table with its columns\.$"
    ):
        draw(table)


def test_without_plotly_the_next_step_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(MissingLibraryError, match=r'^Charts need plotly, .* pip install "linkgap\[lab\]"'):
        lg.draw_hit_rates(RATES)


MOST_ON_A_PHONE = 40
"""Letters of a title or below an axis: plotly breaks no lines, and 390 pixels hold so many."""


def overlaps(number: int) -> pd.DataFrame:
    pattern = [[True, False], [False, True], [True, True]]
    table = pd.DataFrame(pattern[:number], columns=["a.example", "b.example"])
    return table.assign(sites=table.sum(axis=1), domains=[30, 20, 10][:number])


def test_a_column_a_combination_and_a_dot_a_site():
    bars, missing, linked = lg.draw_overlaps(overlaps(3)).data
    assert list(bars.y) == [30, 20, 10]
    assert list(bars.customdata) == ["a.example", "b.example", "a.example and b.example"]
    assert set(zip(linked.x, linked.y, strict=True)) == {(0, 1), (1, 0), (2, 0), (2, 1)}
    assert set(zip(missing.x, missing.y, strict=True)) == {(0, 0), (1, 1)}


@pytest.mark.parametrize("sites", [1, 30])
def test_numbers_stand_above_the_dots_of_however_many_sites(sites):
    table = pd.DataFrame([[True] * sites], columns=[f"s{place}.example" for place in range(sites)])
    layout = lg.draw_overlaps(table.assign(sites=sites, domains=3)).layout
    (bottom, middle), (above, top) = layout.yaxis2.domain, layout.yaxis.domain
    assert 0 == bottom < middle < above < top == 1


def test_a_title_says_when_not_everything_is_drawn():
    assert "the largest 2 of 3 drawn" in lg.draw_overlaps(overlaps(3), most=2).layout.title.text
    assert "drawn" not in lg.draw_overlaps(overlaps(3)).layout.title.text


PROSPECTS = pd.DataFrame(
    {
        "domain": ["a.example", "b.example", "c.example", "d.example"],
        "likelihood": [0.9, 0.5, 0.3, 0.1],
        "authority_percentile": [0.8, 0.4, 0.3, 0.2],
        "risk": [0.0, 0.29, 0.3, 1.0],
        "tactic": ["forum", "unknown", "forum", "news"],
        "evidence": ["likely", "proven", "unverified", "likely"],
    }
)


def drawn(figure) -> dict[str, list[str]]:
    return {points.name: list(points.text) for points in figure.data}


def test_points_are_the_prospects_by_risk():
    figure = lg.draw_authority(PROSPECTS)
    assert drawn(figure) == {
        "risk of 0%": ["a.example"],
        "some risk": ["b.example"],
        "risk of 30% or more": ["c.example", "d.example"],
    }
    assert [list(points.y) for points in figure.data] == [[0.9], [0.5], [0.3, 0.1]]
    assert [list(points.x) for points in figure.data] == [[0.8], [0.4], [0.3, 0.2]]


def test_points_are_the_prospects_by_tactic_and_evidence():
    by_tactic = drawn(lg.draw_authority(PROSPECTS, by="tactic"))
    assert by_tactic == {"forum": ["a.example", "c.example"], "news": ["d.example"], "unknown": ["b.example"]}
    by_evidence = drawn(lg.draw_authority(PROSPECTS, by="evidence"))
    assert by_evidence == {
        "proven": ["b.example"],
        "likely": ["a.example", "d.example"],
        "unverified": ["c.example"],
    }


def test_rare_tactics_share_a_colour_and_none_is_lost():
    words = [f"tactic {number}" for number in range(9) for _ in range(10 - number)]
    frame = pd.DataFrame({"domain": words, "likelihood": 0.5, "authority_percentile": 0.5, "tactic": words})
    groups = drawn(lg.draw_authority(frame, by="tactic"))
    assert list(groups) == [*(f"tactic {number}" for number in range(6)), "others"]
    assert sorted(name for names in groups.values() for name in names) == sorted(words)


def test_of_many_prospects_so_many_are_drawn_at_even_distances():
    frame = pd.DataFrame({"domain": [f"d{n}.example" for n in range(1003)], "likelihood": 1.0, "risk": 0.0})
    figure = lg.draw_authority(frame.assign(authority_percentile=0.5), most=4)
    assert drawn(figure)["risk of 0%"] == ["d0.example", "d250.example", "d501.example", "d752.example"]
    assert "4 of 1,003 drawn" in figure.layout.title.text


def test_without_authority_the_points_stand_in_the_middle_and_the_axis_says_so():
    figure = lg.draw_authority(PROSPECTS.assign(authority_percentile=np.nan))
    assert {x for points in figure.data for x in points.x} == {0.5}
    assert "no export gives an authority" in figure.layout.xaxis.title.text
    for known in (PROSPECTS, PROSPECTS.assign(authority_percentile=[np.nan, 0.0, 0.5, 1.0])):
        axis = lg.draw_authority(known).layout.xaxis
        assert "no export" not in axis.title.text
        assert axis.range == (-0.02, 1.02)


def test_a_bar_a_number_of_rivals_linked():
    bars = lg.draw_rivals_linked(pd.DataFrame({"rivals_linked": [12, 3, 1, 12, 3, 12]})).data[0]
    assert list(bars.x) == [1, 3, 12]
    assert list(bars.y) == [1, 2, 3]
    assert list(bars.customdata) == ["1 rival", "3 rivals", "12 rivals"]


def test_two_bars_a_rival_the_most_alike_on_top():
    rivals = pd.DataFrame(
        {
            "rival": ["near.example", "far.example"],
            "similarity": [0.5, 0.1],
            "similarity_to_rivals": [0.4, 0.2],
            "adds": [3, 4],
            "prospects": [10, 9],
        }
    )
    site, others = lg.draw_similarity(rivals).data
    assert list(site.y) == list(others.y) == ["far.example", "near.example"]
    assert (list(site.x), list(others.x)) == ([0.1, 0.5], [0.2, 0.4])
    assert [list(each) for each in site.customdata] == [[9, 4, "far.example"], [10, 3, "near.example"]]


def similarity_of(*rivals: str) -> pd.DataFrame:
    return pd.DataFrame({"rival": rivals}).assign(similarity=0.2, similarity_to_rivals=0.1, adds=1, prospects=1)


def test_rivals_that_look_like_numbers_keep_their_names():
    names = ("1.2.3.4", "2024", "near.example")
    axis = lg.draw_similarity(similarity_of(*names)).layout.yaxis
    assert axis.type == "category"
    assert list(axis.tickvals) == list(axis.ticktext) == list(reversed(names))


LONG = ["the-long-name-of-a-rival-from-far-away.example", "another-long-name-of-a-rival-from-here.example"]
SHORT = ["the-long-name-of…ar-away.example", "another-long-nam…om-here.example"]


def test_long_names_leave_room_for_the_picture():
    pattern = overlaps(3).rename(columns=dict(zip(("a.example", "b.example"), LONG, strict=True)))
    drawn_with = [
        lg.draw_similarity(similarity_of(*LONG)).layout.yaxis,
        lg.draw_changes(CHANGED.assign(site=LONG)).layout.yaxis,
        lg.draw_overlaps(pattern).layout.yaxis2,
    ]
    assert [list(axis.ticktext) for axis in drawn_with] == [SHORT[::-1]] * 3
    figures = (lg.draw_similarity(similarity_of(*LONG)), lg.draw_changes(CHANGED.assign(site=LONG)))
    assert all(LONG[0] in figure.data[0].customdata[1] for figure in figures)


def test_no_title_or_legend_takes_the_room_of_another(curve):
    unknown = lg.draw_authority(PROSPECTS.assign(authority_percentile=np.nan))
    figures = [lg.draw_hit_rates(RATES), lg.draw_authority(PROSPECTS), lg.draw_changes(CHANGED), unknown]
    figures += [lg.draw_precision(curve), lg.draw_overlaps(overlaps(3)), lg.draw_rivals_linked(RATES)]
    for figure in (*figures, lg.draw_similarity(similarity_of("a.example"))):
        assert (figure.layout.title.xref, figure.layout.title.x) == ("container", 0)
        told = [*figure.layout.title.text.split("<br>"), *(figure.layout.xaxis.title.text or "").split("<br>")]
        assert max(map(len, told)) <= MOST_ON_A_PHONE
        assert (figure.layout.legend.orientation, figure.layout.legend.yref) == ("h", "container")


def test_a_colour_is_named_where_there_is_but_one():
    assert lg.draw_authority(PROSPECTS.head(1)).layout.showlegend


def test_the_title_over_hit_rates_asks_and_asserts_nothing_that_they_may_deny():
    rare = RATES.assign(hit_rate=[0.4, 0.1])
    assert lg.draw_hit_rates(rare).layout.title.text == "How often is there a hidden link?"


def test_numbers_stand_above_their_columns_where_low_ones_would_turn_or_hide_them():
    figures = (lg.draw_hit_rates(RATES), lg.draw_overlaps(overlaps(3)), lg.draw_rivals_linked(RATES))
    for columns in (figure.data[0] for figure in figures):
        assert (columns.textposition, columns.textangle, columns.cliponaxis) == ("outside", 0, False)


def test_many_numbers_of_rivals_share_ticks():
    many = pd.concat([RATES] * 20).assign(rivals_linked=range(1, 41))
    assert lg.draw_hit_rates(RATES).layout.xaxis.dtick == 1
    assert lg.draw_hit_rates(many.head(20)).layout.xaxis.dtick == 1
    assert lg.draw_hit_rates(many).layout.xaxis.dtick is None
    assert lg.draw_rivals_linked(many).layout.xaxis.dtick is None


def test_nothing_to_draw_is_said(curve):
    figures = [
        lg.draw_precision(curve.head(0)),
        lg.draw_hit_rates(RATES.head(0)),
        lg.draw_overlaps(overlaps(0)),
        lg.draw_authority(PROSPECTS.head(0)),
        lg.draw_rivals_linked(RATES.head(0)),
        lg.draw_similarity(similarity_of()),
        lg.draw_changes(CHANGED.head(0)),
    ]
    for figure in figures:
        assert [words.text for words in figure.layout.annotations] == ["There is nothing to draw."]
        assert figure.layout.yaxis.visible is False
    assert not lg.draw_hit_rates(RATES).layout.annotations


def test_rates_of_nothing_but_zero_have_no_negative_axis():
    assert lg.draw_hit_rates(RATES.assign(hit_rate=0.0)).layout.yaxis.rangemode == "tozero"


HOSTILE = "<b>x</b><a href='https://evil.example'>&amp;\0\x1f\x7f\u200b\u200f\u202a\u202e\u2066\u2069"
INERT = "&lt;b&gt;x&lt;/b&gt;&lt;a href='https://evil.example'&gt;&amp;amp;"


def test_texts_of_strangers_are_inert():
    points = lg.draw_authority(PROSPECTS.assign(domain=HOSTILE, tactic=HOSTILE), by="tactic").data[0]
    assert set(points.text) == {INERT}
    assert points.name == "&lt;b&gt;x&lt;/b&gt;&lt;a href=….example'&gt;&amp;amp;"
    bars, _, _ = (figure := lg.draw_overlaps(overlaps(1).rename(columns={"a.example": HOSTILE}))).data
    assert list(bars.customdata) == [INERT]
    assert "&lt;b&gt;x&lt;/b&gt;&lt;a href=….example'&gt;&amp;amp;" in figure.layout.yaxis2.ticktext
    rivals = pd.DataFrame({"rival": [HOSTILE]}).assign(similarity=1, similarity_to_rivals=1, adds=1, prospects=1)
    assert list(lg.draw_similarity(rivals).data[0].y) == [INERT]


def test_long_names_are_cut():
    points = lg.draw_authority(PROSPECTS.assign(domain="x" * 10_000)).data[0]
    assert points.text[0] == "x" * 119 + "…"
    assert lg.draw_authority(PROSPECTS.assign(domain="x" * 120)).data[0].text[0] == "x" * 120


@pytest.mark.parametrize("most", [0, -1, "3", 1.5, None, True])
def test_most_is_a_number_from_one(most):
    for draw, table in ((lg.draw_overlaps, overlaps(3)), (lg.draw_authority, PROSPECTS)):
        with pytest.raises(
            InvalidArgumentError, match=r"^most=.* is not allowed\. Allowed: a whole number of 1 or more"
        ):
            draw(table, most=most)


def test_colours_tell_only_what_there_is():
    with pytest.raises(InvalidArgumentError, match=r"^by='colour' is not allowed\. Allowed: evidence, risk, tactic"):
        lg.draw_authority(PROSPECTS, by="colour")


def test_no_prospects_are_an_empty_picture():
    nobody = PROSPECTS.iloc[:0]
    for by in ("risk", "tactic", "evidence"):
        assert not any(drawn(lg.draw_authority(nobody, by=by)).values())
    assert not lg.draw_rivals_linked(nobody.assign(rivals_linked=[])).data[0].x


CHANGED = pd.DataFrame(
    {
        "site": ["me.example", "<b>one</b>.example"],
        "before": [720, 30],
        "after": [715, 1_230],
        "kept": [700, 25],
        "new": [12, 1_200],
        "unverified_new": [3, 5],
        "lost": [20, 0],
        "unverified_lost": [0, 5],
    }
)


def test_what_came_stands_right_and_what_went_left():
    before = CHANGED.copy()
    figure = lg.draw_changes(CHANGED)
    bars = figure.data
    assert_frame_equal(CHANGED, before)
    assert figure.layout.barmode == "relative"
    assert [list(each.x) for each in bars] == [[1_200, 12], [5, 3], [None, -20], [-5, None]]
    assert [list(each.text) for each in bars] == [["1,200", "12"], ["5", "3"], ["0", "20"], ["5", "0"]]
    assert [list(each.customdata[0])[1:] for each in bars] == [[1_200, 25], [5, 25], [0, 25], [5, 25]]


def test_what_is_not_proven_is_hatched_in_the_same_colour():
    new, perhaps_new, lost, perhaps_lost = lg.draw_changes(CHANGED).data
    assert new.marker.color == perhaps_new.marker.color != lost.marker.color == perhaps_lost.marker.color
    assert [each.marker.pattern.shape for each in (new, perhaps_new, lost, perhaps_lost)] == ["", "/", "", "/"]


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("paper", ["#ffffff", "#111111"])
def test_changes_stand_out_from_light_and_from_dark_paper(paper):
    for bars in lg.draw_changes(CHANGED).data:
        light, dark = sorted((luminance(bars.marker.color), luminance(paper)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3


@pytest.mark.parametrize("paper", ["#ffffff", "#111111"])
def test_words_stand_out_from_light_and_from_dark_paper(paper):
    layout = lg.draw_changes(CHANGED).layout
    light, dark = sorted((luminance(layout.font.color), luminance(paper)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4
    assert layout.title.font.weight == layout.xaxis.title.font.weight == 600


def test_names_of_sites_are_no_markup():
    figure = lg.draw_changes(CHANGED)
    assert list(figure.layout.yaxis.ticktext) == ["&lt;b&gt;one&lt;/b&gt;.example", "me.example"]
    assert {each.customdata[0][0] for each in figure.data} == {"&lt;b&gt;one&lt;/b&gt;.example"}
    assert "<b>" not in figure.to_json()


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        ((7, 20), [-5, 0, 5, 10, 15, 20]),
        ((0, 0), [0]),
        ((1_200, 90), [-1_000, -500, 0]),
        ((10, 0), [*range(-10, 1, 2)]),
    ],
)
def test_round_numbers_on_both_sides(most, ticks):
    lost, new = most
    table = CHANGED.head(1).assign(new=new // 2, unverified_new=new - new // 2, lost=lost, unverified_lost=0)
    axis = lg.draw_changes(table).layout.xaxis
    assert list(axis.tickvals) == ticks
    assert list(axis.ticktext) == [f"{abs(tick):,}" for tick in ticks]


def test_where_hosts_were_compared_the_charts_say_hosts():
    rows = [("me.example", "a.x.example"), ("me.example", "b.x.example"), ("one.example", "a.x.example")]
    links = lg.read_links(pd.DataFrame(rows, columns=["site", "source_domain"]))
    words = {}
    for level in ("domain", "host"):
        changes = lg.compare_links(links, links, site="me.example", level=level)
        gap = lg.find_gap(links, site="me.example", level=level)
        changed, overlaps = lg.draw_changes(changes.sites).layout, lg.draw_overlaps(gap.overlaps).layout
        words[level] = [changed.title.text, changed.xaxis.title.text, overlaps.title.text, overlaps.yaxis.title.text]
    assert words["domain"] == [
        "Who gained domains, and who lost some?",
        "lost ← domains → new",
        "How many domains link to exactly these?",
        "domains",
    ]
    assert words["host"] == [text.replace("domains", "hosts") for text in words["domain"]]


def test_changes_without_a_site():
    assert all(len(each.x) == 0 for each in lg.draw_changes(CHANGED.head(0)).data)
