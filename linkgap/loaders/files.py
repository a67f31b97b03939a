"""Turn the paths that a user gives into tables of text: folders, compressed files, workbooks, JSON, Markdown."""

from __future__ import annotations

import datetime as dt
import functools
import gzip
import io
import itertools
import json
import lzma
import os
import re
import stat
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from linkgap.engine import can_name
from linkgap.errors import MissingFileError, UnreadableFileError, shown
from linkgap.loaders.commoncrawl import check_no_web_graph, check_not_converted
from linkgap.loaders.decoding import foreign_file, read_start, sniff
from linkgap.loaders.exporters import known_heading_score, recognise
from linkgap.loaders.markdown import cells_of, is_rule, tables_in
from linkgap.loaders.reports import folded
from linkgap.loaders.tables import (
    DELIMITERS,
    SAMPLE_RECORDS,
    WORKBOOK,
    Record,
    Refused,
    Table,
    find_heading_row,
    has_plain_start,
    looks_like_heading,
    numbered_titles,
    open_text,
    recode,
    rewrite,
    rewrite_text,
    split_lines,
)
from linkgap.paths import looking_into

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MOST_UNPACKED_BYTES = 64 * 1024**3
_MOST_WORKBOOK_BYTES = 2 * 1024**3
_MOST_RATIO = 200
_SMALL_BYTES = 64 * 1024**2
_CHUNK_BYTES = 1024**2
_MOST_DEPTH = 3
_MOST_CELLS = 100_000_000
_CORNER = re.compile(rb'<dimension ref="[A-Z]+[0-9]+:([A-Z]+)([0-9]+)"')
_CELL_IN_ERROR = re.compile(rb'(<c [^>]*\bt="e"[^>]*>(?:<f[^>]*>(?:[^<]*</f>)?)?<v>)[^<]*')
_UNKNOWN_ERROR = "Unsupported cell error value"
_SHOWN_CHARACTERS = 200
_DOCUMENTS = {
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "Index/Document.iwa": "a document of Numbers, Pages or Keynote",
}
"""Documents that are zip files internally: a member that gives each away, and what error messages call it."""

_DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
"""What decompressors raise for damaged data; bzip2's and gzip's own errors are OSErrors."""


class BombError(UnreadableFileError):
    """A file unpacks to far more than any export, or is compressed too many times over: all of it is refused."""


class Opened(NamedTuple):
    """The tables in a file, and the members of an archive that hold none."""

    tables: list[Table]
    refused: list[Refused]


def find_files(where: Path) -> list[Path]:
    """Return the file itself, or all files in a folder and its subfolders, sorted, without hidden ones.

    Symbolic links are followed, except to folders that are read anyway or that contain this one.

    Raises
    ------
    MissingFileError
        When there is nothing at `where`, or a folder holds no files.
    UnreadableFileError
        When permissions forbid looking into it or into the folder that it is in, or it is a pipe or a device.
    InvalidArgumentError
        When a folder is a converted web graph, or holds one.
    """
    with looking_into(where):
        return _found(where)


def _found(where: Path) -> list[Path]:
    if not _is_there(where):
        name = shown(where)[:_SHOWN_CHARACTERS]
        if where.parts[:1] in {("http:",), ("https:",)}:
            address = name.replace(":/", "://", 1)
            message = f"{address} is a web address, which linkgap does not open. Download the file, and give its name."
            raise MissingFileError(message)
        check = "Check the name without the quotes" if name[0] == name[-1] and name[0] in "\"'" else "Check the name"
        raise MissingFileError(
            f"There is no file or folder {name}. {check}; a relative path starts from the current folder."
        )
    if where.is_file():
        return [where]
    if not where.is_dir():
        advice = "Save its output as a file, and read that."
        message = f"{shown(where)} is a pipe or a device, which can't be read twice. {advice}"
        raise UnreadableFileError(message)
    os.scandir(where).close()  # fails if it can't be opened, where os.walk would skip it silently
    found = sorted(
        path for path in _all_in(where) if _is_to_read(path) and not _is_hidden(path.relative_to(where).parts)
    )
    for folder in dict.fromkeys(path.parent for path in found):
        check_not_converted(folder)
    if not found:
        message = f"The folder {shown(where)} contains no files. Put backlink exports (CSV, XLSX, JSON, ZIP) into it."
        raise MissingFileError(message)
    return found


