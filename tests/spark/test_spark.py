"""Spark in this process finds what the embedded engine finds, row for row."""

import gc
import math
import os
import re
import subprocess
from importlib.resources import files
from unittest.mock import Mock

import pandas as pd
import pyarrow as pa
import pytest
from py4j.protocol import Py4JError

import linkgap as lg
import linkgap.spark.session
from linkgap.engine import Engine, literal, statement
from linkgap.errors import (
    InvalidArgumentError,
    LinkgapError,
    MissingFileError,
    MissingLibraryError,
    NotBacklinksError,
    TooMuchLossError,
    UnreadableFileError,
)
from linkgap.loaders import on_spark, read
from linkgap.spark import java as java_module
from linkgap.spark.session import own_session
from linkgap.spark.tables import SparkEngine

SITE, OWN = "oakdesk.example", ["oakdesk-journal.example", "oakdesk-outlet.example"]


def test_the_sample_exports_give_the_same_and_a_table_goes_with_them(local_spark, find_all, assert_same):
    """The table adds a rival to the exports; what the exports say alone stays as it was, and what is said of them."""
    mine = {"me.example": local_spark.createDataFrame(pa.table({"source_url": ["https://ridgeline.example/a"]}))}
    said = {"complete": {"dataforseo-uprightco.json": False}}
    links = lg.read_links([lg.sample_exports(), mine], engine=local_spark, **said)
    alone = lg.read_links(lg.sample_exports(), **said)
    assert repr(links.engine) == f"Engine: Spark {local_spark.version}, local[2]"
    assert links.sites == (*alone.sites, "me.example")
    assert links.row_count == alone.row_count + 1
    assert links.receipts.set_index("file").loc["dataforseo-uprightco.json", "cut"] == "authority"  # else "none"
    asked = {"own": OWN, "rivals": [site for site in alone.sites if site not in {SITE, *OWN}]}
    found, expected = (find_all(each, SITE, **asked) for each in (links, alone))
    added = found["receipts"].iloc[-1]
    assert (added["provider"], added["site"], added["kept"]) == ("linkgap", "me.example", 1)
    found["receipts"] = found["receipts"].iloc[:-1].astype(expected["receipts"].dtypes)
    for each in (found, expected):
        each["said"] = each["said"].iloc[1:]  # the first says how many links there are
    assert_same(found, expected)
    assert links.receipts["file"].iloc[-1] == "Spark DataFrame"
    assert lg.find_gap(links, site=SITE, rivals=["me.example"]).domains == ["ridgeline.example"]


def test_a_million_random_links_give_the_same(
    local_spark, random_links, sites, find_all, assert_same, expected_of_random
):
    links = lg.read_links(f"file://{random_links}", sites=sites, engine=local_spark)
    assert links.row_count > 900_000
    assert_same(find_all(links, sites[0]), expected_of_random)


SMALL = {
    "site": ["me.example"] * 2 + ["a.example"] * 5 + ["b.example"] * 4,
    "source_url": [
        *("https://www.one.com/1", "https://two.co.uk/1"),
        *("https://blog.one.com/2", "https://three.com/", "http://THREE.com:80/x", "https://me.blogspot.com/", None),
        *("https://three.com/9", "https://four.de/", "https://b.example/self", "https://two.co.uk/2"),
    ],
    "source_domain": [None] * 6 + ["five.org"] + [None] * 4,
    "links": [None, None, None, None, 3, None, 40, 1, 2, 1, 1],
    "nofollow": [False, True, True, None, False, False, True, False, False, False, False],
    "is_lost": [False, True, False, False, False, False, False, False, True, False, False],
    "first_seen": pd.to_datetime(["2024-01-01"] * 5 + [None] + ["2025-02-03"] * 5),
}


@pytest.fixture(scope="module")
def small(local_spark):
    """A table of a session whose settings refuse some statements of linkgap's."""
    local_spark.conf.set("spark.sql.crossJoin.enabled", "false")
    return local_spark.createDataFrame(pa.Table.from_pandas(pd.DataFrame(SMALL), preserve_index=False))


