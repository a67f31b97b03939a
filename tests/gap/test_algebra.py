"""The laws a gap obeys, and every option against plain Python sets: in small drawn worlds, and in large ones."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise, product
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import linkgap as lg
from linkgap.domains import registrable_domain
from linkgap.schema import CATEGORIES

SITE = "me.example"
RIVALS = ("one.example", "shop.two.example", "three.example/blog/")
SITES = (SITE, *RIVALS)
DOMAIN_OF = {
    "me.example": "me.example",
    "one.example": "one.example",
    "shop.two.example": "two.example",
    "three.example/blog/": "three.example",
}
OWN = ("news.sister.example", "me.example/old/")
OWN_DOMAINS = {"sister.example", "me.example"}
PROVIDERS = ("ahrefs", "moz", "semrush")
HOSTS = (
    "a.test",
    "www.a.test",
    "b.test",
    "ann.blogspot.com",
    "bob.blogspot.com",
    "old.bob.blogspot.com",
    "c.co.uk",
    "news.c.co.uk",
    "xn--bcher-kva.test",
    "192.0.2.1",
    "localhost",
    "sister.example",
    "news.sister.example",
    "www.me.example",
    "one.example",
    "two.example",
    "shop.two.example",
    "three.example",
)
"""Several of one domain, a platform with a domain for each writer, some without a suffix, own ones and the sites."""


class Row(NamedTuple):
    """One row of an export, as the tests know it."""

    file: int
    provider: str
    site: str
    source_url: str
    lost: str | None
    nofollow: bool | None
    links: int | None

    @property
    def host(self) -> str:
        return urlsplit(self.source_url).hostname or ""

    @property
    def domain(self) -> str:
        return registrable_domain(self.host)

    @property
    def is_self_link(self) -> bool:
        return self.domain == DOMAIN_OF[self.site]

    def name(self, level: str) -> str:
        return self.host if level == "host" else self.domain

    def counts(self, *, live_only: bool, follow_only: bool) -> bool:
        return not (live_only and self.lost) and not (follow_only and self.nofollow)


class World(NamedTuple):
    """Rows, what linkgap makes of them, and the gaps that were asked for."""

    rows: tuple[Row, ...]
    links: lg.Links
    gaps: dict[str, lg.Gap]

    def gap(self, site: str = SITE, **options: object) -> lg.Gap:
        key = repr((site, sorted(options.items())))
        if key not in self.gaps:
            self.gaps[key] = lg.find_gap(self.links, site=site, **options)
        return self.gaps[key]

    def linking(
        self, *sites: str, level: str = "domain", live_only: bool = True, follow_only: bool = False
    ) -> set[str]:
        """Return the names that link to any of the sites, without the sites themselves."""
        return {
            row.name(level)
            for row in self.rows
            if row.site in sites
            and row.domain not in DOMAIN_OF.values()
            and row.counts(live_only=live_only, follow_only=follow_only)
        }


def read(rows: Iterable[Row]) -> World:
    rows = tuple(rows)
    files = [[row for row in rows if row.file == file] for file in sorted({row.file for row in rows})]
    frames = [pd.DataFrame(file).drop(columns="file").astype(object) for file in files]
    return World(rows, lg.read_links(frames, sites=SITES, complete=True), {})


rows_drawn = st.builds(
    Row,
    file=st.sampled_from((1, 2)),
    provider=st.sampled_from(PROVIDERS),
    site=st.sampled_from(SITES),
    source_url=st.builds("https://{}/{}".format, st.sampled_from(HOSTS), st.sampled_from(("", "page"))),
    lost=st.sampled_from((None, None, "2026-01-31")),
    nofollow=st.sampled_from((None, False, True)),
    links=st.sampled_from((None, 1, 3)),
)
worlds_drawn = st.lists(rows_drawn, min_size=1, max_size=24).map(read)


def large_rows(seed: int) -> Iterator[Row]:
    """Four hundred domains that know nothing of one another: each is a small world of its own."""
    random = np.random.default_rng(seed)
    for number in range(400):
        hosts = [f"d{number}.test", f"www.d{number}.test", f"blog.d{number}.test"][: random.integers(1, 4)]
        sites = random.choice(SITES, size=random.integers(1, 5), replace=False)
        providers = random.choice(PROVIDERS, size=random.integers(1, 4), replace=False)
        for _ in range(random.integers(1, 9)):
            yield Row(
                file=int(random.integers(1, 4)),
                provider=str(random.choice(providers)),
                site=str(random.choice(sites)),
                source_url=f"http://{random.choice(hosts)}/{random.integers(3)}",
                lost="2025-05-06" if random.random() < 0.3 else None,
                nofollow=(None, False, True)[random.integers(3)],
                links=(None, 1, 2, 7)[random.integers(4)],
            )


@pytest.fixture(scope="module")
def large() -> World:
    return read(large_rows(1))


@pytest.fixture(scope="module")
def large_with_one_own_list() -> World:
    """So that not every absence is proven."""
    return read(row for row in large_rows(2) if row.site != SITE or row.provider == "moz")


# The oracle: what find_gap says, written with sets and dicts.


class Options(NamedTuple):
    """The options of find_gap."""

    site: str = SITE
    rivals: tuple[str, ...] = RIVALS
    min_rivals: int = 1
    own: tuple[str, ...] = ()
    live_only: bool = True
    follow_only: bool = False
    level: str = "domain"


def expected(rows: Iterable[Row], options: Options) -> list[dict[str, object]]:
    """Work the prospects out by hand, in order of their names."""
    excluded = {DOMAIN_OF[site] for site in (options.site, *options.rivals)} | (OWN_DOMAINS if options.own else set())
    kept = [row for row in rows if not row.is_self_link]
    showing_live = {(row.file, row.provider) for row in kept if not row.lost}  # others are exports of lost links alone
    own_lists = {row.provider for row in kept if row.site == options.site and (row.file, row.provider) in showing_live}
    by_name = defaultdict(list)
    for row in kept:
        if row.domain not in excluded:
            by_name[row.name(options.level)].append(row)
    found = []
    for name, own_rows in sorted(by_name.items()):
        counting = [row for row in own_rows if row.counts(live_only=options.live_only, follow_only=options.follow_only)]
        to_rivals = [row for row in counting if row.site in options.rivals]
        linked = {row.site for row in to_rivals}
        if any(row.site == options.site for row in counting) or len(linked) < options.min_rivals:
            continue
        providers = {row.provider for row in to_rivals}
        once = any(row.lost and row.site == options.site for row in own_rows)
        found.append(
            {
                "domain": name,
                "relation": "lost" if once else "never",
                "evidence": "proven" if providers & own_lists else "likely" if own_lists else "unverified",
                "rivals_linked": len(linked),
                **{rival: rival in linked for rival in options.rivals},
                "links": links_by_hand(to_rivals, follow_only=options.follow_only),
                "follow_links": follow_links_by_hand(to_rivals),
                "providers": ", ".join(sorted(providers)),
            }
        )
    return found


def by_report(rows: Iterable[Row]) -> dict[str, dict[str, list[Row]]]:
    """Group rows by site, then by provider's report."""
    groups: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        groups[row.site][row.provider].append(row)
    return groups


