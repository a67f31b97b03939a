"""Links that already are in columns: DataFrames of pandas or Polars, Arrow tables, Parquet files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from linkgap.engine import Engine, Tables, literal, quoted
from linkgap.errors import LinkgapError, UnreadableFileError
from linkgap.loaders import mappings, saved
from linkgap.loaders.exporters import REPORTS, recognise
from linkgap.loaders.own import LINKS
from linkgap.loaders.reading import Held, Source, folded_names
from linkgap.loaders.reports import Report, folded
from linkgap.loaders.tables import SAMPLE_RECORDS, Table, unique_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt
    import pandas as pd

    from linkgap.domains import Site


_LIST_COLUMNS = ("provider", "report", "authority_metric")
"""Columns that tell where the rows of a frame come from: each combination is a list of its own, as a file is."""

_INTEGERS = ("TINYINT", "SMALLINT", "INT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_INSTANTS = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")
_DAYS = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP_NTZ", *_INSTANTS)
_KINDS_HELD = {
    **dict.fromkeys(_INTEGERS, "integer"),
    **dict.fromkeys(_DAYS, "date"),
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
}
"""Types of values by the engine's names of types; columns of all other types are read as text."""

_COARSE = ("TIMESTAMP_S", "TIMESTAMP_MS")
"""Types of timestamps that may be beyond the years that DuckDB counts in microseconds: casting those to text fails."""
_OF_SPARK = ("binary", "string")
"""Spark's names of its types of text: both may hold any bytes, and where these are not UTF-8, reading would fail."""

_NO_DAY = "DATE '9999-12-31'"
"""Takes the place of a timestamp without a year of four digits: no link has this day, so it is counted as unread."""


@dataclass(frozen=True, eq=False)
class ListedFrame:
    """A columnar table whose report is known, as for the answers of a service.

    Parameters
    ----------
    columns
        NumPy arrays by heading, one element per record; text must be encodable in UTF-8.
    name
        What it is called in receipts; a date in it counts as the day of the export.
    report
        What its columns mean.
    """

    columns: Mapping[str, npt.NDArray[Any]]
    name: str
    report: Report


def is_frame(thing: object) -> bool:
    """Tell whether something is a columnar table that the engine can read."""
    kind = type(thing)
    return (
        isinstance(thing, ListedFrame)
        or hasattr(thing, "__arrow_c_stream__")
        or (kind.__module__.startswith("pandas.") and kind.__name__ == "DataFrame")
    )


def name_of(frame: object) -> str:
    """Return what a frame is called in receipts."""
    if isinstance(frame, ListedFrame):
        return frame.name
    return f"{type(frame).__module__.partition('.')[0]} {type(frame).__name__}"


def frame_source(
    engine: Engine,
    frame: object,
    mapping: mappings.Mapping | None,
    name: str,
    number: int,
    site: Site | None,
) -> list[Source]:
    """Make a frame readable as links; one source for each list that its rows name.

    Raises
    ------
    NotBacklinksError
        When it has neither `source_url` nor `source_domain`, nor the headings of a known export.
    """
    known, frame = (frame.report, frame.columns) if isinstance(frame, ListedFrame) else (None, frame)
    if known is None and len(getattr(frame, "columns", "?")) == 0:
        raise mappings.unknown_table(f"The {name}", ())
    try:
        given = engine.offer(frame if known else _readable(frame))
        engine.names(given)
    except (
        LinkgapError,
        NotImplementedError,
        OverflowError,
        ValueError,
    ) as error:  # Arrow types that pandas does not support
        problem = str(error).rstrip(".")
        message = f"The {name} can't be read: {problem}. Give it as a pandas DataFrame with one link per row."
        raise UnreadableFileError(message) from error
    return sources_in(engine, given, mapping, name, number, site, known)


def _readable(frame: object) -> object:
    """Return a frame that the engine can read more than once."""
    library = type(frame).__module__.partition(".")[0]
    if library != "pandas":
        whole = frame.read_all() if hasattr(frame, "read_all") else frame
        return _in_plain_time(whole) if library == "pyarrow" else whole
    import pandas as pd

    given = pd.DataFrame(cast("Any", frame)).reset_index(drop=True)
    names = unique_names([str(name) for name in given.columns], reserved=())
    columns = (_readable_column(given.iloc[:, place]) for place in range(given.shape[1]))
    return pd.DataFrame(dict(zip(names, columns, strict=True)))


def _in_plain_time(table: Any) -> Any:  # noqa: ANN401 - pyarrow's tables
    """Return an Arrow table with timestamps in UTC, without time zone: DuckDB can't scan distant ones that have one."""
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz is not None:
            table = table.set_column(place, field.name, table.column(place).cast(pa.timestamp(field.type.unit)))
    return table


