"""`convert_web_graph`: from text to Parquet once, clustered by target, so that later look-ups take a second.

While edges are read, they are partitioned by target into files, each of which is then sorted on its own: memory is
bounded by the largest of these, not by the graph.
"""

from __future__ import annotations

import json
import re
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from linkgap.engine import Engine, EngineError, literal
from linkgap.errors import (
    FileExistsAlreadyError,
    InvalidArgumentError,
    LinkgapError,
    UnreadableFileError,
    UnwritableFileError,
)
from linkgap.paths import looking_into, path_of
from linkgap.webgraph import passes
from linkgap.webgraph.lines import as_bytes, edges
from linkgap.webgraph.release import Release, find_release, is_at_address
from linkgap.webgraph.store import NOTE, PARTS, UNFINISHED, VERTICES, part_name
from linkgap.webgraph.unpacking import FETCH_AGAIN, BrokenOffError, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from linkgap.webgraph.lines import Numbers
    from linkgap.webgraph.unpacking import Place

MOST_PARTS = 256
_LEAST_A_PART = 50_000
_PENDING_EDGES = 4_000_000
_NOTE, _RELEASE = "journal.json", "release.json"
_OWN = re.compile(
    r"edges|unfinished|vertices\.parquet|web_graph\.(?:json|part)|edges/part-\d{4,}\.parquet"
    r"|unfinished/(?:(?:journal|release)\.(?:json|part)|dealt-\d{4,}\.bin|(?:tmp_)?(?:part-\d{4,}|vertices)\.parquet)"
)
"""The files and folders that a conversion makes in its folder: nothing else is ever removed."""

_ENGINE_MEMORY = "2GB"


def convert_web_graph(where: object, path: str | Path, *, authority: bool = True, progress: bool | None = None) -> Path:
    """Write a release as Parquet files, in which `read_web_graph` finds the links of a site in a second.

    It takes several times as long as one reading and, while it works, three times the disk space of the compressed
    files, so it pays off when you use a release again. After a stop or a kill, the same call resumes where it was.

    Parameters
    ----------
    where
        A folder with a release's vertices, edges and ranks, or these files; on this machine, not at an address.
    path
        Folder to write into; created if missing.
    authority
        Whether to keep the ranks; False needs no ranks file.
    progress
        Show bars; None shows them for large files.

    Returns
    -------
    Path
        The folder, to be given to `read_web_graph` in place of the release.

    Raises
    ------
    FileExistsAlreadyError
        When the folder holds anything other than a conversion of this release, or another process converts into it.
    InvalidArgumentError
        When an argument is not allowed.
    MissingFileError
        When a file of the release is missing.
    UnreadableFileError
        When a file is cut off, damaged, or not what its name says.
    UnwritableFileError
        When the folder can't be written, as on a full disk.

    Examples
    --------
    >>> import linkgap as lg, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     converted = lg.convert_web_graph(lg.sample_web_graph(), pathlib.Path(folder) / "graph")
    ...     lg.read_web_graph(converted, sites=["oakdesk.example"]).sites
    ('oakdesk.example',)
    """
    if is_at_address(where):
        raise InvalidArgumentError("An address can't be converted. Fetch the files first: `linkgap webgraph fetch`.")
    release = find_release(where, ranks=authority, without="authority=False")
    release.check_kinds()
    target = path_of(path)
    question = {"files": [place.identity() for place in release.files.values()]}
    with looking_into(target):
        is_done = _is_done(target, question)
    if is_done:
        return target
    with _locked(target):
        if _is_done(target, question):
            return target
        if not (target / NOTE).exists():
            _convert(release, target, question, progress)
        _remove(target / UNFINISHED)
    return target


def _convert(release: Release, target: Path, question: Mapping[str, Any], progress: bool | None) -> None:  # noqa: FBT001 - None decides by size
    was_there = target.exists()
    try:
        _write_all(release, target, question, progress)
    except BrokenOffError:  # the partitioned edges stay, as those of a conversion that was killed do
        raise
    except (OSError, EngineError) as error:
        _clear(target, was_there=was_there)
        reason = getattr(error, "strerror", None)
        if isinstance(error, LinkgapError) and not isinstance(error, EngineError) and reason is None:
            raise
        message = (
            f"{target} can't be written ({reason or error}). Make room, or name another folder; nothing was left in it."
        )
        raise UnwritableFileError(message) from error
    except LinkgapError:  # the files are not what they should be: resuming can't help
        _clear(target, was_there=was_there)
        raise


