"""From files to the links table: whose links they are, overlapping files, records for several sites, saved links."""

import datetime as dt
import errno
import os
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

import linkgap as lg
from linkgap.engine import Engine
from linkgap.errors import UnreadableFileError
from linkgap.gap.pages import pages_of, pages_query
from linkgap.loaders import counting
from linkgap.loaders.records import links_query
from linkgap.loaders.sites import site_named
from linkgap.schema import PROVIDERS

pytestmark = pytest.mark.once

OWN = "source_url,target_url,anchor\n"
AHREFS = "Referring page URL,Domain rating,Target URL,Redirect Chain URLs,Type,Links in group,Nofollow\n"


def own_rows(numbers: range, site: str = "rival.example") -> str:
    return "".join(f"https://d{number}.example/page,https://{site}/,anchor {number}\n" for number in numbers)


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def pairs(links) -> list[tuple[str, str]]:
    return sorted(zip(links.frame["source_domain"], links.frame["site"], strict=True))


@pytest.fixture(scope="module")
def sample() -> lg.Links:
    return lg.read_links(lg.sample_exports())


# --- sites ----------------------------------------------------------------------------------------------------------


def test_a_row_goes_to_the_longest_site_that_matches(tmp_path):
    sites = {
        "https://rival.example/shop/chairs": "rival.example/shop/",
        "https://rival.example/shop": "rival.example/shop/",
        "rival.example/shop/tables?sort=price": "rival.example/shop/",
        "https://www.rival.example/Shop/chairs": "rival.example/shop/",
        "https://rival.example/shop/desks/oak": "rival.example/shop/desks/",
        "https://rival.example/shopping": "rival.example",
        "https://www.rival.example/": "rival.example",
        "https://help.rival.example/a": "rival.example",
        "https://blog.rival.example/a": "blog.rival.example",
        "https://deep.blog.rival.example/": "blog.rival.example",
    }
    cells = "".join(f"https://s{number}.example/,{target},x\n" for number, target in enumerate(sites))
    path = written(tmp_path / "mixed.csv", OWN + cells + "https://other.example/,https://elsewhere.example/,x\n")
    compared = ["rival.example", "rival.example/shop/", "rival.example/shop/desks/", "blog.rival.example"]
    links = lg.read_links(path, sites=compared)
    assert dict(zip(links.frame["target_url"], links.frame["site"], strict=True)) == sites
    assert links.set_aside[["row", "reason"]].to_numpy().tolist() == [[11, "other site"]]


def test_a_prefix_matches_in_any_letter_case(tmp_path):
    text = (
        OWN + "https://a.example/,HTTPS://me@WWW.Rival.example.:443/shop/x,x\n" + "b.example,rival.example/shopping,x\n"
    )
    links = lg.read_links(written(tmp_path / "mixed.csv", text), sites=["rival.example", "rival.example/Shop/"])
    assert pairs(links) == [("a.example", "rival.example/Shop/"), ("b.example", "rival.example")]


def test_a_site_that_is_a_prefix_alone_leaves_the_rest_of_its_domain_aside(tmp_path):
    text = OWN + "https://a.example/,https://rival.example/shop/x,\nhttps://b.example/,https://rival.example/blog,\n"
    links = lg.read_links(written(tmp_path / "mixed.csv", text), sites=["rival.example/shop/"])
    assert pairs(links) == [("a.example", "rival.example/shop/")]
    assert links.set_aside["reason"].to_list() == ["other site"]


def test_targets_that_the_first_rows_do_not_show_are_counted_all_the_same(tmp_path, monkeypatch):
    sent_on = ["", "https://rival.example/", "https://elsewhere.example/"]
    text = AHREFS + "".join(
        f"https://d{number}.example/,50,https://{host}.example/,{sent_on[number % 3]},,1,false\n"
        for number, host in enumerate(["rival", "old", "old", "www.rival", "blog.rival", "rival", "old", "newer"])
    )
    whole = lg.read_links(written(tmp_path / "whole.csv", text), sites=["rival.example"])
    monkeypatch.setattr(counting, "_PEEKED_ROWS", 1)
    with patch.object(Engine, "rows_reading", autospec=True, side_effect=Engine.rows_reading) as readings:
        links = lg.read_links(written(tmp_path / "peeked.csv", text), sites=["rival.example"])
    assert readings.call_count == 2  # the first rows, and all
    assert pairs(links) == pairs(whole) == [(f"d{number}.example", "rival.example") for number in (0, 1, 3, 4, 5, 7)]
    assert_frame_equal(links.receipts.drop(columns="file"), whole.receipts.drop(columns="file"))


def test_a_link_goes_where_its_redirects_end(tmp_path):
    text = AHREFS + (
        'https://a.example/,5,https://old.example/,"https://mid.example/,https://www.rival.example/x",redirect,3,false\n'
        "https://b.example/,5,https://rival.example/,,text,2,true\n"
        "https://c.example/,5,https://old.example/,https://elsewhere.example/,redirect,1,false\n"
    )
    links = lg.read_links(written(tmp_path / "rival.example-backlinks.csv", text))
    assert links.frame["source_domain"].to_list() == ["a.example", "b.example"]
    assert links.frame["links"].to_list() == [3, 2]
    assert links.frame["follow_links"].to_list() == [3, 0]
    assert links.set_aside[["row", "line", "reason"]].to_numpy().tolist() == [[3, 4, "other site"]]


@pytest.mark.parametrize("compared", ["a-site.example", "z-site.example", "a-site.example/shop/"])
def test_a_link_that_is_sent_on_to_another_compared_site_is_that_ones(tmp_path, compared):
    cells = f"https://a.example/,9,https://rival.example/x,https://{compared.rstrip('/')}/,Text,1,FALSE\n"
    links = lg.read_links(written(tmp_path / "links.csv", AHREFS + cells), sites=["rival.example", compared])
    assert pairs(links) == [("a.example", compared)]


@pytest.mark.parametrize(
    ("prefix", "target"),
    [
        ("bücher.example/shop/", "https://bücher.example/shop/x"),
        ("bücher.example/shop/", "https://www.xn--bcher-kva.example/shop/x"),
        ("rival.example/café/", "https://rival.example/caf%C3%A9/x"),
        ("rival.example/caf%c3%a9/", "https://rival.example/café"),
    ],
)
def test_a_prefix_matches_in_any_script(tmp_path, prefix, target):
    text = f"source_url,target_url\nhttps://a.example/,{target}\nhttps://b.example/,https://rival.example/other\n"
    links = lg.read_links(written(tmp_path / "links.csv", text), sites=[prefix])
    assert [domain for domain, _ in pairs(links)] == ["a.example"]


