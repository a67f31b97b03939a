"""`read_links` on a Spark session: links too many for this process are counted where they are.

Spark itself reads only tables with the columns of the links table. Exports of any tool are read by this process, as
usual, and their links are sent to Spark. Hosts are fetched into this process in batches to look up their domains, and
sent back with these as tables, so that Spark's workers need neither Python nor linkgap.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from linkgap.domains import Site, parse_site
from linkgap.engine import Engine
from linkgap.errors import InvalidArgumentError, NotBacklinksError, UnreadableFileError
from linkgap.loaders import mappings, own, saved
from linkgap.loaders.counting import HOSTS, counted_queries, number_hosts
from linkgap.loaders.frames import sources_in
from linkgap.loaders.links import Links
from linkgap.loaders.naming import name_distinct
from linkgap.loaders.reading import DATES, with_order_of_days
from linkgap.loaders.receipts import build_receipts, check_loss, complete_by_file
from linkgap.loaders.reports import folded
from linkgap.loaders.settling import join_names, settle_sites
from linkgap.loaders.sites import without_repeats
from linkgap.loaders.tables import unique_names
from linkgap.spark.session import in_a_line, is_session, is_spark_frame, open_session
from linkgap.spark.tables import SparkEngine, plain_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from linkgap.loaders.reading import Source
    from linkgap.loaders.receipts import Receipt
    from linkgap.loaders.reports import Report

_HOSTS_AT_ONCE = 1_000_000
_ROWS_AT_ONCE = 500_000
_FRAME = "Spark DataFrame"
_CSV = re.compile(r"\.(?:csv|tsv|txt)(?:\.gz)?/?$", re.IGNORECASE)
_NAMED = ("raw_hosts", "domains", "clean_hosts")


@dataclass(frozen=True)
class Options:
    """The user's options besides where the links are; see `read_links`."""

    sites: tuple[Site, ...]
    columns: Mapping[str, str] | str | Path | None
    complete: bool | Mapping[str, bool] | None
    max_loss: float
    day_first: bool | None = None


class SparkTable(NamedTuple):
    """A table that Spark reads, its name in receipts, and the site whose links it lists, if the user gave one."""

    frame: Any
    name: str
    site: Site | None


def session_for(engine: object, where: object) -> Any:  # noqa: ANN401 - a SparkSession or None
    """Return the Spark session to use; None for the embedded engine.

    Raises
    ------
    InvalidArgumentError
        When `engine` is neither a session nor the address of a master.
    """
    if engine is None:
        frame = next(_spark_frames(where), None)
        return None if frame is None else frame.sparkSession
    if is_session(engine):
        return engine
    if not isinstance(engine, str):
        came = type(engine).__name__
        message = (
            f"engine= is of type {came}. Allowed: a SparkSession, the address of a Spark master such as 'local[2]', "
            "or None."
        )
        raise InvalidArgumentError(message)
    return open_session(engine)


def _spark_frames(where: object) -> Iterator[Any]:
    if is_spark_frame(where):
        yield where
    elif isinstance(where, Mapping):
        yield from (frame for things in where.values() for frame in _spark_frames(things))
    elif isinstance(where, list | tuple):
        yield from (frame for thing in where for frame in _spark_frames(thing))


def read_in_spark(session: Any, where: object, options: Options, read_exports: Callable[..., Links]) -> Links:  # noqa: ANN401 - a SparkSession
    """Read links into a Spark session.

    Parameters
    ----------
    read_exports
        Reads what Spark does not read: exports, in this process.
    """
    tables, rest = _split_input(session, where)
    tables = _with_own_names(without_repeats((_place_of(each), each.site, each) for each in tables))
    if not tables and rest is None:
        rest = where  # nothing was given, which read_exports reports
    _refuse_streams(tables)
    engine = SparkEngine(session)
    exports = None if rest is None else _read_here(rest, options, read_exports, beside_tables=bool(tables))
    before: Sequence[Source] = () if exports is None else exports.links.sources
    sources: list[Source] = []
    for table in tables:
        sources += _opened(engine, table, options, len(before) + len(sources))
    given = _given(tables, options, exports)
    _count_hosts(engine, sources, given)
    sites, site_of = settle_sites(engine, sources, given)
    engine.run("CREATE TABLE duplicates (file INTEGER, row BIGINT)")
    if exports is not None:
        engine.put("settled", exports.settled, append=True)
    _name_hosts(engine, sources, exports)
    others = set() if exports is None else _names_in(exports.links)
    receipts = _judge_tables(engine, sources, options, sites, site_of, others)
    if exports is not None:
        before = _send(engine, exports)
        done = exports.links.receipt_rows
        receipts = [*done[: len(before)], *receipts, *done[len(before) :]]  # files not read come last
    return Links(engine, tuple(map(str, sites)), tuple(receipts), (*before, *sources), tuple(sites))


