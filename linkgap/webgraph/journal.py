"""The journal from which an interrupted pass resumes: the pairs found so far, and how far the file was read.

gzip can't be entered in the middle, so resuming means decompressing again what was read before, without searching it;
a file of several gzip members is entered at the last member that had been begun.

Two passes over one file may run at once. So each writes what it found to a file of its own and answers from memory; the
note names the file that it describes, and is replaced atomically.
"""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from linkgap.errors import UnwritableFileError, counted
from linkgap.webgraph.unpacking import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from linkgap.webgraph.lines import Numbers

NOTE = "journal.json"
_FOUND = f"found-{'[0-9a-f]' * 12}.bin"


class Journal:
    """Pairs of numbers that were found, and a note that says up to which point of the file they are complete.

    Parameters
    ----------
    folder
        Where they are written; created if missing. `close` removes what was written, also by earlier passes that did
        not end, and the folder too, unless it holds anything else or was there and empty before. None keeps everything
        in memory.
    question
        What is searched for in which file. A journal of another question is not resumed.
    """

    def __init__(self, folder: Path | None, question: Mapping[str, Any]) -> None:
        self.folder = folder
        self._question = json.loads(json.dumps(question))
        self._own = f"found-{secrets.token_hex(6)}.bin"
        self._before: str | None = None
        self._pairs = [np.empty((0, 2), np.int64)]
        self._written, self._bytes = 0, 0
        self.mark, self.lines = Mark(), 0
        self._stays = folder is not None and _is_empty(folder)
        if folder is not None:
            self._resume(folder)

    def _resume(self, folder: Path) -> None:
        try:
            note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
            if note["question"] != self._question:
                return
            found = (folder / note["file"]).read_bytes()
            if len(found) < note["bytes"]:
                return
            self._pairs.append(np.frombuffer(found[: note["bytes"]], np.int64).reshape(-1, 2))
            self.mark, self.lines, self._before = Mark(*note["mark"]), note["lines"], note["file"]
        except (OSError, ValueError, KeyError, TypeError):
            self.mark, self.lines = Mark(), 0  # a journal that can't be parsed counts as none

    def add(self, pairs: Numbers, *, lines: int) -> None:
        """Keep the pairs that were found in the next `lines` lines, one per row."""
        self.lines += lines
        if len(pairs):
            self._pairs.append(pairs)

    def write(self, mark: Mark) -> None:
        """Write to disk what was found, and that it is complete up to a mark.

        Raises
        ------
        UnwritableFileError
            When it can't be written, as on a full disk; what was written before is removed then.
        """
        if self.folder is None:
            return
        try:
            self._write(self.folder, mark)
        except OSError as error:
            self.close()
            message = (
                f"What was found so far can't be saved in {self.folder} ({error.strerror}). "
                "Make room there, or name another folder: work=..."
            )
            raise UnwritableFileError(message) from error
        self.mark = mark

    def _write(self, folder: Path, mark: Mark) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        own = folder / self._own
        with own.open("ab") as file:
            if file.tell() != self._bytes:  # another pass removed it, or the disk was full
                file.truncate(0)
                file.seek(0)
                self._written = 0
            for pairs in self._pairs[self._written :]:
                file.write(pairs.tobytes())
            self._bytes = file.tell()
        self._written = len(self._pairs)
        note = {"question": self._question, "mark": mark, "lines": self.lines, "file": self._own, "bytes": self._bytes}
        part = own.with_suffix(".part")
        part.write_text(json.dumps(note), encoding="utf-8")
        part.replace(folder / NOTE)
        self._forget_before(folder)

    def _forget_before(self, folder: Path) -> None:
        if self._before is not None:
            (folder / self._before).unlink(missing_ok=True)
            self._before = None

    def pairs(self) -> tuple[Numbers, Numbers]:
        """Return everything that was found, as two arrays."""
        found = np.concatenate(self._pairs)
        return found[:, 0], found[:, 1]

    def close(self) -> None:
        """Remove what was written, once the pass is complete or can't be completed."""
        folder = self.folder
        if folder is None or not folder.is_dir():
            return
        if self._noted(folder) in {self._own, self._before}:
            (folder / NOTE).unlink(missing_ok=True)
        (folder / self._own).with_suffix(".part").unlink(missing_ok=True)
        noted = self._noted(folder)
        for found in folder.glob(_FOUND):
            if found.name != noted:  # no pass can resume from it; one that still runs writes it anew
                found.unlink(missing_ok=True)
        if not self._stays and _is_empty(folder):
            with suppress(OSError):  # a symlink, a mount, or in a read-only folder: the result matters more
                folder.rmdir()

    @staticmethod
    def _noted(folder: Path) -> str | None:
        """Return the name of the file that the note on disk describes."""
        try:
            return str(json.loads((folder / NOTE).read_text(encoding="utf-8"))["file"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def __repr__(self) -> str:
        """State how many lines were read."""
        return f"Journal: {counted(self.lines, 'line')} read"


def _is_empty(folder: Path) -> bool:
    """Tell whether a folder exists and is empty."""
    try:
        return not any(folder.iterdir())
    except OSError:
        return False
