"""SQL over the text of a file's records: the hosts they link, their typed columns, and why some are not links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from linkgap.domains import BEFORE_HOST, BLANKS_BEFORE, HOST_PATTERN, in_own_letters
from linkgap.engine import literal, quoted
from linkgap.loaders.tables import LINE, ROW
from linkgap.schema import LINKS, REASONS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from linkgap.domains import Site
    from linkgap.loaders.reading import Source

_KINDS = {column.name: column.type for column in LINKS}
SQL_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}

REASON_CODES = ("", *REASONS)
"""Reasons by their code, with 0 for none: codes are small numbers, cheap while millions of rows are counted."""

_NOT_READ_FROM_CELLS = {
    "site",
    "source_domain",
    "source_host",
    "provider",
    "report",
    "file",
    "row",
    "is_lost",
    "authority_metric",
}
_SOURCE = ("source_url", "source_domain")
KEYS = ("source", "target", "landing")
"""The keys of a record: the hosts of its source, of its target, and of where redirects end."""

_IPV4 = r"^\s*(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}\s*$"
_PLAIN = {
    "date": "as_iso_day({cell})",
    "number": "as_plain_number({cell})",
    "integer": "CASE WHEN NOT contains({cell}, '.') THEN as_count(as_plain_number({cell})) END",
}
"""SQL from a cell in the engine's own format of a type to its value: it reads nearly every cell, at little cost."""

_PLAIN_CELLS = {
    "date": re.compile(r"(?:199\d|20\d\d)-\d\d-\d\d"),
    "number": re.compile(r"-?\d+(?:\.\d+)?$"),
    "integer": re.compile(r"-?\d+$"),
}

_CHECKED = ("date", "number", "integer")
"""Types whose cells are counted when they can't be read."""

_BY_OTHER_WORDS = re.compile(r"\b(?:contains|LIKE|regexp_matches|is_marked)\b")
"""Pattern of SQL in a report that derives a flag from other words than yes and no."""

_ADDRESS = (
    "as_text(CASE WHEN {cell} LIKE 'http%' THEN {cell} "
    f"ELSE regexp_extract({{cell}}, {literal(f'{BLANKS_BEFORE}((?s:.*))')}, 1) END)"
)
"""SQL for an address without what nobody sees before it: with a zero-width mark there, no page answers to it."""

_FROM_TEXT = {
    "date": "as_day({cell}, {day_first})",
    "number": "as_number({cell})",
    "integer": "as_integer({cell})",
    "boolean": "as_flag({cell})",
    "nofollow": "as_nofollow({cell})",
    "is_lost": "as_loss({cell})",
    "source_url": _ADDRESS,
    "target_url": _ADDRESS,
    "text": "as_text({cell})",
}
"""SQL from the text of a cell to a value, by type, or by name for columns with words of their own."""

_FROM_TYPED = {
    ("integer", "integer"): "as_count(CAST({held} AS DOUBLE))",
    ("integer", "number"): "CAST({held} AS DOUBLE)",
    ("number", "integer"): "as_count({held})",
    ("number", "number"): "CASE WHEN isfinite({held}) THEN {held} END",
    ("boolean", "boolean"): "{held}",
    ("date", "date"): "CASE WHEN year({held}) BETWEEN 1990 AND 2099 THEN {held} END",
}
"""SQL from a typed value to a value, by the type it is held in and the type wanted: the same result as by its text."""


def value_of(source: Source, column: str) -> str | None:
    """SQL for a typed column of the links table, or for `network`; None when the file does not have it."""
    if column == "network" or source.typed:
        return _network(source) if column == "network" else _cell(source, column)
    if column == "follow_links":
        return _follow_links(source)
    value = _read(source, column)
    if column == "lost" and (seen_again := _is_seen_again(source)):
        return f"CASE WHEN NOT {seen_again} THEN {value} END"
    return f"greatest(coalesce({value}, 1), 1)" if value and column == "links" else value


def _cell(source: Source, column: str) -> str | None:
    """SQL for the text of a column as `keyed` has it: a column of the file, or one that `keyed` makes."""
    return quoted(f"linkgap {column}") if _is_made(source, column) else source.cell(column)


