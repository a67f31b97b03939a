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
    """A site was asked for that the links do not have, or it can't be told which site a file is for."""


class UnknownDomainError(LinkgapError, KeyError):
    """A domain was asked for that is not among the prospects, or, for a disavow file, does not link to the site."""

    def __str__(self) -> str:
        """Return the message itself: `KeyError` would show its repr."""
        return str(self.args[0])


class UnreadableFileError(LinkgapError, ValueError):
    """A file is not a table of text, or is damaged beyond reading."""


class NotBacklinksError(UnreadableFileError):
    """A file is a table, but not a list of backlinks or referring domains.

    Attributes
    ----------
    proposed
        A guess at what its columns are, as `read_links(..., columns=...)` takes it; empty when there is none.
    """

    proposed: dict[str, str] = {}  # noqa: RUF012 - an error with a proposal gets a dict of its own


class TooMuchLossError(LinkgapError, ValueError):
    """More rows of a file are damaged than `max_loss` allows."""


class TooFewLinksError(LinkgapError, ValueError):
    """There are too few links to learn from, to compare sites by, or to test a ranking on."""


class MissingFileError(LinkgapError, FileNotFoundError):
    """A file or folder that was named does not exist."""


class FileExistsAlreadyError(LinkgapError, FileExistsError):
    """A file would be overwritten, which the caller has not allowed."""


class UnwritableFileError(LinkgapError, OSError):
    """A file can't be written: no permission, a full disk, or another program holds it."""


class NotCopiableError(LinkgapError, TypeError):
    """A value whose tables live only in this process was pickled or deep-copied."""


class WebError(LinkgapError, OSError):
    """A web server did not answer, or its answer can't be used."""


class RefusedAddressError(LinkgapError):
    """A host's address is not on the public internet, and the host was not allowed by name."""


class ServiceError(WebError):
    """A service did not deliver what it was asked for; what it delivered before is kept."""


class KeyRefusedError(ServiceError):
    """There is no key for a service, or the service rejects it."""


class NoUnitsLeftError(ServiceError):
    """The account at a service has no units, credits or money left."""


class ServiceAnswerError(ServiceError, ValueError):
    """The answer of a service is not in the form that its documents describe."""


class MissingLibraryError(LinkgapError, ImportError):
    """An optional library that is needed for what was asked is not installed."""


MOST_NAMES = 10
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?")


def in_words(names: Iterable[object], *, limit: int = MOST_NAMES) -> str:
    """List `names`, sorted: at most `limit` of them, and how many more there are.

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
    r"""Write a file's name so that it can be printed and saved; bytes that are not UTF-8 become escapes.

    Examples
    --------
    >>> print(shown("caf\udce9.csv"))
    caf\xe9.csv
    """
    return str(name).encode(errors="surrogateescape").decode(errors="backslashreplace")


def is_number(value: object, *, whole: bool = False) -> bool:
    """Tell whether a value is a number (numpy's too), and not a boolean.

    Examples
    --------
    >>> is_number(0.5), is_number(0.5, whole=True), is_number(True), is_number("1")
    (True, False, False, False)
    """
    return isinstance(value, Integral if whole else Real) and not isinstance(value, bool)


def day_of(value: object) -> dt.date | None:
    """Return the day of a date, or of a text such as 2026-01-31, with or without a time; None when it is not a day.

    Examples
    --------
    >>> day_of("2026-01-31"), day_of(dt.datetime(2026, 1, 31, 9)), day_of("31/01/2026"), day_of(20260131)
    (datetime.date(2026, 1, 31), datetime.date(2026, 1, 31), None, None)
    """
    try:
        if isinstance(value, str):
            text = value.strip()
            return dt.date.fromisoformat(text[:10]) if _DAY.fullmatch(text) else None
        # A datetime is a date, too. So is pandas' NaT, but it has no day.
        return dt.date(value.year, value.month, value.day) if isinstance(value, dt.date) else None
    except (TypeError, ValueError):
        return None


def check_kind(given: object, kind: type, name: str, allowed: str) -> None:
    """Check that the argument `name` is of type `kind`, and not the result of another stage, for instance.

    Raises
    ------
    InvalidArgumentError
        When it is not; the message says what is `allowed`.

    Examples
    --------
    >>> check_kind("exports/", dict, "links", "links, as read_links returns them")
    Traceback (most recent call last):
        ...
    linkgap.errors.InvalidArgumentError: links is of type str. Allowed: links, as read_links returns them.
    """
    if not isinstance(given, kind):
        message = f"{name} is of type {type(given).__name__}. Allowed: {allowed}."
        raise InvalidArgumentError(message)


def check_most(most: int) -> None:
    """Check a maximum number of things to draw or to list.

    Raises
    ------
    InvalidArgumentError
        When it is not a whole number of 1 or more.
    """
    if not is_number(most, whole=True) or most < 1:
        message = f"most={most!r} is not allowed. Allowed: a whole number of 1 or more."
        raise InvalidArgumentError(message)


def listed(texts: Iterable[str], option: str) -> list[str]:
    """Return the texts given for an option that takes several; refuse a single one without a list around it.

    Raises
    ------
    InvalidArgumentError
        When `texts` is a single text, a whole table or not iterable, or holds anything other than texts.

    Examples
    --------
    >>> listed(("a.example", "b.example"), "own")
    ['a.example', 'b.example']
    """
    if isinstance(texts, str):
        message = f"{option}={texts!r} is a single text. Allowed: a list, such as {option}=[{texts!r}]."
        raise InvalidArgumentError(message)
    if hasattr(texts, "columns"):  # iterating over it would yield its column names
        message = (
            f"{option} is a whole table. Allowed: a list, or one of its columns, such as {option}=frame['domain']."
        )
        raise InvalidArgumentError(message)
    if not isinstance(texts, Iterable):
        message = f"{option}={texts!r} is not a list. Allowed: a list of texts, such as {option}=['example.com']."
        raise InvalidArgumentError(message)
    found = list(texts)
    wrong = [each for each in found if not isinstance(each, str)]
    if wrong:
        message = f"{option} contains {wrong[0]!r}. Allowed: only texts, such as {option}=['example.com']."
        raise InvalidArgumentError(message)
    return found
