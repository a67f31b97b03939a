"""From what the user points at to tables of text: folders, packed files, workbooks, JSON."""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
import json
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from linkgap.errors import MissingFileError, UnreadableFileError
from linkgap.loaders.decoding import Sniffed, read_start, sniff
from linkgap.loaders.tables import Record, Table, find_heading_row, has_plain_start, open_text, rewrite, rewrite_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_MOST_UNPACKED_BYTES = 64 * 1024**3
_MOST_WORKBOOK_BYTES = 2 * 1024**3
_MOST_RATIO = 200
_SMALL_BYTES = 64 * 1024**2
_CHUNK_BYTES = 1024**2
_MOST_DEPTH = 3


def find_files(where: Path) -> list[Path]:
    """Return the file, or all files of a folder and the folders in it, sorted; hidden ones are passed over.

    Raises
    ------
    MissingFileError
        When there is nothing at `where`, or a folder holds no files.
    """
    if not where.exists():
        message = f"There is no file or folder {where}. Check the name; a relative one starts from the folder you work in."
        raise MissingFileError(message)
    if not where.is_dir():
        return [where]
    found = sorted(path for path in where.rglob("*") if path.is_file() and not _is_hidden(path.relative_to(where).parts))
    if not found:
        message = f"The folder {where} holds no files. Put backlink exports (CSV, XLSX, JSON, ZIP) into it."
        raise MissingFileError(message)
    return found


def _is_hidden(parts: Sequence[str]) -> bool:
    return parts[-1].endswith(".columns.json") or any(part.startswith((".", "~$")) or part in {"__MACOSX", "Thumbs.db", "desktop.ini"} for part in parts)


def open_tables(
    path: Path, name: str, folder: Path, *, encoding: str | None = None, wanted: Sequence[str] = (), depth: int = 0
) -> list[Table]:
    """Return the tables in a file; a Parquet file is none of them, see `is_parquet`.

    Parameters
    ----------
    name
        What the file is called in receipts.
    folder
        Where to write what can't be read in place.
    encoding
        Overrides what the bytes say.
    wanted
        Headings that the user named, folded.

    Raises
    ------
    UnreadableFileError
        When the file holds no table, with what it is instead.
    """
    start = read_start(path)
    found = sniff(start, name, encoding=encoding)
    if found.content in {"gzip", "zip"} and depth > _MOST_DEPTH:
        message = f"{name} is packed more than {_MOST_DEPTH} times over. Unpack it and read what is inside."
        raise UnreadableFileError(message)
    if found.content == "gzip":
        inner = _unpack_gzip(path, name, folder)
        return open_tables(inner, name, folder, encoding=encoding, wanted=wanted, depth=depth + 1)
    if found.content == "zip":
        members = _unpack_zip(path, name, folder)
        if members is None:
            return _workbook_tables(path, name, folder, wanted)
        options: dict[str, Any] = {"encoding": encoding, "wanted": wanted, "depth": depth + 1}
        return [table for inner, label in members for table in open_tables(inner, label, folder, **options)]
    if found.content == "old workbook":
        return _workbook_tables(path, name, folder, wanted)
    return [_text_table(path, name, folder, start, found, wanted)]


def is_parquet(path: Path) -> bool:
    """Tell whether a file is in Parquet, by its first bytes."""
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _text_table(path: Path, name: str, folder: Path, start: bytes, found: Sniffed, wanted: Sequence[str]) -> Table:
    if found.content == "json":
        return _json_table(path, name, folder, found.encoding)
    table = open_text(path, name, found.encoding, wanted=wanted)
    return table if table.headed and has_plain_start(start, found.encoding) else rewrite_text(table, folder)


def _unpack_gzip(path: Path, name: str, folder: Path) -> Path:
    with gzip.open(path, "rb") as packed:
        return _unpack(packed, name, folder, path.stat().st_size)


