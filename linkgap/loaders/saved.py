"""Links written into one Parquet file with their receipts, and read back."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from linkgap.domains import parse_site
from linkgap.drafts import check_place, whole_file
from linkgap.engine import Engine, Tables, can_name, literal, quoted
from linkgap.errors import InvalidArgumentError, UnreadableFileError, in_words, shown
from linkgap.loaders.exporters import REPORTS
from linkgap.loaders.reading import Source
from linkgap.loaders.reports import Report
from linkgap.loaders.tables import FILE, Table
from linkgap.schema import LINKS, RECEIPTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from linkgap.loaders.receipts import Receipt

_KEY = "linkgap"
_ADDED_LATER = ("floor_metric",)
"""Columns of receipts that files saved by an older linkgap lack; they are computed again."""


class Saved(NamedTuple):
    """What a saved file holds besides the links."""

    sites: list[str]
    receipts: list[dict[str, Any]]


def save_links(engine: Engine, query: str, receipts: Sequence[Receipt], sites: Sequence[str], path: Path) -> Path:
    """Write the links of a query and the receipts as one Parquet file, whole or not at all.

    Raises
    ------
    InvalidArgumentError, MissingFileError
        When the file can't have that name, or there is no such folder.
    UnwritableFileError
        When there is no disk space for it, or no permission to write into the folder.
    """
    if path.suffix != ".parquet" or not can_name(path):
        name = shown(path.name)
        message = f"{name} is not a name for saved links. Allowed: file names in UTF-8 that end in .parquet."
        raise InvalidArgumentError(message)
    check_place(path, overwrite=True)
    about = json.dumps({"sites": list(sites), "receipts": list(receipts)}, default=dt.date.isoformat)
    with whole_file(path, overwrite=True) as draft:
        engine.copy_to_parquet(query, draft, about={_KEY: about})
    return path


def read_saved(engine: Engine, path: Path) -> Saved | None:
    """Return what `save_links` wrote besides the links; None for any other Parquet file.

    Raises
    ------
    UnreadableFileError
        When that is damaged or incomplete.
    """
    about = engine.parquet_about(path).get(_KEY)
    if not about:
        return None
    try:
        kept = Saved(**json.loads(about))
        missing = {column.name for column in RECEIPTS}.difference(_ADDED_LATER, *kept.receipts)
        for receipt in kept.receipts:
            receipt["exported_at"] = _day(receipt.get("exported_at"))
    except (ValueError, TypeError, AttributeError):
        missing = {"sites", "receipts"}
    if missing:
        message = f"{path.name} was saved by linkgap, but lacks {in_words(missing)}. Read the exports and save again."
        raise UnreadableFileError(message)
    return kept


def _day(written: str | None) -> dt.date | None:
    return dt.date.fromisoformat(written[:10]) if written else None


def saved_sources(engine: Engine, view: str, kept: Saved, path: Path, number: int) -> list[Source]:
    """Return a source for each file whose links a saved file holds, with the receipt it had."""
    names = {column.name: column.name for column in LINKS}
    columns = {**names, "source_domain": "source_host"}
    receipts = dict(enumerate((each for each in kept.receipts if each["provider"]), start=number))
    numbered = add_file_numbers(engine, view, receipts)
    metrics = dict(engine.rows(f"SELECT {quoted(FILE)}, max(authority_metric) FROM {numbered} GROUP BY ALL"))
    sources = []
    for place, receipt in receipts.items():
        own = f"{view}_{place}"
        where = f"file = {literal(receipt['file'])} AND provider = {literal(receipt['provider'])}"
        engine.run(f"CREATE VIEW {own} AS SELECT * FROM {view} WHERE {where}")
        known = _report(receipt["provider"], receipt["report"])
        report = replace(known, columns=columns, authority_metric=metrics.get(place))
        table = Table(receipt["file"], path, "", "", tuple(names), ())
        source = Source(place, table, report, own, own, names, typed=True, receipt=receipt, saved_view=numbered)
        sources.append(replace(source, sites=tuple(map(parse_site, kept.sites))))
    return sources


def add_file_numbers(engine: Tables, view: str, receipts: Mapping[int, Receipt]) -> str:
    """Add the number of its file to each record of a table of saved links, and return the name of the view with it."""
    numbered, files = f"{view}_numbered", f"{view}_files"
    columns = {name: [receipt[name] for receipt in receipts.values()] for name in ("file", "provider")}
    engine.put(files, {"number": list(receipts), **columns})
    engine.run(
        f"CREATE OR REPLACE VIEW {numbered} AS SELECT s.*, f.number AS {quoted(FILE)} FROM {view} AS s "
        f"JOIN {files} AS f ON f.file = s.file AND f.provider = s.provider"
    )
    return numbered


def _report(provider: str, name: str) -> Report:
    """Return the report of this name; an unknown one, made from a user's mapping, is taken to list links."""
    known = (report for report in REPORTS if (report.provider, report.name) == (provider, name))
    return next(known, Report(provider=provider, name=name))
