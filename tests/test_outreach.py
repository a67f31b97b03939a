"""Outreach is remembered: through kills and restarts, by several notebooks at once, in order, and out of sheets."""

import csv
import datetime as dt
import io
import itertools
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import linkgap as lg
from linkgap.cells import neutralised, sealed, starts_formula, unsealed
from linkgap.errors import (
    FileExistsAlreadyError,
    InvalidArgumentError,
    MissingFileError,
    UnknownSiteError,
    UnreadableFileError,
    UnwritableFileError,
)
from linkgap.outreach import changes
from linkgap.schema import HISTORY, OUTCOMES, OUTREACH, OUTREACH_REASONS, STATUSES, WON

ROOT = Path(__file__).parents[1]
SITE = "me.example"
NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
FIELDS = ("status", "note", "owner", "contact", "contacted_on", "next_on")


def open_book(folder: Path, site: str = SITE, by: str = "Kim", moment: dt.datetime = NOON) -> lg.Outreach:
    return lg.open_outreach(folder / "outreach.sqlite", site=site, by=by, clock=lambda: moment)


@pytest.fixture
def book(tmp_path: Path) -> lg.Outreach:
    return open_book(tmp_path)


def row_of(book: lg.Outreach, domain: str) -> dict[str, object]:
    return book.frame.set_index("domain").loc[domain].to_dict()


# What a user does.


def test_a_day_of_outreach(book: lg.Outreach):
    assert repr(book) == "Outreach for me.example: 0 domains in outreach.sqlite"
    assert book.set(["b.test", "https://www.A.test/page", "a.test"], status="shortlisted", owner="Kim") == 4
    assert book.set("a.test", status="contacted", note="wrote to Jo", contact="jo@a.test", next_on="2026-11-28") == 5
    assert book.set("c.test", status="hidden") == 1
    assert book.frame["domain"].tolist() == ["a.test", "b.test", "c.test"]
    assert row_of(book, "a.test") == {
        "status": "contacted",
        "note": "wrote to Jo",
        "owner": "Kim",
        "contact": "jo@a.test",
        "contacted_on": pd.Timestamp("2026-11-21"),
        "next_on": pd.Timestamp("2026-11-28"),
        "changed_at": pd.Timestamp(NOON),
        "changed_by": "Kim",
    }
    assert book.hidden == {"c.test"}
    assert repr(book) == (
        "Outreach for me.example: 3 domains (1 shortlisted, 1 contacted, 1 hidden) in outreach.sqlite"
    )


def test_history_says_what_was_and_what_became(book: lg.Outreach):
    book.set(["a.test", "b.test"], status="shortlisted")
    book.set("b.test", note="x", status="won")
    book.set("b.test", note="")
    rows = book.history()[["number", "domain", "field", "old", "new", "by", "step"]].to_numpy().tolist()
    assert rows == [
        [1, "a.test", "status", "new", "shortlisted", "Kim", 1],
        [2, "b.test", "status", "new", "shortlisted", "Kim", 1],
        [3, "b.test", "status", "shortlisted", "won", "Kim", 3],
        [4, "b.test", "note", None, "x", "Kim", 3],
        [5, "b.test", "note", "x", None, "Kim", 5],
    ]
    assert book.history("www.b.test")["number"].tolist() == [2, 3, 4, 5]
    assert book.history("never.test").empty
    assert row_of(book, "b.test")["note"] is None


def test_what_is_so_already_is_no_change(book: lg.Outreach):
    again = {"status": "contacted", "note": "x", "next_on": dt.date(2026, 12, 1)}
    assert book.set("a.test", **again) == 4
    assert book.set("a.test", **again) == 0
    assert book.set("b.test", status="new", note="") == 0
    assert len(book.history()) == 4
    assert book.frame["domain"].tolist() == ["a.test"]


@pytest.mark.parametrize(
    ("hours", "day"), [(13, "2026-11-22"), (0, "2026-11-21"), (-13, "2026-11-20")], ids=["east", "utc", "west"]
)
def test_today_is_the_day_where_the_user_is(tmp_path: Path, hours: int, day: str):
    zone = dt.timezone(dt.timedelta(hours=hours))
    book = open_book(tmp_path, moment=NOON.astimezone(zone))
    book.set("a.test", status="contacted")
    assert row_of(book, "a.test")["contacted_on"] == pd.Timestamp(day)
    assert row_of(book, "a.test")["changed_at"] == pd.Timestamp(NOON)


def test_a_day_of_contact_that_is_said_stays(book: lg.Outreach):
    book.set("a.test", status="contacted", contacted_on="2026-01-31")
    book.set("b.test", status="contacted", contacted_on="")
    book.set("a.test", status="contacted", note="x")
    book.set("c.test", note="contacted")
    assert book.frame["contacted_on"].tolist() == [pd.Timestamp("2026-01-31"), pd.NaT, pd.NaT]


@pytest.mark.parametrize(
    "day",
    [
        "2026-01-31",
        " 2026-01-31 ",
        "2026-01-31 00:00:00",
        dt.date(2026, 1, 31),
        dt.datetime(2026, 1, 31, 9, tzinfo=dt.UTC),
        pd.Timestamp("2026-01-31"),
    ],
)
def test_days_in_the_ways_they_come(book: lg.Outreach, day: object):
    book.set("a.test", next_on=day)
    assert book.history()["new"].tolist() == ["2026-01-31"]


def test_domains_in_the_ways_they_come(book: lg.Outreach):
    for domains in ("a.test", ["a.test"], ("a.test",), {"a.test"}, pd.Series(["a.test"]), np.array(["a.test"])):
        book.set(domains, status="won")
    assert book.set([], status="won") == 0
    assert len(book.history()) == 1


def test_sites_share_a_file_and_not_their_rows(tmp_path: Path):
    mine, other = open_book(tmp_path), open_book(tmp_path, site="https://www.other.example/")
    mine.set("a.test", status="won")
    other.set("a.test", status="hidden")
    assert (mine.hidden, other.hidden) == (frozenset(), {"a.test"})
    assert other.history()["old"].tolist() == ["new"]
    assert mine.frame["status"].tolist() == ["won"]


def test_tables_are_those_of_the_schema(book: lg.Outreach):
    empty = book.frame, book.history()
    book.set("a.test", status="won")
    for tables in (empty, (book.frame, book.history())):
        for table, columns in zip(tables, (OUTREACH, HISTORY), strict=True):
            assert table.columns.tolist() == [column.name for column in columns]
    assert empty[0].dtypes.tolist() == book.frame.dtypes.tolist()
    assert empty[1].dtypes.tolist() == book.history().dtypes.tolist()
    assert book.frame[["domain", "status", "note"]].to_dict("records") == [
        {"domain": "a.test", "status": "won", "note": None}
    ]


