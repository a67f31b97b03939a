"""Lists of many sites in one file, real ones where they are at hand: every row counted, none taken for another's."""

import csv
import gzip
import os
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

import linkgap as lg
from linkgap.domains import registrable_domain

GRAPHS = Path(__file__).parents[3] / "shared" / "data" / "graphs"


@pytest.fixture
def graphs():
    if not GRAPHS.is_dir():
        assert not os.environ.get("CI"), f"{GRAPHS} must be there in CI"
        pytest.skip("the real link graphs are not beside this checkout")
    return GRAPHS


def test_a_domain_that_links_to_two_sites_is_no_duplicate():
    rows = [("a.test", "one.example"), ("a.test", "two.example"), ("A.test", "two.example"), ("NA", "one.example")]
    frame = pd.DataFrame(rows, columns=["source_domain", "target_url"])
    columns = {"source_domain": "source_domain", "target_url": "target_url"}
    links = lg.read_links(frame, columns=columns, sites=["one.example", "two.example"], max_loss=1)
    assert links.receipts.loc[0, ["rows", "kept", "duplicate", "no_domain"]].tolist() == [4, 2, 1, 1]
    assert links.frame[["source_domain", "site"]].to_numpy().tolist() == [
        ["a.test", "one.example"],
        ["a.test", "two.example"],
    ]


def test_the_referring_domains_of_79_news_sites(graphs):
    path = graphs / "political-news" / "politifact_link_schemes.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["domain_from"] != "NA"]
    columns = {"source_domain": "domain_from", "target_url": "domain_to", "links": "links"}
    sites = sorted({row["domain_to"] for row in rows})
    links = lg.read_links(path, columns=columns, sites=sites, max_loss=1)
    receipt = links.receipts.iloc[0]
    assert (receipt["rows"], receipt["no_domain"], len(rows)) == (7_900, 2_051, 5_849)
    assert receipt["kept"] + receipt["self_link"] + receipt["duplicate"] == 5_849
    rivals = sites[1:6]
    gap = lg.find_gap(links, site=sites[0], rivals=rivals)
    linked = {
        site: {registrable_domain(row["domain_from"].lower()) for row in rows if row["domain_to"] == site}
        for site in sites[:6]
    }
    counts = Counter(domain for site in rivals for domain in linked[site])
    plain = {domain: number for domain, number in counts.items() if domain in set(gap.domains)}
    assert dict(zip(gap.frame["domain"], gap.frame["rivals_linked"], strict=True)) == plain
    assert not set(gap.domains) & linked[sites[0]]


def test_the_links_of_the_canadian_parties(graphs):
    path = graphs / "canadian-politics" / "edges.csv.gz"
    parties = ["conservative.ca", "greenparty.ca", "liberal.ca", "ndp.ca"]
    columns = {"source_url": "source", "target_url": "target", "links": "links", "first_seen": "crawl_date"}
    links = lg.read_links(path, columns=columns, sites=parties)
    receipt = links.receipts.iloc[0]
    assert receipt["rows"] == 146_128
    assert receipt["kept"] + receipt["self_link"] + receipt["other_site"] == 146_128
    assert receipt["unread_values"] == 0
    assert set(links.frame["site"]) == set(parties)
