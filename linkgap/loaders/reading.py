"""A source of links: a table of text and the report it is, made readable in the engine."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from linkgap.engine import DamagedRowsError, Engine, Tables, literal, quoted
from linkgap.loaders.reports import Report, cells_in, find_heading, folded, sql_for
from linkgap.loaders.sites import site_in_cell
from linkgap.loaders.tables import FILE, FIRST, ROW, Table, rewrite_text
from linkgap.schema import LINKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from linkgap.domains import Site

DATES = ("first_seen", "last_seen", "lost")
"""Columns that hold dates."""

_LONG_YEAR = r"^\s*\d{1,2}[/.-] ?\d{1,2}[/.-] ?\d{4}"
_SHORT_YEAR = r"^\s*\d{1,2}[/.-] ?\d{1,2}[/.-] ?\d\d(?:\s|$)"
_LOCAL_DATE = re.compile(f"{_LONG_YEAR}|{_SHORT_YEAR}")
_LOCAL_CELL = re.compile(rb"[\"\t,;|]\s*\d{1,2}[/.-] ?\d{1,2}[/.-] ?(?:(?:19|20)\d\d|\d\d[\s\",;|])")
_PARTS = r"(\d{1,2})[/.-] ?(\d{1,2})[/.-] ?(\d\d)"
_MONTHS = 12
_GLIMPSES, _GLIMPSE_BYTES = 64, 16 * 1024


class Held(NamedTuple):
    """A column that holds typed values rather than text: SQL for it, and its type, as in `schema.LINKS`."""

    sql: str
    kind: str


@dataclass(frozen=True)
class Source:
    """One table of links, and how to read it.

    Parameters
    ----------
    number
        Its index among the tables of one call of `read_links`.
    table
        The file or frame: its name, its headings, and how its text is encoded and split.
    report
        Which report it is, which says where the columns of the links table come from.
    csv
        Name in the engine of the file as it is.
    view
        Name of the table or view that links are read from: the file as it is, or one row per record and site.
    names
        Column names in SQL, by normalised heading and by position, such as `#1`.
    held
        Typed values by column name in SQL, where the input was in typed columns rather than text.
    day_first
        Whether the day comes first in local dates such as 03/04/2026; None if unknown.
    site
        The site that all rows are for, if the user gave one.
    typed
        Whether the columns already have the types of the links table, as in links that were saved.
    receipt
        The receipt that saved links came with.
    sites
        The sites that saved links were compared for, in their order.
    notes
        What its receipt has to say about the source, such as dates that could not be read.
    unordered
        Whether its records have no order, as in a table of a database.
    plain
        Date and number columns whose cells are all in the engine's own format of their type.
    saved_view
        Name of the view of all links in the same saved file, with the number of each link's source as `FILE`.
    merged
        The sources that this one stands for, whose links are in one table.
    """

    number: int
    table: Table
    report: Report
    csv: str
    view: str
    names: Mapping[str, str]
    held: Mapping[str, Held] = field(default_factory=dict, repr=False)
    day_first: bool | None = None
    site: Site | None = None
    typed: bool = False
    receipt: Mapping[str, Any] | None = field(default=None, repr=False)
    sites: tuple[Site, ...] = ()
    notes: tuple[str, ...] = ()
    unordered: bool = False
    plain: frozenset[str] = frozenset()
    saved_view: str = ""
    merged: tuple[Source, ...] = ()

    @property
    def file(self) -> str:
        """Name of the file in receipts."""
        return self.table.file

    def cell(self, column: str) -> str | None:
        """SQL for the text of a column of the links table, or None when the file does not have it."""
        source = self.report.columns.get(column)
        return None if source is None else sql_for(source, self.names)

    def cells_of(self, column: str) -> list[str]:
        """SQL names of the file's own columns that a column of the links table is made from."""
        return cells_in(self.report.columns.get(column, ""), self.names)

    def held_in(self, column: str) -> Held | None:
        """Return the typed values behind a column of the links table; None where the input only has text."""
        return self.held.get(find_heading(self.report.columns.get(column, ""), self.names) or "")

    @property
    def file_number(self) -> str:
        """SQL for the number of the file that a record comes from."""
        return quoted(FILE) if self.merged else str(self.number)

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


def merge_saved(sources: Sequence[Source]) -> list[Source]:
    """Return the sources, merging those saved in one table into one: reading that table once takes much less."""
    by_view = defaultdict[str, list[Source]](list)
    for source in sources:
        by_view[source.saved_view].append(source)
    result = by_view.pop("", [])
    for view, found in by_view.items():
        if all(source.view == source.csv for source in found):
            result.append(replace(found[0], csv=view, view=view, merged=tuple(found)))
        else:
            result += found
    return result


