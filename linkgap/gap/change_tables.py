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
_CHANGE_PRECEDENCE = ("unverified", "new", "lost", "kept")
"""The first of these among its hosts' changes is a domain's change, unless the domain links both before and after."""


def changed_sites(differences: Differences, sites: Sequence[str]) -> pd.DataFrame:
    """Return how many domains each site gained, lost and kept, see `linkgap.schema.CHANGED_SITES`."""
    columns = {
        "before": differences.before,
        "after": differences.after,
        "kept": differences.before & differences.after,
        "new": differences.new,
        "unverified_new": differences.perhaps_new,
        "lost": differences.lost,
        "unverified_lost": differences.perhaps_lost,
    }
    rows = [
        {"site": site} | {name: int(((bits >> place) & 1).sum()) for name, bits in columns.items()}
        for place, site in enumerate(sites)
    ]
    return pd.DataFrame(rows, columns=[column.name for column in CHANGED_SITES])


def changed_links(differences: Differences, sites: Sequence[str], names: Array) -> pd.DataFrame:
    """Return what became of each domain that links to a site in either state, see `linkgap.schema.CHANGED_LINKS`."""
    tables = [_changed_links_to(place, site, differences, names) for place, site in enumerate(sites)]
    return pd.concat(tables, ignore_index=True)


def _changed_links_to(place: int, site: str, differences: Differences, names: Array) -> pd.DataFrame:
    rows = np.flatnonzero(((differences.before | differences.after) >> place) & 1)
    has = {
        name: (getattr(differences, name)[rows] >> place) & 1 == 1
        for name in ("before", "after", "new", "lost", "perhaps_new", "perhaps_lost")
    }
    change = np.select(
        [has["new"], has["lost"], has["perhaps_new"] | has["perhaps_lost"]], ["new", "lost", "unverified"], "kept"
    )
    absence = np.select(
        [has["before"] & has["after"], has["after"]],
        [np.full(len(rows), None), absences_from(differences.came, place, rows)],
        absences_from(differences.went, place, rows),
    )
    columns = {
        "site": pd.Series(np.full(len(rows), site, dtype=object), dtype=object),
        "domain": pd.Series(names[rows], dtype=object),
        "change": pd.Series(change, dtype=object),
        "before": has["before"],
        "after": has["after"],
        "absence": pd.Series(absence, dtype=object),
        **_authority(differences, rows),
    }
    return pd.DataFrame(columns)[[column.name for column in CHANGED_LINKS]]


def absences_from(absences: Absences, place: int, rows: Array) -> Array:
    """Return, in words, what the other state's lists say about the absence of some domains' links to one site."""
    words: dict[Absence, Array] = {
        "complete list": absences.complete,
        "above the cut": absences.above,
        "reported gone": absences.reported,
        "below the cut": absences.below,
        "cut list": absences.cut,
        "sample or part": absences.in_part,
    }
    conditions = [(bits[rows] >> place) & 1 == 1 for bits in words.values()]
    return np.select(conditions, list(words), "no such list").astype(object)


def _authority(differences: Differences, rows: Array) -> dict[str, Any]:
    metric = pd.Series(differences.metric[rows], dtype=object)
    return {
        "authority": differences.authority[rows],
        "authority_metric": metric.where(metric != "", None),
        "authority_percentile": differences.percentile[rows],
    }


def changed_gaps(differences: Differences, before: Prospects, after: Prospects, names: Array) -> pd.DataFrame:
    """Return what became of each prospect of either state, see `linkgap.schema.CHANGED_GAPS`."""
    state = _gap_states(differences, after.gap.question.min_rivals)
    rows = np.flatnonzero(state["before"] | state["after"])
    change, links_before, links_after = state["change"][rows], differences.before[rows], differences.after[rows]
    table = pd.DataFrame(
        {
            "domain": pd.Series(names[rows], dtype=object),
            "change": pd.Series(change, dtype=object),
            "before": state["before"][rows],
            "after": state["after"][rows],
            "reason": pd.Series(_reasons(change, links_before, links_after), dtype=object),
            "rivals_before": np.bitwise_count(links_before >> 1).astype(np.int64),
            "rivals_after": np.bitwise_count(links_after >> 1).astype(np.int64),
            **_ranks("before", before, differences.number_before[rows]),
            **_ranks("after", after, differences.number_after[rows]),
            **_authority(differences, rows),
            "order": np.select([change == name for name in GAP_CHANGES], range(len(GAP_CHANGES))),
        }
    )
    table["moved"] = _moved(table["rank_before"], table["rank_after"])
    ordered = table.sort_values(["order", "rank_after", "rank_before", "domain"], ignore_index=True)
    return ordered[[column.name for column in CHANGED_GAPS]]


def _gap_states(differences: Differences, min_rivals: int) -> dict[str, Array]:
    """Tell which domains were and are prospects, and what certainly changed, whatever the lists may have left out."""
    before, after = differences.before, differences.after
    possible_before, possible_after = before | differences.perhaps_new, after | differences.perhaps_lost
    was, still = _is_gap(before, before, min_rivals), _is_gap(after, after, min_rivals)
    opened = _is_gap(after, possible_after, min_rivals) & _is_no_gap(before, possible_before, min_rivals)
    closed = _is_gap(before, possible_before, min_rivals) & _is_no_gap(after, possible_after, min_rivals)
    change = np.select([was & still, opened, closed], ["open", "new", "closed"], "unverified")
    return {"before": was, "after": still, "change": change}


def _is_gap(shown: Array, possible: Array, min_rivals: int) -> Array:
    """Tell where the links shown reach enough rivals, and no possible link reaches the site."""
    return np.asarray((np.bitwise_count(shown >> 1) >= min_rivals) & (possible & 1 == 0))


def _is_no_gap(shown: Array, possible: Array, min_rivals: int) -> Array:
    """Tell where a link shown reaches the site, or all possible links reach too few rivals."""
    return np.asarray((shown & 1 == 1) | (np.bitwise_count(possible >> 1) < min_rivals))


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
    order = dict(zip(_CHANGE_PRECEDENCE, range(len(_CHANGE_PRECEDENCE)), strict=True))
    named = links.assign(domain=links["domain"].map(registrable_domain), order=links["change"].map(order))
    shown = named.groupby("domain")[["before", "after"]].any()
    decisive = named.sort_values(["domain", "order"], kind="stable").drop_duplicates("domain").set_index("domain")
    stays = shown["before"] & shown["after"]
    table = {
        "domain": shown.index,
        "change": np.where(stays, "kept", decisive["change"]),
        "after": shown["after"].to_numpy(),
        "absence": np.where(stays, np.full(len(stays), None), decisive["absence"]),
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
            verdict = outcome.get(domain, "not marked")
            # `check` knows only the lists after: that the domain linked before, and is proven not to now, is known only
            # here. If those lists newly date the loss, that was before the domain was won: otherwise, `check` itself
            # would have said "lost again".
            lost_since = (verdict, link["change"]) == ("not seen", "lost") and domain not in dated
            verdict = "lost again" if lost_since else verdict
            row = {"domain": domain, "status": status, "outcome": verdict, "flagged": verdict != "confirmed"}
            rows.append(row | {name: link[name] for name in ("change", "absence")})
    rows.sort(key=lambda row: (not row["flagged"], row["domain"]))
    table = pd.DataFrame(rows, columns=[column.name for column in CHANGED_OUTREACH], dtype=object)
    return table.astype({"flagged": bool})
