"""`read_links`, and the value it returns."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from linkgap.domains import Site, parse_site
from linkgap.engine import Engine, literal
from linkgap.errors import (
    InvalidArgumentError,
    LinkgapWarning,
    MissingFileError,
    UnreadableFileError,
    counted,
    in_words,
)
from linkgap.loaders import frames, mappings, saved
from linkgap.loaders.counting import count_hosts, prepare, slim_hosts
from linkgap.loaders.exporters import recognise
from linkgap.loaders.files import find_files, is_parquet, open_tables
from linkgap.loaders.naming import name_hosts
from linkgap.loaders.reading import Source, open_source
from linkgap.loaders.receipts import Refused, build_receipts, check_loss
from linkgap.loaders.records import REASON_CODES, links_query
from linkgap.loaders.reports import Report, folded
from linkgap.loaders.settling import join_names, settle_sites, take_out_duplicates
from linkgap.loaders.sites import parse_sites
from linkgap.loaders.tables import text_records
from linkgap.schema import LINKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from linkgap.loaders.tables import Table


@dataclass(frozen=True, eq=False)
class Links:
    """Backlinks of some sites, with the receipts of the files they came from.

    Made by `read_links`. The rows stay in their files and are read again when `frame` or `set_aside` is asked for.

    Attributes
    ----------
    sites
        The compared sites.
    receipts
        One row a file, see `linkgap.schema.RECEIPTS`.
    """

    engine: Engine = field(repr=False)
    sites: tuple[str, ...]
    receipts: pd.DataFrame = field(repr=False)
    sources: tuple[Source, ...] = field(repr=False)
    site_list: tuple[Site, ...] = field(repr=False)

    def __repr__(self) -> str:
        """State how many sites, files, links, domains and rows set aside."""
        read = self.receipts["provider"].notna()
        refused = f"; {counted(int((~read).sum()), 'file')} not read" if not read.all() else ""
        return (
            f"Links: {counted(len(self.sites), 'site')}, {counted(int(read.sum()), 'file')}, "
            f"{counted(self.row_count, 'link')} from {counted(self.domain_count, 'domain')}; "
            f"{counted(int(self.receipts['set_aside'].sum()), 'row')} set aside{refused}"
        )

    def _repr_html_(self) -> str:
        """Show the finding and the receipts."""
        shown = [
            "file",
            "provider",
            "report",
            "site",
            "rows",
            "kept",
            "set_aside",
            "domains",
            "lost",
            "cut",
            "floor",
            "partial",
            "note",
        ]
        table = self.receipts[shown].to_html(index=False, na_rep="", border=0)
        return f"<p>{escape(repr(self))}</p>{table}"

    @cached_property
    def row_count(self) -> int:
        """How many rows became links."""
        return int(self.receipts["kept"].sum())

    @cached_property
    def domain_count(self) -> int:
        """How many distinct domains link to the sites."""
        found = self.engine.rows("SELECT count(DISTINCT domain) FROM judged WHERE verdict = 'kept'")
        return int(found[0][0])

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Every link, one row a record that was kept, see `linkgap.schema.LINKS`; read from the files when first used."""
        return self.engine.frame(f"SELECT * FROM ({self.query()}) ORDER BY file, row")

    def query(self) -> str:
        """Return the SQL for the links table."""
        columns = ", ".join(column.name for column in LINKS)
        return " UNION ALL ".join(
            f"SELECT {columns} FROM ({self._judged_rows(source)}) WHERE verdict = 'kept'" for source in self.sources
        )

    def query_from_hosts(self, hosts: str, sites: str, *, columns: Sequence[str], conditions: Sequence[str]) -> str:
        """Return the SQL for the links from some hosts to some sites.

        Parameters
        ----------
        hosts
            Name of a table of hosts: `raw`, and `place` to tell them by.
        sites
            Name of a table with a column `site`.
        columns
            Of the links table, `place`, and `list`, the name of the provider's report.
        conditions
            SQL over columns of the links table.
        """
        where = " AND ".join(["l.reason = 0", "d.row IS NULL", *conditions])
        wanted = {"target", "landing", "reason", "is_lost", "follow_links", *columns}
        selected = ", ".join("t.site" if column == "site" else column for column in columns)
        return " UNION ALL ".join(
            f"SELECT {selected} FROM (SELECT *, {literal(self._list_name(source))} AS list "
            f"FROM ({self._numbered(source, wanted, hosts)})) AS l "
            f"JOIN targets AS t ON t.file = {source.number} AND t.target = l.target AND t.landing = l.landing "
            f"JOIN {sites} AS s ON s.site = t.site {self._without_duplicates(source)} WHERE {where}"
            for source in self.sources
        )

    def _numbered(self, source: Source, columns: set[str], hosts: str) -> str:
        """SQL for the records of some hosts, with their numbers only where duplicates have to be told by them."""
        numbered = columns | ({"row"} if self._has_duplicates(source) else set())
        return links_query(source, self.site_list, numbered, among=hosts)

    @staticmethod
    def _list_name(source: Source) -> str:
        return f"{source.report.provider} {source.report.name}"

    def _has_duplicates(self, source: Source) -> bool:
        return bool(int(self.receipts.iloc[source.number]["duplicate"])) and not source.typed

    def _without_duplicates(self, source: Source) -> str:
        """Join the duplicates of a file; where it has none, nothing that would need the rows to be numbered."""
        if self._has_duplicates(source):
            return f"LEFT JOIN duplicates AS d ON d.file = {source.number} AND d.row = l.row"
        return "LEFT JOIN duplicates AS d ON false"

    @cached_property
    def set_aside(self) -> pd.DataFrame:
        """Every row that is not among the links: `file`, `row`, `line`, `reason`, `text`.

        `row` counts records below the heading from 1, `line` lines of the file from 1; `text` is the row, shortened.
        """
        import pandas as pd

        damaged = [
            (source.file, each.row, each.line, each.reason, each.text)
            for source in self.sources
            for each in source.table.set_aside
        ]
        judged = [
            (source.file, *row)
            for source in self.sources
            if self._has_set_aside(source)
            for row in self._judged_aside(source)
        ]
        rows = sorted([*damaged, *judged], key=lambda row: (row[0], row[1]))
        return pd.DataFrame(rows, columns=["file", "row", "line", "reason", "text"])

    def save(self, path: str | Path) -> Path:
        """Write all links and receipts into one Parquet file, which `read_links` reads in a moment.

        Parameters
        ----------
        path
            Must end in `.parquet`; an existing file is replaced.
        """
        return saved.save_links(self.engine, self.query(), self.receipts, self.sites, Path(path))

    def _judged_rows(self, source: Source) -> str:
        """SQL for every record of a file with its site, its domain and its verdict."""
        constant = (
            f"{literal(source.report.provider)} AS provider, {literal(source.report.name)} AS report, "
            f"{literal(source.file)} AS file, "
            f"{literal(source.report.authority_metric if source.cell('authority') else None)} AS authority_metric"
        )
        verdict = (
            f"CASE WHEN d.row IS NOT NULL THEN 'duplicate' WHEN l.reason > 0 THEN {_reason_names()}[l.reason] "
            "WHEN n.domain IS NULL THEN 'no domain' WHEN t.site IS NULL THEN 'other site' "
            "WHEN n.domain = t.site_domain THEN 'self link' ELSE 'kept' END"
        )
        return (
            f"SELECT l.*, {constant}, t.site AS site, n.domain AS source_domain, n.host AS source_host, "
            f"{verdict} AS verdict "
            f"FROM ({links_query(source, self.site_list)}) AS l LEFT JOIN named AS n ON n.raw = l.source "
            f"LEFT JOIN targets AS t ON t.file = {source.number} AND t.target = l.target AND t.landing = l.landing "
            f"{self._without_duplicates(source)}"
        )

    def _has_set_aside(self, source: Source) -> bool:
        row = self.receipts.iloc[source.number]
        return int(row["set_aside"]) > len(source.table.set_aside) and not source.typed

    def _judged_aside(self, source: Source) -> list[tuple[Any, ...]]:
        rows = self.engine.rows(
            f"SELECT row, line, verdict, left(cells, 300) FROM ({self._judged_rows(source)}) "
            "WHERE verdict <> 'kept' ORDER BY row"
        )
        if not rows or rows[0][1] is not None:
            return rows
        lines = _lines_of(source.table, {int(row[0]) for row in rows})
        return [(row[0], lines.get(int(row[0])), *row[2:]) for row in rows]