def folded_names(titles: Sequence[str], headings: Sequence[str]) -> dict[str, str]:
    """Map normalised titles and positions to column names in SQL; of equal titles, the first counts."""
    own = headings[-len(titles) :] if titles else ()
    names = {f"#{position}": name for position, name in enumerate(own, start=1)}
    for title, name in zip(titles, own, strict=True):
        names.setdefault(folded(title), name)
    return names


def open_source(
    engine: Engine,
    table: Table,
    report: Report,
    number: int,
    *,
    site: Site | None,
    sites: Sequence[Site],
    day_first: bool | None,
) -> Source:
    """Make a table readable in the engine, with what `prepared` finds out.

    If that fails because of damaged rows, the table is rewritten and opened again.
    """
    try:
        return prepared(engine, _as_it_is(engine, table, report, number, site), sites, day_first)
    except DamagedRowsError:
        if table.rewritten:
            raise
        anew = rewrite_text(table, engine.folder)
        return prepared(engine, _as_it_is(engine, anew, report, number, site), sites, day_first)


def _as_it_is(engine: Engine, table: Table, report: Report, number: int, site: Site | None) -> Source:
    csv = engine.offer_csv(table.path, table.headings, delimiter=table.read_with, skip=table.skip)
    names = folded_names(table.titles, table.headings)
    return Source(number, table, report, csv, csv, names, site=site)


def prepared(engine: Engine, source: Source, sites: Sequence[Site], day_first: bool | None) -> Source:  # noqa: FBT001 - None means unknown
    """Return the source with one row per record and compared site, and with its order of day and month."""
    if source.typed:
        return with_one_count(engine, source, sites)
    return with_dates(engine, with_site_rows(engine, source, sites), day_first)


def with_dates(engine: Engine, source: Source, day_first: bool | None) -> Source:  # noqa: FBT001 - None means unknown
    """Return the source with its order of day and month: as given, or inferred from whole columns of local dates."""
    if day_first is not None or not _sample_has_local_dates(source):
        return replace(source, day_first=day_first if day_first is not None else source.report.day_first)
    return with_order_of_days(engine, source)


def with_order_of_days(engine: Tables, source: Source) -> Source:
    """Return the source with its order of day and month inferred from its local dates, or a note if they don't tell."""
    cells = [cell for column in DATES if (cell := source.cell(column))]
    if not cells:
        return source
    parts = ", ".join(
        f"max(CASE WHEN regexp_matches({cell}, '{pattern}') THEN "
        f"CAST(regexp_extract({cell}, '{_PARTS}', {part}) AS INTEGER) END)"
        for cell in cells
        for pattern in (_LONG_YEAR, _SHORT_YEAR)
        for part in (1, 2, 3)
    )
    query = f"SELECT {parts} FROM {source.view}"
    (found,) = engine.rows_reading(query) if isinstance(engine, Engine) else engine.rows(query)
    highest = [max((part or 0 for part in found[place::6]), default=0) for place in range(6)]
    first, second = _telling(*highest[:2], *highest[3:])
    if first > _MONTHS and second > _MONTHS:
        note = (
            "dates not read: in some the day comes first, in others the month; pass day_first=True or day_first=False"
        )
        return replace(source, notes=(*source.notes, note))
    if first > _MONTHS or second > _MONTHS:
        return replace(source, day_first=first > second)
    if not first or source.report.day_first is not None:
        return replace(source, day_first=source.report.day_first)
    note = "dates not read: day and month can't be told apart; pass day_first=True or day_first=False"
    return replace(source, notes=(*source.notes, note))


def _telling(first: int, second: int, short_first: int, short_second: int, short_third: int) -> tuple[int, int]:
    """Return the highest numbers in the first and second part of local dates, as far as they tell days from months.

    Where years have two digits, 22/10/26 may be in the year 22: in such dates, a first part of at most next year's
    number does not tell. If their third part exceeds that number, it is no year, and these dates are disregarded.
    """
    latest = dt.date.today().year % 100 + 1  # noqa: DTZ011 - a year is enough
    if short_third > latest:
        return max(first, 1), second
    known_first = short_first if short_first > latest else min(short_first, _MONTHS)
    return max(first, known_first), max(second, short_second)


def _sample_has_local_dates(source: Source) -> bool:
    return any(any(map(_LOCAL_DATE.match, record)) for record in source.table.sample)