def _write_all(release: Release, target: Path, question: Mapping[str, Any], progress: bool | None) -> None:  # noqa: FBT001 - None decides by size
    work = target / UNFINISHED
    work.mkdir(parents=True, exist_ok=True)
    _write_note(work / _RELEASE, question)
    (target / PARTS).mkdir(exist_ok=True)
    _write_vertices(release, work, target, progress)
    vertices = _count_vertices(target)
    partitions = Partitions(work, question, release.vertices, vertices)
    _partition_edges(release, partitions, progress)
    _sort_parts(partitions, target, progress)
    note = {"release": release.name, "file": release.edges.name, "question": question, **partitions.about()}
    _write_note(target / NOTE, note)


def _clear(target: Path, *, was_there: bool) -> None:
    """Remove what a conversion made; the target folder stays if it was there before."""
    for folder in (target / UNFINISHED, target / PARTS):
        _remove(folder)
    for name in (VERTICES, NOTE, Path(NOTE).with_suffix(".part").name):
        (target / name).unlink(missing_ok=True)
    if not was_there and target.is_dir() and not any(target.iterdir()):
        target.rmdir()


def _remove(folder: Path) -> None:
    """Remove a folder that a conversion made, but no files that somebody else put there."""
    if not folder.is_dir():
        return
    for path in list(folder.iterdir()):
        if _OWN.fullmatch(f"{folder.name}/{path.name}"):
            path.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()


@contextmanager
def _locked(target: Path) -> Iterator[None]:
    """Lock the folder against other processes that convert; the system releases the lock when this process ends.

    Raises
    ------
    FileExistsAlreadyError
        When another process converts into it.
    UnwritableFileError
        When its parent folder can't be written to.
    """
    resolved = target.resolve()  # "." has no name, and all paths to a folder have to share one lock
    lock_file = resolved.with_name(f".{resolved.name}.lock")
    try:
        resolved.parent.mkdir(parents=True, exist_ok=True)
        with lock_file.open("wb") as file:
            if not _lock(file):
                raise FileExistsAlreadyError(
                    f"Another process is converting into {target}. Wait, or name a new folder."
                )
            try:
                yield
            finally:
                with suppress(OSError):  # Windows removes no open file, and it would lock nobody out
                    lock_file.unlink()
    except LinkgapError:
        raise
    except OSError as error:
        message = f"{target} can't be written ({error.strerror}). Make room, or name another folder."
        raise UnwritableFileError(message) from error


def _lock(file: BinaryIO) -> bool:
    """Lock a file for this process; False when another process holds the lock."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_done(target: Path, question: Mapping[str, Any]) -> bool:
    """Tell whether the folder already holds the finished conversion.

    Raises
    ------
    FileExistsAlreadyError
        When it is a file, or holds anything but this conversion, finished or begun.
    """
    if not target.exists():
        return False
    if not target.is_dir():
        raise FileExistsAlreadyError(f"{target} is a file. Name a new folder.")
    contents = []
    for path in target.rglob("*"):
        contents.append(path.relative_to(target).as_posix())
        if not _OWN.fullmatch(contents[-1]):
            raise FileExistsAlreadyError(f"{target} contains other files, such as {contents[-1]}. Name a new folder.")
    asked = json.loads(json.dumps(question))
    if NOTE in contents:
        if _read_note(target / NOTE).get("question") != asked:
            message = f"{target} contains another release, or this one with other files or ranks. Name a new folder."
            raise FileExistsAlreadyError(message)
        return UNFINISHED not in contents
    has_files = any(not (target / name).is_dir() for name in contents)
    if has_files and _read_note(target / UNFINISHED / _RELEASE) != asked:
        message = f"{target} contains the beginning of another conversion. Name a new folder, or delete this one."
        raise FileExistsAlreadyError(message)
    return False


def _read_note(path: Path) -> dict[str, Any]:
    """Read a note; an empty one when it is missing or can't be parsed."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_vertices(release: Release, work: Path, target: Path, show: bool | None) -> None:  # noqa: FBT001 - None decides by size
    """Write the file of vertices (number, name, ranks), completely or not at all."""
    if (target / VERTICES).exists():
        return
    place = release.vertices
    with passes.progress(place.size(), "Checking vertices", show=show) as advance:
        vertices = passes.check_vertices(place, advance)
    engine = Engine(memory_limit=_ENGINE_MEMORY)
    cells = _VERTEX_COLUMNS[: passes.cells_of(place)]
    query = f"SELECT CAST(id AS BIGINT) AS id, name FROM {_table(place, cells)}"
    if release.ranks is not None:
        with passes.progress(release.ranks.size(), "Checking ranks", show=show) as advance:
            # Only for the checks of its lines: no name is a tab, so all of them are read.
            passes.ranks_of(release.ranks, [b"\t"], "commoncrawl_hc", advance)
        columns = _RANK_COLUMNS[: passes.cells_of(release.ranks)]
        table = _table(release.ranks, columns, skip=1)
        ranks = f"SELECT name, CAST(hc AS DOUBLE) AS hc, CAST(pr AS DOUBLE) AS pr FROM {table}"
        query = (
            f"SELECT v.id, v.name, r.hc AS commoncrawl_hc, r.pr AS commoncrawl_pr FROM ({query}) AS v "
            f"LEFT JOIN ({ranks}) AS r ON r.name = v.name"
        )
    draft = work / VERTICES
    with _naming_unreadable_files(release):
        engine.copy_to_parquet(f"{query} ORDER BY id", draft)
    view, _ = engine.offer_parquet(draft)
    if engine.rows(f"SELECT count(*) FROM {view}")[0][0] != vertices and release.ranks is not None:
        raise UnreadableFileError(f"{release.ranks.name} has two lines for one domain. {FETCH_AGAIN}")
    draft.replace(target / VERTICES)