def test_links_of_a_site_to_itself_are_no_links(tmp_path):
    text = OWN + "https://blog.rival.example/,https://rival.example/,x\nhttps://a.example/,https://rival.example/,x\n"
    links = lg.read_links(written(tmp_path / "rival.example-backlinks.csv", text))
    assert pairs(links) == [("a.example", "rival.example")]
    assert links.set_aside["reason"].to_list() == ["self link"]
    assert links.receipts[["self_link", "other_site"]].to_numpy().tolist() == [[1, 0]]


def test_files_are_for_the_sites_that_the_user_says(tmp_path):
    list_of = "domain,domain_rating,dofollow_links,first_seen\n{},50,2,2026-01-01\n"
    mine = written(tmp_path / "export (1).csv", list_of.format("a.example"))
    theirs = [written(tmp_path / f"export ({n}).csv", list_of.format(f"d{n}.example")) for n in (2, 3)]
    links = lg.read_links({"me.example": mine, "https://www.Rival.example/": theirs})
    assert links.sites == ("me.example", "rival.example")
    assert pairs(links) == [
        ("a.example", "me.example"),
        ("d2.example", "rival.example"),
        ("d3.example", "rival.example"),
    ]


def test_files_of_one_name_in_different_folders_stay_apart(tmp_path):
    a = written(tmp_path / "a" / "backlinks.csv", OWN + own_rows(range(3), "a.example"))
    b = written(tmp_path / "b" / "backlinks.csv", OWN + own_rows(range(4), "b.example"))
    links = lg.read_links([a, b])
    assert Counter(links.frame["site"]) == {"a.example": 3, "b.example": 4}
    assert lg.read_links(tmp_path).receipts["file"].to_list() == ["a/backlinks.csv", "b/backlinks.csv"]


def test_links_of_many_files_are_judged_at_once(sample):
    """Joins of each file's own took the engine minutes to plan for a thousand files."""
    assert len(sample.sources) > 10
    assert sample.query().count("JOIN named") == 1


@pytest.mark.parametrize(
    ("name", "site"),
    [
        ("müller.de-refdomains.csv", "xn--mller-kva.de"),
        ("mu\u0308ller.de-refdomains.csv", "xn--mller-kva.de"),
        ("xn--mller-kva.de-refdomains.csv", "xn--mller-kva.de"),
        ("ahrefs-bücher.example_2026-10-22.csv", "xn--bcher-kva.example"),
        ("backlinks.new rival.example.csv", "rival.example"),
        ("rival.example.xlsx - Sheet1.csv", "rival.example"),
        ("rival.example-backlinks.md", "rival.example"),
        ("rival.md-backlinks.csv", "rival.md"),
        ("rival.md.csv", "rival.md"),
        ("rival.md/backlinks.csv", "rival.md"),
        ("rival.md/backlinks.md", "rival.md"),
    ],
)
def test_a_files_name_says_the_site_in_any_script(tmp_path, name, site):
    text = "domain,domain_rating,dofollow_links,first_seen\na.example,50,2,2026-01-01\n"
    folder = tmp_path / "exports"
    (folder / name).parent.mkdir(parents=True)
    written(folder / name, text)
    assert lg.read_links(folder).sites == (site,)


@pytest.mark.parametrize(
    ("name", "site"),
    [
        ("new-look.example-backlinks_refdomains.csv", "new-look.example"),
        ("all-clad.example-refdomains-subdomains_2026-10-22_19-38-16.csv", "all-clad.example"),
        ("https___data-hub.example_-Latest links-2026-10-22.csv", "data-hub.example"),
        ("sc-domain_links-r-us.example-Latest links-2026-10-22.csv", "links-r-us.example"),
        ("moz-inbound-links-for-link-shop.example-2026_10_22.csv", "link-shop.example"),
        ("1-800-chairs.example.csv", "1-800-chairs.example"),
        ("export_top-desks.example.csv", "top-desks.example"),
        ("all-new-backlinks-rival.example.csv", "rival.example"),
        ("rival-deskly.example.csv", "deskly.example"),
        ("competitor2-deskly.example.csv", "deskly.example"),
        ("03-deskly.example.csv", "deskly.example"),
        ("2026-10-22-deskly.example.csv", "deskly.example"),
        ("22.10.2026-deskly.example.csv", "deskly.example"),
        ("2026.10.22-deskly.example.csv", "deskly.example"),
        ("2026-10-22.deskly.example.csv", "deskly.example"),
        ("deskly.example-22.10.26.csv", "deskly.example"),
        ("1-2-3-deskly.example.csv", "1-2-3-deskly.example"),
        ("deskly.example-backlinks.new.csv", "deskly.example"),
        ("deskly.example.refdomains.part2.csv", "deskly.example"),
        ("the.best-backlinks.example.csv", "the.best-backlinks.example"),
        ("rival.com-vs-other.com.csv", "rival.com"),
        ("rival.co.uk-vs-my-shop.de-backlinks.csv", "rival.co.uk"),
        ("cats-vs-dogs.com.csv", "cats-vs-dogs.com"),
        ("www.cats-vs-dogs.com-backlinks.csv", "cats-vs-dogs.com"),
    ],
)
def test_a_site_that_begins_like_a_word_of_exporters_keeps_its_name(name, site):
    assert str(site_named(name, ())) == site


@pytest.mark.parametrize("spoken", PROVIDERS.values())
def test_the_name_of_any_provider_before_a_site_is_no_part_of_it(spoken):
    assert str(site_named(f"{spoken.lower().replace(' ', '-')}-rival.example.csv", ())) == "rival.example"


def test_a_site_may_be_plain():
    assert str(site_named("plain-living.example.csv", ())) == "plain-living.example"


@pytest.mark.parametrize("site", ["look.example", "new-look.example", "ahrefs-new-look.example"])
def test_which_part_of_a_files_name_is_the_site_is_told_by_the_compared_sites(tmp_path, site):
    text = "domain,domain_rating,dofollow_links,first_seen\na.example,50,2,2026-01-01\n"
    path = written(tmp_path / "ahrefs-new-look.example.csv", text)
    assert pairs(lg.read_links(path, sites=[site, "other.example"])) == [("a.example", site)]


