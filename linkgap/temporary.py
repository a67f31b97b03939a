"""Temporary folders that are removed with their process; what a killed process left, the next one removes."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path

_PREFIX, _MARK = ".linkgap-", "in-use"
"""The mark is a file that its process keeps locked. The system releases it when the process ends, even if killed."""


class TemporaryFolder:
    """A folder that is removed with this object or when the process ends; after a kill, the next process removes it.

    In a `with` statement it yields its path, and is removed at the end.

    Parameters
    ----------
    place
        The folder to make it in; None makes it in the system's temporary folder.

    Attributes
    ----------
    path
        Where it is.
    """

    def __init__(self, place: Path | None = None) -> None:
        sweep(place)
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        mark = os.open(self.path / _MARK, os.O_CREAT | os.O_RDWR, 0o600)
        self._finalizer = weakref.finalize(self, _remove, self.path, mark)
        _lock(mark)
        with suppress(OSError):  # on a full disk it stays empty: other processes leave such a folder alone
            os.write(mark, b"locked")

    def __enter__(self) -> Path:
        """Return where it is."""
        return self.path

    def __exit__(self, *_: object) -> None:
        """Remove it."""
        self.cleanup()

    def cleanup(self) -> None:
        """Remove the folder and everything in it."""
        self._finalizer()


def sweep(place: Path | None = None) -> None:
    """Remove the folders that ended processes left in `place`; None means the system's temporary folder."""
    for mark in Path(place or tempfile.gettempdir()).glob(f"{_PREFIX}*/{_MARK}"):
        with suppress(OSError):  # another process was quicker, or the folder is another user's
            if not mark.parent.is_symlink() and mark.stat().st_size and _is_left(mark):
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
