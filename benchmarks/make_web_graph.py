"""Make up a release of Common Crawl's web graph, in the real one's layout and proportions; the same at every run.

Ten million domains and 200 million edges by default, some 20 per domain as in the real one. How often a domain is
linked to, and how many it links to, follow Zipf's law; half of the links stay among domains of one topic, and most
domains link to none. Edges are sorted by source and packed with gzip at its usual level. Names end in .example and
.test.

    python benchmarks/make_web_graph.py FOLDER --domains 10000000 --edges 200000000 --also 50000000 100000000

`--also` makes further, smaller releases: the first edges of the largest one, as many as are asked for.
"""

from __future__ import annotations

import argparse
import io
import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RELEASE = "cc-main-2026-may-jun-jul"
TOPICS = 200
SHARE_IN_TOPIC = 0.5
SHARE_LINKING = 0.4
DRAWN_TWICE = 2.0
"""How many times more links are drawn than wanted: many are drawn twice, and those of the last sources are dropped."""
SOURCES_AT_ONCE = 250_000
SYLLABLES = np.array([a + b for a in "bcdfghjklmnprstvwz" for b in "aeiou"])
_GZIP = 31

Array = np.ndarray[Any, Any]


def main() -> None:
    """Make the releases that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--domains", type=int, default=10_000_000)
    parser.add_argument("--edges", type=int, default=200_000_000)
    parser.add_argument("--also", type=int, nargs="*", default=[])
    args = parser.parse_args()
    for folder in make_releases(args.folder, args.domains, sorted({*args.also, args.edges})):
        print(folder)


def make_releases(folder: Path, domains: int, sizes: Sequence[int]) -> list[Path]:
    """Make a release for each number of edges, in a folder named after it, unless all of them exist already.

    Parameters
    ----------
    sizes
        Numbers of edges, ascending.
    """
    folders = [folder / f"{domains}-domains-{size}-edges" for size in sizes]
    if all((each / "complete").exists() for each in folders):
        return folders
    for each in folders:
        each.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(2026)
    by_rank = rng.permutation(domains)
    write_names(folders[0], domains, by_rank, rng)
    for each in folders[1:]:
        for name in ("vertices", "ranks"):
            each.joinpath(file_name(name)).unlink(missing_ok=True)
            os.link(folders[0] / file_name(name), each / file_name(name))
    write_edges([each / file_name("edges") for each in folders], sizes, by_rank, rng)
    for each in folders:
        (each / "complete").touch()
    return folders


def file_name(kind: str) -> str:
    """Return the name of a release's file."""
    return f"{RELEASE}-domain-{kind}.txt.gz"


def write_names(folder: Path, domains: int, by_rank: Array, rng: np.random.Generator) -> None:
    """Write vertices, sorted by reversed name, and ranks, sorted by harmonic centrality."""
    names = made_up_names(domains, rng)
    hosts = rng.zipf(2.0, domains).clip(max=100_000)
    with Packed([folder / file_name("vertices")]) as file:
        write_table(file, {"id": np.arange(domains), "name": names, "hosts": hosts})
    places = np.arange(1, domains + 1)
    nearby = np.argsort(places + rng.normal(0, 0.2, domains) * places, kind="stable")
    page_rank = np.empty(domains, dtype=np.int64)
    page_rank[nearby] = places
    columns = {
        "#harmonicc_pos": places,
        "#harmonicc_val": np.round(3.5e7 / (1 + np.log10(places) / 3), 1),
        "#pr_pos": page_rank,
        "#pr_val": 0.02 / page_rank,
        "#host_rev": names.take(pa.array(by_rank)),
        "#n_hosts": hosts[by_rank],
    }
    with Packed([folder / file_name("ranks")]) as file:
        file.write("\t".join(columns).encode() + b"\n")
        write_table(file, columns)


