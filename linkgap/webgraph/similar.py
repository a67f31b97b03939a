"""`similar_sites`: sites that the same domains link to, from one pass over a web graph.

Edges are sorted by source, so whatever else a referring domain links to comes right beside its link to the site: one
pass sees each source with all its links, adds them to the figures of their targets, and forgets them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from linkgap.errors import InvalidArgumentError, TooFewLinksError, UnreadableFileError, check_most, counted
from linkgap.webgraph import passes
from linkgap.webgraph.lines import as_bytes, edges
from linkgap.webgraph.reading import check_known, domains_of, plain_names, read_web_graph, reversed_name
from linkgap.webgraph.release import Release, find_release
from linkgap.webgraph.store import open_store
from linkgap.webgraph.unpacking import FETCH_AGAIN

if TYPE_CHECKING:
    from collections.abc import Generator

    import numpy.typing as npt
    import pandas as pd

    from linkgap.loaders.links import Links
    from linkgap.webgraph.lines import Numbers

LEAST_DOMAINS = 8
"""With fewer linking domains, similarity is a matter of luck."""

LEAST_SHARED = 2
"""One domain that links to both may do so by accident."""

MOST_VERTICES = 400_000_000
"""Twenty-four bytes are kept for each: 9.6 GB for as many, 3.1 GB for the 130 million domains of today's releases."""


@dataclass(frozen=True, eq=False)
class SimilarSites:
    """Sites that the same domains link to. Made by `similar_sites`.

    Attributes
    ----------
    site
        The site that they are similar to.
    frame
        The most similar first: `site`; `domains`, how many link to it; `shared`, how many of them link to yours as
        well; and `similarity`, 0 to 1.
    """

    site: str
    frame: pd.DataFrame = field(repr=False)
    where: object = field(repr=False)
    options: dict[str, Any] = field(repr=False)

    def __repr__(self) -> str:
        """Name the most similar site."""
        if self.frame.empty:
            return f"No site is linked from the same domains as {self.site}"
        first = self.frame.iloc[0]
        found = counted(len(self.frame), "site")
        return f"{found} linked from the same domains as {self.site}, first {first['site']} ({first['similarity']:.2f})"

    def _repr_html_(self) -> str:
        """Show the finding and the sites."""
        table = self.frame.round(3).to_html(index=False, na_rep="", border=0)
        return f"<p>{escape(repr(self))}</p>{table}"

    @cached_property
    def links(self) -> Links:
        """Links to the site and to all similar ones, for `find_gap`; read from the release on first use."""
        return read_web_graph(self.where, sites=[self.site, *self.frame["site"]], **self.options)


def similar_sites(
    where: object,
    *,
    site: str,
    most: int = 20,
    authority: str | None = "commoncrawl_hc",
    progress: bool | None = None,
) -> SimilarSites:
    """Find sites that are linked from the same domains as yours, in the whole web graph: rivals to begin with.

    To search links that are already loaded, use `suggest_rivals`.

    Parameters
    ----------
    where
        A release as it was published, see `read_web_graph`.
    site
        Your site's domain.
    most
        How many to return at most.
    authority
        For `.links`, see `read_web_graph`.
    progress
        Show bars of the bytes read; None shows them for large files.

    Returns
    -------
    SimilarSites
        With `.frame`, and `.links` for `find_gap`, which need a second pass: only after the first is it known whose
        links are wanted. Sites with fewer than eight linking domains, or with fewer than two that link to yours as
        well, are left out.

    Raises
    ------
    InvalidArgumentError
        When `most` is not a whole number of 1 or more, the site is not a domain, the release was converted, or it has
        too many vertices to be kept in memory.
    MissingFileError
        When a file of the release is missing.
    MissingLibraryError
        When the library that opens an address is not installed.
    TooFewLinksError
        When fewer than eight domains link to the site.
    UnknownSiteError
        When the release does not have the site.
    UnreadableFileError
        When a file is cut off, damaged, out of order, or not what its name says.

    Notes
    -----
    Similarity is the cosine between sets of linking domains, each weighted 1 / log2(1 + domains that it links to), so
    that one that links to ten thousand weighs a thirteenth of one that links to nobody else; after Adamic and Adar
    (2003). What two sites would share by chance, if domains linked to them at random, is subtracted: everybody links to
    giants.

    Examples
    --------
    >>> import linkgap as lg
    >>> similar = lg.similar_sites(lg.sample_web_graph(), site="oakdesk.example")
    >>> similar.frame["site"].head(3).tolist()
    ['deskly.example', 'sitwell.example', 'workhaven.example']
    """
    check_most(most)
    (own,) = domains_of([site])
    if open_store(where, memory_limit=None) is not None:
        message = f"{where} was converted, so similar sites can't be found in it. Pass the release as published."
        raise InvalidArgumentError(message)
    release = find_release(where, ranks=authority is not None)
    release.check_kinds()
    name = reversed_name(own.host)
    with passes.progress(release.vertices.size(), "Counting domains", show=progress) as advance:
        numbers, vertices = passes.count_vertices(release.vertices, [name], advance)
    check_known({name: own}, numbers, release.name)
    figures = _figures(release, numbers[name], vertices, progress)
    if figures.domains[numbers[name]] < LEAST_DOMAINS:
        linked = counted(int(figures.domains[numbers[name]]), "domain")
        message = (
            f"{own} has only {linked} linking to it in {release.name}, which is too few to tell what is similar to it."
        )
        raise TooFewLinksError(message)
    found = figures.most_similar(numbers[name], most)
    order = np.argsort(found)
    with passes.progress(release.vertices.size(), "Reading names", show=progress) as advance:
        names = passes.names_of(release.vertices, found[order], advance)
    listed = np.empty(len(found), dtype=object)
    listed[order] = plain_names(names)
    frame = figures.frame(numbers[name], found, listed)
    return SimilarSites(str(own), frame, where, {"authority": authority, "progress": progress})


