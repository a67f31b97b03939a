"""`read_links`: links from whatever the user has."""

from __future__ import annotations

import itertools
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import gettempdir
from typing import TYPE_CHECKING, NamedTuple

from linkgap.domains import Site, parse_site
from linkgap.engine import DamagedRowsError, Engine, EngineError, damaged_parquet
from linkgap.errors import (
    InvalidArgumentError,
    LinkgapError,
    LinkgapWarning,
    MissingFileError,
    UnreadableFileError,
    UnwritableFileError,
    counted,
    in_words,
    shown,
)
from linkgap.loaders import frames, mappings
from linkgap.loaders.counting import count_hosts, count_saved, counts_unread, number_hosts, prepare
from linkgap.loaders.exporters import recognise
from linkgap.loaders.files import find_files, is_parquet, open_tables
from linkgap.loaders.links import Asked, Links
from linkgap.loaders.naming import name_hosts
from linkgap.loaders.on_spark import Options, read_in_spark, session_for
from linkgap.loaders.reading import (
    Source,
    merge_saved,
    open_source,
    prepared,
    shows_local_dates,
    with_order_of_days,
)
from linkgap.loaders.receipts import build_receipts, check_loss, check_max_loss, complete_by_file
from linkgap.loaders.reports import Report, folded
from linkgap.loaders.settling import join_names, settle_sites, take_out_duplicates
from linkgap.loaders.sites import parse_sites, without_repeats
from linkgap.loaders.tables import Refused, rewrite_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from linkgap.loaders.tables import Table


USUAL_LOSS = 0.05


class _Input(NamedTuple):
    """One file or frame that the user gave: its name, the site given for it, and the folder where it was found."""

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
    max_loss: float = USUAL_LOSS,
    memory_limit: str | None = None,
    engine: object = None,
    progress: bool | None = None,
) -> Links:
    """Read backlink exports, whatever tool they come from.

    Parameters
    ----------
    where
        A folder, a file, several of them, `{site: files}`, or links that already are in columns: a DataFrame, an Arrow
        table, a Polars frame or a Parquet file with `source_url` or `source_domain`, and `site` or `target_url`.
        Files are recognised by their content; `.gz`, `.zip` and `.xlsx` are opened. With Spark also a Spark DataFrame,
        the name of a table, or an address such as `s3a://bucket/links/` of Parquet or CSV with these columns.
    sites
        The sites to compare: domains, hosts or URL prefixes. If none are given, those that the names of the files and
        their target columns show.
    columns
        For files of a tool that linkgap does not know: a mapping from columns of the links table
        (`linkgap.schema.LINKS`), or their opposites `dofollow` and `is_live`, to the file's headings, or the name of
        one that was saved with `save_columns`. Files without these headings are read as usual; if no file has them, a
        warning says so.
    complete
        Whether lists are complete, for all or by file or site, when you know better than their row counts suggest.
    encoding
        Encoding of text files; None detects it.
    day_first
        Whether the day comes first in dates like 03/04/2026; None infers it from the whole column.
    max_loss
        Share of a file's rows, 0 to 1, that may be damaged; beyond it, reading fails.
    memory_limit
        Of this process, such as `"4GB"`, and at least `"100MB"`: what does not fit is spilled to disk. None leaves it
        to the engine, which uses most of the machine's memory when there is much to read.
    engine
        None computes in this process. With a SparkSession (also of Spark Connect) or the address of a Spark master
        such as `"local[2]"`, Spark does: it reads tables and addresses itself, and this process reads the files and
        sends their links to Spark.
    progress
        Show a progress bar; None shows one when the files are large.

    Returns
    -------
    Links
        With `.frame`, `.receipts`, `.set_aside` and `.sites`.

    Raises
    ------
    InvalidArgumentError
        When `where` is of a type that can't be read, or an option is not allowed.
    MissingFileError
        When a file, a folder or a mapping does not exist.
    MissingLibraryError
        When Spark is asked for and not installed.
    UnreadableFileError
        When a file that was given is not a list of backlinks; one in a folder, a zip file or a workbook is left out,
        with a warning and a receipt.
    UnknownSiteError
        When it is unclear which site a file's links point to, or a file is given for a site that is not compared.
    TooMuchLossError
        When more than `max_loss` of a file is damaged.
    UnwritableFileError
        When there is no disk space for files that have to be rewritten.

    Examples
    --------
    >>> import linkgap as lg
    >>> links = lg.read_links(lg.sample_exports())
    >>> links.sites
    ('deskly.example', 'oakdesk.example', 'sitwell.example', 'uprightco.example', 'workhaven.example')
    """
    _check_options(max_loss=max_loss, encoding=encoding, day_first=day_first, complete=complete, progress=progress)
    where = _with_lists(where)
    session = session_for(engine, where)
    if session is not None:
        options = Options(tuple(parse_sites(sites)), columns, complete, max_loss, day_first)
        exports = partial(read_links, encoding=encoding, day_first=day_first, progress=progress)
        return read_in_spark(session, where, options, partial(exports, memory_limit=memory_limit))
    embedded = Engine(memory_limit=memory_limit)
    inputs = _with_unique_names(without_repeats((_place_of(each.thing), each.site, each) for each in _inputs(where)))
    sites_of_inputs = [each.site for each in inputs if each.site is not None]
    named = parse_sites(sites)
    given = named or (list(dict.fromkeys(sites_of_inputs)) if len(sites_of_inputs) == len(inputs) else [])
    prepare(embedded)
    reader = _Reader(embedded, columns, encoding, day_first, given)
    sources, refused = reader.read_all(inputs, show=progress)
    if columns is not None and not refused:  # errors of files not read say which headings they lack
        _warn_of_unused(reader.given_mappings(inputs), sources)
    site_list, site_of = settle_sites(embedded, sources, given)
    name_hosts(embedded, sources)
    take_out_duplicates(embedded, sources, site_of, site_list)
    number_hosts(embedded, sources)
    join_names(embedded)
    known = complete_by_file(complete, sources, site_of)
    receipts = build_receipts(embedded, sources, site_of, refused, compared=site_list, complete=known)
    asked = _asked(
        inputs,
        sites=[str(site) for site in named] or None,
        columns=dict(columns) if isinstance(columns, Mapping) else columns and Path(columns).name,
        complete=dict(complete) if isinstance(complete, Mapping) else complete,
        encoding=encoding,
        day_first=day_first,
        max_loss=None if max_loss == USUAL_LOSS else max_loss,
    )
    names = tuple(str(site) for site in site_list)
    links = Links(embedded, names, tuple(receipts), tuple(sources), tuple(site_list), asked)
    for source in sources:
        if source.receipt is None:  # saved links were accepted when they were first read
            check_loss(source, receipts[source.number], max_loss, links.first_damaged)
    _warn_of(refused)
    embedded.leave_room()
    return links


