"""Turn a file into a table of text: a UTF-8 CSV that the engine can read, its heading, and its first records.

A clean UTF-8 file is read in place, a clean file in another encoding from a copy. Everything else is rewritten into the
engine's folder, record by record: workbooks, JSON, Markdown, plain lists, and files with rows that a strict reader
rejects. Python's csv module splits text into records.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from linkgap.errors import UnreadableFileError
from linkgap.loaders.decoding import REPAIR, SNIFFED_BYTES, encoding_below, is_guess
from linkgap.loaders.exporters import known_heading_score, recognise
from linkgap.loaders.reports import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

DELIMITERS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}
_LINES_IN_CELLS = {";,": "comma", "\t,": "comma", ",;": "semicolon", "\t;": "semicolon"}
_SPREADSHEET_SPLITS_AT = {",": ";", ";": ","}
"""By the delimiter of lines that a spreadsheet left in one cell, the one it splits at: `;` in a German Excel."""

NAMES_OF_DELIMITERS = DELIMITERS | {pair: f"{name}, in cells" for pair, name in _LINES_IN_CELLS.items()}
"""Names of delimiters in receipts. Of two, the first separates cells, the second splits the lines inside them."""

SAMPLE_RECORDS = 200
ROW, LINE = "linkgap row", "linkgap line"
"""Columns that a rewritten file has before its own: the number of the record, and its line in the original."""

WORKBOOK = "workbook"
"""Takes the place of the encoding of a workbook, whose cells need no decoding."""

FILE = "linkgap file"
"""Column of a table that holds the links of several files: the number of the file that a record comes from."""

FIRST = "linkgap first"
"""Column of a view with one row per record and site: 1 in the first row of a record, 0 in its others."""

_SQL_NAMES = (
    *(ROW, LINE, FIRST, "linkgap site", "linkgap links"),
    *("source", "target", "landing", "pair", "place", "own_row", "found", "raw"),
)
"""Names of columns that the loaders' own SQL adds to those of a file, which therefore can't have them."""

_PIECE_BYTES = 1024**2
_MOST_PREAMBLE_RECORDS = 40
_MOST_CELL_CHARACTERS = 2**31 - 1
_MOST_RECORD_CHARACTERS = 60_000
"""A record of this length fits the engine's longest line even in UTF-8 and with every quote doubled."""

_MOST_TITLE_CHARACTERS = 200
_SHOWN_CHARACTERS = 300
_ADDRESS = re.compile(r"\s*(?:(?:https?:)?//\S+|[^\s/@:,]+\.[^\W\d_]{2,}(?:[/?#]\S*)?)\s*", re.IGNORECASE)
_PRINTED = (9, 10, 13, *range(32, 127))
_PAIRS = "".join(chr(256 * first + second) for first, second in itertools.product(_PRINTED, _PRINTED))
_TOO_MANY_PAIRS = 40
_BYTES_IN_PAIRS = re.compile(f"[{_PAIRS}]{{{_TOO_MANY_PAIRS}}}")
"""A run of characters that each consist of two bytes of plain ASCII: what text of one byte a character looks like when
decoded as UTF-16. No language has such runs.
"""

_CERTAIN_HEADINGS = 3
_MOST_FILLED = 0.1


class Record(NamedTuple):
    """One record of a table: its cells, its first line and number of lines, and whether every quote in it is closed."""

    cells: list[str]
    line: int
    lines: int
    closed: bool = True


class SetAside(NamedTuple):
    """A record that does not fit its table, or is no link; `line` is None where the input has no lines."""

    row: int
    line: int | None
    lines: int
    reason: str
    text: str


class Refused(NamedTuple):
    """A file in a folder, or a member of an archive or workbook, that was not read, and why."""

    file: str
    error: UnreadableFileError

    @property
    def why(self) -> str:
        """The reason in words."""
        return str(self.error)


