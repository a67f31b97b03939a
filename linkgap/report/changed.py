"""The section on what came and went since last time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linkgap.errors import InvalidArgumentError
from linkgap.gap.changes import Changes
from linkgap.schema import metric_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkgap.report.sources import Sources


def check_changes(changes: object, site: str) -> None:
    """Refuse what is no comparison, or that of another site; None is none.

    Raises
    ------
    InvalidArgumentError
        When it is something else than what `compare_links` returns for the site.
    """
    if changes is None:
        return
    if not isinstance(changes, Changes):
        message = f"changes= is a {type(changes).__name__}. Allowed: what compare_links returns, or None."
        raise InvalidArgumentError(message)
    if changes.site != site:
        message = (
            f"changes= is that of {changes.site}. Allowed: that of {site}, from compare_links(..., site={site!r})."
        )
        raise InvalidArgumentError(message)


def gather_changes(sources: Sources) -> dict[str, Any] | None:
    """Return `Changes.summary` without what the report says itself; None where nothing was compared.

    Metrics are called by the names that people know, as everywhere in a report.
    """
    if sources.changes is None:
        return None
    told = {name: value for name, value in sources.changes.summary.items() if name not in {"title", "rivals"}}
    return told | {name: [_with_metric(row) for row in told[name]] for name in _LINKS}


_LINKS = ("new_links", "lost_links")


def _with_metric(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row whose authority is followed by whose measure it is: Semrush's 33 may stand above Ahrefs' 44."""
    return {**row, "metric": metric_name(row["authority_metric"]) or None}
