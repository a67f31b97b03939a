"""After the files were read: decide which site each row is for, and take out duplicates."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from linkgap.domains import Site, clean_host, parse_site, registrable_domain
from linkgap.engine import Engine, Tables, statement
from linkgap.errors import UnknownSiteError, counted
from linkgap.loaders.counting import count_records
from linkgap.loaders.records import REASON_CODES, links_query
from linkgap.loaders.sites import (
    dominant_site,
    longest_match,
    not_compared,
    other_site,
    read_file_name,
    site_in_cell,
    site_named,
    unclear_site,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from linkgap.loaders.reading import Source


_HOST = "coalesce(w.host, lower(source))"
_WRITTEN_OTHERWISE = (
    "(SELECT r.raw, c.host FROM raw_hosts AS r JOIN clean_hosts AS c ON c.id = r.id WHERE c.host IS NOT NULL)"
)
"""Hosts whose spelling in the files differs from their normalised name."""
_PLACEHOLDERS = "(SELECT raw FROM raw_hosts WHERE domain IS NULL)"
"""Placeholders such as NA where a host should be. They are set aside as `no domain`, never as duplicates."""


@dataclass(frozen=True)
class Target:
    """What some rows of one file point to: the host of the link's target, and the host where redirects end."""

    file: int
    pair: int
    target: str
    landing: str
    rows: int

    @property
    def hosts(self) -> tuple[str | None, str | None]:
        """Both hosts, normalised; the one where redirects end comes first."""
        return clean_host(self.landing), clean_host(self.target)


def settle_sites(
    engine: Tables, sources: Sequence[Source], given: Sequence[Site]
) -> tuple[list[Site], dict[int, Site | None]]:
    """Make the table `settled`: which site the rows of each file are for.

    Returns
    -------
    tuple
        The compared sites, and the site of each file by its number; None for a file that has links to several.

    Raises
    ------
    UnknownSiteError
        When the site of a file is unclear, with the candidates; or it is not compared, or no link points to it.
    """
    found: dict[int, list[Target]] = defaultdict(list)
    for source in sources:
        for row in engine.rows(_targets_query(source)):
            found[source.number].append(Target(source.number, *row))
    sites = list(given) or _sites_in_file_names(sources)
    site_of = {source.number: _site_of_file(source, found[source.number], given, sites) for source in sources}
    if not given:
        sites_in_rows = {
            parse_site(each.target)
            for source in sources
            if source.names_site
            for each in found[source.number]
            if each.target
        }
        sites = _in_order({site for site in site_of.values() if site} | sites_in_rows, sources)
    rows = [
        (each, _site_of_row(each, source, site_of[source.number], sites))
        for source in sources
        for each in found[source.number]
    ]
    settled = [(each, site) for each, site in rows if site is not None]
    for source in sources:
        elsewhere = found[source.number]
        if source.site is not None and elsewhere and not any(each.file == source.number for each, _ in settled):
            _check_given_site(source, source.site, elsewhere, sites)
    _put_targets(engine, settled)
    return sites, site_of


def _in_order(sites: Iterable[Site], sources: Sequence[Source]) -> list[Site]:
    """Return the sites and those that saved links were compared for; if all links were saved, these in saved order."""
    saved = dict.fromkeys(site for source in sources for site in source.sites)
    return list(saved) if all(source.typed for source in sources) else sorted({*sites, *saved})


def _targets_query(source: Source) -> str:
    return (
        f"SELECT p.pair, p.target, p.landing, sum(c.records) FROM counted_{source.number} AS c "
        f"JOIN pairs AS p ON p.pair = c.pair AND p.file = {source.number} WHERE c.reason = 0 GROUP BY ALL"
    )


def _sites_in_file_names(sources: Iterable[Source]) -> list[Site]:
    named = (site_named(source.file, ()) for source in sources)
    return sorted({site for site in named if site is not None})


def _site_of_file(
    source: Source, targets: Sequence[Target], given: Sequence[Site], known: Sequence[Site]
) -> Site | None:
    """Return the site that a whole file is for; None when it has to be decided row by row."""
    if source.site is not None:
        _check_compared(source, source.site, given)
    if source.site is not None or source.names_site:
        return source.site
    named = site_named(source.file, given)
    has_target = source.cell("target_url") is not None
    if named and (not has_target or not targets or any(_is_for(each, named) for each in targets)):
        return named
    if has_target and given:
        return None
    if given and not has_target and (other := site_named(source.file, ())):
        raise other_site(source.file, other, given)
    by_domain = _rows_by_domain(targets) if has_target else []
    only = given[0] if len(given) == 1 else None
    site = dominant_site(by_domain) or only
    if site is None and targets:
        if has_target and not by_domain:
            raise _no_addresses(source, targets)
        is_file = source.table.path != Path() or source.file.endswith(".parquet")
        raise unclear_site(source.file, by_domain, known, is_file=is_file)
    return site


