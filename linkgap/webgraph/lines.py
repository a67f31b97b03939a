"""Parses blocks of whole lines with numpy: where cells end, and which numbers and names they hold.

A block is `PAD` line ends followed by whole lines, so that the bytes before any line can always be read. Parsing every
number of a web graph takes longer than decompressing it; looking at the last bytes of each line does not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from linkgap.errors import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import ModuleType

    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]
    Places = npt.NDArray[np.int64]
    Bytes = npt.NDArray[np.uint8]

PAD = 16
PADDING = b"\n" * PAD
TAB, LINE_END, ZERO, NINE = 9, 10, 48, 57
MOST_DIGITS = 16
_MALFORMED_NUMBER = re.compile(rb"[\t\n](?:[\t\n]|0[0-9])")
_BLANK = 32
_HASH_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SMALLEST_TABLE, _LARGEST_TABLE = 16, 26
_FEW_NAMES = 1000
_LOOKED_AT = 8 * 1024
_FIRST_BIT = np.array([0, *(8 - number.bit_length() for number in range(1, 256))])


class OddLinesError(ValueError):
    """Lines of a block don't have the cells that they should; the message says what is wrong."""


def as_bytes(block: bytes) -> Bytes:
    """Return a block as an array, without copying it."""
    return np.frombuffer(block, np.uint8)


def line_ends(text: Bytes) -> Places:
    """Return the offsets of a block's line ends, starting with the one just before the first line.

    Eight bytes of text are checked at once, which takes half the time, unless two lines end within the same eight.
    """
    is_end = text[PAD - 1 :] == LINE_END
    eights = np.packbits(is_end)
    places = np.flatnonzero(eights != 0)
    marks = eights[places]
    if (marks & (marks - 1)).any():
        return np.flatnonzero(is_end) + (PAD - 1)
    places <<= 3
    places += _FIRST_BIT[marks] + (PAD - 1)
    return places


def cell_ends(text: Bytes) -> Places:
    """Return the offsets at which the cells of each line end, one row per line.

    Raises
    ------
    OddLinesError
        When lines differ in their number of cells.
    """
    ends = np.flatnonzero(text[PAD:] < _BLANK) + PAD
    marks = text[ends]
    lines = int(np.count_nonzero(marks == LINE_END))
    cells, rest = divmod(len(ends), lines)
    if rest or (marks[cells - 1 :: cells] != LINE_END).any() or np.count_nonzero(marks == TAB) != len(ends) - lines:
        raise OddLinesError("lines differ in their number of cells")
    return ends.reshape(lines, cells)


def line_starts(ends: Places) -> Places:
    """Return the offsets at which lines begin, given where their cells end, as `cell_ends` returns it."""
    return np.concatenate([[PAD], ends[:-1, -1] + 1])


def count_edges(text: Bytes) -> int:
    """Return how many lines a block of edges has without parsing them: each has one tab, one line end and else digits.

    Whether tabs and line ends alternate and how numbers begin is checked only in the first `_LOOKED_AT` bytes: gzip's
    checksum catches a damaged file.

    Raises
    ------
    OddLinesError
        When the block holds anything else.
    """
    body, beginning = text[PAD:], text[PAD : PAD + _LOOKED_AT]
    lines, odd = divmod(int(np.count_nonzero(body < ZERO)), 2)
    marks = beginning[beginning < ZERO]
    if odd or body.max() > NINE or (marks[::2] != TAB).any() or (marks[1::2] != LINE_END).any():
        raise OddLinesError("lines are not two numbers with a tab between them")
    if _MALFORMED_NUMBER.search(text[PAD - 1 : PAD + _LOOKED_AT].tobytes()):
        raise OddLinesError("a number has no digits, or begins with a zero")
    return lines


def number_in(cell: bytes) -> int:
    """Parse the whole number in a cell.

    Raises
    ------
    OddLinesError
        When it has no digit, more than 16, or anything else in it.

    Examples
    --------
    >>> number_in(b"1240")
    1240
    """
    if not cell.isdigit() or len(cell) > MOST_DIGITS:
        raise OddLinesError(f"a number has no digits, more than {MOST_DIGITS}, or something else in it")
    return int(cell)


