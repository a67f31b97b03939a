"""The caching HTTP session: what was fetched is kept in a SQLite file that the user can see, until it expires.

- Answers are stored as compressed JSON, not as requests-cache's default pickle: opening somebody else's file runs no
  code.
- The values of secret headers and parameters are redacted before an answer is stored, and in the library's own cache
  key.
- Redirects are not followed automatically: the caller follows them, after looking at where they lead.
- The environment (proxies, `.netrc`) is ignored: what is sent is what the request holds.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
import zlib
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from linkgap.errors import InvalidArgumentError, MissingLibraryError, UnreadableFileError, UnwritableFileError, in_words
from linkgap.paths import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    import requests
    from requests_cache import CachedSession, SerializerPipeline
    from requests_cache.backends.sqlite import SQLiteCache
    from requests_cache.models.response import CachedResponse

    Keep = Callable[[requests.Response], dt.timedelta | None]

PAGES_FILE = "linkgap-pages.sqlite"
BUSY_SECONDS = 30
_TABLES = {"responses", "redirects"}
_COLUMNS = {"key", "value"}
_NOT_MODIFIED = 304
"""Not Modified: the server says that the cached answer still counts, so a 304 must never replace it."""


def open_session(
    path: str | os.PathLike[str],
    *,
    expire_after: dt.timedelta | Keep,
    cached_only: bool = False,
    durable: bool = True,
    codes: Collection[int] = (200,),
    secrets: Collection[str] = (),
) -> CachedSession:
    """Return a requests session that caches what it fetches in a file; close it after use.

    Parameters
    ----------
    path
        A SQLite file, which is created if missing.
    expire_after
        How long an answer counts, or a function that returns this for an answer, None if it is not to be cached. After
        that it is requested again, and the cached one is used if the server says that nothing changed.
    cached_only
        Send no requests: what is not in the file is answered with status 504, and expired answers are used. A missing
        file is not created.
    durable
        Whether an answer is on the disk before the next request, for answers that are paid for; takes some 20 ms each.
    codes
        The HTTP statuses that are cached; never 304, by which a server says that the cached answer still counts.
    secrets
        Names of headers and parameters that hold keys, in upper and lower case as they are sent.

    Raises
    ------
    MissingLibraryError
        When the libraries for web access are not installed.
    UnreadableFileError
        When the file is another program's, or damaged.
    UnwritableFileError
        When the file can't be written.
    """
    try:
        from requests_cache import NEVER_EXPIRE
        from requests_cache.policy.settings import DEFAULT_IGNORED_PARAMS
    except ImportError as error:
        raise missing_web() from error
    is_there = not cached_only or cache_file(path).exists()
    file = check_cache_file(path if is_there else ":memory:")
    keep = expire_after if callable(expire_after) else lambda _: expire_after
    session = _session_class()(
        backend=_cache(file, keep, durable=durable),
        expire_after=NEVER_EXPIRE,
        allowable_codes={*codes} - {_NOT_MODIFIED},
        allowable_methods=("GET", "HEAD", "POST"),
        ignored_parameters=[*DEFAULT_IGNORED_PARAMS, *secrets],
    )
    session.settings.only_if_cached = session.settings.stale_if_error = cached_only
    session.trust_env = False
    return session


def missing_web() -> MissingLibraryError:
    """Return the error for a linkgap that was installed without the libraries for web access."""
    return MissingLibraryError(
        'The libraries for web access are not installed. Install them with: pip install "linkgap[web]"'
    )


def _session_class() -> type[CachedSession]:
    """Return the session class; defined in here, so that importing this module needs no optional library."""
    from requests_cache import CachedSession

    class Session(CachedSession):
        """A session that never follows a redirect by itself."""

        def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - requests names it
            """Return None, whatever the response says."""
            return None

    return Session


def _cache(file: Path, keep: Keep, *, durable: bool) -> SQLiteCache:
    """Return requests-cache's backend for the file, in which each answer is kept for as long as `keep` says."""
    from requests_cache.backends.sqlite import SQLiteCache

    class Cache(SQLiteCache):
        """A cache in which every answer has its own expiry."""

        def get_response(self, key: str, default: CachedResponse | None = None) -> CachedResponse | None:
            """Return a cached answer; damage to the file may only show here, not when it is opened.

            Raises
            ------
            UnreadableFileError
                When the file is damaged.
            UnwritableFileError
                When another program has locked it.
            """
            with _in_plain_words(file):
                return super().get_response(key, default)

        def forget_expired(self) -> None:
            """Delete expired answers: whoever sold them may forbid keeping them any longer.

            Raises
            ------
            UnreadableFileError
                When the file is damaged.
            UnwritableFileError
                When it can't be written.
            """
            with _in_plain_words(file):
                if self.responses.count() > self.responses.count(expired=False):
                    self.delete(expired=True)

        def save_response(
            self,
            response: requests.Response,
            cache_key: str | None = None,
            expires: dt.datetime | None = None,  # noqa: ARG002 - the library's guess
        ) -> None:
            """Store an answer if `keep` allows, and check that it was stored: the library is silent about a full disk.

            Raises
            ------
            UnwritableFileError
                When it could not be stored.
            """
            time = keep(response)
            if time is None:
                return
            key, until = cache_key or self.create_key(response.request), dt.datetime.now(dt.UTC) + time
            with _in_plain_words(file):
                super().save_response(response, key, until)
                with self.responses.connection(commit=True) as connection:
                    found = connection.execute("SELECT expires FROM responses WHERE key = ?", (key,)).fetchone()
            if found is None or found[0] != round(until.timestamp()):
                raise _no_room(file, "the last answer was not saved, those before it were")

    cache = Cache(file, serializer=_serializer(), busy_timeout=1000 * BUSY_SECONDS, fast_save=not durable)
    with _in_plain_words(file), cache.responses.connection() as connection:
        is_ready = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'responses'").fetchone()
    if not is_ready:  # of this, too, the library is silent
        raise _no_room(file, "it has no place for answers")
    return cache


