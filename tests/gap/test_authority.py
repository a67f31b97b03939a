"""One authority from several metrics, against the rules in plain Python: ranks, quantiles, least squares."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import sqrt
from pathlib import Path
from statistics import fmean

import numpy as np
import pandas as pd
import pytest

import linkgap as lg

SITE = "me.example"
FULL = 100
"""A list of so many rows is as long as a vendor's cap."""

Figures = dict[str, float]


# The oracle.


def place_in(value: float, pool: Iterable[float]) -> float:
    """Return the share of a pool below a value, and half of what is equal to it."""
    pool = list(pool)
    return (sum(other < value for other in pool) + sum(other == value for other in pool) / 2) / len(pool)


def quantile(pool: Iterable[float], share: float) -> float:
    """Interpolate between the values of a pool in order, each standing in the middle of its own share of the pool."""
    ordered = sorted(pool)
    position = min(max(share * len(ordered) - 0.5, 0), len(ordered) - 1)
    before = int(position)
    after = min(before + 1, len(ordered) - 1)
    return ordered[before] + (position - before) * (ordered[after] - ordered[before])


def line(xs: list[float], ys: list[float]) -> tuple[float, float]:
    """Return slope and start of the line with the least squares."""
    mean_x, mean_y = fmean(xs), fmean(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread
    return slope, mean_y - slope * mean_x


def rank_correlation(one: Figures, other: Figures) -> float:
    both = sorted(one.keys() & other.keys())
    firsts, seconds = [one[name] for name in both], [other[name] for name in both]
    first = [place_in(value, firsts) for value in firsts]
    second = [place_in(value, seconds) for value in seconds]
    mean_first, mean_second = fmean(first), fmean(second)
    spread = sqrt(sum((x - mean_first) ** 2 for x in first) * sum((y - mean_second) ** 2 for y in second))
    return sum((x - mean_first) * (y - mean_second) for x, y in zip(first, second, strict=True)) / spread


def merged(main: Figures, *others: Figures) -> Figures:
    """Return the mean of each domain's percentiles, other metrics being mapped to the main one."""
    places: dict[str, list[float]] = {}
    for domain, value in main.items():
        places.setdefault(domain, []).append(place_in(value, main.values()))
    for other in others:
        both = sorted(main.keys() & other.keys())
        theirs, ours = [other[domain] for domain in both], [main[domain] for domain in both]
        for domain, value in other.items():
            if len(both) >= 20:
                place = place_in(quantile(ours, place_in(value, theirs)), main.values())
            elif len(both) >= 5 and line(theirs, ours)[0] > 0:
                slope, start = line(theirs, ours)
                place = place_in(start + slope * value, main.values())
            else:
                place = place_in(value, other.values())
            places.setdefault(domain, []).append(place)
    return {domain: fmean(found) for domain, found in places.items()}


# Lists as the vendors write them.

HEADINGS = {
    "ahrefs": "domain,domain_rating,dofollow_links",
    "semrush": "Domain,Domain ascore,Backlinks",
    "moz": "Root Domain,Domain Authority,Linking Domains",
    "majestic": "Domain,TrustFlow,RefDomains,CitationFlow",
    "plain": "domain",
}


def write(folder: Path, name: str, provider: str, figures: Mapping[str, object]) -> None:
    more = {"semrush": ",3", "ahrefs": ",3", "majestic": ",,9", "moz": ","}
    lines = [
        f"{domain},{value}{more[provider]}" if provider != "plain" else domain for domain, value in figures.items()
    ]
    (folder / name).write_text("\n".join([HEADINGS[provider], *lines]) + "\n", encoding="utf-8")


def rank(folder: Path, **options: object) -> lg.Prospects:
    rivals = sorted({path.name.split("-")[0] for path in folder.iterdir()})
    return lg.rank_prospects(lg.find_gap(lg.read_links(folder, sites=[SITE, *rivals], **options), site=SITE))


def percentiles(prospects: lg.Prospects) -> Figures:
    table = prospects.frame
    return dict(zip(table["domain"], table["authority_percentile"], strict=True))


def column(prospects: lg.Prospects, name: str) -> dict[str, object]:
    table = prospects.frame
    return dict(zip(table["domain"], table[name], strict=True))


def figures(seed: int, names: Iterable[str], *, most: int = 90) -> Figures:
    random = np.random.default_rng(seed)
    return {name: float(random.integers(1, most)) for name in names}


def names(letter: str, number: int) -> list[str]:
    return [f"{letter}{place:02}.test" for place in range(number)]


def test_one_metric_is_a_middle_rank(tmp_path):
    # Of five, one is below 20, two are 20 and two above: (1 + 2 / 2) / 5.
    write(
        tmp_path, "one.example-a.csv", "ahrefs", {"a.test": 10, "b.test": 20, "c.test": 20, "d.test": 30, "e.test": 90}
    )
    prospects = rank(tmp_path)
    wanted = {"a.test": 0.1, "b.test": 0.4, "c.test": 0.4, "d.test": 0.7, "e.test": 0.9}
    assert percentiles(prospects) == pytest.approx(wanted)
    assert set(column(prospects, "authority_metric").values()) == {"ahrefs_dr"}
    assert not prospects.frame["authority_imputed"].any()


def test_a_metric_of_many_domains_is_a_middle_rank(tmp_path):
    shown = figures(1, names("a", 80), most=30)
    write(tmp_path, "one.example-a.csv", "ahrefs", shown)
    assert percentiles(rank(tmp_path)) == pytest.approx(merged(shown))


def test_percentiles_are_among_the_prospects_alone(tmp_path):
    write(tmp_path, "one.example-a.csv", "ahrefs", {"a.test": 10, "b.test": 20, "c.test": 30, "d.test": 40})
    write(tmp_path, "me.example-a.csv", "ahrefs", {"d.test": 40, "e.test": 1, "f.test": 2})
    assert percentiles(rank(tmp_path)) == pytest.approx({"a.test": 1 / 6, "b.test": 3 / 6, "c.test": 5 / 6})


@pytest.mark.parametrize(
    ("shared", "how"),
    [
        (40, "mapped to it by quantiles (40 prospects have both)"),
        (20, "mapped to it by quantiles (20 prospects have both)"),
        (19, "mapped to it by a straight line (19 prospects have both)"),
        (5, "mapped to it by a straight line (5 prospects have both)"),
        (4, "ranked on its own (4 prospects have both)"),
        (0, "ranked on its own (0 prospects have both)"),
    ],
)
def test_another_metric_is_mapped_by_what_both_show(tmp_path, shared, how):
    both = names("both", shared)
    ahrefs, semrush = figures(1, [*both, *names("a", 30)]), figures(2, [*both, *names("s", 25)], most=60)
    semrush |= {name: semrush[name] + ahrefs[name] for name in both}
    write(tmp_path, "one.example-a.csv", "ahrefs", ahrefs)
    write(tmp_path, "two.example-s.csv", "semrush", semrush)
    prospects = rank(tmp_path)
    assert prospects.notes[0] == f"Authority is Ahrefs DR; Semrush AS is {how}."
    assert percentiles(prospects) == pytest.approx(merged(ahrefs, semrush))
    assert not prospects.frame["authority_imputed"].any()


def test_three_metrics_are_a_mean_of_percentiles(tmp_path):
    both = names("both", 30)
    ahrefs = figures(1, [*both, *names("a", 30)])
    semrush = figures(2, [*both, *names("s", 9)])
    moz = figures(3, [*both[:8], *names("m", 9), "s00.test"])
    majestic = figures(4, names("t", 5))
    write(tmp_path, "one.example-a.csv", "ahrefs", ahrefs)
    write(tmp_path, "two.example-s.csv", "semrush", semrush)
    write(tmp_path, "two.example-m.csv", "moz", moz)
    write(tmp_path, "one.example-t.csv", "majestic", majestic)
    prospects = rank(tmp_path)
    assert percentiles(prospects) == pytest.approx(merged(ahrefs, semrush, moz, majestic))
    assert prospects.notes[0] == (
        "Authority is Ahrefs DR; Majestic TF is ranked on its own (0 prospects have both); "
        "Moz DA is mapped to it by a straight line (8 prospects have both); "
        "Semrush AS is mapped to it by quantiles (30 prospects have both)."
    )
    assert not any("Authority is" in note for note in prospects.notes[1:])


def test_the_figure_shown_is_the_main_metrics_where_there_is_one(tmp_path):
    write(tmp_path, "one.example-a.csv", "ahrefs", {"a.test": 70, "b.test": 50, "c.test": 10})
    write(tmp_path, "two.example-s.csv", "semrush", {"a.test": 12, "s.test": 34})
    prospects = rank(tmp_path)
    assert column(prospects, "authority") == {"a.test": 70, "b.test": 50, "c.test": 10, "s.test": 34}
    assert column(prospects, "authority_metric") == {
        "a.test": "ahrefs_dr",
        "b.test": "ahrefs_dr",
        "c.test": "ahrefs_dr",
        "s.test": "semrush_as",
    }


def test_the_metric_that_most_prospects_have_is_the_main_one(tmp_path):
    write(tmp_path, "one.example-a.csv", "ahrefs", {"a.test": 70})
    write(tmp_path, "two.example-s.csv", "semrush", {"a.test": 12, "s.test": 34})
    assert rank(tmp_path).notes[0].startswith("Authority is Semrush AS; Ahrefs DR is ranked on its own")


def test_only_the_order_of_another_metric_matters_where_quantiles_are_mapped(tmp_path):
    both = names("both", 25)
    ahrefs, semrush = figures(1, [*both, *names("a", 9)]), figures(2, [*both, *names("s", 9)], most=60)
    found = []
    for name, change in (("plain", lambda value: value), ("cubes", lambda value: value**3 / 1000)):
        folder = tmp_path / name
        folder.mkdir()
        write(folder, "one.example-a.csv", "ahrefs", ahrefs)
        write(folder, "two.example-s.csv", "semrush", {domain: change(value) for domain, value in semrush.items()})
        found.append(percentiles(rank(folder)))
    assert found[0] == pytest.approx(found[1])


def test_a_line_through_a_single_value_is_no_line(tmp_path):
    both = names("both", 8)
    ahrefs = figures(1, [*both, *names("a", 9)])
    semrush = dict.fromkeys(both, 30.0) | {"s00.test": 10.0, "s01.test": 40.0}
    write(tmp_path, "one.example-a.csv", "ahrefs", ahrefs)
    write(tmp_path, "two.example-s.csv", "semrush", semrush)
    prospects = rank(tmp_path)
    assert prospects.notes[0] == "Authority is Ahrefs DR; Semrush AS is ranked on its own (8 prospects have both)."
    assert percentiles(prospects)["s00.test"] == pytest.approx(place_in(10, semrush.values()))


@pytest.mark.parametrize(
    "theirs",
    [[30.0, 24.0, 18.0, 12.0, 6.0, 3.0], [10.0, 20.0, 30.0, 30.0, 20.0, 10.0]],
    ids=["falling", "level"],
)
def test_a_line_that_does_not_rise_is_not_used(tmp_path, theirs):
    both = names("both", 6)
    ahrefs = dict(zip(both, (10.0, 20.0, 30.0, 40.0, 50.0, 60.0), strict=True)) | figures(1, names("a", 9))
    semrush = dict(zip(both, theirs, strict=True)) | {"s00.test": 1.0, "s01.test": 40.0}
    write(tmp_path, "one.example-a.csv", "ahrefs", ahrefs)
    write(tmp_path, "two.example-s.csv", "semrush", semrush)
    prospects = rank(tmp_path)
    assert prospects.notes[0] == "Authority is Ahrefs DR; Semrush AS is ranked on its own (6 prospects have both)."
    found = percentiles(prospects)
    assert found["s00.test"] == pytest.approx(place_in(1, semrush.values()))
    assert found["s00.test"] < found["s01.test"]


def test_a_main_metric_that_is_the_same_for_all_who_have_both_hides_no_order(tmp_path):
    both = names("both", 6)
    ahrefs = dict.fromkeys(both, 50.0) | figures(1, names("a", 9))
    semrush = {name: 5.0 * place for place, name in enumerate(both, 1)} | {"s00.test": 1.0, "s01.test": 40.0}
    write(tmp_path, "one.example-a.csv", "ahrefs", ahrefs)
    write(tmp_path, "two.example-s.csv", "semrush", semrush)
    found = percentiles(rank(tmp_path))
    assert found["s00.test"] < found["s01.test"]


@pytest.mark.parametrize("seed", range(8))
def test_a_higher_figure_never_gets_a_lower_percentile(tmp_path, seed):
    random = np.random.default_rng(seed)
    both = names("both", int(random.integers(0, 30)))
    most = int(random.choice([3, 90]))
    ahrefs = figures(seed, [*both, *names("a", 35)], most=most)
    semrush = figures(seed + 100, [*both, *names("s", 20)], most=most)
    write(tmp_path, "one.example-a.csv", "ahrefs", ahrefs)
    write(tmp_path, "two.example-s.csv", "semrush", semrush)
    found = percentiles(rank(tmp_path))
    alone = sorted(names("s", 20), key=lambda name: semrush[name])
    for lower, higher in pairwise(alone):
        assert found[lower] <= found[higher]
        assert semrush[lower] < semrush[higher] or found[lower] == found[higher]


def test_metrics_of_links_in_columns_are_not_mixed():
    rows = [
        ("one.example", "https://a.test/", "ahrefs", 80, "ahrefs_dr"),
        ("one.example", "https://b.test/", "ahrefs", 20, "ahrefs_dr"),
        ("one.example", "https://c.test/", "ahrefs", 30, "ahrefs_dr"),
        ("one.example", "https://m.test/", "moz", 95, "moz_da"),
    ]
    table = pd.DataFrame(rows, columns=["site", "source_url", "provider", "authority", "authority_metric"])
    links = lg.read_links(table, sites=[SITE, "one.example"])
    prospects = lg.rank_prospects(lg.find_gap(links, site=SITE))
    shown = dict.fromkeys(("a.test", "b.test", "c.test"), "ahrefs_dr") | {"m.test": "moz_da"}
    assert column(prospects, "authority_metric") == shown
    assert percentiles(prospects) == pytest.approx({"a.test": 5 / 6, "b.test": 1 / 6, "c.test": 0.5, "m.test": 0.5})


# Where no export gives an authority.


def test_without_anything_to_go_by_it_is_the_median(tmp_path):
    write(tmp_path, "one.example-a.csv", "ahrefs", {"a.test": 10, "b.test": 20, "blank.test": ""})
    write(tmp_path, "one.example-p.csv", "plain", {"x.test": None, "a.test": None})
    prospects = rank(tmp_path)
    assert percentiles(prospects) == {"a.test": 0.25, "b.test": 0.75, "blank.test": 0.5, "x.test": 0.5}
    imputed = {"a.test": False, "b.test": False, "blank.test": True, "x.test": True}
    assert column(prospects, "authority_imputed") == imputed
    assert np.isnan(column(prospects, "authority")["x.test"])
    assert column(prospects, "authority_metric")["x.test"] is None
    assert prospects.notes[0] == "No export gives an authority for 2 prospects: it is estimated."


UI_HEADING = "Domain,DR,Links to target,Dofollow ref. domains,Traffic"


def write_ui(folder: Path, dr: Figures, referring: Figures, traffic: Figures) -> None:
    every = sorted(dr.keys() | referring.keys() | traffic.keys())
    lines = [f"{name},{dr.get(name, '')},1,{referring.get(name, '')},{traffic.get(name, '')}" for name in every]
    (folder / "one.example-a.csv").write_text("\n".join([UI_HEADING, *lines]) + "\n", encoding="utf-8")


def related(seed: int, to: Figures, *, noise: float, sign: int = 1) -> Figures:
    random = np.random.default_rng(seed)
    return {name: float(round(1000 + sign * 10 * value + noise * random.normal())) for name, value in to.items()}


@pytest.mark.parametrize(("seed", "known"), [(1, 20), (2, 30), (3, 30)])
def test_a_related_figure_is_shrunk_towards_the_median(tmp_path, seed, known):
    dr = figures(seed, names("a", known))
    lacking = figures(seed + 50, names("x", 5))
    referring = related(seed, dr | lacking, noise=150)
    write_ui(tmp_path, dr, referring, {})
    prospects = rank(tmp_path)
    correlation = rank_correlation(dr, referring)
    assert 0.3 < correlation < 1
    wanted = {name: 0.5 + correlation * (place_in(referring[name], referring.values()) - 0.5) for name in lacking}
    found = percentiles(prospects)
    assert {name: found[name] for name in lacking} == pytest.approx(wanted)
    assert {name for name, is_imputed in column(prospects, "authority_imputed").items() if is_imputed} == set(lacking)


def test_the_authority_of_a_page_tells_of_its_domains():
    rows = [("one.example", f"https://{name}/", dr, 100 * dr) for name, dr in figures(1, names("a", 20)).items()]
    rows += [("one.example", "https://low.test/", None, 0), ("one.example", "https://top.test/", None, 1e6)]
    table = pd.DataFrame(rows, columns=["site", "source_url", "authority", "page_authority"]).assign(provider="ahrefs")
    links = lg.read_links(table.astype(object), sites=["me.example", "one.example"])
    found = percentiles(lg.rank_prospects(lg.find_gap(links, site="me.example")))
    assert found["low.test"] == pytest.approx(1 / 44)
    assert found["top.test"] == pytest.approx(43 / 44)


@pytest.mark.parametrize("which", ["referring", "traffic"])
def test_the_figure_that_goes_best_with_authority_is_used(tmp_path, which):
    dr = figures(1, names("a", 30))
    lacking = figures(51, names("x", 4))
    best = related(2, dr | lacking, noise=40)
    other = related(3, dr | lacking, noise=400)
    del best["x03.test"]
    write_ui(tmp_path, dr, *((best, other) if which == "referring" else (other, best)))
    found = percentiles(rank(tmp_path))
    strong, weak = rank_correlation(dr, best), rank_correlation(dr, other)
    assert strong > weak > 0
    for name in ("x00.test", "x01.test", "x02.test"):
        assert found[name] == pytest.approx(0.5 + strong * (place_in(best[name], best.values()) - 0.5))
    last = place_in(other["x03.test"], other.values())
    assert found["x03.test"] == pytest.approx(0.5 + weak * (last - 0.5))


@pytest.mark.parametrize(
    ("known", "sign"), [(19, 1), (30, -1)], ids=["too few know both", "they run against each other"]
)
def test_an_unrelated_figure_is_not_used(tmp_path, known, sign):
    dr = figures(1, names("a", known))
    referring = related(2, dr | figures(9, names("x", 3)), noise=20, sign=sign)
    write_ui(tmp_path, dr, referring, {})
    found = percentiles(rank(tmp_path))
    assert [found[name] for name in names("x", 3)] == [0.5, 0.5, 0.5]


# A list that is cut by authority would show who stands above its floor.


def cut_list(lowest: float, letter: str = "fill") -> Figures:
    return {f"{letter}{place:03}.test": lowest + place * 0.5 for place in reversed(range(FULL))}


def test_who_is_missing_from_a_cut_list_stands_below_its_floor(tmp_path):
    shown = cut_list(30)
    write(tmp_path, "one.example-a.csv", "ahrefs", shown)
    write(tmp_path, "one.example-p.csv", "plain", {"x.test": None})
    write(tmp_path, "two.example-a.csv", "ahrefs", {"low.test": 5})
    write(tmp_path, "two.example-p.csv", "plain", {"y.test": None})
    # Nor do the site's own list, and a list of another metric, tell of who links to the other rival.
    write(tmp_path, "me.example-a.csv", "ahrefs", cut_list(40, "own"))
    write(tmp_path, "two.example-m.csv", "moz", cut_list(35, "other"))
    prospects = rank(tmp_path)
    found = percentiles(prospects)
    assert found["x.test"] == pytest.approx(place_in(30, [*shown.values(), 5]))
    assert found["y.test"] == 0.5
    assert column(prospects, "authority_imputed")["x.test"]


def test_who_is_missing_from_a_cut_list_stands_as_a_related_figure_says_but_below_its_floor(tmp_path):
    shown = list(cut_list(30).values())[: FULL - 3]
    lines = [f"fill{place:03}.test,{figure},1,{10 * figure}," for place, figure in enumerate(shown)]
    lines += ["few.test,,1,20,", "many.test,,1,5000,", "none.test,,1,,"]
    (tmp_path / "one.example-a.csv").write_text("\n".join([UI_HEADING, *lines]) + "\n", encoding="utf-8")
    weak = {f"weak{place:03}.test": place / 10 for place in range(150)}
    lines = [f"{name},{figure},1,{10 * figure}," for name, figure in weak.items()]
    (tmp_path / "two.example-a.csv").write_text("\n".join([UI_HEADING, *lines]) + "\n", encoding="utf-8")
    found = percentiles(rank(tmp_path))
    floor = place_in(shown[-1], [*shown, *weak.values()])
    assert found["few.test"] < floor / 2
    assert 0.5 < floor == pytest.approx(found["many.test"]) == pytest.approx(found["none.test"])


def test_the_lowest_floor_of_its_rivals_counts(tmp_path):
    high, low, higher = cut_list(40, "high"), cut_list(20, "low"), cut_list(60, "higher")
    write(tmp_path, "one.example-a.csv", "ahrefs", low)
    write(tmp_path, "one.example-b.csv", "ahrefs", higher)
    write(tmp_path, "two.example-a.csv", "ahrefs", high)
    write(tmp_path, "one.example-p.csv", "plain", {"both.test": None})
    write(tmp_path, "two.example-p.csv", "plain", {"both.test": None, "two.test": None})
    found, pool = percentiles(rank(tmp_path)), [*high.values(), *low.values(), *higher.values()]
    assert found["both.test"] == pytest.approx(place_in(20, pool))
    assert found["two.test"] == pytest.approx(place_in(40, pool))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("one.example-refdomains.csv", {"complete": True}),
        ("one.example-refdomains-exact.csv", {}),
    ],
    ids=["the user says it is complete", "it covers one URL only"],
)
def test_a_list_without_a_floor_says_nothing_of_who_is_missing(tmp_path, name, options):
    write(tmp_path, name, "ahrefs", cut_list(30))
    write(tmp_path, "one.example-p.csv", "plain", {"x.test": None})
    assert percentiles(rank(tmp_path, **options))["x.test"] == 0.5


def test_a_list_cut_without_order_says_nothing_of_who_is_missing(tmp_path):
    shown = list(cut_list(30).items())
    write(tmp_path, "one.example-a.csv", "ahrefs", dict([*shown[1::2], *shown[::2]]))
    write(tmp_path, "one.example-p.csv", "plain", {"x.test": None})
    assert percentiles(rank(tmp_path))["x.test"] == 0.5


def test_percentiles_lie_between_0_and_1(tmp_path):
    both = names("both", 22)
    write(tmp_path, "one.example-a.csv", "ahrefs", figures(1, both))
    write(tmp_path, "two.example-s.csv", "semrush", figures(2, [*both, *names("s", 3)]) | {"huge.test": 1e9})
    write(tmp_path, "two.example-m.csv", "moz", figures(3, both[:6]) | {"low.test": -5.0})
    found = percentiles(rank(tmp_path)).values()
    assert min(found) >= 0
    assert max(found) <= 1