def _reason_names() -> str:
    return "[" + ", ".join(literal(reason) for reason in REASON_CODES[1:]) + "]"


def _lines_of(table: Table, rows: set[int]) -> dict[int, int]:
    """Find the lines on which records of a file stand that the engine read in place."""
    if table.encoding == "":
        return {}
    records = text_records(table.path, table.encoding, table.delimiter)
    below = (record for record in records if record.line > table.skip)
    return {row: record.line for row, record in enumerate(below) if row in rows}


class _Input(NamedTuple):
    """One file or frame that the user gave, and what was said about it."""

    thing: Path | object
    name: str
    site: Site | None
    from_folder: bool
    folder: Path


def read_links(
    where: object,
    *,
    sites: Iterable[str] = (),
    columns: Mapping[str, str] | str | Path | None = None,
    complete: bool | Mapping[str, bool] | None = None,
    encoding: str | None = None,
    day_first: bool | None = None,
    max_loss: float = 0.05,
    memory_limit: str | None = None,
    progress: bool | None = None,
) -> Links:
    """Read backlink exports, whatever tool they come from.

    Parameters
    ----------
    where
        A folder, a file, several of them, `{site: files}`, or links that are in columns already: a DataFrame, an Arrow
        table, a Polars frame or a Parquet file with `source_url` or `source_domain`, and `site` or `target_url`.
        Files are recognised by their content; `.gz`, `.zip` and `.xlsx` are opened.
    sites
        The sites that are compared: domains, hosts or URL prefixes. None given: those that the files' names and target
        columns say.
    columns
        For files of a tool that linkgap does not know: from columns of the links table (`linkgap.schema.LINKS`) to the
        file's headings, or the name of such a mapping that was saved with `save_columns`.
    complete
        Whether lists are complete, for all or by file or site, when you know better than their number of rows says.
    encoding
        Of text files; None finds it.
    day_first
        Order of day and month in dates like 03/04/2026; None finds it in the whole column.
    max_loss
        Share of a file's rows, 0 to 1, that may be damaged; beyond it the reading fails.
    memory_limit
        Of the engine, such as `"4GB"`; None leaves it to the engine.
    progress
        Show a progress bar; None shows one when the files are large.

    Returns
    -------
    Links
        With `.frame`, `.receipts`, `.set_aside` and `.sites`.

    Raises
    ------
    MissingFileError
        When a file or folder does not exist.
    UnreadableFileError
        When a file that was named is no list of backlinks; in a folder it is left out, with a warning and a receipt.
    UnknownSiteError
        When it is unclear which site a file's links point to.
    TooMuchLossError
        When more than `max_loss` of a file is damaged.

    Examples
    --------
    >>> import linkgap as lg
    >>> links = lg.read_links(lg.sample_exports())
    >>> links.sites
    ('deskly.example', 'oakdesk.example', 'sitwell.example', 'uprightco.example', 'workhaven.example')
    """
    _check_options(max_loss, encoding)
    engine = Engine(memory_limit=memory_limit)
    inputs = _without_repeats(_inputs(where))
    said = [each.site for each in inputs if each.site is not None]
    given = parse_sites(sites) or (list(dict.fromkeys(said)) if len(said) == len(inputs) else [])
    prepare(engine)
    reader = _Reader(engine, columns, encoding, day_first)
    sources, refused = reader.read_all(inputs, given, show=progress)
    site_list, site_of = settle_sites(engine, sources, given)
    take_out_duplicates(engine, sources, site_of, site_list)
    name_hosts(engine, sources)
    slim_hosts(engine, sources)
    join_names(engine)
    known = _complete_by_file(complete, sources, site_of)
    receipts = build_receipts(engine, sources, site_of, refused, complete=known)
    receipts = saved.restore_receipts(receipts, sources)
    for source in sources:
        check_loss(source, receipts.iloc[source.number], max_loss)
    _warn_of(refused)
    return Links(engine, tuple(str(site) for site in site_list), receipts, tuple(sources), tuple(site_list))


