"""What can go wrong, in words: what came, what is allowed, what to do next."""

import datetime as dt
import re
from collections.abc import Iterable
from numbers import Integral, Real


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
    """A file is a table, but not a list of backlinks or referring domains.

    Attributes
    ----------
    proposed
        What its columns seem to be, as `read_links(..., columns=...)` takes it; empty when nothing looks like it.
    """

    proposed: dict[str, str] = {}  # noqa: RUF012 - each error that has one has its own


class TooMuchLossError(LinkgapError, ValueError):
    """More rows of a file are damaged than `max_loss` allows."""


class TooFewLinksError(LinkgapError, ValueError):
    """There are too few links to learn from, or to test a ranking on."""


class MissingFileError(LinkgapError, FileNotFoundError):
    """A file or folder that was named does not exist."""


class FileExistsAlreadyError(LinkgapError, FileExistsError):
    """A file would be overwritten, and nobody said that it may be."""


class UnwritableFileError(LinkgapError, OSError):
    """A file can't be written: no permission, no room, or another program holds it."""


class NotCopiableError(LinkgapError, TypeError):
    """A value was pickled or copied in depth whose tables live in this process alone."""


class WebError(LinkgapError, OSError):
    """The web did not answer, or its answer is of no use."""


class RefusedAddressError(LinkgapError):
    """A host's address is not the public internet's, and nobody allowed the host by name."""


class ServiceError(WebError):
    """A service did not give what it was asked for; what it gave before is kept."""


class KeyRefusedError(ServiceError):
    """There is no key for a service, or the service does not take it."""


class NoUnitsLeftError(ServiceError):
    """The account at a service has no units, credits or money left."""


class ServiceAnswerError(ServiceError, ValueError):
    """The answer of a service is not in the form that its documents describe."""


class MissingLibraryError(LinkgapError, ImportError):
    """An optional library is needed for what was asked."""


MOST_NAMES = 10
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?")


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


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: `1 file`, `2,000 files`.

    Examples
    --------
    >>> counted(1, "file"), counted(2000, "file")
    ('1 file', '2,000 files')
    """
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def shown(name: object) -> str:
    r"""Write a file's name so that it can be printed and saved; bytes that are no UTF-8 stand as escapes.

    Examples
    --------
    >>> print(shown("caf\udce9.csv"))
    caf\xe9.csv
    """
    return str(name).encode(errors="surrogateescape").decode(errors="backslashreplace")


def is_number(value: object, *, whole: bool = False) -> bool:
    """Tell whether a value is a number (numpy's too), and not a truth value.

    Examples
    --------
    >>> is_number(0.5), is_number(0.5, whole=True), is_number(True), is_number("1")
    (True, False, False, False)
    """
    return isinstance(value, Integral if whole else Real) and not isinstance(value, bool)


def day_of(value: object) -> dt.date | None:
    """Return the day of a date, or of a text such as 2026-01-31 that may go on with a time; None when it is no day.

    Examples
    --------
    >>> day_of("2026-01-31"), day_of(dt.datetime(2026, 1, 31, 9)), day_of("31/01/2026"), day_of(20260131)
    (datetime.date(2026, 1, 31), datetime.date(2026, 1, 31), None, None)
    """
    try:
        if isinstance(value, str):
            text = value.strip()
            return dt.date.fromisoformat(text[:10]) if _DAY.fullmatch(text) else None
        # A datetime is a date; pandas' NaT counts as one and knows no day.
        return dt.date(value.year, value.month, value.day) if isinstance(value, dt.date) else None
    except (TypeError, ValueError):
        return None


def check_kind(given: object, kind: type, name: str, allowed: str) -> None:
    """Refuse, as the argument `name`, what is of another kind, such as the result of the stage before.

    Raises
    ------
    InvalidArgumentError
        Then; it says what is `allowed`.

    Examples
    --------
    >>> check_kind("exports/", dict, "links", "links, as read_links returns them")
    Traceback (most recent call last):
        ...
    linkgap.errors.InvalidArgumentError: links is a str. Allowed: links, as read_links returns them.
    """
    if not isinstance(given, kind):
        message = f"{name} is a {type(given).__name__}. Allowed: {allowed}."
        raise InvalidArgumentError(message)


def check_most(most: int) -> None:
    """Refuse what is no number of things to draw or to list.

    Raises
    ------
    InvalidArgumentError
        When it is not a whole number from 1.
    """
    if not is_number(most, whole=True) or most < 1:
        message = f"most={most!r} is not allowed. Allowed: a whole number, 1 or more."
        raise InvalidArgumentError(message)


def listed(texts: Iterable[str], option: str) -> list[str]:
    """Return the texts of an option that takes several, and refuse one that was given without a list around it.

    Raises
    ------
    InvalidArgumentError
        When `texts` is a single text, a whole table or no list, or holds anything else than texts.

    Examples
    --------
    >>> listed(("a.example", "b.example"), "own")
    ['a.example', 'b.example']
    """
    if isinstance(texts, str):
        message = f"{option}={texts!r} is one text. Allowed: a list, such as {option}=[{texts!r}]."
        raise InvalidArgumentError(message)
    if hasattr(texts, "columns"):  # whose texts, to Python, are the names of its columns
        message = (
            f"{option} is a whole table. Allowed: a list, or one of its columns, such as {option}=frame['domain']."
        )
        raise InvalidArgumentError(message)
    if not isinstance(texts, Iterable):
        message = f"{option}={texts!r} is no list. Allowed: texts, such as {option}=['example.com']."
        raise InvalidArgumentError(message)
    found = list(texts)
    wrong = [each for each in found if not isinstance(each, str)]
    if wrong:
        message = f"{option} holds {wrong[0]!r}. Allowed: texts, such as {option}=['example.com']."
        raise InvalidArgumentError(message)
    return found
