"""Spark sessions: one that linkgap opens for a master, and one of its own beside the user's."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
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
    # What a statement means must not hang on the user's settings: standard SQL, in which '\d' is two characters and
    # "a name" is a name, and days are those of UTC as everywhere in linkgap.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.ansi.enforceReservedKeywords": "false",
    "spark.sql.parser.escapedStringLiterals": "true",
    "spark.sql.legacy.consecutiveStringLiterals.enabled": "false",
    "spark.sql.caseSensitive": "false",
    "spark.sql.session.timeZone": "UTC",
}

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    # A gap's statements become a few hundred classes. Spark keeps 100, and would compile them for every question.
    "spark.sql.codegen.cache.maxEntries": "1000",
}
_LOCAL_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",  # and not 200, which is for a cluster
}


def is_session(thing: object) -> bool:
    """Tell whether something is a Spark session, without loading Spark."""
    kind = type(thing)
    return kind.__module__.startswith("pyspark.") and kind.__name__ == "SparkSession"


def is_spark_frame(thing: object) -> bool:
    """Tell whether something is a Spark DataFrame, without loading Spark."""
    kind = type(thing)
    return kind.__module__.startswith("pyspark.sql.") and kind.__name__ == "DataFrame"


def open_session(master: str) -> Any:  # noqa: ANN401 - a SparkSession
    """Open a Spark session for a master, or return the one that this process has.

    Parameters
    ----------
    master
        `"local[2]"`, `"spark://host:7077"` or another address that Spark knows.

    Raises
    ------
    InvalidArgumentError
        When that is no address of a master.
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
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("linkgap")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    if master.lower().startswith("local"):
        for name, value in _LOCAL_SETTINGS.items():
            builder = builder.config(name, value)
    try:
        with _java():
            return builder.getOrCreate()
    except (PySparkException, OSError) as error:
        first = str(error).strip().partition("\n")[0].rstrip(".")
        message = f"Spark can't be started for {master}: {first}. See that Java is 17 or newer and the master answers."
        raise LinkgapError(message) from error


def check_libraries() -> None:
    """Refuse in words when what speaks to Spark is not installed."""
    missing = [name for name in ("pyspark", "pyarrow") if find_spec(name) is None]
    if missing:
        message = f'Spark needs {" and ".join(missing)}. Install with: pip install "linkgap[spark]"'
        raise MissingLibraryError(message)


@contextmanager
def _java() -> Iterator[None]:
    """Name a Java in the environment while Spark is started, if the user has none."""
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
    """Return a session on the same cluster whose views, functions and settings are linkgap's alone."""
    own = session.newSession()
    for name, value in session.conf.getAll.items():
        if name.startswith("spark.sql.") and session.conf.isModifiable(name):
            own.conf.set(name, value)
    for name, value in _OWN_SETTINGS.items():
        own.conf.set(name, value)
    return own