def _asked(inputs: Sequence[_Input], **options: object) -> Asked:
    return Asked(
        tuple((each.name, None if each.site is None else str(each.site)) for each in inputs),
        frozenset(each.name for each in inputs if not isinstance(each.thing, Path)),
        all(each.from_folder and each.site is None for each in inputs) and len({each.folder for each in inputs}) == 1,
        {name: value for name, value in options.items() if value is not None},
    )


def _check_options(*, max_loss: float, encoding: str | None, complete: object, **flags: object) -> None:
    check_max_loss(max_loss)
    for name, flag in flags.items():
        if not (flag is None or isinstance(flag, bool)):
            message = f"{name}={flag!r} is not allowed. Allowed: True, False, or None to let linkgap decide."
            raise InvalidArgumentError(message)
    answers = complete.values() if isinstance(complete, Mapping) else [complete]
    if not all(each is None or isinstance(each, bool) for each in answers):
        message = f"complete={complete!r} is not allowed. Allowed: True, False, or {{file or site: True or False}}."
        raise InvalidArgumentError(message)
    if encoding is not None:
        try:
            "".encode(encoding)
        except (LookupError, TypeError, ValueError):
            message = (
                f"encoding={encoding!r} is not known. Allowed: utf-8, utf-16, cp1252, ... "
                "Leave it out to have it detected."
            )
            raise InvalidArgumentError(message) from None


def _is_not_a_list(where: object) -> bool:
    """Tell whether an iterable is not to be taken for a list: a zero-dimensional array, an open file, bytes."""
    return getattr(where, "ndim", None) == 0 or hasattr(where, "read") or isinstance(where, bytes | bytearray)


