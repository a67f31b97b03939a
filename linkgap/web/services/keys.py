"""Keys for services: where they come from, and how they are kept out of everything that is shown or stored."""

from __future__ import annotations

import base64
import logging
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from linkgap.errors import KeyRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

HIDDEN = "***"
_LEAST_CHARACTERS = 8
_LEAST_OF_PASSWORD = 4
"""Shorter passwords could not be told from ordinary words in an answer."""

_KEY = re.compile(r"[\x21-\x7e]+")
_KEYRING_NAME = "linkgap"
_TALKATIVE = ("requests", "urllib3.connection", "urllib3.connectionpool", "urllib3.response", "urllib3.util.retry")
"""The loggers of the libraries that send requests: they log the full URL, in which some services want the key."""


class Secret:
    """A key that never shows itself: printing, formatting, comparing and pickling reveal nothing.

    Examples
    --------
    >>> key = Secret("0123456789abcdef")
    >>> key, f"{key}", str(key)
    (Secret(***), '***', '***')
    """

    __slots__ = ("_pattern", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._pattern = _in_any_writing(text)

    def __repr__(self) -> str:
        """Tell that there is a key, without showing it."""
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        """Hide the key."""
        return HIDDEN

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled, and so to be copied into another process."""
        raise TypeError("A key is never written anywhere.")

    def reveal(self) -> str:
        """Return the key itself; it must be sent to its service and nowhere else."""
        return self._text

    def hide_in(self, text: str) -> str:
        """Return a text with the key replaced by asterisks, however it is encoded there."""
        return re.sub(self._pattern, HIDDEN, text)

    def hide_in_bytes(self, body: bytes) -> bytes:
        """Return an answer's body with the key replaced by asterisks."""
        return re.sub(self._pattern.encode("ascii"), HIDDEN.encode("ascii"), body)


def _in_any_writing(key: str) -> str:
    """Return a pattern for the key, its login, password and Base64 form; a short password only matches as a word."""
    login, colon, password = key.partition(":")
    parts = [key, base64.b64encode(key.encode("ascii")).decode("ascii").rstrip("=")]
    parts += [part for part in (login, password) if colon and len(part) >= _LEAST_CHARACTERS]
    found = ["".join(map(_writings_of, part)) for part in sorted(parts, key=len, reverse=True)]
    if colon and _LEAST_OF_PASSWORD <= len(password) < _LEAST_CHARACTERS:
        found.append(rf"(?<![A-Za-z0-9]){''.join(map(_writings_of, password))}(?![A-Za-z0-9])")
    return "|".join(found)


def _writings_of(letter: str) -> str:
    r"""Return a pattern for all encodings of one character of a key: plain, in URLs, in JSON, in HTML.

    Examples
    --------
    >>> [bool(re.fullmatch(_writings_of("/"), text)) for text in ("/", r"\/", "%2f", r"\u002F", "&#47;", "-")]
    [True, True, True, True, True, False]
    """
    if letter.isalnum():
        return letter
    number, most = rf"(?i:{ord(letter):02x})", 3
    plain = rf"\\{{1,{most}}}" if letter == "\\" else rf"\\{{0,{most}}}{re.escape(letter)}"
    return rf"(?:\\{{1,{most}}}u00{number}|{plain}|%(?:25)?{number}|&#(?:0*{ord(letter)}|[xX]0*{number});)"


def find_key(name: str, title: str, *, form: str = "") -> Secret:
    """Return the key of a service from the environment, else from the keyring of the system if `keyring` is installed.

    Parameters
    ----------
    name
        The service's name, such as `"ahrefs"`; the variable is then `LINKGAP_AHREFS_KEY`.
    title
        The service's name in error messages.
    form
        What the key looks like if it has parts, such as `login:password`.

    Raises
    ------
    KeyRefusedError
        When there is no key, or what is there can't be one.
    """
    variable = key_variable(name)
    text = (os.environ.get(variable) or _from_keyring(name) or "").strip()
    if not text:
        where = f"Put it into the environment variable {variable}{f' as {form}' if form else ''}"
        raise KeyRefusedError(
            f"There is no key for {title}. {where}, or into the keyring: keyring set {_KEYRING_NAME} {name}."
        )
    is_short = len(text) < _LEAST_CHARACTERS or (form and len(text.partition(":")[2]) < _LEAST_OF_PASSWORD)
    if not _KEY.fullmatch(text) or is_short:
        allowed = form or f"at least {_LEAST_CHARACTERS} letters, digits and symbols, without spaces"
        raise KeyRefusedError(f"What {variable} or the keyring contains is not a key for {title}. Allowed: {allowed}.")
    return Secret(text)


def key_variable(name: str) -> str:
    """Return the name of the environment variable that holds a service's key.

    Examples
    --------
    >>> key_variable("se_ranking")
    'LINKGAP_SE_RANKING_KEY'
    """
    return f"LINKGAP_{name.upper()}_KEY"


def _from_keyring(name: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password(_KEYRING_NAME, name)
    except (KeyringError, RuntimeError):  # it is locked, or the system has none
        return None
    return found


@contextmanager
def hushed(key: Secret) -> Iterator[None]:
    """Keep a key out of the logs of the libraries that send requests, inside the `with` block."""

    def hide(record: logging.LogRecord) -> bool:
        record.msg, record.args = key.hide_in(record.getMessage()), ()
        if record.exc_info:
            record.exc_text, record.exc_info = key.hide_in(logging.Formatter().formatException(record.exc_info)), None
        return True

    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    for logger in loggers:
        logger.addFilter(hide)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(hide)
