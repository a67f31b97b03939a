"""How sure an absence is: tables worked by hand, with lists written as the vendors write them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd
import pytest

import linkgap as lg
from linkgap.errors import InvalidArgumentError
from linkgap.loaders.receipts import is_round_cap

SITE, RIVAL, OTHER = "me.example", "one.example", "two.example"
FULL = 100
"""A list of so many rows is as long as a vendor's cap."""

LINES = {
    "ahrefs": ("domain,domain_rating,dofollow_links,first_seen", "{domain},{authority},2,2024-05-06"),
    "semrush": ("Domain ascore,Domain,Backlinks,First seen", "{authority},{domain},2,2024-05-06"),
    "semrush 2018": ("Domain score,Domain,Backlinks,First seen", "{authority},{domain},2,2024-05-06"),
    "moz": ("Root Domain,Domain Authority,Linking Domains,Spam Score", "{domain},{authority},9,1"),
    "majestic": ("Domain,TrustFlow,CitationFlow,ExtBackLinks", "{domain},{authority},9,1"),
    "search_console": ("Site,Linking pages,Target pages", "{domain},2,1"),
}
"""Heading and line of each provider's list of referring domains."""

Rows = Iterable[tuple[str, float]]


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path


def write(folder: Path, name: str, provider: str, rows: Rows) -> Path:
    heading, line = LINES[provider]
    lines = [heading, *(line.format(domain=domain, authority=authority) for domain, authority in rows)]
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def ranked(number: int, *, lowest: float = 40) -> Iterator[tuple[str, float]]:
    """Domains in descending order of authority, the last at `lowest`."""
    for place in reversed(range(number)):
        yield f"fill{place:03}.test", lowest + place * 0.5


def unranked(number: int, *, lowest: float = 40) -> list[tuple[str, float]]:
    rows = list(ranked(number, lowest=lowest))
    return [*rows[1::2], *rows[::2]]


def evidence(links: lg.Links) -> dict[str, str]:
    table = lg.find_gap(links, site=SITE).frame
    return dict(zip(table["domain"], table["evidence"], strict=True))


def receipt(links: lg.Links, file: str) -> tuple[str, float | None, str | None]:
    row = links.receipts.set_index("file").loc[file]
    return row["cut"], None if pd.isna(row["floor"]) else row["floor"], row["partial"]


# The prospect x.test, authority 60, stands in the rival's Ahrefs list. What the site's own lists are decides:
#
#   own list              same provider   other provider
#   whole                 proven          likely
#   cut by authority      proven above    unverified
#   cut by rows           unverified      unverified
#   sample, part          unverified      unverified
#   none at all           unverified      unverified

WHOLE = [("known.test", 50), ("also.test", 10)]

OWN_LISTS = {
    "whole": ("me.example-list.csv", WHOLE),
    "cut by authority": ("me.example-list.csv", list(ranked(FULL))),
    "cut by rows": ("me.example-list.csv", unranked(FULL)),
    "of one URL": ("me.example-list-exact_2026-10-22.csv", WHOLE),
    "below a URL": ("me.example-list-prefix_2026-10-22.csv", WHOLE),
    "without subdomains": ("me.example-list-domain_2026-10-22.csv", WHOLE),
    "of new links": ("me.example-refdomains-new.csv", WHOLE),
    "with subdomains": ("me.example-list-subdomains_2026-10-22.csv", WHOLE),
}


@pytest.mark.parametrize(
    ("own", "provider", "wanted"),
    [
        ("whole", "ahrefs", "proven"),
        ("whole", "semrush", "likely"),
        ("whole", "moz", "likely"),
        ("whole", "search_console", "unverified"),
        ("cut by authority", "ahrefs", "proven"),
        ("cut by authority", "semrush", "unverified"),
        ("cut by rows", "ahrefs", "unverified"),
        ("cut by rows", "semrush", "unverified"),
        ("of one URL", "ahrefs", "unverified"),
        ("of one URL", "semrush", "unverified"),
        ("below a URL", "ahrefs", "unverified"),
        ("without subdomains", "ahrefs", "unverified"),
        ("of new links", "ahrefs", "unverified"),
        ("with subdomains", "ahrefs", "proven"),
        ("with subdomains", "semrush", "likely"),
    ],
)
def test_one_own_list(folder, own, provider, wanted):
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60)])
    name, rows = OWN_LISTS[own]
    write(folder, name, provider, rows)
    assert evidence(lg.read_links(folder)) == {"x.test": wanted}