def links_by_hand(rows: Iterable[Row], *, follow_only: bool = False) -> int:
    """Add up a report's files, take the largest report of each site, and add up the sites."""
    counting = [row for row in rows if not (follow_only and row.nofollow)]
    return sum(
        max(sum(row.links or 1 for row in report) for report in reports.values())
        for reports in by_report(counting).values()
    )


def follow_links_by_hand(rows: Iterable[Row]) -> int | None:
    known = by_report(row for row in rows if row.nofollow is not None)
    if not known:
        return None
    return sum(
        max(sum(0 if row.nofollow else row.links or 1 for row in report) for report in reports.values())
        for reports in known.values()
    )


def found(gap: lg.Gap) -> list[dict[str, object]]:
    left_out = [
        *("sample_url", "sample_anchor", "sample_target", "title", "language", "platform"),
        *("tactic", "tactic_evidence", "first_seen", "last_seen"),
    ]
    table = gap.frame.drop(columns=left_out).astype(object)
    return table.where(table.notna(), None).to_dict("records")


def without_unasked_sites(prospects: list[dict[str, object]], options: Options) -> list[dict[str, object]]:
    """Leave out compared sites that this question is not about: linkgap does not say whether they can be prospects."""
    unasked = {DOMAIN_OF[site] for site in set(SITES) - {options.site, *options.rivals}}
    return [each for each in prospects if registrable_domain(str(each["domain"])) not in unasked]