def made_up_names(domains: int, rng: np.random.Generator) -> pa.ChunkedArray:
    """Return reversed names, sorted: two thirds below .example, the others below .test."""
    wanted = int(domains * 1.1) + 100
    parts = [SYLLABLES[rng.integers(0, len(SYLLABLES), wanted)] for _ in range(5)]
    longer = rng.random((2, wanted)) < np.array([[0.6], [0.3]])
    words = pa.compute.binary_join_element_wise(
        *(pa.array(part) for part in parts[:3]),
        pa.array(np.where(longer[0], parts[3], "")),
        pa.array(np.where(longer[1], parts[4], "")),
        pa.array(np.where(rng.random(wanted) < 0.7, rng.integers(0, 99_999, wanted).astype(str), "")),
        "",
    )
    words = pa.compute.unique(words)
    names = pa.compute.binary_join_element_wise(
        pa.array(np.where(rng.random(len(words)) < 2 / 3, "example", "test")), words, "."
    )
    return names.take(pa.compute.array_sort_indices(names[:domains]))


def write_edges(paths: Sequence[Path], sizes: Sequence[int], by_rank: Array, rng: np.random.Generator) -> None:
    """Write the edges, sorted by source and target; each file gets the first of them, up to its size."""
    written = 0
    with Packed(paths) as file:
        for edges in edges_in_order(sizes[-1], by_rank, rng):
            begin = 0
            while begin < len(edges[0]) and written < sizes[-1]:
                until = min(len(edges[0]), begin + sizes[file.closed_early] - written)
                write_table(file, {"from": edges[0][begin:until], "to": edges[1][begin:until]})
                written, begin = written + until - begin, until
                if written == sizes[file.closed_early] < sizes[-1]:
                    file.close_next()
    assert written == sizes[-1], f"only {written:,} edges were made: ask for fewer, or for more domains"


def edges_in_order(size: int, by_rank: Array, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    """Yield sources and targets, some sources at a time."""
    domains = len(by_rank)
    rank_of = np.empty(domains, dtype=np.int64)
    rank_of[by_rank] = np.arange(domains)
    degrees = np.where(rng.random(domains) < SHARE_LINKING, rng.pareto(1.1, domains) + 1, 0).clip(max=domains / 50)
    degrees = np.ceil(degrees * (DRAWN_TWICE * size / degrees.sum())).astype(np.int64) * (degrees > 0)
    for first in range(0, domains, SOURCES_AT_ONCE):
        sources = np.arange(first, min(first + SOURCES_AT_ONCE, domains)).repeat(
            degrees[first : first + SOURCES_AT_ONCE]
        )
        ranks = (domains ** rng.random(len(sources))).astype(np.int64) - 1
        near = (ranks - ranks % TOPICS + rank_of[sources] % TOPICS).clip(max=domains - 1)
        targets = by_rank[np.where(rng.random(len(sources)) < SHARE_IN_TOPIC, near, ranks)]
        pairs = np.unique((sources * domains + targets)[targets != sources])
        yield pairs // domains, pairs % domains


class Packed:
    """One stream of text, gzipped into several files at once, of which all but the last are closed early."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.files = [path.open("wb") for path in paths]
        self.packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        self.closed_early = 0

    def write(self, text: bytes) -> None:
        """Compress a text into the files that are open."""
        self._put(self.packer.compress(text))

    def close_next(self) -> None:
        """Close the first of the open files, so that it holds just what was written so far."""
        file = self.files[self.closed_early]
        file.write(self.packer.copy().flush())
        file.close()
        self.closed_early += 1

    def _put(self, packed: bytes) -> None:
        for file in self.files[self.closed_early :]:
            file.write(packed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._put(self.packer.flush())
        for file in self.files[self.closed_early :]:
            file.close()


def write_table(file: Packed, columns: dict[str, Any]) -> None:
    """Write columns as lines with tabs between the cells."""
    text = io.BytesIO()
    options = pa.csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")
    pa.csv.write_csv(pa.table(columns), text, options)
    file.write(text.getvalue())


if __name__ == "__main__":
    main()
