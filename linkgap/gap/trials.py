"""One trial: a list stands in for the site's, some of its links are hidden, and each method ranks the candidates.

Pure functions on arrays. The scores are those of `linkgap.gap.formula`, which rank the prospects as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from linkgap.gap.authority import MEDIAN, percentile
from linkgap.gap.formula import (
    AUTHORITY_WEIGHT,
    DECIMALS,
    LIKELIHOOD_WEIGHTS,
    coverage_of,
    likelihood_of,
    linked_domains_percentile,
    priority_of,
    rival_similarity,
    shared_domains,
    terms_of,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from linkgap.gap.lists import Lists

    Array = npt.NDArray[Any]

LOT, AUTHORITY, COUNT = "by lot", "authority", "rivals linked"
COUNT_THEN_AUTHORITY = "rivals linked, then authority"
LIKELIHOOD, PRIORITY, TUNED = "likelihood", "priority", "tuned"
METHODS = (LOT, AUTHORITY, COUNT, COUNT_THEN_AUTHORITY, LIKELIHOOD, PRIORITY, TUNED)
"""What candidates are sorted by: chance, what many sort by today, and what linkgap offers."""

SAME_SHARE, SAME_NUMBER = "same share", "same number"
"""How many of a rival's links are hidden: the same share as of the site's links, or the same number."""

MOST_PLACES = 100
LEAST_HIDDEN = 5
"""With fewer hidden links, precision is a matter of luck."""

_TIES_AMONG = 10
_GAIN_PLACES = 50


class Trial(NamedTuple):
    """The list that is the target, and which links are known and hidden: one row per domain, one column per list."""

    target: int
    draw: str
    known: Array
    hidden: Array


@dataclass(frozen=True, eq=False)
class Pool:
    """The candidates of a trial.

    Attributes
    ----------
    places
        Their rows in the lists.
    linked
        Whether each candidate (row) is known to link to each site (column), the target left out.
    found
        Whether each candidate has a hidden link to the target.
    shared
        Number of domains that each pair of lists is known to share, the target first.
    figures
        `authority` and `linked_domains` as percentiles in the pool, and `links` per rival linked; without those that
        are not known.
    hidden
        How many links to the target are hidden, including those of domains that are not candidates.
    """

    places: Array
    linked: Array
    found: Array
    shared: Array
    figures: dict[str, Array]
    hidden: int

    def __len__(self) -> int:
        """Return how many candidates there are."""
        return len(self.places)


class Outcome(NamedTuple):
    """How one method did in one trial.

    Parameters
    ----------
    found
        Number of hidden links among the first k, for k from 1 to 100.
    tied
        Share of the first ten places that were drawn by lot among equals.
    ndcg, auc
        NaN where no candidate has a hidden link; `auc` also where all have one.
    """

    found: Array
    tied: float
    ndcg: float
    auc: float


def hide_rivals(lists: Lists, share: float, seed: int) -> Iterator[Trial]:
    """Let each rival stand in for the site twice: with the same share of links hidden, and with the same number."""
    number = max(round(share * int(lists.members[:, 0].sum())), LEAST_HIDDEN)
    for target in range(1, len(lists.sites)):
        own = int(lists.members[:, target].sum())
        for draw, (name, size) in enumerate([(SAME_SHARE, round(share * own)), (SAME_NUMBER, min(number, own))]):
            yield hide_some(lists, target, size, np.random.default_rng([seed, target, draw]), name)


def hide_own(lists: Lists, share: float, repeats: int, seed: int) -> Iterator[Trial]:
    """Hide a share of the site's own links, drawn anew each time."""
    size = round(share * int(lists.members[:, 0].sum()))
    for repeat in range(repeats):
        yield hide_some(lists, 0, size, np.random.default_rng([seed, 0, repeat]), f"draw {repeat + 1}")


def hide_some(lists: Lists, target: int, size: int, random: np.random.Generator, draw: str = "") -> Trial:
    """Hide some links of one list, drawn by lot."""
    chosen = random.choice(np.flatnonzero(lists.members[:, target]), size, replace=False)
    hidden = np.zeros_like(lists.members)
    hidden[chosen, target] = True
    return Trial(target, draw, lists.members & ~hidden, hidden)


def hide_new(lists: Lists, cutoff: np.datetime64) -> Iterator[Trial]:
    """Hide the links of all lists that were first seen on a day or later; each list stands in for the site's once.

    Links without a date are neither known nor hidden, as they may or may not have existed before that day.
    """
    if lists.first_seen is None:
        return
    known, hidden = lists.members & (lists.first_seen < cutoff), lists.members & (lists.first_seen >= cutoff)
    for target in range(len(lists.sites)):
        yield Trial(target, "new links", known, hidden)


