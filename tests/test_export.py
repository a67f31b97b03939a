"""What a file holds, what it never does to the one who opens it, and what becomes of it when something fails."""

import csv
import gc
import io
import json
import os
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from python_calamine import CalamineWorkbook

import linkgap as lg
from linkgap import drafts, workbook
from linkgap.cells import home_page, is_page, neutralised
from linkgap.engine import Engine
from linkgap.errors import (
    FileExistsAlreadyError,
    InvalidArgumentError,
    LinkgapError,
    MissingFileError,
    UnwritableFileError,
)
from linkgap.export import check_target, export_prospects
from linkgap.gap.referring import Question
from linkgap.schema import EVIDENCE, PROSPECTS, RECEIPTS, RELATIONS
from linkgap.workbook import (
    EVIDENCE_MEANINGS,
    FOLLOWED_EVIDENCE_MEANINGS,
    FOLLOWED_RELATION_MEANINGS,
    RELATION_MEANINGS,
    sheet_text,
    write_sheets,
)

GOLDEN = Path(__file__).parent / "golden" / "export"
RIVALS = ("anna.example", "bücher.example")
NAMES = [column.name for column in PROSPECTS]
COLUMNS = [*NAMES[: NAMES.index("rivals_linked") + 1], *RIVALS, *NAMES[NAMES.index("rivals_linked") + 1 :]]
DTYPES = {"text": object, "integer": "Int64", "number": "float64", "boolean": "boolean", "date": "datetime64[s]"}
TEXT_COLUMNS = (
    "domain",
    "risk_reasons",
    "authority_metric",
    "sample_url",
    "sample_anchor",
    "sample_target",
    "title",
    "language",
    "platform",
    "tactic",
    "tactic_evidence",
    "providers",
)

HOSTILE = [
    '=HYPERLINK("http://evil.example","click")',
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    " \u200b=1+1",
    "\x00=1+1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20A1",
    "harmless;=1+1",
    'harmless;"=1+1"',
    "harmless\n=1+1",
    "<img src=x onerror=alert(1)>",
    "<r><t>markup</t></r>",
    "<r></t></is></c><c><f>1+1</f></c></r>",
    "\u202egnp.exe\u202c",
    "NUL\x00inside\x07",
    "_x0041_",
    "x" * 40_000,
    "\U0001f517" * 20_000,
    "two\nlines\r\nthree",
    'quotes " and , commas',
    "half a pair \ud800",
    "\ufffe\uffff",
    "{=1+1}",
    "",
]


@dataclass(frozen=True, eq=False)
class Prospects(lg.Prospects):
    """Stands in for what `rank_prospects` returns."""

    frame: pd.DataFrame = None
    gap: SimpleNamespace = None
    weights: dict[str, float] = field(default_factory=lambda: {"anna.example": 0.375, "bücher.example": 0.625})
    terms: None = None
    scores: None = None
    authority: None = None
    risk: None = None
    details: None = None
    settings: dict[str, object] = field(default_factory=lambda: {"authority_weight": 0.25, "rival_weights": None})
    formula: str = "= likelihood × authority^0.25 × (1 − risk)"
    notes: tuple[str, ...] = ("No export gives spam scores.", "-> begins like a formula")

    def __len__(self) -> int:
        return len(self.frame)

    def top(self, number: int) -> pd.DataFrame:
        return self.frame.head(number)


def prospect(rank: int, **values: object) -> dict[str, object]:
    usual = {
        "rank": rank,
        "domain": f"blog{rank}.example",
        "priority": 100 / rank,
        "likelihood": 0.5,
        "value": 0.25,
        "risk": 0.0,
        "risk_reasons": "",
        "coverage": 1.0,
        "relation": "never",
        "evidence": "proven",
        "rivals_linked": 1,
        "anna.example": True,
        "bücher.example": False,
        "links": 1234567,
        "authority": 53.0,
        "authority_metric": "ahrefs_dr",
        "authority_percentile": 0.75,
        "authority_imputed": False,
        "sample_url": f"https://blog{rank}.example/größe?a=1&b=2#top",
        "sample_anchor": "Röstkaffee, gemahlen",
        "sample_target": "https://anna.example/",
        "title": "Rösterei: unsere Partner",
        "language": "de",
        "platform": "wordpress",
        "tactic": "resource page",
        "tactic_evidence": "page: links",
        "first_seen": date(2020, 2, 29),
        "last_seen": date(2026, 1, 31),
        "providers": "ahrefs, moz",
    }
    return dict.fromkeys(COLUMNS) | usual | values


def receipts(*files: str) -> pd.DataFrame:
    row = {"rows": 100, "kept": 98, "set_aside": 2, "largest_domain_share": 0.125, "exported_at": date(2026, 2, 1)}
    return pd.DataFrame([{column.name: row.get(column.name) for column in RECEIPTS} | {"file": file} for file in files])


def gap_of(rivals: tuple[str, ...], files: pd.DataFrame) -> SimpleNamespace:
    question = Question(site="mysite.example", rivals=rivals)
    links = SimpleNamespace(receipts=files)
    return SimpleNamespace(site=question.site, rivals=rivals, links=links, question=question)


def prospects_of(rows: list[dict[str, object]]) -> Prospects:
    types = {column.name: DTYPES[column.type] for column in PROSPECTS} | dict.fromkeys(RIVALS, "bool")
    frame = pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=types[name]) for name in COLUMNS})
    return Prospects(frame=frame, gap=gap_of(RIVALS, receipts("mysite.csv", "=anna.csv")))