def _with_lists(where: object) -> object:
    """Return what the user gave with generators, sets and other iterables as lists; they may hold Spark tables, too."""
    if isinstance(where, str | Path) or frames.is_frame(where):
        return where
    if isinstance(where, Mapping):
        return {site: _with_lists(things) for site, things in where.items()}
    return list(map(_with_lists, where)) if isinstance(where, Iterable) and not _is_not_a_list(where) else where


def _inputs(where: object) -> list[_Input]:
    """List the files and frames that the user points at."""
    if isinstance(where, str | Path):
        if where == "":  # as an unset variable of the shell is; to Path, it is the working folder
            raise InvalidArgumentError(
                "'' names nothing to read. Allowed: a folder or file; the working folder is '.'."
            )
        return _files_at(Path(where))
    if frames.is_frame(where):
        return [_Input(where, frames.name_of(where), None, from_folder=False, folder=Path())]
    if isinstance(where, Mapping):
        found = [
            each._replace(site=parse_site(str(site))) for site, things in where.items() for each in _inputs(things)
        ]
    elif isinstance(where, Iterable) and not _is_not_a_list(where):
        found = [each for thing in where for each in _inputs(thing)]
    else:
        came = type(where).__name__
        message = (
            f"A value of type {came} can't be read. Allowed: a folder, files, {{site: files}}, a DataFrame, an Arrow "
            "table or a Polars frame."
        )
        raise InvalidArgumentError(message)
    if not found:
        message = (
            "There is nothing to read: the list of files is empty. Give a folder, files, {site: files} or a DataFrame."
        )
        raise MissingFileError(message)
    return found


def _files_at(where: Path) -> list[_Input]:
    """List a file, or the files of a folder, named by their paths relative to it."""
    with suppress(RuntimeError):  # no such user in `~user`: then there is no such file
        where = where.expanduser()
    found = find_files(where)
    from_folder = where.is_dir()
    folder = where if from_folder else where.parent
    names = ((file, shown(file.relative_to(folder).as_posix())) for file in found)
    return [_Input(file, name, None, from_folder, folder) for file, name in names]


def _place_of(thing: object) -> object:
    """Return what two inputs have in common if they are the same file or frame."""
    return thing.resolve() if isinstance(thing, Path) else id(thing)


def _with_unique_names(inputs: Sequence[_Input]) -> list[_Input]:
    """Make the names of inputs unique: those of files by the folders that they are in, others by a number."""
    alike = defaultdict(list)
    for each in inputs:
        alike[each.name].append(each.thing)
    longer = {name: _longer_names(name, things) for name, things in alike.items() if len(things) > 1}
    names = [longer[each.name].pop(0) if each.name in longer else each.name for each in inputs]
    return [each._replace(name=name) for each, name in zip(inputs, _numbered(names), strict=True)]


def _numbered(names: Sequence[str]) -> list[str]:
    """Append a number to names already taken: by a longer one, by one that is shown alike, or by a twin in a zip."""
    found: dict[str, None] = {}
    for name in names:
        ending = PurePosixPath(name).suffix
        others = (f"{name.removesuffix(ending)} ({number}){ending}" for number in itertools.count(2))
        found[next(each for each in (name, *itertools.islice(others, len(names))) if each not in found)] = None
    return list(found)


def _longer_names(name: str, things: Sequence[object]) -> list[str]:
    paths = [thing.resolve() for thing in things if isinstance(thing, Path)]
    if len(set(paths)) < len(things):
        return [name, *(f"{name} ({number})" for number in range(2, len(things) + 1))]
    parts = name.count("/") + 1
    while len({path.parts[-parts:] for path in paths}) < len(paths):
        parts += 1
    return [shown("/".join(path.parts[-parts:])) for path in paths]


@contextmanager
def _progress(total: int, *, show: bool | None) -> Iterator[Callable[[int], object]]:
    """Show a progress bar of the bytes read, if wanted or worthwhile, and yield the function that advances it."""
    if show or (show is None and total >= _LARGE_BYTES):
        from tqdm.auto import tqdm

        with tqdm(total=total, unit="B", unit_scale=True, desc="Reading links") as bar:
            yield bar.update
    else:
        yield lambda _: None