@dataclass(frozen=True)
class Table:
    """A table of text on disk, ready for the engine.

    Parameters
    ----------
    file
        Its name as the user knows it: `export.csv`, `exports.zip/rival.csv`, `book.xlsx/Sheet1`.
    path
        The CSV to read: the user's own file, or a copy or rewritten file in UTF-8.
    encoding
        Of the user's file; see `encoding_there` for that of `path`.
    delimiter
        Of the user's file: a key of `NAMES_OF_DELIMITERS`, or empty where cells need none, as in workbooks and JSON.
    titles
        The cells of the heading row as written in the file; numbered if it has none.
    sample
        The first `SAMPLE_RECORDS` records below the heading.
    skip
        Number of lines above the heading.
    headed
        Whether the user's text file has a heading row, which is no record.
    recoded
        Whether `path` is a copy of the user's file in UTF-8, identical character by character.
    rewritten
        Whether `path` was written by linkgap, record by record, and so has the columns `ROW` and `LINE`.
    set_aside
        Records that did not fit the heading when the file was rewritten.
    encoding_given
        Whether the user gave the encoding.
    notes
        What the receipt has to say about how the file was read.
    shortened
        How many records were too long for the engine's longest line, so that their cells were cut.
    undecoded
        How many records hold bytes that the table's encoding can't decode; only counted if that is not a Unicode one.
    """

    file: str
    path: Path
    encoding: str
    delimiter: str
    titles: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    skip: int = 0
    headed: bool = True
    recoded: bool = False
    rewritten: bool = False
    set_aside: tuple[SetAside, ...] = field(default=(), repr=False)
    shortened: int = 0
    undecoded: int = 0
    encoding_given: bool = False
    notes: tuple[str, ...] = ()

    @property
    def headings(self) -> tuple[str, ...]:
        """Column names in SQL, in order: the titles made unique; in a rewritten file first `ROW` and `LINE`."""
        own = unique_names(self.titles)
        return (ROW, LINE, *own) if self.rewritten else own

    @property
    def encoding_there(self) -> str:
        """The encoding of the text at `path`."""
        return "utf-8" if self.recoded or self.rewritten else self.encoding

    @property
    def read_with(self) -> str:
        """The delimiter of the file at `path`."""
        return "," if self.rewritten else self.delimiter


def unique_names(titles: Sequence[str], reserved: Sequence[str] = _SQL_NAMES) -> tuple[str, ...]:
    """Make column names unique, also with regard to those in `reserved`, ignoring case.

    Examples
    --------
    >>> unique_names(["URL", "url", "", "URL", "Source"])
    ('URL', 'url (2)', 'column 3', 'URL (3)', 'Source (2)')
    """
    taken = Counter(reserved)
    names = []
    for position, title in enumerate(titles, start=1):
        name = title.replace("\x00", "")[:_MOST_TITLE_CHARACTERS].strip() or f"column {position}"
        taken[name.casefold()] += 1
        names.append(name if taken[name.casefold()] == 1 else f"{name} ({taken[name.casefold()]})")
    return tuple(names) if len({name.casefold() for name in names}) == len(names) else unique_names(names, reserved)


def text_records(path: Path, encoding: str, delimiter: str) -> Iterator[Record]:
    """Yield the records of a text file as Python's csv module splits them; blank lines are skipped.

    Byte order marks that decoding leaves at the beginning are dropped. Of two delimiters, the second splits the lines
    that cells hold.
    """
    outer, inner = delimiter[0], delimiter[1:]
    records = _plain_records(path, encoding, outer)
    return (split_lines(record, inner) for record in records) if inner else records


def split_lines(record: Record, delimiter: str) -> Record:
    """Split a record whose cells make up one line of CSV that a spreadsheet failed to split; unchanged on csv.Error."""
    line = _SPREADSHEET_SPLITS_AT[delimiter].join(record.cells).rstrip(_SPREADSHEET_SPLITS_AT[delimiter])
    try:
        return record._replace(cells=next(csv.reader([line], delimiter=delimiter), [line]))
    except csv.Error:
        return record


def _is_line(record: Record, delimiter: str) -> bool:
    """Tell whether only the first cell of a record is filled, with one line that has delimiters of its own."""
    first, *others = record.cells
    return delimiter in first and not any(others) and "\n" not in first


def _plain_records(path: Path, encoding: str, delimiter: str) -> Iterator[Record]:
    csv.field_size_limit(_MOST_CELL_CHARACTERS)
    with path.open(encoding=encoding, errors=REPAIR, newline="") as file:
        own: list[str] = []
        line = 1
        lines = itertools.chain([file.readline().lstrip("\ufeff")], file)
        for cells in csv.reader(_kept_lines(lines, own), delimiter=delimiter):
            if cells:
                yield Record(cells, line, len(own), len(own) == 1 or _is_closed(own, delimiter))
            line += len(own)
            own.clear()


def _kept_lines(file: Iterable[str], kept: list[str]) -> Iterator[str]:
    """Yield the lines of a file and add each to `kept`."""
    for line in file:
        kept.append(line)
        yield line


