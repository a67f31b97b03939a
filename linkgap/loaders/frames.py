"""Links that are in columns already: DataFrames of pandas or Polars, Arrow tables, Parquet files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from linkgap.engine import Engine, literal, quoted
from linkgap.errors import LinkgapError, UnreadableFileError
from linkgap.loaders import mappings, saved
from linkgap.loaders.exporters import recognise
from linkgap.loaders.reading import Source, folded_names, with_dates, with_site_rows
from linkgap.loaders.reports import Report, folded
from linkgap.loaders.tables import Table, unique_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkgap.domains import Site


def is_frame(thing: object) -> bool:
    """Tell whether something is a table in columns that the engine can read."""
    kind = type(thing)
    return hasattr(thing, "__arrow_c_stream__") or (kind.__module__.startswith("pandas.") and kind.__name__ == "DataFrame")


def name_of(frame: object) -> str:
    """Return what a frame is called in receipts."""
    return f"{type(frame).__module__.partition('.')[0]} {type(frame).__name__}"


def frame_source(
    engine: Engine,
    frame: object,
    mapping: mappings.Mapping | None,
    name: str,
    number: int,
    site: Site | None,
    day_first: bool | None,  # noqa: FBT001 - None says unknown
) -> list[Source]:
    """Make a frame readable as links; one source for each provider that it names.

    Raises
    ------
    NotBacklinksError
        When it has neither `source_url` nor `source_domain`, nor the headings of a known export.
    """
    try:
        given = engine.offer(_with_named_columns(frame))
        names = engine.names(given)
    except LinkgapError as error:
        message = f"The {name} can't be read: {error}. Give it as a pandas DataFrame with one link a row."
        raise UnreadableFileError(message) from error
    return _sources(engine, given, names, mapping, name, number, site, day_first)


def _with_named_columns(frame: object) -> object:
    """Return a pandas frame with column names that are texts, different from one another."""
    if not type(frame).__module__.startswith("pandas."):
        return frame
    import pandas as pd

    assert isinstance(frame, pd.DataFrame)  # noqa: S101 - for the type checker
    return frame.set_axis(unique_names([str(name) for name in frame.columns]), axis=1).reset_index(drop=True)


def parquet_sources(
    engine: Engine,
    path: Path,
    mapping: mappings.Mapping | None,
    name: str,
    number: int,
    site: Site | None,
    day_first: bool | None,  # noqa: FBT001 - None says unknown
) -> list[Source]:
    """Make a Parquet file readable as links: one that `Links.save` wrote, or any other with the documented columns."""
    view, names = engine.offer_parquet(path)
    kept = saved.read_saved(engine, path)
    if kept is not None:
        return saved.saved_sources(engine, view, kept, path, number)
    return _sources(engine, view, names, mapping, name, number, site, day_first)


def _sources(
    engine: Engine,
    given: str,
    names: Sequence[str],
    mapping: mappings.Mapping | None,
    name: str,
    number: int,
    site: Site | None,
    day_first: bool | None,  # noqa: FBT001 - None says unknown
) -> list[Source]:
    titles = [folded(title) for title in names]
    report = mapping.report if mapping is not None and mapping.fits(titles) else recognise(names, ())
    if report is None:
        raise mappings.unknown_table(f"The {name}", names)
    if report.instead is not None:
        raise mappings.no_backlinks(f"The {name}", report, names)
    text = ", ".join(f"CAST({quoted(title)} AS VARCHAR) AS {quoted(title)}" for title in names)
    provider = next((title for title in names if folded(title) == "provider"), None)
    providers = [row[0] for row in engine.rows(f"SELECT DISTINCT {quoted(provider)} FROM {given} ORDER BY 1")] if provider else [None]
    sources = []
    for place, each in enumerate(providers):
        view = f"{given}_text_{place}"
        where = f" WHERE {quoted(str(provider))} IS NOT DISTINCT FROM {literal(each)}" if provider else ""
        engine.run(f"CREATE VIEW {view} AS SELECT {text} FROM {given}{where}")
        label = f"{name} ({each})" if len(providers) > 1 else name
        table = Table(label, Path(), "", "", tuple(names), _sample(engine, view))
        named = _named(report, each)
        source = Source(number + place, table, named, view, view, folded_names(names, names), site=site)
        sources.append(with_dates(engine, with_site_rows(engine, source), day_first))
    return sources


def _named(report: Report, provider: object) -> Report:
    return replace(report, provider=str(provider)) if provider else report


def _sample(engine: Engine, view: str) -> tuple[tuple[str, ...], ...]:
    rows = engine.rows(f"SELECT * FROM {view} LIMIT 200")
    return tuple(tuple("" if cell is None else str(cell) for cell in row) for row in rows)