def test_markup_in_a_note_stays_text(book: lg.Outreach):
    book.set("a.test", note="<script>alert(1)</script>")
    assert "<script>" not in book._repr_html_()
    assert "&lt;script&gt;" in book._repr_html_()


def test_who_changes_what(tmp_path: Path):
    for by in ("Kim", "", None):
        lg.open_outreach(tmp_path / "o.sqlite", site=SITE, by=by).set("a.test", note=f"by {by}")
    kim, nobody, user = lg.open_outreach(tmp_path / "o.sqlite", site=SITE).history()["by"]
    assert (kim, nobody) == ("Kim", None)
    assert user is None or user


def test_by_default_the_file_is_where_the_notebook_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    book = lg.open_outreach(site=SITE)
    monkeypatch.chdir("/")
    book.set("a.test", status="won")
    assert [path.name for path in tmp_path.iterdir()] == ["linkgap-outreach.sqlite"]


# Undo.


def test_undo_walks_back_and_is_history_too(book: lg.Outreach):
    book.set(["a.test", "b.test"], status="shortlisted")
    book.set("a.test", status="contacted", note="x")
    assert [book.undo(), book.undo(), book.undo()] == [3, 2, 0]
    assert book.frame["status"].tolist() == ["new", "new"]
    assert book.history()["undoes"].dropna().tolist() == [3, 3, 3, 1, 1]
    book.set("a.test", status="won")
    assert book.undo() == 1
    assert len(book.history()) == 5 + 5 + 2


def test_undo_leaves_what_others_changed_since(tmp_path: Path):
    mine, other = open_book(tmp_path), open_book(tmp_path, by="Jo")
    mine.set("c.test", note="before")
    mine.set(["a.test", "b.test"], status="shortlisted")
    other.set("a.test", status="won")
    assert mine.undo() == 1
    assert mine.frame["status"].tolist() == ["won", "new", "new"]
    other.set("b.test", status="rejected")
    assert mine.undo() == 1
    assert row_of(mine, "c.test")["note"] is None
    assert mine.undo() == 0
    assert other.undo() == 1


def test_a_new_session_takes_nothing_back(tmp_path: Path):
    open_book(tmp_path).set("a.test", status="won")
    assert open_book(tmp_path).undo() == 0


# Against a dict and a list.

DOMAINS = st.lists(st.sampled_from(["a.test", "b.test", "c.test"]), unique=True, max_size=3)
SAID = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(STATUSES),
        "note": st.sampled_from(["", "x", "y"]),
        "owner": st.sampled_from(["", "Kim"]),
        "contact": st.sampled_from(["", "jo@a.test"]),
        "contacted_on": st.sampled_from(["", "2026-01-31"]),
        "next_on": st.sampled_from(["", "2026-12-01"]),
    },
).filter(bool)


class Notebooks(RuleBasedStateMachine):
    """Two notebooks on one file, and what they should see: a dict of what is, a list of what was."""

    @initialize()
    def open(self) -> None:
        self.folder = TemporaryDirectory()
        self.now: dict[tuple[str, str], str] = {}
        self.past: list[tuple[str, str, str | None, str | None]] = []
        self.books, self.steps = [None, None], [[], []]
        self.restart(0)
        self.restart(1)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def value(self, domain: str, field: str) -> str | None:
        return self.now.get((domain, field), "new" if field == "status" else None)

    def change(self, domain: str, field: str, new: str | None) -> list[tuple[str, str, str | None, str | None]]:
        old = self.value(domain, field)
        if old == new:
            return []
        self.now[domain, field] = new
        self.past.append((domain, field, old, new))
        return [self.past[-1]]

    @rule(which=st.sampled_from([0, 1]))
    def restart(self, which: int) -> None:
        self.books[which], self.steps[which] = open_book(Path(self.folder.name)), []

    @rule(which=st.sampled_from([0, 1]), domains=DOMAINS, said=SAID)
    def set(self, which: int, domains: list[str], said: dict[str, str]) -> None:
        done = []
        contacted = [
            domain
            for domain in domains
            if said.get("status") == "contacted" != self.value(domain, "status") and "contacted_on" not in said
        ]
        for domain in domains:
            for field in FIELDS:
                if field in said:
                    done += self.change(domain, field, said[field] or None)
        for domain in contacted:
            done += self.change(domain, "contacted_on", "2026-11-21")
        if done:
            self.steps[which].append(done)
        assert self.books[which].set(domains, **said) == len(done)

    @rule(which=st.sampled_from([0, 1]))
    def undo(self, which: int) -> None:
        done = []
        for step in reversed(self.steps[which]):
            standing = [change for change in step if self.value(*change[:2]) == change[3]]
            if standing:
                self.steps[which].remove(step)
                for domain, field, old, _ in standing:
                    done += self.change(domain, field, old)
                break
        assert self.books[which].undo() == len(done)

    @invariant()
    def both_see_the_same(self) -> None:
        if not hasattr(self, "folder"):
            return
        domains = sorted({domain for domain, _ in self.now})
        for book in self.books:
            known = book.frame
            assert known["domain"].tolist() == domains
            for field in FIELDS:
                shown = [None if pd.isna(value) else str(value).removesuffix(" 00:00:00") for value in known[field]]
                assert shown == [self.value(domain, field) for domain in domains]
            assert book.hidden == {domain for domain in domains if self.value(domain, "status") == "hidden"}
        history = book.history()
        assert history[["domain", "field", "old", "new"]].to_numpy().tolist() == [list(each) for each in self.past]
        assert history["number"].tolist() == list(range(1, len(self.past) + 1))


TestNotebooks = Notebooks.TestCase
TestNotebooks.settings = settings(max_examples=12, stateful_step_count=15)


# Kills.

CALLS = [1] * 100 + [50] * 198
"""How many domains each call of a notebook changes: 10,000 changes in all, the first hundred one by one."""

NOTEBOOK = """
import sys
import linkgap as lg
path, by, first, *sizes = sys.argv[1:]
book = lg.open_outreach(path, site="me.example", by=by)
for call in range(int(first), len(sizes)):
    start = 37 * call
    book.set([f"d{(start + each) % 400}.test" for each in range(int(sizes[call]))], note=f"{by} {call}")
    print(call, flush=True)
"""


