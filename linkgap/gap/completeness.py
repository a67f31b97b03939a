"""How sure an absence is: "not in my list" is a measurement only where my list is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from linkgap.domains import platform_names
from linkgap.engine import statement
from linkgap.loaders.receipts import ONLY_LOST
from linkgap.schema import EVIDENCE, PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from linkgap.engine import Tables
    from linkgap.gap.referring import Candidates, Question
    from linkgap.loaders.links import Links

PROVEN, LIKELY, UNVERIFIED = range(len(EVIDENCE))

_SAME_TIME = 31
"""Days between exports of which nobody minds: a month, as what is compared with last month's is exported."""

_UNSAID = "plain"
"""A plain list does not say who made it, so that of two such lists nobody knows whether one provider made both."""


def names_sources(links: Links, question: Question) -> npt.NDArray[np.bool_]:
    """Tell of each file whether it names what is compared: a list of domains does not say which of its hosts links."""
    fits = [question.level == "domain" or source.report.lists == "links" for source in links.sources]
    return np.array(fits, dtype=bool)


def tells_lost(links: Links, question: Question) -> npt.NDArray[np.bool_]:
    """Tell of each file whether it calls domains lost: a list of links does not say that the last one went."""
    whole = links.receipts["partial"].iloc[: len(links.sources)].isin([None, ONLY_LOST]).to_numpy()
    return np.asarray(whole & lists_domains(links) & (question.level == "domain"))


def own_lists(links: Links, question: Question) -> pd.DataFrame:
    """Return the receipts of the lists that cover the site as a whole, each with the `metric` of its authority.

    A list of domains says nothing of hosts, so it is none of them where hosts are compared.
    """
    receipts = links.receipts.iloc[: len(links.sources)]
    covers = _lists_any_of(receipts, [question.site])
    whole = covers & names_sources(links, question) & receipts["partial"].isna().to_numpy()
    metrics = pd.Series([source.report.authority_metric for source in links.sources], dtype=object)
    lists: pd.DataFrame = receipts.assign(metric=metrics.to_numpy()).loc[whole]
    return lists


def _lists_any_of(receipts: pd.DataFrame, sites: Iterable[str]) -> npt.NDArray[np.bool_]:
    """Tell of each file whether it lists links to one of these sites; it may list those to several."""
    return np.array([not set(sites).isdisjoint((names or "").split(", ")) for names in receipts["site"]], dtype=bool)


def older_lists(links: Links, question: Question) -> Iterator[str]:
    """Say when the site's lists are much older than a rival's: what came to the site since then is in none of them.

    What a provider's own list proves is as old as that list, however new another's is. Nothing is said where one of
    the lists tells no day, as that may be the latest.
    """
    own, receipts = own_lists(links, question), links.receipts
    theirs = receipts[_lists_any_of(receipts, question.rivals)].dropna(subset="exported_at")
    told_apart = set(own["provider"]) - {_UNSAID} if len(set(own["provider"])) > 1 else set()
    known = theirs["provider"].isin(told_apart)
    for provider, days in theirs["exported_at"].groupby(theirs["provider"].where(known, "")):
        dated = own["exported_at"][(own["provider"] == provider) | (not provider)]
        if dated.empty or dated.isna().any() or (days.max() - dated.max()).days <= _SAME_TIME:
            continue
        whose = f"{PROVIDERS.get(str(provider), provider)} list" if provider else "list"
        yield (
            f"{question.site}'s latest {whose} was exported on {dated.max():%Y-%m-%d}, a rival's on "
            f"{days.max():%Y-%m-%d}: evidence is as of the earlier day, and a domain may have linked since. Export "
            f"{question.site}'s again."
        )


def find_evidence(candidates: Candidates, links: Links, question: Question) -> npt.NDArray[np.int8]:
    """Tell for each candidate how sure it is that it does not link to the site.

    Where hosts are compared, one that only a list of domains shows may link from another host: nothing tells. Nor does
    a list of the site's that has blogspot.com tell of me.blogspot.com: some providers fold one into the other.

    Returns
    -------
    numpy.ndarray
        0 proven, 1 likely, 2 unverified, one for each candidate.
    """
    own = own_lists(links, question)
    whole = own[own["cut"] == "none"]
    evidence = np.full(len(candidates), UNVERIFIED if whole.empty else LIKELY, dtype=np.int8)
    naming = np.flatnonzero(names_sources(links, question))
    evidence[~_shown_in(candidates, naming)] = UNVERIFIED
    providers = np.array([source.report.provider for source in links.sources], dtype=object)
    metrics = np.array([source.report.authority_metric for source in links.sources], dtype=object)
    telling = np.flatnonzero(tells_lost(links, question))
    for provider in set(providers) - {_UNSAID}:
        files = np.intersect1d(np.flatnonzero(providers == provider), naming)
        shown = _shown_in(candidates, files)
        evidence[shown & _shown_in(candidates, np.intersect1d(files, telling), what="lost")] = PROVEN
        if provider in set(whole["provider"]):
            evidence[shown] = PROVEN
            continue
        cut = own[(own["provider"] == provider) & (own["cut"] == "authority")]
        for metric, floor in cut.groupby("metric")["floor"].min().items():
            alike = files[metrics[files] == metric]
            evidence[shown & (candidates.highest("authority", alike) > floor)] = PROVEN
    evidence[_folded(candidates, links, question)] = UNVERIFIED
    return evidence


def lists_domains(links: Links) -> npt.NDArray[np.bool_]:
    """Tell of each file whether it is a list of domains; some providers fold all of blogspot.com into one row of it."""
    return np.array([source.report.lists == "domains" for source in links.sources], dtype=bool)


def put_platforms(engine: Tables, labels: str) -> None:
    """Make the table that says which names stand below which platform's, from a table with `number` and `name`."""
    engine.put("platform_names", {"name": sorted(platform_names())})
    engine.run(statement("linkgap.gap", "platforms").replace("{labels}", labels))


def _folded(candidates: Candidates, links: Links, question: Question) -> npt.NDArray[np.bool_]:
    """Tell which candidates may link to the site under the name of their platform, or of another name below it."""
    files = np.flatnonzero(lists_domains(links))
    if question.level == "host" or not len(files):
        return np.zeros(len(candidates), dtype=bool)
    links.engine.put("lists_of_domains", {"file": files})
    put_platforms(links.engine, "labels")
    found = links.engine.columns(statement("linkgap.gap", "folded"))
    return np.isin(candidates.number, np.ma.getdata(found["domain"]))


def _shown_in(
    candidates: Candidates, files: npt.NDArray[np.int64], *, what: Literal["linked", "lost"] = "linked"
) -> npt.NDArray[np.bool_]:
    """Tell which candidates some files show linking to a rival, or lost to the site."""
    shown = np.zeros(len(candidates), dtype=bool)
    shown[candidates.seen["place"][candidates.seen[what] & np.isin(candidates.seen["file"], files)]] = True
    return shown
