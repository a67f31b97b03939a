"""linkgap's own columns: a table with headings of the links table, whoever made it; and what else linkgap writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkgap.loaders.reports import Report, folded
from linkgap.schema import LINKS as COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

_SET_BY_THE_READER = {"provider", "report", "file", "row"}

LINKS = Report(
    provider="linkgap",
    name="links",
    required=("source_url|source_domain",),
    authority_metric="authority",
    columns={column.name: column.name for column in COLUMNS if column.name not in _SET_BY_THE_READER},
)
"""A column `site`, if the file has it, says which compared site a link is for."""

REPORTS = (LINKS,)

WRITTEN = {
    "prospects": ("domain", "priority", "likelihood", "risk reasons"),
    "prospects for outreach": ("domain", "page to mention", "how to win it"),
    "prospects for Pitchbox": ("partner url", "partner category", "link type"),
    "outreach": ("domain", "status", "contacted on", "next on"),
    "changes": ("change", "before", "after"),
    "changes of sites": ("site", "before", "after", "unverified new"),
    "changes of outreach": ("domain", "status", "outcome", "flagged"),
    "receipts": ("file", "kept", "set aside", "largest domain share"),
}
"""What linkgap writes besides links, and the headings by which it is recognised, with spaces for underscores."""


def written_by_linkgap(titles: Sequence[str]) -> str | None:
    """Return which of the tables without links that linkgap writes a table is, or None when it is none of them.

    Examples
    --------
    >>> written_by_linkgap(["Rank", "Domain", "Priority", "Likelihood", "Risk reasons"])
    'prospects'
    """
    has = {folded(title.replace("_", " ")) for title in titles}
    return next((name for name, headings in WRITTEN.items() if has.issuperset(headings)), None)