@pytest.mark.parametrize(
    ("own", "theirs", "told"),
    [
        (["2024-12-01"], "2026-10-22", True),
        (["2024-12-01", "2026-10-01"], "2026-10-22", False),
        (["2026-09-21"], "2026-10-22", False),
        (["2026-09-20"], "2026-10-22", True),
        (["2026-10-22"], "2024-12-01", False),
        (["", "2024-12-01"], "2026-10-22", False),
        (["2024-12-01"], "", False),
        ([], "2026-10-22", False),
    ],
)
def test_evidence_from_lists_much_older_than_a_rivals_is_told(folder, own, theirs, told):
    write(folder, f"one.example-backlinks_{theirs}.csv", "ahrefs", [("x.test", 60)])
    for number, day in enumerate(own):
        write(folder, f"me.example-backlinks_{day}.csv", "ahrefs", [(f"friend{number}.test", 60)])
    gap = lg.find_gap(lg.read_links(folder, sites=[SITE, RIVAL]), site=SITE)
    said = [note for note in lg.rank_prospects(gap).notes if "was exported on" in note]
    assert [note.partition(":")[0] for note in said] == [
        f"me.example's latest list was exported on {own[-1]}, a rival's on {theirs}" for _ in range(told)
    ]


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        (["ahrefs"], ["Ahrefs list was exported on 2024-12-01, a rival's on 2026-10-22"]),
        (["moz"], []),
        (["semrush"], []),
        (["moz", "ahrefs"], ["Ahrefs list was exported on 2024-12-01, a rival's on 2026-10-22"]),
    ],
)
def test_a_new_list_of_another_provider_makes_what_an_old_one_proves_no_newer(folder, theirs, told):
    write(folder, "me.example-ahrefs_2024-12-01.csv", "ahrefs", [("friend.test", 60)])
    write(folder, "me.example-moz_2026-10-20.csv", "moz", [("friend.test", 60)])
    for provider in theirs:
        write(folder, f"one.example-{provider}_2026-10-22.csv", provider, [("x.test", 60)])
    gap = lg.find_gap(lg.read_links(folder, sites=[SITE, RIVAL]), site=SITE)
    notes = [note for note in lg.rank_prospects(gap).notes if "was exported on" in note]
    assert [note.partition(":")[0].removeprefix("me.example's latest ") for note in notes] == told


def test_lists_older_than_one_of_several_rivals_are_told_as_well(folder):
    write(folder, "me.example-backlinks_2024-12-01.csv", "ahrefs", [("friend.test", 60)])
    lines = ["Source URL,Target URL,Anchor Text", *(f"https://x.test/,https://{each}/,x" for each in (RIVAL, OTHER))]
    (folder / "backlinks_2026-10-22.csv").write_text("\n".join(lines), encoding="utf-8")
    gap = lg.find_gap(lg.read_links(folder, sites=[SITE, RIVAL, OTHER]), site=SITE)
    assert any("a rival's on 2026-10-22" in note for note in lg.rank_prospects(gap).notes)


def test_no_own_list_at_all(folder):
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60)])
    links = lg.read_links(folder, sites=[SITE, RIVAL])
    gap = lg.find_gap(links, site=SITE)
    assert evidence(links) == {"x.test": "unverified"}
    assert gap.evidence_counts == {"proven": 0, "likely": 0, "unverified": 1}
    assert repr(gap) == "1 domain links to at least 1 of 1 rival and not to me.example (1 unverified)"


