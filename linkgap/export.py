"""Hands the prospects over: CSV, XLSX, Parquet, JSON, and sheets for outreach tools.

A file is written whole or not at all. Anchors and addresses are text from strangers: no spreadsheet will run them.
"""

from __future__ import annotations

import csv
import json
import math
import operator
import os
import re
import secrets
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from linkgap.domains import clean_host
from linkgap.errors import (
    FileExistsAlreadyError,
    InvalidArgumentError,
    LinkgapError,
    MissingFileError,
    counted,
    in_words,
)
from linkgap.schema import PROSPECTS, RECEIPTS, Column, Evidence, Relation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    Row = Mapping[str, "Value"]
    Take = Callable[["ComparedSites", Row], "Value"]
    Looks = Mapping[str, Format]

Preset = Literal["pitchbox", "outreach"]
Show = Literal["text", "integer", "number", "boolean", "date", "share", "score", "word", "sentence", "page", "host"]
Value = str | int | float | date | None

PRESETS: tuple[Preset, ...] = get_args(Preset)

EVIDENCE_MEANINGS: dict[Evidence, str] = {
    "proven": "A provider that lists the domain's links to rivals lists none to the site, in a list that is complete "
    "or is cut by authority below this domain: a link would be there.",
    "likely": "A complete list of the site's links has none from the domain, but comes from another provider than the "
    "one that lists the domain's links to rivals.",
    "unverified": "The lists at hand can't tell. Look for a link to the site on the domain before you write to it.",
}

RELATION_MEANINGS: dict[Relation, str] = {
    "never": "No list shows a link to the site, neither live nor gone.",
    "lost": "The domain linked to the site and stopped: a link to win back.",
}


class HasReceipts(Protocol):
    """The links that the prospects were found in, as far as an export needs them."""

    @property
    def receipts(self) -> pd.DataFrame:
        """One row a file: `schema.RECEIPTS`."""


class ComparedSites(Protocol):
    """The gap that the prospects come from, as far as an export needs it."""

    @property
    def site(self) -> str:
        """The site that lacks the links."""

    @property
    def rivals(self) -> tuple[str, ...]:
        """The sites that have them."""

    @property
    def links(self) -> HasReceipts:
        """What was read."""


class RankedProspects(Protocol):
    """What `rank_prospects` returns, as far as an export needs it."""

    @property
    def frame(self) -> pd.DataFrame:
        """`schema.PROSPECTS`, best first, and one boolean column per rival."""

    @property
    def gap(self) -> ComparedSites:
        """Where the prospects come from."""

    @property
    def settings(self) -> Mapping[str, object]:
        """What makes the same ranking again."""

    @property
    def formula(self) -> str:
        """How the priority is computed, in one line."""

    @property
    def notes(self) -> Sequence[str]:
        """What a reader should know, in sentences."""


class UnwritableFileError(LinkgapError, OSError):
    """A file can't be written: no permission, no room, or another program holds it."""


def export_prospects(
    prospects: RankedProspects,
    path: str | os.PathLike[str],
    *,
    preset: Preset | None = None,
    top: int | None = None,
    overwrite: bool = False,
) -> Path:
    """Write the prospects to a file for a spreadsheet, a program or an outreach tool.

    For a page to read, with pictures, use `build_report`.

    Parameters
    ----------
    prospects
        As `rank_prospects` returns them.
    path
        Its suffix decides: `.xlsx` (formatted, with a sheet on the method and one on the files read), `.csv` (UTF-8
        with a byte order mark), `.parquet`, or `.json` (one object with everything).
    preset
        Which columns a `.csv` or `.xlsx` gets: None for all, `"outreach"` for a sheet to work through, `"pitchbox"` for
        Pitchbox's partner import, with the contact columns left empty.
    top
        How many prospects, best first; None for all.
    overwrite
        Whether an existing file may be replaced.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InvalidArgumentError
        When the suffix, the preset or `top` is not allowed, or a sheet can't hold that many rows.
    FileExistsAlreadyError
        When the file exists and `overwrite` is False.
    MissingFileError
        When the folder does not exist.
    UnwritableFileError
        When the file can't be written; what was there before is untouched.

    Notes
    -----
    JSON and Parquet hold texts as they are. In CSV, text that a spreadsheet would run gets an apostrophe in front, also
    behind a semicolon, tab or line break, where a spreadsheet with another list separator would begin a cell. In XLSX
    text is stored as text. From CSV and XLSX, control characters are removed; XLSX cells end at 32,767 characters.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from types import SimpleNamespace as Made
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "rank": [1],
    ...         "domain": ["blog.example"],
    ...         "rivals_linked": [1],
    ...         "a.example": [True],
    ...         "sample_anchor": ["=1+1"],
    ...     }
    ... )
    >>> gap = Made(site="mysite.example", rivals=("a.example",), links=Made(receipts=pd.DataFrame()))
    >>> prospects = Made(frame=frame, gap=gap, settings={}, formula="priority = likelihood", notes=())
    >>> with TemporaryDirectory() as folder:
    ...     print(export_prospects(prospects, f"{folder}/prospects.csv").read_text(encoding="utf-8-sig"))
    rank,domain,rivals_linked,a.example,sample_anchor
    1,blog.example,1,true,'=1+1
    <BLANKLINE>
    """
    target = Path(path).expanduser()
    write = _writer(target, preset)
    count = _checked_top(top)
    _check_target(target, overwrite=overwrite)
    frame = prospects.frame if count is None else prospects.frame.head(count)
    with _whole_file(target, overwrite=overwrite) as draft:
        write(_Shortlist(prospects, frame, preset), draft)
    return target


