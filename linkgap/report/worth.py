"""The section on how well the ranking did in a backtest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linkgap.gap.formula import LIKELIHOOD_WEIGHTS
from linkgap.gap.results import CAVEAT
from linkgap.gap.trials import TUNED
from linkgap.report.values import joined, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linkgap.gap.results import Backtest
    from linkgap.gap.scoring import Prospects
    from linkgap.report.sources import Sources

MOST_PLACES = 50
"""How many places the curve covers: a list is seldom worked through further before the next exports."""

METHODS = {
    "likelihood": "likelihood",
    "tuned": "learned likelihood",
    "rivals linked": "number of rivals",
    "authority": "authority",
    "by lot": "at random",
}
"""The methods of sorting that are reported, and their names in the report."""


def gather_worth(sources: Sources) -> dict[str, Any]:
    """Return what the backtest found: `measured`, `sentences`, `notes`, `methods` side by side and `curve`."""
    backtest = sources.backtest
    if backtest is None:
        untested = (
            "The ranking was not tested on these lists. "
            "A test hides known links and counts how many of them the ranking finds again."
        )
        return {"measured": False, "sentences": [untested, CAVEAT], "notes": [], "methods": [], "curve": []}
    return {
        "measured": True,
        "sentences": list(backtest.words),
        "notes": [*_tested(backtest, sources.prospects), *backtest.notes],
        "methods": _methods(backtest),
        "curve": _curve(backtest),
    }


def _tested(backtest: Backtest, prospects: Prospects) -> Iterator[str]:
    """Yield how the order of this list differs from the order that was tested."""
    settings = prospects.settings
    own = settings["rival_weights"] is not None or settings["likelihood_weights"] != dict(LIKELIHOOD_WEIGHTS)
    if prospects.model is not None:
        tried = "was tested, too" if TUNED in backtest.methods else "was not tested"
        yield f"The test was of the formula's likelihood; the learned one, which this list uses, {tried}."
    elif own:
        yield "The test was of the likelihood with the default weights; this list has weights of its own."
    value = prospects.authority.known and settings["authority_weight"]
    also = [*(["what a link is worth"] if value else []), *(["risk"] if settings["risk_weight"] else [])]
    if also:
        yield f"The test was of the order by likelihood alone; this list also counts {joined(also)}."


def _methods(backtest: Backtest) -> list[dict[str, Any]]:
    """Return how many of the first 10 and 50 places were hidden links, for each method of sorting."""
    rows = backtest.table.to_dict("index")
    return [
        {
            "method": method,
            "name": name,
            "first_10": plain(10 * rows[method]["precision_10"]),
            "first_50": plain(50 * rows[method]["precision_50"]),
        }
        for method, name in METHODS.items()
        if method in rows
    ]


def _curve(backtest: Backtest) -> list[dict[str, Any]]:
    """Return one line per method: the share of hidden links among the first 1, 2, 3 and so on."""
    curve = backtest.curve[backtest.curve["k"] <= MOST_PLACES]
    lines = dict(iter(curve.groupby("method", sort=False)["precision"]))
    return [
        {"method": method, "name": name, "precision": [round(float(each), 4) for each in lines[method]]}
        for method, name in METHODS.items()
        if method in lines
    ]