class Notebook:
    """A process that makes its calls, is killed after some of them, and goes on where it last had an answer."""

    def __init__(self, path: Path, by: str, kill_after: list[int]) -> None:
        self.path, self.by, self.kill_after = path, by, kill_after
        self.acknowledged: list[int] = []
        self.endings: list[int] = []

    def run(self) -> None:
        for last in [*self.kill_after, None]:
            self.run_once(last)

    def run_once(self, last: int | None) -> None:
        first = len(self.acknowledged)
        words = [self.path, self.by, first, *CALLS]
        with subprocess.Popen(
            [sys.executable, "-c", NOTEBOOK, *map(str, words)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        ) as process:
            for line in process.stdout:
                self.acknowledged += [int(line)] if line.endswith("\n") else []
                if int(line) == last:
                    os.kill(process.pid, signal.SIGKILL)
        self.endings.append(process.returncode)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that can't be caught")
def test_two_notebooks_that_are_killed_lose_nothing_acknowledged(tmp_path: Path):
    assert sum(CALLS) == 10_000
    chance = Random(7)  # noqa: S311 - kills need a seed, not secrecy
    kills = {by: sorted(chance.sample(range(len(CALLS) - 20), 4)) for by in ("Kim", "Jo")}
    # Apart by more than what may be acknowledged between a kill and its effect, so that every kill takes place.
    notebooks = [Notebook(tmp_path / "o.sqlite", by, [50 * n + kills[by][n] % 30 for n in range(4)]) for by in kills]
    threads = [threading.Thread(target=notebook.run) for notebook in notebooks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = lg.open_outreach(tmp_path / "o.sqlite", site=SITE).history()
    assert history["number"].tolist() == list(range(1, len(history) + 1))
    for notebook in notebooks:
        assert set(notebook.endings[:-1]) <= {-signal.SIGKILL, 0}
        assert notebook.endings.count(-signal.SIGKILL) >= 3
        assert notebook.endings[-1] == 0
        assert notebook.acknowledged == list(range(len(CALLS)))
        calls = [int(note.split()[1]) for note in history[history["by"] == notebook.by]["new"]]
        assert calls == sorted(calls)
        assert all(number >= CALLS[call] for call, number in Counter(calls).items())
        assert len(calls) >= 10_000
    assert_that_each_change_follows_the_one_before(history)


def assert_that_each_change_follows_the_one_before(history: pd.DataFrame) -> None:
    now: dict[str, str | None] = defaultdict(lambda: None)
    for domain, old, new in history[["domain", "old", "new"]].itertuples(index=False):
        assert now[domain] == old
        now[domain] = new


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that can't be caught")
def test_a_status_is_there_after_the_kernel_was_killed(tmp_path: Path):
    notebook = Notebook(tmp_path / "o.sqlite", "Kim", [])
    notebook.run_once(0)
    assert notebook.endings == [-signal.SIGKILL]
    again = lg.open_outreach(tmp_path / "o.sqlite", site=SITE)
    assert row_of(again, "d0.test")["note"] == "Kim 0"


def test_a_call_that_fails_midway_changes_nothing(book: lg.Outreach, monkeypatch: pytest.MonkeyPatch):
    book.set("a.test", note="before")
    value_now, left = changes.value_now, itertools.count(3, -1)

    def fail_midway(*question: object) -> str | None:
        if next(left) == 0:
            raise KeyboardInterrupt
        return value_now(*question)

    monkeypatch.setattr("linkgap.outreach.book.value_now", fail_midway)
    with pytest.raises(KeyboardInterrupt):
        book.set(["a.test", "b.test", "c.test", "d.test"], note="after")
    monkeypatch.undo()
    assert book.history()["new"].tolist() == ["before"]
    assert book.set("a.test", note="after") == 1


def test_threads_share_a_book(book: lg.Outreach):
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda number: book.set(f"d{number % 7}.test", note=f"note {number}"), range(100)))
    history = book.history()
    assert done == [1] * 100
    assert sorted(history["new"]) == sorted(f"note {number}" for number in range(100))
    assert_that_each_change_follows_the_one_before(history)


def test_a_commit_is_on_the_disk_and_nothing_lies_beside_the_file(book: lg.Outreach):
    with book.file.writing() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (3,)  # EXTRA
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    book.set("a.test", status="won")
    assert [path.name for path in book.file.path.parent.iterdir()] == ["outreach.sqlite"]


@pytest.mark.parametrize("sql", ["UPDATE changes SET new = 'lost'", "DELETE FROM changes"])
def test_history_is_only_added_to(book: lg.Outreach, sql: str):
    book.set("a.test", status="won")
    with sqlite3.connect(book.file.path) as connection, pytest.raises(sqlite3.Error, match="changes are only added"):
        connection.execute(sql)
    connection.close()


# What is refused.


@pytest.mark.parametrize(
    ("domains", "fields", "words"),
    [
        (
            "two words",
            {"status": "won"},
            r"Not a domain: 'two words'\. Allowed: domains or addresses, such as 'blog\.ex",
        ),
        (["a.test", "", "b c"], {"status": "won"}, r"Not a domain: '', 'b c'\. Allowed: .* Nothing was changed\.$"),
        (["a.test", None], {"status": "won"}, r"domains contains None\. Allowed: only texts"),
        (
            pd.DataFrame({"rank": [1], "domain": ["a.test"]}),
            {"status": "won"},
            r"domains is a whole table\. Allowed: a list, or one of its columns, such as domains=frame\['domain'\]\.$",
        ),
        (3, {"status": "won"}, r"domains=3 is not a domain\. Allowed: a domain or a list of them"),
        (
            "a.test",
            {},
            r"No value is given\. Allowed: status=, note=, owner=, contact=, contacted_on=, next_on=",
        ),
        (
            "a.test",
            {"status": "wn"},
            r"status='wn' is not known\. Allowed: contacted, hidden, new, rejected, replied, shortlisted, won\.",
        ),
        ("a.test", {"status": ""}, r"status='' is not known\."),
        ("a.test", {"status": 1}, r"status=1 is not known\."),
        ("a.test", {"note": 5}, r"note=5 is not a text\. Allowed: a text, or '' to clear it\."),
        ("a.test", {"note": "x" * 10_001}, r"note= has 10,001 characters\. Allowed: 10,000\. Shorten it\."),
        ("a.test", {"owner": "x" * 501}, r"owner= has 501 characters\. Allowed: 500\."),
        (
            "a.test",
            {"next_on": "31.1.2026"},
            r"next_on='31\.1\.2026' is not a day\. Allowed: 2026-01-31, a date, or ''",
        ),
        ("a.test", {"next_on": "2026-02-30"}, r"next_on='2026-02-30' is not a day\."),
        ("a.test", {"next_on": "2026-01-31xyz"}, r"next_on='2026-01-31xyz' is not a day\."),
        ("a.test", {"next_on": "2026-W05-1"}, r"next_on='2026-W05-1' is not a day\."),
        ("a.test", {"next_on": "20260131"}, r"next_on='20260131' is not a day\."),
        ("a.test", {"next_on": pd.NaT}, r"next_on=NaT is not a day\."),
        ("a.test", {"contacted_on": 20260131}, r"contacted_on=20260131 is not a day\."),
    ],
)
def test_what_set_refuses_and_then_nothing_changed(book: lg.Outreach, domains: object, fields: dict, words: str):
    with pytest.raises(InvalidArgumentError, match=f"^{words}"):
        book.set(domains, **fields)
    assert book.history().empty


