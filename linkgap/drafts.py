"""Files that are written completely or not at all: as a draft beside them, which is moved into place at the end."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from linkgap.errors import (
    FileExistsAlreadyError,
    InvalidArgumentError,
    LinkgapError,
    MissingFileError,
    UnwritableFileError,
)
from linkgap.temporary import TemporaryFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def check_place(target: Path, *, overwrite: bool) -> None:
    """Check, before long work, that `whole_file` can write to `target`: a file's name in a folder that exists.

    Raises
    ------
    InvalidArgumentError
        When it is a folder, a pipe or a device, or can't be a file name.
    FileExistsAlreadyError
        When the file exists and `overwrite` is False.
    MissingFileError
        When the folder does not exist.
    UnwritableFileError
        When the folder may not be looked into.
    """
    try:
        is_folder, has_folder = target.resolve().is_dir(), target.parent.is_dir()
        is_device = not is_folder and target.exists() and not target.is_file()
    except PermissionError as error:
        raise UnwritableFileError(
            f"{target} can't be written: you may not open its folder. Make it accessible, or name another."
        ) from error
    except (OSError, ValueError) as error:
        raise InvalidArgumentError(
            f"{str(target)!r} can't be a file name: {error}. Use a shorter one, without control characters."
        ) from error
    if is_folder:
        raise InvalidArgumentError(f"{target} is a folder. Name a file in it, such as {target / 'prospects.xlsx'}.")
    if is_device:
        raise InvalidArgumentError(f"{target} is a pipe or a device, which a file would replace. Name a file.")
    if not has_folder:
        raise MissingFileError(
            f"There is no folder {target.parent} to write {target.name} into. Create it first, or name another."
        )
    if not overwrite and os.path.lexists(target):
        raise _exists_already(target)


def _exists_already(target: Path) -> FileExistsAlreadyError:
    return FileExistsAlreadyError(f"{target} already exists. Name another file, or pass overwrite=True to replace it.")


@contextmanager
def whole_file(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """Yield a draft beside `target` to write to, and move it into place if all goes well.

    Raises
    ------
    FileExistsAlreadyError
        When the file has appeared meanwhile and `overwrite` is False.
    UnwritableFileError
        When the file can't be written; what was there before is untouched.
    """
    place = target.resolve()
    try:
        with TemporaryFolder(place.parent) as folder:
            draft = folder / "draft"
            yield draft
            _publish(draft, place, overwrite=overwrite)
    except OSError as error:
        if isinstance(error, LinkgapError) and error.strerror is None:
            raise  # of another file, which was to be written together with this one
        if isinstance(error, FileExistsError):
            raise _exists_already(target) from error
        raise UnwritableFileError(
            f"{target} can't be written: {error.strerror or error}. Nothing was changed. "
            "Close it in other programs, make room, or name another file."
        ) from error


def _publish(draft: Path, place: Path, *, overwrite: bool) -> None:
    """Move the draft into place in one step; without `overwrite`, a file that has appeared meanwhile is an error."""
    _flush(draft)
    if overwrite:
        with suppress(OSError):
            shutil.copymode(place, draft)
        draft.replace(place)
        return
    try:
        os.link(draft, place)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(place):
            raise FileExistsError from None
        draft.rename(place)


def _flush(draft: Path) -> None:
    """Flush the draft to the disk before it gets its name, so that a power cut leaves no empty file."""
    with draft.open("r+b") as file:
        os.fsync(file.fileno())
