"""The pages behind the counts: which links a domain has to the rivals, read from the files again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from linkgap.gap.referring import number_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd

    from linkgap.gap.referring import Question
    from linkgap.loaders.links import Links

_BEST_LINK_COLUMNS = {
    "sample_url": "source_url",
    "sample_target": "target_url",
    "sample_anchor": "anchor",
    "title": "title",
    "language": "language",
    "platform": "platform",
    "page_type": "page_type",
    "kind": "kind",
    "target_status": "target_status",
    "page_external_links": "page_external_links",
}
"""What is shown of the best link, and the column of the links table that it comes from."""

_BEST_LINK_ORDER = {
    "unseen": "source_url IS NULL",
    "gone": "CASE WHEN is_lost THEN 1 ELSE 0 END",
    "follow": "CASE WHEN follow_links > 0 THEN 0 WHEN follow_links IS NULL THEN 1 ELSE 2 END",
    **_BEST_LINK_COLUMNS,
}
"""What links are sorted by, the best first: known pages before unknown, live before lost, followed before others."""

_COLUMNS = ("place", "site", "list", "follow_links", "is_lost", "first_seen", "last_seen", *_BEST_LINK_COLUMNS.values())


def pages_query(
    links: Links,
    question: Question,
    numbers: npt.NDArray[np.int64],
    *,
    columns: Sequence[str],
    sites: Sequence[str] | None = None,
) -> str:
    """Return the SQL for the links from some domains to the rivals, or to other sites, that count for a question.

    Its rows have `place` (position of the domain in `numbers`), `site`, `list` (provider and report) and columns of the
    links table.
    """
    engine = links.engine
    number_names(engine, question.level)
    engine.put("asked", {"place": np.arange(len(numbers)), "number": numbers})
    engine.run(
        "CREATE OR REPLACE TABLE asked_hosts AS SELECT n.raw, h.place FROM raw_hosts AS n "
        "JOIN (SELECT k.id, a.place FROM keys AS k JOIN asked AS a ON a.number = k.number) AS h ON h.id = n.id"
    )
    engine.put("asked_sites", {"site": question.rivals if sites is None else sites})
    conditions = ["NOT is_lost"] if question.live_only else []
    conditions += ["coalesce(follow_links, 1) > 0"] if question.follow_only else []
    return links.query_from_hosts("asked_hosts", "asked_sites", columns=columns, conditions=conditions)


def first_days_of(links: Links, question: Question, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.datetime64]:
    """Return the day on which a link was first seen from some domains (rows) to each compared site (columns).

    NaT where no export says, or where there is no link.
    """
    with links.engine.turn:
        listed = pages_query(links, question, numbers, columns=("place", "site", "first_seen"), sites=question.sites)
        found = links.engine.frame(
            "SELECT place, site, min(first_seen) AS first_seen "
            f"FROM ({listed}) WHERE first_seen IS NOT NULL GROUP BY place, site",
            ordered=False,
        )
    days = np.full((len(numbers), len(question.sites)), np.datetime64("NaT", "D"))
    columns = found["site"].map({site: column for column, site in enumerate(question.sites)})
    days[found["place"].to_numpy(), columns.to_numpy(dtype=np.int64)] = found["first_seen"].to_numpy(
        dtype="datetime64[D]"
    )
    return days


def details_of(links: Links, question: Question, numbers: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Read what only the files say about some domains' links to rivals.

    Returns
    -------
    DataFrame
        One row per domain in the order of `numbers`: `follow_links`, `first_seen`, `last_seen`, and the names in
        `_BEST_LINK_COLUMNS` for the best link.
    """
    with links.engine.turn:
        listed = pages_query(links, question, numbers, columns=_COLUMNS)
        best = links.engine.packed(_BEST_LINK_ORDER)
        by_list = (
            "SELECT place, site, list, sum(follow_links) AS follow_links, min(first_seen) AS first_seen, "
            f"max(last_seen) AS last_seen, min({best}) AS best FROM ({listed}) GROUP BY place, site, list"
        )
        by_site = (
            "SELECT place, max(follow_links) AS follow_links, min(first_seen) AS first_seen, "
            f"max(last_seen) AS last_seen, min(best) AS best FROM ({by_list}) GROUP BY place, site"
        )
        in_all = (
            "SELECT place, sum(follow_links) AS follow_links, min(first_seen) AS first_seen, "
            f"max(last_seen) AS last_seen, min(best) AS best FROM ({by_site}) GROUP BY place"
        )
        shown = ", ".join(f"best.{name} AS {name}" for name in _BEST_LINK_COLUMNS)
        found = links.engine.frame(
            f"SELECT place, follow_links, first_seen, last_seen, {shown} FROM ({in_all}) AS in_all", ordered=False
        )
    return found.set_index("place").reindex(range(len(numbers))).reset_index(drop=True)


def pages_of(
    links: Links, question: Question, numbers: npt.NDArray[np.int64], *, most: int
) -> list[list[dict[str, str | bool | None]]]:
    """Read the links of some domains to the rivals: live ones first, then followed ones, then those seen last.

    Parameters
    ----------
    most
        Maximum number of links per domain.

    Returns
    -------
    list
        For each domain its links, each with `url`, `anchor`, `target`, `title`, `first_seen`, `last_seen` (as text) and
        `follow`; None where no export says.
    """
    columns = (
        "is_lost",
        "place",
        "source_url",
        "anchor",
        "target_url",
        "title",
        "first_seen",
        "last_seen",
        "follow_links",
    )
    with links.engine.turn:
        listed = pages_query(links, question, numbers, columns=columns)
        grouped = (
            "SELECT place, source_url, anchor, target_url, max(title) AS title, "
            "CAST(min(first_seen) AS VARCHAR) AS first, max(last_seen) AS last, max(follow_links) AS follow, "
            "min(CASE WHEN is_lost THEN 1 ELSE 0 END) AS gone "
            f"FROM ({listed}) AS listed WHERE source_url IS NOT NULL GROUP BY place, source_url, anchor, target_url"
        )
        numbered = (
            "SELECT *, row_number() OVER (PARTITION BY place ORDER BY gone, coalesce(follow, 1) DESC, "
            "last DESC NULLS LAST, source_url, anchor NULLS LAST, target_url NULLS LAST) AS number "
            f"FROM ({grouped}) AS grouped"
        )
        rows = links.engine.rows(
            "SELECT place, source_url, anchor, target_url, title, first, CAST(last AS VARCHAR), follow "
            f"FROM ({numbered}) AS numbered WHERE number <= {int(most)} ORDER BY place, number"
        )
    names = ("url", "anchor", "target", "title", "first_seen", "last_seen")
    found: list[list[dict[str, str | bool | None]]] = [[] for _ in numbers]
    for place, *page, follow in rows:
        found[place].append({**dict(zip(names, page, strict=True)), "follow": None if follow is None else follow > 0})
    return found
