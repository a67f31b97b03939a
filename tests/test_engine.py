"""The embedded engine: what it refuses, what it leaves behind, and that it keeps to itself."""

import datetime as dt
import gc
import subprocess
import sys
from pathlib import Path
from threading import Thread

import numpy as np
import pandas as pd
import pytest

import linkgap as lg
from linkgap.engine import DamagedRowsError, Engine, literal, makes, quoted
from linkgap.errors import InvalidArgumentError, LinkgapError
from linkgap.gap import membership

ROOT = Path(__file__).parents[1]


def test_its_folder_goes_when_it_goes():
    engine = Engine()
    folder = engine.folder
    assert folder.is_dir()
    del engine
    gc.collect()
    assert not folder.exists()


def test_tables_are_made_once_for_a_question_and_anew_after_making_broke_off():
    engine = Engine()
    for question, needed in ((1, True), (1, False), (2, True), (2, False)):
        with makes(engine, "members", question) as wanted:
            assert wanted is needed
    with pytest.raises(LinkgapError), makes(engine, "members", 1):
        engine.run("SELECT what FROM nowhere")
    with makes(engine, "members", 2) as wanted:
        assert wanted


def test_an_impossible_memory_limit_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"memory_limit='lots' is not allowed. Allowed: sizes such as '4GB'"):
        Engine(memory_limit="lots")


@pytest.mark.once
def test_too_little_memory_says_what_to_do():
    engine = Engine(memory_limit="100MB", threads=1)
    engine.run("SET temp_directory = ''")
    with pytest.raises(LinkgapError, match=r"ran out of memory.*memory_limit="):
        engine.run("CREATE TABLE big AS SELECT hash(range) AS h, repeat('x', 100) AS t FROM range(5000000)")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["b", "", "ä"], ["b", "", "ä"]),
        (["b", None], ["b", None]),
        ([None, None], [None, None]),
        ([1, 2**40], [1, 2**40]),
        (range(3), [0, 1, 2]),
        ([True, False], [True, False]),
        ([], []),
        (np.array([1.5, np.nan]), [1.5, None]),
        (np.array([2**60, 1]), [2**60, 1]),
        (np.ma.masked_array([2**60, 7], mask=[False, True]), [2**60, None]),
        (np.ma.masked_array([3, 4], mask=False), [3, 4]),
        (np.ma.masked_array(np.array(["a", "b"], dtype=object), mask=[True, False]), [None, "b"]),
        (np.array(["2026-10-22", "NaT"], dtype="datetime64[s]"), [dt.datetime(2026, 10, 22), None]),  # noqa: DTZ001
    ],
)
def test_columns_of_all_kinds_are_put_as_they_are(given, expected):
    engine = Engine()
    engine.put("made", {"value": given})
    engine.put("made", {"value": given}, append=True)
    assert [value for (value,) in engine.rows("SELECT value FROM made")] == expected * 2


@pytest.mark.parametrize("amount", ["4", "0", "0GB", "-1GB", "80%", "", "abc", "1KB", "1MB", "99MB", 4, None])
def test_only_amounts_are_allowed(amount):
    if amount is None:
        assert Engine(memory_limit=None)
        return
    with pytest.raises(InvalidArgumentError, match=r"is not allowed\. Allowed: sizes such as '4GB'"):
        Engine(memory_limit=amount)


@pytest.mark.once
@pytest.mark.parametrize("amount", ["4 GB", "4gb", "99999999999TB", "9" * 400 + "GB"])
def test_any_amount_from_the_least_is_allowed(amount):
    assert Engine(memory_limit=amount).rows("SELECT 1") == [(1,)]


def limit_of(engine):
    """In megabytes, to a tenth of their thousands, as the engine says it."""
    number, unit = engine.rows("SELECT current_setting('memory_limit')")[0][0].split()
    return float(number) * {"MiB": 1.048576, "GiB": 1073.741824}[unit]


def test_the_limit_is_the_whole_process_and_leaves_room_for_arrays():
    engine = Engine(memory_limit="4GB")
    assert limit_of(engine) == pytest.approx(3300, rel=0.05)
    engine.leave_room()
    assert limit_of(engine) == pytest.approx(1200, rel=0.1)
    unlimited = Engine()
    before = limit_of(unlimited)
    unlimited.leave_room()
    assert limit_of(unlimited) == before


def test_more_than_fits_goes_to_the_disk_and_comes_back():
    engine = Engine(memory_limit="100MB", threads=1)
    engine.run("CREATE TABLE big AS SELECT range AS a, hash(range) AS b FROM range(6_000_000)")
    assert sum(file.stat().st_size for file in (engine.folder / "spill").iterdir()) > 10_000_000
    grouped = "SELECT a % 1000000 AS g, count(*) AS n, max(b) AS m FROM big GROUP BY g"
    found = engine.rows(f"SELECT count(*), sum(n), sum(CASE WHEN m IS NULL THEN 1 ELSE 0 END) FROM ({grouped})")
    assert found == [(1_000_000, 6_000_000, 0)]


def test_nothing_is_fetched_behind_the_users_back():
    settings = dict(
        Engine().rows(
            "SELECT name, value FROM duckdb_settings() "
            "WHERE name IN ('autoinstall_known_extensions', 'autoload_known_extensions')"
        )
    )
    assert set(settings.values()) == {"false"}


