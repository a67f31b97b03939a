"""The file that keeps outreach: a SQLite table of changes, to which rows are only ever added.

The current value of a field is that of the latest change to it: there is one truth, and nothing that could contradict
it.

- A connection lives as long as one transaction. Nothing is held between calls: notebooks share the file, threads share
  the book, and a kernel may be killed or forked at any moment.
- The journal mode is SQLite's default, DELETE. A write-ahead log (WAL) needs memory that all writers share, which
  network drives don't offer, and leaves committed changes in a second file, easily forgotten when the first is copied
  or synced.
- `synchronous = EXTRA`: a commit returns once the change and the deletion of its journal are on the disk.
- Writers take the lock at the beginning of a transaction, which lasts a few milliseconds.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from linkgap.errors import (
    InvalidArgumentError,
    LinkgapError,
    MissingFileError,
    UnreadableFileError,
    UnwritableFileError,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping

DEFAULT_FILE = "linkgap-outreach.sqlite"
BUSY_SECONDS = 30.0
"""How long a call waits for a lock; other programs hold it for milliseconds, unless they were suspended midway."""

_RETRY_SECONDS = 0.002
_APPLICATION = 0x6C67_6F72
"""Marks the file as linkgap's ("lgor"), so that no other program's database is written to."""

_VERSION = 1
_LAYOUT = (
    """
    CREATE TABLE changes (
        number INTEGER PRIMARY KEY, step INTEGER NOT NULL, undoes INTEGER,
        site TEXT NOT NULL, at TEXT NOT NULL, by TEXT, session TEXT NOT NULL,
        domain TEXT NOT NULL, field TEXT NOT NULL, old TEXT, new TEXT
    )
    """,
    "CREATE INDEX changes_by_field ON changes (site, domain, field)",
    "CREATE INDEX changes_by_session ON changes (session, step)",
    "CREATE TRIGGER changes_stay BEFORE UPDATE ON changes BEGIN SELECT RAISE(ABORT, 'changes are only added'); END",
    "CREATE TRIGGER changes_are_kept BEFORE DELETE ON changes BEGIN SELECT RAISE(ABORT, 'changes are only added'); END",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)


class Change(NamedTuple):
    """A change of one field of a domain, from its old value to the new one."""

    domain: str
    field: str
    old: str | None
    new: str | None


class Maker(NamedTuple):
    """What all changes of one step have in common: the site, when, by whom, and in which session."""

    site: str
    at: str
    by: str | None
    session: str


@dataclass(frozen=True)
class ChangeFile:
    """A file of changes that was found to exist and to be linkgap's. Made by `open_changes`."""

    path: Path

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that sees one consistent state of the file."""
        with _transaction(self.path, "BEGIN") as connection:
            _check_layout(connection, self.path)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection with the write lock; at the end, all of its changes are on the disk, or none."""
        with _transaction(self.path, "BEGIN IMMEDIATE") as connection:
            _check_layout(connection, self.path)
            yield connection


def open_changes(path: str | os.PathLike[str]) -> ChangeFile:
    """Open a file of changes; one that does not exist, or is empty, gets the tables.

    Raises
    ------
    InvalidArgumentError
        When the path is a folder, or not valid.
    MissingFileError
        When its folder does not exist.
    UnreadableFileError
        When it is not such a file, or one of a newer linkgap.
    UnwritableFileError
        When another program keeps it locked for 30 seconds, or it can't be created or opened.
    """
    place = _checked_place(path)
    with _transaction(place, "BEGIN", mode="rwc") as connection:
        is_new = _is_empty(connection)
        if not is_new:
            _check_layout(connection, place)
    if is_new:
        _lay_out(place)
    return ChangeFile(place)


def _checked_place(path: str | os.PathLike[str]) -> Path:
    try:
        place = Path(path).expanduser().resolve()
        is_folder, has_folder = place.is_dir(), place.parent.is_dir()
    except PermissionError as error:
        raise UnwritableFileError(
            f"{path} can't be opened: you have no access to its folder. Make that accessible, or name another file."
        ) from error
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        raise InvalidArgumentError(
            f"{path!r} is not a valid file name: {error}. Allowed: a path, such as {DEFAULT_FILE!r}."
        ) from error
    if is_folder:
        raise InvalidArgumentError(f"{path} is a folder. Name a file in it, such as {Path(path) / DEFAULT_FILE}.")
    if not has_folder:
        raise MissingFileError(f"There is no folder {place.parent} for {place.name}. Make it first, or name another.")
    return place


def _lay_out(path: Path) -> None:
    with _transaction(path, "BEGIN IMMEDIATE") as connection:
        if _is_empty(connection):  # else another notebook was quicker
            for statement in _LAYOUT:
                connection.execute(statement)


def _is_empty(connection: sqlite3.Connection) -> bool:
    tables = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    return (*tables, _pragma(connection, "application_id"), _pragma(connection, "user_version")) == (0, 0, 0)


def _check_layout(connection: sqlite3.Connection, path: Path) -> None:
    if _is_empty(connection):
        raise MissingFileError(
            f"{path} has been emptied meanwhile. Put a copy in its place, or open a new file with open_outreach()."
        )
    if _pragma(connection, "application_id") != _APPLICATION:
        raise UnreadableFileError(f"{path} is another program's database. Name another file for outreach.")
    version = _pragma(connection, "user_version")
    if version > _VERSION:
        raise UnreadableFileError(
            f"{path} was written by a newer linkgap (layout {version}; this one knows {_VERSION}). "
            "Update linkgap, or name another file."
        )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


