"""One request to a service: answered by the cache, or sent with the key, retried, and its errors put into words.

The key is added below the cache on the way out, and removed from the answer on the way in: nothing above (the cache,
its file, the exceptions raised here) ever sees it.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Self

from linkgap.errors import KeyRefusedError, NoUnitsLeftError, ServiceError
from linkgap.web.caching import cache_file, open_session
from linkgap.web.services.service import Reply, Request, Service, Trouble
from linkgap.web.services.signing import ENTRY, ROWS, keyless, signing_adapter

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    import requests
    from requests_cache import CachedSession

    from linkgap.web.services.keys import Secret
    from linkgap.web.services.service import Answer

    Read = Callable[[Reply], Answer]

TRIES = 4
LONGEST_WAIT_SECONDS = 60.0
_SECONDS_TO_CONNECT, _SECONDS_TO_ANSWER = 10, 120


class Received(NamedTuple):
    """An answer, the number of rows that was requested, and the day on which it came."""

    answer: Answer
    asked_rows: int
    day: dt.date


class ServiceClient:
    """The client of one service, with its cache; close it after use.

    Parameters
    ----------
    service
        The service to ask.
    key
        None when only the cache is used.
    cache
        A SQLite file; with a key, it is created if missing.
    base
        An address to use in place of the service's own.
    """

    def __init__(
        self, service: Service, key: Secret | None, *, cache: str | os.PathLike[str], base: str | None = None
    ) -> None:
        self.service = service
        self.base = (base or service.base).rstrip("/")
        self.key = key
        is_there = key is not None or cache_file(cache).exists()
        self._session = _open(service, key, cache) if is_there else None
        self._last: float | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the session, if there is one."""
        if self._session is not None:
            self._session.close()  # type: ignore[no-untyped-call]

    def kept(self, request: Request, *, entry: str, read: Read) -> Received | None:
        """Return the answer from the cache, or None if it holds none."""
        if self._session is None:
            return None
        response = self._send(request, 0, entry, read, only_if_cached=True)
        return self._received(response, read) if ROWS in response.headers else None

    def ask(self, request: Request, *, rows: int, entry: str, read: Read) -> Received:
        """Return the service's answer, and store it in the cache.

        Parameters
        ----------
        rows
            Most rows that the request asks for.
        entry
            The name under which the answer is stored in the cache.
        read
            A function that reads a reply, and raises `ServiceAnswerError` for one that can't be read.

        Raises
        ------
        ServiceError
            When there is no answer; the message says why and what to do.
        """
        for tries in range(1, TRIES + 1):
            self._wait_for_turn()
            response = self._send(request, rows, entry, read, force_refresh=True)
            reply = _reply(response)
            trouble = self.service.trouble(reply)
            if trouble is None:
                return self._received(response, read)
            if trouble.cause != "busy" or tries == TRIES:
                raise self._error(trouble)
            _sleep(self._seconds_to_wait(reply, tries))
        raise AssertionError

    @staticmethod
    def _received(response: requests.Response, read: Read) -> Received:
        reply = _reply(response)
        created = getattr(response, "created_at", None)
        day = created.date() if created is not None else dt.datetime.now(dt.UTC).date()
        return Received(read(reply), reply.asked_rows, day)

    def _wait_for_turn(self) -> None:
        now = time.monotonic()
        if self._last is not None:
            _sleep(max(self._last + self.service.gap_seconds - now, 0.0))
        self._last = time.monotonic()

    def _send(self, request: Request, rows: int, entry: str, read: Read, **how: bool) -> requests.Response:
        """Send a request through the session; errors are reworded, as the library's messages may contain the key."""
        import requests

        if self._session is None:
            raise keyless()
        self._session.settings.filter_fn = partial(self._is_worth_keeping, read)
        try:
            return self._session.request(
                "GET" if request.body is None else "POST",
                f"{self.base}/{request.path}".rstrip("/"),
                params=request.parameters,
                json=request.body,
                headers={ENTRY: f"{self.service.name} {entry}", ROWS: str(rows)},
                auth=_nobody,
                timeout=(_SECONDS_TO_CONNECT, _SECONDS_TO_ANSWER),
                allow_redirects=False,
                **how,
            )
        except requests.RequestException as error:
            problem = _in_words(error)
        raise ServiceError(  # outside the handler, so that the library's error is not chained to this one
            f"{self.service.title} {problem}. The request was not repeated automatically, "
            "as each one may be charged for."
        )

    def _is_worth_keeping(self, read: Read, response: requests.Response) -> bool:
        """Tell the cache whether to store an answer: not if it reports an error, or can't be read."""
        reply = _reply(response)
        try:
            return ROWS in response.headers and self.service.trouble(reply) is None and bool(read(reply))
        except ServiceError:
            return False

    def _seconds_to_wait(self, reply: Reply, tries: int) -> float:
        """Return how many seconds to wait before the next try.

        Raises
        ------
        ServiceError
            When the service asks for a longer wait than a user would accept, 60 seconds.
        """
        asked = _seconds(reply.headers.get("Retry-After", ""))
        if asked > LONGEST_WAIT_SECONDS:
            raise ServiceError(
                f"{self.service.title} accepts no requests for another {asked:,.0f} seconds. Try again after that."
            )
        return max(asked, 2.0 ** (tries - 1))

    def _error(self, trouble: Trouble) -> ServiceError:
        title, words = self.service.title, trouble.words.rstrip(". ")
        if trouble.cause == "key":
            return KeyRefusedError(
                f"{title} does not accept the key: {words}. It may have expired, or may not be allowed to do this: "
                f"create a new one, or check your plan, at {self.service.key_page}."
            )
        if trouble.cause == "units":
            return NoUnitsLeftError(
                f"{title} says that no {self.service.unit} are left: {words}. See {self.service.units_page}."
            )
        if trouble.cause == "site":
            return ServiceError(f"{title} does not know the site, or is not allowed to show it to you: {words}.")
        if trouble.cause == "busy":
            return ServiceError(f"{title} could not answer in {TRIES} attempts: {words}. Try again later.")
        return ServiceError(f"{title} refused the request: {words}.")


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