@pytest.fixture(scope="module")
def asked_of_hosts(small):
    """Links and gaps of hosts, by Spark and by the embedded engine, and the first lines of what both were asked."""
    asked = {SparkEngine: set(), Engine: set()}
    with pytest.MonkeyPatch.context() as patch:
        for engine, heard in asked.items():
            for method in ("run", "rows", "columns"):
                plain = getattr(engine, method)

                def listening(self, sql, heard=heard, plain=plain, **parameters):
                    heard.add(sql.splitlines()[0])
                    return plain(self, sql, **parameters)

                patch.setattr(engine, method, listening)
        links = lg.read_links(small), lg.read_links(pd.DataFrame(SMALL))
        gaps = [lg.find_gap(each, site="me.example", level="host") for each in links]
        frames = [lg.rank_prospects(gap).frame for gap in gaps]
    return links, frames, asked


@pytest.fixture(scope="module")
def small_links(asked_of_hosts):
    links, _, _ = asked_of_hosts
    return links


def test_hosts_are_found_alike(asked_of_hosts):
    _, (found, expected), _ = asked_of_hosts
    pd.testing.assert_frame_equal(found, expected)


def test_every_question_has_the_same_answer(small_links):
    options = {"live_only": False, "follow_only": True, "min_rivals": 2}
    found, expected = (lg.find_gap(links, site="me.example", **options) for links in small_links)
    pd.testing.assert_frame_equal(found.frame, expected.frame)


def test_a_gap_can_be_narrowed_and_explained(small_links):
    found, expected = (lg.find_gap(links, site="me.example") for links in small_links)
    narrower = [gap.where(present=["a.example"], absent=["b.example"]).domains for gap in (found, expected)]
    assert narrower == [["five.org", "me.blogspot.com"]] * 2
    pd.testing.assert_frame_equal(*(lg.rank_prospects(gap).explain("three.com") for gap in (found, expected)))


def test_csv_at_an_address_is_read_as_text(local_spark, tmp_path):
    """With days of which nothing but the user says what stands where, and quotes and a line break in the first cell."""
    path = tmp_path / "links.csv"
    table = pd.DataFrame({"anchor": 'the "best", they\n"say" \\', **SMALL})
    table.to_csv(path, index=False, date_format="%d/%m/%Y")
    expected = lg.read_links(path, day_first=True)
    found = lg.read_links(f"file://{path}", engine=local_spark, day_first=True)
    other = ["file", "encoding", "delimiter"]
    pd.testing.assert_frame_equal(found.receipts.drop(columns=other), expected.receipts.drop(columns=other))
    assert found.receipts["unread_values"].tolist() == [0]
    domains = [lg.find_gap(links, site="me.example").domains for links in (found, expected)]
    assert domains[0] == domains[1] != []


def test_planning_leaves_rows_that_python_sent_to_the_workers(local_spark):
    """Planning for 2,000 links took minutes; what the user keeps out of planning stays out, too."""
    name, rule = "spark.sql.optimizer.excludedRules", "org.apache.spark.sql.catalyst.optimizer.CombineFilters"
    local_spark.conf.set(name, rule)
    own = own_session(local_spark)
    local_spark.conf.unset(name)
    planned = own.sql("SELECT links + 1 FROM VALUES (1), (2) AS sent(links)")._jdf.queryExecution().optimizedPlan()
    assert "Project" in planned.toString()
    assert own.conf.get(name).split(",")[0] == rule


