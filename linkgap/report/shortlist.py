"""The sections that name prospects: the ten to write to first, with reasons, and the first fifty in brief."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linkgap.errors import counted
from linkgap.gap.tactics import HOW_TO_WIN
from linkgap.report.sources import SHOWN_ON_PAPER
from linkgap.report.values import joined, plain, row_of
from linkgap.schema import general, metric_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linkgap.gap.authority import Authority
    from linkgap.report.sources import Sources

FIRST = 10
"""How many prospects are named with their reasons."""

_OPEN = {"new", "shortlisted"}
_LEFT_ALONE = "scraper"
_BEST = ("rank", "domain", "priority", "likelihood", "rivals_linked", "authority", "evidence", "relation", "tactic")
_LISTED = ("rank", "domain", "priority", "rivals_linked", "authority", "evidence", "tactic", "sample_url")


def gather_best(sources: Sources) -> dict[str, Any]:
    """Return the first prospects that nobody has written to yet.

    `rows`, `rivals`, how many were `passed_over` as hidden or already in outreach, which are `left_alone` as scrapers
    with nobody to write to, the `noun` for a prospect, and a `title` that names no number if there are fewer than ten.
    """
    rows: list[dict[str, Any]] = []
    left_alone: list[str] = []
    passed_over = 0
    for row in sources.first.to_dict("records"):
        if len(rows) == FIRST:
            break
        if _status(sources, row["domain"]) not in _OPEN:
            passed_over += 1
        elif row["tactic"] == _LEFT_ALONE:
            left_alone.append(row["domain"])
        else:
            rows.append(_best(sources, row))
    heading = {} if len(rows) == FIRST else {"title": "Whom to write to first"}
    rivals = list(sources.gap.rivals)
    details = {"passed_over": passed_over, "left_alone": left_alone, "noun": sources.gap.question.level}
    return {"rows": rows, "rivals": rivals, **details, **heading}


def gather_list(sources: Sources) -> dict[str, Any]:
    """Return the first prospects in brief, for where the explorer can't work: `rows`, and of how many.

    With several authority metrics, each row names its own: a DataForSEO 460 is listed below an Ahrefs 64.
    """
    first = sources.first.head(SHOWN_ON_PAPER).to_dict("records")
    metrics = [metric_name(plain(row["authority_metric"])) or None for row in first]
    rows = [row_of(row, _LISTED) for row in first]
    if len({*metrics} - {None}) > 1:
        rows = [row | {"metric": metric} for row, metric in zip(rows, metrics, strict=True)]
    if sources.outreach:
        rows = [row | {"status": _status(sources, row["domain"])} for row in rows]
    gap = sources.gap
    return {"rows": rows, "prospects": len(gap), "rivals": len(gap.rivals), "noun": gap.question.level}


def _status(sources: Sources, domain: str) -> str:
    return sources.memory.get(domain, {"status": "new"})["status"]


def _best(sources: Sources, row: Mapping[Any, Any]) -> dict[str, Any]:
    linked = [rival for rival in sources.gap.rivals if row[rival]]
    return row_of(row, _BEST) | {
        "metric": metric_name(row["authority_metric"]),
        "rivals": linked,
        "why": [*_reasons(sources, row, linked)],
        "caution": row["risk_reasons"] or None,
        "how": HOW_TO_WIN[row["tactic"]] if row["tactic"] != "unknown" else None,
        "page": plain(row.get("sample_url")),
        "anchor": plain(row.get("sample_anchor")),
        "status": _status(sources, row["domain"]) if sources.outreach else None,
    }


def _reasons(sources: Sources, row: Mapping[Any, Any], linked: list[str]) -> Iterator[str]:
    """Yield what speaks for a prospect, in the order in which a reader wants it."""
    live_only = sources.gap.question.live_only
    yield f"{'links' if live_only else 'links, or linked,'} to {_linked(linked, len(sources.gap.rivals))}"
    if row["relation"] == "lost":
        yield f"once linked to {sources.site}"
    if not plain(row["authority_imputed"]) and plain(row["authority"]) is not None:
        above = _above(sources.prospects.authority, row)
        yield f"{metric_name(row['authority_metric'])} {general(row['authority'])}{above}"
    follow = plain(row["follow_links"])
    links = int(row["links"])
    count = counted(links, "live link" if live_only else "link")
    known = "" if follow is None else f", {_followed(follow, links)}"
    yield f"{count}{'' if live_only else ', live or lost,'} to {'a rival' if links == 1 else 'rivals'}{known}"
    traffic = plain(row["traffic"])
    if traffic and round(traffic):
        yield f"{counted(round(traffic), 'organic visit')} a month"


def _followed(follow: int, links: int) -> str:
    if links == 1:
        return "followed" if follow else "not known to be followed"
    if follow == links:
        return "both followed" if links == _BOTH else "all followed"
    return f"{follow:,} of them known to be followed" if follow else "none of them known to be followed"


def _linked(linked: list[str], rivals: int) -> str:
    if len(linked) == rivals > 1:
        return "both rivals" if rivals == _BOTH else f"all {rivals} rivals"
    if len(linked) <= _MOST_NAMED:
        return joined(linked)
    return f"{len(linked)} of {rivals} rivals, among them {joined(linked[:_NAMED_AMONG])}"


_BOTH, _MOST_NAMED, _NAMED_AMONG = 2, 3, 2


def _above(authority: Authority, row: Mapping[Any, Any]) -> str:
    """Say what share of the prospects with a known authority are below this one; an empty text for less than 1%."""
    known = authority.percentile[~authority.imputed]
    percent = int(100 * (known < row["authority_percentile"]).mean())
    whose = " whose authority is known" if authority.imputed.any() else ""
    return f", above {percent}% of the prospects{whose}" if percent else ""