def _readable_column(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return numbers, flags, dates (in UTC, without time zone) and text as they are, and any other values as text."""
    import pandas as pd

    kind = column.dtype
    if isinstance(kind, pd.ArrowDtype):
        return _known_to_pandas(column).astype(object).map(_text, na_action="ignore")
    if isinstance(kind, pd.DatetimeTZDtype):
        days: pd.Series[Any] = column.dt.tz_convert("UTC").dt.tz_localize(None)
        return days
    if isinstance(kind, pd.StringDtype) and kind.storage == "pyarrow":
        return column
    if kind.kind in "biufM" and not isinstance(kind, pd.SparseDtype):
        return column
    return column.astype(object).map(_text, na_action="ignore")


def _known_to_pandas(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of an Arrow type, cast to a similar one if pandas can't turn its own type into objects."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    values: Any = column.array.__arrow_array__()
    if pa.types.is_run_end_encoded(values.type):
        values = pa.chunked_array([pc.run_end_decode(chunk) for chunk in values.chunks], values.type.value_type)
    plain = {"string_view": pa.large_string(), "binary_view": pa.large_binary()}.get(str(values.type))
    values = values if plain is None else values.cast(plain)
    return pd.Series(pd.arrays.ArrowExtensionArray(values))


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return _digits(value)
    text = value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _digits(number: Decimal) -> str:
    """Return all digits of a decimal without zeros behind them: the text 5.000 would be 5000 links."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def parquet_sources(
    engine: Engine,
    path: Path,
    mapping: mappings.Mapping | None,
    name: str,
    number: int,
    site: Site | None,
) -> list[Source]:
    """Make a Parquet file readable as links: one that `Links.save` wrote, or any other with the documented columns."""
    view, _ = engine.offer_parquet(path)
    kept = saved.read_saved(engine, path)
    if kept is not None:
        return saved.saved_sources(engine, view, kept, path, number)
    return sources_in(engine, view, mapping, name, number, site)


def sources_in(
    engine: Tables,
    given: str,
    mapping: mappings.Mapping | None,
    name: str,
    number: int,
    site: Site | None,
    known: Report | None = None,
) -> list[Source]:
    """Make a table of the engine readable as links; one source for each list that its rows name."""
    types = {str(column): str(kind) for column, kind, *_ in engine.rows(f"DESCRIBE {given}")}
    names = list(types)
    titles = [folded(title) for title in names]
    own = unique_names(names)
    cells = {column: _text_of(column, kind) for column, kind in types.items()}
    sample = () if known else _sample(engine, given, cells.values())
    fits = mapping is not None and mapping.fits(titles)
    found = known or (mappings.mapped_report(mapping, names, sample) if mapping and fits else recognise(names, ()))
    report = mappings.checked_report(found, f"The {name}", names, mapping, sample)
    held = _held(own, types)
    columns = [f"{cell} AS {quoted(each)}" for cell, each in zip(cells.values(), own, strict=True)]
    columns += [
        f"{_value_of(column, types[column])} AS {held[each].sql}"
        for column, each in zip(names, own, strict=True)
        if each in held
    ]
    keys = _list_keys({title: cells[column] for title, column in zip(titles, names, strict=True)})
    listed = engine.rows(f"SELECT DISTINCT {', '.join(keys.values())} FROM {given}") if keys else []
    # Sorted here, because engines disagree on where nulls come.
    lists = sorted(listed, key=lambda row: [(cell is None, cell or "") for cell in row]) or [(None,) * len(keys)]
    sources = []
    for place, each in enumerate(lists):
        view = f"{given}_text_{place}"
        values = dict(zip(keys, each, strict=True))
        where = " AND ".join(f"{keys[title]} IS NOT DISTINCT FROM {literal(value)}" for title, value in values.items())
        engine.run(f"CREATE VIEW {view} AS SELECT {', '.join(columns)} FROM {given} WHERE {where or 'true'}")
        label = ", ".join(filter(None, each)) if len(lists) > 1 else ""
        table = Table(
            f"{name} ({label})" if label else name,
            Path(),
            "",
            "",
            tuple(names),
            _sample(engine, view, map(quoted, own)),
        )
        source = Source(number + place, table, _named(report, values), view, view, folded_names(names, own), held)
        sources.append(replace(source, site=site))
    return sources


def with_own_names(engine: Engine, source: Source) -> Source:
    """Return a file of links with the provider, report and metric that its rows name, as for a frame.

    A file is one list. If its rows name several, it keeps its own report, and is a sample if one of these is.
    """
    keys = _list_keys({title: quoted(source.names[title]) for title in _LIST_COLUMNS if title in source.names})
    if (source.report.provider, source.report.name) != (LINKS.provider, LINKS.name) or not keys:
        return source
    if metric := keys.get("authority_metric"):
        keys["authority_metric"] = _metric_in(engine, source, metric)
    found = engine.rows_reading(f"SELECT DISTINCT {', '.join(keys.values())} FROM {source.csv}")
    reports = [_named(source.report, dict(zip(keys, each, strict=True))) for each in found]
    if len(reports) == 1:
        return replace(source, report=reports[0])
    sample = min((each.sample for each in reports if each.sample), default=None)
    return replace(source, report=replace(source.report, sample=sample))


