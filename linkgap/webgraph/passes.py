"""The passes over a release's files, each from beginning to end: names to numbers, edges, numbers to names, ranks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from linkgap.errors import UnreadableFileError
from linkgap.webgraph.lines import (
    NameFilter,
    OddLinesError,
    TargetFilter,
    as_bytes,
    cell_ends,
    check_edges,
    decimals,
    line_ends,
    numbers,
)
from linkgap.webgraph.unpacking import FETCH_AGAIN, Mark, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from linkgap.webgraph.journal import Journal
    from linkgap.webgraph.lines import Numbers, Places
    from linkgap.webgraph.unpacking import Block, Place

Advance = Callable[[int], object]

BYTES_BETWEEN_NOTES = 128 * 1024**2
"""Of the packed file: every second or two, what was found is written down."""

_RANKS_CELLS = 6
_RANK_COLUMNS = {"commoncrawl_hc": 1, "commoncrawl_pr": 3}


@contextmanager
def progress(total: int, what: str, *, show: bool | None) -> Iterator[Advance]:
    """Show a bar of the packed bytes where it is worth while, and yield what moves it on."""
    if show or (show is None and total >= _LARGE_BYTES):
        from tqdm.auto import tqdm

        with tqdm(total=total or None, unit="B", unit_scale=True, desc=what) as bar:
            yield bar.update
    else:
        yield lambda _: None


_LARGE_BYTES = 50 * 1024**2


def read_blocks(place: Place, advance: Advance, *, start: Mark | None = None) -> Iterator[Block]:
    """Yield the blocks of a file; the bar follows, and odd lines are said to be in which file.

    Raises
    ------
    UnreadableFileError
        When the file is cut off or damaged.
    """
    before = 0
    with closing(blocks(place, start=start or Mark())) as found:  # type: ignore[type-var] - a generator
        for block in found:
            yield block
            advance(block.read - before)
            before = block.read


@contextmanager
def _lines_of(place: Place, kind: str, wanted: str) -> Iterator[None]:
    """Say of which file the odd lines are."""
    try:
        yield
    except OddLinesError as error:
        message = f"{place.name} is no file of {kind}: {error}. Every line should be: {wanted}. {FETCH_AGAIN}"
        raise UnreadableFileError(message) from error


def _vertices(place: Place, advance: Advance) -> Iterator[tuple[bytes, Numbers, Places, Places]]:
    """Yield blocks of vertices with their numbers, and where names begin and end.

    Raises
    ------
    UnreadableFileError
        When numbers don't ascend.
    """
    before = -1
    with _lines_of(place, "vertices", "number, tab, reversed name, perhaps tab and number of hosts"):
        for block in read_blocks(place, advance):
            text = as_bytes(block.text)
            ends = cell_ends(text)
            if ends.shape[1] not in (2, 3):
                raise OddLinesError(f"lines have {ends.shape[1]} cells")
            starts = np.concatenate([line_ends(text)[:1], ends[:-1, -1]]) + 1
            ids = numbers(block.text, starts, ends[:, 0])
            if ids[0] <= before or (np.diff(ids) <= 0).any():
                disorder = int(np.argmax(np.diff(np.concatenate([[before], ids])) <= 0))
                message = (
                    f"{place.name} is out of order: {ids[disorder]:,} stands behind "
                    f"{before if disorder == 0 else ids[disorder - 1]:,}. Vertices ascend in a release. {FETCH_AGAIN}"
                )
                raise UnreadableFileError(message)
            before = int(ids[-1])
            yield block.text, ids, ends[:, 0] + 1, ends[:, 1]


def numbers_of(place: Place, names: Sequence[bytes], advance: Advance) -> dict[bytes, int]:
    """Find the numbers of some reversed names, reading no further than to the last of them."""
    wanted = NameFilter(names)
    found: dict[bytes, int] = {}
    with closing(_vertices(place, advance)) as vertices:
        for block, ids, starts, ends in vertices:
            found |= {name: int(ids[line]) for line, name in wanted.lines(block, starts, ends)}
            if len(found) == len(wanted.names):
                break
    return found


def names_of(place: Place, wanted: Numbers, advance: Advance) -> list[bytes]:
    """Return the reversed names of some numbers.

    Parameters
    ----------
    wanted
        Ascending, each once.

    Raises
    ------
    UnreadableFileError
        When a number is not among the vertices: the files are of different releases.
    """
    names: list[bytes] = []
    for block, ids, starts, ends in _vertices(place, advance):
        first, until = np.searchsorted(wanted, [ids[0], ids[-1] + 1])
        if first == until:
            continue
        lines = np.searchsorted(ids, wanted[first:until])
        if (strange := ids[lines] != wanted[first:until]).any():
            raise _strange_number(place, int(wanted[first:until][strange][0]))
        if first != len(names):
            raise _strange_number(place, int(wanted[len(names)]))
        names += map(block.__getitem__, map(slice, starts[lines].tolist(), ends[lines].tolist()))
    if len(names) != len(wanted):
        raise _strange_number(place, int(wanted[len(names)]))
    return names


def _strange_number(place: Place, number: int) -> UnreadableFileError:
    message = (
        f"The edges name a domain {number:,} that {place.name} does not have. "
        "They are of different releases, or one is not whole. Fetch vertices and edges of one release."
    )
    return UnreadableFileError(message)


def edges_to(place: Place, targets: Sequence[int], journal: Journal | None, advance: Advance) -> Edges:
    """Find all edges that lead to some numbers, going on where a journal says that reading stopped.

    Returns
    -------
    Edges
        Sources and targets in the order of the file, and how many lines were read.
    """
    wanted = TargetFilter(targets)
    kept: list[tuple[Numbers, Numbers]] = []
    lines, noted = 0, 0
    with _lines_of(place, "edges", "number, tab, number"):
        for block in read_blocks(place, advance, start=journal.mark if journal else None):
            text = as_bytes(block.text)
            ends = line_ends(text)
            check_edges(text, len(ends) - 1)
            sources, found = wanted.edges(block.text, text, ends)
            lines += len(ends) - 1
            if journal is None:
                kept.append((sources, found))
                continue
            journal.add(sources, found, lines=len(ends) - 1)
            if block.read - noted >= BYTES_BETWEEN_NOTES:
                journal.write(block.mark)
                noted = block.read
    if journal is not None:
        return Edges(*journal.pairs(), journal.lines)
    empty = np.empty(0, np.int64)
    return Edges(*(np.concatenate([empty, *column]) for column in (zip(*kept, strict=True) if kept else ((), ()))), lines)


class Edges(NamedTuple):
    """Edges that were looked for, and how many there are in all."""

    sources: Numbers
    targets: Numbers
    lines: int


def ranks_of(place: Place, names: Sequence[bytes], metric: str, advance: Advance) -> Mapping[bytes, float]:
    """Find a rank's value for some reversed names."""
    wanted = NameFilter(names)
    column = _RANK_COLUMNS[metric]
    found: dict[bytes, float] = {}
    with _lines_of(place, "ranks", "six cells with tabs between"), closing(_rank_blocks(place, advance)) as ranks:
        for block, starts, ends in ranks:
            listed = wanted.lines(block, ends[:, 3] + 1, ends[:, 4])
            if listed:
                lines = np.array([line for line, _ in listed])
                begin = starts[lines] if column == 0 else ends[lines, column - 1] + 1
                values = _decimals(place, block, begin, ends[lines, column])
                found |= dict(zip((name for _, name in listed), values.tolist(), strict=True))
            if len(found) == len(wanted.names):
                break
    return found


def _decimals(place: Place, block: bytes, starts: Places, ends: Places) -> npt.NDArray[Any]:
    try:
        return decimals(block, starts, ends)
    except ValueError as error:
        raise UnreadableFileError(f"{place.name} holds a rank that is no number: {error}. {FETCH_AGAIN}") from error


def _rank_blocks(place: Place, advance: Advance) -> Iterator[tuple[bytes, Places, Places]]:
    """Yield blocks of ranks without the heading, and where lines begin and cells end."""
    headed = False
    for block in read_blocks(place, advance):
        text = as_bytes(block.text)
        ends = cell_ends(text)
        if ends.shape[1] < _RANKS_CELLS - 1:
            raise OddLinesError(f"lines have {ends.shape[1]} cells")
        starts = np.concatenate([line_ends(text)[:1], ends[:-1, -1]]) + 1
        yield block.text, starts[not headed :], ends[not headed :]
        headed = True