class _Exports(NamedTuple):
    """Exports that this process has read: their links, counted, and all rows in one Parquet file."""

    links: Links
    rows: Path

    @property
    def settled(self) -> dict[str, Any]:
        """The table `settled`: which site the targets of the files belong to."""
        return self.links.engine.columns("SELECT * FROM settled")


def _read_here(rest: object, options: Options, read_exports: Callable[..., Links], *, beside_tables: bool) -> _Exports:
    """Read exports, save them, and read the saved file, so that what is counted are the rows that Spark gets."""
    read = partial(
        read_exports, rest, sites=tuple(map(str, options.sites)), columns=options.columns, max_loss=options.max_loss
    )
    complete = options.complete
    if isinstance(complete, Mapping) and beside_tables:
        with warnings.catch_warnings(action="ignore"):  # read again below, with warnings
            names = _names_in(read())
        complete = {name: flag for name, flag in complete.items() if name in names}
    found = read(complete=complete)
    path = found.save(found.embedded().folder / "links.parquet")
    again = read_exports(path, sites=found.sites, complete=None if isinstance(complete, Mapping) else complete)
    return _Exports(replace(again, receipt_rows=found.receipt_rows), path.rename(again.embedded().folder / path.name))


def _names_in(links: Links) -> set[str]:
    """Return the names that `complete` may use for exports: those of their files and sites."""
    return {str(row[column]) for row in links.receipt_rows for column in ("file", "site")}


def _given(tables: Sequence[SparkTable], options: Options, exports: _Exports | None) -> list[Site]:
    """Return the compared sites, as far as they are known before the tables are read."""
    of_tables = [table.site for table in tables if table.site is not None]
    if options.sites:
        return list(options.sites)
    if exports is not None:
        return list(dict.fromkeys([*exports.links.site_list, *of_tables]))
    return list(dict.fromkeys(of_tables)) if len(of_tables) == len(tables) else []


def _place_of(table: SparkTable) -> object:
    """Return what two inputs have in common if they are the same table."""
    return id(table.frame) if table.name == _FRAME else table.name


def _refuse_streams(tables: Sequence[SparkTable]) -> None:
    for name, frame in ((table.name, table.frame) for table in tables):
        with plain_errors(frame.sparkSession):
            is_stream = frame.isStreaming
        if is_stream:
            message = (
                f"The {name} is a stream, whose rows never end. Allowed: tables and DataFrames that are not streams. "
                "Write the stream to a table and read that."
            )
            raise UnreadableFileError(message)


def _with_own_names(tables: Sequence[SparkTable]) -> list[SparkTable]:
    """Make the names of tables unique by appending a number."""
    often = Counter[str]()
    named = []
    for each in tables:
        often[each.name] += 1
        number = often[each.name]
        named.append(each if number == 1 else each._replace(name=f"{each.name} ({number})"))
    return named


def _split_input(session: Any, where: object, site: Site | None = None) -> tuple[list[SparkTable], object]:  # noqa: ANN401 - a SparkSession
    """Split the input into tables that Spark reads and the rest, for this process; None when nothing is left."""
    if is_spark_frame(where):
        return [SparkTable(where, _FRAME, site)], None
    if isinstance(where, str):
        frame = _frame_at(session, where)
        return ([], where) if frame is None else ([SparkTable(frame, f"Spark table {where}", site)], None)
    if isinstance(where, Mapping):
        found = {name: _split_input(session, things, parse_site(str(name))) for name, things in where.items()}
        rest: object = {name: rest for name, (_, rest) in found.items() if rest is not None}
        return [table for tables, _ in found.values() for table in tables], rest or None
    if isinstance(where, list | tuple):
        parts = [_split_input(session, thing, site) for thing in where]
        rest = [rest for _, rest in parts if rest is not None]
        return [table for tables, _ in parts for table in tables], rest or None
    return [], where