def test_csv_files_at_one_address_have_the_same_columns(local_spark, tmp_path):
    """Spark would read all of them by the places of one's columns."""
    folder = tmp_path / "links.csv"
    folder.mkdir()
    (folder / "1.csv").write_text("source_url,target_url\nhttps://one.com/,https://a.example/\n")
    (folder / "2.csv").write_text("target_url,source_url\nhttps://a.example/,https://two.com/\n")
    with pytest.raises(UnreadableFileError, match=r"^file:/.*[12]\.csv has other columns than another CSV file at "):
        lg.read_links(f"file://{folder}", engine=local_spark, sites=["a.example"])
    odd = tmp_path / "odd.csv"
    odd.write_text("source_url,,target_url,x,X\nhttps://one.com/,,https://a.example/,,\n")
    assert on_spark._frame_at(local_spark, f"file://{odd}").count() == 1
    odd.write_text("")
    with pytest.raises(NotBacklinksError, match=r"^The Spark table file:/.*odd\.csv is not .* it has no headings"):
        lg.read_links(f"file://{odd}", engine=local_spark)


def test_csv_that_spark_wrote_and_lines_that_end_in_several_ways_lose_no_row(local_spark, tmp_path):
    anchors = ['say "hi", you', '5"', "C:\\", "plain"]
    table = local_spark.createDataFrame(pa.table({"anchor": anchors, "source_url": list("abcd")}))
    table.write.csv(f"file://{tmp_path}/spark.csv", header=True)
    found = on_spark._frame_at(local_spark, f"file://{tmp_path}/spark.csv").sort("source_url").collect()
    assert [tuple(row) for row in found] == list(zip(anchors, "abcd", strict=True))
    for name, text in {"joined.csv": "a,b\r\n1,2\n3,4\r\n", "mac.csv": "a,b\r1,2\r3,4\r"}.items():
        (tmp_path / name).write_bytes(text.encode())
        rows = on_spark._frame_at(local_spark, f"file://{tmp_path}/{name}").collect()
        assert [row.asDict() for row in rows] == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


@pytest.mark.parametrize(("name", "separator"), [("links.TXT", ","), ("links.tsv.gz", "\t")])
def test_separated_values_at_an_address_have_the_separator_of_their_ending(local_spark, tmp_path, name, separator):
    pd.DataFrame(SMALL).to_csv(tmp_path / name, index=False, sep=separator)
    assert on_spark._frame_at(local_spark, f"file://{tmp_path}/{name}").columns == list(SMALL)


def test_a_table_is_found_by_its_name_and_the_users_session_stays_as_it_was(local_spark, small):
    small.createOrReplaceTempView("crawl_links")
    catalog, settings = local_spark.catalog, dict(local_spark.conf.getAll)
    tables, shared = catalog.listTables(), catalog.listTables("global_temp")
    links = lg.read_links("crawl_links", engine=local_spark)
    assert links.receipts["file"].tolist() == ["Spark table crawl_links"]
    assert links.row_count == 10
    assert links.receipts["self_link"].tolist() == [1]
    assert len(lg.find_gap(links, site="me.example"))
    assert dict(local_spark.conf.getAll) == settings
    assert catalog.listTables() == tables
    assert not catalog.functionExists("as_number")
    assert catalog.listTables("global_temp") == shared
    del links
    assert catalog.listTables("global_temp") == shared


def test_links_in_spark_stay_there(small_links):
    links, _ = small_links
    for ask in (lambda: links.frame, lambda: links.set_aside, lambda: links.save("links.parquet")):
        with pytest.raises(InvalidArgumentError, match="are in Spark and stay there"):
            ask()


def test_every_statement_is_the_same_file(asked_of_hosts):
    """Spark has one file of its own, with functions; what it is asked is what the embedded engine is asked."""
    folders = [files(package) for package in ("linkgap.gap", "linkgap.loaders", "linkgap.spark")]
    texts = [file for folder in folders for file in folder.iterdir() if file.name.endswith(".sql")]
    names = {file.read_text().splitlines()[0]: file.name for file in texts}
    _, _, asked = asked_of_hosts
    found = {engine: {names[line] for line in heard if line in names} for engine, heard in asked.items()}
    used = {"candidates.sql", "host_names.sql", "link_counts.sql", "many_links.sql", "members.sql", "names.sql"}
    used |= {"judged.sql", "kept.sql", "seen.sql", "shown.sql", "verdicts.sql"}
    assert found == {SparkEngine: used, Engine: used | {"usual_hosts.sql"}}


