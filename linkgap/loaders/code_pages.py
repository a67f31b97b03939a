"""Detect the code page of a text that is not in Unicode, as spreadsheets save CSV, by its letters.

The same bytes are other letters in each code page. A language uses few of these, and some far more often than others,
so that a few words are enough. Not every language has to be told apart, only the code pages.
"""

from __future__ import annotations

import math
import re
from functools import cache

_WESTERN = (
    "üäöß",
    "éèàêçôîûâùïëœæ",
    "óíáéñúü¿¡ºª",
    "ãçáéíóêõúâàôºª",
    "àèùòìé",
    "äöåéü",
    "åøæé",
    "áíðéöþúóæý",
    "äõüöšž",
    "éèáíóúüäößçàãñâêôîåøæëïõùòì",
)
_LANGUAGES = {
    "cp1252": _WESTERN,
    "mac_roman": _WESTERN,
    "cp1250": (
        "łęóążśćńź",
        "íáéěřčžšýůúťňďó",
        "áíéčýšžúľťóňôäďŕĺ",
        "áéöóőüíúű",
        "ăîţşâ",
        "čšžćđ",
    ),
    "cp1254": ("ıüşğçöİâî",),
    "cp1257": ("ėųšžįąčūę", "āīēšņūļžķčģ"),
    "cp1251": (
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ",
        "оаніивретслкдумпязьбгйчхжїцшєющфґ",
        "аиоентрсвлкдпмзъгбяуйчщцжхфюшь",
    ),
    "cp1253": ("αοιετσνηυρπκμλςωίόθάδγέχήφύβξώζψϊϋ",),
    "cp1255": ("יוהלארמתבשנעםדחפקןכטגצסזךףץ",),
    "cp1256": ("اليمونرتبةعدسفهكقأحجشطصخىضإءذثئزآغظؤ",),
}
"""The letters beyond ASCII of each language that a code page is for, the commonest first.

The last of the Western entries combines several languages. Other code pages have no such entry: their letters have the
same bytes as Western ones, so that a list in several Western languages would match it.
"""

KNOWN_BY_LETTERS = frozenset(_LANGUAGES)
"""Code pages in which it can be tested whether a text looks like a language."""

_LATIN = ("cp1250", "cp1254", "cp1257")
_OTHER_ALPHABETS = ("cp1251", "cp1253", "cp1255", "cp1256")
_FLAGS = {
    "cp1250": ("FAŁSZ", "ADEVĂRAT"),
    "cp1251": ("ИСТИНА", "ЛОЖЬ", "ІСТИНА", "ХИБНІСТЬ", "ДА", "НЕТ"),  # noqa: RUF001 - Cyrillic is meant
    "cp1253": ("ΑΛΗΘΗΣ", "ΨΕΥΔΗΣ", "ΑΛΗΘΕΣ", "ΨΕΥΔΕΣ"),
    "cp1254": ("DOĞRU", "YANLIŞ"),
    "gb18030": ("真", "假", "是", "否"),
    "cp950": ("真", "假", "是", "否"),
    "mac_roman": ("EPÄTOSI", "sí", "sì", "NÃO"),
}
"""Yes and no in the cells of spreadsheets: often the only text beyond ASCII.

For a Mac, sí and sì are not in capitals here: its bytes of SÌ are Sí in cp1252.
"""

_FLATNESS = 4
_UPPER, _MARK, _OTHER = 0.12, 0.01, 0.0005
"""Assumed shares: of capitals, of each punctuation mark that all code pages have, of each letter not in a language."""

_MARKS = set("\u2018\u2019\u201c\u201d\u201e\u201a\u2013\u2014\u2026\u2022\u2122\u20ac\xa0\xab\xbb\xb7\xb0\xae\xa9")
_SURELY = 5.0
"""By how much the log-likelihood of a Latin code page must exceed that of a Western language: odds of 150 to one."""

_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_MOST_WORDS = 5_000
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_OTHER_ALPHABET = re.compile(rb"[\xb2-\xb4\xba\xbf-\xff]{3,}")
_LEAST_SHARE = 0.7
"""Three accented letters in a row are in no word of a Western language, and in every word of another alphabet.

Some Ukrainian letters have lower bytes than all others, at which Polish has letters, too. This share of the bytes
beyond ASCII must be in such rows.
"""

_TWO_BYTES = {
    "cp932": (
        rb"[\x81-\x83\x88-\x98][\x40-\xfc]",
        rb"\x82[\x9f-\xf1]|\x83[\x40-\x60\x7b-\x96]",
        rb"\x82[\x9f-\xcb\xce-\xf1]|\x83[\x80-\x96]|\x81\x5b",
    ),
    "cp949": (rb"[\xa1\xa3\xb0-\xc8][\xa1-\xfe]", rb"[\xb0-\xc8][\xa1-\xfe]"),
    "cp950": (rb"[\xa1\xa4-\xc6][\x40-\x7e\xa1-\xfe]", rb"[\xa4-\xc6][\x40-\x7e]", rb"[\xa4-\xc6][\xa1-\xfe]"),
    "gb18030": (rb"[\xa1\xa3\xb0-\xd7][\xa1-\xfe]", rb"[\xb0-\xd7][\xa1-\xfe]"),
}
"""Patterns of characters in code pages with two bytes a character: those in daily use; those of them that no other code
page has there; and those that do not look like accented letters before plain ones, as a Mac saves them.

In Japanese, the second are kana, but for some that are É before a small letter on a Mac; É before a capital, and the
end of AÇÃO, look like kana, too, and are left out of the third. The characters of Korean are Chinese ones in the last
code page, but not the other way round, so Korean goes first. In Taiwan's, the second byte of many characters is a plain
letter, as may follow ø and æ in Danish, and that of as many is not.
"""

