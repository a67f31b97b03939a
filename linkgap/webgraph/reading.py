"""`read_web_graph`: from a release of Common Crawl's web graph to links."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from linkgap.domains import private_suffixes
from linkgap.engine import load_ahead
from linkgap.errors import InvalidArgumentError, LinkgapError, UnknownSiteError, counted, in_words
from linkgap.loaders.commoncrawl import BY_METRIC
from linkgap.loaders.sites import parse_sites
from linkgap.paths import path_of
from linkgap.schema import WEB_GRAPH_METRICS
from linkgap.webgraph import passes
from linkgap.webgraph.journal import Journal
from linkgap.webgraph.release import Release, find_release
from linkgap.webgraph.store import Store, open_store
from linkgap.webgraph.unpacking import BrokenOffError, ReadAhead

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from linkgap.domains import Site
    from linkgap.loaders.frames import ListedFrame
    from linkgap.loaders.links import Links
    from linkgap.webgraph.lines import Numbers
    from linkgap.webgraph.passes import Edges, Ranks
    from linkgap.webgraph.unpacking import Place

_PIECES_AHEAD = 64
"""How many pieces of the file that is read next are decompressed ahead: 128 MB."""


def read_web_graph(
    where: object,
    *,
    sites: Iterable[str],
    authority: str | None = "commoncrawl_hc",
    work: str | Path | None = None,
    memory_limit: str | None = None,
    progress: bool | None = None,
) -> Links:
    """Read who links to some sites from a release of Common Crawl's web graph, which is free and needs no account.

    Parameters
    ----------
    where
        A folder with a release's vertices, edges and ranks, a list of these files, or the address of either (which
        needs fsspec, and on the web `fsspec[http]`). `linkgap webgraph fetch` says where to get them. A folder that
        `convert_web_graph` made is read much faster.
    sites
        Your site and its rivals. The graph has domains only, neither hosts nor pages.
    authority
        Which rank of a referring domain becomes its authority: `"commoncrawl_hc"`, its harmonic centrality,
        `"commoncrawl_pr"`, its PageRank, or None, which needs no file of ranks.
    work
        Folder in which an interrupted reading keeps its progress, so that the same call resumes; None uses one beside
        the edges, if it can be written. Nothing is left in it when the reading ends.
    memory_limit
        Memory for the engine that counts the links found, such as `"4GB"`.
    progress
        Show bars of the bytes read; None shows them for large files.

    Returns
    -------
    Links
        One link per referring domain and site, as in exports of referring domains. A crawl fetches only some of a
        domain's pages, so such a list is a sample: a domain's absence from it is `unverified`.

    Raises
    ------
    InvalidArgumentError
        When an option is not allowed, or a site is not a domain.
    MissingFileError
        When a file of the release is missing.
    MissingLibraryError
        When the library that opens an address is not installed.
    UnreadableFileError
        When a file is cut off, damaged, out of order, or not what its name says.
    UnknownSiteError
        When the release does not have a site.
    UnwritableFileError
        When the work folder can't be written, as on a full disk.

    Examples
    --------
    >>> import linkgap as lg
    >>> links = lg.read_web_graph(lg.sample_web_graph(), sites=["oakdesk.example", "deskly.example"])
    >>> links.receipts["report"].iloc[0]
    'web graph'
    """
    _check_authority(authority)
    compared = domains_of(sites)
    names = {reversed_name(site.host): site for site in compared}
    store = open_store(where, memory_limit=memory_limit)
    if store is not None:
        found = _look_up(store, names, authority)
    else:
        release = find_release(where, ranks=authority is not None)
        release.check_kinds()
        found = _scan(release, names, authority, work, progress)
    from linkgap.loaders.read import read_links  # as a rule imported by `load_ahead` by now

    return read_links(
        found.listed(authority),
        sites=[str(site) for site in compared],
        memory_limit=memory_limit,
        max_loss=1.0,
        progress=False,
    )


def _look_up(store: Store, names: Mapping[bytes, Site], authority: str | None) -> Found:
    """Find links in a converted release."""
    numbers = store.numbers_of(list(names))
    check_known(names, numbers, store.name)
    edges = store.edges_to(list(numbers.values()))
    ids = np.unique(edges.sources)
    referring, ranks = store.names_of(ids, authority)
    sites = {number: str(names[name]) for name, number in numbers.items()}
    return Found(store.name, store.note["file"], sites, edges, ids, referring, ranks)


def _scan(
    release: Release,
    names: Mapping[bytes, Site],
    authority: str | None,
    work: str | Path | None,
    show: bool | None,  # noqa: FBT001 - None decides by size
) -> Found:
    """Find links in a release as it was published."""
    vertices = release.vertices
    with passes.progress(vertices.size(), "Finding the sites", show=show) as advance:
        numbers = passes.numbers_of(vertices, list(names), advance)
    check_known(names, numbers, release.name)
    # Loaded while files are decompressed, which keeps one core busy, not two.
    load_ahead("duckdb", "linkgap.loaders.read")
    with ExitStack() as stack:
        vertices_again = _read_ahead(vertices, stack)
        edges = _edges(release, list(numbers.values()), work, show)
        # The sites' own names are looked up again: their numbers were taken on trust, before all were seen to ascend.
        ids = np.union1d(edges.sources, sorted(numbers.values()))
        ranked = _read_ahead(release.ranks, stack) if authority is not None and release.ranks is not None else None
        with passes.progress(vertices.size(), "Reading names", show=show) as advance:
            referring = passes.names_of(vertices_again, ids, advance)
        ranks = np.full(len(referring), np.nan)
        if authority is not None and release.ranks is not None and ranked is not None:
            with passes.progress(release.ranks.size(), "Reading ranks", show=show) as advance:
                ranks = passes.ranks_of(ranked, referring, authority, advance)
    sites = {number: str(names[name]) for name, number in numbers.items()}
    return Found(release.name, release.edges.name, sites, edges, ids, referring, ranks)


def _read_ahead(place: Place, stack: ExitStack) -> Place | ReadAhead:
    """Start decompressing the file that is read next; not a remote one, as its server may not wait that long."""
    return place if place.is_remote else stack.enter_context(closing(ReadAhead(place, pieces=_PIECES_AHEAD)))


class Found(NamedTuple):
    """The edges and names that were found, before they become links."""

    release: str
    file: str
    sites: Mapping[int, str]
    edges: Edges
    ids: Numbers
    names: Sequence[bytes]
    ranks: Ranks

    def listed(self, authority: str | None) -> ListedFrame:
        """Return a row for each referring domain and site, as an export of referring domains has."""
        from linkgap.loaders.frames import ListedFrame

        names = np.array(plain_names(self.names), dtype=object)
        edges = self.edges.once()
        places = np.searchsorted(self.ids, edges.sources)
        sites = np.array([self.sites[number] for number in edges.targets.tolist()], dtype=object)
        columns = {"site": sites, "source_domain": names[places]}
        if authority is not None:
            columns[authority] = self.ranks[places]
        return ListedFrame(columns, self.file, BY_METRIC[authority])


def _check_authority(authority: str | None) -> None:
    if authority is not None and authority not in WEB_GRAPH_METRICS:
        message = (
            f"authority={authority!r} is not allowed. Allowed: {in_words(WEB_GRAPH_METRICS)}, or None to go without."
        )
        raise InvalidArgumentError(message)


def domains_of(sites: Iterable[str]) -> list[Site]:
    """Parse the sites that the user gives, which have to be domains.

    Raises
    ------
    InvalidArgumentError
        When there is none, or one is a host or a URL prefix.
    """
    compared = parse_sites(sites)
    if not compared:
        message = "sites=[] is empty. Allowed: your domain and your rivals', such as ['example.com']."
        raise InvalidArgumentError(message)
    if finer := [site for site in compared if site.path or site.host != site.domain]:
        message = (
            f"The web graph contains only domains, so it can't single out the links to {in_words(finer)}. "
            f"Allowed: domains, here {in_words({site.domain for site in finer})}."
        )
        raise InvalidArgumentError(message)
    return compared


def check_known(names: Mapping[bytes, Site], numbers: Mapping[bytes, int], release: str) -> None:
    """Check that a release has all sites.

    Raises
    ------
    UnknownSiteError
        When it lacks some; the message names them.

    Notes
    -----
    Hosts are folded into domains without the private section of the Public Suffix List (`HostToDomainGraph` of
    commoncrawl/cc-webgraph), so that `me.github.io` is part of `github.io` in a release.
    """
    if unknown := [site for name, site in names.items() if name not in numbers]:
        them = "it" if len(unknown) == 1 else "them"
        folded = {suffix for site in unknown if (suffix := site.host.partition(".")[2]) in private_suffixes()}
        reasons = [f"it counts everything below {suffix} as one domain" for suffix in sorted(folded)]
        if any(site.host.partition(".")[2] not in folded for site in unknown):
            reasons.insert(0, f"the crawl found no link from or to {them}")
        message = (
            f"{release} does not have {in_words(unknown)}: {', or '.join(reasons)}. "
            f"Leave {them} out, or check the spelling."
        )
        raise UnknownSiteError(message)


def reversed_name(host: str) -> bytes:
    """Return a host as the web graph writes it, its labels reversed.

    Examples
    --------
    >>> reversed_name("example.co.uk"), plain_names([b"uk.co.example"])
    (b'uk.co.example', ['example.co.uk'])
    """
    return ".".join(reversed(host.split("."))).encode()


def plain_names(names: Sequence[bytes]) -> list[str]:
    """Return names of the web graph with their labels in the usual order."""
    texts = b"\n".join(names).decode(errors="replace").split("\n") if names else []
    return [".".join(text.split(".")[::-1]) for text in texts]


def _edges(release: Release, targets: Sequence[int], work: str | Path | None, show: bool | None) -> Edges:  # noqa: FBT001 - None decides by size
    question = {"reads": "edges to", "file": release.edges.identity(), "targets": sorted(targets)}
    journal = Journal(work_folder(release, work), question)
    what = f"Reading links to {counted(len(targets), 'site')}"
    with passes.progress(release.edges.size(), what, show=show) as advance:
        try:
            found = passes.edges_to(release.edges, targets, journal, advance)
        except BrokenOffError:
            raise
        except LinkgapError:  # resuming can't help; after a stop, a kill or a broken read it can: the journal stays
            journal.close()
            raise
    journal.close()
    return found


def work_folder(release: Release, work: str | Path | None) -> Path | None:
    """Return the folder where an interrupted reading keeps its progress; None where nothing can be written."""
    if work is not None:
        return path_of(work)
    if release.edges.is_remote:
        return None
    beside = Path(release.edges.where)
    return beside.with_name(f".{beside.name}.linkgap") if os.access(beside.parent, os.W_OK) else None