def test_what_is_no_domain_has_no_history(book: lg.Outreach):
    with pytest.raises(InvalidArgumentError, match=r"^Not a domain: 'two words'\."):
        book.history("two words")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda book: book.history([]), r"domain is of type list\. Allowed: one domain as a text, such as "),
        (lambda book: book.join("a.test"), r"frame is of type str\. Allowed: a DataFrame with a column named domain, "),
        (
            lambda book: book.join(pd.DataFrame([["a.test", "b.test"]], columns=["domain", "domain"])),
            r"The table has two columns named domain\. Rename or drop one of them\.",
        ),
        (
            lambda book: lg.open_outreach(book.file.path, site=SITE, by=7),
            r"by is of type int\. Allowed: a name, '' for nobody, or None for this computer's user\.",
        ),
        (
            lambda book: lg.open_outreach(book.file.path, site=SITE, clock=7),
            r"clock is of type int\. Allowed: a function that returns a datetime with its time zone\.",
        ),
    ],
)
def test_what_a_book_can_not_take(book: lg.Outreach, call, words: str):
    with pytest.raises(InvalidArgumentError, match=f"^{words}"):
        call(book)


@pytest.mark.parametrize(
    ("site", "words"),
    [("two words", r"'two words' is not a site\. Allowed: a domain"), (None, "site=None is not a site")],
)
def test_what_is_no_site_has_no_book(tmp_path: Path, site: object, words: str):
    with pytest.raises(InvalidArgumentError, match=words):
        lg.open_outreach(tmp_path / "o.sqlite", site=site)
    assert list(tmp_path.iterdir()) == []


def foreign_database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE cookies (name TEXT)")
    connection.close()


def newer_database(path: Path) -> None:
    lg.open_outreach(path, site=SITE)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (
            lambda path: path.mkdir(),
            InvalidArgumentError,
            r"is a folder\. Name a file in it, such as .*linkgap-outreach",
        ),
        (
            lambda path: path.write_text("Domain,Status\n" * 99),
            UnreadableFileError,
            r"is not an outreach file \(not SQLite\)",
        ),
        (foreign_database, UnreadableFileError, r"is another program's database\. Name another file for outreach\."),
        (
            newer_database,
            UnreadableFileError,
            r"was written by a newer linkgap \(layout 9; this one knows 1\)\. Update",
        ),
    ],
    ids=["folder", "text", "foreign", "newer"],
)
def test_files_that_are_something_else_are_named_and_left_alone(tmp_path: Path, make, error, words: str):
    path = tmp_path / "o.sqlite"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(error, match=words) as caught:
        lg.open_outreach(path, site=SITE)
    assert str(path) in str(caught.value)
    assert before is None or path.read_bytes() == before


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("no/such/folder/o.sqlite", MissingFileError, r"There is no folder .*folder for o\.sqlite\. Make it first"),
        ("nul\0.sqlite", InvalidArgumentError, r"is not a valid file name: .*null.* Allowed: a path"),
        (7, InvalidArgumentError, r"^7 is not a valid file name"),
    ],
)
def test_places_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: object, error, words: str):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=words):
        lg.open_outreach(path, site=SITE)


@pytest.mark.parametrize("name", ["o #1?mode=memory.sqlite", "über 100%.sqlite", "it's;--.sqlite", "no suffix"])
def test_file_names_are_names(tmp_path: Path, name: str):
    lg.open_outreach(tmp_path / name, site=SITE).set("a.test", status="won")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert lg.open_outreach(tmp_path / name, site=SITE).frame["status"].tolist() == ["won"]


def test_an_empty_file_becomes_a_book(tmp_path: Path):
    (tmp_path / "o.sqlite").touch()
    assert lg.open_outreach(tmp_path / "o.sqlite", site=SITE).set("a.test", status="won") == 1


@pytest.mark.parametrize(
    "call", [lambda book: book.set("a.test", note="x"), lambda book: book.frame], ids=["set", "see"]
)
def test_a_file_that_another_program_holds(book: lg.Outreach, monkeypatch: pytest.MonkeyPatch, call):
    monkeypatch.setattr(changes, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(book.file.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(UnwritableFileError) as caught:
        call(book)
    holder.close()
    assert str(caught.value) == (
        f"{book.file.path} has been in use by another program for 0.05 seconds. "
        "Nothing was changed. Close it, and try again."
    )
    call(book)


def test_a_file_that_is_gone_is_not_made_anew(book: lg.Outreach):
    book.file.path.unlink()
    with pytest.raises(
        MissingFileError, match=r"no longer exists\. Put it back, or open a new file with open_outreach\(\)\."
    ):
        book.set("a.test", note="x")
    assert not book.file.path.exists()
    book.file.path.touch()
    with pytest.raises(MissingFileError, match=r"has been emptied meanwhile\. Put a copy in its place"):
        book.set("a.test", note="x")


def refuse(error: Exception) -> Callable[..., None]:
    def raise_it(*_: object, **__: object) -> None:
        raise error

    return raise_it


def test_a_damaged_file_is_named(book: lg.Outreach):
    book.set([f"d{number}.test" for number in range(500)], note="x" * 100)
    whole = book.file.path.read_bytes()
    book.file.path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    with pytest.raises(UnreadableFileError, match=r"is damaged: .*malformed.* Put a copy of it in its place\."):
        book.history()


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        ("SQLITE_READONLY_DIRECTORY", UnwritableFileError, r"is read-only\. Nothing was changed\. Make the file"),
        ("SQLITE_FULL", UnwritableFileError, r"can't grow: its disk is full\. Nothing was changed\. Make room"),
        (
            "SQLITE_IOERR_FSYNC",
            UnwritableFileError,
            r"can't be used: went wrong\. Nothing was changed\. Check its disk",
        ),
        ("SQLITE_CANTOPEN_FULLPATH", UnwritableFileError, r"can't be opened: went wrong\. Check that you may read"),
    ],
)
def test_other_troubles_of_the_file_in_plain_words(book: lg.Outreach, code: str, error, words: str):
    trouble = sqlite3.OperationalError("went wrong")
    trouble.sqlite_errorname = code
    with pytest.raises(error, match=words), book.file.reading():
        raise trouble


