"""Two states of the links: tables worked by hand, laws and an oracle in drawn worlds, and real crawls."""

import datetime as dt
import gzip
import itertools
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import linkgap as lg
from linkgap.domains import registrable_domain
from linkgap.errors import InvalidArgumentError, UnknownSiteError
from linkgap.gap.change_tables import links_by_domain
from linkgap.schema import CHANGED_GAPS, CHANGED_LINKS, CHANGED_OUTREACH, CHANGED_SITES
from linkgap.terminal import changes_lines

SITE, RIVAL, OTHER = "me.example", "one.example", "two.example"
SITES = [SITE, RIVAL, OTHER]
FULL = 100
"""A list of so many rows is as long as a vendor's cap."""

LINES = {
    "ahrefs": ("domain,domain_rating,dofollow_links,lost", "{domain},{authority},2,{lost}"),
    "semrush": ("Domain ascore,Domain,Backlinks", "{authority},{domain},2"),
    "dataforseo": ("domain,rank,backlinks,referring_pages,lost_date", "{domain},{authority},2,1,{lost}"),
    "search_console": ("Site,Linking pages,Target pages", "{domain},2,1"),
}

Rows = Iterable[tuple[str, float] | tuple[str, float, str]]


def write(folder: Path, name: str, provider: str, rows: Rows) -> Path:
    heading, line = LINES[provider]
    full = [(*row, "")[:3] for row in rows]
    lines = [heading, *(line.format(domain=name, authority=dr, lost=lost) for name, dr, lost in full)]
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def ranked(number: int, *, lowest: float = 40) -> Iterator[tuple[str, float]]:
    """Domains in descending order of authority, the last at `lowest`."""
    for place in reversed(range(number)):
        yield f"fill{place:03}.test", lowest + place * 0.5


def unranked(number: int) -> list[tuple[str, float]]:
    rows = list(ranked(number))
    return [*rows[1::2], *rows[::2]]


def became(changes: lg.Changes, domain: str, site: str = SITE) -> tuple[str, str | None]:
    rows = changes.frame[(changes.frame["domain"] == domain) & (changes.frame["site"] == site)]
    assert len(rows) == 1
    return rows["change"].iloc[0], rows["absence"].iloc[0]


def both_ways(old: lg.Links, new: lg.Links, domain: str) -> list[tuple[str, str | None]]:
    """What became of a domain, and what would have, had time run backwards."""
    return [became(lg.compare_links(*pair, site=SITE), domain) for pair in ((old, new), (new, old))]


# x.test, authority 60, stands in the first state's Ahrefs list of every site. What the site's list is in the second
# state decides. The first site's lists stay whole, so that x.test is known there in both states.

WHOLE = [("known.test", 50), ("also.test", 10)]
CALLED_LOST = ("x.test", 60, "2026-10-01")

SECOND_STATES = {
    "whole": ("list.csv", "ahrefs", WHOLE, "lost", "complete list"),
    "empty": ("list.csv", "ahrefs", [], "lost", "complete list"),
    "whole-lost": ("list.csv", "ahrefs", [*WHOLE, CALLED_LOST], "lost", "complete list"),
    "cut-lost": ("list.csv", "ahrefs", [*unranked(FULL - 1), CALLED_LOST], "lost", "reported gone"),
    "cut-below": ("list.csv", "ahrefs", list(ranked(FULL)), "lost", "above the cut"),
    "cut-at": ("list.csv", "ahrefs", list(ranked(FULL, lowest=60)), "unverified", "below the cut"),
    "cut-above": ("list.csv", "ahrefs", list(ranked(FULL, lowest=70)), "unverified", "below the cut"),
    "cut-by-rows": ("list.csv", "ahrefs", unranked(FULL), "unverified", "cut list"),
    "one-url": ("list-exact_2026-10-22.csv", "ahrefs", WHOLE, "unverified", "sample or part"),
    "new-links": ("refdomains-new.csv", "ahrefs", WHOLE, "unverified", "sample or part"),
    "part-lost": ("list-exact_2026-10-22.csv", "ahrefs", [*WHOLE, CALLED_LOST], "unverified", "sample or part"),
    "other-provider": ("list.csv", "semrush", WHOLE, "unverified", "no such list"),
    "other-lost": ("list.csv", "dataforseo", [*WHOLE, CALLED_LOST], "unverified", "no such list"),
    "other-sample": ("list.csv", "search_console", WHOLE, "unverified", "no such list"),
    "no-list": (None, "", [], "unverified", "no such list"),
}


def test_what_the_lists_of_the_other_state_prove(tmp_path):
    sites = {case: f"case{number}.example" for number, case in enumerate(SECOND_STATES)}
    for case, (name, provider, rows, *_) in SECOND_STATES.items():
        write(tmp_path / "old", f"{sites[case]}-list.csv", "ahrefs", [*WHOLE, ("x.test", 60)])
        if name:
            write(tmp_path / "new", f"{sites[case]}-{name}", provider, rows)
    for state in ("old", "new"):
        write(tmp_path / state, f"{SITE}-list.csv", "ahrefs", [("x.test", 60)])
    old, new = (lg.read_links(tmp_path / state, sites=[SITE, *sites.values()]) for state in ("old", "new"))
    forth, back = lg.compare_links(old, new, site=SITE), lg.compare_links(new, old, site=SITE)
    found = {case: [became(changes, "x.test", site) for changes in (forth, back)] for case, site in sites.items()}
    assert found == {
        case: [(change, absence), ("new" if change == "lost" else change, absence)]
        for case, (*_, change, absence) in SECOND_STATES.items()
    }


