"""Who links to whom and since when, as arrays for experiments in which one list is hidden from the ranking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from linkgap.gap.authority import merge_authority, metrics_of
from linkgap.gap.pages import first_days_of
from linkgap.gap.referring import Candidates, count_links, count_members, figures_by_list, find_members

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from linkgap.gap.membership import Gap

    Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Lists:
    """Which domains link to the site and to its rivals.

    Attributes
    ----------
    sites
        The site, then its rivals: the lists.
    members
        Whether each domain (row) links to each site (column).
    authority, linked_domains
        For each list (row) the figures of the domains (columns) as the other lists show them, NaN where these don't: a
        figure that only the list itself shows would betray which domains are on it. None when no export has any.
    links
        How many links each domain has to each site; None when nothing counts them.
    first_seen
        Day on which each domain was first seen linking to each site, NaT where no export says; None when dates were not
        asked for or no export has any.
    min_rivals
        Minimum number of rivals that a candidate links to.
    """

    sites: tuple[str, ...]
    members: Array
    authority: Array | None = None
    linked_domains: Array | None = None
    links: Array | None = None
    first_seen: Array | None = None
    min_rivals: int = 1

    def without(self, hidden: Array) -> Lists:
        """Return the lists as they would be if some links did not exist.

        Parameters
        ----------
        hidden
            Which ones, in the shape of `members`.
        """
        fewer = hidden.sum(axis=1)
        linked_domains = None if self.linked_domains is None else self.linked_domains - fewer
        return replace(self, members=self.members & ~hidden, linked_domains=linked_domains)

    def take(self, rows: Array) -> Lists:
        """Return all lists, with some of the domains."""
        return replace(
            self,
            members=self.members[rows],
            authority=None if self.authority is None else self.authority[:, rows],
            linked_domains=None if self.linked_domains is None else self.linked_domains[:, rows],
            links=None if self.links is None else self.links[rows],
            first_seen=None if self.first_seen is None else self.first_seen[rows],
        )

    def only(self, columns: Sequence[int]) -> Lists:
        """Return some of the lists, with all domains."""
        chosen = list(columns)
        return replace(
            self,
            sites=tuple(self.sites[column] for column in chosen),
            members=self.members[:, chosen],
            authority=None if self.authority is None else self.authority[chosen],
            linked_domains=None if self.linked_domains is None else self.linked_domains[chosen],
            links=None if self.links is None else self.links[:, chosen],
            first_seen=None if self.first_seen is None else self.first_seen[:, chosen],
            min_rivals=min(self.min_rivals, len(chosen) - 1),
        )


def gather_lists(gap: Gap, *, dated: bool = False) -> Lists:
    """Return the lists behind a gap, with the domains that link to the site as well.

    Parameters
    ----------
    dated
        Whether to read the days on which links were first seen, for which the files are read again.

    Notes
    -----
    Which links count, and the level, are as in the gap. Numbers of linked domains from lists that were cut by their
    provider are left out: such counts may reflect the cut.
    """
    links, question = gap.links, gap.question
    with links.engine.turn:
        count_members(links, question)
        number, bits = find_members(links.engine)
        members = (bits[:, None] >> np.arange(len(question.sites))) & 1 == 1
        shown = figures_by_list(links, question)
    shown["place"] = np.searchsorted(number, shown.pop("domain"))
    known = Candidates(number, bits << 1, np.zeros(len(number), dtype=bool), len(question.sites), shown)
    return Lists(
        sites=question.sites,
        members=members,
        authority=_authority(gap, known),
        linked_domains=_linked_domains(gap, known),
        links=count_links(links, question, number),
        first_seen=first_days_of(links, question, number) if dated and is_dated(gap) else None,
        min_rivals=question.min_rivals,
    )


def is_dated(gap: Gap) -> bool:
    """Tell whether any export says when a link was first seen."""
    return any(source.cell("first_seen") is not None for source in gap.links.sources)


def cut_files(gap: Gap) -> list[int]:
    """Return the numbers of the files that were cut by their provider."""
    cut = gap.links.receipts["cut"].iloc[: len(gap.links.sources)]
    return np.flatnonzero(cut.isin(["rows", "authority"])).tolist()


def _without(known: Candidates, column: int) -> Candidates:
    """Return what is known about the domains without the rows of one list."""
    others = known.seen["list"] != column
    seen: Mapping[str, Array] = {name: values[others] for name, values in known.seen.items()}
    return replace(known, seen=seen)


def _authority(gap: Gap, known: Candidates) -> Array | None:
    metrics, receipts = metrics_of(gap.links), gap.links.receipts
    percentiles = []
    for column in range(known.rivals):
        places = {site: place for place, site in enumerate(gap.question.sites) if place != column}
        rivals = [places.get(site, -1) for site in receipts["site"]]
        percentiles.append(merge_authority(_without(known, column), metrics, receipts.assign(rival=rivals)).percentile)
    return None if all(np.isnan(each).all() for each in percentiles) else np.array(percentiles)


def _linked_domains(gap: Gap, known: Candidates) -> Array | None:
    uncut = np.setdiff1d(np.arange(len(gap.links.sources)), cut_files(gap))
    figures = [_without(known, column).highest("linked_domains", uncut) for column in range(known.rivals)]
    return None if all(np.isnan(each).all() for each in figures) else np.array(figures)