@dataclass(frozen=True)
class _Reader:
    """Reads inputs one after the other into the engine's tables `counted_<number>` and `pairs`."""

    engine: Engine
    columns: Mapping[str, str] | str | Path | None
    encoding: str | None
    day_first: bool | None
    given: Sequence[Site]

    def read_all(self, inputs: Sequence[_Input], *, show: bool | None) -> tuple[list[Source], list[Refused]]:
        """Return a source for every table, and what was not read in folders, archives and workbooks.

        Raises
        ------
        UnreadableFileError
            When a file that was given can't be read, or none in a folder can.
        """
        sources: list[Source] = []
        refused: list[Refused] = []
        origins: list[str] = []
        bytes_of = [_size_of(each.thing) for each in inputs]
        with _progress(sum(bytes_of), show=show) as advance:
            for each, size in zip(inputs, bytes_of, strict=True):
                try:
                    opened, left_out = self._read(each, len(sources))
                    sources += opened
                    origins += [each.name] * len(opened)
                    refused += left_out
                except mappings.BrokenMappingError:
                    raise
                except UnreadableFileError as error:
                    if not each.from_folder:
                        raise
                    refused.append(Refused(each.name, error))
                advance(size)
        if not sources:
            message = f"No list of backlinks was found in {counted(len(refused), 'file')}. " + " ".join(
                each.why for each in refused[:3]
            )
            raise UnreadableFileError(message)
        return _with_origins(sources, origins), refused

    def _read(self, each: _Input, number: int) -> tuple[list[Source], list[Refused]]:
        """Open an input and count the links of its tables.

        Raises
        ------
        UnreadableFileError
            When it can't be read; the engine may notice only while counting that a Parquet file is damaged.
        UnwritableFileError
            When there is no disk space to rewrite it.
        """
        try:
            opened, refused = self._open(each, number)
            counted_files = itertools.chain.from_iterable(map(self._count, merge_saved(opened)))
            return sorted(counted_files, key=lambda source: source.number), refused
        except (EngineError, DamagedRowsError) as error:
            if isinstance(each.thing, Path) and is_parquet(each.thing):
                raise damaged_parquet(each.name) from error
            raise
        except LinkgapError:
            raise
        except OSError as error:
            message = (
                f"{each.name} can't be read: {error.strerror or error}. Rewritten files go to {gettempdir()}: make "
                "room there, or name another folder in the environment variable TMPDIR."
            )
            raise UnwritableFileError(message) from error

    def _count(self, source: Source) -> Sequence[Source]:
        """Count the links of a table, and return the source of each file in it."""
        if source.merged:
            count_saved(self.engine, source, self.given)
            return source.merged
        return [self._count_file(source)]

    def _count_file(self, source: Source) -> Source:
        """Count the links of a file; if local dates appear only below its sample, infer the order of day and month."""
        source = count_hosts(self.engine, source, self.given)
        if source.typed or source.day_first is not None or source.notes or not self._may_have_local_dates(source):
            return source
        dated = with_order_of_days(self.engine, source)
        if dated.day_first is None or not counts_unread(source):
            return dated
        return count_hosts(self.engine, dated, self.given)

    def _may_have_local_dates(self, source: Source) -> bool:
        """Tell whether some cells could not be read; in files too large to count these, judge by pieces of them."""
        if not counts_unread(source):
            return shows_local_dates(source.table.path)
        return bool(self.engine.rows(f"SELECT 1 FROM counted_{source.number} WHERE unread > 0 LIMIT 1"))

    def _open(self, each: _Input, number: int) -> tuple[list[Source], list[Refused]]:
        """Return the tables of links in an input, and what is in it that holds none."""
        mapping = self._mapping(each)
        if not isinstance(each.thing, Path):
            found = frames.frame_source(self.engine, each.thing, mapping, each.name, number, each.site)
            return [prepared(self.engine, source, self.given, self.day_first) for source in found], []
        if is_parquet(each.thing):
            found = frames.parquet_sources(self.engine, each.thing, mapping, each.name, number, each.site)
            return [prepared(self.engine, source, self.given, self.day_first) for source in found], []
        wanted = [folded(heading) for heading in mapping.headings] if mapping else []
        opened = open_tables(each.thing, each.name, self.engine.folder, encoding=self.encoding, wanted=wanted)
        known: list[tuple[Table, Report]] = []
        refused: list[Refused] = []
        for table in opened.tables:
            try:
                known.append((table, self._report(table, mapping, each)))
            except mappings.BrokenMappingError:
                raise
            except UnreadableFileError as error:
                refused.append(Refused(table.file, error))
        if not known:
            raise refused[0].error
        sources = [
            self._open_table(table, report, number + place, each.site) for place, (table, report) in enumerate(known)
        ]
        return sources, [*opened.refused, *refused]

    def _open_table(self, table: Table, report: Report, number: int, site: Site | None) -> Source:
        """Make a table readable, with the names that its rows give; one with damaged rows is rewritten first."""
        source = open_source(self.engine, table, report, number, site=site, sites=self.given, day_first=self.day_first)
        try:
            return frames.with_own_names(self.engine, source)
        except DamagedRowsError:
            if source.table.rewritten:
                raise
            return self._open_table(rewrite_text(table, self.engine.folder), report, number, site)

    def given_mappings(self, inputs: Sequence[_Input]) -> list[mappings.Mapping]:
        """Return the user's mappings: the one that was given, or those that its name refers to in each folder."""
        return [found for found in map(self._mapping, inputs) if found is not None]

    def _mapping(self, each: _Input) -> mappings.Mapping | None:
        return None if self.columns is None else mappings.find_mapping(self.columns, each.folder)

    def _report(self, table: Table, mapping: mappings.Mapping | None, each: _Input) -> Report:
        """Return which report a table is; the user's mapping takes precedence where the table has its headings.

        Raises
        ------
        NotBacklinksError
            When it is not a known report, or one without backlinks.
        """
        titles = [folded(title) for title in table.titles]
        fits = mapping is not None and mapping.fits(titles)
        fitting = mapping if fits else mappings.mapping_beside(each.folder, titles)
        report = (
            recognise(table.titles, table.sample)
            if fitting is None
            else mappings.mapped_report(fitting, table.titles, table.sample)
        )
        return mappings.checked_report(report, table.file, table.titles, mapping, table.sample)