CELLS = [
    *("", " ", "x", "true", "Yes", " no ", "FALSE", "1", "0", "1.0", "maybe", "-", "n/a", "None", None, "X "),
    *("12", "-3", "+4", " 5.5 ", "1e3", "1E-2", ".5", "7.", "nan", "inf", "-Infinity", "1e400", "0x1F", "12d", "1 2"),
    *("2026-01-31", "2026-02-30", "1999-12-31", "1989-12-31", "2026-01-31T12:00:00Z", " 2026-01-31 10:00", "20260-1-1"),
    *("9223372036854775807", "-1e19", "1e18", "1e30", "2.5", "-2.5", "0.49999"),
    *(
        "1,234",
        "-1,234.5",
        "1.234,5",
        "12.345.678",
        "1.240",
        "37,5",
        "0,375",
        "1,2E+05",
        "1,23,4",
        "12 %",
        "3,5%",
        "1 234 567",
    ),
    *(
        "1\u00a0234",
        "1\u202f234",
        "1 234,5",
        "1'234",
        "-1\u2019234\u2019567.5",
        "1\u2009234",
        "1'23",
        "<10",
        "> 5",
        "~7",
        "1,2345",
        "3M",
        "12.3K",
        "-1,25 m",
        "1,234k",
        "1,234\n",
        "03/04/2026",
        "13/04/2026",
        "3.4.2026",
    ),
    *(
        "3-4-2026 10:00",
        "03/04/1989",
        "2026/1/31",
        "2026.02.30",
        "20260131",
        "20261301",
        "Jan 5, 2026",
        "January 5 2026",
    ),
    *("5 Jan 2026", "05-January-2026", "5-Jan 2026", "Sept 5, 2026", "Foo 5, 2026", "May 5 2026 10:00", "1/2/2026.5"),
    *("31 Feb 2026", "jan 5, 2026", "Jan. 5, 2026", "3/4/26", "2026-1-5", "Jan  5, 2026", "Jan 5,2026"),
    *("31-Jan-26", "1 Feb 26", "Jan 31, 26", "31-Feb-26", "31-Foo-26", "31-January-26", "31-Jan-26 10:00", "5-Jan 26"),
    *("46027", "46054.375", "72999", "73000", "32999", " 46027 ", "-46027"),
    *("3. 4. 2026 10:00", "13. 4. 26", "2026. 10. 2.", "2026. 10. 22 9:05", "2026. 13. 2.", "3.4.2026."),
    *("FALSKT", "Sand", "DOĞRU", "YANLIŞ", "epätosi", "ІСТИНА"),
    *("ΑΛΗΘΗΣ", "ψευδής", "ΨΕΥΔΗΣ", "Ναι", "真", "否", "いいえ", "לא", "Ano", "nem"),  # noqa: RUF001 - Greek
    *("Lost", " Link not found", "LNF", "404", "200", "200   ", "Active", "ok", "WLP", "SU", "removed\u00a0"),
    *(
        "nofollow",
        "No-Follow, ugc",
        "UGC",
        "ugc sponsored",
        "noopener",
        "dofollow",
        " follow ",
        "followed",
        "followers",
        "do follow",
    ),
    *("\u00a0yes\u3000", "n/a\u202f", "\u2003", "\u00a0\tno", "Sİ", "follow\u00a0", "\u00a031.01.2026\u2009"),
    *("12f", "1.5D", "\t12", "1e3\r\n", "1_000", "1__0", "1_", "1_0.5_5", "1._5", "\x0b1.240", "1.240\n"),
    *("Gesamtergebnis", "Average:"),
    *("Total", "grand total: 1,234", "Итого:", "totally", "total.example", "sum\n", " 合計 "),
    *("Jan 5 26", "February 29 23", "May 5 26 10:00"),
    *(
        "2026年1月2日",
        "2026년 12월 31일",
        "2026年13月1日",
        "1 janv. 2026",
        "1er août 2026",
        "15 juil. 2026",
        "31 févr. 2026",
    ),
    *("2 de enero de 2026", "3. März 2026", "1 lip 2026", "1. lip 2026", "1 xyz 2026", "3 gen 2026\n", "3 gen 1989"),
    *("1 янв. 2026 г.", "1 лист. 2026\u202fр.", "7 Μαΐ 2026", "1 AĞU 2026", "1 ago ago 2026"),  # noqa: RUF001 - Cyrillic
    # What is nearly a number, a day or a word, and by a slip would be one.
    *("1,5e3", "-12.345.678", "12.34.567", "1.23,5", "1,23.5", "-1 234", "1 23 456", "-12 %", "12 %x", "x12 %", "3Mx"),
    *("x3M", "x1,234", "1,234x", "x1.234,5", "~7x", "x~7", "we follow", "DoFollow", " Live ", "x nofollow x"),
    *("x3. 4. 2026", "Jan 105, 2026", "Jan 105, 26", "105 Jan 2026", "105-Jan-26", "x Jan 5, 26", "x20260131"),
    *("202601311", "a5 Jan 2026", "on 03/04/26", "Jan 5 46", "5-Jan-46", "3/4/46", " 3/4/2026", " 1 janv. 2026 "),
    *(f"{day:%b} 5, 2026" for day in pd.date_range("2026-01-01", periods=12, freq="MS")),
    *(f"{day.day} {day:%B} 2026" for day in pd.date_range("2026-01-01", periods=12, freq="MS")),
]