@pytest.fixture
def three() -> Prospects:
    lost = {"relation": "lost", "evidence": "likely", "sample_url": None, "traffic": 1234.5}
    lost |= {"tactic": "unknown", "tactic_evidence": ""}
    hard = {"evidence": "unverified", "risk": 0.4, "risk_reasons": "spam score 60; links to 9,000 domains"}
    both = {"bücher.example": True, "rivals_linked": 2, "sample_anchor": "=1+1"}
    return prospects_of([prospect(1, **both), prospect(2, **lost), prospect(3, **hard)])


@pytest.fixture
def hostile() -> Prospects:
    return prospects_of(
        [prospect(rank, **dict.fromkeys(TEXT_COLUMNS, text)) for rank, text in enumerate(HOSTILE, start=1)]
    )


def read_csv(path: Path, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), delimiter=delimiter))


def read_sheet(path: Path, name: str = "Prospects") -> list[list[object]]:
    return [list(row) for row in openpyxl.load_workbook(path)[name].iter_rows(values_only=True)]


def column(path: Path, heading: str, sheet: str = "Prospects") -> list[object]:
    head, *rows = read_sheet(path, sheet)
    return [row[head.index(heading)] for row in rows]


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# CSV


@pytest.mark.parametrize("preset", [None, "pitchbox", "outreach"])
def test_csv_is_the_golden_one(three: Prospects, tmp_path: Path, preset: str | None):
    path = export_prospects(three, tmp_path / "prospects.csv", preset=preset)
    assert path.read_bytes() == (GOLDEN / f"{preset or 'all'}.csv").read_bytes()


def test_csv_opens_in_excel_with_umlauts_and_its_line_ends(three: Prospects, tmp_path: Path):
    data = export_prospects(three, tmp_path / "prospects.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfrank,domain,")
    assert data.count(b"\r\n") == data.count(b"\n") == 4


def test_an_importer_gets_no_byte_order_mark(three: Prospects, tmp_path: Path):
    data = export_prospects(three, tmp_path / "prospects.csv", preset="pitchbox").read_bytes()
    assert data.startswith(b"Partner URL,Partner Category,Contact Email,Contact Name,Company,Link Type\r\n")


def test_csv_holds_every_column_in_order_and_numbers_that_come_back(three: Prospects, tmp_path: Path):
    head, *rows = read_csv(export_prospects(three, tmp_path / "prospects.csv"))
    assert head == COLUMNS
    assert [float(row[head.index("priority")]) for row in rows] == list(three.frame["priority"])
    assert [row[head.index("first_seen")] for row in rows] == ["2020-02-29"] * 3
    assert [row[head.index("spam_score")] for row in rows] == [""] * 3


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@A1", "'@A1"),
        ("\t1", "'\t1"),
        ("\r1", "'\r1"),
        ("  =1", "'  =1"),
        ("\x01\u200e=1", "'\x01\u200e=1"),
        ("\uff1d1", "'\uff1d1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20A", "'\uff20A"),
        ("a;=1", "a;'=1"),
        ("a; =1", "a; '=1"),
        ("a\n=1", "a\n'=1"),
        ("a\t+1", "a\t'+1"),
        (";=1", ";'=1"),
        ("=1;=2", "'=1;'=2"),
        ('a;"=1"', 'a;"\'=1"'),
        ("1-1", "1-1"),
        ("a = b", "a = b"),
        ("a, -b", "a, -b"),
        ("https://a.example/?b=c;d=e", "https://a.example/?b=c;d=e"),
        ("'=1", "'=1"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_run_is_neutralised(text: str, safe: str):
    assert neutralised(text) == safe


RUNNABLE = "=+-@\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
UNSEEN = " \t\r\n\x00\x0b\x1f\x7f\x85\xa0\u200b\u200f\u2028\u202e\u2060\u3000\ufeff"
NASTY = st.text(st.sampled_from(RUNNABLE + UNSEEN + ";,|\"'a1"), max_size=12)


def begins_to_run(cell: str) -> bool:
    """What `neutralised` is there to prevent, told without its patterns."""
    return cell.lstrip(UNSEEN)[:1] in set(RUNNABLE)


def would_run(cell: str) -> bool:
    return begins_to_run(cell) or cell[:1] in set("\t\r\n")


@given(st.lists(NASTY | st.text(max_size=8), min_size=1, max_size=4))
def test_no_cell_runs_whatever_the_list_separator(texts: list[str]):
    printable = [text.replace("\x00", "") for text in texts]
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerow(["x", *map(neutralised, printable)])
    for delimiter in ",;\t":
        rows = list(csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=delimiter))
        assert not [cell for row in rows for cell in row if begins_to_run(cell)]


@given(NASTY | st.text())
def test_neutralising_only_adds_apostrophes(text: str):
    assert neutralised(text).replace("'", "") == text.replace("'", "")
    assert neutralised(neutralised(text)).replace("'", "") == text.replace("'", "")
    if not set(text) & {*RUNNABLE, *"\t\r\n"}:
        assert neutralised(text) == text


def test_neutralising_takes_linear_time_on_hostile_text():
    for text in ("\n" * 200_000, ";\t" * 200_000, "; " * 200_000 + "=", '"' * 200_000):
        assert len(neutralised(text)) <= len(text) + 2


def test_hostile_cells_in_csv(hostile: Prospects, tmp_path: Path):
    is_short = hostile.frame["sample_anchor"].str.len() < 1_000  # Python reads no longer cells with a wrong separator
    path = export_prospects(replace(hostile, frame=hostile.frame[is_short]), tmp_path / "prospects.csv")
    assert b"\x00" not in path.read_bytes()
    head, *rows = read_csv(path)
    assert len(rows) == len(HOSTILE) - 2
    for name in TEXT_COLUMNS:
        assert not [row[head.index(name)] for row in rows if would_run(row[head.index(name)])]
    for delimiter in ";\t":
        assert not [cell for row in read_csv(path, delimiter) for cell in row if begins_to_run(cell)]


