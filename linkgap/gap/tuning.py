"""`tune`: learn the likelihood from the rivals' lists, and use it only where it finds hidden links better."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from linkgap.errors import TooFewLinksError, check_kind, counted
from linkgap.gap.backtesting import run_backtest
from linkgap.gap.hiding import Plan, check_draws
from linkgap.gap.lists import gather_lists
from linkgap.gap.membership import Gap
from linkgap.gap.model import SIGNALS, Model, learn, lessons_of
from linkgap.gap.results import standard_error
from linkgap.gap.scoring import rank_prospects
from linkgap.gap.trials import LIKELIHOOD, TUNED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from linkgap.gap.results import Backtest
    from linkgap.gap.scoring import Prospects

    Array = npt.NDArray[Any]

LEAST_RIVALS = 3
_MEASURE = "ndcg_50"


@dataclass(frozen=True, eq=False)
class Tuning:
    """The result of learning from the rivals' lists. Made by `tune`.

    Attributes
    ----------
    site
        Whose prospects the model ranks.
    model
        For `rank_prospects(gap, model=...)`; None when it did not beat the formula, which is then kept.
    learned
        The model that was tried, accepted or not.
    gain, error
        By how much it beats the formula on average over the trials (one for each rival with enough links to hide), and
        the standard error of that average. The error is NaN for a single trial, which can't tell a gain from luck. What
        is compared is the score of the first 50 places (NDCG@50): 1 if they hold the hidden links, ahead of all others,
        and 0 if they hold none.
    weights
        One row per `signal`: its `weight` in the logit, and the range, `low` to `high`, that it has when each list in
        turn is left out.
    ranges
        One row per prospect in order of the learned likelihood: `domain`, `times_average` (its likelihood over the
        list's average) and `rank`, with the lowest and highest of both when each list in turn is left out.
    backtest
        The trials that decided: in each the model learned without the hidden links.
    """

    site: str
    model: Model | None
    learned: Model = field(repr=False)
    gain: float
    error: float
    weights: pd.DataFrame = field(repr=False)
    ranges: pd.DataFrame = field(repr=False)
    backtest: Backtest = field(repr=False)

    @property
    def accepted(self) -> bool:
        """Whether the model beat the formula by more than one standard error."""
        return self.model is not None

    @property
    def trials(self) -> int:
        """The number of trials in which model and formula could be compared."""
        return len(_known_gains(self.backtest))

    def __repr__(self) -> str:
        """State whether learning paid off."""
        scored = f"the first 50 places score {self.gain:+.4f} out of 1"
        if np.isnan(self.error):
            single = f"a single trial, in which {scored}, can't tell a gain from luck"
            doubt = "no trial could be scored" if np.isnan(self.gain) else single
            return f"Tuning for {self.site}: {doubt}, keeping the formula"
        verdict = "the learned model wins" if self.accepted else "no clear gain, keeping the formula"
        return f"Tuning for {self.site}: {verdict} ({scored} in {self.trials} trials, standard error {self.error:.4f})"

    def _repr_html_(self) -> str:
        """Show the verdict and the weights."""
        words = (
            "The score (NDCG@50) is 1 if the first 50 places hold the hidden links, ahead of all others, and 0 if they "
            "hold none. A model is accepted if it wins by more than one standard error, on links that it did not "
            "learn from. By luck alone, a model that is no better wins like this in one test in six; with two "
            "trials, in one in four."
        )
        table = self.weights.round(2).to_html(index=False, na_rep="", border=0)
        return f"<p>{escape(repr(self))}</p><p>{words}</p>{table}"


def tune(gap: Gap, *, share: float = 0.3, seed: int = 0) -> Tuning:
    """Learn what domains that link to such sites look like, and accept the model only if it ranks better.

    On six of eight link graphs the formula was as good as what can be learned; on two the model found more. Each rival
    in turn stands in for the site in a test, with part of its links hidden, from the learning as well.

    Parameters
    ----------
    gap
        From `find_gap`, with at least three rivals.
    share
        Share of a rival's links to hide in the test, 0.05 to 0.9.
    seed
        Seed for random draws: the same seed gives the same result.

    Returns
    -------
    Tuning
        With `.model`, which is None when the formula is kept, `.weights`, `.ranges` and `.backtest`.

    Raises
    ------
    InvalidArgumentError
        When something other than a gap is given, or an option is out of range.
    TooFewLinksError
        When there are fewer than three rivals, or too few links to learn from.

    Notes
    -----
    A ridge logistic regression on the signals of the formula. Each list, the site's own included, is one lesson of the
    same weight. Its likelihood is the probability of such a link in the lists, not that of an answer to an e-mail: only
    ratios mean something, so `ranges` shows multiples of the average.

    Examples
    --------
    >>> import linkgap as lg
    >>> gap = lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example")
    >>> tuning = lg.tune(gap)
    >>> prospects = lg.rank_prospects(gap, model=tuning.model)  # the formula, where no model was accepted
    >>> tuning.accepted is (prospects.model is not None)
    True
    """
    check_kind(gap, Gap, "gap", "a gap, as find_gap returns it")
    if len(gap.rivals) < LEAST_RIVALS:
        message = (
            f"Learning needs at least {LEAST_RIVALS} rivals; this gap has {counted(len(gap.rivals), 'rival')}. "
            "Read more rivals' links, or keep the formula: lg.rank_prospects(gap)."
        )
        raise TooFewLinksError(message)
    check_draws(share, seed)
    plan = Plan("rivals", "as requested", float(share))
    lists = gather_lists(gap)
    result = run_backtest(lists, plan, tuned=True, seed=seed)
    usual = rank_prospects(gap)
    unknown = {name for name, known in _known_figures(usual).items() if not known}
    lessons = lessons_of(lists, seed)
    learned = learn(lessons, among=set(SIGNALS) - unknown)
    if learned is None:
        message = (
            "On every list, all candidates link or none does, so there is nothing to learn. "
            "Read longer lists, or those of rivals that differ; or keep the formula: lg.rank_prospects(gap)."
        )
        raise TooFewLinksError(message)
    without = [
        learn([lesson for lesson in lessons if lesson.target != target], among=learned.weights) or learned
        for target in range(len(lists.sites))
    ]
    gain, error = gain_of(_known_gains(result))
    return Tuning(
        site=gap.site,
        model=learned if gain > error else None,
        learned=learned,
        gain=gain,
        error=error,
        weights=_weights(learned, without),
        ranges=_ranges(gap, learned, without),
        backtest=result,
    )


def gain_of(gains: Array) -> tuple[float, float]:
    """Return the mean gain of trials, NaN if there are none, and its standard error, NaN if there is only one."""
    if not len(gains):
        return np.nan, np.nan
    return float(gains.mean()), float(standard_error(gains))


def _known_gains(result: Backtest) -> Array:
    """Return by how much the model beat the formula, one number for each trial in which both have a score."""
    gains = result.differences(TUNED, LIKELIHOOD, measure=_MEASURE)
    return gains[~np.isnan(gains)]


def _known_figures(prospects: Prospects) -> dict[str, bool]:
    return {"linked_domains": "linked_domains" in prospects.scores, "authority": prospects.authority.known}


def _weights(learned: Model, without: Sequence[Model]) -> pd.DataFrame:
    rows = [
        (
            SIGNALS[name],
            weight,
            min(each.weights[name] for each in without),
            max(each.weights[name] for each in without),
        )
        for name, weight in learned.weights.items()
    ]
    return pd.DataFrame(rows, columns=["signal", "weight", "low", "high"])


def _ranges(gap: Gap, learned: Model, without: Sequence[Model]) -> pd.DataFrame:
    """Return likelihoods and ranks of all prospects, with the ranges they have when each list in turn is left out."""
    signals = rank_prospects(gap, model=learned).signals
    likelihoods = np.array([model.likelihood(signals) for model in (learned, *without)])
    times = likelihoods / likelihoods.mean(axis=1, keepdims=True) if len(gap) else likelihoods
    ranks = np.argsort(np.argsort(-likelihoods, axis=1, kind="stable"), axis=1) + 1
    table = pd.DataFrame(
        {
            "domain": pd.Series(gap.domains, dtype=object),
            "times_average": times[0],
            "times_average_low": times.min(axis=0),
            "times_average_high": times.max(axis=0),
            "rank": ranks[0],
            "rank_best": ranks.min(axis=0),
            "rank_worst": ranks.max(axis=0),
        }
    )
    return table.sort_values("rank", ignore_index=True)