@pytest.fixture(scope="module")
def both_engines(local_spark):
    """The embedded engine and Spark, which know how the text of a cell becomes a value, and have no tables."""
    embedded = Engine()
    embedded.run(statement("linkgap.loaders", "macros"))
    return embedded, SparkEngine(local_spark)


@pytest.mark.parametrize(
    "function",
    [
        "as_text",
        "says_something",
        "as_flag",
        "as_nofollow",
        "as_number",
        "as_integer",
        "as_loss",
        "tells_loss",
        "names_total",
    ],
)
def test_cells_are_read_alike(both_engines, function):
    expected, found = read_cells(both_engines, f"{function}(cell)")
    assert found == expected


@pytest.mark.parametrize("function", ["says_something", "as_flag", "as_loss", "as_worded_month"])
def test_words_are_known_alike(function):
    """There are too many to ask Spark about each."""
    asked = (("linkgap.loaders", "macros", "MACRO"), ("linkgap.spark", "functions", "TEMPORARY FUNCTION"))
    bodies = [statement(*name).partition(f"{kind} {function}(")[2].partition("CREATE")[0] for *name, kind in asked]
    macro, function = (set(re.findall(r"'([^']*)'", re.sub(r"(?m)^--.*$", "", body))) for body in bodies)
    assert macro == function != set()


@pytest.mark.parametrize("day_first", ["NULL", "true", "false"])
def test_days_are_read_alike(both_engines, day_first):
    expected, found = read_cells(both_engines, f"CAST(as_day(cell, CAST({day_first} AS BOOLEAN)) AS VARCHAR)")
    assert found == expected


def test_cells_names_and_addresses_of_a_table_are_taken_as_those_of_a_frame(local_spark):
    """Also those that are SQL to Spark: backslashes, NUL and variables; and names in a session that has patterns."""
    hostile = "C:\\0\0 it's ${env:HOME} \\"
    table = pd.DataFrame(
        {
            "source_url": [f"https://d{number}.com/" for number in range(4)],
            "target_url": "HTTPS://MÜLLER.de/Shop/1",
            "traffic": ["12", "12f", "12\0", "\t7"],
            "anchor_text": list("abcd"),
            "dofollow": ["yes", "no", "yes", "no"],
            "provider": hostile,
            hostile.replace("\0", '`"'): "x",
        }
    )
    session = local_spark.newSession()
    session.conf.set("spark.sql.parser.quotedRegexColumnNames", "true")
    given = session.createDataFrame(pa.Table.from_pandas(table, preserve_index=False))
    found, expected = (lg.read_links(each, sites=["me.example", "müller.de/shop"]).receipts for each in (given, table))
    columns = ["provider", "kept", "unread_values", "note"]
    told = [receipts[columns].to_numpy().tolist() for receipts in (found, expected)]
    assert told[0] == told[1]
    ((*counts, note),) = told[0]
    assert counts == [hostile, 4, 2]
    assert note.endswith("links: 'anchor_text' as anchor, 'dofollow' as dofollow")


