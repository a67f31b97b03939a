"""Outreach as a CSV sheet that people fill in: written and read back, with every row accounted for."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from linkgap.cells import sealed, unsealed
from linkgap.drafts import check_place, whole_file
from linkgap.errors import MOST_NAMES, InvalidArgumentError, MissingFileError, UnreadableFileError, counted, in_words
from linkgap.export import PRESET_COLUMNS
from linkgap.loaders.decoding import read_start, sniff
from linkgap.loaders.reports import folded
from linkgap.loaders.tables import open_text, text_records
from linkgap.outreach.fields import FIELDS, read_domain
from linkgap.paths import path_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from linkgap.loaders.tables import Record, Table

_DOMAIN = "Domain"
_HEADINGS = {
    "status": "Status",
    "note": "Note",
    "owner": "Owner",
    "contact": "Contact",
    "contacted_on": "Contacted on",
    "next_on": "Next on",
}
_NAME = "name of the contact"
_OTHER_HEADINGS = {"Contact name": _NAME, "Contact email": "contact", "Date contacted": "contacted_on"}
"""The headings that the preset `outreach` of `export_prospects` writes instead."""

_REFUSALS = {
    "status": "unknown status",
    "contacted_on": "unread date",
    "next_on": "unread date",
    "note": "text too long",
    "owner": "text too long",
    "contact": "text too long",
}
_DAYS = ("contacted_on", "next_on")
_CLOCK = r"\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:[.,]\d+)?"
_HALF_OF_DAY = r"[aApP]\.?\W?[mM]\.?|[πΠμΜ]\.?[μΜ]\.?|SA|CH|PT?G|[صم]"
_ZONE = r"Z|UTC|[+-]\d\d:?\d\d"
_TIME = rf"(?: г\.)?(?: +(?:\S\S ?)?{_CLOCK}(?:\W?(?:{_HALF_OF_DAY}|{_ZONE}|ч\.))?)?"  # noqa: RUF001 - Cyrillic
_LOCAL_DAY = re.compile(rf"(\d{{1,2}})([/.-]) ?(\d{{1,2}})\2 ?(\d{{4}}|\d\d)\.?{_TIME}", re.ASCII)
_YEAR_FIRST = re.compile(rf"(\d{{4}})([/.-]) ?(\d{{1,2}})\2 ?(\d{{1,2}})\.?{_TIME}", re.ASCII)
"""The two forms of dates in numbers: spreadsheets rewrite dates in the format of their user's country.

