"""Where tables live: DuckDB in this process. No other module calls DuckDB.

Links stay in their files; the engine keeps what is counted from them, and reads the files again when rows are asked
for. Nothing is downloaded behind the user's back: DuckDB's automatic installing and loading of extensions is off.
"""

from __future__ import annotations

import atexit
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
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt
    import pandas as pd

MOST_LINE_BYTES = 256 * 1024
_BUFFER_BYTES = 16 * MOST_LINE_BYTES
"""Size of the CSV reader's buffers, several per core: its default is eight times as large, and no faster."""

_UNITS = {"MB": 1, "MIB": 1.048576, "GB": 1000, "GIB": 1073.741824, "TB": 1e6, "TIB": 1099511.627776}
_UNCOUNTED_MEGABYTES = 700
"""Megabytes that Python, its libraries and DuckDB take beyond the memory that DuckDB counts: 565 were measured."""

_LEAST_MEGABYTES, _MOST_MEGABYTES = 100, 1e9
"""Limits in megabytes: with less, DuckDB has no room to say what it lacks, and more than a petabyte it can't count."""

_SHARE_BESIDE_ARRAYS = 0.3

_LOADING_SECONDS = 10

_DEFINED = re.compile(r"\b(?:MACRO|FUNCTION) (\w+)\(")
_CALLED = re.compile(r"\b\w+(?=\()")
_STOPPED = re.compile(r"(^|: )KeyboardInterrupt(: ?(<EMPTY MESSAGE>)?)?$", re.MULTILINE)
"""How an error ends that DuckDB made of a KeyboardInterrupt, which came while it called Python."""

_ROWS_PACKED_AT_ONCE = 40_960
"""Rows in a row group of a Parquet file, a third of DuckDB's default: each core compresses groups of its own, so lists
of some hundred thousand rows keep all cores busy."""


def statement(package: str, name: str) -> str:
    """Return the text of a `.sql` file beside a package's modules: `statement("linkgap.gap", "members")`."""
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
    """Write a text as an SQL literal, for places where SQL allows no parameter.

    Examples
    --------
    >>> literal("it's"), literal(None)
    ("'it''s'", 'NULL')
    """
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def load_ahead(*libraries: str) -> None:
    """Import libraries in another thread, while this one waits for the engine or a file."""
    if any(library not in sys.modules for library in libraries):
        thread = Thread(target=_load, args=libraries, name="linkgap loading", daemon=True)
        thread.start()
        # Ctrl-C in an import of the main thread may leave Python's lock on that module locked: without a limit, the
        # process would wait for this thread forever.
        atexit.register(thread.join, _LOADING_SECONDS)


def _load(*libraries: str) -> None:
    # If the process ends meanwhile or a library is broken, the code that needs the library will fail and say so.
    with suppress(Exception):
        for library in libraries:
            import_module(library)


class EngineError(LinkgapError):
    """The engine can't do what it was asked to."""


class DamagedRowsError(UnreadableFileError):
    """The engine's fast CSV reader met rows that it can't parse; they have to be sorted out one by one."""


