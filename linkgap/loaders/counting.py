"""Read each file once and keep what the gap needs: one row for each source host and target, not for each link.

This pass determines how long reading takes and how much memory it needs, so it keeps little: strings are replaced by
numbers as soon as possible, and only the figures that a file has are kept. All else is read from the files again when
it is needed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from linkgap.engine import DamagedRowsError, Engine, Tables, quoted, statement
from linkgap.loaders.reading import Source, open_source
from linkgap.loaders.records import (
    is_lost,
    keyed,
    plain_columns,
    reason_of,
    unread_cells,
    unsettled_cells,
    value_of,
)
from linkgap.loaders.tables import FIRST, rewrite_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkgap.domains import Site

FIGURES = {
    "authority": "DOUBLE",
    "page_authority": "DOUBLE",
    "traffic": "DOUBLE",
    "referring_domains": "BIGINT",
    "linked_domains": "BIGINT",
    "spam": "BOOLEAN",
    "spam_score": "DOUBLE",
    "citation_flow": "DOUBLE",
    "network": "INTEGER",
}
"""Figures of a referring domain. Where a file shows several for one host, the highest counts.

`network` is the /24 of its IP address.
"""

_COUNTS = {"records": "INTEGER", "links": "BIGINT", "may_follow": "INTEGER"}
_CELLS = {"unread": "INTEGER", "unsettled": "INTEGER"}
_MEASURES = {**_COUNTS, **FIGURES}
HOSTS = {"file": "INTEGER", "host": "INTEGER", "domain": "INTEGER", "pair": "INTEGER", "is_lost": "BOOLEAN"} | _MEASURES
"""The columns of the table `hosts`."""

_PEEKED_ROWS = 20_000
_LARGE_BYTES = 100 * 1024**2


def prepare(engine: Engine) -> None:
    """Define the macros and create the table of targets, `pairs`, that reading needs."""
    engine.define(statement("linkgap.loaders", "macros"))
    engine.run("CREATE TABLE pairs (file INTEGER, pair INTEGER, target VARCHAR, landing VARCHAR)")


def count_hosts(engine: Engine, source: Source, sites: Sequence[Site]) -> Source:
    """Read a file into the table `counted_<number>`; a file with damaged rows is rewritten first.

    Returns
    -------
    Source
        The source with its plain columns; if the file had to be rewritten, it reads the rewritten one.
    """
    source = replace(source, plain=plain_columns(source) if counts_unread(source) else frozenset())
    try:
        return _count(engine, source, sites)
    except DamagedRowsError:
        if source.table.rewritten or source.table.encoding == "":
            raise
        engine.run(f"DELETE FROM pairs WHERE file = {source.number}")
        table = rewrite_text(source.table, engine.folder)
        again = open_source(
            engine, table, source.report, source.number, site=source.site, sites=sites, day_first=source.day_first
        )
        return _count(engine, replace(again, plain=source.plain), sites)


def _count(engine: Engine, source: Source, sites: Sequence[Site]) -> Source:
    """Count a file, reading its plain columns in a cheap way; if a cell in these is not plain, count it again.

    The targets of the first rows are numbered before, in `pairs`.
    """
    records = f"(SELECT target, landing FROM {keyed(source, sites)} AS keyed LIMIT {_PEEKED_ROWS})"
    engine.run(f"DELETE FROM pairs WHERE file = {source.number}")
    engine.run_reading(_new_pairs(source, f"{records} AS peeked"))
    count_records(engine, source, sites)
    if source.plain and engine.rows(f"SELECT 1 FROM counted_{source.number} WHERE unsettled > 0 LIMIT 1"):
        source = replace(source, plain=frozenset())
        count_records(engine, source, sites)
    return source


def count_records(engine: Engine, source: Source, sites: Sequence[Site], *, without: str = "") -> None:
    """Make the table `counted_<number>` from a file; targets that `pairs` lacks are added to it.

    Parameters
    ----------
    without
        Name of a table with the files and rows to leave out, such as `duplicates`.
    """
    counted = f"counted_{source.number}"
    engine.run_reading(_counted_query(source, sites, without), ordered=bool(without))
    if engine.rows(f"SELECT 1 FROM {counted} WHERE pair IS NULL LIMIT 1"):
        engine.run(_new_pairs(source, f"{counted} WHERE pair IS NULL"))
        engine.run(
            f"UPDATE {counted} SET pair = p.pair FROM pairs AS p WHERE {counted}.pair IS NULL "
            f"AND p.file = {source.number} AND p.target = {counted}.target AND p.landing = {counted}.landing"
        )
    engine.run(f"ALTER TABLE {counted} DROP COLUMN target; ALTER TABLE {counted} DROP COLUMN landing")


def _new_pairs(source: Source, records: str) -> str:
    known = f"(SELECT count(*) FROM pairs WHERE file = {source.number})"
    return (
        f"INSERT INTO pairs SELECT {source.number}, {known} + row_number() OVER () - 1, target, landing "
        f"FROM (SELECT DISTINCT target, landing FROM {records}) AS found"
    )


def count_saved(engine: Engine, source: Source, sites: Sequence[Site]) -> None:
    """Make the table `counted_<number>` of each file whose links were saved in one table, for all of them at once."""
    records = keyed(source, sites)
    engine.run(
        "INSERT INTO pairs SELECT file, row_number() OVER (PARTITION BY file) - 1, target, landing FROM "
        f"(SELECT DISTINCT {source.file_number} AS file, target, landing FROM {records} AS keyed) AS found"
    )
    counted = f"p.file AS file, keyed.source AS source, p.pair AS pair, {_measured(source)}"
    engine.run_reading(
        f"CREATE TABLE counted_merged AS SELECT {counted} FROM {records} AS keyed "
        f"JOIN pairs AS p ON p.file = keyed.{source.file_number} AND p.target = keyed.target "
        "AND p.landing = keyed.landing GROUP BY ALL",
        ordered=False,
    )
    for each in source.merged:
        engine.run(
            f"CREATE TABLE counted_{each.number} AS "
            f"SELECT * EXCLUDE (file) FROM counted_merged WHERE file = {each.number}"
        )
    engine.run("DROP TABLE counted_merged")


def _counted_query(source: Source, sites: Sequence[Site], without: str) -> str:
    text = f"{keyed(source, sites, numbered=bool(without))} AS keyed"
    if without:
        repeated = f"SELECT row FROM {without} WHERE file = {source.number}"
        text = f"(SELECT * FROM {text} WHERE own_row NOT IN ({repeated})) AS keyed"
    new = ", ".join(f"CASE WHEN p.pair IS NULL THEN keyed.{key} END AS {key}" for key in ("target", "landing"))
    return (
        f"CREATE OR REPLACE TABLE counted_{source.number} AS SELECT keyed.source AS source, p.pair AS pair, {new}, "
        f"{_measured(source)} FROM {text} {_with_pairs(source)} GROUP BY ALL"
    )


def counted_queries(source: Source, sites: Sequence[Site]) -> tuple[str, str, str]:
    """Build statements that count a source in a single scan, where a second costs more than keeping the targets.

    Returns
    -------
    tuple
        Statements for a table of groups, for the targets in it, and for the view `counted_<number>`.
    """
    groups = f"groups_{source.number}"
    keys = "keyed.source AS source, keyed.target AS target, keyed.landing AS landing"
    grouped = f"SELECT {keys}, {_measured(source)} FROM {keyed(source, sites)} AS keyed GROUP BY ALL"
    paired = f"SELECT keyed.*, p.pair FROM {groups} AS keyed {_with_pairs(source)}"
    return (
        f"CREATE OR REPLACE TABLE {groups} AS {grouped}",
        f"SELECT DISTINCT target, landing FROM {groups} ORDER BY ALL",
        f"CREATE OR REPLACE VIEW counted_{source.number} AS {paired}",
    )


def _measured(source: Source) -> str:
    measures = {**_counts(source), **_figures(source)}
    measured = ", ".join(f"{sql} AS {name}" for name, sql in measures.items())
    reason = f"CAST({reason_of(source)} + {_projected(source)} AS TINYINT)"
    return f"{reason} AS reason, {is_lost(source)} AS is_lost, {measured}"


def _with_pairs(source: Source) -> str:
    return (
        f"LEFT JOIN (SELECT pair, target, landing FROM pairs WHERE file = {source.number}) AS p "
        "ON p.target = keyed.target AND p.landing = keyed.landing"
    )


def _counts(source: Source) -> dict[str, str]:
    """SQL for the numbers of records, links, links not known to be nofollow, cells not read, and cells not plain."""
    links, follow, types = value_of(source, "links"), value_of(source, "follow_links"), {**_COUNTS, **_CELLS}
    spread = source.view != source.csv
    counts = {"records": f"sum({quoted(FIRST)})" if spread else "count(*)"}
    counts |= {"links": f"sum({links})"} if links else {}
    if follow and links:  # a file may state more links than it has records
        counts["may_follow"] = f"sum(coalesce({follow}, {links}))"
        types = {**types, "may_follow": types["links"]}
    elif follow:
        counts["may_follow"] = f"count(CASE WHEN {follow} = 0 THEN NULL ELSE 1 END)"
    if counts_unread(source):
        once = f" * {quoted(FIRST)}" if spread else ""
        counts["unread"] = f"sum(({unread_cells(source)}){once})"
    if source.plain:
        counts["unsettled"] = f"sum({unsettled_cells(source)})"
    return {name: f"CAST({sql} AS {types[name]})" for name, sql in counts.items()}


def counts_unread(source: Source) -> bool:
    """Tell whether cells that could not be read are counted: in very large files that would take too long."""
    return not source.typed and (source.table.encoding == "" or source.table.path.stat().st_size < _LARGE_BYTES)


def _projected(source: Source) -> str:
    """SQL that is 0 and mentions every column: the engine only checks the encoding of those that a statement needs."""
    cells = ", ".join(quoted(name) for name in source.table.headings if name not in source.held)
    if source.typed or not cells:
        return "0"
    return f"CASE WHEN keyed.source = '' THEN CASE WHEN concat_ws('', {cells}) IS NULL THEN 1 ELSE 0 END ELSE 0 END"


def _figures(source: Source) -> dict[str, str]:
    found = {name: value_of(source, name) for name in FIGURES}
    return {name: f"bool_or({value})" if name == "spam" else f"max({value})" for name, value in found.items() if value}


def number_hosts(engine: Tables, sources: Sequence[Source]) -> None:
    """Turn the counted tables into `hosts`, with numbers for names, `set_apart`, with what is no link, and `unread`."""
    engine.run("CREATE OR REPLACE TABLE set_apart (file INTEGER, reason TINYINT, records BIGINT)")
    engine.run("CREATE OR REPLACE TABLE unread (file INTEGER, cells BIGINT)")
    parts = [number_hosts_of(engine, source) for source in sources]
    engine.run(f"CREATE OR REPLACE VIEW hosts AS {' UNION ALL '.join(parts)}")


def number_hosts_of(engine: Tables, source: Source) -> str:
    """Make the part of `hosts` for one file, and return the query for it."""
    number, counted = source.number, f"counted_{source.number}"
    has = engine.names(counted)
    engine.run(
        f"INSERT INTO set_apart SELECT {number}, reason, sum(records) FROM {counted} WHERE reason > 0 GROUP BY reason"
    )
    if "unread" in has:
        engine.run(f"INSERT INTO unread SELECT {number}, coalesce(sum(unread), 0) FROM {counted}")
    own = ", ".join(f"c.{name}" for name in _MEASURES if name in has)
    engine.run(
        f"CREATE OR REPLACE TABLE hosts_{number} AS SELECT n.id AS host, n.domain, c.pair, c.is_lost, {own} "
        f"FROM {counted} AS c JOIN raw_hosts AS n ON n.raw = c.source WHERE c.reason = 0"
    )
    engine.run(f"DROP TABLE {counted}")
    all_columns = ", ".join(
        name if name in has else f"CAST(NULL AS {kind}) AS {name}" for name, kind in _MEASURES.items()
    )
    return f"SELECT {number} AS file, host, domain, pair, is_lost, {all_columns} FROM hosts_{number}"
