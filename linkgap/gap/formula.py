"""The formula of the ranking on plain arrays, so that `rank_prospects` and `backtest` compute the very same scores.

A pool is the set of domains that are ranked against one another: the prospects of a gap, or the candidates of a trial.
Arrays have a row for each domain of the pool.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from linkgap.gap.authority import MEDIAN, percentile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    Array = npt.NDArray[Any]

LEAST_VALUE = 0.02
"""Lower authority percentiles are raised to this, so that no prospect's priority is multiplied by zero."""

OWN_LINKS_TRUSTED = 10
"""With this many linking domains of the site, similarity to it and similarity among the rivals have equal weight."""

LIKELIHOOD_WEIGHTS: Mapping[str, float] = MappingProxyType({"linked_domains": 0.1, "authority": 0.1})
LIKELIHOOD_TERMS: Mapping[str, str] = MappingProxyType(
    {"linked_domains": "the number of domains it links to", "authority": "its authority"}
)
"""What the likelihood takes into account besides coverage, in words; each is a percentile in the pool."""

AUTHORITY_WEIGHT = 0.25
DECIMALS = 9
"""How many decimals of scores are compared."""

_MOST_REPEATED = 0.3
_LEAST_REPEATED = 3
"""Fewer prospects than this may well link to the same number of domains by chance."""


def shared_domains(members: Array) -> Array:
    """Return how many domains each pair of lists shares; on the diagonal, how many each has.

    Parameters
    ----------
    members
        Whether each domain (row) is on each list (column).

    Examples
    --------
    >>> import numpy as np
    >>> shared_domains(np.array([[True, True], [True, False], [True, True]]))
    array([[3, 2],
           [2, 2]])
    """
    # Bits, not a matrix product: the threads of that spin while they wait for each other, if the cores are busy.
    packed = np.packbits(members, axis=0).T
    return np.array([np.bitwise_count(packed & each).sum(axis=1, dtype=np.int64) for each in packed])


def cosines(shared: Array) -> Array:
    """Return cos(A, B) of each pair of lists: the domains in both over the root of the product of their sizes."""
    sizes = np.sqrt(np.diag(shared).astype(float))
    return np.asarray(shared / np.maximum(np.outer(sizes, sizes), 1))


def rival_similarity(shared: Array) -> Array:
    """Return the weight of each rival, by its similarity to the site and to the other rivals; weights add up to 1.

    Parameters
    ----------
    shared
        From `shared_domains`, the site first.

    Notes
    -----
    With S the domains linking to the site, n their number, and R those linking to a rival: a = cos(S, R) and
    p = the mean of cos(R, other R), each divided by its sum over the rivals; weight = (n a + 10 p) / (n + 10).

    Examples
    --------
    >>> import numpy as np
    >>> rival_similarity(np.array([[4, 2, 0], [2, 4, 0], [0, 0, 4]]))
    array([1., 0.])
    """
    alike = cosines(shared)
    to_site, among = alike[0, 1:], alike[1:, 1:]
    rivals = len(to_site)
    to_rivals = (among.sum(axis=1) - np.diag(among)) / max(rivals - 1, 1)
    blended = shared[0, 0] * _shares(to_site) + OWN_LINKS_TRUSTED * _shares(to_rivals)
    return np.asarray(blended / blended.sum()) if blended.sum() else np.full(rivals, 1 / rivals)


def _shares(values: Array) -> Array:
    """Divide by the sum; all zeros stay zeros."""
    return values / values.sum() if values.sum() else np.zeros(len(values))


def coverage_of(linked: Iterable[Array], weights: Array) -> Array:
    """Return the sum of the weights of the rivals that each domain links to.

    Parameters
    ----------
    linked
        For each rival, whether each domain links to it.
    """
    return np.asarray(sum(links * weight for links, weight in zip(linked, weights, strict=True)), dtype=float)


def repeated_share(figures: Array) -> float:
    """Return the share of the known figures that equal the most common one; it is high where a list's cap shows.

    Zero where no figure occurs at least three times.

    Examples
    --------
    >>> import numpy as np
    >>> repeated_share(np.array([100, 100, 100, 7, np.nan])), repeated_share(np.array([100, 100, 7]))
    (0.75, 0.0)
    """
    counts = np.unique(figures[~np.isnan(figures)], return_counts=True)[1]
    repeated = int(counts.max(initial=0))
    return float(repeated / counts.sum()) if repeated >= _LEAST_REPEATED else 0.0


def linked_domains_percentile(figures: Array) -> Array | None:
    """Return the percentiles of linked domains in a pool, or None when the figures are missing or show a list's cap.

    Where the lists of linked domains are cut at a round number, one link fewer betrays that a link of the domain was
    hidden: in real exports of 100 linked domains each, this doubled the apparent precision.
    """
    if np.isnan(figures).all() or repeated_share(figures) > _MOST_REPEATED:
        return None
    return np.where(np.isnan(figures), MEDIAN, percentile(figures))


def terms_of(weights: Mapping[str, float], known: Mapping[str, Array]) -> dict[str, float]:
    """Return the terms of the likelihood besides coverage that are known, each with its weight."""
    return {name: float(weights[name]) for name in LIKELIHOOD_WEIGHTS if name in known and weights.get(name)}


def likelihood_of(parts: Mapping[str, Array], terms: Mapping[str, float]) -> Array:
    """Return the likelihood index, 0 to 1.

    Parameters
    ----------
    parts
        `coverage` and the percentiles that `terms` names.
    terms
        From `terms_of`.
    """
    added = sum(weight * parts[name] for name, weight in terms.items())
    return np.asarray((parts["coverage"] + added) / (1 + sum(terms.values())))


def value_of(authority: Array) -> Array:
    """Return the value of a link from each domain: its authority percentile, raised where it is nearly zero."""
    return np.maximum(authority, LEAST_VALUE)


def priority_of(likelihood: Array, value: Array | None, authority_weight: float) -> Array:
    """Return 100 x likelihood x value ^ weight, before risk; an unknown value multiplies by 1."""
    if value is None:
        return 100 * likelihood
    return np.asarray(100 * likelihood * np.where(np.isnan(value), 1.0, value**authority_weight))
