"""A server for many hosts, in a process of its own: it answers every page, and keeps a log by its own clock."""

import asyncio
import sys
import time

PAGE = b"<title>t</title><p><a href='http://rival.example/'>x</a><!--" + b"." * int(sys.argv[1]) + b"-->"
LOG: list[str] = []


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    now = time.monotonic()
    path, host = head.split(" ", 2)[1], head.lower().partition("\r\nhost: ")[2].partition("\r\n")[0]
    status, body = "200 OK", PAGE
    if path == "/robots.txt":
        status, body = "404 Not Found", b""
    if path == "/log":
        body = "\n".join(LOG).encode()
    else:
        LOG.append(f"{now!r} {host} {path}")
    kind = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(kind.encode() + body)
    await writer.drain()
    writer.close()


async def serve() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=256)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


asyncio.run(serve())
