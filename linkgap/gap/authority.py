"""One authority for every prospect, from metrics that must not be averaged: percentiles, mapped where they overlap.

DR, DA, AS and TF measure different things on different scales. The metric that most prospects have is the reference;
another one is mapped to it through the prospects that have both. From about 20 shared domains on, it is mapped by
quantiles, which then err by 6 to 8 points of DR, less than a straight line (measured on 9,137 domains); with fewer, by
a straight line, as long as that rises; otherwise, it is ranked on its own. A higher figure of a metric therefore never
gets a lower percentile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from linkgap.errors import counted
from linkgap.schema import metric_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    import pandas as pd

    from linkgap.gap.referring import Candidates
    from linkgap.loaders.links import Links

    Array = npt.NDArray[Any]

ENOUGH_FOR_QUANTILES = 20
ENOUGH_FOR_LINE = 5
MEDIAN = 0.5
_LEAST_CORRELATION = 1e-9
"""With a correlation below this, a slope is nothing but rounding error."""

_SUBSTITUTES = ("referring_domains", "page_authority", "traffic")


@dataclass(frozen=True, eq=False)
class Authority:
    """The authority of every candidate.

    Attributes
    ----------
    percentile
        0 to 1 among the candidates; NaN for all when no export has any authority.
    raw, metric
        The provider's own figure, and the metric it is; NaN and an empty string where none is given.
    imputed
        Whether no provider gives an authority, so that the percentile is an estimate.
    notes
        What was mapped or estimated, in sentences.
    metrics
        The metrics that were used, first the one that others are mapped to.
    """

    percentile: Array
    raw: Array
    metric: Array
    imputed: Array
    notes: tuple[str, ...]
    metrics: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether any export has an authority."""
        return not bool(self.imputed.all())


def percentile(values: Array) -> Array:
    """Return mid-rank percentiles, 0 to 1, of the values that are not NaN; NaN stays NaN.

    Examples
    --------
    >>> import numpy as np
    >>> percentile(np.array([10.0, 20.0, 20.0, np.nan, 90.0]))
    array([0.125, 0.5  , 0.5  ,   nan, 0.875])
    """
    result = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    _, which, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    below = np.cumsum(counts) - counts
    result[known] = ((below + counts / 2) / max(counts.sum(), 1))[which]
    return result


def percentile_in(values: Array, reference: Array) -> Array:
    """Return the mid-rank percentiles that values have among the known values of a reference."""
    pool = np.sort(reference[~np.isnan(reference)])
    return (np.searchsorted(pool, values, "left") + np.searchsorted(pool, values, "right")) / (2 * max(len(pool), 1))


def rank_correlation(first: Array, second: Array) -> float:
    """Return Spearman's rank correlation where both are known; 0 with fewer than 20 such pairs, or where undefined."""
    both = ~np.isnan(first) & ~np.isnan(second)
    if both.sum() < ENOUGH_FOR_QUANTILES:
        return 0.0
    ranks = percentile(first[both]), percentile(second[both])
    if ranks[0].std() == 0 or ranks[1].std() == 0:
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def metrics_of(links: Links) -> list[str | None]:
    """Return the metric of each file's authority, by the file's number; None where it has none."""
    return [source.report.authority_metric if source.cell("authority") else None for source in links.sources]


def merge_authority(candidates: Candidates, metrics: Sequence[str | None], receipts: pd.DataFrame) -> Authority:
    """Return one authority for every candidate.

    Parameters
    ----------
    metrics
        The authority metric of each file, by the file's number; None where it has none.
    receipts
        The receipts of all files, in the order of their numbers, with the position of the `rival` that each is for (-1:
        none or several).
    """
    figures = _by_metric(candidates, metrics)
    if not figures:
        size = len(candidates)
        nothing = np.full(size, np.nan)
        words = _why_none(metrics) if size else ()
        return Authority(nothing, nothing, np.full(size, "", dtype=object), np.ones(size, dtype=bool), words)
    main = max(figures, key=lambda name: (int((~np.isnan(figures[name])).sum()), name))
    mapped, notes = _mapped(figures, main)
    known = ~np.isnan(mapped)
    total = np.nansum(mapped, axis=0)
    merged = np.divide(total, known.sum(axis=0), out=np.full(len(candidates), np.nan), where=known.any(axis=0))
    raw, metric = _own_figures(figures, main)
    imputed = np.isnan(merged)
    if imputed.any():
        several = counted(int(imputed.sum()), "prospect")
        notes.append(f"No export gives an authority for {several}: it is estimated.")
        merged = np.where(imputed, _estimated(candidates, figures[main], metrics, main, receipts), merged)
    used = (main, *(name for name in figures if name != main))
    return Authority(merged, raw, metric, imputed, tuple(notes), used)


