"""Differences as tables: what became of each link, each gap and each domain in outreach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from linkgap.domains import registrable_domain
from linkgap.schema import CHANGED_GAPS, CHANGED_LINKS, CHANGED_OUTREACH, CHANGED_SITES, GAP_CHANGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from linkgap.gap.differences import Absences, Differences
    from linkgap.gap.scoring import Prospects
    from linkgap.schema import Absence

    Array = npt.NDArray[Any]

_WRITTEN_TO = ("shortlisted", "contacted", "replied")
_TELLING_FIRST = ("unverified", "new", "lost", "kept")
"""The first of these among its hosts' changes is a domain's change, unless the domain links both before and after."""


def changed_sites(each: Differences, sites: Sequence[str]) -> pd.DataFrame:
    """Return how many domains each site gained, lost and kept, see `linkgap.schema.CHANGED_SITES`."""
    columns = {
        "before": each.before,
        "after": each.after,
        "kept": each.before & each.after,
        "new": each.new,
        "unverified_new": each.perhaps_new,
        "lost": each.lost,
        "unverified_lost": each.perhaps_lost,
    }
    rows = [
        {"site": site} | {name: int(((bits >> place) & 1).sum()) for name, bits in columns.items()}
        for place, site in enumerate(sites)
    ]
    return pd.DataFrame(rows, columns=[column.name for column in CHANGED_SITES])


def changed_links(each: Differences, sites: Sequence[str], names: Array) -> pd.DataFrame:
    """Return what became of each domain that links to a site in either state, see `linkgap.schema.CHANGED_LINKS`."""
    tables = [_changed_links_to(place, site, each, names) for place, site in enumerate(sites)]
    return pd.concat(tables, ignore_index=True)


def _changed_links_to(place: int, site: str, each: Differences, names: Array) -> pd.DataFrame:
    rows = np.flatnonzero(((each.before | each.after) >> place) & 1)
    has = {
        name: (getattr(each, name)[rows] >> place) & 1 == 1
        for name in ("before", "after", "new", "lost", "perhaps_new", "perhaps_lost")
    }
    change = np.select(
        [has["new"], has["lost"], has["perhaps_new"] | has["perhaps_lost"]], ["new", "lost", "unverified"], "kept"
    )
    absence = np.select(
        [has["before"] & has["after"], has["after"]],
        [np.full(len(rows), None), absences_from(each.came, place, rows)],
        absences_from(each.went, place, rows),
    )
    columns = {
        "site": pd.Series(np.full(len(rows), site, dtype=object), dtype=object),
        "domain": pd.Series(names[rows], dtype=object),
        "change": pd.Series(change, dtype=object),
        "before": has["before"],
        "after": has["after"],
        "absence": pd.Series(absence, dtype=object),
        **_authority(each, rows),
    }
    return pd.DataFrame(columns)[[column.name for column in CHANGED_LINKS]]


def absences_from(said: Absences, place: int, rows: Array) -> Array:
    """Return, in words, what the other state's lists say about the absence of some domains' links to one site."""
    words: dict[Absence, Array] = {
        "complete list": said.whole,
        "above the cut": said.above,
        "reported gone": said.reported,
        "below the cut": said.below,
        "cut list": said.cut,
        "sample or part": said.in_part,
    }
    conditions = [(bits[rows] >> place) & 1 == 1 for bits in words.values()]
    return np.select(conditions, list(words), "no such list").astype(object)


def _authority(each: Differences, rows: Array) -> dict[str, Any]:
    metric = pd.Series(each.metric[rows], dtype=object)
    return {
        "authority": each.authority[rows],
        "authority_metric": metric.where(metric != "", None),
        "authority_percentile": each.percentile[rows],
    }


def changed_gaps(each: Differences, before: Prospects, after: Prospects, names: Array) -> pd.DataFrame:
    """Return what became of each prospect of either state, see `linkgap.schema.CHANGED_GAPS`."""
    state = _gap_states(each, after.gap.question.min_rivals)
    rows = np.flatnonzero(state["before"] | state["after"])
    change, links_before, links_after = state["change"][rows], each.before[rows], each.after[rows]
    table = pd.DataFrame(
        {
            "domain": pd.Series(names[rows], dtype=object),
            "change": pd.Series(change, dtype=object),
            "before": state["before"][rows],
            "after": state["after"][rows],
            "reason": pd.Series(_reasons(change, links_before, links_after), dtype=object),
            "rivals_before": np.bitwise_count(links_before >> 1).astype(np.int64),
            "rivals_after": np.bitwise_count(links_after >> 1).astype(np.int64),
            **_ranks("before", before, each.number_before[rows]),
            **_ranks("after", after, each.number_after[rows]),
            **_authority(each, rows),
            "order": np.select([change == name for name in GAP_CHANGES], range(len(GAP_CHANGES))),
        }
    )
    table["moved"] = _moved(table["rank_before"], table["rank_after"])
    ordered = table.sort_values(["order", "rank_after", "rank_before", "domain"], ignore_index=True)
    return ordered[[column.name for column in CHANGED_GAPS]]


def _gap_states(each: Differences, least: int) -> dict[str, Array]:
    """Tell which domains were and are prospects, and what certainly changed, whatever the lists may have left out."""
    before, after = each.before, each.after
    most_before, most_after = before | each.perhaps_new, after | each.perhaps_lost
    was, still = _is_gap(before, before, least), _is_gap(after, after, least)
    opened = _is_gap(after, most_after, least) & _is_no_gap(before, most_before, least)
    closed = _is_gap(before, most_before, least) & _is_no_gap(after, most_after, least)
    change = np.select([was & still, opened, closed], ["open", "new", "closed"], "unverified")
    return {"before": was, "after": still, "change": change}


def _is_gap(shown: Array, possible: Array, least: int) -> Array:
    """Tell where the links shown reach enough rivals, and no possible link reaches the site."""
    return np.asarray((np.bitwise_count(shown >> 1) >= least) & (possible & 1 == 0))


def _is_no_gap(shown: Array, possible: Array, least: int) -> Array:
    """Tell where a link shown reaches the site, or all possible links reach too few rivals."""
    return np.asarray((shown & 1 == 1) | (np.bitwise_count(possible >> 1) < least))


def _reasons(change: Array, before: Array, after: Array) -> Array:
    conditions = [
        change == "open",
        (after & ~before) & 1 == 1,
        (before & ~after) & 1 == 1,
        np.bitwise_count(after >> 1) > np.bitwise_count(before >> 1),
    ]
    words = ["links to the site now", "no longer links to the site", "links to more rivals"]
    return np.select(conditions, [np.full(len(change), None), *words], "links to fewer rivals").astype(object)


def _ranks(state: str, prospects: Prospects, numbers: Array) -> dict[str, Any]:
    """Return the rank and priority of some domains in one state, null where they are not prospects."""
    known = prospects.gap.candidates.number
    ranks = np.empty(len(known))
    ranks[prospects.order] = np.arange(1, len(known) + 1)
    places = np.searchsorted(known, numbers)
    there = np.isin(numbers, known)
    rank, priority = np.full(len(numbers), np.nan), np.full(len(numbers), np.nan)
    rank[there] = ranks[places[there]]
    priority[there] = prospects.scores["priority"][places[there]]
    return {f"rank_{state}": pd.array(rank, dtype="Float64").astype("Int64"), f"priority_{state}": priority}


def _moved(before: pd.Series, after: pd.Series) -> pd.Series:
    """Return how many places each prospect of both states moved up among these, so that newcomers push nobody down."""
    both = before.notna() & after.notna()
    return (before[both].rank() - after[both].rank()).astype("Int64").reindex(before.index)


def links_by_domain(links: pd.DataFrame) -> pd.DataFrame:
    """Return what became of each registrable domain's links to a site, from what became of those of its hosts.

    Outreach is to domains. A domain that moved its link from one host to another has kept it; it is new or lost where
    all of its hosts are, and unverified where any of them may have linked all along.
    """
    order = dict(zip(_TELLING_FIRST, range(len(_TELLING_FIRST)), strict=True))
    named = links.assign(domain=links["domain"].map(registrable_domain), order=links["change"].map(order))
    shown = named.groupby("domain")[["before", "after"]].any()
    told = named.sort_values(["domain", "order"], kind="stable").drop_duplicates("domain").set_index("domain")
    stays = shown["before"] & shown["after"]
    table = {
        "domain": shown.index,
        "change": np.where(stays, "kept", told["change"]),
        "after": shown["after"].to_numpy(),
        "absence": np.where(stays, np.full(len(stays), None), told["absence"]),
    }
    return pd.DataFrame(table, dtype=object)


def changed_outreach(
    statuses: pd.DataFrame, won: pd.DataFrame, won_before: pd.DataFrame, links: pd.DataFrame
) -> pd.DataFrame:
    """Return what the links say about each domain that was won or written to, see `linkgap.schema.CHANGED_OUTREACH`.

    Parameters
    ----------
    statuses
        The outreach table.
    won, won_before
        What `check` says about domains that were won, by the links of the state after and by those before.
    links
        What became of the site's domains, see `changed_links` and `links_by_domain`.
    """
    outcome = dict(zip(won["domain"], won["outcome"], strict=True))
    days_before = dict(zip(won_before["domain"], won_before["lost"], strict=True))
    days = zip(won["domain"], won["lost"], strict=True)
    dated = {domain for domain, day in days if not pd.isna(day) and day != days_before.get(domain)}
    known: Mapping[str, dict[str, Any]] = {str(row["domain"]): row for row in links.to_dict("records")}  # type: ignore[misc]
    rows = []
    for domain, status in zip(statuses["domain"], statuses["status"], strict=True):
        link = known.get(domain, {"change": None, "absence": None, "after": False})
        if domain in outcome or (status in _WRITTEN_TO and link["after"]):
            said = outcome.get(domain, "not marked")
            # `check` knows only the lists after: that the domain linked before, and is proven not to now, is known only
            # here. If those lists newly date the loss, that was before the domain was won: otherwise, `check` itself
            # would have said "lost again".
            went_since = (said, link["change"]) == ("not seen", "lost") and domain not in dated
            said = "lost again" if went_since else said
            told = {"domain": domain, "status": status, "outcome": said, "flagged": said != "confirmed"}
            rows.append(told | {name: link[name] for name in ("change", "absence")})
    rows.sort(key=lambda row: (not row["flagged"], row["domain"]))
    table = pd.DataFrame(rows, columns=[column.name for column in CHANGED_OUTREACH], dtype=object)
    return table.astype({"flagged": bool})