def _open(service: Service, key: Secret | None, cache: str | os.PathLike[str]) -> CachedSession:
    from http.cookiejar import DefaultCookiePolicy

    session = open_session(cache, expire_after=service.keep)
    session.settings.key_fn = _entry_of
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.cache.forget_expired()  # type: ignore[attr-defined]
    for scheme in ("https://", "http://"):
        session.mount(scheme, signing_adapter(service.key_place, key))
    return session


def _entry_of(request: requests.PreparedRequest, **_: object) -> str:
    return str(request.headers[ENTRY])


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return a request without credentials: given as `auth`, it keeps the library from using `.netrc`."""
    return request


def _reply(response: requests.Response) -> Reply:
    text = (response.content or b"").decode("utf-8-sig", errors="replace")
    return Reply(response.status_code, text, response.headers, int(response.headers.get(ROWS, 0)))


def _seconds(text: str) -> float:
    """Return the seconds that a `Retry-After` asks for, in seconds or as a date; 0 when it can't be read."""
    with suppress(ValueError):
        seconds = float(text)
        return max(seconds, 0.0) if math.isfinite(seconds) else 0.0
    with suppress(ValueError, OverflowError):
        moment = parsedate_to_datetime(text)
        return max(moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp() - time.time(), 0.0)
    return 0.0


def _in_words(error: requests.RequestException) -> str:
    """Say in words why no answer came; the first of the `known` kinds that matches counts."""
    from requests import exceptions

    known = {
        exceptions.SSLError: "has no valid certificate, so it may not be the real service",
        exceptions.ConnectTimeout: f"can't be reached within {_SECONDS_TO_CONNECT} seconds",
        exceptions.Timeout: f"did not answer within {_SECONDS_TO_ANSWER} seconds",
        exceptions.ContentDecodingError: "sent an answer that can't be decompressed, or that never ends",
        exceptions.ChunkedEncodingError: "broke off in the middle of its answer",
        exceptions.ConnectionError: "can't be reached, or closed the connection before it answered",
    }
    return next((words for kind, words in known.items() if isinstance(error, kind)), "can't be queried")