def test_a_plain_list_does_not_prove_what_another_plain_list_lacks(tmp_path):
    for state, names in (("old", "known.test\nx.test\n"), ("new", "known.test\nalso.test\n")):
        write(tmp_path / state, "one.example-list.csv", "ahrefs", WHOLE)
        (tmp_path / state / f"{SITE}.txt").write_text(names, encoding="utf-8")
    old, new = (lg.read_links(tmp_path / state) for state in ("old", "new"))
    assert both_ways(old, new, "x.test") == [("unverified", "no such list")] * 2
    assert "headings source_domain and provider" in lg.compare_links(old, new, site=SITE).notes[-1]
    for state in ("old", "new"):
        names = (tmp_path / state / f"{SITE}.txt").read_text(encoding="utf-8").split()
        named = "".join(f"{name},our crawler\n" for name in names)
        (tmp_path / state / f"{SITE}.txt").write_text(f"source_domain,provider\n{named}", encoding="utf-8")
    old, new = (lg.read_links(tmp_path / state) for state in ("old", "new"))
    assert both_ways(old, new, "x.test") == [("lost", "complete list"), ("new", "complete list")]


def test_a_list_of_links_that_is_cut_does_not_prove_that_the_last_one_went(tmp_path):
    heading = "url_from,url_to,domain_rating_source,is_lost\n"
    line = "https://{}/page,https://me.example/,60,{}\n"
    fill = "".join(line.format(f"fill{place}.test", "false") for place in range(FULL - 1))
    for state, lost in (("old", "false"), ("new", "true")):
        write(tmp_path / state, "one.example-list.csv", "ahrefs", [("y.test", 20)])
        text = heading + fill + line.format("x.test", lost)
        (tmp_path / state / "me.example-links.csv").write_text(text, encoding="utf-8")
    old, new = (lg.read_links(tmp_path / state) for state in ("old", "new"))
    assert both_ways(old, new, "x.test") == [("unverified", "cut list")] * 2


# Where the second state shows no authority of the domain, the last one counts, less what such figures usually fall by.


@pytest.mark.parametrize(
    ("common", "fall", "proven"),
    [
        (100, 0, {40: False, 40.5: True, 43: True, 43.5: True}),
        (100, 3, {40: False, 40.5: False, 43: False, 43.5: True}),
        (100, -3, {40: False, 40.5: True, 43: True, 43.5: True}),
        (20, 0, {40: False, 40.5: True, 43: True, 43.5: True}),
        (19, 0, {40: False, 40.5: False, 43: False, 43.5: False}),
    ],
)
def test_authority_from_the_other_state_allows_for_its_fall(tmp_path, common, fall, proven):
    fills = list(ranked(FULL))
    earlier = [(name, authority + fall) for name, authority in fills[:common]]
    gone = [(f"x{10 * authority:.0f}.test", authority) for authority in proven]
    write(tmp_path / "old", "me.example-list.csv", "ahrefs", [*earlier, *gone])
    write(tmp_path / "new", "me.example-list.csv", "ahrefs", fills)
    for state in ("old", "new"):
        write(tmp_path / state, "one.example-list.csv", "semrush", [("y.test", 20)])
    old, new = lg.read_links(tmp_path / "old", complete=True), lg.read_links(tmp_path / "new")
    changes = lg.compare_links(old, new, site=SITE)
    words = {True: ("lost", "above the cut"), False: ("unverified", "below the cut")}
    assert [became(changes, domain) for domain, _ in gone] == [words[each] for each in proven.values()]


def test_an_authority_of_the_lists_own_state_counts_before_that_of_the_other(tmp_path):
    fills = list(ranked(FULL - 1))
    gone = [("sank.test", 60), ("rose.test", 10), ("me.blogspot.com", 60), ("other.test", 60)]
    write(tmp_path / "old", "me.example-list.csv", "ahrefs", [*fills, *gone])
    write(tmp_path / "new", "me.example-list.csv", "ahrefs", [("blogspot.com", 95), *fills])
    write(tmp_path / "new", "one.example-list.csv", "ahrefs", [("sank.test", 10), ("rose.test", 60)])
    write(tmp_path / "new", "two.example-list.csv", "ahrefs", [("rose.test", 5)])
    write(tmp_path / "new", "two.example-other.csv", "semrush", [("other.test", 10)])
    for rival in (RIVAL, OTHER):
        write(tmp_path / "old", f"{rival}-list.csv", "ahrefs", [("y.test", 20)])
    old, new = lg.read_links(tmp_path / "old", complete=True), lg.read_links(tmp_path / "new")
    changes = lg.compare_links(old, new, site=SITE)
    latest = changes.frame.groupby("domain")["authority"].agg(set)
    assert (latest["sank.test"], latest["rose.test"], latest["other.test"]) == ({10}, {60}, {60})
    assert became(changes, "sank.test") == ("unverified", "below the cut")
    assert became(changes, "rose.test") == ("lost", "above the cut")
    assert became(changes, "other.test") == ("lost", "above the cut")
    assert became(changes, "me.blogspot.com") == ("unverified", "below the cut")


# Two months, worked by hand: y for a live link.
#
#            before            after
#            me  one  two      me  one  two    link to me    gap (any rival)        gap (both rivals)
# both.test  y   y    -        y   y    -      kept          -                      -
# won.test   -   y    -        y   y    -      new           closed: links now      -
# went.test  y   y    y        -   y    y      lost          new: no longer         new: no longer
# more.test  -   y    -        -   y    y      -             open                   new: more rivals
# less.test  -   y    y        -   y    -      -             open                   closed: fewer rivals
# gone.test  -   y    -        -   -    -      -             closed: fewer rivals   -
# late.test  -   -    -        -   -    y      -             new: more rivals       -
# away.test  y   -    -        -   -    -      lost          -                      -

BEFORE = {
    SITE: ["both.test", "went.test", "away.test"],
    RIVAL: ["both.test", "won.test", "went.test", "more.test", "less.test", "gone.test"],
    OTHER: ["went.test", "less.test"],
}
AFTER = {
    SITE: ["both.test", "won.test"],
    RIVAL: ["both.test", "won.test", "went.test", "more.test", "less.test"],
    OTHER: ["went.test", "more.test", "late.test"],
}
ANY_RIVAL = {
    "went.test": ("new", "no longer links to the site"),
    "late.test": ("new", "links to more rivals"),
    "won.test": ("closed", "links to the site now"),
    "gone.test": ("closed", "links to fewer rivals"),
    "more.test": ("open", None),
    "less.test": ("open", None),
}
BOTH_RIVALS = {
    "went.test": ("new", "no longer links to the site"),
    "more.test": ("new", "links to more rivals"),
    "less.test": ("closed", "links to fewer rivals"),
}


