"""Exports what changed between two states of the links: CSV and XLSX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from linkgap.cells import Field, fields_of
from linkgap.drafts import check_place, whole_file
from linkgap.errors import InvalidArgumentError, check_kind, in_words
from linkgap.export import write_csv
from linkgap.paths import path_of
from linkgap.schema import CHANGED_GAPS, CHANGED_LINKS, CHANGED_OUTREACH, CHANGED_SITES, Column
from linkgap.workbook import check_rows, write_sheets

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from linkgap.gap.changes import Changes

Part = Literal["links", "gaps", "ranks", "sites", "outreach"]

PARTS: tuple[Part, ...] = get_args(Part)
_SUFFIXES = (".csv", ".xlsx")
_NOTE = Column("note", "text", "what was asked and found, what was left out, or what can't be known")
_COLUMNS: dict[Part, tuple[Column, ...]] = {
    "sites": CHANGED_SITES,
    "links": CHANGED_LINKS,
    "gaps": CHANGED_GAPS,
    "ranks": CHANGED_GAPS,
    "outreach": CHANGED_OUTREACH,
}


def export_changes(
    changes: Changes, path: str | os.PathLike[str], *, part: Part | None = None, overwrite: bool = False
) -> Path:
    """Write what changed to a file for a spreadsheet.

    What stayed as it was is only counted, in the part `"sites"`, and left out of the others.

    Parameters
    ----------
    changes
        As `compare_links` returns them.
    path
        Its suffix decides: `.xlsx` (a sheet per part, and one with the notes) or `.csv` (one part).
    part
        Which part a `.csv` gets: `"links"` (new, lost and unverified ones), `"gaps"` (new, closed and unverified ones),
        `"ranks"` (prospects that changed places), `"sites"` or `"outreach"`. None takes the links. A `.xlsx` has them
        all.
    overwrite
        Whether an existing file may be replaced.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InvalidArgumentError
        When `changes` is something else, the suffix or the part is not allowed, no outreach was compared, or a sheet
        can't hold that many rows.
    FileExistsAlreadyError
        When the file exists and `overwrite` is False.
    MissingFileError
        When the folder does not exist.
    UnwritableFileError
        When the file can't be written; what was there before is untouched.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import linkgap as lg
    >>> links = lg.read_links(lg.sample_exports())
    >>> changes = lg.compare_links(links, links, site="oakdesk.example")
    >>> with TemporaryDirectory() as folder:
    ...     path = lg.export_changes(changes, f"{folder}/sites.csv", part="sites")
    ...     len(path.read_text(encoding="utf-8-sig").splitlines())
    6
    """
    from linkgap.gap.changes import Changes

    target = check_changes_target(path, part=part, overwrite=overwrite)
    check_kind(changes, Changes, "changes", "changes, as compare_links returns them")
    if part == "outreach" and changes.outreach is None:
        raise InvalidArgumentError(
            "No outreach was compared. Pass outreach=open_outreach(...) to compare_links, or name another part."
        )
    is_sheet = target.suffix.lower() == ".csv"
    wanted: tuple[Part, ...] = (part or "links",) if is_sheet else tuple(_COLUMNS)
    tables = {name: table for name in wanted if (table := table_of(changes, name)) is not None}
    fields = {name: fields_of(table, _COLUMNS[name]) for name, table in tables.items()}
    with whole_file(target, overwrite=overwrite) as draft:
        if is_sheet:
            write_csv(fields[wanted[0]], draft, encoding="utf-8-sig")
        else:
            for name, table in tables.items():
                check_rows(len(table), f"rows of the part {name!r}", instead="Export each part as .csv, with part=.")
            notes = [Field(_NOTE, "Note", "sentence", list(_note_lines(changes)))]
            sheets = {name.capitalize(): columns for name, columns in fields.items()} | {"Notes": notes}
            write_sheets(sheets, draft, title=f"Changes for {changes.site}")
    return target


def _note_lines(changes: Changes) -> Iterator[str]:
    """Yield the sheet of notes: the finding, the gap of either state, and the notes."""
    yield f"{changes!r}."
    yield f"Before: {changes.before.gap!r}."
    yield f"After: {changes.after.gap!r}."
    yield from changes.notes


def check_changes_target(path: str | os.PathLike[str], *, part: Part | None = None, overwrite: bool = False) -> Path:
    """Check a path and a part as `export_changes` does, but before long work, and return the path.

    Raises
    ------
    InvalidArgumentError
        When the suffix or the part is not allowed.
    FileExistsAlreadyError
        When the file exists and `overwrite` is False.
    MissingFileError
        When the folder does not exist.

    Examples
    --------
    >>> check_changes_target("changes.csv", part="gaps", overwrite=True).name
    'changes.csv'
    """
    target = path_of(path)
    suffix, stem = target.suffix.lower(), target.name.partition(".")[0] or "changes"
    if suffix not in _SUFFIXES:
        came = f"ends in {target.suffix}" if suffix else "has no suffix"
        named = target.name or target
        raise InvalidArgumentError(f"{named} {came}. Allowed: {in_words(_SUFFIXES)}. Name the file {stem}.xlsx.")
    if part is not None and part not in PARTS:
        raise InvalidArgumentError(f"part={part!r} is not known. Allowed: {in_words(PARTS)}. None writes the links.")
    if part is not None and suffix == ".xlsx":
        raise InvalidArgumentError(f"part={part!r} is for a .csv: an .xlsx has all parts. Name the file {stem}.csv.")
    check_place(target, overwrite=overwrite)
    return target


def table_of(changes: Changes, part: Part) -> pd.DataFrame | None:
    """Return the rows of one part that changed, as a file holds them; None for the outreach if none was compared."""
    match part:
        case "links":
            return changes.frame[changes.frame["change"] != "kept"]
        case "gaps":
            return changes.gaps[changes.gaps["change"] != "open"]
        case "ranks":
            return changes.ranks
        case "sites":
            return changes.sites
    return changes.outreach