_SIGNS = "\xb4\xb2\xb3\xa3\xa5\xd7"
"""Signs that occur next to letters, too: an acute accent for an apostrophe, squared, cubed, pound, yen, times."""

_RUN = re.compile(rb"[\x80-\xff]{5,}")
_MOST_STRANGE, _FEW_STRANGE = 0.15, 2
"""Limits for the bytes beyond ASCII that are letters of no language, as a share, and as a number in a short text; the
share also for those in runs that no word in Latin letters has. Names from other languages in a list stay below."""

_LEAST_CHARACTERS, _LEAST_USUAL, _LEAST_TELLING, _LEAST_SURE = 4, 0.85, 0.1, 0.03


def code_page_of(text: bytes) -> str | None:
    """Return the code page of a text that is not in Unicode, or None if its letters suggest none but the Western ones.

    Examples
    --------
    >>> [code_page_of("mała szafa".encode("cp1250")), code_page_of("große Schränke".encode("cp1252"))]
    ['cp1250', None]
    """
    page = _by_flags(text) or _by_characters(text)
    if page:
        return page
    words = list(dict.fromkeys(_WORD.findall(text)))[:_MOST_WORDS]
    score = {page: max(_score(words, page, letters) for letters in each) for page, each in _LANGUAGES.items()}
    western = max(score["cp1252"], score["mac_roman"])
    runs = sum(map(len, _OTHER_ALPHABET.findall(text))) > _LEAST_SHARE * len(_BEYOND_ASCII.findall(text))
    best = max((*_LATIN, *_OTHER_ALPHABETS) if runs else _LATIN, key=score.__getitem__)
    return best if score[best] > western + (_SURELY if best in _LATIN else 0) else None


def _by_flags(text: bytes) -> str | None:
    """Return the first code page in which some cell says yes or no, see `_FLAGS`."""
    for page, words in _FLAGS.items():
        spelt = {each.encode(page) for word in words for each in (word, word.lower(), word.capitalize())}
        cell = rb'(?:^|[\t,;|"\r\n])(?:%s)(?=[\t,;|"\r\n]|$)' % b"|".join(map(re.escape, sorted(spelt)))
        if re.search(cell, text):
            return page
    return None


def fits_no_language(text: bytes, page: str) -> bool:
    """Tell whether much of a text looks like no language in this code page, which is then a guess.

    Examples
    --------
    >>> [fits_no_language(text.encode(page), "cp1252") for text, page in (("für Büros", "cp1252"), ("เก้าอี้", "cp874"))]
    [False, True]
    """
    most = _MOST_STRANGE * len(_BEYOND_ASCII.findall(text))
    if page not in _OTHER_ALPHABETS and sum(map(len, _RUN.findall(text))) > most:
        return True
    words = list(dict.fromkeys(_WORD.findall(text)))[:_MOST_WORDS]
    strange = min((_strange_bytes(words, page, letters) for letters in _LANGUAGES[page]), key=len)
    every = sum(map(len, map(_BEYOND_ASCII.findall, words)))
    return len(strange) > max(_MOST_STRANGE * every, _FEW_STRANGE) and len(set(strange)) > 1


def _strange_bytes(words: list[bytes], page: str, letters: str) -> list[int]:
    """Return the bytes that are not letters of a language, in words that contain letters."""
    likelihoods, known = _likelihoods(page, letters), math.log(_OTHER)
    signs = _SIGNS.encode(page, errors="ignore")
    in_words = (word for word in words if any(map(str.isalpha, word.decode(page, errors="replace"))))
    return [byte for word in in_words for byte in word if likelihoods[byte] <= known and byte not in signs]


def _score(words: list[bytes], page: str, letters: str) -> float:
    """Return the log-likelihood of the bytes beyond ASCII, if the words were in a language."""
    likelihoods = _likelihoods(page, letters)
    return sum(likelihoods[byte] for word in words for byte in word)


@cache
def _likelihoods(page: str, letters: str) -> tuple[float, ...]:
    """Return the logarithm of each byte's frequency in a language; the letter of rank n, from 0, weighs 1 / (n + 4)."""
    weights = {letter: 1 / (rank + _FLATNESS) for rank, letter in enumerate(letters)}
    total = sum(weights.values())

    def likelihood(character: str) -> float:
        if character in _MARKS:
            return _MARK
        share = weights.get(character, 0) / total
        capital = weights.get(character.lower(), 0) / total if character != character.lower() else 0
        return max(share * (1 - _UPPER), capital * _UPPER, _OTHER if character.isalpha() else _OTHER / 2)

    characters = (bytes([byte]).decode(page, errors="replace") for byte in range(0x80, 0x100))
    return (0.0,) * 0x80 + tuple(math.log(likelihood(character)) for character in characters)


def _by_characters(text: bytes) -> str | None:
    """Return the first code page of two bytes a character that nearly all text beyond ASCII fits, see `_TWO_BYTES`."""
    for page, (usual, telling, *sure) in _TWO_BYTES.items():
        characters = [each.encode(page, "replace") for each in text.decode(page, errors="replace") if each > "\x7f"]
        most = len(characters)
        if (
            len(set(characters)) >= _LEAST_CHARACTERS
            and _number_like(usual, characters) >= _LEAST_USUAL * most
            and _number_like(telling, characters) >= _LEAST_TELLING * most
            and all(_number_like(kind, characters) >= _LEAST_SURE * most for kind in sure)
        ):
            return page
    return None


def _number_like(pattern: bytes, characters: list[bytes]) -> int:
    return sum(bool(re.fullmatch(pattern, character)) for character in characters)
