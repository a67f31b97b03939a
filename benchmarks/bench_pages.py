"""How fast pages are looked at, how much memory it takes, and that no host is asked faster than allowed.

A server in a process of its own answers for all hosts and keeps a log by its own clock. First 10,000 pages of 20 kB on
200 hosts with hardly a pause, which shows what the program itself costs; then, as in real use, with a second between
requests to a host.
"""

from __future__ import annotations

import itertools
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from pathlib import Path

from linkgap.web.dialing import Dialer
from linkgap.web.extraction import Compared
from linkgap.web.looking import Manner, start_looking
from linkgap.web.turns import Turns

SERVER = Path(__file__).parents[1] / "tests" / "web" / "many_hosts.py"
ROUNDS = ((200, 10_000, 0.02, 32), (64, 320, 1.0, 64))


def smallest_gap(port: int, name: str) -> float:
    """Return the shortest time between two requests to the same host, by the server's log."""
    moments: defaultdict[str, list[float]] = defaultdict(list)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/log") as log:
        for line in log.read().decode().splitlines():
            moment, host, _ = line.split(" ")
            if host.startswith(name):
                moments[host].append(float(moment))
    return min(later - earlier for each in moments.values() for earlier, later in itertools.pairwise(each))


def measure(port: int, folder: str, hosts: int, pages: int, pause: float, parallel: int) -> None:
    """Look at the pages twice, the second time from the cache, and print time, CPU and memory."""
    name = f"h{pages}n"
    urls = [f"http://{name}{number % hosts}.test:{port}/{number}" for number in range(pages)]
    allowed = frozenset(f"{name}{number}.test" for number in range(hosts))
    for words in ("first", "again"):
        manner = Manner(
            cache=Path(folder) / f"{name}.sqlite",
            introduction="linkgap (benchmark)",
            dialer=Dialer(allow=allowed, resolve=lambda *_: ["127.0.0.1"]),
            turns=Turns(pause),
            parallel=parallel,
        )
        wall, cpu = time.perf_counter(), time.process_time()
        with start_looking(manner) as look:
            found = look.at_pages(urls, Compared(["rival.example"]))
            sent = look.sent
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        assert all(each.facts is not None and len(each.facts.links) == 1 for each in found.values())
        assert sent == (pages + hosts if words == "first" else 0)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{pages:,} pages on {hosts} hosts, pause {pause:g} s, {words}: {sent:,} requests, {wall:.1f} s, "
            f"{1000 * cpu / pages:.2f} ms of CPU a page, peak memory {peak} MB"
        )
    gap = smallest_gap(port, name)
    assert gap >= pause
    print(f"  shortest time between two requests to a host: {gap:.4f} s")


def main() -> None:
    """Run all rounds."""
    command = [sys.executable, str(SERVER), "20000"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,
    ):
        assert server.stdout is not None
        port = int(server.stdout.readline())
        for hosts, pages, pause, parallel in ROUNDS:
            measure(port, folder, hosts, pages, pause, parallel)
        server.terminate()


if __name__ == "__main__":
    main()
