"""A key is sent to its service, and found nowhere else: no file, log, output, error, repr or notebook."""

import base64
import copy
import json
import logging
import os
import pickle
import re
import sqlite3
import sys
import traceback
import types
import urllib.parse
import zlib
from pathlib import Path

import pytest

import linkgap as lg
from linkgap.errors import KeyRefusedError, LinkgapError
from linkgap.web.services.keys import Secret, find_key, hushed

ROOT = Path(__file__).parents[3]
SERVICES = ("ahrefs", "bing", "dataforseo", "majestic", "moz", "se_ranking", "semrush")
PLANTED = "pl4nted-k3y"
"""The part of every planted key that stays the same in all writings of it."""

KEY = "pl4nted-k3y/with+signs=0123456789"


def everything_in(folder: Path) -> bytes:
    """The bytes of all files, and those of the caches unpacked as well."""
    found = b""
    for file in (path for path in folder.rglob("*") if path.is_file()):
        found += file.read_bytes() + str(file).encode()
        if file.read_bytes().startswith(b"SQLite"):
            connection = sqlite3.connect(file)
            for key, value, _ in connection.execute("SELECT * FROM responses"):
                found += key.encode() + zlib.decompress(value)
            connection.close()
    return found


def everything_of(error: BaseException) -> str:
    """What anybody can see of an error: its chain, with the values of all variables along the way."""
    told = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    chain = [error]
    while chain[-1].__cause__ or chain[-1].__context__:
        chain.append(chain[-1].__cause__ or chain[-1].__context__)
    return told + "".join(repr(each) + str(each) + repr(vars(each)) for each in chain)


def is_hidden(text: str | bytes) -> bool:
    found = text if isinstance(text, bytes) else text.encode()
    return PLANTED.encode() not in urllib.parse.unquote_to_bytes(found)


FAULTS = ("cut", "hang up", "echo", "no_key", "status 503", "status 429 9999")


@pytest.mark.parametrize("name", SERVICES)
def test_a_key_is_found_nowhere(serve, tmp_path, monkeypatch, capfd, caplog, name):
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.DEBUG)
    for logger in ("requests_cache", "urllib3", "urllib3.connectionpool", "urllib3.util.retry"):
        caplog.set_level(logging.DEBUG, logger)
    vendor = serve(name)
    vendor.hold(rival__example=50)
    order = {"sites": ["rival.example"], "what": "backlinks", "max_rows": 60}
    seen = []
    for fault in FAULTS:
        vendor.fail(fault, after=1, times=4)
        try:
            lg.fetch_links(name, **order)
        except LinkgapError as error:
            seen.append(everything_of(error))
            seen.append(everything_of(error.with_traceback(None)))
        Path("linkgap-services.sqlite").unlink()
    assert len(seen) > len(FAULTS)
    vendor.faults = []
    links = lg.fetch_links(name, **order)
    links.save("links.parquet")
    seen += [repr(links), links._repr_html_(), links.receipts.to_csv(), repr(lg.estimate_fetch(name, **order))]
    out, err = capfd.readouterr()
    logged = "".join(record.getMessage() for record in caplog.records)
    assert "urllib3" in {record.name.partition(".")[0] for record in caplog.records}
    assert [text for text in (*seen, out, err, logged) if not is_hidden(text)] == []
    assert is_hidden(everything_in(tmp_path))
    assert b"rival.example" in everything_in(tmp_path)
    asked = json.dumps(vendor.asked)
    assert KEY in asked or name == "dataforseo"


@pytest.mark.parametrize("name", ["bing", "semrush"])
def test_a_key_in_the_address_is_not_told_when_nobody_is_there(tmp_path, monkeypatch, caplog, name):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(f"LINKGAP_{name.upper()}_KEY", KEY)
    monkeypatch.setenv(f"LINKGAP_{name.upper()}_URL", "http://127.0.0.1:9")
    with pytest.raises(
        lg.LinkgapError, match=r"can't be reached, or closed the connection before it answered\."
    ) as caught:
        lg.fetch_links(name, sites=["rival.example"], what="backlinks", cache=tmp_path / "kept")
    assert is_hidden(everything_of(caught.value) + caplog.text)
    assert is_hidden(everything_in(tmp_path))


