"""The links of some sites, with the receipts of the files that they came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from linkgap.engine import Engine, Tables, literal
from linkgap.errors import InvalidArgumentError, UnreadableFileError, counted
from linkgap.loaders import saved
from linkgap.loaders.reading import merge_saved
from linkgap.loaders.receipts import receipts_table
from linkgap.loaders.records import REASON_CODES, links_query
from linkgap.loaders.tables import SetAside, text_records
from linkgap.paths import path_of
from linkgap.schema import DAMAGE, LINKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from linkgap.domains import Site
    from linkgap.loaders.reading import Source
    from linkgap.loaders.receipts import Receipt
    from linkgap.loaders.tables import Table


_SHOWN = (
    "file",
    "report",
    "site",
    "rows",
    "kept",
    "set_aside",
    "domains",
    "lost",
    "cut",
    "floor",
    "floor_metric",
    "partial",
    "note",
)


class Asked(NamedTuple):
    """What `read_links` was asked to read: only names, so that it holds no data and reveals nothing of the machine.

    Attributes
    ----------
    inputs
        For each file or frame, its name and the site given for it.
    frames
        Names of those inputs that are not files.
    one_folder
        Whether the inputs are the files of one folder, which was given as a whole.
    options
        The options that were given and change what is read.
    """

    inputs: tuple[tuple[str, str | None], ...]
    frames: frozenset[str]
    one_folder: bool
    options: Mapping[str, object]


@dataclass(frozen=True, eq=False)
class Links:
    """Backlinks of some sites, with the receipts of the files they came from.

    Made by `read_links`. The rows stay in their files and are read again when they are needed, as by `frame` and
    `set_aside`; a file that has changed since, or is gone, is refused.

    Attributes
    ----------
    sites
        The compared sites.
    receipt_rows
        What became of every file; `receipts` has it as a table.
    asked
        What `read_links` was asked to read; None for links in Spark.
    """

    engine: Tables = field(repr=False)
    sites: tuple[str, ...]
    receipt_rows: tuple[Receipt, ...] = field(repr=False)
    sources: tuple[Source, ...] = field(repr=False)
    site_list: tuple[Site, ...] = field(repr=False)
    asked: Asked | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Record the state of the files, which will be read again."""
        self._as_read  # noqa: B018 - cached on first access

    def __repr__(self) -> str:
        """State the numbers of sites, files, links, domains and rows set aside."""
        read = self.receipts["provider"].notna()
        refused = f"; {counted(int((~read).sum()), 'file')} not read" if not read.all() else ""
        return (
            f"Links: {counted(len(self.sites), 'site')}, {counted(int(read.sum()), 'file')}, "
            f"{counted(self.row_count, 'link')} from {counted(self.domain_count, 'domain')}; "
            f"{counted(int(self.receipts['set_aside'].sum()), 'row')} set aside{refused}"
        )

    def _repr_html_(self) -> str:
        """Show the finding and the receipts."""
        table = self.receipts[list(_SHOWN)].to_html(index=False, na_rep="", border=0)
        return f"<p>{escape(repr(self))}</p>{table}"

    @cached_property
    def receipts(self) -> pd.DataFrame:
        """What became of every file, one row a file, see `linkgap.schema.RECEIPTS`."""
        return receipts_table(self.receipt_rows)

    @cached_property
    def row_count(self) -> int:
        """How many rows became links."""
        return sum(receipt["kept"] for receipt in self.receipt_rows)

    @cached_property
    def domain_count(self) -> int:
        """How many distinct domains link to the sites."""
        found = self.engine.rows("SELECT count(DISTINCT domain) FROM judged WHERE verdict = 'kept'")
        return int(found[0][0])

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Every link, one row per record that was kept, see `linkgap.schema.LINKS`; read from the files when needed."""
        return self.embedded().frame(f"SELECT * FROM ({self.query()}) ORDER BY file, row")

    def embedded(self) -> Engine:
        """Return the engine of this process; links that are in Spark are not brought into it.

        Raises
        ------
        InvalidArgumentError
            When the links are in Spark.
        """
        if isinstance(self.engine, Engine):
            return self.engine
        message = (
            "These links are in Spark and stay there; only results come into this process. For single links, query the "
            "table that you gave; find_gap, rank_prospects and .receipts work as usual."
        )
        raise InvalidArgumentError(message)

    def query(self) -> str:
        """Return the SQL for the links table."""
        columns = ", ".join(column.name for column in LINKS)
        return f"SELECT {columns} FROM ({self._judged_rows(self._parts)}) WHERE verdict = 'kept'"

    @cached_property
    def _as_read(self) -> dict[Path, tuple[int, int] | None]:
        """The state of each file when it was read; empty for links in Spark, which are not read from files again."""
        here = self.sources if isinstance(self.engine, Engine) else ()
        return {source.table.path: _state_of(source.table.path) for source in here if source.table.path != Path()}

    def _check_unchanged(self, sources: Iterable[Source]) -> None:
        """Refuse to read a file again that is no longer the one that was counted.

        Raises
        ------
        UnreadableFileError
            When it has changed, or is gone.
        """
        for source in sources:
            path = source.table.path
            if path in self._as_read and (now := _state_of(path)) != self._as_read[path]:
                became = "has changed" if now else "is gone"
                message = f"{source.file} {became} since it was read, but its links have to be read from it again. "
                raise UnreadableFileError(f"{message}Call read_links again, or keep the links with links.save(...).")

    @cached_property
    def _parts(self) -> list[Source]:
        """The sources that all links are read from: one for all that were saved in one table."""
        return merge_saved(self.sources)

    def query_from_hosts(self, hosts: str, sites: str, *, columns: Sequence[str], conditions: Sequence[str]) -> str:
        """Return the SQL for the links from some hosts to some sites; files without such links are not read.

        Parameters
        ----------
        hosts
            Name of a table of hosts, with the columns `raw` and `place`, a number that identifies them in the result.
        sites
            Name of a table with a column `site`. Both tables must exist by now.
        columns
            Columns to select: any of the links table, `place`, and `list`, the names of the provider and its report.
        conditions
            SQL conditions on columns of the links table.
        """
        wanted = {"place", "target", "landing", "reason", "is_lost", "follow_links", *columns} - {"site", "list"}
        to_read = self._parts if len(self._parts) == 1 else self._parts_with(hosts, sites)
        self._check_unchanged(to_read)
        parts = " UNION ALL ".join(self._part_from_hosts(source, hosts, sorted(wanted)) for source in to_read)
        conditions = ["l.reason = 0", *conditions]
        duplicates = ""
        if any(map(self._has_duplicates, to_read)):
            duplicates = "LEFT JOIN duplicates AS d ON d.file = l.file_number AND d.row = l.row"
            conditions.append("d.row IS NULL")
        selected = ", ".join("t.site" if column == "site" else f"l.{column}" for column in columns)
        return (
            f"SELECT {selected} FROM ({parts}) AS l "
            "JOIN targets AS t ON t.file = l.file_number AND t.target = l.target AND t.landing = l.landing "
            f"JOIN {sites} AS s ON s.site = t.site {duplicates} WHERE {' AND '.join(conditions)}"
        )

    def _parts_with(self, hosts: str, sites: str) -> list[Source]:
        """Return the sources with links from some hosts to some sites; if there are none, the first, to ask of it."""
        found = self.engine.rows(
            "SELECT DISTINCT h.file FROM hosts AS h JOIN targets AS t ON t.file = h.file AND t.pair = h.pair "
            f"JOIN {sites} AS s ON s.site = t.site JOIN raw_hosts AS n ON n.id = h.host "
            f"JOIN {hosts} AS a ON a.raw = n.raw"
        )
        files = {file for (file,) in found}
        return [source for source in self._parts if source.merged or source.number in files] or self._parts[:1]

    def _part_from_hosts(self, source: Source, hosts: str, columns: Sequence[str]) -> str:
        """SQL for one file's records from some hosts; they are numbered only where duplicates are to be left out."""
        numbered = self._has_duplicates(source)
        list_columns = {"provider", "report"} if source.merged else set()
        wanted = {*columns, *list_columns, *(["row"] if numbered else [])}
        row = "row" if numbered else "CAST(NULL AS BIGINT) AS row"
        name = (
            "provider || ' ' || report" if list_columns else literal(f"{source.report.provider} {source.report.name}")
        )
        return (
            f"SELECT file_number, {', '.join(columns)}, {row}, {name} AS list "
            f"FROM ({links_query(source, self.site_list, wanted, among=hosts)}) AS records"
        )

    def _has_duplicates(self, source: Source) -> bool:
        return any(self._newly(each, "duplicate") > 0 for each in source.merged or [source])

    def _newly(self, source: Source, column: str) -> int:
        """Return how many more rows a receipt counts now than when the links were saved."""
        return int(self.receipt_rows[source.number][column]) - (source.receipt[column] if source.receipt else 0)

    def _without_duplicates(self, sources: Iterable[Source]) -> str:
        """SQL that joins the duplicates of some files; if none has any, a join that needs no row numbers."""
        if any(map(self._has_duplicates, sources)):
            return "LEFT JOIN duplicates AS d ON d.file = l.file_number AND d.row = l.row"
        return "LEFT JOIN duplicates AS d ON false"

    @cached_property
    def set_aside(self) -> pd.DataFrame:
        """Every row that is not among the links: `file`, `row`, `line`, `reason`, `text`.

        `row` counts records below the heading from 1, `line` lines of the file from 1; `text` is the row, shortened.
        """
        import pandas as pd

        self.embedded()
        rows = [
            (source.file, each.row, each.line, each.reason, each.text)
            for source in self.sources
            for each in (*source.table.set_aside, *self._judged_aside(source))
        ]
        rows.sort(key=lambda row: row[:2])
        return pd.DataFrame(rows, columns=["file", "row", "line", "reason", "text"])

    def save(self, path: str | Path) -> Path:
        """Write all links and receipts into one Parquet file, which `read_links` reads in a moment.

        Parameters
        ----------
        path
            Must end in `.parquet`; an existing file is replaced.

        Raises
        ------
        InvalidArgumentError
            When the path can't be the name of such a file, or the links are in Spark.
        MissingFileError
            When the folder does not exist.
        UnreadableFileError
            When a file that they are read from has changed since, or is gone.
        UnwritableFileError
            When the file can't be written.
        """
        target = saved.save_links(self.embedded(), self.query(), self.receipt_rows, self.sites, path_of(path))
        replaced = [path for path in self._as_read if path.resolve() == target.resolve()]
        self._as_read.update({path: _state_of(path) for path in replaced})
        return target

    def _records(self, source: Source) -> str:
        """SQL for every record of a file, with the columns that are the same for all of them, such as `provider`."""
        constants = {
            "provider": source.report.provider,
            "report": source.report.name,
            "file": source.file,
            "authority_metric": source.report.authority_metric if source.cell("authority") else None,
        }
        constant = ", ".join(f"{literal(text)} AS {name}" for name, text in constants.items())
        if source.merged:  # the rest are columns of its records
            constant = f"{_texts(each.file for each in self.sources)}[file_number + 1] AS file"
        return f"SELECT *, {constant} FROM ({links_query(source, self.site_list)})"

    def _judged_rows(self, sources: Sequence[Source]) -> str:
        """SQL for every record of some files with its site, its domain and its verdict.

        The joins follow the union of all files: a statement over a thousand files takes minutes to plan if each has its
        own.
        """
        self._check_unchanged(sources)
        records = " UNION ALL BY NAME ".join(map(self._records, sources))
        verdict = (
            f"CASE WHEN d.row IS NOT NULL THEN 'duplicate' WHEN l.reason > 0 THEN {_texts(REASON_CODES[1:])}[l.reason] "
            "WHEN n.domain IS NULL THEN 'no domain' WHEN t.site IS NULL THEN 'other site' "
            "WHEN n.domain = t.site_domain THEN 'self link' ELSE 'kept' END"
        )
        return (
            f"SELECT l.*, t.site AS site, n.domain AS source_domain, n.host AS source_host, "
            f"{verdict} AS verdict "
            f"FROM ({records}) AS l LEFT JOIN named AS n ON n.raw = l.source "
            "LEFT JOIN targets AS t ON t.file = l.file_number AND t.target = l.target AND t.landing = l.landing "
            f"{self._without_duplicates(sources)}"
        )

    def first_damaged(self, source: Source) -> SetAside:
        """Return the first row that counts as damage, in a file that has such rows."""
        damaged = [each for each in source.table.set_aside if each.reason in DAMAGE]
        without_domain = self._judged_aside(source, "verdict = 'no domain'", limit="LIMIT 1")
        return min([*damaged, *without_domain], key=lambda each: each.row)

    def _judged_aside(self, source: Source, condition: str = "verdict <> 'kept'", *, limit: str = "") -> list[SetAside]:
        """Read a file again for its rows that are well formed, but no links."""
        if self._newly(source, "set_aside") == len(source.table.set_aside):
            return []
        rows = self.engine.rows(
            f"SELECT row, line, verdict, min(left(cells, 300)) FROM ({self._judged_rows([source])}) "
            f"WHERE {condition} GROUP BY row, line, verdict ORDER BY row {limit}"
        )
        numbers = {int(row) for row, line, *_ in rows if line is None}
        lines = _lines_of(source.table, numbers) if numbers else {}
        return [SetAside(row, line or lines.get(row), 1, reason, text) for row, line, reason, text in rows]


def _state_of(path: Path) -> tuple[int, int] | None:
    """Return the size and modification time of a file; None if it can't be accessed."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns


def _texts(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(literal, texts))}]"


def _lines_of(table: Table, rows: set[int]) -> dict[int, int]:
    """Return the line on which each of some records begins, by row number, in a file that the engine read in place."""
    if table.encoding == "":
        return {}
    records = text_records(table.path, table.encoding_there, table.delimiter)
    below = (record for record in records if record.line > table.skip)
    return {row: record.line for row, record in enumerate(below) if row in rows}