def _is_there(where: Path) -> bool:
    """Tell whether a file or folder exists; False for text that can't be a path, such as a whole table."""
    try:
        return where.exists()
    except PermissionError:
        raise
    except (OSError, ValueError):
        return False


def _all_in(where: Path) -> Iterator[Path]:
    """Yield everything in a folder and its subfolders, also in folders elsewhere that symbolic links lead to."""
    root = Path(os.path.realpath(where))
    linked: set[Path] = set()
    for name, folders, files in os.walk(where, followlinks=True):
        folder = Path(name)
        folders.sort()  # so that it is always the same of two links to one folder that is followed
        yield from (folder / each for each in (*folders, *files))
        for each in [each for each in folders if (folder / each).is_symlink()]:
            place = Path(os.path.realpath(folder / each))
            if place in linked or place.is_relative_to(root) or root.is_relative_to(place):
                folders.remove(each)
            linked.add(place)


def _is_to_read(path: Path) -> bool:
    """Tell whether a path is a file; what is unreadable or gone counts as one, to be reported as not read."""
    try:
        if not stat.S_ISDIR(path.stat().st_mode):
            return path.is_file()
        os.scandir(path).close()
    except (FileNotFoundError, PermissionError):
        return True
    except OSError:  # a link that leads to itself
        return False
    return False


def _is_hidden(parts: Sequence[str]) -> bool:
    return parts[-1].endswith(".columns.json") or any(
        (part.startswith((".", "~$")) and part != "..") or part in {"__MACOSX", "Thumbs.db", "desktop.ini"}
        for part in parts
    )


def open_tables(
    path: Path, name: str, folder: Path, *, encoding: str | None = None, wanted: Sequence[str] = (), depth: int = 0
) -> Opened:
    """Return the tables in a file, and the members of an archive that hold none; for Parquet see `is_parquet`.

    Parameters
    ----------
    name
        What the file is called in receipts.
    folder
        Where to write what the engine can't read in place.
    encoding
        Overrides the detected encoding.
    wanted
        Headings that the user named, normalised by `folded`.

    Raises
    ------
    UnreadableFileError
        When the file holds no table; the message says what it is instead.
    """
    check_no_web_graph(name)
    start = read_start(path, name)
    found = sniff(start, name, encoding=encoding)
    if found.content in {"gzip", "zip"} and depth > _MOST_DEPTH:
        message = f"{name} is compressed more than {_MOST_DEPTH} times over. Unpack it and read what is inside."
        raise BombError(message)
    if found.content == "gzip":
        inner = _unpack_gzip(path, name, folder)
        return open_tables(inner, name, folder, encoding=encoding, wanted=wanted, depth=depth + 1)
    if found.content == "zip":
        members = _unpack_zip(path, name, folder)
        if members is None:
            return Opened(_workbook_tables(path, name, folder, wanted), [])
        return _member_tables(members, folder, encoding=encoding, wanted=wanted, depth=depth + 1)
    if found.content == "old workbook":
        return Opened(_workbook_tables(path, name, folder, wanted), [])
    if found.content == "parquet":
        message = f"{name} is a Parquet file inside a compressed file. Unpack it and read what is inside."
        raise UnreadableFileError(message)
    if found.content == "json":
        return Opened(_json_tables(path, name, folder, found.encoding), [])
    table = open_text(path, name, found.encoding, wanted=wanted, encoding_given=encoding is not None)
    tables = _markdown_tables(path, name, folder, found.encoding) if _is_in_markdown(table) else []
    return Opened(tables or [_readable(table, folder, start)], [])