def test_negative_numbers_stay_numbers(three: Prospects, tmp_path: Path):
    three.frame["traffic"] = [-5.5, np.inf, np.nan]
    head, *rows = read_csv(export_prospects(three, tmp_path / "prospects.csv"))
    assert [row[head.index("traffic")] for row in rows] == ["-5.5", "", ""]


# JSON and Parquet


def refused_constant(text: str) -> None:
    raise AssertionError(text)


def test_json_holds_everything(three: Prospects, tmp_path: Path):
    three.frame["traffic"] = [np.inf, np.nan, 1.5]
    made = replace(three, settings={"weights": {"a": float("nan"), "b": (1, 2)}, "since": date(2026, 1, 1)})
    path = export_prospects(made, tmp_path / "prospects.json")
    found = json.loads(path.read_bytes(), parse_constant=refused_constant)
    assert list(found) == [
        *("site", "rivals", "question", "settings", "formula", "weights", "notes", "receipts", "prospects"),
    ]
    assert found["weights"] == made.weights
    assert found["site"] == "mysite.example"
    assert found["rivals"] == list(RIVALS)
    assert found["settings"] == {"weights": {"a": None, "b": [1, 2]}, "since": "2026-01-01"}
    assert found["formula"] == made.formula
    assert found["notes"] == list(made.notes)
    assert [receipt["exported_at"] for receipt in found["receipts"]] == ["2026-02-01"] * 2
    assert [list(record) for record in found["prospects"]] == [COLUMNS] * 3
    assert [record["traffic"] for record in found["prospects"]] == [None, None, 1.5]
    assert found["prospects"][0]["sample_anchor"] == "=1+1"
    assert found["prospects"][0]["bücher.example"] is True
    assert found["prospects"][0]["last_seen"] == "2026-01-31"


def test_json_keeps_hostile_text_as_it_is(hostile: Prospects, tmp_path: Path):
    found = json.loads(export_prospects(hostile, tmp_path / "prospects.json").read_bytes())
    assert [record["sample_anchor"] for record in found["prospects"]] == [
        text.replace("\ud800", "?") for text in HOSTILE
    ]


def test_parquet_keeps_text_and_types(hostile: Prospects, tmp_path: Path):
    path = export_prospects(hostile, tmp_path / "prospects.parquet")
    engine = Engine()
    view, names = engine.offer_parquet(path)
    found = engine.frame(f"FROM {view}")
    assert names == COLUMNS
    assert list(found["sample_anchor"]) == [text.replace("\ud800", "?") for text in HOSTILE]
    kinds = {str(row[0]): row[1] for row in engine.rows(f"DESCRIBE {view}")}
    assert {kinds[column.name] for column in PROSPECTS if column.type == "text"} == {"VARCHAR"}
    assert (kinds["spam"], kinds["spam_score"], kinds["referring_domains"]) == ("BOOLEAN", "DOUBLE", "BIGINT")
    assert (kinds["first_seen"], kinds["anna.example"]) == ("TIMESTAMP", "BOOLEAN")
    assert found["first_seen"].dt.date.tolist() == [date(2020, 2, 29)] * len(HOSTILE)


# XLSX


def test_xlsx_holds_what_the_frame_holds(three: Prospects, tmp_path: Path):
    path = export_prospects(three, tmp_path / "prospects.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Prospects", "Method", "Receipts"]
    head, *rows = read_sheet(path)
    assert len(head) == len(set(head)) == len(COLUMNS)
    assert rows[0][: head.index("Links") + 1] == [
        *(1, "blog1.example", 100, 0.5, 0.25, 0, None, 1, "never", "proven", 2, 1, 1, 1234567),
    ]
    assert column(path, "bücher.example") == [1, 0, 0]
    assert column(path, "Organic traffic") == [None, 1234.5, None]
    assert [cell.date() for cell in column(path, "First seen")] == [date(2020, 2, 29)] * 3
    assert column(path, "Anchor text")[:2] == ["=1+1", "Röstkaffee, gemahlen"]


def test_xlsx_reads_in_humans_words(three: Prospects, tmp_path: Path):
    sheet = openpyxl.load_workbook(export_prospects(three, tmp_path / "prospects.xlsx"))["Prospects"]
    cells = {cell.value: cell for cell in sheet[1]}
    assert {"Rivals linked", "Followed links", "Sample page", "Domains linking to it"} <= set(cells)
    assert cells["Rivals linked"].comment.text == "how many rivals it links to"
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(4, len(COLUMNS)).coordinate}"
    formats = {heading: sheet.cell(2, cell.column).number_format for heading, cell in cells.items()}
    assert formats["Priority"] == "0.0"
    assert {formats[name] for name in ("Risk", "Coverage", "Authority percentile")} == {"0%"}
    assert {formats[name] for name in ("Likelihood", "Value")} == {"0.00"}, "an index is no probability"
    assert formats["Links"] == "#,##0"
    assert formats["First seen"] == "yyyy-mm-dd"
    assert formats["Spam score"] == formats["Authority"] == "General"


def test_colours_tell_evidence_and_relation_apart(three: Prospects, tmp_path: Path):
    sheet = openpyxl.load_workbook(export_prospects(three, tmp_path / "prospects.xlsx"))["Prospects"]
    fills = {cell.value: cell.fill.fgColor.rgb for row in sheet["I2:J4"] for cell in row}
    assert set(fills) == {*EVIDENCE, *RELATIONS}
    assert len(set(fills.values())) == len(fills)