def links_of(state: Mapping[str, Iterable[str]], **options: object) -> lg.Links:
    rows = [{"site": site, "source_domain": domain} for site, domains in state.items() for domain in domains]
    return lg.read_links(pd.DataFrame(rows), sites=SITES, **options)


@pytest.fixture(scope="module")
def months() -> tuple[lg.Links, lg.Links]:
    return links_of(BEFORE), links_of(AFTER)


@pytest.fixture(scope="module")
def changes(months) -> lg.Changes:
    return lg.compare_links(*months, site=SITE)


def test_two_months_by_hand(changes):
    assert changes.sites.to_numpy().tolist() == [
        [SITE, 3, 2, 1, 1, 0, 2, 0],
        [RIVAL, 6, 5, 5, 0, 0, 1, 0],
        [OTHER, 2, 3, 1, 2, 0, 1, 0],
    ]
    own = changes.frame[changes.frame["site"] == SITE]
    assert own[["domain", "change", "before", "after", "absence"]].to_numpy().tolist() == [
        ["away.test", "lost", True, False, "complete list"],
        ["both.test", "kept", True, True, None],
        ["went.test", "lost", True, False, "complete list"],
        ["won.test", "new", False, True, "complete list"],
    ]
    assert repr(changes) == ("me.example: 1 new, 2 lost and 1 kept referring domains; 2 new gaps, 2 closed")
    assert changes.notes == ()


def gaps_of(changes: lg.Changes) -> dict[str, tuple[str, str | None]]:
    rows = changes.gaps[["domain", "change", "reason"]].to_numpy().tolist()
    return {domain: (change, reason) for domain, change, reason in rows}


def test_gaps_by_hand(months, changes):
    assert gaps_of(changes) == ANY_RIVAL
    assert gaps_of(lg.compare_links(*months, site=SITE, min_rivals=2)) == BOTH_RIVALS
    table = changes.gaps.set_index("domain")
    assert table.loc["more.test", ["rivals_before", "rivals_after"]].tolist() == [1, 2]
    assert table.loc["went.test", ["rank_before", "rank_after", "priority_before"]].isna().tolist() == [
        True,
        False,
        True,
    ]
    assert list(changes.gaps["change"]) == ["new", "new", "closed", "closed", "open", "open"]


def test_ranks_are_those_of_rank_prospects(months, changes):
    for name, links in zip(("before", "after"), months, strict=True):
        ranked = lg.rank_prospects(lg.find_gap(links, site=SITE)).frame.set_index("domain")
        table = changes.gaps[changes.gaps[name]].set_index("domain")
        assert table[f"rank_{name}"].sort_index().tolist() == ranked["rank"].sort_index().tolist()
        assert table[f"priority_{name}"].sort_index().tolist() == ranked["priority"].sort_index().tolist()


def test_newcomers_push_nobody_down(changes):
    table = changes.gaps.set_index("domain")
    # more.test goes past less.test; went.test and late.test are new and take places of their own
    assert (table.loc["more.test", "moved"], table.loc["less.test", "moved"]) == (1, -1)
    assert changes.ranks["domain"].tolist() == ["more.test", "less.test"]
    assert table["moved"].notna().sum() == 2


def test_what_moved_most_stands_first_and_what_stayed_is_left_out():
    prospects = {"a.test": (90, 60), "b.test": (80, 80), "c.test": (70, 70), "d.test": (10, 10)}
    rows = [(RIVAL, domain, *figures) for domain, figures in prospects.items()]
    rows.append((SITE, "friend.test", 5, 5))
    won = [(SITE, "low.test", 20), (SITE, "high.test", 70)]
    before, after = (
        lg.read_links(
            pd.DataFrame(
                [*((*row[:2], row[place]) for row in rows), *more], columns=["site", "source_domain", "authority"]
            ),
            complete=True,
        )
        for place, more in ((2, []), (3, won))
    )
    changes = lg.compare_links(before, after, site=SITE)
    assert changes.ranks[["domain", "moved"]].to_numpy().tolist() == [["a.test", -2], ["b.test", 1], ["c.test", 1]]
    assert [row["domain"] for row in changes.summary["new_links"]] == ["high.test", "low.test"]
    printed = "\n".join(changes_lines(changes, show=5))
    assert printed.index("high.test") < printed.index("low.test")


def test_gaps_that_a_cut_list_cannot_tell(months):
    before, _ = months
    cut = lg.compare_links(before, links_of(AFTER, complete=False), site=SITE)
    # Nothing that went is proven: went.test may still link to the site, gone.test to its rival. What came did come.
    assert gaps_of(cut) == ANY_RIVAL | {
        "went.test": ("unverified", "no longer links to the site"),
        "gone.test": ("unverified", "links to fewer rivals"),
    }
    assert not (cut.frame["change"] == "lost").any()
    found = "me.example: 1 new, 0 lost and 1 kept referring domains (2 unverified)"
    assert repr(cut) == f"{found}; 1 new gap, 1 closed (2 unverified)"
    assert cut.notes == (
        "me.example: 2 domains are only in the old lists, and may still link (2 cut list).",
        "one.example: 1 domain is only in the old lists, and may still link (1 cut list).",
        "two.example: 1 domain is only in the old lists, and may still link (1 cut list).",
    )
    back = lg.compare_links(links_of(AFTER, complete=False), before, site=SITE)
    assert not (back.frame["change"] == "new").any()
    assert "0 new, 1 lost and 1 kept referring domains (2 unverified); " in repr(back)


# Options.


