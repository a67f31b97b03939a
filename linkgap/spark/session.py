"""Spark sessions: one that linkgap opens for a master's address, and one of its own beside the user's."""

from __future__ import annotations

import os
import re
import warnings
from contextlib import contextmanager, suppress
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from linkgap.errors import InvalidArgumentError, LinkgapError, MissingLibraryError
from linkgap.spark.java import java_is_at_hand, packaged_java
from linkgap.temporary import TemporaryFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

_MASTER = re.compile(r"local(\[[^\]]+\])?|spark://.+|yarn|k8s://.+", re.IGNORECASE)

_OWN_SETTINGS = {
    # What a statement means must not depend on the user's settings: a backslash in a text escapes what follows, a name
    # in backticks is no pattern, ${...} is no variable, a join may have constants for keys, and days are UTC as
    # everywhere in linkgap.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.enforceReservedKeywords": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.parser.quotedRegexColumnNames": "false",
    "spark.sql.variable.substitute": "false",
    "spark.sql.caseSensitive": "false",
    "spark.sql.crossJoin.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
}
_EXCLUDED = "spark.sql.optimizer.excludedRules"
_SLOW_RULE = "org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation"
"""It computes what is asked of rows that were sent from Python while planning: for 2,000 links that takes minutes."""

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    # A gap's statements compile to a few hundred classes. Spark's default is to cache 100: it would compile them again
    # for every question.
    "spark.sql.codegen.cache.maxEntries": "1000",
}
_LOCAL_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",  # the default of 200 is for a cluster
}


def is_session(thing: object) -> bool:
    """Tell whether something is a Spark session, without loading Spark."""
    kind = type(thing)
    return kind.__module__.startswith("pyspark.") and kind.__name__ == "SparkSession"


def is_connect(session: object) -> bool:
    """Tell whether a session is a client of a Spark Connect server, which has no JVM in this process."""
    return type(session).__module__.startswith("pyspark.sql.connect.")


def is_gone(session: Any) -> bool:  # noqa: ANN401 - a SparkSession
    """Tell whether a session was stopped."""
    if is_connect(session):
        return bool(session.is_stopped)
    # PySpark itself recognises a stopped session by this attribute.
    return getattr(session.sparkContext, "_jsc", None) is None


def kept_frame(session: Any, frame: Any) -> Any:  # noqa: ANN401 - a SparkSession and Spark DataFrames
    """Compute a frame now and keep it as a checkpoint, which outlives a worker if Spark has a checkpoint folder."""
    if not is_connect(session):
        reliable = session.sparkContext.getCheckpointDir() is not None
        return frame.checkpoint() if reliable else frame.localCheckpoint()
    reliable = session.conf.get("spark.checkpoint.dir", None) is not None
    with _active(session):
        return frame.checkpoint() if reliable else frame.localCheckpoint()


@contextmanager
def _active(session: Any) -> Iterator[None]:  # noqa: ANN401 - a SparkSession
    """Make a session of Spark Connect the active one of this thread temporarily.

    PySpark 4.3 looks up a checkpoint in the active session even if another one keeps it
    (`proto_to_remote_cached_dataframe`).
    """
    active = type(session)._active_session  # noqa: SLF001
    before = getattr(active, "session", None)
    active.session = session
    try:
        yield
    finally:
        active.session = before


def is_spark_frame(thing: object) -> bool:
    """Tell whether something is a Spark DataFrame, without loading Spark."""
    kind = type(thing)
    return kind.__module__.startswith("pyspark.sql.") and kind.__name__ == "DataFrame"


