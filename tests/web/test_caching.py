"""The file that what was fetched is kept in: read back, expiring, free of keys, and running nothing."""

import datetime as dt
import pickle
import resource
import signal
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

import linkgap as lg
from linkgap.errors import InvalidArgumentError, UnreadableFileError, UnwritableFileError
from linkgap.web.caching import check_cache_file, open_session

DAY = dt.timedelta(days=1)
BODY = b"hel\xff\x00lo"


class Server(ThreadingHTTPServer):
    """A server on loopback that notes what it is asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: list[tuple[str, dict[str, str]]] = []

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Answers(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self):
        self.server.asked.append((self.path, {name.lower(): text for name, text in self.headers.items()}))
        if self.path.startswith("/moved"):
            return self.answer(302, Location=self.server.url("/elsewhere"))
        if self.headers.get("If-None-Match") == '"one"':
            return self.answer(304)
        return self.answer(404 if self.path == "/gone" else 200, BODY, ETag='"one"')

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.shutdown()


def test_what_was_fetched_is_not_fetched_again(server, tmp_path):
    for durable in (True, False):
        with open_session(tmp_path / "kept.sqlite", expire_after=DAY, durable=durable) as session:
            assert session.get(server.url("/a")).content == BODY
    assert len(server.asked) == 1


def test_what_expired_is_asked_for_on_condition(server, tmp_path):
    with open_session(tmp_path / "kept.sqlite", expire_after=dt.timedelta(seconds=0)) as session:
        assert [session.get(server.url("/a")).content for _ in range(2)] == [BODY, BODY]
    assert [headers.get("if-none-match") for _, headers in server.asked] == [None, '"one"']


@pytest.mark.parametrize("time", [DAY, 0 * DAY])
def test_offline_nothing_is_asked_and_what_no_longer_counts_is_good_enough(server, tmp_path, time):
    with open_session(tmp_path / "kept.sqlite", expire_after=time) as session:
        session.get(server.url("/a"))
    with open_session(tmp_path / "kept.sqlite", expire_after=DAY, cached_only=True) as session:
        assert [session.get(server.url(path)).status_code for path in ("/a", "/b")] == [200, 504]
    assert len(server.asked) == 1


def test_only_what_is_paid_for_waits_for_the_disk(tmp_path):
    for durable in (True, False):
        with open_session(tmp_path / "kept.sqlite", expire_after=DAY, durable=durable) as session:
            connection = session.cache.responses.connection
            with connection() as opened:
                assert opened.execute("PRAGMA synchronous").fetchone()[0] == (2 if durable else 0)


def test_only_the_named_statuses_are_kept(server, tmp_path):
    for codes, asked in (((200,), 2), ((200, 404), 3)):
        with open_session(tmp_path / "kept.sqlite", expire_after=DAY, codes=codes) as session:
            assert [session.get(server.url("/gone")).status_code for _ in range(2)] == [404, 404]
        assert len(server.asked) == asked


def test_that_nothing_changed_is_never_kept_in_place_of_the_answer(server, tmp_path):
    at_once = dt.timedelta(seconds=0)
    with open_session(tmp_path / "kept.sqlite", expire_after=at_once, codes=range(1000)) as session:
        found = [session.get(server.url("/a")) for _ in range(3)]
        assert [(answer.status_code, answer.content) for answer in found] == [(200, BODY)] * 3
        unasked = requests.get(server.url("/b"), headers={"If-None-Match": '"one"'}, timeout=10)
    for time in (at_once, DAY):
        with open_session(tmp_path / "kept.sqlite", expire_after=time) as session:
            session.cache.save_response(unasked, session.cache.create_key(found[0].request))
            assert session.get(server.url("/a")).content == BODY


def test_no_redirect_is_followed(server, tmp_path):
    with open_session(tmp_path / "kept.sqlite", expire_after=DAY) as session:
        answer = session.get(server.url("/moved"), headers={"X-Key": "k3y"})
        assert (answer.status_code, answer.headers["Location"]) == (302, server.url("/elsewhere"))
    assert [path for path, _ in server.asked] == ["/moved"]


def test_keys_are_sent_and_not_stored(server, tmp_path):
    file = tmp_path / "kept.sqlite"
    with open_session(file, expire_after=DAY, secrets=["token", "X-Key"]) as session:
        for key in ("k3y-one", "k3y-two"):
            session.get(server.url(f"/a?token={key}"), headers={"X-Key": key, "Authorization": key})
    assert [(path, headers["x-key"]) for path, headers in server.asked] == [("/a?token=k3y-one", "k3y-one")]
    with closing(sqlite3.connect(file)) as connection:
        stored = connection.execute("SELECT value FROM responses").fetchone()[0]
    assert b"REDACTED" in zlib.decompress(stored)
    assert b"k3y" not in zlib.decompress(stored) + file.read_bytes()


def test_the_surroundings_are_left_alone(server, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    (tmp_path / "netrc").write_text("default login me password k3y")
    with open_session(tmp_path / "kept.sqlite", expire_after=DAY) as session:
        assert session.get(server.url("/a")).status_code == 200
    assert "authorization" not in server.asked[0][1]


@pytest.fixture
def full_disk():
    """Let no file grow any more."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("durable", [True, False])