def agrees(world: World, options: Options) -> None:
    gap = lg.find_gap(world.links, **options._asdict())
    prospects = expected(world.rows, options)
    assert without_unasked_sites(found(gap), options) == without_unasked_sites(prospects, options)


options_drawn = st.builds(
    Options,
    own=st.sampled_from(((), OWN)),
    live_only=st.booleans(),
    follow_only=st.booleans(),
    level=st.sampled_from(("domain", "host")),
)


@st.composite
def questions_drawn(draw: Callable) -> Options:
    site, *others = draw(st.permutations(SITES))
    rivals = tuple(others[: draw(st.integers(1, len(others)))])
    return draw(options_drawn)._replace(site=site, rivals=rivals, min_rivals=draw(st.integers(1, len(rivals))))


few = settings(derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@settings(few, max_examples=12)
@given(worlds_drawn, st.lists(questions_drawn(), min_size=2, max_size=3))
def test_find_gap_agrees_with_sets_in_small_worlds(world, questions):
    for options in questions:
        agrees(world, options)


@pytest.mark.parametrize("level", ["domain", "host"])
@pytest.mark.parametrize("follow_only", [False, True])
@pytest.mark.parametrize("live_only", [False, True])
@pytest.mark.parametrize(
    ("site", "rivals", "min_rivals"),
    [(SITE, RIVALS[::-1], 1), (RIVALS[0], (SITE, *RIVALS[1:]), 2)],
    ids=["any rival, reversed", "another's view, two of them"],
)
def test_find_gap_agrees_with_sets_in_a_large_world(
    large_with_one_own_list, site, rivals, min_rivals, live_only, follow_only, level
):
    agrees(large_with_one_own_list, Options(site, rivals, min_rivals, OWN, live_only, follow_only, level))


# Laws: each says what must hold in any world.


def who_links_to_the_site_is_no_prospect(world: World) -> None:
    for live_only, follow_only in product((True, False), repeat=2):
        gap = world.gap(live_only=live_only, follow_only=follow_only)
        assert not set(gap.frame["domain"]) & world.linking(SITE, live_only=live_only, follow_only=follow_only)


def compared_and_own_sites_are_no_prospects(world: World) -> None:
    assert not set(world.gap(own=OWN).frame["domain"]) & (set(DOMAIN_OF.values()) | OWN_DOMAINS)
    hosts = world.gap(own=OWN, level="host").frame["domain"]
    assert not {registrable_domain(host) for host in hosts} & (set(DOMAIN_OF.values()) | OWN_DOMAINS)


def own_takes_out_nothing_else(world: World) -> None:
    everything = world.gap().frame
    assert_same(world.gap(own=OWN).frame, everything[~everything["domain"].isin(OWN_DOMAINS)])


def prospects_and_those_that_link_and_the_rest_are_all(world: World) -> None:
    everyone = categorised(world.gap())
    linking = set(everyone.loc[everyone["rivals_linked"] > 0, "domain"])
    assert linking == world.linking(*RIVALS)
    for least in (1, 2, 3):
        prospects = set(world.gap(min_rivals=least).frame["domain"])
        to_site = set(everyone.loc[everyone["site_links"] > 0, "domain"]) & linking
        below = set(
            everyone.loc[(everyone["site_links"] == 0) & everyone["rivals_linked"].between(1, least - 1), "domain"]
        )
        assert prospects | to_site | below == linking
        assert len(prospects) + len(to_site) + len(below) == len(linking)


def the_order_of_rivals_does_not_matter(world: World) -> None:
    first, other = world.gap(rivals=RIVALS), world.gap(rivals=(RIVALS[2], RIVALS[0], RIVALS[1]))
    assert other.rivals == (RIVALS[2], RIVALS[0], RIVALS[1])
    assert_same(other.frame[first.frame.columns], first.frame)
    assert_same(other.categories, first.categories)
    one, two = (lg.rank_prospects(gap).frame.sort_values("domain") for gap in (first, other))
    assert_same(two[one.columns], one)


def naming_a_rival_twice_or_as_an_address_changes_nothing(world: World) -> None:
    rivals = ["https://www.One.example/", "one.example", *RIVALS[1:]]
    assert_same(world.gap(rivals=rivals).frame, world.gap().frame)


def more_rivals_asked_for_means_the_rows_that_have_them(world: World) -> None:
    frames = [world.gap(min_rivals=least).frame for least in (1, 2, 3)]
    for least, (wide, narrow) in enumerate(pairwise(frames), start=2):
        assert_same(narrow, wide[wide["rivals_linked"] >= least])


def each_domain_is_in_exactly_one_category(world: World) -> None:
    for options in ({}, {"live_only": False}, {"follow_only": True}, {"level": "host"}, {"rivals": RIVALS[:1]}):
        gap = world.gap(**options)
        everyone = categorised(gap)
        assert everyone["domain"].is_unique
        compared = (SITE, *gap.rivals)
        kept = {key: value for key, value in options.items() if key != "rivals"}
        assert set(everyone["domain"]) == own_domains_aside(world.linking(*compared, **kept), world, compared, kept)
        counts = gap.categories.set_index("category")["domains"].to_dict()
        assert list(counts) == list(CATEGORIES)
        assert counts == {category: int((everyone["category"] == category).sum()) for category in CATEGORIES}
        for row in everyone.itertuples():
            assert row.category == category_by_hand(row.site_links, row.rival_links, row.rivals_linked, len(gap.rivals))


def own_domains_aside(names: set[str], world: World, compared: tuple[str, ...], options: dict[str, object]) -> set[str]:
    """Add the domains of compared sites that this question is not about."""
    unasked = {DOMAIN_OF[site] for site in SITES if site not in compared}
    level = str(options.get("level", "domain"))
    return names | {
        row.name(level)
        for row in world.rows
        if row.domain in unasked
        and row.site in compared
        and row.counts(live_only=bool(options.get("live_only", True)), follow_only=bool(options.get("follow_only")))
    }


def category_by_hand(site: int, rivals: int, linked: int, most: int) -> str:
    """Read CATEGORY_MEANING: less than to a rival on average is weak."""
    if site == 0:
        return "best" if linked == most else "unique" if linked == 1 else "weak"
    if linked == most:
        return "shared"
    return "strong" if linked == 0 or site >= rivals / linked else "weak"


def categories_count_links_as_the_prospects_do(world: World) -> None:
    gap = world.gap()
    everyone = categorised(gap).set_index("domain")
    prospects = gap.frame.set_index("domain")
    mine = everyone.loc[prospects.index]
    assert (mine["site_links"] == 0).all()
    assert (mine["rival_links"] == prospects["links"]).all()
    assert (mine["rivals_linked"] == prospects["rivals_linked"]).all()


def overlaps_are_every_combination_once(world: World) -> None:
    for options in ({}, {"live_only": False}, {"follow_only": True}, {"level": "host"}):
        gap = world.gap(**options)
        table = gap.overlaps
        who = {site: world.linking(site, **options) for site in SITES}
        everyone = set().union(*who.values())
        combinations = defaultdict(int)
        for name in everyone:
            combinations[tuple(name in who[site] for site in SITES)] += 1
        assert {tuple(row[:4]): row[5] for row in table.itertuples(index=False)} == combinations
        assert (table["sites"] == table[list(SITES)].sum(axis=1)).all()
        assert table["domains"].sum() == len(everyone) == gap.categories["domains"].sum()
        assert table["domains"].is_monotonic_decreasing
        assert table.loc[~table[SITE], "domains"].sum() == len(gap)


def where_is_a_filter_on_the_columns_of_rivals(world: World) -> None:
    one, two, three = RIVALS
    gap = world.gap()
    for present, absent in [((one,), ()), ((), (two,)), ((one, three), (two,)), ((one,), (one,)), ((), RIVALS)]:
        table = gap.frame
        wanted = table[table[list(present)].all(axis=1) & ~table[list(absent)].any(axis=1)]
        narrowed = gap.where(present=present, absent=absent)
        assert_same(narrowed.frame, wanted)
        assert len(narrowed) == len(wanted)
        assert narrowed.domains == wanted["domain"].tolist()


def where_twice_is_where_once_in_any_order(world: World) -> None:
    one, two, _ = RIVALS
    gap = world.gap()
    both = gap.where(present=[one], absent=[two]).frame
    assert_same(gap.where(present=[one]).where(absent=[two]).frame, both)
    assert_same(gap.where(absent=[two]).where(present=[one]).frame, both)
    assert_same(gap.where(present=[one], absent=[two]).where(present=[one], absent=[two]).frame, both)
    assert_same(gap.where().frame, gap.frame)


def lost_links_only_ever_add_linking_domains(world: World) -> None:
    live, all_links = categorised(world.gap()), categorised(world.gap(live_only=False))
    wide = all_links.set_index("domain")
    for row in live.itertuples():
        assert wide.loc[row.domain, "site_links"] >= row.site_links
        assert wide.loc[row.domain, "rivals_linked"] >= row.rivals_linked
    assert not (world.gap(live_only=False).frame["relation"] == "lost").any()
    back = world.linking(SITE, live_only=False)
    assert set(world.gap().frame.query("relation == 'lost'")["domain"]) == set(world.gap().frame["domain"]) & back


def following_only_ever_takes_links_away(world: World) -> None:
    every, followed = categorised(world.gap()).set_index("domain"), categorised(world.gap(follow_only=True))
    for row in followed.itertuples():
        assert every.loc[row.domain, "rivals_linked"] >= row.rivals_linked
        assert every.loc[row.domain, "site_links"] >= row.site_links
        assert every.loc[row.domain, "rival_links"] >= row.rival_links
    known = world.gap(follow_only=True).frame["follow_links"].dropna()
    assert (known > 0).all()


def hosts_refine_domains(world: World) -> None:
    domains, hosts = categorised(world.gap()), categorised(world.gap(level="host"))
    hosts["of"] = hosts["domain"].map(registrable_domain)
    assert set(hosts["of"]) == set(domains["domain"])
    most = hosts.groupby("of")["rivals_linked"].max()
    for row in domains.itertuples():
        assert row.rivals_linked >= most[row.domain]
    # A domain is a prospect when none of its hosts links to the site: then those that link to a rival are prospects.
    prospects = set(world.gap().frame["domain"])
    linking = hosts[(hosts["rivals_linked"] > 0) & hosts["of"].isin(prospects)]
    assert set(linking["domain"]) <= set(world.gap(level="host").frame["domain"])
    assert set(linking["of"]) == prospects


def a_gap_does_not_change_when_others_are_asked(world: World) -> None:
    questions = ({"site": SITE}, {"site": SITE, "level": "host"}, {"site": RIVALS[0], "follow_only": True})
    asked = [lg.find_gap(world.links, **question) for question in questions]
    late = [tables(gap) for gap in asked]
    for question, found_late in zip(questions, late, strict=True):
        at_once = tables(lg.find_gap(world.links, **question))
        for one, other in zip(found_late, at_once, strict=True):
            assert_same(one, other)


def tables(gap: lg.Gap) -> tuple[pd.DataFrame, ...]:
    return gap.frame, gap.categories, gap.overlaps, lg.rank_prospects(gap).frame


def reading_twice_gives_the_same(world: World) -> None:
    again = read(world.rows)
    assert_same(again.gap().frame, world.gap().frame)
    shuffled = read(reversed(world.rows))
    assert_same(shuffled.gap().frame, world.gap().frame)


LAWS = (
    who_links_to_the_site_is_no_prospect,
    compared_and_own_sites_are_no_prospects,
    own_takes_out_nothing_else,
    prospects_and_those_that_link_and_the_rest_are_all,
    the_order_of_rivals_does_not_matter,
    naming_a_rival_twice_or_as_an_address_changes_nothing,
    more_rivals_asked_for_means_the_rows_that_have_them,
    each_domain_is_in_exactly_one_category,
    categories_count_links_as_the_prospects_do,
    overlaps_are_every_combination_once,
    where_is_a_filter_on_the_columns_of_rivals,
    where_twice_is_where_once_in_any_order,
    lost_links_only_ever_add_linking_domains,
    following_only_ever_takes_links_away,
    hosts_refine_domains,
    a_gap_does_not_change_when_others_are_asked,
    reading_twice_gives_the_same,
)


def categorised(gap: lg.Gap) -> pd.DataFrame:
    return pd.concat(
        [gap.in_category(category).assign(category=category) for category in CATEGORIES], ignore_index=True
    )


def assert_same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True), check_dtype=len(other) > 0)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law_in_a_large_world(large, law):
    law(large)


