"""Small releases of a web graph, written in plain Python, and the right answers about them."""

import errno
import gzip
import io
import os
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from linkgap.webgraph.unpacking import Place

RELEASE = "cc-main-2026-aug-sep-oct"


@dataclass
class World:
    """A made-up web graph: names by number, edges, harmonic centrality by name, and the folder it is written to."""

    names: dict[int, str]
    edges: list[tuple[int, int]]
    ranks: dict[str, float]
    folder: Path

    def path(self, kind: str) -> Path:
        return self.folder / f"{RELEASE}-domain-{kind}.txt.gz"

    def linking_to(self, *sites: str) -> set[tuple[str, str]]:
        """Return pairs of site and referring domain, by checking every edge."""
        return {(self.names[b], self.names[a]) for a, b in self.edges if self.names[b] in sites}

    def text(self, kind: str) -> str:
        if kind == "vertices":
            return "".join(f"{number}\t{turned(name)}\t1\n" for number, name in sorted(self.names.items()))
        if kind == "edges":
            return "".join(f"{a}\t{b}\n" for a, b in sorted(self.edges))
        order = sorted(self.ranks, key=lambda name: -self.ranks[name])
        lines = (
            f"{place}\t{self.ranks[name]}\t{place}\t{1 / place}\t{turned(name)}\t1\n"
            for place, name in enumerate(order, 1)
        )
        return "#harmonicc_pos\t#harmonicc_val\t#pr_pos\t#pr_val\t#host_rev\t#n_hosts\n" + "".join(lines)

    def write(self, kinds: Iterable[str] = ("vertices", "edges", "ranks")) -> None:
        for kind in kinds:
            self.path(kind).write_bytes(gzip.compress(self.text(kind).encode(), mtime=0))


def turned(name: str) -> str:
    return ".".join(reversed(name.split(".")))


@pytest.fixture
def make_world(tmp_path: Path) -> Callable[..., World]:
    """Make a random world, with numbers from `first` on (with gaps unless that is 0), and write it."""

    def make(*, domains: int = 300, edges: int = 3000, first: int = 0, seed: int = 1) -> World:
        chance = random.Random(seed)  # noqa: S311 - any graph will do
        letters = "abcdefgh-"
        words = {
            "".join(chance.choice(letters) for _ in range(chance.randint(1, 14))).strip("-") or "x"
            for _ in range(2 * domains)
        }
        names = sorted(f"{word}.{chance.choice(['example', 'test'])}" for word in sorted(words))
        chance.shuffle(names)
        names = sorted(names[:domains], key=turned)
        step = 1 if first == 0 else 3
        numbered = {first + step * place: name for place, name in enumerate(names)}
        numbers = list(numbered)
        drawn = {(chance.choice(numbers), numbers[int(len(numbers) ** chance.random()) - 1]) for _ in range(edges)}
        ranks = {name: round(1e7 * chance.random(), 1) + 1 for name in names}
        folder = tmp_path / f"world-{seed}-{first}"
        folder.mkdir()
        world = World(numbered, sorted(pair for pair in drawn if pair[0] != pair[1]), ranks, folder)
        world.write()
        return world

    return make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in pieces so small that lines are cut, and a source's edges are spread over several blocks."""
    monkeypatch.setattr("linkgap.webgraph.unpacking.PACKED_BYTES", 97)
    monkeypatch.setattr("linkgap.webgraph.unpacking.BLOCK_BYTES", 151)


class BreakingFile(io.FileIO):
    """A file that can't be read beyond its first half, as when a disk or a server fails."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > os.fstat(self.fileno()).st_size // 2:
            raise OSError(errno.EIO, "Input/output error")
        return super().read(size)


@pytest.fixture
def break_edges() -> Callable[[pytest.MonkeyPatch], None]:
    """A function that makes files of edges unreadable beyond their first half."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        opened = Place._opened
        monkeypatch.setattr(Place, "_opened", lambda at: BreakingFile(at.where) if "edges" in at.name else opened(at))

    return patch
