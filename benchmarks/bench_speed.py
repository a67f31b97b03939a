"""Measure the main job, from a file of links to the best 500 prospects, against what a user would write by hand.

    python benchmarks/bench_speed.py --rows 1000000 10000000 --rounds 3

Three programs do the same job and must give the same output: a tutorial's pandas script, linkgap, and the fastest
program we could write for exactly this job. Each runs as a process of its own, imports included, in turn with the
others. Ten million rows need 2 GB of disk and, for the pandas script alone, 8 GB of memory and some minutes.
"""

import argparse
import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ENVIRONMENT = os.environ | {"PYTHONPATH": str(HERE.parent), "PYTHONDONTWRITEBYTECODE": ""}
"""Bytecode is written, as it is for an installed package."""
NAIVE, LINKGAP, FAST = "pandas by hand", "linkgap", "fastest by hand"
PROGRAMS = {NAIVE: "by_hand_pandas.py", LINKGAP: "with_linkgap.py", FAST: "by_hand_fast.py"}
ROWS_RUN_ONCE = 5_000_000
"""From this many rows on, the pandas script runs once only."""
TOLERANCE = 1e-9
ROUNDING = 1e-12
NOTE = """\
Whole processes, imports included; the file is in the page cache; peak memory is the process's own. The programs ran in
turn on one machine with {processors} processors. Other work on it can change a figure by half or more: read the
ratios within this run, not the seconds, and repeat the run before believing a difference of less than 15 %."""


class Run(NamedTuple):
    """What one run of a program took."""

    seconds: float
    peak_mb: float


class BenchmarkError(Exception):
    """A program failed, or its output differs from another's."""


def make_data(folder: Path, rows: int) -> Path:
    """Make the links unless they exist, in a process of their own, so that this process stays small."""
    path = folder / f"links-{rows}.csv"
    if not path.exists():
        part = path.with_suffix(".part")
        subprocess.run([sys.executable, HERE / "make_links.py", part, "--rows", str(rows)], check=True)
        part.rename(path)
    return path


def warm(path: Path) -> None:
    """Read the file once, so that every program finds it in the page cache."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def run_program(name: str, data: Path, out: Path) -> Run:
    """Run a program on `data` and measure it."""
    started = time.perf_counter()
    command = [sys.executable, str(HERE / PROGRAMS[name]), str(data), str(out)]
    log = out.with_suffix(".log")
    errors = [(os.POSIX_SPAWN_OPEN, 2, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)]
    process = os.posix_spawn(sys.executable, command, ENVIRONMENT, file_actions=errors)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - started
    if code := os.waitstatus_to_exitcode(status):
        message = (
            f"{name} ended with exit code {code} on {data.name}.\n{log.read_text(encoding='utf-8', errors='replace')}"
        )
        raise BenchmarkError(message)
    bytes_a_unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_maxrss * bytes_a_unit / 1e6)


def run_in_turn(names: list[str], data: Path, folder: Path, rounds: int, rows: int) -> dict[str, list[Run]]:
    """Run all programs, round after round; each round starts with a different one."""
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for turn in range(rounds):
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            if name == NAIVE and runs[name] and rows >= ROWS_RUN_ONCE:
                continue
            runs[name].append(run_program(name, data, output_path(folder, name)))
            print(f"  {name}: {runs[name][-1].seconds:.2f} s", file=sys.stderr, flush=True)
    return runs


def output_path(folder: Path, name: str) -> Path:
    """Return where a program's output goes."""
    return folder / PROGRAMS[name].replace(".py", ".csv")


def check_outputs(folder: Path, names: list[str]) -> None:
    """Raise an error if the programs' outputs differ."""
    expected, *others = names[::-1]
    for other in others:
        for number, (want, got) in enumerate(zip_longest(*(read_rows(folder, name) for name in (expected, other)))):
            if want is None or got is None or not same_row(want, got):
                message = f"Line {number + 1} of the outputs differs.\n  {expected}: {want}\n  {other}: {got}"
                raise BenchmarkError(message)


def read_rows(folder: Path, name: str) -> Iterator[list[str]]:
    """Read the rows of a program's output."""
    with output_path(folder, name).open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


