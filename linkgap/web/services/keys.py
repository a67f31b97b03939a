"""Keys of services: where they come from, and how they are kept out of everything that is shown or stored."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote, quote_plus

from linkgap.errors import KeyRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

HIDDEN = "***"
_LEAST_CHARACTERS = 8
_KEY = re.compile(r"[\x21-\x7e]+")
_KEYRING_NAME = "linkgap"
_TALKATIVE = ("requests", "urllib3.connection", "urllib3.connectionpool", "urllib3.response", "urllib3.util.retry")
"""The loggers of what sends a request: they write its whole address, in which some services want the key."""


class Secret:
    """A key that shows itself to nobody: not printed, not formatted, not compared, not pickled.

    Examples
    --------
    >>> key = Secret("0123456789abcdef")
    >>> key, f"{key}", str(key)
    (Secret(***), '***', '***')
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        """Tell that there is a key."""
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        """Hide the key."""
        return HIDDEN

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied into another process."""
        raise TypeError("A key is not written anywhere.")

    def reveal(self) -> str:
        """Return the key itself, to be sent to its service and nowhere else."""
        return self._text

    def hide_in(self, text: str) -> str:
        """Return a text without the key, in whatever writing it stands there."""
        for form in self._forms():
            text = text.replace(form, HIDDEN)
        return text

    def hide_in_bytes(self, body: bytes) -> bytes:
        """Return an answer's body without the key."""
        for form in self._forms():
            body = body.replace(form.encode("ascii"), HIDDEN.encode("ascii"))
        return body

    def _forms(self) -> list[str]:
        """Return the writings of the key and its parts, longest first: plain, in addresses, in JSON, in base 64."""
        key = self._text
        parts = [key, *(part for part in key.split(":") if len(part) >= _LEAST_CHARACTERS)]
        forms = {form for part in parts for form in (part, quote(part), quote(part, safe=""), quote_plus(part))}
        forms |= {json.dumps(part)[1:-1] for part in parts}
        forms.add(base64.b64encode(key.encode("ascii")).decode("ascii"))
        return sorted(forms, key=len, reverse=True)


def find_key(name: str, title: str, *, form: str = "") -> Secret:
    """Return the key of a service from the environment, else from the keyring of the system if `keyring` is installed.

    Parameters
    ----------
    name
        Of the service, such as `"ahrefs"`: its variable is then `LINKGAP_AHREFS_KEY`.
    title
        As one speaks of it.
    form
        What the key looks like, when it is made of parts.

    Raises
    ------
    KeyRefusedError
        When there is none, or what is there can't be a key.
    """
    variable = key_variable(name)
    text = (os.environ.get(variable) or _from_keyring(name) or "").strip()
    if not text:
        where = f"Put it into the environment variable {variable}{f' as {form}' if form else ''}"
        raise KeyRefusedError(
            f"There is no key for {title}. {where}, or into the keyring: keyring set {_KEYRING_NAME} {name}."
        )
    if not _KEY.fullmatch(text) or len(text) < _LEAST_CHARACTERS or (form and ":" not in text):
        allowed = form or f"at least {_LEAST_CHARACTERS} letters, digits and signs, without blanks"
        raise KeyRefusedError(f"What stands in {variable} or in the keyring is no key for {title}. Allowed: {allowed}.")
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
    except (KeyringError, RuntimeError):  # locked, or a system without any
        return None
    return found


@contextmanager
def hushed(key: Secret) -> Iterator[None]:
    """Keep a key out of what the libraries that send a request write into logs."""

    def hide(record: logging.LogRecord) -> bool:
        record.msg, record.args = key.hide_in(record.getMessage()), ()
        return True

    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    for logger in loggers:
        logger.addFilter(hide)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(hide)