def _is_made(source: Source, column: str) -> bool:
    """Tell whether the text of a column is not simply a column of the file, but made from some of these.

    Such text is made once: copied into every place that reads it, a number made of numbers would take seconds to plan.
    """
    cell = source.cell(column)
    return cell is not None and source.cells_of(column) != [cell]


def _read(source: Source, column: str) -> str | None:
    """SQL for a cell as a value of its column's type; None when the file does not have it."""
    cell, held = _cell(source, column), source.held_in(column)
    if cell is None:
        return None
    kind = _KINDS[column]
    if held and (from_typed := _FROM_TYPED.get((held.kind, kind))):
        return from_typed.format(held=held.sql)
    if column in source.plain:
        return _PLAIN[kind].format(cell=cell)
    return _FROM_TEXT.get(column, _FROM_TEXT[kind]).format(cell=cell, day_first=_day_first(source))


def _follow_links(source: Source) -> str | None:
    given, links = _read(source, "follow_links"), value_of(source, "links") or "1"
    if given is not None:
        return f"CASE WHEN {given} IS NOT NULL THEN least({given}, {links}) END"
    flags = {name: value for name in ("nofollow", "ugc", "sponsored") if (value := _read(source, name))}
    if not flags:
        return None
    unsure = flags.get("nofollow", "NULL")
    return f"CASE WHEN {' OR '.join(flags.values())} THEN 0 WHEN {unsure} IS NOT NULL THEN {links} END"


def _network(source: Source) -> str | None:
    """SQL for the /24 network of an IPv4 address: its first three numbers as one number."""
    cell = _cell(source, "ip")
    if cell is None:
        return None
    parts = (f"CAST(nullif(regexp_extract({cell}, '{_IPV4}', {place}), '') AS INTEGER)" for place in (1, 2, 3))
    return " + ".join(f"{part} * {weight}" for part, weight in zip(parts, (65_536, 256, 1), strict=True))


def is_lost(source: Source) -> str:
    """SQL for whether the link of a record is lost."""
    if source.typed:
        return "is_lost"
    day, flag = _cell(source, "lost"), _read(source, "is_lost")
    marks = [f"coalesce({flag}, false)"] if flag else []
    if day:
        held = source.held_in("lost")
        gone = f"{held.sql} IS NOT NULL" if held and held.kind == "date" else f"tells_loss({day})"
        seen_again = _is_seen_again(source)
        marks.append(f"({gone} AND NOT {seen_again})" if seen_again else gone)
    return " OR ".join(marks) or "false"


def _is_seen_again(source: Source) -> str | None:
    """SQL for whether a link was seen after the day of its loss; None where that day is the last of a link."""
    lost, seen = _read(source, "lost"), _read(source, "last_seen")
    return f"coalesce({seen} > {lost}, false)" if source.report.may_come_back and lost and seen else None


def reason_of(source: Source, *, named: bool = False) -> str:
    """SQL for why a row is set aside, as far as the row and its key `source` show: its code in `REASON_CODES`, or 0.

    Parameters
    ----------
    named
        Whether only rows with a source are queried, which can't be empty.
    """
    if source.typed:
        return "CAST(0 AS TINYINT)"
    no_link = REASON_CODES.index("not a link")
    cases = [f"WHEN {repeated} THEN {no_link}"] if (repeated := _repeats_heading(source)) else []
    if total := _is_total(source):
        cases.append(f"WHEN {total} THEN {no_link}")
    if mark := _cell(source, "no_link"):
        cases.append(f"WHEN coalesce(as_flag(CAST({mark} AS VARCHAR)), false) THEN {no_link}")
    if kind := _cell(source, "kind"):
        cases.append(f"WHEN lower(trim({kind})) = 'mention' THEN {no_link}")
    other = f"CASE {' '.join(cases)} ELSE 0 END" if cases else "0"
    if named:
        return f"CAST({other} AS TINYINT)"
    nothing = " AND ".join(_nothing_in(source))
    empty = f"CASE WHEN {nothing} THEN {REASON_CODES.index('empty row')} ELSE {other} END"
    return f"CAST(CASE WHEN source = '' THEN {empty} ELSE {other} END AS TINYINT)"