def _is_closed(lines: Sequence[str], delimiter: str) -> bool:
    """Tell whether a record runs over several lines because its cells do, not because a quote was left open."""
    try:
        next(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True


def sample_records(path: Path, encoding: str, delimiter: str) -> list[Record]:
    """Return the first records of a text file, however long they are, without the line `sep=;`."""
    most = SAMPLE_RECORDS + _MOST_PREAMBLE_RECORDS
    records = list(itertools.islice(text_records(path, encoding, delimiter), most))
    return records[1:] if records and _is_note_to_excel(records[0].cells) else records


def _is_note_to_excel(cells: Sequence[str]) -> bool:
    """Tell whether a record is the line `sep=;` above the heading, which tells Excel the delimiter."""
    return bool(cells) and cells[0].strip().lower().startswith("sep=") and not any(cell.strip() for cell in cells[1:])


def open_text(
    path: Path, file: str, encoding: str, *, wanted: Sequence[str] = (), encoding_given: bool = False
) -> Table:
    """Find delimiter, heading and first records of a text file.

    Parameters
    ----------
    wanted
        Headings that the user named, normalised by `folded`: a row that has them all is the heading.
    encoding_given
        Whether the user gave the encoding.

    Raises
    ------
    UnreadableFileError
        When the file holds no records.
    """
    read = {delimiter: sample_records(path, encoding, delimiter) for delimiter in DELIMITERS}
    if not any(_filled(record.cells) for record in read["\t"]):
        message = f"{file} contains only blank lines. Export it again."
        raise UnreadableFileError(message)
    delimiter, position, score = _best_delimiter(read, wanted)
    pairs = [pair for pair in _LINES_IN_CELLS if any(_is_line(record, pair[1]) for record in read[pair[1]])]
    in_cells = {pair: sample_records(path, encoding, pair) for pair in pairs}
    known = {pair: records for pair, records in in_cells.items() if find_heading_row(records, wanted)[1] > 1}
    if known:
        read = {delimiter: read[delimiter], **known}
        delimiter, position, score = _best_delimiter(read, wanted)
    records = read[delimiter]
    headed = score > 0 or looks_like_heading(records)
    return Table(
        file=file,
        path=path,
        encoding=encoding,
        delimiter=delimiter,
        titles=tuple(records[position].cells) if headed else numbered_titles(records),
        sample=_cells_below(records, position if headed else -1),
        skip=records[position if headed else 0].line - 1,
        headed=headed,
        encoding_given=encoding_given,
    )


def _best_delimiter(read: Mapping[str, Sequence[Record]], wanted: Sequence[str]) -> tuple[str, int, int]:
    """Return the delimiter that splits the records best (the first of equals), and its heading's position and score."""
    found = [(delimiter, *find_heading_row(records, wanted)) for delimiter, records in read.items()]
    return max(found, key=lambda each: (each[2], _steadiness(read[each[0]])))


def find_heading_row(records: Sequence[Record], wanted: Sequence[str] = ()) -> tuple[int, int]:
    """Return the position of the record that looks most like a heading, and how much so (0: not at all)."""
    peeked = records[:_MOST_PREAMBLE_RECORDS]
    scored = [(_heading_score(peeked, position, wanted), -position) for position in range(len(peeked))]
    score, position = max(scored, default=(0, 0))
    return (-position, score) if score else (0, 0)


def _heading_score(records: Sequence[Record], position: int, wanted: Sequence[str]) -> int:
    """Return how many known headings a record has; 1000, more than any has, if it has all that the user named.

    A row of data scores 0, although its anchor may be "Website": it has an address and hardly any known headings, or is
    below a row with an address that has at least as many filled cells.
    """
    cells = records[position].cells
    if wanted and set(wanted) <= {folded(cell) for cell in cells}:
        return 1000
    score = known_heading_score(cells)
    if score == 0 or (score < _CERTAIN_HEADINGS and any("://" in cell for cell in cells)):
        return 0
    return 0 if any(_is_row(above.cells, min_filled=_filled(cells)) for above in records[:position]) else score


def _is_row(cells: Sequence[str], *, min_filled: int) -> bool:
    return _filled(cells) >= min_filled and any(map(_ADDRESS.fullmatch, cells))


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def numbered_titles(records: Sequence[Record]) -> tuple[str, ...]:
    """Return numbered titles for a table that has none, as many as most of its records have cells."""
    return tuple(f"column {position}" for position in range(1, _width(records) + 1))


def _cells_below(records: Sequence[Record], position: int) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(record.cells) for record in records[position + 1 : position + 1 + SAMPLE_RECORDS])