def _check_compared(source: Source, file_site: Site, given: Sequence[Site]) -> None:
    """Refuse a file whose links would belong to none of the compared sites."""
    has_target = source.cell("target_url") is not None
    if not given or file_site in given or (has_target and any(_is_within(each, file_site) for each in given)):
        return
    raise not_compared(source.file, file_site, given)


def _is_within(site: Site, file_site: Site) -> bool:
    """Tell whether a file given for `file_site` may have links to a site: it is the same, or within that host."""
    return site == file_site or (file_site.covers(site.host) and not file_site.path)


def _is_for(target: Target, site: Site) -> bool:
    return str(site) in {target.target, target.landing} or any(site.covers(host) for host in target.hosts)


def _rows_by_domain(targets: Iterable[Target]) -> list[tuple[str, int]]:
    rows: dict[str, int] = defaultdict(int)
    for each in targets:
        host = next((host for host in each.hosts if host), None)
        if host:
            rows[registrable_domain(host)] += each.rows
    return list(rows.items())


def _site_of_row(target: Target, source: Source, site: Site | None, sites: Sequence[Site]) -> Site | None:
    if source.names_site:
        return site_in_cell(target.target, sites)
    if source.cell("target_url") is None:
        return site
    candidates = [each for each in sites if site is None or _is_within(each, site)]
    by_path = {str(each): each for each in candidates if each.path}
    prefix = by_path.get(target.landing) or by_path.get(target.target)
    return prefix or longest_match(candidates, target.hosts)


def _check_given_site(source: Source, file_site: Site, targets: Sequence[Target], sites: Sequence[Site]) -> None:
    wanted = " or ".join(str(each) for each in sites if _is_within(each, file_site))
    by_domain = sorted(_rows_by_domain(targets), key=lambda each: -each[1])[:5]
    others = ", ".join(f"{domain} ({counted(rows, 'row')})" for domain, rows in by_domain)
    if not others:
        raise _no_addresses(source, targets)
    message = f"{source.file}: none of its links point to {wanted or file_site}; they point to {others}. "
    raise UnknownSiteError(message + "Give it for the right site.")


def _no_addresses(source: Source, targets: Sequence[Target]) -> UnknownSiteError:
    """Return the error for a list whose target column has no address in any row."""
    shown = max(each.target for each in targets)[:40]
    begins = f"; one begins with {shown!r}" if shown else ""
    message = f"{source.file}: no cell of its target column is an address{begins}. Export it again, or fix that column."
    return UnknownSiteError(message)


def _put_targets(engine: Tables, settled: Sequence[tuple[Target, Site]]) -> None:
    columns = "file INTEGER, pair INTEGER, target VARCHAR, landing VARCHAR, site VARCHAR, site_domain VARCHAR"
    engine.run(f"CREATE OR REPLACE TABLE settled ({columns})")
    if settled:
        engine.put(
            "settled",
            {
                "file": [each.file for each, _ in settled],
                "pair": [each.pair for each, _ in settled],
                "target": [each.target for each, _ in settled],
                "landing": [each.landing for each, _ in settled],
                "site": [str(site) for _, site in settled],
                "site_domain": [site.domain for _, site in settled],
            },
            append=True,
        )


def join_names(engine: Tables) -> None:
    """Make the table `targets` and the views `named` and `judged`, once hosts have domains and rows have sites."""
    engine.run(
        "CREATE OR REPLACE TABLE targets AS SELECT s.*, d.number AS site_number FROM settled AS s "
        "LEFT JOIN domains AS d ON d.domain = s.site_domain"
    )
    engine.run(statement("linkgap.loaders", "judged"))


def take_out_duplicates(
    engine: Engine, sources: Sequence[Source], site_of: Mapping[int, Site | None], sites: Sequence[Site]
) -> None:
    """Take links out of the counted tables that are in another file of the same site and report, too.

    The latest file keeps them, if the files are dated. In lists of domains, repetitions within one list are taken out,
    too. What is taken out is recorded in the table `duplicates`. Hosts were normalised before: one in its own script
    equals the same host in punycode, as saved links have it.
    """
    engine.run("CREATE OR REPLACE TABLE duplicates (file INTEGER, row BIGINT)")
    for group in _groups_to_compare(engine, sources, site_of):
        if len({source.saved_view for source in group}) == 1 and group[0].saved_view:
            continue  # done before they were saved
        if len(group) > 1 or (group[0].report.lists == "domains" and _repeats_domains(engine, group[0])):
            engine.run(f"INSERT INTO duplicates {_duplicates_query(_by_precedence(group), sites)}")
    repeated = dict(engine.rows("SELECT file, count(*) FROM duplicates GROUP BY file"))
    for source in sources:
        if source.number in repeated:
            count_records(engine, source, sites, without="duplicates")
            engine.run(
                f"INSERT INTO counted_{source.number} (source, reason, is_lost, records) "
                f"VALUES ('', {REASON_CODES.index('duplicate')}, false, {repeated[source.number]})"
            )


