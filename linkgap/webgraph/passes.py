"""The sequential passes over a release's files: names to vertex numbers, edges, numbers to names, ranks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from linkgap.errors import UnreadableFileError, counted
from linkgap.webgraph.lines import (
    MOST_DIGITS,
    NameFilter,
    OddLinesError,
    TargetFilter,
    as_bytes,
    cell_ends,
    count_edges,
    line_ends,
    line_starts,
    number_in,
    numbers,
    text_of_lines,
)
from linkgap.webgraph.unpacking import FETCH_AGAIN, Mark, blocks

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    import numpy.typing as npt

    from linkgap.webgraph.journal import Journal
    from linkgap.webgraph.lines import Numbers, Places
    from linkgap.webgraph.unpacking import Block, Place, ReadAhead

    Ranks = npt.NDArray[np.float64]

Advance = Callable[[int], object]

BYTES_BETWEEN_NOTES = 128 * 1024**2
"""Compressed bytes read between two writes of what was found: one or two seconds."""

_VERTEX = "number, tab, reversed name, optionally tab and number of hosts"
_VERTEX_CELLS = (2, 3)
_RANK_COLUMNS = {"commoncrawl_hc": 1, "commoncrawl_pr": 3}


@contextmanager
def progress(total: int, what: str, *, show: bool | None, unit: str = "B") -> Iterator[Advance]:
    """Yield what advances a progress bar, of compressed bytes as a rule; None shows the bar if `total` is large."""
    if show or (show is None and total >= _LARGE_BYTES):
        from tqdm.auto import tqdm

        with tqdm(total=total or None, unit=unit, unit_scale=True, desc=what) as bar:
            yield bar.update
    else:
        yield lambda _: None


_LARGE_BYTES = 50 * 1024**2


def read_blocks(place: Place | ReadAhead, advance: Advance, *, start: Mark | None = None) -> Generator[Block]:
    """Yield the blocks of a file, and advance the progress bar by the bytes read.

    Raises
    ------
    UnreadableFileError
        When the file is cut off or damaged.
    """
    before = 0
    with closing(blocks(place, start=start or Mark())) as found:
        for block in found:
            yield block
            advance(block.read - before)
            before = block.read


@contextmanager
def lines_of(place: Place | ReadAhead, kind: str, wanted: str) -> Iterator[None]:
    """Turn an `OddLinesError` into an error that names the file and the lines that it should have."""
    try:
        yield
    except OddLinesError as error:
        message = f"{place.name} is not a file of {kind}: {error}. Every line should be: {wanted}. {FETCH_AGAIN}"
        raise UnreadableFileError(message) from error


def cells_of(place: Place) -> int:
    """Return how many cells the first line of a file has."""
    with closing(read_blocks(place, lambda _: None)) as found:
        first = next(found).text.lstrip(b"\n")
    return first.partition(b"\n")[0].count(b"\t") + 1


class Vertices(NamedTuple):
    """A block of vertices: where lines begin, and where their cells end."""

    text: bytes
    starts: Places
    ends: Places

    @classmethod
    def of(cls, text: bytes) -> Vertices:
        """Find the cells of a block.

        Raises
        ------
        OddLinesError
            When its lines have more or fewer cells than vertices have.
        """
        ends = cell_ends(as_bytes(text))
        if ends.shape[1] not in _VERTEX_CELLS:
            raise OddLinesError(f"lines have {counted(ends.shape[1], 'cell')}")
        return cls(text, line_starts(ends), ends)

    def numbers(self) -> Numbers:
        """Parse the numbers of all lines."""
        return numbers(self.text, self.starts, self.ends[:, 0])

    def names(self, lines: Places) -> list[bytes]:
        """Return the names of some lines."""
        begin, end = (self.ends[lines, 0] + 1).tolist(), self.ends[lines, 1].tolist()
        return list(map(self.text.__getitem__, map(slice, begin, end)))


def numbers_of(place: Place, names: Sequence[bytes], advance: Advance) -> dict[bytes, int]:
    """Find the vertex numbers of some reversed names, reading no further than the last of them."""
    wanted = NameFilter(names)
    found: dict[bytes, int] = {}
    with lines_of(place, "vertices", _VERTEX), closing(read_blocks(place, advance)) as blocks_read:
        for block in blocks_read:
            found |= {names[at]: number_in(cell) for at, cell in wanted.values(block.text, 1, value=0).items()}
            if len(found) == len(names):
                break
    return found


def count_vertices(place: Place, names: Sequence[bytes], advance: Advance) -> tuple[dict[bytes, int], int]:
    """Find the vertex numbers of some reversed names, and the largest number in the file plus one."""
    wanted, found, largest = NameFilter(names), dict[bytes, int](), -1
    with lines_of(place, "vertices", _VERTEX), closing(read_blocks(place, advance)) as blocks_read:
        for block in blocks_read:
            vertices = Vertices.of(block.text)
            ids = vertices.numbers()
            found |= {name: int(ids[line]) for line, name in wanted.lines(block.text, vertices.ends[:, 1])}
            _check_order(place, largest, ids)
            largest = int(ids[-1])
    return found, largest + 1


def check_vertices(place: Place, advance: Advance) -> int:
    """Check that every line is well formed and that numbers ascend; return how many lines there are."""
    lines, largest = 0, -1
    with lines_of(place, "vertices", _VERTEX), closing(read_blocks(place, advance)) as blocks_read:
        for block in blocks_read:
            ids = Vertices.of(block.text).numbers()
            _check_order(place, largest, ids)
            lines, largest = lines + len(ids), int(ids[-1])
    return lines


def names_of(place: Place | ReadAhead, wanted: Numbers, advance: Advance) -> list[bytes]:
    """Return the reversed names of some vertex numbers.

    Parameters
    ----------
    wanted
        Ascending, without duplicates.

    Raises
    ------
    UnreadableFileError
        When a number is not among the vertices: the files are of different releases.
    """
    names: list[bytes] = []
    before = -1
    with lines_of(place, "vertices", _VERTEX), closing(read_blocks(place, advance)) as blocks_read:
        for block in blocks_read:
            asked = wanted[len(names) :]
            found = _names_by_place(block.text, asked, before) or _names_by_number(place, block.text, asked, before)
            names += found.names
            before = found.last
    if len(names) != len(wanted):
        raise unknown_vertex(place, int(wanted[len(names)]))
    return names


class _BlockNames(NamedTuple):
    """The names of the wanted numbers that are in a block, and the last number of the block."""

    names: list[bytes]
    last: int


def _names_by_place(text: bytes, asked: Numbers, before: int) -> _BlockNames | None:
    """Find names by line position, as numbers go up by one per line in every release; None where they do not."""
    ends = line_ends(as_bytes(text))
    edge = [text[end + 1 : text.find(b"\t", end)] for end in ends[[0, -2]].tolist()]
    if not all(cell.isdigit() and len(cell) <= MOST_DIGITS for cell in edge):
        return None
    first, last = map(int, edge)
    if first <= before or last - first != len(ends) - 2:
        return None
    here = asked[: np.searchsorted(asked, last + 1)]
    if len(here) and here[0] < first:
        return None
    found = text_of_lines(text, ends, here - first)
    cells = found[0].count(b"\t") + 1 if found else _VERTEX_CELLS[0]
    listed = b"".join(found).replace(b"\n", b"\t").split(b"\t")[:-1]
    if cells not in _VERTEX_CELLS or listed[::cells] != [b"%d" % number for number in here.tolist()]:
        return None
    return _BlockNames(listed[1::cells], last)


def _names_by_number(place: Place | ReadAhead, text: bytes, asked: Numbers, before: int) -> _BlockNames:
    """Find names by parsing the number of every line.

    Raises
    ------
    UnreadableFileError
        When a number is missing, or numbers don't ascend.
    """
    vertices = Vertices.of(text)
    ids = vertices.numbers()
    _check_order(place, before, ids)
    here = asked[: np.searchsorted(asked, ids[-1] + 1)]
    lines = np.searchsorted(ids, here)
    if (ids[lines] != here).any():
        raise unknown_vertex(place, int(here[~np.isin(here, ids)][0]))
    return _BlockNames(vertices.names(lines), int(ids[-1]))


def _check_order(place: Place | ReadAhead, before: int, ids: Numbers) -> None:
    """Check that vertex numbers ascend."""
    if ids[0] > before and (np.diff(ids) > 0).all():
        return
    listed = np.concatenate([[before], ids])
    at = int(np.argmax(np.diff(listed) <= 0))
    message = (
        f"{place.name} is out of order: vertex {listed[at + 1]:,} comes after {listed[at]:,}. "
        f"In a release, vertices ascend. {FETCH_AGAIN}"
    )
    raise UnreadableFileError(message)


def unknown_vertex(place: Place | ReadAhead, number: int) -> UnreadableFileError:
    """Return the error for edges that name a vertex which the file of vertices lacks."""
    message = (
        f"The edges refer to domain number {number:,}, which {place.name} does not contain. "
        "They are of different releases, one is incomplete, or the vertices are out of order. "
        "Fetch the vertices and edges of one release."
    )
    return UnreadableFileError(message)


def edges_to(place: Place, targets: Sequence[int], journal: Journal, advance: Advance) -> Edges:
    """Find all edges to the given targets, resuming where the journal says that reading stopped.

    Returns
    -------
    Edges
        Sources and targets in the order of the file, and how many lines it has.
    """
    wanted = TargetFilter(targets)
    noted = 0
    with lines_of(place, "edges", "number, tab, number"):
        for block in read_blocks(place, advance, start=journal.mark):
            journal.add(wanted.edges(block.text), lines=count_edges(as_bytes(block.text)))
            if block.read - noted >= BYTES_BETWEEN_NOTES:
                journal.write(block.mark)
                noted = block.read
    return Edges(*journal.pairs(), journal.lines)


class Edges(NamedTuple):
    """The edges that were looked for, and the number of all edges in the release, `lines`."""

    sources: Numbers
    targets: Numbers
    lines: int

    def once(self) -> Edges:
        """Return the edges without duplicates; a release has none, which is quickly checked."""
        sources, targets = np.diff(self.sources), np.diff(self.targets)
        if ((sources > 0) | ((sources == 0) & (targets > 0))).all():
            return self
        order = np.lexsort((self.targets, self.sources))
        sources, targets = self.sources[order], self.targets[order]
        is_new = np.ones(len(order), dtype=bool)
        is_new[1:] = (np.diff(sources) != 0) | (np.diff(targets) != 0)
        return Edges(sources[is_new], targets[is_new], self.lines)


def ranks_of(place: Place | ReadAhead, names: Sequence[bytes], metric: str, advance: Advance) -> Ranks:
    """Find a metric's values for distinct reversed names, reading no further than the last of them.

    Returns
    -------
    Ranks
        In the order of the names; NaN for a name that the file does not have.
    """
    wanted = NameFilter(names)
    found: dict[int, bytes] = {}
    with lines_of(place, "ranks", "six cells separated by tabs"), closing(read_blocks(place, advance)) as blocks_read:
        for block in blocks_read:
            found |= wanted.values(block.text, 4, value=_RANK_COLUMNS[metric])
            if len(found) == len(names):
                break
    values = np.full(len(names), np.nan)
    values[list(found)] = [_value(place, cell) for cell in found.values()]
    return values


def _value(place: Place | ReadAhead, cell: bytes) -> float:
    try:
        return float(cell)
    except ValueError as error:
        raise UnreadableFileError(
            f"{place.name} contains a rank that is not a number: {cell!r}. {FETCH_AGAIN}"
        ) from error