def test_a_file_that_can_not_be_made_is_not_called_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    trouble = sqlite3.OperationalError("unable to open database file")
    trouble.sqlite_errorname = "SQLITE_CANTOPEN"
    monkeypatch.setattr(changes.sqlite3, "connect", refuse(trouble))
    with pytest.raises(UnwritableFileError, match=r"new\.sqlite can't be opened: unable .* it and its folder\.$"):
        lg.open_outreach(tmp_path / "new.sqlite", site=SITE)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda _, path: lg.open_outreach(path, site=SITE),
            UnwritableFileError,
            r"o\.sqlite can't be opened: you have no access to its folder\.",
        ),
        (
            lambda book, path: book.import_csv(path),
            UnreadableFileError,
            r"o\.sqlite can't be opened: Permission denied",
        ),
        (
            lambda book, path: book.export_csv(path.with_suffix(".csv")),
            UnwritableFileError,
            r"o\.csv can't be written: you may not open its folder\.",
        ),
    ],
    ids=["open", "import", "export"],
)
def test_a_folder_that_nobody_may_look_into(book: lg.Outreach, tmp_path: Path, monkeypatch, call, error, words: str):
    monkeypatch.setattr(Path, "is_dir", refuse(PermissionError(13, "Permission denied")))
    with pytest.raises(error, match=words):
        call(book, tmp_path / "o.sqlite")


# Sheets.

HOSTILE = st.text(st.sampled_from("=+-@\uff1d;,\t\r\n\"' |\x00\x85\u200b\ufeff\udc80a1ü"), max_size=12) | st.text(
    max_size=30
)
TEXTS = st.fixed_dictionaries({"note": HOSTILE, "owner": HOSTILE, "contact": HOSTILE})


@given(HOSTILE)
def test_what_is_sealed_does_not_run_and_comes_back(text: str):
    assert unsealed(sealed(text)) == text
    assert neutralised(sealed(text)) == sealed(text)
    if "'" not in text:
        assert sealed(text) == neutralised(text)


def test_sealing_takes_linear_time_on_hostile_text():
    for text in (
        "\n" * 200_000,
        ";\t" * 200_000,
        "'" * 200_000,
        ";'" * 200_000,
        '"' * 200_000 + "=",
        "; " * 99_999 + "=",
    ):
        assert unsealed(sealed(text)) == text


@settings(max_examples=25)
@given(st.lists(TEXTS, min_size=1, max_size=4), st.sampled_from(STATUSES))
def test_a_sheet_goes_out_and_comes_back(rows: list[dict[str, str]], status: str):
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "other").mkdir()
        book, other = open_book(folder), open_book(folder / "other")
        for number, texts in enumerate(rows):
            book.set(f"d{number}.test", status=status, next_on="2026-12-01", contacted_on="", **texts)
        path = book.export_csv(folder / "sheet.csv")
        assert book.import_csv(path).changes == 0
        receipt = other.import_csv(path)
        assert (receipt.rows, receipt.kept) == (len(rows), len(rows))
        pd.testing.assert_frame_equal(other.frame, book.frame)
        text = path.read_text(encoding="utf-8-sig")
        for delimiter in ",;\t":
            cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in row]
            assert not [cell for cell in cells if starts_formula(cell.lstrip("\r\n\t"))]


def test_what_a_sheet_looks_like(book: lg.Outreach, tmp_path: Path):
    book.set("b.test", status="contacted", note="=1+1", next_on="2026-12-01")
    book.set("a.test", status="hidden", owner="Kim")
    path = book.export_csv(tmp_path / "sheet.csv")
    assert path.read_bytes().decode("utf-8-sig").split("\r\n") == [
        "Domain,Status,Note,Owner,Contact,Contacted on,Next on",
        "a.test,hidden,,Kim,,,",
        "b.test,contacted,'=1+1,,,2026-11-21,2026-12-01",
        "",
    ]


SHEET = """Our prospects;;;
;;;
domain;STATUS;Date contacted;Likes cats
https://www.a.test/x;Contacted;2026-01-31;yes
b.test;won;;
;won;;
a.test;new;;
c.test;maybe;;
d.test;won;31/02/2026;
e.test;won;;;too many
;;;
f.test;;;
"""


def test_rows_of_several_hosts_of_a_domain_add_up(book: lg.Outreach, tmp_path: Path):
    lines = [
        "Domain,Status,Note",
        "blog.a.test,contacted,",
        "www.a.test,,wrote to Kim",
        "a.test,contacted,wrote to Kim",
        "fr.a.test,,",
        "de.a.test,rejected,no answer",
        "www.b.test,won,",
    ]
    path = tmp_path / "sheet.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    receipt = book.import_csv(path)
    assert (receipt.kept, receipt.changes) == (5, 3)
    assert receipt.set_aside[["line", "reason"]].to_numpy().tolist() == [[6, "duplicate"]]
    assert book.frame[["domain", "status", "note"]].to_numpy().tolist() == [
        ["a.test", "contacted", "wrote to Kim"],
        ["b.test", "won", None],
    ]