def _by_precedence(group: Sequence[Source]) -> list[Source]:
    """Sort files that may hold the same links by precedence: the first file with a link decides on its state.

    Later files come first, and on the same day whole lists before parts. If any whole list has no date, all whole lists
    come before the parts, as nothing shows a part to be later.
    """
    named = {source.number: read_file_name(source.file) for source in group}
    days = {number: each.exported_at.toordinal() if each.exported_at else 0 for number, each in named.items()}
    parts = {number for number, each in named.items() if each.partial is not None}
    comparable = all(days[number] for number in days.keys() - parts)

    def precedence(source: Source) -> tuple[int, ...]:
        is_part, age = source.number in parts, -days[source.number]
        return (age, is_part, source.number) if comparable else (is_part, age, source.number)

    return sorted(group, key=precedence)


def _groups_to_compare(
    engine: Engine, sources: Sequence[Source], site_of: Mapping[int, Site | None]
) -> list[list[Source]]:
    """Group the files that may hold the same links: those of one report and site.

    If saved links and another file of the same report have a site in common, all files of that report are one group, so
    that lists of many sites are in it, too. Reports with several sites per record are grouped by report alone.
    """
    sites: dict[int, set[str]] = defaultdict(set)
    for number, site in engine.rows("SELECT DISTINCT file, site FROM settled"):
        sites[number].add(site)
    single = [source for source in sources if not _has_lists_of_sites(source)]
    again = {
        _list_name(one)
        for one, other in itertools.product((source for source in single if source.typed), single)
        if _list_name(one) == _list_name(other) and one.table.path != other.table.path
        if sites[one.number] & sites[other.number]
    }
    groups: dict[tuple[str, ...], list[Source]] = defaultdict(list)
    for source in single:
        if _list_name(source) in again:
            groups[_list_name(source)].append(source)
        elif not source.names_site or source.table.path != Path():  # a frame with sites is not an export
            groups[str(site_of[source.number]), *_list_name(source)].append(source)
    for source in sources:
        if _has_lists_of_sites(source):
            groups["several sites a record", *_list_name(source)].append(source)
    return list(groups.values())


def _has_lists_of_sites(source: Source) -> bool:
    """Tell whether one record may be for several sites, in the export itself or in links that were saved from it."""
    return bool(source.report.site_list or source.report.site_columns)


def _list_name(source: Source) -> tuple[str, str]:
    return source.report.provider, source.report.name


def _repeats_domains(engine: Engine, source: Source) -> bool:
    count = (
        f"SELECT sum(records) > count(DISTINCT ({_HOST}, pair)) FROM counted_{source.number} "
        f"LEFT JOIN {_WRITTEN_OTHERWISE} AS w ON w.raw = source WHERE reason = 0 AND source NOT IN {_PLACEHOLDERS}"
    )
    return bool(engine.rows(count)[0][0])


def _duplicates_query(group: Sequence[Source], sites: Sequence[Site]) -> str:
    """Build the query for the rows of a group of files whose links, to every site of theirs, are earlier in it, too."""
    lists_domains = group[0].report.lists == "domains"
    page = "lower(rtrim(coalesce(source_url, ''), '/'))"
    link = f"coalesce(source_url, {_HOST}), coalesce(target_url, ''), coalesce(anchor, '')"
    key = f"site, {f'{_HOST}, {page}' if lists_domains else link}"
    columns = {"source", "target", "landing", "reason", "source_url", "target_url", "anchor", "row"}
    listed = " UNION ALL ".join(
        f"SELECT {place} AS place, l.*, s.site FROM ({links_query(source, sites, columns)}) AS l "
        f"JOIN settled AS s ON s.file = {source.number} AND s.target = l.target AND s.landing = l.landing"
        for place, source in enumerate(group)
    )
    repeated = "turn > 1" if lists_domains else "place > first_place"
    return (
        f"SELECT file_number, row FROM (SELECT file_number, row, place, min(place) OVER same AS first_place, "
        f"row_number() OVER (PARTITION BY {key} ORDER BY place, row) AS turn FROM ({listed}) AS listed "
        f"LEFT JOIN {_WRITTEN_OTHERWISE} AS w ON w.raw = listed.source "
        f"WHERE reason = 0 AND source NOT IN {_PLACEHOLDERS} WINDOW same AS (PARTITION BY {key})) AS turns "
        f"GROUP BY file_number, row HAVING bool_and({repeated})"
    )
