"""The section on what changed since the earlier exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linkgap.errors import InvalidArgumentError
from linkgap.gap.changes import Changes
from linkgap.schema import metric_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkgap.report.sources import Sources


def check_changes(changes: object, site: str) -> None:
    """Refuse anything but None or a comparison made for the site.

    Raises
    ------
    InvalidArgumentError
        When it is not what `compare_links` returns, or is about another site.
    """
    if changes is None:
        return
    if not isinstance(changes, Changes):
        message = f"changes= is of type {type(changes).__name__}. Allowed: what compare_links returns, or None."
        raise InvalidArgumentError(message)
    if changes.site != site:
        message = f"changes= is for {changes.site}. Allowed: one for {site}, from compare_links(..., site={site!r})."
        raise InvalidArgumentError(message)


def gather_changes(sources: Sources) -> dict[str, Any] | None:
    """Return `Changes.summary` without what the report says elsewhere; None if nothing was compared.

    Links get the full name of their authority's metric, as everywhere in a report.
    """
    if sources.changes is None:
        return None
    summary = {name: value for name, value in sources.changes.summary.items() if name not in {"title", "rivals"}}
    return summary | {name: [_with_metric(row) for row in summary[name]] for name in _LINKS}


_LINKS = ("new_links", "lost_links")


def _with_metric(row: Mapping[str, Any]) -> dict[str, Any]:
    """Add `metric`, the full name of the authority's metric: a Semrush 33 may be listed above an Ahrefs 44."""
    return {**row, "metric": metric_name(row["authority_metric"]) or None}