def shows_local_dates(path: Path) -> bool:
    """Tell by samples taken from all over a large file whether it has cells that look like local dates."""
    step = max(path.stat().st_size // _GLIMPSES, _GLIMPSE_BYTES)
    with path.open("rb") as file:
        for place in range(0, path.stat().st_size, step):
            file.seek(place)
            if _LOCAL_CELL.search(file.read(_GLIMPSE_BYTES)):
                return True
    return False


_SITE, _SITE_LINKS = "linkgap site", "linkgap links"


def with_site_rows(engine: Engine, source: Source, sites: Sequence[Site]) -> Source:
    """Turn a report with columns (or a list) of sites into one row for each compared site that a record links to.

    A record that links only to other sites gets one row for the first of them; one without links, a row without a site.

    Parameters
    ----------
    sites
        The compared sites; if empty, all sites that the report names.
    """
    found = _sites_found(source)
    if found is None:
        return source
    if sites:
        found = _compared_first(engine, source, found, sites)
    view = f"{source.view}_by_site"
    row = "" if source.table.rewritten else f"{source.row} AS {quoted(ROW)}, "
    engine.run(
        f"CREATE OR REPLACE VIEW {view} AS WITH listed AS (SELECT *, {row}{found} AS found "
        f"FROM {source.csv}), numbered AS (SELECT *, unnest(range(greatest(len(found), 1))) + 1 AS place FROM listed) "
        f"SELECT * EXCLUDE (found, place), found[place].site AS {quoted(_SITE)}, "
        f"found[place].links AS {quoted(_SITE_LINKS)}, "
        f"CASE WHEN place = 1 THEN 1 ELSE 0 END AS {quoted(FIRST)} FROM numbered"
    )
    columns = {
        **source.report.columns,
        "site": "linkgap site",
        "links": "linkgap links",
        "no_link": "{linkgap site} IS NULL",
    }
    names = {**source.names, "linkgap site": _SITE, "linkgap links": _SITE_LINKS}
    return replace(source, view=view, report=replace(source.report, columns=columns), names=names)


def with_one_count(engine: Tables, source: Source, sites: Sequence[Site]) -> Source:
    """Count a record once whose links to several sites were saved; keep those to compared sites, or else the first."""
    report, saved_for = source.report, str((source.receipt or {}).get("site"))
    if "," not in saved_for or not (report.site_list or report.site_columns):
        return source
    kept_sites = ", ".join(literal(site) for site in saved_for.split(", ") if not sites or site_in_cell(site, sites))
    compared = f"site IN ({kept_sites})" if kept_sites else "false"
    view = f"{source.view}_by_site"
    engine.run(
        f"CREATE OR REPLACE VIEW {view} AS SELECT * EXCLUDE (compared, place), "
        f"CASE WHEN place = 1 THEN 1 ELSE 0 END AS {quoted(FIRST)} "
        'FROM (SELECT *, row_number() OVER (PARTITION BY "row" ORDER BY compared DESC, site) AS place '
        f"FROM (SELECT *, {compared} AS compared FROM {source.csv}) AS marked) AS numbered "
        "WHERE compared OR place = 1"
    )
    return replace(source, view=view)


def _compared_first(engine: Engine, source: Source, found: str, sites: Sequence[Site]) -> str:
    """SQL for the compared sites in a list of sites, or for its first site if none of them is compared."""
    named = engine.rows_reading(
        f"SELECT DISTINCT site FROM (SELECT unnest({found}).site AS site FROM {source.csv}) AS named"
    )
    compared = ", ".join(literal(text) for (text,) in named if site_in_cell(text, sites))
    wanted = f"[s FOR s IN {found} IF s.site IN ({compared})]" if compared else "[]"
    return f"CASE WHEN len({wanted}) > 0 THEN {wanted} ELSE ({found})[1:1] END"


def _sites_found(source: Source) -> str | None:
    """SQL for the list of sites that a record links to, with numbers of links; None when the report names none."""
    if source.report.site_list is not None:
        listed = sql_for(source.report.site_list, source.names)
        return (
            f"[{{'site': trim(s), 'links': '1'}} FOR s IN string_split(coalesce({listed}, ''), ';') IF trim(s) <> '']"
        )
    if not source.report.site_columns:
        return None
    used = {name for column in source.report.columns.values() if (name := find_heading(column, source.names))}
    own = zip(source.table.titles, source.table.headings[-len(source.table.titles) :], strict=True)
    sites = [(site, name) for title, name in own if name not in used and (site := source.report.site_of(title))]
    pairs = ", ".join(f"{{'site': {literal(site)}, 'links': {quoted(name)}}}" for site, name in sites)
    return f"[s FOR s IN [{pairs}] IF says_something(s.links) AND as_number(s.links) > 0]" if pairs else None
