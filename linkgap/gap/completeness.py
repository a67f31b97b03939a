"""How sure an absence is: "not in my list" is evidence only where my list is complete."""

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
"""The most days between exports that need no note: a month, the usual time between exports."""

UNKNOWN_PROVIDER = "plain"
"""The provider of plain lists. They don't say who made them, so two of them may or may not be from one provider."""


def names_sources(links: Links, question: Question) -> npt.NDArray[np.bool_]:
    """Tell for each file whether it names what is compared: a list of domains does not say which hosts link."""
    fits = [question.level == "domain" or source.report.lists == "links" for source in links.sources]
    return np.array(fits, dtype=bool)


def can_say_lost(links: Links, question: Question) -> npt.NDArray[np.bool_]:
    """Tell for each file whether it can say that a domain is lost: a list of links can't, as others may remain."""
    covers_site = links.receipts["partial"].iloc[: len(links.sources)].isin([None, ONLY_LOST]).to_numpy()
    return np.asarray(covers_site & lists_domains(links) & (question.level == "domain"))


def own_lists(links: Links, question: Question) -> pd.DataFrame:
    """Return the receipts of the lists that cover the site as a whole, each with the `metric` of its authority.

    Where hosts are compared, lists of domains are left out, as they say nothing about hosts.
    """
    receipts = links.receipts.iloc[: len(links.sources)]
    lists_site = _lists_any_of(receipts, [question.site])
    covers_site = lists_site & names_sources(links, question) & receipts["partial"].isna().to_numpy()
    metrics = pd.Series([source.report.authority_metric for source in links.sources], dtype=object)
    lists: pd.DataFrame = receipts.assign(metric=metrics.to_numpy()).loc[covers_site]
    return lists


def _lists_any_of(receipts: pd.DataFrame, sites: Iterable[str]) -> npt.NDArray[np.bool_]:
    """Tell for each file whether it lists links to any of these sites; one file may list links to several sites."""
    return np.array([not set(sites).isdisjoint((names or "").split(", ")) for names in receipts["site"]], dtype=bool)


def older_lists(links: Links, question: Question) -> Iterator[str]:
    """Say when the site's lists are much older than a rival's: they lack the links that the site has gained since.

    A list proves nothing beyond its date, however new the list of another provider is; so lists of each provider are
    compared on their own where the site has several providers. Nothing is said where one of the site's lists has no
    date, as it may be the latest.
    """
    own, receipts = own_lists(links, question), links.receipts
    theirs = receipts[_lists_any_of(receipts, question.rivals)].dropna(subset="exported_at")
    told_apart = set(own["provider"]) - {UNKNOWN_PROVIDER} if len(set(own["provider"])) > 1 else set()
    known = theirs["provider"].isin(told_apart)
    for provider, days in theirs["exported_at"].groupby(theirs["provider"].where(known, "")):
        dated = own["exported_at"][(own["provider"] == provider) | (not provider)]
        if dated.empty or dated.isna().any() or (days.max() - dated.max()).days <= _SAME_TIME:
            continue
        whose = f"{PROVIDERS.get(str(provider), provider)} list" if provider else "list"
        yield (
            f"{question.site}'s latest {whose} was exported on {dated.max():%Y-%m-%d}, a rival's on "
            f"{days.max():%Y-%m-%d}: evidence is as of the earlier day, and a domain may have linked since. Export "
            f"{question.site}'s links again."
        )


def find_evidence(candidates: Candidates, links: Links, question: Question) -> npt.NDArray[np.int8]:
    """Tell for each candidate how sure it is that it does not link to the site.

    Where hosts are compared, candidates that only lists of domains show are unverified, as these don't say which host
    links. So is me.blogspot.com where a list of domains shows blogspot.com linking to the site, and the other way
    round: some providers fold one into the other.

    Returns
    -------
    numpy.ndarray
        0 proven, 1 likely, 2 unverified, one for each candidate.
    """
    own = own_lists(links, question)
    complete = own[own["cut"] == "none"]
    evidence = np.full(len(candidates), UNVERIFIED if complete.empty else LIKELY, dtype=np.int8)
    naming = np.flatnonzero(names_sources(links, question))
    evidence[~_shown_in(candidates, naming)] = UNVERIFIED
    providers = np.array([source.report.provider for source in links.sources], dtype=object)
    metrics = np.array([source.report.authority_metric for source in links.sources], dtype=object)
    say_lost = np.flatnonzero(can_say_lost(links, question))
    for provider in set(providers) - {UNKNOWN_PROVIDER}:
        files = np.intersect1d(np.flatnonzero(providers == provider), naming)
        shown = _shown_in(candidates, files)
        evidence[shown & _shown_in(candidates, np.intersect1d(files, say_lost), what="lost")] = PROVEN
        if provider in set(complete["provider"]):
            evidence[shown] = PROVEN
            continue
        cut = own[(own["provider"] == provider) & (own["cut"] == "authority")]
        for metric, floor in cut.groupby("metric")["floor"].min().items():
            alike = files[metrics[files] == metric]
            evidence[shown & (candidates.highest("authority", alike) > floor)] = PROVEN
    evidence[_folded(candidates, links, question)] = UNVERIFIED
    return evidence


def lists_domains(links: Links) -> npt.NDArray[np.bool_]:
    """Tell for each file whether it is a list of domains. Some providers fold all of blogspot.com into one row."""
    return np.array([source.report.lists == "domains" for source in links.sources], dtype=bool)


def put_platforms(engine: Tables, labels: str) -> None:
    """Make the table `platforms`, of names below a platform's name, from a table of names with `number` and `name`."""
    engine.put("platform_names", {"name": sorted(platform_names())})
    engine.run(statement("linkgap.gap", "platforms").replace("{labels}", labels))


def _folded(candidates: Candidates, links: Links, question: Question) -> npt.NDArray[np.bool_]:
    """Tell which candidates may link to the site as their platform or, if they are platforms, as a name below them."""
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
    """Tell which candidates some files show with a link to a rival, or with a lost link to the site."""
    shown = np.zeros(len(candidates), dtype=bool)
    shown[candidates.seen["place"][candidates.seen[what] & np.isin(candidates.seen["file"], files)]] = True
    return shown