def is_parquet(path: Path) -> bool:
    """Tell by its first bytes whether a file is Parquet; False if it can't be opened, as reading it reports why."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except OSError:
        return False


def _readable(table: Table, folder: Path, start: bytes) -> Table:
    """Return a table that the engine can read: the file itself, a copy in UTF-8, or rewritten record by record."""
    if not table.headed or table.skip or len(table.titles) == 1 or table.delimiter not in DELIMITERS:
        return rewrite_text(table, folder)
    if has_plain_start(start, table.encoding) and can_name(table.path):
        return table
    return recode(table, folder) or rewrite_text(table, folder)


def _member_tables(members: Iterable[tuple[Path, str]], folder: Path, **options: Any) -> Opened:  # noqa: ANN401 - passed on
    """Return the tables of all files in a zip file; as in a folder, files that hold none are left out."""
    opened = Opened([], [])
    for inner, label in members:
        try:
            tables, refused = open_tables(inner, label, folder, **options)
        except BombError:
            raise
        except UnreadableFileError as error:
            tables, refused = [], [Refused(label, error)]
        opened = Opened([*opened.tables, *tables], [*opened.refused, *refused])
    if not opened.tables:
        raise opened.refused[0].error
    return opened


def _unpack_gzip(path: Path, name: str, folder: Path) -> Path:
    with gzip.open(path, "rb") as packed:
        return _unpack(packed, name, folder, _most_unpacked(path))


def _unpack_zip(path: Path, name: str, folder: Path) -> list[tuple[Path, str]] | None:
    """Unpack a zip file; None means that it is a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                each for each in archive.infolist() if not each.is_dir() and not _is_hidden(each.filename.split("/"))
            ]
            if any(each.flag_bits & 1 for each in members):
                message = f"{name} is protected by a password. Unpack it and read what is inside."
                raise UnreadableFileError(message)
            for each in members:
                if noun := _DOCUMENTS.get(each.filename):
                    raise foreign_file(name, noun)
            if any(each.filename.startswith("xl/") or each.filename == "content.xml" for each in members):
                _check_workbook_size(archive, members, name)
                return None
            if not members:
                message = f"{name} is an empty zip file. Export it again."
                raise UnreadableFileError(message)
            return _unpack_members(archive, members, name, folder, _most_unpacked(path))
    except (*_DAMAGED, NotImplementedError, UnicodeDecodeError) as error:
        message = f"{name} begins like a zip file or workbook, but is damaged: {error}. Export or download it again."
        raise UnreadableFileError(message) from error


def _unpack_members(
    archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo], name: str, folder: Path, max_bytes: int
) -> list[tuple[Path, str]]:
    unpacked = []
    for each in members:
        label = f"{name}/{each.filename}"
        with archive.open(each) as packed:
            unpacked.append((_unpack(packed, label, folder, max_bytes), label))
        max_bytes -= unpacked[-1][0].stat().st_size
    return unpacked


def _check_workbook_size(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], name: str) -> None:
    """Refuse a workbook that would exhaust memory: it is read as a whole, and each sheet as one rectangle of cells."""
    unpacked, packed = sum(each.file_size for each in members), sum(each.compress_size for each in members)
    if unpacked > min(_MOST_WORKBOOK_BYTES, max(_SMALL_BYTES, packed * _MOST_RATIO)):
        size = f"{unpacked / 1024**2:,.0f} MB"
        message = f"{name} would unpack to {size}; no export is that large. Save the sheet as CSV and read that."
        raise BombError(message)
    for each in members:
        if each.filename.startswith("xl/worksheets/") and _corner_is_far(archive, each):
            advice = "Delete that cell, or save the sheet as CSV."
            message = f"{name} has a sheet with a filled cell far from the others. {advice}"
            raise UnreadableFileError(message)


