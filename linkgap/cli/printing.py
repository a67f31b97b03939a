"""Prints a command's output: all of it goes through `printable`, as it may hold untrusted text."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from linkgap.errors import LinkgapWarning, UnwritableFileError
from linkgap.terminal import in_shell_words, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TextIO


def say_all(lines: Iterable[str], *, error: bool = False) -> None:
    """Print lines."""
    for line in lines:
        say(line, error=error)


def say(line: str, *, error: bool = False) -> None:
    """Print a line; characters that the terminal's encoding lacks are replaced.

    Raises
    ------
    UnwritableFileError
        When the output goes into a file that can't be written, as on a full disk.
    """
    stream = sys.stderr if error else sys.stdout
    if stream is None:  # closed, as with `>&-`: nobody wants to read it
        return
    encoding = stream.encoding or "utf-8"
    try:
        print(printable(line).encode(encoding, "replace").decode(encoding), file=stream, flush=True)
    except OSError as problem:
        _print_nowhere(stream)
        # A broken pipe, as with `| head`, is not an error: the work goes on, as a file may have been asked for.
        if not error and not isinstance(problem, BrokenPipeError):
            message = f"The output can't be written: {problem.strerror}. Send it elsewhere, or make room."
            raise UnwritableFileError(message) from problem


def _print_nowhere(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def show_warning(
    show: Callable[..., None], message: Warning | str, category: type[Warning], *place: object, **more: object
) -> None:
    """Print a warning of linkgap's as a note; pass others on to `show`."""
    if issubclass(category, LinkgapWarning):
        say(f"note: {in_shell_words(str(message))}", error=True)
    else:
        show(message, category, *place, **more)
