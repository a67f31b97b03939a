"""Spark on a cluster finds what the embedded engine finds, row for row, in a Java of its own."""

import pandas as pd
import pyarrow as pa
import pytest

import linkgap as lg
from linkgap.cli import DONE, main
from linkgap.spark.session import open_session

SITE, OWN = "oakdesk.example", ["oakdesk-journal.example", "oakdesk-outlet.example"]


@pytest.fixture(scope="module")
def cluster_spark(cluster):
    """A session on a standalone master with two workers, which have no Python."""
    session = open_session(cluster)
    yield session
    session.stop()


@pytest.mark.usefixtures("cluster_spark")
def test_the_command_line_gives_the_same_on_a_cluster(cluster, tmp_path):
    exports, found, expected = str(lg.sample_exports()), tmp_path / "spark.csv", tmp_path / "embedded.csv"
    asked = ["--site", SITE, "--own", *OWN, "--quiet"]
    assert main(["gap", exports, *asked, "--engine", cluster, "--out", str(found)]) == DONE
    assert main(["gap", exports, *asked, "--out", str(expected)]) == DONE
    assert len(expected.read_bytes().splitlines()) > 1000
    assert found.read_bytes() == expected.read_bytes()


def test_a_million_random_links_give_the_same_on_a_cluster(
    cluster, cluster_spark, random_links, sites, find_all, assert_same, expected_of_random
):
    links = lg.read_links(cluster_spark.read.parquet(f"file://{random_links}"), sites=sites)
    assert repr(links.engine).endswith(cluster)
    assert cluster_spark.sparkContext.defaultParallelism == 2
    assert_same(find_all(links, sites[0]), expected_of_random)


# What workers read


def test_texts_of_a_table_are_read_as_the_embedded_engine_reads_them(cluster_spark):
    """Of one list a day tells what stands where, of the other none does; and one row in seven names no domain."""
    table = pd.DataFrame(
        {
            "provider": ["moz"] * 3 + ["ahrefs"] * 4,
            "source_url": ["https://one.com/", "https://two.com/", "???", *(f"https://{n}.org/" for n in "abcd")],
            "site": ["a.example"] * 7,
            "first_seen": ["31.01.2026", "3/4/2026", None, "3/4/2026", "5/6/2026", "", "2026-02-03"],
            "links": ["1,234", "3", "1", "7", "x", "", " 2 "],
            "authority": ["37,5", "nan", "", "1.5", "20", "x", "1e1"],
        }
    )
    given = cluster_spark.createDataFrame(pa.Table.from_pandas(table, preserve_index=False))
    found, expected = (lg.read_links(each, sites=["me.example", "a.example"], max_loss=0.5) for each in (given, table))
    receipts = found.receipts.drop(columns="file")
    pd.testing.assert_frame_equal(receipts, expected.receipts.drop(columns="file"))
    assert dict(zip(receipts["provider"], receipts["no_domain"], strict=True)) == {"ahrefs": 0, "moz": 1}
    gaps = [lg.find_gap(each, site="me.example").frame for each in (found, expected)]
    pd.testing.assert_frame_equal(*gaps)
    shown = gaps[0].set_index("domain")
    assert shown["links"].sum() == 1234 + 3 + 7 + 1 + 1 + 2
    days = shown["first_seen"].dropna().dt.strftime("%Y-%m-%d").to_dict()
    assert days == {"d.org": "2026-02-03", "one.com": "2026-01-31", "two.com": "2026-04-03"}


def test_bytes_that_are_no_utf8_are_replaced_and_names_that_differ_in_letter_case_are_told_apart(cluster_spark):
    """As in other frames: Spark takes any bytes for text, of columns by one name the first counts, and 5.000 is 5."""
    pages, anchors = (
        [b"https://one.com/", b"https://t\xffo.com/", b"https://three.com/"],
        [b"\xffun", b"zwei", b"\xf0\x9f"],
    )
    given = cluster_spark.createDataFrame(pa.table({"source_url": pages, "anchor": anchors}))
    texts = given.selectExpr(
        "CAST(source_url AS STRING) AS source_url",
        "anchor",
        "CAST(anchor AS STRING) AS title",
        "'' AS ANCHOR",
        "5.000 AS links",
    )
    table = pd.DataFrame({"source_url": pages, "anchor": anchors, "title": anchors, "links": 5})
    both = ({"a.example": texts}, {"a.example": table})
    found, expected = (lg.read_links(each, sites=["me.example", "a.example"], max_loss=0.5) for each in both)
    assert found.receipts["kept"].tolist() == expected.receipts["kept"].tolist()
    gaps = [lg.find_gap(each, site="me.example").frame for each in (found, expected)]
    pd.testing.assert_frame_equal(*gaps)
    assert {"\ufffdun", "\ufffd"} <= set(gaps[0]["sample_anchor"])