_VERTEX_COLUMNS = ("id", "name", "hosts")
_RANK_COLUMNS = ("hc_pos", "hc", "pr_pos", "pr", "name", "hosts")


@contextmanager
def _naming_unreadable_files(release: Release) -> Iterator[None]:
    """Turn the engine's errors into one that names the files it can't read, unless it is the disk that fails.

    Raises
    ------
    UnreadableFileError
        When lines or gzip data are malformed.
    """
    try:
        yield
    except EngineError as error:
        if str(error).startswith("IO Error") and "GZIP" not in str(error):
            raise
        names = " or ".join(place.name for kind, place in release.files.items() if kind != "edges")
        message = (
            f"{names} can't be read to the end ({error}). "
            "Fetch it again, or unpack it with gunzip and convert the result."
        )
        raise UnreadableFileError(message) from error


def _table(place: Place, columns: tuple[str, ...], *, skip: int = 0) -> str:
    types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in columns)
    packed = "gzip" if place.is_packed() else "none"
    return (
        f"read_csv([{literal(place.where)}], auto_detect = false, header = false, delim = '\t', quote = '', "
        f"escape = '', columns = {{{types}}}, skip = {skip}, compression = '{packed}')"
    )


def _count_vertices(target: Path) -> int:
    engine = Engine()
    view, _ = engine.offer_parquet(target / VERTICES)
    return int(engine.rows(f"SELECT max(id) + 1 FROM {view}")[0][0])