def test_options_are_those_of_find_gap():
    rows = [
        {"site": SITE, "source_url": "https://blog.a.test/x", "nofollow": False},
        {"site": RIVAL, "source_url": "https://www.b.test/x", "nofollow": False},
        {"site": RIVAL, "source_url": "https://sister.test/x", "nofollow": False},
    ]
    later = [
        {"site": SITE, "source_url": "https://shop.a.test/x", "nofollow": False},
        {"site": RIVAL, "source_url": "https://www.b.test/x", "nofollow": True},
        {"site": RIVAL, "source_url": "https://other.test/x", "nofollow": False},
    ]
    old, new = (lg.read_links(pd.DataFrame(each), sites=SITES[:2]) for each in (rows, later))

    def counts(**options: object) -> list[list[int]]:
        table = lg.compare_links(old, new, site=SITE, **options).sites
        return table[["kept", "new", "lost"]].to_numpy().tolist()

    assert counts() == [[1, 0, 0], [1, 1, 1]]
    assert counts(level="host") == [[0, 1, 1], [1, 1, 1]]
    assert counts(follow_only=True) == [[1, 0, 0], [0, 1, 2]]
    assert counts(own=["sister.test"]) == [[1, 0, 0], [1, 1, 0]]
    with pytest.raises(InvalidArgumentError, match=rf"there is none for {SITE}\. Read a rival's links too"):
        counts(own=[RIVAL])
    hosts = lg.compare_links(old, new, site=SITE, level="host")
    assert hosts.frame["domain"].tolist() == ["blog.a.test", "shop.a.test", "other.test", "sister.test", "www.b.test"]
    assert repr(hosts).startswith("me.example: 1 new, 1 lost and 0 kept referring hosts")


def test_a_list_of_domains_does_not_say_which_host_linked(tmp_path):
    rows = [f"https://www.x.test/,https://{site}/,50,a,text" for site in SITES[:2]]
    for site, row in zip(SITES[:2], rows, strict=True):
        write(tmp_path / "old", f"{site}-refdomains.csv", "ahrefs", [("x.test", 50)])
        lines = ["Referring page URL,Target URL,Domain rating,Anchor,Type", row]
        (tmp_path / "new").mkdir(exist_ok=True)
        (tmp_path / "new" / f"{site}-backlinks.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    old, new = (lg.read_links(tmp_path / state, sites=SITES[:2]) for state in ("old", "new"))
    assert set(lg.compare_links(old, new, site=SITE).frame["change"]) == {"kept"}
    for pair in ((old, new), (new, old)):
        changes = lg.compare_links(*pair, site=SITE, level="host")
        assert changes_in(changes) == {
            (site, host): "unverified" for site in SITES[:2] for host in ("x.test", "www.x.test")
        }
        assert became(changes, "x.test")[1] == "no such list"


def test_a_platform_that_a_list_of_domains_folds_into_one_row(tmp_path):
    rows = {"before": ("me.blogspot.com", "w.github.io"), "after": ("blogspot.com", "github.com")}
    for state, names in rows.items():
        (tmp_path / state).mkdir()
        write(tmp_path / state, f"{SITE}-ahrefs.csv", "ahrefs", [(name, 50, "") for name in (*names, "gitlab.io")])
        write(tmp_path / state, f"{RIVAL}-ahrefs.csv", "ahrefs", [("x.test", 50, "")])
    # The rival's are links: that from a page on the platform itself is one of its own, whatever lists of others fold.
    for state, page in (("before", "my.{}/"), ("after", "{}/about")):
        lines = [f"https://{page.format(name)},https://{RIVAL}/,60\n" for name in ("github.io", "gitlab.io")]
        text = "".join(["url_from,url_to,domain_rating_source\n", *lines])
        (tmp_path / state / f"{RIVAL}-links.csv").write_text(text, encoding="utf-8")
    changes = lg.compare_links(*(lg.read_links(tmp_path / state) for state in rows), site=SITE)
    for name in ("github.io", "gitlab.io"):
        assert became(changes, name, RIVAL) == ("new", "complete list")
        assert became(changes, f"my.{name}", RIVAL) == ("lost", "complete list")
    own = changes.frame[changes.frame["site"] == SITE]
    assert own[["domain", "change", "absence"]].to_numpy().tolist() == [
        ["blogspot.com", "unverified", "sample or part"],
        ["github.com", "new", "complete list"],
        ["gitlab.io", "kept", None],
        ["me.blogspot.com", "unverified", "sample or part"],
        ["w.github.io", "lost", "complete list"],
    ]


def test_lost_links_count_when_asked(tmp_path):
    write(tmp_path / "old", "me.example-list.csv", "ahrefs", [("x.test", 60)])
    write(tmp_path / "new", "me.example-list.csv", "ahrefs", [("x.test", 60, "2026-10-01")])
    for state in ("old", "new"):
        write(tmp_path / state, "one.example-list.csv", "ahrefs", [("y.test", 20)])
    old, new = (lg.read_links(tmp_path / state) for state in ("old", "new"))
    assert became(lg.compare_links(old, new, site=SITE, live_only=False), "x.test") == ("kept", None)


def test_the_ranking_is_as_asked(months):
    rivals = {RIVAL: 0, OTHER: 1}
    asked = lg.compare_links(*months, site=SITE, ranking={"rival_weights": rivals})
    prospects = lg.rank_prospects(lg.find_gap(months[1], site=SITE), rival_weights=rivals)
    assert asked.after.settings == prospects.settings
    again = lg.compare_links(*months, site=SITE, ranking=prospects.settings)
    assert_frame_equal(again.gaps, asked.gaps)


def test_links_that_were_saved_tell_the_same(tmp_path):
    write(tmp_path / "old", "me.example-list.csv", "ahrefs", [("x.test", 60), ("y.test", 30)])
    write(tmp_path / "new", "me.example-list.csv", "ahrefs", list(ranked(FULL)))
    for state in ("old", "new"):
        write(tmp_path / state, "one.example-list.csv", "ahrefs", [("x.test", 60), ("y.test", 30), ("z.test", 20)])
    old, new = (lg.read_links(tmp_path / state) for state in ("old", "new"))
    kept = [lg.read_links(links.save(tmp_path / f"{name}.parquet")) for name, links in (("old", old), ("new", new))]
    changes, again = (lg.compare_links(*pair, site=SITE) for pair in ((old, new), kept))
    assert became(changes, "x.test") == ("lost", "above the cut")
    assert became(changes, "y.test") == ("unverified", "below the cut")
    assert_frame_equal(again.frame, changes.frame)
    assert_frame_equal(again.gaps, changes.gaps)


def test_sites_of_one_state_only():
    old = lg.read_links(pd.DataFrame([(SITE, "a.test"), (RIVAL, "b.test")], columns=["site", "source_domain"]))
    new = lg.read_links(
        pd.DataFrame([(SITE, "a.test"), (RIVAL, "b.test"), (OTHER, "b.test")], columns=["site", "source_domain"])
    )
    changes = lg.compare_links(old, new, site=SITE)
    assert changes.rivals == (RIVAL,)
    assert changes.notes == ("two.example is only in the new links and was not compared.",)
    assert lg.compare_links(old, new, site=SITE, rivals=[RIVAL]).notes == ()


def test_months_the_wrong_way_round(tmp_path):
    days = {"old": ("10-22", "10-25"), "new": ("09-22", "09-20"), "mixed": ("09-22", "10-24")}
    for state, exported in days.items():
        for site, day in zip((SITE, RIVAL), exported, strict=True):
            write(tmp_path / state, f"{site}-list-subdomains_2026-{day}.csv", "ahrefs", [("a.test", 20)])
    old, new, mixed = (lg.read_links(tmp_path / state) for state in days)
    assert lg.compare_links(old, mixed, site=SITE).notes == ()
    changes = lg.compare_links(old, new, site=SITE)
    assert changes.notes == (
        "The old links were exported on 2026-10-22 or later, the new ones on 2026-09-22 or earlier: swap them.",
    )


@pytest.mark.parametrize(("told", "when", "what"), [(1, "new", "lost"), (0, "old", "new")])
def test_followed_links_that_one_month_alone_tells(told, when, what):
    rows = [(site, f"https://{domain}.test/x") for site, domain in ((SITE, "a"), (RIVAL, "b"))]
    silent = pd.DataFrame(rows, columns=["site", "source_url"])
    months = [silent.assign(nofollow=True) if place == told else silent for place in (0, 1)]
    links = [lg.read_links(each, sites=SITES[:2]) for each in months]
    changes = lg.compare_links(*links, site=SITE, follow_only=True)
    assert changes.frame["change"].tolist() == [what, what]
    (note,) = changes.notes
    assert note == (
        f"Only the {when} exports say which links are followed, and links without this information count: "
        f"those that were never followed are reported as {what}."
    )
    assert lg.compare_links(*links, site=SITE).notes == ()


# Outreach.


@pytest.fixture
def book(tmp_path) -> lg.Outreach:
    moment = dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC)
    return lg.open_outreach(tmp_path / "outreach.sqlite", site=SITE, by="Kim", clock=lambda: moment)