def same_row(want: list[str], got: list[str]) -> bool:
    """Tell whether two rows are equal, numbers to nine decimals."""
    return len(want) == len(got) and all(map(same_cell, want, got))


def same_cell(want: str, got: str) -> bool:
    """Tell whether two cells are equal; 72 and 72.0 are."""
    if want == got:
        return True
    try:
        return abs(float(want) - float(got)) <= TOLERANCE + ROUNDING
    except ValueError:
        return False


def table_rows(rows: int, runs: dict[str, list[Run]]) -> Iterator[str]:
    """Yield the rows of the Markdown table for one size."""
    for name, measured in runs.items():
        seconds = [run.seconds for run in measured]
        peak = max(run.peak_mb for run in measured)
        yield f"| {rows:,} | {name} | {median(seconds):.2f} | {min(seconds):.2f} | {peak:,.0f} | {len(measured)} |"


def ratios(rows: int, runs: dict[str, list[Run]]) -> Iterator[str]:
    """Yield a line with the ratios of time and memory for each pair of programs that is compared."""
    for one, other in ((LINKGAP, FAST), (NAIVE, LINKGAP), (NAIVE, FAST)):
        if one in runs and other in runs:
            medians, bests, peaks = (
                measure(runs[one]) / measure(runs[other]) for measure in (median_seconds, best_seconds, peak_memory)
            )
            yield (
                f"- {rows:,} rows, {one} / {other}: {medians:.2f} in time (medians), {bests:.2f} (best runs),"
                f" {peaks:.2f} in peak memory"
            )


def median_seconds(runs: list[Run]) -> float:
    """Return the median time."""
    return median(run.seconds for run in runs)


def best_seconds(runs: list[Run]) -> float:
    """Return the shortest time."""
    return min(run.seconds for run in runs)


def peak_memory(runs: list[Run]) -> float:
    """Return the highest peak memory in MB."""
    return max(run.peak_mb for run in runs)


def choose_programs(*, skip_naive: bool) -> list[str]:
    """Return the programs to run; linkgap is left out, with a message, where it cannot do the job."""
    names = [name for name in PROGRAMS if not (skip_naive and name == NAIVE)]
    probe = "import linkgap; linkgap.read_links, linkgap.find_gap, linkgap.rank_prospects"
    found = subprocess.run([sys.executable, "-c", probe], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if found.returncode:
        reason = found.stderr.strip().splitlines()[-1]
        print(f"linkgap is left out, as it can't do the job here: {reason}", file=sys.stderr)
        names.remove(LINKGAP)
    return names


def measure_all(folder: Path, sizes: list[int], rounds: int, names: list[str]) -> None:
    """Measure every size and print the table, the ratios and a note."""
    table = ["| rows | program | median s | best s | peak MB | runs |", "|---:|---|---:|---:|---:|---:|"]
    lines: list[str] = []
    for rows in sizes:
        data = make_data(folder, rows)
        warm(data)
        print(f"{rows:,} rows, {data.stat().st_size / 1e6:,.0f} MB", file=sys.stderr, flush=True)
        runs = run_in_turn(names, data, folder, rounds, rows)
        check_outputs(folder, names)
        table.extend(table_rows(rows, runs))
        lines.extend(ratios(rows, runs))
    equal = "The outputs are equal." if len(names) > 1 else "Only one program ran: nothing was compared."
    print("\n".join([*table, "", *lines, "", equal, NOTE.format(processors=os.cpu_count())]))


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000], help="sizes to measure")
    parser.add_argument("--rounds", type=int, default=3, help="how often each program runs")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep data and outputs here; data there is reused")
    parser.add_argument("--skip-naive", action="store_true", help="leave the pandas script out")
    return parser.parse_args()


def main() -> None:
    """Run from a shell."""
    if not hasattr(os, "wait4"):
        sys.exit("This benchmark measures processes as Linux and macOS do. Run it there, or in WSL.")
    asked = parse_arguments()
    names = choose_programs(skip_naive=asked.skip_naive)
    try:
        if asked.keep:
            asked.keep.mkdir(parents=True, exist_ok=True)
            measure_all(asked.keep, asked.rows, asked.rounds, names)
        else:
            with TemporaryDirectory() as folder:
                measure_all(Path(folder), asked.rows, asked.rounds, names)
    except BenchmarkError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
