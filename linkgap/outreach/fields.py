"""The fields kept for a domain, and how they are stored: plain text, days as 2026-01-31, one of a few statuses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from linkgap.cells import without_controls
from linkgap.domains import host_of, registrable_domain
from linkgap.errors import InvalidArgumentError, day_of, in_words, listed
from linkgap.schema import STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_NOTE_CHARACTERS = 10_000
MOST_WORD_CHARACTERS = 500
_LINE_ENDS = re.compile(r"\r\n?")


def read_domain(text: str) -> str | None:
    """Return the registrable domain of a domain, host or address, or None when the text is none of these.

    Examples
    --------
    >>> read_domain("https://www.blog.example/page"), read_domain("two words")
    ('blog.example', None)
    """
    host = host_of(text)
    return None if host is None else registrable_domain(host)


def read_domains(domains: str | Iterable[str]) -> list[str]:
    """Return the registrable domains of one or several texts, each once.

    Raises
    ------
    InvalidArgumentError
        When any of them is not a domain.

    Examples
    --------
    >>> read_domains(["www.blog.example", "https://blog.example/", "news.example"])
    ['blog.example', 'news.example']
    """
    if not isinstance(domains, Iterable):
        message = f"domains={domains!r} is not a domain. Allowed: a domain or a list of them, such as ['blog.example']."
        raise InvalidArgumentError(message)
    texts = [domains] if isinstance(domains, str) else listed(domains, "domains")
    read = {text: read_domain(text) for text in texts}
    wrong = [repr(text) for text, domain in read.items() if domain is None]
    if wrong:
        message = (
            f"Not a domain: {in_words(wrong)}. Allowed: domains or addresses, such as 'blog.example'. "
            "Nothing was changed."
        )
        raise InvalidArgumentError(message)
    return list(dict.fromkeys(domain for domain in read.values() if domain is not None))


def clean_text(text: str) -> str:
    r"""Return a text as it is stored: without control characters and surrounding blanks, lone surrogates as `?`.

    Examples
    --------
    >>> clean_text(" a\x00b\r\nc ")
    'ab\nc'
    """
    valid = text.encode("utf-8", "replace").decode("utf-8")
    return without_controls(_LINE_ENDS.sub("\n", valid)).strip()


def _status(value: object, field: str) -> str:
    if isinstance(value, str) and value.strip().lower() in STATUSES:
        return value.strip().lower()
    message = f"{field}={value!r} is not known. Allowed: {in_words(STATUSES)}. Nothing was changed."
    raise InvalidArgumentError(message)


def _note(value: object, field: str) -> str | None:
    return _text(value, field, limit=MOST_NOTE_CHARACTERS)


def _word(value: object, field: str) -> str | None:
    return _text(value, field, limit=MOST_WORD_CHARACTERS)


def _text(value: object, field: str, *, limit: int) -> str | None:
    if not isinstance(value, str):
        message = f"{field}={value!r} is not a text. Allowed: a text, or '' to clear it. Nothing was changed."
        raise InvalidArgumentError(message)
    text = clean_text(value)
    if len(text) > limit:
        message = f"{field}= has {len(text):,} characters. Allowed: {limit:,}. Shorten it. Nothing was changed."
        raise InvalidArgumentError(message)
    return text or None


def _day(value: object, field: str) -> str | None:
    if value == "":
        return None
    day = day_of(value)
    if day is None:
        message = (
            f"{field}={value!r} is not a day. Allowed: 2026-01-31, a date, or '' to clear it. Nothing was changed."
        )
        raise InvalidArgumentError(message)
    return day.isoformat()


FIELDS: Mapping[str, Callable[[object, str], str | None]] = {
    "status": _status,
    "note": _note,
    "owner": _word,
    "contact": _word,
    "contacted_on": _day,
    "next_on": _day,
}
"""The function that reads each field: it takes a value and the field's name, and returns a text, or None to clear."""


def read_fields(values: Mapping[str, object]) -> dict[str, str | None]:
    """Return the given values of a domain's fields as they are stored; fields that are None are left out.

    Raises
    ------
    InvalidArgumentError
        When a value is not allowed, or all are None.

    Examples
    --------
    >>> read_fields({"status": "Won", "note": "", "owner": None, "next_on": "2026-01-31"})
    {'status': 'won', 'note': None, 'next_on': '2026-01-31'}
    """
    read = {field: FIELDS[field](value, field) for field, value in values.items() if value is not None}
    if not read:
        message = f"No value is given. Allowed: {', '.join(f'{field}=' for field in FIELDS)}."
        raise InvalidArgumentError(message)
    return read
