"""Exports the prospects: CSV, XLSX, Parquet, JSON, and sheets for outreach tools.

A file is written completely or not at all. Anchors and addresses are untrusted text: no spreadsheet will run them.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any, Literal, get_args

from linkgap.cells import Field, fields_of, home_page, is_page, neutralised, records_of, rows_of, without_controls
from linkgap.drafts import check_place, whole_file
from linkgap.errors import (
    InvalidArgumentError,
    check_kind,
    counted,
    in_words,
    is_number,
)
from linkgap.gap.tactics import HOW_TO_WIN
from linkgap.paths import path_of
from linkgap.schema import PAGE_CHECKS, PROSPECTS, RECEIPTS, Column, metric_name
from linkgap.workbook import check_rows, write_workbook

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from linkgap.cells import Row, Show, Value
    from linkgap.gap.membership import Gap
    from linkgap.gap.referring import Question
    from linkgap.gap.scoring import Prospects

Preset = Literal["pitchbox", "outreach"]

PRESETS: tuple[Preset, ...] = get_args(Preset)
_SUFFIXES = (".csv", ".json", ".parquet", ".xlsx")
_PRESET_SUFFIXES = (".csv", ".xlsx")


def export_prospects(
    prospects: Prospects,
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
        When `prospects` is something else, the suffix, the preset or `top` is not allowed, or a sheet can't hold that
        many rows.
    FileExistsAlreadyError
        When the file exists and `overwrite` is False.
    MissingFileError
        When the folder does not exist.
    UnwritableFileError
        When the file can't be written; what was there before is untouched.

    Notes
    -----
    JSON and Parquet hold texts as they are. In CSV, text that a spreadsheet would run gets an apostrophe in front, also
    after a semicolon, tab or line break, where a spreadsheet with another list separator would begin a cell. In XLSX
    text is stored as text. From CSV and XLSX, control characters are removed; XLSX cells end at 32,767 characters.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import linkgap as lg
    >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    >>> prospects = lg.rank_prospects(gap)
    >>> with TemporaryDirectory() as folder:
    ...     path = lg.export_prospects(prospects, f"{folder}/best.csv", preset="outreach", top=3)
    ...     print(path.name, len(path.read_text(encoding="utf-8-sig").splitlines()))
    best.csv 4
    """
    from linkgap.gap.scoring import Prospects

    target = check_target(path, preset=preset, overwrite=overwrite)
    check_kind(prospects, Prospects, "prospects", "prospects, as rank_prospects returns them")
    frame = prospects.frame if top is None else prospects.top(_checked_top(top))
    if target.suffix.lower() == ".xlsx":
        check_rows(len(frame), "prospects", instead="Export .csv or .parquet, or only the best with top=.")
    fields = _fields(prospects, frame, preset)
    with whole_file(target, overwrite=overwrite) as draft:
        match target.suffix.lower():
            case ".csv":
                # Pitchbox would take a byte order mark for part of the first heading.
                write_csv(fields, draft, encoding="utf-8" if preset == "pitchbox" else "utf-8-sig")
            case ".json":
                _write_json(prospects, fields, draft)
            case ".parquet":
                _write_parquet(fields, draft)
            case ".xlsx":
                write_workbook(prospects, fields, draft, explained=preset is None)
    return target


def check_target(path: str | os.PathLike[str], *, preset: Preset | None = None, overwrite: bool = False) -> Path:
    """Check a path and a preset as `export_prospects` does, but before long work, and return the path.

    Raises
    ------
    InvalidArgumentError
        When the suffix or the preset is not allowed.
    FileExistsAlreadyError
        When the file exists and `overwrite` is False.
    MissingFileError
        When the folder does not exist.

    Examples
    --------
    >>> check_target("prospects.csv", preset="outreach", overwrite=True).name
    'prospects.csv'
    """
    target = path_of(path)
    _check_kind(target, preset)
    check_place(target, overwrite=overwrite)
    return target


def _check_kind(target: Path, preset: Preset | None) -> None:
    suffix = target.suffix.lower()
    stem = target.name.partition(".")[0] or "prospects"
    if preset is not None and preset not in PRESETS:
        raise InvalidArgumentError(
            f"{preset!r} is not a preset. Allowed: {in_words(PRESETS)}. Leave preset out for all columns."
        )
    if suffix not in _SUFFIXES:
        came = f"ends in {target.suffix}" if suffix else "has no suffix"
        named = target.name or target
        raise InvalidArgumentError(f"{named} {came}. Allowed: {in_words(_SUFFIXES)}. Name the file {stem}.xlsx.")
    if preset and suffix not in _PRESET_SUFFIXES:
        raise InvalidArgumentError(
            f"preset={preset!r} makes a sheet, which {suffix} is not. Allowed: {in_words(_PRESET_SUFFIXES)}. "
            f"Name the file {stem}.csv, or leave preset out."
        )


def _checked_top(top: int) -> int:
    if not is_number(top, whole=True) or top < 1:
        raise InvalidArgumentError(
            f"top={top!r} is not a number of prospects. Allowed: a whole number of 1 or more, or None for all."
        )
    return int(top)