def test_columns_on_which_no_export_says_anything_are_hidden(three: Prospects, tmp_path: Path):
    path = export_prospects(three, tmp_path / "prospects.xlsx")
    sheet = openpyxl.load_workbook(path)["Prospects"]
    hidden = {cell.value for cell in sheet[1] if sheet.column_dimensions[cell.column_letter].hidden}
    assert {"Spam score", "Marked as spam", "Followed links"} <= hidden
    assert not hidden & {"Organic traffic", "Risk reasons", "Sample page"}
    glossary = {row[0]: row[1] for row in read_sheet(path, "Method")}
    assert glossary["Spam score"].endswith("(hidden: no data)")


def test_the_method_explains_the_ranking(three: Prospects, tmp_path: Path):
    path = export_prospects(three, tmp_path / "prospects.xlsx", top=2)
    lines = {row[0]: row[1] for row in read_sheet(path, "Method") if row[0]}
    assert lines["Site"] == "mysite.example"
    assert lines["Rivals"] == "anna.example, bücher.example"
    assert lines["Prospects"] == "2 of 3"
    assert lines["Formula"] == three.formula
    assert (lines["authority_weight"], lines["rival_weights"]) == ("0.25", "null")
    shares = [row[:2] for row in read_sheet(path, "Method") if str(row[1]).endswith("%")]
    assert shares == [["bücher.example", "62.5%"], ["anna.example", "37.5%"]]
    assert (lines["1"], lines["2"]) == three.notes
    assert {**EVIDENCE_MEANINGS, **RELATION_MEANINGS}.items() <= lines.items()
    assert lines["Rivals linked"] == "how many rivals it links to"


def test_every_word_of_the_schema_has_a_meaning():
    assert tuple(EVIDENCE_MEANINGS) == tuple(FOLLOWED_EVIDENCE_MEANINGS) == EVIDENCE
    assert tuple(RELATION_MEANINGS) == tuple(FOLLOWED_RELATION_MEANINGS) == RELATIONS


def test_where_only_followed_links_count_no_word_denies_another_link(tmp_path: Path):
    rows = [
        {"site": "mysite.example", "source_url": "https://blog.example/a", "nofollow": True},
        {"site": "mysite.example", "source_url": "https://other.example/a", "nofollow": False},
        {"site": "anna.example", "source_url": "https://blog.example/b", "nofollow": False},
    ]
    gap = lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mysite.example", follow_only=True)
    assert repr(gap) == ("1 domain has followed links to at least 1 of 1 rival and none to mysite.example (1 proven)")
    prospects = lg.rank_prospects(gap)
    assert prospects.notes[0] == (
        "Only followed links count: a prospect may already link to mysite.example, with nofollow, ugc or sponsored."
    )
    sheet = export_prospects(prospects, tmp_path / "outreach.xlsx", preset="outreach")
    assert column(sheet, "Why") == ["Links to 1 of 1 rival, but has no followed link to mysite.example."]
    book = export_prospects(prospects, tmp_path / "all.xlsx")
    lines = {row[0]: row[1] for row in read_sheet(book, "Method") if row[0]}
    assert lines["Links that count"] == "Live links, without nofollow, ugc and sponsored ones."
    assert {**FOLLOWED_EVIDENCE_MEANINGS, **FOLLOWED_RELATION_MEANINGS}.items() <= lines.items()


def test_a_file_says_what_was_asked(tmp_path: Path):
    """Of those that link to two rivals alone, one that links to a single rival was not denied by anybody."""
    pairs = [
        ("mysite.example", "friend.example"),
        *((rival, "blog.example") for rival in RIVALS),
        (RIVALS[0], "one.example"),
    ]
    links = lg.read_links(pd.DataFrame(pairs, columns=["site", "source_domain"]))
    gap = lg.find_gap(links, site="mysite.example", own=["shop.example"], min_rivals=2).where(present=[RIVALS[0]])
    prospects = lg.rank_prospects(gap)
    book = export_prospects(prospects, tmp_path / "all.xlsx")
    lines = {row[0]: row[1] for row in read_sheet(book, "Method") if row[0]}
    assert lines["Finding"] == (
        "1 domain links to at least 2 of 2 rivals, anna.example among them, and not to mysite.example (1 proven)."
    )
    assert lines["Your other sites"] == "shop.example: not prospects either."
    found = json.loads(export_prospects(prospects, tmp_path / "all.json").read_bytes())["question"]
    again = lg.find_gap(links, site="mysite.example", **{name: found[name] for name in found if name not in WHERE})
    assert again.where(**{name: found[name] for name in WHERE}).question == gap.question


WHERE = ("present", "absent")


def test_receipts_stand_one_row_a_file(three: Prospects, tmp_path: Path):
    path = export_prospects(three, tmp_path / "prospects.xlsx")
    assert column(path, "File", "Receipts") == ["mysite.csv", "=anna.csv"]
    assert column(path, "Set aside", "Receipts") == [2, 2]
    sheet = openpyxl.load_workbook(path)["Receipts"]
    share = next(cell for cell in sheet[1] if cell.value == "Largest domain share")
    assert sheet.cell(2, share.column).number_format == "0%"


@pytest.mark.parametrize("preset", [None, "pitchbox", "outreach"])
def test_no_hostile_cell_becomes_a_formula(hostile: Prospects, tmp_path: Path, preset: str | None):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = export_prospects(hostile, tmp_path / "prospects.xlsx", preset=preset)
    with zipfile.ZipFile(path) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not [sheet for sheet in sheets if "<f>" in sheet or "<f " in sheet]
    for sheet in openpyxl.load_workbook(path):
        assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
        assert not [
            cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str) and "\x00" in cell.value
        ]


def test_hostile_text_comes_back_as_text(hostile: Prospects, tmp_path: Path):
    path = export_prospects(hostile, tmp_path / "prospects.xlsx")
    found = [unescape(cell or "") for cell in column(path, "Anchor text")]
    expected = [sheet_text(text.replace("\ud800", "?")) for text in HOSTILE]
    assert found == expected
    head, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Prospects").to_python()
    assert [row[head.index("Anchor text")] for row in rows] == expected
    assert [text for text in expected if len(text.encode("utf-16-le")) > 2 * 32_767] == []