def _width(records: Sequence[Record]) -> int:
    return Counter(len(record.cells) for record in records).most_common(1)[0][0]


def _steadiness(records: Sequence[Record]) -> tuple[float, int]:
    """Rate a delimiter: the share of records with the commonest number of cells (0 if that is one), and that number."""
    width = _width(records) if records else 0
    alike = sum(len(record.cells) == width for record in records)
    return (alike / len(records) if width > 1 else 0.0, width)


def looks_like_heading(records: Sequence[Record]) -> bool:
    """Tell whether the first record names columns: most cells are filled, and none is an address or a number."""
    first, rest = records[0], records[1:]
    cells = [cell.strip() for cell in first.cells]
    if len(cells) == 1:
        return "." not in cells[0] and not cells[0].startswith("#") and any("." in record.cells[0] for record in rest)
    named = not any("://" in cell or _ADDRESS.fullmatch(cell) or cell[:1].isdigit() for cell in cells)
    return named and _filled(cells) > len(cells) / 2


def recode(table: Table, folder: Path) -> Table | None:
    """Transcode a text file to UTF-8, in a seventh of the time that it takes to rewrite its records.

    Returns
    -------
    Table or None
        None where the engine could not read the copy, or bytes that can't be decoded would go unreported.
    """
    table = _in_its_encoding(table)
    path = folder / f"text-{len(list(folder.glob('text-*')))}.csv"
    if _is_copied(table, path):
        return replace(table, path=path, recoded=True)
    path.unlink()
    return None


def _is_copied(table: Table, path: Path) -> bool:
    """Write a text file to `path` in UTF-8, and tell whether all of it was decoded and the engine can read it."""
    ends: set[bytes] = set()
    with path.open("wb") as copy:
        try:
            for text in _decoded(table.path, table.encoding):
                letters = text.encode()
                ends |= _line_ends(letters)
                if b"\x00" in letters or not _has_plain_ends(ends):
                    return False
                if table.encoding.startswith("utf-16") and any(map(_has_bytes_in_pairs, text.split("\n"))):
                    return False
                copy.write(letters)
        except UnicodeError:
            return False
    return True


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    """Yield a text in large pieces that never split a CRLF, without byte order marks at the beginning."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        text = decoder.decode(file.read(_PIECE_BYTES)).lstrip("\ufeff")
        while piece := file.read(_PIECE_BYTES):
            whole = text.removesuffix("\r")
            yield whole
            text = text[len(whole) :] + decoder.decode(piece)
        yield text + decoder.decode(b"", final=True)


def rewrite(table: Table, records: Iterable[Record], folder: Path) -> Table:
    """Write the records of a table as clean CSV in UTF-8, and set aside those that don't fit its heading.

    In the few records that neither the engine nor a spreadsheet could hold, cells are cut; the rows are kept.
    """
    path = folder / f"table-{len(list(folder.glob('table-*')))}.csv"
    width, min_width, aside, shortened = len(table.titles), _min_width(table), [], 0
    undecoded, in_code_page = 0, not table.encoding.startswith(("utf", WORKBOOK))
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        done = replace(table, path=path, rewritten=True, skip=0)
        writer.writerow(done.headings)
        for row, record in enumerate(records, start=1):
            cells = record.cells[:width] if not any(record.cells[width:]) else record.cells
            cells += [""] * (width - len(cells)) if len(cells) >= min_width else []
            if len(cells) == width and record.closed:
                fitting = _cut(cells)
                shortened += fitting != cells
                undecoded += in_code_page and "\ufffd" in "".join(cells)
                writer.writerow((row, record.line, *fitting))
            else:
                aside.append(_set_aside(row, record))
    return replace(done, set_aside=tuple(aside), shortened=shortened, undecoded=undecoded)


def _min_width(table: Table) -> int:
    """Return how many cells a record must have at least: spreadsheets may omit the last ones where they are empty.

    The columns that may be missing are those at the end that hardly any of the first complete records fills, and those
    without a title that no record has, as only the heading ends in delimiters. Some exporters omit their last cell,
    too, see `Report.may_lack`.
    """
    width = len(table.titles)
    report = recognise(table.titles, table.sample)
    if report is not None and report.may_lack is not None and folded(table.titles[-1]) == report.may_lack:
        return width - 1
    whole = [record for record in table.sample if len(record) == width]
    while not whole and width and not table.titles[width - 1].strip():
        width -= 1
    filled = [sum(bool(cell.strip()) for cell in cells) for cells in zip(*whole, strict=True)]
    while filled and filled[-1] <= _MOST_FILLED * len(whole):
        filled.pop()
    return len(filled) or width


def rewrite_text(table: Table, folder: Path) -> Table:
    """Rewrite a text file record by record, see `rewrite`.

    Raises
    ------
    UnreadableFileError
        When a part of a UTF-16 file is in another encoding.
    """
    table = table if table.recoded else _in_its_encoding(table)
    records = text_records(table.path, table.encoding_there, table.delimiter)
    if table.encoding_there.startswith("utf-16"):
        records = _in_one_encoding(records, table)
    below = (record for record in records if record.line > table.skip)
    rows = itertools.islice(below, 1 if table.headed else 0, None)
    is_list = len(table.titles) == 1
    return rewrite(table, (record for record in rows if not (is_list and _is_note(record))), folder)


def _in_its_encoding(table: Table) -> Table:
    """Return a table with the encoding of its whole file, and a note where that is a guess or not the one given."""
    found = encoding_below(table.path) if table.encoding == "utf-8" else table.encoding
    if table.encoding_given and found != table.encoding:
        note = f"none of its lines is in {table.encoding}, the encoding= given: it is read as {found}"
    elif not table.encoding_given and is_guess(table.path, found):
        note = (
            f"read as {found}, a guess, as its letters look like no language; where texts are wrong, pass encoding=..."
        )
    else:
        return replace(table, encoding=found)
    return replace(table, encoding=found, notes=(*table.notes, note))


def _in_one_encoding(records: Iterable[Record], table: Table) -> Iterator[Record]:
    """Yield the records of a UTF-16 text, and raise UnreadableFileError at the first in another encoding."""
    for record in records:
        if _has_bytes_in_pairs("".join(record.cells)):
            message = (
                f"{table.file} is in two encodings: from line {record.line} on, it is not in UTF-16 like the rest. "
                "Files that were saved in different encodings were joined: read them one by one."
            )
            raise UnreadableFileError(message)
        yield record


def _has_bytes_in_pairs(text: str) -> bool:
    """Tell whether text decoded as UTF-16 was in another encoding, see `_BYTES_IN_PAIRS`.

    The characters of such a run take three bytes each in UTF-8: a text with too few bytes for one is not searched.
    """
    if text.isascii() or len(text.encode(errors="replace")) < len(text) + 2 * _TOO_MANY_PAIRS:
        return False
    return _BYTES_IN_PAIRS.search(text) is not None


def _is_note(record: Record) -> bool:
    """Tell whether a record is a comment in a plain list, such as a client's note, and so no row of it."""
    return record.cells[0].lstrip().startswith("#")