def test_an_own_list_without_a_row_is_a_whole_list(folder):
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60)])
    write(folder, "me.example-ahrefs.csv", "ahrefs", [])
    assert evidence(lg.read_links(folder, sites=[SITE, RIVAL])) == {"x.test": "proven"}


# Only what stands strictly above the floor would show in the site's list: at the floor, the cut may run between equals.


def test_the_floor_of_a_cut_list(folder):
    write(folder, "me.example-ahrefs.csv", "ahrefs", ranked(FULL, lowest=40.5))
    rows = [("above.test", 40.6), ("at.test", 40.5), ("below.test", 40.4), ("without.test", "")]
    write(folder, "one.example-ahrefs.csv", "ahrefs", rows)
    links = lg.read_links(folder)
    assert receipt(links, "me.example-ahrefs.csv") == ("authority", 40.5, None)
    assert evidence(links) == {
        "above.test": "proven",
        "at.test": "unverified",
        "below.test": "unverified",
        "without.test": "unverified",
    }


def test_the_floor_counts_for_the_same_provider_only(folder):
    write(folder, "me.example-ahrefs.csv", "ahrefs", ranked(FULL))
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60)])
    write(folder, "two.example-semrush.csv", "semrush", [("x.test", 90), ("y.test", 90)])
    assert evidence(lg.read_links(folder)) == {"x.test": "proven", "y.test": "unverified"}


def test_below_the_floor_of_one_and_seen_by_a_whole_list_of_another(folder):
    write(folder, "me.example-ahrefs.csv", "ahrefs", ranked(FULL))
    write(folder, "me.example-semrush.csv", "semrush", WHOLE)
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("above.test", 60), ("below.test", 20), ("both.test", 20)])
    write(folder, "one.example-semrush.csv", "semrush", [("both.test", 20), ("semrush.test", 5)])
    write(folder, "one.example-moz.csv", "moz", [("moz.test", 99)])
    assert evidence(lg.read_links(folder)) == {
        "above.test": "proven",
        "below.test": "likely",
        "both.test": "proven",
        "moz.test": "likely",
        "semrush.test": "proven",
    }


def test_the_deepest_of_several_cut_lists_of_a_provider_counts(folder):
    backlinks = folder / "me.example-backlinks.csv"
    heading = "url_from,url_to,domain_rating_source,anchor"
    lines = [f"https://b{place}.test/,https://me.example/,{95 - place / 2},x" for place in range(FULL)]
    backlinks.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
    write(folder, "me.example-refdomains.csv", "ahrefs", ranked(FULL, lowest=20))
    write(folder, "one.example-refdomains.csv", "ahrefs", [("deep.test", 30), ("deeper.test", 15)])
    links = lg.read_links(folder)
    assert receipt(links, "me.example-backlinks.csv") == ("authority", 45.5, None)
    assert receipt(links, "me.example-refdomains.csv") == ("authority", 20, None)
    assert evidence(links) == {"deep.test": "proven", "deeper.test": "unverified"}


def test_a_whole_list_beside_a_cut_one_of_the_same_provider(folder):
    write(folder, "me.example-new.csv", "ahrefs", unranked(FULL))
    backlinks = folder / "me.example-backlinks.csv"
    lines = [f"https://{name}/,https://me.example/,9" for name in ["b.test", *(name for name, _ in ranked(FULL))]]
    backlinks.write_text("\n".join(["url_from,url_to,domain_rating_source", *lines, ""]), encoding="utf-8")
    write(folder, "one.example-refdomains.csv", "ahrefs", [("x.test", 3)])
    assert evidence(lg.read_links(folder)) == {"x.test": "proven"}


def test_a_list_that_lacks_most_of_what_a_longer_one_shows_is_not_whole(folder):
    # Somebody exported their best links, or the latest: short, and so no provider's cap tells.
    write(folder, "me.example-refdomains.csv", "ahrefs", unranked(FULL))
    write(folder, "me.example-best.csv", "ahrefs", [*list(ranked(FULL))[:48], ("best.test", 99)])
    write(folder, "me.example-semrush.csv", "semrush", WHOLE)
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60)])
    links = lg.read_links(folder)
    why = "all lists of its provider together show over twice as many domains"
    assert receipt(links, "me.example-best.csv") == ("none", None, why)
    assert evidence(links) == {"x.test": "likely"}
    said = lg.read_links(folder, complete={"me.example-best.csv": True})
    assert receipt(said, "me.example-best.csv") == ("none", None, None)
    assert evidence(said) == {"x.test": "proven"}