def test_outreach_is_confirmed_or_flagged(months, book):
    book.set(["won.test", "went.test", "late.test"], status="won")
    book.set("both.test", status="replied")
    book.set("gone.test", status="contacted")
    book.set("away.test", status="rejected")
    table = lg.compare_links(*months, site=SITE, outreach=book).outreach
    assert table.to_numpy().tolist() == [
        ["both.test", "replied", "not marked", True, "kept", None],
        ["late.test", "won", "not seen", True, None, None],
        ["went.test", "won", "lost again", True, "lost", "complete list"],
        ["won.test", "won", "confirmed", False, "new", "complete list"],
    ]


def test_outreach_without_anything_to_say(months, book):
    table = lg.compare_links(*months, site=SITE, outreach=book).outreach
    assert table.shape == (0, len(CHANGED_OUTREACH))
    assert lg.compare_links(*months, site=SITE).outreach is None


def test_what_went_unproven_is_not_called_lost_again(months, book):
    book.set("went.test", status="won")
    cut = links_of(AFTER, complete=False)
    table = lg.compare_links(months[0], cut, site=SITE, outreach=book).outreach
    assert table.to_numpy().tolist() == [["went.test", "won", "not seen", True, "unverified", "cut list"]]


@pytest.mark.parametrize(
    ("lost_before", "lost_after", "outcome"),
    [
        ([], ["2026-09-20"], "not seen"),
        (["2026-08-01"], ["2026-08-01", "2026-09-20"], "not seen"),
        ([], ["2026-10-01"], "lost again"),
        ([], [], "lost again"),
        (["2026-09-20"], ["2026-09-20"], "lost again"),
    ],
)
def test_a_link_that_went_before_it_was_won_back_is_not_lost_again(book, lost_before, lost_after, outcome):
    """A live link before; after, none, and links that were found gone on some days. Won on the first of October."""
    others = [(RIVAL, "https://back.test/", None), (SITE, "https://kept.test/", None)]
    live = [(SITE, "https://back.test/new", None)]
    gone = [[(SITE, f"https://back.test/{day}", day) for day in days] for days in (lost_before, lost_after)]
    before, after = (
        lg.read_links(pd.DataFrame(rows, columns=["site", "source_url", "lost"]), sites=[SITE, RIVAL], complete=True)
        for rows in (others + live + gone[0], others + gone[1])
    )
    book.set("back.test", status="won")
    table = lg.compare_links(before, after, site=SITE, outreach=book).outreach
    assert table[["domain", "outcome", "change"]].to_numpy().tolist() == [["back.test", outcome, "lost"]]


def hosts_linking(*hosts: str) -> lg.Links:
    rows = [(SITE, f"https://{host}/") for host in hosts] + [(RIVAL, "https://a.test/")]
    frame = pd.DataFrame(rows, columns=["site", "source_url"])
    return lg.read_links(frame, complete=True)


def test_outreach_is_by_domain_where_hosts_are_compared(book):
    before = hosts_linking("www.kept.test", "en.moved.test", "www.went.test", "fr.went.test")
    after = hosts_linking("www.kept.test", "fr.moved.test", "blog.came.test", "www.late.test", "de.late.test")
    book.set(["kept.test", "moved.test", "went.test", "came.test"], status="won")
    book.set("late.test", status="contacted")
    by_host, by_domain = (
        lg.compare_links(before, after, site=SITE, level=level, outreach=book).outreach for level in ("host", "domain")
    )
    assert by_host[["domain", "outcome", "change"]].to_numpy().tolist() == [
        ["late.test", "not marked", "new"],
        ["went.test", "lost again", "lost"],
        ["came.test", "confirmed", "new"],
        ["kept.test", "confirmed", "kept"],
        ["moved.test", "confirmed", "kept"],
    ]
    assert_frame_equal(by_host, by_domain)