def _frame_at(session: Any, text: str) -> Any:  # noqa: ANN401 - Spark's own
    """Return the Spark DataFrame at an address or of a table by its name; None for a file or folder."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        if "://" in text or text.startswith("file:"):
            return _analysed(_read_csv(session, text) if _CSV.search(text) else session.read.parquet(text))
        if not _is_there(text) and _names_table(session, text):
            return session.table(text)
    except (PySparkException, Py4JError) as error:  # a file that is not Parquet is an error of Java's
        raise UnreadableFileError(f"Spark can't read {text}: {in_a_line(error)}") from error
    return None


def _read_csv(session: Any, text: str) -> Any:  # noqa: ANN401 - Spark's own
    """Read CSV as programs write it: in cells, lines may break, and quotes are doubled; by Spark, they get a backslash.

    Of several files, Spark would read all by the places of one's columns. It refuses other headings if asked to, but so
    it does with blank and repeated ones, for which it has names of its own. It would also take the end of the first
    line for that of all: line feeds end them, unless there are none, and a return before one is a blank.
    """
    separator = "\t" if ".tsv" in text.lower() else ","
    escape = "\\" if _has_backslashed_quotes(session, text, separator) else '"'
    how = {"sep": separator, "escape": escape, "multiLine": True, "lineSep": "\n", "ignoreTrailingWhiteSpace": True}
    cells = [cell or "" for cell in session.read.csv(text, header=False, **how).first() or ()]
    if any("\r" in cell for cell in cells):
        del how["lineSep"]
    titles = set(map(folded, cells))
    is_tellable = "" not in titles and len(titles) == len(cells)
    return session.read.csv(text, header=True, enforceSchema=not is_tellable, **how)


def _has_backslashed_quotes(session: Any, text: str, separator: str) -> bool:  # noqa: ANN401 - a SparkSession
    """Tell whether quotes in cells are written as by Spark; elsewhere, a backslash before one is the end of a cell."""
    lines = session.read.text(text)
    in_cell = rf'\\"([^"{separator}]|"({separator}|$))'
    return lines.where(lines["value"].rlike(in_cell)).first() is not None


def _analysed(frame: Any) -> Any:  # noqa: ANN401 - Spark DataFrames
    """Return a frame once Spark has resolved it: Spark Connect only looks for its source when asked for its columns."""
    _ = frame.columns
    return frame


def _is_there(text: str) -> bool:
    """Tell whether a text is the path of a file or folder; False for one that can't be a path."""
    try:
        return Path(text).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False


def _names_table(session: Any, text: str) -> bool:  # noqa: ANN401 - a SparkSession
    """Tell whether a text is the name of a table; False for one that can't be: it is then looked for as a file."""
    from pyspark.errors import AnalysisException

    try:
        return bool(session.catalog.tableExists(text))
    except AnalysisException:
        return False


def _opened(engine: SparkEngine, table: SparkTable, options: Options, number: int) -> list[Source]:
    """Make a table readable as links; one source for each list (provider, report and metric) that its rows name.

    Raises
    ------
    NotBacklinksError
        When its columns are not those of the links table, or it has none.
    """
    if not table.frame.columns:
        raise mappings.unknown_table(f"The {table.name}", ())
    mapping = None if options.columns is None else mappings.find_mapping(options.columns, Path())
    given = engine.offer(_with_names_apart(table.frame))
    found = sources_in(engine, given, mapping, table.name, number, table.site)
    known = (own.LINKS if mapping is None else mapping.report).columns
    if any(_other_columns(each.report, known) for each in found):
        message = (
            f"The {table.name} has the headings of {found[0].report.provider} {found[0].report.name}. Spark reads "
            "tables with the columns of linkgap.schema.LINKS: rename them, or map them with columns={...}, or read the "
            "files themselves, which this process does."
        )
        raise NotBacklinksError(message)
    return [_with_dates(engine, replace(each, unordered=True), options.day_first) for each in found]


def _other_columns(report: Report, known: Mapping[str, str]) -> set[str]:
    """Return the columns that a report reads differently from `known`, except from headings that are not its own."""
    beside = {"lost", "is_lost"}.union(*({name, name.replace("dofollow", "nofollow")} for name in report.read_as))
    return {name for name, _ in report.columns.items() ^ known.items()} - beside


def _with_names_apart(frame: Any) -> Any:  # noqa: ANN401 - Spark DataFrames
    """Return a frame whose column names differ in more than case, which SQL ignores."""
    with plain_errors(frame.sparkSession):
        names = [name.casefold() for name in frame.columns]
    return frame if len(set(names)) == len(names) else frame.toDF(*unique_names(frame.columns, reserved=()))


def _with_dates(engine: SparkEngine, source: Source, day_first: bool | None) -> Source:  # noqa: FBT001 - None means unknown
    """Return the source with its order of day and month, inferred only if a column of dates holds text."""
    if day_first is not None:
        return replace(source, day_first=day_first)
    texts = [name for name in DATES if source.cell(name) and not source.held_in(name)]
    return with_order_of_days(engine, source) if texts else source


