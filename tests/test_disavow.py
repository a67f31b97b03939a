"""The draft of a disavow file: its format, who is let in, and that no text from strangers becomes a line of its own."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import linkgap as lg
from linkgap import disavow
from linkgap.errors import (
    FileExistsAlreadyError,
    InvalidArgumentError,
    LinkgapError,
    MissingFileError,
    NotBacklinksError,
    UnknownDomainError,
    UnknownSiteError,
)

SITE = "me.example"
ROWS = [
    {"site": SITE, "source_url": "https://best-casino-4-u.test/page"},
    {"site": SITE, "source_url": "https://www.fine.test/"},
    {"site": SITE, "source_url": "https://bücher.test/"},
    {"site": SITE, "source_url": "https://gone.test/", "lost": "2026-01-01"},
    {"site": SITE, "source_url": "https://blogspot.com/"},
    {"site": SITE, "source_url": "https://me.blogspot.com/"},
    {"site": SITE, "source_url": "https://com.np/"},
    {"site": SITE, "source_url": "https://foo.kawasaki.jp/"},
    {"site": SITE, "source_url": "https://kawasaki.jp/"},
    {"site": SITE, "source_url": "https://shop.city.kawasaki.jp/"},
    {"site": SITE, "source_url": "https://www.www.gov.uk/"},
    {"site": SITE, "source_url": "https://amazonaws.com/"},
    {"site": SITE, "source_url": "https://bucket.s3.amazonaws.com/"},
    {"site": "rival.example", "source_url": "https://theirs.test/"},
]


@pytest.fixture(scope="module")
def links() -> lg.Links:
    return lg.read_links(pd.DataFrame(ROWS), sites=[SITE, "rival.example"])


def commands(text: str) -> list[str]:
    """Return what Google would read: every line that is neither empty nor a comment."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_draft_line_by_line(links, tmp_path):
    path = lg.disavow_draft(
        links,
        site=SITE,
        domains=["WWW.Fine.test", "https://best-casino-4-u.test/", "bücher.test", "me.blogspot.com", "fine.test"],
        path=tmp_path / "disavow.txt",
        reasons={"fine.test": "paid link"},
    )
    heading, *blocks = path.read_text(encoding="utf-8").split("\n\n")
    assert all(line.startswith("# ") for line in heading.splitlines())
    assert heading.startswith("# Draft of a disavow file for me.example. Nobody has uploaded it")
    assert "# Most sites need none." in heading
    assert blocks == [
        "# gambling, adult, drug or loan word in the name; 2 or more hyphens in the name\ndomain:best-casino-4-u.test",
        "# paid link\ndomain:fine.test",
        "# chosen by hand\ndomain:me.blogspot.com",
        "# chosen by hand\ndomain:xn--bcher-kva.test\n",
    ]
    assert list(tmp_path.iterdir()) == [path]


REFUSED = [
    ({"domains": []}, InvalidArgumentError, r"^domains= is empty\. Allowed: at least one"),
    ({"domains": "fine.test"}, InvalidArgumentError, r"^domains='fine\.test' is a single text\."),
    ({"domains": ["theirs.test"]}, UnknownDomainError, r"^No live link to me\.example is known from theirs\.test\."),
    ({"domains": ["gone.test"]}, UnknownDomainError, r"lost ones need not be\.$"),
    ({"domains": ["me.example"]}, UnknownDomainError, r"^No live link to .* is known from me\.example\."),
    ({"domains": ["blogspot.com"]}, InvalidArgumentError, r"^blogspot\.com is a public suffix: .* every site below it"),
    ({"domains": ["com.np"]}, InvalidArgumentError, r"^com\.np is a public suffix"),
    ({"domains": ["foo.kawasaki.jp"]}, InvalidArgumentError, r"^foo\.kawasaki\.jp is a public suffix"),
    ({"domains": ["kawasaki.jp"]}, InvalidArgumentError, r"^kawasaki\.jp is a public suffix"),
    (
        {"domains": ["amazonaws.com"]},
        InvalidArgumentError,
        r"^amazonaws\.com contains a public suffix: .* every site below it\. Allowed: individual domains below it",
    ),
    ({"domains": ["compute.amazonaws.com"]}, InvalidArgumentError, r"^amazonaws\.com contains a public suffix"),
    ({"domains": ["shop.fine.test"]}, InvalidArgumentError, r"a host of fine\.test\. Allowed: .*'fine\.test'\.$"),
    ({"domains": ["two words"]}, InvalidArgumentError, r"^domains= contains 'two words', which is not a domain\."),
    ({"domains": ["fine.test\ndomain:rival.example"]}, LinkgapError, r"not a domain|No live link"),
    (
        {"site": "other.example"},
        UnknownSiteError,
        r"^site='other\.example' is not among .* me\.example, rival\.example",
    ),
    ({"site": None}, UnknownSiteError, r"^site=None is not among"),
    ({"path": "disavow.csv"}, InvalidArgumentError, r"^'disavow\.csv' is not a name .* end in \.txt\.$"),
    ({"path": "no/where.txt"}, MissingFileError, r"^There is no folder "),
    ({"reasons": {"other.test": "x"}}, InvalidArgumentError, r"^reasons= names other\.test\."),
    ({"reasons": ["x"]}, InvalidArgumentError, r"^reasons=\['x'\] is not allowed\."),
]