@pytest.mark.parametrize("name", ["backlinks.new.csv", "links.live.csv", "all.domains.csv", "backlinks.md"])
def test_a_file_name_made_of_an_exporters_words_is_no_site(tmp_path, name):
    text = "domain,domain_rating,dofollow_links,first_seen\na.example,50,2,2026-01-01\n"
    with pytest.raises(lg.LinkgapError, match="does not say which site"):
        lg.read_links(written(tmp_path / name, text))


# --- duplicates and counts ------------------------------------------------------------------------------------------


def test_a_link_in_overlapping_files_counts_once(tmp_path):
    written(tmp_path / "rival.example-backlinks-1.csv", OWN + own_rows(range(10)))
    written(tmp_path / "rival.example-backlinks-2.csv", OWN + own_rows(range(5, 15)))
    links = lg.read_links(tmp_path)
    assert links.receipts["kept"].to_list() == [10, 5]
    assert links.receipts["duplicate"].to_list() == [0, 5]
    assert sorted(links.frame["anchor"]) == sorted(f"anchor {number}" for number in range(15))
    assert links.set_aside[["row", "line"]].to_numpy().tolist() == [[row, row + 1] for row in range(1, 6)]


def test_a_link_from_a_host_without_a_dot_counts_once_in_two_files(tmp_path):
    rows = "http://localhost:3000/,https://rival.example/,x\nhttp://[2001:db8::1]/,https://rival.example/,x\n"
    for number in "12":
        written(tmp_path / f"rival.example-backlinks-{number}.csv", "source_url,target_url,anchor\n" + rows)
    assert lg.read_links(tmp_path).receipts[["kept", "duplicate"]].to_numpy().tolist() == [[2, 0], [0, 2]]


@pytest.mark.parametrize("became", ["has changed", "is gone"])
def test_a_file_that_is_no_longer_what_was_counted_is_not_read_again(tmp_path, became):
    """Half of its links would be in the frame, and all in the receipts."""
    written(tmp_path / "rival.example.csv", OWN + own_rows(range(10)))
    path = written(tmp_path / "mine.example.csv", OWN + own_rows(range(5), "mine.example"))
    links = lg.read_links({"rival.example": tmp_path / "rival.example.csv", "mine.example": path})
    gap = lg.find_gap(links, site="mine.example")
    (tmp_path / "rival.example.csv").unlink()
    if became == "has changed":
        written(tmp_path / "rival.example.csv", OWN + own_rows(range(3)))
    for ask in (lambda: links.frame, lambda: links.save(tmp_path / "a.parquet"), lambda: lg.rank_prospects(gap).frame):
        with pytest.raises(UnreadableFileError, match=rf"^rival\.example\.csv {became} since it was read"):
            ask()
    assert not (tmp_path / "a.parquet").exists()


def test_a_file_in_a_folder_that_lets_nobody_in_any_more_is_gone(tmp_path, monkeypatch):
    links = lg.read_links(written(tmp_path / "rival.example.csv", OWN + own_rows(range(10))))

    def denied(_path, **_options):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "stat", denied)
    with pytest.raises(UnreadableFileError, match=r"^rival\.example\.csv is gone since it was read"):
        _ = links.frame


def test_what_is_no_host_is_no_duplicate(tmp_path):
    """Though it stands there several times: the receipt counts it as what it is."""
    path = written(tmp_path / "rival.example.csv", "from,number\na.example,5\nNA,1\nNA,1\na.example,5\n")
    links = lg.read_links(path, columns={"source_domain": "from", "links": "number"}, max_loss=1)
    assert links.receipts[["kept", "duplicate", "no_domain"]].to_numpy().tolist() == [[1, 1, 2]]


@pytest.mark.parametrize(
    ("counts", "other"),
    [
        ("subdomains_2026-09-22_19-38-16", "subdomains_2026-01-22_19-38-16"),
        ("lost_2026-09-22_19-38-16", "subdomains_2026-01-22_19-38-16"),
        ("subdomains_2026-09-22_19-38-16", "lost_2026-09-22_19-38-16"),
        ("all", "lost_2026-09-22_19-38-16"),
    ],
)
def test_of_two_states_of_one_link_the_later_export_counts(tmp_path, counts, other):
    heading = "source_url,target_url,anchor,lost\n"
    for name, lost in ((other, ""), (counts, "2026-05-05")):
        cells = f"https://a.example/,https://rival.example/,x,{lost}\nhttps://b.example/,https://rival.example/,y,\n"
        written(tmp_path / f"rival.example-backlinks-{name}.csv", heading + cells)
    links = lg.read_links(tmp_path)
    assert dict(zip(links.receipts["file"], links.receipts["duplicate"], strict=True)) == {
        f"rival.example-backlinks-{other}.csv": 2,
        f"rival.example-backlinks-{counts}.csv": 0,
    }
    assert links.frame.sort_values("source_domain")["is_lost"].to_list() == [True, False]


def test_rows_that_name_their_site_count_once_in_two_like_files(tmp_path):
    for name in ("links.csv", "links (1).csv"):
        written(tmp_path / name, "source_url,site\nhttps://a.example/,rival.example\nhttps://a.example/,me.example\n")
    links = lg.read_links(tmp_path)
    assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() in ([[2, 0], [0, 2]], [[0, 2], [2, 0]])


def test_records_for_several_sites_count_once_in_two_like_files(tmp_path):
    heading = "Domain,Domain rating,Intersect,me.example,rival.example\n"
    written(tmp_path / "intersect.csv", heading + "a.example,50,1,,2\nb.example,40,2,1,3\n")
    written(tmp_path / "intersect (1).csv", heading + "b.example,40,2,1,3\nc.example,30,1,,1\n")
    links = lg.read_links(tmp_path)
    assert sorted(links.receipts[["kept", "duplicate"]].to_numpy().tolist()) == [[1, 1], [2, 0]]
    assert links.set_aside["reason"].to_list() == ["duplicate"]
    assert lg.rank_prospects(lg.find_gap(links, site="me.example")).frame["links"].sum() == 3


