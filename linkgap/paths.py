"""Resolves paths that users type: every public function that takes a path does it here."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linkgap.errors import InvalidArgumentError, UnreadableFileError, shown


def path_of(given: str | os.PathLike[str]) -> Path:
    """Return the path that was given, existing or not, with `~` expanded to the home folder.

    Raises
    ------
    InvalidArgumentError
        When the system allows no such name, or `given` is not a path.

    Examples
    --------
    >>> path_of("exports/mine.csv").name
    'mine.csv'
    >>> path_of("~nobody-here/mine.csv")
    Traceback (most recent call last):
        ...
    linkgap.errors.InvalidArgumentError: ~nobody-here/mine.csv names a user who does not exist on this machine. Write \
the folder in full.
    """
    try:
        path = Path(given).expanduser()
        os.lstat(path)
    except TypeError as error:
        message = f"{given!r} is not a path. Allowed: a text such as 'exports/mine.csv', or a Path."
        raise InvalidArgumentError(message) from error
    except RuntimeError as error:
        message = f"{shown(given)} names a user who does not exist on this machine. Write the folder in full."
        raise InvalidArgumentError(message) from error
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno != errno.ENAMETOOLONG:
            return path  # whether it exists, and may be used, is for the caller to check
        problem = getattr(error, "strerror", None) or error
        message = f"{shown(given)!r} can't be a file name: {problem}. Use a shorter one, without control characters."
        raise InvalidArgumentError(message) from error
    return path


@contextmanager
def looking_into(path: Path) -> Iterator[None]:
    """Turn the system's refusal to open a folder or file into an error that names it.

    Raises
    ------
    UnreadableFileError
        When the code in the `with` block lacks the permission.
    """
    try:
        yield
    except PermissionError as error:
        message = f"{shown(path)} can't be opened: {error.strerror}. Check that you may open it and its folder."
        raise UnreadableFileError(message) from error