def _repeats_heading(source: Source) -> str:
    """SQL condition that a row repeats the heading, as where lists were concatenated; empty if no row can.

    Where files were concatenated, the repeated heading may begin with the byte order mark of its file.
    """
    titles = source.table.titles
    texts = dict(zip(map(quoted, source.table.headings[-len(titles) :]), titles, strict=True)) if titles else {}
    cells = dict.fromkeys(cell for column in _SOURCE for cell in source.cells_of(column))
    held = set(map(quoted, source.held))
    return " AND ".join(f"{cell} IN ({_as_heading(texts[cell])})" for cell in cells if cell in texts.keys() - held)


def _is_total(source: Source) -> str:
    """SQL condition that a row holds totals: its source cell says so, or its first cell if it has no source."""
    held = set(map(quoted, source.held))
    sources = [cell for column in _SOURCE for cell in source.cells_of(column)]
    cells = [f"names_total({cell})" for cell in dict.fromkeys(sources) if cell not in held]
    own = source.table.headings[-len(source.table.titles) :] if source.table.titles else ()
    if own and quoted(own[0]) not in held:
        cells.append(f"(source = '' AND names_total({quoted(own[0])}))")
    return " OR ".join(f"coalesce({cell}, false)" for cell in cells)


def _as_heading(title: str) -> str:
    return ", ".join(map(literal, (title, f"\ufeff{title}", f'\ufeff"{title}"')))


def _nothing_in(source: Source) -> list[str]:
    """SQL conditions that a row is empty in all columns of the links table that the file has."""
    columns = [column for column in (*(each.name for each in LINKS), "site") if source.cell(column) is not None]
    cells = dict.fromkeys(cell for column in columns if not source.held_in(column) for cell in source.cells_of(column))
    values = [held.sql for column in columns if (held := source.held_in(column))]
    return [*([f"concat_ws('', {', '.join(cells)}) = ''"] if cells else []), *(f"{value} IS NULL" for value in values)]


def _raw_host(cell: str) -> str:
    """SQL for what is between scheme and path; the usual forms have cheaper ways, which may keep a query string."""
    usual = " ".join(
        f"WHEN {cell} LIKE '{scheme}://%' AND {cell} NOT LIKE '{scheme}:///%' THEN host_part({cell})"
        for scheme in ("https", "http")
    )
    bare = f"WHEN regexp_matches({cell}, '^[A-Za-z0-9._-]+$') THEN {cell}"
    return f"CASE {usual} {bare} ELSE coalesce(regexp_extract({cell}, {literal(HOST_PATTERN)}, 1), '') END"


def _raw_source(page: str | None, domain: str | None) -> str:
    if page and domain:
        return f"CASE WHEN trim({page}) <> '' THEN {_raw_host(page)} ELSE {_raw_host(domain)} END"
    return _raw_host(str(page or domain))


def _raw_target(source: Source, column: str, sites: Sequence[Site]) -> str:
    """SQL for the host of a target, or for the site with a path that covers it."""
    cell = _cell(source, column)
    if cell is None:
        return "''"
    prefixes = sorted((site for site in sites if site.path), key=lambda site: len(str(site)), reverse=True)
    cases = " ".join(f"WHEN {_is_below(cell, site)} THEN {literal(str(site))}" for site in prefixes)
    host = _raw_host(cell)
    return f"CASE {cases} ELSE {host} END" if cases else host


def _is_below(cell: str, site: Site) -> str:
    """SQL for whether an address, ignoring case, is below a site with a path; a cheap test for its host comes first."""
    named = " OR ".join(f"contains(lower({cell}), {literal(host)})" for host in _hosts_written(site))
    return f"({named}) AND regexp_matches({cell}, {literal(_prefix_pattern(site))})"


def _prefix_pattern(site: Site) -> str:
    host = "|".join(map(re.escape, _hosts_written(site)))
    plain = unquote(site.path.rstrip("/"))
    path = "|".join(map(re.escape, dict.fromkeys((plain, quote(plain), site.path.rstrip("/")))))
    return rf"(?i){BEFORE_HOST}(?:[^/?#\\@]*@)?(?:www\.)?(?:{host})\.*(?::\d*)?(?:{path})(?:[/?#]|\s*$)"


