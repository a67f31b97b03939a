"""The sample data: linkgap finds exactly what its maker knows, and the maker writes the same bytes again."""

import csv
import gzip
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import linkgap as lg
from linkgap.samples import shipped_folder

SITE = "oakdesk.example"
OWN = ["oakdesk-journal.example", "oakdesk-outlet.example"]
RIVALS = ("deskly.example", "sitwell.example", "uprightco.example", "workhaven.example")
SAMPLE = shipped_folder("sample_data")
RESERVED = {"example", "test", "invalid", "localhost"}
RESERVED_NAMES = {"example.com", "example.net", "example.org"}
RESERVED_ADDRESSES = [
    ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]


def truth(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_written(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return a table as the truth is written: text, booleans in lower case, nothing for null."""
    shown = table.astype(object).where(table.notna(), "")
    return [{name: written(value) for name, value in row.items()} for row in shown.to_dict("records")]


def written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


@pytest.fixture(scope="module")
def links() -> lg.Links:
    return lg.read_links(lg.sample_exports())


@pytest.fixture(scope="module")
def gap(links) -> lg.Gap:
    return lg.find_gap(links, site=SITE, own=OWN)


def test_the_prospects_are_those_of_the_truth(gap):
    rows = truth("truth.csv")
    assert as_written(gap.frame[list(rows[0])]) == sorted(rows, key=lambda row: row["domain"])


def test_the_receipts_are_those_of_the_truth(links):
    rows = truth("truth_receipts.csv")
    found = as_written(links.receipts[list(rows[0])])
    assert sorted(found, key=str) == sorted(rows, key=str)


def test_the_rows_set_aside_are_those_of_the_truth(links):
    rows = truth("truth_set_aside.csv")
    found = as_written(links.set_aside[list(rows[0])])
    assert sorted(found, key=str) == sorted(rows, key=str)


def test_every_row_is_kept_or_set_aside(links):
    receipts = links.receipts
    assert (receipts["rows"] == receipts["kept"] + receipts["set_aside"]).all()
    assert len(links.frame) == receipts["kept"].sum()
    assert len(links.set_aside) == receipts["set_aside"].sum()
    assert links.sites == tuple(sorted((SITE, *RIVALS)))


def test_min_rivals_leaves_the_truths_rows_that_link_to_as_many(links):
    rows = truth("truth.csv")
    for least in (2, 3, 4):
        wanted = sorted(row["domain"] for row in rows if int(row["rivals_linked"]) >= least)
        assert lg.find_gap(links, site=SITE, own=OWN, min_rivals=least).domains == wanted


def test_links_that_were_saved_say_the_same(links, gap, tmp_path):
    again = lg.read_links(links.save(tmp_path / "links.parquet"))
    assert again.sites == links.sites
    assert_frame_equal(again.receipts, links.receipts)
    same = lg.find_gap(again, site=SITE, own=OWN)
    assert_frame_equal(same.frame, gap.frame)
    assert lg.rank_prospects(same).notes == lg.rank_prospects(gap).notes
    assert_frame_equal(lg.rank_prospects(same).frame, lg.rank_prospects(gap).frame)


def test_every_prospect_is_explained_to_its_priority(gap):
    prospects = lg.rank_prospects(gap)
    for row in prospects.top(40).itertuples():
        assert prospects.explain(row.domain)["contribution"].sum() == pytest.approx(row.priority)


def test_the_changes_of_a_month_are_those_of_the_truth(links):
    later = lg.read_links(lg.sample_exports("next"))
    changes = lg.compare_links(links, later, site=SITE, own=OWN)
    table = changes.frame
    rows = truth("truth_changes.csv")
    found = as_written(table[list(rows[0])])
    assert sorted(found, key=str) == sorted(rows, key=str)
    assert {row["change"] for row in rows} == {"kept", "new", "lost", "unverified"}
    moved = changes.gaps["moved"].dropna()  # among the same ones: what some go up, others go down
    assert moved.abs().sum() > 0
    assert moved.sum() == 0


# The maker.


@pytest.fixture(scope="module")
def made_again(tmp_path_factory) -> Path:
    """Run the generator in a folder of its own."""
    folder = tmp_path_factory.mktemp("sample_data")
    shutil.copy(SAMPLE / "make_sample_data.py", folder)
    shutil.copytree(SAMPLE / "generator", folder / "generator", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-B", folder / "make_sample_data.py"], check=True, cwd=folder)
    return folder


def files_in(folder: Path) -> dict[str, Path]:
    """Return the files that the maker writes."""
    folders = ("exports/*", "next_month/*", "not_backlinks/*", "web_graph/*", "truth*.csv")
    made = [path for pattern in folders for path in folder.glob(pattern)]
    return {path.relative_to(folder).as_posix(): path for path in made}


def content(path: Path) -> dict[str, bytes]:
    """Return a file's bytes; of packed ones what is inside, which no version of zlib or of the writer changes."""
    if path.suffix == ".gz":
        return {"": gzip.decompress(path.read_bytes())}
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            cells = [name for name in book.namelist() if name.startswith(("xl/worksheets/sheet", "xl/sharedStrings"))]
            return {name: book.read(name) for name in cells}
    return {"": path.read_bytes()}


@pytest.mark.once
def test_the_maker_writes_the_files_that_are_there(made_again):
    assert files_in(made_again).keys() == files_in(SAMPLE).keys()


@pytest.mark.once
@pytest.mark.parametrize("name", sorted(files_in(SAMPLE)))
def test_the_maker_writes_the_same_bytes_again(made_again, name):
    # Not one assertion of two large texts: the difference of them would take minutes to draw.
    same = content(made_again / name) == content(SAMPLE / name)
    assert same, f"{name} is not what sample_data/make_sample_data.py writes: run it, or undo the change in generator/."


# Names.


def texts(path: Path) -> Iterator[str]:
    for inside in content(path).values():
        text = inside.decode("utf-16" if inside[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", errors="replace")
        yield re.sub(r"http://schemas\.[a-z]+\.org/[^\"']*", "", text)


def is_reserved(host: str) -> bool:
    host = host.rpartition("@")[2].lower()
    host = host.split("]")[0].lstrip("[") if host.startswith("[") else host.split(":")[0]
    host = host.rstrip(".。")
    try:
        return any(ip_address(host) in network for network in RESERVED_ADDRESSES)
    except ValueError:
        labels = host.split(".")
        return labels[-1] in RESERVED or ".".join(labels[-2:]) in RESERVED_NAMES


ADDRESS = re.compile(r"(?:https?:)?//([^/\s\"'<>,;?#|)\\]+)", re.IGNORECASE)
REAL_NAME = re.compile(
    r"\b[\w-]+\.(?:com|net|org|info|io|co|biz|dev|app|de|fr|es|it|nl|uk|us|eu|ru|cn|in)\b", re.IGNORECASE
)


@pytest.mark.once
@pytest.mark.parametrize("name", sorted(files_in(SAMPLE)))
def test_all_names_are_reserved_ones(name):
    found = {host for text in texts(SAMPLE / name) for host in (*ADDRESS.findall(text), *REAL_NAME.findall(text))}
    assert {host for host in found if not is_reserved(host)} == set()


def test_all_linking_domains_are_reserved_ones(links):
    frame = links.frame
    assert {domain for domain in frame["source_domain"].unique() if not is_reserved(domain)} == set()
    assert {row["domain"] for row in truth("truth.csv") if not is_reserved(row["domain"])} == set()


def test_another_month_is_refused():
    with pytest.raises(lg.LinkgapError, match=r"^month='last' is not known\. Allowed: next, this\.$"):
        lg.sample_exports("last")


def test_what_is_no_backlink_list_is_refused():
    with pytest.raises(lg.LinkgapError, match=r"This looks like .*Ahrefs Referring IPs.*; export Backlinks or"):
        lg.read_links(SAMPLE / "not_backlinks")
