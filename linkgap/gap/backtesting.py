"""`backtest`: how good the ranking is on the user's own data, compared with sorting by authority or number of rivals.

Links that are known to exist are hidden, the prospects are ranked without them, and the hidden links among the first
places are counted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from linkgap.errors import InvalidArgumentError, check_kind, day_of, in_words, is_number
from linkgap.gap.formula import AUTHORITY_WEIGHT
from linkgap.gap.hiding import KINDS, check_draws, make_plan, nothing_to_rank, too_few_links
from linkgap.gap.lists import cut_files, gather_lists
from linkgap.gap.membership import Gap
from linkgap.gap.model import learn, lessons_of, signals_of
from linkgap.gap.results import Backtest
from linkgap.gap.trials import (
    COUNT,
    LEAST_HIDDEN,
    LIKELIHOOD,
    LOT,
    SAME_NUMBER,
    TUNED,
    measure,
    measure_lot,
    pool_of,
    scores_of,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from linkgap.gap.hiding import Kind, Plan
    from linkgap.gap.lists import Lists
    from linkgap.gap.trials import Outcome, Pool, Trial

    Array = npt.NDArray[Any]

_MOST_AUTHORITY_WEIGHT = 4


def backtest(
    gap: Gap,
    *,
    kind: Kind | None = None,
    cutoff: str | dt.date | None = None,
    share: float = 0.3,
    tuned: bool = False,
    authority_weight: float = AUTHORITY_WEIGHT,
    seed: int = 0,
) -> Backtest:
    """Measure how good the ranking of a gap is, compared with sorting by authority or by number of rivals.

    Parameters
    ----------
    gap
        From `find_gap`.
    kind
        `"first_seen"` hides the links first seen from some day on, for the site and each rival; `"rivals"` lets each
        rival stand in for the site and hides a share of its links; `"recover"` hides a share of the site's own links,
        twenty times. None takes first_seen where enough links are dated, else rivals, or recover with a single rival.
    cutoff
        First day of the hidden links for `first_seen`, such as `"2026-01-01"`; None takes the day that hides `share` of
        the dated links.
    share
        Share of links to hide, 0.05 to 0.9.
    tuned
        Whether to try the learned model of `tune` as well; in each trial it learns without the hidden links.
    authority_weight
        As in `rank_prospects`, for the method `priority`.
    seed
        Seed for draws and for breaking ties, 0 or more: the same seed gives the same result.

    Returns
    -------
    Backtest
        With `.table`, `.expected(k)`, `.bound(k)`, `.reach`, `.hit_rates`, `.curve` and `.words`.

    Raises
    ------
    InvalidArgumentError
        When something other than a gap is given, an option is out of range, or `rivals` is asked for and there is only
        one.
    TooFewLinksError
        When no site has at least five links to hide, the dates don't suffice for `first_seen`, or no candidate is left
        to rank.

    Notes
    -----
    What is tested is the likelihood; the priority adds how much you care about authority, and no trial can tell you
    that. Risk is left out. Rivals stay the same whatever is hidden; hidden links are taken out of every count; ties are
    broken by lot; precision divides by k even where there are fewer candidates.

    Examples
    --------
    >>> import linkgap as lg
    >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    >>> result = lg.backtest(gap, kind="rivals")
    >>> result.expected(10) > result.bound(10).precision
    True
    """
    check_kind(gap, Gap, "gap", "a gap, as find_gap returns it")
    _check(kind, share, authority_weight, seed)
    check_kind(tuned, bool, "tuned", "True or False")
    day = None if cutoff is None else _day(cutoff, kind)
    lists = gather_lists(gap, dated=kind in {None, "first_seen"})
    plan, taking_part = make_plan(lists, kind, day, float(share))
    result = run_backtest(taking_part, plan, tuned=tuned, authority_weight=float(authority_weight), seed=seed)
    return replace(result, notes=(*result.notes, *_notes_on_gap(gap)))


def run_backtest(
    lists: Lists, plan: Plan, *, tuned: bool = False, authority_weight: float = AUTHORITY_WEIGHT, seed: int = 0
) -> Backtest:
    """Carry out a plan on lists; `backtest` makes both from a gap.

    Raises
    ------
    TooFewLinksError
        When no site has at least five links to hide, or no trial has a candidate.
    """
    rows, found, left_out, rates = [], [], [], []
    for trial in plan.trials(lists, seed):
        pool, stand_in = pool_of(lists, trial), lists.sites[trial.target]
        if pool.hidden < LEAST_HIDDEN:
            left_out.append(stand_in)
            continue
        sizes = {"candidates": len(pool), "hidden": pool.hidden, "reachable": int(pool.found.sum())}
        for name, outcome in _outcomes(lists, trial, pool, authority_weight, seed, tuned=tuned):
            measures = {"tied": outcome.tied, "ndcg_50": outcome.ndcg, "auc": outcome.auc}
            rows.append({"site": stand_in, "draw": trial.draw, "method": name, **sizes, **measures})
            found.append(outcome.found)
        if trial.draw != SAME_NUMBER:
            rates.append(_count_by_rivals(pool, len(lists.sites) - 1))
    if not rates:
        raise too_few_links(lists, plan)
    if not any(row["candidates"] for row in rows if row["draw"] != SAME_NUMBER):
        raise nothing_to_rank(plan)
    return Backtest(
        site=lists.sites[0],
        rivals=lists.sites[1:],
        kind=plan.kind,
        reason=plan.reason,
        share=None if plan.day is not None else plan.share,
        cutoff=None if plan.day is None else pd.Timestamp(plan.day).date(),
        authority_weight=authority_weight,
        min_rivals=lists.min_rivals,
        trials=pd.DataFrame(rows),
        found=np.array(found),
        hit_rates=_hit_rates(np.sum(rates, axis=0)),
        notes=(*plan.notes, *_notes(plan, rows, left_out)),
    )


def _outcomes(
    lists: Lists, trial: Trial, pool: Pool, authority_weight: float, seed: int, *, tuned: bool
) -> Iterable[tuple[str, Outcome]]:
    """Yield each method with what it found in a trial."""
    random = np.random.default_rng([seed, trial.target, len(pool)])
    yield LOT, measure_lot(pool.found)
    scores = scores_of(pool, authority_weight)
    for name, each in scores.items():
        yield name, measure(each, pool.found, random)
    if tuned:
        signals = signals_of(pool)
        model = learn(lessons_of(lists.without(trial.hidden), seed), among=signals)
        learned = scores[LIKELIHOOD] if model is None else model.likelihood(signals)
        yield TUNED, measure(learned, pool.found, random)


def _count_by_rivals(pool: Pool, rivals: int) -> Array:
    """Return how many candidates there are, and hidden links among them, by number of rivals linked, 1 to all."""
    count = pool.linked.sum(axis=1)
    return np.array([np.bincount(each, minlength=rivals + 1)[1:] for each in (count, count[pool.found])])


def _hit_rates(counts: Array) -> pd.DataFrame:
    candidates, links = counts
    rate = np.divide(links, candidates, out=np.full(len(links), np.nan), where=candidates > 0)
    rivals = np.arange(1, len(links) + 1)
    return pd.DataFrame({"rivals_linked": rivals, "candidates": candidates, "links": links, "hit_rate": rate})


def _check(kind: Kind | None, share: float, authority_weight: float, seed: int) -> None:
    if kind is not None and kind not in KINDS:
        message = f"kind={kind!r} is not allowed. Allowed: {in_words(KINDS)}, or None to let the data decide."
        raise InvalidArgumentError(message)
    check_draws(share, seed)
    if not is_number(authority_weight) or not 0 <= authority_weight <= _MOST_AUTHORITY_WEIGHT:
        message = f"authority_weight={authority_weight!r} is not allowed. Allowed: a number from 0 to 4."
        raise InvalidArgumentError(message)


def _day(cutoff: str | dt.date, kind: Kind | None) -> np.datetime64:
    if kind not in {None, "first_seen"}:
        message = f"cutoff={cutoff!r} goes with kind='first_seen', not with kind={kind!r}. Leave one of them out."
        raise InvalidArgumentError(message)
    day = day_of(cutoff)
    if day is None:
        message = f"cutoff={cutoff!r} is not a date. Allowed: a date, such as '2026-01-31'."
        raise InvalidArgumentError(message)
    return np.datetime64(day, "D")


def _notes(plan: Plan, rows: Sequence[Mapping[str, Any]], left_out: Sequence[str]) -> Iterator[str]:
    tied = [row["tied"] for row in rows if row["method"] == COUNT and row["draw"] != SAME_NUMBER]
    yield f"{np.mean(tied):.0%} of the first ten places by {COUNT} were ties, broken by lot."
    if plan.kind == "recover":
        yield "Intervals show how much one draw differs from another, not how other sites would do."
    if left_out:
        yield f"Left out, because they have fewer than {LEAST_HIDDEN} links to hide: {in_words(set(left_out))}."


def _notes_on_gap(gap: Gap) -> Iterator[str]:
    """Say what about the gap the backtest could not take into account."""
    cut = cut_files(gap)
    if cut:
        files = in_words(gap.links.receipts["file"].iloc[cut])
        yield (
            f"Cut by their provider: {files}. What is in a cut list depends on how it was sorted, so one way of "
            "sorting can look better than it is; numbers of linked domains from these files are not used."
        )
    if gap.question.present or gap.question.absent:
        yield "The whole gap was tested: choosing rivals by where() makes no sense when rivals stand in for the site."