@dataclass(frozen=True, slots=True)
class _Field:
    """One column of a file."""

    column: Column
    heading: str
    show: Show
    cells: Sequence[Value]


@dataclass(frozen=True, slots=True)
class _Shortlist:
    """What one file holds: the prospects, those of their rows that are wanted, and in which columns."""

    prospects: RankedProspects
    frame: pd.DataFrame
    preset: Preset | None

    def fields(self) -> list[_Field]:
        every = _fields(self.frame, PROSPECTS, rivals=self.prospects.gap.rivals)
        return _preset_fields(self.preset, self.prospects.gap, every) if self.preset else every


def _writer(target: Path, preset: Preset | None) -> Callable[[_Shortlist, Path], None]:
    suffix = target.suffix.lower()
    if preset is not None and preset not in PRESETS:
        message = f"{preset!r} is no preset. Allowed: {in_words(PRESETS)}. Leave preset out for all columns."
        raise InvalidArgumentError(message)
    if suffix not in _WRITERS:
        came = f"ends in {target.suffix}" if suffix else "has no suffix"
        message = f"{target.name} {came}. Allowed: {in_words(_WRITERS)}. Name the file {_sibling(target, '.xlsx')}."
        raise InvalidArgumentError(message)
    if preset and suffix not in _PRESET_SUFFIXES:
        message = (
            f"preset={preset!r} makes a sheet, which {suffix} is not. Allowed: {in_words(_PRESET_SUFFIXES)}. "
            f"Name the file {_sibling(target, '.csv')}, or leave preset out."
        )
        raise InvalidArgumentError(message)
    return _WRITERS[suffix]


def _sibling(target: Path, suffix: str) -> str:
    return (target.name.partition(".")[0] or "prospects") + suffix


def _checked_top(top: int | None) -> int | None:
    if top is None:
        return None
    try:
        count = 0 if isinstance(top, bool) else operator.index(top)
    except TypeError:
        count = 0
    if count < 1:
        message = f"top={top!r} is no number of prospects. Allowed: a whole number from 1, or None for all."
        raise InvalidArgumentError(message)
    return count


def _check_target(target: Path, *, overwrite: bool) -> None:
    try:
        is_folder = target.resolve().is_dir()
    except (OSError, ValueError) as error:
        message = f"{str(target)!r} can't be a file name: {error}. Use a shorter one, without control characters."
        raise InvalidArgumentError(message) from error
    if is_folder:
        message = f"{target} is a folder. Name a file in it, such as {target / 'prospects.xlsx'}."
        raise InvalidArgumentError(message)
    if not target.parent.is_dir():
        message = f"There is no folder {target.parent} to write {target.name} into. Make it first, or name another."
        raise MissingFileError(message)
    if not overwrite and os.path.lexists(target):
        raise _exists_already(target)


def _exists_already(target: Path) -> FileExistsAlreadyError:
    return FileExistsAlreadyError(f"{target} exists already. Name another file, or pass overwrite=True to replace it.")