def _corner_is_far(archive: zipfile.ZipFile, sheet: zipfile.ZipInfo) -> bool:
    """Tell whether the last row and column that a sheet declares span far more cells than an export has."""
    with archive.open(sheet) as packed:
        corner = _CORNER.search(packed.read(_CHUNK_BYTES))
    if corner is None:
        return False
    columns = functools.reduce(lambda total, letter: total * 26 + letter - ord("A") + 1, corner[1], 0)
    return columns * int(corner[2]) > _MOST_CELLS


def _most_unpacked(path: Path) -> int:
    """Return how many bytes a compressed file may unpack to."""
    return min(_MOST_UNPACKED_BYTES, max(_SMALL_BYTES, path.stat().st_size * _MOST_RATIO))


def _unpack(packed: Any, name: str, folder: Path, max_bytes: int) -> Path:  # noqa: ANN401 - gzip's and zip's readers
    """Copy a decompressed stream into `folder`, and stop when it grows as only a zip bomb does."""
    target = folder / f"unpacked-{len(list(folder.glob('unpacked-*')))}"
    try:
        with target.open("wb") as file:
            while chunk := packed.read(_CHUNK_BYTES):
                file.write(chunk)
                if file.tell() > max_bytes:
                    message = f"{name} unpacks to more than {_MOST_RATIO} times its size, which no export does."
                    raise BombError(message + " Unpack it yourself if you trust it, and read what is inside.")
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.errno is not None:
            message = f"{name} can't be unpacked: {error.strerror}. Make room on the disk, or unpack it yourself."
        else:
            message = f"{name} is damaged or cut off: {error}. Download it again."
        raise UnreadableFileError(message) from error
    return target


def _workbook_tables(path: Path, name: str, folder: Path, wanted: Sequence[str]) -> list[Table]:
    import python_calamine

    try:
        with path.open("rb") as file:
            try:
                sheets = _sheets(file)
            except python_calamine.CalamineError as error:
                if _UNKNOWN_ERROR not in str(error):
                    raise
                sheets = _sheets(_with_known_errors(file))
    except (python_calamine.CalamineError, ValueError, *_DAMAGED) as error:
        advice = "If it has a password, remove it; otherwise save the sheet as CSV."
        message = f"{name} can't be read as a workbook: {error}. {advice}"
        raise UnreadableFileError(message) from error
    filled = {sheet: records for sheet, records in sheets.items() if records}
    if not filled:
        message = f"{name} is a workbook with no filled cells. Export it again."
        raise UnreadableFileError(message)
    tables = [
        _sheet_table(records, f"{name}/{sheet}" if len(filled) > 1 else name, path, folder, wanted)
        for sheet, records in filled.items()
    ]
    return [table for table in tables if not _holds_notes(table, wanted)] or tables


def _sheets(file: BinaryIO) -> dict[str, list[Record]]:
    import python_calamine

    with python_calamine.CalamineWorkbook.from_filelike(file) as workbook:
        return {each: _sheet_records(workbook.get_sheet_by_name(each)) for each in workbook.sheet_names}


def _with_known_errors(file: BinaryIO) -> BinaryIO:
    """Copy a workbook with every cell error replaced by #N/A, one of Excel's own, so that it is read as a blank cell.

    Google Sheets writes #ERROR!, which Excel does not have, where text was taken for a formula, such as an anchor that
    begins with =.
    """
    copy = io.BytesIO()
    with zipfile.ZipFile(file) as given, zipfile.ZipFile(copy, "w") as mended:
        for each in given.namelist():
            content = given.read(each)
            mended.writestr(each, _CELL_IN_ERROR.sub(rb"\1#N/A", content) if "worksheets/" in each else content)
    copy.seek(0)
    return copy


