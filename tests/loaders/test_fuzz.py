"""Texts and bytes that nobody wrote: no row is lost unseen, and no exception but linkgap's own escapes."""

import csv
import gzip
import io
import zipfile
from collections import Counter
from collections.abc import Iterator

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import linkgap as lg
from linkgap.domains import clean_host, host_of, registrable_domain
from linkgap.engine import DamagedRowsError, Engine
from linkgap.loaders.decoding import REPAIR, SNIFFED_BYTES
from linkgap.loaders.files import open_tables
from linkgap.loaders.links import Links
from linkgap.loaders.tables import DELIMITERS
from linkgap.schema import REASONS

FIXED = settings(
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

AHREFS_API = ("domain", "domain_rating", "dofollow_links", "first_seen")
MAJESTIC_RAW = (
    *("Target URL", "Source URL", "Anchor Text", "Source Crawl Date", "Source First Found Date", "FlagNoFollow"),
    *("FlagImageLink", "FlagRedirect", "FlagFrame", "FlagOldCrawl", "FlagAltText", "FlagMention"),
    *("SourceCitationFlow", "SourceTrustFlow"),
)
OWN = ("source_url", "target_url", "anchor", "nofollow", "first_seen", "links")

USUAL_CELLS = st.sampled_from([
    *("https://a.example/page", "http://b.example/", "c.example", "https://rival.example/", "https://me.example/x"),
    *("", "x", "true", "1", "57", "2026-10-22", "03/04/2026", "n/a", "a word", "Straße", "日本"),
])  # fmt: skip
ODD_TEXTS = st.text(alphabet="\",;\t\n\r|#=\\'\x00\x0b\x0c\x1c\x85\u2028\ufeffab1é日😀", max_size=6)
"""No blanks: one beside a quote is read past by the engine, and is part of the cell for Python."""


def written(cell: str, how: str) -> str:
    """Write a cell as a careful exporter does, as a careless one does, or as none should."""
    doubled = cell.replace('"', '""')
    return {"quoted": f'"{doubled}"', "bare": cell, "torn": f'"{cell}'}[how]


STYLES = st.sampled_from(["bare"] * 6 + ["quoted"] * 6 + ["torn"])
CELLS = st.builds(written, USUAL_CELLS | ODD_TEXTS, STYLES)


@st.composite
def exports(draw: st.DrawFn, headings: tuple[str, ...], delimiters: str) -> bytes:
    """Draw a file with a good heading above records that are anything."""
    delimiter = draw(st.sampled_from(delimiters))
    end = draw(st.sampled_from(["\n", "\r\n", "\n", "\r"]))
    width = st.sampled_from([len(headings)] * 12 + [len(headings) - 1, len(headings) + 1, 1])
    records = draw(st.lists(width.flatmap(lambda cells: st.lists(CELLS, min_size=cells, max_size=cells)), max_size=12))
    ends = draw(st.lists(st.sampled_from([end] * 12 + ["\n", "\r\n", "\n\n"]), min_size=12, max_size=12))
    body = "".join(delimiter.join(record) + own_end for record, own_end in zip(records, ends, strict=False))
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    text = delimiter.join(headings) + end + body
    return mutated(
        draw, text.encode(encoding, errors="replace"), len((delimiter.join(headings) + end).encode(encoding))
    )


def mutated(draw: st.DrawFn, content: bytes, untouched: int) -> bytes:
    """Change, drop or add a few bytes behind the first `untouched` ones, or cut the end off."""
    changed = bytearray(content)
    for _ in range(draw(st.integers(0, 3))):
        if len(changed) > untouched:
            place = draw(st.integers(untouched, len(changed) - 1))
            some = st.sampled_from([b"", b'"', b"\n", b"\r", b",", b"\x00", b"\xff", b"\xe9", b"\x80"])
            changed[place : place + draw(st.integers(0, 2))] = draw(some)
    return bytes(changed)


def read(content: bytes, folder, name: str = "rival.example-export.csv") -> Links | None:
    """Return the links of a file, or None where linkgap says why it can't read it."""
    path = folder / name
    path.write_bytes(content)
    try:
        return lg.read_links(path, max_loss=1)
    except lg.LinkgapError:
        return None


def csv_records(content: bytes, encoding: str, delimiter: str) -> int:
    """Count the records below the heading as Python's csv module finds them."""
    text = content.decode(encoding, errors=REPAIR).lstrip("\ufeff")
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return sum(bool(record) for record in records) - 1


def assert_accounted_for(links: Links, content: bytes) -> None:
    assert len(links.receipts) == 1
    receipt = links.receipts.iloc[0]
    delimiter = next((mark for mark, word in DELIMITERS.items() if word == receipt["delimiter"]), None)
    if delimiter is None:  # whole lines are cells, and whether what is quoted in one is a line is not Python's to say
        assert receipt["delimiter"].endswith(", in cells")
    else:
        assert receipt["rows"] == csv_records(content, receipt["encoding"], delimiter)
    assert receipt["rows"] == receipt["kept"] + receipt["set_aside"]
    kept, aside = links.frame, links.set_aside
    assert len(kept) == receipt["kept"]
    assert len(aside) == receipt["set_aside"]
    assert sorted([*kept["row"], *aside["row"]]) == list(range(1, receipt["rows"] + 1))
    by_reason = Counter(aside["reason"])
    assert by_reason == {reason: n for reason in REASONS if (n := receipt[reason.replace(" ", "_")])}
    assert aside["line"].notna().all()
    assert kept[["site", "source_domain", "links", "provider", "file", "row"]].notna().all(axis=None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):
    return tmp_path_factory.mktemp("fuzz")


@pytest.mark.once
@pytest.mark.parametrize(
    ("headings", "delimiters"),
    [(AHREFS_API, ","), (MAJESTIC_RAW, ","), (OWN, ",;\t|")],
    ids=["Ahrefs API", "Majestic raw", "linkgap's own"],
)
def test_every_record_is_kept_or_set_aside_with_a_reason(headings: tuple[str, ...], delimiters: str, folder):
    @settings(FIXED, max_examples=14)
    @given(exports(headings, delimiters))
    def check(content: bytes) -> None:
        links = read(content, folder)
        if links is not None:
            assert_accounted_for(links, content)

    check()


def workbook() -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.add_worksheet("links").write_row(0, 0, ["source_url", "target_url"])
    return file.getvalue()


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("rival.example.csv", "source_url,target_url\nhttps://a.example/,https://rival.example/\n" * 9)
    return file.getvalue()


JSON = b'[{"source_url": "https://a.example/", "target_url": "https://rival.example/", "tags": [{"a": [1]}]}]'
LINES = b"source_url,target_url\nhttps://a.example/,https://rival.example/\n"
WHOLE_FILES = (
    *(workbook(), archive(), gzip.compress(LINES * 9, mtime=0), JSON, JSON[1:-1] + b"\n" + JSON[1:-1]),
    *(LINES, LINES.decode().encode("utf-16"), LINES.decode().encode("utf-16-be"), b"a.example\nb.example\n"),
)
BEGINNINGS = st.sampled_from([
    *(b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08", b"PAR1"),
    *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b'{"', b"[{", b"<html>", b"sep=;\n", b"source_url,target_url\n"),
])  # fmt: skip


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    return mutated(draw, draw(st.sampled_from(WHOLE_FILES)), 4)


@pytest.mark.once
@settings(FIXED, max_examples=60)
@given(st.builds(bytes.__add__, BEGINNINGS, st.binary(max_size=300)) | damaged_files())
def test_no_bytes_raise_anything_but_linkgaps_own_errors(folder, content: bytes):
    links = read(content, folder, "rival.example-export.csv")
    if links is not None:
        assert (links.receipts["rows"] == links.receipts["kept"] + links.receipts["set_aside"]).all()
        assert len(links.frame) == links.row_count
        assert len(links.set_aside) == links.receipts["set_aside"].sum()


ADDRESSES = st.text() | st.text(alphabet="a.b-:/@[]\\?#%0123xn é。．ß\u200d\ud800😀", max_size=24)  # noqa: RUF001


@pytest.mark.once
@settings(FIXED, max_examples=1_000)
@given(ADDRESSES)
def test_a_host_is_found_or_not_and_stays_what_it_is(address: str):
    for host in (host_of(address), clean_host(address)):
        if host is not None:
            assert host_of(host) == clean_host(host) == host
            domain = registrable_domain(host)
            assert domain
            assert host == domain or host.endswith("." + domain)
            assert registrable_domain(domain) == domain


@pytest.mark.once
@settings(FIXED, max_examples=250)
@given(st.text(max_size=40))
def test_a_registrable_domain_is_found_in_any_text(text: str):
    assert registrable_domain(registrable_domain(text)) == registrable_domain(text)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(threads=2)


CLEAN_START = b"".join(b"https://d%d.example/,https://rival.example/,text\n" % number for number in range(6_000))
HEADING = b"source_url,target_url,anchor\n"


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Draw records of three cells, nearly all of them well written."""
    end = draw(st.sampled_from(["\n", "\r\n"]))
    odd = ODD_TEXTS.map(lambda text: text.replace("\x00", "").replace("\r", end))
    quoted = st.builds(written, odd, st.just("quoted"))
    cells = quoted | st.sampled_from(["", "a", "a.example", "=1", "#x", "'b", "\\", "日本", "\u2028", "\x1c"])
    width = st.sampled_from([3] * 30 + [2, 4])
    records = draw(st.lists(width.flatmap(lambda n: st.lists(cells, min_size=n, max_size=n)), max_size=10))
    return "".join(",".join(record) + end for record in records).encode()


def read_in_place(engine: Engine, content: bytes, folder) -> Iterator[tuple[str, ...]] | None:
    """Return the records that the fast reader finds; None where it leaves the file to Python."""
    path = folder / "in-place.csv"
    path.write_bytes(content)
    try:
        (table,) = open_tables(path, path.name, folder).tables
        if table.rewritten:
            return None
        view = engine.offer_csv(path, table.headings, delimiter=table.read_with, skip=table.skip)
        engine.run_reading(f"CREATE OR REPLACE TABLE found AS SELECT * FROM {view}")
    except (DamagedRowsError, lg.LinkgapError):
        return None
    return [tuple(cell or "" for cell in row) for row in engine.rows("SELECT * FROM found")]


@pytest.mark.parametrize(
    ("start", "examples"),
    [
        pytest.param(HEADING, 200, id="small"),
        pytest.param(HEADING + CLEAN_START, 100, id="beyond what is sniffed", marks=pytest.mark.once),
    ],
)
def test_the_fast_reader_finds_what_pythons_csv_module_finds(start: bytes, examples: int, engine: Engine, folder):
    assert len(start) < 100 or len(start) > SNIFFED_BYTES
    compared = 0

    @settings(FIXED, max_examples=examples)
    @given(bodies())
    def check(body: bytes) -> None:
        nonlocal compared
        found = read_in_place(engine, start + body, folder)
        if found is not None:
            records = csv.reader(io.StringIO((start + body).decode(), newline=""))
            expected = [tuple(record) for record in records if record][1:]
            assert found == [row[:3] if not any(row[3:]) else row for row in expected]
            compared += 1

    check()
    assert compared > 20  # how many are left to Python hangs on what hypothesis draws