@contextmanager
def _whole_file(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a draft beside `target` to write to, and put it in its place when all went well."""
    place = target.resolve()
    draft = place.with_name(f".linkgap-{secrets.token_hex(8)}{place.suffix}")
    try:
        yield draft
        _publish(draft, place, overwrite=overwrite)
    except FileExistsError as error:
        raise _exists_already(target) from error
    except OSError as error:
        message = (
            f"{target} can't be written: {error.strerror or error}. Nothing was changed. "
            "Close it in other programs, make room, or name another file."
        )
        raise UnwritableFileError(message) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _publish(draft: Path, place: Path, *, overwrite: bool) -> None:
    """Move the draft into place in one step; without `overwrite`, a file that came up meanwhile is an error."""
    _flush(draft)
    if overwrite:
        with suppress(OSError):
            shutil.copymode(place, draft)
        draft.replace(place)
        return
    try:
        os.link(draft, place)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(place):
            raise FileExistsError from None
        draft.rename(place)


def _flush(draft: Path) -> None:
    """Have the draft on the disk before its name is, so that a power cut leaves no empty file."""
    with draft.open("r+b") as file:
        os.fsync(file.fileno())


def _fields(frame: pd.DataFrame, columns: Iterable[Column], *, rivals: Iterable[str] = ()) -> list[_Field]:
    known = {rival: Column(rival, "boolean", f"whether it links to {rival}") for rival in rivals}
    headings = {rival: rival for rival in known} | _HEADINGS
    known |= {column.name: column for column in columns}
    found = [(series, known.get(str(name)) or _guessed(series, str(name))) for name, series in frame.items()]
    return [_field(series, column, headings.get(column.name)) for series, column in found]


def _field(series: pd.Series, column: Column, heading: str | None) -> _Field:
    convert = _CONVERTERS[column.type]
    cells = zip(series.astype(object), series.isna(), strict=True)
    values = [None if missing else convert(value) for value, missing in cells]
    heading = heading or column.name.replace("_", " ").capitalize()
    return _Field(column, heading, _show(column), values)


def _guessed(series: pd.Series, name: str) -> Column:
    """Describe a column that the schema does not know by what it holds."""
    from pandas.api import types

    if types.is_bool_dtype(series):
        return Column(name, "boolean", "")
    if types.is_integer_dtype(series):
        return Column(name, "integer", "")
    if types.is_numeric_dtype(series):
        return Column(name, "number", "")
    return Column(name, "date" if types.is_datetime64_any_dtype(series) else "text", "")


def _show(column: Column) -> Show:
    """Say how a sheet shows the column; the schema calls a share `0 to 1`."""
    return _SHOWN.get(column.name) or ("share" if _SHARE.search(column.meaning) else column.type)


_SHARE = re.compile(r"\b0 to 1\b")
_HEADINGS = {
    "authority_imputed": "Authority estimated",
    "follow_links": "Followed links",
    "linked_domains": "Domains it links to",
    "referring_domains": "Domains linking to it",
    "sample_anchor": "Anchor text",
    "sample_target": "Link target",
    "sample_url": "Sample page",
    "spam": "Marked as spam",
    "traffic": "Organic traffic",
}
_SHOWN: dict[str, Show] = {
    "domain": "host",
    "evidence": "word",
    "priority": "score",
    "relation": "word",
    "sample_url": "page",
    "traffic": "integer",
}


def _text(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair fits into no file


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


_CONVERTERS: dict[str, Callable[[Any], Value]] = {
    "text": _text,
    "integer": int,
    "number": _number,
    "boolean": bool,
    "date": _day,
}


def _preset_fields(preset: Preset, gap: ComparedSites, every: Sequence[_Field]) -> list[_Field]:
    rows = list(_records(every))
    columns = [(Column(name, "text", ""), show, take) for name, (show, take) in _PRESET_COLUMNS[preset].items()]
    return [_Field(column, column.name, show, [take(gap, row) for row in rows]) for column, show, take in columns]


def _the(name: str) -> Take:
    return lambda _, row: row.get(name)


def _nothing(_gap: ComparedSites, _row: Row) -> None:
    """Leave a cell for the user to fill."""


def _new(_gap: ComparedSites, _row: Row) -> str:
    return "new"


def _partner_page(_gap: ComparedSites, row: Row) -> Value:
    page = row.get("sample_url")
    return page if is_page(page) else home_page(row.get("domain")) or row.get("domain")


def _partner_category(_gap: ComparedSites, row: Row) -> str:
    return "Lost link" if row.get("relation") == "lost" else "Link gap"


def _linked_rivals(gap: ComparedSites, row: Row) -> list[str]:
    return [rival for rival in gap.rivals if row.get(rival)]


def _rival_names(gap: ComparedSites, row: Row) -> str:
    return ", ".join(_linked_rivals(gap, row))


def _why(gap: ComparedSites, row: Row) -> str:
    """Say in a sentence why the domain is a prospect."""
    linked = _linked_rivals(gap, row)
    finding = f"Links to {len(linked)} of {counted(len(gap.rivals), 'rival')}"
    case = "lost" if row.get("relation") == "lost" else row.get("evidence")
    caution = f" Check first: {row['risk_reasons']}." if row.get("risk_reasons") else ""
    return f"{finding}, {_BUT.get(str(case), 'but not to')} {gap.site}.{caution}"


_BUT = {
    "lost": "and no longer to",
    "likely": "but most likely not to",
    "unverified": "but, as far as the lists show, not to",
}

_PRESET_COLUMNS: dict[Preset, dict[str, tuple[Show, Take]]] = {
    "pitchbox": {
        "Partner URL": ("page", _partner_page),
        "Partner Category": ("text", _partner_category),
        "Contact Email": ("text", _nothing),
        "Contact Name": ("text", _nothing),
        "Company": ("text", _nothing),
        "Link Type": ("text", _nothing),
    },
    "outreach": {
        "Domain": ("host", _the("domain")),
        "Page to mention": ("page", _the("sample_url")),
        "Links to rivals": ("text", _rival_names),
        "Anchor seen": ("text", _the("sample_anchor")),
        "Authority": ("number", _the("authority")),
        "Evidence": ("word", _the("evidence")),
        "Relation": ("word", _the("relation")),
        "Why": ("sentence", _why),
        "Status": ("text", _new),
        "Contact name": ("text", _nothing),
        "Contact email": ("text", _nothing),
        "Date contacted": ("date", _nothing),
        "Note": ("text", _nothing),
    },
}
"""Pitchbox's headings are those of its partner import (help.pitchbox.com, article 252)."""


_UNSEEN = r"\s\x00-\x20\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff"
_RUNS = r"[=+\-@\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]"
_HARMLESS = re.compile(r"(?:\w[^;\t\r\n]*)?")
_LEADS_TO_RUN = re.compile(rf"[\t\r\n]|[{_UNSEEN}]*+{_RUNS}")
_CELL_START = re.compile(rf'(?<![;"{_UNSEEN}])[;"{_UNSEEN}]*+(?={_RUNS})')
_SEPARATORS = re.compile(r"[;\t\r\n]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_PAGE = re.compile(r'https?://([^/?#\\@"<>]+)(?:[/?#][^\\"<>]*)?', re.IGNORECASE)
_MOST_PAGE_CHARACTERS = 1_000
_MOST_CELL_UNITS = 32_767


def neutralised(text: str) -> str:
    """Return `text` so that no spreadsheet that opens the CSV runs it.

    Text that begins with `=`, `+`, `-`, `@`, their wide forms, a tab or a line break, spaces and invisible characters
    not counted, gets an apostrophe in front. So does what follows a semicolon, tab or line break: a spreadsheet
    with another list separator begins a new cell there, whatever the quotes.

    Examples
    --------
    >>> neutralised("=1+1"), neutralised("  @SUM(A1)"), neutralised("call us;=1+1"), neutralised("5 - 3 = 2")
    ("'=1+1", "'  @SUM(A1)", "call us;'=1+1", '5 - 3 = 2')
    """
    if _HARMLESS.fullmatch(text):
        return text
    inside = _CELL_START.sub(_marked, text)
    return f"'{inside}" if _LEADS_TO_RUN.match(text) else inside


def _marked(found: re.Match[str]) -> str:
    return f"{found[0]}'" if _SEPARATORS.search(found[0]) else found[0]


def is_page(address: object) -> bool:
    """Tell whether `address` is a plain web address that is safe to make a link of.

    Examples
    --------
    >>> (
    ...     is_page("https://blog.example/a?b=c"),
    ...     is_page("javascript:alert(1)"),
    ...     is_page("https://bank.example@evil.example"),
    ... )
    (True, False, False)
    """
    if not isinstance(address, str) or len(address) > _MOST_PAGE_CHARACTERS:
        return False
    found = _PAGE.fullmatch(address) if address.isprintable() and " " not in address else None
    return found is not None and "." in (clean_host(found[1]) or "")


def home_page(domain: object) -> str | None:
    """Return the address of a domain's home page, or None when `domain` is no host on the web.

    Examples
    --------
    >>> home_page("blog.example"), home_page("not a host"), home_page("localhost")
    ('https://blog.example/', None, None)
    """
    is_host = isinstance(domain, str) and "." in domain and clean_host(domain) == domain
    return f"https://{domain}/" if is_host else None


def sheet_text(text: str) -> str:
    r"""Return `text` as an XLSX cell can hold it: no control characters, at most 32,767 UTF-16 units.

    Examples
    --------
    >>> sheet_text("a\x00b\r\nc"), len(sheet_text("x" * 40_000)), sheet_text("x" * 40_000)[-2:]
    ('ab\nc', 32767, 'x…')
    """
    text = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if text.startswith("<r>") and text.endswith("</r>"):
        text += " "  # xlsxwriter takes such text for markup of its own and does not escape it
    return text if len(text) <= _MOST_CELL_UNITS // 2 else _cut(text)


def _cut(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _MOST_CELL_UNITS:
        return text
    return units[: 2 * (_MOST_CELL_UNITS - 1)].decode("utf-16-le", "ignore") + "…"


def _write_csv(shortlist: _Shortlist, draft: Path) -> None:
    fields = shortlist.fields()
    for_importer = shortlist.preset == "pitchbox"  # which would take a byte order mark for part of the first heading
    encoding = "utf-8" if for_importer else "utf-8-sig"
    with draft.open("x", encoding=encoding, newline="") as file:
        lines = csv.writer(file, lineterminator="\r\n")
        lines.writerow(_csv_cell(field.column.name) for field in fields)
        lines.writerows(map(_csv_cell, row) for row in _rows(fields))


def _rows(fields: Sequence[_Field]) -> Iterator[tuple[Value, ...]]:
    return zip(*(field.cells for field in fields), strict=True)


def _csv_cell(value: Value) -> Value:
    if isinstance(value, str):
        return neutralised(_UNPRINTABLE.sub("", value))
    return str(value).lower() if isinstance(value, bool) else value


def _write_json(shortlist: _Shortlist, draft: Path) -> None:
    prospects = shortlist.prospects
    head = {
        "site": prospects.gap.site,
        "rivals": list(prospects.gap.rivals),
        "settings": dict(prospects.settings),
        "formula": prospects.formula,
        "notes": list(prospects.notes),
        "receipts": list(_records(_fields(prospects.gap.links.receipts, RECEIPTS))),
    }
    with draft.open("x", encoding="utf-8", newline="\n", errors="backslashreplace") as file:
        file.write("{\n")
        file.writelines(f'"{name}": {_json(value)},\n' for name, value in head.items())
        file.write('"prospects": [\n')
        file.write(",\n".join(map(_json, _records(shortlist.fields()))))
        file.write("\n]\n}\n")


def _records(fields: Sequence[_Field]) -> Iterator[dict[str, Value]]:
    names = [field.column.name for field in fields]
    return (dict(zip(names, row, strict=True)) for row in _rows(fields))


def _json(value: object) -> str:
    """Write a value as JSON, days as `2026-01-31`, what is no number as null."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:
        plain = json.loads(json.dumps(value, default=str), parse_constant=lambda _: None)
        return json.dumps(plain, ensure_ascii=False, allow_nan=False)


def _write_parquet(shortlist: _Shortlist, draft: Path) -> None:
    import pandas as pd

    from linkgap.engine import Engine

    fields = shortlist.fields()
    typed = {
        field.column.name: pd.Series(list(field.cells), dtype=_PARQUET_TYPES[field.column.type]) for field in fields
    }
    Engine().write_parquet(pd.DataFrame(typed), draft)


_PARQUET_TYPES = {
    "text": "string",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "date": "datetime64[us]",
}
"""Given, because a column that holds only nulls would have no type of its own."""


_MOST_SHEET_ROWS = 1_048_575
_MOST_SHEET_LINKS = 65_530
_WORKBOOK_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
"""The same prospects make the same bytes, whenever they are written."""
_FIRST_SERIAL_DAY = date(1900, 3, 1)
_SERIAL_DAY_ZERO = date(1899, 12, 30)

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


def _write_xlsx(shortlist: _Shortlist, draft: Path) -> None:
    _check_rows(len(shortlist.frame))
    fields = shortlist.fields()
    gap = shortlist.prospects.gap
    with _workbook(draft) as book:
        book.set_properties({"title": f"Link prospects for {gap.site}", "author": "linkgap", "created": _CREATED})
        looks = {name: book.add_format(look) for name, look in _LOOKS.items()}
        _add_table(book.add_worksheet("Prospects"), fields, looks, frozen=1 if shortlist.preset else 2)
        if shortlist.preset is None:
            _add_method(book.add_worksheet("Method"), _method_lines(shortlist, fields), looks)
            _add_table(book.add_worksheet("Receipts"), _fields(gap.links.receipts, RECEIPTS), looks, frozen=1)


def _check_rows(rows: int) -> None:
    if rows > _MOST_SHEET_ROWS:
        message = (
            f"{counted(rows, 'prospect')} do not fit into an XLSX sheet. Allowed: {_MOST_SHEET_ROWS:,}. "
            "Export .csv or .parquet, or only the best with top=."
        )
        raise InvalidArgumentError(message)


@contextmanager
def _workbook(draft: Path) -> Iterator[Workbook]:
    """Give a workbook that is saved at the end; its working files go whatever happens."""
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    with TemporaryDirectory(prefix="linkgap-", ignore_cleanup_errors=True) as folder:
        book = Workbook(str(draft), {**_WORKBOOK_OPTIONS, "tmpdir": folder})
        try:
            with book:
                yield book
        except FileCreateError as error:
            raise error.args[0] from error
        finally:
            for sheet in book.worksheets():
                sheet.row_data_fh.close()  # left open when the workbook could not be saved


def _add_table(sheet: Worksheet, fields: Sequence[_Field], looks: Looks, *, frozen: int) -> None:
    """Fill a sheet with a heading and a row per record; cells go row by row, as constant memory needs it."""
    rows = len(fields[0].cells) if fields else 0
    sheet.freeze_panes(1, frozen)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.set_row(0, _HEADING_HEIGHT)
    sheet.autofilter(0, 0, rows, max(0, len(fields) - 1))
    for column, field in enumerate(fields):
        _add_heading(sheet, column, field, looks)
    linked = _MOST_SHEET_LINKS // max(1, sum(field.show in _LINKED for field in fields))
    writers = [_cell_writer(sheet, field.show, looks, linked) for field in fields]
    for row, cells in enumerate(_rows(fields), start=1):
        for column, value in enumerate(cells):
            if value is not None:
                writers[column](row, column, value)


def _add_heading(sheet: Worksheet, column: int, field: _Field, looks: Looks) -> None:
    sheet.set_column(column, column, _width(field), None, {"hidden": _is_unsaid(field)})
    sheet.write_string(0, column, sheet_text(field.heading), looks["heading"])
    if field.column.meaning:
        sheet.write_comment(0, column, field.column.meaning, _COMMENT)
    if field.show == "score" and field.cells:
        sheet.conditional_format(1, column, len(field.cells), column, _SCORE_BAR)


def _is_unsaid(field: _Field) -> bool:
    """Tell whether no export says anything for the column; those that wait for the user have no meaning yet."""
    return bool(field.column.meaning and field.cells) and all(value is None for value in field.cells)


def _width(field: _Field) -> int:
    """Fit a column of texts to the first of them, one of marks to its heading."""
    cells = field.cells[:_FITTED_ROWS] if field.show in _FITTED else ()
    longest = max((len(str(value)) for value in cells if value is not None), default=0)
    heading = len(field.heading) + 3 if field.show == "boolean" else 0
    narrowest, widest = _WIDTHS.get(field.show, (_WIDTH, _WIDTH))
    return min(max(longest + 3, heading, narrowest), widest)


def _cell_writer(sheet: Worksheet, show: Show, looks: Looks, linked: int) -> Callable[[int, int, Any], object]:
    match show:
        case "text" | "sentence":
            return partial(_write_text, sheet, looks)
        case "word":
            return partial(_write_word, sheet, looks)
        case "date":
            return partial(_write_day, sheet, looks)
        case "page" | "host":
            return partial(_write_link, sheet, looks, linked)
        case _:
            return partial(sheet.write_number, cell_format=looks[show])


def _write_text(sheet: Worksheet, looks: Looks, row: int, column: int, text: str) -> None:
    text = sheet_text(text)
    if text:
        sheet.write_string(row, column, text, looks["quoted" if _LEADS_TO_RUN.match(text) else "text"])


def _write_word(sheet: Worksheet, looks: Looks, row: int, column: int, word: str) -> None:
    if word in _COLOURED:
        sheet.write_string(row, column, word, looks[word])
    else:
        _write_text(sheet, looks, row, column, word)


def _write_day(sheet: Worksheet, looks: Looks, row: int, column: int, day: date) -> None:
    if day >= _FIRST_SERIAL_DAY:
        sheet.write_number(row, column, (day - _SERIAL_DAY_ZERO).days, looks["date"])
    else:
        sheet.write_string(row, column, day.isoformat(), looks["date"])


def _write_link(sheet: Worksheet, looks: Looks, linked: int, row: int, column: int, text: str) -> None:
    address = _link(text) if row <= linked else None
    if address:
        sheet.write_url(row, column, address, looks["link"], string=text)
    else:
        _write_text(sheet, looks, row, column, text)


def _link(text: str) -> str | None:
    return text if is_page(text) else home_page(text)


def _add_method(sheet: Worksheet, lines: Iterable[tuple[str, str, str]], looks: Looks) -> None:
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


def _method_lines(shortlist: _Shortlist, fields: Sequence[_Field]) -> Iterator[tuple[str, str, str]]:
    """Yield the look, the first and the second cell of every line on the method."""
    prospects = shortlist.prospects
    yield "title", f"How the prospects for {prospects.gap.site} were found", ""
    yield from _section("", _findings(shortlist))
    yield from _section("Notes", {str(number): note for number, note in enumerate(prospects.notes, start=1)})
    yield from _section("Settings", {name: _setting(value) for name, value in prospects.settings.items()})
    yield from _section("Evidence: how sure it is that the domain does not link to the site", EVIDENCE_MEANINGS)
    yield from _section("Relation: whether it ever did", RELATION_MEANINGS)
    yield from _section("Marks", _MARKS)
    yield from _section("Columns", {field.heading: _glossary(field) for field in fields})


def _section(heading: str, lines: Mapping[Any, str]) -> Iterator[tuple[str, str, str]]:
    if lines:
        yield ("section", heading, "") if heading else ("text", "", "")
    for label, text in lines.items():
        yield (label if label in _COLOURED else "wrapped"), label, text
    if lines:
        yield "text", "", ""


def _findings(shortlist: _Shortlist) -> dict[str, str]:
    prospects = shortlist.prospects
    return {
        "Site": prospects.gap.site,
        "Rivals": ", ".join(prospects.gap.rivals),
        "Prospects": f"{len(shortlist.frame):,} of {len(prospects.frame):,}",
        "Formula": prospects.formula,
    }


def _setting(value: object) -> str:
    return value if isinstance(value, str) else _json(value)


def _glossary(field: _Field) -> str:
    return f"{field.column.meaning} (hidden: no export says)" if _is_unsaid(field) else field.column.meaning


_HEADING_HEIGHT = 34
_METHOD_LINE = 100
_METHOD_LINE_HEIGHT = 15
_WIDTH = 12
_WIDTHS: dict[Show, tuple[int, int]] = {
    "boolean": (_WIDTH, 24),
    "host": (_WIDTH, 36),
    "page": (_WIDTH, 52),
    "sentence": (_WIDTH, 90),
    "text": (14, 44),
    "word": (_WIDTH, _WIDTH),
}
"""The narrowest and widest of what fits itself to its texts, in characters."""
_FITTED: tuple[Show, ...] = ("text", "sentence", "page", "host")
_FITTED_ROWS = 200
_LINKED: tuple[Show, ...] = ("page", "host")
_COLOURED = {*EVIDENCE_MEANINGS, *RELATION_MEANINGS}
_COMMENT = {"author": "linkgap", "x_scale": 1.8, "y_scale": 0.8}
_SCORE_BAR = {
    "type": "data_bar",
    "bar_color": "#A9CBE8",
    "min_type": "num",
    "min_value": 0,
    "max_type": "num",
    "max_value": 100,
}
_MARKS = {"✓ and ·": "Yes and no.", "Empty cell": "The exports do not say. It never means zero or no."}

_WRITERS: dict[str, Callable[[_Shortlist, Path], None]] = {
    ".csv": _write_csv,
    ".json": _write_json,
    ".parquet": _write_parquet,
    ".xlsx": _write_xlsx,
}
_PRESET_SUFFIXES = (".csv", ".xlsx")