@pytest.mark.parametrize("level", ["domain", "host"])
def test_a_lost_link_is_none_that_was_won_without_a_mark(book, level):
    rows = [
        (SITE, "https://gone.test/", "2026-08-01"),
        (SITE, "https://live.test/", None),
        (RIVAL, "https://a.test/", None),
    ]
    links = lg.read_links(pd.DataFrame(rows, columns=["site", "source_url", "lost"]))
    book.set("gone.test", status="contacted")
    book.set("live.test", status="shortlisted")
    table = lg.compare_links(links, links, site=SITE, outreach=book, live_only=False, level=level).outreach
    assert table[["domain", "outcome", "change"]].to_numpy().tolist() == [["live.test", "not marked", "kept"]]


def test_outreach_by_domain_is_unverified_where_a_host_may_have_linked(book):
    before, after = hosts_linking("www.went.test", "fr.went.test"), hosts_linking("www.other.test")
    book.set("went.test", status="won")
    cut = lg.read_links(after.frame[["site", "source_url"]], complete=False)
    table = lg.compare_links(before, cut, site=SITE, level="host", outreach=book).outreach
    assert table.to_numpy().tolist() == [["went.test", "won", "not seen", True, "unverified", "cut list"]]


def test_of_a_domains_hosts_the_one_that_is_not_proven_counts():
    columns = ["domain", "change", "before", "after", "absence"]
    lost = ["fr.a.test", "lost", True, False, "complete list"]
    hosts = pd.DataFrame([lost, ["www.a.test", "unverified", True, False, "cut list"]], columns=columns)
    assert links_by_domain(hosts).to_numpy().tolist() == [["a.test", "unverified", False, "cut list"]]


# What it says of itself.


def test_columns_are_as_documented(months, book):
    book.set("won.test", status="won")
    told = lg.compare_links(*months, site=SITE, outreach=book)
    for table, columns in (
        (told.sites, CHANGED_SITES),
        (told.frame, CHANGED_LINKS),
        (told.gaps, CHANGED_GAPS),
        (told.ranks, CHANGED_GAPS),
        (told.outreach, CHANGED_OUTREACH),
    ):
        assert table.columns.tolist() == [column.name for column in columns]
        assert not table[[column.name for column in columns if column.never_null]].isna().any(axis=None)


def test_the_summary_is_plain(changes):
    summary = changes.summary
    assert json.loads(json.dumps(summary)) == summary
    assert summary["gaps"] == {"new": 2, "closed": 2, "unverified": 0, "open": 2}
    assert [row["domain"] for row in summary["lost_links"]] == ["away.test", "went.test"]
    assert [row["domain"] for row in summary["new_gaps"]] == ["went.test", "late.test"]
    assert summary["sites"][0]["lost"] == 2


def test_small_authorities_are_no_noughts_in_the_summary():
    rows = [("me.example", "old.test", 2e-9), ("one.example", "old.test", 2e-9), ("one.example", "new.test", 5e-9)]
    before, after = (
        lg.read_links(
            pd.DataFrame(some, columns=["site", "source_domain", "authority"]), sites=SITES[:2], complete=True
        )
        for some in (rows[:2], [("me.example", "new.test", 5e-9), *rows[1:]])
    )
    changes = lg.compare_links(before, after, site="me.example")
    assert [row["authority"] for row in changes.summary["new_links"]] == [5e-09]
    assert "| `new.test` | complete list | 5e-09 |" in changes.to_markdown()


def test_the_markdown(changes):
    text = changes.to_markdown()
    assert text.startswith("## Changes for me.example\n\nme.example: 1 new, 2 lost and 1 kept referring domains;")
    assert "### Lost referring domains of me.example\n\n| domain | absence | authority |" in text
    assert "| `away.test` | complete list |" in text


def test_html_begins_with_the_finding(changes):
    html = changes._repr_html_()
    assert html.startswith(f"<p>{changes!r}</p><table")
    assert "late.test" in html
    assert "gone.test" not in html


def test_nothing_is_left_behind(months):
    before, after = months
    files = set(after.engine.folder.rglob("*.parquet"))
    lg.compare_links(before, after, site=SITE)
    assert set(after.engine.folder.rglob("*.parquet")) == files


# Errors.


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        (
            {"site": "who.example"},
            UnknownSiteError,
            r"site='who\.example' is not among the sites of the old links\. ",
        ),
        (
            {"rivals": ["x.example"]},
            UnknownSiteError,
            r"rivals='x\.example' is not among the sites of the old links",
        ),
        ({"rivals": RIVAL}, InvalidArgumentError, r"rivals='one\.example' is a single text\. Allowed: a list"),
        ({"own": "x.test"}, InvalidArgumentError, r"own='x\.test' is a single text"),
        ({"min_rivals": 3}, InvalidArgumentError, r"min_rivals=3 is not allowed\. Allowed: 1 to 2"),
        ({"level": "page"}, InvalidArgumentError, r"level='page' is not allowed\. Allowed: domain, host\."),
        (
            {"ranking": {"weight": 1}},
            InvalidArgumentError,
            r"ranking= contains weight\. Allowed: the options of rank_prospects, allow, authority_weight, deny, ",
        ),
        ({"ranking": {"risk_weight": 2}}, InvalidArgumentError, r"risk_weight=2 is not allowed"),
        (
            {"ranking": 5},
            InvalidArgumentError,
            r"ranking is of type int\. Allowed: options of rank_prospects, such as \{",
        ),
        (
            {"ranking": ["risk_weight"]},
            InvalidArgumentError,
            r"ranking is of type list\. Allowed: options of rank_prospects",
        ),
        (
            {"outreach": "outreach.sqlite"},
            InvalidArgumentError,
            r"outreach= is of type str\. Allowed: what open_outreach returns, or None\.",
        ),
    ],
)
def test_what_is_refused(months, options, error, words):
    with pytest.raises(error, match=f"^{words}"):
        lg.compare_links(*months, **{"site": SITE, **options})


