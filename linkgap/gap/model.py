"""A likelihood learned from the lists themselves: each list in turn shows what a domain that links to it looks like.

A ridge logistic regression on the signals of the formula. Each list gives one lesson: its candidates are the domains
that link to enough of the other sites, and the answers are whether they link to this one. Domains are split into five
folds, and the similarities behind a candidate's signals are computed without its own fold, so that no answer leaks into
its own signals.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from linkgap.errors import InvalidArgumentError, in_words
from linkgap.gap.formula import cosines, coverage_of, rival_similarity, shared_domains
from linkgap.gap.trials import Trial, pool_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import numpy.typing as npt

    from linkgap.gap.lists import Lists
    from linkgap.gap.trials import Pool

    Array = npt.NDArray[Any]

SIGNALS: Mapping[str, str] = MappingProxyType(
    {
        "rivals_linked": "rivals linked, logarithm",
        "coverage": "coverage",
        "closest_rival": "similarity of the closest rival linked, 1 is the closest of all",
        "links": "links per rival linked, logarithm",
        "linked_domains": "linked domains percentile",
        "authority": "authority percentile",
    }
)
"""What the model looks at, in words."""

RIDGE = 3.0
MOST_DOMAINS = 15_000
"""Where there are more, a random sample of this size is learned from: seven coefficients need no more."""

_FOLDS = 5
_ROUNDING = 1e-9
_MOST_STEPS = 100
_SMALL_STEP = 1e-10


@dataclass(frozen=True)
class Model:
    """A learned likelihood: logit = intercept + the sum of weight x (signal - mean).

    Attributes
    ----------
    intercept
        The logit of a candidate whose signals are average.
    means, weights
        The mean and the weight of each signal, see `SIGNALS`.
    """

    intercept: float
    means: Mapping[str, float]
    weights: Mapping[str, float]

    def contributions(self, signals: Mapping[str, Array]) -> dict[str, Array]:
        """Return what each signal adds to the logit of each candidate.

        Raises
        ------
        InvalidArgumentError
            When a signal that the model needs is missing.
        """
        missing = set(self.weights) - set(signals)
        if missing:
            message = (
                f"The model needs {in_words(missing)}, which these exports don't give. Allowed: models that use only "
                f"{in_words(signals)}. Tune again on this gap: lg.tune(gap)."
            )
            raise InvalidArgumentError(message)
        return {name: weight * (signals[name] - self.means[name]) for name, weight in self.weights.items()}

    def likelihood(self, signals: Mapping[str, Array]) -> Array:
        """Return the likelihood of each candidate, 0 to 1; only ratios between candidates mean something."""
        return logistic(np.asarray(self.intercept + sum(self.contributions(signals).values())))

    def plain(self) -> dict[str, Any]:
        """Return the model as plain dicts and numbers; `as_model` restores it."""
        return {"intercept": self.intercept, "means": dict(self.means), "weights": dict(self.weights)}


class Lesson(NamedTuple):
    """The candidates of one list, and which of them link to it."""

    target: int
    signals: Mapping[str, Array]
    answers: Array


def as_model(model: Model | Mapping[str, Any]) -> Model:
    """Return the model that `Model.plain` described; a `Model` is returned as it is.

    Raises
    ------
    InvalidArgumentError
        When it is not a model.

    Examples
    --------
    >>> as_model({"intercept": -2, "means": {"coverage": 0.3}, "weights": {"coverage": 4}}).weights
    {'coverage': 4.0}
    """
    if isinstance(model, Model):
        return model
    try:
        means, weights = ({str(name): float(each) for name, each in model[part].items()} for part in _PARTS)
        intercept = float(model["intercept"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        message = f"model={model!r} is not allowed. Allowed: lg.tune(gap).model, or None for the formula."
        raise InvalidArgumentError(message) from error
    unknown = set(weights) - set(SIGNALS)
    if (
        not weights
        or unknown
        or set(means) != set(weights)
        or not np.isfinite([intercept, *means.values(), *weights.values()]).all()
    ):
        message = (
            f"model={model!r} is not allowed. Allowed: a finite mean and a finite weight for one or more of "
            f"{in_words(SIGNALS)}."
        )
        raise InvalidArgumentError(message)
    return Model(intercept, means, weights)


_PARTS = ("means", "weights")


def logistic(logit: Array) -> Array:
    """Return 1 / (1 + exp(-logit)), without overflow and without losing the ratios of very small probabilities."""
    return np.asarray(np.exp(-_softplus(-np.asarray(logit))))


def _softplus(logit: Array) -> Array:
    """Return log(1 + exp(logit)) without overflow: `np.logaddexp` takes five times as long."""
    return np.asarray(np.maximum(logit, 0) + np.log1p(np.exp(-np.abs(logit))))


def signals_of(pool: Pool) -> dict[str, Array]:
    """Return the signals of each candidate that are known."""
    return _signals(pool, _closeness(pool.shared), rival_similarity(pool.shared))


def _signals(pool: Pool, closeness: Array, weights: Array) -> dict[str, Array]:
    """Return the signals by the closeness and the weight of each rival: the same for all candidates, or a row each."""
    signals = {
        "rivals_linked": np.log1p(pool.linked.sum(axis=1)),
        "coverage": coverage_of(pool.linked.T, weights.T),
        "closest_rival": np.max(pool.linked * closeness, axis=1, initial=0),
        **pool.figures,
    }
    if "links" in signals:
        signals["links"] = np.log1p(signals["links"])
    return {name: signals[name] for name in SIGNALS if name in signals}


def _closeness(shared: Array) -> Array:
    """Return how similar each rival is to the target, 1 is the closest; where it shares no domain with any, all are."""
    alike = cosines(shared)[0, 1:]
    return np.asarray(alike / alike.max() if alike.any() else np.ones(len(alike)))


def lessons_of(lists: Lists, seed: int) -> list[Lesson]:
    """Return a lesson for each list."""
    random = np.random.default_rng(seed)
    if len(lists.members) > MOST_DOMAINS:
        lists = lists.take(np.sort(random.choice(len(lists.members), MOST_DOMAINS, replace=False)))
    fold = random.integers(_FOLDS, size=len(lists.members))
    by_fold = np.array([shared_domains(lists.members[fold == each]) for each in range(_FOLDS)])
    without = by_fold.sum(axis=0) - by_fold
    return [_lesson(lists, target, fold, without) for target in range(len(lists.sites))]


def _lesson(lists: Lists, target: int, fold: Array, without: Array) -> Lesson:
    hidden = np.zeros_like(lists.members)
    hidden[:, target] = lists.members[:, target]
    pool = pool_of(lists, Trial(target, "lesson", lists.members & ~hidden, hidden))
    order = [target, *(column for column in range(len(lists.sites)) if column != target)]
    by_fold = [shared[np.ix_(order, order)] for shared in without]
    own = fold[pool.places]
    closeness, weights = (np.array(list(map(of, by_fold)))[own] for of in (_closeness, rival_similarity))
    return Lesson(target, _signals(pool, closeness, weights), pool.found)


def learn(lessons: Sequence[Lesson], *, among: Collection[str] = tuple(SIGNALS)) -> Model | None:
    """Fit a model to lessons of equal weight; None when in each of them all candidates link, or none does.

    Parameters
    ----------
    among
        Signals that it may look at: those that are known where it will be used.
    """
    used = [lesson for lesson in lessons if 0 < lesson.answers.sum() < len(lesson.answers)]
    if not used:
        return None
    names = [name for name in SIGNALS if name in among and all(name in lesson.signals for lesson in used)]
    table = np.concatenate([np.column_stack([lesson.signals[name] for name in names]) for lesson in used])
    answers = np.concatenate([lesson.answers for lesson in used]).astype(float)
    shares = np.concatenate([np.full(len(lesson.answers), 1 / len(lesson.answers)) for lesson in used])
    weights = shares * len(answers) / len(used)
    means = np.average(table, axis=0, weights=weights)
    scales = np.sqrt(np.average((table - means) ** 2, axis=0, weights=weights))
    # A signal that is the same for all varies by rounding error only: divided by that, its weight would explode.
    scales[scales <= _ROUNDING * np.maximum(np.abs(means), 1)] = 1
    fitted = fit_logistic((table - means) / scales, answers, weights)
    slopes = fitted[1:] / scales
    return Model(
        float(fitted[0]),
        dict(zip(names, means.tolist(), strict=True)),
        dict(zip(names, slopes.tolist(), strict=True)),
    )


def fit_logistic(table: Array, answers: Array, weights: Array) -> Array:
    """Return intercept and slopes that minimise the weighted log loss + RIDGE / 2 x the sum of squared slopes.

    Newton's method; a step that would raise the loss is halved, because full steps diverged on real graphs.
    """
    # The sums over candidates are no matrix products: the threads of these spin while they wait for each other.
    columns = np.vstack([np.ones(len(table)), table.T])
    penalty = np.full(len(columns), RIDGE)
    penalty[0] = 0

    def logits(fitted: Array) -> Array:
        return np.asarray(np.einsum("ij,i->j", columns, fitted))

    def loss(fitted: Array) -> float:
        logit = logits(fitted)
        return float((weights * (_softplus(logit) - answers * logit)).sum() + penalty @ fitted**2 / 2)

    fitted = np.zeros(len(columns))
    now = loss(fitted)
    for _ in range(_MOST_STEPS):
        chance = logistic(logits(fitted))
        slope = np.einsum("ij,j->i", columns, weights * (chance - answers)) + penalty * fitted
        curve = np.einsum("ik,jk->ij", columns * (weights * chance * (1 - chance)), columns) + np.diag(penalty)
        step = np.linalg.lstsq(curve, slope, rcond=None)[0]
        while (then := loss(fitted - step)) > now and np.abs(step).max() > _SMALL_STEP:
            step = step / 2
        fitted, now = fitted - step, then
        if np.abs(step).max() < _SMALL_STEP:
            break
    return fitted