def _send(engine: SparkEngine, exports: _Exports) -> list[Source]:
    """Send the rows of exports and their counts to Spark, and return the sources as Spark has them."""
    here = exports.links.embedded()
    engine.send("sent", _batches(exports.rows))
    view = saved.add_file_numbers(engine, "sent", {each.number: each.receipt or {} for each in exports.links.sources})
    counted = "SELECT r.raw, h.* EXCLUDE (domain) FROM hosts AS h JOIN raw_hosts AS r ON r.id = h.host"
    engine.send("sent_hosts", _result(here, counted))
    own = {"host": "n.id", "domain": "n.domain"}
    columns = ", ".join(f"{own.get(name, f'c.{name}')} AS {name}" for name in HOSTS)
    engine.run(
        f"CREATE OR REPLACE TABLE hosts AS SELECT * FROM hosts UNION ALL "
        f"SELECT {columns} FROM sent_hosts AS c JOIN raw_hosts AS n ON n.raw = c.raw"
    )
    join_names(engine)
    return [replace(source, csv=view, view=view, saved_view=view) for source in exports.links.sources]


def _result(engine: Engine, query: str) -> Iterator[Any]:
    """Yield the result of a query as Arrow tables of bounded size, by way of a file on disk."""
    path = engine.folder / "result.parquet"
    engine.copy_to_parquet(query, path)
    yield from _batches(path)
    path.unlink()


def _batches(path: Path) -> Iterator[Any]:
    """Yield the rows of a Parquet file as Arrow tables of bounded size, the first of them empty."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        yield file.schema_arrow.empty_table()
        yield from (pa.Table.from_batches([batch]) for batch in file.iter_batches(_ROWS_AT_ONCE))


def _count_hosts(engine: SparkEngine, sources: Sequence[Source], sites: Sequence[Site]) -> None:
    """Make `pairs` and `counted_<number>`, as when files are read, scanning each table only once."""
    engine.run("CREATE TABLE pairs (file INTEGER, pair INTEGER, target VARCHAR, landing VARCHAR)")
    for source in sources:
        grouping, targets, counting = counted_queries(source, sites)
        engine.run(grouping)
        found = engine.rows(targets)
        if found:
            target, landing = zip(*found, strict=True)
            file, places = [source.number] * len(found), range(len(found))
            engine.put("pairs", {"file": file, "pair": places, "target": target, "landing": landing}, append=True)
        engine.run(counting)


def _name_hosts(engine: SparkEngine, sources: Sequence[Source], exports: _Exports | None) -> None:
    """Fetch the distinct hosts into this process in batches, and send them back with their domains."""
    here = Engine()
    here.run("CREATE TABLE found (raw VARCHAR)")
    if exports is not None:
        for part in _result(exports.links.embedded(), "SELECT raw FROM raw_hosts"):
            here.put("found", {"raw": part.column("raw").to_pylist()}, append=True)
    if sources:
        raw = " UNION ALL ".join(f"SELECT source AS raw FROM counted_{source.number}" for source in sources)
        engine.run(f"CREATE OR REPLACE TABLE distinct_hosts AS SELECT DISTINCT raw FROM ({raw})")
        number = int(engine.rows("SELECT count(*) FROM distinct_hosts")[0][0])
        for part in engine.parts("distinct_hosts", "raw", 1 + number // _HOSTS_AT_ONCE):
            here.put("found", {"raw": part.column("raw").to_pylist()}, append=True)
    name_distinct(here, "SELECT raw FROM found")
    for table in _NAMED:
        engine.send(table, _result(here, f"SELECT * FROM {table}"))


def _judge_tables(
    engine: SparkEngine,
    sources: Sequence[Source],
    options: Options,
    sites: Sequence[Site],
    site_of: Mapping[int, Site | None],
    others: Collection[str],
) -> list[Receipt]:
    """Make the table `hosts`, and return the receipts of the tables that Spark read."""
    if not sources:
        engine.run(f"CREATE TABLE hosts ({', '.join(f'{name} {kind}' for name, kind in HOSTS.items())})")
        return []
    number_hosts(engine, sources)
    join_names(engine)
    known = complete_by_file(options.complete, sources, site_of, also_allowed=others)
    receipts = build_receipts(engine, sources, site_of, (), compared=sites, complete=known)
    for source in sources:
        check_loss(source, receipts[source.number - sources[0].number], options.max_loss, lambda _: None)
    return receipts