def _check_options(max_loss: float, encoding: str | None) -> None:
    if not isinstance(max_loss, int | float) or not 0 <= max_loss <= 1:
        message = f"max_loss={max_loss!r} is not allowed. Allowed: a share from 0 to 1, such as 0.05."
        raise InvalidArgumentError(message)
    if encoding is not None:
        try:
            "".encode(encoding)
        except LookupError:
            message = (
                f"encoding={encoding!r} is not known. Allowed: utf-8, utf-16, cp1252, ... Leave it out to find it."
            )
            raise InvalidArgumentError(message) from None


def _inputs(where: object) -> list[_Input]:
    """List the files and frames that the user points at."""
    if isinstance(where, Mapping):
        return [each._replace(site=parse_site(str(site))) for site, things in where.items() for each in _inputs(things)]
    if isinstance(where, str | Path):
        path = Path(where).expanduser()
        folder = path if path.is_dir() else path.parent
        names = ((file, file.relative_to(folder).as_posix()) for file in find_files(path))
        return [_Input(file, name, None, path.is_dir(), folder) for file, name in names]
    if frames.is_frame(where):
        return [_Input(where, frames.name_of(where), None, from_folder=False, folder=Path())]
    if isinstance(where, Iterable):
        found = [each for thing in where for each in _inputs(thing)]
        if found:
            return found
        message = (
            "There is nothing to read: the list of files is empty. Give a folder, files, {site: files} or a DataFrame."
        )
        raise MissingFileError(message)
    came = type(where).__name__
    message = f"{came} can't be read. Allowed: a folder, files, {{site: files}}, a DataFrame, Arrow or Polars table."
    raise InvalidArgumentError(message)