def test_a_longer_list_is_whole_though_it_repeats_one_that_is_cut(folder):
    longer = [*unranked(FULL), *((f"more{place}.test", 9) for place in range(51))]
    write(folder, "me.example-refdomains-1.csv", "ahrefs", unranked(FULL))
    write(folder, "me.example-refdomains-2.csv", "ahrefs", longer)
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60)])
    assert evidence(lg.read_links(folder)) == {"x.test": "proven"}


def test_pages_of_a_list_are_whole_together(folder):
    for page, rows in enumerate([list(ranked(FULL - 1))[:60], list(ranked(FULL - 1))[60:]]):
        write(folder, f"me.example-ahrefs_page-{page}.csv", "ahrefs", rows)
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60)])
    assert evidence(lg.read_links(folder)) == {"x.test": "proven"}


def test_a_part_of_the_site_beside_the_whole_of_it(folder):
    write(folder, "me.example-refdomains-exact.csv", "ahrefs", WHOLE)
    write(folder, "me.example-semrush.csv", "semrush", WHOLE)
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60)])
    assert evidence(lg.read_links(folder)) == {"x.test": "likely"}


def test_a_floor_in_another_metric_of_the_provider_proves_nothing(folder):
    # Semrush's Domain score of 2018 and its Authority Score are different scales.
    write(folder, "me.example-semrush.csv", "semrush 2018", ranked(FULL, lowest=40))
    write(folder, "one.example-semrush.csv", "semrush", [("x.test", 60)])
    assert evidence(lg.read_links(folder)) == {"x.test": "unverified"}


def test_the_rivals_lists_may_be_cut_sampled_or_partial(folder):
    write(folder, "me.example-ahrefs.csv", "ahrefs", WHOLE)
    write(folder, "one.example-refdomains-exact.csv", "ahrefs", ranked(FULL))
    write(folder, "two.example-gsc.csv", "search_console", [("sampled.test", 1)])
    assert set(evidence(lg.read_links(folder)).values()) == {"proven", "likely"}
    assert evidence(lg.read_links(folder))["sampled.test"] == "likely"


def test_only_a_provider_that_shows_the_link_counts(folder):
    # The rival lost its link from x.test by Ahrefs; only Moz still shows it.
    write(folder, "me.example-ahrefs.csv", "ahrefs", WHOLE)
    lost = folder / "one.example-ahrefs.csv"
    lost.write_text("Domain,DR,Links to target,Lost\nx.test,60,1,2026-01-31\ny.test,60,1,\n", encoding="utf-8")
    write(folder, "one.example-moz.csv", "moz", [("x.test", 60)])
    assert evidence(lg.read_links(folder)) == {"x.test": "likely", "y.test": "proven"}


def backlinks(folder: Path, site: str, *pages: str) -> None:
    rows = [f"https://{page},https://{site}/,50,a,text" for page in pages]
    text = "\n".join(["Referring page URL,Target URL,Domain rating,Anchor,Type", *rows, ""])
    (folder / f"{site}-backlinks.csv").write_text(text, encoding="utf-8")


def test_a_platform_that_a_list_of_domains_folds_into_one_row(folder):
    # me.blogspot.com may be what the site's list has as blogspot.com.
    write(folder, "me.example-refdomains.csv", "ahrefs", [("blogspot.com", 90), ("amazonaws.com", 90), ("b.com", 9)])
    backlinks(folder, RIVAL, "me.blogspot.com/", "w.github.io/", "files.s3.amazonaws.com/", "a.co.uk/", "b.com/")
    assert evidence(lg.read_links(folder)) == {
        "me.blogspot.com": "unverified",
        "w.github.io": "proven",
        "files.s3.amazonaws.com": "unverified",
        "a.co.uk": "proven",
    }


