"""The prospects as an XLSX workbook: a sheet to work through, one on the method, and one on the files read."""

from __future__ import annotations

import json
import math
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

from linkgap.cells import fields_of, home_page, is_page, rows_of, starts_formula, without_controls
from linkgap.errors import InvalidArgumentError
from linkgap.gap.tactics import HOW_TO_WIN
from linkgap.schema import RECEIPTS, Evidence, Relation
from linkgap.temporary import TemporaryFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from linkgap.cells import Field, Show
    from linkgap.gap.referring import Question
    from linkgap.gap.scoring import Prospects

EVIDENCE_MEANINGS: dict[Evidence, str] = {
    "proven": "A provider that lists the prospect's links to rivals lists none to the site, in a list that is complete "
    "or is cut at an authority below this one, so a link would be in it.",
    "likely": "A complete list of the site's links has none from the prospect, but is not known to be from the "
    "provider that lists the prospect's links to rivals.",
    "unverified": "The lists at hand can't tell. Look for a link to the site at the prospect before you write to it.",
}
RELATION_MEANINGS: dict[Relation, str] = {
    "never": "No list shows a link to the site, neither live nor gone.",
    "lost": "The prospect linked to the site and stopped: a link to win back.",
}
FOLLOWED_EVIDENCE_MEANINGS: dict[Evidence, str] = {
    "proven": "A provider that lists the prospect's followed links to rivals lists none to the site, in a list that is "
    "complete or is cut at an authority below this one, so a followed link would be in it.",
    "likely": "A complete list of the site's links has no followed one from the prospect, but comes from a different "
    "provider than the one that lists the prospect's followed links to rivals.",
    "unverified": "The lists at hand can't tell. Look for a followed link to the site at the prospect before you write "
    "to it.",
}
FOLLOWED_RELATION_MEANINGS: dict[Relation, str] = {
    "never": "No list shows a followed link to the site, nor a link that is gone. There may be a nofollow one.",
    "lost": "A link to the site is gone, and no followed one is live: a link to win back.",
}
"""For gaps in which only followed links count: the prospect may have a link to the site that is not followed."""

_MARKS = {"✓ and ·": "Yes and no.", "Empty cell": "The exports do not say. It never means zero or no."}

_MOST_ROWS = 1_048_575
_MOST_LINKS = 65_530
_MOST_CELL_UNITS = 32_767
_FIRST_SERIAL_DAY = date(1900, 3, 1)
_SERIAL_DAY_ZERO = date(1899, 12, 30)
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
"""Fixed, so that the same prospects make the same bytes, whenever they are written."""

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_BLUE = "#24425F"
_LOOKS: dict[str, dict[str, object]] = {
    "heading": {"bold": True, "font_color": "#FFFFFF", "bg_color": _BLUE, "text_wrap": True, "valign": "vcenter"},
    "text": {"indent": 1},
    "quoted": {"indent": 1, "quote_prefix": True},
    "wrapped": {"text_wrap": True, "valign": "top", "quote_prefix": True},
    "integer": {"num_format": "#,##0"},
    "number": {},
    "score": {"num_format": "0.0"},
    "share": {"num_format": "0%"},
    "index": {"num_format": "0.00"},
    "boolean": {"num_format": '"✓";;"·"', "align": "center"},
    "date": {"num_format": "yyyy-mm-dd", "align": "center"},
    "link": {"indent": 1, "font_color": "#0B5CAD", "underline": 1},
    "proven": {"indent": 1, "valign": "top", "bg_color": "#DDF1E1", "font_color": "#1D5B2C"},
    "likely": {"indent": 1, "valign": "top", "bg_color": "#FFF3D1", "font_color": "#6B4E00"},
    "unverified": {"indent": 1, "valign": "top", "bg_color": "#ECECEC", "font_color": "#444444"},
    "never": {"indent": 1, "valign": "top", "bg_color": "#E3EEF9", "font_color": "#1C4670"},
    "lost": {"indent": 1, "valign": "top", "bg_color": "#FBE3E0", "font_color": "#7A231A"},
    "title": {"bold": True, "font_size": 15, "font_color": _BLUE},
    "section": {"bold": True, "font_size": 12, "font_color": _BLUE, "bottom": 1, "bottom_color": "#9FB3C8"},
}
_COLOURED = {*EVIDENCE_MEANINGS, *RELATION_MEANINGS}
_HEADING_HEIGHT = 34
_WIDTH = 12
_WIDEST: dict[Show, int] = {"boolean": 24, "host": 36, "page": 52, "sentence": 90, "text": 44}
"""Largest widths, in characters, of columns that are fitted to their heading and first cells."""
_FITTED_ROWS = 200
_METHOD_LINE = 100
_METHOD_LINE_HEIGHT = 15
_COMMENT = {"author": "linkgap", "x_scale": 1.8, "y_scale": 0.8}
_SCORE_BAR = {
    "type": "data_bar",
    "bar_color": "#A9CBE8",
    "min_type": "num",
    "min_value": 0,
    "max_type": "num",
    "max_value": 100,
}


