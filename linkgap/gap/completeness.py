"""How sure an absence is: "not in my list" is a measurement only where my list is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from linkgap.schema import EVIDENCE

if TYPE_CHECKING:
    import numpy.typing as npt

    from linkgap.gap.referring import Candidates, Question
    from linkgap.loaders.links import Links

PROVEN, LIKELY, UNVERIFIED = range(len(EVIDENCE))


def own_lists(links: Links, question: Question) -> pd.DataFrame:
    """Return the receipts of the lists that cover the site as a whole, each with the `metric` of its authority.

    A list of domains says nothing of hosts, so it is none of them where hosts are compared.
    """
    receipts = links.receipts.iloc[: len(links.sources)]
    covers = [question.site in (names or "").split(", ") for names in receipts["site"]]
    fits = [question.level == "domain" or source.report.lists == "links" for source in links.sources]
    whole = np.array(covers, dtype=bool) & np.array(fits, dtype=bool) & receipts["partial"].isna().to_numpy()
    metrics = pd.Series([source.report.authority_metric for source in links.sources], dtype=object)
    lists: pd.DataFrame = receipts.assign(metric=metrics.to_numpy()).loc[whole]
    return lists


def find_evidence(candidates: Candidates, links: Links, question: Question) -> npt.NDArray[np.int8]:
    """Tell for each candidate how sure it is that it does not link to the site.

    Returns
    -------
    numpy.ndarray
        0 proven, 1 likely, 2 unverified, one for each candidate.
    """
    own = own_lists(links, question)
    whole = own[own["cut"] == "none"]
    evidence = np.full(len(candidates), UNVERIFIED if whole.empty else LIKELY, dtype=np.int8)
    providers = np.array([source.report.provider for source in links.sources], dtype=object)
    metrics = np.array([source.report.authority_metric for source in links.sources], dtype=object)
    for provider in set(own["provider"]):
        files = np.flatnonzero(providers == provider)
        shown = np.zeros(len(candidates), dtype=bool)
        shown[candidates.seen["place"][candidates.seen["linked"] & np.isin(candidates.seen["file"], files)]] = True
        if provider in set(whole["provider"]):
            evidence[shown] = PROVEN
            continue
        cut = own[(own["provider"] == provider) & (own["cut"] == "authority")]
        for metric, floor in cut.groupby("metric")["floor"].min().items():
            alike = files[metrics[files] == metric]
            evidence[shown & (candidates.highest("authority", alike) > floor)] = PROVEN
    return evidence
