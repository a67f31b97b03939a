"""From a table of text and the report it is to what the engine counts and shows: typed links, one row a record.

Two readings of the same expressions: `count_hosts` reads a file once and keeps what the gap needs, one row for each
pair of hosts; `links_query` gives every record with all its columns, when somebody asks to see them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from linkgap.domains import HOST_PATTERN, Site, has_known_suffix, host_of
from linkgap.engine import DamagedRowsError, Engine, literal, quoted, statement
from linkgap.loaders.reports import Report, find_heading, folded, sql_for
from linkgap.loaders.tables import LINE, ROW, Table, rewrite_text
from linkgap.schema import LINKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HOST_MEASURES = {
    "records": ("INTEGER", "count(*)"),
    "links": ("BIGINT", "sum({links})"),
    "follow_links": ("BIGINT", "sum({follow_links})"),
    "may_follow": ("BIGINT", "sum(coalesce({follow_links}, {links}))"),
    "first_seen": ("DATE", "min({first_seen})"),
    "last_seen": ("DATE", "max({last_seen})"),
    "lost": ("DATE", "max({lost})"),
    "authority": ("DOUBLE", "max({authority})"),
    "page_authority": ("DOUBLE", "max({page_authority})"),
    "traffic": ("DOUBLE", "max({traffic})"),
    "referring_domains": ("BIGINT", "max({referring_domains})"),
    "linked_domains": ("BIGINT", "max({linked_domains})"),
    "spam": ("BOOLEAN", "bool_or({spam})"),
    "spam_score": ("DOUBLE", "max({spam_score})"),
}
"""What is counted for each file, source host, target host and state: type, and SQL over columns of the links table."""

_SAID_ELSEWHERE = {"site", "source_domain", "source_host", "provider", "report", "file", "row", "is_lost", "authority_metric"}
_SQL_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}
_DATES = ("first_seen", "last_seen", "lost")
_LOCAL_DATE = r"^\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{4}"
_NO_PATH = r"^\s*(?:(?:[A-Za-z][A-Za-z0-9+.\-]*:)?[/\\]{2,})?(?:[^/?#@]*@)?(?:www\.)?"


@dataclass(frozen=True)
class Source:
    """One table of links, and how to read it.

    Parameters
    ----------
    number
        Its place among the tables of one `read_links`.
    csv
        Name in the engine of the file as it stands.
    view
        Name of the table of text that the links are made from: the file, or one row for each site of each record.
    names
        From folded heading and position to the column's name in SQL.
    day_first
        Order of day and month in dates with slashes; None when it can't be told.
    site
        The site that all rows are for, when the user says so.
    typed
        Whether the columns have the types of the links table already, as in links that were saved.
    receipt
        The receipt that saved links came with.
    """

    number: int
    table: Table
    report: Report
    csv: str
    view: str
    names: Mapping[str, str]
    day_first: bool | None = None
    site: Site | None = None
    typed: bool = False
    receipt: Mapping[str, Any] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Name of the file in receipts."""
        return self.table.file

    def cell(self, column: str) -> str | None:
        """SQL for the text of a column of the links table, or None when the file does not have it."""
        source = self.report.columns.get(column)
        return None if source is None else sql_for(source, self.names)

    @property
    def columns(self) -> list[str]:
        """The columns of the links table that the file has."""
        return [column.name for column in LINKS if self.cell(column.name) is not None]

    @property
    def row(self) -> str:
        """SQL for the number of a record in the file."""
        if self.typed:
            return '"row"'
        numbered = self.table.rewritten or self.view != self.csv
        return f"CAST({quoted(ROW)} AS BIGINT)" if numbered else "row_number() OVER ()"

    @property
    def names_site(self) -> bool:
        """Whether the file says row by row which site a link is for."""
        return self.cell("site") is not None


def folded_names(titles: Sequence[str], headings: Sequence[str]) -> dict[str, str]:
    """Map folded titles and positions to column names in SQL; of two like titles the first counts."""
    own = headings[-len(titles) :] if titles else ()
    names = {f"#{position}": name for position, name in enumerate(own, start=1)}
    for title, name in zip(titles, own, strict=True):
        names.setdefault(folded(title), name)
    return names