class Tables(Protocol):
    """The interface that a gap needs of an engine, whichever it is: portable SQL statements with named parameters.

    Attributes
    ----------
    made
        For tables that are made for a question: from their name to the question they were last made for; see `makes`.
    turn
        A lock, held from making a question's tables until they are read: another thread, which would make them anew for
        a question of its own, has to wait.
    """

    made: dict[str, object]
    turn: AbstractContextManager[object]

    def run(self, sql: str, **parameters: object) -> None:
        """Run statements without returning a result."""

    def rows(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Return the result of one statement as tuples."""

    def columns(self, sql: str, **parameters: object) -> dict[str, npt.NDArray[Any]]:
        """Return the result of one statement as numpy arrays; nulls are masked."""

    def frame(self, sql: str, *, ordered: bool = True) -> pd.DataFrame:
        """Return the result of one statement as a DataFrame."""

    def put(
        self, table: str, columns: Mapping[str, npt.NDArray[Any] | Sequence[object]], *, append: bool = False
    ) -> None:
        """Make a table of `columns`, or append them to an existing one."""

    def names(self, table: str) -> list[str]:
        """Return the column names of a table or view."""

    def packed(self, fields: Mapping[str, str]) -> str:
        """SQL that packs several fields into one value for `min()`, which compares field by field, nulls last."""


class StaysHere:
    """Refuses to be pickled or deep-copied, and says why: tables can't leave the engine that holds them."""

    def __reduce__(self) -> NoReturn:
        """Refuse, and say what can be passed on instead.

        Raises
        ------
        NotCopiableError
            Always.
        """
        raise NotCopiableError(
            "Links, and gaps and prospects made of them, can't be pickled or deep-copied: their tables live in "
            "this process. Save links with links.save('links.parquet') and read them where they are needed, or pass on "
            "a table, such as prospects.frame."
        )


@contextmanager
def makes(engine: Tables, tables: str, question: object) -> Iterator[bool]:
    """Yield whether tables have to be made for a question: False when they were last made for the same one."""
    if engine.made.get(tables) == question:
        yield False
        return
    engine.made.pop(tables, None)  # if making them fails halfway, they must not be taken for this question's
    yield True
    engine.made[tables] = question


class Functions:
    """SQL functions that an engine creates once a statement calls them: to create all takes longer than to read a list.

    Parameters
    ----------
    definitions
        The statements that create them; `OR REPLACE`, as one may be interrupted and run again.
    """

    def __init__(self, definitions: Iterable[str] = ()) -> None:
        self._uncalled = {_DEFINED.split(each)[1]: each for each in definitions}

    def create_called(self, sql: str, create: Callable[[str], object]) -> None:
        """Create the functions that a statement calls and that were not created before; first those that they call."""
        for name in map(str.lower, _CALLED.findall(sql) if self._uncalled else ()):
            if definition := self._uncalled.get(name):
                self.create_called(_DEFINED.split(definition)[2], create)
                create(definition)
                del self._uncalled[name]


class Engine(StaysHere):
    """An in-memory DuckDB database that spills into a temporary folder of its own, which is removed with the engine.

    Parameters
    ----------
    memory_limit
        Memory limit of this process, such as `"4GB"`, at least 100 MB; None leaves it to DuckDB (which takes up to four
        fifths of the machine's memory for itself).
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
            # DuckDB estimates any CSV at a few dozen rows and would build hash tables of the millions (seen in 1.5 and
            # 2.0), so joins run as written: the large side on the left, the table it is looked up in on the right. And
            # it would turn every IN (...) into a join of all rows, even those that an earlier branch of a CASE has
            # settled. The search for common subexpressions takes a fifth of the planning time, and a million rows are
            # read as quickly without it.
            "disabled_optimizers": "join_order,build_side_probe_side,in_clause,common_subexpressions",
            # Memory that a statement no longer needs goes back to the system: else half a gigabyte stays allocated.
            "allocator_background_threads": True,
        }
        config |= {"memory_limit": f"{_largest_share(self._limit)}MB"} if self._limit else {}
        config |= {"threads": threads} if threads else {}
        self._connection = duckdb.connect(":memory:", config=config)
        # In a notebook DuckDB shows progress bars of its own: widgets that stay in the saved notebook and need scripts.
        self._connection.execute("SET enable_progress_bar = false")
        self._finalizer = weakref.finalize(self, _close, self._connection, folder)
        self._functions = Functions()
        self._views = 0
        self.made: dict[str, object] = {}
        self.turn: AbstractContextManager[object] = RLock()

    def __repr__(self) -> str:
        """Name the engine."""
        return f"Engine: DuckDB {self._duckdb.__version__}, in this process"

    def leave_room(self) -> None:
        """Lower DuckDB's memory limit if possible, to leave room for the arrays made of what is found in the links."""
        if self._limit:
            with suppress(LinkgapError):
                self.run(f"SET memory_limit = '{int(self._limit * _SHARE_BESIDE_ARRAYS)}MB'")

    def define(self, macros: str) -> None:
        """Have each macro of a text created when a statement calls it; a line's last semicolon ends a definition."""
        self._functions = Functions(filter(_DEFINED.search, macros.split(";\n")))

    def run(self, sql: str, **parameters: object) -> None:
        """Run statements without returning a result."""
        self.rows(sql, **parameters)

    def rows(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Return the result of one statement as tuples."""
        with self._plain_errors():
            found: list[tuple[Any, ...]] = self._execute(sql, parameters).fetchall()
        return found

    def columns(self, sql: str, **parameters: object) -> dict[str, npt.NDArray[Any]]:
        """Return the result of one statement as numpy arrays; nulls are masked."""
        with self._plain_errors():
            found: Any = self._execute(sql, parameters).fetchnumpy()
        return dict(found)

    def frame(self, sql: str, *, ordered: bool = True) -> pd.DataFrame:
        """Return the result of one statement as a DataFrame; `ordered=False` gives up the order to save memory."""
        with self._order(keep=ordered), self._plain_errors():
            found: pd.DataFrame = self._execute(sql).df()
        return found

    def put(
        self, table: str, columns: Mapping[str, npt.NDArray[Any] | Sequence[object]], *, append: bool = False
    ) -> None:
        """Make a table of `columns`, or append them to an existing one."""
        with self.turn:
            source = self.offer({name: _as_column(values) for name, values in columns.items()})
            verb = f"INSERT INTO {table}" if append else f"CREATE OR REPLACE TABLE {table} AS"
            self.run(f"{verb} SELECT * FROM {source}")
            self._connection.unregister(source)

    def offer(self, table: object) -> str:
        """Make a DataFrame, Arrow table, Polars frame or numpy columns readable in SQL; return the name of the view."""
        name = self._new_name("given")
        with self._plain_errors():
            self._connection.register(name, table)
        return name

    def offer_csv(self, path: Path, headings: Sequence[str], *, delimiter: str, skip: int) -> str:
        """Make a CSV file in UTF-8 readable in SQL, all columns text, and return the name of the view.

        Parameters
        ----------
        skip
            Lines above the heading row.

        Raises
        ------
        DamagedRowsError
            When the last row is so long that the reader would skip it silently, as DuckDB 1.5 and 2.0 were seen to do.
            Other rows that are too long it refuses by itself, when it gets to them.
        """
        if _ends_in_long_line(path):
            message = f"The last row is longer than {MOST_LINE_BYTES} bytes"
            raise DamagedRowsError(message)
        load_ahead("pandas")  # for the tables of what is found in it
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
        """SQL that packs several fields into one value for `min()`, which compares field by field, nulls last."""
        return "{" + ", ".join(f"{literal(name)}: {sql}" for name, sql in fields.items()) + "}"

    def run_reading(self, sql: str, *, ordered: bool = True) -> None:
        """Run a statement that reads a CSV, without returning a result."""
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
            When the reader comes upon a malformed row.
        """
        damage = (
            self._duckdb.InvalidInputException,
            self._duckdb.ConversionException,
            self._duckdb.NotImplementedException,  # for a row that is longer than the reader's buffers
        )
        with self._order(keep=ordered), self._plain_errors():
            try:
                found: list[tuple[Any, ...]] = self._execute(sql).fetchall()
            except damage as error:
                raise DamagedRowsError(_first_line(error)) from error
        return found

    def write_parquet(self, frame: pd.DataFrame, path: Path) -> None:
        """Write a DataFrame as a Parquet file."""
        with self.turn:
            source = self.offer(frame)
            self.copy_to_parquet(f"SELECT * FROM {source}", path)
            self._connection.unregister(source)

    def copy_to_parquet(self, query: str, path: Path, *, about: Mapping[str, str] | None = None) -> None:
        """Write the result of a query as a Parquet file, with the texts in `about` as key-value metadata.

        Raises
        ------
        UnwritableFileError
            When the system refuses to write it, as on a full disk or in a folder that may not be written to.
        """
        try:
            path.touch()  # if a file can't be opened, the engine's error has no errno
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
        """Return the key-value metadata of a Parquet file."""
        found = self.rows(f"SELECT key, value FROM parquet_kv_metadata({_location(path)})")
        return {bytes(key).decode(errors="replace"): bytes(value).decode(errors="replace") for key, value in found}

    def _execute(self, sql: str, parameters: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - DuckDB's connection
        self._functions.create_called(sql, self._connection.execute)
        return self._connection.execute(sql, parameters or None)

    @contextmanager
    def _order(self, *, keep: bool) -> Iterator[None]:
        """Let rows lose their order temporarily unless it is to be kept: that takes less memory."""
        with self.turn:
            if keep:
                yield
                return
            self.run("SET preserve_insertion_order = false")
            try:
                yield
            finally:
                self.run("SET preserve_insertion_order = true")

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        """Turn DuckDB's errors into linkgap's; results are streamed, so errors may come as late as the last row.

        Holds `turn`, as a connection serves one thread at a time and refuses others meanwhile.
        """
        try:
            with self.turn:
                yield
        except self._duckdb.OutOfMemoryException as error:
            message = f"The embedded engine ran out of memory ({_first_line(error)}). Give it more: memory_limit='4GB'."
            raise LinkgapError(message) from error
        except self._duckdb.Error as error:
            if _STOPPED.search(str(error)):
                raise KeyboardInterrupt from None
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
    """Return values as an array that DuckDB reads without pandas (half a second to load): texts as objects."""
    import numpy as np

    mask = getattr(values, "mask", None)  # an isinstance check would load numpy.ma
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
    """Return the error for a Parquet file that can't be read."""
    message = f"{name} begins like a Parquet file, but can't be read as one: it is damaged or cut off. Save it again."
    return UnreadableFileError(message)


def _megabytes(memory_limit: str) -> float:
    """Parse an amount of memory into megabytes.

    Raises
    ------
    InvalidArgumentError
        When it is not an amount, or too little to work with.

    Examples
    --------
    >>> _megabytes("4GB"), _megabytes("1.5 GiB")
    (4000.0, 1610.612736)
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([MGT]i?B)\s*", str(memory_limit), re.IGNORECASE)
    megabytes = float(found[1]) * _UNITS[found[2].upper()] if found else 0
    if megabytes < _LEAST_MEGABYTES:
        message = (
            f"memory_limit={memory_limit!r} is not allowed. Allowed: sizes such as '4GB' or '800MB', at least '100MB'."
        )
        raise InvalidArgumentError(message)
    return min(megabytes, _MOST_MEGABYTES)


def _largest_share(limit: float) -> int:
    """Return how many megabytes of a process's limit DuckDB may use while there are no arrays.

    Examples
    --------
    >>> _largest_share(4000), _largest_share(500)
    (3300, 250)
    """
    return int(max(limit - _UNCOUNTED_MEGABYTES, limit / 2))


def _ends_in_long_line(path: Path) -> bool:
    with path.open("rb") as file:
        start = max(file.seek(0, os.SEEK_END) - MOST_LINE_BYTES, 0)
        file.seek(start)
        return start > 0 and b"\n" not in file.read().rstrip(b"\r\n")


def can_name(path: Path) -> bool:
    """Tell whether a file's name can be written in SQL, which is UTF-8: names from other systems may be other bytes."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _text_of(path: Path) -> str:
    if not can_name(path):
        message = f"{shown(path)} is not a name in UTF-8. Rename the file, or the folder that it is in."
        raise UnreadableFileError(message)
    return str(path)


def _location(path: Path) -> str:
    """Write a path as an SQL literal, with the characters of glob patterns escaped."""
    return literal(re.sub(r"([*?\[])", r"[\1]", _text_of(path)))


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _close(connection: Any, folder: TemporaryFolder) -> None:  # noqa: ANN401 - DuckDB's connection
    connection.close()
    folder.cleanup()
