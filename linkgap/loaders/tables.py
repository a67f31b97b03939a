"""From a file to tables of text: a CSV in UTF-8 that the engine can read, its heading, and its first records.

A clean UTF-8 file is read where it is. Everything else is written anew into the engine's folder, record by record, as
Python's csv module finds them: other encodings, workbooks, JSON, packed files, and files with rows that no strict reader takes.
"""

from __future__ import annotations

import csv
import itertools
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from linkgap.errors import UnreadableFileError
from linkgap.loaders.decoding import REPAIR, SNIFFED_BYTES
from linkgap.loaders.exporters import known_heading_score
from linkgap.loaders.reports import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

DELIMITERS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}
SAMPLE_RECORDS = 200
ROW, LINE = "linkgap row", "linkgap line"
"""Columns that a rewritten file carries besides its own."""

FIRST = "linkgap first"
"""Where a record becomes several rows, one for each site: 1 on the first of them, 0 on the others."""

_MOST_PREAMBLE_RECORDS = 40
_LONGEST_RECORD = 2_000_000
_SHOWN_CHARACTERS = 300


class Record(NamedTuple):
    """One record of a table: its cells, and the lines it stands on."""

    cells: list[str]
    line: int
    lines: int


class SetAside(NamedTuple):
    """A record that could not be read as a row of its table."""

    row: int
    line: int
    lines: int
    reason: str
    text: str


@dataclass(frozen=True)
class Table:
    """A table of text on disk, ready for the engine.

    Parameters
    ----------
    file
        Its name as the user knows it: `export.csv`, `exports.zip/rival.csv`, `book.xlsx/Sheet1`.
    path
        The CSV in UTF-8: the user's own file, or one written anew.
    headings
        Column names in SQL: the titles, made different from one another.
    titles
        The heading as it stands in the file.
    sample
        The first `SAMPLE_RECORDS` records below the heading.
    skip
        Lines above the heading.
    rewritten
        Whether `path` was written by linkgap and so has the columns `ROW` and `LINE`.
    set_aside
        What could not be read, when rewritten.
    """

    file: str
    path: Path
    encoding: str
    delimiter: str
    titles: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    skip: int = 0
    headed: bool = True
    rewritten: bool = False
    set_aside: tuple[SetAside, ...] = field(default=(), repr=False)

    @property
    def headings(self) -> tuple[str, ...]:
        """Column names in SQL, in the order of the file."""
        own = unique_names(self.titles)
        return (ROW, LINE, *own) if self.rewritten else own

    @property
    def read_with(self) -> str:
        """The delimiter that stands in the file at `path`."""
        return "," if self.rewritten else self.delimiter


def unique_names(titles: Sequence[str]) -> tuple[str, ...]:
    """Make column names different from one another without regard to case, as SQL needs them.

    Examples
    --------
    >>> unique_names(["URL", "url", "", "URL"])
    ('URL', 'url (2)', 'column 3', 'URL (3)')
    """
    taken: Counter[str] = Counter()
    names = []
    for position, title in enumerate(titles, start=1):
        name = title.replace("\x00", "").strip() or f"column {position}"
        taken[name.casefold()] += 1
        names.append(name if taken[name.casefold()] == 1 else f"{name} ({taken[name.casefold()]})")
    return tuple(names) if len({name.casefold() for name in names}) == len(names) else unique_names(names)


def text_records(path: Path, encoding: str, delimiter: str) -> Iterator[Record]:
    """Yield the records of a text file as Python's csv module finds them; blank lines are none."""
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding=encoding, errors=REPAIR, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        line = 1
        for cells in reader:
            if cells:
                yield Record(cells, line, reader.line_num - line + 1)
            line = reader.line_num + 1


def sample_records(path: Path, encoding: str, delimiter: str) -> list[Record]:
    """Return the first records of a text file, however long they are."""
    most = SAMPLE_RECORDS + _MOST_PREAMBLE_RECORDS
    return list(itertools.islice(text_records(path, encoding, delimiter), most))