def in_sql(cell: str | None) -> str:
    """Write a cell for both engines, which write an apostrophe in a text differently."""
    return "NULL" if cell is None else " || chr(39) || ".join(map(literal, cell.split("'")))


def read_cells(engines, call):
    cells = ", ".join(f"({place}, {in_sql(cell)})" for place, cell in enumerate(CELLS))
    query = f"SELECT {call} FROM (VALUES {cells}) AS t(place, cell) ORDER BY place"
    both = [[row[0] for row in engine.rows(query)] for engine in engines]
    return [dict(zip(CELLS, values, strict=True)) for values in both]


def test_a_smallest_value_of_several_fields_is_the_same(both_engines):
    rows = "VALUES (1, 'b', NULL), (1, 'a', NULL), (1, 'a', 7), (2, NULL, 1), (2, 'z', 5), (3, NULL, NULL)"
    found = []
    for engine in both_engines:
        packed = engine.packed({"name": "name", "size": "size"})
        best = f"SELECT k, min({packed}) AS best FROM ({rows}) AS t(k, name, size) GROUP BY k"
        found.append(engine.rows(f"SELECT k, best.name, best.size FROM ({best}) AS found ORDER BY k"))
    assert found[0] == found[1] == [(1, "a", 7), (2, "z", 5), (3, None, None)]


def test_numbers_and_nulls_come_back_as_from_the_embedded_engine(both_engines):
    query = (
        "SELECT * FROM (VALUES (1, NULL, true, 'x'), (NULL, 2.5, NULL, NULL)) AS t(a, b, c, d) ORDER BY d NULLS LAST"
    )
    for engine in both_engines:
        found = engine.columns(query)
        assert [[None if each is None else each for each in found[name].tolist()] for name in "ac"] == [
            [1, None],
            [True, None],
        ]
        assert found["d"].tolist() == ["x", None]
        assert math.isclose(float(found["b"][1]), 2.5)


def test_tables_are_read_once_and_have_their_own_names(small):
    other = small.limit(3)
    receipts = lg.read_links([small, small, other]).receipts
    assert dict(zip(receipts["file"], receipts["kept"], strict=True)) == {
        "Spark DataFrame": 10,
        "Spark DataFrame (2)": 3,
    }


def test_a_frame_that_the_user_keeps_in_memory_stays_there(local_spark):
    table = local_spark.createDataFrame(pa.table({"source_url": ["https://one.com/"]})).cache()
    assert table.count() == 1
    engine = SparkEngine(local_spark)
    name = engine.offer(table)
    assert engine.rows(f"SELECT source_url FROM {name}") == [("https://one.com/",)]
    del engine
    gc.collect()
    assert table.storageLevel.useMemory
    assert not [each for each in local_spark.catalog.listTables("global_temp") if each.namespace == ["global_temp"]]


# Spark Connect


def test_spark_connect_gives_the_same(connect_spark, small_links, find_all, assert_same):
    table = pa.Table.from_pandas(pd.DataFrame(SMALL), preserve_index=False)
    connect_spark.createDataFrame(table).createOrReplaceTempView("only_here")
    links, (_, expected) = lg.read_links("only_here", engine=connect_spark), small_links
    assert_same(find_all(links, "me.example"), find_all(expected, "me.example"))
    assert [view.name for view in connect_spark.catalog.listTables()] == ["only_here"]
    links.engine._session.client.release_session()  # as a server does after an hour without questions
    with pytest.raises(LinkgapError, match=r"The Spark session is gone: it was stopped, .*Open a new one"):
        lg.find_gap(links, site="a.example")