@settings(few, max_examples=6)
@given(worlds_drawn, st.lists(st.sampled_from(LAWS), min_size=2, max_size=3, unique=True))
def test_laws_in_small_worlds(world, laws):
    for law in laws:
        law(world)


def test_a_world_by_hand():
    # domain  me  one  two  three
    # a       x   x
    # b           x    x    x
    # c           x         lost
    # d       lost     x
    # e                x (nofollow)
    rows = [
        ("me.example", "https://a.test/", None, False),
        ("one.example", "https://a.test/", None, False),
        *((rival, "https://b.test/", None, False) for rival in RIVALS),
        ("one.example", "https://c.test/", None, False),
        ("three.example/blog/", "https://c.test/", "2026-01-31", False),
        ("me.example", "https://d.test/", "2026-01-31", False),
        ("shop.two.example", "https://d.test/", None, None),
        ("shop.two.example", "https://e.test/", None, True),
    ]
    world = read(Row(1, "moz", site, url, lost, nofollow, None) for site, url, lost, nofollow in rows)
    table = world.gap().frame
    assert table[["domain", "relation", "evidence", "rivals_linked"]].to_numpy().tolist() == [
        ["b.test", "never", "proven", 3],
        ["c.test", "never", "proven", 1],
        ["d.test", "lost", "proven", 1],
        ["e.test", "never", "proven", 1],
    ]
    yours = {"site": SITE, "own": ["https://www.one.example/"]}
    assert lg.find_gap(world.links, **yours).rivals == tuple(sorted(RIVALS[1:]))
    assert lg.find_gap(world.links, **yours, rivals=RIVALS).rivals == RIVALS
    assert world.gap(min_rivals=2).domains == ["b.test"]
    assert world.gap(min_rivals=2, live_only=False).domains == ["b.test", "c.test"]
    assert world.gap(follow_only=True).domains == ["b.test", "c.test", "d.test"]
    assert world.gap(live_only=False).domains == ["b.test", "c.test", "e.test"]
    assert world.gap().categories["domains"].tolist() == [1, 0, 1, 0, 3]
    assert repr(world.gap()) == "4 domains link to at least 1 of 3 rivals and not to me.example (4 proven)"
    assert repr(world.gap(min_rivals=2)) == (
        "1 domain links to at least 2 of 3 rivals and not to me.example (1 proven)"
    )
