"""What a file is by its bytes, whatever its name: compressed, a workbook, Parquet, JSON or text, and its encoding."""

from __future__ import annotations

import codecs
import itertools
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from linkgap.errors import UnreadableFileError
from linkgap.loaders.code_pages import KNOWN_BY_LETTERS, code_page_of, fits_no_language

if TYPE_CHECKING:
    from pathlib import Path

Content = Literal["gzip", "zip", "old workbook", "parquet", "json", "text"]

SNIFFED_BYTES = 256 * 1024
_MOST_LINES = 5_000

_SIGNATURES: tuple[tuple[bytes, Content], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0", "old workbook"),
    (b"PAR1", "parquet"),
)
_FOREIGN = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"SQLite format 3": "a SQLite database",
}
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAC_LETTER = re.compile(rb"(?<=[A-Za-z])[\x81\x84\x86-\x8a\x8c-\x90\x98\x9a\x9d-\x9f](?=[A-Za-z])")
_WINDOWS_LETTER = re.compile(rb"(?<=[A-Za-z])[\xc0-\xcf\xd6-\xff](?=[A-Za-z])")
_ONLY_MAC_LETTER = re.compile(rb"(?<=[A-Za-z])[\x81\x84\x86-\x89\x8d\x8f\x90\x98\x9d\x9f](?=[a-z])")
_CERTAINLY_WORDS = 10
"""The patterns find accented letters within words: in Mac Roman, in cp1252, and in Mac Roman where cp1252 has a dagger,
a Y with dots or nothing. This many of the first are certain to be words, even without any of the third.

Bytes are left out that are a quotation mark or an arrow in the other encoding: these may be between letters, too.
"""

_MOST_CONTROL_SHARE = 0.02
_LEAST_NUL_SHARE = 0.15
_ODD_CONTROLS = [chr(code) for code in range(ord(" ")) if chr(code) not in "\t\n\r\f\x1a\x1b\x00"]

_OWN_REPORT = '<meta name="generator" content="linkgap '
_MARKUP = re.compile(r"<(?:!|\?|[a-z]+[\s/>])")
_MAIL = re.compile(r"(?:[\w-]+:.*\n(?:[ \t].*\n)*)*?MIME-Version:", re.IGNORECASE)
_OUTLOOK = "__substg1.0_".encode("utf-16-le")
"""What e-mails begin with, and what the streams of Outlook's are called."""

REPAIR = "linkgap-repair"
"""Error handler for decoding: bytes that are invalid in UTF-8 are read as Windows-1252; what is left becomes U+FFFD."""


