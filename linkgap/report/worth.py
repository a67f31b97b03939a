"""The section on what the ranking was shown to be worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linkgap.errors import InvalidArgumentError, in_words
from linkgap.gap.results import STANDING
from linkgap.report.plain import plain

if TYPE_CHECKING:
    from linkgap.gap.membership import Gap
    from linkgap.gap.results import Backtest
    from linkgap.report.sources import Sources

MOST_PLACES = 50
"""How far the picture goes: a list is seldom worked through further before the next exports."""

_DRAWN = ("likelihood", "tuned", "rivals linked", "authority", "by lot")


def gather_worth(sources: Sources) -> dict[str, Any]:
    """Return what the backtest found: `measured`, `sentences`, `notes`, `methods` side by side and `curve`."""
    backtest = sources.backtest
    if backtest is None:
        untold = "It was not measured on these lists: the links hidden and found again would have told."
        return {"measured": False, "sentences": [untold, STANDING], "notes": [], "methods": [], "curve": []}
    return {
        "measured": True,
        "sentences": list(backtest.words),
        "notes": list(backtest.notes),
        "methods": _methods(backtest),
        "curve": _curve(backtest),
    }


def _methods(backtest: Backtest) -> list[dict[str, Any]]:
    rows = backtest.table.to_dict("index").items()
    return [
        {"method": method, "first_10": plain(10 * row["precision_10"]), "first_50": plain(50 * row["precision_50"])}
        for method, row in rows
        if method in _DRAWN
    ]


def _curve(backtest: Backtest) -> list[dict[str, Any]]:
    """Return a line a method: the share of hidden links among the first 1, 2, 3 and so on."""
    curve = backtest.curve[backtest.curve["k"] <= MOST_PLACES]
    return [
        {"method": method, "precision": [plain(round(each, 4)) for each in lines["precision"]]}
        for method, lines in curve.groupby("method", sort=False)
        if method in _DRAWN
    ]


def check_backtest(backtest: Backtest | None, gap: Gap) -> None:
    """Refuse what was measured on another gap.

    Raises
    ------
    InvalidArgumentError
        When the backtest is of other sites.
    """
    if backtest is None:
        return
    if not hasattr(backtest, "words"):
        message = f"backtest= is a {type(backtest).__name__}. Allowed: what lg.backtest(gap) returns."
        raise InvalidArgumentError(message)
    if backtest.site != gap.site or not set(backtest.rivals) <= set(gap.rivals):
        measured = in_words([backtest.site, *backtest.rivals])
        message = f"backtest= is of {measured}, and the prospects are of others. Ask lg.backtest(prospects.gap)."
        raise InvalidArgumentError(message)