def numbers(block: bytes, starts: Places, ends: Places) -> Numbers:
    """Parse the whole numbers that lie between the offsets `starts` and `ends` of a block.

    Raises
    ------
    OddLinesError
        When a number has no digit, more than 16, or anything else in it.
    """
    lengths = ends - starts
    longest = int(lengths.max(initial=1))
    if lengths.min(initial=1) < 1 or longest > MOST_DIGITS:
        raise OddLinesError(f"a number has no digits, or more than {MOST_DIGITS}")
    found = _last_digits(block, ends, np.minimum(lengths, 8))
    if longest > 8:  # noqa: PLR2004 - bytes of a machine word
        more = np.flatnonzero(lengths > 8)  # noqa: PLR2004
        found[more] += _last_digits(block, ends[more] - 8, lengths[more] - 8) * 100_000_000
    return found


def _last_digits(block: bytes, ends: Places, lengths: Places) -> Numbers:
    """Parse up to eight digits at once in a 64-bit word: digits into pairs, pairs into fours, fours into the number."""
    word = _words(block, ends)
    word ^= np.uint64(0x3030303030303030)
    unused = (64 - 8 * lengths).astype(np.uint64)
    word >>= unused
    word <<= unused
    if (((word + np.uint64(0x0606060606060606)) | word) & np.uint64(0xF0F0F0F0F0F0F0F0)).any():
        raise OddLinesError("something else is where a number should be")
    word *= np.uint64(2561)
    word >>= np.uint64(8)
    word &= np.uint64(0x00FF00FF00FF00FF)
    word *= np.uint64(6553601)
    word >>= np.uint64(16)
    word &= np.uint64(0x0000FFFF0000FFFF)
    word *= np.uint64(42949672960001)
    word >>= np.uint64(32)
    return word.view(np.int64)


def _words(block: bytes, ends: Places) -> npt.NDArray[np.uint64]:
    """Return the eight bytes before each offset as one little-endian number."""
    return np.ndarray(len(block) - 7, "<u8", block, strides=(1,))[ends - 8]


def edges(block: bytes, text: Bytes) -> tuple[Numbers, Numbers]:
    """Parse the source and target of every line.

    Raises
    ------
    OddLinesError
        When lines are not two numbers with a tab between them.
    """
    marks = np.flatnonzero(text[PAD - 1 :] < ZERO) + (PAD - 1)
    tabs, ends = marks[1::2], marks[2::2]
    if len(tabs) != len(ends) or (text[tabs] != TAB).any() or (text[ends] != LINE_END).any():
        raise OddLinesError("lines are not two numbers with a tab between them")
    return numbers(block, marks[:-1:2] + 1, tabs), numbers(block, tabs + 1, ends)


class TargetFilter:
    """Finds the lines of a block whose last cell is one of the wanted numbers."""

    def __init__(self, wanted: Sequence[int]) -> None:
        self._endings = frozenset(b"\t%d\n" % number for number in wanted)
        self._search = _literal_search(sorted(self._endings)) or _EndingSearch(wanted)

    def edges(self, block: bytes) -> Numbers:
        """Return the edges to wanted numbers, one per row: source and target.

        Raises
        ------
        OddLinesError
            When one of their lines holds anything but two numbers.
        """
        found = self._search.lines(block)
        # There are only a handful of lines: numpy's overhead would exceed what plain Python takes for all of them.
        rows = [line.split(b"\t") for line in found if line[line.find(b"\t") :] in self._endings]
        if any(len(cells) != 2 for cells in rows):  # noqa: PLR2004 - source and target
            raise OddLinesError("lines are not two numbers with a tab between them")
        pairs = [(number_in(source), number_in(target[:-1])) for source, target in rows]
        return np.array(pairs, np.int64).reshape(-1, 2)


def _literal_search(texts: Sequence[bytes]) -> LiteralSearch | None:
    try:
        import hyperscan
    except ImportError:
        return None
    return LiteralSearch(hyperscan, texts) if texts else None


