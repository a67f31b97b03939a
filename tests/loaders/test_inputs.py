"""Real exports, read with no options; the numbers were counted by hand, or by a few lines that share no code."""

import csv
import os
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest

import linkgap as lg
from linkgap.loaders.links import Links

EXPORTS = Path(__file__).parents[3] / "shared" / "data" / "exports"
FLOORS = {"afida.com": 53, "takeawaypackaging.co.uk": 57, "cupsdirect.co.uk": 53, "greenpak.supplies": 36}
NO_ROWS = dict.fromkeys(["set_aside", "no_domain", "malformed_row", "wrong_column_count", "duplicate", "lost"], 0)


@pytest.fixture(scope="module")
def exports() -> Path:
    if not EXPORTS.is_dir() and not os.environ.get("CI"):
        pytest.skip("the real exports are not here: they lie in shared/data/exports beside the checkout")
    return EXPORTS


@pytest.fixture(scope="module")
def afida(exports: Path) -> Links:
    return lg.read_links(sorted((exports / "afida").glob("*-refdomains.csv")))


@pytest.fixture(scope="module")
def afida_folder(exports: Path) -> Links:
    with pytest.warns(lg.LinkgapWarning, match="1 file not read. LICENSE is not a backlink export"):
        return lg.read_links(exports / "afida")


@pytest.fixture(scope="module")
def attainable(exports: Path) -> dict[str, float]:
    with (exports / "afida" / "link-intersect-attainable.csv").open(encoding="utf-8", newline="") as file:
        return {row["domain"]: float(row["domain_rating"]) for row in csv.DictReader(file)}


def test_every_afida_list_is_cut_by_authority_at_100_rows(afida: Links):
    receipts = afida.receipts.set_index("site")
    assert set(receipts.index) == set(FLOORS)
    assert receipts["floor"].to_dict() == FLOORS
    for _, receipt in receipts.iterrows():
        assert receipt["cut"] == "authority"
        assert receipt["rows"] == receipt["kept"] == receipt["domains"] == 100
        assert receipt[list(NO_ROWS)].to_dict() == NO_ROWS
        assert (receipt["provider"], receipt["report"]) == ("ahrefs", "referring domains")
        assert receipt["partial"] is None


def test_at_least_two_rivals_give_the_answer_that_comes_with_the_data(afida: Links, attainable: dict[str, float]):
    gap = lg.find_gap(afida, site="afida.com", min_rivals=2).frame
    assert len(attainable) == 26
    assert sorted(gap["domain"]) == sorted(attainable)
    proven = {domain for domain, rating in attainable.items() if rating > FLOORS["afida.com"]}
    assert len(proven) == 22
    assert set(gap["domain"][gap["evidence"] == "proven"]) == proven
    assert Counter(gap["evidence"]) == {"proven": 22, "unverified": 4}


def test_at_least_one_rival_gives_204_domains(afida: Links):
    gap = lg.find_gap(afida, site="afida.com", min_rivals=1).frame
    assert Counter(gap["evidence"]) == {"proven": 145, "unverified": 59}


def test_afida_agrees_with_sets_of_the_files_cells(exports: Path, afida: Links):
    listed = {}
    for site in FLOORS:
        with (exports / "afida" / f"{site}-refdomains.csv").open(encoding="utf-8", newline="") as file:
            listed[site] = {row["domain"] for row in csv.DictReader(file)}
    rivals = set().union(*(domains for site, domains in listed.items() if site != "afida.com"))
    gap = lg.find_gap(afida, site="afida.com", min_rivals=1).frame
    assert set(gap["domain"]) == rivals - listed["afida.com"] - set(FLOORS)


def test_the_whole_afida_folder_is_read(afida_folder: Links):
    receipts = afida_folder.receipts.set_index("file")
    assert len(receipts) == 7
    assert receipts["rows"].sum() == 5 * 100 + 26
    new = receipts.loc["afida.com-refdomains-new.csv"]
    assert (new["site"], new["partial"], new["cut"]) == ("afida.com", "only new links", "rows")
    assert (new["kept"], new["duplicate"]) == (99, 1)
    assert afida_folder.set_aside[["file", "row", "line", "reason"]].to_dict("records") == [
        {"file": "afida.com-refdomains-new.csv", "row": 80, "line": 81, "reason": "duplicate"}
    ]
    licence = receipts.loc["LICENSE"]
    assert licence["provider"] is None
    assert licence["rows"] == 0
    assert licence["note"].startswith("not read: LICENSE is not a backlink export")


