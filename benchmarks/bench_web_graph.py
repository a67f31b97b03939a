"""Measure how ten sites' referring domains are found in a web graph, against what can be written by hand for it.

    python benchmarks/bench_web_graph.py --edges 50000000 100000000 200000000 --rounds 3

The graph is made up, with ten million domains (see make_web_graph.py; making it takes ten minutes and 3 GB of disk,
once). Each program is a process of its own and gives the same table: site, referring domain, harmonic centrality. They
run in turn: linkgap; a C program with two threads on isa-l, if there are a compiler and the library; DuckDB, with one
statement; and `zcat | awk`, which reads the edges alone and is given the sites' numbers. Then the largest graph is
converted, and the same question is answered from that; and sites similar to one of the ten are searched for.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import gettempdir
from typing import TYPE_CHECKING, NamedTuple

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
ENVIRONMENT = os.environ | {"PYTHONPATH": str(HERE.parent)}
RANKS_OF_SITES = (100, 300, 1000, 3000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)
LINKGAP, C, DUCKDB, AWK = "linkgap", "C with isa-l by hand", "DuckDB, one statement", "zcat | awk, edges only"
REAL_EDGES, REAL_DOMAINS = 2_500_000_000, 130_000_000

READ = """
import sys
import linkgap as lg
graph, out, *sites = sys.argv[1:]
lg.read_web_graph(graph, sites=sites, progress=False).save(out)
"""
CONVERT = "import sys, linkgap as lg; lg.convert_web_graph(sys.argv[1], sys.argv[2], progress=False)"
SIMILAR = "import sys, linkgap as lg; print(lg.similar_sites(sys.argv[1], site=sys.argv[2], progress=False).frame)"
ONE_STATEMENT = """
import sys, duckdb
duckdb.sql("SET enable_progress_bar = false")
vertices, edges, ranks, out, *sites = sys.argv[1:]
options = "auto_detect = false, header = false, delim = '\\t', quote = '', escape = ''"
v = f"read_csv('{vertices}', {options}, columns = {{'id': 'BIGINT', 'name': 'VARCHAR', 'hosts': 'BIGINT'}})"
e = f"read_csv('{edges}', {options}, columns = {{'a': 'BIGINT', 'b': 'BIGINT'}})"
names = ['hp', 'hc', 'pp', 'pr', 'name', 'hosts']
r = f"read_csv('{ranks}', {options}, skip = 1, columns = {dict.fromkeys(names, 'VARCHAR')})"
duckdb.sql(f\"\"\"COPY (
    WITH s AS MATERIALIZED (SELECT id, name FROM {v} WHERE name IN {tuple(sites)}),
    found AS MATERIALIZED (SELECT s.name AS site, a FROM {e} JOIN s ON s.id = b),
    named AS MATERIALIZED (SELECT site, name FROM {v} JOIN found ON id = a)
    SELECT site, name, CAST(hc AS DOUBLE) FROM {r} JOIN named USING (name)
) TO '{out}' (HEADER false, DELIMITER '\\t')\"\"\")
"""


class Run(NamedTuple):
    """What one run of a program took: wall-clock time, CPU time and peak memory."""

    seconds: float
    cpu: float
    peak_mb: float


def main() -> None:
    """Make the graphs, run the programs in turn, compare their answers, and print their times and memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--edges", type=int, nargs="+", default=[50_000_000, 100_000_000, 200_000_000])
    parser.add_argument("--domains", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(gettempdir()) / "linkgap-web-graphs")
    parser.add_argument("--skip", nargs="*", default=[], choices=["awk", "duckdb", "convert", "similar"])
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    graphs = make_graphs(args.folder, args.domains, sorted(args.edges))
    sites = list(chosen_sites(graphs[-1]))
    medians: dict[int, float] = {}
    for graph, edges in zip(graphs, sorted(args.edges), strict=True):
        print(f"\n{edges:,} edges of {args.domains:,} domains, {len(sites)} sites\n")
        heading()
        runs = run_in_turn(programs(graph, args.folder, sites, args.skip), args.folder, args.rounds, edges)
        medians[edges] = median(run.cpu for run in runs[LINKGAP])
    project(medians, args.domains)
    measure_largest(graphs[-1], args.folder, sites, args.skip, max(args.edges))


def make_graphs(folder: Path, domains: int, sizes: list[int]) -> list[Path]:
    """Make the graphs unless they exist, in a process of their own, so that this process stays small."""
    command = [sys.executable, str(HERE / "make_web_graph.py"), str(folder), "--domains", str(domains)]
    command += ["--edges", str(sizes[-1]), "--also", *map(str, sizes)]
    made = subprocess.run(command, check=True, capture_output=True, text=True)
    return [Path(line) for line in made.stdout.splitlines()]


def file_name(kind: str) -> str:
    """Return the name of a file of the made-up release."""
    return f"cc-main-2026-may-jun-jul-domain-{kind}.txt.gz"


def chosen_sites(graph: Path) -> Iterator[str]:
    """Yield the sites at the places `RANKS_OF_SITES`: popular ones and others."""
    with gzip.open(graph / file_name("ranks"), "rt") as lines:
        for place, line in enumerate(lines):
            if place in RANKS_OF_SITES:
                yield turned(line.split("\t")[4])
            if place >= RANKS_OF_SITES[-1]:
                return


def turned(name: str) -> str:
    """Return a name with its labels in reverse order."""
    return ".".join(reversed(name.split(".")))