def _why_none(metrics: Sequence[str | None]) -> tuple[str]:
    whose = "an authority for any prospect" if any(metrics) else "an authority"
    return (f"No export gives {whose}, so the ranking leaves it out.",)


def _by_metric(candidates: Candidates, metrics: Sequence[str | None]) -> dict[str, Array]:
    """Return, for each metric that any candidate has, the highest value shown for each candidate."""
    names = sorted({name for name in metrics if name})
    figures = {name: candidates.highest("authority", _files_with(metrics, name)) for name in names}
    return {name: values for name, values in figures.items() if not np.isnan(values).all()}


def _files_with(metrics: Sequence[str | None], name: str) -> Array:
    return np.flatnonzero([metric == name for metric in metrics])


def _mapped(figures: Mapping[str, Array], main: str) -> tuple[Array, list[str]]:
    """Return every metric as percentiles of the main one, and sentences on how it was mapped."""
    reference, others, mapped = figures[main], [], [percentile(figures[main])]
    for name, values in figures.items():
        if name == main:
            continue
        both = ~np.isnan(values) & ~np.isnan(reference)
        shared = int(both.sum())
        if shared >= ENOUGH_FOR_QUANTILES:
            levels = percentile_in(values, values[both])
            mapped.append(
                percentile_in(
                    np.quantile(reference[both], np.clip(np.nan_to_num(levels), 0, 1), method="hazen"), reference
                )
            )
            how = "mapped to it by quantiles"
        elif shared >= ENOUGH_FOR_LINE and _rise_together(values[both], reference[both]):
            slope, start = np.polyfit(values[both], reference[both], 1)
            mapped.append(percentile_in(start + slope * np.nan_to_num(values), reference))
            how = "mapped to it by a straight line"
        else:
            mapped.append(percentile(values))
            how = "ranked on its own"
        mapped[-1] = np.where(np.isnan(values), np.nan, mapped[-1])
        others.append(f"{metric_name(name)} is {how} ({_have(shared)} both)")
    notes = [f"Authority is {'; '.join([metric_name(main), *others])}."] if others else []
    return np.array(mapped), notes


def _rise_together(values: Array, reference: Array) -> bool:
    """Tell whether a line through two metrics rises: a falling one would make the strongest domains the weakest."""
    if np.ptp(values) == 0 or np.ptp(reference) == 0:
        return False
    return bool(np.corrcoef(values, reference)[0, 1] > _LEAST_CORRELATION)


def _have(prospects: int) -> str:
    return f"{counted(prospects, 'prospect')} {'has' if prospects == 1 else 'have'}"


def _own_figures(figures: Mapping[str, Array], main: str) -> tuple[Array, Array]:
    """Return the figure shown as each candidate's authority, and its metric: the main one, else the first known."""
    raw = figures[main].copy()
    metric = np.where(np.isnan(raw), "", main).astype(object)
    for name, values in figures.items():
        take = np.isnan(raw) & ~np.isnan(values)
        raw[take], metric[take] = values[take], name
    return raw, metric


def _estimated(
    candidates: Candidates, main: Array, metrics: Sequence[str | None], name: str, receipts: pd.DataFrame
) -> Array:
    """Estimate the percentile of unknown authority: by a related figure, by a cut list's floor, or as the median."""
    estimate, best = np.full(len(candidates), MEDIAN), np.zeros(len(candidates))
    for column in _SUBSTITUTES:
        values = candidates.highest(column)
        correlation = rank_correlation(values, main)
        take = ~np.isnan(values) & (correlation > best)
        estimate[take] = MEDIAN + correlation * (percentile(values)[take] - MEDIAN)
        best[take] = correlation
    below = _cut_percentile(candidates, main, metrics, name, receipts)
    return np.where(np.isnan(below), estimate, np.minimum(below, np.where(best > 0, estimate, below)))


def _cut_percentile(
    candidates: Candidates, main: Array, metrics: Sequence[str | None], name: str, receipts: pd.DataFrame
) -> Array:
    """Return the floor's percentile for candidates that must be below a list's cut by authority, NaN for the others.

    They link to a rival, and above the floor, that rival's list would show their authority.
    """
    floors = np.full(candidates.rivals, np.inf)
    cut = [
        (receipt["rival"], receipt["floor"])
        for receipt, metric in zip(receipts.to_dict("records"), metrics, strict=False)
        if metric == name and receipt["cut"] == "authority" and receipt["rival"] >= 0 and not receipt["partial"]
    ]
    for rival, floor in cut:
        floors[rival] = min(floors[rival], floor)
    lowest = np.full(len(candidates), np.inf)
    for rival in np.flatnonzero(np.isfinite(floors)):
        lowest = np.where(candidates.links_to(int(rival)), np.minimum(lowest, floors[rival]), lowest)
    return np.where(np.isinf(lowest), np.nan, percentile_in(np.where(np.isinf(lowest), 0, lowest), main))