def test_what_a_service_echoes_is_taken_out_of_its_answer(serve, tmp_path):
    vendor = serve("moz")
    vendor.hold(rival__example=1)
    vendor.row_of = vendor.row
    vendor.row = lambda *where: vendor.row_of(*where) | {"anchor_text": f"for {KEY} only"}
    links = lg.fetch_links("moz", sites=["rival.example"], what="backlinks", cache=tmp_path / "kept")
    assert links.frame["anchor"].tolist() == ["for *** only"]


CELL = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
import linkgap as lg
%xmode Verbose
links = lg.fetch_links("{name}", sites=["rival.example"], what="backlinks")
print(links.receipts.T)
links
"""
FAILING_CELL = """
lg.fetch_links("{name}", sites=["other.example"], what="backlinks", max_rows=5)
"""


def test_a_key_is_not_in_an_executed_notebook(serve, tmp_path, monkeypatch):
    import nbformat
    from nbclient import NotebookClient

    cells = []
    for name in ("semrush", "ahrefs", "majestic"):
        vendor = serve(name)
        vendor.hold(rival__example=5)
        vendor.fail("hang up", after=2 if name == "semrush" else 1, times=9)
        cells += [CELL.format(name=name), FAILING_CELL.format(name=name)]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=60, resources=resources, allow_errors=True).execute()
    nbformat.write(notebook, tmp_path / "ran.ipynb")
    told = (tmp_path / "ran.ipynb").read_text("utf-8")
    assert told.count("ServiceError") >= 3
    assert told.count("DEBUG:urllib3") >= 3
    assert is_hidden(everything_in(tmp_path))


# The key itself.


def test_a_secret_shows_itself_to_nobody():
    key = Secret(KEY)
    shown = [
        repr(key),
        str(key),
        f"{key}",
        f"{key!r:>20}",
        repr([key]),
        repr({"key": key}),
        repr(vars(Secret)),
    ]
    assert all(map(is_hidden, shown))
    assert not hasattr(key, "__dict__")
    for way in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            way(key)


@pytest.mark.parametrize(
    "writing",
    [
        KEY,
        urllib.parse.quote(KEY),
        urllib.parse.quote(KEY, safe=""),
        urllib.parse.quote_plus(KEY),
        urllib.parse.urlencode({"key": KEY}),
        json.dumps(KEY).replace("/", r"\/"),
        json.dumps(json.dumps(KEY).replace("/", r"\/")),
        KEY.replace("+", r"\u002B").replace("/", r"\u002f").replace("=", r"\u003D").replace("-", r"\u002d"),
        KEY.replace("+", "&#43;").replace("/", "&#x2F;"),
        urllib.parse.quote(KEY, safe="").lower(),
    ],
)
def test_a_secret_is_found_in_every_writing(writing):
    key = Secret(KEY)
    assert is_hidden(key.hide_in(f"before {writing} behind"))
    assert is_hidden(key.hide_in_bytes(f"before {writing} behind".encode()))
    assert key.hide_in("nothing") == "nothing"


@pytest.mark.parametrize("login", ["me@example.com", "me"])
def test_a_short_password_is_hidden_where_it_is_a_word(login):
    key = Secret(f"{login}:s3cr3t!")
    encoded = base64.b64encode(f"{login}:s3cr3t!".encode()).decode()
    for text in ("password s3cr3t! is wrong", '"s3cr3t!"', f"Basic {encoded}", f"Basic {encoded.rstrip('=')}."):
        assert "***" in key.hide_in(text)
        assert not re.search(f"s3cr3t|{encoded[-6:].rstrip('=')}", key.hide_in(text))
    assert key.hide_in("as3cr3t!") == "as3cr3t!"


def test_what_an_error_in_a_log_says_is_hushed(caplog):
    logger = logging.getLogger("urllib3.connectionpool")
    with hushed(Secret(KEY)):
        try:
            int(KEY)
        except ValueError:
            logger.warning("Failed to parse %s", KEY, exc_info=True)
    (record,) = caplog.records
    assert is_hidden(caplog.text)
    assert "ValueError: invalid literal for int() with base 10: '***'" in record.exc_text
    assert record.exc_info is None


def test_logs_are_hushed_and_left_as_they_were(caplog):
    caplog.set_level(logging.DEBUG)
    logger = logging.getLogger("urllib3.connectionpool")
    with hushed(Secret(KEY)):
        logger.debug('%s "%s %s"', "http://a.example", "GET", f"/?key={KEY}")
    logger.debug("after %s", "that")
    assert [record.getMessage() for record in caplog.records] == ['http://a.example "GET /?key=***"', "after that"]
    assert logger.filters == []


def test_without_a_key_it_is_said_where_to_put_it(monkeypatch, tmp_path):
    monkeypatch.delenv("LINKGAP_AHREFS_KEY", raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)
    words = (
        r"^There is no key for Ahrefs\. Put it into the environment variable LINKGAP_AHREFS_KEY, "
        r"or into the keyring: keyring set linkgap ahrefs\.$"
    )
    with pytest.raises(KeyRefusedError, match=words):
        lg.fetch_links("ahrefs", sites=["a.example"], cache=tmp_path / "kept")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["short", "with blanks in it", "with\nnewline-in-it", "ungewöhnlich-lang", "12345678\x00"]
)
def test_what_can_not_be_a_key_is_refused_and_not_shown(monkeypatch, text):
    if "\x00" in text:
        monkeypatch.setattr(os, "environ", {"LINKGAP_MOZ_KEY": text})
    else:
        monkeypatch.setenv("LINKGAP_MOZ_KEY", text)
    with pytest.raises(KeyRefusedError, match=r"^What LINKGAP_MOZ_KEY .* contains is not a key for Moz\.") as caught:
        find_key("moz", "Moz")
    assert text not in str(caught.value)


def test_a_key_of_two_parts_needs_both(monkeypatch):
    for text in ("only-the-password", "the-login-alone:", "login:pw"):
        monkeypatch.setenv("LINKGAP_DATAFORSEO_KEY", text)
        refused_as_half()


def refused_as_half():
    with pytest.raises(KeyRefusedError, match=r"is not a key for DataForSEO\. Allowed: login:password\.$"):
        lg.fetch_links("dataforseo", sites=["a.example"])


def keyring_with(**passwords: str) -> types.ModuleType:
    module = types.ModuleType("keyring")
    module.errors = types.ModuleType("keyring.errors")
    module.errors.KeyringError = type("KeyringError", (Exception,), {})

    def get_password(place: str, name: str) -> str | None:
        if name == "locked":
            raise module.errors.KeyringError
        return passwords.get(name) if place == "linkgap" else None

    module.get_password = get_password
    return module


def test_the_keyring_is_asked_when_the_environment_says_nothing(monkeypatch):
    module = keyring_with(moz="from-the-keyring", ahrefs="from-the-keyring")
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", module.errors)
    monkeypatch.delenv("LINKGAP_MOZ_KEY", raising=False)
    monkeypatch.setenv("LINKGAP_AHREFS_KEY", " from-the-environment\n")
    assert find_key("moz", "Moz").reveal() == "from-the-keyring"
    assert find_key("ahrefs", "Ahrefs").reveal() == "from-the-environment"
    with pytest.raises(KeyRefusedError, match="There is no key for Locked"):
        find_key("locked", "Locked")
