"""Measure `compare_links`: two states of a site and ten rivals, three quarters of their links the same.

    python benchmarks/bench_changes.py                     # 1 million links and 1 million links
    python benchmarks/bench_changes.py --rows 10000000

Reading both files is not part of the comparison and is measured on its own. Up to 2 million links, the result is
checked with pandas, which finds the kept, new and lost domains itself, from the registrable domains that linkgap gives.
"""

import argparse
import itertools
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from make_links import SITE, SITES, make_links

import linkgap as lg

STAYS = 0.75
MOST_CHECKED = 2_000_000


def make_states(folder: Path, rows: int) -> list[Path]:
    """Write two files of `rows` links, the end of one being the beginning of the other: three quarters of each."""
    step = round(rows * (1 - STAYS))
    whole, paths = folder / "all.csv", [folder / "before.csv", folder / "after.csv"]
    make_links(whole, rows + step)
    for path, start in zip(paths, (0, step), strict=True):
        with whole.open("rb") as source, path.open("wb") as target:
            target.write(next(source))
            target.writelines(itertools.islice(source, start, start + rows))
    whole.unlink()
    return paths


def compare(paths: list[Path], *, check: bool) -> dict[str, float]:
    """Read and compare, and return the seconds of each step and the peak memory in MB."""
    found = {}
    clock = time.perf_counter(), time.process_time()

    def lap(name: str) -> None:
        nonlocal clock
        now = time.perf_counter(), time.process_time()
        found[f"{name}, s"], found[f"{name}, CPU s"] = now[0] - clock[0], now[1] - clock[1]
        clock = now

    before, after = (lg.read_links(path, sites=SITES, complete=True, progress=False) for path in paths)
    lap("read both")
    changes = lg.compare_links(before, after, site=SITE)
    lap("compare")
    tables = changes.sites, changes.gaps, changes.frame
    lap("tables")
    found["peak, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found["domains"], found["rows of the table"] = float(len(changes.differences)), float(len(tables[2]))
    if check:
        check_against_pandas(changes, before, after)
    return found


def check_against_pandas(changes: lg.Changes, before: lg.Links, after: lg.Links) -> None:
    """Find again, with pandas, what was kept, new and lost, and fail on any difference."""
    sites = {changes.site, *changes.rivals}
    states = []
    for links in (before, after):
        frame = links.frame
        live = frame[~frame["is_lost"] & ~frame["source_domain"].isin(sites)]
        states.append(live[["site", "source_domain"]].drop_duplicates())
    both = states[0].merge(states[1], how="outer", on=["site", "source_domain"], indicator=True)
    words = {"both": "kept", "left_only": "lost", "right_only": "new"}
    wanted = pd.Series(
        both["_merge"].astype(str).map(words).to_numpy(), index=pd.MultiIndex.from_frame(both.iloc[:, :2])
    )
    found = changes.frame.set_index(["site", "domain"])["change"]
    assert found.sort_index().tolist() == wanted.sort_index().tolist()


def main() -> None:
    """Run from a shell; each size is measured in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000], help="links of each state")
    parser.add_argument("--paths", type=Path, nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.paths:
        print(json.dumps(compare(asked.paths, check=asked.rows[0] <= MOST_CHECKED)))
        return
    for rows in asked.rows:
        with TemporaryDirectory() as folder:
            paths = make_states(Path(folder), rows)
            command = [sys.executable, __file__, "--rows", str(rows), "--paths", *map(str, paths)]
            run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        print(f"{rows:,} links and {rows:,} links")
        for name, number in json.loads(run.stdout).items():
            print(f"  {name:<20} {number:>12,.2f}")


if __name__ == "__main__":
    main()
