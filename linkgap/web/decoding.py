"""The text of a page, whatever its server says of the encoding."""

from __future__ import annotations

import codecs
import re

_DECLARED = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w:.-]{1,40})""", re.IGNORECASE)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w:.-]{1,40})""", re.IGNORECASE)
_BEGINNING = 4096
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WINDOWS = {"ascii", "us-ascii", "iso-8859-1", "iso8859-1", "latin-1", "latin1"}
"""Names under which browsers read windows-1252."""

_OF_HOSTS = {"punycode", "idna"}
"""Encodings of names of hosts, which take longer than a page is worth."""

_SEVEN_BITS = ("iso-2022", "iso2022", "hz", "utf-7")


def decode_page(body: bytes, content_type: str = "") -> str:
    """Return the text of a page.

    What is valid UTF-8 is UTF-8, whatever is declared: servers declare wrongly more often than other encodings come
    out as valid UTF-8 by chance. Else the server's word counts, then the page's own, then windows-1252.

    Parameters
    ----------
    content_type
        The server's header.

    Examples
    --------
    >>> decode_page("Größe".encode(), "text/html; charset=iso-8859-1")
    'Größe'
    >>> decode_page("Größe".encode("windows-1252"), "text/html; charset=utf-8")
    'Größe'
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    named = [found[1] for found in [_CHARSET.search(content_type)] if found]
    named += [found[1].decode("ascii", "ignore") for found in [_DECLARED.search(body[:_BEGINNING])] if found]
    seven = [name for name in named if name.lower().startswith(_SEVEN_BITS[:-1])]
    for name in [*seven, "utf-8", *named]:
        text = _decoded(body, name)
        if text is not None:
            return text
    return body.decode("windows-1252", "replace")


def _decoded(body: bytes, name: str) -> str | None:
    """Return the text if the encoding fits, a last character that was cut through left out."""
    if name.lower() in _WINDOWS:
        name = "windows-1252"
    try:
        b" ".decode(name, "ignore")  # refuses what Python has under such names and that unpacks instead: bz2, zlib, hex
        if codecs.lookup(name).name in _OF_HOSTS:
            return None
        decoder = codecs.getincrementaldecoder(name)("strict")
        return decoder.decode(body)
    except (LookupError, UnicodeError, ValueError):
        return None
