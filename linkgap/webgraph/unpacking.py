"""From a local or remote file to blocks of whole lines: one thread decompresses it while another parses them."""

from __future__ import annotations

import threading
import zlib
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING, Any, NamedTuple

from linkgap.errors import LinkgapError, MissingFileError, MissingLibraryError, UnreadableFileError
from linkgap.webgraph.lines import PADDING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from typing import BinaryIO

PACKED_BYTES = 512 * 1024
"""Compressed bytes that are read at a time."""

BLOCK_BYTES = 2 * 1024**2
"""Bytes decompressed at a time: more would not stay in the CPU's cache, fewer make the threads wait for each other."""

FETCH_AGAIN = (
    "Fetch it again: `linkgap webgraph fetch` says where to get it, `linkgap webgraph check` whether it is complete."
)
_QUEUED_PIECES = 2
_FREED_ONCE = 31 * 1024**2
"""Bytes freed once, before which glibc returns large blocks to the system and gets each new one page by page."""

_GZIP = b"\x1f\x8b"
_WITH_HEADING = 31
_LONGEST_LINE = 64 * 1024
_PATIENCE = 0.2


class BrokenOffError(UnreadableFileError):
    """A disk or a server stopped delivering a file: unlike with a damaged file, repeating the call may help."""


class Mark(NamedTuple):
    """A position from which reading can resume: `skip` bytes of text after the start of the gzip member at `member`."""

    member: int = 0
    skip: int = 0


class _Text(NamedTuple):
    """A piece of text, the offset of its gzip member, its end within that member's text, and the file bytes read."""

    text: bytes
    member: int
    end: int
    read: int


class Block(NamedTuple):
    """Whole lines after `PADDING`, the mark at which the next block begins, and the file bytes read so far."""

    text: bytes
    mark: Mark
    read: int


@dataclass(frozen=True)
class Place:
    """A file of a release: a path, or an address that fsspec understands."""

    where: str

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self.where.replace("\\", "/").rsplit("/", 1)[-1]

    @property
    def is_remote(self) -> bool:
        """Whether the file is reached by an address."""
        return "://" in self.where

    def is_packed(self) -> bool:
        """Tell by its first bytes whether the file is gzip, whatever its name says."""
        with self.open() as file:
            return file.read(len(_GZIP)) == _GZIP

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the file for reading bytes.

        Raises
        ------
        MissingFileError
            When it is not there.
        UnreadableFileError
            When it can't be read, or stops being readable.
        MissingLibraryError
            When its address needs a library that is not installed.
        """
        with reaching(self.where), self._opened() as file:
            yield file

    def _opened(self) -> Any:  # noqa: ANN401 - fsspec ships no types
        if not self.is_remote:
            return Path(self.where).open("rb")
        return fsspec().open(self.where, "rb").open()

    def identity(self) -> dict[str, Any]:
        """Return what tells this file from a later one in its place: name, size and, if local, time of modification."""
        if self.is_remote:
            with self.open() as file:
                return {"name": self.where, "size": getattr(file, "size", None), "time": None}
        found = Path(self.where).stat()
        return {"name": self.name, "size": found.st_size, "time": found.st_mtime_ns}

    def size(self) -> int:
        """Return how many bytes the file has; 0 when a server does not say."""
        return int(self.identity()["size"] or 0)


@contextmanager
def reaching(where: str) -> Iterator[None]:
    """Turn errors of reading a path or an address into ours: each kind of address raises errors of its own library.

    Raises
    ------
    MissingFileError
        When it is not there.
    BrokenOffError
        When it can't be read.
    MissingLibraryError
        When an address needs a library that is not installed.
    """
    try:
        yield
    except LinkgapError:
        raise
    except FileNotFoundError as error:
        cause = error.__cause__  # set for web addresses: the server refused or did not answer
        missing = f"There is no file {where}" if cause is None else f"{where} can't be fetched: {cause}"
        raise MissingFileError(f"{missing}. `linkgap webgraph fetch` says where to get it.") from error
    except ImportError as error:
        message = f"{where} can't be read yet: {error}. Install what is missing, or fetch the files and read those."
        raise MissingLibraryError(message) from error
    except Exception as error:  # each kind of address raises errors of its own library
        if "://" not in where and not isinstance(error, OSError):
            raise
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        message = f"{where} can't be read ({reason}). Check that it exists and may be read, and try again."
        raise BrokenOffError(message) from error


def fsspec() -> Any:  # noqa: ANN401 - it ships no types
    """Return fsspec.

    Raises
    ------
    MissingLibraryError
        When it is not installed.
    """
    try:
        import fsspec as library
    except ImportError as error:
        message = 'Reading from an address needs fsspec. Install it with: pip install "linkgap[webgraph]"'
        raise MissingLibraryError(message) from error
    return library


class ReadAhead:
    """A file that a thread of its own reads and decompresses ahead, from now on until `close`.

    Parameters
    ----------
    start
        Where to begin: the mark of the last block that was processed.
    pieces
        How many pieces of `BLOCK_BYTES` are decompressed ahead at most.
    """

    def __init__(self, place: Place, *, start: Mark = Mark(), pieces: int = _QUEUED_PIECES) -> None:  # noqa: B008 - a mark is immutable
        bytearray(_FREED_ONCE)
        self.place, self.start = place, start
        self._queue: Queue[_Text | BaseException | None] = Queue(pieces)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._unpack, name="linkgap unpacking", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self.place.name

    def __iter__(self) -> Iterator[_Text]:
        """Yield the file's pieces."""
        while (thing := _next_of(self._queue)) is not None:
            if isinstance(thing, BaseException):
                raise thing
            yield thing

    def close(self) -> None:
        """Stop the thread, however far it got."""
        self._stopped.set()
        self._thread.join()

    def _unpack(self) -> None:
        try:
            with self.place.open() as file:
                for text in _texts(self.place, file, self.start):
                    if not self._put(text):
                        return
            self._put(None)
        except BaseException as error:  # noqa: BLE001 - whatever happens in this thread is raised in the other
            self._put(error)

    def _put(self, thing: _Text | BaseException | None) -> bool:
        while not self._stopped.is_set():
            try:
                self._queue.put(thing, timeout=_PATIENCE)
            except Full:
                continue
            return True
        return False


