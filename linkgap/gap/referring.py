"""Who links to whom: the relational work behind a gap, as the statements beside this module, and its result in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from linkgap.domains import parse_site
from linkgap.engine import Engine, statement
from linkgap.errors import InvalidArgumentError, LinkgapError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from linkgap.loaders.links import Links
    from linkgap.schema import Level

    Array = npt.NDArray[Any]

MOST_SITES = 124
_BITS = 62
"""A combination of sites is the sum of their bits, in two integers of 62 bits, which every engine can add exactly."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of the links.

    Parameters
    ----------
    site, rivals
        The compared sites, as they stand in the links.
    own
        The user's other sites, whose domains are never prospects.
    live_only
        Whether only links that are live count.
    follow_only
        Whether links that an export marks as nofollow, ugc or sponsored don't count.
    level
        What a prospect is.
    min_rivals
        How many rivals a prospect links to at least.
    present, absent
        Rivals that a prospect must, or must not, link to.
    """

    site: str
    rivals: tuple[str, ...]
    own: tuple[str, ...] = ()
    live_only: bool = True
    follow_only: bool = False
    level: Level = "domain"
    min_rivals: int = 1
    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Candidates:
    """The domains that answer a question, in order of their names, with what the links say of them.

    Attributes
    ----------
    number
        Of each domain: its place among all domains in order of their names.
    linked
        One row a domain, one column a rival: whether it links there.
    totals
        Arrays by name: `rivals_linked`, `links`, `follow_links`, `lost_links`, `first_seen`, `last_seen`.
    seen
        What each file says of each domain, in long form: `place` of the domain here, `file`, and the file's figures.
    """

    number: Array
    linked: Array
    totals: Mapping[str, Array]
    seen: Mapping[str, Array]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.number)


@dataclass(frozen=True, eq=False)
class Combinations:
    """How many domains link to each combination of the site (first) and its rivals.

    Attributes
    ----------
    present
        One row a combination, one column a site: whether the domains link there.
    domains
        How many domains have each combination.
    """

    present: Array
    domains: Array

    def shared(self) -> Array:
        """Return how many domains each pair of sites shares; on the diagonal, how many each has."""
        weighted = self.present * self.domains[:, None]
        return np.asarray(self.present.T.astype(np.int64) @ weighted.astype(np.int64))


def number_names(engine: Engine, level: Level) -> None:
    """Make the table `keys` for a level, unless it is there."""
    there = engine.rows("SELECT 1 FROM information_schema.tables WHERE table_name = 'keys'")
    if not there or engine.rows("SELECT level FROM keys LIMIT 1") not in ([(level,)], []):
        engine.run(statement("linkgap.gap", "keys"), level=level)


def count_linking(links: Links, question: Question) -> None:
    """Make the tables that answer a question, up to `linking`: one row for each domain and compared site."""
    engine = links.engine
    number_names(engine, question.level)
    _put_compared(engine, question)
    domains = {parse_site(text).domain for text in (question.site, *question.rivals, *question.own)}
    engine.put("excluded", {"domain": sorted(domains)})
    files = [(source.number, f"{source.report.provider} {source.report.name}") for source in links.sources]
    engine.put("lists", {"file": [number for number, _ in files], "list": [name for _, name in files]})
    options = {"live_only": question.live_only, "follow_only": question.follow_only}
    engine.run(statement("linkgap.gap", "referring"), **options)
    engine.run(statement("linkgap.gap", "linking"))


def _put_compared(engine: Engine, question: Question) -> None:
    sites = (question.site, *question.rivals)
    if len(sites) > MOST_SITES:
        message = f"{len(sites)} sites are too many to compare at once. Allowed: {MOST_SITES}. Name the closest with rivals=[...]."
        raise InvalidArgumentError(message)
    numbers = range(len(sites))
    engine.put(
        "compared",
        {
            "site": sites,
            "number": list(numbers),
            "is_rival": [number > 0 for number in numbers],
            "is_required": [site in question.present for site in sites],
            "is_forbidden": [site == question.site or site in question.absent for site in sites],
            "low": [1 << number if number < _BITS else 0 for number in numbers],
            "high": [1 << (number - _BITS) if number >= _BITS else 0 for number in numbers],
        },
    )


def find_candidates(engine: Engine, question: Question) -> Candidates:
    """Read the candidates out of the tables that `count_linking` made."""
    options = {"min_rivals": question.min_rivals, "required": len(question.present)}
    engine.run(statement("linkgap.gap", "candidates"), **options)
    found = engine.columns("SELECT * FROM candidates ORDER BY domain")
    number = _plain(found.pop("domain"), np.int64)
    cells = engine.columns(statement("linkgap.gap", "cells"))
    linked = np.zeros((len(number), len(question.rivals)), dtype=bool)
    linked[np.searchsorted(number, _plain(cells["domain"], np.int64)), _plain(cells["site"], np.int64) - 1] = True
    seen = engine.columns(statement("linkgap.gap", "seen"))
    place = np.searchsorted(number, _plain(seen.pop("domain"), np.int64))
    kinds = {"rivals_linked": np.int64, "links": np.int64, "lost_links": np.int64}
    totals = {name: column if "seen" in name else _plain(column, kinds.get(name, np.float64)) for name, column in found.items()}
    figures = {name: _plain(column, np.int64 if name in {"file", "links"} else np.float64) for name, column in seen.items()}
    return Candidates(number, linked, totals, {"place": place, **figures})


def find_combinations(engine: Engine, question: Question) -> Combinations:
    """Read the combinations of sites out of the tables that `count_linking` made."""
    found = engine.columns(statement("linkgap.gap", "overlaps"))
    low, high = _plain(found["low"], np.int64), _plain(found["high"], np.int64)
    numbers = np.arange(1 + len(question.rivals))
    bits = np.where(numbers < _BITS, low[:, None] >> np.minimum(numbers, _BITS), high[:, None] >> np.maximum(numbers - _BITS, 0))
    order = np.lexsort((low, high))
    return Combinations((bits & 1).astype(bool)[order], _plain(found["domains"], np.int64)[order])


def _plain(column: Array, kind: type) -> Array:
    """Return a column of the engine without its mask: nulls become NaN, or 0 in integers."""
    if isinstance(column, np.ma.MaskedArray):
        column = column.astype(kind).filled(np.nan if kind is np.float64 else 0)
    return np.asarray(column).astype(kind)


def names_of(engine: Engine, level: Level, numbers: Array) -> list[str]:
    """Return the names of domains (or hosts) by their numbers, in that order."""
    number_names(engine, level)
    engine.put("wanted", {"place": np.arange(len(numbers)), "number": numbers})
    query = "SELECT w.place, MIN(k.name) AS name FROM wanted AS w JOIN keys AS k ON k.number = w.number GROUP BY w.place"
    found = engine.rows(f"SELECT name FROM ({query}) AS named ORDER BY place")  # noqa: S608
    if len(found) != len(numbers):
        message = "The links of this gap are not the ones that the engine holds. Read them again."
        raise LinkgapError(message)
    return [row[0] for row in found]

