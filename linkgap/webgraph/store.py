"""A release as `convert_web_graph` wrote it: sites and their links are looked up instead of searched for."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from linkgap.engine import Engine, EngineError, literal
from linkgap.errors import InvalidArgumentError, UnreadableFileError
from linkgap.paths import looking_into, path_of
from linkgap.webgraph.passes import Edges

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linkgap.webgraph.lines import Numbers
    from linkgap.webgraph.passes import Ranks

NOTE, VERTICES, PARTS, UNFINISHED = "web_graph.json", "vertices.parquet", "edges", "unfinished"


def part_name(part: int) -> str:
    """Return the name of a part's file."""
    return f"part-{part:04}.parquet"


def _query_for_id(view: str, name: bytes) -> str:
    return f"SELECT id FROM {view} WHERE name = {literal(name.decode())}"


@dataclass(frozen=True)
class Store:
    """A converted release."""

    folder: Path
    note: Mapping[str, Any]
    engine: Engine

    @property
    def name(self) -> str:
        """Name of the release."""
        return str(self.note["release"])

    def numbers_of(self, names: Sequence[bytes]) -> dict[bytes, int]:
        """Return the vertex numbers of some reversed names; names that are not in the release are left out."""
        found: dict[bytes, int] = {}
        with _reading(self.folder / VERTICES) as path:
            view, _ = self.engine.offer_parquet(path)
            for name in names:  # one by one: only then does the engine skip blocks that can't hold the name
                found.update((name, int(row[0])) for row in self.engine.rows(_query_for_id(view, name)))
        return found

    def edges_to(self, targets: Sequence[int]) -> Edges:
        """Return all edges to the given targets, sorted by source."""
        columns: list[tuple[Numbers, Numbers]] = [(np.empty(0, np.int64), np.empty(0, np.int64))]
        for target in targets:
            with _reading(self.folder / PARTS / part_name(target // self.note["width"])) as path:
                view, _ = self.engine.offer_parquet(path)
                found = self.engine.columns(f"SELECT from_id FROM {view} WHERE to_id = {target}")["from_id"]
            columns.append((np.asarray(found, np.int64), np.full(len(found), target, np.int64)))
        sources, found_targets = (np.concatenate(column) for column in zip(*columns, strict=True))
        order = np.lexsort((found_targets, sources))
        return Edges(sources[order], found_targets[order], int(self.note["edges"]))

    def names_of(self, wanted: Numbers, metric: str | None) -> tuple[list[bytes], Ranks]:
        """Return the reversed names of some vertex numbers, and their ranks: NaN for a name that has none.

        Raises
        ------
        InvalidArgumentError
            When the release was converted without ranks.
        UnreadableFileError
            When a number has no name: vertices and edges were of different releases.
        """
        with _reading(self.folder / VERTICES) as path:
            view, columns = self.engine.offer_parquet(path)
        if metric is not None and metric not in columns:
            message = f"{self.folder} was converted without ranks. Allowed: authority=None. Or convert it with ranks."
            raise InvalidArgumentError(message)
        self.engine.put("wanted_vertices", {"id": wanted})
        rank = f"v.{metric}" if metric else "NULL"
        with _reading(self.folder / VERTICES):
            rows = self.engine.rows(
                f"SELECT v.id, coalesce(v.name, ''), {rank} "
                f"FROM {view} AS v JOIN wanted_vertices AS w ON w.id = v.id ORDER BY v.id"
            )
        if nameless := set(wanted.tolist()).difference(number for number, *_ in rows):
            message = (
                f"The edges in {self.folder} refer to domain number {min(nameless):,}, which its vertices don't "
                "contain. Fetch the vertices and edges of one release, and convert them into a new folder."
            )
            raise UnreadableFileError(message)
        return [name.encode() for _, name, _ in rows], np.array([rank for *_, rank in rows], dtype=float)


@contextmanager
def _reading(path: Path) -> Iterator[Path]:
    """Turn errors of reading a converted file into one that names it and says what to do.

    Raises
    ------
    UnreadableFileError
        When the file is missing or damaged.
    """
    try:
        yield path
    except (EngineError, UnreadableFileError) as error:
        reason = f"can't be read: {error}" if isinstance(error, EngineError) else "is damaged or cut off."
        problem = reason if path.is_file() else "is missing."
        raise UnreadableFileError(f"{path} {problem} Convert the release again into a new folder.") from error


def open_store(where: object, *, memory_limit: str | None) -> Store | None:
    """Open a folder that `convert_web_graph` made; None for anything else.

    Raises
    ------
    UnreadableFileError
        When a conversion was not finished, or its note is damaged.
    """
    if not isinstance(where, str | Path) or "://" in str(where):
        return None
    folder = path_of(where)
    with looking_into(folder):
        is_unfinished, is_store = (folder / UNFINISHED).exists(), (folder / NOTE).exists()
    if is_unfinished:
        message = (
            f"The conversion in {folder} is not finished. Call convert_web_graph again: it resumes where it stopped."
        )
        raise UnreadableFileError(message)
    if not is_store:
        return None
    try:
        note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        complete = isinstance(note, dict) and {"release", "file", "width", "edges"} <= set(note)
    except ValueError:
        complete = False
    if not complete:
        raise UnreadableFileError(f"{folder / NOTE} is damaged. Convert the release again into a new folder.")
    return Store(folder, note, Engine(memory_limit=memory_limit))