def blocks(file: Place | ReadAhead, *, start: Mark = Mark()) -> Generator[Block]:  # noqa: B008 - a mark is immutable
    """Yield a file's lines, block by block; another thread reads and decompresses ahead.

    Parameters
    ----------
    start
        Where to resume: the mark of the last block that was processed. A `ReadAhead` has a start of its own instead.

    Raises
    ------
    UnreadableFileError
        When the file is cut off or damaged.
    """
    with closing(file if isinstance(file, ReadAhead) else ReadAhead(file, start=start)) as texts:
        yield from _whole_lines(texts)


def _next_of(queue: Queue[Any]) -> Any:  # noqa: ANN401 - a block, an error or the end
    """Return the next item of a queue; waits in short intervals, so that Ctrl-C works on every system."""
    while True:
        try:
            return queue.get(timeout=_PATIENCE)
        except Empty:
            continue


def _whole_lines(texts: ReadAhead) -> Generator[Block]:
    """Join pieces into blocks of whole lines; not in the decompressing thread, which is the bottleneck."""
    rest, member, skip, read = b"", texts.start.member, texts.start.skip, 0
    for text, member, skip, read in texts:
        cut = text.rfind(b"\n") + 1
        if not cut:
            rest += text
            if len(rest) > _LONGEST_LINE:
                raise UnreadableFileError(f"{texts.name} is not a table of text: a line has no end. {FETCH_AGAIN}")
            continue
        whole = b"".join((PADDING, rest, memoryview(text)[:cut]))
        rest = text[cut:]
        yield Block(whole, Mark(member, skip - len(rest)), read)
    if rest:
        yield Block(PADDING + rest + b"\n", Mark(member, skip), read)


def _texts(place: Place, file: BinaryIO, start: Mark) -> Iterator[_Text]:
    file.seek(start.member)
    first = file.read(PACKED_BYTES)
    if first.startswith(_GZIP):
        yield from _unpacked_texts(place, file, first, start)
    elif start.member == 0 and b"\0" in first[:1024]:
        raise UnreadableFileError(f"{place.name} is neither gzip nor text. {FETCH_AGAIN}")
    else:
        yield from _plain_texts(file, start)


def _unpacked_texts(place: Place, file: BinaryIO, packed: bytes, start: Mark) -> Iterator[_Text]:
    make, problem = _unpacker()
    member, unpacker, text_end, to_skip = start.member, make(), 0, start.skip
    while packed or not unpacker.needs_input:
        try:
            text = unpacker.decompress(packed, BLOCK_BYTES)
        except problem as error:
            message = f"{place.name} is damaged near byte {file.tell():,} ({error}). {FETCH_AGAIN}"
            raise UnreadableFileError(message) from error
        text_end += len(text)
        if len(text) > to_skip:
            yield _Text(text[to_skip:], member, text_end, file.tell())
        to_skip = max(0, to_skip - len(text))
        packed = b""
        if unpacker.eof:
            packed = unpacker.unused_data or file.read(PACKED_BYTES)
            if not packed.strip(b"\0"):
                return
            member, text_end, unpacker = file.tell() - len(packed), 0, make()
        elif unpacker.needs_input:
            packed = file.read(PACKED_BYTES)
    raise UnreadableFileError(f"{place.name} ends in the middle, after {file.tell():,} bytes. {FETCH_AGAIN}")


def _plain_texts(file: BinaryIO, start: Mark) -> Iterator[_Text]:
    file.seek(start.member + start.skip)
    while text := file.read(BLOCK_BYTES):
        yield _Text(text, start.member, file.tell() - start.member, file.tell())


def _unpacker() -> tuple[Callable[[], Any], type[Exception]]:
    """Return a maker of gzip decompressors and their error: isal's, a third of the time, if installed, else zlib's."""
    try:
        from isal import igzip_lib
    except ImportError:
        return _ZlibUnpacker, zlib.error
    problem: Any = igzip_lib.IsalError  # its type stub declares an exception, not an exception class
    return lambda: igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP), problem


class _ZlibUnpacker:
    """zlib with the interface of isal's decompressor."""

    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(_WITH_HEADING)

    def decompress(self, packed: bytes, most: int) -> bytes:
        """Decompress at most `most` bytes, from the input left over and then from `packed`."""
        return self._unpacker.decompress(self._unpacker.unconsumed_tail + packed, most)

    @property
    def needs_input(self) -> bool:
        """Whether all input so far is used up."""
        return not self._unpacker.unconsumed_tail

    @property
    def eof(self) -> bool:
        """Whether the end of the member was reached."""
        return self._unpacker.eof

    @property
    def unused_data(self) -> bytes:
        """The input beyond the member's end."""
        return self._unpacker.unused_data
