"""What can go wrong, in words: what came, what is allowed, what to do next."""

from collections.abc import Iterable


class LinkgapError(Exception):
    """Any failure that linkgap foresees; its message is meant for the user."""


class LinkgapWarning(UserWarning):
    """Something was left out or is uncertain, and the result says so too."""


class InvalidArgumentError(LinkgapError, ValueError):
    """An option has a value that is not allowed."""


class UnknownSiteError(LinkgapError, ValueError):
    """A site was asked for that the links do not hold, or no site could be told for a file."""


class UnknownDomainError(LinkgapError, KeyError):
    """A domain was asked for that is not among the prospects."""

    def __str__(self) -> str:
        """Return the message itself: `KeyError` would show its repr."""
        return str(self.args[0])


class UnreadableFileError(LinkgapError, ValueError):
    """A file is no table of text, or is damaged beyond reading."""


class NotBacklinksError(UnreadableFileError):
    """A file is a table, but not a list of backlinks or referring domains."""


class TooMuchLossError(LinkgapError, ValueError):
    """More rows of a file are damaged than `max_loss` allows."""


class MissingFileError(LinkgapError, FileNotFoundError):
    """A file or folder that was named does not exist."""


class FileExistsAlreadyError(LinkgapError, FileExistsError):
    """A file would be overwritten, and nobody said that it may be."""


class MissingLibraryError(LinkgapError, ImportError):
    """An optional library is needed for what was asked."""


MOST_NAMES = 10


def in_words(names: Iterable[object], *, limit: int = MOST_NAMES) -> str:
    """List `names`, sorted, at most `limit` of them and how many more there are.

    Examples
    --------
    >>> in_words(["b", "a"])
    'a, b'
    >>> in_words("abcdef", limit=2)
    'a, b and 4 more'
    >>> in_words([])
    'none'
    """
    texts = sorted(str(name) for name in names)
    if not texts:
        return "none"
    rest = len(texts) - limit
    return ", ".join(texts[:limit]) + (f" and {rest:,} more" if rest > 0 else "")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Write a number with its noun: `1 file`, `2,000 files`.

    Examples
    --------
    >>> counted(1, "file"), counted(2000, "file"), counted(0, "reply", "replies")
    ('1 file', '2,000 files', '0 replies')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
