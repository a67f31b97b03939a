"""Which links a backtest hides: those first seen from some day on, some of each rival's, or some of the site's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from linkgap.errors import InvalidArgumentError, TooFewLinksError, counted, in_words, is_number
from linkgap.gap.trials import LEAST_HIDDEN, hide_new, hide_own, hide_rivals

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from linkgap.gap.lists import Lists
    from linkgap.gap.trials import Trial

    Array = npt.NDArray[Any]

Kind = Literal["first_seen", "rivals", "recover"]
KINDS: tuple[Kind, ...] = get_args(Kind)
REPEATS = 20
_LEAST_DATED = 0.5
_LEAST_SHARE, _MOST_SHARE = 0.05, 0.9
_LEAST_RIVALS = 2


@dataclass(frozen=True)
class Plan:
    """How links are hidden.

    Attributes
    ----------
    kind, reason
        One of `KINDS`, and why it is this one.
    share
        Share of the links that is hidden.
    day
        First day of the hidden links, for the kind `first_seen`.
    notes
        What can't take part, in sentences.
    """

    kind: Kind
    reason: str
    share: float = 0.3
    day: np.datetime64 | None = None
    notes: tuple[str, ...] = ()

    def trials(self, lists: Lists, seed: int) -> Iterator[Trial]:
        """Return the trials that carry out the plan."""
        if self.day is not None:
            return hide_new(lists, self.day)
        if self.kind == "rivals":
            return hide_rivals(lists, self.share, seed)
        return hide_own(lists, self.share, REPEATS, seed)


def check_draws(share: float, seed: int) -> None:
    """Refuse a share of links that can't be hidden, and an invalid seed.

    Raises
    ------
    InvalidArgumentError
        When one is out of range.
    """
    if not is_number(share) or not _LEAST_SHARE <= share <= _MOST_SHARE:
        message = f"share={share!r} is not allowed. Allowed: a number from {_LEAST_SHARE} to {_MOST_SHARE}."
        raise InvalidArgumentError(message)
    if not is_number(seed, whole=True) or seed < 0:
        message = f"seed={seed!r} is not allowed. Allowed: a whole number of 0 or more."
        raise InvalidArgumentError(message)


def make_plan(lists: Lists, kind: Kind | None, day: np.datetime64 | None, share: float) -> tuple[Plan, Lists]:
    """Choose how to hide links, and the lists that can take part.

    Parameters
    ----------
    kind
        None takes the first that is possible.
    day
        First day of the hidden links; None takes the one that hides `share` of the dated links.

    Raises
    ------
    InvalidArgumentError
        When rivals are to stand in for the site, but there is only one.
    TooFewLinksError
        When links are to be hidden by day, but their dates don't suffice for that.
    """
    if kind in {None, "first_seen"}:
        dated = lists.only(_dated_columns(lists))
        chosen = day if day is not None or len(dated.sites) < _LEAST_RIVALS else _cutoff_day(dated, share)
        obstacle = _obstacle(lists, dated, chosen) or (None if day is not None else _all_new(dated, chosen))
        if chosen is not None and obstacle is None:
            return _by_day(lists, dated, chosen, share), dated
        if kind or day is not None:
            message = f"kind='first_seen' is not possible: {obstacle}. Use lg.backtest(gap, kind='rivals')."
            raise TooFewLinksError(message)
        return Plan("recover" if len(lists.sites) <= _LEAST_RIVALS else "rivals", str(obstacle), share), lists
    if kind == "rivals" and len(lists.sites) <= _LEAST_RIVALS:
        message = (
            f"kind='rivals' is not possible: each rival stands in for {lists.sites[0]} in turn, and there is only one. "
            "Read another rival's links, or use lg.backtest(gap, kind='recover')."
        )
        raise InvalidArgumentError(message)
    return Plan(kind or "rivals", "as requested", share), lists


def too_few_links(lists: Lists, plan: Plan) -> TooFewLinksError:
    """Return an error that says that nothing could be hidden, and how many links that takes."""
    site, own = lists.sites[0], int(lists.members[:, 0].sum())
    needed = int(np.ceil(LEAST_HIDDEN / plan.share))
    whose = f"{site} has {counted(own, 'linking domain')}" if plan.kind == "recover" else "every list is shorter"
    return TooFewLinksError(
        f"A backtest hides at least {LEAST_HIDDEN} links of a list: at {plan.share:.0%}, that takes {needed} linking "
        f"domains, but {whose}. Read longer lists, or hide a larger share=."
    )


def nothing_to_rank(plan: Plan) -> TooFewLinksError:
    """Return an error that says that no domain is left to rank once links are hidden."""
    advice = "hide a smaller share=" if plan.day is None else f"choose a later day than cutoff={str(plan.day)!r}"
    return TooFewLinksError(
        "Without the hidden links, no domain links to enough rivals, so there is nothing to rank. "
        f"Find a gap with a smaller min_rivals=, or {advice}."
    )


def _dated_columns(lists: Lists) -> list[int]:
    """Return the lists in which at least half of the links have a date; the site's alone if it is not one of them."""
    if lists.first_seen is None:
        return [0]
    enough = _has_day(lists).sum(axis=0) >= _LEAST_DATED * np.maximum(lists.members.sum(axis=0), 1)
    return np.flatnonzero(enough).tolist() if enough[0] else [0]


def _days(lists: Lists) -> Array:
    return np.asarray(lists.first_seen)


def _has_day(lists: Lists) -> Array:
    return np.asarray(lists.members & ~np.isnat(_days(lists)))


def _cutoff_day(dated: Lists, share: float) -> np.datetime64:
    """Return the day for which a share of the dated links is from that day or later."""
    days = np.sort(_days(dated)[_has_day(dated)])
    return np.datetime64(days[min(int(np.ceil((1 - share) * len(days))), len(days) - 1)], "D")


def _obstacle(lists: Lists, dated: Lists, day: np.datetime64 | None) -> str | None:
    """Say what prevents hiding links by day; None if nothing does."""
    site = lists.sites[0]
    if lists.first_seen is None:
        return "no export says when a link was first seen"
    if len(dated.sites) < _LEAST_RIVALS:
        return f"fewer than half of the links to {site}, or to any rival, have a first-seen date"
    new = int((dated.members[:, 0] & (_days(dated)[:, 0] >= day)).sum())
    if new < LEAST_HIDDEN:
        return f"{site} has {counted(new, 'link')} first seen from {day} on, but {LEAST_HIDDEN} are needed"
    return None


def _all_new(dated: Lists, day: np.datetime64 | None) -> str | None:
    """Say so when no rival's link is older than a day, as when a provider dates all links to its first crawl."""
    if (dated.members[:, 1:] & (_days(dated)[:, 1:] < day)).any():
        return None
    return f"no link to a rival was first seen before {day}"


def _by_day(lists: Lists, dated: Lists, day: np.datetime64, share: float) -> Plan:
    known = _has_day(dated).sum() / dated.members.sum()
    undated = set(lists.sites) - set(dated.sites)
    notes = [
        f"Links without a first-seen date don't count here: {1 - known:.0%} of the links in the lists that took part.",
        "First seen is the day on which the provider found a link, which may be long after it was made.",
    ]
    notes += [f"Left out, because fewer than half of their links have a date: {in_words(undated)}."] if undated else []
    return Plan("first_seen", f"{known:.0%} of the links have a first-seen date", share, day, tuple(notes))