def open_text(path: Path, file: str, encoding: str, *, wanted: Sequence[str] = ()) -> Table:
    """Find delimiter, heading and first records of a text file.

    Parameters
    ----------
    wanted
        Headings that the user named, folded: a row that has them is the heading.

    Raises
    ------
    UnreadableFileError
        When the file holds no records.
    """
    read = {delimiter: sample_records(path, encoding, delimiter) for delimiter in DELIMITERS}
    if not any(read.values()):
        message = f"{file} holds only blank lines. Export it again."
        raise UnreadableFileError(message)
    found = [(delimiter, *find_heading_row(records, wanted)) for delimiter, records in read.items()]
    delimiter, position, score = max(found, key=lambda each: (each[2], _steadiness(read[each[0]])))
    records = read[delimiter]
    headed = score > 0 or _looks_like_heading(records)
    return Table(
        file=file,
        path=path,
        encoding=encoding,
        delimiter=delimiter,
        titles=tuple(records[position].cells) if headed else tuple(f"column {n + 1}" for n in range(_width(records))),
        sample=_cells_below(records, position if headed else -1),
        skip=records[position].line - 1 if headed else 0,
        headed=headed,
    )


def find_heading_row(records: Sequence[Record], wanted: Sequence[str] = ()) -> tuple[int, float]:
    """Return the position of the record that looks most like a heading, and how much so (0: not at all)."""
    scored = [
        (known_heading_score(record.cells) + _has_all(record.cells, wanted), -position)
        for position, record in enumerate(records[:_MOST_PREAMBLE_RECORDS])
    ]
    score, position = max(scored, default=(0, 0))
    return (-position, score) if score else (0, 0)


def _has_all(cells: Sequence[str], wanted: Sequence[str]) -> int:
    """Return more than any known heading scores when a record has every heading that the user named."""
    return 1000 if wanted and set(wanted) <= {folded(cell) for cell in cells} else 0


def _cells_below(records: Sequence[Record], position: int) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(record.cells) for record in records[position + 1 : position + 1 + SAMPLE_RECORDS])


def _width(records: Sequence[Record]) -> int:
    return Counter(len(record.cells) for record in records).most_common(1)[0][0]


def _steadiness(records: Sequence[Record]) -> tuple[float, int]:
    """Tell how well a delimiter fits: the share of records with the usual number of cells, if that is above one."""
    width = _width(records) if records else 0
    alike = sum(len(record.cells) == width for record in records)
    return (alike / len(records) if width > 1 else 0.0, width)


def _looks_like_heading(records: Sequence[Record]) -> bool:
    """Tell whether the first record names columns: short words, several of them, no addresses and no numbers."""
    first, rest = records[0], records[1:]
    cells = [cell.strip() for cell in first.cells]
    if len(cells) == 1:
        return "." not in cells[0] and not cells[0].startswith("#") and any("." in record.cells[0] for record in rest)
    return all(cells) and not any("://" in cell or "." in cell or cell[:1].isdigit() for cell in cells)


def rewrite(table: Table, records: Iterable[Record], folder: Path) -> Table:
    """Write the records of a table as clean CSV in UTF-8, and set aside those that don't fit its heading."""
    path = folder / f"table-{len(list(folder.glob('table-*')))}.csv"
    width, aside = len(table.titles), []
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        done = replace(table, path=path, rewritten=True, skip=0)
        writer.writerow(done.headings)
        for row, record in enumerate(records, start=1):
            cells = record.cells[:width] if not any(record.cells[width:]) else record.cells
            if len(cells) == width and sum(map(len, cells)) < _LONGEST_RECORD:
                writer.writerow((row, record.line, *cells))
            else:
                aside.append(_set_aside(row, record))
    return replace(done, set_aside=tuple(aside))


def rewrite_text(table: Table, folder: Path) -> Table:
    """Write a text file anew, see `rewrite`."""
    records = text_records(table.path, table.encoding, table.delimiter)
    below = (record for record in records if record.line > table.skip and not _is_comment(record))
    return rewrite(table, itertools.islice(below, 1 if table.headed else 0, None), folder)


def _is_comment(record: Record) -> bool:
    """Tell a client's note in a plain list, which is no row of it."""
    return len(record.cells) == 1 and record.cells[0].lstrip().startswith("#")


def _set_aside(row: int, record: Record) -> SetAside:
    reason = "malformed row" if record.lines > 1 else "wrong column count"
    text = " | ".join(cell[:_SHOWN_CHARACTERS] for cell in record.cells)[:_SHOWN_CHARACTERS]
    return SetAside(row, record.line, record.lines, reason, text)


def has_plain_start(start: bytes, encoding: str) -> bool:
    """Tell whether the engine may read a file where it is: UTF-8 with one kind of line end and no NUL."""
    ends = start.count(b"\r\n") in {0, start.count(b"\n")} and start.count(b"\r") == start.count(b"\r\n")
    cut = len(start) == SNIFFED_BYTES and start.endswith(b"\r")
    return encoding in {"utf-8", "utf-8-sig"} and b"\x00" not in start and (ends or cut)
