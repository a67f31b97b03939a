"""What a stopped pass leaves behind, so that the next one goes on: numbers found so far, and up to where.

gzip can't be entered in the middle, so going on means unpacking what was read before without looking at it; a file of
several gzip members is entered at the last member that had begun. What has been found is not looked for again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from linkgap.errors import UnwritableFileError, counted
from linkgap.webgraph.unpacking import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from linkgap.webgraph.lines import Numbers


NOTE, FOUND, _PART = "journal.json", "found.bin", "journal.part"


class Journal:
    """Pairs of numbers in a file that only grows, and a note up to where they are complete.

    Parameters
    ----------
    folder
        Where both are; made when it is not there, and removed by `close`. None keeps everything in memory.
    question
        What is looked for in which file: a journal of another question is begun anew.
    """

    def __init__(self, folder: Path | None, question: Mapping[str, Any]) -> None:
        self.folder = folder
        self._question = json.loads(json.dumps(question))
        self._pending: list[Numbers] = []
        self.mark, self.lines = Mark(), 0
        if folder is not None:
            self._resume(folder)

    def _resume(self, folder: Path) -> None:
        found, told = folder / FOUND, folder / NOTE
        try:
            note = json.loads(told.read_text(encoding="utf-8"))
            if note["question"] == self._question and found.stat().st_size >= note["bytes"]:
                with found.open("r+b") as file:
                    file.truncate(note["bytes"])
                self.mark, self.lines = Mark(*note["mark"]), note["lines"]
                return
        except (OSError, ValueError, KeyError, TypeError):
            pass
        self._remove_files()

    def add(self, first: Numbers, second: Numbers, *, lines: int) -> None:
        """Keep pairs that were found, in memory at first."""
        self.lines += lines
        if len(first):
            self._pending.append(np.column_stack([first, second]))

    def write(self, mark: Mark) -> None:
        """Write down what was found, and that it is complete up to a mark.

        Raises
        ------
        UnwritableFileError
            When there is no room; what was written is removed then.
        """
        if self.folder is None:
            return
        try:
            self._write(self.folder, mark)
        except OSError as error:
            self.close()
            message = (
                f"What was found so far can't be kept in {self.folder} ({error.strerror}). "
                "Make room there, or name another folder: work=..."
            )
            raise UnwritableFileError(message) from error
        self._pending.clear()
        self.mark = mark

    def _write(self, folder: Path, mark: Mark) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / FOUND).open("ab") as file:
            for pairs in self._pending:
                file.write(pairs.tobytes())
            size = file.tell()
        note = {"question": self._question, "mark": mark, "lines": self.lines, "bytes": size}
        (folder / _PART).write_text(json.dumps(note), encoding="utf-8")
        (folder / _PART).replace(folder / NOTE)

    def pairs(self) -> tuple[Numbers, Numbers]:
        """Return everything that was found."""
        kept = np.empty((0, 2), np.int64)
        if self.folder is not None and (self.folder / FOUND).exists():
            kept = np.fromfile(self.folder / FOUND, np.int64).reshape(-1, 2)
        found = np.concatenate([kept, *self._pending])
        return found[:, 0], found[:, 1]

    def close(self) -> None:
        """Remove what was written: the answer is known, or can't be."""
        if self.folder is None:
            return
        self._remove_files()
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _remove_files(self) -> None:
        if self.folder is not None:
            for name in (NOTE, FOUND, _PART):
                (self.folder / name).unlink(missing_ok=True)

    def __repr__(self) -> str:
        """State how far it got."""
        return f"Journal: {counted(self.lines, 'line')} read"
