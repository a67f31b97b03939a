"""Decodes a page, whatever its server says about the encoding."""

from __future__ import annotations

import codecs
import re

_DECLARED = (
    re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w:.-]{1,40})""", re.IGNORECASE),
    re.compile(rb"""^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([\w:.-]{1,40})"""),
)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w:.-]{1,40})""", re.IGNORECASE)
_BEGINNING = 4096
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_READ_AS = {
    **dict.fromkeys(("ascii", "us-ascii", "iso-8859-1", "iso8859-1", "latin-1", "latin1"), "windows-1252"),
    **dict.fromkeys(("iso-8859-9", "iso8859-9", "latin5"), "windows-1254"),
    **dict.fromkeys(("iso-8859-11", "iso8859-11", "tis-620"), "cp874"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji"), "cp932"),
    **dict.fromkeys(("gb2312", "gb_2312-80", "x-gbk", "gbk"), "gb18030"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "ksc5601"), "cp949"),
    **dict.fromkeys(("big5", "big5-hkscs", "x-x-big5"), "big5hkscs"),
}
"""Encodings in whose place browsers read a superset, as pages use its letters too (encoding.spec.whatwg.org)."""

_HOST_NAME_CODECS = {"punycode", "idna"}
"""Python's codecs for host names, which are too slow for whole pages."""

_SEVEN_BITS = ("iso-2022", "iso2022", "hz")


def decode_page(body: bytes, content_type: str = "") -> str:
    """Return the text of a page.

    A byte order mark decides. Else a declared seven-bit encoding is tried first (ISO-2022, HZ), then UTF-8, whatever is
    declared: servers are wrong more often than other encodings are valid UTF-8 by chance. Then the server's declaration
    counts, then the page's own. Where none fits to the last byte, one that fits but for a few does, in the same order:
    programs cut texts in the middle of a letter, and join texts in several encodings. Else it is windows-1252.

    Parameters
    ----------
    content_type
        The server's Content-Type header.

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
    own = [
        found[1].decode("ascii", "ignore") for each in _DECLARED for found in [each.search(body[:_BEGINNING])] if found
    ]
    named += filter(_includes_ascii, own)  # a page that says in ASCII that it is UTF-16 is not
    seven_bits = [name for name in named if name.lower().startswith(_SEVEN_BITS)]
    for name in [*seven_bits, "utf-8", *named]:
        text = _decoded(body, name, "strict")
        if text is not None:
            return text
    for name in ["utf-8", *named]:
        text = _decoded(body, name, "replace")
        if text is not None and _mostly_fits(text, name):
            return text
    return body.decode("windows-1252", "replace")


def _mostly_fits(text: str, name: str) -> bool:
    """Tell whether at least half of the non-ASCII characters decoded, and the encoding is a superset of ASCII."""
    if not _includes_ascii(name):
        return False
    misfits = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", "ignore")) >= 2 * misfits


def _includes_ascii(name: str) -> bool:
    return _decoded(b"<", name, "replace") == "<"


def _decoded(body: bytes, name: str, errors: str) -> str | None:
    """Return the text without a last character that was cut in the middle; None if the encoding does not fit."""
    name = _READ_AS.get(name.lower(), name)
    try:
        b" ".decode(name, "ignore")  # refuses Python's codecs that transform bytes and don't decode: bz2, zlib, hex
        if codecs.lookup(name).name in _HOST_NAME_CODECS:
            return None
        decoder = codecs.getincrementaldecoder(name)(errors)
        return decoder.decode(body)
    except (LookupError, UnicodeError, ValueError):
        return None
