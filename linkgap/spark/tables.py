"""Where tables live when the user gives a Spark session: in views of a session of our own beside it."""

from __future__ import annotations

import itertools
import re
import weakref
from contextlib import AbstractContextManager, contextmanager
from functools import reduce
from threading import RLock
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from linkgap.engine import EngineError, Functions, StaysHere, statement
from linkgap.errors import LinkgapError, UnreadableFileError
from linkgap.spark.session import check_libraries, close_session, in_a_line, is_gone, kept_frame, own_session

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt
    import pandas as pd

_GONE = "The Spark session is gone: it was stopped, or its process ended. Open a new one and read the links again."
_OTHER_COLUMNS = re.compile(r"CSV header does not conform to the schema.*?CSV file: ([^\n]+)", re.DOTALL)

_SMALL_BYTES = 8 * 1024**2
"""Tables up to this size are broadcast to every worker where they are joined."""

_TOKEN = re.compile(
    r"""'(?P<text>(?:[^']|'')*)'|"(?P<name>(?:[^"]|"")*)"|(?P<comment>--[^\n]*)|(?P<end>;)"""
    r"""|\$(?P<parameter>[a-z_]+)|(?P<word>\b(?:VARCHAR|EXCLUDE)\b|\b(?:trim|lower)(?=\())""",
    re.IGNORECASE,
)
_ESCAPED = str.maketrans({"\\": r"\\", "\0": r"\u0000"})
_WORDS = {"VARCHAR": "STRING", "EXCLUDE": "EXCEPT", "TRIM": "trimmed", "LOWER": "lowered"}
_MADE = re.compile(r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(TABLE|VIEW)\s+(\w+)\s+AS\s+(.*)", re.IGNORECASE | re.DOTALL)
_EMPTY = re.compile(r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?TABLE\s+(\w+)\s*\((.*)\)\s*", re.IGNORECASE | re.DOTALL)
_ADDED = re.compile(r"\s*INSERT\s+INTO\s+(\w+)\s+(SELECT\s.*)", re.IGNORECASE | re.DOTALL)
_DROPPED = re.compile(r"\s*DROP\s+TABLE\s+(\w+)\s*", re.IGNORECASE)


def in_spark_words(sql: str) -> list[str]:
    r"""Return the statements of an SQL text in Spark's dialect.

    Only quotes, the marker of parameters and four words differ. To Spark, a backslash before the quote that ends a text
    or a name in double quotes is part of it, and the quote as well: backslashes are doubled, and names have backticks.

    Examples
    --------
    >>> in_spark_words("SELECT CAST($place AS VARCHAR), '$; VARCHAR' -- why\n; SELECT 2")
    ["SELECT CAST(:place AS STRING), '$; VARCHAR' \n", ' SELECT 2']
    >>> print(*in_spark_words("SELECT 'it''s C:\\', " + '"a \\"'))
    SELECT 'it\'s C:\\', `a \`
    """
    end = "\0"

    def written(found: re.Match[str]) -> str:
        if found["text"] is not None:
            return "'" + found["text"].translate(_ESCAPED).replace("''", r"\'") + "'"
        if found["name"] is not None:
            return "`" + found["name"].replace('""', '"').replace("`", "``") + "`"
        if found["parameter"]:
            return f":{found['parameter']}"
        if found["word"]:
            return _WORDS[found["word"].upper()]
        return end if found["end"] else ""

    return [each for each in _TOKEN.sub(written, sql).split(end) if each.strip()]


class SparkEngine(StaysHere):
    """Tables in a Spark session, queried with the same statements as the embedded engine.

    A table is a temporary view of a session of our own. The workers keep it, in memory or on disk, until nothing uses
    it any more; or it is kept in the folder of `SparkContext.setCheckpointDir`, where it outlives a worker.

    Parameters
    ----------
    session
        The user's. Its views, functions and settings stay as they are.
    """

    def __init__(self, session: Any) -> None:  # noqa: ANN401 - a SparkSession
        check_libraries()
        with plain_errors(session):
            self._session = own_session(session)
        self._number = itertools.count(1)
        self.made: dict[str, object] = {}
        self.turn: AbstractContextManager[object] = RLock()
        self._functions = Functions(in_spark_words(statement("linkgap.spark", "functions")))
        weakref.finalize(self, close_session, self._session, session)

    def __repr__(self) -> str:
        """Name the engine."""
        return f"Engine: Spark {self._session.version}, {self._session.conf.get('spark.master')}"

    def run(self, sql: str, **parameters: object) -> None:
        """Run statements without returning a result."""
        with plain_errors(self._session):
            for each in in_spark_words(sql):
                self._run(each, parameters)

    def _run(self, sql: str, parameters: Mapping[str, object]) -> None:
        if made := _MADE.fullmatch(sql):
            kind, name, query = made.groups()
            self._name(self._ask(query, parameters), name, keep=kind.upper() == "TABLE")
        elif empty := _EMPTY.fullmatch(sql):
            # Not by createDataFrame, which makes even no rows with Python, on the workers.
            self._name(self._ask(f"SELECT inline(CAST(array() AS ARRAY<STRUCT<{empty[2]}>>))", {}), empty[1])
        elif added := _ADDED.fullmatch(sql):
            self._add(added[1], self._ask(added[2], parameters))
        elif dropped := _DROPPED.fullmatch(sql):
            self._session.catalog.dropTempView(dropped[1])
        else:
            self._ask(sql, parameters)

    def _ask(self, sql: str, parameters: Mapping[str, object]) -> Any:  # noqa: ANN401 - a Spark DataFrame
        with self.turn:
            self._functions.create_called(sql, self._session.sql)
        # Spark refuses parameters that a statement does not name.
        given = {name: _plain(value) for name, value in parameters.items() if f":{name}" in sql}
        return self._session.sql(sql, args=given or None)

    def _name(self, frame: Any, name: str, *, keep: bool = False) -> None:  # noqa: ANN401 - a Spark DataFrame
        """Make a frame readable in SQL; with `keep`, it is computed now and its lineage is dropped."""
        if keep:
            # Caching would not do: Spark would walk through the whole lineage whenever the table is queried.
            frame = kept_frame(self._session, frame)
        frame.createOrReplaceTempView(name)

    def _add(self, table: str, frame: Any) -> None:  # noqa: ANN401 - a Spark DataFrame
        there = self._session.table(table)
        typed = frame.toDF(*there.columns[: len(frame.columns)]).selectExpr(
            *(f"CAST(`{field.name}` AS {field.dataType.simpleString()}) AS `{field.name}`" for field in there.schema)
        )
        self._name(there.unionAll(typed), table)

    def rows(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Return the result of one statement as tuples."""
        with plain_errors(self._session):
            (query,) = in_spark_words(sql)
            return [tuple(row) for row in self._ask(query, parameters).collect()]

    def columns(self, sql: str, **parameters: object) -> dict[str, npt.NDArray[Any]]:
        """Return the result of one statement as numpy arrays; nulls are masked."""
        with plain_errors(self._session):
            (query,) = in_spark_words(sql)
            found = self._ask(query, parameters).toArrow()
        return {name: _as_array(found.column(name)) for name in found.column_names}

    def frame(self, sql: str, *, ordered: bool = True) -> pd.DataFrame:  # noqa: ARG002 - Spark keeps the order of ORDER BY
        """Return the result of one statement as a DataFrame."""
        import pandas as pd

        with plain_errors(self._session):
            (query,) = in_spark_words(sql)
            found = self._ask(query, {}).toArrow()
        return pd.DataFrame({name: _as_series(found.column(name)) for name in found.column_names})

    def put(
        self, table: str, columns: Mapping[str, npt.NDArray[Any] | Sequence[object]], *, append: bool = False
    ) -> None:
        """Make a table of `columns`, or append them to an existing one."""
        import pyarrow as pa

        given = pa.table({name: _as_column(values) for name, values in columns.items()})
        if append:
            with plain_errors(self._session):
                self._add(table, self._made_of(given))
        else:
            self.send(table, [given])

    def names(self, table: str) -> list[str]:
        """Return the column names of a table or view."""
        with plain_errors(self._session):
            return list(self._session.table(table).columns)

    def packed(self, fields: Mapping[str, str]) -> str:
        """SQL that packs several fields into one value for `min()`, which compares field by field, nulls last.

        Spark sorts nulls first, so each field is preceded by a flag that says whether it is null.
        """
        pairs = (f"'no_{name}', ({sql}) IS NULL, '{name}', {sql}" for name, sql in fields.items())
        return f"named_struct({', '.join(pairs)})"

    def send(self, table: str, parts: Iterable[Any]) -> None:
        """Make a table of Arrow tables with the same columns; a small one is marked for broadcast joins."""
        with plain_errors(self._session):
            frames, size = [], 0
            for part in parts:
                size += part.nbytes
                frames.append(self._made_of(part))
            whole = reduce(lambda one, other: one.unionAll(other), frames)
            if size <= _SMALL_BYTES:
                self._name(whole.hint("broadcast"), table)
            else:
                self._name(whole, table, keep=True)

    def _made_of(self, part: Any) -> Any:  # noqa: ANN401 - a Spark DataFrame of an Arrow table
        from pyspark.sql.pandas.types import from_arrow_schema

        # Spark Connect refuses an Arrow table without rows unless it is given the schema.
        return self._session.createDataFrame(part, from_arrow_schema(part.schema, prefer_timestamp_ntz=False))

    def offer(self, frame: Any) -> str:  # noqa: ANN401 - a Spark DataFrame of the user's session
        """Make a frame of the user's session readable in SQL, and return the name of the view."""
        shared, given = f"linkgap_{uuid4().hex}", f"given_{next(self._number)}"
        with plain_errors(self._session):
            frame.createOrReplaceGlobalTempView(shared)
            try:
                self._session.table(f"global_temp.{shared}").createOrReplaceTempView(given)
            finally:
                # In SQL, as the catalog's method would also remove the user's frame from the cache.
                self._session.sql(f"DROP VIEW IF EXISTS global_temp.{shared}")
        return given

    def parts(self, table: str, column: str, number: int) -> Iterator[Any]:
        """Yield a column of distinct values as Arrow tables, `number` of them and about equally large."""
        for part in range(number):
            query = f"SELECT {column} FROM {table} WHERE pmod(xxhash64({column}), {number}) = {part}"
            with plain_errors(self._session):
                yield self._ask(query, {}).toArrow()


@contextmanager
def plain_errors(session: Any) -> Iterator[None]:  # noqa: ANN401 - a SparkSession
    """Turn Spark's errors into linkgap's."""
    from py4j.protocol import Py4JError, Py4JNetworkError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JNetworkError, ConnectionError) as error:
        raise LinkgapError(_GONE) from error
    except (PySparkException, Py4JError, AttributeError) as error:
        if is_gone(session) or "[INVALID_HANDLE.SESSION_" in str(error):
            raise LinkgapError(_GONE) from error
        if isinstance(error, AttributeError):
            raise
        if found := _OTHER_COLUMNS.search(str(error)):
            message = (
                f"{found[1]} has other columns than another CSV file at the same address, or in another order. List "
                "the addresses of the files one by one, or give each kind a folder of its own."
            )
            raise UnreadableFileError(message) from error
        raise EngineError(in_a_line(error)) from error


def _plain(value: object) -> object:
    import numpy as np

    return value.item() if isinstance(value, np.generic) else value


def _as_column(values: npt.NDArray[Any] | Sequence[object]) -> Any:  # noqa: ANN401 - an Arrow array
    import numpy as np
    import pyarrow as pa

    column = pa.array(values if isinstance(values, np.ndarray) else list(values))
    return column.cast(pa.string()) if pa.types.is_null(column.type) else column


def _as_array(column: Any) -> npt.NDArray[Any]:  # noqa: ANN401 - an Arrow column
    """Return an Arrow column as an array, masked where there are nulls; numbers keep their type even then."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    missing = column.is_null().to_numpy()
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_boolean(column.type):
        column = pc.fill_null(column, pa.scalar(0).cast(column.type))
    values = column.to_numpy()
    return np.ma.masked_array(values, mask=missing) if missing.any() else np.asarray(values)


def _as_series(column: Any) -> pd.Series[Any]:  # noqa: ANN401 - an Arrow column
    """Return an Arrow column as the embedded engine returns it: dates as timestamps, texts as objects."""
    import pandas as pd
    import pyarrow as pa

    if pa.types.is_date(column.type):
        return pd.Series(column.cast(pa.timestamp("us")).to_numpy())
    if pa.types.is_string(column.type) or pa.types.is_null(column.type):
        return pd.Series(column.to_pylist(), dtype=object)
    found: pd.Series[Any] = column.to_pandas()
    return found
