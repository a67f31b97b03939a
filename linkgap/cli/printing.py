"""What a command prints: all of it goes through `printable`, as it holds text from strangers."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from linkgap.errors import LinkgapWarning
from linkgap.terminal import in_shell_words, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def say_all(lines: Iterable[str], *, error: bool = False) -> None:
    """Print lines."""
    for line in lines:
        say(line, error=error)


def say(line: str, *, error: bool = False) -> None:
    """Print a line, in what the terminal can show."""
    stream = sys.stderr if error else sys.stdout
    encoding = stream.encoding or "utf-8"
    try:
        print(printable(line).encode(encoding, "replace").decode(encoding), file=stream, flush=True)
    except BrokenPipeError:
        # Nobody reads on, as behind `| head`. The work is finished all the same: a file may be asked for.
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