def test_every_row_of_a_sheet_is_kept_or_set_aside(book: lg.Outreach, tmp_path: Path):
    book.set("b.test", note="stays", contacted_on="2026-01-01")
    path = tmp_path / "sheet.csv"
    path.write_bytes(SHEET.replace("\n", "\r\n").encode("utf-16"))
    receipt = book.import_csv(path)
    assert repr(receipt) == (
        "sheet.csv: 4 rows of 9 kept, 4 changes; 5 set aside "
        "(1 duplicate, 1 empty row, 1 no domain, 1 unknown status, 1 wrong column count); "
        "1 cell in kept rows not read (1 unread date); columns not read: Likes cats"
    )
    assert receipt.set_aside[["row", "line", "reason"]].to_numpy().tolist() == [
        [3, 6, "no domain"],
        [4, 7, "duplicate"],
        [5, 8, "unknown status"],
        [7, 10, "wrong column count"],
        [8, 11, "empty row"],
    ]
    assert receipt.unread.to_numpy().tolist() == [[6, 9, "Contacted on", "unread date", "31/02/2026"]]
    assert set(receipt.set_aside["reason"]) | set(receipt.unread["reason"]) <= set(OUTREACH_REASONS)
    assert receipt.set_aside["text"].tolist()[2] == "c.test | maybe |  | "
    assert book.frame[["domain", "status", "note"]].to_numpy().tolist() == [
        ["a.test", "contacted", None],
        ["b.test", "won", "stays"],
        ["d.test", "won", None],
    ]
    assert book.frame["contacted_on"].tolist() == [pd.Timestamp("2026-01-31"), pd.Timestamp("2026-01-01"), pd.NaT]
    assert book.undo() == 4


def test_a_cell_that_cannot_be_read_takes_nothing_along(book: lg.Outreach, tmp_path: Path):
    path = tmp_path / "sheet.csv"
    path.write_text(
        "Domain,Status,Note,Contacted on,Next on\n"
        "a.test,won,wrote to Jo,soon,2026-12-01\n"
        "b.test,maybe,likes desks,2026-01-31,\n"
        "c.test,,,tomorrow,\n"
    )
    receipt = book.import_csv(path)
    assert (receipt.rows, receipt.kept, receipt.changes) == (3, 2, 5)
    assert receipt.unread[["line", "column", "reason", "text"]].to_numpy().tolist() == [
        [2, "Contacted on", "unread date", "soon"],
        [3, "Status", "unknown status", "maybe"],
    ]
    assert receipt.set_aside[["line", "reason"]].to_numpy().tolist() == [[4, "unread date"]]
    assert book.frame[["domain", "status", "note"]].to_numpy().tolist() == [
        ["a.test", "won", "wrote to Jo"],
        ["b.test", "new", "likes desks"],
    ]
    assert book.frame["next_on"].tolist() == [pd.Timestamp("2026-12-01"), pd.NaT]


@pytest.mark.parametrize(
    ("days", "order", "wanted"),
    [
        (["31.01.2026", "1.2.2026"], {}, ["2026-01-31", "2026-02-01"]),
        (["31/01/2026", "01/02/2026"], {}, ["2026-01-31", "2026-02-01"]),
        (["1/31/2026", "1/2/2026 0:00"], {}, ["2026-01-31", "2026-01-02"]),
        (["31-1-26", "2026/2/1"], {}, ["2026-01-31", "2026-02-01"]),
        (["31-Jan-26", "1 Feb 2026"], {}, ["2026-01-31", "2026-02-01"]),
        (["31-Jan-2026", "31-Foo-26"], {}, ["2026-01-31", None]),
        (["2026. 1. 31.", "3/3/2026"], {}, ["2026-01-31", "2026-03-03"]),
        (["1/2/2026", "2026-02-03"], {}, [None, "2026-02-03"]),
        (["1/2/2026", "2026-02-03"], {"day_first": True}, ["2026-02-01", "2026-02-03"]),
        (["1/2/2026", "2026-02-03"], {"day_first": False}, ["2026-01-02", "2026-02-03"]),
        (["31.1.2026 0.00", "2026-02-01 00:00:00.000"], {}, ["2026-01-31", "2026-02-01"]),
        (["1/31/2026 12:00:00\u202fAM", "2026. 2. 1. 오전 12:00"], {}, ["2026-01-31", "2026-02-01"]),
        (["1/31/2026 12:00 πμ", "2/1/2026 12:00:00 SA"], {}, ["2026-01-31", "2026-02-01"]),
        (["31/1/2026 12:00 ص", "1/2/2026 12:00:00 PG"], {}, ["2026-01-31", "2026-02-01"]),
        (["31.1.2026 г.", "1.2.2026 г. 0:00 ч."], {}, ["2026-01-31", "2026-02-01"]),  # noqa: RUF001 - Cyrillic
        (["31.1.2026.", "01. 02. 2026. 0:00"], {}, ["2026-01-31", "2026-02-01"]),
        (["2026-01-31 00:00:00+00:00", "2026-02-01 00:00:00 UTC"], {}, ["2026-01-31", "2026-02-01"]),
        (["31.1.2026 12:00 Jo", "2026-02-01 0:00 (call Jo)"], {}, [None, None]),
        (["31.1.2026 (call Jo)", "2026-02-01 or later"], {}, [None, None]),
        (["13/1/2026", "1/13/2026"], {}, [None, None]),
        (["30.02.2026", "2026-02-03"], {}, [None, "2026-02-03"]),
    ],
)
def test_days_as_spreadsheets_write_them(
    book: lg.Outreach, tmp_path: Path, days: list[str], order: dict[str, bool], wanted: list[str | None]
):
    path = tmp_path / "sheet.csv"
    lines = [f"{name}.test,contacted,{day},x" for name, day in zip("ab", days, strict=True)]
    path.write_text("\n".join(["Domain,Status,Date contacted,Note", *lines, ""]), encoding="utf-8")
    receipt = book.import_csv(path, **order)
    assert receipt.unread["reason"].tolist() == ["unread date"] * wanted.count(None)
    assert book.frame["status"].tolist() == ["contacted", "contacted"]
    assert [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in book.frame["contacted_on"]] == wanted


def test_what_tells_no_order_of_days_is_refused(book: lg.Outreach, tmp_path: Path):
    with pytest.raises(InvalidArgumentError, match=r"^day_first is of type str\. Allowed: True, False or None\.$"):
        book.import_csv(tmp_path / "sheet.csv", day_first="yes")


def test_blank_cells_that_a_spreadsheet_left_out_or_added(book: lg.Outreach, tmp_path: Path):
    path = tmp_path / "sheet.csv"
    path.write_text("Domain,Status,Owner,Note\na.test,won\nb.test,won,Kim,x,,\nc.test,won,,,y\n", encoding="utf-8")
    assert book.import_csv(path).set_aside["reason"].tolist() == ["wrong column count"]
    known = book.frame[["domain", "status", "owner", "note"]].to_numpy().tolist()
    assert known == [["a.test", "won", None, None], ["b.test", "won", "Kim", "x"]]