def pool_of(lists: Lists, trial: Trial) -> Pool:
    """Gather a trial's candidates: known to link to enough rivals, and not to the target, except by a hidden link."""
    target = trial.target
    others = [column for column in range(len(lists.sites)) if column != target]
    linked = trial.known[:, others]
    open_to = ~lists.members[:, target] | trial.hidden[:, target]
    places = np.flatnonzero((linked.sum(axis=1) >= lists.min_rivals) & open_to)
    return Pool(
        places=places,
        linked=linked[places],
        found=trial.hidden[places, target],
        shared=shared_domains(trial.known[:, [target, *others]]),
        figures=_figures(lists, trial, others, places),
        hidden=int(trial.hidden[:, target].sum()),
    )


def _figures(lists: Lists, trial: Trial, others: list[int], places: Array) -> dict[str, Array]:
    """Return what the pool's figures would be if the hidden links did not exist."""
    figures: dict[str, Array | None] = {}
    if lists.authority is not None:
        known = percentile(lists.authority[trial.target, places])
        figures["authority"] = None if np.isnan(known).all() else np.where(np.isnan(known), MEDIAN, known)
    if lists.linked_domains is not None:
        without = lists.linked_domains[trial.target, places] - trial.hidden[places].sum(axis=1)
        figures["linked_domains"] = linked_domains_percentile(without)
    if lists.links is not None:
        linked = trial.known[places][:, others]
        links = (lists.links[places][:, others] * linked).sum(axis=1)
        figures["links"] = links / np.maximum(linked.sum(axis=1), 1)
    return {name: values for name, values in figures.items() if values is not None}


def scores_of(pool: Pool, authority_weight: float = AUTHORITY_WEIGHT) -> dict[str, Array]:
    """Return each candidate's score by each method that the known figures allow, except chance and the tuned model."""
    parts = {"coverage": coverage_of(pool.linked.T, rival_similarity(pool.shared)), **pool.figures}
    likelihood = likelihood_of(parts, terms_of(LIKELIHOOD_WEIGHTS, parts))
    authority, count = pool.figures.get("authority"), pool.linked.sum(axis=1).astype(float)
    scores = {COUNT: count, LIKELIHOOD: likelihood}
    if authority is not None:
        scores |= {
            AUTHORITY: authority,
            COUNT_THEN_AUTHORITY: count + authority,  # percentiles are below 1
            PRIORITY: priority_of(likelihood, value_of(authority), authority_weight),
        }
    return {name: scores[name] for name in METHODS if name in scores}


def measure(scores: Array, found: Array, random: np.random.Generator) -> Outcome:
    """Sort candidates by score, ties by lot, and measure how early the hidden links come.

    Examples
    --------
    >>> import numpy as np
    >>> outcome = measure(np.array([3, 2, 1]), np.array([True, False, True]), np.random.default_rng(0))
    >>> outcome.found[:4], outcome.auc
    (array([1., 1., 2., 2.]), 0.5)
    """
    rounded = np.round(np.asarray(scores, dtype=float), DECIMALS)
    lot = random.permutation(len(rounded))
    order = lot[np.argsort(-rounded[lot], kind="stable")]
    hits = np.zeros(max(MOST_PLACES, _GAIN_PLACES))
    first = found[order[: len(hits)]]
    hits[: len(first)] = first
    return Outcome(hits.cumsum()[:MOST_PLACES], _tied(rounded[order]), _gain(hits, found), _auc(rounded, found))


def measure_lot(found: Array) -> Outcome:
    """Return what an order by lot would find on average."""
    size, positives = len(found), int(found.sum())
    hits = np.zeros(max(MOST_PLACES, _GAIN_PLACES))
    hits[:size] = positives / max(size, 1)
    return Outcome(hits.cumsum()[:MOST_PLACES], 1.0, _gain(hits, found), 0.5 if 0 < positives < size else np.nan)


def _tied(ordered: Array) -> float:
    """Return the share of the first ten places that have the score of the eleventh, so that lot chose among equals."""
    if len(ordered) <= _TIES_AMONG or ordered[_TIES_AMONG] != ordered[_TIES_AMONG - 1]:
        return 0.0
    return float((ordered[:_TIES_AMONG] == ordered[_TIES_AMONG]).mean())


def _gain(hits: Array, found: Array) -> float:
    """Return NDCG@50: a hit at place i gains 1 / log2(i + 1), and the sum is divided by that of the best order."""
    discounts = 1 / np.log2(np.arange(2, _GAIN_PLACES + 2))
    best = discounts[: int(found.sum())].sum()
    return float(hits[:_GAIN_PLACES] @ discounts / best) if best else np.nan


def _auc(scores: Array, found: Array) -> float:
    """Return how often a hidden link scores higher than another candidate, ties counted half."""
    size, positives = len(found), int(found.sum())
    if not 0 < positives < size:
        return np.nan
    above = percentile(scores)[found].sum() * size - positives**2 / 2
    return float(above / (positives * (size - positives)))
