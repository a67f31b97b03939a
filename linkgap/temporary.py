"""Temporary folders that are removed with their process; what a killed process left, the next one removes."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path

_PREFIX = "linkgap-"
_MARK = "in-use"
"""A file that its process keeps locked. The system releases the lock when the process ends, even if it was killed."""


class TemporaryFolder:
    """A folder that is removed with this object or when the process ends; after a kill, the next process removes it.

    Attributes
    ----------
    path
        Where it is.
    """

    def __init__(self) -> None:
        sweep()
        # The folder gets its name only once it is locked, so that no other process takes it for one left behind.
        unnamed = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}"))
        mark = os.open(unnamed / _MARK, os.O_CREAT | os.O_RDWR, 0o600)
        _lock(mark)
        self.path = unnamed.with_name(unnamed.name.removeprefix("."))
        unnamed.rename(self.path)
        self._finalizer = weakref.finalize(self, _remove, self.path, mark)

    def cleanup(self) -> None:
        """Remove the folder and everything in it."""
        self._finalizer()


def sweep() -> None:
    """Remove the folders of processes that have ended."""
    for mark in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_MARK}"):
        with suppress(OSError):  # another process was quicker, or the folder is another user's
            if not mark.parent.is_symlink() and _is_left(mark):
                shutil.rmtree(mark.parent, ignore_errors=True)


def _is_left(mark: Path) -> bool:
    file = os.open(mark, os.O_RDWR)
    try:
        return _lock(file)
    finally:
        os.close(file)


def _lock(file: int) -> bool:
    """Try to lock an open file for this process, and tell whether it worked."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _remove(folder: Path, mark: int) -> None:
    os.close(mark)
    shutil.rmtree(folder, ignore_errors=True)
