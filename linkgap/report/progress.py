"""The section on outreach: how far it has come, and with whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linkgap.report.values import records_of
from linkgap.schema import STATUSES

if TYPE_CHECKING:
    from linkgap.report.sources import Sources

MOST_LISTED = 100

_SILENT = {"new", "hidden"}
_SHOWN = ("domain", "status", "contacted_on", "next_on", "owner", "contact", "note")


def gather_outreach(sources: Sources) -> dict[str, Any] | None:
    """Return the state of outreach: `counts` by status, `outcomes` of won domains, and `rows`; None without any."""
    if sources.book is None:
        return None
    book = sources.book
    counts = book["status"].value_counts()
    under_way = book[~book["status"].isin(_SILENT)].copy()
    under_way["place"] = under_way["status"].map(STATUSES.index)
    ordered = under_way.sort_values(["place", "domain"], ascending=[False, True], kind="stable")
    return {
        "counts": {status: int(counts[status]) for status in STATUSES if status in counts and status not in _SILENT},
        "outcomes": sources.outcomes,
        "rows": records_of(ordered.head(MOST_LISTED), _SHOWN),
        "more": max(0, len(ordered) - MOST_LISTED),
    }
