"""How sure an absence is: "not in my list" is a measurement only where my list is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from linkgap.schema import EVIDENCE

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from linkgap.gap.referring import Candidates

PROVEN, LIKELY, UNVERIFIED = range(len(EVIDENCE))

MEANING = {
    "proven": "the provider that shows the link to a rival has a list of the site too, complete where it would stand",
    "likely": "the site has a complete list, but from another provider than the one that shows the link to a rival",
    "unverified": "the site's own lists are cut, sampled or cover only part of it: the domain may link to it already",
}


def own_lists(receipts: pd.DataFrame, site: str) -> pd.DataFrame:
    """Return the receipts of the lists that cover a site as a whole."""
    covers = np.array([site in (names or "").split(", ") for names in receipts["site"]], dtype=bool)
    return receipts[covers & receipts["partial"].isna().to_numpy() & receipts["provider"].notna().to_numpy()]


def find_evidence(candidates: Candidates, receipts: pd.DataFrame, site: str) -> npt.NDArray[np.int8]:
    """Tell for each candidate how sure it is that it does not link to the site.

    Parameters
    ----------
    receipts
        Of all files, in the order of their numbers.

    Returns
    -------
    numpy.ndarray
        0 proven, 1 likely, 2 unverified, one for each candidate.
    """
    own = own_lists(receipts, site)
    whole = own[own["cut"] == "none"]
    evidence = np.full(len(candidates), UNVERIFIED if whole.empty else LIKELY, dtype=np.int8)
    providers = receipts["provider"].to_numpy()
    for provider in set(own["provider"]):
        files = np.flatnonzero(providers == provider)
        shown = np.zeros(len(candidates), dtype=bool)
        shown[candidates.seen["place"][candidates.seen["linked"] & np.isin(candidates.seen["file"], files)]] = True
        if provider in set(whole["provider"]):
            evidence[shown] = PROVEN
            continue
        floors = own.loc[(own["provider"] == provider) & (own["cut"] == "authority"), "floor"]
        if not floors.empty:
            evidence[shown & (candidates.highest("authority", files) > floors.min())] = PROVEN
    return evidence