def test_what_is_no_links(months):
    with pytest.raises(
        InvalidArgumentError, match=r"^before is of type str\. Allowed: links, as read_links returns them\."
    ):
        lg.compare_links("old/", months[1], site=SITE)
    with pytest.raises(InvalidArgumentError, match=r"^after is of type Gap\. "):
        lg.compare_links(months[0], lg.find_gap(months[1], site=SITE), site=SITE)


def test_a_site_that_only_one_state_holds():
    old = lg.read_links(pd.DataFrame([(SITE, "a.test"), (RIVAL, "b.test")], columns=["site", "source_domain"]))
    new = lg.read_links(pd.DataFrame([(OTHER, "a.test"), (RIVAL, "b.test")], columns=["site", "source_domain"]))
    with pytest.raises(UnknownSiteError, match=r"new links\. Allowed: the sites in both, one\.example\. Read its "):
        lg.compare_links(old, new, site=SITE)


def test_a_site_without_a_rival_in_both_states():
    old, new = (
        lg.read_links(pd.DataFrame([(SITE, "a.test"), (rival, "b.test")], columns=["site", "source_domain"]))
        for rival in (RIVAL, OTHER)
    )
    with pytest.raises(InvalidArgumentError, match=r"^The old and the new links .* but me\.example, .* Read"):
        lg.compare_links(old, new, site=SITE)


def test_outreach_of_another_site(months, tmp_path):
    other = lg.open_outreach(tmp_path / "outreach.sqlite", site=RIVAL)
    with pytest.raises(
        InvalidArgumentError, match=r"^outreach= is for one\.example\. Allowed: outreach for me\.example"
    ):
        lg.compare_links(*months, site=SITE, outreach=other)


# Laws, and an oracle in plain Python, in drawn worlds.


class List(NamedTuple):
    """One provider's list of the domains that link to one site."""

    kind: str
    rows: tuple[tuple[str, int, bool], ...]

    @property
    def lines(self) -> list[tuple[str, int, bool]]:
        return sorted(self.rows, key=lambda row: -row[1]) if self.kind == "by authority" else list(self.rows)

    @property
    def floor(self) -> float | None:
        """The floor, where the list is cut by authority and shows that it is."""
        figures = [dr for _, dr, _ in self.lines]
        if self.kind not in {"by rows", "by authority"} or figures != sorted(figures, reverse=True):
            return None
        return min(figures) if len(set(figures)) > 1 else None


State = dict[tuple[str, str], List]
DOMAINS = tuple(f"{letter}.test" for letter in "abcdefghijklmn")
KINDS = ("whole", "by rows", "by authority", "part")


@st.composite
def states(draw: st.DrawFn) -> State:
    found: State = {}
    for key in itertools.product(SITES, ("ahrefs", "semrush")):
        if draw(st.booleans()):
            domains = draw(st.lists(st.sampled_from(DOMAINS), unique=True, max_size=len(DOMAINS)))
            rows = tuple(
                (domain, draw(st.integers(1, 5)), draw(st.sampled_from([False, False, True]))) for domain in domains
            )
            found[key] = List(draw(st.sampled_from(KINDS)), rows)
    return found


def read_state(state: State, folder: Path) -> lg.Links:
    folder.mkdir()
    complete = {}
    for (site, provider), each in state.items():
        part = "-exact_2026-10-22" if each.kind == "part" else ""
        rows = [(domain, dr, "2026-10-01" if lost and provider == "ahrefs" else "") for domain, dr, lost in each.lines]
        path = write(folder, f"{site}-{provider}{part}.csv", provider, rows)
        complete[path.name] = each.kind in {"whole", "part"}
    where = folder if state else pd.DataFrame({"site": [], "source_domain": []})
    return lg.read_links(where, sites=SITES, complete=complete or None)


def is_live(provider: str, row: tuple[str, int, bool]) -> bool:
    return not (row[2] and provider == "ahrefs")


def shows(state: State, site: str, domain: str) -> set[str]:
    """The providers whose list shows a live link."""
    return {
        provider
        for (whose, provider), each in state.items()
        if whose == site and any(row[0] == domain and is_live(provider, row) for row in each.rows)
    }


def is_proof(state: State, site: str, domain: str, provider: str) -> bool:
    """Whether a provider's list proves that there is no link."""
    each = state.get((site, provider))
    if each is None or each.kind == "part":
        return False
    called_lost = any(row[0] == domain and not is_live(provider, row) for row in each.rows)
    if each.rows and not any(is_live(provider, row) for row in each.rows):
        return called_lost  # an export of lost links alone
    known = [
        dr for (_, whose), other in state.items() if whose == provider for name, dr, _ in other.rows if name == domain
    ]
    above = each.floor is not None and bool(known) and max(known) > each.floor
    return each.kind == "whole" or above or called_lost


def change_of(old: State, new: State, site: str, domain: str) -> str | None:
    before, after = shows(old, site, domain), shows(new, site, domain)
    if not before and not after:
        return None
    if before and after:
        return "kept"
    providers, other, word = (before, new, "lost") if before else (after, old, "new")
    return word if any(is_proof(other, site, domain, provider) for provider in providers) else "unverified"


def possible_truths(old: State, new: State, domain: str) -> Iterator[tuple[set[str], set[str]]]:
    """Every pair of sets of sites that the domain may have linked to, and may link to, by what the lists prove."""
    shown = [{site for site in SITES if shows(state, site, domain)} for state in (old, new)]
    doubt = [
        {site for site in shown[1 - place] if change_of(old, new, site, domain) == "unverified"} for place in (0, 1)
    ]
    subsets = [
        [
            shown[place] | set(some)
            for size in range(len(each) + 1)
            for some in itertools.combinations(sorted(each), size)
        ]
        for place, each in enumerate(doubt)
    ]
    yield from itertools.product(*subsets)


def is_gap(linked: set[str], least: int) -> bool:
    return SITE not in linked and len(linked - {SITE}) >= least