def _holds_notes(table: Table, wanted: Sequence[str]) -> bool:
    """Tell whether a sheet only holds notes, one cell per row, so that nobody would miss it as a table."""
    return (
        len(table.titles) == 1 and folded(table.titles[0]) not in wanted and not recognise(table.titles, table.sample)
    )


def _sheet_records(sheet: Any) -> list[Record]:  # noqa: ANN401 - calamine's sheet
    """Return the rows of a sheet that have a filled cell."""
    first = sheet.start[0] + 1 if sheet.start else 1
    rows = ([_cell_text(cell) for cell in row] for row in sheet.to_python())
    return [Record(row, line, 1) for line, row in enumerate(rows, start=first) if any(row)]


def _sheet_table(records: Sequence[Record], name: str, path: Path, folder: Path, wanted: Sequence[str]) -> Table:
    position, score = find_heading_row(records, wanted)
    if not score:
        records = _split_lines(records, wanted)
        position, score = find_heading_row(records, wanted)
    if score or looks_like_heading(records):
        return _table_of(records[position].cells, records[position + 1 :], name, path, folder, WORKBOOK)
    return _table_of(numbered_titles(records), records, name, path, folder, WORKBOOK)


def _split_lines(records: Sequence[Record], wanted: Sequence[str]) -> Sequence[Record]:
    """Split records whose cells hold whole lines of CSV, as left by a spreadsheet that splits at another delimiter."""
    for delimiter in (",", ";"):
        split = [split_lines(record, delimiter) for record in records]
        if find_heading_row(split, wanted)[1] > 1:
            return split
    return records


def _table_of(
    titles: Sequence[str], records: Sequence[Record], name: str, path: Path, folder: Path, encoding: str
) -> Table:
    """Write records into `folder` as CSV, and return the table that reads them."""
    sample = tuple(tuple(record.cells) for record in records[:SAMPLE_RECORDS])
    table = Table(file=name, path=path, encoding=encoding, delimiter="", titles=tuple(titles), sample=sample)
    return rewrite(table, records, folder)


def _cell_text(cell: object) -> str:
    """Return a value from a workbook or JSON as the text that a CSV export would have for it."""
    if isinstance(cell, str):
        return cell if cell.isascii() else cell.encode("utf-8", errors="replace").decode("utf-8")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime | dt.date):
        return cell.isoformat()
    if isinstance(cell, list):
        return ";".join(map(_cell_text, cell))
    return "" if cell is None else str(cell)


def _is_in_markdown(table: Table) -> bool:
    """Tell whether a record is the rule of dashes of a Markdown table.

    In a recognised export with another delimiter than a bar, it is not: there, strangers write the texts in its cells.
    """
    ruled = any(is_rule(cells_of(table.delimiter.join(cells))) for cells in table.sample)
    return ruled and (table.delimiter == "|" or recognise(table.titles, table.sample) is None)


def _markdown_tables(path: Path, name: str, folder: Path, encoding: str) -> list[Table]:
    with path.open(encoding=encoding, errors="replace") as file:
        found = tables_in(file)
    return [
        _table_of(
            heading.cells,
            [Record(row.cells, row.line, 1) for row in rows],
            f"{name}/table {number}" if len(found) > 1 else name,
            path,
            folder,
            f"{encoding}, Markdown",
        )
        for number, (heading, *rows) in enumerate(found, start=1)
    ]


def _json_tables(path: Path, name: str, folder: Path, encoding: str) -> list[Table]:
    try:
        lists = _lists(_with_heading(_parse_json(path, encoding)))
        flat = {place: [dict(flat_cells(item)) for item in items] for place, items in lists.items()}
    except (ValueError, RecursionError) as error:
        problem = "it is nested too deeply" if isinstance(error, RecursionError) else error
        message = f"{name} begins like JSON, but can't be read: {problem}. It may be cut off: save the answer again."
        raise UnreadableFileError(message) from error
    if not flat:
        message = f"{name} is JSON without a list of backlinks. Save the whole answer of the service, with its items."
        raise UnreadableFileError(message)
    if all(map(_is_text, itertools.chain.from_iterable(lists.values()))):
        text = shown(next(iter(lists.values()))[0]["text"])[:_SHOWN_CHARACTERS]
        message = f"{name} is a tool's answer with text but no list: {text}. Save that text as a file, and read it."
        raise UnreadableFileError(message)
    return [
        _json_table(rows, f"{name}/{_label(place)}" if len(flat) > 1 else name, path, folder, encoding)
        for place, rows in flat.items()
    ]