@dataclass
class _Figures:
    """Per vertex: how many domains link to it, how many of them to the site as well, and both figures weighted."""

    domains: npt.NDArray[np.uint32]
    shared: npt.NDArray[np.uint32]
    weight: npt.NDArray[np.float64]
    shared_weight: npt.NDArray[np.float64]
    all_weight: float = 0.0

    def similarity(self, site: int, others: Numbers) -> npt.NDArray[np.float64]:
        """Return the cosine between the linking domains of the site and of `others`, minus what chance would give."""
        product = self.weight[others] * self.weight[site]
        beyond_chance = self.shared_weight[others] - product / self.all_weight
        found: npt.NDArray[np.float64] = np.maximum(beyond_chance, 0) / np.sqrt(product)
        return found

    def most_similar(self, site: int, most: int) -> Numbers:
        """Return the most similar vertices; of equally similar ones, the lower number comes first."""
        candidates = np.flatnonzero((self.shared >= LEAST_SHARED) & (self.domains >= LEAST_DOMAINS))
        candidates = candidates[candidates != site]
        similarity = self.similarity(site, candidates)
        order = np.lexsort((candidates, -similarity))[: min(most, np.count_nonzero(similarity))]
        found: Numbers = candidates[order]
        return found

    def frame(self, site: int, found: Numbers, names: npt.NDArray[Any]) -> pd.DataFrame:
        """Return the table of similar sites."""
        import pandas as pd

        columns = {
            "site": names,
            "domains": self.domains[found].astype(np.int64),
            "shared": self.shared[found].astype(np.int64),
            "similarity": self.similarity(site, found),
        }
        return pd.DataFrame(columns)


def _figures(release: Release, site: int, vertices: int, show: bool | None) -> _Figures:  # noqa: FBT001 - None decides by size
    """Count everything in one pass over the edges."""
    if vertices > MOST_VERTICES:
        message = (
            f"The numbers in {release.vertices.name} go up to {vertices - 1:,}; similar sites can be found "
            f"up to {MOST_VERTICES:,}, because of the memory they take. Use the graph of domains, not that of hosts."
        )
        raise InvalidArgumentError(message)
    counts, sums = np.zeros((2, vertices), np.uint32), np.zeros((2, vertices), np.float64)
    figures = _Figures(counts[0], counts[1], sums[0], sums[1])
    with passes.progress(release.edges.size(), "Comparing linking domains", show=show) as advance:
        for batch in _whole_sources(release, vertices, advance):
            sources, targets = _once(*batch)
            begins = np.flatnonzero(np.diff(sources, prepend=-1))
            linked = np.diff(np.append(begins, len(sources)))
            weight = 1 / np.log2(1 + linked) ** 2
            figures.all_weight += float(weight.sum())
            weights = np.repeat(weight, linked)
            np.add.at(figures.domains, targets, np.uint32(1))  # Python's int takes seventeen times as long
            np.add.at(figures.weight, targets, weights)
            links_to_site = np.repeat(np.logical_or.reduceat(targets == site, begins), linked)
            np.add.at(figures.shared, targets[links_to_site], np.uint32(1))
            np.add.at(figures.shared_weight, targets[links_to_site], weights[links_to_site])
    return figures


def _whole_sources(release: Release, vertices: int, advance: passes.Advance) -> Generator[tuple[Numbers, Numbers]]:
    """Yield batches of edges, each with all edges of its sources.

    Raises
    ------
    UnreadableFileError
        When sources don't ascend, or a number is not among the vertices.
    """
    waiting: list[tuple[Numbers, Numbers]] = []
    last = -1
    with passes.lines_of(release.edges, "edges", "number, tab, number"):
        for block in passes.read_blocks(release.edges, advance):
            sources, targets = edges(block.text, as_bytes(block.text))
            if sources[0] < last or (np.diff(sources) < 0).any():
                message = f"{release.edges.name} is out of order: sources ascend in a release. {FETCH_AGAIN}"
                raise UnreadableFileError(message)
            largest = max(int(sources[-1]), int(targets.max()))
            if largest >= vertices:
                raise passes.unknown_vertex(release.vertices, largest)
            last = int(sources[-1])
            cut = int(np.searchsorted(sources, last))
            if cut:
                yield _joined([*waiting, (sources[:cut], targets[:cut])])
                waiting = []
            waiting.append((sources[cut:], targets[cut:]))
    if waiting:
        yield _joined(waiting)


def _once(sources: Numbers, targets: Numbers) -> tuple[Numbers, Numbers]:
    """Return the edges of a batch without duplicates: a domain either links to another or does not.

    As targets ascend within a source, there is hardly ever anything to do.
    """
    if not ((sources[1:] == sources[:-1]) & (targets[1:] <= targets[:-1])).any():
        return sources, targets
    order = np.lexsort((targets, sources))
    sources, targets = sources[order], targets[order]
    new = np.diff(sources, prepend=-1).astype(bool) | np.diff(targets, prepend=-1).astype(bool)
    return sources[new], targets[new]


def _joined(pieces: list[tuple[Numbers, Numbers]]) -> tuple[Numbers, Numbers]:
    sources, targets = zip(*pieces, strict=True)
    return np.concatenate(sources), np.concatenate(targets)