def open_source(
    engine: Engine, table: Table, report: Report, number: int, *, site: Site | None, day_first: bool | None
) -> Source:
    """Make a table readable in the engine, and find out how its dates are written."""
    csv = engine.offer_csv(table.path, table.headings, delimiter=table.read_with, skip=table.skip)
    names = folded_names(table.titles, table.headings)
    source = Source(number, table, report, csv, csv, names, site=site)
    return with_dates(engine, with_site_rows(engine, source), day_first)


def with_dates(engine: Engine, source: Source, day_first: bool | None) -> Source:  # noqa: FBT001 - None says unknown
    """Return the source with its order of day and month, found in the whole column when nobody gives it."""
    known = day_first if day_first is not None else source.report.day_first
    cells = [cell for column in _DATES if (cell := source.cell(column))]
    if known is not None or not cells:
        return replace(source, day_first=known)
    parts = ", ".join(
        f"max(CASE WHEN regexp_matches({cell}, '{_LOCAL_DATE}') THEN "
        f"CAST(regexp_extract({cell}, '(\\d{{1,2}})[/.-](\\d{{1,2}})[/.-]', {part}) AS INTEGER) END)"
        for cell in cells
        for part in (1, 2)
    )
    if not _sample_has_local_dates(source):
        return source
    found = engine.rows(f"SELECT {parts} FROM {source.view}")[0]  # noqa: S608 - quoted names only
    first, second = (max((part or 0 for part in found[place::2]), default=0) for place in (0, 1))
    if first > 12 or second > 12:  # noqa: PLR2004 - months
        return replace(source, day_first=first > second)
    note = "dates not read: day and month can't be told apart; say day_first=True or day_first=False"
    return replace(source, notes=(*source.notes, note))


def _sample_has_local_dates(source: Source) -> bool:
    return any(re.match(_LOCAL_DATE, cell) for record in source.table.sample for cell in record)


_SITE, _SITE_LINKS, _FIRST = "linkgap site", "linkgap links", "linkgap first"


def with_site_rows(engine: Engine, source: Source) -> Source:
    """Turn a report with a column (or a list) of sites into one row for each site that a record links to.

    A record that links to none of them stays as one row without a site.
    """
    found = _sites_found(source)
    if found is None:
        return source
    view = f"{source.view}_by_site"
    row = "" if source.table.rewritten else f"{source.row} AS {quoted(ROW)}, "
    engine.run(
        f"CREATE OR REPLACE VIEW {view} AS WITH listed AS (SELECT *, {row}{found} AS found "  # noqa: S608
        f"FROM {source.csv}), numbered AS (SELECT *, unnest(range(greatest(len(found), 1))) + 1 AS place FROM listed) "
        f"SELECT * EXCLUDE (found, place), found[place].site AS {quoted(_SITE)}, found[place].links AS {quoted(_SITE_LINKS)}, "
        f"CASE WHEN place = 1 THEN 1 ELSE 0 END AS {quoted(_FIRST)} FROM numbered"
    )
    columns = {**source.report.columns, "site": "linkgap site", "links": "linkgap links", "no_link": "{linkgap site} IS NULL"}
    names = {**source.names, "linkgap site": _SITE, "linkgap links": _SITE_LINKS}
    return replace(source, view=view, report=replace(source.report, columns=columns), names=names)


def _sites_found(source: Source) -> str | None:
    """SQL for the list of sites that a record links to, with numbers of links; None when the report has no such thing."""
    if source.report.site_list is not None:
        listed = sql_for(source.report.site_list, source.names)
        return f"[{{'site': trim(s), 'links': '1'}} FOR s IN string_split(coalesce({listed}, ''), ';') IF trim(s) <> '']"
    if not source.report.site_columns:
        return None
    used = {name for column in source.report.columns.values() if (name := find_heading(column, source.names))}
    own = zip(source.table.titles, source.table.headings[-len(source.table.titles) :], strict=True)
    pattern = re.compile(source.report.site_columns, re.IGNORECASE)
    matched = [(pattern.fullmatch(title.strip()), name) for title, name in own if name not in used]
    sites = [(found[1], name) for found, name in matched if found and _is_site(found[1])]
    pairs = ", ".join(f"{{'site': {literal(site)}, 'links': {quoted(name)}}}" for site, name in sites)
    return f"[s FOR s IN [{pairs}] IF says_something(s.links) AND as_number(s.links) > 0]" if pairs else None


def _is_site(title: str) -> bool:
    host = host_of(title)
    return host is not None and "." in host and has_known_suffix(host)