def _metric_in(engine: Engine, source: Source, cell: str) -> str:
    """SQL for the metric of a row: where it has no authority and names none, that of the other rows, if it is one."""
    unnamed = f"CASE WHEN says_something({source.cell('authority') or 'NULL'}) THEN '' END"
    metric = f"coalesce(nullif(trim({cell}), ''), {unnamed})"
    found = set(engine.rows_reading(f"SELECT DISTINCT {metric} FROM {source.csv}")) - {(None,)}
    return literal(found.pop()[0]) if len(found) == 1 else metric


def _list_keys(cells: Mapping[str, str]) -> dict[str, str]:
    """SQL for the columns of a frame that tell lists apart; names of reports count only if linkgap knows them."""
    keys = {title: cell for title, cell in cells.items() if title in _LIST_COLUMNS}
    report, provider = keys.pop("report", None), keys.get("provider")
    if report and provider:
        known = ", ".join(literal(f"{each.provider} {each.name}") for each in REPORTS)
        keys["report"] = f"CASE WHEN concat_ws(' ', {provider}, {report}) IN ({known}) THEN {report} END"
    return keys


def _held(own: Sequence[str], types: Mapping[str, str]) -> dict[str, Held]:
    """Return the columns that hold typed values, by the name of the column with their text."""
    names = unique_names([*own, *(f"{name} (value)" for name in own)])[len(own) :]
    kinds = [_kind_held(kind) for kind in types.values()]
    return {each: Held(quoted(name), kind) for each, name, kind in zip(own, names, kinds, strict=True) if kind}


def _kind_held(kind: str) -> str | None:
    """Return the type of values that a column holds; decimals are numbers, as the text 5.000 would be 5000 links."""
    return "number" if _is_decimal(kind) else _KINDS_HELD.get(kind.upper())


def _is_decimal(kind: str) -> bool:
    return kind.upper().startswith("DECIMAL(")


def _value_of(column: str, kind: str) -> str:
    """SQL for the typed value of a column; a timestamp becomes a date, and a decimal a double."""
    if _is_decimal(kind):
        return f"CAST({quoted(column)} AS DOUBLE)"
    cell = _in_utc(column, kind)
    if kind in _COARSE:
        return f"CASE WHEN {_has_year(cell, kind)} THEN CAST({cell} AS DATE) WHEN {cell} IS NOT NULL THEN {_NO_DAY} END"
    return f"CAST({cell} AS DATE)" if _KINDS_HELD[kind.upper()] == "date" else cell


def _text_of(column: str, kind: str) -> str:
    """SQL for the text of a column; bytes that are valid UTF-8 are decoded."""
    cell = _in_utc(column, kind)
    text = f"CAST({cell} AS VARCHAR)"
    if kind in _COARSE:
        return f"CASE WHEN {_has_year(cell, kind)} THEN {text} WHEN {cell} IS NOT NULL THEN 'no day' END"
    if kind in _OF_SPARK:
        return f"make_valid_utf8({text})"
    return f"coalesce(try(decode({cell})), {text})" if kind == "BLOB" else text


def _has_year(cell: str, kind: str) -> str:
    """SQL for whether a timestamp has a year of four digits; compared in its own type, as casting it could fail."""
    return f"{cell} BETWEEN CAST('0001-01-01' AS {kind}) AND CAST('9999-12-31' AS {kind})"


def _in_utc(column: str, kind: str) -> str:
    """SQL for a column; timestamps with a time zone are converted to UTC, whatever the machine's time zone."""
    cell = quoted(column)
    return f"make_timestamp(epoch_us(CAST({cell} AS TIMESTAMPTZ)))" if kind in _INSTANTS else cell


def _named(report: Report, values: Mapping[str, str | None]) -> Report:
    """Return the report with the provider, name and metric that a frame gives; a sample stays a sample."""
    provider, metric = (
        values.get("provider") or report.provider,
        values.get("authority_metric") or report.authority_metric,
    )
    name = values.get("report") or report.name
    named = [each for each in REPORTS if each.provider == provider and each.name == name]
    reports = named or [each for each in REPORTS if each.provider == provider and each.instead is None]
    sample = reports[0].sample if reports and all(each.sample for each in reports) else report.sample
    lists = named[0].lists if named else report.lists
    return replace(report, provider=provider, name=name, authority_metric=metric, sample=sample, lists=lists)


def _sample(engine: Tables, table: str, cells: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    rows = engine.rows(f"SELECT {', '.join(cells)} FROM {table} LIMIT {SAMPLE_RECORDS}")
    return tuple(tuple("" if cell is None else str(cell) for cell in row) for row in rows)