def test_strange_names_and_texts_pass_through_sql_unharmed():
    engine = Engine()
    name, text = 'a "quoted"; DROP TABLE x', "it's; --"
    engine.put("strange", {name: [text]})
    assert engine.rows(f"SELECT {quoted(name)} FROM strange WHERE {quoted(name)} = {literal(text)}") == [(text,)]


def test_a_parameter_is_never_sql():
    engine = Engine()
    assert engine.rows("SELECT $text", text="1; DROP TABLE x") == [("1; DROP TABLE x",)]


def test_malformed_rows_stop_a_reading(tmp_path):
    engine = Engine()
    path = tmp_path / "links.csv"
    path.write_text('a,b\n1,2\n"3,4\n5,6\n')
    view = engine.offer_csv(path, ["a", "b"], delimiter=",", skip=0)
    with pytest.raises(DamagedRowsError):
        engine.run_reading(f"CREATE TABLE found AS SELECT * FROM {view}")


def test_a_good_file_is_read_whole(tmp_path):
    engine = Engine()
    path = tmp_path / "links.csv"
    path.write_text('preamble\na;b\n1;"2\n2"\n3;4\n')
    view = engine.offer_csv(path, ["a", "b"], delimiter=";", skip=1)
    engine.run_reading(f"CREATE TABLE found AS SELECT * FROM {view}")
    assert engine.rows("SELECT * FROM found") == [("1", "2\n2"), ("3", "4")]


def test_parquet_comes_back_with_what_was_said_about_it(tmp_path):
    engine, path = Engine(), tmp_path / "links.parquet"
    engine.write_parquet(pd.DataFrame({"a": [1, 2]}), path)
    view, names = engine.offer_parquet(path)
    assert names == ["a"]
    assert engine.rows(f"SELECT sum(a) FROM {view}") == [(3,)]
    engine.copy_to_parquet("SELECT 1 AS a", path, about={"linkgap": '{"it\'s": 1}'})
    assert engine.parquet_about(path) == {"linkgap": '{"it\'s": 1}'}


def test_it_says_which_engine_it_is():
    assert repr(Engine()).startswith("Engine: DuckDB ")


@pytest.mark.once
def test_several_threads_may_ask_one_connection():
    engine, found = Engine(), []
    threads = [
        Thread(target=lambda: found.append(engine.rows("SELECT sum(range) FROM range(3_000_000)"))) for _ in "abcd"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[(4_499_998_500_000,)]] * 4


@pytest.mark.once
def test_a_question_of_another_thread_waits_until_this_one_is_answered(monkeypatch):
    sites = ["one.example", "two.example", "three.example"]
    rows = [(f"d{number}.test", site) for place, site in enumerate(sites) for number in range(place, 9, place + 1)]
    links = lg.read_links(pd.DataFrame(rows, columns=["source_domain", "site"]), sites=sites)
    expected = {site: lg.find_gap(links, site=site).frame for site in links.sites[:2]}
    links.engine.made.clear()
    others = []

    def find_when_another_has_asked(engine, question, find=membership.find_candidates):
        if not others:
            others.append(Thread(target=lambda: others.append(lg.find_gap(links, site=links.sites[1]))))
            others[0].start()
            others[0].join(timeout=0.3)  # longer than it takes to make its tables, if it did
        return find(engine, question)

    monkeypatch.setattr(membership, "find_candidates", find_when_another_has_asked)
    gap = lg.find_gap(links, site=links.sites[0])
    others[0].join()
    for found in (gap, others[1]):
        pd.testing.assert_frame_equal(found.frame, expected[found.site])


def test_a_reading_that_is_stopped_before_it_begins_is_stopped_as_any_other(monkeypatch):
    """A signal that comes while a setting is made is the engine's own error, and was no KeyboardInterrupt."""
    engine = Engine()

    class Interrupted:
        def execute(self, *_):
            raise RuntimeError("Query interrupted")

    monkeypatch.setattr(engine, "_connection", Interrupted())
    for read in (engine.frame, engine.run_reading, engine.rows):
        with pytest.raises(KeyboardInterrupt):
            read("SELECT 1")


class Stopped:
    """Something that DuckDB reads by calling Python, when Ctrl-C is pressed."""

    def __arrow_c_stream__(self, requested_schema=None):
        raise KeyboardInterrupt

    def __str__(self):
        raise KeyboardInterrupt


def test_ctrl_c_while_the_engine_calls_python_is_no_error_of_the_engine():
    engine = Engine()
    with pytest.raises(KeyboardInterrupt):
        engine.run(f"SELECT * FROM {engine.offer(Stopped())}")
    with pytest.raises(KeyboardInterrupt):
        engine.put("stopped", {"name": np.array([Stopped()], dtype=object)})


def test_a_library_that_is_never_loaded_does_not_keep_the_process_from_ending(tmp_path):
    (tmp_path / "locked.py").write_text("import threading; threading.Event().wait()")
    program = "from linkgap import engine; engine._LOADING_SECONDS = 0.1; engine.load_ahead('locked')"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, timeout=30)
