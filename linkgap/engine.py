"""Where tables live: DuckDB in this process. No other module calls DuckDB.

Links stay in the files that hold them; the engine keeps what is counted from them, and reads the files again when rows
are asked for. Nothing is fetched behind the user's back: loading of extensions is off.
"""

from __future__ import annotations

import os
import re
import sys
import weakref
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib import import_module
from importlib.resources import files
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from linkgap.errors import (
    InvalidArgumentError,
    LinkgapError,
    NotCopiableError,
    UnreadableFileError,
    UnwritableFileError,
    shown,
)
from linkgap.temporary import TemporaryFolder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt
    import pandas as pd

MOST_LINE_BYTES = 256 * 1024
_BUFFER_BYTES = 16 * MOST_LINE_BYTES
"""Of the CSV reader, which holds several for each core: its own choice is eight times as large, and no faster."""

_UNITS = {"MB": 1, "MIB": 1.048576, "GB": 1000, "GIB": 1073.741824, "TB": 1e6, "TIB": 1099511.627776}
_BESIDES = 700
"""Megabytes that Python, its libraries and DuckDB take beyond what DuckDB counts: 565 were measured."""

_LEAST, _MOST = 100, 1e9
"""Megabytes: with less DuckDB has no room to say what it lacks, and more than a petabyte it can't count."""

_SHARE_BESIDE_ARRAYS = 0.3

_ROWS_PACKED_AT_ONCE = 40_960
"""A third of DuckDB's own number: every core packs its own, so lists of some hundred thousand rows keep them busy."""


def statement(package: str, name: str) -> str:
    """Return the SQL text that stands beside a module: `statement("linkgap.gap", "members")`."""
    return files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def quoted(name: str) -> str:
    """Quote a name for SQL.

    Examples
    --------
    >>> quoted('a "strange" heading')
    '"a ""strange"" heading"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | None) -> str:
    """Write a text as an SQL literal, where a parameter can't stand.

    Examples
    --------
    >>> literal("it's"), literal(None)
    ("'it''s'", 'NULL')
    """
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def load_ahead(*libraries: str) -> None:
    """Load libraries in another thread, while the engine or a file keeps this one waiting."""
    if any(library not in sys.modules for library in libraries):
        Thread(target=_load, args=libraries, name="linkgap loading").start()


def _load(*libraries: str) -> None:
    # Should the process end meanwhile, or one be broken, whoever needs it says so.
    with suppress(Exception):
        for library in libraries:
            import_module(library)


class EngineError(LinkgapError):
    """The engine can't do what it was asked to."""


class DamagedRowsError(UnreadableFileError):
    """The fast reader met rows that it can't read; they have to be sorted out one by one."""