def _repair(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    damaged = error.object[error.start : error.end]
    text = damaged.decode("cp1252", errors="replace") if error.encoding.lower().startswith("utf-8") else "\ufffd"
    return text, error.end


codecs.register_error(REPAIR, _repair)


class Sniffed(NamedTuple):
    """What a file is; `encoding` is set for text and JSON."""

    content: Content
    encoding: str = ""


def read_start(path: Path, name: str) -> bytes:
    """Return the first bytes of a file.

    Parameters
    ----------
    name
        For the error message.

    Raises
    ------
    UnreadableFileError
        When the file can't be opened or is empty.
    """
    try:
        with path.open("rb") as file:
            start = file.read(SNIFFED_BYTES)
    except OSError as error:
        message = (
            f"{name} can't be opened: {error.strerror}. Check that you may read it and that no other program has "
            "locked it."
        )
        raise UnreadableFileError(message) from error
    if not start:
        message = f"{name} is empty (0 bytes). Export it again."
        raise UnreadableFileError(message)
    return start


def sniff(start: bytes, name: str, *, encoding: str | None = None) -> Sniffed:
    """Tell from its first bytes what a file is.

    Parameters
    ----------
    start
        The first `SNIFFED_BYTES` or fewer.
    name
        For the error message.
    encoding
        Overrides the detected encoding, for text.

    Raises
    ------
    UnreadableFileError
        When the file is something that holds no table of text; the message says what it is.
    """
    for signature, content in _SIGNATURES:
        if start.startswith(signature):
            if content == "old workbook" and _OUTLOOK in start:
                raise _mail(name)
            return Sniffed(content)
    for signature, noun in _FOREIGN.items():
        if start.startswith(signature):
            raise foreign_file(name, noun)
    encoding = _usual_name(encoding) if encoding else _encoding_of(start)
    text = _decode_start(start, encoding, name)
    if _is_binary(text):
        message = (
            f"{name} is not text (it contains binary data). Allowed: CSV, TSV, TXT, JSON, XLSX, Parquet. "
            "Export it as CSV."
        )
        raise UnreadableFileError(message)
    beginning = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if _MARKUP.match(beginning):
        if _OWN_REPORT in text:
            message = f"{name} is a report that linkgap wrote, not an export. Keep it apart from the exports."
            raise UnreadableFileError(message)
        message = (
            f"{name} is a web page (HTML or XML), not an export. If it holds the list, open it in a spreadsheet and "
            "save that as CSV, or have the service answer in JSON; if you were logged out, log in and export again."
        )
        raise UnreadableFileError(message)
    if _MAIL.match(text):
        raise _mail(name)
    return Sniffed("json" if _is_json(beginning) else "text", encoding)


def _usual_name(encoding: str) -> str:
    """Return `utf-8` for any alias of UTF-8, and other encodings unchanged."""
    return "utf-8" if codecs.lookup(encoding).name == "utf-8" else encoding


def foreign_file(name: str, noun: str) -> UnreadableFileError:
    """Return the error for a file that is something without a table of text."""
    allowed = "CSV, TSV, TXT, JSON, XLSX, Parquet, also as .gz or .zip"
    return UnreadableFileError(f"{name} is {noun}. Allowed: {allowed}. Export it as CSV.")


def _mail(name: str) -> UnreadableFileError:
    return UnreadableFileError(f"{name} is an e-mail. Save the file that is attached to it, and read that.")


def _is_json(beginning: str) -> bool:
    """Tell JSON from a text whose first cell merely begins with a bracket."""
    compact = "".join(beginning.split())
    return compact.startswith(('{"', "{}", "[{", '["', "[]"))


def _encoding_of(start: bytes) -> str:
    for mark, name in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return name
    if start[1::2].count(0) > _LEAST_NUL_SHARE * len(start) and start[::2].count(0) < start[1::2].count(0) / 4:
        return "utf-16-le"
    if start[::2].count(0) > _LEAST_NUL_SHARE * len(start) and start[1::2].count(0) < start[::2].count(0) / 4:
        return "utf-16-be"
    if _is_utf8(start, whole=len(start) < SNIFFED_BYTES) or _mostly_utf8(start):
        return "utf-8"
    return _windows_or_mac(start)


def encoding_below(path: Path) -> str:
    """Return the encoding of a text that begins in ASCII, by its lines beyond ASCII; UTF-8 if it fits any of these.

    UTF-16 is never considered, whatever these lines look like: the beginning would be in it, too.
    """
    found, size = [], 0
    with path.open("rb") as file:
        for line in file:
            if line.isascii():
                continue
            if _is_utf8(line):
                return "utf-8"
            if size < SNIFFED_BYTES:
                found.append(line)
                size += len(line)
    text = b"".join(found)
    return "utf-8" if not text or _mostly_utf8(text) else _windows_or_mac(text)


def is_guess(path: Path, encoding: str) -> bool:
    """Tell whether the encoding found for a text is a guess: in it, its lines beyond ASCII look like no language."""
    if encoding not in KNOWN_BY_LETTERS:
        return False
    with path.open("rb") as file:
        lines = itertools.islice((line for line in file if not line.isascii()), _MOST_LINES)
        text = b"".join(lines)
    return fits_no_language(text[:SNIFFED_BYTES], encoding)


def _is_utf8(text: bytes, *, whole: bool = True) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(text, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _windows_or_mac(start: bytes) -> str:
    """Return the encoding of a text that is not in Unicode, as spreadsheets save it; cp1252 if nothing tells."""
    if page := code_page_of(start):
        return page
    of_mac, of_windows = len(_MAC_LETTER.findall(start)), len(_WINDOWS_LETTER.findall(start))
    certain = of_mac >= _CERTAINLY_WORDS or _ONLY_MAC_LETTER.search(start)
    return "mac_roman" if of_mac > of_windows and certain else "cp1252"


def _mostly_utf8(start: bytes) -> bool:
    """Tell whether a text with invalid bytes has more letters beyond ASCII in valid UTF-8 than invalid ones."""
    text = start.decode("utf-8", errors="replace")
    return sum(character > "\x7f" for character in text) > 2 * text.count("\ufffd")


def _decode_start(start: bytes, encoding: str, name: str) -> str:
    try:
        return codecs.getincrementaldecoder(encoding)(errors="replace").decode(start)
    except (LookupError, UnicodeError) as error:
        message = (
            f"{name} can't be read with encoding={encoding!r}: {error}. "
            "Allowed: utf-8, utf-16, cp1252, latin-1, ... Leave it out to have it detected."
        )
        raise UnreadableFileError(message) from None


def _is_binary(text: str) -> bool:
    controls = sum(map(text.count, _ODD_CONTROLS))
    return controls > _MOST_CONTROL_SHARE * len(text) or text.count("\x00") > len(text) / 3