def test_what_spark_connect_finds_late_is_said_in_words(connect_spark, tmp_path):
    with pytest.raises(UnreadableFileError, match=r"Spark can't read file:.*nothing: \[PATH_NOT_FOUND\]"):
        lg.read_links(f"file://{tmp_path}/nothing", engine=connect_spark)
    with pytest.raises(LinkgapError, match=r"^\[TABLE_OR_VIEW_NOT_FOUND\] .*no_such_table"):
        lg.read_links(connect_spark.table("no_such_table"))


def test_a_spark_connect_that_opens_no_second_session_is_refused_in_words():
    message = r"PySpark 4.* can't open a second session.*Allowed: sessions of Spark Connect from PySpark 4.3 on"
    with pytest.raises(InvalidArgumentError, match=message):
        own_session(object())


@pytest.mark.parametrize("given", [iter, set, lambda frames: dict.fromkeys(frames).keys()])
def test_tables_may_stand_in_anything_that_lists_them(small, given, monkeypatch):
    """Where Spark's frames were not looked for, all their rows came into this process."""
    monkeypatch.setattr(read, "read_in_spark", lambda session, where, *_: (session, where))
    assert lg.read_links(given([small])) == (small.sparkSession, [small])
    assert lg.read_links({"me.example": given([small])}) == (small.sparkSession, {"me.example": [small]})


# What is refused


def test_a_stream_is_refused_in_words(local_spark):
    stream = local_spark.readStream.format("rate").load().selectExpr("CAST(value AS STRING) AS source_url")
    with pytest.raises(UnreadableFileError, match=r"Spark DataFrame is a stream.* Write the stream to a table"):
        lg.read_links({"me.example": stream})


def test_a_vendors_headings_are_refused_in_words(local_spark):
    table = local_spark.createDataFrame(pa.table({"Domain": ["a.com"], "Domain Rating": [1], "Dofollow links": [2]}))
    with pytest.raises((NotBacklinksError, UnreadableFileError), match=r"Spark DataFrame .*"):
        lg.read_links({"me.example": table})


def test_too_much_loss_is_refused_in_words(local_spark):
    table = local_spark.createDataFrame(pa.table({"source_url": ["https://a.com/", "???"], "site": ["me.example"] * 2}))
    message = r"Spark DataFrame: 1 of 2 rows \(50.0%\) can't be used \(1 no domain\).* allows. Export the file again"
    with pytest.raises(TooMuchLossError, match=message):
        lg.read_links(table)


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        ("duckdb", r"engine='duckdb' is not allowed. Allowed: a SparkSession, or the address of a Spark master"),
        (3, r"engine= is of type int. Allowed: a SparkSession"),
    ],
)
def test_another_engine_is_refused_in_words(engine, message):
    with pytest.raises(InvalidArgumentError, match=message):
        lg.read_links(lg.sample_exports(), engine=engine)


def test_what_is_not_there_is_said_in_words(local_spark, tmp_path):
    with pytest.raises(UnreadableFileError, match=r"Spark can't read file:.*nothing: \[PATH_NOT_FOUND\]"):
        lg.read_links(f"file://{tmp_path}/nothing", engine=local_spark)
    (tmp_path / "links.json").write_text('{"source_url": "https://one.com/"}')
    with pytest.raises(
        UnreadableFileError, match=r"Spark can't read file:.*links.json: .*SparkException: \[FAILED_READ"
    ):
        lg.read_links(f"file://{tmp_path}/links.json", engine=local_spark)
    with pytest.raises(LinkgapError, match="no_such_table"):
        lg.read_links("no_such_table", engine=local_spark)