@contextmanager
def _transaction(path: Path, begin: str, *, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    try:
        # Without mode=rw, SQLite would create a new file if somebody has moved the old one away.
        address = f"{path.as_uri()}?mode={mode}"
        with closing(sqlite3.connect(address, uri=True, timeout=0, isolation_level=None)) as connection:
            _wait_to_begin(connection, begin)
            connection.execute(f"PRAGMA busy_timeout = {round(1000 * BUSY_SECONDS)}")
            yield connection
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise _in_plain_words(error, path, was_there=mode == "rw") from error


def _wait_to_begin(connection: sqlite3.Connection, begin: str) -> None:
    """Begin a transaction as soon as no other program's lock prevents it.

    SQLite's own busy handler tries less and less often, so that a busy notebook would shut another out for seconds.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA synchronous = EXTRA")  # it reads the file, so it may have to wait as well
            connection.execute(begin)
        except sqlite3.OperationalError as error:
            if _code(error) != "BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


_TROUBLES: Mapping[str, tuple[type[LinkgapError], str]] = {
    "BUSY": (
        UnwritableFileError,
        "has been in use by another program for {seconds:g} seconds. Nothing was changed. Close it, and try again.",
    ),
    "NOTADB": (UnreadableFileError, "is not an outreach file (not SQLite). Name another file for outreach."),
    "CORRUPT": (UnreadableFileError, "is damaged: {error}. Put a copy of it in its place."),
    "GONE": (MissingFileError, "no longer exists. Put it back, or open a new file with open_outreach()."),
    "CANTOPEN": (UnwritableFileError, "can't be opened: {error}. Check that you may read and write it and its folder."),
    "READONLY": (
        UnwritableFileError,
        "is read-only. Nothing was changed. Make the file and its folder writable, or open a copy.",
    ),
    "FULL": (UnwritableFileError, "can't grow: its disk is full. Nothing was changed. Make room, and try again."),
}
_OTHER_TROUBLE = (
    UnwritableFileError,
    "can't be used: {error}. Nothing was changed. Check its disk, or put a copy of it in its place.",
)


def _in_plain_words(error: sqlite3.Error, path: Path, *, was_there: bool) -> LinkgapError:
    trouble = "GONE" if _code(error) == "CANTOPEN" and was_there and _is_gone(path) else _code(error)
    kind, words = _TROUBLES.get(trouble, _OTHER_TROUBLE)
    return kind(f"{path} {words.format(error=error, seconds=BUSY_SECONDS)}")


def _is_gone(path: Path) -> bool:
    try:
        return not path.exists()
    except OSError:  # its folder can't be read any more, so there is no telling
        return False


def _code(error: sqlite3.Error) -> str:
    """Return SQLite's primary name for an error, without prefix and extension: BUSY, FULL, READONLY, ..."""
    return str(getattr(error, "sqlite_errorname", "")).removeprefix("SQLITE_").partition("_")[0]


def value_now(connection: sqlite3.Connection, site: str, domain: str, field: str) -> str | None:
    """Return the value of a field of a domain; None when it was never set, or was cleared."""
    found = connection.execute(
        "SELECT new FROM changes WHERE site = ? AND domain = ? AND field = ? ORDER BY number DESC LIMIT 1",
        (site, domain, field),
    ).fetchone()
    return found and str(found[0]) if found and found[0] is not None else None


def values_now(connection: sqlite3.Connection, site: str) -> list[tuple[str, str, str | None, str, str | None]]:
    """Return domain, field, value, since when and by whom, for every field: by domain, the latest change last."""
    return connection.execute(
        "SELECT domain, field, new, at, by FROM changes WHERE number IN "
        "(SELECT MAX(number) FROM changes WHERE site = ? GROUP BY domain, field) ORDER BY domain, number",
        (site,),
    ).fetchall()


def moments_of(connection: sqlite3.Connection, site: str, field: str, value: str) -> dict[str, str]:
    """Return when a field of each domain last got a value, ignoring changes that were undone, and undoing ones."""
    found = connection.execute(
        "SELECT domain, at FROM changes AS done WHERE site = ? AND field = ? AND new = ? AND undoes IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM changes AS back WHERE back.undoes = done.step AND back.site = done.site "
        "AND back.domain = done.domain AND back.field = done.field) ORDER BY number",
        (site, field, value),
    )
    return dict(found.fetchall())


def append(
    connection: sqlite3.Connection, changes: Iterable[Change], maker: Maker, *, undoes: int | None = None
) -> int:
    """Add changes as one step, and return how many; those whose new value is the old one are left out."""
    step = connection.execute("SELECT COALESCE(MAX(number), 0) + 1 FROM changes").fetchone()[0]
    rows = [(step, undoes, *maker, *change) for change in changes if change.old != change.new]
    connection.executemany(
        "INSERT INTO changes (step, undoes, site, at, by, session, domain, field, old, new) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    return len(rows)


def steps_to_undo(connection: sqlite3.Connection, session: str) -> list[int]:
    """Return the steps of a session that were not undone, the latest first."""
    found = connection.execute(
        "SELECT DISTINCT step FROM changes WHERE session = ? AND undoes IS NULL AND step NOT IN "
        "(SELECT undoes FROM changes WHERE session = ? AND undoes IS NOT NULL) ORDER BY step DESC",
        (session, session),
    )
    return [int(row[0]) for row in found]


def changes_of(connection: sqlite3.Connection, session: str, step: int) -> list[Change]:
    """Return the changes of one step of a session."""
    found = connection.execute(
        "SELECT domain, field, old, new FROM changes WHERE session = ? AND step = ? ORDER BY number", (session, step)
    )
    return [Change(*row) for row in found]
