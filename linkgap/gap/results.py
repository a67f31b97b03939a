"""Results of a backtest: methods side by side, expected precision and its lower bound, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from linkgap.errors import InvalidArgumentError, counted, in_words, is_number
from linkgap.gap.hiding import REPEATS
from linkgap.gap.trials import AUTHORITY, COUNT, LIKELIHOOD, LOT, METHODS, MOST_PLACES, SAME_NUMBER

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt

    from linkgap.gap.hiding import Kind

    Array = npt.NDArray[Any]

CAVEAT = (
    "This measures recovery of links that exist. Forward in time the lift over random was about 1.5–2× at the top 5 in "
    "our tests (10 rivals); outreach success is not measured."
)
RIVAL_TO_SITE_FACTOR = 0.87
"""A site's own precision as a share of the mean of its rivals'; on six link graphs it was 0.83 to 0.91."""

SHOWN_PLACES = (10, 25, 50, 100)
_NORMAL = 1.96
_STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""The 97.5% points of the normal distribution, and of Student's t with 1, 2, ... degrees of freedom."""

_ENOUGH_TRIALS = 5
"""With fewer trials, all may gain the same by luck alone, and their confidence interval then has no width."""


class Bound(NamedTuple):
    """The precision that a ranking has at least, and how sure that is, 0 to 1."""

    precision: float
    level: float


