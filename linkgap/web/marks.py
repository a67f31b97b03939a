"""Phrases that mark a contact page, an invitation to guest authors, or a list of links.

They are kept in a table beside this module, `marks.csv`, like those of `linkgap.gap.tactics`. A phrase is looked for as
whole words, in lower case and without accents; with `=` in front, it must be the whole text.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple, get_args

from linkgap.gap.tactics import folded

Mark = Literal["contact", "write for us", "resource list"]
MARKS: tuple[Mark, ...] = get_args(Mark)

_LONGEST_TEXT = 80
"""Characters beyond which a text has no mark: those who invite authors, or name a list, do so in a few words."""


class Words(NamedTuple):
    """The phrases for a mark in one language, with a text that has the mark and a similar one that does not."""

    mark: Mark
    language: str
    phrases: tuple[str, ...]
    example: str
    near_miss: str


@lru_cache(maxsize=1)
def all_words() -> tuple[Words, ...]:
    """Return the phrases in `marks.csv`."""
    text = files("linkgap.web").joinpath("marks.csv").read_text(encoding="utf-8")
    return tuple(
        Words(
            MARKS[MARKS.index(row["mark"])],
            row["language"],
            tuple(row["phrases"].split(", ")),
            row["example"],
            row["near_miss"],
        )
        for row in csv.DictReader(text.splitlines())
    )


@lru_cache(maxsize=1)
def _phrases() -> dict[Mark, tuple[frozenset[str], tuple[str, ...]]]:
    """Return for each mark the phrases that must be the whole text, and the others with a blank on either side."""
    words = all_words()
    return {mark: _phrases_of([each for row in words if row.mark == mark for each in row.phrases]) for mark in MARKS}


def _phrases_of(phrases: list[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    exact = frozenset(each[1:] for each in phrases if each.startswith("="))
    return exact, tuple(dict.fromkeys(f" {each} " for each in phrases if not each.startswith("=")))


def has_mark(mark: Mark, text: str) -> bool:
    """Tell whether a short text, such as an anchor or a heading, has a mark.

    Examples
    --------
    >>> has_mark("contact", "Kontakt"), has_mark("contact", "Contact lenses"), has_mark("write for us", "Write for us!")
    (True, False, True)
    """
    if len(text) > _LONGEST_TEXT:
        return False
    plain = folded(text)
    exact, contained = _phrases()[mark]
    return plain in exact or any(each in f" {plain} " for each in contained)
