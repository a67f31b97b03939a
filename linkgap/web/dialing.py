"""Connections that only go to the public internet, and that are cut when their time is up.

A name is resolved once, all its addresses are checked, and the connection goes to one of these very addresses. So a
name that resolves differently a moment later (DNS rebinding) gains nothing, nor does an unusual spelling of an address:
decimal, octal, in brackets or in letters of another script.
"""

from __future__ import annotations

import errno
import http.client
import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from linkgap.errors import RefusedAddressError
from linkgap.web.addresses import why_refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Resolve = Callable[[str, int], Sequence[str]]
    Connect = Callable[[str, int, float], socket.socket]

_LOOK_EVERY = 0.1
"""Seconds between two checks for connections whose time is up."""

_HINTS = range(102, 200)
_MOST_ADDRESSES = 4
"""How many of a name's addresses are tried at most."""

NO_WAY = {errno.ENETUNREACH, errno.EADDRNOTAVAIL}
"""Error numbers of this computer when it has no way to an address, such as one of IPv6 where it has only IPv4."""

_ALWAYS_THERE = "a.root-servers.net"


def resolve_name(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, as the system resolves them.

    Raises
    ------
    socket.gaierror
        When there is no such host; with the number `EAI_AGAIN` when this computer finds no hosts at all.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN or _finds_hosts(port):
            raise
        raise socket.gaierror(socket.EAI_AGAIN, "no name can be resolved") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _finds_hosts(port: int) -> bool:
    # Without a network macOS and Windows say of every host that there is none, as many a company's DNS behind a proxy.
    with suppress(socket.gaierror):
        return bool(socket.getaddrinfo(_ALWAYS_THERE, port, type=socket.SOCK_STREAM))
    return False


def connect_to(address: str, port: int, timeout: float) -> socket.socket:
    """Open a connection to an IP address."""
    return socket.create_connection((address, port), timeout)


@dataclass(frozen=True)
class Dialer:
    """Opens connections to hosts whose addresses are public.

    Attributes
    ----------
    allow
        Hosts that may have any address, in lower case and punycode.
    connect_seconds
        How long to wait for a connection to one address.
    """

    allow: frozenset[str] = frozenset()
    connect_seconds: float = 10.0
    resolve: Resolve = resolve_name
    connect: Connect = connect_to

    def dial(self, host: str, port: int, connection: Connection) -> socket.socket:
        """Connect to a host.

        Raises
        ------
        RefusedAddressError
            When any of its addresses is not public, and the host is not allowed by name.
        OSError
            When none of its addresses answers.
        """
        addresses = list(self.resolve(host, port))
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "the name has no address")
        if host.rstrip(".").lower() not in self.allow:
            for address in addresses:
                self._check(host, address)
        return self._first_that_answers(addresses, port, connection)

    def _check(self, host: str, address: str) -> None:
        words = why_refused(address)
        if words is not None:
            raise RefusedAddressError(f"{host} has the address {address}, which is not public ({words})")

    def _first_that_answers(self, addresses: Sequence[str], port: int, connection: Connection) -> socket.socket:
        failed: list[OSError] = []
        for address in addresses[:_MOST_ADDRESSES]:
            try:
                opened = self.connect(address, port, min(self.connect_seconds, connection.seconds_left()))
            except OSError as error:
                failed.append(error)
                continue
            connection.hold(opened)
            return opened
        raise min(failed, key=lambda error: error.errno in NO_WAY)  # what a server did says more than that


@dataclass(eq=False)
class Connection:
    """The connection of one request, which can be cut from another thread.

    It holds a duplicate of the socket, as the original passes from object to object while encryption is set up.
    """

    until: float
    was_cut: bool = False
    _handles: list[socket.socket] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def seconds_left(self) -> float:
        """Return how much time is left, never less than a millisecond."""
        return max(self.until - time.monotonic(), 0.001)

    @property
    def is_open(self) -> bool:
        """Whether a connection was made."""
        return bool(self._handles)

    def hold(self, opened: socket.socket) -> None:
        """Hold a socket that was opened for this request; it is shut down at once if the connection was cut before."""
        with self._lock:
            self._handles.append(opened.dup())
        if self.was_cut:
            self.cut()

    def cut(self) -> None:
        """Shut the connection down: whoever reads from it reaches its end."""
        with self._lock:
            self.was_cut = True
            for handle in self._handles:
                with suppress(OSError):  # already shut down
                    handle.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """Close the connection for good, so that no later request goes over one that its server has given up."""
        with self._lock:
            for handle in self._handles:
                with suppress(OSError):  # already shut down
                    handle.shutdown(socket.SHUT_RDWR)
                handle.close()
            self._handles.clear()


class Connections:
    """The open connections of a session: one per thread at most, each with its deadline.

    Use it as a context manager: inside, a watching thread cuts every connection whose time is up.
    """

    def __init__(self) -> None:
        self._mine = threading.local()
        self._open: set[Connection] = set()
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        """Start the watching thread."""
        threading.Thread(target=self._watch, name="linkgap-connections", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the watching thread, and cut the connections that are still open."""
        self._closed.set()
        self.cut_all()

    def _watch(self) -> None:
        while not self._closed.wait(_LOOK_EVERY):
            now = time.monotonic()
            for connection in [each for each in list(self._open) if each.until <= now]:
                connection.cut()

    @contextmanager
    def open(self, seconds: float) -> Iterator[Connection]:
        """Yield the connection of this thread's next request, which is cut soon after `seconds` have passed."""
        connection = Connection(time.monotonic() + seconds)
        self._mine.connection = connection
        self._open.add(connection)
        try:
            yield connection
        finally:
            self._open.discard(connection)
            self._mine.connection = None
            connection.hang_up()

    def current(self) -> Connection:
        """Return the connection of this thread's request."""
        connection: Connection = self._mine.connection
        return connection

    def cut_all(self) -> None:
        """Cut all connections, so that nobody waits for a slow server when the work is stopped."""
        for connection in list(self._open):
            connection.cut()


class FinalResponse(http.client.HTTPResponse):
    """A response that skips the interim ones sent before it, such as status 103; http.client only skips 100."""

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        while status in _HINTS:
            http.client.parse_headers(self.fp)
            version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, status, reason


def pools_by_scheme(dialer: Dialer, connections: Connections) -> dict[str, type[HTTPConnectionPool]]:
    """Return urllib3's pool classes by scheme, changed so that `dialer` opens every connection."""

    def dial(connection: HTTPConnection) -> socket.socket:
        opened = dialer.dial(connection._dns_host, connection.port, connections.current())  # noqa: SLF001 - `host` is without a trailing dot
        opened.settimeout(connection.timeout)
        return opened

    class Plain(HTTPConnection):
        response_class = FinalResponse

        def _new_conn(self) -> socket.socket:
            return dial(self)

    class Secure(HTTPSConnection):
        response_class = FinalResponse

        def _new_conn(self) -> socket.socket:
            return dial(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