@dataclass(frozen=True, eq=False)
class Backtest:
    """What a ranking is worth, measured on links known to exist. Made by `backtest`.

    Attributes
    ----------
    site, rivals
        The site whose ranking was tested, and the rivals whose lists took part.
    kind, reason
        How links were hidden, and why in this way.
    share, cutoff
        Share of the links that was hidden, or first day of the hidden links; the other one is None.
    authority_weight
        As in `rank_prospects`, for the method `priority`.
    min_rivals
        Minimum number of rivals that a candidate links to.
    trials
        One row per trial and method: `site` that stood in for yours, `draw`, `method`, number of `candidates`, of
        `hidden` links and of those that are `reachable` (from candidates), `tied` (share of the first ten places drawn
        by lot), `ndcg_50`, `auc`.
    found
        Number of hidden links among the first k places, one column for each k from 1 to 100, rows as in `trials`.
    hit_rates
        One row per number of `rivals_linked`: number of `candidates`, of hidden `links` among them, and `hit_rate`.
    notes
        What was left out or is uncertain, in sentences.
    """

    site: str
    rivals: tuple[str, ...]
    kind: Kind
    reason: str
    share: float | None
    cutoff: dt.date | None
    authority_weight: float
    min_rivals: int
    trials: pd.DataFrame = field(repr=False)
    found: Array = field(repr=False)
    hit_rates: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        """State how many of the first ten places held hidden links, by likelihood and by other ways of sorting."""
        hits = {name: 10 * float(self._by_unit(name)[:, 9].mean()) for name in self.methods}
        ours = f"of the first 10 by {LIKELIHOOD}, {hits[LIKELIHOOD]:.1f} are links known to exist"
        others = ", ".join(f"{hits[name]:.1f} {_sorted_by(name)}" for name in (COUNT, AUTHORITY, LOT) if name in hits)
        return f"Backtest for {self.site} ({self.kind}): {ours}; {others}"

    def _repr_html_(self) -> str:
        """Show the finding, what it means, the methods side by side, and the hit rates."""
        words = "".join(f"<li>{escape(sentence)}</li>" for sentence in (*self.words, *self.notes))
        columns = ["precision_10", "precision_10_low", "precision_10_high", "lift_10", "recall_100", "ndcg_50", "auc"]
        methods = self.table[columns].round(2).to_html(na_rep="", border=0)
        rates = self.hit_rates.round(3).to_html(index=False, na_rep="", border=0)
        return f"<p>{escape(repr(self))}</p><ul>{words}</ul>{methods}{rates}"

    @property
    def methods(self) -> tuple[str, ...]:
        """What the candidates were sorted by, in the order of `linkgap.gap.trials.METHODS`."""
        there = set(self.trials["method"])
        return tuple(name for name in METHODS if name in there)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The methods side by side, one row each.

        For k = 10, 25, 50 and 100: `precision_k`, with `_low` and `_high` for its 95% interval, `recall_k` (share of
        all hidden links) and `lift_k` (precision as a multiple of that by lot); then `ndcg_50`, `auc` and `tied`.
        """
        return pd.DataFrame({name: self._row(name) for name in self.methods}).T.rename_axis("method")

    @cached_property
    def curve(self) -> pd.DataFrame:
        """Precision and recall at every k from 1 to 100: `method`, `k`, `precision`, `low`, `high`, `recall`."""
        tables = []
        for name in self.methods:
            precision = self._by_unit(name)
            low, high = _within_one(interval_of(precision))
            recall = self._by_unit(name, recall=True).mean(axis=0)
            columns = {"precision": precision.mean(axis=0), "low": low, "high": high, "recall": recall}
            tables.append(pd.DataFrame({"method": name, "k": np.arange(1, MOST_PLACES + 1), **columns}))
        return pd.concat(tables, ignore_index=True)

    @property
    def reach(self) -> float:
        """Share of the hidden links that a list of this gap can contain at all: those from its candidates.

        Candidates are domains that link to a rival, or to as many as the gap asks for, by links that are not hidden.
        """
        main = self._main(LOT)
        return float((main["reachable"] / main["hidden"]).groupby(self._units(main)).mean().mean())

    def expected(self, k: int = 10, *, method: str = LIKELIHOOD) -> float:
        """Return the share of the first k prospects that can be expected to have a link of the hidden kind.

        Where rivals stood in for the site, it is 0.87 times their mean precision, because rivals are larger and more
        central than the site that they were chosen for; otherwise it is the mean as measured.

        Parameters
        ----------
        k
            1 to 100.
        method
            What the prospects are sorted by, one of `methods`.

        Raises
        ------
        InvalidArgumentError
            When k or the method is not one of these.
        """
        mean = float(self._by_unit(self._known(method))[:, _place(k)].mean())
        return RIVAL_TO_SITE_FACTOR * mean if self.kind == "rivals" else mean

    def bound(self, k: int = 10, *, method: str = LIKELIHOOD) -> Bound:
        """Return a lower bound of the precision of the first k prospects, and how sure it is.

        It is the precision of the worst rival: if the site is like its rivals, the probability that the site is the
        worst of all is at most 1 in (rivals + 1). With kind='rivals', each rival is tried twice, with the same share
        and with the same number of links hidden as the site, and the lower precision counts; with a single draw the
        bound did not hold everywhere in our tests.

        Parameters
        ----------
        k
            1 to 100.
        method
            What the prospects are sorted by, one of `methods`.

        Raises
        ------
        InvalidArgumentError
            When k or the method is not one of these, or no rival stood in for the site.
        """
        if self.kind == "recover":
            message = "kind='recover' has no bound: no other site was tried. Use lg.backtest(gap, kind='rivals')."
            raise InvalidArgumentError(message)
        rivals = self._rivals_tried
        rows = (self.trials["method"] == self._known(method)) & self.trials["site"].isin(rivals)
        if not rivals:
            message = "No rival had enough new links for a bound. Use lg.backtest(gap, kind='rivals')."
            raise InvalidArgumentError(message)
        worst = float(self.found[rows.to_numpy(), _place(k)].min() / k)
        return Bound(worst, len(rivals) / (len(rivals) + 1))

    @property
    def _rivals_tried(self) -> set[str]:
        """The rivals that stood in for the site in a trial that counts for averages."""
        return set(self._main(LOT)["site"]) - {self.site}

    @property
    def words(self) -> tuple[str, ...]:
        """The result in sentences that can be understood without statistics."""
        lines = [self._hidden_in_words(), self._expected_in_words()]
        lines += [self._bound_in_words()] if self.kind == "rivals" else []
        lines += [self._against(other) for other in (COUNT, AUTHORITY) if other in self.methods]
        return (*lines, self._reach_in_words(), CAVEAT)

    @property
    def summary(self) -> dict[str, Any]:
        """Everything as plain strings, numbers, lists and dicts, for reports and JSON."""
        return {
            "site": self.site,
            "rivals": list(self.rivals),
            "kind": self.kind,
            "reason": self.reason,
            "share": self.share,
            "cutoff": None if self.cutoff is None else self.cutoff.isoformat(),
            "authority_weight": self.authority_weight,
            "min_rivals": self.min_rivals,
            "finding": repr(self),
            "words": list(self.words),
            "notes": list(self.notes),
            "reach": self.reach,
            "expected": {str(k): self.expected(k) for k in SHOWN_PLACES},
            "bound": {str(k): self.bound(k)._asdict() for k in SHOWN_PLACES} if self._rivals_tried else {},
            "table": _records(self.table.reset_index()),
            "hit_rates": _records(self.hit_rates),
            "curve": _records(self.curve),
        }

    def differences(self, method: str, other: str, *, measure: str = "precision_10") -> Array:
        """Return by how much a method beats another, for each site that stood in for yours (or each draw of `recover`).

        Parameters
        ----------
        method, other
            Two of `methods`.
        measure
            `precision_10`, `ndcg_50` or `auc`.

        Raises
        ------
        InvalidArgumentError
            When a method or the measure is not one of these.
        """
        return np.asarray(self._figures(self._known(method), measure) - self._figures(self._known(other), measure))

    def _figures(self, method: str, measure: str) -> Array:
        if measure == "precision_10":
            return self._by_unit(method)[:, 9]
        if measure not in ("ndcg_50", "auc"):  # a tuple, as a set would fail on unhashable values
            message = f"measure={measure!r} is not allowed. Allowed: auc, ndcg_50, precision_10."
            raise InvalidArgumentError(message)
        main = self._main(method)
        return main.groupby(self._units(main), sort=False)[measure].mean().to_numpy()

    def _known(self, method: str) -> str:
        if method not in self.methods:
            message = f"method={method!r} is not allowed. Allowed: {in_words(self.methods)}."
            raise InvalidArgumentError(message)
        return method

    def _main(self, method: str) -> pd.DataFrame:
        """The trials of a method that count for averages; those with the same number hidden serve the bound alone."""
        return self.trials[(self.trials["method"] == method) & (self.trials["draw"] != SAME_NUMBER)]

    def _units(self, trials: pd.DataFrame) -> pd.Series[str]:
        """The independent units behind averages and intervals: sites, or draws where there is only one site."""
        return trials["draw" if self.kind == "recover" else "site"]

    def _by_unit(self, method: str, *, recall: bool = False) -> Array:
        """Return precision (or recall) at k = 1 to 100, one row per site or draw."""
        main = self._main(method)
        divisors = main["hidden"].to_numpy()[:, None] if recall else np.arange(1, MOST_PLACES + 1)
        return np.asarray(self.found[main.index] / divisors)

    def _row(self, method: str) -> dict[str, float]:
        precision, lot = self._by_unit(method), self._by_unit(LOT).mean(axis=0)
        recall, main = self._by_unit(method, recall=True).mean(axis=0), self._main(method)
        low, high = _within_one(interval_of(precision))
        row: dict[str, float] = {}
        for k in SHOWN_PLACES:
            mean = float(precision[:, k - 1].mean())
            row |= {f"precision_{k}": mean, f"precision_{k}_low": low[k - 1], f"precision_{k}_high": high[k - 1]}
            row |= {f"recall_{k}": recall[k - 1], f"lift_{k}": mean / lot[k - 1] if lot[k - 1] else np.nan}
        return row | {name: float(main[name].mean()) for name in ("ndcg_50", "auc", "tied")}

    def _hidden_in_words(self) -> str:
        stand_ins = self._main(LOT)["site"].nunique()
        if self.kind == "rivals":
            who = f"{counted(stand_ins, 'rival')} stood in for {self.site} in turn"
            return f"{who}: {self.share:.0%} of that rival's links were hidden, and the list was made without them."
        if self.kind == "recover":
            return f"{self.share:.0%} of the links to {self.site} were hidden {REPEATS} times, each time drawn anew."
        return (
            f"Links first seen from {self.cutoff} on were hidden, for {counted(stand_ins, 'site')} in turn; "
            "first seen is the day on which the provider found the link, which may be later than it was made."
        )

    def _expected_in_words(self) -> str:
        hits = f"{10 * self.expected(10):.1f} of the first 10"
        if self.kind == "rivals":
            mean = self.expected(10) / RIVAL_TO_SITE_FACTOR * 10
            why = (
                f"{RIVAL_TO_SITE_FACTOR} × the rivals' {mean:.1f}, as rivals are larger and more central than the site"
            )
            return f"Expect about {hits} to be such links ({why})."
        return f"About {hits} were such links."

    def _bound_in_words(self) -> str:
        bound = self.bound(10)
        if not bound.precision:
            return "The worst rival had no such link among the first 10, so there is no number to rely on."
        hits = f"{bound.precision * 10:.0f} of the first 10"
        return f"The worst rival had {hits}; with {bound.level:.0%} certainty, your list has at least as many."

    def _reach_in_words(self) -> str:
        enough = "a rival" if self.min_rivals == 1 else f"at least {self.min_rivals} rivals"
        share = f"{self.reach:.0%} of the hidden links are from websites"
        if self.cutoff is not None:
            return f"{share} seen linking to {enough} before {self.cutoff}; no list made then could contain the others."
        lists = "list of link gaps" if self.min_rivals == 1 else "list that requires as many"
        return f"{share} that link to {enough}; no {lists} can contain the others."

    def _against(self, other: str) -> str:
        gains = self.differences(LIKELIHOOD, other)
        low, high = (float(end[0]) for end in interval_of(gains[:, None]))
        mean = 10 * float(gains.mean())
        if np.isnan(low):
            return f"Compared to sorting {_sorted_by(other)}: {mean:+z.1f} of the first 10, from a single trial."
        verdict = "better" if low > 0 else "worse" if high < 0 else "no difference that this data can show"
        if len(gains) < _ENOUGH_TRIALS and low == high != 0:
            verdict = f"{verdict} in {len(gains)} trials, too few to rule out luck"
        span = f"{10 * low:+z.1f} to {10 * high:+z.1f}"
        return f"Compared to sorting {_sorted_by(other)}: {mean:+z.1f} of the first 10 ({span}), {verdict}."


def _sorted_by(method: str) -> str:
    return method if method == LOT else f"by {method}"


def _place(k: int) -> int:
    if not is_number(k, whole=True) or not 1 <= k <= MOST_PLACES:
        message = f"k={k!r} is not allowed. Allowed: a whole number from 1 to {MOST_PLACES}."
        raise InvalidArgumentError(message)
    return int(k) - 1


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as dicts, with None for NaN and other nulls."""
    rows = table.astype(object).where(table.notna(), None).to_numpy().tolist()
    return [dict(zip(table.columns, row, strict=True)) for row in rows]