def _cut(cells: list[str]) -> list[str]:
    """Return the cells of a record, each cut to an equal share if it is longer than the engine's longest line."""
    if sum(map(len, cells)) <= _MOST_RECORD_CHARACTERS:
        return cells
    return [cell[: _MOST_RECORD_CHARACTERS // len(cells)] for cell in cells]


def _set_aside(row: int, record: Record) -> SetAside:
    reason = "malformed row" if record.lines > 1 else "wrong column count" if _filled(record.cells) else "empty row"
    text = " | ".join(cell[:_SHOWN_CHARACTERS] for cell in record.cells[:_SHOWN_CHARACTERS])[:_SHOWN_CHARACTERS]
    return SetAside(row, record.line, record.lines, reason, text)


def has_plain_start(start: bytes, encoding: str) -> bool:
    """Tell by its start whether the engine may read a file in place: UTF-8, one kind of line ending, no NUL."""
    whole = start.removesuffix(b"\r") if len(start) == SNIFFED_BYTES else start
    return encoding in {"utf-8", "utf-8-sig"} and b"\x00" not in start and _has_plain_ends(_line_ends(whole))


def _line_ends(text: bytes) -> set[bytes]:
    """Return the kinds of line endings in a text."""
    line_feeds, returns = text.count(b"\n"), text.count(b"\r")
    both = text.count(b"\r\n") if returns else 0
    found = {b"\r\n": both, b"\n": line_feeds - both, b"\r": returns - both}
    return {kind for kind, number in found.items() if number}


def _has_plain_ends(kinds: set[bytes]) -> bool:
    """Tell whether the engine knows the line endings of a text: all of one kind, and not the lone CR of old Macs."""
    return len(kinds) <= 1 and b"\r" not in kinds
