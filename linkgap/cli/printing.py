"""What a command prints: all of it goes through `printable`, as it holds text from strangers."""

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
    """Print a line, in what the terminal can show.

    Raises
    ------
    UnwritableFileError
        When what is printed goes into a file that takes no more.
    """
    stream = sys.stderr if error else sys.stdout
    if stream is None:  # closed, as with `>&-`: nobody wants to read it
        return
    encoding = stream.encoding or "utf-8"
    try:
        print(printable(line).encode(encoding, "replace").decode(encoding), file=stream, flush=True)
    except OSError as problem:
        _print_nowhere(stream)
        # Nobody reads on, as behind `| head`: the work is finished all the same, as a file may be asked for.
        if not error and not isinstance(problem, BrokenPipeError):
            message = f"What is printed can't be written: {problem.strerror}. Print it elsewhere, or make room."
            raise UnwritableFileError(message) from problem


def _print_nowhere(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def show_warning(
    show: Callable[..., None], message: Warning | str, category: type[Warning], *place: object, **more: object
) -> None:
    """Print a warning of ours as a note; `show` those of others."""
    if issubclass(category, LinkgapWarning):
        say(f"note: {in_shell_words(str(message))}", error=True)
    else:
        show(message, category, *place, **more)