def check_rows(rows: int, what: str, *, instead: str) -> None:
    """Raise `InvalidArgumentError` when a sheet can't hold that many rows.

    Parameters
    ----------
    what
        What the rows are: prospects.
    instead
        What to do when there are too many.
    """
    if rows > _MOST_ROWS:
        raise InvalidArgumentError(f"{rows:,} {what} do not fit into an XLSX sheet. Allowed: {_MOST_ROWS:,}. {instead}")


def write_workbook(prospects: Prospects, fields: Sequence[Field], path: Path, *, explained: bool) -> None:
    """Write the prospects as a workbook.

    Parameters
    ----------
    fields
        The columns of the first sheet.
    explained
        Whether to add the sheets on the method and on the files read.
    """
    with _workbook(path) as book:
        site = prospects.gap.site
        book.set_properties({"title": f"Link prospects for {site}", "author": "linkgap", "created": _CREATED})
        looks = {name: book.add_format(look) for name, look in _LOOKS.items()}
        _add_table(book.add_worksheet("Prospects"), fields, looks, frozen=2 if explained else 1)
        if explained:
            _add_method(book.add_worksheet("Method"), _method_lines(prospects, fields), looks)
            receipts = fields_of(prospects.gap.links.receipts, RECEIPTS)
            _add_table(book.add_worksheet("Receipts"), receipts, looks, frozen=1)


def write_sheets(sheets: Mapping[str, Sequence[Field]], path: Path, *, title: str) -> None:
    """Write a workbook of plain tables; `sheets` maps the name of each sheet to its columns."""
    with _workbook(path) as book:
        book.set_properties({"title": title, "author": "linkgap", "created": _CREATED})
        looks = {name: book.add_format(look) for name, look in _LOOKS.items()}
        for name, fields in sheets.items():
            _add_table(book.add_worksheet(name), fields, looks, frozen=1)


class _OpenBuffer(BytesIO):
    """A buffer that stays open: an archive that was given up is closed as garbage, maybe after the buffer."""

    def close(self) -> None:
        """Leave it open."""


@contextmanager
def _workbook(path: Path) -> Iterator[Workbook]:
    """Yield a workbook that is saved at the end; its temporary files are removed whatever happens.

    It is zipped in memory: if a full disk interrupted the archive, Python would print the error of closing it when it
    is garbage-collected.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    packed, folder = _OpenBuffer(), TemporaryFolder()
    book = Workbook(packed, {**_OPTIONS, "tmpdir": str(folder.path)})
    try:
        with book:
            yield book
    except FileCreateError as error:  # about its temporary files
        raise error.args[0] from error
    finally:
        for sheet in book.worksheets():
            sheet.row_data_fh.close()  # left open when the workbook could not be saved
        folder.cleanup()
    path.write_bytes(packed.getbuffer())


def _add_table(sheet: Worksheet, fields: Sequence[Field], looks: Mapping[str, Format], *, frozen: int) -> None:
    """Fill a sheet with a heading and a row per record; cells are written row by row, as `constant_memory` needs it."""
    rows = len(fields[0].cells) if fields else 0
    sheet.freeze_panes(1, frozen)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.set_row(0, _HEADING_HEIGHT)
    sheet.autofilter(0, 0, rows, max(0, len(fields) - 1))
    for column, field in enumerate(fields):
        _add_heading(sheet, column, field, looks["heading"])
    pen = _Pen(sheet, looks, _MOST_LINKS // max(1, sum(field.show in {"page", "host"} for field in fields)))
    writers = [pen.writer(field.show) for field in fields]
    for row, cells in enumerate(rows_of(fields), start=1):
        for column, value in enumerate(cells):
            if value is not None:
                writers[column](row, column, value)


def _add_heading(sheet: Worksheet, column: int, field: Field, look: Format) -> None:
    sheet.set_column(column, column, _width(field), None, {"hidden": _is_empty_column(field)})
    sheet.write_string(0, column, sheet_text(field.heading), look)
    if field.column.meaning:
        sheet.write_comment(0, column, field.column.meaning, _COMMENT)
    if field.show == "score" and field.cells:
        sheet.conditional_format(1, column, len(field.cells), column, _SCORE_BAR)


def _is_empty_column(field: Field) -> bool:
    """Tell whether a column has no values; columns for the user to fill in, which have no meaning, don't count."""
    return bool(field.column.meaning and field.cells) and all(value is None for value in field.cells)


def _width(field: Field) -> int:
    texts = [field.heading, *(str(value) for value in field.cells[:_FITTED_ROWS] if value is not None)]
    return min(max(_WIDTH, max(map(len, texts)) + 3), _WIDEST.get(field.show, _WIDTH))