def test_text_that_looks_like_a_formula_is_marked_as_text(three: Prospects, tmp_path: Path):
    sheet = openpyxl.load_workbook(export_prospects(three, tmp_path / "prospects.xlsx"))["Prospects"]
    anchors = [sheet.cell(row, COLUMNS.index("sample_anchor") + 1) for row in (2, 3)]
    assert [cell.quotePrefix for cell in anchors] == [True, False]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a\x00b\x1fc\x7f\ufffe\uffff", "abc"),
        ("a\r\nb\rc\nd\te", "a\nb\nc\nd\te"),
        ("x" * 32_767, "x" * 32_767),
        ("x" * 32_768, "x" * 32_766 + "…"),
        ("\U0001f517" * 16_384, "\U0001f517" * 16_383 + "…"),
        ("<r>bold</r>", "<r>bold</r> "),
        ("<r>" + "x" * 32_760 + "</r>", "<r>" + "x" * 32_760 + "</r…"),
        ("\x00<r></r>\x00", "<r></r> "),
    ],
)
def test_a_cell_holds_what_xlsx_can_hold(text: str, cell: str):
    assert sheet_text(text) == cell


@settings(max_examples=10)  # a workbook takes its time
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), min_size=1, max_size=20))
def test_any_text_survives_in_a_sheet(texts: list[str]):
    with tempfile.TemporaryDirectory() as folder:
        made = prospects_of(
            [
                prospect(rank, sample_anchor=text, risk_reasons=text, sample_url=text, domain=text)
                for rank, text in enumerate(texts, start=1)
            ]
        )
        head, *rows = read_sheet(export_prospects(made, Path(folder) / "prospects.xlsx"), "Prospects")
        for heading in ("Anchor text", "Domain", "Sample page", "Risk reasons"):
            cells = [unescape(row[head.index(heading)] or "") for row in rows]
            assert cells == list(map(sheet_text, texts))


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("https://blog.example/", True),
        ("HTTP://blog.example", True),
        ("https://bücher.example/größe?a=b;c#d", True),
        ("https://blog.example:8080/a", True),
        ("https://192.0.2.1/", True),
        ("https://blog.example/" + "a" * 900, True),
        ("https://blog.example/" + "a" * 1_000, False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("internal:Method!A1", False),
        ("external:c:\\a.xlsx", False),
        ("ftp://blog.example/", False),
        ("https://bank.example@evil.example/", False),
        ("https://bank.example\\@evil.example/", False),
        ("https://localhost/", False),
        ("https://", False),
        ("https:///a", False),
        ("https://blog.example/a b", False),
        ("https://blog.example/a\nb", False),
        ("https://blog.example/\u202egnp", False),
        ('https://blog.example/"onclick', False),
        (" https://blog.example/", False),
        ("blog.example/a", False),
        (None, False),
    ],
)
def test_only_plain_web_addresses_become_links(address: object, plain: bool):  # noqa: FBT001 - a truth table
    assert is_page(address) is plain


@pytest.mark.parametrize(
    "domain", ["", "localhost", "a b.example", "Blog.example", "blog.example/a", "=1.example", None]
)
def test_what_is_no_host_has_no_home_page(domain: object):
    assert home_page(domain) is None


def test_links_point_where_they_say(three: Prospects, tmp_path: Path):
    sheet = openpyxl.load_workbook(export_prospects(three, tmp_path / "prospects.xlsx"))["Prospects"]
    page = COLUMNS.index("sample_url") + 1
    assert sheet["B2"].hyperlink.target == "https://blog1.example/"
    assert (sheet.cell(2, page).hyperlink.target, sheet.cell(2, page).hyperlink.location) == (
        *("https://blog1.example/größe?a=1&b=2", "top"),
    )
    assert sheet.cell(2, page).value == "https://blog1.example/größe?a=1&b=2#top"
    assert sheet.cell(3, page).hyperlink is None


def test_beyond_the_limit_of_links_there_is_text(three: Prospects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbook, "_MOST_LINKS", 5)
    sheet = openpyxl.load_workbook(export_prospects(three, tmp_path / "prospects.xlsx"))["Prospects"]
    assert [sheet.cell(row, 2).hyperlink is not None for row in (2, 3, 4)] == [True, True, False]
    assert sheet.cell(4, 2).value == "blog3.example"


