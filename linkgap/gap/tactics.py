"""How a link like the ones seen is usually won, with the words that say so; `unknown` when there is little evidence.

The rules are a table beside this module, `tactics.csv`, one rule per line: phrases that, in a certain place, point to a
tactic, with an example to which the rule applies and a near miss to which it does not.

A phrase matches whole words, in lower case and without accents, with each number written as `#`. With `=` in front it
must be an entire part: a folder or the page in the URL, what is between dashes, bars or colons in a title, the domain
of the host. Without it, a domain may contain it anywhere, as `listodirectory.com` contains `directory`.
Strength 3 is a fact or a page's own address, 2 is enough alone, 1 needs a second place that says the same.
"""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from collections import defaultdict
from functools import lru_cache
from importlib.resources import files
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args
from urllib.parse import unquote

from linkgap.domains import host_of, private_suffixes, registrable_domain
from linkgap.errors import InvalidArgumentError, in_words
from linkgap.schema import TACTICS, Tactic

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

    import pandas as pd

Where = Literal[
    "host", "folder", "page", "title", "anchor", "platform", "page type", "kind", "target status", "links out"
]

HOW_TO_WIN: Mapping[str, str] = {
    "broken link": "The rival's page is gone, or the linking page redirects: tell the author, and offer yours.",
    "mention": "The page names the rival without a link: offer a source, and ask to be named with one.",
    "scraper": "Made by a program, or sold: no link worth having. Leave it alone.",
    "coupon": "Give the site an offer or an affiliate programme for its readers.",
    "podcast": "Offer a guest with a story or figures that the audience has not heard.",
    "forum": "Answer questions there under your name; link only where it answers.",
    "testimonial": "If you are happy with this supplier, give them a quote or a case study to show, with a link.",
    "partner": "Join, sponsor or cooperate, then ask for a place on the page.",
    "guest post": "Offer an article that fits the readers; the author's page tells you how.",
    "resource page": "Show whoever keeps the page what yours adds to the list.",
    "review": "Offer your product for a test, or figures for the comparison.",
    "directory": "List your business, with the same name and address as everywhere.",
    "profile": "Create a profile of your own; it brings readers rather than authority.",
    "news": "Send the author news, figures or an expert's answer, as journalists ask for on request lists.",
    "unknown": "Read the page before you decide.",
}
"""What to do, in a sentence."""

COLUMNS = (
    *("sample_url", "sample_anchor", "title", "platform", "page_type", "kind", "target_status", "page_external_links"),
)
"""The columns that `find_tactics` looks at; all but the first may be missing."""

_SAME: dict[Where, Where] = {"title": "page"}
"""The title and the URL of a page mostly say the same, so that both count as one place."""

ENOUGH = 2
MANY_LINKS_OUT = 1000
"""Nobody maintains a page with more external links than this by hand."""

_LONGEST_PHRASE = 5
_LONGEST_TEXT = 500
_KEPT_TEXTS = 100_000
_SUFFIX = re.compile(r"\.(?:html?|php\d?|aspx?|jsp|cfm)$")
_TITLE_PARTS = re.compile(r"\s[-–—·•»]+\s|[|:]")
_ADDRESS = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//[^/?#]*|^[^/?#]*", re.IGNORECASE)
_NO_LETTER = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")


class Rule(NamedTuple):
    """Phrases that point to a tactic when they are found in a certain place.

    Attributes
    ----------
    example, near_miss
        A text in that place to which the rule applies, and one to which it does not.
    """

    tactic: Tactic
    where: Where
    language: str
    strength: int
    phrases: tuple[str, ...]
    example: str
    near_miss: str


class Found(NamedTuple):
    """A phrase of a rule that was found."""

    rule: Rule
    phrase: str


def find_tactics(pages: pd.DataFrame) -> pd.DataFrame:
    """Tell for each linking page how such a link is usually won.

    Parameters
    ----------
    pages
        One row per page, with any of `COLUMNS`. `source_url` and `anchor`, as in the links table, will do as well.

    Returns
    -------
    DataFrame
        `tactic`, one of `linkgap.schema.TACTICS`, and `tactic_evidence`, with the index of `pages`.

    Raises
    ------
    InvalidArgumentError
        When there is neither `sample_url` nor `source_url`.

    Examples
    --------
    >>> import pandas as pd
    >>> pages = pd.DataFrame({"sample_url": ["https://club.test/nos-partenaires/", "https://a.test/2024/tax"]})
    >>> find_tactics(pages).to_numpy().tolist()
    [['partner', 'page: nos partenaires'], ['unknown', '']]
    """
    import pandas as pd

    given = pages.rename(columns={"source_url": "sample_url", "anchor": "sample_anchor"})
    given = given.loc[:, ~given.columns.duplicated()]
    if "sample_url" not in given:
        message = f"These pages have no addresses; their columns are {in_words(pages.columns)}. Add sample_url."
        raise InvalidArgumentError(message)
    columns = ["sample_url", *(name for name in COLUMNS[1:] if name in given and given[name].notna().any())]
    known = given[columns].astype(object)
    values = (known[name].where(known[name].notna(), None) for name in columns)
    judged = [judge(dict(zip(columns, row, strict=True))) for row in zip(*values, strict=True)]
    return pd.DataFrame(judged, columns=["tactic", "tactic_evidence"], index=pages.index, dtype=object)