@pytest.mark.parametrize("where", ["exports/of me.csv", "my.site.example.csv", "a" * 5000])
def test_a_file_that_is_not_there_is_said_as_always(local_spark, where):
    for options in ({}, {"engine": local_spark}):
        with pytest.raises(MissingFileError, match=r"There is no file or folder .*Check the name"):
            lg.read_links(where, **options)


def test_a_file_in_the_users_home_is_found(local_spark, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "links.csv").write_text("source_url,site\nhttps://one.com/,me.example\n")
    assert lg.read_links("~/links.csv", engine=local_spark).row_count == 1


def test_what_is_said_of_a_list_that_is_not_there_is_refused_in_words(small):
    with pytest.raises(InvalidArgumentError, match=r"complete= names nope. Allowed: .*Spark DataFrame"):
        lg.read_links(small, complete={"nope": True})


@pytest.mark.parametrize("where", [[], {}])
def test_nothing_to_read_is_said_as_always(local_spark, where):
    with pytest.raises(MissingFileError, match="There is nothing to read: the list of files is empty"):
        lg.read_links(where, engine=local_spark)


# Java


def test_java_comes_with_the_extra(java):
    run = subprocess.run([java["JAVA_HOME"] + "/bin/java", "-version"], capture_output=True, text=True, check=True)
    assert "openjdk version" in run.stderr
    spark_wants = ["--add-modules=jdk.incubator.vector", "-Dit's=a b", "-version"]
    subprocess.run([java["JAVA_HOME"] + "/bin/java", *spark_wants], capture_output=True, check=True)


def test_a_java_of_the_users_own_goes_first(monkeypatch):
    monkeypatch.setenv("JAVA_HOME", "/opt/java")
    assert java_module.java_is_at_hand()
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", "")
    assert not java_module.java_is_at_hand()


def test_java_is_named_only_while_spark_starts(monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    with linkgap.spark.session._java():
        assert os.access(os.environ["JAVA_HOME"] + "/bin/java", os.X_OK)
    assert "JAVA_HOME" not in os.environ


def test_what_is_not_installed_is_said_in_words(monkeypatch, tmp_path):
    monkeypatch.setattr(java_module, "find_spec", lambda _: None)
    with pytest.raises(MissingLibraryError, match=r'there is none: no JAVA_HOME, .* pip install "linkgap\[spark\]"'):
        java_module.packaged_java(tmp_path)
    monkeypatch.setattr(linkgap.spark.session, "find_spec", lambda _: None)
    with pytest.raises(MissingLibraryError, match=r'Spark needs pyspark and pyarrow. .*pip install "linkgap\[spark\]"'):
        lg.read_links(lg.sample_exports(), engine="local[2]")


def test_a_java_that_spark_cannot_use_is_said_in_words(monkeypatch):
    thrown = "An error occurred while calling None.Context.\n: java.lang.UnsupportedOperationException: no\n\tat"
    monkeypatch.setattr("pyspark.sql.SparkSession.Builder.getOrCreate", Mock(side_effect=Py4JError(thrown)))
    monkeypatch.setenv("JAVA_HOME", "/a/java")
    words = r"started for local\[2\]: java.lang.UnsupportedOperationException: no\. Check that Java is 17 or newer"
    with pytest.raises(LinkgapError, match=words):
        lg.read_links("links.csv", engine="local[2]")


# At the end, because it ends the session that the others ask


def test_spark_makes_no_folder_where_the_user_works(local_spark):
    assert "spark-warehouse" not in local_spark.conf.get("spark.sql.warehouse.dir")


def test_a_session_that_was_stopped_is_said_in_words(local_spark, small, small_links):
    links, _ = small_links
    gap = lg.find_gap(links, site="me.example")
    local_spark.stop()
    for ask in (
        lambda: lg.read_links(small),
        lambda: lg.find_gap(links, site="a.example"),
        lambda: gap.categories,
        lambda: repr(links),
    ):
        with pytest.raises(LinkgapError, match=r"The Spark session is gone: it was stopped, .*Open a new one"):
            ask()