A time may follow, as programs write it in Greece, Vietnam, Malaysia, Arab countries or Bulgaria, too, but nothing else:
read as a day, 24/12/2026 (call Jo) would lose its words unseen.
"""

_NAMED_MONTHS = ("%d-%b-%y", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y")

_MONTHS = 12
_CENTURY = "20"
_NO_HEADING = "(blank)"
_SHOWN_CHARACTERS = 300


@dataclass(frozen=True, eq=False)
class SheetReceipt:
    """What happened to the rows of a sheet. Made by `Outreach.import_csv`.

    Attributes
    ----------
    file
        Name of the sheet.
    rows, kept
        How many rows it has, and how many of them were kept; the others are set aside.
    changes
        How many fields changed.
    columns_left
        Headings of columns that hold something but are not a sheet's, such as a Note renamed to Remarks; they were not
        read.
    set_aside
        Every row that was not kept: `row` (the first below the heading is 1), `line`, `reason` (see
        `linkgap.schema.OUTREACH_REASONS`) and `text`.
    unread
        Every cell of a kept row that could not be read: `row`, `line`, `column`, `reason` and `text`.
    """

    file: str
    rows: int
    kept: int
    changes: int
    columns_left: tuple[str, ...]
    set_aside: pd.DataFrame = field(repr=False)
    unread: pd.DataFrame = field(repr=False)

    def __repr__(self) -> str:
        """State how many rows were kept, why others were not, and which cells and columns were not read."""
        parts = [f"{counted(self.kept, 'row')} of {self.rows:,} kept, {counted(self.changes, 'change')}"]
        if len(self.set_aside):
            parts.append(f"{len(self.set_aside):,} set aside ({_reasons_in_words(self.set_aside)})")
        if len(self.unread):
            parts.append(
                f"{counted(len(self.unread), 'cell')} in kept rows not read ({_reasons_in_words(self.unread)})"
            )
        if self.columns_left:
            parts.append(f"columns not read: {in_words(self.columns_left)}")
        return f"{self.file}: {'; '.join(parts)}"


def _reasons_in_words(table: pd.DataFrame) -> str:
    return ", ".join(f"{number:,} {reason}" for reason, number in sorted(Counter(table["reason"]).items()))


@dataclass(frozen=True)
class Sheet:
    """A sheet as it was read: the values for each domain, the rows set aside, and the unread cells of kept rows."""

    file: str
    values: Mapping[str, Mapping[str, str | None]]
    rows: int
    columns_left: tuple[str, ...]
    set_aside: Sequence[tuple[int, int, str, str]]
    unread: Sequence[tuple[int, int, str, str, str]]

    def receipt(self, *, changes: int) -> SheetReceipt:
        """Return the receipt, once the changes are made and their number is known."""
        import pandas as pd

        aside = pd.DataFrame(self.set_aside, columns=["row", "line", "reason", "text"])
        unread = pd.DataFrame(self.unread, columns=["row", "line", "column", "reason", "text"])
        kept = self.rows - len(aside)
        return SheetReceipt(self.file, self.rows, kept, changes, self.columns_left, aside, unread)


def write_sheet(rows: Iterable[Mapping[str, str | None]], path: str | os.PathLike[str], *, overwrite: bool) -> Path:
    """Write rows of the outreach table as a sheet, completely or not at all."""
    target = path_of(path)
    if target.suffix.lower() != ".csv":
        message = (
            f"{target.name} is not a valid name for a sheet. Allowed: names that end in .csv, such as outreach.csv."
        )
        raise InvalidArgumentError(message)
    check_place(target, overwrite=overwrite)
    with whole_file(target, overwrite=overwrite) as draft, draft.open("x", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file, lineterminator="\r\n")
        lines.writerow([_DOMAIN, *_HEADINGS.values()])
        lines.writerows([row["domain"], *(sealed(row[name] or "") for name in _HEADINGS)] for row in rows)
    return target


def read_sheet(path: str | os.PathLike[str], *, day_first: bool | None = None) -> Sheet:
    """Read a sheet: the values for each domain, why rows are set aside, and which cells could not be read.

    Parameters
    ----------
    day_first
        Whether the day comes first in 03/04/2026; None infers this from all dates of the sheet.

    Raises
    ------
    InvalidArgumentError
        When the path is a folder.
    MissingFileError
        When there is no such file.
    UnreadableFileError
        When it can't be opened, is not text, or lacks the columns.
    """
    place = path_of(path)
    table = _open(place)
    fields = _fields(table)
    values: dict[str, dict[str, str | None]] = {}
    set_aside: list[tuple[int, int, str, str]] = []
    unread: list[tuple[int, int, str, str, str]] = []
    records = [each for each in text_records(place, table.encoding, table.delimiter) if each.line > table.skip][1:]
    records = [_padded(record, len(fields)) for record in records]
    order = _order_of_days(records, fields) if day_first is None else day_first
    for row, record in enumerate(records, start=1):
        refused: dict[str, str] = {}
        reason = _take(record, fields, values, refused, day_first=order)
        if reason:
            set_aside.append((row, record.line, reason, " | ".join(record.cells)[:_SHOWN_CHARACTERS]))
        else:
            unread += [
                (row, record.line, _HEADINGS[name], _REFUSALS[name], cell[:_SHOWN_CHARACTERS])
                for name, cell in refused.items()
            ]
    columns_left = _columns_left(table.titles, fields, records)
    return Sheet(place.name, values, len(records), columns_left, set_aside, unread)


def _columns_left(titles: Sequence[str], fields: Sequence[str | None], records: Sequence[Record]) -> tuple[str, ...]:
    """Return the headings of non-empty columns that are neither read here nor written by the preset `outreach`."""
    ours = {folded(heading) for heading in PRESET_COLUMNS["outreach"]}
    return tuple(
        title.strip() or _NO_HEADING
        for place, (title, name) in enumerate(zip(titles, fields, strict=True))
        if name is None and folded(title) not in ours
        if any(each.cells[place].strip() for each in records if place < len(each.cells))
    )


def _open(place: Path) -> Table:
    try:
        is_folder, is_there = place.is_dir(), place.exists()
    except OSError as error:
        message = f"{place} can't be opened: {error.strerror}. Check its name, and that you have access to its folder."
        raise UnreadableFileError(message) from error
    if is_folder:
        message = f"{place} is a folder. Name the sheet in it."
        raise InvalidArgumentError(message)
    if not is_there:
        message = f"There is no file {place}. Check its name and folder."
        raise MissingFileError(message)
    start = read_start(place, place.name)
    sniffed = sniff(start, place.name)
    if sniffed.content != "text":
        message = f"{place.name} is not a CSV file. Allowed: CSV sheets. Save it as CSV (UTF-8) and import that."
        raise UnreadableFileError(message)
    return open_text(place, place.name, sniffed.encoding, wanted=[folded(_DOMAIN)])


def _fields(table: Table) -> list[str | None]:
    """Return what each column of a sheet holds: a field, `domain`, the contact's name, or None for anything else."""
    named = {folded(heading): name for name, heading in _HEADINGS.items()}
    named |= {folded(heading): name for heading, name in _OTHER_HEADINGS.items()} | {folded(_DOMAIN): "domain"}
    found = [named.get(folded(title)) for title in table.titles]
    if "domain" in found and set(found) & {*FIELDS, _NAME}:
        twice = [title for title, name in zip(table.titles, found, strict=True) if name and found.count(name) > 1]
        if not twice:
            return found
        message = f"{table.file} has several columns for the same field: {', '.join(twice)}. Keep one of each."
        raise UnreadableFileError(message)
    shown = ", ".join(title.strip() or _NO_HEADING for title in table.titles[:MOST_NAMES])
    message = (
        f"{table.file} is not an outreach sheet. Its columns: {shown}. "
        f"Needed: {_DOMAIN} and any of {', '.join(_HEADINGS.values())}."
    )
    raise UnreadableFileError(message)