def test_a_rivals_platform_is_no_absence_where_a_name_below_it_links_to_the_site(folder):
    backlinks(folder, SITE, "me.blogspot.com/", "known.test/")
    write(folder, "one.example-refdomains.csv", "ahrefs", [("blogspot.com", 90), ("github.io", 90), ("x.test", 9)])
    wanted = {"blogspot.com": "unverified", "github.io": "proven", "x.test": "proven"}
    assert evidence(lg.read_links(folder)) == wanted


def test_a_page_on_the_platform_itself_folds_nothing(folder):
    backlinks(folder, SITE, "blogspot.com/tag/x", "me.github.io/", "known.test/")
    backlinks(folder, RIVAL, "me.blogspot.com/", "github.io/about")
    write(folder, "other.example-refdomains.csv", "ahrefs", [("known.test", 9)])
    links = lg.read_links(folder, sites=[SITE, RIVAL, "other.example"])
    assert evidence(links) == {"me.blogspot.com": "proven", "github.io": "proven"}


def test_plain_lists_may_be_of_several_providers(folder):
    (folder / "me.example.txt").write_text("known.test\nalso.test\n", encoding="utf-8")
    (folder / "one.example.txt").write_text("known.test\nx.test\n", encoding="utf-8")
    assert evidence(lg.read_links(folder)) == {"x.test": "likely"}


# What the user says about completeness.


@pytest.mark.parametrize(
    ("complete", "wanted"),
    [
        (None, "unverified"),
        (True, "proven"),
        (False, "unverified"),
        ({"me.example-ahrefs.csv": True}, "proven"),
        ({"me.example": True}, "proven"),
        ({"me.example": True, "one.example": False}, "proven"),
        ({"one.example": True}, "unverified"),
        ({"me.example-ahrefs.csv": False, "one.example": True}, "unverified"),
    ],
    ids=repr,
)
def test_complete_overrides_the_number_of_rows(folder, complete, wanted):
    write(folder, "me.example-ahrefs.csv", "ahrefs", unranked(FULL))
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60)])
    assert evidence(lg.read_links(folder, complete=complete)) == {"x.test": wanted}


@pytest.mark.parametrize(
    ("rows", "cut"),
    [(list(ranked(7)), ("authority", 40.0, None)), (unranked(7), ("rows", None, None))],
    ids=["sorted", "unsorted"],
)
def test_the_user_knows_that_a_short_list_is_cut(folder, rows, cut):
    write(folder, "me.example-ahrefs.csv", "ahrefs", rows)
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("above.test", 60), ("below.test", 6)])
    links = lg.read_links(folder, complete={"me.example": False})
    assert receipt(links, "me.example-ahrefs.csv") == cut
    above = "proven" if cut[0] == "authority" else "unverified"
    assert evidence(links) == {"above.test": above, "below.test": "unverified"}


def test_complete_does_not_make_a_sample_or_a_part_whole(folder):
    write(folder, "me.example-refdomains-exact.csv", "ahrefs", WHOLE)
    write(folder, "me.example-gsc.csv", "search_console", WHOLE)
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60)])
    assert evidence(lg.read_links(folder, complete=True)) == {"x.test": "unverified"}


def test_complete_names_files_and_sites(folder):
    write(folder, "me.example-ahrefs.csv", "ahrefs", WHOLE)
    write(folder, "one.example-ahrefs.csv", "ahrefs", WHOLE)
    allowed = r"me\.example, me\.example-ahrefs\.csv, one\.example, one\.example-ahrefs\.csv\."
    with pytest.raises(InvalidArgumentError, match=rf"^complete= names who\.example\. Allowed: {allowed}$"):
        lg.read_links(folder, complete={"who.example": True, "me.example": True})


# When a list is taken for cut.