def test_the_list_of_one_host_proves_nothing_of_the_others(tmp_path):
    written(tmp_path / "blog.me.example-refdomains.csv", "source_domain\na.example\n")
    written(tmp_path / "www.rival.example-refdomains.csv", "source_domain\nb.example\n")
    links = lg.read_links(tmp_path, sites=["me.example", "rival.example"])
    assert links.receipts["partial"].to_list() == ["only links to blog.me.example", None]
    assert lg.find_gap(links, site="me.example").frame["evidence"].to_list() == ["unverified"]


@pytest.mark.parametrize(
    ("name", "partial"),
    [
        ("my-domain.example-backlinks-subdomains_2026-09-22.csv", None),
        ("my-domain rival.example-backlinks-subdomains_2026-09-22.csv", None),
        ("rival.example_links-by-domain.csv", None),
        ("links-per-domain.zip/rival.example.csv", None),
        ("rival.example-referring-domain.csv", None),
        ("rival.example-backlinks-domain_2026-09-22.csv", "no links to subdomains (mode domain)"),
    ],
)
def test_a_mode_stands_where_vendors_write_it(name, partial, tmp_path):
    archive, _, inside = name.rpartition("/")
    path = written(tmp_path / inside, "source_domain\na.example\n")
    if archive:
        with zipfile.ZipFile(tmp_path / archive, "w") as packed:
            packed.write(path, inside)
    links = lg.read_links({"rival.example": tmp_path / archive if archive else path})
    assert links.receipts["partial"].to_list() == [partial]


def test_different_domains_of_two_own_lists_are_no_duplicates(tmp_path):
    for number, names in enumerate((["a", "b"], ["b", "c"])):
        cells = "".join(f"{name}.example,https://rival.example/\n" for name in names)
        written(tmp_path / f"rival.example-{number}.csv", "source_domain,target_url\n" + cells)
    links = lg.read_links(tmp_path)
    assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() == [[2, 0], [1, 1]]
    assert {domain for domain, _ in pairs(links)} == {"a.example", "b.example", "c.example"}


