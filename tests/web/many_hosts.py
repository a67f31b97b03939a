"""A server for many hosts, in a process of its own: it answers every request, and keeps a log by its own clock."""

import asyncio
import sys
import time


class Hosts:
    """Answers with pages of a given size, and logs when each was requested."""

    def __init__(self, size: int) -> None:
        self.page = b"<title>t</title><p><a href='http://rival.example/'>x</a><!--" + b"." * size + b"-->"
        self.log: list[str] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        now = time.monotonic()
        path, host = head.split(" ", 2)[1], head.lower().partition("\r\nhost: ")[2].partition("\r\n")[0]
        status, body = ("404 Not Found", b"") if path == "/robots.txt" else ("200 OK", self.page)
        if path == "/log":
            body = "\n".join(self.log).encode()
        else:
            self.log.append(f"{now!r} {host} {path}")
        kind = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(kind.encode() + body)
        await writer.drain()
        writer.close()

    async def serve(self) -> None:
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0, backlog=256)
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(Hosts(int(sys.argv[1])).serve())
