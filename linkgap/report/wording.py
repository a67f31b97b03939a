"""How values look in a report: numbers, shares, and charts in words for those who can't see them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

import idna

from linkgap.errors import counted
from linkgap.report.values import joined, marked_share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Rows = Sequence[Mapping[str, Any]]

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_MOST_LINES = 5
_MOST_DOTTED = 8
_ROOM_ABOVE, _ROOM_OF_ROW = 17, 62
"""How many characters fit in a slanted name above a column of dots, and in the names above a bar."""

_MISLEADING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

_SCRIPTS = (
    *({"CJK", "HIRAGANA", "KATAKANA"}, {"HANGUL"}, {"ARABIC"}, {"HEBREW"}, {"THAI"}, {"DEVANAGARI"}),
    {"LATIN"},
)
"""Scripts whose letters can't be mistaken for another's, as Cyrillic and Greek ones can for Latin ones.

Each is named as in Unicode's names of its letters; Japanese mixes three."""

_LATIN_ALONE = set("ßæœøþðł")


def integer(value: float) -> str:
    """Write a count."""
    return f"{value:,.0f}"


def one_decimal(value: float) -> str:
    """Write a number with one decimal."""
    return f"{value:,.1f}"


def figure(value: float) -> str:
    """Write a count (int) without decimals, and a mean (float) with one."""
    return integer(value) if isinstance(value, int) else one_decimal(value)


def percent(value: float) -> str:
    """Write a share in percent."""
    return marked_share(value, 1)


def short(value: int) -> str:
    """Write a count where there is little room."""
    return f"{value:,}" if value < 10_000 else f"{value / 1000:,.0f}k"  # noqa: PLR2004 - five digits need the room


def readable(text: str) -> str:
    r"""Replace control characters, such as those that reverse the direction of a text, by spaces, as the explorer does.

    Examples
    --------
    >>> readable("\u202egnp.exe\u202c abc")
    ' gnp.exe  abc'
    """
    return _MISLEADING.sub(" ", text)


def native(domain: str) -> str:
    """Return a punycode domain in its own letters; an empty text if it has none, or if they could be taken for others.

    Examples
    --------
    >>> native("xn--bcher-kva.example"), native("xn--80ak6aa92e.com"), native("blog.example")
    ('bücher.example', '', '')
    """
    if "xn--" not in domain:
        return ""
    try:
        written = idna.decode(domain)
    except idna.IDNAError:
        return ""
    return written if all(map(_is_of_one_script, written.split("."))) else ""


def _is_of_one_script(label: str) -> bool:
    letters = [letter for letter in label if letter.isalpha()]
    used = {unicodedata.name(letter).partition(" ")[0] for letter in letters}
    plain = all(unicodedata.normalize("NFD", each)[0].isascii() or each in _LATIN_ALONE for each in letters)
    return any(used <= script for script in _SCRIPTS) and (plain or "LATIN" not in used)


def shortened(text: str, most: int) -> str:
    """Cut a longer text to `most` characters, an ellipsis among them."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def sentence(text: str, end: str = ".") -> str:
    """Capitalise the first letter, and end with a full stop or another `end`."""
    return f"{text[:1].upper()}{text[1:]}{end}"


def px(value: float) -> str:
    """Write a coordinate of an SVG, with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")


def points(values: Sequence[float], left: float, bottom: float, width: float, scale: float) -> str:
    """Return the `points` of an SVG polyline through evenly spaced values."""
    step = width / max(len(values) - 1, 1)
    return " ".join(f"{px(left + step * place)},{px(bottom - scale * value)}" for place, value in enumerate(values))


def largest(rows: Rows, name: str) -> float:
    """Return the value of the longest bar; 1 if there is none, or all are zero."""
    return max((row[name] for row in rows), default=0) or 1


def highest(lines: Rows, name: str) -> float:
    """Return the highest value of all lines, the upper end of their axis; 1 if there is none, or all are zero."""
    return max((each for line in lines for each in line[name]), default=0) or 1.0


def ticks(most: float) -> list[float]:
    """Return the ticks of an axis from 0 to `most`: a few round shares."""
    step = next((each for each in _STEPS if most / each <= _MOST_LINES), _STEPS[-1])
    return [round(step * number, 6) for number in range(int(most / step + 1e-9) + 1)]


def bars_in_words(rows: Rows, name: str, number: str, noun: str = "") -> str:
    """Describe a bar chart in words; its bars have names, or numbers that count a noun, such as 2 rivals."""
    return ", ".join(f"{counted(row[name], noun) if noun else row[name]}: {row[number]:,}" for row in rows)


def linked(present: Sequence[bool], sites: Sequence[str]) -> str:
    """Name the sites of a combination."""
    return joined(site for site, links in zip(sites, present, strict=True) if links)


def columns(data: Mapping[str, Any]) -> list[str]:
    """Return the headings above the sites' columns of dots: their names, or letters if any name is too long."""
    sites = data["sites"]
    return list(sites) if all(len(site) <= _ROOM_ABOVE for site in sites) else [*map(letter, range(len(sites)))]


def rows(data: Mapping[str, Any]) -> list[str]:
    """Return the label above the bar of each combination: the sites' names, or letters if they are too long."""
    letters = [*map(letter, range(len(data["sites"])))]
    named = [(row["present"], linked(row["present"], data["sites"])) for row in data["combinations"]]
    return [names if len(names) <= _ROOM_OF_ROW else linked(present, letters) for present, names in named]


def key(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the letters that are used for sites in the chart of overlaps, each with its site."""
    sites = data["sites"]
    if is_dotted(data):
        used = [columns(data) != sites] * len(sites)
    else:
        cut = [row["present"] for row in data["combinations"] if len(linked(row["present"], sites)) > _ROOM_OF_ROW]
        used = [any(present[place] for present in cut) for place in range(len(sites))]
    return [(letter(place), site) for place, site in enumerate(sites) if used[place]]


def is_dotted(data: Mapping[str, Any]) -> bool:
    """Tell whether the sites are few enough for each to get a column of dots."""
    return len(data["sites"]) <= _MOST_DOTTED


def letter(place: int) -> str:
    """Return the letter used for a site, as in the explorer: A, B, ... Z, AA.

    Examples
    --------
    >>> letter(0), letter(25), letter(26)
    ('A', 'Z', 'AA')
    """
    return (letter(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)  # noqa: PLR2004 - the alphabet


def overlaps_in_words(data: Mapping[str, Any]) -> str:
    """Describe the chart of overlaps in words."""
    rows = [f"{linked(row['present'], data['sites'])}: {row['domains']:,}" for row in data["combinations"]]
    return f"{sentence(data['noun'], 's')} that link to exactly these sites. {'; '.join(rows)}"


def map_in_words(data: Mapping[str, Any]) -> str:
    """Describe the map of prospects in words."""
    number = sum(count for *_, count in data["cells"])
    return f"{counted(number, 'prospect')} by authority percentile and likelihood; the first ones are at the top right"


def curve_in_words(lines: Rows) -> str:
    """Describe the chart of a backtest in words."""
    tenth = min(10, *(len(line["precision"]) for line in lines))
    shares = [f"{line['name']} {percent(line['precision'][tenth - 1])}" for line in lines]
    return f"Share of hidden links among the first {tenth}: {', '.join(shares)}"