@pytest.mark.parametrize(
    ("rows", "cut"),
    [
        (0, False),
        (1, False),
        (10, False),
        (90, False),
        (99, False),
        (100, True),
        (101, False),
        (110, False),
        (200, True),
        (219, False),
        (250, True),
        (500, True),
        (999, False),
        (1_000, True),
        (1_001, False),
        (1_100, False),
        (1_500, True),
        (2_500, True),
        (7_500, True),
        (10_000, True),
        (11_000, False),
        (12_345, False),
        (30_000, True),
        (50_000, True),
        (100_000, True),
        (123_000, False),
        (250_000, True),
        (1_000_000, True),
        (1_048_575, True),
        (1_048_576, False),
        (10_000_000, False),
    ],
)
def test_round_caps(rows, cut):
    assert is_round_cap(rows) is cut


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        (list(ranked(FULL)), ("authority", 40.0, None)),
        (list(ranked(FULL - 1)), ("none", None, None)),
        (list(ranked(FULL))[::-1], ("rows", None, None)),
        (unranked(FULL), ("rows", None, None)),
        ([(f"same{place}.test", 30) for place in range(FULL)], ("rows", None, None)),
        ([*ranked(FULL - 1, lowest=41), ("last.test", "")], ("authority", 41.0, None)),
    ],
    ids=["descending", "one short", "ascending", "unsorted", "all the same", "one without"],
)
def test_how_a_list_is_cut(folder, rows, wanted):
    write(folder, "me.example-ahrefs.csv", "ahrefs", rows)
    assert receipt(lg.read_links(folder), "me.example-ahrefs.csv") == wanted


def test_a_list_without_authority_is_cut_by_rows(folder):
    write(folder, "me.example-gsc.csv", "search_console", ranked(FULL))
    cut, floor, partial = receipt(lg.read_links(folder), "me.example-gsc.csv")
    assert (cut, floor, partial) == ("rows", None, "Search Console shows a sample")


@pytest.mark.parametrize(
    ("name", "partial"),
    [
        ("me.example-refdomains.csv", None),
        ("me.example-refdomains-subdomains_2026-10-22.csv", None),
        ("me.example-refdomains-exact_2026-10-22.csv", "only links to one URL (mode exact)"),
        ("me.example-refdomains-prefix.csv", "only links below one URL (mode prefix)"),
        ("me.example-refdomains-domain_2026.csv", "no links to subdomains (mode domain)"),
        ("me.example-refdomains-new.csv", "only new links"),
        ("me.example-broken-backlinks-subdomains_2026-10-22.csv", "only broken links"),
        ("me.example_lost_backlinks.csv", "only lost links"),
        ("me.example-backlinks-lost (1).csv", "only lost links"),
        ("renew-backlinks.example-refdomains.csv", None),
        ("sc-domain_me.example-refdomains-2026-09-01.csv", None),
        ("me.example-backlinks_new.csv", "only new links"),
        ("me.example-New referring domains.csv", "only new links"),
        ("exact-match.example-refdomains.csv", None),
    ],
)
def test_what_a_files_name_says(folder, name, partial):
    write(folder, name, "ahrefs", WHOLE)
    assert receipt(lg.read_links(folder), name) == ("none", None, partial)


def test_a_list_of_links_to_pages_that_are_gone_is_told_by_its_columns(folder):
    write(folder, "rival.example-refdomains.csv", "ahrefs", [("x.test", 60)])
    heading = "Referring page URL,Domain rating,Target URL,Target page HTTP code,Anchor,Type"
    row = "https://y.test/,50,https://me.example/gone,404,a,text"
    (folder / "me.example.csv").write_text(f"{heading}\n{row}\n", encoding="utf-8")
    links = lg.read_links(folder)

    assert receipt(links, "me.example.csv") == ("none", None, "it lists only links to pages that are gone")
    assert evidence(links) == {"x.test": "unverified"}