def check_backtest(backtest: object, site: str) -> None:
    """Refuse a value of the option `backtest` that is neither None nor a backtest of this site.

    Raises
    ------
    InvalidArgumentError
        When it is something else, or is about another site.
    """
    if backtest is None:
        return
    if not isinstance(backtest, Backtest):
        message = (
            f"backtest= was given a value of type {type(backtest).__name__}. "
            "Allowed: what lg.backtest(gap) returns, or None."
        )
        raise InvalidArgumentError(message)
    if backtest.site != site:
        message = f"backtest= is for {backtest.site}, but the prospects are for {site}. Run lg.backtest on their gap."
        raise InvalidArgumentError(message)


def interval_of(values: Array) -> tuple[Array, Array]:
    """Return both ends of the 95% confidence interval of the mean over rows, by Student's t; NaN for a single row.

    Resampling as few rows as there are rivals would make it too narrow: in draws where the truth is known, such
    intervals of two to five rows contained it only half to four fifths of the time.
    """
    mean, error = values.mean(axis=0), standard_error(values)
    margin = _student(len(values) - 1) * error
    return mean - margin, mean + margin


def _within_one(ends: tuple[Array, Array]) -> tuple[Array, Array]:
    """Clip the ends of an interval of shares to between 0 and 1."""
    return np.clip(ends[0], 0, 1), np.clip(ends[1], 0, 1)


def standard_error(values: Array) -> Array:
    """Return the standard error of the mean over rows; NaN for a single row."""
    if len(values) == 1:
        return np.full(values.shape[1:], np.nan)
    return np.asarray(values.std(axis=0, ddof=1) / np.sqrt(len(values)))


def _student(freedom: int) -> float:
    """Return the 97.5% point of Student's t, by degrees of freedom."""
    if freedom <= len(_STUDENT):
        return _STUDENT[freedom - 1]
    return _NORMAL + (_NORMAL**3 + _NORMAL) / (4 * freedom) + 2.8 / freedom**2
