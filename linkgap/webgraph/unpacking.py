"""From a packed file, here or elsewhere, to blocks of whole lines: one thread unpacks while another looks at them."""

from __future__ import annotations

import threading
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

PACKED_BYTES = 256 * 1024
"""Read at once; unpacked, blocks are small enough to stay in a processor's cache while numpy walks over them."""

BLOCK_BYTES = 1024**2
FETCH_AGAIN = "Fetch it again: `linkgap webgraph fetch` says from where, `linkgap webgraph check` whether it is whole."
_QUEUED_BLOCKS = 4
_GZIP = b"\x1f\x8b"
_WITH_HEADING = 31
_LONGEST_LINE = 64 * 1024
_PATIENCE = 0.2


class Mark(NamedTuple):
    """A place in a file from which reading can go on: `skip` bytes of text behind the beginning of a gzip member."""

    member: int = 0
    skip: int = 0


class Block(NamedTuple):
    """Whole lines below `PADDING`; where the file goes on, and how many bytes of the file were read so far."""

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

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the file for reading bytes.

        Raises
        ------
        MissingFileError
            When it is not there.
        UnreadableFileError
            When it can't be read, or no longer.
        """
        try:
            with self._opened() as file:
                yield file
        except LinkgapError:
            raise
        except FileNotFoundError as error:
            message = f"There is no file {self.where}. `linkgap webgraph fetch` says from where to fetch it."
            raise MissingFileError(message) from error
        except OSError as error:
            reason = error.strerror or str(error)
            message = f"{self.where} can't be read ({reason}). Look whether it is there and may be read, and try again."
            raise UnreadableFileError(message) from error

    def _opened(self) -> Any:  # noqa: ANN401 - fsspec ships no types
        if not self.is_remote:
            return Path(self.where).open("rb")
        return fsspec().open(self.where, "rb").open()

    def identity(self) -> dict[str, Any]:
        """Return what tells this file from a later one in its place: its name, size and time."""
        if self.is_remote:
            with self.open() as file:
                return {"name": self.where, "size": getattr(file, "size", None), "time": None}
        found = Path(self.where).stat()
        return {"name": self.name, "size": found.st_size, "time": found.st_mtime_ns}

    def size(self) -> int:
        """Return how many bytes the file has; 0 when a server does not say."""
        return int(self.identity()["size"] or 0)


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
        message = "Reading from an address needs fsspec. Install it with: pip install 'linkgap[webgraph]'"
        raise MissingLibraryError(message) from error
    return library


def blocks(place: Place, *, start: Mark = Mark()) -> Generator[Block]:  # noqa: B008 - a mark can't be changed
    """Yield a file's lines, block by block; another thread reads and unpacks ahead.

    Parameters
    ----------
    start
        From where to go on: the mark of the last block that was used.

    Raises
    ------
    UnreadableFileError
        When the file is cut off or damaged.
    """
    queue: Queue[Block | BaseException | None] = Queue(_QUEUED_BLOCKS)
    stopped = threading.Event()

    def put(thing: Block | BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                queue.put(thing, timeout=_PATIENCE)
            except Full:
                continue
            return True
        return False

    def unpack() -> None:
        try:
            with place.open() as file, closing(_whole_lines(place, file, start)) as found:
                for block in found:
                    if not put(block):
                        return
            put(None)
        except BaseException as error:  # noqa: BLE001 - whatever happens in this thread is raised in the other
            put(error)

    thread = threading.Thread(target=unpack, name="linkgap unpacking", daemon=True)
    thread.start()
    try:
        while (thing := _next_of(queue)) is not None:
            if isinstance(thing, BaseException):
                raise thing
            yield thing
    finally:
        stopped.set()
        thread.join()


def _next_of(queue: Queue[Any]) -> Any:  # noqa: ANN401 - a block, an error or the end
    """Wait in short turns, so that Ctrl-C is heard on every system."""
    while True:
        try:
            return queue.get(timeout=_PATIENCE)
        except Empty:
            continue


def _whole_lines(place: Place, file: BinaryIO, start: Mark) -> Generator[Block]:
    rest, member, skip = b"", start.member, start.skip
    for text, member, skip, read in _texts(place, file, start):
        cut = text.rfind(b"\n") + 1
        if not cut:
            rest += text
            if len(rest) > _LONGEST_LINE:
                raise UnreadableFileError(f"{place.name} is no table of text: a line has no end. {FETCH_AGAIN}")
            continue
        whole = b"".join((PADDING, rest, memoryview(text)[:cut]))
        rest = text[cut:]
        yield Block(whole, Mark(member, skip - len(rest)), read)
    if rest:
        yield Block(PADDING + rest + b"\n", Mark(member, skip), file.tell())


def _texts(place: Place, file: BinaryIO, start: Mark) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield pieces of text, each with the member it ends in, its end in that member, and the bytes read so far."""
    file.seek(start.member)
    first = file.read(PACKED_BYTES)
    if not first.startswith(_GZIP):
        if start.member == 0 and b"\0" in first[:1024]:
            raise UnreadableFileError(f"{place.name} is neither gzip nor text. {FETCH_AGAIN}")
        yield from _plain_texts(file, start)
        return
    make, problems = _unpacker()
    member, packed, unpacker, text_end, to_skip = start.member, first, make(_WITH_HEADING), 0, start.skip
    while packed:
        try:
            text = unpacker.decompress(packed, BLOCK_BYTES)
        except problems as error:
            message = f"{place.name} is damaged near byte {file.tell():,} ({error}). {FETCH_AGAIN}"
            raise UnreadableFileError(message) from error
        text_end += len(text)
        if text:
            if to_skip >= len(text):
                to_skip -= len(text)
            else:
                yield text[to_skip:], member, text_end, file.tell()
                to_skip = 0
        packed = unpacker.unconsumed_tail
        if unpacker.eof:
            packed = unpacker.unused_data or file.read(PACKED_BYTES)
            if not packed.strip(b"\0"):
                return
            member, text_end, unpacker = file.tell() - len(packed), 0, make(_WITH_HEADING)
        elif not packed:
            packed = file.read(PACKED_BYTES)
    raise UnreadableFileError(f"{place.name} ends in the middle, after {file.tell():,} bytes. {FETCH_AGAIN}")


def _plain_texts(file: BinaryIO, start: Mark) -> Iterator[tuple[bytes, int, int, int]]:
    file.seek(start.member + start.skip)
    while text := file.read(BLOCK_BYTES):
        yield text, start.member, file.tell() - start.member, file.tell()


def _unpacker() -> tuple[Callable[[int], Any], tuple[Any, ...]]:
    """Return what unpacks gzip: isal where it is installed, which takes a third of the time, else zlib."""
    import zlib

    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.decompressobj, (zlib.error,)
    return isal_zlib.decompressobj, (isal_zlib.error, zlib.error)