def _padded(record: Record, width: int) -> Record:
    """Return a record padded to `width` cells, or without surplus blanks: spreadsheets drop or add some at the end."""
    cells = record.cells
    if any(cell.strip() for cell in cells[width:]) or not any(cell.strip() for cell in cells):
        return record
    return record._replace(cells=[*cells[:width], *[""] * (width - len(cells))])


def _order_of_days(records: Iterable[Record], fields: Sequence[str | None]) -> bool | None:
    """Infer from all dates of a sheet whether the day comes before the month; None when they show neither, or both."""
    cells = (cell for record in records for name, cell in zip(fields, record.cells, strict=False) if name in _DAYS)
    found = [day for cell in cells if (day := _LOCAL_DAY.fullmatch(cell.strip())) and day[2] != "."]
    day_first, month_first = (any(int(day[part]) > _MONTHS for day in found) for part in (1, 3))
    return None if day_first == month_first else day_first


def _in_iso_form(cell: str, *, day_first: bool | None) -> str:
    """Return a date as 2026-01-31, or the cell unchanged if it is not one, or day and month can't be told apart.

    In dates with dots (31.01.2026), the day comes first everywhere.
    """
    text = cell.strip()
    if found := _YEAR_FIRST.fullmatch(text):
        return f"{found[1]}-{found[3]:0>2}-{found[4]:0>2}"
    for form in _NAMED_MONTHS:
        with suppress(ValueError):
            return dt.datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 - a day has no zone
    found = _LOCAL_DAY.fullmatch(text)
    is_clear = found and (found[2] == "." or found[1] == found[3] or day_first is not None)
    if not found or not is_clear:
        return cell
    day, month = (found[1], found[3]) if found[2] == "." or day_first else (found[3], found[1])
    return f"{_CENTURY[: 4 - len(found[4])]}{found[4]}-{month:0>2}-{day:0>2}"


def _take(
    record: Record,
    fields: Sequence[str | None],
    values: dict[str, dict[str, str | None]],
    refused: dict[str, str],
    *,
    day_first: bool | None,
) -> str | None:
    """Add a row's values to `values`, and its unreadable cells to `refused`; or return why the row is set aside.

    Where hosts were compared, a sheet has one row per host, so several rows of one domain are merged.
    """
    damage = _damage(record, len(fields))
    if damage:
        return damage
    cells = {name: unsealed(cell) for name, cell in zip(fields, record.cells, strict=True) if name and cell.strip()}
    domain = read_domain(cells.pop("domain", ""))
    if domain is None:
        return "no domain"
    row_values: dict[str, str | None] = {}
    for name, cell in _with_full_contact(cells).items():
        try:
            row_values[name] = FIELDS[name](_in_iso_form(cell, day_first=day_first) if name in _DAYS else cell, name)
        except InvalidArgumentError:
            refused[name] = cell
    if refused and not row_values:
        return _REFUSALS[next(iter(refused))]
    earlier = values.setdefault(domain, {})
    if any(earlier.get(name, value) != value for name, value in row_values.items()):
        return "duplicate"
    earlier |= row_values
    return None


def _with_full_contact(cells: Mapping[str, str]) -> dict[str, str]:
    """Return cells with a contact's name and address joined as e-mail programs do: `Jo <jo@blog.example>`."""
    known = dict(cells)
    name = known.pop(_NAME, "").strip()
    address = known.get("contact", "").strip()
    name_there = address.partition("<")[0] if "<" in address or "@" not in address else ""
    if name and name != address and name not in name_there:
        is_full = not address or f"<{address}>" in name
        known["contact"] = name if is_full else f"{name} <{address}>"
    return known


def _damage(record: Record, width: int) -> str | None:
    if not any(cell.strip() for cell in record.cells):
        return "empty row"
    if not record.closed:
        return "malformed row"
    return None if len(record.cells) == width else "wrong column count"