class LiteralSearch:
    """Finds the lines that contain one of several texts, in one scan: a third of the time of checking every line.

    Parameters
    ----------
    library
        The hyperscan module.
    texts
        Each includes the tab or line end before and after a cell, so that it occurs in a line at most once.
    """

    def __init__(self, library: ModuleType, texts: Sequence[bytes]) -> None:
        self._database = library.Database(mode=library.HS_MODE_BLOCK)
        self._database.compile(expressions=list(texts), literal=True)

    def lines(self, block: bytes) -> list[bytes]:
        """Return the lines of a block that contain one of the texts, in order."""
        ends: list[int] = []
        self._database.scan(block, match_event_handler=lambda _id, _start, end, _flags, _context: ends.append(end))
        ends.sort()
        return [block[block.rfind(b"\n", 0, end - 1) + 1 : block.index(b"\n", end - 1) + 1] for end in ends]


class _EndingSearch:
    """Finds lines by a hash of their last four bytes, where hyperscan is not installed."""

    def __init__(self, wanted: Sequence[int]) -> None:
        self._table = np.zeros(1 << 16, dtype=bool)
        endings = np.frombuffer(b"".join(_endings(wanted)), "<u4").copy()
        self._table[_short_hash(endings)] = True

    def lines(self, block: bytes) -> list[bytes]:
        """Return the lines that may end in a wanted number."""
        ends = line_ends(as_bytes(block))
        fours = np.ndarray(len(block) - 3, "<u4", block, strides=(1,))
        lines = np.flatnonzero(self._table.take(_short_hash(fours[ends[1:] - 4])))
        return text_of_lines(block, ends, lines)


def text_of_lines(block: bytes, ends: Places, lines: Places) -> list[bytes]:
    """Return the text of the lines with the given numbers, line ends included; `ends` is from `line_ends`."""
    starts, until = (ends[lines] + 1).tolist(), (ends[lines + 1] + 1).tolist()
    return list(map(block.__getitem__, map(slice, starts, until)))


def _endings(wanted: Iterable[int]) -> Iterable[bytes]:
    """Yield all that the last four bytes of a line can be when it ends in a tab and one of the numbers."""
    for number in wanted:
        ending = b"\t%d" % number
        missing = 4 - len(ending)
        yield from (
            (b"%0*d" % (missing, before) + ending for before in range(10**missing)) if missing > 0 else (ending[-4:],)
        )
        if missing > 1:
            yield from (b"\n%d" % digit + ending for digit in range(10))


