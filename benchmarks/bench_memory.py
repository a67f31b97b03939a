"""More links than memory: from one CSV to the ranked top 500 under a memory limit.

    python benchmarks/bench_memory.py                                        10 million links in 2 GB
    python benchmarks/bench_memory.py --rows 100000000 --memory-limit 4GB    18 GB of CSV, and 30 GB of free disk

Measured for the whole process, imports and arrays included: its largest resident set as the system counts it, seconds,
and the most that its temporary files took at once. When it has ended, none of these may be left.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from make_links import SITE, SITES

ROOT = Path(__file__).resolve().parents[1]
SECONDS_BETWEEN_LOOKS = 0.5
BYTES_A_UNIT = 1 if sys.platform == "darwin" else 1024


def run_job(path: Path, memory_limit: str) -> None:
    """Do the job in this process, and print time and peak memory so far after each step."""
    import linkgap as lg

    start = time.perf_counter()

    def tell(step: str, **more: object) -> None:
        seconds = round(time.perf_counter() - start, 1)
        peak = megabytes(resource.getrusage(resource.RUSAGE_SELF))
        print(json.dumps({"step": step, "seconds": seconds, "peak_mb": peak, **more}))
        sys.stdout.flush()

    links = lg.read_links(path, sites=SITES, memory_limit=memory_limit, progress=False)
    tell("read", links=links.row_count)
    gap = lg.find_gap(links, site=SITE)
    tell("gap", prospects=len(gap))
    prospects = lg.rank_prospects(gap)
    tell("ranked")
    top = prospects.top(500)
    tell("top 500", first=top["domain"].iloc[0], checksum=round(float(top["priority"].sum()), 6))


def megabytes(used: resource.struct_rusage) -> int:
    """Return the largest resident set in MB."""
    return round(used.ru_maxrss * BYTES_A_UNIT / 1e6)


def measure(path: Path, memory_limit: str, folder: Path) -> None:
    """Run the job in a process of its own, and print its time, memory and temporary files."""
    spill = folder / "temporary"
    spill.mkdir()
    command = [sys.executable, __file__, "--job", str(path), "--memory-limit", memory_limit]
    started, most = time.perf_counter(), 0
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(spill)}
    job, status, used = os.posix_spawn(sys.executable, command, environment), 0, None
    while used is None:
        most = max(most, size_of(spill))
        time.sleep(SECONDS_BETWEEN_LOOKS)
        ended, status, usage = os.wait4(job, os.WNOHANG)
        used = usage if ended else None
    assert status == 0, f"the job ended with exit code {os.waitstatus_to_exitcode(status)}"
    print(
        f"{path.stat().st_size / 1e9:.1f} GB of CSV with memory_limit={memory_limit!r}: "
        f"{time.perf_counter() - started:.0f} s ({used.ru_utime + used.ru_stime:.0f} s of CPU time), "
        f"{megabytes(used):,} MB of memory and {most / 1e9:.1f} GB of temporary files at most"
    )
    left = [each.name for each in spill.iterdir()]
    assert not left, f"left behind: {left}"


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder; some may be deleted meanwhile."""
    total = 0
    for each in folder.rglob("*"):
        try:
            total += each.stat().st_size
        except FileNotFoundError:
            continue
    return total


def main() -> None:
    """Run from a shell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--memory-limit", default="2GB")
    parser.add_argument("--links", type=Path, help="use this file, made by make_links.py, instead of a new one")
    parser.add_argument("--job", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.job:
        run_job(asked.job, asked.memory_limit)
        return
    with TemporaryDirectory(prefix="memory-") as name:
        folder = Path(name)
        path = asked.links or folder / "links.csv"
        if not asked.links:
            # In a process of its own, so that this one stays small: a child's peak memory starts at its parent's size.
            subprocess.run(
                [sys.executable, ROOT / "benchmarks/make_links.py", path, "--rows", str(asked.rows)], check=True
            )
        measure(path, asked.memory_limit, folder)


if __name__ == "__main__":
    main()