@pytest.mark.parametrize("date", ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %b %Y"])
def test_a_link_that_moz_saw_again_after_its_loss_is_not_lost_however_days_are_written(tmp_path, date):
    days = [(dt.date(2026, 2, 1), dt.date(2026, 9, 20)), (dt.date(2026, 10, 1), dt.date(2026, 9, 20))]
    rows = [f"a.example/{lost.day},rival.example/,5,{lost:{date}},{seen:{date}}\n" for lost, seen in days]
    heading = "source.page,target.page,source.domain_authority,date_disappeared,date_last_seen\n"
    links = lg.read_links(written(tmp_path / "links.csv", heading + "".join(rows)))
    assert links.frame["is_lost"].to_list() == [False, True]
    assert links.frame["lost"].dt.date.to_list()[1] == dt.date(2026, 10, 1)
    assert links.frame["lost"].isna().to_list() == [True, False]


@pytest.mark.parametrize(("state", "partial"), [("2026-09-01", "only lost links"), ("", None)])
def test_a_copy_of_a_list_of_lost_links_is_no_complete_list(tmp_path, state, partial):
    text = "domain,dr,dofollow links,lost\na.example,50,2,2026-09-01\n" + f"a.example,50,2,{state}\n" * 2
    written(tmp_path / "rival.example.csv", "domain,dr,dofollow links,lost\na.example,50,2,2026-09-01\n")
    written(tmp_path / "rival.example (1).csv", text)
    receipts = lg.read_links(tmp_path).receipts.set_index("file")["partial"]
    assert receipts["rival.example (1).csv"] == partial


def test_two_like_links_in_one_file_are_two_links(tmp_path):
    links = lg.read_links(written(tmp_path / "rival.example-backlinks.csv", OWN + own_rows(range(2)) * 2))
    assert links.receipts[["kept", "duplicate", "domains"]].to_numpy().tolist() == [[4, 0, 2]]


def test_a_domain_twice_in_a_list_of_domains_counts_once(tmp_path):
    text = "domain,domain_rating,dofollow_links,first_seen\n" + "a.example,50,2,2026-01-01\n" * 2 + "b.example,9,1,\n"
    links = lg.read_links(written(tmp_path / "rival.example-refdomains.csv", text))
    assert links.receipts[["rows", "kept", "duplicate"]].to_numpy().tolist() == [[3, 2, 1]]
    assert links.set_aside[["row", "reason"]].to_numpy().tolist() == [[2, "duplicate"]]
    pages = written(tmp_path / "other.example.txt", "https://a.example/x/\nhttps://a.example/X\nhttps://a.example/y\n")
    assert lg.read_links(pages).receipts[["kept", "duplicate"]].to_numpy().tolist() == [[2, 1]]


def test_an_older_export_beside_a_newer_one_is_noted(tmp_path):
    for month, domain in (("09", "b.example"), ("10", "c.example")):
        text = f"domain,domain_rating,dofollow_links,first_seen\na.example,50,2,2026-01-01\n{domain},9,1,\n"
        written(tmp_path / f"rival.example-refdomains-subdomains_2026-{month}-22_19-41-02.csv", text)
    note = "a newer export, of 2026-10-22, was read, too: a domain that only this one lists still counts"
    links = lg.read_links(tmp_path)
    assert links.domain_count == 3
    for each in (links, lg.read_links(links.save(tmp_path / "saved.parquet"))):
        assert each.receipts.sort_values("exported_at")["note"].fillna("").to_list() == [note, ""]


def test_files_of_several_vendors_are_united(tmp_path):
    ahrefs = "domain,domain_rating,dofollow_links,first_seen\na.example,50,2,2026-01-01\nb.example,40,1,2026-01-01\n"
    semrush = "Domain ascore,Domain,Backlinks,IP Address,Country,First seen,Last seen\n30,b.example,7,192.0.2.1,de,,\n"
    written(tmp_path / "rival.example-refdomains.csv", ahrefs)
    written(tmp_path / "rival.example-backlinks_refdomains.csv", semrush)
    links = lg.read_links(tmp_path)
    assert links.receipts["duplicate"].sum() == 0
    assert links.domain_count == 2
    assert links.frame["authority_metric"].value_counts().to_dict() == {"ahrefs_dr": 2, "semrush_as": 1}


@pytest.mark.parametrize(("other", "metric"), [(",", "our_score"), ("7,", "authority"), ("7,their_score", "authority")])
def test_a_file_of_links_names_the_metric_of_its_authority_if_all_is_of_one(tmp_path, other, metric):
    rows = f"rival.example,https://a.example/,5,our_score\nrival.example,https://b.example/,{other}\n"
    links = lg.read_links(written(tmp_path / "links.csv", "site,source_url,authority,authority_metric\n" + rows))
    assert links.frame["authority_metric"].to_list() == [metric] * 2


@pytest.mark.parametrize("column", ["provider", "authority_metric"])
def test_a_damaged_row_of_a_file_that_names_its_lists_is_set_aside(tmp_path, column):
    row = "rival.example,https://a.example/,5,moz\n"
    text = f"site,source_url,authority,{column}\n" + row * 300 + "rival.example,https://b.example/,5,moz,more,more\n"
    links = lg.read_links(written(tmp_path / "links.csv", text))
    assert links.receipts[["kept", "wrong_column_count"]].to_numpy().tolist() == [[300, 1]]
    assert set(links.frame[column]) == {"moz"}


@pytest.mark.parametrize(
    ("written_as", "links"),
    [
        ("7", 7),
        ("1,240", 1240),
        ("1.240", 1240),
        ("1.24", 1),
        ("12.345.678", 12_345_678),
        ("", 1),
        ("0", 1),
        ("-3", 1),
        ("n/a", 1),
        ("3.0", 3),
    ],
)
def test_a_row_stands_for_as_many_links_as_it_says_and_at_least_one(tmp_path, written_as, links):
    text = f'source_url,target_url,links\nhttps://a.example/,https://rival.example/,"{written_as}"\n'
    read = lg.read_links(written(tmp_path / "rival.example-backlinks.csv", text))
    assert read.frame["links"].to_list() == [links]


# --- names that the engine reads as patterns ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rival.example*.csv", "rival.example?.csv", "rival.example[1].csv"])
def test_marks_in_a_files_name_are_no_pattern(tmp_path, name):
    path = written(tmp_path / name, OWN + own_rows(range(3)))
    written(tmp_path / "rival.example1.csv", OWN + own_rows(range(50, 55)))
    assert len(lg.read_links(path).frame) == 3


def test_a_folders_name_is_no_column(tmp_path):
    text = "source_url,site\nhttps://a.example/,rival.example\n"
    path = written(tmp_path / "site=other.example" / "links.csv", text)
    assert pairs(lg.read_links(path)) == [("a.example", "rival.example")]


# --- a record for several sites -------------------------------------------------------------------------------------

INTERSECT = (
    "Domain,Domain rating,Domain traffic,Intersect,a.example/,b.example/\nm.example,50,9,2,1,4\nn.example,40,9,1,,2\n"
)
SERPSTAT = "Domain,SDR,Links count for domain #1 a.example,Links count for domain #2 b.example\n"
SEMRUSH = "domain;domain_ascore;matches_num;a.example;b.example\n"


@pytest.mark.parametrize(
    "text",
    [
        INTERSECT,
        SERPSTAT + "m.example,50,1,4\nn.example,40,0,2\n",
        SERPSTAT.replace(" count for ", "\u00a0count  for ") + "m.example,50,1,4\nn.example,40,0,2\n",
        SEMRUSH + "m.example;5;2;1;4\nn.example;4;1;0;2\n",
    ],
    ids=["ahrefs", "serpstat", "serpstat with other blanks", "semrush"],
)
def test_a_record_for_several_sites_is_one_record(tmp_path, text):
    links = lg.read_links(written(tmp_path / "intersect.csv", text))
    assert links.receipts[["rows", "kept", "set_aside"]].to_numpy().tolist() == [[2, 2, 0]]
    assert pairs(links) == [("m.example", "a.example"), ("m.example", "b.example"), ("n.example", "b.example")]
    assert links.frame.set_index(["row", "site"])["links"].to_dict() == {
        (1, "a.example"): 1,
        (1, "b.example"): 4,
        (2, "b.example"): 2,
    }


def test_of_the_sites_in_a_cell_those_that_are_compared_count(tmp_path):
    text = "Domain,Domain_rating,Links_to\nm.example,50,a.example; b.example\nn.example,40,b.example\no.example,3,\n"
    links = lg.read_links(written(tmp_path / "intersect.csv", text), sites=["a.example"])
    assert pairs(links) == [("m.example", "a.example")]
    assert links.set_aside[["row", "reason"]].to_numpy().tolist() == [[2, "other site"], [3, "not a link"]]


@pytest.mark.parametrize(("site", "aside"), [("a.example", [2]), ("b.example", [])])
def test_a_record_that_is_kept_for_one_site_is_not_set_aside_for_another(tmp_path, site, aside):
    links = lg.read_links(written(tmp_path / "intersect.csv", INTERSECT), sites=[site], max_loss=1)
    assert links.receipts[["rows", "kept", "set_aside"]].to_numpy().tolist() == [[2, 2 - len(aside), len(aside)]]
    assert links.set_aside["row"].to_list() == aside
    assert set(links.set_aside["reason"]) <= {"other site"}


@pytest.mark.parametrize(
    "target",
    [
        "https://rival.example/shop?x=1",
        "https://rival.example/shop#a",
        "https://rival.example:443/shop/x",
        "https://rival.example./shop/x",
    ],
)
def test_a_prefix_matches_however_the_address_is_written(tmp_path, target):
    path = written(tmp_path / "mixed.csv", OWN + f"https://a.example/,{target},x\n")
    links = lg.read_links(path, sites=["rival.example", "rival.example/shop/"])
    assert pairs(links) == [("a.example", "rival.example/shop/")]


@pytest.mark.parametrize(
    ("name", "noted"),
    [
        ("example.com-refdomains.csv", True),
        ("example.com-refdomains-subdomains.csv", True),
        ("example.com-refdomains-prefix.csv", False),
    ],
)
def test_a_list_of_a_host_that_is_taken_for_a_part_of_it_says_so(tmp_path, name, noted):
    (tmp_path / name).write_text("Domain,DR,Links to target\na.test,40,2\n")
    (tmp_path / "rival.test-refdomains.csv").write_text("Domain,DR,Links to target\nb.test,40,2\n")
    (tmp_path / "example.com-backlinks.csv").write_text(
        "Referring page URL,Domain Rating,Target URL\nhttps://a.test/,40,https://example.com/shop/x\n"
    )
    receipts = lg.read_links(tmp_path, sites=["example.com/shop/", "rival.test"]).receipts.set_index("file")
    note = receipts["note"].to_dict()
    expected = "it does not say that it lists only links to example.com/shop/; if it covers all of example.com, compare"
    assert str(note.pop(name)).startswith(expected) == noted
    assert not any(note.values())
    said = lg.read_links({"example.com/shop/": tmp_path / name, "rival.test": tmp_path / "rival.test-refdomains.csv"})
    assert not any(said.receipts["note"])


# --- saved links ----------------------------------------------------------------------------------------------------

TWO = {
    "source_url": ["https://a.example/x", "https://sub.b.example/y"],
    "target_url": ["https://rival.example/", "https://www.rival.example/page"],
}
TWO_PAIRS = [("a.example", "rival.example"), ("b.example", "rival.example")]


def two_lists_in_a_zip_by_one_name(folder: Path) -> list[Path]:
    with zipfile.ZipFile(folder / "lists.zip", "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Python's own, of the name that is there
        for rows in (range(3), range(3, 7)):
            archive.writestr("a.csv", OWN + own_rows(rows))
    return [folder / "lists.zip"]


def one_named_as_another_in_its_folder(folder: Path) -> list[Path]:
    rows = {"all/a/x.csv": range(3), "a/x.csv": range(3, 7), "b/x.csv": range(7, 8)}
    files = [written(folder / name, OWN + own_rows(numbers)) for name, numbers in rows.items()]
    return [folder / "all", *files[1:]]


def reread(links, folder: Path):
    return lg.read_links(links.save(folder / "links.parquet"))


def test_saved_links_of_many_files_are_read_as_one(sample, tmp_path):
    """A scan for each of the files that they come from took longer the more there were, by far."""
    again = reread(sample, tmp_path)
    assert len(sample.sources) == len(again.sources) > 10
    assert sample.query().count("UNION ALL") == len(sample.sources) - 1
    assert again.query().count("UNION ALL") == 0


def test_saved_links_give_the_same_ranking_of_hosts(sample, tmp_path):
    """Of domains the sample data's own tests say so."""
    again = reread(sample, tmp_path)
    before, after = (lg.find_gap(links, site="oakdesk.example", level="host") for links in (sample, again))
    assert_frame_equal(lg.rank_prospects(after).frame, lg.rank_prospects(before).frame)


def test_saved_links_can_be_read_beside_new_ones(tmp_path):
    old = written(tmp_path / "rival.example-backlinks.csv", OWN + own_rows(range(3)))
    new = written(tmp_path / "me.example-backlinks.csv", OWN + own_rows(range(2, 5), "me.example"))
    saved = lg.read_links(old).save(tmp_path / "old.parquet")
    links = lg.read_links([saved, new])
    assert links.sites == ("me.example", "rival.example")
    assert Counter(links.frame["site"]) == {"rival.example": 3, "me.example": 3}


def test_links_that_an_earlier_version_saved_can_be_read_beside_new_ones(tmp_path):
    """Their receipts hold the day of the export as an instant."""
    old = written(tmp_path / "rival.example-backlinks-2026-10-22.csv", OWN + own_rows(range(3)))
    new = written(tmp_path / "me.example-backlinks-2026-11-03.csv", OWN + own_rows(range(2, 5), "me.example"))
    table = pq.read_table(lg.read_links(old).save(tmp_path / "old.parquet"))
    about = table.schema.metadata[b"linkgap"].replace(b'"2026-10-22"', b'"2026-10-22T00:00:00.000"')
    assert about != table.schema.metadata[b"linkgap"]
    pq.write_table(table.replace_schema_metadata({b"linkgap": about}), tmp_path / "older.parquet")
    days = lg.read_links([tmp_path / "older.parquet", new]).receipts["exported_at"]
    assert days.tolist() == [pd.Timestamp(2026, 10, 22), pd.Timestamp(2026, 11, 3)]


@pytest.mark.parametrize(
    "receipts", ['["rival.csv"]', "[[1]]", '"rival.csv"', "7", "null", '[{"exported_at": "some day"}]', "[{}]"]
)
def test_saved_links_whose_receipts_are_damaged_are_refused_in_words(tmp_path, receipts):
    table = pq.read_table(lg.read_links(pd.DataFrame(TWO)).save(tmp_path / "links.parquet"))
    about = f'{{"sites": ["rival.example"], "receipts": {receipts}}}'
    pq.write_table(table.replace_schema_metadata({"linkgap": about}), tmp_path / "links.parquet")
    with pytest.raises(UnreadableFileError, match=r"saved by linkgap, but lacks .* Read the exports and save again"):
        lg.read_links(tmp_path / "links.parquet")


@pytest.mark.parametrize(
    ("lists", "names"),
    [
        (two_lists_in_a_zip_by_one_name, ["lists.zip/a.csv", "lists.zip/a (2).csv"]),
        (one_named_as_another_in_its_folder, ["a/x.csv", "a/x (2).csv", "b/x.csv"]),
    ],
)
def test_lists_whose_names_would_be_one_are_numbered_and_saved_apart(tmp_path, lists, names):
    links = lg.read_links(lists(tmp_path), sites=["rival.example"])
    again = reread(links, tmp_path)
    assert links.receipts["file"].to_list() == again.receipts["file"].to_list() == names
    assert len(links.frame) == len(again.frame) == links.row_count


def test_an_existing_file_is_replaced_whole(tmp_path):
    links = lg.read_links(pd.DataFrame(TWO))
    (tmp_path / "links.parquet").write_text("something else", encoding="utf-8")
    assert pairs(reread(links, tmp_path)) == TWO_PAIRS
    assert [path.name for path in tmp_path.iterdir()] == ["links.parquet"]


def test_links_that_are_saved_over_the_file_they_come_from_are_still_there(tmp_path):
    saved = lg.read_links(written(tmp_path / "rival.example.csv", OWN + own_rows(range(10)))).save(
        tmp_path / "a.parquet"
    )
    links = lg.read_links(saved)
    links.save(saved)
    assert len(links.frame) == 10


def test_files_of_one_name_are_saved_once(tmp_path):
    a = written(tmp_path / "a" / "backlinks.csv", OWN + own_rows(range(3), "a.example"))
    b = written(tmp_path / "b" / "backlinks.csv", OWN + own_rows(range(4), "b.example"))
    links = lg.read_links([a, b])
    assert links.receipts["file"].is_unique
    assert len(reread(links, tmp_path).frame) == 7


def test_a_saved_site_without_links_is_still_a_site(tmp_path):
    mine = written(tmp_path / "me.example-backlinks.csv", OWN)
    theirs = written(tmp_path / "rival.example-backlinks.csv", OWN + own_rows(range(3)))
    links = lg.read_links([theirs, mine])
    assert links.sites == ("me.example", "rival.example")
    assert reread(links, tmp_path).sites == links.sites


def test_links_saved_with_a_higher_max_loss_can_be_read(tmp_path):
    path = written(tmp_path / "rival.example-backlinks.csv", OWN + own_rows(range(9)) + "-,https://rival.example/,x\n")
    assert len(reread(lg.read_links(path, max_loss=0.5), tmp_path).frame) == 9


@pytest.mark.parametrize("options", [{"sites": ["other.example"]}, {"complete": True}])
def test_options_hold_for_saved_links_too(tmp_path, options):
    cells = "".join(f"d{n}.example,{90 - n // 2},1,2026-01-01\n" for n in range(100))
    path = written(
        tmp_path / "rival.example-refdomains.csv", "domain,domain_rating,dofollow_links,first_seen\n" + cells
    )
    links = lg.read_links(lg.read_links(path).save(tmp_path / "links.parquet"), **options)
    assert links.receipts["kept"].to_list() == [len(links.frame)]
    assert links.receipts["cut"].to_list() == ["none"] or "sites" in options


def test_saved_links_beside_the_file_they_come_from_count_once(tmp_path):
    path = written(tmp_path / "rival.example-backlinks.csv", OWN + own_rows(range(9)))
    saved = lg.read_links(path).save(tmp_path / "links.parquet")
    assert len(lg.read_links([path, saved]).frame) == 9
    links = lg.read_links([saved, path])
    assert links.receipts["file"].to_list() == [f"links.parquet/{path.name}", path.name]
    assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() == [[9, 0], [0, 9]]
    assert set(links.set_aside["file"]) == {path.name}
    assert len(reread(links, tmp_path).frame) == 9


def test_saved_links_of_several_sites_beside_their_file_count_once(tmp_path):
    path = written(tmp_path / "export.csv", OWN + own_rows(range(5)) + own_rows(range(3), "me.example"))
    sites = ["rival.example", "me.example", "nobody.example"]
    saved = lg.read_links(path, sites=sites).save(tmp_path / "links.parquet")
    for both in ([saved, path], [path, saved]):
        assert Counter(lg.read_links(both, sites=sites).frame["site"]) == {"rival.example": 5, "me.example": 3}
    assert lg.read_links(saved).sites == tuple(sites)
    assert len(lg.read_links([saved, path], sites=["rival.example"]).frame) == 5


@pytest.mark.parametrize("sites", [(), ["b.example"]])
def test_saved_records_for_several_sites_beside_their_file_count_once(tmp_path, sites):
    path = written(tmp_path / "intersect.csv", INTERSECT)
    alone = lg.read_links(path, sites=sites)
    saved = alone.save(tmp_path / "links.parquet")
    again = lg.read_links(saved).save(tmp_path / "again.parquet")
    for inputs in ([saved, path], [path, saved], [saved, again, path]):
        links = lg.read_links(inputs, sites=sites)
        assert pairs(links) == pairs(alone)
        assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() == [[2, 0], *[[0, 2]] * (len(inputs) - 1)]
        assert len(links.set_aside) == 2 * (len(inputs) - 1)


def test_a_record_of_which_one_sites_links_were_saved_stays_for_the_other(tmp_path):
    path = written(tmp_path / "intersect.csv", INTERSECT)
    saved = lg.read_links(path, sites=["b.example"]).save(tmp_path / "links.parquet")
    links = lg.read_links([saved, path], sites=["a.example", "b.example"])
    assert ("m.example", "a.example") in pairs(links)
    assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() == [[2, 0], [1, 1]]


def test_saved_lists_of_domains_beside_their_file_count_once(tmp_path):
    text = "domain,domain_rating,dofollow_links,first_seen\nA.example,50,2,2026-01-01\nb.example,40,1,2026-01-01\n"
    path = written(tmp_path / "rival.example-refdomains.csv", text)
    saved = lg.read_links(path).save(tmp_path / "links.parquet")
    newer = written(tmp_path / "new" / path.name, text + "c.example,9,1,2026-02-01\n")
    links = lg.read_links([saved, path, newer])
    assert links.receipts["file"].is_unique
    assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() == [[2, 0], [0, 2], [1, 2]]


@pytest.mark.parametrize(
    ("heading", "line"),
    [("domain,domain_rating,dofollow_links,first_seen", "{},50,2,"), ("source_domain,site", "{},rival.example")],
)
def test_saved_hosts_beside_their_file_count_once_however_they_are_written(tmp_path, heading, line):
    hosts = ["bücher.example", "Käse.example", "XN--ML-FKA.Example", "bucher.example."]
    lines = "".join(f"{row}\n" for row in [heading, *map(line.format, hosts)])
    path = written(tmp_path / "rival.example-refdomains.csv", lines)
    saved = lg.read_links(path).save(tmp_path / "links.parquet")
    for both in ([saved, path], [path, saved]):
        assert lg.read_links(both).receipts[["kept", "duplicate"]].to_numpy().tolist() == [[4, 0], [0, 4]]


def test_a_host_in_two_ways_of_writing_is_one_domain_in_a_list(tmp_path):
    text = "domain,domain_rating,dofollow_links,first_seen\nbücher.example,50,2,\nxn--bcher-kva.example,50,2,\n"
    links = lg.read_links(written(tmp_path / "rival.example-refdomains.csv", text))
    assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() == [[1, 1]]
    assert_frame_equal(reread(links, tmp_path).frame, links.frame)


def test_a_saved_frame_beside_itself_counts_once(tmp_path):
    frame = pd.DataFrame({"source_url": ["https://a.example/", "https://b.example/"], "site": ["x.example"] * 2})
    saved = lg.read_links(frame).save(tmp_path / "links.parquet")
    assert pairs(lg.read_links([frame, saved])) == [("a.example", "x.example"), ("b.example", "x.example")]


def test_saved_files_of_one_name_stay_apart(tmp_path):
    saved = []
    for month, rows in (("jan", 3), ("feb", 5)):
        path = written(tmp_path / month / "rival.example-backlinks.csv", OWN + own_rows(range(rows)))
        saved.append(lg.read_links(path).save(tmp_path / month / "links.parquet"))
    links = lg.read_links(saved)
    name = "links.parquet/rival.example-backlinks.csv"
    assert links.receipts["file"].to_list() == [f"jan/{name}", f"feb/{name}"]
    assert links.frame["file"].to_list() == [f"feb/{name}"] * 2 + [f"jan/{name}"] * 3
    assert links.receipts[["kept", "duplicate"]].to_numpy().tolist() == [[3, 0], [2, 3]]
    assert len(reread(links, tmp_path).frame) == 5


def test_saved_files_of_one_name_stay_apart_however_often_they_are_saved(tmp_path):
    """A list that was named after its file when it was saved has the longer name of one that is read beside it."""
    months = {"jan": range(3), "feb": range(2, 5)}
    jan, feb = (
        written(tmp_path / month / "rival.example-links.csv", OWN + own_rows(days)) for month, days in months.items()
    )
    first = lg.read_links(jan).save(tmp_path / "first.parquet")
    second = lg.read_links([first, feb]).save(tmp_path / "second.parquet")
    links = lg.read_links([first, second])
    name = "rival.example-links.csv"
    names = [f"first.parquet/{name}", f"second.parquet/first.parquet/{name}", f"second.parquet/{name}"]
    assert links.receipts["file"].to_list() == names
    assert reread(links, tmp_path).receipts["kept"].to_list() == links.receipts["kept"].to_list() == [3, 0, 2]
    assert len(reread(links, tmp_path).frame) == len(links.frame) == 5


@pytest.mark.parametrize("options", [{}, *({"sites": [site]} for site in ("a.example", "b.example", "c.example"))])
def test_a_saved_record_for_several_sites_counts_as_it_did(tmp_path, options):
    path = written(tmp_path / "intersect.csv", INTERSECT)
    saved = lg.read_links(path).save(tmp_path / "links.parquet")
    links, again = lg.read_links(path, **options, max_loss=1), lg.read_links(saved, **options)
    assert pairs(again) == pairs(links)
    for column in ("site", "rows", "kept", "set_aside", "other_site", "domains"):
        assert again.receipts[column].to_list() == links.receipts[column].to_list(), column
    assert (
        again.set_aside[["row", "reason"]].to_numpy().tolist() == links.set_aside[["row", "reason"]].to_numpy().tolist()
    )


@pytest.mark.parametrize(
    ("rows", "complete", "cut", "floor"),
    [
        (100, None, "authority", 41),
        (100, True, "none", None),
        (100, {"rival.example": True}, "none", None),
        (100, {"rival.example-refdomains.csv": False}, "authority", 41),
        (99, None, "none", None),
        (99, False, "authority", 41),
    ],
)
def test_a_saved_list_is_cut_as_it_was_unless_the_user_knows_better(tmp_path, rows, complete, cut, floor):
    cells = "".join(f"d{n}.example,{90 - n // 2},1,2026-01-01\n" for n in range(rows))
    heading = "domain,domain_rating,dofollow_links,first_seen\n"
    path = written(tmp_path / "rival.example-refdomains.csv", heading + cells)
    links = lg.read_links(lg.read_links(path).save(tmp_path / "links.parquet"), complete=complete)
    assert links.receipts["cut"].to_list() == [cut]
    assert links.receipts["floor"].fillna(0).to_list() == [floor or 0]
    assert links.receipts["floor_metric"].to_list() == [floor and "ahrefs_dr"]


def test_links_saved_before_floors_had_a_metric_are_read_and_get_it(tmp_path):
    cells = "".join(f"d{n}.example,{90 - n // 2},1,2026-01-01\n" for n in range(100))
    path = written(
        tmp_path / "rival.example-refdomains.csv", f"domain,domain_rating,dofollow_links,first_seen\n{cells}"
    )
    table = pq.read_table(lg.read_links(path).save(tmp_path / "links.parquet"))
    about = table.schema.metadata[b"linkgap"].replace(b'"floor_metric": "ahrefs_dr", ', b"")
    pq.write_table(table.replace_schema_metadata({b"linkgap": about}), tmp_path / "older.parquet")
    assert b"floor_metric" not in about
    assert lg.read_links(tmp_path / "older.parquet").receipts["floor_metric"].to_list() == ["ahrefs_dr"]


# --- statements -----------------------------------------------------------------------------------------------------

MOZ_API = "site_metrics.root_domain,targeted_pages,targeted_nofollow_pages,site_metrics.domain_authority\n"


def test_text_made_from_other_columns_is_made_once_in_a_statement(sample, tmp_path):
    """Copied into every place that reads it, the number that is left took three seconds to plan."""
    file = written(tmp_path / "moz.csv", MOZ_API + "blog.example,9,2,40\nforum.example,3,5,20\n")
    links = lg.read_links({"rival.example": file})
    assert links.frame["follow_links"].tolist() == [7, 0]
    found = 0
    for source in (*sample.sources, *links.sources):
        statement = links_query(source, ())
        made = [cell for name in source.columns if (cell := source.cell(name)) not in source.cells_of(name)]
        assert [statement.count(cell) for cell in made] == [1] * len(made)
        found += len(made)
    assert found > 10


def test_for_the_pages_of_a_domain_only_files_that_list_it_are_read(tmp_path):
    """Planning to read 60 files took 0.8 seconds, at each click on a domain in the explorer."""
    pages = {"a.example": "me.example", "b.example": "rival.example", "c.example": "rival.example"}
    for domain, site in pages.items():
        written(tmp_path / f"{domain}.csv", f"source_url,target_url\nhttps://{domain}/page,https://{site}/\n")
    links = lg.read_links(tmp_path)
    gap = lg.find_gap(links, site="me.example")
    chosen = gap.candidates.number[[gap.domains.index("c.example")]]
    query = pages_query(links, gap.question, chosen, columns=["place"])
    assert [source.file for source in links.sources if f"FROM {source.view})" in query] == ["c.example.csv"]
    assert pages_of(links, gap.question, chosen, most=5)[0][0]["url"] == "https://c.example/page"