@dataclass(frozen=True, slots=True)
class _Pen:
    """Writes cells of every kind into one sheet; addresses become hyperlinks down to row `linked`, and text below."""

    sheet: Worksheet
    looks: Mapping[str, Format]
    linked: int

    def writer(self, show: Show) -> Callable[[int, int, Any], object]:
        match show:
            case "text" | "sentence":
                return self.text
            case "word":
                return self.word
            case "date":
                return self.day
            case "page" | "host":
                return self.link
        return partial(self.sheet.write_number, cell_format=self.looks[show])

    def text(self, row: int, column: int, text: str) -> None:
        text = sheet_text(text)
        if text:
            self.sheet.write_string(row, column, text, self.looks["quoted" if starts_formula(text) else "text"])

    def word(self, row: int, column: int, word: str) -> None:
        if word in _COLOURED:
            self.sheet.write_string(row, column, word, self.looks[word])
        else:
            self.text(row, column, word)

    def day(self, row: int, column: int, day: date) -> None:
        if day >= _FIRST_SERIAL_DAY:
            self.sheet.write_number(row, column, (day - _SERIAL_DAY_ZERO).days, self.looks["date"])
        else:
            self.sheet.write_string(row, column, day.isoformat(), self.looks["date"])

    def link(self, row: int, column: int, text: str) -> None:
        address = (text if is_page(text) else home_page(text)) if row <= self.linked else None
        if address:
            self.sheet.write_url(row, column, address, self.looks["link"], string=text)
        else:
            self.text(row, column, text)


def sheet_text(text: str) -> str:
    r"""Return `text` as an XLSX cell can hold it: no control characters, at most 32,767 UTF-16 units.

    Examples
    --------
    >>> sheet_text("a\x00b\r\nc"), len(sheet_text("x" * 40_000)), sheet_text("x" * 40_000)[-2:]
    ('ab\nc', 32767, 'x…')
    """
    text = without_controls(text.replace("\r\n", "\n").replace("\r", "\n"))
    if text.startswith("<r>") and text.endswith("</r>"):
        text += " "  # xlsxwriter takes such text for markup of its own and does not escape it
    return text if len(text) <= _MOST_CELL_UNITS // 2 else _cut(text)


def _cut(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _MOST_CELL_UNITS:
        return text
    return units[: 2 * (_MOST_CELL_UNITS - 1)].decode("utf-16-le", "ignore") + "…"


def _add_method(sheet: Worksheet, lines: Iterable[tuple[str, str, str]], looks: Mapping[str, Format]) -> None:
    sheet.hide_gridlines(2)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, _METHOD_LINE + 10)
    for row, (look, label, text) in enumerate(lines):
        if len(text) > _METHOD_LINE:
            sheet.set_row(row, _METHOD_LINE_HEIGHT * math.ceil(len(text) / _METHOD_LINE))
        if label:
            sheet.write_string(row, 0, sheet_text(label), looks[look])
        if text:
            sheet.write_string(row, 1, sheet_text(text), looks["wrapped"])
        elif look == "section":
            sheet.write_blank(row, 1, None, looks[look])


def _method_lines(prospects: Prospects, fields: Sequence[Field]) -> Iterator[tuple[str, str, str]]:
    """Yield the look and the two cells of each line of the sheet on the method."""
    absence, evidence, relation = "does not link to the site", EVIDENCE_MEANINGS, RELATION_MEANINGS
    if prospects.gap.question.follow_only:
        absence = "has no followed link to the site"
        evidence, relation = FOLLOWED_EVIDENCE_MEANINGS, FOLLOWED_RELATION_MEANINGS
    sections: dict[str, Mapping[Any, str]] = {
        f"How the prospects for {prospects.gap.site} were found": {
            "Site": prospects.gap.site,
            "Rivals": ", ".join(prospects.gap.rivals),
            **_own_sites(prospects.gap.question),
            "Finding": f"{prospects.gap!r}.",
            "Prospects": f"{len(fields[0].cells):,} of {len(prospects):,}",
            "Links that count": _links_that_count(prospects.gap.question),
            "Formula": prospects.formula,
        },
        "Weights of the rivals in the coverage": _weights(prospects),
        "Notes": {str(number): note for number, note in enumerate(prospects.notes, start=1)},
        "Settings": {name: _setting(value) for name, value in prospects.settings.items()},
        f"Evidence: how certain it is that the prospect {absence}": evidence,
        "Relation: whether it ever did": relation,
        "Tactic: how a link like the sample is usually won": HOW_TO_WIN,
        "Marks": _MARKS,
        "Columns": {field.heading: _glossary(field) for field in fields},
    }
    for place, (heading, lines) in enumerate(sections.items()):
        if lines:
            yield ("section" if place else "title"), heading, ""
            yield from ((label if label in _COLOURED else "wrapped", label, text) for label, text in lines.items())
            yield "text", "", ""


def _weights(prospects: Prospects) -> dict[str, str]:
    """Return the weight of each rival, the largest first."""
    ordered = sorted(prospects.weights.items(), key=lambda each: -each[1])
    return {rival: f"{weight:.1%}" for rival, weight in ordered}


def _own_sites(question: Question) -> dict[str, str]:
    return {"Your other sites": f"{', '.join(question.own)}: not prospects either."} if question.own else {}


def _links_that_count(question: Question) -> str:
    alive = "Live links" if question.live_only else "Links, live or lost"
    return f"{alive}{', without nofollow, ugc and sponsored ones' if question.follow_only else ''}."


def _setting(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _glossary(field: Field) -> str:
    return f"{field.column.meaning} (hidden: no data)" if _is_empty_column(field) else field.column.meaning