def _with_origins(sources: Sequence[Source], origins: Sequence[str]) -> list[Source]:
    """Prefix the names of saved lists with the file that they were saved in, where another list has the same name.

    The longer name may be taken, too, by a list that was saved under a prefixed name before: then that one is prefixed
    as well.
    """
    names = [source.file for source in sources]
    short = [place for place, source in enumerate(sources) if source.typed]
    while alike := _not_unique(names, short):
        for place in alike:
            names[place] = f"{origins[place]}/{names[place]}"
        short = sorted({*short}.difference(alike))
    return [
        source if source.file == name else replace(source, table=replace(source.table, file=name))
        for source, name in zip(sources, _numbered(names), strict=True)
    ]


def _not_unique(names: Sequence[str], places: Sequence[int]) -> list[int]:
    often = Counter(names)
    return [place for place in places if often[names[place]] > 1]


_LARGE_BYTES = 50 * 1024**2
_MOST_REASONS = 5


def _size_of(thing: object) -> int:
    """Return the size of a file in bytes; 0 for a frame, or if it can't be accessed, as reading it reports why."""
    try:
        return thing.stat().st_size if isinstance(thing, Path) else 0
    except OSError:
        return 0


def _warn_of_unused(given: Sequence[mappings.Mapping], sources: Sequence[Source]) -> None:
    reports = {(each.report.provider, each.report.name) for each in sources}
    if given and not reports & {(each.report.provider, each.report.name) for each in given}:
        message = (
            f"columns= was not used: no file has all of its headings, {in_words(map(repr, given[0].headings))}. The "
            "files were read by their own headings. Check the spelling, or leave columns= out."
        )
        warnings.warn(message, LinkgapWarning, stacklevel=3)


def _warn_of(refused: Sequence[Refused]) -> None:
    if refused:
        more = f"; and {len(refused) - _MOST_REASONS:,} more, see the receipts" if len(refused) > _MOST_REASONS else ""
        files = "; ".join(each.why for each in refused[:_MOST_REASONS]) + more
        warnings.warn(f"{counted(len(refused), 'file')} not read. {files}", LinkgapWarning, stacklevel=3)