def _hosts_written(site: Site) -> list[str]:
    """Return the spellings of a host in addresses: in punycode, and in its own script."""
    return list(dict.fromkeys((site.host, in_own_letters(site.host))))


def keys_of(source: Source, sites: Sequence[Site]) -> dict[str, str]:
    """SQL for the keys of a record, as spelled in the file: the hosts of source, target and where redirects end."""
    site = _cell(source, "site")
    return {
        "source": _raw_source(*(_cell(source, column) for column in _SOURCE)),
        "target": f"coalesce(trim({site}), '')" if site else _raw_target(source, "target_url", sites),
        "landing": "''" if site else _raw_target(source, "landing_url", sites),
    }


def unread_cells(source: Source) -> str:
    """SQL for how many cells of a row can't be read as the date, number or flag they should be, plain columns aside."""
    checks = [_unread(source, name, kind) for name, kind in _dates_and_numbers(source) if name not in source.plain]
    return " + ".join(filter(None, [*checks, _unread_flags(source)])) or "0"


def unsettled_cells(source: Source) -> str:
    """SQL for how many cells of the plain columns are not in the engine's own format of their type after all."""
    checks = (
        f"CASE WHEN {_is_settled(str(_cell(source, name)), kind)} THEN 0 ELSE 1 END"
        for name, kind in _dates_and_numbers(source)
        if name in source.plain
    )
    return " + ".join(checks) or "0"


def _dates_and_numbers(source: Source) -> list[tuple[str, str]]:
    """The columns whose text is parsed as dates or numbers, and their types."""
    return [(name, _KINDS[name]) for name in source.columns if not source.typed and _KINDS[name] in _CHECKED]


def _flags(source: Source) -> list[str]:
    """The flags whose cells say yes or no and nothing else: those whose report reads other words are left out."""
    flags = [name for name in source.columns if not source.typed and _KINDS[name] == "boolean"]
    return [name for name in flags if not _BY_OTHER_WORDS.search(source.report.columns[name])]


def plain_columns(source: Source) -> frozenset[str]:
    """Return the date and number columns whose cells in the sample are all in the engine's own format of their type.

    Cells below the sample that are not are found when the file is counted, see `unsettled_cells`.
    """
    titles = source.table.headings[-len(source.table.titles) :]
    places = {quoted(title): place for place, title in enumerate(titles)}
    found = set[str]()
    for name, kind in _dates_and_numbers(source):
        place = places.get(str(source.cell(name)))
        if place is not None and not source.held_in(name):
            cells = (record[place] for record in source.table.sample if len(record) > place)
            found |= {name} if all(not cell or _PLAIN_CELLS[kind].match(cell) for cell in cells) else set()
    return frozenset(found)


def _unread(source: Source, column: str, kind: str) -> str | None:
    """SQL that is 1 for a cell that can't be read as a type, else 0; None where every cell can."""
    cell, held = _cell(source, column), source.held_in(column)
    if held and (from_typed := _FROM_TYPED.get((held.kind, kind))):
        if held.kind not in _CHECKED:
            return None
        says = f"{held.sql} IS NOT NULL" + (f" AND NOT isnan({held.sql})" if held.kind == "number" else "")
        return f"CASE WHEN {says} AND ({from_typed.format(held=held.sql)}) IS NULL THEN 1 ELSE 0 END"
    return (
        f"CASE WHEN {_is_settled(str(cell), kind)} THEN 0 "
        f"WHEN {_FROM_TEXT[kind].format(cell=cell, day_first=_day_first(source))} IS NULL AND says_something({cell}) "
        "THEN 1 ELSE 0 END"
    )


def _unread_flags(source: Source) -> str | None:
    """SQL for how many flags of a row say something other than yes or no; None if the file has no flags as text.

    The first case settles nearly every row, so that the costlier ones are not evaluated.
    """
    flags = [name for name in _flags(source) if not ((held := source.held_in(name)) and held.kind == "boolean")]
    cells = list(dict.fromkeys(cell for name in flags for cell in source.cells_of(name)))
    if not flags:
        return None
    unset = " AND ".join(f"{cell} = 'false'" for cell in cells)
    unread = " + ".join(_unread_flag(source, name) for name in flags)
    return f"CASE WHEN {unset} THEN 0 ELSE {unread} END"