def _value(source: Source, column: str) -> str | None:
    """SQL for a typed column of the links table, or None when the file does not have it."""
    if source.typed:
        return source.cell(column)
    if column == "links":
        cell = source.cell("links")
        return None if cell is None else f"greatest(coalesce(as_integer({cell}), 1), 1)"
    if column == "follow_links":
        return _follow_links(source)
    cell = source.cell(column)
    if cell is None:
        return None
    kind = next(each.type for each in LINKS if each.name == column)
    if kind == "date":
        day_first = "NULL" if source.day_first is None else str(source.day_first).lower()
        return f"as_day({cell}, {day_first})"
    return f"as_{'flag' if kind == 'boolean' else kind}({cell})"


def _follow_links(source: Source) -> str | None:
    given, links = source.cell("follow_links"), _value(source, "links") or "1"
    if given is not None:
        return f"least(as_integer({given}), {links})"
    flags = {name: f"as_flag({cell})" for name in ("nofollow", "ugc", "sponsored") if (cell := source.cell(name))}
    if not flags:
        return None
    unsure = flags.get("nofollow", "NULL")
    return f"CASE WHEN {' OR '.join(flags.values())} THEN 0 WHEN {unsure} IS NOT NULL THEN {links} END"


def _is_lost(source: Source) -> str:
    if source.typed:
        return "is_lost"
    day, flag = source.cell("lost"), source.cell("is_lost")
    marks = [f"coalesce(as_flag({flag}), false)"] if flag else []
    marks += [f"(says_something({day}) AND coalesce(as_flag({day}), true))"] if day else []
    return " OR ".join(marks) or "false"


def _reason(source: Source) -> str:
    """SQL for why a row is set aside, as far as the row alone tells."""
    if source.typed:
        return "CAST(NULL AS VARCHAR)"
    cells = [cell for column in (*(each.name for each in LINKS), "site") if (cell := source.cell(column))]
    cases = [f"WHEN coalesce({_raw_source(source)}, '') = '' AND concat_ws('', {', '.join(cells)}) = '' THEN 'empty row'"]
    if no_link := source.cell("no_link"):
        cases.append(f"WHEN coalesce(as_flag(CAST({no_link} AS VARCHAR)), false) THEN 'not a link'")
    if kind := source.cell("kind"):
        cases.append(f"WHEN lower(trim({kind})) = 'mention' THEN 'not a link'")
    return f"CASE {' '.join(cases)} END"


def _raw_host(cell: str) -> str:
    return f"regexp_extract({cell}, {literal(HOST_PATTERN)}, 1)"


def _raw_source(source: Source) -> str:
    page, domain = source.cell("source_url"), source.cell("source_domain")
    if page and domain:
        return _raw_host(f"CASE WHEN trim({page}) <> '' THEN {page} ELSE {domain} END")
    return _raw_host(str(page or domain))


def _raw_target(source: Source, column: str, sites: Sequence[Site]) -> str:
    """SQL for the host of a target; where a site with a path covers it, that site."""
    cell = source.cell(column)
    if cell is None:
        return "''"
    bare = f"regexp_replace(lower({cell}), {literal(_NO_PATH)}, '')"
    paths = sorted((str(site) for site in sites if site.path), key=len, reverse=True)
    cases = " ".join(
        f"WHEN starts_with({bare}, {literal(path)}) OR {bare} = {literal(path.rstrip('/'))} THEN {literal(path)}"
        for path in paths
    )
    host = f"coalesce({_raw_host(cell)}, '')"
    return f"CASE {cases} ELSE {host} END" if cases else host


def _keys(source: Source, sites: Sequence[Site]) -> dict[str, str]:
    """SQL for what tells rows of one file apart in the table `hosts`."""
    site = source.cell("site")
    return {
        "file": str(source.number),
        "source": f"coalesce({_raw_source(source)}, '')",
        "target": f"coalesce(trim({site}), '')" if site else _raw_target(source, "target_url", sites),
        "landing": "''" if site else _raw_target(source, "landing_url", sites),
        "reason": _reason(source),
        "is_lost": _is_lost(source),
    }


def _unread(source: Source) -> str:
    """SQL for how many cells of a row hold no date or number where one belongs."""
    kinds = {column.name: column.type for column in LINKS}
    if source.typed:
        return "0"
    cells = [(source.cell(name), _value(source, name)) for name in source.columns if kinds[name] in {"date", "number"}]
    return " + ".join(
        f"CASE WHEN {value} IS NULL AND says_something({cell}) THEN 1 ELSE 0 END" for cell, value in cells
    ) or "0"


