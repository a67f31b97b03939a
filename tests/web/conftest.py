"""Web servers on loopback that behave as badly as the web does, and fixtures that look at their pages."""

import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pytest

from linkgap.web.dialing import Dialer
from linkgap.web.extraction import Compared
from linkgap.web.looking import Look, Looked, Manner, start_looking
from linkgap.web.manners import Limits
from linkgap.web.turns import Turns

PATIENT = Limits(read_seconds=20, total_seconds=40, most_bytes=100_000, longest_wait=5)


@dataclass
class Asked:
    """A request as it reached the server."""

    at: float
    host: str
    path: str
    headers: dict[str, str]
    answer: Callable[[bytes], object]
    line: socket.socket

    def page(self, body: bytes | str = b"", status: str = "200 OK", **headers: str) -> None:
        body = body.encode() if isinstance(body, str) else body
        told = {"Content-Type": "text/html", "Content-Length": str(len(body))}
        told |= {name.replace("_", "-"): text for name, text in headers.items()}
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {text}" for name, text in told.items()), "", ""]
        self.answer("\r\n".join(lines).encode("utf-8") + body)

    def moved(self, where: str, status: str = "302 Found") -> None:
        self.page(status=status, Location=where)


class _Handler(socketserver.BaseRequestHandler):
    def handle(self):
        tls = self.server.tls
        with (
            suppress(OSError),
            self.request if tls is None else tls.wrap_socket(self.request, server_side=True) as line,
        ):
            self.answer(line)

    def answer(self, line):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = line.recv(65536)
            if not piece:
                return
            head += piece
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines)}
        host, path = headers.get("host", "").partition(":")[0], first.split(" ")[1]
        asked = Asked(time.monotonic(), host, path, headers, line.sendall, line)
        self.server.asked.append(asked)
        route = self.server.routes.get(path)
        if route is not None:
            route(asked)
        elif path == "/robots.txt":
            asked.page(status="404 Not Found")
        else:
            asked.page("<p>nothing", status="404 Not Found")


class Server(socketserver.ThreadingTCPServer):
    """A server on loopback, with `routes` from paths to answers, and a record of what it was `asked`."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.routes: dict[str, Callable[[Asked], object]] = {}
        self.asked: list[Asked] = []
        self.tls = None

    def handle_error(self, *_):
        pass

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def url(self, path: str, host: str = "site.test", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@pytest.fixture
def start_server() -> Iterator[Callable[[], Server]]:
    running: list[Server] = []

    def start() -> Server:
        server = Server()
        running.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def server(start_server) -> Server:
    return start_server()


class Anybody:
    """A container that holds every host, for a dialer that allows all."""

    def __contains__(self, host: object) -> bool:
        return True


def on_loopback(*_: object) -> list[str]:
    return ["127.0.0.1"]


@pytest.fixture
def begin(tmp_path) -> Callable[..., Look]:
    """A function that starts looking at pages: every host is on loopback and allowed, and there are no pauses."""

    @contextmanager
    def begin(**options: object) -> Iterator[Look]:
        usual = {
            "cache": tmp_path / "pages.sqlite",
            "introduction": "linkgap/0 (tests)",
            "dialer": Dialer(allow=Anybody(), resolve=on_loopback, connect_seconds=20),
            "limits": PATIENT,
            "turns": Turns(0),
            "parallel": 8,
        }
        with start_looking(Manner(**(usual | options))) as look:
            yield look

    return begin


@pytest.fixture
def look_at(begin) -> Callable[..., Looked]:
    """A function that looks at one page, as a new run of the program would."""

    def look_at(url: str, **options: object) -> Looked:
        with begin(**options) as look:
            return look.at_pages([url], Compared(["rival.example", "other.example", "me.example"]))[url]

    return look_at