def _unread_flag(source: Source, column: str) -> str:
    """SQL that is 1 for a flag that says something other than yes or no, else 0."""
    cells = source.cells_of(column)
    usual = " AND ".join(f"({cell} IS NULL OR {cell} IN ('false', 'true', ''))" for cell in cells)
    says = " OR ".join(f"says_something({cell})" for cell in cells)
    return f"CASE WHEN {usual} THEN 0 WHEN ({_read(source, column)}) IS NULL AND ({says}) THEN 1 ELSE 0 END"


def _is_settled(cell: str, kind: str) -> str:
    return f"{cell} IS NULL OR {cell} = '' OR {_PLAIN[kind].format(cell=cell)} IS NOT NULL"


def _day_first(source: Source) -> str:
    return "NULL" if source.day_first is None else str(source.day_first).lower()


def links_query(
    source: Source, sites: Sequence[Site], columns: Collection[str] | None = None, *, among: str | None = None
) -> str:
    """Build the query for every record of a file: its keys, its typed columns, its row and line, and its text.

    Parameters
    ----------
    columns
        Which of these to select; None selects all. Numbering the rows of a file, for `row`, costs time.
    among
        Name of a table of hosts with the columns `raw` and `place`: only records from these, with `place`.
    """
    values = {column.name: value_of(source, column.name) for column in LINKS if column.name not in _NOT_READ_FROM_CELLS}
    values["links"] = values["links"] or "1"
    varying = {name: name for name in ("provider", "report", "authority_metric")} if source.merged else {}
    typed = {name: value or f"CAST(NULL AS {SQL_TYPES[_KINDS[name]]})" for name, value in values.items()}
    line = f"CAST({quoted(LINE)} AS BIGINT)" if source.table.rewritten else "CAST(NULL AS BIGINT)"
    cells = ", ".join(quoted(name) for name in source.table.headings if name not in {ROW, LINE})
    selected = {
        **{key: f"keyed.{key}" for key in KEYS},
        "reason": reason_of(source, named=among is not None),
        "is_lost": is_lost(source),
        **typed,
        "row": "own_row",
        "line": line,
        "cells": f"concat_ws(' | ', {cells})",
        "place": "place",
        **varying,
    }
    wanted = (
        set(selected) - ({"place"} if among is None else set())
        if columns is None
        else {*columns, *(["place"] if among else [])}
    )
    listed = ", ".join(f"{sql} AS {name}" for name, sql in selected.items() if name in wanted)
    text = keyed(source, sites, numbered="row" in wanted, among=among)
    return f"SELECT {source.file_number} AS file_number, {listed} FROM {text} AS keyed"


def keyed(source: Source, sites: Sequence[Site], *, numbered: bool = False, among: str | None = None) -> str:
    """SQL for the columns of a file with the keys of each record added, and its number as `own_row` if `numbered`.

    Where only some hosts are wanted (`among`), records are filtered by them before anything else is computed.
    """
    keys = {name: f", {sql} AS {name}" for name, sql in keys_of(source, sites).items()}
    made = "".join(
        f", {source.cell(column)} AS {_cell(source, column)}"
        for column in source.report.columns
        if _is_made(source, column)
    )
    number = f", {source.row} AS own_row" if numbered else ""
    if among is None:
        return f"(SELECT *{''.join(keys.values())} FROM (SELECT *{made}{number} FROM {source.view}) AS made)"
    del keys["source"]
    raw = _raw_source(*map(source.cell, _SOURCE))
    picked = (
        f"SELECT f.*, h.place FROM (SELECT *, {raw} AS source{number} FROM {source.view}) AS f "
        f"JOIN {among} AS h ON h.raw = f.source"
    )
    return f"(SELECT *{''.join(keys.values())} FROM (SELECT *{made} FROM ({picked}) AS picked) AS made)"