def judge(row: Mapping[str, object]) -> tuple[Tactic, str]:
    """Return the tactic for one page, and the evidence for it."""
    found = [each for where, parts in parts_of(row).items() for part in parts for each in find_phrases(where, part)]
    if not found:
        return "unknown", ""
    by_tactic: dict[Tactic, dict[Where, int]] = defaultdict(dict)
    for rule, _ in found:
        place = _SAME.get(rule.where, rule.where)
        by_tactic[rule.tactic][place] = max(rule.strength, by_tactic[rule.tactic].get(place, 0))
    strengths = {tactic: sum(places.values()) for tactic, places in by_tactic.items()}
    best = min(strengths, key=lambda tactic: (-strengths[tactic], TACTICS.index(tactic)), default=None)
    if best is None or strengths[best] < ENOUGH:
        return "unknown", ""
    words = dict.fromkeys(f"{rule.where}: {phrase.removeprefix('=')}" for rule, phrase in found if rule.tactic == best)
    return best, "; ".join(words)


def parts_of(row: Mapping[str, object]) -> dict[Where, list[str]]:
    """Return the parts to look at in each place: words folded, the domain and fixed terms as they are."""
    url = _text(row["sample_url"] or "")
    *folders, page = _path(url) or [""]
    parts: dict[Where, list[str]] = {
        "host": [_own_domain(url)],
        "folder": [folded(each) for each in folders],
        "page": [folded(_SUFFIX.sub("", page.lower()))],
    }
    for column, (where, cut) in _CUTS.items():
        value = row.get(column)
        if value is not None:
            parts[where] = cut(value)
    return {where: [part for part in each if part] for where, each in parts.items()}


def _text(value: object) -> str:
    return str(value)[:_LONGEST_TEXT]


def _own_domain(url: str) -> str:
    """Return the registrable domain; empty for a site below a platform, whose name does not tell what it is."""
    host = host_of(url)
    domain = registrable_domain(host) if host else ""
    suffix = domain.partition(".")[2]
    return "" if suffix in private_suffixes() else domain


def _path(url: str) -> list[str]:
    """Return the folders and the page of a URL, without query and fragment."""
    path = re.split(r"[?#]", _ADDRESS.sub("", url, count=1))[0]
    return [each for each in path.split("/") if each]


def _number(value: object) -> float:
    """Return a number as it is, and NaN, to which no rule applies, for anything else."""
    return float(value) if isinstance(value, Real) else math.nan


@lru_cache(maxsize=_KEPT_TEXTS)
def folded(text: str) -> str:
    """Return a text in lower case, without accents and punctuation, words separated by one space, each number as `#`.

    Examples
    --------
    >>> folded("Liens_utiles%20%C3%A0 suivre : 10 blogs !"), folded("Größe")
    ('liens utiles a suivre # blogs', 'grosse')
    """
    if not text.isascii() or "%" in text:
        text = unicodedata.normalize("NFKD", unquote(text).casefold())
        text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return _DIGITS.sub("#", _NO_LETTER.sub(" ", text.lower()).strip())


_CUTS: Mapping[str, tuple[Where, Callable[[object], list[str]]]] = {
    "title": ("title", lambda title: [folded(each) for each in _TITLE_PARTS.split(_text(title))]),
    "sample_anchor": ("anchor", lambda anchor: [folded(_text(anchor))]),
    "platform": ("platform", lambda listed: [folded(each) for each in str(listed).split(",")]),
    "page_type": ("page type", lambda kind: [folded(str(kind))]),
    "kind": ("kind", lambda kind: [str(kind)]),
    "target_status": ("target status", lambda status: [f"{_number(status):g}"]),
    "page_external_links": ("links out", lambda links: ["many"] if _number(links) > MANY_LINKS_OUT else []),
}
"""The place of each column, and how it is split into parts; the URL is split by `parts_of`."""


def find_phrases(where: Where, part: str) -> Iterator[Found]:
    """Yield the phrases of rules that are found in a part of a page."""
    rules = _phrases()
    inside = (
        _in_names().findall(part.replace("-", "")) if where == "host" else _runs(part.split(), _first_words()[where])
    )
    for phrase in (f"={part}", *inside):
        for rule in rules.get((where, phrase), ()):
            yield Found(rule, phrase)


def _runs(words: list[str], first: Container[str]) -> Iterator[str]:
    """Yield the runs of up to five words that begin with the first word of some phrase."""
    for start, word in enumerate(words):
        if word in first:
            for end in range(start + 1, min(start + _LONGEST_PHRASE, len(words)) + 1):
                yield " ".join(words[start:end])


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """Return the rules in the order of the file."""
    text = files("linkgap.gap").joinpath("tactics.csv").read_text(encoding="utf-8")
    return tuple(
        Rule(
            _one_of(TACTICS, row["tactic"]),
            _one_of(get_args(Where), row["where"]),
            row["language"],
            int(row["strength"]),
            tuple(row["phrases"].split(", ")),
            row["example"],
            row["near_miss"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def _one_of(allowed: tuple[Any, ...], text: str) -> Any:  # noqa: ANN401 - one of the literals
    return allowed[allowed.index(text)]


@lru_cache(maxsize=1)
def _phrases() -> dict[tuple[Where, str], list[Rule]]:
    """Return the rules for each place and phrase."""
    index: defaultdict[tuple[Where, str], list[Rule]] = defaultdict(list)
    for rule in all_rules():
        for phrase in rule.phrases:
            index[rule.where, phrase].append(rule)
    return dict(index)


@lru_cache(maxsize=1)
def _first_words() -> dict[Where, set[str]]:
    """Return the words with which phrases begin, for each place."""
    return {
        place: {phrase.split()[0] for where, phrase in _phrases() if where == place and not phrase.startswith("=")}
        for place in get_args(Where)
    }


@lru_cache(maxsize=1)
def _in_names() -> re.Pattern[str]:
    """Return a pattern that finds phrases in the names of domains, where words are not separated."""
    inside = (phrase for where, phrase in _phrases() if where == "host" and not phrase.startswith("="))
    return re.compile("|".join(sorted(map(re.escape, inside), key=len, reverse=True)))