def test_an_answer_with_the_pages_that_sites_share_proves_nothing_about_others(folder):
    def item(page: str, site: str) -> dict[str, object]:
        return {
            "domain_from": page,
            "url_from": f"https://{page}/",
            "url_to": f"https://{site}/",
            "domain_from_rank": 9,
        }

    shared = {"1": [item("y.test", SITE)], "2": [item("y.test", RIVAL)]}
    answers = {"shared.json": [{"page_intersection": shared}], f"{RIVAL}.json": [item("x.test", RIVAL)]}
    for name, items in answers.items():
        answer = {"tasks": [{"result": [{"items": items}]}]}
        (folder / name).write_text(json.dumps(answer), encoding="utf-8")
    links = lg.read_links(folder)

    file = "shared.json/tasks/result/items/page_intersection/1"
    assert receipt(links, file) == ("none", None, "only pages that link to several sites")
    assert evidence(links) == {"x.test": "unverified"}


def test_a_list_of_lost_links_does_not_make_up_for_one_that_is_cut(folder):
    """A file with the links that went is whole as such, and says nothing of those that stand."""
    write(folder, "me.example-refdomains.csv", "ahrefs", unranked(FULL))
    write(folder, "rival.example-refdomains.csv", "ahrefs", [("x.test", 60)])
    heading = "Domain,DR,Links to target,Dofollow links,First seen,Lost"
    gone = [f"gone{place}.test,{place},1,1,2020-01-02,2026-03-04" for place in range(7)]
    (folder / "me.example-all-that-went.csv").write_text("\n".join([heading, *gone]) + "\n", encoding="utf-8")
    links = lg.read_links(folder)

    assert receipt(links, "me.example-all-that-went.csv") == ("none", None, "only lost links")
    assert evidence(links)["x.test"] == "unverified"


# Relation: never or lost.


@pytest.mark.parametrize(
    ("own", "wanted"),
    [
        ("x.test,60,1,2026-01-31", {"x.test": ("lost", "proven")}),
        ("y.test,60,1,2026-01-31", {"x.test": ("never", "proven")}),
        ("x.test,60,1,", {}),
        ("www.x.test,60,1,2026-01-31", {"x.test": ("lost", "proven")}),
    ],
    ids=["lost", "another's", "live", "from another host"],
)
def test_a_link_that_the_site_lost(folder, own, wanted):
    lines = ["Domain,DR,Links to target,Lost", "known.test,50,1,", own]
    (folder / "me.example-ahrefs.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60)])
    assert relations(lg.read_links(folder)) == wanted


def test_a_link_that_one_provider_lost_and_another_still_shows(folder):
    (folder / "me.example-ahrefs.csv").write_text(
        "Domain,DR,Links to target,Lost\nknown.test,50,1,\nx.test,60,1,2026-01-31\n", encoding="utf-8"
    )
    write(folder, "me.example-moz.csv", "moz", [("x.test", 60)])
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60), ("y.test", 60)])
    assert relations(lg.read_links(folder)) == {"y.test": ("never", "proven")}


def test_lost_links_count_when_the_user_says_so(folder):
    (folder / "me.example-ahrefs.csv").write_text(
        "Domain,DR,Links to target,Lost\nx.test,60,1,2026-01-31\n", encoding="utf-8"
    )
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60), ("y.test", 60)])
    links = lg.read_links(folder)
    assert lg.find_gap(links, site=SITE, live_only=False).domains == ["y.test"]


def test_a_list_of_lost_links_alone_proves_only_what_it_calls_lost(folder):
    # Whether the site has other links, an export of those that went does not say.
    own = "Domain,DR,Links to target,Lost\nx.test,60,1,2026-01-31\ngone.test,50,1,2026-02-28\n"
    (folder / "me.example-refdomains-lost.csv").write_text(own, encoding="utf-8")
    write(folder, "me.example-ahrefs.csv", "ahrefs", unranked(FULL))
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60), ("y.test", 60)])
    write(folder, "two.example-moz.csv", "moz", [("gone.test", 50), ("z.test", 50)])
    links = lg.read_links(folder)
    assert receipt(links, "me.example-refdomains-lost.csv") == ("none", None, "only lost links")
    assert relations(links) == {
        "x.test": ("lost", "proven"),
        "y.test": ("never", "unverified"),
        "gone.test": ("lost", "unverified"),
        "z.test": ("never", "unverified"),
    }