def create_hosts(engine: Engine) -> None:
    """Make the empty table `hosts`: what the links come to for each file, pair of hosts, reason and state."""
    engine.run(statement("linkgap.loaders", "macros"))
    keys = "file INTEGER, source VARCHAR, target VARCHAR, landing VARCHAR, reason VARCHAR, is_lost BOOLEAN"
    measures = ", ".join(f"{name} {kind}" for name, (kind, _) in HOST_MEASURES.items())
    engine.run(f"CREATE OR REPLACE TABLE hosts ({keys}, {measures}, unread BIGINT, bytes BIGINT)")


def count_hosts(engine: Engine, source: Source, sites: Sequence[Site]) -> Source:
    """Read a file once and add what its links come to to the table `hosts`; damaged files are rewritten first.

    Returns
    -------
    Source
        The source, which reads another file when it had to be rewritten.
    """
    try:
        engine.run_reading(hosts_query(source, sites), source.csv)
    except DamagedRowsError:
        if source.table.rewritten or source.table.encoding == "":
            raise
        engine.run(f"DELETE FROM hosts WHERE file = {source.number}")
        table = rewrite_text(source.table, engine.folder)
        source = open_source(engine, table, source.report, source.number, site=source.site, day_first=source.day_first)
        engine.run_reading(hosts_query(source, sites), source.csv)
    return source


def hosts_query(source: Source, sites: Sequence[Site], *, without: str = "") -> str:
    """Write the statement that adds a file to the table `hosts`.

    Parameters
    ----------
    without
        Name of a table of files and rows to leave out, as duplicates.
    """
    values = {name: _value(source, name) for name in ("links", *HOST_MEASURES)}
    records = f"sum({quoted(_FIRST)})" if source.view != source.csv else "count(*)"
    measures = [records, *(_measure(sql, values) for name, (_, sql) in HOST_MEASURES.items() if name != "records")]
    keys = _keys(source, sites)
    selected = ", ".join([*(f"{sql} AS {name}" for name, sql in keys.items()), *measures])
    text = source.view
    if without:
        text = f"(SELECT *, {source.row} AS linkgap_row FROM {source.view}) AS numbered ANTI JOIN " + (
            f"(SELECT row FROM {without} WHERE file = {source.number}) AS known ON numbered.linkgap_row = known.row"
        )
    checked = "+".join(f"coalesce(strlen({quoted(name)}), 0)" for name in source.table.headings)
    return (
        f"INSERT INTO hosts SELECT {selected}, sum({_unread(source)}), sum({checked}) FROM {text} "  # noqa: S608
        "GROUP BY ALL"
    )


def _measure(sql: str, values: Mapping[str, str | None]) -> str:
    """Fill in a measure of `HOST_MEASURES`; null when the file has none of what it needs."""
    if "{follow_links}" in sql and values["follow_links"] is None:
        return "NULL"
    filled = {name: value or ("1" if name == "links" else None) for name, value in values.items()}
    needed = [name for name in filled if "{" + name + "}" in sql]
    return "NULL" if any(filled[name] is None for name in needed) or sql == "sum({links})" and values["links"] is None else sql.format(**filled)


def links_query(source: Source, sites: Sequence[Site]) -> str:
    """Write the query for every record of a file: the keys of `hosts`, its typed columns, its row and line, and its text."""
    keys = {name: sql for name, sql in _keys(source, sites).items() if name != "file"}
    values = {column.name: _value(source, column.name) for column in LINKS if column.name not in _SAID_ELSEWHERE}
    values["links"] = values["links"] or "1"
    types = {column.name: _SQL_TYPES[column.type] for column in LINKS}
    typed = {name: value or f"CAST(NULL AS {types[name]})" for name, value in values.items()}
    line = f"CAST({quoted(LINE)} AS BIGINT)" if source.table.rewritten else "CAST(NULL AS BIGINT)"
    cells = ", ".join(quoted(name) for name in source.table.headings if name not in {ROW, LINE})
    selected = {**keys, **typed, "row": source.row, "line": line, "cells": f"concat_ws(' | ', {cells})"}
    columns = ", ".join(f"{sql} AS {name}" for name, sql in selected.items())
    return f"SELECT {source.number} AS file_number, {columns} FROM {source.view}"  # noqa: S608