def _without_repeats(inputs: Sequence[_Input]) -> list[_Input]:
    """Read a file once that was named twice; where a site was said for it, that counts."""
    by_place: dict[object, _Input] = {}
    for each in inputs:
        place = each.thing.resolve() if isinstance(each.thing, Path) else id(each.thing)
        known = by_place.get(place)
        if known is None or each.site is not None or not each.from_folder:
            by_place[place] = each
    return list(by_place.values())


@contextmanager
def _progress(total: int, *, show: bool | None) -> Iterator[Callable[[int], object]]:
    """Show a bar of the bytes read where it is worth while, and yield what moves it on."""
    if show or (show is None and total >= _LARGE_BYTES):
        from tqdm.auto import tqdm

        with tqdm(total=total, unit="B", unit_scale=True, desc="Reading links") as bar:
            yield bar.update
    else:
        yield lambda _: None


@dataclass(frozen=True)
class _Reader:
    """Reads inputs one after the other into the engine's table `hosts`."""

    engine: Engine
    columns: Mapping[str, str] | str | Path | None
    encoding: str | None
    day_first: bool | None

    def read_all(
        self, inputs: Sequence[_Input], given: Sequence[Site], *, show: bool | None
    ) -> tuple[list[Source], list[Refused]]:
        """Return a source for every table, and what was not read in folders.

        Raises
        ------
        UnreadableFileError
            When a file that was named can't be read, or none in a folder can.
        """
        sources: list[Source] = []
        refused: list[Refused] = []
        bytes_of = [each.thing.stat().st_size if isinstance(each.thing, Path) else 0 for each in inputs]
        with _progress(sum(bytes_of), show=show) as advance:
            for each, size in zip(inputs, bytes_of, strict=True):
                try:
                    opened = self._open(each, len(sources))
                    sources += [count_hosts(self.engine, source, given) for source in opened]
                except UnreadableFileError as error:
                    if not each.from_folder:
                        raise
                    refused.append(Refused(each.name, str(error)))
                advance(size)
        if not sources:
            message = f"None of the {counted(len(refused), 'file')} is a list of backlinks. " + " ".join(
                each.why for each in refused[:3]
            )
            raise UnreadableFileError(message)
        return sources, refused

    def _open(self, each: _Input, number: int) -> list[Source]:
        if not isinstance(each.thing, Path):
            return frames.frame_source(
                self.engine, each.thing, self._mapping(each), each.name, number, each.site, self.day_first
            )
        if is_parquet_file(each.thing):
            return frames.parquet_sources(
                self.engine, each.thing, self._mapping(each), each.name, number, each.site, self.day_first
            )
        mapping = self._mapping(each)
        wanted = [folded(heading) for heading in mapping.headings] if mapping else []
        tables = open_tables(each.thing, each.name, self.engine.folder, encoding=self.encoding, wanted=wanted)
        reports = [(table, self._report(table, mapping, each)) for table in tables]
        known = [(table, report) for table, report in reports if report is not None]
        if not known:
            raise mappings.unknown_table(tables[0].file, tables[0].titles)
        return [
            open_source(self.engine, table, report, number + place, site=each.site, day_first=self.day_first)
            for place, (table, report) in enumerate(known)
        ]

    def _mapping(self, each: _Input) -> mappings.Mapping | None:
        return None if self.columns is None else mappings.find_mapping(self.columns, each.folder)

    def _report(self, table: Table, mapping: mappings.Mapping | None, each: _Input) -> Report | None:
        """Tell which report a table is; the user's mapping counts where its headings are there.

        Raises
        ------
        NotBacklinksError
            When it is a report without backlinks.
        """
        titles = [folded(title) for title in table.titles]
        mapping = (
            mapping if mapping is not None and mapping.fits(titles) else mappings.mapping_beside(each.folder, titles)
        )
        if mapping is not None:
            return mapping.report
        report = recognise(table.titles, table.sample)
        if report is not None and report.instead is not None:
            raise mappings.no_backlinks(table.file, report, table.titles)
        return report