PRESET_COLUMNS: dict[Preset, dict[str, tuple[Show, str]]] = {
    "pitchbox": {
        "Partner URL": ("page", "partner_page"),
        "Partner Category": ("text", "partner_category"),
        "Contact Email": ("text", ""),
        "Contact Name": ("text", ""),
        "Company": ("text", ""),
        "Link Type": ("text", ""),
    },
    "outreach": {
        "Domain": ("host", "domain"),
        "Page to mention": ("page", "sample_url"),
        "Links to rivals": ("text", "linked_rivals"),
        "Anchor seen": ("text", "sample_anchor"),
        "Authority": ("number", "authority"),
        "Metric": ("text", "metric"),
        "Evidence": ("word", "evidence"),
        "Relation": ("word", "relation"),
        "Why": ("sentence", "why"),
        "Tactic": ("word", "tactic"),
        "How to win it": ("sentence", "how"),
        "Status": ("text", ""),
        "Contact name": ("text", ""),
        "Contact email": ("text", ""),
        "Date contacted": ("date", ""),
        "Note": ("text", ""),
    },
}
"""From heading to how its column is shown and which value it holds; one without a value is for the user to fill in.

Pitchbox's headings are those of its partner import (help.pitchbox.com, article 252).
"""
_ABSENCE_CLAUSES = {
    "lost": "and no longer to",
    "proven": "but not to",
    "likely": "but most likely not to",
    "unverified": "but, as far as the lists show, not to",
}
_FOLLOWED_ABSENCE_CLAUSES = {
    "lost": "and, after losing a link, has no followed one to",
    "proven": "but has no followed link to",
    "likely": "but most likely has no followed link to",
    "unverified": "but, as far as the lists show, has no followed link to",
}
"""For gaps in which only followed links count: the domain may have a link to the site that is not followed."""


def _fields(prospects: Prospects, frame: pd.DataFrame, preset: Preset | None) -> list[Field]:
    rivals = (Column(rival, "boolean", f"whether it links to {rival}") for rival in prospects.gap.rivals)
    every = fields_of(frame, (*PAGE_CHECKS, *PROSPECTS, *rivals))
    if preset is None:
        return every
    rows = [{**row, **_outreach_values(row, prospects.gap)} for row in records_of(every)]
    return [
        Field(Column(heading, "text", ""), heading, show, [row.get(name) for row in rows])
        for heading, (show, name) in PRESET_COLUMNS[preset].items()
    ]


def _outreach_values(row: Row, gap: Gap) -> Row:
    linked = [rival for rival in gap.rivals if row[rival]]
    page, domain, is_lost = row["sample_url"], row["domain"], row["relation"] == "lost"
    clauses = _FOLLOWED_ABSENCE_CLAUSES if gap.question.follow_only else _ABSENCE_CLAUSES
    absence = clauses["lost" if is_lost else str(row["evidence"])]
    caution = f" Check first: {row['risk_reasons']}." if row["risk_reasons"] else ""
    links = "Links" if gap.question.live_only else "Links, or linked,"
    return {
        "linked_rivals": ", ".join(linked),
        "partner_category": "Lost link" if is_lost else "Link gap",
        "partner_page": page if is_page(page) else home_page(domain) or domain,
        "metric": metric_name(str(row["authority_metric"] or "")),
        "how": HOW_TO_WIN.get(str(row["tactic"]), ""),
        "why": f"{links} to {len(linked)} of {counted(len(gap.rivals), 'rival')}, {absence} {gap.site}.{caution}",
    }


def write_csv(fields: Sequence[Field], draft: Path, *, encoding: str) -> None:
    """Write a table as CSV in which no text is a formula."""
    with draft.open("x", encoding=encoding, newline="") as file:
        lines = csv.writer(file, lineterminator="\r\n")
        lines.writerow(_csv_cell(field.column.name) for field in fields)
        lines.writerows(map(_csv_cell, row) for row in rows_of(fields))


def _csv_cell(value: Value) -> Value:
    if isinstance(value, str):
        return neutralised(without_controls(value))
    return str(value).lower() if isinstance(value, bool) else value


def _write_json(prospects: Prospects, fields: Sequence[Field], draft: Path) -> None:
    head = {
        "site": prospects.gap.site,
        "rivals": list(prospects.gap.rivals),
        "question": _question(prospects.gap.question),
        "settings": dict(prospects.settings),
        "formula": prospects.formula,
        "weights": dict(prospects.weights),
        "notes": list(prospects.notes),
        "receipts": list(records_of(fields_of(prospects.gap.links.receipts, RECEIPTS))),
    }
    with draft.open("x", encoding="utf-8", newline="\n", errors="backslashreplace") as file:
        file.write("{\n")
        file.writelines(f'"{name}": {_json(value)},\n' for name, value in head.items())
        file.write('"prospects": [\n')
        file.write(",\n".join(map(_json, records_of(fields))))
        file.write("\n]\n}\n")


def _question(question: Question) -> dict[str, Any]:
    """Return the question without its sites: the options of `find_gap` and `Gap.where`."""
    asked = {name: getattr(question, name) for name in ("min_rivals", "live_only", "follow_only", "level")}
    return asked | {name: sorted(getattr(question, name)) for name in ("own", "present", "absent")}


def _json(value: object) -> str:
    """Write a value as JSON, days as `2026-01-31`, NaN and infinities as null."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:
        plain = json.loads(json.dumps(value, default=str), parse_constant=lambda _: None)
        return json.dumps(plain, ensure_ascii=False, allow_nan=False)


_PARQUET_TYPES = {
    "text": "string",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "date": "datetime64[us]",
}
"""Given explicitly, because a column of only nulls would have no type of its own."""


def _write_parquet(fields: Sequence[Field], draft: Path) -> None:
    import pandas as pd

    from linkgap.engine import Engine

    columns = {
        field.column.name: pd.Series(list(field.cells), dtype=_PARQUET_TYPES[field.column.type]) for field in fields
    }
    Engine().write_parquet(pd.DataFrame(columns), draft)