class Tables(Protocol):
    """What a gap asks of an engine, whichever it is: statements of the portable kind, parameters by name.

    Attributes
    ----------
    made
        What tables that are made for a question were last made for; see `makes`.
    turn
        Held from the making of a question's tables until they are read: another thread, which would make them anew for
        a question of its own, waits for its turn.
    """

    made: dict[str, object]
    turn: AbstractContextManager[object]

    def run(self, sql: str, **parameters: object) -> None:
        """Run statements whose result is not wanted."""

    def rows(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Return the result of one statement as tuples."""

    def columns(self, sql: str, **parameters: object) -> dict[str, npt.NDArray[Any]]:
        """Return the result of one statement as numpy arrays; nulls are masked."""

    def frame(self, sql: str, *, ordered: bool = True) -> pd.DataFrame:
        """Return the result of one statement as a DataFrame."""

    def put(
        self, table: str, columns: Mapping[str, npt.NDArray[Any] | Sequence[object]], *, append: bool = False
    ) -> None:
        """Make a table of `columns`, or append them to one that is there."""

    def names(self, table: str) -> list[str]:
        """Return the column names of a table or view."""

    def packed(self, fields: Mapping[str, str]) -> str:
        """SQL for one value of several fields, of which the smallest can be asked for; nulls come last."""


class StaysHere:
    """Refuses to be pickled and copied in depth, in words: tables can't leave the engine that has them."""

    def __reduce__(self) -> NoReturn:
        """Say what can be passed on instead.

        Raises
        ------
        NotCopiableError
            Always.
        """
        raise NotCopiableError(
            "Links, and gaps and prospects made of them, can't be pickled or copied in depth: their tables live in "
            "this process. Keep links with links.save('links.parquet') and read them where they are needed, or pass on "
            "a table, such as prospects.frame."
        )


@contextmanager
def makes(engine: Tables, tables: str, question: object) -> Iterator[bool]:
    """Tell whether tables have to be made for a question, or stand as they were made for it the last time."""
    if engine.made.get(tables) == question:
        yield False
        return
    engine.made.pop(tables, None)  # should it break off, they are of no question
    yield True
    engine.made[tables] = question


class Engine(StaysHere):
    """A DuckDB database in memory that spills into a folder of its own, which goes when the engine goes.

    Parameters
    ----------
    memory_limit
        Of this process, such as `"4GB"`, from 100 MB; None leaves it to DuckDB (four fifths of the machine's memory for
        itself).
    threads
        None uses every core.
    """

    def __init__(self, *, memory_limit: str | None = None, threads: int | None = None) -> None:
        import duckdb

        self._duckdb = duckdb
        self._limit = None if memory_limit is None else _megabytes(memory_limit)
        folder = TemporaryFolder()
        self.folder = folder.path
        config: dict[str, Any] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "temp_directory": str(self.folder / "spill"),
            # DuckDB takes any CSV for a few dozen rows and would build its joins on the millions (seen in 1.5 and 2.0),
            # so joins run as they are written: the large side left, what it is looked up in right. And it would turn
            # every IN (...) into a join of all rows, also those that an earlier case has settled. To look for what
            # stands twice in a statement takes a fifth of the planning, and a million rows are read as quickly without.
            "disabled_optimizers": "join_order,build_side_probe_side,in_clause,common_subexpressions",
            # What a statement no longer needs goes back to the system: without, half a gigabyte stays behind.
            "allocator_background_threads": True,
        }
        config |= {"memory_limit": f"{_largest_share(self._limit)}MB"} if self._limit else {}
        config |= {"threads": threads} if threads else {}
        self._connection = duckdb.connect(":memory:", config=config)
        # In a notebook DuckDB shows bars of its own: widgets that stay in the saved notebook, and ask for scripts.
        self._connection.execute("SET enable_progress_bar = false")
        self._finalizer = weakref.finalize(self, _close, self._connection, folder)
        self._views = 0
        self.made: dict[str, object] = {}
        self.turn: AbstractContextManager[object] = RLock()

    def __repr__(self) -> str:
        """Name the engine."""
        return f"Engine: DuckDB {self._duckdb.__version__}, in this process"

    def leave_room(self) -> None:
        """Do with less memory from now on, if possible: what is found in the links becomes arrays of this process."""
        if self._limit:
            with suppress(LinkgapError):
                self.run(f"SET memory_limit = '{int(self._limit * _SHARE_BESIDE_ARRAYS)}MB'")

    def run(self, sql: str, **parameters: object) -> None:
        """Run statements whose result is not wanted."""
        self.rows(sql, **parameters)

    def rows(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Return the result of one statement as tuples."""
        with self._plain_errors():
            found: list[tuple[Any, ...]] = self._connection.execute(sql, parameters or None).fetchall()
        return found

    def columns(self, sql: str, **parameters: object) -> dict[str, npt.NDArray[Any]]:
        """Return the result of one statement as numpy arrays; nulls are masked."""
        with self._plain_errors():
            found: Any = self._connection.execute(sql, parameters or None).fetchnumpy()
        return dict(found)

    def frame(self, sql: str, *, ordered: bool = True) -> pd.DataFrame:
        """Return the result of one statement as a DataFrame; where order does not matter, with less memory."""
        with self._order(keep=ordered), self._plain_errors():
            found: pd.DataFrame = self._connection.execute(sql).df()
        return found

    def put(
        self, table: str, columns: Mapping[str, npt.NDArray[Any] | Sequence[object]], *, append: bool = False
    ) -> None:
        """Make a table of `columns`, or append them to one that is there."""
        with self.turn:
            source = self.offer({name: _as_column(values) for name, values in columns.items()})
            verb = f"INSERT INTO {table}" if append else f"CREATE OR REPLACE TABLE {table} AS"
            self.run(f"{verb} SELECT * FROM {source}")
            self._connection.unregister(source)

    def offer(self, table: object) -> str:
        """Make a DataFrame, an Arrow table, a Polars frame or numpy columns readable in SQL; return the name there."""
        name = self._new_name("given")
        with self._plain_errors():
            self._connection.register(name, table)
        return name

    def offer_csv(self, path: Path, headings: Sequence[str], *, delimiter: str, skip: int) -> str:
        """Make a CSV file in UTF-8 readable in SQL, all columns text, and return the name of the view.

        Parameters
        ----------
        skip
            Lines above the heading.

        Raises
        ------
        DamagedRowsError
            When the last row is so long that the reader would pass over it without a word, as 1.5 and 2.0 were seen to.
            It refuses others, when it comes to them.
        """
        if _ends_in_long_line(path):
            message = f"The last row is longer than {MOST_LINE_BYTES} bytes"
            raise DamagedRowsError(message)
        load_ahead("pandas")  # for what is found in it
        names = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in headings)
        view = self._new_name("csv")
        self.run(
            f"CREATE VIEW {view} AS SELECT * FROM read_csv({_location(path)}, auto_detect = false, "
            f"header = true, hive_partitioning = false, "
            f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', columns = {{{names}}}, "
            f"skip = {skip}, max_line_size = {MOST_LINE_BYTES}, buffer_size = {_BUFFER_BYTES})"
        )
        return view

    def offer_parquet(self, path: Path) -> tuple[str, list[str]]:
        """Make a Parquet file readable in SQL; return the name of the view and its columns."""
        view = self._new_name("parquet")
        try:
            self.run(f"CREATE VIEW {view} AS SELECT * FROM read_parquet({_location(path)}, hive_partitioning = false)")
        except EngineError as error:
            raise damaged_parquet(path.name) from error
        return view, self.names(view)

    def names(self, table: str) -> list[str]:
        """Return the column names of a table or view."""
        return [str(row[0]) for row in self.rows(f"DESCRIBE {table}")]

    def packed(self, fields: Mapping[str, str]) -> str:
        """SQL for one value of several fields, of which the smallest can be asked for; nulls come last."""
        return "{" + ", ".join(f"{literal(name)}: {sql}" for name, sql in fields.items()) + "}"

    def run_reading(self, sql: str, *, ordered: bool = True) -> None:
        """Run a statement that reads a CSV, and whose result is not wanted."""
        self.rows_reading(sql, ordered=ordered)

    def rows_reading(self, sql: str, *, ordered: bool = True) -> list[tuple[Any, ...]]:
        """Return the result of a statement that reads a CSV.

        Parameters
        ----------
        ordered
            Whether rows must stay in the order of the file; it costs memory.

        Raises
        ------
        DamagedRowsError
            When it comes upon a malformed row.
        """
        damage = (
            self._duckdb.InvalidInputException,
            self._duckdb.ConversionException,
            self._duckdb.NotImplementedException,  # of a row that is longer than the reader's buffers
        )
        with self._order(keep=ordered), self._plain_errors():
            try:
                return self._connection.execute(sql).fetchall()
            except damage as error:
                raise DamagedRowsError(_first_line(error)) from error

    def write_parquet(self, frame: pd.DataFrame, path: Path) -> None:
        """Write a DataFrame as a Parquet file."""
        with self.turn:
            source = self.offer(frame)
            self.copy_to_parquet(f"SELECT * FROM {source}", path)
            self._connection.unregister(source)

    def copy_to_parquet(self, query: str, path: Path, *, about: Mapping[str, str] | None = None) -> None:
        """Write the result of a query as a Parquet file, with texts about it as its metadata.

        Raises
        ------
        UnwritableFileError
            When the system does not let it be written, as when a disk is full or a folder may not be written to.
        """
        try:
            path.touch()  # of a file that can't be opened, the engine says so without a number
        except OSError as error:
            raise _unwritable(path, error.strerror or str(error)) from error
        texts = ", ".join(f"{quoted(key)}: {literal(text)}" for key, text in (about or {}).items())
        metadata = f", KV_METADATA {{{texts}}}" if texts else ""
        try:
            self.run(
                f"COPY ({query}) TO {literal(_text_of(path))} "
                f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROWS_PACKED_AT_ONCE}{metadata})"
            )
        except EngineError as error:
            if found := re.search(r'"errno":"(\d+)"', str(error)):
                raise _unwritable(path, os.strerror(int(found[1]))) from error
            raise

    def parquet_about(self, path: Path) -> dict[str, str]:
        """Return the texts that stand in a Parquet file as its metadata."""
        found = self.rows(f"SELECT key, value FROM parquet_kv_metadata({_location(path)})")
        return {bytes(key).decode(errors="replace"): bytes(value).decode(errors="replace") for key, value in found}

    @contextmanager
    def _order(self, *, keep: bool) -> Iterator[None]:
        """Let rows lose their order for a while, where it does not matter: that takes less memory."""
        with self.turn:
            self.run(f"SET preserve_insertion_order = {str(keep).lower()}")
            try:
                yield
            finally:
                self.run("SET preserve_insertion_order = true")

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        """Say the engine's errors in our own family; results stream, so they may come as late as the last row.

        A connection answers one thread, and refuses another one meanwhile.
        """
        try:
            with self.turn:
                yield
        except self._duckdb.OutOfMemoryException as error:
            message = f"The embedded engine ran out of memory ({_first_line(error)}). Give it more: memory_limit='4GB'."
            raise LinkgapError(message) from error
        except self._duckdb.Error as error:
            raise EngineError(_first_line(error)) from error
        except RuntimeError as error:
            if "interrupt" in str(error).lower():
                raise KeyboardInterrupt from None
            raise

    def _new_name(self, noun: str) -> str:
        with self.turn:
            self._views += 1
            return f"{noun}_{self._views}"


def _as_column(values: npt.NDArray[Any] | Sequence[object]) -> npt.NDArray[Any]:
    """Return values as DuckDB takes them without pandas, which takes half a second to load: texts as objects."""
    import numpy as np

    mask = getattr(values, "mask", None)  # to ask for its type would load numpy.ma
    if mask is not None and np.any(mask):
        objects = np.asarray(values).astype(object)
        objects[mask] = None
        return objects
    if isinstance(values, np.ndarray):
        return np.asarray(values)
    listed = list(values)
    is_plain = {str, type(None)}.isdisjoint(map(type, listed))
    return np.array(listed) if is_plain else np.array(listed, dtype=object)


def _unwritable(path: Path, reason: str) -> UnwritableFileError:
    error = UnwritableFileError(f"{shown(path)} can't be written: {reason}. Make room there, or name another place.")
    error.strerror = reason
    return error


def damaged_parquet(name: str) -> UnreadableFileError:
    """Say that a Parquet file can't be read."""
    message = f"{name} begins like a Parquet file, but can't be read as one: it is damaged or cut off. Save it again."
    return UnreadableFileError(message)


def _megabytes(memory_limit: str) -> float:
    """Read an amount of memory.

    Raises
    ------
    InvalidArgumentError
        When it is none, or too little to work with.

    Examples
    --------
    >>> _megabytes("4GB"), _megabytes("1.5 GiB")
    (4000.0, 1610.612736)
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([MGT]i?B)\s*", str(memory_limit), re.IGNORECASE)
    megabytes = float(found[1]) * _UNITS[found[2].upper()] if found else 0
    if megabytes < _LEAST:
        message = (
            f"memory_limit={memory_limit!r} is not allowed. Allowed: texts such as '4GB' or '800MB', from '100MB'."
        )
        raise InvalidArgumentError(message)
    return min(megabytes, _MOST)


def _largest_share(limit: float) -> int:
    """Return how many megabytes of a process's limit DuckDB may use while there are no arrays.

    Examples
    --------
    >>> _largest_share(4000), _largest_share(500)
    (3300, 250)
    """
    return int(max(limit - _BESIDES, limit / 2))


def _ends_in_long_line(path: Path) -> bool:
    with path.open("rb") as file:
        start = max(file.seek(0, os.SEEK_END) - MOST_LINE_BYTES, 0)
        file.seek(start)
        return start > 0 and b"\n" not in file.read().rstrip(b"\r\n")


def can_name(path: Path) -> bool:
    """Tell whether SQL, which is UTF-8, can name a file: other systems' names may be other bytes."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _text_of(path: Path) -> str:
    if not can_name(path):
        message = f"{shown(path)} is no name in UTF-8. Rename the file, or the folder that it is in."
        raise UnreadableFileError(message)
    return str(path)


def _location(path: Path) -> str:
    """Write a path as an SQL literal in which no character is a pattern."""
    return literal(re.sub(r"([*?\[])", r"[\1]", _text_of(path)))


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _close(connection: Any, folder: TemporaryFolder) -> None:  # noqa: ANN401 - DuckDB's connection
    connection.close()
    folder.cleanup()
