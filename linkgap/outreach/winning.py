"""Whether the links that were read show that domains which were won link to the site, and still do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linkgap.errors import InvalidArgumentError, UnknownSiteError, in_words
from linkgap.gap.membership import Gap
from linkgap.loaders.links import Links
from linkgap.outreach.tables import table_of
from linkgap.schema import WON, Outcome

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import pandas as pd

_COLUMNS = ("place", "list", "is_lost", "links", "first_seen", "last_seen", "lost")


def find_won(links_or_gap: Links | Gap, site: str, won: Mapping[str, dt.date]) -> pd.DataFrame:
    """Tell for each domain that was won whether it links to the site, see `linkgap.schema.WON`.

    Parameters
    ----------
    won
        The day on which each domain was won.

    Raises
    ------
    InvalidArgumentError
        When the first argument is neither links nor a gap.
    UnknownSiteError
        When the links do not include the site.
    """
    links = links_or_gap.links if isinstance(links_or_gap, Gap) else links_or_gap
    if not isinstance(links, Links):
        message = (
            f"check() was given a value of type {type(links).__name__}. Allowed: what read_links or find_gap returns."
        )
        raise InvalidArgumentError(message)
    if site not in links.sites:
        message = (
            f"These links do not include {site}. Their sites: {in_words(links.sites)}. "
            "Read the site's own exports too, or open the outreach of one of these sites."
        )
        raise UnknownSiteError(message)
    seen = _seen(links, site, list(won)) if won else {}
    rows = [_judge(domain, day, seen.get(place, {})) for place, (domain, day) in enumerate(won.items())]
    return table_of(rows, WON)


def _seen(links: Links, site: str, domains: list[str]) -> dict[int, dict[str, Any]]:
    """Return what the links show of some domains, by their place in `domains`.

    The links in all files of one report (one kind of list of one provider) add up; of several reports, the most count.
    """
    engine = links.engine
    with engine.turn:
        engine.put("won", {"domain": domains, "place": range(len(domains))})
        engine.put("won_site", {"site": [site]})
        engine.run(
            "CREATE OR REPLACE TABLE won_hosts AS SELECT r.raw, w.place FROM raw_hosts AS r "
            "JOIN domains AS d ON d.number = r.domain "
            "JOIN won AS w ON w.domain = d.domain"
        )
        listed = links.query_from_hosts("won_hosts", "won_site", columns=_COLUMNS, conditions=[])
        by_list = (
            "SELECT place, list, sum(CASE WHEN is_lost THEN 0 ELSE links END) AS links, min(first_seen) AS first_seen, "
            "max(last_seen) AS last_seen, max(lost) AS lost, "
            "max(CASE WHEN is_lost AND lost IS NULL THEN 1 ELSE 0 END) AS undated "
            f"FROM ({listed}) GROUP BY place, list"
        )
        found = engine.frame(
            "SELECT place, max(links) AS links, min(first_seen) AS first_seen, max(last_seen) AS last_seen, "
            f"max(lost) AS lost, max(undated) AS undated FROM ({by_list}) GROUP BY place"
        )
    return {int(row["place"]): row for row in found.to_dict("records")}  # type: ignore[misc]


def _judge(domain: str, won_on: dt.date, seen: Mapping[str, Any]) -> dict[str, object]:
    days = {name: seen.get(name) for name in ("first_seen", "last_seen", "lost")}
    outcome = _outcome(won_on, seen) if seen else "not seen"
    return {"domain": domain, "outcome": outcome, "won_on": won_on, "links": int(seen.get("links", 0)), **days}


def _outcome(won_on: dt.date, seen: Mapping[str, Any]) -> Outcome:
    """Judge a domain. A loss before the day it was won is of an earlier link; the new one is not in the lists yet."""
    if seen["links"] > 0:
        return "confirmed"
    return "lost again" if seen["undated"] or seen["lost"].date() >= won_on else "not seen"