def gap_change_of(old: State, new: State, domain: str, least: int) -> str | None:
    shown = tuple(is_gap({site for site in SITES if shows(state, site, domain)}, least) for state in (old, new))
    if shown in {(False, False), (True, True)}:
        return "open" if shown[0] else None
    possible = {(is_gap(was, least), is_gap(now, least)) for was, now in possible_truths(old, new, domain)}
    return {True: "new", False: "closed"}[shown[1]] if possible == {shown} else "unverified"


def changes_in(changes: lg.Changes) -> dict[tuple[str, str], str]:
    rows = changes.frame[["site", "domain", "change"]].to_numpy().tolist()
    found = {(site, domain): change for site, domain, change in rows}
    assert len(found) == len(rows)
    return found


SWAPPED = {"new": "lost", "lost": "new", "closed": "new"}


@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(old=states(), new=states(), least=st.integers(1, 2))
def test_drawn_worlds(old, new, least):
    with TemporaryDirectory() as folder:
        before, after = read_state(old, Path(folder) / "old"), read_state(new, Path(folder) / "new")
        forth = lg.compare_links(before, after, site=SITE, min_rivals=least)
        back = lg.compare_links(after, before, site=SITE, min_rivals=least)
        same = lg.compare_links(after, after, site=SITE, min_rivals=least)
    # Every domain of either side is in exactly one class a site, and it is the oracle's.
    wanted = {(site, domain): change_of(old, new, site, domain) for site in SITES for domain in DOMAINS}
    found = changes_in(forth)
    assert found == {key: change for key, change in wanted.items() if change}
    gaps = {domain: gap_change_of(old, new, domain, least) for domain in DOMAINS}
    assert {domain: change for domain, (change, _) in gaps_of(forth).items()} == {
        domain: change for domain, change in gaps.items() if change
    }
    # Swapping swaps new and lost, new and closed.
    assert changes_in(back) == {key: SWAPPED.get(change, change) for key, change in found.items()}
    swapped = {"new": "closed", "closed": "new"}
    assert {domain: swapped.get(change, change) for domain, (change, _) in gaps_of(back).items()} == {
        domain: change for domain, (change, _) in gaps_of(forth).items()
    }
    # Compared with itself, nothing changes.
    assert set(changes_in(same).values()) <= {"kept"}
    assert set(same.gaps["change"]) <= {"open"}
    assert same.ranks.empty
    # A site whose lists after are all cut by rows, or samples, loses nothing.
    for site in SITES:
        kinds = [each for (whose, _), each in new.items() if whose == site]
        if all(each.kind == "part" or (each.kind == "by rows" and each.floor is None) for each in kinds):
            called = {row[0] for each in kinds if each.kind != "part" for row in each.rows if row[2]}
            assert not [
                key for key, change in found.items() if key[0] == site and change == "lost" and key[1] not in called
            ]
    table = forth.sites.set_index("site")
    assert (table["after"] == table["kept"] + table["new"] + table["unverified_new"]).all()
    assert (table["before"] == table["kept"] + table["lost"] + table["unverified_lost"]).all()


# Real crawls.

GRAPHS = Path(__file__).parents[3] / "shared" / "data" / "graphs"
LINKED = ["conservative.ca", "greenparty.ca", "liberal.ca", "ndp.ca", "cbc.ca", "thestar.com", "theglobeandmail.com"]
LINKED += ["facebook.com", "youtube.com", "twitter.com", "canada.com"]


@pytest.fixture(scope="module")
def crawls() -> list[pd.DataFrame]:
    if not GRAPHS.is_dir():
        assert not os.environ.get("CI"), f"{GRAPHS} must be there in CI"
        pytest.skip("the real link graphs are not beside this checkout")
    with gzip.open(GRAPHS / "canadian-politics" / "edges.csv.gz", "rt", encoding="utf-8") as file:
        edges = pd.read_csv(file, dtype=str)
    edges = edges[edges["target"].isin(LINKED)]
    months = edges["crawl_date"].str[:6]
    return [edges[months == month] for month in sorted(months.unique())[-6:]]


def pairs_in(crawl: pd.DataFrame) -> set[tuple[str, str]]:
    return {(row.target, registrable_domain(row.source)) for row in crawl.itertuples()}


def test_consecutive_crawls_of_canadian_politics(crawls):
    columns = {"source_url": "source", "target_url": "target", "links": "links"}
    reads = [lg.read_links(crawl, columns=columns, sites=LINKED, complete=True) for crawl in crawls]
    cut = lg.read_links(crawls[-1], columns=columns, sites=LINKED, complete=False)
    changed = whole = 0
    for (old, new), (before, after) in zip(itertools.pairwise(crawls), itertools.pairwise(reads), strict=True):
        changes = lg.compare_links(before, after, site="cbc.ca")
        found = changes_in(changes)
        was, now = ({pair for pair in pairs_in(crawl) if pair[1] not in LINKED} for crawl in (old, new))
        assert {key for key, change in found.items() if change == "kept"} == was & now
        # A crawl without a single link to a site from elsewhere is no list of it, and proves nothing.
        listed = [{site for site, domain in pairs_in(crawl) if domain != site} for crawl in (old, new)]
        assert {key for key, change in found.items() if change == "new"} == {
            key for key in now - was if key[0] in listed[0]
        }
        assert {key for key, change in found.items() if change == "lost"} == {
            key for key in was - now if key[0] in listed[1]
        }
        assert found.keys() == was | now
        gaps = [
            {domain for site, domain in each} - {domain for site, domain in each if site == "cbc.ca"}
            for each in (was, now)
        ]
        told = gaps_of(changes)
        assert {domain for domain, (change, _) in told.items() if change == "open"} == gaps[0] & gaps[1]
        assert told.keys() == gaps[0] | gaps[1]
        if set(LINKED) == listed[0] == listed[1]:
            whole += 1
            assert {domain for domain, (change, _) in told.items() if change == "new"} == gaps[1] - gaps[0]
            assert {domain for domain, (change, _) in told.items() if change == "closed"} == gaps[0] - gaps[1]
        changed += len(now ^ was)
    assert changed > 100
    assert whole
    told = changes_in(lg.compare_links(reads[-2], cut, site="cbc.ca"))
    assert {key: "unverified" if change == "lost" else change for key, change in found.items()} == told
    assert "lost" in found.values()