def _label(place: Sequence[str]) -> str:
    return "/".join(part for part in place if part != "[]")


def _json_table(flat: Sequence[dict[str, str]], name: str, path: Path, folder: Path, encoding: str) -> Table:
    titles = list(dict.fromkeys(itertools.chain.from_iterable(flat)))
    rows = [Record([row.get(title, "") for title in titles], number, 1) for number, row in enumerate(flat, start=1)]
    return _table_of(titles, rows, name, path, folder, f"{encoding}, JSON")


def _parse_json(path: Path, encoding: str) -> object:
    text = path.read_text(encoding=encoding, errors="replace")
    try:
        return json.loads(text)
    except ValueError as error:
        try:
            return [json.loads(line) for line in text.split("\n") if line.strip()]
        except ValueError:
            raise error from None


def _with_heading(answer: object) -> object:
    """Return a JSON array of nothing but strings, as programs write domains or URLs, as objects with a heading."""
    if not isinstance(answer, list) or not all(isinstance(item, str) for item in answer):
        return answer
    return [{"domain": item} for item in answer]


def _lists(answer: object) -> dict[tuple[str, ...], list[dict[str, object]]]:
    """Return the lists of objects in a JSON answer by their path in it, those of several tasks or pages joined.

    The best path is the one whose first object has most headings that are known from reports; of equals, the one with
    most objects. Other paths are returned, too, if they have known headings and neither contain the best nor lie in it.
    """
    lists: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for place, found in _object_lists(answer, ()):
        lists.setdefault(place, []).extend(found)
    if not lists:
        return {}
    scores = {place: known_heading_score(list(found[0])) for place, found in lists.items()}
    best = max(lists, key=lambda place: (scores[place], len(lists[place])))
    return {
        place: found
        for place, found in lists.items()
        if place == best or (scores[place] and place[: len(best)] != best and best[: len(place)] != place)
    }


def _object_lists(part: object, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[dict[str, object]]]]:
    if isinstance(part, dict):
        only = part.keys() == {"result"} and isinstance(part["result"], str)  # FastMCP's wrapping of a tool's answer
        for key, value in part.items():
            if not (key == "content" and part.get("structuredContent")):  # both hold the same answer
                yield from _object_lists(_answer_in(str(value)) if only else value, (*place, str(key)))
    elif isinstance(part, list):
        items = [_answer_in(item["text"]) or item if _is_text(item) else item for item in part]
        objects = [item for item in items if isinstance(item, dict)]
        if objects:
            yield place, objects
        for item in items:
            yield from _object_lists(item, (*place, "[]"))


def _is_text(item: object) -> bool:
    """Tell whether an item is a block of text, of which the answers of a language model's tools consist."""
    keys = {"type", "text", "annotations", "_meta"}
    return isinstance(item, dict) and item.keys() <= keys and isinstance(item.get("text"), str) and "type" in item


def _answer_in(text: str) -> object:
    """Parse a text as JSON, in which language models' tools pass on the answer of a service; None if it is not JSON.

    Texts of links are never parsed: strangers write them.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def flat_cells(item: dict[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the heading and the text of each cell of a JSON object; the keys of nested objects are joined by dots."""
    for key, value in item.items():
        if isinstance(value, dict):
            yield from flat_cells(value, f"{prefix}{key}.")
        else:
            yield _cell_text(prefix + key), _cell_text(value)