@pytest.mark.parametrize(("options", "error", "words"), REFUSED, ids=[repr(options) for options, *_ in REFUSED])
def test_what_is_refused_writes_nothing(links, tmp_path, monkeypatch, options, error, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=words):
        lg.disavow_draft(links, **{"site": SITE, "domains": ["fine.test"], "path": "disavow.txt", **options})
    assert list(tmp_path.iterdir()) == []


def test_www_may_be_part_of_the_domain_itself(links, tmp_path):
    path = lg.disavow_draft(links, site=SITE, domains=["www.gov.uk"], path=tmp_path / "disavow.txt")
    assert commands(path.read_text(encoding="utf-8")) == ["domain:www.gov.uk"]


def test_below_a_platform_that_holds_suffixes_a_name_is_somebodys_domain(links, tmp_path):
    path = lg.disavow_draft(links, site=SITE, domains=["bucket.s3.amazonaws.com"], path=tmp_path / "disavow.txt")
    assert commands(path.read_text(encoding="utf-8")) == ["domain:bucket.s3.amazonaws.com"]


def test_an_exception_to_an_asterisk_is_somebodys_domain(links, tmp_path):
    path = lg.disavow_draft(links, site=SITE, domains=["city.kawasaki.jp"], path=tmp_path / "disavow.txt")
    assert commands(path.read_text(encoding="utf-8")) == ["domain:city.kawasaki.jp"]


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA])
def test_a_reason_that_is_missing_is_none(links, tmp_path, nothing):
    options = {"site": SITE, "domains": ["fine.test"], "path": tmp_path / "disavow.txt"}
    path = lg.disavow_draft(links, **options, reasons={"fine.test": nothing})
    assert path.read_text(encoding="utf-8").endswith("\n# chosen by hand\ndomain:fine.test\n")


def test_an_existing_file_is_replaced_only_when_told(links, tmp_path):
    path = tmp_path / "disavow.txt"
    path.write_text("domain:old.test\n", encoding="utf-8")
    with pytest.raises(FileExistsAlreadyError, match="overwrite=True"):
        lg.disavow_draft(links, site=SITE, domains=["fine.test"], path=path)
    assert path.read_text(encoding="utf-8") == "domain:old.test\n"
    lg.disavow_draft(links, site=SITE, domains=["fine.test"], path=path, overwrite=True)
    assert commands(path.read_text(encoding="utf-8")) == ["domain:fine.test"]


def test_a_file_beyond_googles_limits_is_refused(links, tmp_path, monkeypatch):
    monkeypatch.setattr(disavow, "MOST_LINES", 6)
    with pytest.raises(InvalidArgumentError, match=r"^The file would have 7 lines and .* Google accepts 6 lines"):
        lg.disavow_draft(links, site=SITE, domains=["fine.test"], path=tmp_path / "disavow.txt")
    monkeypatch.setattr(disavow, "MOST_LINES", 7)
    assert lg.disavow_draft(links, site=SITE, domains=["fine.test"], path=tmp_path / "disavow.txt").exists()
    (tmp_path / "disavow.txt").unlink()
    monkeypatch.setattr(disavow, "MOST_BYTES", 100)
    with pytest.raises(InvalidArgumentError, match=r"choose fewer domains\.$"):
        lg.disavow_draft(links, site=SITE, domains=["fine.test"], path=tmp_path / "disavow.txt")
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=40)
@given(words=st.text(st.characters(codec=None), max_size=400))
def test_no_reason_breaks_out_of_its_comment(links, tmp_path_factory, words):
    path = tmp_path_factory.mktemp("draft") / "disavow.txt"
    lg.disavow_draft(links, site=SITE, domains=["fine.test"], path=path, reasons={"fine.test": words})
    text = path.read_bytes().decode("utf-8")
    assert commands(text) == ["domain:fine.test"]
    assert len(text.splitlines()) == text.count("\n") == 7


@pytest.mark.parametrize(
    "words",
    [
        "x\ndomain:rival.example",
        "x\r\ndomain:rival.example",
        "x\x85domain:rival.example",
        "x\u2028domain:rival.example",
    ],
)
def test_line_ends_of_all_kinds_become_blanks(links, tmp_path, words):
    path = tmp_path / "disavow.txt"
    lg.disavow_draft(links, site=SITE, domains=["fine.test"], path=path, reasons={"fine.test": words})
    assert path.read_text(encoding="utf-8").endswith("# x domain:rival.example\ndomain:fine.test\n")


def test_a_draft_is_never_read_as_backlinks(links, tmp_path):
    lg.disavow_draft(links, site=SITE, domains=["fine.test"], path=tmp_path / "disavow.txt")
    with pytest.raises(NotBacklinksError):
        lg.read_links(tmp_path / "disavow.txt", sites=[SITE])