def _short_hash(endings: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    endings *= np.uint32(0x9E3779B1)
    endings >>= np.uint32(16)
    return endings


class NameFilter:
    """Finds the cells of a block that equal one of the wanted names; such a cell must follow a tab.

    Few names are searched for as texts, if hyperscan is installed. Otherwise a hash of each cell's last eight bytes is
    checked first.

    Parameters
    ----------
    names
        Without duplicates.
    """

    def __init__(self, names: Sequence[bytes]) -> None:
        self._places = {name: place for place, name in enumerate(names)}
        self._search: LiteralSearch | None = None
        if len(names) <= _FEW_NAMES:
            self._search = _literal_search([b"\t%s%s" % (name, mark) for name in names for mark in (b"\t", b"\n")])
        ends = np.cumsum([*map(len, names)], dtype=np.int64) + np.arange(PAD + 1, PAD + 1 + len(names))
        hashes = self._hashes(b"\t".join((PADDING, *names)), ends)
        self._likely, self._surer = _Seen(hashes, room=8), _Seen(hashes * _HASH_MULTIPLIER, room=64)

    def values(self, block: bytes, column: int, *, value: int) -> dict[int, bytes]:
        """Return column `value` of the lines with a wanted name in `column`, which is the last one or the last but one.

        Returns
        -------
        dict
            From the position of the name among those wanted to the cell.

        Raises
        ------
        OddLinesError
            When lines differ in their number of cells, or have more or fewer than `column` implies.
        """
        cells = block[PAD : block.index(b"\n", PAD)].count(b"\t") + 1
        if cells - column not in {1, 2}:
            raise OddLinesError(f"lines have {counted(cells, 'cell')}")
        text = as_bytes(block)[PAD:]
        if self._search is None:
            ends = line_ends(as_bytes(block))
            name_ends = ends[1:] if cells == column + 1 else tabs_before(block, ends[1:])
            lines, found = len(name_ends), text_of_lines(block, ends, self._maybe(block, name_ends))
        else:
            lines, found = int(np.count_nonzero(text == LINE_END)), self._search.lines(block)
        if np.count_nonzero(text == TAB) != (cells - 1) * lines:
            raise OddLinesError("lines differ in their number of cells")
        listed = b"".join(found).replace(b"\n", b"\t").split(b"\t")
        if len(listed) != cells * len(found) + 1:
            raise OddLinesError("lines differ in their number of cells")
        places, values = map(self._places.get, listed[column::cells]), listed[value:-1:cells]
        return {place: cell for place, cell in zip(places, values, strict=True) if place is not None}

    def lines(self, block: bytes, ends: Places) -> list[tuple[int, bytes]]:
        """Return number and name of each line whose cell that ends at `ends` is a wanted name."""
        maybe = self._maybe(block, ends)
        cells = (block[block.rfind(b"\t", 0, end) + 1 : end] for end in ends[maybe].tolist())
        return [(line, cell) for line, cell in zip(maybe.tolist(), cells, strict=True) if cell in self._places]

    def _maybe(self, block: bytes, ends: Places) -> Places:
        """Return the lines that may hold a wanted name: by a table that fits the CPU's cache, then by a larger one."""
        hashes = self._hashes(block, ends)
        lines = np.flatnonzero(self._likely.has(hashes))
        return lines[self._surer.has(hashes[lines] * _HASH_MULTIPLIER)]

    @staticmethod
    def _hashes(block: bytes, ends: Places) -> npt.NDArray[np.uint64]:
        found = _words(block, ends)
        tabs = _tabs_in(found)
        short = np.flatnonzero(tabs)
        unused = np.minimum(8 * _highest_byte(tabs[short]) + 8, 63).astype(np.uint64)
        found[short] = found[short] >> unused << unused
        found *= _HASH_MULTIPLIER
        return found


class _Seen:
    """A set of hashes as marks in a table, about `room` slots each: a hash without a mark is not in the set."""

    def __init__(self, hashes: npt.NDArray[np.uint64], *, room: int) -> None:
        bits = min(max(_SMALLEST_TABLE, (room * len(hashes)).bit_length()), _LARGEST_TABLE)
        self._shift = np.uint64(64 - bits)
        self._marks = np.zeros(1 << bits, dtype=bool)
        self._marks[self._places(hashes)] = True

    def has(self, hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        """Tell for each hash whether it may be in the set."""
        return self._marks.take(self._places(hashes))

    def _places(self, hashes: npt.NDArray[np.uint64]) -> Places:
        return (hashes >> self._shift).view(np.int64)


def tabs_before(block: bytes, ends: Places) -> Places:
    """Return the offset of the last tab before each of `ends`, which is mostly within the eight bytes before it."""
    tabs = _tabs_in(_words(block, ends))
    places = ends - 8 + _highest_byte(tabs)
    for line in np.flatnonzero(tabs == 0).tolist():
        places[line] = block.rfind(b"\t", 0, int(ends[line]))
    return places


def _tabs_in(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Mark each tab in the words by the highest bit of its byte.

    A backspace right after a tab is marked as well, but no name has one.
    """
    words = words ^ np.uint64(0x0909090909090909)
    found = words - np.uint64(0x0101010101010101)
    found &= ~words
    found &= np.uint64(0x8080808080808080)
    return found


def _highest_byte(marks: npt.NDArray[np.uint64]) -> Places:
    """Return the index of the highest marked byte, from the exponent of the word as a floating-point number."""
    return ((marks.astype(np.float64).view(np.int64) >> 52) - 1023) >> 3