def _unpack_zip(path: Path, name: str, folder: Path) -> list[tuple[Path, str]] | None:
    """Unpack a zip file; None says that it is a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if not each.is_dir() and not _is_hidden(each.filename.split("/"))]
            if any(each.filename.startswith("xl/") for each in members):
                _check_workbook_size(members, name)
                return None
            if any(each.flag_bits & 1 for each in members):
                message = f"{name} is protected by a password. Unpack it and read what is inside."
                raise UnreadableFileError(message)
            if not members:
                message = f"{name} is an empty zip file. Export it again."
                raise UnreadableFileError(message)
            return [(_unpack_member(archive, each, name, folder), f"{name}/{each.filename}") for each in members]
    except (zipfile.BadZipFile, NotImplementedError) as error:
        message = f"{name} begins like a zip file or workbook, but is damaged: {error}. Export or download it again."
        raise UnreadableFileError(message) from error


def _unpack_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, folder: Path) -> Path:
    with archive.open(member) as packed:
        return _unpack(packed, f"{name}/{member.filename}", folder, member.compress_size)


def _check_workbook_size(members: Iterable[zipfile.ZipInfo], name: str) -> None:
    if sum(each.file_size for each in members) > _MOST_WORKBOOK_BYTES:
        message = f"{name} would unpack to more than 2 GB; no export is as large. Save the sheet as CSV and read that."
        raise UnreadableFileError(message)


def _unpack(packed: Any, name: str, folder: Path, packed_bytes: int) -> Path:  # noqa: ANN401 - gzip's and zip's readers
    """Copy a packed stream into `folder`, and stop when it grows as only a zip bomb does."""
    target = folder / f"unpacked-{len(list(folder.glob('unpacked-*')))}"
    most = min(_MOST_UNPACKED_BYTES, max(_SMALL_BYTES, packed_bytes * _MOST_RATIO))
    try:
        with target.open("wb") as file:
            while chunk := packed.read(_CHUNK_BYTES):
                file.write(chunk)
                if file.tell() > most:
                    message = f"{name} unpacks to more than {most / 1024**2:,.0f} MB from {packed_bytes:,} bytes: no export does."
                    raise UnreadableFileError(message + " Unpack it yourself if you trust it, and read what is inside.")
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        message = f"{name} is damaged or cut off: {error}. Download it again."
        raise UnreadableFileError(message) from error
    return target


def _workbook_tables(path: Path, name: str, folder: Path, wanted: Sequence[str]) -> list[Table]:
    import python_calamine

    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            sheets = {sheet: workbook.get_sheet_by_name(sheet).to_python() for sheet in workbook.sheet_names}
    except (python_calamine.CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        message = f"{name} can't be read as a workbook: {error}. If it has a password, take it off; else save the sheet as CSV."
        raise UnreadableFileError(message) from error
    several = sum(bool(rows) for rows in sheets.values()) > 1
    return [
        _sheet_table(rows, f"{name}/{sheet}" if several else name, path, folder, wanted)
        for sheet, rows in sheets.items()
        if rows
    ]


def _sheet_table(rows: Sequence[Sequence[object]], name: str, path: Path, folder: Path, wanted: Sequence[str]) -> Table:
    cells = ([_cell_text(cell) for cell in row] for row in rows)
    records = [Record(row, line, 1) for line, row in enumerate(cells, start=1) if any(row)]
    position, _ = find_heading_row(records, wanted)
    return _table_of(records[position:], name, path, folder, "workbook")


def _table_of(records: Sequence[Record], name: str, path: Path, folder: Path, encoding: str) -> Table:
    """Write records, the first of which is the heading, as a table."""
    titles = tuple(records[0].cells) if records else ()
    sample = tuple(tuple(record.cells) for record in records[1:200])
    table = Table(file=name, path=path, encoding=encoding, delimiter="", titles=titles, sample=sample)
    return rewrite(table, records[1:], folder)


def _cell_text(cell: object) -> str:
    """Write a workbook's or JSON's value as an export in CSV would."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime | dt.date):
        return cell.isoformat()
    if isinstance(cell, list):
        return ";".join(map(_cell_text, cell))
    return str(cell)


def _json_table(path: Path, name: str, folder: Path, encoding: str) -> Table:
    items = _longest_list(_parse_json(path, name, encoding))
    if not items:
        message = f"{name} is JSON without a list of backlinks. Save the whole answer of the service, with its items."
        raise UnreadableFileError(message)
    flat = [dict(_flat(item)) for item in items]
    titles = list(dict.fromkeys(itertools.chain.from_iterable(flat)))
    rows = (Record([row.get(title, "") for title in titles], number, 1) for number, row in enumerate(flat, start=1))
    return _table_of([Record(titles, 0, 1), *rows], name, path, folder, f"{encoding}, JSON")


def _parse_json(path: Path, name: str, encoding: str) -> object:
    text = path.read_text(encoding=encoding, errors="replace")
    try:
        return json.loads(text)
    except RecursionError:
        problem = "it is nested too deeply"
    except ValueError as error:
        try:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            problem = str(error)
    message = f"{name} begins like JSON, but can't be read: {problem}. It may be cut off: save the answer again."
    raise UnreadableFileError(message)


def _longest_list(answer: object) -> list[dict[str, object]]:
    """Return the items of all lists that stand where the longest list of objects stands, tasks and pages joined."""
    lists: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for place, found in _object_lists(answer, ()):
        lists.setdefault(place, []).extend(found)
    return max(lists.values(), key=lambda found: (len(found), len(found[0])), default=[])


def _object_lists(part: object, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[dict[str, object]]]]:
    if isinstance(part, dict):
        for key, value in part.items():
            yield from _object_lists(value, (*place, str(key)))
    elif isinstance(part, list):
        objects = [item for item in part if isinstance(item, dict)]
        if objects:
            yield place, objects
        for item in part:
            yield from _object_lists(item, (*place, "[]"))


def _flat(item: dict[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in item.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + str(key), _cell_text(value)