_LARGE_BYTES = 50 * 1024**2


def is_parquet_file(path: Path) -> bool:
    """Tell whether a file is Parquet; one that can't be opened is left to those who say why."""
    try:
        return is_parquet(path)
    except OSError:
        return False


def _complete_by_file(
    complete: bool | Mapping[str, bool] | None,
    sources: Sequence[Source],
    site_of: Mapping[int, Site | None],
) -> dict[int, bool | None]:
    """Spread what the user says about completeness over the files.

    Raises
    ------
    InvalidArgumentError
        When a name is neither a file nor a site.
    """
    if not isinstance(complete, Mapping):
        return dict.fromkeys((source.number for source in sources), complete)
    names = {source.number: {source.file, str(site_of[source.number])} for source in sources}
    unknown = set(complete) - set().union(*names.values())
    if unknown:
        allowed = in_words({name for each in names.values() for name in each} - {"None"})
        message = f"complete= names {in_words(unknown)}. Allowed: {allowed}."
        raise InvalidArgumentError(message)
    return {number: next((complete[name] for name in each if name in complete), None) for number, each in names.items()}


def _warn_of(refused: Sequence[Refused]) -> None:
    if refused:
        files = "; ".join(each.why for each in refused[:5])
        warnings.warn(f"{counted(len(refused), 'file')} not read. {files}", LinkgapWarning, stacklevel=3)
