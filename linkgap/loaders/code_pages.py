"""In which code page a text is that is not in Unicode, as spreadsheets save CSV: told by its letters.

Each code page has other letters for the same bytes. Of these a language uses few, and some far more often than others,
so that a few words tell it. They need not tell every language apart, only the code pages.
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

The last of the Western ones is of several together. There is none such of others: their letters stand where Western
ones do, so that a list in several Western languages would look like it.
"""

KNOWN_BY_LETTERS = frozenset(_LANGUAGES)
"""Code pages of which a text may look right, or not."""

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
"""Yes and no, as cells of spreadsheets: often all that is beyond ASCII.

Where a Mac has SÌ in capitals, others have Sí.
"""

_FLATNESS = 4
_UPPER, _MARK, _OTHER = 0.12, 0.01, 0.0005
"""Shares: of letters that are capitals, of each mark that all code pages have, of what a language does not have."""

_MARKS = set("\u2018\u2019\u201c\u201d\u201e\u201a\u2013\u2014\u2026\u2022\u2122\u20ac\xa0\xab\xbb\xb7\xb0\xae\xa9")
_SURELY = 5.0
"""By what the logarithm of the likelihood must exceed that of a Western language: 150 to one."""

_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_MOST_WORDS = 5_000
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_OTHER_ALPHABET = re.compile(rb"[\xb2-\xb4\xba\xbf-\xff]{3,}")
_LEAST_SHARE = 0.7
"""Three letters with accents in a row are no word in a Western language, and every word in another alphabet.

Some of Ukrainian stand lower than all others, where Polish has letters, too.
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
"""Of code pages with two bytes a character: the characters in daily use, those of them that no other has there, and
those that no letters with accents look like, as a Mac saves them before letters without.

In Japanese these are kana, but for some that are an E with an accent before a small letter on a Mac; before a capital,
and as the end of AÇÃO, it looks like kana, too. Those of Korean are Chinese characters in the last, but not the other
way round, so Korean goes first. In Taiwan, many end in a letter, as ø and æ do in Danish, and as many do not.
"""

_SIGNS = "\xb4\xb2\xb3\xa3\xa5\xd7"
"""An acute accent for an apostrophe, squared, cubed, pound, yen, times: they stand beside letters, too."""

_RUN = re.compile(rb"[\x80-\xff]{5,}")
_MOST_STRANGE, _FEW_STRANGE = 0.15, 2
"""Of what is beyond ASCII, the share that is no language's, or that stands in runs as in no word in Latin letters: more
than names from elsewhere make of a list, or a few in a short one."""

_LEAST_CHARACTERS, _LEAST_USUAL, _LEAST_TELLING, _LEAST_SURE = 4, 0.85, 0.1, 0.03


def code_page_of(text: bytes) -> str | None:
    """Return the code page of a text that is not in Unicode, or None where its letters tell no other than Western ones.

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
    """Return the code page in which some cell says yes or no."""
    for page, words in _FLAGS.items():
        spelt = {each.encode(page) for word in words for each in (word, word.lower(), word.capitalize())}
        cell = rb'(?:^|[\t,;|"\r\n])(?:%s)(?=[\t,;|"\r\n]|$)' % b"|".join(map(re.escape, sorted(spelt)))
        if re.search(cell, text):
            return page
    return None


def fits_no_language(text: bytes, page: str) -> bool:
    """Tell whether much of a text is such that no language looks like it in this code page: then it is a guess.

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
    """Return the bytes that are no letters of a language, in words that have letters."""
    likelihoods, known = _likelihoods(page, letters), math.log(_OTHER)
    signs = _SIGNS.encode(page, errors="ignore")
    in_words = (word for word in words if any(map(str.isalpha, word.decode(page, errors="replace"))))
    return [byte for word in in_words for byte in word if likelihoods[byte] <= known and byte not in signs]


def _score(words: list[bytes], page: str, letters: str) -> float:
    """Return the logarithm of how likely the bytes beyond ASCII are, were the words in a language."""
    likelihoods = _likelihoods(page, letters)
    return sum(likelihoods[byte] for word in words for byte in word)


@cache
def _likelihoods(page: str, letters: str) -> tuple[float, ...]:
    """Return the logarithm of how often each byte stands in a language; the letter of rank n is worth 1 / (n + 4)."""
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
    """Return the code page of two bytes a character in which nearly all that is beyond ASCII is in daily use."""
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