def _no_room(file: Path, what: str) -> UnwritableFileError:
    return UnwritableFileError(
        f"{file} can't be written, perhaps because the disk is full: {what}. Free some space, or name another file "
        "with cache=."
    )


def _serializer() -> SerializerPipeline:
    """Return the serializer of answers: compressed JSON."""
    from requests_cache.models.response import CachedResponse
    from requests_cache.serializers import SerializerPipeline, Stage
    from requests_cache.serializers.preconf import json_preconf_stage

    def dump(answer: CachedResponse) -> bytes:
        return zlib.compress(json.dumps(json_preconf_stage.dumps(answer)).encode("ascii"), level=1)

    def load(stored: bytes) -> CachedResponse:
        try:
            answer = json_preconf_stage.loads(json.loads(zlib.decompress(stored)))
        except Exception as error:  # whatever is wrong with it; on a ValueError, the library requests it again
            raise ValueError(str(error)) from error
        if not isinstance(answer, CachedResponse) or answer.status_code == _NOT_MODIFIED:
            raise ValueError(f"{type(answer).__name__} is not an answer")  # as above
        return answer

    return SerializerPipeline([Stage(dumps=dump, loads=load)], name="linkgap", is_binary=True)


def cache_file(path: str | os.PathLike[str]) -> Path:
    """Return the path of a cache file, which need not exist.

    Raises
    ------
    InvalidArgumentError
        When it is not a path, or is a folder.

    Examples
    --------
    >>> cache_file("pages").name, cache_file("pages.db").name
    ('pages.sqlite', 'pages.db')
    """
    if not isinstance(path, str | os.PathLike):
        raise InvalidArgumentError(f"cache={path!r} is not a path. Allowed: a file, such as 'pages.sqlite'.")
    file = path_of(path)
    if not file.suffix and file.name not in {"", ":memory:"}:
        file = file.with_name(f"{file.name}.sqlite")  # as the library does
    if file.is_dir():
        raise InvalidArgumentError(f"cache={str(path)!r} is a folder. Name a file in it.")
    return file


def check_cache_file(path: str | os.PathLike[str]) -> Path:
    """Return the path of a cache file, and refuse one that can't be used: the library would wait for it forever.

    Raises
    ------
    InvalidArgumentError
        When it is not a path, or is a folder.
    UnreadableFileError
        When the file is another program's, or damaged.
    UnwritableFileError
        When the file can't be written.
    """
    file = cache_file(path)
    with (
        _in_plain_words(file),
        closing(sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)) as connection,
    ):
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        columns = {name for (name,) in connection.execute("SELECT name FROM pragma_table_info('responses')")}
        if not tables - _TABLES:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    if tables - _TABLES:
        raise UnreadableFileError(
            f"{file} is not a cache but another program's database, with {in_words(tables)}. Name another file."
        )
    if columns and not columns >= _COLUMNS:
        raise UnreadableFileError(
            f"{file} is not a cache: its answers have the columns {in_words(columns)}. Name another file."
        )
    return file


@contextmanager
def _in_plain_words(file: Path) -> Iterator[None]:
    """Turn SQLite's errors into linkgap's, which say in plain words why a file can't be used."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise UnwritableFileError(f"{file} can't be written: {error}. Name another file with cache=.") from error
    except sqlite3.DatabaseError as error:
        message = f"{file} is not a cache: {error}. Delete it, or name another file with cache=."
        raise UnreadableFileError(message) from error
