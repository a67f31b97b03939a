"""Spark on a cluster finds what the embedded engine finds, row for row, in a Java of its own."""

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