def open_session(master: str) -> Any:  # noqa: ANN401 - a SparkSession
    """Open a Spark session for a master, or return the one that this process already has.

    Parameters
    ----------
    master
        `"local[2]"`, `"spark://host:7077"` or another address that Spark knows.

    Raises
    ------
    InvalidArgumentError
        When `master` is not the address of a Spark master.
    MissingLibraryError
        When PySpark or Java is missing.
    LinkgapError
        When Spark can't be started or reached.
    """
    if not _MASTER.fullmatch(master):
        message = (
            f"engine={master!r} is not allowed. Allowed: a SparkSession, or the address of a Spark master, such as "
            "'local[2]' or 'spark://host:7077'. Leave it out for the embedded engine."
        )
        raise InvalidArgumentError(message)
    check_libraries()
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("linkgap")
    # Spark's default is a folder in the current one, which it would make and leave there.
    warehouse = {"spark.sql.warehouse.dir": (_folder_of_this_process().path / "warehouse").as_uri()}
    for name, value in (_SETTINGS | warehouse).items():
        builder = builder.config(name, value)
    if master.lower().startswith("local"):
        for name, value in _LOCAL_SETTINGS.items():
            builder = builder.config(name, value)
    try:
        with _java():
            return builder.getOrCreate()
    except (PySparkException, Py4JError, OSError) as error:
        message = (
            f"Spark can't be started for {master}: {in_a_line(error).rstrip('.')}. Check that Java is 17 or newer, "
            "that this PySpark can use it (PySpark 4.0 can't use Java 24 and later), and that the master answers."
        )
        raise LinkgapError(message) from error


def in_a_line(error: Exception) -> str:
    r"""Return a Spark error in one line: its Java error, or its first line, with the last one after a colon.

    Examples
    --------
    >>> in_a_line(ValueError("An exception was thrown from the Python worker:\nTraceback ...\nKeyError: 'page'\n"))
    "An exception was thrown from the Python worker: KeyError: 'page'"
    >>> in_a_line(ValueError("An error occurred while calling o72.getResult.\n: java.io.IOException: gone\n\tat ..."))
    'java.io.IOException: gone'
    """
    lines = str(error).strip().splitlines() or [""]
    if len(lines) > 1 and lines[1].startswith(": "):
        return lines[1].removeprefix(": ")
    return f"{lines[0]} {lines[-1].strip()}" if lines[0].endswith(":") and len(lines) > 1 else lines[0]


def check_libraries() -> None:
    """Raise an error that says what to install when PySpark or PyArrow is missing."""
    missing = [name for name in ("pyspark", "pyarrow") if find_spec(name) is None]
    if missing:
        message = f'Spark needs {" and ".join(missing)}. Install with: pip install "linkgap[spark]"'
        raise MissingLibraryError(message)


@contextmanager
def _java() -> Iterator[None]:
    """Set JAVA_HOME to the packaged Java while Spark is started, if the user has no Java."""
    if java_is_at_hand():
        yield
        return
    os.environ["JAVA_HOME"] = str(packaged_java(_folder_of_this_process().path / "java"))
    try:
        yield
    finally:
        del os.environ["JAVA_HOME"]


@lru_cache(maxsize=1)
def _folder_of_this_process() -> TemporaryFolder:
    return TemporaryFolder()


def own_session(session: Any) -> Any:  # noqa: ANN401 - SparkSessions
    """Return a session on the same cluster whose views, functions and settings are linkgap's alone.

    Raises
    ------
    InvalidArgumentError
        When this version of PySpark can't open a second session beside one of Spark Connect.
    """
    from pyspark import __version__ as version

    if not hasattr(session, "newSession"):
        message = (
            f"PySpark {version} can't open a second session beside one of Spark Connect, and linkgap needs its own. "
            "Allowed: sessions of Spark Connect from PySpark 4.3 on, and any other SparkSession. Install a newer "
            "PySpark and read again."
        )
        raise InvalidArgumentError(message)
    own = session.newSession()
    settings = session.conf.getAll.items()
    kept = {name: text for name, text in settings if name.startswith("spark.sql.") and session.conf.isModifiable(name)}
    excluded = {_EXCLUDED: ",".join(filter(None, (kept.get(_EXCLUDED), _SLOW_RULE)))}
    with warnings.catch_warnings(action="ignore"):  # Spark Connect warns of deprecated settings
        for name, value in (kept | _OWN_SETTINGS | excluded).items():
            own.conf.set(name, value)
    return own


def close_session(own: Any, session: Any) -> None:  # noqa: ANN401 - SparkSessions
    """Release linkgap's own session beside the user's; one that is not of Spark Connect needs no release."""
    if not is_connect(own):
        return
    with suppress(Exception):  # a server that is shutting down has dropped it, whatever it answers
        if not session.is_stopped:  # else the server may be gone, and PySpark would retry for ten minutes
            own.client.release_session()
        # A client that is still open when Python exits keeps it from exiting. Stopping the session instead would also
        # stop a server that PySpark has started for the user's session.
        own.client.close()