def test_a_column_without_a_heading_is_said_not_to_be_read(book: lg.Outreach, tmp_path: Path):
    path = tmp_path / "sheet.csv"
    path.write_text(",Domain,Status\n0,a.test,won\n", encoding="utf-8")
    assert repr(book.import_csv(path)) == "sheet.csv: 1 row of 1 kept, 1 change; columns not read: (blank)"


def test_an_open_quote_and_a_long_note_are_set_aside(book: lg.Outreach, tmp_path: Path):
    path = tmp_path / "sheet.csv"
    path.write_text(f'Domain,Note\na.test,{"x" * 10_001}\nb.test,{"y" * 10_000}\nc.test,"open\nd.test,lost\n')
    receipt = book.import_csv(path)
    assert receipt.set_aside["reason"].tolist() == ["text too long", "malformed row"]
    assert book.frame["domain"].tolist() == ["b.test"]


def test_the_outreach_preset_comes_back_filled(book: lg.Outreach, tmp_path: Path):
    path = tmp_path / "sheet.csv"
    path.write_text(
        "Domain,Page to mention,Status,Contact name,Contact email,Date contacted,Note\n"
        "a.test,https://a.test/x,replied,Jo,jo@a.test,2026-01-31,likes desks\n"
    )
    assert book.import_csv(path).columns_left == ()
    known = book.frame[["status", "contact", "note"]].to_numpy().tolist()
    assert known == [["replied", "Jo <jo@a.test>", "likes desks"]]


@pytest.mark.parametrize(
    ("name", "address", "kept"),
    [
        ("Jo", "jo@a.test", "Jo <jo@a.test>"),
        (" Zoë O'Neil, editor ", "", "Zoë O'Neil, editor"),
        ("", "jo@a.test", "jo@a.test"),
        ("Jo", "Jo <jo@a.test>", "Jo <jo@a.test>"),
        ("Jo <jo@a.test>", "jo@a.test", "Jo <jo@a.test>"),
        ("ann", "joanna@a.test", "ann <joanna@a.test>"),
        ("jo@a.test", "jo@a.test", "jo@a.test"),
        ("Jo", "Jo Smith", "Jo Smith"),
        ("'=1+1", "jo@a.test", "=1+1 <jo@a.test>"),
        ("", "", None),
    ],
)
def test_what_people_filled_in_is_kept_from_sheet_to_sheet(tmp_path: Path, name: str, address: str, kept: str | None):
    book, other = open_book(tmp_path), open_book(tmp_path, site="https://other.example/")
    sheet = tmp_path / "sheet.csv"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["Domain", "Status", "Contact name", "Contact email", "Date contacted", "Note"])
        lines.writerow(["a.test", "Replied", name, address, "2026-01-31", "likes desks"])
    for _ in range(2):
        book.import_csv(sheet)
        known = book.frame.loc[0, ["status", "contact", "contacted_on", "note"]].tolist()
        assert known == ["replied", kept, pd.Timestamp("2026-01-31"), "likes desks"]
        sheet = book.export_csv(tmp_path / "again.csv", overwrite=True)
    other.import_csv(sheet)
    columns = ["domain", *FIELDS]
    pd.testing.assert_frame_equal(other.frame[columns], book.frame[columns])


def test_a_sheet_with_names_of_contacts_alone_is_one(book: lg.Outreach, tmp_path: Path):
    path = tmp_path / "sheet.csv"
    path.write_text("Domain,Contact name\na.test,Jo\n")
    assert book.import_csv(path).changes == 1
    assert book.frame["contact"].tolist() == ["Jo"]


def test_an_outreach_preset_that_nobody_filled_changes_nothing(tmp_path: Path):
    rows = [{"site": "r.test", "source_url": f"https://{name}.test/"} for name in ("a", "b")]
    links = lg.read_links(pd.DataFrame([*rows, {"site": SITE, "source_url": "https://z.test/"}]))
    book = open_book(tmp_path)
    book.set("a.test", status="hidden", note="a farm")
    before = book.frame
    prospects = lg.rank_prospects(lg.find_gap(links, site=SITE))
    receipt = book.import_csv(lg.export_prospects(prospects, tmp_path / "sheet.csv", preset="outreach"))
    assert (receipt.rows, receipt.kept, receipt.changes) == (2, 2, 0)
    pd.testing.assert_frame_equal(book.frame, before)


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", UnreadableFileError, r"sheet\.csv is empty \(0 bytes\)"),
        (
            b"PK\x03\x04" + b"x" * 99,
            UnreadableFileError,
            r"sheet\.csv is not a CSV file\. Allowed: CSV sheets\. Save it as CSV",
        ),
        (
            b"Domain,,Cats\na.test,1,2\n",
            UnreadableFileError,
            r"is not an outreach sheet\. Its columns: Domain, \(blank\), Cats\. Needed: ",
        ),
        (b"Site,Status\na.test,won\n", UnreadableFileError, r"Needed: Domain and any of Status, Note, Owner, Contact"),
        (
            b"Domain,Note,note\na.test,x,y\n",
            UnreadableFileError,
            r"has several columns for the same field: Note, note\.",
        ),
        (
            b"Domain,Contact,Status,Contact email\na.test,x,won,y\n",
            UnreadableFileError,
            r"has several columns for the same field: Contact, Contact email\. Keep one of each\.",
        ),
    ],
)
def test_sheets_that_are_none(book: lg.Outreach, tmp_path: Path, content: bytes, error, words: str):
    path = tmp_path / "sheet.csv"
    path.write_bytes(content)
    with pytest.raises(error, match=words):
        book.import_csv(path)
    assert book.history().empty


def test_sheets_that_are_not_there(book: lg.Outreach, tmp_path: Path):
    with pytest.raises(MissingFileError, match=r"There is no file .*none\.csv\. Check its name and folder\."):
        book.import_csv(tmp_path / "none.csv")
    with pytest.raises(InvalidArgumentError, match=r"is a folder\. Name the sheet in it\."):
        book.import_csv(tmp_path)


def test_where_a_sheet_may_not_go(book: lg.Outreach, tmp_path: Path):
    path = tmp_path / "sheet.csv"
    path.write_text("mine")
    with pytest.raises(FileExistsAlreadyError, match=r"already exists\. Name another file, or pass overwrite=True"):
        book.export_csv(path)
    assert path.read_text() == "mine"
    with pytest.raises(
        InvalidArgumentError, match=r"sheet\.xlsx is not a valid name for a sheet\. Allowed: names that end in "
    ):
        book.export_csv(tmp_path / "sheet.xlsx")
    assert book.export_csv(path, overwrite=True).read_text(encoding="utf-8-sig").startswith("Domain,Status")