def test_the_whole_afida_folder_gives_the_same_gap(afida_folder: Links, attainable: dict[str, float]):
    gap = lg.find_gap(afida_folder, site="afida.com", min_rivals=2).frame
    assert sorted(gap["domain"]) == sorted(attainable)
    assert Counter(gap["evidence"]) == {"proven": 22, "unverified": 4}


def test_a_link_intersect_file_alone_names_its_three_sites(exports: Path):
    links = lg.read_links(exports / "afida" / "link-intersect-attainable.csv")
    assert set(links.sites) == set(FLOORS) - {"afida.com"}
    receipt = links.receipts.iloc[0]
    assert (receipt["provider"], receipt["report"]) == ("ahrefs", "link intersect")
    assert (receipt["rows"], receipt["kept"], receipt["domains"]) == (26, 26, 26)
    with (exports / "afida" / "link-intersect-attainable.csv").open(encoding="utf-8", newline="") as file:
        said = Counter(site for row in csv.DictReader(file) for site in row["links_to"].split(";"))
    assert Counter(links.frame["site"]) == said
    assert links.frame["row"].nunique() == 26


def test_new_referring_domains_alone_prove_nothing(exports: Path):
    links = lg.read_links(exports / "afida" / "afida.com-refdomains-new.csv")
    receipt = links.receipts.iloc[0]
    assert (receipt["rows"], receipt["kept"], receipt["cut"]) == (100, 100, "rows")
    assert receipt["partial"] == "only new links"
    assert links.frame["first_seen"].min() == pd.Timestamp("2026-07-29")


def test_lamicrobyflo(exports: Path):
    (path,) = (exports / "lamicrobyflo").iterdir()
    links = lg.read_links(path)
    receipt, frame = links.receipts.iloc[0], links.frame
    assert links.sites == ("lamicrobyflo.fr",)
    assert (receipt["provider"], receipt["report"]) == ("ahrefs", "backlinks")
    assert receipt[["rows", "kept", "domains"]].to_list() == [219, 219, 219]
    assert receipt[["cut", "exported_at"]].to_list() == ["none", pd.Timestamp("2025-12-02")]
    assert receipt[list(NO_ROWS)].to_dict() == NO_ROWS
    assert frame["links"].sum() == 1577
    assert frame["follow_links"].sum() == 905
    assert Counter(frame["kind"]) == {"text": 206, "image": 13}
    assert frame[["nofollow", "ugc", "sponsored"]].sum().to_list() == [82, 2, 0]
    assert frame["anchor"].isna().sum() == 5
    assert frame["traffic"].sum() == 2_297_049_028
    assert frame["first_seen"].min() == pd.Timestamp("2021-06-30")
    assert frame["last_seen"].max() == pd.Timestamp("2025-12-02")
    assert frame["lost"].isna().all()
    with path.open(encoding="utf-8", newline="") as file:
        pages = [row["Referring page URL"] for row in csv.DictReader(file)]
    assert frame["source_url"].to_list() == pages
    assert frame["source_host"].to_list() == [urlsplit(page).hostname for page in pages]


def test_johnmurch(exports: Path):
    with pytest.warns(lg.LinkgapWarning, match="LICENSE"):
        links = lg.read_links(exports / "johnmurch")
    receipt, frame = links.receipts.iloc[0], links.frame
    assert links.sites == ("johnmurch.com",)
    assert (receipt["provider"], receipt["report"]) == ("search_console", "latest links")
    assert receipt[["rows", "kept", "domains"]].to_list() == [18, 18, 15]
    assert receipt["partial"] == "Search Console shows a sample"
    assert Counter(frame["source_domain"]).most_common(3) == [
        ("github.com", 2),
        ("ipullrank.com", 2),
        ("wordpress.com", 2),
    ]
    assert frame["last_seen"].min() == pd.Timestamp("2016-04-13")
    assert frame["last_seen"].max() == pd.Timestamp("2020-06-30")
    assert frame["first_seen"].isna().all()
