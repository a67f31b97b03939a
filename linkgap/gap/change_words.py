"""What changed, in sentences, as plain values and in Markdown."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from linkgap.errors import counted
from linkgap.gap.change_tables import absences_from
from linkgap.gap.completeness import UNKNOWN_PROVIDER
from linkgap.loaders.records import value_of
from linkgap.schema import ABSENCES, GAP_CHANGES, rounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from linkgap.gap.differences import Differences
    from linkgap.gap.membership import Gap

FIRST = 10
"""How many rows of each kind the summary shows."""

_GAP_COLUMNS = ("domain", "reason", "rivals_before", "rivals_after", "rank_before", "rank_after", "authority")
_LINK_COLUMNS = ("domain", "absence", "authority", "authority_metric")
_RANK_COLUMNS = ("domain", "moved", "rank_before", "rank_after")
_HEADINGS = {
    "new_gaps": "New gaps",
    "closed_gaps": "Closed gaps",
    "new_links": "New referring {noun}s of {site}",
    "lost_links": "Lost referring {noun}s of {site}",
    "moved": "Ranks that moved most",
    "outreach": "Outreach",
}


def notes_of(before: Gap, after: Gap, differences: Differences) -> tuple[str, ...]:
    """Return notes on what can't be known and why, and on states that seem to be the wrong way round."""
    doubts = tuple(_doubts(after.question.sites, after.question.level, differences))
    plain = _plain_note_of(before, after) if doubts else ()
    return (*_order_of(before, after), *_follow_note_of(before, after), *doubts, *plain)


def _order_of(before: Gap, after: Gap) -> Iterator[str]:
    days = [gap.links.receipts["exported_at"].dropna() for gap in (before, after)]
    if len(days[0]) and len(days[1]) and days[0].min() > days[1].max():
        first, second = (f"{day:%Y-%m-%d}" for day in (days[0].min(), days[1].max()))
        yield f"The old links were exported on {first} or later, the new ones on {second} or earlier: swap them."


def _follow_note_of(before: Gap, after: Gap) -> Iterator[str]:
    """Say so when only followed links count, but only one state's exports say which links are followed."""
    says_follow = [any(value_of(source, "follow_links") for source in gap.links.sources) for gap in (before, after)]
    if after.question.follow_only and says_follow[0] != says_follow[1]:
        when, what = ("new", "lost") if says_follow[1] else ("old", "new")
        yield (
            f"Only the {when} exports say which links are followed, and links without this information count: "
            f"those that were never followed are reported as {what}."
        )


def _plain_note_of(before: Gap, after: Gap) -> Iterator[str]:
    """Say why plain lists prove nothing, and what would, if both states have some."""
    if all(any(each.report.provider == UNKNOWN_PROVIDER for each in gap.links.sources) for gap in (before, after)):
        yield (
            "Plain lists don't name the tool that made them, so nothing that one of them lacks is certain. If one tool "
            "made those of both states, give them the headings source_domain and provider, and name it in every row."
        )


def _doubts(sites: tuple[str, ...], noun: str, differences: Differences) -> Iterator[str]:
    kinds = (
        (differences.perhaps_lost, differences.went, "only in the old lists, and may still link"),
        (differences.perhaps_new, differences.came, "only in the new lists, and may have linked before"),
    )
    for (place, site), (perhaps, absences, words) in product(enumerate(sites), kinds):
        rows = np.flatnonzero((perhaps >> place) & 1)
        reasons = absences_from(absences, place, rows)
        counts = {absence: int((reasons == absence).sum()) for absence in ABSENCES}
        if len(rows):
            why = ", ".join(f"{number:,} {absence}" for absence, number in counts.items() if number)
            yield f"{site}: {counted(len(rows), noun)} {'is' if len(rows) == 1 else 'are'} {words} ({why})."


def first_rows(
    sites: pd.DataFrame, own: pd.DataFrame, gaps: pd.DataFrame, ranks: pd.DataFrame, outreach: pd.DataFrame | None
) -> dict[str, Any]:
    """Return what a summary shows of the tables of `Changes`, as lists of rows; `own` has the site's own links."""
    counts = gaps["change"].value_counts()
    best = own.sort_values(["authority_percentile", "domain"], ascending=[False, True])
    return {
        "sites": _records(sites, tuple(sites), limit=None),
        "gaps": {name: int(counts.get(name, 0)) for name in GAP_CHANGES},
        "new_gaps": _records(gaps[gaps["change"] == "new"], _GAP_COLUMNS),
        "closed_gaps": _records(gaps[gaps["change"] == "closed"], _GAP_COLUMNS),
        "new_links": _records(best[best["change"] == "new"], _LINK_COLUMNS),
        "lost_links": _records(best[best["change"] == "lost"], _LINK_COLUMNS),
        "moved": _records(ranks, _RANK_COLUMNS),
        "outreach": [] if outreach is None else _records(outreach, tuple(outreach), limit=None),
    }


def markdown_of(summary: Mapping[str, Any]) -> str:
    """Return a summary as a section in Markdown; domain names are code spans, so that nothing in them is markup."""
    parts = [f"## {summary['title']}", summary["finding"], _table(summary["sites"])]
    for name, heading in _HEADINGS.items():
        if summary[name]:
            parts += [f"### {heading.format(**summary)}", _table(summary[name])]
    if summary["notes"]:
        parts += ["### Notes", "\n".join(f"- {note}" for note in summary["notes"])]
    return "\n\n".join(parts) + "\n"


def _table(rows: list[dict[str, Any]]) -> str:
    names = list(rows[0])
    lines = [[name.replace("_", " ") for name in names], ["---"] * len(names)]
    lines += [[_cell(name, row[name]) for name in names] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    text = str(value).replace("|", "\\|")
    return f"`{text}`" if name in {"domain", "site"} else text


def _records(table: pd.DataFrame, names: tuple[Any, ...], *, limit: int | None = FIRST) -> list[dict[str, Any]]:
    shown = table[list(names)].head(len(table) if limit is None else limit)
    return [{str(name): _plain(value) for name, value in row.items()} for row in shown.to_dict("records")]


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a table holds
    if value is None or value != value:  # noqa: PLR0124 - NaN and NaT do not equal themselves
        return None
    if isinstance(value, str | bool | int):
        return value
    number = float(value)
    return int(number) if number == math.floor(number) else rounded(number)