def test_a_list_of_domains_that_is_cut_proves_what_it_calls_lost(folder):
    lines = [*(f"{name},{dr},1," for name, dr in unranked(FULL - 1)), "x.test,60,1,2026-01-31"]
    own = "\n".join(["Domain,DR,Links to target,Lost", *lines, ""])
    (folder / "me.example-ahrefs.csv").write_text(own, encoding="utf-8")
    write(folder, "one.example-ahrefs.csv", "ahrefs", [("x.test", 60), ("y.test", 60)])
    assert relations(lg.read_links(folder)) == {"x.test": ("lost", "proven"), "y.test": ("never", "unverified")}


def test_a_list_of_links_that_is_cut_does_not_prove_that_the_last_one_went():
    rows = [(SITE, f"https://d{place}.test/", "moz", None) for place in range(FULL - 2)]
    rows += [(SITE, "https://x.test/", "moz", "2026-01-31"), (RIVAL, "https://x.test/", "moz", None)]
    links = lg.read_links(pd.DataFrame(rows, columns=["site", "source_url", "provider", "lost"]))
    assert relations(links) == {"x.test": ("lost", "unverified")}


def relations(links: lg.Links) -> dict[str, tuple[str, str]]:
    table = lg.find_gap(links, site=SITE).frame
    return {row.domain: (row.relation, row.evidence) for row in table.itertuples()}


# Links in columns.


def frame(rows: Sequence[tuple[str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["site", "source_url", "provider"])


def test_providers_of_one_frame_are_lists_of_their_own():
    rows = [
        (SITE, "https://known.test/", "ahrefs"),
        (RIVAL, "https://a.test/", "ahrefs"),
        (RIVAL, "https://m.test/", "moz"),
        (OTHER, "https://both.test/", "moz"),
        (OTHER, "https://both.test/", "ahrefs"),
    ]
    assert evidence(lg.read_links(frame(rows))) == {"a.test": "proven", "both.test": "proven", "m.test": "likely"}


def test_a_frame_as_long_as_a_cap_is_cut_unless_the_user_says_otherwise():
    rows = [(SITE, f"https://d{place}.test/", "moz") for place in range(FULL - 1)] + [(RIVAL, "https://x.test/", "moz")]
    assert evidence(lg.read_links(frame(rows))) == {"x.test": "unverified"}
    assert evidence(lg.read_links(frame(rows), complete=True)) == {"x.test": "proven"}


def test_an_own_list_of_domains_says_nothing_of_hosts(folder):
    write(folder, f"{SITE}-refdomains.csv", "ahrefs", WHOLE)
    backlinks(folder, RIVAL, "www.y.test/")
    links = lg.read_links(folder)
    assert lg.find_gap(links, site=SITE, level="host").frame["evidence"].tolist() == ["unverified"]


def test_a_host_that_only_a_list_of_domains_shows_may_link_from_another(folder):
    heading = "Referring page URL,Target URL,Domain rating,Anchor,Type"
    own = f"{heading}\nhttps://www.x.test/,https://{SITE}/,50,a,text\n"
    links = f"{heading}\nhttps://www.y.test/,https://{RIVAL}/,50,a,text\n"
    (folder / f"{SITE}-backlinks.csv").write_text(own, encoding="utf-8")
    (folder / f"{RIVAL}-backlinks.csv").write_text(links, encoding="utf-8")
    write(folder, f"{RIVAL}-refdomains.csv", "ahrefs", [("x.test", 60), ("z.test", 60)])
    read = lg.read_links(folder, sites=[SITE, RIVAL])
    assert evidence(read) == {"y.test": "proven", "z.test": "proven"}
    hosts = lg.find_gap(read, site=SITE, level="host").frame
    assert dict(zip(hosts["domain"], hosts["evidence"], strict=True)) == {
        "www.y.test": "proven",
        "x.test": "unverified",
        "z.test": "unverified",
    }