def test_links_stay_within_what_excel_opens(three: Prospects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A domain and a page are a link each, and a file with more links than 65,530 is called damaged."""
    assert workbook._MOST_LINKS == 65_530
    monkeypatch.setattr(workbook, "_MOST_LINKS", 2)
    with zipfile.ZipFile(export_prospects(three, tmp_path / "prospects.xlsx")) as parts:
        assert parts.read("xl/worksheets/sheet1.xml").count(b"<hyperlink ") == 2


def test_days_before_the_calendar_of_spreadsheets_are_text(three: Prospects, tmp_path: Path):
    three.frame["first_seen"] = pd.Series(["1899-12-31", "1900-03-01", "9999-12-31"], dtype="datetime64[s]")
    path = export_prospects(three, tmp_path / "prospects.xlsx")
    first, *rest = column(path, "First seen")
    assert first == "1899-12-31"
    assert [cell.date() for cell in rest] == [date(1900, 3, 1), date(9999, 12, 31)]


@pytest.mark.parametrize("suffix", [".csv", ".json", ".xlsx"])
def test_the_same_prospects_make_the_same_bytes(three: Prospects, tmp_path: Path, suffix: str):
    one, two = (export_prospects(three, tmp_path / (name + suffix)).read_bytes() for name in ("one", "two"))
    assert one == two


@pytest.mark.parametrize("suffix", [".csv", ".json", ".xlsx", ".parquet"])
def test_no_prospects_make_a_file_with_headings(tmp_path: Path, suffix: str):
    path = export_prospects(prospects_of([]), tmp_path / f"prospects{suffix}")
    match suffix:
        case ".csv":
            assert read_csv(path) == [COLUMNS]
        case ".json":
            assert json.loads(path.read_text("utf-8"))["prospects"] == []
        case ".xlsx":
            assert len(read_sheet(path)) == 1
        case ".parquet":
            assert Engine().offer_parquet(path)[1] == COLUMNS


def test_too_many_rows_for_a_sheet(tmp_path: Path):
    frame = pd.DataFrame({"domain": ["a.example"]}).iloc[np.zeros(1_048_576, dtype=int)]
    made = Prospects(frame=frame, gap=gap_of((), receipts()))
    with pytest.raises(InvalidArgumentError) as caught:
        export_prospects(made, tmp_path / "prospects.xlsx")
    assert str(caught.value) == (
        "1,048,576 prospects do not fit into an XLSX sheet. Allowed: 1,048,575. "
        "Export .csv or .parquet, or only the best with top=."
    )
    assert left_in(tmp_path) == []
    workbook.check_rows(1_048_575, "prospects", instead="")
    assert export_prospects(made, tmp_path / "prospects.xlsx", top=10).exists()


def test_columns_that_the_schema_does_not_know_keep_their_kind(three: Prospects, tmp_path: Path):
    extra = {
        "flag": [True, False, True],
        "count": [1, 2, 3],
        "rate": [0.5, None, 1.5],
        "day": pd.to_datetime(["2026-01-01"] * 3),
        "word": ["=a", None, "b"],
    }
    found = json.loads(
        export_prospects(replace(three, frame=three.frame.assign(**extra)), tmp_path / "prospects.json").read_text(
            "utf-8"
        )
    )
    assert [found["prospects"][1][name] for name in extra] == [False, 2, None, "2026-01-01", None]


# Presets


def test_pitchbox_leaves_the_contact_to_the_user(three: Prospects, tmp_path: Path):
    head, *rows = read_csv(export_prospects(three, tmp_path / "partners.csv", preset="pitchbox"))
    assert head == ["Partner URL", "Partner Category", "Contact Email", "Contact Name", "Company", "Link Type"]
    assert rows == [
        ["https://blog1.example/größe?a=1&b=2#top", "Link gap", "", "", "", ""],
        ["https://blog2.example/", "Lost link", "", "", "", ""],
        ["https://blog3.example/größe?a=1&b=2#top", "Link gap", "", "", "", ""],
    ]


def test_outreach_does_not_say_that_a_lost_link_is_there(tmp_path: Path):
    rows = [
        {"site": "rival.example", "source_domain": "gone.example", "lost": "2026-01-31"},
        {"site": "mysite.example", "source_domain": "friend.example", "lost": None},
    ]
    gap = lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mysite.example", live_only=False)
    sheet = lg.export_prospects(lg.rank_prospects(gap), tmp_path / "sheet.xlsx", preset="outreach")
    assert column(sheet, "Why") == ["Links, or linked, to 1 of 1 rival, but not to mysite.example."]


def test_outreach_says_whose_measure_an_authority_is(tmp_path: Path):
    rows = [
        {"site": "rival.example", "source_domain": f"{metric}.example", "authority": number, "authority_metric": metric}
        for metric, number in (("ahrefs_dr", 64), ("dataforseo_rank", 460), (None, None))
    ]
    rows.append({"site": "mysite.example", "source_domain": "friend.example"})
    gap = lg.find_gap(lg.read_links(pd.DataFrame(rows)), site="mysite.example")
    sheet = lg.export_prospects(lg.rank_prospects(gap), tmp_path / "sheet.xlsx", preset="outreach")
    told = set(zip(column(sheet, "Authority"), column(sheet, "Metric"), strict=True))
    assert told == {(64, "Ahrefs DR"), (460, "DataForSEO rank"), (None, None)}


def test_outreach_says_why(three: Prospects, tmp_path: Path):
    path = export_prospects(three, tmp_path / "outreach.xlsx", preset="outreach")
    assert openpyxl.load_workbook(path).sheetnames == ["Prospects"]
    assert column(path, "Why") == [
        "Links to 2 of 2 rivals, but not to mysite.example.",
        "Links to 1 of 2 rivals, and no longer to mysite.example.",
        (
            "Links to 1 of 2 rivals, but, as far as the lists show, not to mysite.example. "
            "Check first: spam score 60; links to 9,000 domains."
        ),
    ]
    assert column(path, "Tactic") == ["resource page", "unknown", "resource page"]
    assert column(path, "How to win it") == [
        "Show whoever maintains the page what yours adds to the list.",
        "Read the page before you decide.",
        "Show whoever maintains the page what yours adds to the list.",
    ]
    assert column(path, "Links to rivals") == ["anna.example, bücher.example", "anna.example", "anna.example"]
    assert column(path, "Status") == [None] * 3
    sheet = openpyxl.load_workbook(path)["Prospects"]
    assert not [letter for letter, shape in sheet.column_dimensions.items() if shape.hidden]


def test_a_preset_links_home_when_the_sample_is_no_plain_page(tmp_path: Path):
    made = prospects_of([prospect(1, sample_url="javascript:alert(1)"), prospect(2, sample_url="x", domain="=no host")])
    head, *rows = read_csv(export_prospects(made, tmp_path / "partners.csv", preset="pitchbox"))
    assert [row[head.index("Partner URL")] for row in rows] == ["https://blog1.example/", "'=no host"]


# Which rows, and where to


def test_top_takes_the_best(three: Prospects, tmp_path: Path):
    path = export_prospects(three, tmp_path / "prospects.csv", top=2)
    assert [row[1] for row in read_csv(path)[1:]] == ["blog1.example", "blog2.example"]
    assert len(read_csv(export_prospects(three, tmp_path / "all.csv", top=np.int64(99)))) == 4


@pytest.mark.parametrize("top", [0, -1, 1.5, True, "3"])
def test_top_is_a_number_from_one(three: Prospects, tmp_path: Path, top: object):
    with pytest.raises(InvalidArgumentError) as caught:
        export_prospects(three, tmp_path / "prospects.csv", top=top)
    assert (
        str(caught.value)
        == f"top={top!r} is not a number of prospects. Allowed: a whole number of 1 or more, or None for all."
    )


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "prospects.csv.gz",
            {},
            "prospects.csv.gz ends in .gz. Allowed: .csv, .json, .parquet, .xlsx. Name the file prospects.xlsx.",
        ),
        (
            "prospects",
            {},
            "prospects has no suffix. Allowed: .csv, .json, .parquet, .xlsx. Name the file prospects.xlsx.",
        ),
        (
            "prospects.csv",
            {"preset": "hubspot"},
            "'hubspot' is not a preset. Allowed: outreach, pitchbox. Leave preset out for all columns.",
        ),
        (
            "prospects.json",
            {"preset": "outreach"},
            (
                "preset='outreach' makes a sheet, which .json is not. Allowed: .csv, .xlsx. "
                "Name the file prospects.csv, or leave preset out."
            ),
        ),
        (
            "prospects.parquet",
            {"preset": "pitchbox"},
            (
                "preset='pitchbox' makes a sheet, which .parquet is not. Allowed: .csv, .xlsx. "
                "Name the file prospects.csv, or leave preset out."
            ),
        ),
    ],
)
def test_what_is_not_allowed_is_named(
    three: Prospects, tmp_path: Path, name: str, options: dict[str, str], message: str
):
    for refuse in (
        lambda: check_target(tmp_path / name, **options),
        lambda: export_prospects(three, tmp_path / name, **options),
    ):
        with pytest.raises(InvalidArgumentError) as caught:
            refuse()
        assert str(caught.value) == message
    assert left_in(tmp_path) == []


class Unread:
    """Prospects that nobody may ask for anything."""


@pytest.mark.parametrize("name", ["prospects.pdf", "missing/prospects.csv", "folder.csv", "taken.csv", "a\0b.csv"])
def test_the_target_is_checked_before_anything_is_done(tmp_path: Path, name: str):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "taken.csv").touch()
    with pytest.raises(LinkgapError) as before:
        check_target(tmp_path / name)
    with pytest.raises(type(before.value)) as caught:
        export_prospects(Unread(), tmp_path / name)
    assert str(caught.value) == str(before.value)


def test_a_target_that_is_right_is_given_back_and_not_made(tmp_path: Path):
    assert check_target(str(tmp_path / "prospects.xlsx"), preset="outreach") == tmp_path / "prospects.xlsx"
    assert left_in(tmp_path) == []


def test_a_misspelt_option_is_refused(three: Prospects, tmp_path: Path):
    with pytest.raises(TypeError):
        export_prospects(three, tmp_path / "prospects.csv", presett="outreach")


def test_suffixes_in_capitals_and_paths_as_text(three: Prospects, tmp_path: Path):
    path = export_prospects(three, str(tmp_path / "PROSPECTS.CSV"))
    assert path == tmp_path / "PROSPECTS.CSV"
    assert path.is_file()


def test_a_missing_folder(three: Prospects, tmp_path: Path):
    with pytest.raises(MissingFileError) as caught:
        export_prospects(three, tmp_path / "missing" / "prospects.csv")
    assert str(caught.value) == (
        f"There is no folder {tmp_path / 'missing'} to write prospects.csv into. Create it first, or name another."
    )


def test_a_folder_is_no_file(three: Prospects, tmp_path: Path):
    (tmp_path / "prospects.csv").mkdir()
    with pytest.raises(InvalidArgumentError, match=r"is a folder\. Name a file in it, such as .*prospects\.xlsx\.$"):
        export_prospects(three, tmp_path / "prospects.csv", overwrite=True)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_pipe_is_not_replaced_by_a_file(three: Prospects, tmp_path: Path):
    """Nor is a device that a symbolic link points to, such as `/dev/null`."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "prospects.csv").symlink_to(tmp_path / "pipe")
    with pytest.raises(
        InvalidArgumentError, match=r"csv is a pipe or a device, which a file would replace\. Name a file\."
    ):
        export_prospects(three, tmp_path / "prospects.csv", overwrite=True)
    assert (tmp_path / "pipe").is_fifo()


def refuse_a_look(path: Path) -> bool:
    raise PermissionError(13, "Permission denied", str(path))


def test_a_folder_that_nobody_may_look_into(three: Prospects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Path, "is_dir", refuse_a_look)
    with pytest.raises(UnwritableFileError, match=r"x\.csv can't be written: you may not open its folder\. Make"):
        export_prospects(three, tmp_path / "x.csv")


@pytest.mark.parametrize("name", ["a\0b.csv", "a" * 300 + ".csv"])
def test_what_can_be_no_file_name(three: Prospects, tmp_path: Path, name: str):
    with pytest.raises(
        InvalidArgumentError, match=r"can't be a file name: .* Use a shorter one, without control characters"
    ):
        export_prospects(three, tmp_path / name)


# Whole files or none


@pytest.mark.parametrize("suffix", [".csv", ".json", ".xlsx", ".parquet"])
def test_nothing_is_overwritten_unasked(three: Prospects, tmp_path: Path, suffix: str):
    path = tmp_path / f"prospects{suffix}"
    path.write_text("mine")
    with pytest.raises(FileExistsAlreadyError) as caught:
        export_prospects(three, path)
    assert str(caught.value) == f"{path} already exists. Name another file, or pass overwrite=True to replace it."
    assert path.read_text() == "mine"
    export_prospects(three, path, overwrite=True)
    assert path.read_bytes() != b"mine"
    assert left_in(tmp_path) == [path.name]


def fail_midway(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("odd"), KeyboardInterrupt()])
@pytest.mark.parametrize(
    ("suffix", "step"),
    [(".csv", "export.neutralised"), (".json", "export._json"), (".xlsx", "workbook._add_method")],
)
@pytest.mark.parametrize("is_there", [True, False])
def test_a_failure_midway_leaves_all_as_it_was(
    three: Prospects,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    suffix: str,
    step: str,
    is_there: bool,  # noqa: FBT001 - a case, not an option
):
    (tmp_path / "exports").mkdir()
    (tmp_path / "working").mkdir()
    path = tmp_path / "exports" / f"prospects{suffix}"
    if is_there:
        path.write_text("mine")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "working"))
    monkeypatch.setattr(f"linkgap.{step}", fail_midway(error))
    with pytest.raises(UnwritableFileError if isinstance(error, OSError) else type(error)):
        export_prospects(three, path, overwrite=True)
    assert left_in(path.parent) == ([path.name] if is_there else [])
    assert left_in(tmp_path / "working") == []
    if is_there:
        assert path.read_text() == "mine"