class Partitions:
    """Edges partitioned by target into files that are appended to, and a note up to where they are complete.

    Parameters
    ----------
    place
        The file of vertices, for messages.
    vertices
        The largest number in it plus one.
    """

    def __init__(self, folder: Path, question: Mapping[str, Any], place: Place, vertices: int) -> None:
        self.folder = folder
        self.width = max(-(-vertices // MOST_PARTS), _LEAST_A_PART)
        self.parts = -(-vertices // self.width)
        self.vertices, self._place = vertices, place
        self.dtype = np.dtype(np.uint32 if vertices <= np.iinfo(np.uint32).max else np.int64)
        self._question = json.loads(json.dumps(dict(question)))
        self._pending: list[npt.NDArray[Any]] = []
        self._waiting = 0
        self.mark, self.lines, self.complete = Mark(), 0, False
        self._resume()

    def _resume(self) -> None:
        try:
            note = json.loads((self.folder / _NOTE).read_text(encoding="utf-8"))
            if note["question"] == self._question:
                self._cut_back(note["sizes"])
                self.mark, self.lines, self.complete = Mark(*note["mark"]), note["lines"], note["complete"]
                return
        except (OSError, ValueError, KeyError, TypeError):
            pass
        self.folder.mkdir(exist_ok=True)
        for part in range(self.parts):
            self.path(part).write_bytes(b"")

    def _cut_back(self, sizes: list[int]) -> None:
        """Truncate the files to their sizes in the note, which drops what was written after it.

        Raises
        ------
        ValueError
            When a file is shorter than the note says.
        OSError
            When one is missing whose edges are not yet sorted.
        """
        for part, size in enumerate(sizes):
            if (self.folder.parent / PARTS / part_name(part)).exists():
                continue
            if self.path(part).stat().st_size < size:
                raise ValueError(size)
            with self.path(part).open("r+b") as file:
                file.truncate(size)

    def path(self, part: int) -> Path:
        """Return the path of the file with the edges of a part."""
        return self.folder / f"dealt-{part:04}.bin"

    def add(self, sources: Numbers, targets: Numbers) -> None:
        """Add edges; they are buffered in memory until there are enough to write.

        Raises
        ------
        UnreadableFileError
            When an edge names a vertex that does not exist.
        """
        largest = max(int(sources.max()), int(targets.max()))
        if largest >= self.vertices:
            raise passes.unknown_vertex(self._place, largest)
        self._pending.append(np.column_stack([sources, targets]).astype(self.dtype))
        self._waiting += len(sources)
        self.lines += len(sources)
        if self._waiting >= _PENDING_EDGES:
            self._flush()

    def _flush(self) -> None:
        if not self._pending:
            return
        pairs = np.concatenate(self._pending)
        parts = (pairs[:, 1] // self.width).astype(np.uint16)
        pairs = pairs[np.argsort(parts, kind="stable")]
        bounds = np.concatenate([[0], np.cumsum(np.bincount(parts, minlength=self.parts))])
        for part in np.flatnonzero(np.diff(bounds)).tolist():
            with self.path(part).open("ab") as file:
                file.write(pairs[bounds[part] : bounds[part + 1]].tobytes())
        self._pending.clear()
        self._waiting = 0

    def write(self, mark: Mark, *, complete: bool = False) -> None:
        """Write the buffered edges, and a note that the files are complete up to a mark."""
        self._flush()
        sizes = [self.path(part).stat().st_size for part in range(self.parts)]
        self.mark, self.complete = mark, complete
        note = {"question": self._question, "mark": mark, "lines": self.lines, "sizes": sizes, "complete": complete}
        _write_note(self.folder / _NOTE, note)

    def about(self) -> dict[str, Any]:
        """Return what has to be known for reading the parts."""
        return {"width": self.width, "parts": self.parts, "edges": self.lines}


def _write_note(path: Path, note: Mapping[str, Any]) -> None:
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(note), encoding="utf-8")
    draft.replace(path)


def _partition_edges(release: Release, partitions: Partitions, show: bool | None) -> None:  # noqa: FBT001 - None decides by size
    if partitions.complete:
        return
    place, noted = release.edges, 0
    with (
        passes.progress(place.size(), "Partitioning links", show=show) as advance,
        passes.lines_of(place, "edges", "number, tab, number"),
    ):
        for block in passes.read_blocks(place, advance, start=partitions.mark):
            partitions.add(*edges(block.text, as_bytes(block.text)))
            if block.read - noted >= passes.BYTES_BETWEEN_NOTES:
                partitions.write(block.mark)
                noted = block.read
    partitions.write(Mark(), complete=True)


def _sort_parts(partitions: Partitions, target: Path, show: bool | None) -> None:  # noqa: FBT001 - None decides by size
    engine = Engine(memory_limit=_ENGINE_MEMORY)
    with passes.progress(partitions.lines, "Sorting links", show=show, unit=" links") as advance:
        for part in range(partitions.parts):
            path = target / PARTS / part_name(part)
            if not path.exists():
                pairs = np.fromfile(partitions.path(part), partitions.dtype).reshape(-1, 2)
                _write_part(engine, pairs, partitions.folder / path.name)
                (partitions.folder / path.name).replace(path)
                advance(len(pairs))
            partitions.path(part).unlink(missing_ok=True)


def _write_part(engine: Engine, pairs: npt.NDArray[Any], path: Path) -> None:
    import pandas as pd

    order = np.argsort(pairs[:, 1], kind="stable")
    engine.write_parquet(pd.DataFrame({"to_id": pairs[order, 1], "from_id": pairs[order, 0]}), path)