def test_an_answer_that_can_not_be_kept_is_told(server, tmp_path, full_disk, durable):
    words = (
        r"kept\.sqlite can't be written, perhaps because the disk is full: "
        r"the last answer was not saved, those before it were\."
    )
    with open_session(tmp_path / "kept.sqlite", expire_after=DAY, durable=durable) as session:
        session.get(server.url("/a"))
        full_disk()
        with pytest.raises(UnwritableFileError, match=words):
            session.get(server.url("/b"))
        assert session.get(server.url("/a")).content == BODY
    assert [path for path, _ in server.asked] == ["/a", "/b"]


def test_a_cache_that_can_not_be_made_is_told(tmp_path, monkeypatch):
    def connect(*args, **options):
        connection = connected(*args, **options)
        connection.execute("PRAGMA max_page_count = 1")  # as on a full disk
        return connection

    connected = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", connect)
    with pytest.raises(UnwritableFileError, match=r"kept\.sqlite can't be written, perhaps because the disk is full: "):
        open_session(tmp_path / "kept.sqlite", expire_after=DAY)


def test_no_cache_is_made_to_look_into(server, tmp_path):
    with open_session(tmp_path / "kept", expire_after=DAY, cached_only=True) as session:
        assert session.get(server.url("/a")).status_code == 504
    assert list(tmp_path.iterdir()) == []


class Mine:
    def __reduce__(self):
        return Path.touch, (Path("ran"),)


@pytest.mark.parametrize(
    "stored", [pickle.dumps(Mine()), b"", b"\x00" * 9, zlib.compress(b"[1]"), zlib.compress(b'{"_content": 5}')]
)
def test_a_damaged_or_hostile_entry_is_fetched_anew(server, tmp_path, monkeypatch, stored):
    monkeypatch.chdir(tmp_path)
    with open_session("kept.sqlite", expire_after=DAY) as session:
        session.get(server.url("/a"))
    with sqlite3.connect("kept.sqlite") as connection:
        connection.execute("UPDATE responses SET value = ?", [stored])
    connection.close()
    with open_session("kept.sqlite", expire_after=DAY) as session:
        assert session.get(server.url("/a")).content == BODY
    assert not Path("ran").exists()


def test_a_file_that_is_damaged_further_on_is_named(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_session("kept.sqlite", expire_after=DAY) as session:
        for number in range(99):
            session.get(server.url(f"/{number}"))
    file = Path("kept.sqlite")
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    words = r"^kept\.sqlite is not a cache: .*malformed\. Delete it, or name another file with cache=\.$"
    with open_session("kept.sqlite", expire_after=DAY) as session, pytest.raises(UnreadableFileError, match=words):
        session.get(server.url("/50"))
    with pytest.raises(UnreadableFileError, match=words):
        lg.fetch_links("ahrefs", sites=["a.example"], cache="kept.sqlite", cached_only=True)


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        (3, InvalidArgumentError, r"cache=3 is not a path\. Allowed: a file, such as 'pages\.sqlite'\."),
        ("", InvalidArgumentError, r"cache='' is a folder\. Name a file in it\."),
        (
            "none/kept.sqlite",
            UnwritableFileError,
            r"none.kept\.sqlite can't be written: unable to open database file\. ",
        ),
        ("columns.sqlite", UnreadableFileError, r"columns\.sqlite is not a cache: .* columns x\. Name another file\."),
        ("text.sqlite", UnreadableFileError, r"text\.sqlite is not a cache: file is not .*\. Delete it, or name"),
        (
            "other.sqlite",
            UnreadableFileError,
            r"other\.sqlite is not a cache but another program's database, with other\.",
        ),
    ],
)
def test_files_that_are_no_cache_are_refused(tmp_path, monkeypatch, name, error, words):
    monkeypatch.chdir(tmp_path)
    Path("text.sqlite").write_text("id,name\n" * 200)
    other = sqlite3.connect("other.sqlite")
    other.execute("CREATE TABLE other (a)")
    other.close()
    columns = sqlite3.connect("columns.sqlite")
    columns.execute("CREATE TABLE responses (x)")
    columns.close()
    with pytest.raises(error, match=f"^{words}"):
        check_cache_file(name)