def programs(graph: Path, folder: Path, sites: list[str], skip: list[str]) -> dict[str, list[str]]:
    """Return the command of each program; it writes to the path that replaces OUT."""
    vertices, edges, ranks = (str(graph / file_name(kind)) for kind in ("vertices", "edges", "ranks"))
    names = [turned(site) for site in sites]
    found = {LINKGAP: [sys.executable, "-c", READ, str(graph), "OUT", *sites]}
    if compiled := compile_by_hand(folder):
        found[C] = ["sh", "-c", '"$@" > OUT', "sh", compiled, vertices, edges, ranks, *names]
    if "duckdb" not in skip:
        found[DUCKDB] = [sys.executable, "-c", ONE_STATEMENT, vertices, edges, ranks, "OUT", *names]
    if "awk" not in skip:
        given = " ".join(numbers_of(graph, names))
        script = 'BEGIN { split(given, all, " "); for (i in all) wanted[all[i]] } $2 in wanted'
        found[AWK] = ["sh", "-c", f"zcat '{edges}' | awk -v given='{given}' '{script}' > OUT"]
    return found


def compile_by_hand(folder: Path) -> str | None:
    """Compile the C program and return its path; None if that is not possible."""
    target = folder / "by_hand_web_graph"
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    flags = ["-O3", "-march=native", "-o", str(target), str(HERE / "by_hand_web_graph.c"), "-lisal", "-lpthread"]
    made = subprocess.run([compiler, *flags], check=False, capture_output=True)
    return str(target) if made.returncode == 0 else None


def numbers_of(graph: Path, names: list[str]) -> list[str]:
    """Return the vertex numbers of some reversed names."""
    wanted = set(names)
    with gzip.open(graph / file_name("vertices"), "rt") as lines:
        cells = (line.split("\t") for line in lines)
        return [number for number, name, *_ in cells if name in wanted]


def run_in_turn(commands: dict[str, list[str]], folder: Path, rounds: int, edges: int) -> dict[str, list[Run]]:
    """Run all programs, round after round, each starting with a different one, and compare their answers."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for turn in range(rounds):
        order = list(commands)[turn % len(commands) :] + list(commands)[: turn % len(commands)]
        for name in order:
            if name in {AWK, DUCKDB} and runs[name]:
                continue  # one run is enough to rank them, and they take minutes
            out = output(folder, name)
            runs[name].append(measured([word.replace("OUT", str(out)) for word in commands[name]]))
    for name, found in runs.items():
        show(name, found, edges)
    compare(folder, [name for name in commands if name != AWK])
    return runs


def measured(command: list[str]) -> Run:
    """Run a command and measure it, with all processes that it starts and waits for."""
    started = time.perf_counter()
    process = os.posix_spawnp(command[0], command, ENVIRONMENT)
    _, status, usage = os.wait4(process, 0)
    assert status == 0, f"{command[:3]} failed"
    return Run(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def output(folder: Path, name: str) -> Path:
    """Return where a program's answer goes."""
    return folder / f"{name.partition(' ')[0].strip(',')}.{'parquet' if name == LINKGAP else 'tsv'}"


def compare(folder: Path, names: list[str]) -> None:
    """Fail if two programs' answers differ."""
    answers = {name: answer(output(folder, name)) for name in names}
    for name in names:
        assert answers[name] == answers[names[0]], f"{name} and {names[0]} disagree"
    print(f"\nAll programs that name referring domains found the same {len(answers[names[0]]):,}.")


def answer(path: Path) -> set[tuple[str, str, float]]:
    """Return site, referring domain and centrality of each row of an answer."""
    if path.suffix == ".parquet":
        rows = duckdb.execute(f"SELECT site, source_domain, authority FROM '{path}'").fetchall()
        return {(str(site), str(domain), float(value)) for site, domain, value in rows}
    lines = (line.split("\t") for line in path.read_text().splitlines())
    return {(turned(site), turned(domain), float(value)) for site, domain, value in lines}


def heading() -> None:
    """Print the heading of the table."""
    print(f"{'program':<28} {'seconds':>8} {'CPU s':>8} {'ns/edge':>8} {'MB':>7}")


def show(name: str, runs: list[Run], edges: int) -> None:
    """Print the medians of a program's runs."""
    seconds, cpu, peak = (median(column) for column in zip(*runs, strict=True))
    print(f"{name:<28} {seconds:>8.2f} {cpu:>8.2f} {seconds / edges * 1e9:>8.1f} {peak:>7.0f}", flush=True)


def project(medians: dict[int, float], domains: int) -> None:
    """Print the CPU time to expect for a real release, by the line through the smallest and the largest graph."""
    least, most = min(medians), max(medians)
    if least == most:
        return
    an_edge = (medians[most] - medians[least]) / (most - least)
    rest = (medians[least] - least * an_edge) * REAL_DOMAINS / domains
    print(
        f"\nIn proportion, {REAL_EDGES / 1e9} billion edges and {REAL_DOMAINS / 1e6:.0f} million domains: "
        f"{REAL_EDGES * an_edge:.0f} CPU s for the edges, {rest:.0f} for vertices and ranks"
    )


def measure_largest(graph: Path, folder: Path, sites: list[str], skip: list[str], edges: int) -> None:
    """Measure what is done with the largest graph alone: conversion, looking up, and a search for similar sites."""
    print()
    heading()
    if "convert" not in skip:
        store, out = folder / "converted", folder / "looked-up.parquet"
        shutil.rmtree(store, ignore_errors=True)
        show("convert, once", [measured([sys.executable, "-c", CONVERT, str(graph), str(store)])], edges)
        command = [sys.executable, "-c", READ, str(store), str(out), *sites]
        show("look up when converted", [measured(command) for _ in range(3)], edges)
        assert answer(out) == answer(output(folder, LINKGAP)), "the converted graph gives another answer than the files"
        shutil.rmtree(store)
    if "similar" not in skip:
        show("similar sites", [measured([sys.executable, "-c", SIMILAR, str(graph), sites[4]])], edges)


if __name__ == "__main__":
    main()
