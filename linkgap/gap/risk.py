"""Reasons for caution before writing to a domain: named, added up, shown, and never a reason to delete.

The points are those of additive screens for link spam; the vendors' own marks count for now, and the user's lists win.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

SPAM_MARK_POINTS = 0.3
SPAM_SCORE_POINTS = 0.3
HIGH_SPAM_SCORE = 60
"""Moz calls a spam score of 61 to 100 per cent high; the other vendors' scores run over the same range."""

DENIED = "on your deny list"


class Risk(NamedTuple):
    """Points from 0 to 1 for each domain, and their reasons by name: a boolean array each."""

    points: npt.NDArray[np.float64]
    reasons: dict[str, npt.NDArray[np.bool_]]

    def words(self, places: npt.NDArray[np.int64]) -> list[str]:
        """Return the reasons of some domains in words, separated by semicolons."""
        chosen = {name: marks[places] for name, marks in self.reasons.items()}
        return ["; ".join(name for name, marks in chosen.items() if marks[place]) for place in range(len(places))]


def find_risk(
    spam: npt.NDArray[np.float64],
    spam_score: npt.NDArray[np.float64],
    *,
    denied: npt.NDArray[np.bool_],
    allowed: npt.NDArray[np.bool_],
) -> Risk:
    """Add up the reasons for caution.

    Parameters
    ----------
    spam
        1 where a provider marks the domain as spam, 0 where it does not, NaN where none says.
    spam_score
        Highest spam score of any provider, 0 to 100, or NaN.
    denied, allowed
        The user's lists: a denied domain has risk 1, an allowed one 0.

    Examples
    --------
    >>> import numpy as np
    >>> no = np.array([False, False])
    >>> find_risk(np.array([1.0, np.nan]), np.array([80.0, 10.0]), denied=no, allowed=no).points
    array([0.6, 0. ])
    """
    reasons = {
        "marked as spam by a provider": (spam == 1) & ~allowed,
        f"spam score above {HIGH_SPAM_SCORE}": (spam_score > HIGH_SPAM_SCORE) & ~allowed,
        DENIED: denied & ~allowed,
    }
    points = dict(zip(reasons, (SPAM_MARK_POINTS, SPAM_SCORE_POINTS, 1.0), strict=True))
    total = sum((marks * points[name] for name, marks in reasons.items()), np.zeros(len(spam)))
    return Risk(np.minimum(total, 1.0), reasons)


def matches(domains: Sequence[str], listed: Collection[str]) -> npt.NDArray[np.bool_]:
    """Tell which domains are on a list, themselves or as a host below a listed domain."""
    return np.array(
        [any(domain == each or domain.endswith("." + each) for each in listed) for domain in domains], dtype=bool
    )