# Beside the links.


def read_links(*rows: dict[str, object]) -> lg.Links:
    others = [
        {"site": "rival.example", "source_url": "https://r.test/"},
        {"site": SITE, "source_url": "https://o.test/"},
    ]
    return lg.read_links(pd.DataFrame([{"site": SITE, **row} for row in rows] + others), sites=[SITE, "rival.example"])


def test_what_was_won_is_confirmed_or_lost_again_or_not_seen(book: lg.Outreach):
    links = read_links(
        {"source_url": "https://live.test/1", "first_seen": "2026-11-25", "last_seen": "2026-12-01"},
        {"source_url": "https://www.live.test/2", "first_seen": "2026-11-24", "lost": "2026-11-30"},
        {"source_url": "https://gone.test/", "first_seen": "2026-11-22", "lost": "2026-11-21"},
        {"source_url": "https://undated.test/", "is_lost": True},
        {"source_url": "https://old.test/", "lost": "2026-11-20"},
        {"source_url": "https://rival-only.test/", "site": "rival.example"},
        {"source_url": "https://never-won.test/"},
    )
    won = ["live.test", "gone.test", "undated.test", "old.test", "rival-only.test", "nowhere.test"]
    book.set(won, status="won")
    book.set("never-won.test", status="contacted")
    for given_links in (links, lg.find_gap(links, site=SITE)):
        checked = book.check(given_links)
        assert checked[["domain", "outcome", "links"]].to_numpy().tolist() == [
            ["gone.test", "lost again", 0],
            ["live.test", "confirmed", 1],
            ["nowhere.test", "not seen", 0],
            ["old.test", "not seen", 0],
            ["rival-only.test", "not seen", 0],
            ["undated.test", "lost again", 0],
        ]
        live = checked.set_index("domain").loc["live.test"]
        assert live["won_on"] == pd.Timestamp("2026-11-21")
        assert live["first_seen"] == pd.Timestamp("2026-11-24")
        assert live["lost"] == pd.Timestamp("2026-11-30")
        assert set(checked["outcome"]) == set(OUTCOMES)


def test_a_step_taken_back_leaves_the_day_of_winning(tmp_path: Path):
    """Won on the 1st, by mistake called replied on the 9th, and that taken back: what went on the 5th, went since."""
    days = iter([1, 2, 9, 9, 9, 9])
    book = lg.open_outreach(
        tmp_path / "outreach.sqlite", site=SITE, clock=lambda: dt.datetime(2026, 12, next(days), 12, tzinfo=dt.UTC)
    )
    links = read_links({"source_url": "https://gone.test/", "lost": "2026-12-05"})
    book.set("gone.test", status="won")
    book.set("gone.test", note="thanks")
    book.set("gone.test", status="replied")
    assert book.undo() == 1
    checked = book.check(links)
    assert checked[["outcome", "won_on"]].to_numpy().tolist() == [["lost again", pd.Timestamp("2026-12-01")]]


def test_a_step_taken_back_in_part_leaves_the_day_of_winning_too(tmp_path: Path):
    days, zone = iter(range(1, 9)), dt.timezone(dt.timedelta(hours=14))  # it is the 30th in London
    clock = lambda: dt.datetime(2026, 12, next(days), 12, tzinfo=zone)  # noqa: E731 - both books have it
    mine, theirs = (lg.open_outreach(tmp_path / "outreach.sqlite", site=SITE, clock=clock) for _ in range(2))
    mine.set("gone.test", status="won", note="thanks")
    theirs.set("gone.test", status="rejected")
    assert (mine.undo(), theirs.undo()) == (1, 1)
    assert mine.frame[["status", "note"]].to_numpy().tolist() == [["won", None]]
    assert mine.check(read_links())["won_on"].tolist() == [pd.Timestamp("2026-12-01")]


def test_nothing_won_is_nothing_to_check(book: lg.Outreach):
    links = read_links()
    assert book.check(links).columns.tolist() == [column.name for column in WON]
    assert book.check(links).empty


def test_what_check_refuses(book: lg.Outreach, tmp_path: Path):
    with pytest.raises(
        InvalidArgumentError, match=r"^check\(\) was given a value of type DataFrame\. Allowed: what read_links or find"
    ):
        book.check(pd.DataFrame())
    other = lg.open_outreach(tmp_path / "o.sqlite", site="other.example")
    with pytest.raises(UnknownSiteError, match=r"^These links do not include other\.example\. Their sites: me\.exam"):
        other.check(read_links())


def test_prospects_get_what_is_known_of_them(book: lg.Outreach):
    book.set("b.test", status="contacted", note="wrote")
    frame = pd.DataFrame({"domain": ["c.test", "www.b.test", None], "priority": [3, 2, 1]}, index=[5, 5, 7])
    joined = book.join(frame)
    assert joined[["priority", "status", "note"]].to_numpy().tolist() == [
        [3, "new", None],
        [2, "contacted", "wrote"],
        [1, "new", None],
    ]
    assert joined.index.tolist() == [5, 5, 7]
    assert joined["contacted_on"].tolist() == [pd.NaT, pd.Timestamp("2026-11-21"), pd.NaT]
    assert frame.columns.tolist() == ["domain", "priority"]
    assert book.join(frame.iloc[:0]).columns.tolist() == joined.columns.tolist()


def test_what_join_refuses(book: lg.Outreach):
    with pytest.raises(
        InvalidArgumentError, match=r"^The table has no column named domain\. Its columns: host\. Rename the "
    ):
        book.join(pd.DataFrame({"host": ["a.test"]}))
    with pytest.raises(InvalidArgumentError, match=r"^The table already has note, status\. Join it as it was"):
        book.join(pd.DataFrame({"domain": [], "note": [], "status": []}))


def test_a_ranking_is_marked_by_the_book(book: lg.Outreach):
    links = read_links({"source_url": "https://a.test/", "site": "rival.example"})
    book.set("a.test", status="hidden")
    prospects = lg.rank_prospects(lg.find_gap(links, site=SITE)).frame
    shown = prospects[~prospects["domain"].isin(book.hidden)]
    assert shown["domain"].tolist() == ["r.test"]
    assert book.join(prospects).set_index("domain")["status"].to_dict() == {"a.test": "hidden", "r.test": "new"}