def test_a_failing_engine_leaves_nothing(three: Prospects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def write_half(_: Engine, __: pd.DataFrame, path: Path) -> None:
        path.write_bytes(b"PAR1")
        message = "out of memory"
        raise LinkgapError(message)

    monkeypatch.setattr(Engine, "write_parquet", write_half)
    with pytest.raises(LinkgapError, match="out of memory"):
        export_prospects(three, tmp_path / "prospects.parquet")
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_place_that_refuses_is_named(three: Prospects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str):
    path = tmp_path / f"prospects{suffix}"
    path.write_text("mine")
    monkeypatch.setattr(Path, "replace", fail_midway(PermissionError(13, "Permission denied")))
    with pytest.raises(UnwritableFileError) as caught:
        export_prospects(three, path, overwrite=True)
    assert str(caught.value) == (
        f"{path} can't be written: Permission denied. Nothing was changed. "
        "Close it in other programs, make room, or name another file."
    )
    assert path.read_text() == "mine"
    assert left_in(tmp_path) == [path.name]


def test_a_full_disk_under_the_workbook_is_named(three: Prospects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("xlsxwriter.workbook.ZipFile", fail_midway(OSError(28, "No space left on device")))
    with pytest.raises(UnwritableFileError, match="can't be written: No space left on device"):
        export_prospects(three, tmp_path / "prospects.xlsx")
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("full", ["the file's", "the temporary folder's"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is always full")
def test_a_workbook_on_a_full_disk_fails_once(monkeypatch: pytest.MonkeyPatch, full: str):
    """What Python prints of a failure in the taking down of an archive is a traceback behind the words."""
    printed: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", printed.append)

    def pack(_: object) -> None:
        raise OSError(28, "No space left on device")

    if full == "the temporary folder's":
        monkeypatch.setattr("xlsxwriter.packager.Packager._create_package", pack)
    with pytest.raises(OSError, match="No space left on device"):
        write_sheets({"Sites": []}, Path("/dev/full"), title="changes")
    gc.collect()
    assert printed == []


@pytest.mark.parametrize("has_hard_links", [True, False])
def test_a_file_that_comes_up_meanwhile_is_kept(
    three: Prospects,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    has_hard_links: bool,  # noqa: FBT001 - a case, not an option
):
    path = tmp_path / "prospects.csv"
    flush = drafts._flush

    def flush_late(draft: Path) -> None:
        flush(draft)
        path.write_text("theirs")

    monkeypatch.setattr(drafts, "_flush", flush_late)
    if not has_hard_links:
        monkeypatch.setattr(os, "link", fail_midway(OSError(95, "Operation not supported")))
    with pytest.raises(FileExistsAlreadyError):
        export_prospects(three, path)
    assert path.read_text() == "theirs"
    assert left_in(tmp_path) == ["prospects.csv"]


def test_a_file_system_without_hard_links(three: Prospects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "link", fail_midway(OSError(95, "Operation not supported")))
    export_prospects(three, tmp_path / "prospects.csv")
    assert left_in(tmp_path) == ["prospects.csv"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_file_can_be_read_by_those_who_could_read_it_before(three: Prospects, tmp_path: Path):
    path = tmp_path / "prospects.csv"
    path.touch()
    path.chmod(0o640)
    export_prospects(three, path, overwrite=True)
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_what_a_symbolic_link_points_to_is_replaced(three: Prospects, tmp_path: Path):
    (tmp_path / "shared").mkdir()
    target = tmp_path / "shared" / "list.csv"
    target.write_text("old")
    (tmp_path / "prospects.csv").symlink_to(target)
    export_prospects(three, tmp_path / "prospects.csv", overwrite=True)
    assert (tmp_path / "prospects.csv").is_symlink()
    assert target.read_bytes().startswith(b"\xef\xbb\xbfrank")
    assert left_in(tmp_path / "shared") == ["list.csv"]
    target.unlink()
    with pytest.raises(FileExistsAlreadyError):
        check_target(tmp_path / "prospects.csv")


# Weight


def test_importing_loads_no_table_library():
    probe = "import sys, linkgap.export; print(sorted({'pandas', 'numpy', 'xlsxwriter', 'duckdb'} & set(sys.modules)))"
    root = Path(__file__).parents[1]
    run = subprocess.run([sys.executable, "-c", probe], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
