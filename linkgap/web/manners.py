"""The transport adapter for pages: requests in turn, within limits, and a response in words where none came.

It returns a response even where the server sends none: one with status 0 and the reason in the header
`X-Linkgap-Failure`, so that failures are cached like pages and not requested again at once.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import errno
import io
import itertools
import socket
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from linkgap.domains import host_of, registrable_domain
from linkgap.errors import RefusedAddressError
from linkgap.web.dialing import NO_WAY, Connections, Dialer, pools_by_scheme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linkgap.web.dialing import Connection
    from linkgap.web.turns import Turns

FAILURE = "X-Linkgap-Failure"
"""Header that says why there is no answer: one of `FAILURES`, a colon, and words."""

SHORT = "X-Linkgap-Short"
"""Header that says why a body is incomplete or unusable.

`size`, `time` or `connection` cut it off, or it is `packed`: compressed in a way that was not asked for.
"""

UNREADABLE_ENCODING = "packed"

AT = "X-Linkgap-At"
"""Header with the moment when the answer came, in ISO format, UTC."""

NO_HOST, NOT_PUBLIC, OFFLINE, NO_CONNECTION, NO_TIME, NOT_SECURE, BROKEN = FAILURES = (
    *("no host", "not public", "offline", "no connection", "no time", "not secure", "broken"),
)
RETRIED = (429, 503)
_OUR_PREFIX = "x-linkgap-"
_CHUNK = 64 * 1024
_CHECKED_BYTES = 64
_ENDED = 2
"""What urllib3 has as `_state` once a packed body has ended and something else follows."""
_BY_NUMBER: dict[int | None, tuple[str, str]] = {
    **dict.fromkeys((socket.EAI_AGAIN, errno.ENETDOWN), (OFFLINE, "this computer seems to be offline")),
    **dict.fromkeys(NO_WAY, (OFFLINE, "this computer has no way to {host}: it is offline, or lacks IPv6")),
    errno.EHOSTUNREACH: (NO_CONNECTION, "{host} can't be reached"),
}
"""The error numbers that say more than the kind of the exception, each with its failure and words."""

_Kinds = type[BaseException] | tuple[type[BaseException], ...]
_REASONS: tuple[tuple[_Kinds, str, str], ...] = (
    ((socket.gaierror, UnicodeError), NO_HOST, "there is no host {host}"),
    (ssl.SSLCertVerificationError, NOT_SECURE, "the certificate of {host} is not valid: {error.verify_message}"),
    (ssl.SSLError, NOT_SECURE, "the secure connection to {host} failed"),
    ((TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError), NO_TIME, "{host} took too long to answer"),
    (ConnectionRefusedError, NO_CONNECTION, "{host} refuses connections"),
    (ConnectionError, BROKEN, "{host} closed the connection"),
)
"""The exceptions that a request can end in, each with its failure and words; the first row that matches counts."""


@dataclass(frozen=True)
class Limits:
    """How long a server is waited for, and how much of its answer is read.

    Attributes
    ----------
    read_seconds
        Longest wait for the next piece of an answer.
    total_seconds
        Longest time for a request, from connecting to the last byte of the answer.
    most_bytes
        Most bytes of a body, decompressed; the rest is not read.
    longest_wait
        Longest `Retry-After`, in seconds, that is waited for.
    retries
        How often a request is repeated after such a wait.
    """

    read_seconds: float = 10.0
    total_seconds: float = 30.0
    most_bytes: int = 2_000_000
    longest_wait: float = 30.0
    retries: int = 2


class PoliteAdapter(HTTPAdapter):
    """Sends requests in turn, to public addresses only, and reads no more than the limits allow.

    Attributes
    ----------
    connections
        The open connections.
    sent
        How many requests went out over a connection.
    """

    def __init__(self, turns: Turns, dialer: Dialer, limits: Limits) -> None:
        self._turns, self._dialer, self._limits = turns, dialer, limits
        self.connections = Connections()
        self._count = itertools.count()
        self.sent = 0
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:  # noqa: ANN401, FBT001, FBT002 - as requests has it
        """Let the connections be made by the `Dialer`."""
        super().init_poolmanager(connections, maxsize, block=block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = pools_by_scheme(self._dialer, self.connections)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002, ARG002 - as requests has it
        timeout: object = None,  # noqa: ARG002 - the limits say it
        verify: bool | str = True,  # noqa: FBT001, FBT002 - as requests has it
        cert: Any = None,  # noqa: ANN401
        proxies: object = None,  # noqa: ARG002 - none: the address connected to must be the page's
    ) -> requests.Response:
        """Return the server's response, or a substitute that says why there is none.

        Raises
        ------
        StoppedError
            When the work was stopped.
        """
        key, host = turn_of(str(request.url)), host_of(str(request.url)) or ""
        with self._turns.turn(key):
            seconds = self._turns.rest_of(host)
            if seconds is not None:
                return resting(request, seconds)
            response = self._answer(request, verify, cert)
            for _ in range(self._limits.retries):
                pause = retry_after(response)
                if pause is None or pause > self._limits.longest_wait:
                    break
                self._turns.pass_time(max(pause, self._turns.pause_of(key)))
                response = self._answer(request, verify, cert)
            pause = retry_after(response)
            if pause is not None and pause > self._limits.longest_wait:
                self._turns.let_rest(host, pause)
        return response

    def _answer(self, request: requests.PreparedRequest, verify: Any, cert: Any) -> requests.Response:  # noqa: ANN401
        limits = self._limits
        with self.connections.open(limits.total_seconds) as connection:
            self._turns.pass_time(0)
            try:
                times = (self._dialer.connect_seconds, limits.read_seconds)
                response = super().send(request, stream=True, timeout=times, verify=verify, cert=cert)
                if connection.was_cut:
                    raise TimeoutError  # the library took the cut for the end of the headers
                self._read_body(response, connection)
            except RefusedAddressError as error:
                response = failed(request, NOT_PUBLIC, str(error))
            except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
                # Besides its own errors, requests lets through some of urllib3's and the standard library's.
                response = failed(request, *_why(error, connection, request))
            if connection.is_open:
                self.sent = next(self._count) + 1
        self._turns.pass_time(0)  # raises if the work was stopped, as that may have cut this answer off
        response.headers[AT] = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        return response

    def _read_body(self, response: requests.Response, connection: Connection) -> None:
        """Read as much of the body as the limits allow, and note in the header `SHORT` when that is not all."""
        for name in [name for name in response.headers if name.lower().startswith(_OUR_PREFIX)]:
            del response.headers[name]
        body, short = bytearray(), None
        try:
            for chunk in _chunks(response.raw):
                body += chunk
                if len(body) > self._limits.most_bytes:
                    short = "size"
                    break
        except (OSError, urllib3.exceptions.HTTPError):
            short = "connection"
        if short is None and _waits_for_more(response.raw):
            short = "connection"
        if connection.was_cut:
            short = "time"
        if _is_unreadably_encoded(response, body):
            short = UNREADABLE_ENCODING
        if short:
            response.headers[SHORT] = short
        response.raw.close()
        response._content = bytes(body[: self._limits.most_bytes])  # noqa: SLF001 - requests reads without a limit
        response._content_consumed = True  # noqa: SLF001


def _chunks(raw: Any) -> Iterator[bytes]:  # noqa: ANN401 - urllib3's response
    while chunk := raw.read1(_CHUNK, decode_content=True):
        yield chunk


def _waits_for_more(raw: Any) -> bool:  # noqa: ANN401 - urllib3's response
    """Tell whether a packed body ended before its end, which urllib3 takes for whole if no length was announced."""
    decoder = getattr(raw, "_decoder", None)  # nothing that is public says so
    unpacker = getattr(decoder, "_obj", None)
    return bool(raw.tell()) and not getattr(unpacker, "eof", True) and getattr(decoder, "_state", None) != _ENDED


def _is_unreadably_encoded(response: requests.Response, body: bytearray) -> bool:
    """Tell whether a body is in a compression that was not asked for, by its bytes too: some servers only claim so."""
    named = {name.strip().lower() for name in response.headers.get("Content-Encoding", "").split(",")}
    is_known = named <= {"", "identity", *urllib3.HTTPResponse.CONTENT_DECODERS}
    beginning = body[:_CHECKED_BYTES]
    return not is_known and (b"\0" in beginning or not beginning.isascii())


def turn_of(url: str) -> str:
    """Return the name under which an address takes turns: its registrable domain, as its hosts mostly share a server.

    Examples
    --------
    >>> turn_of("https://www.blog.example/a"), turn_of("http://127.0.0.1:8000/")
    ('blog.example', '127.0.0.1')
    """
    host = host_of(url)
    return registrable_domain(host) if host else url


def retry_after(response: requests.Response) -> float | None:
    """Return the seconds after which a server wants to be asked again; None unless it says so with a 429 or 503."""
    text = response.headers.get("Retry-After", "").strip()
    if response.status_code not in RETRIED or not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = email.utils.parsedate_to_datetime(text)
        seconds = moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return max(seconds, 0.0)


def failed(request: requests.PreparedRequest, failure: str, words: str) -> requests.Response:
    """Return a response with status 0 that says why the server gave none."""
    response = requests.Response()
    response.status_code, response.reason, response.url = 0, failure, str(request.url)
    response.headers = CaseInsensitiveDict({FAILURE: f"{failure}: {words}"})
    response.request = request
    response.raw = urllib3.HTTPResponse(body=io.BytesIO(), status=0, preload_content=False, request_url=request.url)
    response._content = b""  # noqa: SLF001 - as above
    return response


def resting(request: requests.PreparedRequest, seconds: float) -> requests.Response:
    """Return a 429 in the place of a host that told an earlier request to leave it alone for so many more seconds."""
    response = failed(request, "", "")
    response.status_code = RETRIED[0]
    moment = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    response.headers = CaseInsensitiveDict({"Retry-After": f"{seconds:.0f}", AT: moment})
    return response


def _why(error: BaseException, connection: Connection, request: requests.PreparedRequest) -> tuple[str, str]:
    """Return why a server did not answer, as one of `FAILURES` and in words."""
    host = host_of(str(request.url)) or str(request.url)
    if connection.was_cut:
        return NO_TIME, f"{host} took too long to answer"
    for each in _roots(error):
        if known := _BY_NUMBER.get(getattr(each, "errno", None)):
            return known[0], known[1].format(host=host)
        for kinds, failure, words in _REASONS:
            if isinstance(each, kinds):
                return failure, words.format(host=host, error=each)
    return BROKEN, f"{host} does not answer in HTTP"


def _roots(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all errors that it wraps, the innermost first."""
    inner = [each for each in error.args if isinstance(each, BaseException)]
    reason = getattr(error, "reason", None)
    inner += [reason] if isinstance(reason, BaseException) else []
    for each in inner:
        yield from _roots(each)
    yield error
